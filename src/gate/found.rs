//! Running what was found out: the very plan or objects, with the tool's own question and words.

use super::{GateError, executable, gated};
use crate::command::Command;
use crate::impact::Impact;
use crate::impact::terraform::{Question, Retold, Through};
use crate::invocation::Invocation;
use crate::process::Process;
use crate::rules::judge::Allowed;
use crate::shim::{exec, supervise};
use crate::ui::{chain, sanitize};

/// Runs what was found to do nothing that anybody has to agree to. Where the tool would
/// have asked whether it is meant, it is asked as the tool does.
pub(super) fn run(
    process: &dyn Process,
    invocation: &Invocation,
    command: &Command,
    impact: &Impact,
    allowed: Allowed,
) -> Result<u8, GateError> {
    if let Some(code) = impact.asks.as_ref().and_then(Question::ask) {
        return Ok(code);
    }
    let mut program = executable(process, invocation, command)?;
    if let Some(run) = &impact.run {
        program.arguments.clone_from(&run.arguments);
        run.hand_over()?;
    }
    let source = match retelling(impact) {
        None => exec::replace(allowed, process, &program),
        Some(through) => {
            let ended = exec::run_allowed(allowed, &program);
            show_rest(through);
            match ended {
                Ok(ended) => return Ok(supervise::end_like(ended)),
                Err(error) => std::io::Error::other(error),
            }
        }
    };
    Err(GateError::Exec { program: sanitize::os(program.path.as_os_str()), source })
}

/// Where what the tool says is led through, as not all of it is told as it is.
pub(super) fn retelling(impact: &Impact) -> Option<Through> {
    let begun = impact.retold.map(Retold::begin)?;
    begun.inspect_err(|error| gated::warn(&format!("the tool's words are its own: {}", chain(error)))).ok()
}

/// Shows the rest of what it said. It ran, so that something of it could not be shown changes
/// nothing.
pub(super) fn show_rest(through: Through) {
    if let Err(error) = through.end() {
        gated::warn(&format!("not all that the tool said was shown: {}", chain(&error)));
    }
}
