//! Which files are read, and what is in them.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use ignore::WalkBuilder;

use crate::ui::sanitize;

/// A file, or a directory, that could not be read.
#[derive(Debug)]
pub(super) struct Failure {
    /// Which, where that is known.
    pub(super) path: PathBuf,
    /// Why.
    pub(super) why: String,
    /// Whether it is not there at all.
    pub(super) missing: bool,
}

impl Failure {
    fn new(path: &Path, error: &std::io::Error) -> Self {
        let missing = error.kind() == std::io::ErrorKind::NotFound;
        Self { path: path.to_owned(), why: error.to_string(), missing }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, why) = (sanitize::os(self.path.as_os_str()), sanitize::text(&self.why));
        write!(f, "cannot read {path}: {why}; what it holds is not judged")
    }
}

/// The text of a file.
#[derive(Debug)]
pub(super) struct Content {
    /// As it is, with lines that end by a line feed alone and no byte order mark.
    pub(super) text: String,
    /// Whether there is more of it.
    pub(super) cut: bool,
}

/// Every file that `paths` name, and those below the directories among them, once.
pub(super) fn all(paths: &[PathBuf]) -> impl Iterator<Item = Result<PathBuf, Failure>> {
    let mut seen = HashSet::new();
    paths.iter().flat_map(|path| below(path)).filter(move |found| match found {
        Ok(path) => seen.insert(plain(path)),
        Err(_) => true,
    })
}

fn below(path: &Path) -> Vec<Result<PathBuf, Failure>> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            let mut found = walk(path);
            found.extend(tracked(path).into_iter().map(Ok));
            found
        }
        Ok(metadata) if metadata.is_file() => vec![Ok(path.to_owned())],
        Ok(_) => {
            let why = "it is no regular file".to_owned();
            vec![Err(Failure { path: path.to_owned(), why, missing: false })]
        }
        Err(error) => vec![Err(Failure::new(path, &error))],
    }
}

/// The files below a directory, by name: without what git ignores, and without links.
///
fn walk(directory: &Path) -> Vec<Result<PathBuf, Failure>> {
    let mut walk = WalkBuilder::new(directory);
    // Only git's own lists: a file of another name would be one more way to hide.
    walk.hidden(false).ignore(false).follow_links(false);
    walk.filter_entry(|entry| entry.depth() == 0 || entry.file_name() != ".git");
    walk.sort_by_file_name(OsStr::cmp);
    let one = |entry: Result<ignore::DirEntry, ignore::Error>| match entry {
        Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => Some(Ok(entry.into_path())),
        Ok(_) => None,
        Err(error) => {
            let missing = error.io_error().is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound);
            Some(Err(Failure { path: directory.to_owned(), why: error.to_string(), missing }))
        }
    };
    walk.build().filter_map(one).collect()
}

/// The files below a directory that git tracks: what it ignores may have been added all
/// the same. None where git is not there, or knows nothing of the directory.
fn tracked(directory: &Path) -> Vec<PathBuf> {
    use std::os::unix::ffi::OsStrExt as _;
    let git = Command::new("git")
        .arg("-C")
        .arg(directory)
        // What a repository's own configuration would start.
        .args(["-c", "core.fsmonitor=false", "ls-files", "-z", "--cached"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    let Ok(listed) = git else { return Vec::new() };
    let names = listed.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    let paths = names.map(|name| directory.join(OsStr::from_bytes(name)));
    paths.filter(|path| fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file())).collect()
}

/// What a file holds, up to `limit` bytes.
pub(super) fn read(path: &Path, limit: u64) -> Result<Content, Failure> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| Failure::new(path, &error))?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| Failure::new(path, &error))?;
    let cut = bytes.len() as u64 > limit;
    let text = String::from_utf8_lossy(&bytes);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(Content { text: text.replace("\r\n", "\n"), cut })
}

/// A path without the parts that say nothing.
pub(super) fn plain(path: &Path) -> PathBuf {
    path.components().filter(|part| *part != Component::CurDir).collect()
}
