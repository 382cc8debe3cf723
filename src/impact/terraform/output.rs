//! Where the text of a tool goes of which not every line is to be shown as it is: through this
//! process, to where it belongs.
//!
//! Where standard output is a terminal, so is what the tool writes to, and as wide: its
//! text is then wrapped as its user knows it. Nothing else is different.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::pty::{Winsize, openpty};
use nix::sys::signal::SigSet;
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};
use nix::unistd::dup2_stdout;

/// How often to look whether the tool ended, where something that it left behind holds
/// its output open, in milliseconds.
const TICK: u8 = 50;

/// What is shown of a text, as it comes.
pub(super) trait Filter: Send {
    /// What is to be shown now that `bytes` came.
    fn shown(&mut self, bytes: &[u8]) -> Vec<u8>;

    /// What is left when no more comes.
    fn rest(&mut self) -> Vec<u8>;
}

/// Standard output, led through a filter until this is ended.
pub struct Through {
    real: File,
    has_ended: Arc<AtomicBool>,
    pump: JoinHandle<()>,
}

impl Through {
    /// Leads this process's standard output, which programs that are started inherit,
    /// through `filter`.
    ///
    /// The thread that does it takes no signals: they are for whoever supervises the program.
    pub(super) fn begin(filter: impl Filter + 'static) -> io::Result<Self> {
        let (reader, writer) = if io::IsTerminal::is_terminal(&io::stdout()) { terminal()? } else { pipe()? };
        let real = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        let shown = real.try_clone()?;
        let has_ended = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&has_ended);
        let before = SigSet::all().thread_swap_mask(nix::sys::signal::SigmaskHow::SIG_SETMASK)?;
        let pump = std::thread::Builder::new().spawn(move || {
            let _ = pump(reader, shown, filter, &ended);
        });
        before.thread_set_mask()?;
        let pump = pump?;
        dup2_stdout(&writer)?;
        Ok(Self { real, has_ended, pump })
    }

    /// Leads it back, when all was shown that the program wrote.
    ///
    /// # Errors
    /// Where the operating system refuses.
    pub fn end(self) -> io::Result<()> {
        // The last that can be written to, where the program has left nothing behind.
        dup2_stdout(&self.real)?;
        self.has_ended.store(true, Ordering::Release);
        let _ = self.pump.join();
        Ok(())
    }
}

fn pipe() -> io::Result<(File, OwnedFd)> {
    let (reader, writer) = io::pipe()?;
    Ok((OwnedFd::from(reader).into(), writer.into()))
}

/// A terminal that changes nothing of what is written to it.
fn terminal() -> io::Result<(File, OwnedFd)> {
    let size = terminal_size::terminal_size_of(io::stdout()).map(|(width, height)| Winsize {
        ws_row: height.0,
        ws_col: width.0,
        ws_xpixel: 0,
        ws_ypixel: 0,
    });
    let pair = openpty(size.as_ref(), None)?;
    for side in [&pair.master, &pair.slave] {
        fcntl(side, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
    }
    let mut settings = tcgetattr(&pair.slave)?;
    cfmakeraw(&mut settings);
    tcsetattr(&pair.slave, SetArg::TCSANOW, &settings)?;
    Ok((pair.master.into(), pair.slave))
}

/// Shows what comes until no more does. Where nobody reads it any more, the program's output is
/// closed, as it would have been without anything between.
fn pump(
    mut reader: File,
    mut shown: File,
    mut filter: impl Filter,
    has_ended: &AtomicBool,
) -> io::Result<()> {
    let mut chunk = vec![0; 64 << 10];
    loop {
        let is_over = has_ended.load(Ordering::Acquire);
        if !is_ready(reader.as_fd(), PollFlags::POLLIN, TICK.into())? {
            if is_over {
                break;
            }
            continue;
        }
        match reader.read(&mut chunk) {
            Ok(0) => break,
            Ok(length) => show(&mut shown, &filter.shown(chunk.get(..length).unwrap_or_default()))?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // How a terminal says that nobody has it open any more.
            Err(error) if error.raw_os_error() == Some(Errno::EIO as i32) => break,
            Err(error) => return Err(error),
        }
    }
    show(&mut shown, &filter.rest())
}

/// Writes all of it, also where whoever shares standard output made it not wait.
fn show(shown: &mut File, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match shown.write(bytes) {
            Ok(length) => bytes = bytes.get(length..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                is_ready(shown.as_fd(), PollFlags::POLLOUT, PollTimeout::NONE)?;
            }
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Err(error),
            // The tool would go on without it: a disk that is full ends no apply half way.
            Err(_) => return Ok(()),
        }
    }
    Ok(())
}

fn is_ready(file: BorrowedFd<'_>, what: PollFlags, patience: PollTimeout) -> io::Result<bool> {
    match poll(&mut [PollFd::new(file, what)], patience) {
        Ok(count) => Ok(count > 0),
        Err(Errno::EINTR) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}
