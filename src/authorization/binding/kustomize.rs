//! What a kustomization reads: its directory, and what its files name outside of it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize as _;
use serde_json::Value;

use super::content::same_for_all;
use super::{BindingError, shown};
use crate::files::{self, clean};
use crate::process::absolute;

/// What kustomize calls its file.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Its lists of directories, and of what is fetched.
const LISTS: [&str; 8] = [
    "bases",
    "components",
    "configurations",
    "crds",
    "generators",
    "resources",
    "transformers",
    "validators",
];

/// The largest of them, in bytes, and how many are followed.
const FILE_LIMIT: u64 = 1 << 20;
const DIRECTORIES: usize = 256;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) directories: BTreeSet<PathBuf>,
    pub(super) files: BTreeSet<PathBuf>,
}

/// All that the kustomization in `directory` reads.
pub(super) fn files(directory: &Path) -> Result<Found, BindingError> {
    if !directory.is_dir() {
        return Err(BindingError::Remote { word: shown(directory) });
    }
    let mut found = Found::default();
    let mut open = vec![directory.to_path_buf()];
    while let Some(directory) = open.pop() {
        if !found.directories.insert(directory.clone()) {
            continue;
        }
        if found.directories.len() > DIRECTORIES {
            return Err(BindingError::TooLarge { path: directory });
        }
        for name in NAMES {
            let path = directory.join(name);
            same_for_all(&path)?;
            let Some(bytes) = files::read(&path, FILE_LIMIT).map_err(BindingError::Said)? else { continue };
            for document in serde_yaml::Deserializer::from_slice(&bytes) {
                let value = Value::deserialize(document)
                    .map_err(|cause| BindingError::Said(format!("{}: {cause}", path.display())))?;
                for (text, is_listed) in texts(&value, false) {
                    follow(&directory, text, is_listed, &mut found, &mut open)?;
                }
            }
        }
    }
    // What lies inside another is read with it.
    let all = found.directories.clone();
    found.directories.retain(|one| !all.iter().any(|other| one != other && one.starts_with(other)));
    found.files.retain(|file| !all.iter().any(|directory| file.starts_with(directory)));
    Ok(found)
}

fn follow(
    directory: &Path,
    text: &str,
    is_listed: bool,
    found: &mut Found,
    open: &mut Vec<PathBuf>,
) -> Result<(), BindingError> {
    if text.is_empty() || text.len() > 1024 || text.contains(['\n', '\0']) {
        return Ok(());
    }
    // A file of a generator may have a name of its own: `key=path`.
    for name in [Some(text), text.split_once('=').map(|(_, path)| path)].into_iter().flatten() {
        let path = clean(&absolute(directory, Path::new(name)));
        same_for_all(&path)?;
        if is_listed && path.is_dir() {
            open.push(path);
        } else if path.is_file() {
            found.files.insert(path);
        } else if is_listed && is_remote(name) {
            return Err(BindingError::Remote { word: shown(Path::new(name)) });
        }
    }
    Ok(())
}

/// Whether kustomize would fetch what is called so.
fn is_remote(name: &str) -> bool {
    name.contains("://")
        || name.contains("?ref=")
        || name.starts_with("github.com/")
        || name.starts_with("git@")
}

/// Every text in `value`, with whether it stands in a list of what is taken in.
fn texts(value: &Value, is_listed: bool) -> Vec<(&str, bool)> {
    match value {
        Value::String(text) => vec![(text, is_listed)],
        Value::Array(list) => list.iter().flat_map(|one| texts(one, is_listed)).collect(),
        Value::Object(object) => {
            let below = |(name, value)| texts(value, is_listed || LISTS.contains(&String::as_str(name)));
            object.iter().flat_map(below).collect()
        }
        _ => Vec::new(),
    }
}
