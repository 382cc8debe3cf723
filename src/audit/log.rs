//! Appending: one writer at a time, linked to the newest record, durable.
//!
//! - The lock is taken, the tail of the newest file is read, the record is
//!   linked to the last good one, written with one write, and synced.
//! - A **torn tail** (a crash or a full disk in the middle of a write) is never
//!   cut off. It is ended with a line feed and followed by a `recovered_torn`
//!   record with the length and SHA-256 of the torn bytes; that record, like
//!   any other, links to the last good record before them. The same covers a
//!   recovery that was itself torn. A tail that lacks nothing but its line
//!   feed is a good record.
//! - A whole record at the tail with the wrong hash was edited, not torn:
//!   nothing is appended to it.
//! - **Rotation**: the next file is made first, empty; then `rotate` ends the
//!   old one; the first record of the next carries the hash of `rotate` as
//!   `prev_file_h` too. A crash in between leaves an empty newest file, from
//!   which the next writer goes on.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use super::record::{self, Fields, Flaw, GENESIS};
use super::store::{Directory, LogFile};
use super::{AuditError, Event, InstallKey, LOCK_PATIENCE, ROTATE_AT};
use crate::digest::sha256;

/// The log of one installation.
#[derive(Clone, Debug)]
pub struct Log {
    directory: Directory,
    key: PathBuf,
    rotate_at: u64,
    patience: Duration,
}

/// Proof that a record is on disk. Only [`Log::append`] makes one.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Receipt {
    sequence: u64,
    hash: String,
    request: String,
}

impl Receipt {
    /// The record as others may note it, so that nobody can take it back
    /// unseen: `SEQUENCE sha256:…`.
    pub fn head(&self) -> String {
        format!("{} sha256:{}", self.sequence, self.hash)
    }

    /// The sequence number of the record.
    pub fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The invocation it belongs to; empty for a change.
    pub fn request(&self) -> &str {
        &self.request
    }
}

impl Log {
    /// The log in `<state>/audit`, with `<state>/install.key`. Does no I/O.
    #[must_use]
    pub fn at(state: &Path) -> Self {
        Self {
            directory: Directory::of(state),
            key: state.join("install.key"),
            rotate_at: ROTATE_AT,
            patience: LOCK_PATIENCE,
        }
    }

    /// Starts a new file once the newest has `bytes` bytes.
    #[must_use]
    pub fn rotating_at(self, bytes: u64) -> Self {
        Self { rotate_at: bytes, ..self }
    }

    /// Waits no longer than `patience` for other writers.
    #[must_use]
    pub fn waiting(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Appends a record of `event`, which happened `at`. It is durable when
    /// this returns.
    ///
    /// # Errors
    /// Where the record may not be on disk, for whatever reason.
    pub fn append(&self, event: &Event, at: Timestamp) -> Result<Receipt, AuditError> {
        let End { sequence, hash, .. } = self.append_all([event], at)?;
        Ok(Receipt { sequence, hash, request: event.request().to_owned() })
    }

    /// Appends the records of what was decided and of how it ended, where nothing
    /// runs in between, so that the disk is waited for once.
    ///
    /// # Errors
    /// As [`Log::append`].
    pub fn append_ended(&self, decision: &Event, end: &Event, at: Timestamp) -> Result<Receipt, AuditError> {
        let End { sequence, hash, .. } = self.append_all([decision, end], at)?;
        Ok(Receipt { sequence, hash, request: end.request().to_owned() })
    }

    /// Appends records; the last of them.
    fn append_all<const N: usize>(&self, events: [&Event; N], at: Timestamp) -> Result<End, AuditError> {
        let key = || InstallKey::load_or_create(&self.key);
        let all = events.into_iter().map(|event| event.fields(key)).collect::<Result<Vec<_>, _>>()?;
        self.directory.create()?;
        let _lock = self.directory.lock(self.patience)?;
        let mut writer = Writer::open(&self.directory, at)?;
        if writer.length >= self.rotate_at {
            writer.rotate()?;
        }
        for fields in all {
            writer.push(fields)?;
        }
        writer.commit()?;
        Ok(writer.end)
    }
}

/// The record that the next one links to.
#[derive(Clone, Debug)]
struct End {
    sequence: u64,
    hash: String,
    rotated: bool,
}

impl End {
    fn genesis() -> Self {
        Self { sequence: 0, hash: GENESIS.to_owned(), rotated: false }
    }
}

/// What is at the end of a file.
#[derive(Debug)]
struct Tail {
    /// The last good record, if the file has one.
    end: Option<End>,
    /// The last good record has no line feed.
    open: bool,
    /// What follows it and is no record.
    torn: Vec<u8>,
    /// The length of the file in bytes.
    length: u64,
}

/// The end of the log, while the lock is held.
struct Writer<'d> {
    directory: &'d Directory,
    at: Timestamp,
    file: LogFile,
    handle: File,
    length: u64,
    end: End,
    /// Nothing was written to this file yet, and another comes before it.
    first: bool,
    /// The next file, where an interrupted rotation made it already.
    next: Option<File>,
    buffer: Vec<u8>,
}

impl<'d> Writer<'d> {
    /// Goes to the end of the newest file, and mends it where it is torn or a
    /// rotation was interrupted.
    fn open(directory: &'d Directory, at: Timestamp) -> Result<Self, AuditError> {
        let Some(newest) = directory.files()?.pop() else {
            let file = directory.file(1);
            let handle = file.create()?;
            return Ok(Self::new(directory, at, file, handle, End::genesis()));
        };
        let handle = newest.open_append()?;
        let tail = Tail::of(&handle, &newest.path)?;
        if tail.end.as_ref().is_some_and(|end| end.rotated) {
            let next = directory.file(newest.number + 1);
            return Err(AuditError::damaged(&next.path, "it is missing, though the log goes on in it"));
        }
        if tail.end.is_some() || newest.number <= 1 {
            let end = tail.end.clone().unwrap_or_else(End::genesis);
            let mut writer = Self::new(directory, at, newest, handle, end);
            writer.mend(&tail)?;
            return Ok(writer);
        }
        let previous = directory.file(newest.number - 1);
        let before = previous.open_append()?;
        let tail_before = Tail::of(&before, &previous.path)?;
        let Some(end) = tail_before.end.clone() else {
            return Err(AuditError::damaged(&previous.path, "it has no record"));
        };
        if end.rotated {
            let mut writer = Self::new(directory, at, newest, handle, End { rotated: false, ..end });
            writer.first = true;
            writer.mend(&tail)?;
            return Ok(writer);
        }
        if tail.length > 0 {
            return Err(AuditError::damaged(
                &previous.path,
                "it does not end, though the log goes on in the next",
            ));
        }
        let mut writer = Self::new(directory, at, previous, before, end);
        writer.next = Some(handle);
        writer.mend(&tail_before)?;
        writer.rotate()?;
        Ok(writer)
    }

    fn new(directory: &'d Directory, at: Timestamp, file: LogFile, handle: File, end: End) -> Self {
        Self { directory, at, file, handle, length: 0, end, first: false, next: None, buffer: Vec::new() }
    }

    /// Ends the last line, and accounts for torn bytes.
    fn mend(&mut self, tail: &Tail) -> Result<(), AuditError> {
        self.length = tail.length;
        if tail.open || !tail.torn.is_empty() {
            self.buffer.push(b'\n');
        }
        if tail.torn.is_empty() {
            return Ok(());
        }
        let mut fields = Fields::new();
        fields.insert("type".into(), "recovered_torn".into());
        fields.insert("sha256".into(), sha256(&tail.torn).into());
        fields.insert("len".into(), tail.torn.len().into());
        self.push(fields)
    }

    /// Ends this file and goes on to the next.
    fn rotate(&mut self) -> Result<(), AuditError> {
        let next = self.directory.file(self.file.number + 1);
        let handle = match self.next.take() {
            Some(handle) => handle,
            None => next.create()?,
        };
        let mut fields = Fields::new();
        fields.insert("type".into(), "rotate".into());
        fields.insert("next".into(), next.name().into());
        self.push(fields)?;
        self.commit()?;
        (self.file, self.handle, self.length, self.first) = (next, handle, 0, true);
        Ok(())
    }

    /// Links `fields` to the end of the log and queues the line.
    fn push(&mut self, mut fields: Fields) -> Result<(), AuditError> {
        let sequence = self.end.sequence.saturating_add(1);
        fields.insert("seq".into(), sequence.into());
        fields.insert("prev".into(), self.end.hash.as_str().into());
        if std::mem::take(&mut self.first) {
            fields.insert("prev_file_h".into(), self.end.hash.as_str().into());
        }
        fields.insert("ts".into(), self.at.to_string().into());
        if let Some(boot) = boot_id() {
            fields.insert("boot".into(), boot.into());
        }
        if let Some(milliseconds) = since_boot() {
            fields.insert("mono".into(), milliseconds.into());
        }
        let (line, hash) = record::seal(fields).map_err(AuditError::io("write", &self.file.path))?;
        self.buffer.extend(line);
        self.end = End { sequence, hash, rotated: false };
        Ok(())
    }

    /// Writes what is queued and waits until it is on disk.
    fn commit(&mut self) -> Result<(), AuditError> {
        let line = std::mem::take(&mut self.buffer);
        self.length += line.len() as u64;
        write_durably(&self.handle, &line).map_err(AuditError::io("write", &self.file.path))
    }
}

fn write_durably(mut file: &File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    file.sync_data()
}

impl Tail {
    /// How much of the end is read at first; where it has no record, more.
    const WINDOW: u64 = 64 * 1024;
    /// How much is read at most: far above the longest record.
    const MOST: u64 = 32 * 1024 * 1024;

    fn of(file: &File, path: &Path) -> Result<Self, AuditError> {
        let length = file.metadata().map_err(AuditError::io("look at", path))?.len();
        let mut window = Self::WINDOW;
        loop {
            let start = length.saturating_sub(window);
            let bytes = read_from(file, start).map_err(AuditError::io("read", path))?;
            let tail = Self::parse(&bytes, start == 0, length, path)?;
            if start == 0 || tail.end.is_some() {
                return Ok(tail);
            }
            if window >= Self::MOST {
                return Err(AuditError::damaged(path, "there is no record near its end"));
            }
            window *= 4;
        }
    }

    /// Looks for the last good record in the end of a file; `whole` where
    /// `bytes` is all of it, so that its first line is a line.
    fn parse(bytes: &[u8], whole: bool, length: u64, path: &Path) -> Result<Self, AuditError> {
        let mut stop = bytes.len();
        loop {
            let (before, line) = match bytes.iter().take(stop).rposition(|byte| *byte == b'\n') {
                Some(at) => (Some(at), bytes.get(at + 1..stop)),
                None => (None, bytes.get(..stop)),
            };
            let line = line.unwrap_or_default();
            // The first line of a window is the end of one that began before.
            let complete = before.is_some() || whole;
            match record::read(line) {
                Ok(found) if complete => {
                    let torn = bytes.get((stop + 1).min(bytes.len())..).unwrap_or_default().to_vec();
                    let rotated = found.kind() == "rotate";
                    let end = End { sequence: found.sequence, hash: found.hash, rotated };
                    return Ok(Self { end: Some(end), open: stop == bytes.len(), torn, length });
                }
                Err(Flaw::Altered { what, sequence, .. }) if complete => {
                    return Err(AuditError::damaged(path, format!("record {sequence} is {what}")));
                }
                _ => {}
            }
            match before {
                Some(at) => stop = at,
                None => return Ok(Self { end: None, open: false, torn: bytes.to_vec(), length }),
            }
        }
    }
}

fn read_from(mut file: &File, start: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(start))?;
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What the kernel calls this boot.
fn boot_id() -> Option<String> {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned()).filter(|id| !id.is_empty())
}

/// Milliseconds since the boot, by a clock that nobody can set. (Nanoseconds
/// would pass 2^53, where many readers of JSON lose digits, after 104 days.)
fn since_boot() -> Option<u64> {
    #[cfg(target_os = "linux")]
    let clock = nix::time::ClockId::CLOCK_BOOTTIME;
    #[cfg(not(target_os = "linux"))]
    let clock = nix::time::ClockId::CLOCK_MONOTONIC;
    let now = Duration::from(clock.now().ok()?);
    u64::try_from(now.as_millis()).ok()
}

#[cfg(test)]
#[path = "log_tests.rs"]
mod tests;
