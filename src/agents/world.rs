//! Where agents look for their configuration.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Scope;
use super::json::Document;
use crate::files;
use crate::process::{Environment, Process};

/// The longest configuration that is read, in bytes.
pub(super) const LIMIT: u64 = 16 << 20;

/// The most files that a directory of configurations may hold.
const MOST: usize = 1_000;

/// The places of this process's user, and of the project it is in.
#[derive(Clone, Debug)]
pub(super) struct World {
    /// The home directory as agents see it: HOME first.
    pub(super) home: Option<PathBuf>,
    /// The repository's root above the working directory, or else that itself.
    pub(super) project: Option<PathBuf>,
    environment: Environment,
}

impl World {
    pub(super) fn of(process: &dyn Process) -> Self {
        let environment = process.environment().clone();
        let chosen = environment.non_empty("HOME").map(PathBuf::from).filter(|home| home.is_absolute());
        let here = process.current_dir().ok();
        let root =
            here.as_deref().and_then(|here| here.ancestors().find(|above| above.join(".git").exists()));
        Self {
            home: chosen.or_else(|| process.user().home.clone()),
            project: root.map(Path::to_path_buf).or_else(|| here.clone()),
            environment,
        }
    }

    /// `path` below the home directory or the project.
    pub(super) fn at(&self, scope: Scope, path: &str) -> Option<PathBuf> {
        match scope {
            Scope::User => self.home.as_ref(),
            Scope::Project => self.project.as_ref(),
        }
        .map(|root| root.join(path))
    }

    /// The directory that `variable` names, or else `fallback` below the home
    /// directory.
    pub(super) fn moved(&self, variable: &str, fallback: &str) -> Option<PathBuf> {
        self.directory(variable).or_else(|| self.at(Scope::User, fallback))
    }

    /// The directory that `variable` names.
    pub(super) fn directory(&self, variable: &str) -> Option<PathBuf> {
        self.environment.non_empty(variable).map(PathBuf::from).filter(|named| named.is_absolute())
    }

    /// Whether PATH has a program of this name.
    pub(super) fn has_program(&self, name: &str) -> bool {
        let path = self.environment.get("PATH").unwrap_or(OsStr::new(""));
        std::env::split_paths(path)
            .filter(|entry| entry.is_absolute())
            .filter_map(|entry| entry.join(name).metadata().ok())
            .any(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
    }
}

/// The files of a directory whose names end in `.json`, in order.
pub(super) fn json_files(directory: &Path) -> Vec<PathBuf> {
    let names = files::names(directory, MOST).ok().flatten().unwrap_or_default();
    let paths = names.into_iter().map(|name| directory.join(name));
    paths.filter(|path| path.extension() == Some(OsStr::new("json")) && path.is_file()).collect()
}

/// The text of a file; `None` where there is none.
///
/// # Errors
/// Why it cannot be read.
pub(super) fn text(file: &Path) -> Result<Option<String>, String> {
    match files::read(file, LIMIT)? {
        None => Ok(None),
        Some(bytes) => {
            String::from_utf8(bytes).map(Some).map_err(|_| format!("{}: it is no UTF-8", file.display()))
        }
    }
}

/// Why an agent that reads nothing but plain JSON passes over a whole file.
pub(super) fn not_strict(file: &Path) -> Option<String> {
    let text = text(file).ok()??;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let error = serde_json::from_str::<serde::de::IgnoredAny>(text).err()?;
    Some(format!(
        "it is no plain JSON, and the agent passes over all of it (line {}): take comments and trailing commas out",
        error.line()
    ))
}

/// What is at `path` in a file of settings; `None` where it cannot be read, too.
pub(super) fn setting(file: &Path, path: &[&str]) -> Option<Value> {
    let document = Document::read(&text(file).ok()??).ok()?;
    path.iter().try_fold(document.value(), |at, key| at.get(*key)).cloned()
}
