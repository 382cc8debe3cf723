//! One question at a time: whoever asks holds a lock on the terminal's device
//! from before the question's text until the settings are back.
//!
//! On the device itself: `/dev/tty` is one file for all terminals.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use nix::libc::{O_NOCTTY, O_NONBLOCK};
use nix::sys::termios::tcgetsid;
use nix::unistd::ttyname;

use super::line::{HeldSignals, LineMode};
use super::{Answer, Refusal, Terminal, TerminalError};

/// How often to look whether the terminal is free.
const LOOK: Duration = Duration::from_millis(100);

/// The most lines that are read as one answer.
const MOST_LINES: usize = 256;

/// The right to ask at a terminal, which one process has at a time, until it
/// drops this or ends.
#[derive(Debug)]
pub struct Turn<'a> {
    terminal: &'a Terminal,
    _held: Flock<File>,
}

impl Terminal {
    /// Waits until nobody else asks at this terminal, or for `patience`; it
    /// being over is the refusal [`Refusal::TimedOut`].
    ///
    /// # Errors
    /// Where the terminal's device cannot be opened or locked, or where this
    /// process has become a background job; that is a refusal too.
    pub fn take_turn(&mut self, patience: Duration) -> io::Result<Result<Turn<'_>, Refusal>> {
        let deadline = Instant::now().checked_add(patience);
        let mut device = self.open_device()?;
        loop {
            device = match Flock::lock(device, FlockArg::LockExclusiveNonblock) {
                Ok(held) if self.is_ours()? => return Ok(Ok(Turn { terminal: self, _held: held })),
                Ok(_) => return Err(io::Error::other(TerminalError::Background)),
                Err((device, Errno::EWOULDBLOCK | Errno::EINTR)) => device,
                Err((_, errno)) => return Err(errno.into()),
            };
            if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                return Ok(Err(Refusal::TimedOut));
            }
            sleep(LOOK);
        }
    }

    /// Opens the device behind `/dev/tty`, so that nobody shares the lock.
    fn open_device(&self) -> io::Result<File> {
        let mut failure = io::Error::from(io::ErrorKind::NotFound);
        for path in self.device_paths() {
            match open_controlling(&path) {
                Ok(file) => return Ok(file),
                Err(error) => failure = error,
            }
        }
        Err(io::Error::new(
            failure.kind(),
            format!("its device cannot be opened, to ask one question at a time: {failure}"),
        ))
    }

    /// Where that device may be found: by its number, and by what the standard
    /// streams are, as in a container whose terminal was made outside of it.
    fn device_paths(&self) -> Vec<PathBuf> {
        let mut paths = Vec::new();
        if let Some(device) = self.device() {
            match device.pts() {
                Some(index) => paths.push(PathBuf::from(format!("/dev/pts/{index}"))),
                None => paths.extend(named_by_kernel(device.major, device.minor)),
            }
        }
        let streams = [ttyname(io::stdin()), ttyname(io::stdout()), ttyname(io::stderr())];
        paths.extend(streams.into_iter().flatten().filter(|path| path != Path::new("/dev/tty")));
        paths
    }
}

/// The node of a device that is no pseudo-terminal, such as `/dev/tty1`.
fn named_by_kernel(major: u64, minor: u64) -> Option<PathBuf> {
    let event = std::fs::read_to_string(format!("/sys/dev/char/{major}:{minor}/uevent")).ok()?;
    let name = event.lines().find_map(|line| line.strip_prefix("DEVNAME="))?;
    Some(Path::new("/dev").join(name))
}

/// Opens the terminal at `path`, if it is this process's own.
fn open_controlling(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).custom_flags(O_NOCTTY | O_NONBLOCK).open(path)?;
    // The same number may be another terminal's, of another mount.
    tcgetsid(&file)?;
    Ok(file)
}

impl Turn<'_> {
    /// Writes `text` as it is: what a caller chose is sanitised before.
    ///
    /// # Errors
    /// Where the terminal is gone, or its output was stuck for five minutes.
    pub fn show(&mut self, text: &str) -> io::Result<()> {
        self.terminal.write(text)
    }

    /// Asks `question`, which is answered by `y` or `yes` in any case, and
    /// refused by anything else. `[y/N]` is added to it.
    ///
    /// # Errors
    /// Where the terminal cannot be used; that is a refusal too.
    pub fn confirm(&mut self, question: &str, patience: Duration) -> io::Result<Answer> {
        let line = match self.ask(question, " [y/N] ", patience)? {
            Ok(line) => line,
            Err(refusal) => return Ok(Answer::No(refusal)),
        };
        let answer = line.trim();
        if answer.eq_ignore_ascii_case("y") || answer.eq_ignore_ascii_case("yes") {
            Ok(Answer::Yes)
        } else {
            Ok(Answer::No(Refusal::Declined))
        }
    }

    /// Asks `question`, which is answered by typing `expected`, exactly but
    /// for white space around it, in one try. `": "` is added to it.
    ///
    /// A blank `expected`, or one with control characters, matches nothing.
    ///
    /// # Errors
    /// Where the terminal cannot be used; that is a refusal too.
    pub fn type_name(&mut self, question: &str, expected: &str, patience: Duration) -> io::Result<Answer> {
        let line = match self.ask(question, ": ", patience)? {
            Ok(line) => line,
            Err(refusal) => return Ok(Answer::No(refusal)),
        };
        let answer = line.trim();
        Ok(if answer.is_empty() {
            Answer::No(Refusal::Declined)
        } else if answer == expected && !answer.chars().any(char::is_control) {
            Answer::Yes
        } else {
            Answer::No(Refusal::Mismatch)
        })
    }

    /// Asks `question`, which is answered by any line. `": "` is added to it.
    ///
    /// # Errors
    /// Where the terminal cannot be used; that is a refusal too.
    pub fn line(&mut self, question: &str, patience: Duration) -> io::Result<Result<String, Refusal>> {
        self.ask(question, ": ", patience)
    }

    /// The same, with the lines behind it as long as what was read is not yet whole.
    ///
    /// # Errors
    /// Where the terminal cannot be used; that is a refusal too.
    pub fn lines(
        &mut self,
        question: &str,
        patience: Duration,
        is_whole: &dyn Fn(&str) -> bool,
    ) -> io::Result<Result<String, Refusal>> {
        self.ask_until(question, ": ", patience, is_whole)
    }

    fn ask(
        &mut self,
        question: &str,
        marker: &str,
        patience: Duration,
    ) -> io::Result<Result<String, Refusal>> {
        self.ask_until(question, marker, patience, &|_| true)
    }

    /// Shows `question` and `marker`, and reads lines that were typed after that, until
    /// they are whole.
    fn ask_until(
        &mut self,
        question: &str,
        marker: &str,
        patience: Duration,
        is_whole: &dyn Fn(&str) -> bool,
    ) -> io::Result<Result<String, Refusal>> {
        // It was when it was opened; the human may have moved it since.
        if !self.terminal.is_ours()? {
            return Err(io::Error::other(TerminalError::Background));
        }
        // Dropped in reverse: settings first, then the signals' effects.
        let held = HeldSignals::hold()?;
        let _mode = LineMode::set(&self.terminal.tty)?;
        self.terminal.write(question)?;
        if !self.terminal.discard_input()? {
            return Err(io::Error::other("input keeps arriving at /dev/tty before the question is asked"));
        }
        self.terminal.write(marker)?;
        let deadline = Instant::now().checked_add(patience);
        let mut answer = self.terminal.read_line(deadline, &held);
        for _ in 1..MOST_LINES {
            let Ok(Ok(text)) = &mut answer else { break };
            text.push('\n');
            if is_whole(text) {
                break;
            }
            match self.terminal.read_line(deadline, &held) {
                Ok(Ok(line)) => text.push_str(&line),
                other => answer = other,
            }
        }
        if let Ok(Ok(text)) = &mut answer {
            text.truncate(text.trim_end_matches('\n').len());
        }
        // The rest of a paste is not the shell's to run.
        let _ = self.terminal.discard_input();
        match answer {
            Ok(Err(Refusal::Cancelled | Refusal::EndOfInput | Refusal::TimedOut)) | Err(_) => {
                // The cursor is still behind the question.
                let _ = self.terminal.write("\n");
            }
            Ok(_) => {}
        }
        answer
    }
}
