//! A world of its own for the real binary: a home, a project, a shim, and a
//! stub in the real tool's place that records how it was run.
#![allow(dead_code, reason = "no test uses all of it")]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;
use tollgate::process::Environment;

use super::pty::PtyCommand;

/// Nothing ran: refused.
pub(crate) const REFUSED: i32 = 77;
/// Nothing ran: something is wrong.
pub(crate) const FAULT: i32 = 78;

/// A variable by which an agent is told.
pub(crate) const MARKER: (&str, &str) = ("CLAUDE_CODE_CHILD_SESSION", "1");

/// The name of the project's directory: what a human types to destroy it.
pub(crate) const PROJECT: &str = "network";

/// Where the system's own programs are.
const SYSTEM: &str = "/usr/bin:/bin";

/// The built tollgate.
pub(crate) fn tollgate() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_tollgate"))
}

/// What the stub recorded of one run.
#[derive(Debug)]
pub(crate) struct Run {
    /// Its process id.
    pub(crate) pid: u32,
    /// Its arguments, without its own name.
    pub(crate) arguments: Vec<OsString>,
    /// The whole environment it was started with, in order.
    pub(crate) environment: Vec<OsString>,
}

impl Run {
    /// Whether tollgate asked kubectl what a command would do: by a rehearsal, or by a
    /// look at what is there.
    fn is_look(&self) -> bool {
        let has = |flag: &str| self.arguments.iter().any(|word| word == flag);
        has("--ignore-not-found") && (has("--dry-run=client") || has("--output=json"))
    }

    /// The value of a variable.
    pub(crate) fn variable(&self, name: &str) -> Option<&OsStr> {
        self.environment.iter().find_map(|entry| {
            let rest = entry.as_bytes().strip_prefix(name.as_bytes())?;
            Some(OsStr::from_bytes(rest.strip_prefix(b"=")?))
        })
    }
}

/// A directory with everything in it; gone at the end of the test.
pub(crate) struct World {
    root: TempDir,
}

impl World {
    /// A shim directory and a directory with a stub `terraform`, which records
    /// that it ran and does nothing else.
    pub(crate) fn new() -> Self {
        let world = Self { root: tempfile::tempdir().unwrap() };
        for directory in ["home", "shims", "bin", "runs", PROJECT] {
            fs::create_dir(world.path(directory)).unwrap();
        }
        symlink(tollgate(), world.shim()).unwrap();
        world.stub("");
        world
    }

    /// A place in this world.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        // Without links in it, as the working directory is told.
        self.root.path().canonicalize().unwrap().join(name)
    }

    /// Where the commands run.
    pub(crate) fn project(&self) -> PathBuf {
        self.path(PROJECT)
    }

    /// The link named like the tool.
    pub(crate) fn shim(&self) -> PathBuf {
        self.path("shims/terraform")
    }

    /// tollgate's state directory.
    pub(crate) fn state(&self) -> PathBuf {
        self.path("home/.local/state/tollgate")
    }

    /// The shims first, then the stub, then the system.
    pub(crate) fn search_path(&self) -> OsString {
        self.search(&["shims", "bin"])
    }

    /// These directories of this world, then the system's.
    pub(crate) fn search(&self, directories: &[&str]) -> OsString {
        let own = directories.iter().map(|name| if name.is_empty() { "".into() } else { self.path(name) });
        std::env::join_paths(own.chain(SYSTEM.split(':').map(PathBuf::from))).unwrap()
    }

    /// Writes a file, and the directories above it.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// Writes a shell script that may be executed.
    pub(crate) fn script(&self, name: &str, body: &str) -> PathBuf {
        let draft = self.write("draft", &format!("#!/bin/sh\n{body}\n"));
        self.program(&draft, name)
    }

    /// Copies a program. By another process: a file that this one wrote could
    /// still be open in a child of another test's, and then not be executed.
    pub(crate) fn program(&self, from: &Path, name: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let installed = Command::new("/usr/bin/install").args(["-m", "755"]).args([from, &path]).status();
        assert!(installed.unwrap().success());
        path
    }

    /// Puts a stub in the real terraform's place: it records its run, then
    /// does what `body` says. A plan it never makes, so that what applies one is judged
    /// by its words.
    pub(crate) fn stub(&self, body: &str) -> PathBuf {
        self.stub_at("bin/terraform", body)
    }

    /// The same elsewhere.
    pub(crate) fn stub_at(&self, name: &str, body: &str) -> PathBuf {
        let runs = self.path("runs");
        let record = format!(
            "for word; do case $word in -out=/proc/self/fd/*) exit 0;; esac; done; unset word\n\
             run=$(/usr/bin/mktemp -d -p '{}') || exit 99\n\
             /bin/cat /proc/$$/environ >\"$run/environment\"\n\
             if [ $# -gt 0 ]; then printf '%s\\0' \"$@\"; fi >\"$run/arguments\"\n\
             echo $$ >\"$run/pid\"\nunset run\n{body}",
            runs.display()
        );
        self.script(name, &record)
    }

    /// Every run of a stub, in no order.
    pub(crate) fn runs(&self) -> Vec<Run> {
        let entries = fs::read_dir(self.path("runs")).unwrap().map(|entry| entry.unwrap().path());
        let list = |path: PathBuf| {
            let mut words: Vec<OsString> = fs::read(path)
                .unwrap()
                .split(|byte| *byte == 0)
                .map(|word| OsString::from_vec(word.to_vec()))
                .collect();
            words.pop();
            words
        };
        entries
            .map(|directory| Run {
                pid: fs::read_to_string(directory.join("pid")).unwrap().trim().parse().unwrap(),
                arguments: list(directory.join("arguments")),
                environment: list(directory.join("environment")),
            })
            .collect()
    }

    /// The only run of the stub, beside the questions of tollgate's own.
    #[track_caller]
    pub(crate) fn ran(&self) -> Run {
        let mut runs = self.runs();
        runs.retain(|run| !run.is_look());
        assert_eq!(runs.len(), 1, "{runs:?}");
        runs.remove(0)
    }

    /// Asserts that no stub has run, but for the rehearsals and questions by which
    /// kubectl is asked what it would do.
    #[track_caller]
    pub(crate) fn assert_nothing_ran(&self) {
        let mut runs = self.runs();
        runs.retain(|run| !run.is_look() && !run.arguments.iter().any(|word| word == "--dry-run=client"));
        assert_eq!(runs.len(), 0, "{runs:?}");
    }

    /// What is in the environment, beside PATH.
    fn variables(&self) -> Vec<(&'static str, OsString)> {
        vec![("PATH", self.search_path()), ("HOME", self.path("home").into()), ("LANG", "C.UTF-8".into())]
    }

    /// A program in this world, without a terminal: in a session of its own,
    /// as the same process.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("/usr/bin/setsid");
        command.arg(program).env_clear().envs(self.variables()).current_dir(self.project());
        command.stdin(Stdio::null());
        command
    }

    /// The shim, called by a human without a terminal.
    pub(crate) fn terraform<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = self.command(self.shim());
        command.args(arguments);
        command
    }

    /// The shim, called by an agent.
    pub(crate) fn agent<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = self.terraform(arguments);
        command.env(MARKER.0, MARKER.1);
        command
    }

    /// tollgate by its own name.
    pub(crate) fn tollgate<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = self.command(tollgate());
        command.args(arguments);
        command
    }

    /// A shell script in this world.
    pub(crate) fn shell(&self, script: &str) -> Command {
        let mut command = self.command("/bin/sh");
        command.args(["-c", script]);
        command
    }

    /// Gives what starts in a terminal this world's environment.
    pub(crate) fn in_terminal(&self, command: PtyCommand) -> PtyCommand {
        let command = command.env_clear().cwd(self.project()).env("TERM", "dumb");
        self.variables().into_iter().fold(command, |command, (name, value)| command.env(name, value))
    }

    /// The shim, called by a human at a terminal.
    pub(crate) fn at_terminal<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> PtyCommand {
        self.in_terminal(PtyCommand::new(self.shim()).args(arguments))
    }

    /// A shell script run as the terminal session's leader.
    pub(crate) fn script_at_terminal(&self, script: &str) -> PtyCommand {
        self.in_terminal(PtyCommand::leader("/bin/sh").args(["-c", script]))
    }

    /// The record: every entry, oldest first.
    #[track_caller]
    pub(crate) fn record(&self) -> Vec<Value> {
        let shown = self.tollgate(["audit", "show", "--json"]).output().unwrap();
        assert!(shown.status.success(), "{shown:?}");
        text(&shown.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The entries of one type.
    #[track_caller]
    pub(crate) fn recorded(&self, kind: &str) -> Vec<Value> {
        self.record().into_iter().filter(|entry| entry["type"] == kind).collect()
    }

    /// Asserts that the record is intact.
    #[track_caller]
    pub(crate) fn assert_intact(&self) {
        let verified = self.tollgate(["audit", "verify"]).output().unwrap();
        assert_eq!(verified.status.code(), Some(0), "{}", text(&verified.stdout));
    }
}

/// What a program printed.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Asserts an exit code, and shows what was printed where it is another.
#[track_caller]
pub(crate) fn assert_code(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
}

/// Asserts that the shim refused, printed nothing to standard output, and that
/// no stub ran. Returns standard error.
#[track_caller]
pub(crate) fn assert_refused(world: &World, command: &mut Command) -> String {
    let output = command.output().unwrap();
    world.assert_nothing_ran();
    assert_code(&output, REFUSED);
    assert_eq!(text(&output.stdout), "");
    text(&output.stderr)
}

/// Whether a process that these tests start is taken for a human's. Where the
/// tests themselves run below a coding agent it is not, and there is no human
/// to be tested; says so.
pub(crate) fn is_human() -> bool {
    static HUMAN: OnceLock<bool> = OnceLock::new();
    *HUMAN.get_or_init(|| {
        let world = World::new();
        let checked = world.tollgate(["check", "--json", "--", "terraform", "destroy"]).output().unwrap();
        let verdict: Value = serde_json::from_slice(&checked.stdout).unwrap();
        let human = verdict["principal"]["kind"] == "human";
        if !human {
            say_untested("whatever needs a human, since these tests run below a coding agent");
        }
        human
    })
}

/// Whether a program is there. Where it is not, says so, and fails in CI.
pub(crate) fn is_installed(program: &str) -> bool {
    let found = SYSTEM.split(':').any(|directory| Path::new(directory).join(program).exists());
    if !found {
        let in_ci = Environment::of_this_process().non_empty("CI").is_some();
        assert!(!in_ci, "{program} is not installed");
        say_untested(&format!("{program}, which is not installed"));
    }
    found
}

/// Says what is not tested, past the test runner, which shows nothing of a
/// test that passes.
fn say_untested(what: &str) {
    writeln!(std::io::stderr(), "NOT TESTED: {what}").unwrap();
}
