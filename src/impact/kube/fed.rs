//! What a command is fed: standard input and what a URL holds, read once, so that what
//! was judged and approved is what it gets.
//!
//! kubectl itself fetches a URL, and tells what is there as it reads it; what a kustomization
//! comes to, it prints. Only one such source is read. Standard input becomes the sealed file as
//! soon as it is read: whoever reads it after that, here or in the tool, reads the same.
//! A pipe that is named by its path is kept for whoever asks again.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{IsTerminal as _, Read};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::FileTypeExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::Deserialize as _;
use serde_yaml::Value;

use super::looks::Looks;
use super::words::is_stream;
use crate::command::cobra::Parsed;
use crate::command::kubectl::TABLE;
use crate::command::kubectl::sources::{FILENAME, KUSTOMIZE, Source, sources};
use crate::command::{self, Command};
use crate::context::kube::manifests;
use crate::impact::probe::MOST;
use crate::impact::sealed::{Open, Sealed};
use crate::impact::{Given, Impact, ImpactError, Run, Subject};
use crate::process::absolute;
use crate::verdict::PrincipalKind;

/// How kubectl names standard input.
const INPUT: &str = "-";

/// How many objects are told by name.
const TOLD: usize = 20;

/// Where the one source stands that is no file.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    value: OsString,
    what: What,
    /// Which argument holds the flag.
    flag: usize,
    /// Which argument holds the value: the same where they are one.
    at: usize,
}

/// What it is.
#[derive(Debug, PartialEq, Eq)]
enum What {
    Input,
    Url,
    /// A pipe or a device, by its path.
    Stream,
    /// The directory of a kustomization, or a URL of one.
    Kustomization,
}

/// What came of reading it.
#[derive(Debug, Default)]
pub struct Fed {
    /// The command with what it is fed as a file: for looks at what it would do, whose
    /// standard input is empty. `None` where it is fed nothing, or that was not read.
    pub command: Option<Command>,
    /// Whether it could not be read.
    pub(super) is_unknown: bool,
    /// The path by which `command` names it, and the name by which kubectl speaks of it.
    pub(super) named: Option<(String, String)>,
    run: Option<Run>,
    line: Option<String>,
}

impl Fed {
    /// Adds it to what is found otherwise. What runs in place of the command already
    /// reads nothing.
    pub fn add_to(self, impact: &mut Impact) {
        if let Some((path, name)) = &self.named {
            impact.lines.iter_mut().for_each(|line| *line = line.replace(path, name));
        }
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
    let Some(place) = place(&TABLE.parse(arguments), arguments, Some(subject.directory)) else {
        // Of several, or one that is written in an odd way, nobody but kubectl knows what it comes to.
        let is_built = manifests::builds(&command.path) && command.values(KUSTOMIZE).next().is_some();
        return Ok(Fed { is_unknown: is_built, ..Fed::default() });
    };
    let name = place.value.to_string_lossy();
    let (read, told) = match place.what {
        What::Input => (standard_input()?, "standard input".to_owned()),
        What::Stream => (stream(&absolute(subject.directory, Path::new(&place.value)))?, name.into_owned()),
        What::Url | What::Kustomization => match fetched(looks, &place) {
            Ok(sealed) => (Some(sealed), name.into_owned()),
            Err(why) => {
                let line = Some(format!("what {name} holds is not known: {why}"));
                return Ok(Fed { line, is_unknown: true, ..Fed::default() });
            }
        },
    };
    let Some(sealed) = read else { return Ok(Fed::default()) };
    let bytes = sealed.bytes().map_err(failed)?;
    sealed.inherit().map_err(failed)?;
    let seen = place.replaced(arguments, sealed.path().as_os_str());
    let approved = format!("stdin:{}", sealed.sha256());
    let spoken = if place.what == What::Input { "STDIN" } else { &*told };
    let seen_as = sealed.path().to_string_lossy().into_owned();
    // Whoever asks at a terminal still has it where something else is read.
    let (word, given) = match place.what {
        What::Input => (OsString::from(INPUT), Given::Input(sealed)),
        _ => (sealed.path().into_os_string(), Given::File(sealed)),
    };
    Ok(Fed {
        named: Some((seen_as, spoken.to_owned())),
        command: command::parse(&command.tool, &seen, subject.environment()).ok(),
        line: Some(format!("{told} ({} bytes): {}", bytes.len(), told_of(&bytes))),
        is_unknown: false,
        run: Some(Run {
            arguments: place.replaced(arguments, &word),
            approved: place.replaced(arguments, approved.as_ref()),
            command: None,
            given: Some(given),
        }),
    })
}

/// `arguments` that read `sealed` from a path instead of standard input.
///
/// # Errors
/// Where the system refuses to hand it on.
pub fn readable(arguments: &[OsString], sealed: &Sealed) -> std::io::Result<Vec<OsString>> {
    let place = place(&TABLE.parse(arguments), arguments, None).filter(|place| place.what == What::Input);
    let Some(place) = place else { return Ok(arguments.to_vec()) };
    sealed.inherit()?;
    Ok(place.replaced(arguments, sealed.path().as_os_str()))
}

/// Whether `command`, started in `directory`, changes anything by what it is fed: what that says is not
/// in the words. What a person types is left to kubectl.
pub fn acts(command: &Command, directory: Option<&Path>, principal: PrincipalKind) -> bool {
    if !manifests::act(command) {
        return false;
    }
    let named: Vec<Source> = command.values(FILENAME).flatten().flat_map(sources).collect();
    let types = principal == PrincipalKind::Human && std::io::stdin().is_terminal();
    let is_terminal = |path: &Path| path.metadata().is_ok_and(|found| found.file_type().is_char_device());
    let is_typed = |one: &Source| match one {
        Source::Input => types,
        Source::Path(path) => types && path.starts_with("/dev") && is_terminal(path),
        Source::Url(_) => false,
    };
    let is_special = |one: &Source| what(one, directory).is_some();
    let is_built = manifests::builds(&command.path) && command.values(KUSTOMIZE).next().is_some();
    is_built || (named.iter().any(is_special) && !named.iter().any(is_typed))
}

/// Whether they name what is no file: standard input, or a URL.
pub fn reads_once(arguments: &[OsString]) -> bool {
    let parsed = TABLE.parse(arguments);
    let named = parsed.flags.iter().filter(|flag| flag.name == FILENAME);
    let mut each = named.filter_map(|flag| flag.value.as_deref()).flat_map(sources);
    each.any(|one| what(&one, None).is_some())
}

/// What one of the names is that are none of files.
fn what(source: &Source, directory: Option<&Path>) -> Option<What> {
    match source {
        Source::Input => Some(What::Input),
        Source::Url(_) => Some(What::Url),
        Source::Path(path) => directory.filter(|base| is_stream(path, base)).map(|_| What::Stream),
    }
}

/// The one source that is no file. `None` where there is none, or more than one.
fn place(parsed: &Parsed, arguments: &[OsString], directory: Option<&Path>) -> Option<Place> {
    let builds = manifests::builds(&parsed.path);
    let named = parsed.flags.iter().zip(&parsed.places);
    let mut places = named.filter_map(|(flag, [at, end])| {
        let value = flag.value.as_deref()?;
        let what = match flag.name.as_str() {
            FILENAME => sources(value).iter().find_map(|one| what(one, directory)),
            KUSTOMIZE => Some(What::Kustomization).filter(|_| builds),
            _ => None,
        };
        Some(Place { value: value.to_owned(), what: what?, flag: *at, at: *end })
    });
    let place = places.next()?;
    let is_kustomized = place.what == What::Kustomization;
    let word = arguments.get(place.flag)?.as_bytes();
    // `-Rf-` is nobody's way to write it.
    let plain = match (place.flag == place.at, is_kustomized) {
        (true, true) => word.starts_with(b"--") || word.starts_with(b"-k"),
        (true, false) => word.starts_with(b"--") || word.starts_with(b"-f"),
        (false, true) => word == b"-k" || word == KUSTOMIZE.as_bytes(),
        (false, false) => true,
    };
    let single = is_kustomized || !place.value.as_bytes().iter().any(|byte| b",\"".contains(byte));
    (places.next().is_none() && plain && single).then_some(place)
}

impl Place {
    fn replaced(&self, arguments: &[OsString], value: &OsStr) -> Vec<OsString> {
        let mut arguments = arguments.to_vec();
        if self.flag == self.at {
            if let Some(word) = arguments.get_mut(self.at) {
                *word = OsString::from(FILENAME);
                word.push("=");
                word.push(value);
            }
            return arguments;
        }
        if let Some(flag) = arguments.get_mut(self.flag).filter(|_| self.what == What::Kustomization) {
            *flag = FILENAME.into();
        }
        if let Some(word) = arguments.get_mut(self.at) {
            value.clone_into(word);
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
    if input.is_terminal() {
        return Ok(None);
    }
    let Some(sealed) = whole(&mut input.lock())? else { return Ok(None) };
    sealed.as_standard_input().map_err(failed)?;
    Ok(Some(sealed))
}

/// All of a pipe or a device, which is read once by this process. `None` as for standard input.
fn stream(path: &Path) -> Result<Option<Sealed>, ImpactError> {
    /// What was read already: only one is ever read.
    static READ: Mutex<Option<(PathBuf, Vec<u8>)>> = Mutex::new(None);
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, bytes)) = read.as_ref().filter(|(known, _)| known == path) {
        return Sealed::of(bytes).map(Some).map_err(failed);
    }
    // What is not there is kubectl's to complain of.
    let Ok(mut file) = File::open(path) else { return Ok(None) };
    if file.is_terminal() {
        return Ok(None);
    }
    let sealed = whole(&mut file)?;
    if let Some(sealed) = &sealed {
        *read = Some((path.to_path_buf(), sealed.bytes().map_err(failed)?));
    }
    Ok(sealed)
}

/// All that `input` holds. `None` where there are no sealed files.
fn whole(input: &mut dyn Read) -> Result<Option<Sealed>, ImpactError> {
    if Open::new().is_err() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    input.take(MOST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MOST {
        let long = format!("what it is fed is longer than {} MiB: name a file", MOST >> 20);
        return Err(ImpactError::Unsound(long));
    }
    Sealed::of(&bytes).map(Some).map_err(failed)
}

/// What is at a URL, or what a kustomization comes to, by kubectl, which asks no cluster for this.
fn fetched(looks: &Looks<'_>, place: &Place) -> Result<Sealed, String> {
    let words: &[&str] = match place.what {
        What::Kustomization => &["kustomize", "--"],
        _ => &["patch", "--local", "--type=merge", "-p={}", "-o=json", "-f"],
    };
    let arguments = words.iter().map(OsString::from).chain([place.value.clone()]);
    let printed = looks.fetched(arguments.collect(), &place.value.to_string_lossy())?;
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
            ("apply -k .", Some("apply --filename stdin:x")),
            ("-n dev apply --kustomize=dev --prune", Some("-n dev apply --filename=stdin:x --prune")),
            ("apply -kdev", Some("apply --filename=stdin:x")),
            ("delete -k .", None),
            ("apply -Rk .", None),
            ("apply -k a -k b", None),
            ("apply -f /dev/stdin", Some("apply -f stdin:x")),
            ("apply -R -f /dev/fd/63", Some("apply -R -f stdin:x")),
            ("delete -f /proc/self/fd/0", Some("delete -f stdin:x")),
            ("apply -f /dev/fd/62 -f /dev/fd/63", None),
            ("apply -f a.yaml,-", None),
            ("apply -f - -f https://h/x", None),
            ("apply -Rf-", None),
            ("get pods -", None),
            ("exec web -- cat -f -", None),
        ] {
            let arguments = words(line);
            let found = place(&TABLE.parse(&arguments), &arguments, Some(Path::new("/")));
            let replaced = found.map(|place| place.replaced(&arguments, OsStr::new("stdin:x")));
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
