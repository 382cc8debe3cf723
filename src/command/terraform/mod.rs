//! The grammar of `terraform` and `tofu`.
//!
//! Three layers, as in the tool itself: `-chdir` is taken off first, then
//! `TF_CLI_ARGS*` is folded in (`effective.rs`), then the command is found and
//! its flags are read as Go's `flag` package reads them.
//!
//! Verified against terraform 1.11 by the differential tests; two facts that
//! its documentation does not tell: `-v`, `-version` and `--version` anywhere,
//! even after `--`, turn the whole line into `version`; and `-no-color` is
//! taken out of the arguments *before* flags are read, so that in
//! `state rm -backup -no-color -dry-run ADDR` the backup file is `-dry-run`
//! and the removal is real.

mod effective;
mod flags;
mod words;

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::declared::Surroundings;
use super::generic::split_value;
use super::here::{Act, Touched};
use super::{Command, CommandError, Flag, Grammar, Inert, Outside};
use crate::process::Environment;
pub use flags::{Arity, arity, commands, flag_names};

/// The variables folded into the arguments.
pub const FOLDED_PREFIX: &str = "TF_CLI_ARGS";

/// Options that name a file which is written.
const WRITTEN: [&str; 6] = ["-backup", "-backup-out", "-generate-config-out", "-out", "-state", "-state-out"];

/// The grammar of `terraform` and `tofu`.
#[derive(Debug)]
pub struct Terraform;

impl Grammar for Terraform {
    fn commands(&self) -> Vec<Cow<'static, str>> {
        commands().map(Cow::Borrowed).collect()
    }

    fn flag_names(&self, command: &str) -> Vec<String> {
        flag_names(command)
    }

    fn touches(&self, command: &Command, _surroundings: &Surroundings<'_>) -> Vec<Touched> {
        let named = command.flags.iter().filter(|flag| WRITTEN.contains(&flag.name.as_str()));
        let from = Path::new(command.directory.as_deref().unwrap_or_default());
        let files =
            named.filter_map(|flag| flag.value.as_deref()).map(|file| from.join(file).into_os_string());
        files.map(|file| Touched { act: Act::Writes, file }).collect()
    }

    /// # Errors
    /// Where a `TF_CLI_ARGS` variable cannot be split into words.
    fn parse(
        &self,
        tool: &str,
        arguments: &[OsString],
        outside: &Outside<'_>,
    ) -> Result<Command, CommandError> {
        parse(tool, arguments, outside.environment)
    }
}

/// Parses what terraform would run for `arguments` in `environment`.
fn parse(tool: &str, arguments: &[OsString], environment: &Environment) -> Result<Command, CommandError> {
    let merged = effective::arguments(arguments, environment)?;
    let mut command = Command::unread(tool, merged);
    let is_folded = |name: &OsStr| name.as_bytes().starts_with(FOLDED_PREFIX.as_bytes());
    command.folded = environment.iter().any(|(name, _)| is_folded(name)).then_some(FOLDED_PREFIX);
    let Ok((directory, rest)) = effective::split_chdir(&command.arguments) else {
        command.inert = Some(Inert::Usage);
        return Ok(command);
    };
    command.directory = directory;
    command.inert = inert(&rest, environment);
    let tail = find_command(&mut command, &rest);
    read_flags(&mut command, &tail);
    // A yes to what `init` asks copies a state over another, without any flag.
    command.may_ask = (command.inert.is_none() && command.path == ["init"]).then_some(("TF_INPUT", "0"));
    Ok(command)
}

/// Whether terraform only prints something for this line, whatever follows.
fn inert(arguments: &[OsString], environment: &Environment) -> Option<Inert> {
    if environment.non_empty("COMP_LINE").is_some() {
        return Some(Inert::Completion);
    }
    if arguments.iter().any(|word| is_any(word, &["-v", "-version", "--version"])) {
        return Some(Inert::Version);
    }
    let before_dashes = || arguments.iter().take_while(|word| *word != "--");
    if before_dashes().any(|word| is_any(word, &["-h", "-help", "--help"])) {
        return Some(Inert::Help);
    }
    // The first word that names a command; one with a space names none.
    let command =
        before_dashes().find(|word| is_command_word(word)).filter(|word| !word.as_bytes().contains(&b' '));
    let flags_first = before_dashes()
        .take_while(|word| !is_command_word(word))
        .any(|word| word.as_bytes().starts_with(b"-"));
    if flags_first || command.is_none() {
        let completion = ["-install-autocomplete", "-uninstall-autocomplete"];
        // These two write the shell's start-up file.
        let writes = before_dashes().any(|word| {
            let word = word.as_bytes();
            completion
                .iter()
                .any(|flag| word == flag.as_bytes() || word.strip_prefix(b"-") == Some(flag.as_bytes()))
        });
        return if writes { None } else { Some(Inert::Usage) };
    }
    None
}

fn is_any(word: &OsStr, words: &[&str]) -> bool {
    words.iter().any(|candidate| word == *candidate)
}

/// A word that can name a command: not empty, not a flag.
fn is_command_word(word: &OsStr) -> bool {
    !word.is_empty() && !word.as_bytes().starts_with(b"-")
}

/// Finds the command in `arguments` and returns what follows it.
fn find_command(command: &mut Command, arguments: &[OsString]) -> Vec<OsString> {
    let Some(at) = arguments.iter().take_while(|word| *word != "--").position(|word| is_command_word(word))
    else {
        if command.inert.is_none() {
            command.path.push("install-autocomplete".to_owned());
        }
        return Vec::new();
    };
    let words: Vec<&OsString> = arguments.iter().skip(at).take_while(|word| *word != "--").collect();
    let Some(named) = effective::named_by(&words) else {
        return Vec::new();
    };
    let mut rest = arguments.iter().skip(at + named.len());
    let mut named = named.into_iter();
    let first = named.next().unwrap_or_default();
    // `env` is the name that workspaces had before 0.10; it still works.
    let first = if first == "env" { "workspace".to_owned() } else { first };
    let group = flags::subcommands(&first);
    if let Some(second) = named.next() {
        command.path = vec![first, second];
        return rest.cloned().collect();
    }
    let second = rest.clone().next().map(|word| word.to_string_lossy().into_owned());
    match second {
        // A newer terraform may have a subcommand that this table lacks.
        Some(second) if !group.is_empty() && first != "providers" && is_command_word(OsStr::new(&second)) => {
            rest.next();
            command.path = vec![first, second];
            command.known = false;
        }
        _ => {
            command.known = flags::is_command(&first);
            if command.known && !group.is_empty() && first != "providers" && command.inert.is_none() {
                command.inert = Some(Inert::Usage);
            }
            command.path = vec![first];
        }
    }
    rest.cloned().collect()
}

/// Reads flags and operands as Go's `flag` package does.
fn read_flags(command: &mut Command, arguments: &[OsString]) {
    let name = command.name();
    let stripped = |word: &&OsString| {
        *word == "-no-color" || (*word == "-compact-warnings" && flags::strips_compact_warnings(&name))
    };
    for word in arguments.iter().filter(stripped) {
        command.flags.push(Flag { name: word.to_string_lossy().into_owned(), value: None });
    }
    let mut words = arguments.iter().filter(|word| !stripped(word));
    let mut flags_are_over = false;
    while let Some(word) = words.next() {
        let bytes = word.as_bytes();
        let is_flag = bytes.len() > 1 && bytes.starts_with(b"-");
        if flags_are_over || !is_flag {
            command.operands.push(word.clone());
            // After a flag of unknown arity this word may be its value, and
            // what follows may still be flags.
            flags_are_over = flags_are_over || !command.uncertain;
            continue;
        }
        if bytes == b"--" {
            flags_are_over = true;
            continue;
        }
        let body = bytes.strip_prefix(b"--").or_else(|| bytes.strip_prefix(b"-")).unwrap_or(bytes);
        let (flag, value) = split_value(body);
        let flag = format!("-{}", String::from_utf8_lossy(flag));
        let value = value.map(|value| OsStr::from_bytes(value).to_owned());
        let value = match (arity(&name, &flag), value) {
            (None, value) => {
                command.uncertain = true;
                value
            }
            (Some(Arity::Value), None) => words.next().cloned(),
            (Some(_), value) => value,
        };
        command.flags.push(Flag { name: flag, value });
    }
}

#[cfg(test)]
mod tests;
