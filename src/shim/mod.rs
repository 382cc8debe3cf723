//! The shim: links that put tollgate in a tool's place on PATH, the look-up of
//! the real program behind them, and running it.

pub mod exec;
pub mod links;
pub mod marker;
pub mod real;
pub mod supervise;
