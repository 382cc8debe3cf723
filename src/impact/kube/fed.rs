//! What a command is fed: standard input and what a URL holds, read once, so that what
//! was judged and approved is what it gets.
//!
//! kubectl itself fetches a URL, and tells what is there as it reads it. Only one such
//! source is read. Standard input becomes the sealed file as soon as it is read: whoever
//! reads it after that, here or in the tool, reads the same.

use std::ffi::{OsStr, OsString};
use std::io::{IsTerminal as _, Read as _};
use std::os::unix::ffi::OsStrExt as _;

use serde::Deserialize as _;
use serde_yaml::Value;

use super::looks::Looks;
use crate::command::cobra::Parsed;
use crate::command::kubectl::TABLE;
use crate::command::{self, Command};
use crate::context::kube::manifests;
use crate::impact::probe::MOST;
use crate::impact::sealed::{Open, Sealed};
use crate::impact::{Given, Impact, ImpactError, Run, Subject};
use crate::verdict::PrincipalKind;

/// How kubectl names standard input.
const INPUT: &str = "-";

/// The flag that names what is read.
const FILENAME: &str = "--filename";

/// How many objects are told by name.
const TOLD: usize = 20;

/// Where the one source stands that is no file.
#[derive(Debug, PartialEq, Eq)]
struct Source {
    value: OsString,
    /// Which argument holds it.
    at: usize,
    /// Whether that argument holds the flag as well.
    joined: bool,
}

/// What came of reading it.
#[derive(Debug, Default)]
pub struct Fed {
    /// The command with what it is fed as a file: for looks at what it would do, whose
    /// standard input is empty. `None` where it is fed nothing, or that was not read.
    pub command: Option<Command>,
    run: Option<Run>,
    line: Option<String>,
}

impl Fed {
    /// Adds it to what is found otherwise. What runs in place of the command already
    /// reads nothing.
    pub fn add_to(self, impact: &mut Impact) {
        impact.lines.extend(self.line);
        impact.run = impact.run.take().or(self.run);
    }
}

/// Reads what `subject` is fed, where it is fed anything. What nobody can read without
/// waiting for a person is left to kubectl.
///
/// # Errors
/// Where standard input cannot be read whole: what was read of it, kubectl could not get.
pub(super) fn feed(subject: &Subject<'_>, looks: &Looks<'_>) -> Result<Fed, ImpactError> {
    let command = subject.command;
    if !subject.has_input || command.conventional || command.uncertain {
        return Ok(Fed::default());
    }
    let arguments = &subject.program.arguments;
    let Some(source) = source(&TABLE.parse(arguments), arguments) else { return Ok(Fed::default()) };
    let (sealed, told) = if source.value == INPUT {
        let Some(sealed) = standard_input()? else { return Ok(Fed::default()) };
        (sealed, "standard input".to_owned())
    } else {
        let url = source.value.to_string_lossy().into_owned();
        match fetched(looks, &source.value) {
            Ok(sealed) => (sealed, url),
            Err(why) => {
                let line = Some(format!("what {url} holds is not known: {why}"));
                return Ok(Fed { line, ..Fed::default() });
            }
        }
    };
    let bytes = sealed.bytes().map_err(failed)?;
    sealed.inherit().map_err(failed)?;
    let seen = source.replaced(arguments, sealed.path().as_os_str());
    let approved = format!("stdin:{}", sealed.sha256());
    Ok(Fed {
        command: command::parse(&command.tool, &seen, subject.environment()).ok(),
        line: Some(format!("{told} ({} bytes): {}", bytes.len(), told_of(&bytes))),
        run: Some(Run {
            arguments: source.replaced(arguments, INPUT.as_ref()),
            approved: source.replaced(arguments, approved.as_ref()),
            given: Some(Given::Input(sealed)),
        }),
    })
}

/// `arguments` that read `sealed` from a path instead of standard input.
///
/// # Errors
/// Where the system refuses to hand it on.
pub fn readable(arguments: &[OsString], sealed: &Sealed) -> std::io::Result<Vec<OsString>> {
    let source = source(&TABLE.parse(arguments), arguments).filter(|source| source.value == INPUT);
    let Some(source) = source else { return Ok(arguments.to_vec()) };
    sealed.inherit()?;
    Ok(source.replaced(arguments, sealed.path().as_os_str()))
}

/// Whether `command` sends what it is fed to the server: what it says is not in the words. What a
/// person types is left to kubectl.
pub fn sends(command: &Command, principal: PrincipalKind) -> bool {
    let values: Vec<&OsStr> = command.values(FILENAME).flatten().collect();
    let types = || principal == PrincipalKind::Human && std::io::stdin().is_terminal();
    let is_special = values.iter().any(|value| is_special(value));
    is_special && manifests::sends(command) && !(values.iter().any(|value| *value == INPUT) && types())
}

/// Whether they name what is no file: standard input, or a URL.
pub fn reads_once(arguments: &[OsString]) -> bool {
    let parsed = TABLE.parse(arguments);
    let named = parsed.flags.iter().filter(|flag| flag.name == FILENAME);
    named.filter_map(|flag| flag.value.as_deref()).any(is_special)
}

/// Whether a value of the flag, which may be a list, names what is no file.
fn is_special(value: &OsStr) -> bool {
    let text = value.to_string_lossy();
    let mut each = text.split(',').map(|one| one.trim_matches('"'));
    each.any(|one| one == INPUT || one.starts_with("http://") || one.starts_with("https://"))
}

/// The one source that is no file. `None` where there is none, or more than one.
fn source(parsed: &Parsed, arguments: &[OsString]) -> Option<Source> {
    let named = parsed.flags.iter().zip(&parsed.places).filter(|(flag, _)| flag.name == FILENAME);
    let mut sources = named.filter_map(|(flag, [at, end])| {
        let value = flag.value.as_deref()?;
        is_special(value).then(|| Source { value: value.to_owned(), at: *end, joined: at == end })
    });
    let source = sources.next()?;
    let word = arguments.get(source.at)?.as_bytes();
    // `-Rf-` is nobody's way to write it.
    let plain = !source.joined || word.starts_with(b"--") || word.starts_with(b"-f");
    let single = !source.value.as_bytes().iter().any(|byte| b",\"".contains(byte));
    (sources.next().is_none() && plain && single).then_some(source)
}

impl Source {
    fn replaced(&self, arguments: &[OsString], value: &OsStr) -> Vec<OsString> {
        let mut arguments = arguments.to_vec();
        if let Some(word) = arguments.get_mut(self.at) {
            word.clear();
            if self.joined {
                word.push("--filename=");
            }
            word.push(value);
        }
        arguments
    }
}

fn failed(source: std::io::Error) -> ImpactError {
    ImpactError::System { what: "reading what it is fed", source }
}

/// All of standard input, which is the sealed file from then on. `None` where a person
/// types it, and where there are no such files.
fn standard_input() -> Result<Option<Sealed>, ImpactError> {
    let input = std::io::stdin();
    if input.is_terminal() || Open::new().is_err() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    input.lock().take(MOST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MOST {
        let long = format!("what it is fed is longer than {} MiB: name a file", MOST >> 20);
        return Err(ImpactError::Unsound(long));
    }
    let sealed = Sealed::of(&bytes).map_err(failed)?;
    sealed.as_standard_input().map_err(failed)?;
    Ok(Some(sealed))
}

/// What is at `url`, fetched by kubectl, which asks no cluster for this.
fn fetched(looks: &Looks<'_>, url: &OsStr) -> Result<Sealed, String> {
    let words = ["patch", "--local", "--type=merge", "-p={}", "-o=json", "-f"];
    let arguments = words.into_iter().map(OsStr::new).chain([url]);
    let printed = looks.printed(arguments.map(OsStr::to_owned).collect())?;
    Sealed::of(&printed).map_err(|error| error.to_string())
}

/// The objects in manifests, by kind and name.
fn told_of(bytes: &[u8]) -> String {
    let mut objects = Vec::new();
    let Ok(text) = std::str::from_utf8(bytes) else { return "no text".to_owned() };
    for document in serde_yaml::Deserializer::from_str(text) {
        match Value::deserialize(document) {
            Ok(value) => name(&value, &mut objects),
            Err(_) if text.trim_start().starts_with('{') => {
                objects.clear();
                break;
            }
            Err(_) => return "it cannot be read as manifests".to_owned(),
        }
    }
    // kubectl prints one object of JSON after the other, which is no YAML.
    if objects.is_empty() {
        let values = serde_json::Deserializer::from_str(text).into_iter::<Value>().map_while(Result::ok);
        values.for_each(|value| name(&value, &mut objects));
    }
    if objects.is_empty() {
        return "no objects".to_owned();
    }
    let more = objects.len().saturating_sub(TOLD);
    objects.truncate(TOLD);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    objects.join(", ") + &rest
}

fn name(value: &Value, objects: &mut Vec<String>) {
    if let Some(items) = value.get("items").and_then(Value::as_sequence) {
        return items.iter().for_each(|item| name(item, objects));
    }
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let Some(kind) = text(value.get("kind")) else { return };
    let metadata = value.get("metadata");
    let named = |key: &str| text(metadata.and_then(|metadata| metadata.get(key)));
    let own = named("name").or_else(|| named("generateName")).unwrap_or_else(|| "?".to_owned());
    let place = named("namespace").map(|namespace| format!("{namespace}/")).unwrap_or_default();
    objects.push(format!("{} {place}{own}", kind.to_lowercase()));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn the_one_source_that_is_no_file_is_replaced() {
        for (line, expected) in [
            ("apply -f -", Some("apply -f stdin:x")),
            ("apply -f- -n prod", Some("apply --filename=stdin:x -n prod")),
            ("apply -f=-", Some("apply --filename=stdin:x")),
            ("apply --filename=- x", Some("apply --filename=stdin:x x")),
            ("delete --filename - --wait=false", Some("delete --filename stdin:x --wait=false")),
            ("-n - delete -f -", Some("-n - delete -f stdin:x")),
            ("create -f a.yaml -f -", Some("create -f a.yaml -f stdin:x")),
            ("apply -f https://h/x.yaml", Some("apply -f stdin:x")),
            ("apply -f a.yaml", None),
            ("apply -k .", None),
            ("apply -f a.yaml,-", None),
            ("apply -f - -f https://h/x", None),
            ("apply -Rf-", None),
            ("get pods -", None),
            ("exec web -- cat -f -", None),
        ] {
            let arguments = words(line);
            let found = source(&TABLE.parse(&arguments), &arguments);
            let replaced = found.map(|source| source.replaced(&arguments, OsStr::new("stdin:x")));
            assert_eq!(replaced, expected.map(words), "{line}");
        }
    }

    #[test]
    fn people_are_told_what_is_in_manifests() {
        for (text, told) in [
            ("", "no objects"),
            (
                "kind: Pod\nmetadata: {name: a, namespace: b}\n---\nkind: X\nmetadata: {generateName: c-}\n",
                "pod b/a, x c-",
            ),
            ("kind: List\nitems: [{kind: Pod, metadata: {name: a}}]", "pod a"),
            (
                "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}}\n{\"kind\":\"Job\",\"metadata\":{\"name\":\"b\"}}\n",
                "pod a, job b",
            ),
            ("a: b: c", "it cannot be read as manifests"),
            ("just words", "no objects"),
        ] {
            assert_eq!(told_of(text.as_bytes()), told, "{text}");
        }
    }
}
