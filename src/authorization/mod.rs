//! How a verdict that asks for a human is discharged.
pub mod terminal;
