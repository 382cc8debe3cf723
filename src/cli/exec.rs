//! `tollgate exec`: the shim without a shim.

use std::ffi::OsString;

use clap::error::ErrorKind;

use crate::gate;
use crate::invocation::Invocation;
use crate::process::Process;

/// What to run.
#[derive(Debug, clap::Args)]
pub struct ExecArguments {
    /// The tool and its arguments, after `--`
    #[arg(last = true, required = true, value_name = "TOOL ARGS")]
    words: Vec<OsString>,
}

/// Judges the command and runs it if it may.
///
/// # Errors
/// Where nothing ran because something is wrong, rather than refused.
pub fn run(arguments: &ExecArguments, process: &dyn Process) -> anyhow::Result<u8> {
    Ok(gate::pass(process, &invocation(&arguments.words)?)?)
}

/// The invocation that `words` stand for.
///
/// # Errors
/// A usage error where they name no program.
pub(super) fn invocation(words: &[OsString]) -> Result<Invocation, clap::Error> {
    Invocation::of_words(words)
        .ok_or_else(|| clap::Error::raw(ErrorKind::InvalidValue, "the command names no program\n"))
}
