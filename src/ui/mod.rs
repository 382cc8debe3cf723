//! What people read: colour, and text made safe to print.

pub mod colour;
pub mod sanitize;
