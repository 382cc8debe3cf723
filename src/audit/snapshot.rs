//! Reading the log as it was at one moment, line by line.
//!
//! The lengths of all files are taken while nobody appends. What is written
//! later is not read, so a long reading disturbs no writer and sees no half
//! line that is only on its way.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Take};
use std::path::{Path, PathBuf};

use super::store::{Directory, LogFile, require_file};
use super::{AuditError, LOCK_PATIENCE};

/// The longest line that is read, in bytes; the longest record is shorter.
const LONGEST_LINE: u64 = 32 * 1024 * 1024;

/// The log at one moment.
pub(super) struct Snapshot {
    pub(super) files: Vec<FileAt>,
}

/// One file at that moment.
pub(super) struct FileAt {
    pub(super) file: LogFile,
    handle: File,
    length: u64,
}

/// One line of a file.
#[derive(Debug)]
pub(super) struct Line {
    /// Its number, from 1.
    pub(super) number: u64,
    /// Its bytes, without the line feed.
    pub(super) bytes: Vec<u8>,
    /// Whether it has its line feed.
    pub(super) ended: bool,
}

/// The lines of one file.
pub(super) struct Lines {
    reader: Take<BufReader<File>>,
    path: PathBuf,
    number: u64,
}

impl Snapshot {
    /// The log in `state` as it is now; no files where there is no log.
    pub(super) fn take(state: &Path) -> Result<Self, AuditError> {
        let directory = Directory::of(state);
        let _lock = directory.lock_shared(LOCK_PATIENCE)?;
        let mut files = Vec::new();
        for file in directory.files()? {
            let handle = file.open_read()?;
            let length = require_file(&handle, &file.path)?;
            files.push(FileAt { file, handle, length });
        }
        Ok(Self { files })
    }
}

impl FileAt {
    /// Whether it has no line.
    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Its lines.
    pub(super) fn lines(self) -> Lines {
        Lines { reader: BufReader::new(self.handle).take(self.length), path: self.file.path, number: 0 }
    }
}

impl Iterator for Lines {
    type Item = Result<Line, AuditError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut bytes = Vec::new();
        let mut line = (&mut self.reader).take(LONGEST_LINE);
        if let Err(source) = line.read_until(b'\n', &mut bytes) {
            // Nothing after an unreadable place is given out as the rest.
            self.reader.set_limit(0);
            return Some(Err(AuditError::io("read", &self.path)(source)));
        }
        let ended = bytes.pop_if(|last| *last == b'\n').is_some();
        self.number += 1;
        (ended || !bytes.is_empty()).then_some(Ok(Line { number: self.number, bytes, ended }))
    }
}
