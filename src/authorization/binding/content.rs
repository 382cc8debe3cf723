//! Digests of what files and directories hold.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::BindingError;
use crate::digest::hex;
use crate::files;

/// How many bytes all inputs of one command may hold.
const BYTES: u64 = 512 << 20;

/// How many names all directories of one command may hold, to be read and to be listed.
const NAMES: usize = 20_000;
const OUTLINED: usize = 200_000;

/// What is little, in files and bytes.
const FEW: usize = 2_000;
const LITTLE: u64 = 16 << 20;

/// How deep a directory may be.
const DEPTH: usize = 64;

/// How closely a directory is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Depth {
    /// What every file holds.
    Content,
    /// The same where it is little, and else how large every file is, which, and when it
    /// was changed: of what is sent as it is, and may be very much.
    Outline,
}

/// What may still be read for one command.
#[derive(Debug)]
pub(super) struct Budget {
    bytes: u64,
    names: usize,
    outlined: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { bytes: BYTES, names: NAMES, outlined: OUTLINED }
    }
}

impl Budget {
    /// The digest of the regular file behind `path`, read once from one handle; `None`
    /// where there is none.
    pub(super) fn file(&mut self, path: &Path) -> Result<Option<String>, BindingError> {
        same_for_all(path)?;
        self.content(path)
    }

    fn content(&mut self, path: &Path) -> Result<Option<String>, BindingError> {
        let unreadable = |source| BindingError::Unreadable { path: path.to_path_buf(), source };
        let flags = nix::libc::O_NONBLOCK | nix::libc::O_NOCTTY;
        let mut file = match OpenOptions::new().read(true).custom_flags(flags).open(path) {
            Ok(file) => file,
            Err(cause) if matches!(cause.raw_os_error(), Some(nix::libc::ENOENT | nix::libc::ENOTDIR)) => {
                return Ok(None);
            }
            Err(cause) => return Err(unreadable(cause)),
        };
        let metadata = file.metadata().map_err(unreadable)?;
        if !metadata.is_file() {
            return Err(BindingError::NoFile { path: path.to_path_buf() });
        }
        if metadata.len() > self.bytes {
            return Err(BindingError::TooLarge { path: path.to_path_buf() });
        }
        let (digest, read) = of_handle(&mut file, self.bytes).map_err(unreadable)?;
        // What the kernel makes up, as below /proc, another process may read otherwise.
        if read != metadata.len() {
            return Err(unreadable(io::Error::other("it changed while it was read")));
        }
        self.bytes = self.bytes.saturating_sub(read);
        Ok(Some(digest))
    }

    /// The digest of the directory at `path`: every name below it in order, what it is,
    /// and what it holds. Links are followed, as most tools do.
    pub(super) fn tree(&mut self, path: &Path, depth: Depth) -> Result<String, BindingError> {
        same_for_all(path)?;
        if depth == Depth::Outline && is_little(path) {
            let left = (self.bytes, self.names);
            // What cannot be read is looked at as what is much.
            match self.tree(path, Depth::Content) {
                Err(cause) if !matches!(cause, BindingError::Elsewhere { .. }) => {
                    (self.bytes, self.names) = left;
                }
                other => return other,
            }
        }
        let mut digest = Sha256::new();
        self.below(path, depth, &mut Vec::new(), &mut digest)?;
        Ok(format!("sha256:{}", hex(&digest.finalize())))
    }

    fn below(
        &mut self,
        directory: &Path,
        depth: Depth,
        above: &mut Vec<(u64, u64)>,
        digest: &mut Sha256,
    ) -> Result<(), BindingError> {
        let too_large = || BindingError::TooLarge { path: directory.to_path_buf() };
        let own = directory
            .metadata()
            .map_err(|source| BindingError::Unreadable { path: directory.to_path_buf(), source })?;
        let own = (own.dev(), own.ino());
        // A link that leads back up was read there.
        if above.contains(&own) {
            digest.update(b"up\0");
            return Ok(());
        }
        if above.len() >= DEPTH {
            return Err(too_large());
        }
        let left = match depth {
            Depth::Content => &mut self.names,
            Depth::Outline => &mut self.outlined,
        };
        let names = files::names(directory, *left).map_err(|cause| match directory.read_dir() {
            Ok(_) => too_large(),
            Err(_) => BindingError::Said(cause),
        })?;
        let names = names.unwrap_or_default();
        *left = left.saturating_sub(names.len());
        above.push(own);
        digest.update(b"directory\0");
        for name in names {
            let path = directory.join(&name);
            digest.update((name.len() as u64).to_le_bytes());
            digest.update(name.as_bytes());
            self.entry(&path, depth, above, digest)?;
        }
        digest.update(b"end\0");
        above.pop();
        Ok(())
    }

    fn entry(
        &mut self,
        path: &Path,
        depth: Depth,
        above: &mut Vec<(u64, u64)>,
        digest: &mut Sha256,
    ) -> Result<(), BindingError> {
        if path.is_symlink() {
            same_for_all(path)?;
        }
        let metadata = match path.metadata() {
            Ok(metadata) => metadata,
            // A link to nothing.
            Err(_) if path.is_symlink() => {
                digest.update(b"nothing\0");
                return Ok(());
            }
            Err(source) => return Err(BindingError::Unreadable { path: path.to_path_buf(), source }),
        };
        if metadata.is_dir() {
            return self.below(path, depth, above, digest);
        }
        if metadata.is_file() {
            let content = match depth {
                Depth::Content => self.content(path)?.unwrap_or_default(),
                Depth::Outline => outline(&metadata),
            };
            digest.update(b"file\0");
            digest.update(content.as_bytes());
        } else if metadata.file_type().is_fifo() && depth == Depth::Content {
            return Err(BindingError::NoFile { path: path.to_path_buf() });
        } else {
            digest.update(b"special\0");
        }
        Ok(())
    }

    /// One digest of several files, by their names from `base` on.
    pub(super) fn together<'a>(
        &mut self,
        base: &Path,
        files: impl IntoIterator<Item = &'a PathBuf>,
    ) -> Result<String, BindingError> {
        let mut digest = Sha256::new();
        for path in files {
            let name = path.strip_prefix(base).unwrap_or(path).as_os_str().as_bytes();
            digest.update((name.len() as u64).to_le_bytes());
            digest.update(name);
            digest.update(self.file(path)?.unwrap_or_else(|| "absent".to_owned()));
        }
        Ok(format!("sha256:{}", hex(&digest.finalize())))
    }
}

/// Refuses what the tool may find to be something else than this process does.
pub(super) fn same_for_all(path: &Path) -> Result<(), BindingError> {
    if files::is_of_process(path) {
        return Err(BindingError::Elsewhere { path: path.to_path_buf() });
    }
    Ok(())
}

/// The digest of what one handle gives, of at most `limit` bytes and one, with how many
/// those were.
pub(super) fn of_handle(file: &mut File, limit: u64) -> io::Result<(String, u64)> {
    let mut digest = Sha256::new();
    let mut file = file.take(limit.saturating_add(1));
    let mut buffer = vec![0; 1 << 16];
    let mut read = 0;
    loop {
        let count = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
            Err(cause) => return Err(cause),
        };
        digest.update(buffer.get(..count).unwrap_or_default());
        read += count as u64;
    }
    Ok((format!("sha256:{}", hex(&digest.finalize())), read))
}

/// Whether a directory holds so little that it can be read.
fn is_little(path: &Path) -> bool {
    let (mut names_left, mut bytes_left) = (FEW, LITTLE);
    let mut open = vec![path.to_path_buf()];
    while let Some(directory) = open.pop() {
        let Ok(Some(names)) = files::names(&directory, names_left) else { return false };
        names_left -= names.len();
        for path in names.iter().map(|name| directory.join(name)) {
            // A link that leads back up ends where so many names were seen.
            let Ok(metadata) = path.metadata() else { continue };
            if metadata.is_dir() {
                open.push(path);
            } else if let Some(left) = bytes_left.checked_sub(metadata.len()) {
                bytes_left = left;
            } else {
                return false;
            }
        }
    }
    true
}

/// What is known of a file without reading it, as a digest. Anybody sets the time at which
/// it was written; not the one at which that was done.
pub(super) fn outline(metadata: &Metadata) -> String {
    let written = (metadata.mtime(), metadata.mtime_nsec());
    let changed = (metadata.ctime(), metadata.ctime_nsec());
    let text = format!("{} {written:?} {changed:?} {} {}", metadata.len(), metadata.dev(), metadata.ino());
    format!("sha256:{}", crate::digest::sha256(text.as_bytes()))
}

/// Whether a file is so small that it can be read.
pub(super) fn is_small(metadata: &Metadata) -> bool {
    metadata.len() <= LITTLE
}
