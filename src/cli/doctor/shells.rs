//! Whether each installed shell finds the shim first, found by starting it.

use std::ffi::{CString, OsStr};
use std::fs::File;
use std::io::{self, Read as _};
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::spawn::{PosixSpawnAttr, PosixSpawnFileActions, PosixSpawnFlags, posix_spawn};
use nix::sys::signal::{Signal, kill};
use nix::sys::stat::Mode;
use nix::sys::wait::waitpid;
use nix::unistd::Pid;

use super::{Mark, Report};
use crate::process::Process;
use crate::ui::sanitize;

/// How long a shell may take to start; some load a great deal.
const PATIENCE: Duration = Duration::from_secs(10);

/// The shells, and how each says which file it would run for `$1`.
const SHELLS: [(&str, &str); 3] =
    [("bash", "type -P -- TOOL"), ("zsh", "whence -p -- TOOL"), ("fish", "command -s TOOL")];

/// How much start-up files may print, in bytes.
const LIMIT: usize = 1 << 20;

/// What precedes the answer, since start-up files may print.
const SIGN: &str = "tollgate-doctor:";

/// Starts each installed shell as people and agents do.
pub(super) fn report(
    process: &dyn Process,
    shims: &Path,
    tool: &str,
    report: &mut Report<'_>,
) -> io::Result<()> {
    let wanted = shims.join(tool);
    let path = process.environment().get("PATH").unwrap_or_default();
    for (shell, question) in SHELLS {
        let Some(program) =
            std::env::split_paths(path).map(|entry| entry.join(shell)).find(|file| file.is_file())
        else {
            continue;
        };
        let question = question.replace("TOOL", tool);
        let script = format!("echo {SIGN}; {question}");
        let own = process
            .environment()
            .get("SHELL")
            .is_some_and(|own| Path::new(own).file_name() == Some(OsStr::new(shell)));
        let missing = if own { Mark::Bad } else { Mark::Note };
        for (flags, name, mark) in [
            (["-i", "-c"], "interactive", missing),
            (["-l", "-c"], "login, not interactive (agents start these)", missing),
        ] {
            let answer = ask(&program, &flags, &script, process);
            match answer {
                Ok(Some(found)) if found == wanted => {
                    report.line(Mark::Good, &format!("{shell}, {name}: {tool} is the shim"))?;
                }
                Ok(found) => {
                    let found =
                        found.map_or_else(|| "nothing".to_owned(), |found| sanitize::os(found.as_os_str()));
                    report.line(mark, &format!("{shell}, {name}: {tool} is {found}, not the shim"))?;
                    report.advice(&advice(shell, flags.contains(&"-i"), shims))?;
                }
                Err(error) => {
                    report.line(Mark::Bad, &format!("{shell}, {name}: cannot be asked: {error}"))?;
                }
            }
        }
    }
    Ok(())
}

/// What makes `shell` find the shims.
fn advice(shell: &str, interactive: bool, shims: &Path) -> String {
    let path = format!("`PATH={}:$PATH`", sanitize::word(shims.as_os_str()));
    match (shell, interactive) {
        ("fish", _) => "put `tollgate init fish | source` at the end of its start-up file".to_owned(),
        (_, true) => format!("put `eval \"$(tollgate init {shell})\"` at the end of its start-up file"),
        ("zsh", false) => format!("put {path} at the end of ~/.zprofile"),
        (_, false) => {
            format!("put {path} at the end of ~/.profile, or of ~/.bash_profile where there is one")
        }
    }
}

/// What the shell says, started afresh: without the PATH that this process has
/// from a shell that was set up already, and in a session of its own, since an
/// interactive shell would otherwise take this terminal.
fn ask(program: &Path, flags: &[&str], script: &str, process: &dyn Process) -> io::Result<Option<PathBuf>> {
    let environment = process.environment();
    let path = without_shims(environment.get("PATH").unwrap_or_default(), process);
    let mut variables = Vec::new();
    for (name, value) in environment.iter() {
        let value = if name == "PATH" { path.as_os_str() } else { value };
        variables.push(CString::new([name, OsStr::new("="), value].map(OsStr::as_bytes).concat())?);
    }
    let mut arguments = vec![CString::new(program.as_os_str().as_bytes())?];
    for word in flags.iter().chain([&script]) {
        arguments.push(CString::new(*word)?);
    }
    let (reader, writer) = nix::unistd::pipe2(OFlag::O_CLOEXEC)?;
    let mut actions = PosixSpawnFileActions::init()?;
    let null = Path::new("/dev/null");
    actions.add_open(0, null, OFlag::O_RDONLY, Mode::empty())?;
    actions.add_dup2(writer.as_raw_fd(), 1)?;
    actions.add_open(2, null, OFlag::O_WRONLY, Mode::empty())?;
    let mut attributes = PosixSpawnAttr::init()?;
    let session = i32::from(nix::libc::POSIX_SPAWN_SETSID);
    attributes.set_flags(PosixSpawnFlags::from_bits_retain(session))?;
    let child = posix_spawn(program, &actions, &attributes, &arguments, &variables)?;
    drop(writer);
    let text = read_until(&File::from(reader), Instant::now() + PATIENCE);
    if text.is_err() {
        let _ = kill(Pid::from_raw(-child.as_raw()), Signal::SIGKILL);
    }
    let _ = waitpid(child, None);
    let text = text?;
    let answer = text.lines().skip_while(|line| !line.contains(SIGN)).nth(1);
    Ok(answer.map(str::trim).filter(|line| line.starts_with('/')).map(PathBuf::from))
}

/// Everything that is written until the end, the line after the sign, or the
/// deadline.
fn read_until(mut file: &File, deadline: Instant) -> io::Result<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        let answered = text.split_once(SIGN).is_some_and(|(_, rest)| rest.matches('\n').count() > 1);
        if answered || bytes.len() > LIMIT {
            return Ok(text.into_owned());
        }
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = PollTimeout::try_from(left).unwrap_or(PollTimeout::ZERO);
        if poll(&mut [PollFd::new(file.as_fd(), PollFlags::POLLIN)], timeout)? == 0 {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "it did not answer within 10 seconds"));
        }
        let mut part = [0; 4096];
        let length = file.read(&mut part)?;
        if length == 0 {
            return Ok(String::from_utf8_lossy(&bytes).into_owned());
        }
        bytes.extend_from_slice(part.get(..length).unwrap_or_default());
    }
}

/// PATH as a login would give it, as far as can be told: without the shims.
fn without_shims(path: &OsStr, process: &dyn Process) -> std::ffi::OsString {
    let shims = crate::rules::layers::Directories::of(process).shims();
    let kept = std::env::split_paths(path).filter(|entry| Some(entry) != shims.as_ref());
    std::env::join_paths(kept).unwrap_or_else(|_| path.to_owned())
}
