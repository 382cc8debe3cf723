//! Programs under a pseudo-terminal of their own.
//!
//! What is started inherits this process's environment, like any child, so a
//! test that depends on it calls [`PtyCommand::env_clear`] first. Everything
//! awaited is awaited for [`PATIENCE_MS`] at most, and then the test fails.
#![allow(dead_code, reason = "no test uses all of it")]

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use rexpect::process::WaitStatus;
use rexpect::session::{PtySession, spawn_command};

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
        let mut command = Command::new("/bin/sh");
        command.args(["-c", SESSION, "sh"]).arg(program);
        Self { command }
    }

    /// `program` as the session's leader itself, as a login shell is.
    pub(crate) fn leader(program: impl AsRef<OsStr>) -> Self {
        Self { command: Command::new(program) }
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
    pub(crate) fn start(self) -> Pty {
        Pty { session: spawn_command(self.command, Some(PATIENCE_MS)).unwrap() }
    }
}

/// A running command and the human's side of its terminal. Echo is off at
/// first; a program that turns it on makes what is typed part of the output.
pub(crate) struct Pty {
    session: PtySession,
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
        let code = match self.session.process().wait().unwrap() {
            WaitStatus::Exited(_, code) => code,
            WaitStatus::Signaled(_, signal, _) => 128 + signal as i32,
            status => panic!("neither an exit nor a death: {status:?}"),
        };
        (rest, code)
    }
}
