//! The shim: links that put tollgate in a tool's place on PATH, and the
//! look-up of the real program behind them.
pub mod links;
pub mod marker;
pub mod real;
