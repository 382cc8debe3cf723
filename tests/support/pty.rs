//! Programs under a pseudo-terminal of their own.
//!
//! What is started inherits this process's environment, like any child, so a
//! test that depends on it calls [`PtyCommand::env_clear`] first. Everything
//! awaited is awaited for [`PATIENCE_MS`] at most, and then the test fails.
//!
//! rexpect reads and waits, but does not start: it lets every process that
//! another test starts meanwhile inherit the terminal's master side, and whoever
//! holds that is suspected of typing.
#![allow(dead_code, reason = "no test uses all of it")]

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::os::fd::OwnedFd;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command};

use nix::fcntl::OFlag;
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};
use nix::sys::termios::{LocalFlags, SetArg, tcgetattr, tcsetattr};
use rexpect::session::{StreamSession, spawn_stream};

/// How long to wait for expected output, in milliseconds: only ever used up by
/// a test that fails.
const PATIENCE_MS: u64 = 30_000;

/// Keeps the session alive around a command, whatever is typed: traps, unlike
/// ignored signals, are not inherited by the command.
const SESSION: &str = r#"trap : INT QUIT TSTP HUP; "$@"; exit $?"#;

/// A command to start in a fresh pseudo-terminal.
pub(crate) struct PtyCommand {
    command: Command,
}

impl PtyCommand {
    /// `program` as the child of the session's leader, a plain `sh` in the
    /// same process group, as in a script run at a terminal.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        Self::leader("/bin/sh").args(["-c", SESSION, "sh"]).args([program])
    }

    /// `program` as the session's leader itself, as a login shell is.
    pub(crate) fn leader(program: impl AsRef<OsStr>) -> Self {
        // The same process then runs `program`.
        let mut command = Command::new("/usr/bin/setsid");
        command.arg("--ctty").arg(program);
        Self { command }
    }

    /// Adds arguments.
    pub(crate) fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets a variable.
    pub(crate) fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Starts from an empty environment; what is set later remains.
    pub(crate) fn env_clear(mut self) -> Self {
        self.command.env_clear();
        self
    }

    /// Sets the working directory.
    pub(crate) fn cwd(mut self, directory: impl AsRef<Path>) -> Self {
        self.command.current_dir(directory);
        self
    }

    /// Starts it.
    pub(crate) fn start(mut self) -> Pty {
        let (master, slave) = open_terminal();
        let slaves = [slave.try_clone().unwrap(), slave.try_clone().unwrap(), slave];
        let [input, output, errors] = slaves;
        let child = self.command.stdin(input).stdout(output).stderr(errors).spawn().unwrap();
        // What the command still holds of the terminal would keep it open.
        drop(self);
        let session = spawn_stream(master.try_clone().unwrap(), master, Some(PATIENCE_MS));
        Pty { session, child }
    }
}

/// Both sides of a new pseudo-terminal, with echo off, and neither of them for
/// other processes to inherit.
fn open_terminal() -> (File, File) {
    let master = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let no_controlling = OFlag::O_NOCTTY.bits();
    let slave = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(no_controlling)
        .open(ptsname_r(&master).unwrap())
        .unwrap();
    let mut settings = tcgetattr(&slave).unwrap();
    settings.local_flags -= LocalFlags::ECHO;
    tcsetattr(&slave, SetArg::TCSANOW, &settings).unwrap();
    (OwnedFd::from(master).into(), slave)
}

/// A running command and the human's side of its terminal. Echo is off at
/// first; a program that turns it on makes what is typed part of the output.
pub(crate) struct Pty {
    session: StreamSession<File>,
    child: Child,
}

impl Pty {
    /// Waits for `text` in the output, and returns what came before it.
    #[track_caller]
    pub(crate) fn expect(&mut self, text: &str) -> String {
        match self.session.exp_string(text) {
            Ok(before) => before,
            Err(error) => panic!("expected {text:?}: {error}"),
        }
    }

    /// Waits for a match of `pattern`, and returns it.
    #[track_caller]
    pub(crate) fn expect_regex(&mut self, pattern: &str) -> String {
        match self.session.exp_regex(pattern) {
            Ok((_, matched)) => matched,
            Err(error) => panic!("expected {pattern:?}: {error}"),
        }
    }

    /// Types `text`, and nothing after it.
    pub(crate) fn send(&mut self, text: &str) {
        self.session.send(text).unwrap();
        self.session.flush().unwrap();
    }

    /// Types `line` and Enter.
    pub(crate) fn send_line(&mut self, line: &str) {
        self.send(&format!("{line}\n"));
    }

    /// Types a control character: `control('c')` is Ctrl-C.
    pub(crate) fn control(&mut self, key: char) {
        self.session.send_control(key).unwrap();
    }

    /// Waits until all output was read and the session's leader has ended.
    /// Returns the rest of the output, and the exit code, 128+N for signal N.
    #[track_caller]
    pub(crate) fn wait(mut self) -> (String, i32) {
        let rest = self.session.exp_eof().unwrap();
        let status = self.child.wait().unwrap();
        let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap();
        (rest, code)
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        // Of a test that failed. The session's other processes get a hang-up.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
