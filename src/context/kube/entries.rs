//! What a command uses of the kubeconfigs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::config::{Raw, RawEntry, sources};
use super::options::Options;
use super::{Place, SERVICE_ACCOUNT};
use crate::command::Command;
use crate::context::entries::{Entries, Surroundings};
use crate::files;
use crate::process::{Environment, absolute};

/// Files that an entry names and that are read whole. Not the file of a token: that is
/// written anew all the time.
const FILES: [&str; 3] = ["certificate-authority", "client-certificate", "client-key"];

/// The longest word that may be the name of a file, in bytes.
const PATH: usize = 1024;

/// Adds what `command` uses: context, cluster and user, each by itself. Where it is not
/// certain which those are, everything counts.
pub(crate) fn entries(command: &Command, here: Surroundings<'_>, entries: &mut Entries) {
    let options = Options::of(command, here.environment);
    let place = Place::new(command, here.environment, &options, Path::new(SERVICE_ACCOUNT));
    let paths = place.paths(Some(here.directory));
    let mut raw = Raw::default();
    entries.partly.extend(paths.read.iter().cloned());
    for (path, found) in
        sources(&paths.read, &paths.default.unwrap_or_default(), &paths.old.unwrap_or_default())
    {
        let read = found.and_then(|bytes| match bytes {
            Some(bytes) => raw.add(path, &bytes).map_err(|cause| format!("{}: {cause}", path.display())),
            None => Ok(()),
        });
        entries.unread.extend(read.err());
    }
    // A plugin reads what it likes, and `config` writes.
    let unsure = command.conventional
        || command.uncertain
        || command.declared.is_some()
        || command.path.first().is_some_and(|word| word == "config");
    entries.files.extend(super::plugin::find(command, here.environment, Some(here.directory)));
    if unsure {
        if !raw.files.is_empty() {
            entries.put("kubeconfig", &Value::Array(raw.files.clone()));
        }
        let all: Vec<&RawEntry> = raw.clusters.values().chain(raw.users.values()).flatten().collect();
        return read_with(&all, here, entries);
    }
    let name = options.context.clone().unwrap_or_else(|| raw.current.clone());
    let contexts = named(&raw.contexts, &name);
    put("context", &name, &contexts, entries);
    let of_context = |key: &str| {
        let value = contexts.iter().find_map(|entry| entry.value.get(key)?.as_str());
        value.map(str::to_owned).unwrap_or_default()
    };
    let cluster = options.cluster.clone().unwrap_or_else(|| of_context("cluster"));
    let clusters = named(&raw.clusters, &cluster);
    put("cluster", &cluster, &clusters, entries);
    let user = options.user.clone().unwrap_or_else(|| of_context("user"));
    let users = named(&raw.users, &user);
    put("user", &user, &users, entries);
    let both: Vec<&RawEntry> = clusters.iter().chain(&users).collect();
    read_with(&both, here, entries);
}

/// Adds what clusters and users name.
fn read_with(used: &[&RawEntry], here: Surroundings<'_>, entries: &mut Entries) {
    for entry in used {
        entries.files.extend(trusted(entry));
        entries.files.extend(plugin(entry, here.environment));
        entries.files.extend(given(entry, here.directory));
    }
    // aws' own plugin, and what stands in for it, act as a profile.
    let plugins: Vec<&Value> = used.iter().filter_map(|entry| entry.value.get("exec")).collect();
    if !plugins.is_empty() {
        crate::context::aws::entries_of(plugins.into_iter().flat_map(profiles), here, entries);
    }
}

/// The profiles of aws that the program that fetches credentials is told to use.
fn profiles(exec: &Value) -> Vec<String> {
    let list = |key: &str| exec.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let words: Vec<&str> = list("args").iter().filter_map(Value::as_str).collect();
    let by_flag = words.windows(2).filter_map(|pair| match pair {
        ["--profile", name] => Some(*name),
        _ => None,
    });
    let joined = words.iter().filter_map(|word| word.strip_prefix("--profile="));
    let by_variable = list("env").iter().filter_map(|variable| {
        let text = |key: &str| variable.get(key)?.as_str();
        text("value").filter(|_| text("name").is_some_and(|name| name.ends_with("_PROFILE")))
    });
    by_flag.chain(joined).chain(by_variable).map(str::to_owned).collect()
}

fn named(all: &BTreeMap<String, Vec<RawEntry>>, name: &str) -> Vec<RawEntry> {
    all.get(name).cloned().unwrap_or_default()
}

/// Every file's entry of this name: the first counts, and what the others have is theirs
/// to add in some versions.
fn put(kind: &str, name: &str, found: &[RawEntry], entries: &mut Entries) {
    if !found.is_empty() {
        let values: Vec<&Value> = found.iter().map(|entry| &entry.value).collect();
        entries.put(format!("kubeconfig.{kind}"), &json!({ "name": name, "entries": values }));
    }
}

fn trusted(entry: &RawEntry) -> impl Iterator<Item = PathBuf> {
    let named = FILES.iter().filter_map(|key| entry.value.get(key)?.as_str());
    named.filter(|path| !path.is_empty()).map(|path| absolute(&entry.directory, Path::new(path)))
}

/// Files that this program is given: a script, a configuration, by an argument or a
/// variable. Each may be a line of a shell's.
fn given<'a>(entry: &'a RawEntry, directory: &'a Path) -> impl Iterator<Item = PathBuf> + 'a {
    let list = |at: &str| entry.value.pointer(at).and_then(Value::as_array).into_iter().flatten();
    let values = list("/exec/env").filter_map(|variable| variable.get("value"));
    let texts = list("/exec/args").chain(values).filter_map(Value::as_str);
    let words = texts.flat_map(|text| {
        let parts = text.split(|part: char| part.is_whitespace() || "=\"';&|()<>".contains(part));
        std::iter::once(text).chain(parts)
    });
    let words = words.filter(|word| !word.is_empty() && word.len() <= PATH && !word.contains('\0'));
    let found = words.map(|word| absolute(directory, Path::new(word)));
    found.filter(|path| path.is_file() || files::is_of_process(path))
}

/// The program that fetches the credentials.
fn plugin(entry: &RawEntry, environment: &Environment) -> Option<PathBuf> {
    let command = entry.value.pointer("/exec/command")?.as_str().filter(|command| !command.is_empty())?;
    if command.contains('/') {
        return Some(absolute(&entry.directory, Path::new(command)));
    }
    let mut found = std::env::split_paths(environment.get("PATH")?).map(|entry| entry.join(command));
    found.find(|path| path.is_absolute() && super::plugin::is_program(path))
}
