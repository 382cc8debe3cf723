//! What people read: sanitising, refusals, colour.
pub mod sanitize;
