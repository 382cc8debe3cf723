//! What people read: colour, refusals, and text made safe to print.

pub mod colour;
pub mod refusal;
pub mod sanitize;
