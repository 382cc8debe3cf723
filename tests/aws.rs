//! The grammar, the target, the table and the rules of aws, against the real one
//! and against what people said.
//!
//! What aws would do with a line is asked of the real program, in its own Python
//! and without sending anything ([`oracle`]), and so are the names that it has.

mod examples;
mod impact;
mod labels;
mod lines;
mod operations;
mod oracle;
mod rules;
mod shim;
mod shorthand;
mod target;
