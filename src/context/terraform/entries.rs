//! What terraform reads of its directory: the configuration, the modules, the files that
//! these name, a state on this machine, and its own settings. Not providers: the lock file
//! has the hashes of those.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{expressions, state};
use crate::command::Command;
use crate::context::aws;
use crate::context::entries::{Entries, Surroundings, sorted};
use crate::context::target::Target;
use crate::files;
use crate::process::absolute;
use crate::verdict::Fact;

/// What files of a configuration end in.
const CONFIGURATION: [&str; 4] = [".tf", ".tf.json", ".tofu", ".tofu.json"];
const VARIABLES: [&str; 2] = [".tfvars", ".tfvars.json"];

/// The largest file of a configuration that is read for what it names, in bytes.
const FILE_LIMIT: u64 = 4 << 20;

/// How many names a directory may have.
const NAMES: usize = 4096;

/// What stands between words, beside white space: of shells and of terraform.
const BETWEEN: [char; 12] = ['"', '\'', '`', ';', '(', ')', '|', '&', '<', '>', ',', '='];

/// What is told of files that every process finds otherwise.
const PROCESSES: &str = "what the configuration reads below /proc is not compared";

/// More modules than this, or files that they name, are given together.
const SINGLE: usize = 64;

/// How deep the units of terragrunt may lie, and how many directories are looked into.
const UNIT_DEPTH: usize = 12;
const UNIT_DIRECTORIES: usize = 4096;

/// Adds what `command` reads.
pub(crate) fn entries(command: &Command, target: &Target, here: Surroundings<'_>, entries: &mut Entries) {
    let changed = command.directory.as_ref();
    let root =
        changed.map_or_else(|| here.directory.to_path_buf(), |to| absolute(here.directory, Path::new(to)));
    let data = here.environment.non_empty("TF_DATA_DIR");
    let data = data.map_or_else(|| root.join(".terraform"), |data| absolute(&root, Path::new(data)));
    let mut found = Found {
        root: &root,
        here,
        profiles: aws::profiles(here),
        named: BTreeSet::new(),
        used: BTreeSet::new(),
        states: BTreeSet::new(),
    };
    let own = configuration(&root, true, entries);
    found.read(&root, &own, entries);
    entries.files.extend(own);
    entries.files.insert(data.join("terraform.tfstate"));
    let selected = data.join("environment");
    match files::read(&selected, FILE_LIMIT) {
        // Trimmed as terraform does; the default workspace is that of no file.
        Ok(found) => {
            let text = found.unwrap_or_default();
            let name = String::from_utf8_lossy(&text).trim().to_owned();
            let name = if name == "default" { String::new() } else { name };
            entries.meanings.insert(selected, name);
        }
        Err(cause) => entries.unread.push(cause),
    }
    entries.files.insert(root.join(".terraform.lock.hcl"));
    settings(here, &root, entries);
    modules(&data, &mut found, entries);
    if command.tool == "terragrunt" {
        units(&root, entries);
    }
    let Found { mut named, mut used, states, .. } = found;
    let kept = state::of(command, target, &root, &data);
    entries.states.extend(states.into_iter().chain(kept.iter().map(|path| files::clean(path))));
    named.retain(|path| !entries.states.contains(path));
    if named.len() > SINGLE {
        entries.groups.insert("files".to_owned(), named);
    } else {
        entries.files.extend(named);
    }
    used.extend(target.values(Fact::Profile).map(str::to_owned));
    aws::entries_of(used, here, entries);
}

/// The files of a configuration in `directory`.
fn configuration(directory: &Path, is_root: bool, entries: &mut Entries) -> BTreeSet<PathBuf> {
    if files::is_of_process(directory) {
        let shown = directory.display();
        entries
            .unread
            .push(format!("{shown} leads through /proc or /dev/fd: let it be the directory itself"));
    }
    let names = files::names(directory, NAMES).unwrap_or_else(|cause| {
        entries.unread.push(cause);
        None
    });
    let is_read = |name: &OsString| {
        let name = name.to_string_lossy();
        let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
        // A hidden file is none of the configuration, but may give values.
        (ends(&CONFIGURATION) && !name.starts_with('.')) || (is_root && ends(&VARIABLES))
    };
    names.unwrap_or_default().into_iter().filter(is_read).map(|name| directory.join(name)).collect()
}

/// The files of settings: what the user has, wherever credentials and mirrors are named.
fn settings(here: Surroundings<'_>, root: &Path, entries: &mut Entries) {
    for variable in ["TF_CLI_CONFIG_FILE", "TERRAFORM_CONFIG"] {
        let named = here.environment.non_empty(variable);
        entries.files.extend(named.map(|path| absolute(root, Path::new(path))));
    }
    let Some(home) = here.environment.non_empty("HOME").map(Path::new).filter(|home| home.is_absolute())
    else {
        return;
    };
    let more = files::names(&home.join(".terraform.d"), NAMES).ok().flatten().unwrap_or_default();
    let more = more.into_iter().filter(|name| {
        let name = name.as_bytes();
        name.ends_with(b".tfrc") || name.ends_with(b".tfrc.json")
    });
    let own = [".terraformrc", ".tofurc"].map(|name| home.join(name)).into_iter();
    let own = own.filter(|path| path.symlink_metadata().is_ok());
    entries.files.extend(own.chain(more.map(|name| home.join(".terraform.d").join(name))));
}

/// The modules that `init` installed, or found below the directory.
fn modules(data: &Path, found: &mut Found<'_>, entries: &mut Entries) {
    let list = data.join("modules/modules.json");
    let listed = match files::read(&list, FILE_LIMIT) {
        Ok(None) => Ok(Value::Null),
        Ok(Some(bytes)) => serde_json::from_slice::<Value>(&bytes).map_err(|cause| cause.to_string()),
        Err(cause) => Err(cause),
    };
    let listed = match listed {
        Ok(listed) => listed,
        Err(cause) => return entries.unread.push(format!("{}: {cause}", list.display())),
    };
    let modules = listed.get("Modules").and_then(Value::as_array).into_iter().flatten();
    // The directory itself is in it as soon as terraform looked for modules.
    let mut modules: Vec<&Value> =
        modules.filter(|module| module.get("Key").and_then(Value::as_str) != Some("")).collect();
    // Of equal keys the last one counts, so their order stays.
    modules.sort_by_key(|module| module.get("Key").and_then(Value::as_str));
    let named: Vec<String> = modules.iter().map(|module| sorted(module).to_string()).collect();
    entries.meanings.insert(list, named.join("\n"));
    let places = modules.into_iter().filter_map(|module| {
        let text = |key: &str| module.get(key)?.as_str();
        Some((text("Key")?.to_owned(), text("Dir")?.to_owned()))
    });
    let places: Vec<(String, String)> = places.collect();
    let together = places.len() > SINGLE;
    for (key, place) in places {
        let directory = files::clean(&absolute(found.root, Path::new(&place)));
        let files = configuration(&directory, false, entries);
        found.read(&directory, &files, entries);
        let name = if together { "modules".to_owned() } else { format!("module.{key}") };
        entries.groups.entry(name).or_default().extend(files);
    }
}

/// The files of terragrunt: those of the directories above up to the repository's root,
/// and of every unit below.
fn units(root: &Path, entries: &mut Entries) {
    let is_unit = |path: &Path| path.extension().is_some_and(|end| end == "hcl" || end == "tf");
    let in_directory = |directory: &Path| {
        let names = files::names(directory, NAMES).ok().flatten().unwrap_or_default();
        names.into_iter().map(|name| directory.join(name)).collect::<Vec<PathBuf>>()
    };
    for directory in root.ancestors() {
        let found = in_directory(directory)
            .into_iter()
            .filter(|path| path.extension().is_some_and(|end| end == "hcl"));
        entries.files.extend(found.filter(|path| path.is_file()));
        if directory.join(".git").symlink_metadata().is_ok() {
            break;
        }
    }
    let mut all = BTreeSet::new();
    let mut open = vec![(root.to_path_buf(), 0)];
    let mut seen = 0;
    while let Some((directory, depth)) = open.pop() {
        seen += 1;
        if depth > UNIT_DEPTH || seen > UNIT_DIRECTORIES {
            entries.unread.push(format!("{}: too many directories below it", root.display()));
            return;
        }
        for path in in_directory(&directory) {
            let hidden = path.file_name().is_some_and(|name| name.as_bytes().starts_with(b"."));
            if path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir()) && !hidden {
                open.push((path, depth + 1));
            } else if path.ends_with(state::NAME) && path.is_file() {
                entries.states.insert(path);
            } else if is_unit(&path) && path.is_file() {
                all.insert(path);
            }
        }
    }
    entries.groups.insert("units".to_owned(), all);
}

/// What the texts of a configuration name.
struct Found<'a> {
    root: &'a Path,
    here: Surroundings<'a>,
    /// The profiles of aws that there are.
    profiles: BTreeSet<String>,
    /// The files that are named.
    named: BTreeSet<PathBuf>,
    /// The profiles that are.
    used: BTreeSet<String>,
    /// The states that are.
    states: BTreeSet<PathBuf>,
}

impl Found<'_> {
    /// Looks through `files` of the module in `directory` for words that are the names of
    /// files (`file("…")`, a script, also in a here-document), of profiles, and of states.
    /// What an expression puts together is not found, and told.
    fn read(&mut self, directory: &Path, files: &BTreeSet<PathBuf>, entries: &mut Entries) {
        for file in files {
            let text = match files::read(file, FILE_LIMIT) {
                Ok(text) => text.unwrap_or_default(),
                Err(cause) => {
                    entries.unread.push(cause);
                    continue;
                }
            };
            let text = String::from_utf8_lossy(&text);
            let quoted: Vec<&str> = text.split('"').collect();
            for path in state::named(&quoted) {
                self.states.extend(self.place(directory, path));
            }
            let profiles = quoted.iter().filter(|piece| self.profiles.contains(**piece));
            self.used.extend(profiles.map(|piece| (*piece).to_owned()));
            let pieces = quoted.iter().copied().filter(|piece| !piece.contains('\n'));
            // Also of shells' lines, in quotes or not.
            let words = text.split(|part: char| part.is_whitespace() || BETWEEN.contains(&part));
            let words: BTreeSet<&str> = pieces
                .flat_map(|piece| std::iter::once(piece).chain(piece.split_whitespace()))
                .chain(words)
                .collect();
            if words.iter().any(|word| word.starts_with("/proc/") || word.starts_with("/dev/fd")) {
                entries.notes.insert(PROCESSES);
            }
            for word in words {
                self.file(directory, word);
            }
            if expressions::are_in(&text) {
                entries.notes.insert(expressions::NOTE);
            }
        }
    }

    fn file(&mut self, directory: &Path, word: &str) {
        let is_state = word.ends_with(".tfstate") || word.ends_with(".backup");
        let Some(path) = self.place(directory, word).filter(|_| !is_state) else { return };
        let is_device = || word.starts_with("/dev/") && (files::is_of_process(&path) || !path.is_file());
        if path.starts_with("/proc") || is_device() {
            return;
        }
        // What a link leads to elsewhere for this process may be a file for terraform.
        let led = || {
            let inside = [directory, self.root].into_iter().find_map(|at| {
                let begins = path.strip_prefix(at).ok()?.components().next()?;
                Some(at.join(begins).is_symlink() || at.join(begins).is_dir())
            });
            inside.unwrap_or(true) && files::is_of_process(&path)
        };
        if path.is_file() || led() {
            self.named.insert(path);
        }
    }

    /// Where a word leads, as far as it can be told.
    fn place(&self, directory: &Path, word: &str) -> Option<PathBuf> {
        let own = [
            ("${path.module}/", directory),
            ("${path.root}/", self.root),
            ("${path.cwd}/", self.here.directory),
        ];
        let given = own.iter().find_map(|(prefix, at)| Some((word.strip_prefix(prefix)?, *at)));
        let home = || {
            let home = self.here.environment.non_empty("HOME").map(Path::new)?;
            Some((word.strip_prefix("~/")?, home))
        };
        let (word, at) = given.or_else(home).unwrap_or((word, self.root));
        if word.is_empty() || word.len() > 1024 || word.contains("${") || word.contains('\0') {
            return None;
        }
        Some(files::clean(&absolute(at, Path::new(word))))
    }
}
