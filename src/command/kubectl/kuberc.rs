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
//! One setting cannot be folded into arguments: the policy on credential
//! plugins. Where a file has it, kubectl reads the file again, provided that
//! it cannot read another meaning, or another file, than was read here. The
//! command and every flag that the file sets are explicit by then.

mod file;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use super::TABLE;
use crate::command::cobra::Parsed;
use crate::command::{Outside, Preferences};
use crate::process::Environment;
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
pub(crate) fn location(arguments: &[OsString], environment: &Environment) -> Option<PathBuf> {
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
            Some(Path::new(environment.get("HOME").unwrap_or_default()).join(".kube/kuberc"))
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
    let file = match outside.preferences {
        Preferences::Text(bytes) => file::read(bytes),
        Preferences::None | Preferences::Unreadable(_) => None,
    };
    if manages_the_file(arguments, file.as_ref()) {
        return untouched(None);
    }
    let Some(file) = file else { return untouched(Some(OFF)) };
    let expanded = file.expand(arguments);
    let plain = expanded.as_deref().unwrap_or(arguments);
    if let Some(arguments) = file.kept(arguments, plain, expanded.is_some(), outside.environment) {
        return Effective { arguments, pinned: None };
    }
    let arguments = match expanded {
        // Defaults are for the command itself, or for one below the alias's.
        Some(expanded) if !file.is_below_alias(arguments, &expanded) => expanded,
        Some(expanded) => file.with_defaults(&expanded),
        None => file.with_defaults(arguments),
    };
    Effective { arguments: without_flag(arguments), pinned: Some(OFF) }
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
        let settings = settings(&alias.settings, &given);
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
        let settings: Vec<OsString> =
            found.flat_map(|defaults| settings(&defaults.settings, &given)).collect();
        behind_command(arguments, &given, settings)
    }

    /// The arguments, explicit in all that the file sets, where kubectl has to
    /// read it again for what is no argument; `None` where it need not, or
    /// where it could read something else than was read here.
    fn kept(
        &self,
        arguments: &[OsString],
        expanded: &[OsString],
        is_alias: bool,
        environment: &Environment,
    ) -> Option<Vec<OsString>> {
        if !self.has_policy || !self.is_plain {
            return None;
        }
        // For kubectl, which sees the expanded line, these are its defaults.
        let mut explicit = self.with_defaults(expanded);
        let mut parsed = TABLE.parse(&explicit);
        let variable = environment.non_empty(VARIABLE);
        match (named(arguments), variable) {
            // Some versions do not read the variable, and some prefer it.
            (Named::Not, Some(file)) => {
                let flag = vec![OsString::from(FLAG), file.to_owned()];
                explicit = behind_command(&explicit, &parsed, flag);
                parsed = TABLE.parse(&explicit);
            }
            (Named::Not | Named::As(_), None) => {}
            _ => return None,
        }
        // A group of commands may have more of them, or take plugins.
        let surely_known = !parsed.path.is_empty() && !parsed.unknown_flag && !is_mere_group(&parsed);
        let same_file = location(&explicit, environment) == location(arguments, environment);
        let same_alias = is_alias == (TABLE.parse(arguments).path.is_empty());
        (surely_known && same_file && same_alias).then_some(explicit)
    }
}

/// Whether the found command only holds others, or a word that none of them is
/// named by.
fn is_mere_group(parsed: &Parsed) -> bool {
    TABLE.is_group(&parsed.path) && !parsed.operands.is_empty()
}

/// Whether this is looked for as a plugin, which is given its words as they are.
fn is_plugin_of_create(arguments: &[OsString], parsed: &Parsed) -> bool {
    parsed.path == ["create"] && super::is_plugin_of_create(arguments)
}

/// The settings, as flags, that `given` lacks in any form.
fn settings(settings: &[Setting], given: &Parsed) -> Vec<OsString> {
    let lacks = |setting: &&Setting| {
        let name = format!("--{}", setting.name.replace('_', "-"));
        // Another file would be none that was read here.
        name != FLAG && given.flags.iter().all(|flag| flag.name != name)
    };
    let flag = |setting: &Setting| format!("--{}={}", setting.name, setting.value).into();
    settings.iter().filter(lacks).map(flag).collect()
}

/// `arguments` with more words right behind those of their command.
fn behind_command(arguments: &[OsString], parsed: &Parsed, more: Vec<OsString>) -> Vec<OsString> {
    if more.is_empty() {
        return arguments.to_vec();
    }
    let names = |end: &usize| arguments.get(..*end).is_some_and(|part| TABLE.parse(part).path == parsed.path);
    let at = (0..=arguments.len()).find(names).unwrap_or_default();
    let mut words = arguments.to_vec();
    words.splice(at..at, more);
    words
}

/// `arguments` without the flag that names the file, which no kubectl knows
/// that has been told to read none.
fn without_flag(arguments: Vec<OsString>) -> Vec<OsString> {
    let mut arguments = arguments;
    let mut from = 0;
    while let Some(at) = (from..arguments.len())
        .find(|at| arguments.get(*at).is_some_and(|word| word.as_bytes().starts_with(FLAG.as_bytes())))
    {
        let takes_next = arguments.get(at).is_some_and(|word| word == FLAG);
        let mut shorter = arguments.clone();
        shorter.drain(at..(at + 1 + usize::from(takes_next)).min(arguments.len()));
        if is_without_flag(&TABLE.parse(&shorter), &TABLE.parse(&arguments)) {
            arguments = shorter;
        } else {
            // A plugin's, another flag's value, or behind `--`.
            from = at + 1;
        }
    }
    arguments
}

/// Whether `shorter` is `longer` without one flag that names the file.
fn is_without_flag(shorter: &Parsed, longer: &Parsed) -> bool {
    let is_plugin = longer.path.is_empty() || longer.path == ["create"] && !longer.operands.is_empty();
    !is_plugin
        && longer.flags.iter().enumerate().filter(|(_, flag)| flag.name == FLAG).any(|(at, _)| {
            let mut expected = longer.clone();
            expected.flags.remove(at);
            expected == *shorter
        })
}

fn words(words: &[String]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

#[cfg(test)]
mod tests;
