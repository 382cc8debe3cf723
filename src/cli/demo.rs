//! `tollgate demo`: the main job, on a real terraform, in a minute.
//!
//! Everything happens in a temporary directory with a home of its own; what is
//! shown is this very binary called as a shim.

mod peer;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::authorization::prompt;
use crate::context::principal;
use crate::gate::REFUSED;
use crate::process::Process;
use crate::shim::real::{Own, find_real};
use crate::ui::sanitize;
use crate::verdict::PrincipalKind;

/// Two resources that cost nothing: terraform has this one built in.
const CONFIGURATION: &str = "\
resource \"terraform_data\" \"database\" {
  input = \"customers\"
}

resource \"terraform_data\" \"web\" {
  input = terraform_data.database.output
}
";

/// How long the demo waits for an answer: it is over within a minute.
const PATIENCE: Duration = Duration::from_secs(40);

/// Plays terraform where there is none.
const STAND_IN: &str = include_str!("demo/terraform.sh");

/// Runs the demo; the exit code is 0 where everything went as it should.
///
/// # Errors
/// Where the temporary directory cannot be set up, or a step ended otherwise.
pub fn run(process: &dyn Process, out: &mut dyn Write) -> anyhow::Result<u8> {
    // Ctrl-C ends the step that is running, not the clean-up behind it.
    for signal in [nix::libc::SIGINT, nix::libc::SIGTERM, nix::libc::SIGHUP] {
        signal_hook::flag::register(signal, std::sync::Arc::default())?;
    }
    let room = Room::new(process)?;
    let played = room.play(process, out);
    let removed = fs::remove_dir_all(&room.root);
    played?;
    removed.with_context(|| format!("{} cannot be removed", room.root.display()))?;
    writeln!(out, "\nThe directory is gone again; nothing else was touched.")?;
    writeln!(out, "To put the gate in front of your own terraform:")?;
    writeln!(out, "  cargo install --path . --locked && tollgate shim install")?;
    Ok(0)
}

/// The temporary directory with everything in it.
struct Room {
    root: PathBuf,
    work: PathBuf,
    path: OsString,
    real: bool,
    administered: bool,
}

impl Room {
    fn new(process: &dyn Process) -> anyhow::Result<Self> {
        let name = format!("tollgate-demo-{:08x}", getrandom::u32()?);
        let root = std::env::temp_dir().join(name);
        fs::create_dir(&root).with_context(|| format!("cannot create {}", root.display()))?;
        fs::set_permissions(&root, fs::Permissions::from_mode(0o700))?;
        let (shims, tools, work) = (root.join("shims"), root.join("tools"), root.join("infra"));
        for directory in [&shims, &tools, &work, &root.join("home")] {
            fs::create_dir(directory)?;
        }
        symlink(std::env::current_exe()?, shims.join("terraform"))?;
        fs::write(work.join("main.tf"), CONFIGURATION)?;
        let own = Own::of_this_process()?;
        let outside = process.environment().get("PATH");
        let real = match find_real(OsStr::new("terraform"), outside, &own) {
            Ok(found) => {
                symlink(fs::canonicalize(&found.path)?, tools.join("terraform"))?;
                // A launcher finds its program by itself, or does not.
                found.launcher().ok().flatten().is_none()
            }
            Err(_) => false,
        };
        if !real {
            let _ = fs::remove_file(tools.join("terraform"));
            fs::write(tools.join("terraform"), STAND_IN)?;
            fs::set_permissions(tools.join("terraform"), fs::Permissions::from_mode(0o755))?;
        }
        let path = std::env::join_paths([shims, tools, PathBuf::from("/usr/bin"), PathBuf::from("/bin")])?;
        let administered = crate::rules::layers::Directories::of(process).administered;
        Ok(Self { root, work, path, real, administered })
    }

    /// A program in the room: nothing of the caller's environment but the terminal.
    fn command(&self, program: &Path, arguments: &[&str], process: &dyn Process) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.work).env_clear().env("PATH", &self.path);
        command.env("HOME", self.root.join("home")).env("CHECKPOINT_DISABLE", "1");
        for (variable, directory) in [("XDG_STATE_HOME", "state"), ("XDG_CONFIG_HOME", "config")] {
            command.env(variable, self.root.join(directory));
        }
        for kept in ["TERM", "LANG", "NO_COLOR", "CLICOLOR_FORCE"] {
            if let Some(value) = process.environment().get(kept) {
                command.env(kept, value);
            }
        }
        command
    }

    fn shim(&self, arguments: &[&str], process: &dyn Process) -> Command {
        self.command(&self.root.join("shims/terraform"), arguments, process)
    }

    /// The tool itself, without the shim.
    fn real(&self, arguments: &[&str], process: &dyn Process) -> Command {
        self.command(&self.root.join("tools/terraform"), arguments, process)
    }

    fn play(&self, process: &dyn Process, out: &mut dyn Write) -> anyhow::Result<()> {
        writeln!(out, "A throw-away directory with two resources: {}", self.work.display())?;
        if self.real {
            writeln!(
                out,
                "terraform is the real one on your PATH; `terraform` below is the shim before it."
            )?;
        } else {
            writeln!(out, "There is no terraform of its own on PATH: a stand-in that only prints plays it.")?;
        }
        if self.administered {
            writeln!(
                out,
                "An administrator's layer exists here, so the record goes to your own state directory."
            )?;
        }
        let set_up = self.real(&["init", "-input=false"], process).output()?;
        let filled = self.real(&["apply", "-auto-approve", "-input=false"], process).output()?;
        if !set_up.status.success() || !filled.status.success() {
            bail!(
                "terraform could not set up the directory: {}",
                String::from_utf8_lossy(&filled.stderr).trim()
            );
        }

        title(out, "1. An agent plans. Reading is never in the way.")?;
        Self::step(self.shim(&["plan", "-input=false", "-no-color"], process), true, 0, out)?;

        title(out, "2. The agent decides to delete everything. Nothing runs.")?;
        Self::step(self.shim(&["destroy", "-auto-approve"], process), true, i32::from(REFUSED), out)?;
        writeln!(out, "still there:")?;
        Self::step(self.shim(&["state", "list"], process), true, 0, out)?;

        title(out, "3. The same by a way round: the command comes from a variable.")?;
        let mut hidden = self.shim(&[], process);
        hidden.env("TF_CLI_ARGS", "destroy -auto-approve");
        Self::step(hidden, true, i32::from(REFUSED), out)?;

        title(out, "4. You decide. You are asked at your terminal, and only there.")?;
        self.ask(process, out)?;

        title(out, "5. A second person. Nobody approves their own command.")?;
        self.peer(process, out)?;

        title(out, "6. The record: who asked, what was decided, how it ended.")?;
        let own = std::env::current_exe()?;
        Self::step(self.command(&own, &["audit", "show"], process), false, 0, out)?;
        Self::step(self.command(&own, &["audit", "verify"], process), false, 0, out)
    }

    /// The confirmation at the real prompt, where a person can give one.
    fn ask(&self, process: &dyn Process, out: &mut dyn Write) -> anyhow::Result<()> {
        let principal = principal::detect(process.environment(), true);
        if principal.kind == PrincipalKind::Agent {
            writeln!(
                out,
                "skipped: an agent runs this demo ({}), and would be refused.",
                principal.evidence.join(", ")
            )?;
            return Ok(());
        }
        if let Err(refused) = prompt::human_terminal() {
            writeln!(out, "skipped: {}.", refused.because)?;
            return Ok(());
        }
        let mut command = self.shim(&["destroy", "-auto-approve"], process);
        writeln!(out, "$ terraform destroy -auto-approve")?;
        out.flush()?;
        let mut child = command.stdin(Stdio::null()).spawn()?;
        let deadline = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            if Instant::now() > deadline {
                // The prompt itself waits for five minutes.
                kill(Pid::from_raw(i32::try_from(child.id())?), Signal::SIGTERM)?;
                child.wait()?;
                writeln!(out, "\nYou did not answer: nothing ran, and the demo goes on.")?;
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        match status.code() {
            Some(code) if code == i32::from(REFUSED) => {
                writeln!(out, "You did not confirm: nothing ran, exit code 77.")?;
            }
            Some(0) => writeln!(out, "You confirmed: terraform ran, and its end is in the record.")?,
            _ => bail!("terraform ended with {status}"),
        }
        Ok(())
    }

    /// Shows a command, runs it, and insists on its exit code.
    fn step(mut command: Command, agent: bool, expected: i32, out: &mut dyn Write) -> anyhow::Result<()> {
        if agent {
            command.env("CLAUDE_CODE_CHILD_SESSION", "1");
        }
        let variables = command.get_envs().filter(|(name, _)| is_shown(name));
        let variables = variables.map(|(name, value)| {
            format!("{}={} ", sanitize::os(name), sanitize::word(value.unwrap_or_default()))
        });
        let name = Path::new(command.get_program()).file_name().unwrap_or_default().to_owned();
        let words = std::iter::once(name.as_os_str()).chain(command.get_args());
        let line = format!("{}{}", variables.collect::<String>(), sanitize::command_line(words));
        writeln!(out, "$ {line}")?;
        let result = command.stdin(Stdio::null()).output()?;
        for text in [&result.stdout, &result.stderr] {
            shown(out, text)?;
        }
        if result.status.code() != Some(expected) {
            bail!("`{line}` ended with {} instead of exit code {expected}", result.status);
        }
        if expected != 0 {
            writeln!(out, "  (exit code {expected}: nothing ran)")?;
        }
        Ok(())
    }
}

/// Whether a variable is what a step is about.
fn is_shown(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.starts_with(b"TF_") || name.starts_with(b"TOLLGATE_")
}

fn title(out: &mut dyn Write, text: &str) -> io::Result<()> {
    writeln!(out, "\n{text}\n")?;
    out.flush()
}

/// Prints a program's output, indented; its colours are the program's own.
fn shown(out: &mut dyn Write, text: &[u8]) -> io::Result<()> {
    for line in String::from_utf8_lossy(text).lines().filter(|line| !line.trim().is_empty()) {
        writeln!(out, "  {line}")?;
    }
    out.flush()
}
