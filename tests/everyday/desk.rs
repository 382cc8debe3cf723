//! A home with shims in front of the real tools, and a section's files to work on.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::OnceLock;

use regex::Regex;
use serde_json::{Value, json};

use super::table::{Step, directory};
use crate::support::cluster::Cluster;
use crate::support::moto::Moto;
use crate::support::pty::PtyCommand;
use crate::support::tools;
use crate::support::world::{MARKER, World, text, tollgate};

/// Where `tollgate shim install` puts them, so that the hook knows them too.
const SHIMS: &str = "home/.local/share/tollgate/shims";

/// One for which aws 1 has no older address of a service, which it would use
/// whatever `AWS_ENDPOINT_URL` says.
const REGION: &str = "eu-central-2";

/// Machines on which tests run are busy: what has three seconds elsewhere gets a minute.
const PATIENT: &str = "version: 1\npatience: 60\n";

/// What a stand-in for helm does, as there is none to test with.
const HELM: &str = "echo \"ran: $*\"";

/// Who types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    /// Without a terminal.
    Agent,
    /// At a terminal.
    Human,
}

/// What came of a line.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) code: Option<i32>,
    /// Both streams.
    pub(super) text: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let both = text(&output.stdout) + &text(&output.stderr);
        Self { code: output.status.code(), text: without_colours(&both) }
    }
}

/// The doubles that a section needs; they end with it.
#[derive(Default)]
struct Doubles {
    cluster: Option<Cluster>,
    moto: Option<Moto>,
}

/// A world with a section's tool in it, and its shim.
pub(super) struct Desk {
    pub(super) world: World,
    variables: Vec<(&'static str, OsString)>,
    doubles: Doubles,
}

impl Desk {
    /// `None`, said aloud, where the tool or its double is missing.
    pub(super) fn of(tool: &str) -> Option<Self> {
        let world = World::new();
        fs::remove_file(world.path("bin/terraform")).unwrap();
        fs::create_dir_all(world.path(SHIMS)).unwrap();
        symlink(tollgate(), world.path(SHIMS).join(tool)).unwrap();
        copy(&directory().join("files").join(tool), &world.project());
        let mut desk = Self { world, variables: Vec::new(), doubles: Doubles::default() };
        let real = match tool {
            "terraform" => desk.with_terraform()?,
            "kubectl" => desk.with_kubectl()?,
            "aws" => desk.with_aws()?,
            _ => {
                desk.world.script(&format!("bin/{tool}"), HELM);
                return Some(desk);
            }
        };
        symlink(real, desk.world.path("bin").join(tool)).unwrap();
        Some(desk)
    }

    fn with_terraform(&mut self) -> Option<&'static Path> {
        self.set("CHECKPOINT_DISABLE", "1");
        self.set("HTTPS_PROXY", "http://127.0.0.1:9");
        tools::terraform_1_11()
    }

    fn with_kubectl(&mut self) -> Option<&'static Path> {
        let kubectl = tools::kubectl_1_32()?;
        let cluster = Cluster::start();
        let file = self.world.write("home/.kube/config", &cluster.kubeconfig().to_string());
        self.set("KUBECONFIG", file);
        self.doubles.cluster = Some(cluster);
        Some(kubectl)
    }

    fn with_aws(&mut self) -> Option<&'static Path> {
        let aws = tools::aws_in_python()?;
        let moto = Moto::start()?;
        for (name, value) in [
            ("AWS_ENDPOINT_URL", moto.url()),
            ("AWS_ACCESS_KEY_ID", "none"),
            ("AWS_SECRET_ACCESS_KEY", "none"),
            ("AWS_DEFAULT_REGION", REGION),
            ("AWS_PAGER", ""),
            ("PAGER", "cat"),
            ("HTTPS_PROXY", "http://127.0.0.1:1"),
            ("NO_PROXY", "127.0.0.1"),
        ] {
            self.set(name, value);
        }
        self.world.write("home/.config/tollgate/rules/own.yaml", PATIENT);
        self.doubles.moto = Some(moto);
        Some(&aws.script)
    }

    fn set(&mut self, name: &'static str, value: impl Into<OsString>) {
        self.variables.push((name, value.into()));
    }

    fn path(&self, shimmed: bool) -> OsString {
        self.world.search(if shimmed { &[SHIMS, "bin"] } else { &["bin"] })
    }

    fn shell(&self, line: &str) -> Command {
        let mut shell = self.world.command("/bin/bash");
        shell.args(["-c", line]).envs(self.variables.iter().map(|(name, value)| (name, value)));
        shell
    }

    /// A line as somebody's without a terminal types it; without tollgate where nobody does.
    pub(super) fn command(&self, line: &str, caller: Option<Caller>) -> Command {
        let mut shell = self.shell(line);
        shell.env("PATH", self.path(caller.is_some()));
        if caller == Some(Caller::Agent) {
            shell.env(MARKER.0, MARKER.1);
        }
        shell
    }

    /// Runs a line without tollgate.
    pub(super) fn real(&self, line: &str) -> Ran {
        self.command(line, None).output().unwrap().into()
    }

    /// Runs a line with its shim in front.
    pub(super) fn run(&self, line: &str, caller: Caller) -> Ran {
        match caller {
            Caller::Agent => self.command(line, Some(caller)).output().unwrap().into(),
            Caller::Human => {
                let (text, code) = self.terminal(line, true).start().wait();
                Ran { code: Some(code), text: without_colours(&text) }
            }
        }
    }

    /// A line at a terminal.
    pub(super) fn terminal(&self, line: &str, shimmed: bool) -> PtyCommand {
        let shell = self.world.in_terminal(PtyCommand::new("/bin/bash").args(["-c", line]));
        let with = |shell: PtyCommand, (name, value): &(&'static str, OsString)| shell.env(name, value);
        self.variables.iter().fold(shell.env("PATH", self.path(shimmed)), with)
    }

    /// What the agent's hook says of a line before it runs; silence is consent.
    pub(super) fn hooked(&self, line: &str) -> String {
        let payload = json!({
            "cwd": self.world.project(),
            "permission_mode": "default",
            "hook_event_name": "PreToolUse",
            "tool_name": "Bash",
            "tool_input": {"command": line},
        });
        let file = self.world.write("payload", &payload.to_string());
        let mut hook = self.world.tollgate(["hook"]);
        hook.envs(self.variables.iter().map(|(name, value)| (name, value)));
        hook.env("PATH", self.path(true)).stdin(fs::File::open(file).unwrap());
        let ran = Ran::from(hook.output().unwrap());
        assert_eq!(ran.code, Some(0), "{line}: {ran:?}");
        ran.text
    }

    /// Everything that was recorded, oldest first.
    pub(super) fn recorded(&self) -> Vec<Value> {
        let there = self.world.state().join("audit").exists();
        if there { self.world.record() } else { Vec::new() }
    }

    /// Makes something ready, which has to succeed.
    pub(super) fn make_ready(&self, step: &Step) {
        let ran = self.real(&step.line);
        assert_eq!(ran.code, Some(0), "{}: {}\n{}", step.place, step.line, ran.text);
    }
}

/// Text as it is read, not as a terminal colours it.
fn without_colours(text: &str) -> String {
    static COLOUR: OnceLock<Regex> = OnceLock::new();
    COLOUR.get_or_init(|| Regex::new("\u{1b}\\[[0-9;]*m").unwrap()).replace_all(text, "").into_owned()
}

/// Copies a directory into another that is there.
pub(super) fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}
