//! `tollgate exec`: the shim without a shim.

use std::ffi::OsString;
use std::time::Duration;

use clap::error::ErrorKind;
use jiff::SignedDuration;

use crate::gate::{self, Given};
use crate::invocation::Invocation;
use crate::process::Process;
use crate::ui::sanitize;

/// What to run.
#[derive(Debug, clap::Args)]
pub struct ExecArguments {
    /// The approval of a second person: a token, or the path of a file with it or
    /// with the signature that ssh-keygen wrote; several separated by commas
    #[arg(long, value_name = "FILE|TOKEN")]
    token: Option<OsString>,
    /// Where it needs an approval, wait until one arrives
    #[arg(long, value_name = "DURATION", num_args = 0..=1, require_equals = true, default_missing_value = "1h", value_parser = patience)]
    wait: Option<Duration>,
    /// Before secrets are deleted, keep what they hold as well, for `tollgate undo`; a person's to ask for
    #[arg(long)]
    keep_secrets: bool,
    /// The tool and its arguments, after `--`
    #[arg(last = true, required = true, value_name = "TOOL ARGS")]
    words: Vec<OsString>,
}

/// Judges the command and runs it if it may.
///
/// # Errors
/// Where nothing ran because something is wrong, rather than refused.
pub fn run(arguments: &ExecArguments, process: &dyn Process) -> anyhow::Result<u8> {
    let given = Given {
        token: arguments.token.clone(),
        wait: arguments.wait.map(Into::into),
        keeps_secrets: arguments.keep_secrets,
        ..Given::default()
    };
    Ok(gate::pass(process, &invocation(&arguments.words)?, &given)?)
}

/// How long to wait: a time with its unit, and some.
fn patience(text: &str) -> Result<Duration, String> {
    let time = text.parse::<SignedDuration>().ok().filter(SignedDuration::is_positive);
    time.map(SignedDuration::unsigned_abs)
        .ok_or_else(|| "a time with its unit, such as 30s, 10m or 1h".to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_to_wait_is_some_and_has_a_unit() {
        for (text, seconds) in [
            ("10m", Some(600)),
            ("1h", Some(3600)),
            ("90s", Some(90)),
            ("-1s", None),
            ("0s", None),
            ("5", None),
            ("", None),
        ] {
            assert_eq!(patience(text).ok(), seconds.map(Duration::from_secs), "{text}");
        }
    }
}
