//! The namespaces that manifests name: kubectl acts there, whatever its context says.
//!
//! Read as kubectl reads them: files, directories (their `.json`, `.yaml` and `.yml`, below
//! them too with `-R`), patterns, several documents in one file, lists, and of a
//! kustomization what its own files say. Standard input, pipes and what is behind a URL
//! are not read here: they can be read only once, and the command is still to come.
//!
//! What kubectl reads and this does not, for it is too much or cannot be understood, is
//! said to be unreadable. A missing file is kubectl's to complain of.

mod kustomization;
mod pattern;

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize as _;
use serde_yaml::Value;

use crate::command::Command;
use crate::command::kubectl::sources::{FILENAME, KUSTOMIZE, Source, sources};
use crate::files;
use crate::process::absolute;

/// The largest file that is read, in bytes.
const FILE: u64 = 12 << 20;

/// What all files together may hold, in bytes.
const TOTAL: u64 = 24 << 20;

/// How many files are read.
const FILES: usize = 1000;

/// How many names of a directory are read.
const NAMES: usize = 4096;

/// How deep directories and kustomizations may lie in each other.
const DEPTH: usize = 32;

/// Paths by which standard input is known.
const STREAMS: [&str; 3] = ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

/// Commands that change nothing.
const READING: [&str; 9] = [
    "get",
    "describe",
    "diff",
    "wait",
    "kustomize",
    "events",
    "apply view-last-applied",
    "rollout history",
    "rollout status",
];

/// Commands that send what manifests say.
pub const SENDING: [&str; 3] = ["apply", "create", "replace"];

/// What manifests name.
#[derive(Debug, Default)]
pub(super) struct Manifests {
    /// The namespaces, those that are objects among them.
    pub(super) namespaces: BTreeSet<String>,
    /// What could not be read, with the reason.
    pub(super) unread: BTreeSet<String>,
    /// Whether what a kustomization comes to is found out before it runs: what is fetched for that is read
    /// and judged then (`impact::kube::fed`).
    is_built: bool,
    /// The objects themselves, where they are wanted.
    objects: Option<Vec<Value>>,
    bytes: u64,
    files: usize,
}

/// What the manifests name that `command`, started in `directory`, would act by.
pub(super) fn of(command: &Command, directory: &Path) -> Manifests {
    read(command, directory, Manifests::default())
}

/// The objects in the manifests that `command`, started in `directory`, would send: for `apply`,
/// `create` and `replace`, with those that its line is known to feed it. Those of a kustomization
/// are as its files have them. `None` where some cannot be read.
pub fn objects(command: &Command, directory: &Path) -> Option<Vec<Value>> {
    if !sends(command) {
        return Some(Vec::new());
    }
    let found = read(command, directory, Manifests { objects: Some(Vec::new()), ..Manifests::default() });
    found.objects.filter(|_| found.unread.is_empty())
}

/// Whether `command` sends what manifests say to the server.
pub fn sends(command: &Command) -> bool {
    matches!(command.path.as_slice(), [verb] if SENDING.contains(&verb.as_str())) && act(command)
}

/// Whether `command` changes anything by what manifests name.
pub fn act(command: &Command) -> bool {
    let names = |flag: &str| command.values(flag).next().is_some();
    let is_real =
        command.tool == "kubectl" && !command.conventional && command.inert.is_none() && !command.rehearsed;
    is_real && (names(FILENAME) || names(KUSTOMIZE)) && !reads(&command.path)
}

/// Whether the command of this name changes nothing.
pub fn reads(path: &[String]) -> bool {
    READING.contains(&&*path.join(" "))
}

/// Whether a kustomization is built before the command of this name runs, which is given what it comes
/// to. What is deleted is looked up by its files' names and asked about.
pub fn builds(path: &[String]) -> bool {
    !reads(path) && path != ["delete"]
}

fn read(command: &Command, directory: &Path, mut found: Manifests) -> Manifests {
    if !act(command) {
        return found;
    }
    let recursive = is_recursive(command);
    found.is_built = builds(&command.path);
    for source in command.values(FILENAME).flatten().flat_map(sources) {
        match source {
            Source::Path(name) if STREAMS.iter().any(|one| name == Path::new(one)) => {
                found.input(command.input.as_deref().unwrap_or_default());
            }
            Source::Path(name) => found.named(&absolute(directory, &name), recursive),
            Source::Input => found.input(command.input.as_deref().unwrap_or_default()),
            Source::Url(_) => {}
        }
    }
    for value in command.values(KUSTOMIZE).flatten() {
        let is_elsewhere = |name: &&str| kustomization::is_elsewhere(name) && !found.is_built;
        if let Some(name) = value.to_str().filter(is_elsewhere) {
            found.unread(Path::new(name), "what is fetched is not read");
        }
        found.kustomization(&absolute(directory, Path::new(value)), What::Everything, 0);
    }
    found
}

/// The files that kubectl reads of what one value of `-f` names.
#[derive(Debug, Default)]
pub struct Listed {
    /// Their paths: at most one more than are ever read.
    pub files: Vec<PathBuf>,
    /// What could not be listed, with the reason.
    pub unread: Vec<String>,
}

impl Listed {
    /// Those of a file, a directory or a pattern, with all directories below it where `recursive`. A pipe
    /// by its path is none of them: it is read by whoever runs the command (`impact::kube::fed`).
    pub fn of(path: &Path, recursive: bool) -> Self {
        let mut listed = Self::default();
        if path.is_file() || path.is_dir() {
            listed.there(path, recursive);
        } else if !path.exists() {
            match pattern::expanded(path) {
                Ok(found) => found.iter().for_each(|path| listed.there(path, recursive)),
                Err(why) => listed.unread.push(format!("{}: {why}", path.display())),
            }
        }
        listed
    }

    /// Whether there are more than are ever read.
    pub fn is_too_much(&self) -> bool {
        self.files.len() > FILES
    }

    fn there(&mut self, path: &Path, recursive: bool) {
        if path.is_dir() { self.directory(path, recursive, 0) } else { self.files.push(path.to_owned()) }
    }

    fn directory(&mut self, path: &Path, recursive: bool, depth: usize) {
        if depth > DEPTH {
            return self.unread.push(format!("{}: too deep to be read", path.display()));
        }
        let names = match files::names(path, NAMES) {
            Ok(names) => names.unwrap_or_default(),
            Err(why) => return self.unread.push(why),
        };
        for name in names {
            let path = path.join(name);
            // kubectl follows links to files, and none to directories.
            let is_directory = path.symlink_metadata().is_ok_and(|found| found.is_dir());
            let suffix = path.extension().and_then(OsStr::to_str);
            if is_directory && recursive {
                self.directory(&path, recursive, depth + 1);
            } else if !is_directory && matches!(suffix, Some("json" | "yaml" | "yml")) {
                self.files.push(path);
            }
            if self.is_too_much() {
                return;
            }
        }
    }
}

/// Whether `command` reads the directories below those that it names.
pub fn is_recursive(command: &Command) -> bool {
    let last = command.flags.iter().rev().find(|flag| flag.name == "--recursive");
    last.is_some_and(|flag| flag.boolean() != Some(false))
}

/// What counts of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// Where it is.
    Everything,
    /// Only that it is a namespace: where it is, is said elsewhere.
    OwnName,
}

impl Manifests {
    /// What the line is known to feed it. What it does not tell of that stands there as a letter that
    /// nobody writes.
    fn input(&mut self, input: &[u8]) {
        let text = String::from_utf8_lossy(input);
        for document in documents(text.as_bytes()).unwrap_or_default() {
            self.object(&document, What::Everything);
            if let Some(objects) = &mut self.objects {
                single(document, objects);
            }
        }
    }

    /// What stands behind `-f`.
    fn named(&mut self, path: &Path, recursive: bool) {
        let listed = Listed::of(path, recursive);
        self.unread.extend(listed.unread);
        for file in listed.files {
            self.file(&file, What::Everything);
        }
    }

    fn file(&mut self, path: &Path, what: What) {
        if let Some(documents) = self.documents(path) {
            let plain = documents.iter().all(|document| self.object(document, what));
            if let Some(objects) = &mut self.objects {
                for document in documents {
                    single(document, objects);
                }
            }
            if !plain {
                self.unread(path, "it cannot be read as manifests");
            }
        }
    }

    /// The documents in a regular file.
    fn documents(&mut self, path: &Path) -> Option<Vec<Value>> {
        if !path.is_file() {
            if path.exists() && !path.is_dir() {
                self.unread(path, "it is a pipe or a device");
            }
            return None;
        }
        self.files += 1;
        if self.files > FILES {
            self.unread.insert(format!("more than {FILES} files of manifests"));
            return None;
        }
        let bytes = match files::read(path, FILE.min(TOTAL.saturating_sub(self.bytes))) {
            Ok(bytes) => bytes?,
            Err(why) => {
                self.unread.insert(why);
                return None;
            }
        };
        self.bytes += bytes.len() as u64;
        let documents = documents(&bytes);
        if documents.is_none() {
            self.unread(path, "it cannot be read as manifests");
        }
        documents
    }

    /// What one object says, and each of a list. False where kubectl may read it otherwise.
    fn object(&mut self, object: &Value, what: What) -> bool {
        let items = object.get("items").and_then(Value::as_sequence).into_iter().flatten();
        let mut plain = is_plain(object) && object.get("metadata").is_none_or(is_plain);
        for item in items {
            plain &= self.object(item, what);
        }
        let text = |key: &str| object.get(key).and_then(Value::as_str);
        let metadata = |key: &str| object.get("metadata")?.get(key)?.as_str();
        let is_namespace = text("kind") == Some("Namespace") && text("apiVersion") == Some("v1");
        let own = metadata("name").filter(|_| is_namespace);
        let place = metadata("namespace").filter(|_| what == What::Everything);
        let names = own
            .into_iter()
            .chain(place)
            .filter(|name| !name.is_empty() && !name.contains(char::REPLACEMENT_CHARACTER));
        self.namespaces.extend(names.map(str::to_owned));
        plain && object.get("metadata").and_then(|found| found.get("namespace")).is_none_or(is_text)
    }

    fn unread(&mut self, path: &Path, why: &str) {
        self.unread.insert(format!("{}: {why}", path.display()));
    }
}

/// Adds an object, or each that a list has: those of a list of one kind need not name it.
fn single(mut object: Value, objects: &mut Vec<Value>) {
    let text = |object: &Value, key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
    let kind = text(&object, "kind").unwrap_or_default();
    let Some(kind) = kind.strip_suffix("List") else { return objects.push(object) };
    let group = text(&object, "apiVersion");
    let Some(Value::Sequence(items)) = object.get_mut("items").map(std::mem::take) else {
        return objects.push(object);
    };
    for mut item in items {
        if text(&item, "kind").is_none_or(|own| own.is_empty())
            && let Value::Mapping(fields) = &mut item
        {
            fields.insert("kind".into(), kind.into());
            fields.extend(group.clone().map(|group| ("apiVersion".into(), group.into())));
        }
        single(item, objects);
    }
}

/// The documents of a text that is YAML, or JSON one after the other. `None` where kubectl
/// may read another text than this does.
fn documents(bytes: &[u8]) -> Option<Vec<Value>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let read: Result<Vec<Value>, _> =
        serde_yaml::Deserializer::from_str(text).map(Value::deserialize).collect();
    let mut documents = if let Ok(documents) = read {
        documents
    } else {
        let objects = serde_json::Deserializer::from_str(text).into_iter::<Value>();
        objects.collect::<Result<_, _>>().ok()?
    };
    let merged = documents.iter_mut().all(|document| document.apply_merge().is_ok());
    (merged && !CODED.is_match(text)).then_some(documents)
}

/// Tags by which a text stands for another, also where their names are written in another way.
static CODED: LazyLock<Regex> = LazyLock::new(|| {
    #[expect(clippy::unwrap_used, reason = "a literal, which the tests compile")]
    Regex::new(r"!!binary|!![0-9A-Za-z-]*%|!<[^>\s]*>|(?m:^%TAG)").unwrap()
});

/// Whether no name in it is tagged: kubectl drops such a tag.
fn is_plain(value: &Value) -> bool {
    let mut names = value.as_mapping().into_iter().flat_map(|names| names.keys());
    !names.any(|name| matches!(name, Value::Tagged(_)))
}

/// Whether it is a text, or nothing. What else it is depends on the version of YAML.
fn is_text(value: &Value) -> bool {
    value.as_str().is_some() || value.is_null()
}

#[cfg(test)]
mod tests;
