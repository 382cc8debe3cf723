//! Which files are read.

use std::collections::HashSet;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use nix::fcntl::{FcntlArg, OFlag, fcntl};

use crate::invocation::replay::places::Place;
use crate::invocation::replay::{SOURCES, Source, shell};
use crate::process::Process;
use crate::ui::sanitize;

/// Where what the caller has opened has its names.
const OPENED: [&str; 3] = ["/dev/fd", "/dev/stdin", "/proc/self/fd"];

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

/// A regular file, or what the caller has opened already, as `<(…)` is. Whatever else
/// may stand there must not keep us waiting.
fn open(path: &Path) -> io::Result<(File, Metadata)> {
    let flags = OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits()).open(path)?;
    let metadata = file.metadata()?;
    let kind = metadata.file_type();
    if kind.is_file() {
        return Ok((file, metadata));
    }
    if OPENED.iter().any(|start| path.starts_with(start)) && (kind.is_fifo() || kind.is_char_device()) {
        // Somebody writes it: it is waited for, as standard input is.
        fcntl(&file, FcntlArg::F_SETFL(OFlag::empty()))?;
        return Ok((file, metadata));
    }
    let why = if kind.is_dir() {
        "it is a directory: name the files in it, as in DIR/*"
    } else if kind.is_fifo() {
        "it is a named pipe, which nobody may ever write: `-` reads standard input, as in `tollgate replay - < PIPE`"
    } else {
        "it is no regular file: `-` reads standard input"
    };
    Err(io::Error::other(why))
}

/// The files that were named, each once, however often and by whatever names.
///
/// # Errors
/// Where one of them cannot be read.
pub(super) fn given(files: &[PathBuf], source: Option<&'static dyn Source>) -> anyhow::Result<Vec<Input>> {
    let (mut inputs, mut known) = (Vec::new(), HashSet::new());
    for path in files {
        let mut input = Input { path: path.clone(), source, named: true, length: 0 };
        if !input.is_standard_input() {
            let opened = open(path);
            let opened = opened.map_err(|why| anyhow::anyhow!("{}: {why}", sanitize::os(path.as_os_str())));
            let metadata = opened?.1;
            if !known.insert((metadata.dev(), metadata.ino())) {
                continue;
            }
            input.length = metadata.len();
        }
        inputs.push(input);
    }
    Ok(inputs)
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
                if inputs.iter().any(|input| same(&input.path, &path))
                    || !(only.is_some() || belongs(place, &path, source))
                {
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
    read.is_ok() && shell(path, &head).is_some_and(|shell| shell.name() == source.name())
}

fn same(one: &Path, other: &Path) -> bool {
    one == other || one.canonicalize().ok().is_some_and(|one| other.canonicalize().ok() == Some(one))
}
