//! The human's terminal.
//!
//! Questions are asked at `/dev/tty` and nowhere else: standard input may be
//! an agent's pipe, and standard output somebody's data. Not by `dialoguer`:
//! its `console` reads keys from standard input where that is a terminal, and
//! never gives up waiting.
//!
//! While a question is open the terminal hands over whole lines, with the
//! usual editing, but makes no signals: Ctrl-C and Ctrl-\ end the line like
//! Enter does, so that they are refusals that return and can be recorded. The
//! terminal gets its settings back on every way out. That includes a signal
//! from another process: it is held back (Linux), the question is given up,
//! and it takes its effect once the settings are back.
//!
//! Several runs may have one terminal, as under `xargs -P`. They ask one after
//! the other, each in its [`Turn`].

mod line;
mod turn;

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::libc::{O_NOCTTY, O_NONBLOCK};
use nix::sys::termios::{FlushArg, tcflush, tcgetsid};
use nix::unistd::{Pid, getpgrp, tcgetpgrp};

use line::{CTRL_BACKSLASH, CTRL_C, CTRL_Z, Direction, Event, HeldSignals, first_ready};
pub use turn::Turn;

/// The longest line a terminal hands over, with its end, in bytes (Linux).
const LINE_BYTES: usize = 4096;

/// How long output may get stuck, as after Ctrl-S, before it is given up.
const OUTPUT_PATIENCE: Duration = Duration::from_secs(300);

/// Input counts as flushed once none has come for this long. The kernel's
/// flush alone leaves what waits in the queue behind the terminal's buffer.
const QUIET: Duration = Duration::from_millis(10);

/// How often input is thrown away before it counts as never ending.
const FLUSHES: usize = 100;

/// Why there is no terminal to ask at.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// This process has no controlling terminal.
    #[error("cannot open /dev/tty: this process has no terminal")]
    None(#[source] io::Error),
    /// It has one, but what is typed there goes to another job.
    #[error("this process is a background job of its terminal")]
    Background,
    /// The terminal does not answer.
    #[error("cannot ask /dev/tty for its foreground job")]
    Inspect(#[source] io::Error),
}

/// What came of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Answer {
    /// The human agreed.
    Yes,
    /// Anything else.
    No(Refusal),
}

/// How a question was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The answer was no, or only Enter.
    Declined,
    /// What was typed is not the text that was asked for.
    Mismatch,
    /// Ctrl-C, Ctrl-\, Ctrl-Z, or a signal from another process.
    Cancelled,
    /// Ctrl-D, or the terminal went away.
    EndOfInput,
    /// Nobody answered in time.
    TimedOut,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Declined => "declined",
            Self::Mismatch => "what was typed does not match",
            Self::Cancelled => "cancelled",
            Self::EndOfInput => "the input ended",
            Self::TimedOut => "nobody answered in time",
        })
    }
}

/// The number of a terminal device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    /// The kind: 136 for pseudo-terminals on Linux.
    pub major: u64,
    /// Which one: N of `/dev/pts/N`.
    pub minor: u64,
}

impl Device {
    /// The pseudo-terminal's number N, as in `/dev/pts/N` and in the
    /// `tty-index` that `/proc/PID/fdinfo` shows of its master.
    pub fn pts(self) -> Option<u64> {
        (self.major == 136).then_some(self.minor)
    }
}

/// This process's controlling terminal.
#[derive(Debug)]
pub struct Terminal {
    tty: File,
}

impl Terminal {
    /// Opens the controlling terminal of this process.
    ///
    /// # Errors
    /// Where there is none, or where this process is a background job of it:
    /// reading would stop it, unseen, until somebody thinks of `fg`.
    pub fn open() -> Result<Self, TerminalError> {
        // Nothing may block past its time-out; and as the file is opened
        // anew, nobody shares its flags.
        let tty = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(O_NOCTTY | O_NONBLOCK)
            .open("/dev/tty")
            .map_err(TerminalError::None)?;
        let terminal = Self { tty };
        if terminal.is_ours().map_err(TerminalError::Inspect)? {
            Ok(terminal)
        } else {
            Err(TerminalError::Background)
        }
    }

    /// Whether what is typed goes to this process's group.
    fn is_ours(&self) -> io::Result<bool> {
        Ok(tcgetpgrp(&self.tty)? == getpgrp())
    }

    /// The leader of the terminal's session, such as a login shell. `None`
    /// where it is outside our view (of another process-id namespace).
    pub fn session_leader(&self) -> Option<Pid> {
        tcgetsid(&self.tty).ok().filter(|leader| leader.as_raw() > 0)
    }

    /// Which device this is. `None` where the system does not say (not Linux).
    ///
    /// By the kernel's record of this process, since `/dev/tty` itself is
    /// another device (5:0), whatever stands behind it.
    pub fn device(&self) -> Option<Device> {
        let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
        device_in(&stat)
    }

    fn read_line(
        &self,
        deadline: Option<Instant>,
        held: &HeldSignals,
    ) -> io::Result<Result<String, Refusal>> {
        loop {
            match held.wait_for_input(&self.tty, deadline)? {
                Event::Input => {}
                Event::Signal => return Ok(Err(Refusal::Cancelled)),
                Event::Late => return Ok(Err(Refusal::TimedOut)),
            }
            // One more than there can be, so that a line is never read in part.
            let mut line = [0; LINE_BYTES + 1];
            match (&self.tty).read(&mut line) {
                Ok(length) => return Ok(line_in(line.get(..length).unwrap_or_default())),
                // Interrupted, or another reader of the terminal was faster.
                Err(error)
                    if matches!(error.kind(), io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock) => {}
                // How Linux tells of a terminal that was hung up.
                Err(error) if error.raw_os_error() == Some(Errno::EIO as i32) => {
                    return Ok(Err(Refusal::EndOfInput));
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Throws away what was typed; false where it does not end.
    fn discard_input(&self) -> io::Result<bool> {
        for _ in 0..FLUSHES {
            tcflush(&self.tty, FlushArg::TCIFLUSH)?;
            let quiet = Instant::now().checked_add(QUIET);
            if first_ready(&[self.tty.as_fd()], Direction::Input, quiet)?.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn write(&self, text: &str) -> io::Result<()> {
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            match (&self.tty).write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => rest = rest.get(written..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let stuck = Instant::now().checked_add(OUTPUT_PATIENCE);
                    if first_ready(&[self.tty.as_fd()], Direction::Output, stuck)?.is_none() {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// The answer in what the terminal handed over as one line.
fn line_in(bytes: &[u8]) -> Result<String, Refusal> {
    // Whoever presses Ctrl-Z wants out; as no key it would become part of
    // the answer.
    if bytes.contains(&CTRL_Z) {
        return Err(Refusal::Cancelled);
    }
    match bytes.split_last() {
        Some((b'\n', line)) => String::from_utf8(line.to_vec()).map_err(|_| Refusal::Mismatch),
        Some((&(CTRL_C | CTRL_BACKSLASH), _)) => Err(Refusal::Cancelled),
        // Nothing at all, or a line that Ctrl-D cut short.
        _ => Err(Refusal::EndOfInput),
    }
}

/// The controlling terminal in the text of `/proc/PID/stat`.
fn device_in(stat: &str) -> Option<Device> {
    // The second field, the program's name, may hold anything, in parentheses.
    let (_, fields) = stat.rsplit_once(") ")?;
    let number: i32 = fields.split(' ').nth(4)?.parse().ok()?;
    let number = u64::from(number.cast_unsigned());
    (number != 0).then_some(Device {
        major: (number >> 8) & 0xfff,
        minor: (number & 0xff) | ((number >> 12) & 0xf_ff00),
    })
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests;
