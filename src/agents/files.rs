//! Writing an agent's configuration: whole, with its mode and owner, through links,
//! and with the first original kept beside it.

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use crate::ui::sanitize;

/// What an original is called, behind its own name.
const BACKUP: &str = ".tollgate-backup";

/// How many originals of a file of ours are kept at most.
const MOST_BACKUPS: u32 = 100;

/// A change to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The file, by the name that the agent uses.
    pub file: PathBuf,
    /// What is in it; `None` where there is none.
    pub before: Option<String>,
    /// What is to be in it; `None` where it goes.
    pub after: Option<String>,
    /// What a person can write into it instead.
    pub by_hand: String,
    /// What becomes of the original.
    pub(super) original: Original,
    /// Which permissions a new file gets.
    pub(super) mode: u32,
    /// A directory of our own that it is in: the only one that goes with it.
    pub(super) own_directory: Option<PathBuf>,
}

/// What becomes of the original of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Original {
    /// It is kept beside the file, unless one is.
    Keep,
    /// It is a file of ours that somebody has changed: it is kept beside it, and so
    /// is what is there.
    KeepToo,
    /// Nothing.
    Leave,
    /// What is kept is what the file holds again.
    Drop,
}

/// Why a file cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// It is another's.
    #[error("it belongs to user {0}")]
    Foreign(u32),
    /// Nobody is meant to write it.
    #[error("it is read-only")]
    ReadOnly,
    /// It is a link that leads nowhere.
    #[error("it is a link to {}, which is not there", sanitize::word(.0.as_os_str()))]
    Dangling(PathBuf),
    /// It is not what it was when the change was made up.
    #[error("it was changed meanwhile: try again")]
    Changed,
    /// The system refuses.
    #[error("{}", sanitize::word(path.as_os_str()))]
    Io {
        /// With which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Where the original of a file is kept.
pub(super) fn backup_of(file: &Path) -> PathBuf {
    let mut name = OsString::from(file.file_name().unwrap_or_default());
    name.push(BACKUP);
    file.with_file_name(name)
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> WriteError + '_ {
    move |source| WriteError::Io { path: path.to_owned(), source }
}

impl Change {
    /// A change to a file of the user's that keeps no original: it is shown before
    /// it is made.
    pub(crate) const fn new(file: PathBuf, before: Option<String>, after: String, mode: u32) -> Self {
        Self {
            file,
            before,
            after: Some(after),
            by_hand: String::new(),
            original: Original::Leave,
            mode,
            own_directory: None,
        }
    }

    /// Whether an entry of ours is there already.
    pub const fn is_update(&self) -> bool {
        self.before.is_some() && matches!(self.original, Original::Leave | Original::KeepToo)
    }

    /// Where the original is kept, if this keeps one.
    pub fn keeps(&self) -> Option<PathBuf> {
        let before = self.before.as_ref()?;
        let backup = backup_of(&self.file);
        // An empty one of a file that is not is what a full disk has left.
        let is_taken = |path: &Path| {
            path.symlink_metadata()
                .is_ok_and(|found| !found.is_file() || found.len() > 0 || before.is_empty())
        };
        match self.original {
            Original::Keep => (!is_taken(&backup)).then_some(backup),
            Original::KeepToo => std::iter::once(backup.clone())
                .chain((2..MOST_BACKUPS).map(|number| {
                    let mut name = backup.clone().into_os_string();
                    name.push(format!("-{number}"));
                    name.into()
                }))
                .find(|path| !is_taken(path)),
            Original::Leave | Original::Drop => None,
        }
    }

    /// Makes the change.
    ///
    /// # Errors
    /// Where the file cannot be written, or is not to be; it is as it was then.
    pub fn apply(&self) -> Result<(), WriteError> {
        let target = self.target()?;
        let metadata = match fs::metadata(&target) {
            Ok(metadata) => Some(metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(&target)(error)),
        };
        if let Some(metadata) = &metadata {
            check(metadata)?;
        }
        let found = if metadata.is_some() { Some(fs::read(&target).map_err(failed(&target))?) } else { None };
        if found.as_deref() != self.before.as_deref().map(str::as_bytes) {
            return Err(WriteError::Changed);
        }
        if let (Some(backup), Some(before), Some(metadata)) = (self.keeps(), &self.before, &metadata) {
            put(&backup, before, metadata.mode() & 0o777, Some(metadata))?;
        }
        match &self.after {
            Some(after) => self.write(&target, after, metadata.as_ref())?,
            None if target == self.file => self.delete()?,
            // The link is not ours.
            None => self.write(&target, "{}\n", metadata.as_ref())?,
        }
        if self.original == Original::Drop {
            let backup = backup_of(&self.file);
            match fs::remove_file(&backup) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&backup)(error)),
                _ => {}
            }
        }
        Ok(())
    }

    /// The file that is written: what a link leads to.
    fn target(&self) -> Result<PathBuf, WriteError> {
        match fs::read_link(&self.file) {
            Err(_) => Ok(self.file.clone()),
            Ok(link) => self.file.canonicalize().map_err(|_| WriteError::Dangling(link)),
        }
    }

    fn write(&self, target: &Path, text: &str, metadata: Option<&fs::Metadata>) -> Result<(), WriteError> {
        let directory = target.parent().unwrap_or(Path::new("/"));
        let others = self.mode & 0o007;
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true).mode(if others == 0 { 0o700 } else { 0o755 });
        builder.create(directory).map_err(failed(directory))?;
        let executable = self.mode & 0o111;
        let mode = metadata.map_or(self.mode, |metadata| metadata.mode() & 0o7777 | executable);
        put(target, text, mode, metadata)
    }

    /// Removes the file, and with the last one a directory of our own.
    fn delete(&self) -> Result<(), WriteError> {
        fs::remove_file(&self.file).map_err(failed(&self.file))?;
        let Some(own) = &self.own_directory else { return Ok(()) };
        for directory in self.file.ancestors().skip(1) {
            if !directory.starts_with(own) || fs::remove_dir(directory).is_err() {
                break;
            }
        }
        Ok(())
    }
}

/// Whether a file may be written by this user, who may be root and so could.
fn check(metadata: &fs::Metadata) -> Result<(), WriteError> {
    let user = nix::unistd::geteuid();
    if !user.is_root() && metadata.uid() != user.as_raw() {
        return Err(WriteError::Foreign(metadata.uid()));
    }
    if metadata.mode() & 0o200 == 0 {
        return Err(WriteError::ReadOnly);
    }
    Ok(())
}

/// Puts a whole file in its place, or nothing.
fn put(path: &Path, text: &str, mode: u32, like: Option<&fs::Metadata>) -> Result<(), WriteError> {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".tollgate-{}", std::process::id()));
    let draft = path.with_file_name(name);
    create(&draft, text, mode, like)
        .and_then(|()| fs::rename(&draft, path).map_err(failed(path)))
        .inspect_err(|_| drop(fs::remove_file(&draft)))
}

/// Writes a file that is not there, with the owner of another where there is one.
fn create(path: &Path, text: &str, mode: u32, like: Option<&fs::Metadata>) -> Result<(), WriteError> {
    let _ = fs::remove_file(path);
    let write = || {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        if let Some(like) = like.filter(|_| nix::unistd::geteuid().is_root()) {
            std::os::unix::fs::fchown(&file, Some(like.uid()), Some(like.gid()))?;
        }
        file.set_permissions(fs::Permissions::from_mode(mode))?;
        file.sync_all()
    };
    write().map_err(failed(path))
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
