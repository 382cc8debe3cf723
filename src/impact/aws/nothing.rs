//! Lines whose dry run names nothing that they would delete.
//!
//! Whoever asks may have chosen who answers, and things may come before the line runs. So what
//! the answer leads to is not the line: it is one that cannot delete, or none at all.

use std::ffi::OsString;

use super::given::ADDRESS;
use super::question::{is_sure, parsed};
use super::rows::Finding;
use crate::command::Command;
use crate::impact::{Run, Subject};

/// What has `aws s3 sync` delete.
const DELETE: &str = "--delete";

/// Why somebody is asked about such a line all the same.
pub(super) const ASKED: &str = "nothing is listed now, but how to run this so that it cannot delete is not certain: \
                                what is there by then would be deleted";

/// What is done in the place of such a line.
pub(super) enum Instead {
    /// Nothing: it would have deleted, and nothing else.
    Nothing,
    /// The same, without what has it delete.
    Run(Run),
}

/// Whether it is a sync of a place on this machine that is not there: aws says so, and does nothing.
pub(super) fn has_no_source(subject: &Subject<'_>) -> bool {
    let [source, _] = subject.command.operands.as_slice() else { return false };
    let is_here = !source.to_string_lossy().starts_with(ADDRESS);
    let is_gone = || matches!(subject.directory.join(source).try_exists(), Ok(false));
    subject.command.name() == "s3 sync" && is_here && is_gone()
}

/// What is done in the place of `subject`, which was `found` to delete nothing; `None` where it
/// would have to run as it is.
pub(super) fn instead(subject: &Subject<'_>, found: &Finding) -> Option<Instead> {
    match subject.command.name().as_str() {
        // Of a place that is not there aws has an error to tell.
        "s3 rm" if found.absent.is_empty() => Some(Instead::Nothing),
        "s3 sync" => without(subject).map(|command| {
            let arguments = command.arguments.clone();
            Instead::Run(Run {
                approved: arguments.clone(),
                arguments,
                command: Some(Box::new(command)),
                given: None,
            })
        }),
        _ => None,
    }
}

/// The line without what has it delete, where that is certain.
fn without(subject: &Subject<'_>) -> Option<Command> {
    let words = kept(&subject.program.arguments);
    let command = parsed(subject, &words).ok()?;
    differs_in_that_alone(subject.command, &command).then_some(command)
}

/// The words but for those that are, or begin as, what has a line delete.
fn kept(words: &[OsString]) -> Vec<OsString> {
    let deletes = |word: &str| word.len() > 2 && DELETE.starts_with(word);
    words.iter().filter(|word| !word.to_str().is_some_and(deletes)).cloned().collect()
}

/// Whether the grammar reads `now` as `line` without what has it delete, and all else as it was.
fn differs_in_that_alone(line: &Command, now: &Command) -> bool {
    let stays = |name: &str| name != DELETE && !line.may_stand_for(name, DELETE);
    let mut same = line.clone();
    same.flags.retain(|flag| stays(&flag.name));
    same.arguments.clone_from(&now.arguments);
    is_sure(now) && *now == same
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;
    use crate::process::Environment;

    #[test]
    fn only_what_has_it_delete_is_left_out() {
        let read = |words: &[OsString]| crate::command::parse("aws", words, &Environment::default()).unwrap();
        for (line, now) in [
            ("s3 sync a s3://b --delete", Some("s3 sync a s3://b")),
            ("s3 --del sync --delete a s3://b --exclude x", Some("s3 sync a s3://b --exclude x")),
            ("s3 sync --delet --exclude=--delete a s3://b", Some("s3 sync --exclude=--delete a s3://b")),
            ("--region r s3 sync --dele -- a s3://b", Some("--region r s3 sync -- a s3://b")),
            // What it is to is not certain, or it stands where it means something else.
            ("s3 sync --new-option a s3://b --delete", None),
            ("s3 sync a s3://b -- --delete", None),
            ("s3 sync a s3://b --delete=x", None),
        ] {
            let words: Vec<OsString> =
                shell_words::split(line).unwrap().into_iter().map(OsString::from).collect();
            let kept = kept(&words);
            let is_sure = differs_in_that_alone(&read(&words), &read(&kept));
            let without = kept.join(OsStr::new(" "));
            assert_eq!(is_sure.then(|| without.to_str().unwrap()), now, "{line}");
        }
    }
}
