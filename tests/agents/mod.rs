//! Real coding agents, with our hook in their configuration and a model of our own
//! ([`model`]) that has them run what it likes: what they make of our answers.
//!
//! They are looked for in `node_modules` below the directory that `TOLLGATE_AGENTS`
//! names, else below `target/agents`, where `.ci/run` installs them:
//!
//!     npm ci --ignore-scripts --prefix target/agents   # package.json and its lock beside this file
//!
//! None of them gets into the network.

mod claude_code;
mod cline;
mod codex;
mod copilot;
mod gemini;
mod model;
mod opencode;

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::{Value, json};
use tollgate::process::Environment;

use self::model::Model;
use crate::support::tools::skipped;
use crate::support::world::{World, assert_code};

/// When an agent that hangs is ended: on a machine that is busy they take half a
/// minute.
const PATIENCE: Duration = Duration::from_secs(180);

/// What refuses: an agent that runs the line leaves a run of the stub, and a file.
const REFUSED: &str = "terraform destroy -auto-approve; touch ran";
/// What an agent may do.
const HARMLESS: &str = "touch harmless";

/// Where an agent's program is; `None`, said aloud, where it is not installed.
fn installed(program: &str) -> Option<PathBuf> {
    let named = Environment::of_this_process().non_empty("TOLLGATE_AGENTS").map(PathBuf::from);
    let below = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/agents"));
    let found = Some(below.join("node_modules").join(program)).filter(|program| program.is_file());
    if found.is_none() {
        skipped(&format!("no `{program}` in node_modules below {}", below.display()));
    }
    found
}

/// This machine as npm's packages name it.
fn platform() -> String {
    let processor = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    format!("{}-{processor}", if cfg!(target_os = "macos") { "darwin" } else { "linux" })
}

/// A coding agent.
struct Agent {
    /// Its name for `tollgate hook install`.
    name: &'static str,
    /// Its program, below `node_modules`.
    program: String,
    /// Its tool for shell lines, and the argument that holds one.
    tool: (&'static str, &'static str),
}

/// An agent's world, and the model that it talks to.
struct Scene {
    world: World,
    model: Model,
    program: PathBuf,
}

/// What came of an agent's run.
#[derive(Debug)]
struct Ran {
    /// What went back to the model, call by call.
    results: Vec<String>,
    /// What the agent printed.
    printed: String,
    /// What it asked the model's server for.
    #[expect(dead_code, reason = "shown where a test fails")]
    requests: Vec<String>,
}

impl Scene {
    /// With our hook in the configuration of the agent's user, and a model that has it
    /// run these lines; `None`, said aloud, where the agent is not installed.
    fn new(agent: &Agent, lines: &[&str]) -> Option<Self> {
        let scene = Self::without_hook(agent, lines)?;
        scene.hook(&["install", agent.name]);
        Some(scene)
    }

    fn without_hook(agent: &Agent, lines: &[&str]) -> Option<Self> {
        let program = installed(&agent.program)?;
        let (tool, argument) = agent.tool;
        let call = |line: &&str| (tool, json!({argument: line, "description": "run it"}));
        let world = World::new();
        fs::create_dir(world.path("tmp")).unwrap();
        Some(Self { world, model: Model::start(lines.iter().map(call).collect()), program })
    }

    /// `tollgate hook` with these arguments.
    #[track_caller]
    fn hook(&self, arguments: &[&str]) {
        assert_code(&self.world.tollgate(["hook"].iter().chain(arguments)).output().unwrap(), 0);
    }

    /// The agent in the project, with little in its environment. There is no shim in
    /// the way: only the hook can refuse.
    fn agent<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = self.world.command(&self.program);
        command
            .args(arguments)
            .env("PATH", self.world.search(&["bin"]))
            .env("TMPDIR", self.world.path("tmp"));
        command.envs([("SHELL", "/bin/bash"), ("TERM", "dumb"), ("NO_COLOR", "1"), ("DO_NOT_TRACK", "1")]);
        // Nobody listens there.
        command.envs(
            ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"]
                .map(|name| (name, "http://127.0.0.1:9")),
        );
        command.envs(["NO_PROXY", "no_proxy"].map(|name| (name, "127.0.0.1,localhost")));
        command
    }

    /// Runs an agent to its end.
    #[track_caller]
    fn run(&self, mut command: Command) -> Ran {
        let printed = self.world.path("printed");
        let output = File::create(&printed).unwrap();
        command.stdout(output.try_clone().unwrap()).stderr(output);
        let ended = Session(command.spawn().unwrap()).ended();
        let printed = String::from_utf8_lossy(&fs::read(printed).unwrap()).into_owned();
        let ran = Ran { results: self.model.results(), printed, requests: self.model.requests() };
        assert!(ended, "it went on for {PATIENCE:?}: {ran:#?}");
        ran
    }

    /// Whether a file is in the project.
    fn has(&self, name: &str) -> bool {
        self.world.project().join(name).exists()
    }

    /// Asserts that nothing of the first line ran, and that the model knows why; and
    /// that what is harmless ran after it.
    #[track_caller]
    fn assert_only_harmless(&self, ran: &Ran) {
        self.world.assert_nothing_ran();
        assert!(!self.has("ran"), "{ran:#?}");
        let [refused, _] = ran.results.as_slice() else { panic!("{ran:#?}") };
        assert!(refused.contains("tollgate: refused: terraform destroy"), "{ran:#?}");
        assert!(self.has("harmless"), "{ran:#?}");
    }
}

/// A process that leads a session; what is left of it goes when this is dropped.
struct Session(Child);

impl Session {
    /// Waits for it, but not for ever.
    fn ended(mut self) -> bool {
        let since = Instant::now();
        while since.elapsed() < PATIENCE {
            if self.0.try_wait().unwrap().is_some() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // It leads its group too: `World::command` starts it by setsid.
        let _ = killpg(Pid::from_raw(self.0.id().try_into().unwrap()), Signal::SIGKILL);
        let _ = self.0.wait();
    }
}
