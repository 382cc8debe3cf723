//! What an authorized run starts in turn is covered by its authorization.
//!
//! A `local-exec` that calls `kubectl` meets the shim again. Such a call is
//! recognised by its ancestors: one of them is the tollgate that waits for the
//! authorized run. That process holds a sealed note in memory which names its
//! pid, its start time, and what was agreed to; a descendant reads it through
//! /proc, and looks for that very run in the record. Never by the environment or by
//! a file alone, which the run could change.
//!
//! It covers no more than was agreed to: a confirmation does not cover what
//! needs a second person, a human's run does not cover an agent that it starts,
//! and nothing covers a denial.
//!
//! Only on Linux; elsewhere a nested call is asked about again.

use serde::{Deserialize, Serialize};

use super::{Authorized, How};
use crate::context::lineage::Ancestor;
use crate::verdict::{Decision, PrincipalKind};

/// The name of the note, as /proc shows it.
#[cfg(target_os = "linux")]
const NAME: &std::ffi::CStr = c"tollgate-authorized";

/// What the note says.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    pid: u32,
    started: u64,
    request: String,
    level: Decision,
    principal: PrincipalKind,
}

/// A call that may be covered.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Its own request.
    pub request: &'a str,
    /// What it asks for.
    pub decision: Decision,
    /// Who asks.
    pub principal: PrincipalKind,
}

/// An authorized run that this process was started by, as its note and the record have it.
#[derive(Debug)]
pub struct Cover(Note);

impl Cover {
    /// Whether what was agreed to covers what asks for this.
    pub fn covers(&self, decision: Decision, principal: PrincipalKind) -> bool {
        decision != Decision::Deny && decision <= self.0.level && principal <= self.0.principal
    }

    /// The authorization that it stands for, where it covers `call`, and the process that waits
    /// for that run is still among the ancestors.
    pub fn authorization(&self, lineage: &[Ancestor], call: &Call<'_>) -> Option<Authorized> {
        let Note { pid, started, request, level, .. } = &self.0;
        let waits = lineage.iter().any(|one| one.pid == *pid && one.started == *started);
        (waits && self.covers(call.decision, call.principal)).then(|| Authorized {
            request: call.request.to_owned(),
            how: How::Covered { by: request.clone() },
            level: *level,
        })
    }
}

#[cfg(target_os = "linux")]
pub use linux::{announce, cover, forged};

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::{self, File};
    use std::io::{self, Read as _, Write as _};
    use std::os::fd::{AsFd as _, OwnedFd};
    use std::path::{Path, PathBuf};

    use nix::fcntl::{FcntlArg, SealFlag, fcntl};
    use nix::sys::memfd::{MFdFlags, memfd_create};

    use super::{Authorized, Cover, NAME, Note, PrincipalKind};
    use crate::audit;
    use crate::context::lineage::Ancestor;
    use crate::shim::real::Own;

    /// Notes that this process (`pid`, started `started` ticks after boot)
    /// waits for the run that `authorized` stands for, as long as the returned
    /// descriptor is open. The run itself does not inherit it.
    ///
    /// # Errors
    /// Where the kernel makes no such file.
    pub fn announce(
        authorized: &Authorized,
        principal: PrincipalKind,
        pid: u32,
        started: u64,
    ) -> io::Result<OwnedFd> {
        let note = memfd_create(NAME, MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING)?;
        let mut file = File::from(note);
        let request = authorized.request().to_owned();
        file.write_all(&serde_json::to_vec(&Note {
            pid,
            started,
            request,
            level: authorized.level(),
            principal,
        })?)?;
        fcntl(file.as_fd(), FcntlArg::F_ADD_SEALS(all_seals()))?;
        Ok(file.into())
    }

    fn all_seals() -> SealFlag {
        SealFlag::F_SEAL_SEAL | SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_WRITE
    }

    /// The authorized run that started a process with these ancestors, if one did. The
    /// record in `state` has to name that very process: a note alone is also what
    /// somebody could have opened before they started a tollgate.
    pub fn cover(lineage: &[Ancestor], state: &Path) -> Option<Cover> {
        let own = Own::of_this_process().ok()?;
        lineage.iter().filter(|ancestor| is_tollgate(ancestor.pid, own)).find_map(|ancestor| {
            let note = notes(&ancestor.pid.to_string()).ok()?.into_iter().find_map(|path| read(&path))?;
            let true_to = note.pid == ancestor.pid && note.started == ancestor.started;
            (true_to && is_recorded(&note, state)).then_some(Cover(note))
        })
    }

    /// Whether the record has a run of the note's request by the note's process.
    fn is_recorded(note: &Note, state: &Path) -> bool {
        let found = audit::newest(state, |entry| {
            entry.kind() == "exec"
                && entry.text("req") == Some(&note.request)
                && entry.integer("pid") == Some(note.pid.into())
                && entry.integer("started").and_then(|ticks| ticks.try_into().ok()) == Some(note.started)
        });
        found.is_ok_and(|found| found.is_some())
    }

    /// Whether this process was started with such a note open, or that cannot be told:
    /// only somebody who wants to pass for an authorized run hands one down.
    pub fn forged() -> bool {
        // Without /proc nobody sees a note either.
        Path::new("/proc/self").exists() && notes("self").map_or(true, |notes| !notes.is_empty())
    }

    /// The descriptors of a process that have the note's name.
    fn notes(pid: &str) -> io::Result<Vec<PathBuf>> {
        let name = format!("/memfd:{} (deleted)", NAME.to_string_lossy());
        let directory = format!("/proc/{pid}/fd");
        let mut notes = Vec::new();
        let (mut seen, mut own) = (0_usize, false);
        for entry in fs::read_dir(&directory)? {
            let path = entry?.path();
            seen += 1;
            match fs::read_link(&path) {
                Ok(target) if target == Path::new(&name) => notes.push(path),
                // The descriptor that lists them is one of them.
                Ok(target) => own |= target.starts_with("/proc") && target.ends_with("fd"),
                // Closed meanwhile, by another thread or process.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        if pid == "self" && (seen == 0 || !own) {
            return Err(io::Error::other("what is open here is not told"));
        }
        Ok(notes)
    }

    /// A note that nobody can have changed since it was sealed.
    fn read(path: &Path) -> Option<Note> {
        let file = File::open(path).ok()?;
        let seals = fcntl(file.as_fd(), FcntlArg::F_GET_SEALS).ok()?;
        if !SealFlag::from_bits_truncate(seals).contains(all_seals()) {
            return None;
        }
        let mut bytes = Vec::new();
        file.take(4096).read_to_end(&mut bytes).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Whether the process runs this very binary: only that waits for a run,
    /// and refuses to start with a note that it did not write.
    fn is_tollgate(pid: u32, own: Own) -> bool {
        fs::metadata(format!("/proc/{pid}/exe")).is_ok_and(|metadata| own.is(&metadata))
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use crate::authorization::How;
        use crate::authorization::covered::Call;
        use crate::context::lineage::lineage_of;
        use crate::verdict::Decision;

        #[test]
        fn a_note_speaks_of_the_process_that_wrote_it() {
            let authorized =
                Authorized { request: "outer".to_owned(), how: How::Confirmed, level: Decision::Peer };
            let mut own = lineage_of(std::process::id());
            let (pid, started) = own.first().map(|first| (first.pid, first.started)).unwrap();
            let agent = PrincipalKind::Agent;
            let asked = call(Decision::Confirm, PrincipalKind::Human);
            let state = tempfile::tempdir().unwrap();
            let covering = |own: &[Ancestor]| cover(own, state.path())?.authorization(own, &asked);
            assert!(!forged());
            let other = announce(&authorized, agent, pid, started + 1).unwrap();
            assert!(forged(), "it is there to be seen");
            assert!(covering(&own).is_none(), "another start time is another process");
            drop(other);
            let note = announce(&authorized, agent, pid, started).unwrap();
            assert!(File::from(note.try_clone().unwrap()).write_all(b"x").is_err(), "nobody can change it");
            for (pid, ticks, covers) in
                [(pid, started + 1, false), (pid + 1, started, false), (pid, started, true)]
            {
                assert!(covering(&own).is_none(), "the record does not have it");
                record(state.path(), pid, ticks);
                assert_eq!(covering(&own).is_some(), covers);
            }
            assert_eq!(covering(&own).unwrap().how(), &How::Covered { by: "outer".to_owned() });
            let known = cover(&own, state.path()).unwrap();
            own.remove(0);
            assert!(known.authorization(&own, &asked).is_none(), "nobody waits for that run any more");
            assert!(covering(&own).is_none(), "those above run something else");
        }

        #[test]
        fn a_note_covers_up_to_what_was_agreed_to() {
            let covers = |level, principal, decision, asks| {
                let note = Note { pid: 1, started: 1, request: "outer".to_owned(), level, principal };
                Cover(note).covers(decision, asks)
            };
            let (human, agent) = (PrincipalKind::Human, PrincipalKind::Agent);
            assert!(covers(Decision::Confirm, human, Decision::Confirm, human));
            assert!(!covers(Decision::Confirm, human, Decision::Peer, human));
            assert!(!covers(Decision::Confirm, human, Decision::Confirm, agent));
            assert!(covers(Decision::Peer, agent, Decision::Peer, agent));
            assert!(!covers(Decision::Peer, agent, Decision::Deny, human));
        }

        fn record(state: &Path, pid: u32, started: u64) {
            let event = audit::Event::Exec {
                request: "outer".to_owned(),
                authorization: "confirmed".to_owned(),
                note: None,
                binary: "/bin/true".into(),
                pid,
                started,
                approval: None,
                nonce: None,
                approvers: Vec::new(),
            };
            let _receipt = audit::Log::at(state).append(&event, jiff::Timestamp::now()).unwrap();
        }

        fn call(decision: Decision, principal: PrincipalKind) -> Call<'static> {
            Call { request: "inner", decision, principal }
        }
    }
}

#[cfg(not(target_os = "linux"))]
pub use elsewhere::{announce, cover, forged};

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use super::{Authorized, Cover, PrincipalKind};
    use crate::context::lineage::Ancestor;

    /// Nothing can be noted here that the run could not change.
    ///
    /// # Errors
    /// Never.
    pub fn announce(_: &Authorized, _: PrincipalKind, _: u32, _: u64) -> std::io::Result<()> {
        Ok(())
    }

    /// Nothing is covered here.
    pub fn cover(_: &[Ancestor], _: &std::path::Path) -> Option<Cover> {
        None
    }

    /// There are no notes to forge here.
    pub fn forged() -> bool {
        false
    }
}
