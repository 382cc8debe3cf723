//! Runs a real tool to look at something: what it prints is kept, not shown, and it has
//! only so long.

use std::ffi::OsString;
use std::io::{self, Read};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::process::{Environment, Executable};

/// How long one look may take where a person waits for the answer.
pub const PATIENCE: Duration = Duration::from_secs(3);

/// The most that is kept of what is printed, in bytes.
pub const MOST: u64 = 64 << 20;

/// How much is kept of what is said on standard error, in bytes.
const SAID: u64 = 64 << 10;

/// How often to look whether it ended.
const TICK: Duration = Duration::from_millis(2);

/// A tool to ask, and how long it has.
#[derive(Clone, Debug)]
pub struct Probe<'a> {
    /// The program, its variables, and the arguments of the question.
    pub program: &'a Path,
    /// The arguments, without its name.
    pub arguments: Vec<OsString>,
    /// The whole environment.
    pub environment: &'a Environment,
    /// The directory that it starts in.
    pub directory: &'a Path,
    /// How long it may take.
    pub patience: Duration,
}

/// What a tool answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Its exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// What it printed.
    pub printed: Vec<u8>,
    /// What it said on standard error, from the beginning.
    pub said: String,
}

impl Answer {
    /// Why it failed: the last line that it said. `None` where it did not.
    pub fn failure(&self) -> Option<String> {
        if self.code == Some(0) {
            return None;
        }
        let is_said = |line: &&str| line.chars().any(char::is_alphanumeric);
        let last = self.said.lines().map(str::trim).rfind(is_said);
        let silent = || match self.code {
            Some(code) => format!("it ended with {code}"),
            None => "a signal ended it".to_owned(),
        };
        Some(last.map_or_else(silent, str::to_owned))
    }
}

/// Why a tool gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// It could not be started, or read from.
    #[error("it cannot be run")]
    Run(#[from] io::Error),
    /// It took too long.
    #[error("there was no answer within {} s", .0.as_secs())]
    Late(Duration),
    /// It printed more than is kept.
    #[error("the answer is longer than {} MiB", .0 >> 20)]
    Long(u64),
    /// It failed, with what it said.
    #[error("{0}")]
    Failed(String),
}

impl<'a> Probe<'a> {
    /// Asks `program` with other arguments, for as long as a person waits.
    pub fn of<T: Into<OsString>>(
        program: &'a Executable,
        directory: &'a Path,
        arguments: impl IntoIterator<Item = T>,
    ) -> Self {
        Self {
            program: &program.path,
            arguments: arguments.into_iter().map(Into::into).collect(),
            environment: &program.environment,
            directory,
            patience: PATIENCE,
        }
    }

    /// What it prints, where it succeeds.
    ///
    /// # Errors
    /// Where it does not, with the last line that it said.
    pub fn printed(&self) -> Result<Vec<u8>, ProbeError> {
        self.printed_up_to(MOST)
    }

    /// The same of an answer that may be as long as `most` bytes.
    ///
    /// # Errors
    /// Where it does not, with the last line that it said.
    pub fn printed_up_to(&self, most: u64) -> Result<Vec<u8>, ProbeError> {
        let answer = self.ask_up_to(most)?;
        answer.failure().map_or(Ok(answer.printed), |why| Err(ProbeError::Failed(why)))
    }

    /// Its answer, however it ended. It reads nothing, has a process group of its own,
    /// and is killed with that where it takes too long.
    ///
    /// # Errors
    /// Where there is no answer.
    pub fn ask(&self) -> Result<Answer, ProbeError> {
        self.ask_up_to(MOST)
    }

    fn ask_up_to(&self, most: u64) -> Result<Answer, ProbeError> {
        let started = Instant::now();
        let variables = self.environment.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut child = Command::new(self.program)
            .args(&self.arguments)
            .env_clear()
            .envs(variables)
            .current_dir(self.directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        let printed = reader(child.stdout.take(), most + 1);
        let said = reader(child.stderr.take(), SAID);
        let code = self.wait(&mut child, started);
        // Whatever it left behind holds the pipes, and could hold this up.
        end(&child);
        let code = code?;
        let left = || self.patience.saturating_sub(started.elapsed()).max(TICK);
        let printed = printed.recv_timeout(left()).map_err(|_| ProbeError::Late(self.patience))??;
        if printed.len() as u64 > most {
            return Err(ProbeError::Long(most));
        }
        let said = said.recv_timeout(left()).map_err(|_| ProbeError::Late(self.patience))??;
        Ok(Answer { code, printed, said: String::from_utf8_lossy(&said).into_owned() })
    }

    fn wait(&self, child: &mut Child, started: Instant) -> Result<Option<i32>, ProbeError> {
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status.code());
            }
            if started.elapsed() >= self.patience {
                end(child);
                let _ = child.wait();
                return Err(ProbeError::Late(self.patience));
            }
            std::thread::sleep(TICK);
        }
    }
}

/// Ends what is left of its process group.
fn end(child: &Child) {
    if let Ok(pid) = i32::try_from(child.id()) {
        let _ = killpg(Pid::from_raw(pid), Signal::SIGKILL);
    }
}

/// Reads all of a pipe in a thread of its own; what is behind `most` is read and dropped.
fn reader<T: Read + Send + 'static>(pipe: Option<T>, most: u64) -> mpsc::Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let read = || {
            let mut bytes = Vec::new();
            if let Some(mut pipe) = pipe {
                (&mut pipe).take(most).read_to_end(&mut bytes)?;
                io::copy(&mut pipe, &mut io::sink())?;
            }
            Ok(bytes)
        };
        let _ = sender.send(read());
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(script: &str, patience: Duration) -> Result<Answer, ProbeError> {
        let environment: Environment = [("PATH", "/usr/bin:/bin")].into_iter().collect();
        Probe {
            program: Path::new("/bin/sh"),
            arguments: vec!["-c".into(), script.into()],
            environment: &environment,
            directory: Path::new("/"),
            patience,
        }
        .ask()
    }

    #[test]
    fn what_is_printed_and_said_is_kept_apart() {
        let answer = ask("echo a; echo b >&2; cat; exit 3", PATIENCE).unwrap();
        assert_eq!(
            (answer.code, answer.printed.as_slice(), answer.said.as_str()),
            (Some(3), &b"a\n"[..], "b\n")
        );
    }

    #[test]
    fn why_it_failed_is_told() {
        for (script, why) in [
            ("echo a >&2; echo ' b ' >&2; echo >&2; exit 1", Some("b")),
            // As kubectl writes a long one.
            ("(echo 'E1 err=<'; printf '\\tno\\n >\\n') >&2; exit 1", Some("no")),
            ("exit 3", Some("it ended with 3")),
            ("kill -9 $$", Some("a signal ended it")),
            ("echo a >&2", None),
        ] {
            assert_eq!(ask(script, PATIENCE).unwrap().failure().as_deref(), why, "{script}");
        }
    }

    #[test]
    fn who_takes_too_long_is_ended_with_what_it_started() {
        let started = Instant::now();
        let late = ask("sleep 60 & sleep 60", Duration::from_millis(200));
        assert!(matches!(late, Err(ProbeError::Late(_))), "{late:?}");
        let left = ask("sleep 60 & echo done", Duration::from_secs(5)).unwrap();
        assert_eq!(left.printed, b"done\n");
        assert!(started.elapsed() < Duration::from_secs(30));
    }
}
