//! The words behind a command: its options, the parameters that a body gives,
//! and what stands in them.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use serde_json::Value as Json;

use super::argparse::{self, Given, Opt};
use super::{body, names};
use crate::command::{Command, Flag, Inert, Outside};
use crate::ui::sanitize;

const INPUTS: [&str; 2] = ["--cli-input-json", "--cli-input-yaml"];
const SKELETON: &str = "--generate-cli-skeleton";
/// The shortest beginning of it that is believed. Operations that write what they
/// get to a file lack it, and have others that begin with `--g`.
const SKELETON_BEGUN: &str = "--generate-c";

/// Operations that write their answer to a file, the one word that stands alone,
/// and none of whose options takes several values.
const TO_A_FILE: [&str; 3] =
    ["lambda invoke", "neptune-graph execute-query", "neptunedata execute-gremlin-profile-query"];

/// Options that may make a line a rehearsal. What a file says of them is not
/// believed: it may say otherwise by the time that aws reads it.
const REHEARSING: [&str; 2] = ["--dry-run", "--invocation-type"];

/// The largest YAML that is read, in bytes, and how many brackets it may have: its
/// reader takes long over nested ones.
const YAML: usize = 64 << 10;
const YAML_NESTING: usize = 1000;

/// Whether `given` is `name` or its beginning. An operation that has several
/// such options refuses the line.
fn begins(given: &str, name: &str) -> bool {
    given.len() >= 3 && name.starts_with(given)
}

/// The files that the words name as bodies or values.
pub(super) fn files(words: &[OsString], outside: &Outside<'_>) -> Vec<PathBuf> {
    words
        .iter()
        .flat_map(|word| {
            let (_, value) = argparse::split_value(word);
            // `--name=file://x`, `file://x` and `Key@=file://x`.
            let of_value = value.map(|value| body::files(&value, outside)).unwrap_or_default();
            body::files(word, outside).into_iter().chain(of_value)
        })
        .collect()
}

/// Reads the words of an API operation: every option takes what stands behind it
/// up to the next one.
pub(super) fn of_operation(command: &mut Command, words: &[OsString], outside: &Outside<'_>) {
    command.abbreviates = true;
    // In front of others it may be the file that the answer is written to.
    if words == ["help"] {
        command.inert = Some(Inert::Help);
        return;
    }
    let mut given: Vec<Given> = Vec::new();
    // The option that takes the words, and one before it that may.
    let mut taking: Vec<usize> = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            command.operands.extend(words.cloned());
            break;
        }
        if !argparse::may_be_option(word) {
            let mut taken = false;
            for one in given.iter_mut().enumerate().filter(|(at, _)| taking.contains(at)) {
                one.1.values.push(word.clone());
                taken = true;
            }
            if !taken {
                command.operands.push(word.clone());
            }
            continue;
        }
        // With a space in it, a word is an option only where there is one of this
        // name: else it is a value of the one before, as is what follows.
        let (name, value) = argparse::split_value(word);
        let name = name.to_string_lossy().into_owned();
        if argparse::looks_like_option(word) {
            command.inert = command.inert.or(prints(&name, command.known));
            taking.clear();
        } else {
            taking.truncate(1);
            for one in given.iter_mut().enumerate().filter(|(at, _)| taking.contains(at)) {
                one.1.values.push(word.clone());
            }
        }
        taking.push(given.len());
        given.push(Given { name, values: value.into_iter().collect() });
    }
    if command.operands.is_empty() && TO_A_FILE.contains(&command.name().as_str()) {
        let behind = given.iter_mut().find(|one| one.values.len() == 2);
        command.operands.extend(behind.and_then(|one| one.values.pop()));
    }
    if command.inert.is_some() {
        return;
    }
    let is_input = |one: &&Given| INPUTS.iter().any(|name| begins(&one.name, name));
    if let Some(input) = given.iter().rev().find(is_input) {
        of_input(command, input, &given, outside);
    }
    for one in &given {
        set(command, one, outside);
    }
}

/// What an option makes the line do in place of its command.
fn prints(name: &str, known: bool) -> Option<Inert> {
    match name {
        // No operation has an option that begins so: aws refuses the line.
        "--help" | "-h" => Some(Inert::Help),
        name if name == SKELETON => Some(Inert::Skeleton),
        name if known && name.starts_with(SKELETON_BEGUN) && begins(name, SKELETON) => Some(Inert::Skeleton),
        _ => None,
    }
}

/// The option whose addresses aws takes as they are, wherever it has it.
pub const ADDRESSED: &str = "--queue-url";

/// Adds an option with its values, and what they hold.
fn set(command: &mut Command, given: &Given, outside: &Outside<'_>) {
    let name = &given.name;
    // An empty word behind a switch is taken for nothing.
    if given.values.iter().all(|value| value.is_empty()) {
        command.flags.push(Flag { name: name.clone(), value: None });
        // A switch has a twin that turns it off.
        if let Some(twin) = name.strip_prefix("--no-") {
            command.flags.push(Flag { name: format!("--{twin}"), value: Some("false".into()) });
        }
    }
    let path = name.trim_start_matches('-');
    for value in &given.values {
        // What `--cli-input-json` holds are parameters of their own.
        if !INPUTS.contains(&name.as_str()) {
            body::flatten(path, value, outside, &mut command.fields);
        }
        let text = match body::content(value, outside) {
            body::Content::Text(text)
                if body::file(value).is_some() && !REHEARSING.contains(&name.as_str()) =>
            {
                OsString::from(text)
            }
            body::Content::Text(text) if !body::is_fetched(&text) || name == ADDRESSED => value.clone(),
            _ => {
                note_unread(command, value, outside);
                command.fields.unread_flags.insert(name.clone());
                value.clone()
            }
        };
        if given.values.len() == 1 {
            command.flags.extend(members(&text).map(|value| Flag { name: name.clone(), value: Some(value) }));
        }
        command.flags.push(Flag { name: name.clone(), value: Some(text) });
    }
}

/// The members of a list that is given as one word of JSON.
fn members(text: &OsStr) -> impl Iterator<Item = OsString> + use<> {
    let text = text.to_str().filter(|text| text.trim_start().starts_with('['));
    let list: Vec<Json> = text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    list.into_iter().filter(|member| !member.is_object() && !member.is_array()).map(|member| shown(&member))
}

/// Tells people that the worst is assumed of what a value names.
fn note_unread(command: &mut Command, value: &OsStr, outside: &Outside<'_>) {
    // An address is mostly just that.
    let Some(named) = body::file(value) else { return };
    let (what, why) = (sanitize::word(value), body::why_unread(named, outside));
    command.notes.push(format!("{what} was not read ({why}), so it is taken for the worst that it may be"));
}

/// Adds the parameters of `--cli-input-json` that no option gives.
fn of_input(command: &mut Command, input: &Given, given: &[Given], outside: &Outside<'_>) {
    let text = match input.values.as_slice() {
        [value] => match body::content(value, outside) {
            body::Content::Text(text) => Some(text),
            body::Content::Unread => None,
        },
        _ => None,
    };
    let from_file = input.values.iter().any(|value| body::file(value).is_some());
    let Some(Json::Object(entries)) = text.and_then(|text| object(&text, &input.name)) else {
        for value in &input.values {
            note_unread(command, value, outside);
        }
        command.fields.unread = true;
        command.fields.flags_unread = true;
        return;
    };
    let given: BTreeSet<&str> = given.iter().map(|one| one.name.as_str()).collect();
    for (key, value) in entries {
        let path = names::option(&key);
        let name = format!("--{path}");
        let replaced = given.contains(name.as_str()) || given.contains(format!("--no-{path}").as_str());
        // No parameter of the API has such a name.
        let is_sure = !from_file && !key.contains('-');
        if replaced || (!is_sure && REHEARSING.contains(&name.as_str())) {
            continue;
        }
        body::json(&path, &value, &mut command.fields, 0);
        let values = match &value {
            Json::Array(members) => members.iter().map(shown).collect(),
            value => vec![shown(value)],
        };
        command.flags.extend(values.into_iter().map(|value| Flag { name: name.clone(), value: Some(value) }));
    }
}

fn shown(value: &Json) -> OsString {
    match value {
        Json::String(text) => text.into(),
        other => other.to_string().into(),
    }
}

/// A body as JSON, or as the YAML that v2 takes: without what is written once and
/// stands in many places, which can be made to fill all memory, and without keys
/// that are merged.
fn object(text: &str, option: &str) -> Option<Json> {
    let nests = || text.chars().filter(|c| matches!(c, '[' | '{')).count() > YAML_NESTING;
    let is_yaml =
        option.starts_with("--cli-input-y") && text.len() <= YAML && !text.contains(['&', '<']) && !nests();
    let yaml = || if is_yaml { serde_yaml::from_str(text).ok() } else { None };
    serde_json::from_str(text).ok().or_else(yaml)
}

/// Reads the words of a command that aws implements itself and whose words may
/// stand alone.
pub(super) fn of_own_command(
    command: &mut Command,
    words: &[OsString],
    options: &[Opt],
    outside: &Outside<'_>,
) {
    if words == ["help"] {
        command.inert = Some(Inert::Help);
        return;
    }
    let pass = argparse::pass_loosely(words, options);
    command.operands = pass.positionals;
    for given in &pass.given {
        set(command, given, outside);
    }
    for word in pass.rest {
        let (name, value) = argparse::split_value(&word);
        if word == "--help" || word == "-h" {
            command.inert = Some(Inert::Help);
        }
        // What follows may be its value.
        command.uncertain = true;
        command.flags.push(Flag { name: name.to_string_lossy().into_owned(), value });
    }
    command.abbreviates = command.uncertain;
}

/// Whether the last of the switches `--name` and `--no-name` says yes.
pub(super) fn is_on(command: &Command, name: &str) -> bool {
    let negated = format!("--no-{}", name.trim_start_matches('-'));
    let says = |flag: &Flag| {
        let yes = flag.value.as_deref().is_none_or(|value| value == "true");
        if begins(&flag.name, &negated) {
            Some(false)
        } else {
            (flag.name.len() > 4 && begins(&flag.name, name)).then_some(yes)
        }
    };
    command.flags.iter().rev().find_map(says).unwrap_or(false)
}

#[cfg(test)]
mod tests;
