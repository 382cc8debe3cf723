//! The target of aws against the installed aws, which nobody talks to.

mod target;
