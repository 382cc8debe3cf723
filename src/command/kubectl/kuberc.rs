//! kubectl's own file of aliases and default flags, `~/.kube/kuberc`.
//!
//! Which kubectl will run is not known, and versions differ: up to 1.32 the
//! file means nothing, 1.33 reads it where `KUBECTL_KUBERC` is true, and newer
//! ones read it unless that is false. So the file is applied here, the argv that
//! it makes is judged and passed on, and `KUBECTL_KUBERC=false` keeps kubectl
//! from reading the file again. It is set too where there is no file or nothing
//! in it speaks of the line: else whoever puts one there after the verdict
//! could make `kubectl ctx` delete a namespace.
//!
//! One setting cannot be folded into arguments, the policy on credential
//! plugins, and does not hold then. kubectl could only be given it with a file
//! that it reads by itself: which may be another by then, and whose flag older
//! versions refuse.

mod file;

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::TABLE;
use crate::command::cobra::Parsed;
use crate::command::{Found, Outside};
use crate::files::clean;
use crate::process::Environment;
use crate::ui::sanitize;
use file::{Alias, Defaults, File, Setting};

/// Keeps kubectl from reading any such file.
const OFF: (&str, &str) = ("KUBECTL_KUBERC", "false");

/// Names another file, or is `off`.
const VARIABLE: &str = "KUBERC";

const FLAG: &str = "--kuberc";

/// What kubectl is started with.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Effective {
    pub(super) arguments: Vec<OsString>,
    pub(super) pinned: Option<(&'static str, &'static str)>,
}

/// The file that kubectl would read before these arguments. `None` where it
/// reads none. Relative to the working directory where it is relative.
pub(super) fn location(arguments: &[OsString], environment: &Environment) -> Option<PathBuf> {
    if is_off(environment) || is_completion(arguments) {
        return None;
    }
    let variable = environment.non_empty(VARIABLE);
    match (named(arguments), variable) {
        (Named::Wrongly, _) => None,
        (_, Some(off)) if off == "off" => None,
        (Named::As(file), _) => Some(PathBuf::from(file)),
        (Named::Not, Some(file)) => Some(PathBuf::from(file)),
        // Without a home it is looked for in the working directory.
        (Named::Not, None) => {
            Some(clean(&Path::new(environment.get("HOME").unwrap_or_default()).join(".kube/kuberc")))
        }
    }
}

/// The arguments that kubectl makes of `arguments` and its file.
pub(super) fn effective(arguments: &[OsString], outside: &Outside<'_>) -> Effective {
    let untouched = |pinned| Effective { arguments: arguments.to_vec(), pinned };
    // Only prints, and completes aliases.
    if is_off(outside.environment) || is_completion(arguments) {
        return untouched(None);
    }
    let file = match found(arguments, outside) {
        Some(Found::Text(bytes)) => file::read(bytes),
        _ => None,
    };
    if manages_the_file(arguments, file.as_ref()) {
        return untouched(None);
    }
    let Some(file) = file else { return untouched(Some(OFF)) };
    let expanded = file.expand(arguments);
    let arguments = match expanded {
        // Defaults are for the command itself, or for one below the alias's.
        Some(expanded) if !file.is_below_alias(arguments, &expanded) => expanded,
        Some(expanded) => file.with_defaults(&expanded),
        None => file.with_defaults(arguments),
    };
    Effective { arguments: without_flag(arguments), pinned: Some(OFF) }
}

/// What people should know where kubectl is kept from the file.
pub(super) fn note(arguments: &[OsString], outside: &Outside<'_>) -> Option<String> {
    match found(arguments, outside)? {
        Found::Unreadable(reason) => {
            let reason = sanitize::text(reason);
            Some(format!("the kuberc file cannot be read, so kubectl is kept from it: {reason}"))
        }
        Found::Text(bytes) => file::read(bytes).filter(|file| file.has_policy).map(|_| {
            "the kuberc file's policy on credential plugins does not hold: kubectl is kept from that file"
                .to_owned()
        }),
        Found::Nothing | Found::Names(_) => None,
    }
}

/// What was found where kubectl would look.
fn found<'a>(arguments: &[OsString], outside: &Outside<'a>) -> Option<&'a Found> {
    outside.files.file(&location(arguments, outside.environment)?)
}

fn is_off(environment: &Environment) -> bool {
    environment.get(OFF.0).is_some_and(|value| value.eq_ignore_ascii_case(OFF.1))
}

fn is_completion(arguments: &[OsString]) -> bool {
    arguments.first().is_some_and(|word| word == "__complete" || word == "__completeNoDesc")
}

/// Whether this is `kubectl kuberc`, which is gone where the file is switched
/// off. An older kubectl has no such command, and may have an alias.
fn manages_the_file(arguments: &[OsString], file: Option<&File>) -> bool {
    let words: Vec<&[u8]> = arguments.iter().take(2).map(|word| word.as_bytes()).collect();
    match words.as_slice() {
        [b"alpha", b"kuberc"] => true,
        [b"kuberc", ..] => file.is_none_or(|file| file.alias("kuberc").is_none()),
        _ => false,
    }
}

/// What the arguments say of the file.
#[derive(Debug, PartialEq, Eq)]
enum Named {
    Not,
    As(OsString),
    /// Without a value: kubectl stops.
    Wrongly,
}

/// As kubectl looks for its flag before it reads any: the first word counts,
/// also where it is another flag's value; what holds `--kuberc=` counts; and
/// the value ends at the next equals sign.
fn named(arguments: &[OsString]) -> Named {
    for (at, word) in arguments.iter().enumerate().take_while(|(_, word)| *word != "--") {
        if word == FLAG {
            return match arguments.get(at + 1) {
                Some(file) if !file.is_empty() => Named::As(file.clone()),
                Some(_) => Named::Not,
                None => Named::Wrongly,
            };
        }
        if word.as_bytes().windows(9).any(|part| part == b"--kuberc=") {
            let value = word.as_bytes().split(|byte| *byte == b'=').nth(1).unwrap_or_default();
            if value.is_empty() {
                return Named::Wrongly;
            }
            return Named::As(OsStr::from_bytes(value).to_owned());
        }
    }
    Named::Not
}

impl File {
    /// The arguments with an alias replaced by what it stands for; `None` where
    /// there is none. Other commands come first, so no alias replaces one.
    fn expand(&self, arguments: &[OsString]) -> Option<Vec<OsString>> {
        let (at, alias) = self.called(arguments)?;
        let path = alias.path();
        let (before, user) = (arguments.get(..at)?, arguments.get(at + 1..)?);
        let command = || before.iter().cloned().chain(path.iter().map(OsString::from));
        // Only what the user gave counts as given, not the alias's arguments.
        let given = TABLE.parse(&command().chain(user.iter().cloned()).collect::<Vec<_>>());
        let settings = settings([alias.settings.as_slice()], &given);
        let parts = [settings, words(&alias.prepended), user.to_vec(), words(&alias.appended)];
        Some(command().chain(parts.into_iter().flatten()).collect())
    }

    /// Whether the command of an expanded line stands below its alias's, as
    /// `namespace` below an alias of `create`.
    fn is_below_alias(&self, arguments: &[OsString], expanded: &[OsString]) -> bool {
        self.called(arguments).is_some_and(|(_, alias)| alias.path() != TABLE.parse(expanded).path)
    }

    /// The alias that the arguments call, and where its name stands.
    fn called(&self, arguments: &[OsString]) -> Option<(usize, &Alias)> {
        if !TABLE.parse(arguments).path.is_empty() {
            return None;
        }
        let is_flag = |word: &OsString| word.as_bytes().starts_with(b"-");
        let at = arguments.iter().position(|word| !is_flag(word))?;
        let alias = self.alias(arguments.get(at)?.to_str()?)?;
        if alias.name == "help" || TABLE.has_top_level(&alias.name) || alias.path().is_empty() {
            return None;
        }
        // The word may be a flag's value, as in `-n zap pods`.
        let mut probe = arguments.get(..at)?.to_vec();
        probe.push("version".into());
        (TABLE.parse(&probe).path == ["version"]).then_some((at, alias))
    }

    /// The arguments with every default of their command that they do not set.
    fn with_defaults(&self, arguments: &[OsString]) -> Vec<OsString> {
        let given = TABLE.parse(arguments);
        let Some(name) = given.path.last().filter(|_| !is_plugin_of_create(arguments, &given)) else {
            return arguments.to_vec();
        };
        // kubectl compares the last word only: what is for `set serviceaccount`
        // is for `create serviceaccount` too.
        let speak = |defaults: &&Defaults| defaults.path().last() == Some(name);
        let found = self.defaults.iter().filter(speak);
        let more = settings(found.map(|defaults| defaults.settings.as_slice()), &given);
        // Right behind the words of the command.
        let at = given.words.iter().max().map_or(0, |last| last + 1);
        let mut words = arguments.to_vec();
        words.splice(at..at, more);
        words
    }
}

/// Whether this is looked for as a plugin, which is given its words as they are.
fn is_plugin_of_create(arguments: &[OsString], parsed: &Parsed) -> bool {
    parsed.path == ["create"] && super::is_plugin_of_create(arguments)
}

/// The settings, as flags, that `given` lacks in any form.
fn settings<'a>(lists: impl IntoIterator<Item = &'a [Setting]>, given: &Parsed) -> Vec<OsString> {
    let names: HashSet<&str> = given.flags.iter().map(|flag| flag.name.as_str()).collect();
    let lacks = |setting: &&Setting| {
        let name = format!("--{}", setting.name.replace('_', "-"));
        // Another file would be none that was read here.
        name != FLAG && !names.contains(name.as_str())
    };
    let flag = |setting: &Setting| format!("--{}={}", setting.name, setting.value).into();
    lists.into_iter().flatten().filter(lacks).map(flag).collect()
}

/// `arguments` without the flag that names the file, which no kubectl knows
/// that has been told to read none. As they are where it is a plugin's, or
/// where they would mean something else without.
fn without_flag(arguments: Vec<OsString>) -> Vec<OsString> {
    let parsed = TABLE.parse(&arguments);
    let (named, kept): (Vec<_>, Vec<_>) =
        parsed.flags.iter().zip(&parsed.places).partition(|(flag, _)| flag.name == FLAG);
    let is_plugin = parsed.path.is_empty() || parsed.path == ["create"] && !parsed.operands.is_empty();
    if named.is_empty() || is_plugin {
        return arguments;
    }
    let places: HashSet<usize> = named.iter().flat_map(|(_, place)| **place).collect();
    let words = arguments.iter().enumerate().filter(|(at, _)| !places.contains(at));
    let shorter: Vec<OsString> = words.map(|(_, word)| word.clone()).collect();
    let read = TABLE.parse(&shorter);
    let same = read.flags.iter().eq(kept.iter().map(|(flag, _)| *flag))
        && (&read.path, &read.operands, read.before_dashes)
            == (&parsed.path, &parsed.operands, parsed.before_dashes);
    if same { shorter } else { arguments }
}

fn words(words: &[String]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

#[cfg(test)]
mod tests;
