//! Links, look-up of the real program, and running it.
pub mod supervise;
