//! What an authorized run starts in turn is covered by its authorization.
//!
//! A `local-exec` that calls `kubectl` meets the shim again. Such a call is
//! recognised by its ancestors: one of them is the tollgate that waits for the
//! authorized run, named with its start time in a file of the state
//! directory. Never by the environment, which anybody can set.
//!
//! It covers no more than was agreed to: a confirmation does not cover what
//! needs a second person, and nothing covers a denial.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Authorized, How};
use crate::context::lineage::Ancestor;
use crate::shim::marker;
use crate::verdict::Decision;

/// A run that is going on.
#[derive(Debug, Serialize, Deserialize)]
struct Running {
    started: u64,
    request: String,
    level: Decision,
}

/// Takes the note of a run away when the run is over.
#[derive(Debug)]
pub struct Guard(PathBuf);

impl Drop for Guard {
    fn drop(&mut self) {
        // What is left behind names a start time that no later process has.
        let _ = fs::remove_file(&self.0);
    }
}

fn directory(state: &Path) -> PathBuf {
    state.join("running")
}

/// Notes that this process (`pid`, started at `started` ticks after boot)
/// waits for the run that `authorized` stands for.
///
/// # Errors
/// Where the state directory cannot be written.
pub fn announce(state: &Path, authorized: &Authorized, pid: u32, started: u64) -> io::Result<Guard> {
    let directory = directory(state);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&directory)?;
    let path = directory.join(pid.to_string());
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
    let running = Running { started, request: authorized.request.clone(), level: authorized.level };
    file.write_all(&serde_json::to_vec(&running)?)?;
    Ok(Guard(path))
}

/// The authorization that covers a call with these ancestors, if one does.
pub fn covering(state: &Path, lineage: &[Ancestor], request: &str, decision: Decision) -> Option<Authorized> {
    if decision == Decision::Deny {
        return None;
    }
    let directory = directory(state);
    lineage.iter().find_map(|ancestor| {
        let bytes = fs::read(directory.join(ancestor.pid.to_string())).ok()?;
        let running: Running = serde_json::from_slice(&bytes).ok()?;
        let covers =
            running.started == ancestor.started && decision <= running.level && is_tollgate(ancestor.pid);
        covers.then(|| Authorized {
            request: request.to_owned(),
            how: How::Covered { by: running.request },
            level: running.level,
        })
    })
}

/// Whether the process runs a tollgate: only one of those waits for a run.
fn is_tollgate(pid: u32) -> bool {
    let path = PathBuf::from(format!("/proc/{pid}/exe"));
    fs::File::open(&path).is_ok_and(|file| marker::is_tollgate(&path, &file).unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::lineage::lineage_of;

    fn authorized(level: Decision) -> Authorized {
        Authorized { request: "outer".to_owned(), how: How::Confirmed, level }
    }

    #[test]
    fn a_note_alone_covers_nothing() {
        let state = tempfile::tempdir().unwrap();
        let own = lineage_of(std::process::id());
        let first = own.first().unwrap();
        let guard = announce(state.path(), &authorized(Decision::Peer), first.pid, first.started).unwrap();
        let found = covering(state.path(), &own, "inner", Decision::Confirm);
        assert!(found.is_none(), "the test program is no tollgate, so its note is a forgery");
        drop(guard);
        assert_eq!(fs::read_dir(state.path().join("running")).unwrap().count(), 0);
    }
}
