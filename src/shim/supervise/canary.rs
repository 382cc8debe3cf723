//! Whether a signal went to the whole process group, by evidence: a *canary*
//! is a process of this group that blocks every signal, so that what the group
//! was sent stays pending in it, to be read in `/proc`. Linux only.
//!
//! It is `cat` on a pipe whose other end only this process holds: should this
//! process be killed, the canary reads the end of file and ends too. It has no
//! other file of ours or of the user's open, and never touches the terminal.

use std::ffi::CString;
use std::fs;
use std::io::{self, PipeWriter};
use std::os::fd::AsRawFd as _;
use std::thread::sleep;
use std::time::Duration;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::libc::STDERR_FILENO;
use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, PosixSpawnFlags, posix_spawn};
use nix::sys::signal::{SigSet, Signal, kill};
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, getpid};

use super::signals::watched_signals;

/// What can be a canary, by absolute path and never by the caller's PATH. All
/// of them read their input to its end and leave the mask as it was given.
const PROGRAMS: [&[&str]; 3] =
    [&["/bin/cat", "cat"], &["/usr/bin/cat", "cat"], &["/bin/sh", "sh", "-c", "read _"]];

/// How often the canary is looked at before a signal is taken as not sent to
/// the group, and how long to wait between. The kernel reaches a whole group at
/// once; a service manager signals one process after the other.
const LOOKS: u32 = 11;
const PAUSE: Duration = Duration::from_millis(5);

/// Signals by their bit, as in `/proc`: bit 0 is signal 1.
type Signals = u64;

fn bit(signal: Signal) -> Signals {
    1 << (signal as i32 - 1)
}

/// Tells signals to the group from those to this process alone.
pub(super) struct Witness {
    canary: Option<Canary>,
    /// What went to the group by the word of a former canary, and was not
    /// asked about yet.
    earlier: Signals,
}

impl Witness {
    /// Starts the canary. A group that has none is no error, but
    /// [`Witness::saw`] then does not know.
    pub(super) fn new() -> Self {
        Self { canary: Canary::start(), earlier: 0 }
    }

    /// Whether `signal`, just taken from the queue, went to the whole group;
    /// `None` if that is not known. To be asked once for each signal taken.
    pub(super) fn saw(&mut self, signal: Signal) -> Option<bool> {
        let asked = bit(signal);
        let earlier = self.earlier & asked != 0;
        self.earlier &= !asked;
        let looks = if earlier { 1 } else { LOOKS };
        let held = self.canary.as_ref().and_then(|canary| canary.holds(asked, looks));
        let to_group = if earlier { Some(true) } else { held };
        if held != Some(false) {
            let again = self.renew(asked);
            if to_group == Some(true) {
                self.earlier |= again;
            }
        }
        to_group
    }

    /// Puts a canary in place that does not hold `answered`, so that the next
    /// one of its kind shows. The former one ends after the new one started, so
    /// that no other signal falls between them.
    ///
    /// Another one of `answered` may, and is returned. After one to the group it
    /// is to count as one with it, as signals of one kind merge in a queue:
    /// `timeout` signals its child and at once the group, and terraform is to
    /// see one interrupt.
    fn renew(&mut self, answered: Signals) -> Signals {
        let next = Canary::start();
        let again = pending_here() & answered;
        let shown = next.as_ref().and_then(Canary::held).unwrap_or(again);
        let held = self.canary.as_ref().and_then(Canary::held).unwrap_or(0);
        self.earlier |= held & !answered;
        self.canary = next;
        again & !shown
    }
}

/// One such process, killed and reaped when dropped.
struct Canary {
    pid: Pid,
    _lifeline: PipeWriter,
}

impl Canary {
    fn start() -> Option<Self> {
        if !cfg!(target_os = "linux") {
            return None;
        }
        // One whose state cannot be read is of no use.
        PROGRAMS.iter().find_map(|words| Self::spawn(words).ok().filter(|canary| canary.held().is_some()))
    }

    fn spawn(words: &[&str]) -> io::Result<Self> {
        let (path, arguments) = words.split_first().ok_or(Errno::EINVAL)?;
        let arguments = arguments.iter().copied().map(CString::new).collect::<Result<Vec<_>, _>>()?;
        let (input, lifeline) = io::pipe()?;
        let mut files = PosixSpawnFileActions::init()?;
        files.add_dup2(input.as_raw_fd(), 0)?;
        for output in [1, 2] {
            files.add_open(output, "/dev/null", OFlag::O_WRONLY, nix::sys::stat::Mode::empty())?;
        }
        // A pipe that the caller handed down would not end for its reader.
        for entry in fs::read_dir("/proc/self/fd")? {
            let number = entry?.file_name().to_str().and_then(|name| name.parse().ok());
            if let Some(inherited) = number.filter(|&number| number > STDERR_FILENO) {
                files.add_close(inherited)?;
            }
        }
        let mut attributes = PosixSpawnAttr::init()?;
        attributes.set_sigmask(&SigSet::all())?;
        attributes.set_flags(PosixSpawnFlags::POSIX_SPAWN_SETSIGMASK)?;
        let environment: [CString; 0] = [];
        let pid = posix_spawn(*path, &files, &attributes, &arguments, &environment)?;
        Ok(Self { pid, _lifeline: lifeline })
    }

    /// Whether it was sent one of `signals`, at one of so many looks.
    fn holds(&self, signals: Signals, looks: u32) -> Option<bool> {
        for look in 0..looks {
            if look > 0 {
                sleep(PAUSE);
            }
            if self.held()? & signals != 0 {
                return Some(true);
            }
        }
        Some(false)
    }

    /// The signals it was sent; `None` if that cannot be read.
    fn held(&self) -> Option<Signals> {
        pending_in(&fs::read_to_string(format!("/proc/{}/status", self.pid)).ok()?, getpid())
    }
}

impl Drop for Canary {
    fn drop(&mut self) {
        // By SIGKILL, since it may be stopped and then reads no end of file.
        let _ = kill(self.pid, Signal::SIGKILL);
        while waitpid(self.pid, None) == Err(Errno::EINTR) {}
    }
}

/// The signals in this process's own queue.
fn pending_here() -> Signals {
    fs::read_to_string("/proc/self/status").ok().and_then(|status| pending(&status)).unwrap_or(0)
}

/// The field `name` of `status`, the text of a `/proc/PID/status`.
fn field<'a>(status: &'a str, name: &str) -> Option<&'a str> {
    status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

fn signals(status: &str, name: &str) -> Option<Signals> {
    Signals::from_str_radix(field(status, name)?, 16).ok()
}

fn pending(status: &str) -> Option<Signals> {
    Some(signals(status, "SigPnd")? | signals(status, "ShdPnd")?)
}

/// The signals pending by `status`, the text of a `/proc/PID/status`, if it is
/// that of a canary of `parent`: `/proc` may show another PID namespace.
pub(super) fn pending_in(status: &str, parent: Pid) -> Option<Signals> {
    // The dead take no more signals, and what is not blocked does not stay.
    let alive = !field(status, "State")?.starts_with(['Z', 'X']);
    let kept = watched_signals()
        .iter()
        .filter(|signal| !matches!(signal, Signal::SIGKILL | Signal::SIGSTOP | Signal::SIGCHLD))
        .fold(0, |kept, signal| kept | bit(signal));
    let genuine =
        alive && field(status, "PPid")? == parent.to_string() && signals(status, "SigBlk")? & kept == kept;
    if genuine { pending(status) } else { None }
}
