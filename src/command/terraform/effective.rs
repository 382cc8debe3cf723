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
    // What is lost of a word that is not UTF-8 would be missed in both.
    let lossy = command.iter().any(|word| word.contains(char::REPLACEMENT_CHARACTER));
    if lossy && environment.iter().any(|(name, _)| name.as_bytes().starts_with(FOLDED_PREFIX.as_bytes())) {
        return Err(CommandError::Variable {
            variable: FOLDED_PREFIX.to_owned(),
            reason: "it would be put behind a command that is not UTF-8".to_owned(),
        });
    }
    let (generic, specific) =
        (variable_words(FOLDED_PREFIX, environment)?, variable_words(&specific, environment)?);
    if generic.is_empty() && specific.is_empty() {
        return Ok(arguments.to_vec());
    }
    let mut merged = rest.clone();
    for extra in [generic, specific] {
        let at = merged.iter().position(|word| *word == *search).map_or(0, |at| at + 1);
        merged.splice(at..at, extra);
    }
    let (before, after) = (directory_flag(&rest), directory_flag(&merged));
    if after.is_some() && before.and_then(|at| rest.get(at)) != after.and_then(|at| merged.get(at)) {
        return Err(CommandError::Variable {
            variable: FOLDED_PREFIX.to_owned(),
            reason: "terraform does not take -chdir from it".to_owned(),
        });
    }
    if let Some(at) = directory_flag(arguments).filter(|_| skipped == 1) {
        // Behind any other of its kind: the last one counts.
        let behind = after.map_or(0, |at| at + 1);
        merged.splice(behind..behind, arguments.get(at).cloned());
    }
    Ok(merged)
}

/// Where the last `-chdir` stands among the flags before the command, in any
/// form that terraform looks for.
fn directory_flag(arguments: &[OsString]) -> Option<usize> {
    let flags = arguments.iter().take_while(|word| word.as_bytes().starts_with(b"-"));
    let is_directory = |word: &OsString| word == "-chdir" || word.as_bytes().starts_with(b"-chdir=");
    flags.enumerate().filter(|(_, word)| is_directory(word)).map(|(at, _)| at).last()
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
    let words = arguments.iter().take_while(|word| *word != "--");
    let words: Vec<&OsString> = words.skip_while(|word| !is_command_word(word)).collect();
    named_by(&words).unwrap_or_default()
}

/// The command that `words` name, the first of which is no flag and not
/// empty; `None` where terraform takes none, as for a word with a space.
///
/// Terraform's command-line library looks for the longest command that the
/// words, joined, begin with, and then whether that command ends a word
/// *anywhere* in them. So `applyx apply` is an `apply` of the file `apply`.
pub(super) fn named_by(words: &[&OsString]) -> Option<Vec<String>> {
    let plain = |word: &&&OsString| is_command_word(word) && !word.as_bytes().contains(&b' ');
    let plain: Vec<_> = words.iter().take_while(plain).map(|word| word.to_string_lossy()).collect();
    let first = plain.first()?;
    let key = plain.join(" ");
    let found = flags::longest_prefix(&key)
        .filter(|command| key.ends_with(command.as_str()) || key.contains(&format!("{command} ")));
    Some(match found {
        Some(command) => command.split(' ').map(str::to_owned).collect(),
        None => vec![first.clone().into_owned()],
    })
}
