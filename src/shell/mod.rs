//! Shell text to the commands that it may run.
//!
//! The contract is one-sided: commands may be listed that would not run (both
//! arms of an `if`), and none is missing that would. What cannot be read so is
//! [`Opaque`], which says why.
//!
//! Text goes through three steps, each in a module:
//! 1. `parse`: text to a [`syntax::Script`], by the grammar that bash, POSIX sh
//!    and zsh share. Nothing is expanded.
//! 2. `walk`: the script in the order of its execution, with what is known of
//!    variables, functions, aliases, the directory and standard input, to simple
//!    commands with [`value::Value`]s for words.
//! 3. `inner`: programs that run other commands (`sudo`, `xargs`, `bash -c`,
//!    `python -c`) to what they run, which is walked in turn.
//!
//! # Invariants
//!
//! * Time is linear in the length of the text, up to [`MAX_LENGTH`]; nesting
//!   stops at [`MAX_DEPTH`].
//! * Nothing is executed and nothing is looked up: scripts that a line names are
//!   named, and read by the caller.
#![forbid(unsafe_code)]

pub mod code;
pub mod inner;
pub mod output;
pub mod parse;
pub mod shebang;
pub mod syntax;
pub mod value;
pub mod walk;

/// The longest text that is read, in bytes.
pub const MAX_LENGTH: usize = 1 << 20;

/// How deep constructs may stand in each other.
pub const MAX_DEPTH: usize = 64;

/// Why text cannot be read: in words, for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Opaque(pub String);

/// Why a text cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Where, in bytes.
    pub at: usize,
    /// Why: in words, for a person.
    pub why: String,
}
