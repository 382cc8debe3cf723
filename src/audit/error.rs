//! What can go wrong with the record: always what, where, and the cause.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::ui::sanitize;

/// Why something was not recorded, or the record could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// The operating system refused.
    #[error("audit log: cannot {action} {}", shown(path))]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Another process held the lock for as long as this one was ready to wait.
    #[error("audit log: {} stayed locked by another process for {} s", shown(path), waited.as_secs())]
    Locked {
        /// The lock file.
        path: PathBuf,
        /// How long this process waited.
        waited: Duration,
    },
    /// A link, a pipe or a device is where a plain file or directory belongs.
    #[error("audit log: {} is not a plain {expected}", shown(path))]
    WrongKind {
        /// What is in the way.
        path: PathBuf,
        /// "file" or "directory".
        expected: &'static str,
    },
    /// The newest record cannot be linked to: it was edited, or files are missing.
    #[error(
        "audit log: {} is damaged: {what}; see `tollgate audit verify`, and move the directory away to \
         start a new log",
        shown(path)
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The install key has another length than it was made with.
    #[error("audit log: the install key {} is damaged: {length} bytes instead of 32", shown(path))]
    Key {
        /// The key file.
        path: PathBuf,
        /// Its length in bytes.
        length: u64,
    },
    /// The operating system gave no random bytes.
    #[error("audit log: the operating system gave no random bytes")]
    Entropy(#[source] getrandom::Error),
}

impl AuditError {
    /// An [`AuditError::Io`], for `map_err`.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_path_buf(), source }
    }

    /// An [`AuditError::Damaged`].
    pub(super) fn damaged(path: &Path, what: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_path_buf(), what: what.into() }
    }
}

fn shown(path: &Path) -> String {
    sanitize::os(path.as_os_str())
}
