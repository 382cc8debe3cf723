//! The argv that terraform makes of its arguments and `TF_CLI_ARGS*`.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use super::{CommandError, Environment, FOLDED_PREFIX, flags, is_command_word, words};

/// `-chdir` without a directory: terraform prints an error and stops.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoDirectory;

/// Takes `-chdir=DIR` out of the flags before the command. The last one
/// counts; an earlier one stays and is later found to be an invalid flag.
pub(super) fn split_chdir(arguments: &[OsString]) -> Result<(Option<OsString>, Vec<OsString>), NoDirectory> {
    let mut found = None;
    for (at, word) in arguments.iter().enumerate() {
        let bytes = word.as_bytes();
        if !bytes.starts_with(b"-") {
            break;
        }
        if bytes == b"-chdir" || bytes == b"-chdir=" {
            return Err(NoDirectory);
        }
        if let Some(directory) = bytes.strip_prefix(b"-chdir=") {
            found = Some((at, OsStr::from_bytes(directory).to_owned()));
        }
    }
    let mut rest = arguments.to_vec();
    Ok((
        found.map(|(at, directory)| {
            rest.remove(at);
            directory
        }),
        rest,
    ))
}

/// `arguments` with every variable folded in that terraform folds in: first
/// `TF_CLI_ARGS`, then the one named after the command, each directly behind
/// the command word. With no command in the arguments, `TF_CLI_ARGS` supplies
/// it.
pub(super) fn arguments(
    arguments: &[OsString],
    environment: &Environment,
) -> Result<Vec<OsString>, CommandError> {
    let Ok((_, rest)) = split_chdir(arguments) else {
        return Ok(arguments.to_vec());
    };
    let skipped = arguments.len() - rest.len();
    let command = subcommand(&rest);
    let specific = format!("{FOLDED_PREFIX}_{}", command.join("_").replace('-', "_"));
    let search = command.last().cloned().unwrap_or_default();
    let (generic, specific) =
        (variable_words(FOLDED_PREFIX, environment)?, variable_words(&specific, environment)?);
    if generic.is_empty() && specific.is_empty() {
        return Ok(arguments.to_vec());
    }
    let mut merged = rest;
    for extra in [generic, specific] {
        let at = merged.iter().position(|word| *word == *search).map_or(0, |at| at + 1);
        merged.splice(at..at, extra);
    }
    if skipped == 1 {
        let directory = arguments.iter().rfind(|word| word.as_bytes().starts_with(b"-chdir="));
        merged.splice(0..0, directory.cloned());
    }
    Ok(merged)
}

/// The words of one variable, none where it is unset or empty.
fn variable_words(variable: &str, environment: &Environment) -> Result<Vec<OsString>, CommandError> {
    let Some(value) = environment.non_empty(variable) else {
        return Ok(Vec::new());
    };
    let error = |reason: String| CommandError::Variable { variable: variable.to_owned(), reason };
    let text = value.to_str().ok_or_else(|| error("it is not UTF-8".to_owned()))?;
    let words = words::split(text).map_err(error)?;
    Ok(words.into_iter().map(OsString::from).collect())
}

/// The command words that terraform finds in raw arguments. The name is the
/// one typed (`env`, not `workspace`): the variable is named after it.
fn subcommand(arguments: &[OsString]) -> Vec<String> {
    let mut words = arguments
        .iter()
        .take_while(|word| *word != "--")
        .skip_while(|word| !is_command_word(word))
        .map(|word| word.to_string_lossy().into_owned());
    let Some(first) = words.next() else {
        return Vec::new();
    };
    match words.next() {
        Some(second) if flags::subcommands(&first).contains(&second.as_str()) => vec![first, second],
        _ => vec![first],
    }
}
