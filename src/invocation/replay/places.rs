//! Where histories and transcripts are kept for this user.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::invocation::line;
use crate::process::{Process, absolute};

/// How deep below a root files are looked for.
const DEEPEST: usize = 8;

/// Where something is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A file.
    File(PathBuf),
    /// A file that may be of another source: what it begins with, or its name, tells.
    Perhaps(PathBuf),
    /// Every file below a directory whose name begins and ends so.
    Tree {
        /// The directory.
        root: PathBuf,
        /// What its name begins with.
        begins: &'static str,
        /// What its name ends with.
        ends: &'static str,
    },
}

impl Place {
    /// Where that is.
    pub fn path(&self) -> &Path {
        match self {
            Self::File(path) | Self::Perhaps(path) | Self::Tree { root: path, .. } => path,
        }
    }

    /// The files that are there, sorted.
    pub fn files(&self) -> Vec<PathBuf> {
        match self {
            Self::File(path) | Self::Perhaps(path) => {
                path.exists().then(|| path.clone()).into_iter().collect()
            }
            Self::Tree { root, begins, ends } => {
                let mut found = BTreeSet::new();
                below(root, (begins, ends), DEEPEST, &mut found);
                found.into_iter().collect()
            }
        }
    }
}

/// The files below `directory`. A link may lead in a circle, so none is followed.
fn below(directory: &Path, name: (&str, &str), depth: usize, found: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() && depth > 0 {
            below(&entry.path(), name, depth - 1, found);
        }
        let own = entry.file_name();
        let own = own.to_string_lossy();
        if kind.is_file() && own.starts_with(name.0) && own.ends_with(name.1) {
            found.insert(entry.path());
        }
    }
}

/// The path that a variable holds.
pub(super) fn variable(process: &dyn Process, name: &str) -> Option<PathBuf> {
    process.environment().non_empty(name).map(PathBuf::from).filter(|path| path.is_absolute())
}

/// What `HISTFILE` names, which a shell looks for from its own directory.
pub(super) fn history(process: &dyn Process) -> Option<PathBuf> {
    let path = process.environment().non_empty("HISTFILE").map(PathBuf::from)?;
    let here = process.current_dir().ok();
    here.map(|here| absolute(&here, &path)).or_else(|| path.is_absolute().then_some(path))
}

/// A path below the home directory.
pub(super) fn home(process: &dyn Process, name: &str) -> Option<PathBuf> {
    line::home(process).map(|home| home.join(name))
}

/// A path below the directory for data.
pub(super) fn data(process: &dyn Process, name: &str) -> Option<PathBuf> {
    variable(process, "XDG_DATA_HOME").or_else(|| home(process, ".local/share")).map(|data| data.join(name))
}
