//! Private keys in files: whose public part they hold, whatever they are called.
//!
//! Only public parts are looked for. Most formats hold it in the clear, even
//! where the rest is encrypted; for the others the `.pub` beside the file says.

use std::collections::HashSet;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use base64ct::{Base64, Encoding as _};

use super::{Reachable, der, shown};
use crate::authorization::signature::PublicKey;
use crate::authorization::signature::wire::Wire;
use crate::files;

/// How large a file may be that is looked into, in bytes. A key of RSA with
/// 16384 bits has 13 KiB.
const FILE_LIMIT: u64 = 64 * 1024;
/// How many files are looked into, in each of the two places.
const FILES_LIMIT: usize = 512;
/// How many names of a directory are read.
const NAME_LIMIT: usize = 4096;
/// How deep below `~/.ssh`.
const DEPTH: usize = 3;

/// Adds the private keys in `home` itself and below its `.ssh`.
pub(super) fn look(home: &Path, found: &mut Reachable) {
    // First, so that a link back to it leads nowhere.
    Search { left: FILES_LIMIT, seen: HashSet::new(), found }.below(home, 0);
    let seen = std::fs::metadata(home).iter().map(identity).collect();
    Search { left: FILES_LIMIT, seen, found }.below(&home.join(".ssh"), DEPTH);
}

struct Search<'a> {
    /// How many files may yet be looked into.
    left: usize,
    /// The directories that were read: links may make circles.
    seen: HashSet<(u64, u64)>,
    found: &'a mut Reachable,
}

fn identity(directory: &Metadata) -> (u64, u64) {
    (directory.dev(), directory.ino())
}

impl Search<'_> {
    /// Looks into the files of a directory, then into directories in it.
    fn below(&mut self, directory: &Path, depth: usize) {
        if !std::fs::metadata(directory).is_ok_and(|own| self.seen.insert(identity(&own))) {
            return;
        }
        let Ok(entries) = std::fs::read_dir(directory) else { return };
        let mut paths: Vec<PathBuf> =
            entries.take(NAME_LIMIT + 1).flatten().map(|entry| entry.path()).collect();
        let mut is_cut = paths.len() > NAME_LIMIT;
        paths.truncate(NAME_LIMIT);
        paths.sort_unstable();
        let mut directories = Vec::new();
        for path in paths {
            // Also through links: a key may lie elsewhere.
            let Ok(metadata) = std::fs::metadata(&path) else { continue };
            if metadata.is_dir() {
                directories.push(path);
            } else if metadata.is_file() && metadata.len() <= FILE_LIMIT {
                if self.left == 0 {
                    is_cut = true;
                    break;
                }
                self.left -= 1;
                file(&path, self.found);
            }
        }
        if is_cut {
            self.found.unseen.push(format!("{}: more files than are looked into", shown(directory)));
        }
        if let Some(depth) = depth.checked_sub(1) {
            for directory in directories {
                self.below(&directory, depth);
            }
        }
    }
}

fn file(path: &Path, found: &mut Reachable) {
    let Ok(Some(bytes)) = files::read(path, FILE_LIMIT) else { return };
    let text = String::from_utf8_lossy(&bytes);
    let mut is_private = false;
    for (label, body) in blocks(&text) {
        is_private |= label.ends_with("PRIVATE KEY");
        let Some(bytes) = unwrapped(body) else { continue };
        let blob = match label {
            "OPENSSH PRIVATE KEY" => openssh(&bytes).map(<[u8]>::to_vec),
            "RSA PRIVATE KEY" => der::rsa(&bytes),
            "EC PRIVATE KEY" => der::curve(&bytes),
            "PRIVATE KEY" => der::any(&bytes),
            _ => None,
        };
        if let Some(blob) = blob {
            found.add_blob(&blob, || shown(path));
        }
    }
    if let Some(blob) = putty(&text) {
        is_private = true;
        found.add_blob(&blob, || shown(path));
    }
    if is_private {
        for beside in [with_extension(path), path.with_extension("pub")] {
            if let Ok(Some(line)) = files::read(&beside, FILE_LIMIT)
                && let Ok(key) = PublicKey::parse(&String::from_utf8_lossy(&line))
            {
                found.add(key, || shown(path));
            }
        }
    }
}

fn with_extension(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".pub");
    name.into()
}

/// The labels and bodies of everything in armour.
fn blocks(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("-----BEGIN ").skip(1).filter_map(|block| {
        let (label, rest) = block.split_once("-----")?;
        let (body, _) = rest.split_once("-----END")?;
        Some((label, body))
    })
}

fn unwrapped(body: &str) -> Option<Vec<u8>> {
    let compact: String = body.chars().filter(|c| !c.is_whitespace()).collect();
    Base64::decode_vec(&compact).ok()
}

/// The public part of OpenSSH's own format, which is never encrypted.
fn openssh(bytes: &[u8]) -> Option<&[u8]> {
    let mut wire = Wire::new(bytes.strip_prefix(b"openssh-key-v1\0")?);
    let _cipher = wire.string()?;
    let _derivation = wire.string()?;
    let _options = wire.string()?;
    if wire.number()? == 0 {
        return None;
    }
    wire.string()
}

/// The public part of a file of `PuTTY`.
fn putty(text: &str) -> Option<Vec<u8>> {
    if !text.starts_with("PuTTY-User-Key-File-") {
        return None;
    }
    let mut lines = text.lines();
    let count = lines.find_map(|line| line.strip_prefix("Public-Lines: "))?.trim().parse().ok()?;
    unwrapped(&lines.take(count).collect::<String>())
}
