//! The directory on disk: its files, their creation, and the lock.
//!
//! Links are never followed for a file of the log, and what is no plain file
//! is refused. Everything created is made durable together with its name.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag};

use super::AuditError;

/// The name of the lock file. It is never rotated and never removed.
const LOCK: &str = "lock";

/// The highest number of a file; far beyond what eight MiB each will fill.
const LAST: u64 = 999_999_999;

/// The audit directory.
#[derive(Clone, Debug)]
pub(super) struct Directory {
    path: PathBuf,
}

/// One numbered file of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LogFile {
    pub(super) number: u64,
    pub(super) path: PathBuf,
}

/// While this lives, no other process appends.
#[must_use]
pub(super) struct Lock {
    _held: Flock<File>,
}

/// The name of file `number`.
pub(super) fn file_name(number: u64) -> String {
    format!("{number:06}.jsonl")
}

impl Directory {
    /// The directory of the log in `state`.
    pub(super) fn of(state: &Path) -> Self {
        Self { path: state.join("audit") }
    }

    /// File `number`, which need not exist.
    pub(super) fn file(&self, number: u64) -> LogFile {
        LogFile { number, path: self.path.join(file_name(number)) }
    }

    /// Makes the directory, readable by its owner alone, where there is none.
    pub(super) fn create(&self) -> Result<(), AuditError> {
        create_private_dir(&self.path)?;
        match fs::symlink_metadata(&self.path) {
            Ok(found) if found.is_dir() => Ok(()),
            Ok(_) => Err(AuditError::WrongKind { path: self.path.clone(), expected: "directory" }),
            Err(source) => Err(AuditError::io("look at", &self.path)(source)),
        }
    }

    /// The files of the log by number; none where there is no directory.
    pub(super) fn files(&self) -> Result<Vec<LogFile>, AuditError> {
        let entries = match fs::read_dir(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(AuditError::io("list", &self.path))?,
        };
        let mut files = Vec::new();
        for entry in entries {
            let name = entry.map_err(AuditError::io("list", &self.path))?.file_name();
            let number = name.to_str().and_then(|name| name.strip_suffix(".jsonl")).map(str::parse::<u64>);
            if let Some(Ok(number @ 1..=LAST)) = number
                && name == *file_name(number)
            {
                files.push(self.file(number));
            }
        }
        files.sort_by_key(|file| file.number);
        Ok(files)
    }

    /// The lock for appending. Waits its turn, but no longer than `patience`.
    pub(super) fn lock(&self, patience: Duration) -> Result<Lock, AuditError> {
        self.lock_with(
            OpenOptions::new().read(true).write(true).create(true),
            FlockArg::LockExclusive,
            patience,
        )
    }

    /// The lock for looking at the log while nobody appends; `None` where
    /// nobody ever did.
    pub(super) fn lock_shared(&self, patience: Duration) -> Result<Option<Lock>, AuditError> {
        match self.lock_with(OpenOptions::new().read(true), FlockArg::LockShared, patience) {
            Err(AuditError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            other => other.map(Some),
        }
    }

    fn lock_with(
        &self,
        options: &mut OpenOptions,
        kind: FlockArg,
        patience: Duration,
    ) -> Result<Lock, AuditError> {
        let path = self.path.join(LOCK);
        let deadline = Instant::now() + patience;
        loop {
            let file = options
                .mode(0o600)
                .custom_flags((OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits())
                .open(&path)
                .map_err(AuditError::io("open the lock", &path))?;
            require_file(&file, &path)?;
            let held = flock(file, kind, deadline.saturating_duration_since(Instant::now()))
                .map_err(AuditError::io("lock", &path))?
                .ok_or_else(|| AuditError::Locked { path: path.clone(), waited: patience })?;
            // Whoever removed or replaced the file meanwhile would let another
            // process lock the new one beside this.
            if same_file(&held, &path) {
                return Ok(Lock { _held: held });
            }
        }
    }
}

/// Waits for the lock in a thread of its own where another process has it: the
/// kernel wakes those who wait as soon as it is free, whereas polling could
/// miss a busy lock each time. A thread that is given up unlocks as soon as it
/// gets the lock.
fn flock(file: File, kind: FlockArg, patience: Duration) -> io::Result<Option<Flock<File>>> {
    let at_once = match kind {
        FlockArg::LockShared => FlockArg::LockSharedNonblock,
        _ => FlockArg::LockExclusiveNonblock,
    };
    let file = match Flock::lock(file, at_once) {
        Ok(held) => return Ok(Some(held)),
        Err((file, Errno::EWOULDBLOCK | Errno::EINTR)) => file,
        Err((_, errno)) => return Err(errno.into()),
    };
    let (sender, receiver) = mpsc::sync_channel(0);
    std::thread::Builder::new().name("audit lock".into()).spawn(move || {
        let mut file = file;
        let held = loop {
            match Flock::lock(file, kind) {
                Err((again, Errno::EINTR)) => file = again,
                Err((_, errno)) => break Err(io::Error::from(errno)),
                Ok(held) => break Ok(held),
            }
        };
        // Where nobody waits any more, the lock comes back and is dropped.
        drop(sender.send(held));
    })?;
    match receiver.recv_timeout(patience) {
        Ok(held) => held.map(Some),
        Err(mpsc::RecvTimeoutError::Timeout) => Ok(None),
        Err(mpsc::RecvTimeoutError::Disconnected) => Err(io::Error::other("the waiting thread ended")),
    }
}

fn same_file(file: &File, path: &Path) -> bool {
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(held), Ok(named)) => (held.dev(), held.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

impl LogFile {
    /// The name, for messages.
    pub(super) fn name(&self) -> String {
        file_name(self.number)
    }

    /// Opens it for reading and appending.
    pub(super) fn open_append(&self) -> Result<File, AuditError> {
        self.open(OpenOptions::new().read(true).append(true), "open")
    }

    /// Opens it for reading.
    pub(super) fn open_read(&self) -> Result<File, AuditError> {
        self.open(OpenOptions::new().read(true), "open")
    }

    /// Makes it, where nothing has its name, and makes the name durable.
    pub(super) fn create(&self) -> Result<File, AuditError> {
        let file = self.open(OpenOptions::new().read(true).append(true).create_new(true), "create")?;
        sync_dir(self.path.parent().unwrap_or(Path::new(".")))?;
        Ok(file)
    }

    fn open(&self, options: &mut OpenOptions, action: &'static str) -> Result<File, AuditError> {
        let file = options
            .mode(0o600)
            .custom_flags((OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits())
            .open(&self.path)
            .map_err(AuditError::io(action, &self.path))?;
        require_file(&file, &self.path)?;
        Ok(file)
    }
}

/// Refuses what is no plain file; returns its length in bytes.
pub(super) fn require_file(file: &File, path: &Path) -> Result<u64, AuditError> {
    let found = file.metadata().map_err(AuditError::io("look at", path))?;
    if found.is_file() {
        Ok(found.len())
    } else {
        Err(AuditError::WrongKind { path: path.to_path_buf(), expected: "file" })
    }
}

/// Makes `path` and what is missing above it, for the owner alone, durably.
pub(super) fn create_private_dir(path: &Path) -> Result<(), AuditError> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => return Ok(()),
        Ok(_) => return Err(AuditError::WrongKind { path: path.to_path_buf(), expected: "directory" }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(source) => return Err(AuditError::io("look at", path)(source)),
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent {
        create_private_dir(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(path) {
        // Another process was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
        other => other.map_err(AuditError::io("create", path))?,
    }
    sync_dir(parent.unwrap_or(Path::new(".")))
}

/// Makes the names in directory `path` durable.
pub(super) fn sync_dir(path: &Path) -> Result<(), AuditError> {
    File::open(path).and_then(|directory| directory.sync_all()).map_err(AuditError::io("sync", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory() -> (tempfile::TempDir, Directory) {
        let state = tempfile::tempdir().unwrap();
        let directory = Directory::of(state.path());
        directory.create().unwrap();
        (state, directory)
    }

    #[test]
    fn only_canonical_names_are_files_of_the_log() {
        let (state, directory) = directory();
        for name in [
            "000000.jsonl",
            "000002.jsonl",
            "000010.jsonl",
            "1234567.jsonl",
            "1.jsonl",
            "+00001.jsonl",
            "000003.jsonl.bak",
            "lock",
        ] {
            fs::write(state.path().join("audit").join(name), "").unwrap();
        }
        let numbers: Vec<u64> = directory.files().unwrap().iter().map(|file| file.number).collect();
        assert_eq!(numbers, [2, 10, 1_234_567]);
    }

    #[test]
    fn a_held_lock_is_an_error_after_a_while_and_free_afterwards() {
        let (_state, directory) = directory();
        let held = directory.lock(Duration::from_secs(1)).unwrap();
        let refused = directory.lock(Duration::from_millis(20)).err().unwrap();
        assert!(matches!(refused, AuditError::Locked { .. }), "{refused}");
        assert!(matches!(directory.lock_shared(Duration::from_millis(20)), Err(AuditError::Locked { .. })));
        drop(held);
        assert!(directory.lock(Duration::from_secs(10)).is_ok());
        let _one = directory.lock_shared(Duration::from_secs(10)).unwrap().unwrap();
        assert!(directory.lock_shared(Duration::from_secs(10)).unwrap().is_some());
    }

    #[test]
    fn a_lock_on_a_removed_file_does_not_count() {
        let (state, directory) = directory();
        let held = directory.lock(Duration::from_secs(1)).unwrap();
        let waiting = {
            let directory = directory.clone();
            std::thread::spawn(move || directory.lock(Duration::from_secs(30)).map(|_lock| ()))
        };
        fs::remove_file(state.path().join("audit/lock")).unwrap();
        drop(held);
        waiting.join().unwrap().unwrap();
        assert!(state.path().join("audit/lock").exists());
    }

    #[test]
    fn links_and_devices_are_refused() {
        let (state, directory) = directory();
        let outside = state.path().join("outside");
        fs::write(&outside, "").unwrap();
        std::os::unix::fs::symlink(&outside, directory.file(1).path).unwrap();
        assert!(matches!(directory.file(1).open_append(), Err(AuditError::Io { .. })));
        assert!(matches!(directory.file(1).open_read(), Err(AuditError::Io { .. })));
        nix::unistd::mkfifo(&directory.file(2).path, nix::sys::stat::Mode::S_IRWXU).unwrap();
        assert!(matches!(directory.file(2).open_read(), Err(AuditError::WrongKind { .. })));
        fs::create_dir(directory.file(3).path).unwrap();
        assert!(matches!(directory.file(3).open_read(), Err(AuditError::WrongKind { .. })));
        std::os::unix::fs::symlink(&outside, state.path().join("audit/lock")).unwrap();
        assert!(matches!(directory.lock(Duration::from_secs(1)), Err(AuditError::Io { .. })));
    }

    #[test]
    fn a_linked_directory_is_refused() {
        let state = tempfile::tempdir().unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(elsewhere.path(), state.path().join("audit")).unwrap();
        assert!(matches!(Directory::of(state.path()).create(), Err(AuditError::WrongKind { .. })));
    }
}
