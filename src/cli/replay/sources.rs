//! Which files are read.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::invocation::replay::places::Place;
use crate::invocation::replay::{SOURCES, Source};
use crate::process::Process;
use crate::ui::sanitize;

/// One file.
pub(super) struct Input {
    pub(super) path: PathBuf,
    /// What it is; `None` where its content tells.
    pub(super) source: Option<&'static dyn Source>,
    /// Whether somebody asked for this very file.
    pub(super) named: bool,
    pub(super) length: u64,
}

/// Where files of a source were looked for, and how many there were.
pub(super) struct Looked {
    pub(super) source: &'static dyn Source,
    pub(super) places: Vec<PathBuf>,
    pub(super) files: usize,
}

impl Input {
    /// Opens it.
    pub(super) fn open(&self) -> io::Result<Box<dyn Read>> {
        if self.is_standard_input() {
            return Ok(Box::new(io::stdin().lock()));
        }
        Ok(Box::new(open(&self.path)?.0))
    }

    fn is_standard_input(&self) -> bool {
        self.path == Path::new("-")
    }
}

/// A regular file. Whatever else may stand there must not keep us waiting.
fn open(path: &Path) -> io::Result<(File, Metadata)> {
    let flags = nix::libc::O_NONBLOCK | nix::libc::O_NOCTTY;
    let file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_file() {
        return Ok((file, metadata));
    }
    let why = if metadata.is_dir() {
        "it is a directory: name the files in it, as in DIR/*"
    } else {
        "it is no regular file: `-` reads standard input"
    };
    Err(io::Error::other(why))
}

/// The files that were named.
///
/// # Errors
/// Where one of them cannot be read.
pub(super) fn given(files: &[PathBuf], source: Option<&'static dyn Source>) -> anyhow::Result<Vec<Input>> {
    let input = |path: &PathBuf| {
        let mut input = Input { path: path.clone(), source, named: true, length: 0 };
        if !input.is_standard_input() {
            let opened = open(path);
            let opened = opened.map_err(|why| anyhow::anyhow!("{}: {why}", sanitize::os(path.as_os_str())));
            input.length = opened?.1.len();
        }
        Ok(input)
    };
    files.iter().map(input).collect()
}

/// What this user has, of one source or of all.
pub(super) fn found(process: &dyn Process, only: Option<&'static dyn Source>) -> (Vec<Input>, Vec<Looked>) {
    let (mut inputs, mut looked) = (Vec::<Input>::new(), Vec::new());
    let wanted = |source: &&&'static dyn Source| only.is_none_or(|only| only.name() == source.name());
    for source in SOURCES.iter().filter(wanted).copied() {
        let places = source.places(process);
        if places.is_empty() {
            continue;
        }
        let mut files = 0;
        for place in &places {
            for path in place.files() {
                if inputs.iter().any(|input| same(&input.path, &path)) || !belongs(place, &path, source) {
                    continue;
                }
                let length = path.metadata().map_or(0, |metadata| metadata.len());
                inputs.push(Input { path, source: Some(source), named: false, length });
                files += 1;
            }
        }
        let places = places.iter().map(|place| place.path().to_path_buf()).collect();
        looked.push(Looked { source, places, files });
    }
    (inputs, looked)
}

/// Whether a file that any shell may write is of this one.
fn belongs(place: &Place, path: &Path, source: &dyn Source) -> bool {
    let Place::Perhaps(_) = place else { return true };
    let mut head = Vec::new();
    let read = open(path).and_then(|(file, _)| file.take(super::HEAD as u64).read_to_end(&mut head));
    let named = path.file_name().is_some_and(|name| name.to_string_lossy().contains(source.name()));
    read.is_ok() && (source.is(&head) || named)
}

fn same(one: &Path, other: &Path) -> bool {
    one == other || one.canonicalize().ok().is_some_and(|one| other.canonicalize().ok() == Some(one))
}
