//! Whether each installed shell finds the shim first, found by starting it.

use std::ffi::OsStr;
use std::io::{self, Read as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::{Mark, Report};
use crate::process::Process;
use crate::ui::sanitize;

/// How long a shell may take to start; some load a great deal.
const PATIENCE: Duration = Duration::from_secs(10);

/// The shells, and how each says which file it would run for `$1`.
const SHELLS: [(&str, &str); 3] =
    [("bash", "type -P -- TOOL"), ("zsh", "whence -p -- TOOL"), ("fish", "command -s TOOL")];

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
        for (flags, name, mark) in [
            (["-i", "-c"], "interactive", Mark::Bad),
            (["-l", "-c"], "login, not interactive (agents start these)", Mark::Note),
        ] {
            let answer = ask(&program, &flags, &script, process);
            match answer {
                Ok(Some(found)) if found == wanted => {
                    report.line(Mark::Good, &format!("{shell}, {name}: {tool} is the shim"))?
                }
                Ok(found) => {
                    let found =
                        found.map_or_else(|| "nothing".to_owned(), |found| sanitize::os(found.as_os_str()));
                    report.line(mark, &format!("{shell}, {name}: {tool} is {found}, not the shim"))?;
                    if mark == Mark::Bad {
                        let line = if shell == "fish" {
                            "tollgate init fish | source".to_owned()
                        } else {
                            format!("eval \"$(tollgate init {shell})\"")
                        };
                        report.advice(&format!("put `{line}` at the end of its start-up file"))?;
                    }
                }
                Err(error) => {
                    report.line(Mark::Bad, &format!("{shell}, {name}: cannot be asked: {error}"))?
                }
            }
        }
    }
    Ok(())
}

/// What the shell says, started afresh: without the PATH that this process has
/// from a shell that was set up already.
fn ask(program: &Path, flags: &[&str], script: &str, process: &dyn Process) -> io::Result<Option<PathBuf>> {
    let environment = process.environment();
    let mut command = Command::new(program);
    command.args(flags).arg(script).env_clear();
    for (name, value) in environment.iter().filter(|(name, _)| *name != OsStr::new("PATH")) {
        command.env(name, value);
    }
    command.env("PATH", without_shims(environment.get("PATH").unwrap_or_default(), process));
    // A session of its own: an interactive shell must not take our terminal.
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
    let mut child = command.spawn()?;
    let deadline = Instant::now() + PATIENCE;
    while child.try_wait()?.is_none() {
        if Instant::now() > deadline {
            let _ = child.kill();
            let _ = child.wait();
            return Err(io::Error::new(io::ErrorKind::TimedOut, "it did not answer within 10 seconds"));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let mut text = String::new();
    if let Some(mut out) = child.stdout.take() {
        // Whoever the start-up files left running may hold the pipe open.
        let _ = io::Read::by_ref(&mut out).take(64 * 1024).read_to_string(&mut text);
    }
    let answer = text.lines().skip_while(|line| !line.contains(SIGN)).nth(1);
    Ok(answer.map(str::trim).filter(|line| line.starts_with('/')).map(PathBuf::from))
}

/// PATH as a login would give it, as far as can be told: without the shims.
fn without_shims(path: &OsStr, process: &dyn Process) -> std::ffi::OsString {
    let places = crate::rules::layers::Directories::of(process);
    let shims = places.data.map(|data| data.join("shims"));
    let kept = std::env::split_paths(path).filter(|entry| Some(entry) != shims.as_ref());
    std::env::join_paths(kept).unwrap_or_else(|_| path.to_owned())
}
