//! Runs an authorized program as a child, so that its end can be recorded,
//! and stays out of its way: same process group, same terminal, same signals,
//! same end.
//!
//! # Which signals are passed on
//! The child shares this process's group, so that a shell, a pipeline and the
//! terminal see one job. A signal to the whole group (Ctrl-C, `kill %1`,
//! `timeout`) has then reached the child already, and must not be sent again:
//! terraform takes a first interrupt as a request to stop cleanly, and a second
//! as an order to abort, which may lose state. A signal to this process alone
//! (`terraform apply & kill $!` in a script) has to be passed on. The kernel
//! does not say which of the two it was, so there is evidence, on Linux: a
//! third process of the group, which blocks every signal and so keeps those
//! sent to the group (`canary.rs`). Of a signal taken:
//!
//! - SIGCONT and SIGWINCH are always passed on: a second one does no harm.
//! - What the child itself sent is never sent back to it.
//! - To a child that has left the group, everything else is passed on.
//! - What the terminal made for its foreground group (Ctrl-C, Ctrl-\, Ctrl-Z)
//!   is not passed on.
//! - Everything else, a hang-up included (the terminal's goes to the session's
//!   leader alone at times), is passed on unless it is found in the canary, in
//!   the instant or within 50 ms: whoever signals one process after the other
//!   (a service manager) may reach this one first. The canary that holds it is
//!   then replaced, so that the next one of its kind can be told as well.
//!
//! A second signal of one kind within the few milliseconds of such a
//! replacement counts as one with the first: `timeout` signals its child and
//! then the group. SIGKILL and SIGSTOP cannot be passed on, and real-time
//! signals are not.
//!
//! # Where there is no evidence
//! Not on Linux, or where no canary can be started or read, the sender decides,
//! as in sudo's `exec_nopty.c`:
//!
//! - What the terminal made (a hang-up too): not passed on.
//! - What a process of this group sent is taken as sent to the group: not
//!   passed on. A script without job control that signals only this process is
//!   therefore not heard by the child.
//! - What any other process sent, or the kernel to this process alone (an
//!   alarm), is passed on. Where such a sender signalled the whole group, the
//!   child gets it twice.
//! - Where the kernel does not say who sent it (not Linux), what a terminal can
//!   make is not passed on, and everything else is.

mod canary;
mod signals;

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use nix::errno::Errno;
use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, PosixSpawnFlags, posix_spawn};
use nix::sys::resource::{Resource, setrlimit};
use nix::sys::signal::{SigSet, SigmaskHow, Signal, kill, raise};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, getpgid, getpgrp};

use crate::process::{Executable, Images};
use crate::ui::sanitize;

use canary::Witness;
use signals::{Inbox, Letter, Sender, is_for_child, is_typed, watched_signals};

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It exited with this code, 0 to 255.
    Code(i32),
    /// This signal, by its number here, ended it.
    Signal(i32),
}

impl Ended {
    /// The exit code a shell would give it: signal N is 128+N.
    pub fn shell_code(self) -> u8 {
        let code = match self {
            Self::Code(code) => code & 0xff,
            Self::Signal(number) => 128_i32.saturating_add(number),
        };
        u8::try_from(code).unwrap_or(u8::MAX)
    }
}

/// What tells a program to end.
const ENDS: [Signal; 4] = [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT];

/// Why a program could not be started, or its end is not known.
#[derive(Debug, thiserror::Error)]
pub enum SuperviseError {
    /// An argument or a variable cannot be handed to any program.
    #[error("cannot start {program}: an argument or a variable holds a NUL byte")]
    Nul {
        /// The program, for display.
        program: String,
        /// Where the byte is.
        source: io::Error,
    },
    /// This process could not prepare to pass signals on.
    #[error("cannot start {program}: {step} failed")]
    Prepare {
        /// The program, for display.
        program: String,
        /// What was tried.
        step: &'static str,
        /// What the system answered.
        source: io::Error,
    },
    /// The system did not start the program.
    #[error("cannot start {program}: {reason}")]
    Start {
        /// The program, for display.
        program: String,
        /// What that answer means.
        reason: &'static str,
        /// What the system answered.
        source: io::Error,
    },
    /// The program ran, but how it ended was not to be learned.
    #[error("{program} was started, but its end is unknown")]
    Lost {
        /// The program, for display.
        program: String,
        /// What the system answered.
        source: io::Error,
    },
}

/// Starts `program` in this process's group, waits for it, and tells how it
/// ended. Its `argv[0]` is its path, its signal mask is the one this process
/// had, and SIGPIPE has its default effect, as after an exec.
///
/// Once the program was started, this thread's signals **stay blocked**, so
/// that nothing ends this process between the child's end and its record:
/// record it, then call [`end_like`]. To be called while this process has no
/// other thread, since another one would take the signals.
///
/// # Errors
/// Where it cannot be started (nothing ran, and signals are as before), or its
/// end cannot be learned ([`SuperviseError::Lost`]).
pub fn supervise(program: &Executable) -> Result<Ended, SuperviseError> {
    supervise_noting(program).map(|(ended, _)| ended)
}

/// The same, and whether anybody told it, or this process, to end meanwhile: a program may
/// have been done already, and end as if nothing had been said.
///
/// # Errors
/// As there.
pub fn supervise_noting(program: &Executable) -> Result<(Ended, bool), SuperviseError> {
    let shown = || sanitize::os(program.path.as_os_str());
    let prepare = |step, source| SuperviseError::Prepare { program: shown(), step, source };
    let images = program.images().map_err(|source| SuperviseError::Nul { program: shown(), source })?;
    // A caller that ignores SIGCHLD hands that down, and the kernel then
    // throws exit statuses away. The handler itself does nothing.
    signal_hook::flag::register(Signal::SIGCHLD as i32, Arc::new(AtomicBool::new(false)))
        .map_err(|error| prepare("watching for its end", error))?;
    let watched = watched_signals();
    let original = watched
        .thread_swap_mask(SigmaskHow::SIG_BLOCK)
        .map_err(|errno| prepare("blocking signals", errno.into()))?;
    let started = Inbox::open(watched)
        .map_err(|errno| prepare("opening the signal queue", errno.into()))
        .and_then(|inbox| {
            // Before the child, since what reaches the child has to reach the
            // witness too.
            let witness = Witness::new();
            // What came meanwhile has reached the witness, but will not reach
            // the child: it takes its effect here, as before the first mask.
            original
                .thread_set_mask()
                .and_then(|()| watched.thread_block())
                .map_err(|errno| prepare("blocking signals", errno.into()))?;
            start(program, &images, &original).map(|child| (inbox, witness, child))
        });
    match started {
        Ok((inbox, witness, child)) => {
            let mut told_to_end = false;
            follow(child, &inbox, witness, &mut told_to_end)
                .map(|ended| (ended, told_to_end))
                .map_err(|errno| SuperviseError::Lost { program: shown(), source: errno.into() })
        }
        Err(error) => {
            let _ = original.thread_set_mask();
            Err(error)
        }
    }
}

/// Ends this process the way the child ended. A signal is raised again with
/// its default effect, and this does not return; otherwise the exit code to
/// end with is returned, which is 128+N for a signal that cannot be raised.
///
/// Buffered output has to be flushed before.
#[must_use]
pub fn end_like(ended: Ended) -> u8 {
    if let Ended::Signal(number) = ended {
        // The child's core is the interesting one, and ours would replace it.
        let _ = setrlimit(Resource::RLIMIT_CORE, 0, 0);
        let _ = signal_hook::low_level::emulate_default_handler(number);
    }
    ended.shell_code()
}

/// Starts `program` with `mask` as its signal mask.
///
/// Not by [`std::process::Command`], which has no safe way to give the child
/// another mask than ours; and never by PATH, whose functions run a file that
/// is no program as a shell script.
fn start(program: &Executable, images: &Images, mask: &SigSet) -> Result<Pid, SuperviseError> {
    // This process may ignore SIGPIPE; no program expects to be born so.
    let mut defaults = SigSet::empty();
    defaults.add(Signal::SIGPIPE);
    let spawn = || {
        let mut attributes = PosixSpawnAttr::init()?;
        attributes.set_sigmask(mask)?;
        attributes.set_sigdefault(&defaults)?;
        attributes
            .set_flags(PosixSpawnFlags::POSIX_SPAWN_SETSIGMASK | PosixSpawnFlags::POSIX_SPAWN_SETSIGDEF)?;
        let files = PosixSpawnFileActions::init()?;
        posix_spawn(program.path.as_path(), &files, &attributes, &images.arguments, &images.environment)
    };
    spawn().map_err(|errno| SuperviseError::Start {
        program: sanitize::os(program.path.as_os_str()),
        reason: start_failure(errno, program.path.exists()),
        source: errno.into(),
    })
}

/// What `errno` from exec means for a person.
fn start_failure(errno: Errno, exists: bool) -> &'static str {
    match errno {
        Errno::ENOENT if exists => "the interpreter or loader that it names does not exist",
        Errno::ENOENT | Errno::ENOTDIR => "there is no such file",
        Errno::EACCES | Errno::EPERM => "it may not be executed, by its permissions or where it is mounted",
        Errno::ENOEXEC => "it is neither a program for this machine nor a script that begins with #!",
        Errno::ETXTBSY => "it is open for writing, as during an installation",
        Errno::E2BIG => "its arguments and environment are larger than the system takes",
        _ => "the system refused",
    }
}

/// Passes signals on until `child` has ended.
fn follow(child: Pid, inbox: &Inbox, mut witness: Witness, told_to_end: &mut bool) -> nix::Result<Ended> {
    let group = getpgrp();
    loop {
        let Ok(letter) = inbox.next() else {
            // Deaf, but not gone: the end is still worth recording.
            return wait_for_end(child);
        };
        *told_to_end |= letter.signal.is_some_and(|signal| ENDS.contains(&signal));
        match letter.signal {
            Some(Signal::SIGCHLD) => {
                if let Some(ended) = look_after(child, letter.killed)? {
                    return Ok(ended);
                }
            }
            Some(signal) if has_missed(child, group, signal, &letter, &mut witness) => {
                // It may be gone already, or have become another user; either
                // way there is nothing left to do about this signal.
                let _ = kill(child, signal);
            }
            _ => {}
        }
    }
}

/// Whether `signal`, which came by `letter`, is to be passed on to `child`; see
/// the module's rule.
fn has_missed(child: Pid, group: Pid, signal: Signal, letter: &Letter, witness: &mut Witness) -> bool {
    let from_child = letter.sender == Sender::Process(child);
    if matches!(signal, Signal::SIGCONT | Signal::SIGWINCH) {
        return !from_child;
    }
    // Asked also where the answer does not matter, so that the signal is not
    // taken for the evidence of a later one.
    let to_group = witness.saw(signal);
    if from_child {
        return false;
    }
    if getpgid(Some(child)) != Ok(group) {
        return true;
    }
    if letter.sender == Sender::Kernel && is_typed(signal) {
        return false;
    }
    to_group.map_or_else(
        || is_for_child(signal, letter.sender, child, group, |pid| getpgid(Some(pid)).ok()),
        |to_group| !to_group,
    )
}

/// Takes note of what became of `child`: its end, or that it was stopped, in
/// which case this process stops too, so that a shell sees the job stopped.
fn look_after(child: Pid, killed: Option<(Pid, i32)>) -> nix::Result<Option<Ended>> {
    loop {
        match waitpid(child, Some(WaitPidFlag::WNOHANG | WaitPidFlag::WUNTRACED)) {
            // SIGCONT then arrives like any signal, and is passed on.
            Ok(WaitStatus::Stopped(..)) => raise(Signal::SIGSTOP)?,
            // The status of a child that a real-time signal killed has no
            // name in nix, and is consumed by now.
            Err(Errno::EINVAL) => {
                return killed
                    .filter(|&(pid, _)| pid == child)
                    .map(|(_, number)| Some(Ended::Signal(number)))
                    .ok_or(Errno::EINVAL);
            }
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
            Ok(status) => return Ok(end_in(status)),
        }
    }
}

/// Waits for the end of `child` alone.
fn wait_for_end(child: Pid) -> nix::Result<Ended> {
    loop {
        match waitpid(child, None) {
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
            Ok(status) => {
                if let Some(ended) = end_in(status) {
                    return Ok(ended);
                }
            }
        }
    }
}

/// The end that `status` tells of, if it does.
fn end_in(status: WaitStatus) -> Option<Ended> {
    match status {
        WaitStatus::Exited(_, code) => Some(Ended::Code(code)),
        WaitStatus::Signaled(_, signal, _) => Some(Ended::Signal(signal as i32)),
        _ => None,
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;
