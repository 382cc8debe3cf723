//! tollgate stands in front of infrastructure tools, judges what each
//! invocation would do, and lets a destructive one run only after a human
//! agreed. It also judges whole shell lines, for whoever asks before running
//! them.
//!
//! Data flows one way; a module may use those above it in this list, never
//! back, but that `invocation` shows arguments as the record does:
//!
//! 1. [`verdict`], [`process`], `files`, `unique_keys`, [`ui`]: words, world, small files, maps as
//!    people write them, and text made safe to print
//! 2. [`shell`]: shell text to the commands that it may run
//! 3. [`command`]: argv to a parsed command, by the tool's own grammar or a declared one
//! 4. [`invocation`]: what was asked, with the files that have to be read for it
//! 5. [`context`]: where it would act, and who asks
//! 6. [`rules`]: the rulebook and what it says of a command in its context
//! 7. [`audit`]: the record
//! 8. [`authorization`]: how a verdict that asks for a human is discharged
//! 9. [`shim`]: links, look-up of the real program, and running it
//! 10. [`impact`]: what a command would really do, asked of the real tools
//! 11. [`gate`]: the pipeline, in which each of these has its turn
//! 12. [`agents`]: the configurations of coding agents, and our entry in them
//! 13. [`cli`]: the commands people type
//!
//! The crate exists for its binary; the library is how tests and benches
//! reach the parts.

pub mod agents;
pub mod audit;
pub mod authorization;
pub mod cli;
pub mod command;
pub mod context;
mod digest;
mod files;
pub mod gate;
pub mod impact;
mod ini;
pub mod invocation;
mod json;
pub mod process;
mod python;
pub mod rules;
pub mod shell;
pub mod shim;
pub mod ui;
mod unique_keys;
pub mod verdict;

#[cfg(test)]
#[path = "../tests/support/pty.rs"]
mod pty;
