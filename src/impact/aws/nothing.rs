//! Lines whose dry run names nothing that they would delete.
//!
//! Whoever asks may have chosen who answers, and things may come before the line runs. So what
//! the answer leads to is not the line: it is one that cannot delete, or none at all.

use std::ffi::OsStr;

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

/// The line without what has it delete; `None` where the grammar reads anything else of it
/// otherwise.
fn without(subject: &Subject<'_>) -> Option<Command> {
    let own = subject.command;
    let words: Vec<_> = subject.program.arguments.iter().filter(|word| !deletes(word)).cloned().collect();
    let command = parsed(subject, &words).ok()?;
    let stays = |name: &str| name != DELETE && !own.may_stand_for(name, DELETE);
    let mut same = own.clone();
    same.flags.retain(|flag| stays(&flag.name));
    same.arguments = words;
    (is_sure(&command) && command == same).then_some(command)
}

/// Whether a word is, or begins as, what has the line delete.
fn deletes(word: &OsStr) -> bool {
    word.to_str().is_some_and(|word| word.len() > 2 && DELETE.starts_with(word))
}
