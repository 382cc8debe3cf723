//! Lines that the tool refuses by itself, in its own words. It is asked with something in the place of
//! each plan that never is one, so that whatever appears under the name in the meantime is not applied.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::distribute;
use crate::command::{Command, terraform};
use crate::impact::probe::Probe;
use crate::impact::{Ended, Subject};
use crate::process::absolute;

/// What never is there: nobody can make it.
const NOWHERE: &str = "/proc/self/none";

/// What always is a directory.
const DIRECTORY: &str = "/proc/self";

/// How the tool ends, and why it refuses the line; `None` where it may not refuse it.
pub(super) fn refused(subject: &Subject<'_>) -> Option<Ended> {
    let command = subject.command;
    let is_tool = matches!(command.tool.as_str(), "terraform" | "tofu");
    let is_apply = command.path == ["apply"] || command.path == ["destroy"];
    // A flag that nobody knows may take an operand for its value.
    let is_novel = |name: &str| terraform::arity("apply", name).is_none();
    let is_plain = !command.uncertain && !command.flags.iter().any(|flag| is_novel(&flag.name));
    if !is_tool || !is_apply || !is_plain || !command.known || command.inert.is_some() {
        return None;
    }
    let stands = stands(subject)?;
    let words = distribute::refused(command, stands.iter().map(|(_, stand)| OsStr::new(stand)));
    let answer = Probe::of(subject.program, subject.directory, words).ask().ok()?;
    let code = u8::try_from(answer.code?).ok().filter(|code| *code != 0)?;
    let printed = String::from_utf8_lossy(&answer.printed).into_owned();
    let [printed, said] = [printed, answer.said].map(|text| in_place(text, &stands).into_bytes());
    Some(Ended { code, printed, said })
}

/// What stands in the place of each operand, where the tool refuses them: too many, or one that
/// is none of a plan.
fn stands(subject: &Subject<'_>) -> Option<Vec<(OsString, &'static str)>> {
    let Command { path, operands, directory, .. } = subject.command;
    let base = directory
        .as_ref()
        .map_or_else(|| subject.directory.to_owned(), |to| absolute(subject.directory, to.as_ref()));
    let stand = match operands.as_slice() {
        [] => return None,
        [one] => match std::fs::metadata(absolute(&base, Path::new(one))) {
            Ok(found) if found.is_dir() => DIRECTORY,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => NOWHERE,
            _ if path == &["destroy"] => NOWHERE,
            _ => return None,
        },
        _ => NOWHERE,
    };
    Some(operands.iter().map(|operand| (operand.clone(), stand)).collect())
}

/// What was said, of what was asked for.
fn in_place(text: String, stands: &[(OsString, &str)]) -> String {
    match stands {
        [(operand, stand)] => text.replace(stand, &operand.to_string_lossy()),
        _ => text,
    }
}
