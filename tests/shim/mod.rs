//! Called by the tool's name, without a terminal.

mod allowed;
mod faults;
mod gated;
mod look_up;
