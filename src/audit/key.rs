//! The install key, and the random ids of requests.
//!
//! The key turns the arguments of a command into a MAC, so that two records
//! can be compared, and a suspected command line checked against a record,
//! without the log giving away short secrets to guessing: a plain hash would.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use hmac::{Hmac, Mac as _};
use nix::fcntl::OFlag;
use sha2::Sha256;

use super::AuditError;
use super::store::{create_private_dir, require_file, sync_dir};
use crate::digest::hex;

/// The length of the key, in bytes.
const LENGTH: usize = 32;
/// Its name in the state directory.
const FILE: &str = "install.key";
/// The digits of Crockford's base 32: none is taken for another.
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The secret of this installation.
pub struct InstallKey([u8; LENGTH]);

impl std::fmt::Debug for InstallKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InstallKey").finish_non_exhaustive()
    }
}

impl InstallKey {
    /// The key of the installation that keeps its state here; makes both first where
    /// they are missing.
    ///
    /// # Errors
    /// Where it cannot be read or made, or is no key.
    pub fn of(state: &Path) -> Result<Self, AuditError> {
        Self::load_or_create(&state.join(FILE))
    }

    /// The MAC of `parts`, in hexadecimal. Each is preceded by its length, so that no
    /// two lists are the same input; `domain` says what for, so that a MAC of one
    /// thing is never that of another.
    pub fn mac(&self, domain: &str, parts: &[&[u8]]) -> String {
        // HMAC fills a short key up with zeros to the block of its hash.
        let mut block = [0; 64];
        block.iter_mut().zip(self.0).for_each(|(to, from)| *to = from);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        mac.update(domain.as_bytes());
        mac.update(b"\0");
        for part in parts {
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        hex(&mac.finalize().into_bytes())
    }

    /// Reads the key at `path`; makes it first where there is none. Of several
    /// processes that make it at once, one wins and all read the same.
    pub(super) fn load_or_create(path: &Path) -> Result<Self, AuditError> {
        match Self::load(path) {
            Err(AuditError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
                create(path)?;
                Self::load(path)
            }
            other => other,
        }
    }

    fn load(path: &Path) -> Result<Self, AuditError> {
        let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
        let mut file = OpenOptions::new()
            .read(true)
            .custom_flags(flags.bits())
            .open(path)
            .map_err(AuditError::io("open the install key", path))?;
        let length = require_file(&file, path)?;
        let mut key = [0; LENGTH];
        if length != LENGTH as u64 {
            return Err(AuditError::Key { path: path.to_path_buf(), length });
        }
        file.read_exact(&mut key).map_err(AuditError::io("read the install key", path))?;
        Ok(Self(key))
    }

    /// The MAC of `argv`, in hexadecimal.
    pub(super) fn argv_mac(&self, argv: &[OsString]) -> String {
        let words: Vec<&[u8]> = argv.iter().map(|word| word.as_bytes()).collect();
        self.mac("tollgate-argv-v1", &words)
    }
}

/// Writes a new key beside `path` and links it there: the name appears with
/// the whole key behind it, and never replaces another.
fn create(path: &Path) -> Result<(), AuditError> {
    let directory = path.parent().unwrap_or(Path::new("."));
    create_private_dir(directory)?;
    let mut key = [0; LENGTH];
    getrandom::fill(&mut key).map_err(AuditError::Entropy)?;
    let mut suffix = [0; 8];
    getrandom::fill(&mut suffix).map_err(AuditError::Entropy)?;
    let temporary = directory.join(format!(".install.key.{}", hex(&suffix)));
    let linked = write_new(&temporary, &key).and_then(|()| match fs::hard_link(&temporary, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    });
    let removed = fs::remove_file(&temporary);
    linked.and(removed).map_err(AuditError::io("create the install key", path))?;
    sync_dir(directory)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file: File = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A new id for one invocation, like `7KQ2-M4TD-91XH`: 60 random bits in
/// Crockford's base 32, short enough to type.
///
/// # Errors
/// [`AuditError::Entropy`] where the operating system gives no random bytes.
pub fn new_request_id() -> Result<String, AuditError> {
    let mut bits = getrandom::u64().map_err(AuditError::Entropy)?;
    let mut id = String::with_capacity(14);
    for position in 0..12 {
        if position > 0 && position % 4 == 0 {
            id.push('-');
        }
        let digit = DIGITS.get((bits & 31) as usize).copied().unwrap_or(b'0');
        id.push(char::from(digit));
        bits >>= 5;
    }
    Ok(id)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn racing_processes_agree_on_one_key() {
        let state = tempfile::tempdir().unwrap();
        let path = state.path().join("deep/state/install.key");
        let keys: HashSet<[u8; LENGTH]> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..32).map(|_| scope.spawn(|| InstallKey::load_or_create(&path).unwrap().0)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(keys.len(), 1);
        let metadata = fs::metadata(&path).unwrap();
        assert_eq!((metadata.permissions().mode() & 0o777, metadata.len()), (0o600, 32));
        let left: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
    }

    #[test]
    fn a_damaged_or_linked_key_is_refused() {
        let state = tempfile::tempdir().unwrap();
        let path = state.path().join("install.key");
        fs::write(&path, b"short").unwrap();
        assert!(matches!(InstallKey::load_or_create(&path), Err(AuditError::Key { length: 5, .. })));
        fs::remove_file(&path).unwrap();
        let other = state.path().join("other");
        fs::write(&other, [7; LENGTH]).unwrap();
        std::os::unix::fs::symlink(&other, &path).unwrap();
        assert!(matches!(InstallKey::load_or_create(&path), Err(AuditError::Io { .. })));
    }

    #[test]
    fn the_mac_tells_argument_lists_apart() {
        let key = InstallKey([1; LENGTH]);
        let mac = |words: &[&str]| key.argv_mac(&words.iter().map(OsString::from).collect::<Vec<_>>());
        let all = [&["a", "b"][..], &["ab"], &["a", "", "b"], &["b", "a"], &["a b"], &[]];
        assert_eq!(all.iter().map(|words| mac(words)).collect::<HashSet<_>>().len(), all.len());
        assert_ne!(InstallKey([2; LENGTH]).argv_mac(&[]), key.argv_mac(&[]));
        assert_ne!(key.mac("tollgate-other-v1", &[]), key.argv_mac(&[]));
    }

    #[test]
    fn request_ids_are_distinct_and_easy_to_type() {
        let ids: HashSet<String> = (0..1000).map(|_| new_request_id().unwrap()).collect();
        assert_eq!(ids.len(), 1000);
        let shape = regex::Regex::new("^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$").unwrap();
        assert!(ids.iter().all(|id| shape.is_match(id)), "{ids:?}");
    }
}
