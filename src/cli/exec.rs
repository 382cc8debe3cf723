//! `tollgate exec`: the shim without a shim.

use std::ffi::OsString;

use clap::error::ErrorKind;

use crate::gate;
use crate::invocation::Invocation;
use crate::process::Process;
use crate::ui::sanitize;

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
    let error = |message: String| clap::Error::raw(ErrorKind::InvalidValue, message);
    let invocation =
        Invocation::of_words(words).ok_or_else(|| error("the command names no program\n".to_owned()))?;
    let name = sanitize::word(&invocation.tool);
    if invocation.program.is_none() && invocation.tool.as_encoded_bytes().contains(&b'=') {
        return Err(error(format!("{name} is a variable, not a program: set it before tollgate\n")));
    }
    // What these run is not read, so no verdict on them would mean anything.
    if LAUNCHERS.contains(&invocation.tool_name()) {
        return Err(error(format!("{name} runs another program: name that program itself\n")));
    }
    Ok(invocation)
}

/// Programs that run the program named in their arguments.
const LAUNCHERS: [&str; 20] = [
    "bash", "chroot", "dash", "doas", "env", "eval", "exec", "fish", "ksh", "nice", "nohup", "setsid", "sh",
    "stdbuf", "sudo", "time", "timeout", "watch", "xargs", "zsh",
];
