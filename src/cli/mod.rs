//! The commands people type, one file a subcommand.
pub mod audit;
