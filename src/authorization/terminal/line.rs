//! A terminal that hands over lines and makes no signals, and waiting for it.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd};
use std::time::Instant;

use nix::errno::Errno;
use nix::libc::{_POSIX_VDISABLE, FD_SETSIZE};
use nix::sys::select::{FdSet, select};
use nix::sys::termios::{
    InputFlags, LocalFlags, OutputFlags, SetArg, SpecialCharacterIndices as Key, Termios, tcgetattr,
    tcsetattr,
};
use nix::sys::time::{TimeVal, TimeValLike as _};

pub(super) const CTRL_C: u8 = 0x03;
pub(super) const CTRL_BACKSLASH: u8 = 0x1c;
pub(super) const CTRL_Z: u8 = 0x1a;
const CTRL_D: u8 = 0x04;

/// The terminal's settings while a question is open; dropping it brings the
/// former ones back.
pub(super) struct LineMode<'a> {
    tty: &'a File,
    former: Termios,
}

impl<'a> LineMode<'a> {
    /// Sets them, whatever state a program before has left behind.
    pub(super) fn set(tty: &'a File) -> io::Result<Self> {
        let former = tcgetattr(tty)?;
        let mut settings = former.clone();
        settings.local_flags |= LocalFlags::ICANON
            | LocalFlags::IEXTEN // without it Linux knows no second end of line
            | LocalFlags::ECHO
            | LocalFlags::ECHOE
            | LocalFlags::ECHOK
            | LocalFlags::ECHOCTL;
        settings.local_flags -= LocalFlags::ISIG | LocalFlags::ECHONL | LocalFlags::EXTPROC;
        settings.input_flags |= InputFlags::ICRNL;
        settings.input_flags -= InputFlags::INLCR
            | InputFlags::IGNCR
            | InputFlags::ISTRIP
            | InputFlags::PARMRK
            | InputFlags::BRKINT
            | InputFlags::IXON; // Ctrl-S would hide the question
        settings.output_flags |= OutputFlags::OPOST | OutputFlags::ONLCR;
        for (key, character) in [
            (Key::VEOF, CTRL_D),
            (Key::VEOL, CTRL_C),
            (Key::VEOL2, CTRL_BACKSLASH),
            // "Take the next one literally" would let Ctrl-C into the line.
            (Key::VLNEXT, _POSIX_VDISABLE),
            (Key::VREPRINT, _POSIX_VDISABLE),
            (Key::VDISCARD, _POSIX_VDISABLE),
        ] {
            if let Some(slot) = settings.control_chars.get_mut(key as usize) {
                *slot = character;
            }
        }
        tcsetattr(tty, SetArg::TCSANOW, &settings)?;
        Ok(Self { tty, former })
    }
}

impl Drop for LineMode<'_> {
    fn drop(&mut self) {
        // Fails only where the terminal is gone, and its settings with it.
        let _ = tcsetattr(self.tty, SetArg::TCSANOW, &self.former);
    }
}

/// What ended a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Input,
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "signals are not waited for"))]
    Signal,
    Late,
}

/// Signals from other processes that would end this one and leave the
/// terminal as it is now. They take their effect when this is dropped.
#[cfg(target_os = "linux")]
pub(super) struct HeldSignals {
    queue: nix::sys::signalfd::SignalFd,
    former: nix::sys::signal::SigSet,
}

#[cfg(target_os = "linux")]
impl HeldSignals {
    pub(super) fn hold() -> io::Result<Self> {
        use nix::sys::signal::{SigSet, SigmaskHow, Signal};
        use nix::sys::signalfd::{SfdFlags, SignalFd};
        let held: SigSet = [
            Signal::SIGHUP,
            Signal::SIGINT,
            Signal::SIGQUIT,
            Signal::SIGTERM,
            Signal::SIGALRM,
            Signal::SIGUSR1,
            Signal::SIGUSR2,
        ]
        .into_iter()
        .collect();
        let queue = SignalFd::with_flags(&held, SfdFlags::SFD_CLOEXEC)?;
        let former = held.thread_swap_mask(SigmaskHow::SIG_BLOCK)?;
        Ok(Self { queue, former })
    }

    /// Waits for a line at `tty`, for a held signal, or for `deadline`. The
    /// signal is not taken from its queue.
    pub(super) fn wait_for_input(&self, tty: &File, deadline: Option<Instant>) -> io::Result<Event> {
        let ready = first_ready(&[self.queue.as_fd(), tty.as_fd()], Direction::Input, deadline)?;
        Ok(match ready {
            None => Event::Late,
            Some(0) => Event::Signal,
            Some(_) => Event::Input,
        })
    }
}

#[cfg(target_os = "linux")]
impl Drop for HeldSignals {
    fn drop(&mut self) {
        let _ = self.former.thread_set_mask();
    }
}

/// Nothing: without a queue of signals there is no waiting for them.
#[cfg(not(target_os = "linux"))]
pub(super) struct HeldSignals;

#[cfg(not(target_os = "linux"))]
impl HeldSignals {
    #[expect(clippy::unnecessary_wraps, reason = "the Linux one can fail")]
    pub(super) fn hold() -> io::Result<Self> {
        Ok(Self)
    }

    /// Waits for a line at `tty`, or for `deadline`.
    #[expect(clippy::unused_self, reason = "the Linux one has a queue")]
    pub(super) fn wait_for_input(&self, tty: &File, deadline: Option<Instant>) -> io::Result<Event> {
        let ready = first_ready(&[tty.as_fd()], Direction::Input, deadline)?;
        Ok(ready.map_or(Event::Late, |_| Event::Input))
    }
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Input,
    Output,
}

/// The index of the first of `descriptors` that is ready, as soon as one is;
/// `None` once `deadline` has passed (which `None` never does). By select,
/// since macOS cannot poll `/dev/tty`.
pub(super) fn first_ready(
    descriptors: &[BorrowedFd<'_>],
    direction: Direction,
    deadline: Option<Instant>,
) -> io::Result<Option<usize>> {
    loop {
        let mut ready = FdSet::new();
        for descriptor in descriptors {
            // What FdSet would panic at.
            if usize::try_from(descriptor.as_raw_fd()).map_or(true, |number| number >= FD_SETSIZE) {
                return Err(io::Error::other("too many files are open to wait for /dev/tty"));
            }
            ready.insert(*descriptor);
        }
        let mut left = deadline.map(|deadline| {
            let left = deadline.saturating_duration_since(Instant::now());
            TimeVal::microseconds(left.as_micros().try_into().unwrap_or(i64::MAX))
        });
        let (input, output) = match direction {
            Direction::Input => (Some(&mut ready), None),
            Direction::Output => (None, Some(&mut ready)),
        };
        match select(None, input, output, None, left.as_mut()) {
            Ok(0) => return Ok(None),
            Ok(_) => return Ok(descriptors.iter().position(|descriptor| ready.contains(*descriptor))),
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno.into()),
        }
    }
}
