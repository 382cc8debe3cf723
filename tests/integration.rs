//! The program and its library against the real world.
// `cfg(test)` tells clippy that helpers are test code too.

#[cfg(test)]
mod terraform;
#[cfg(test)]
#[path = "support/tools.rs"]
mod tools;
