//! The built binary in front of the real kubectl and an API double.
//!
//! What is refused is also given to the real kubectl, which shows that it would
//! have done the damage; what passes is compared with the real kubectl's exit
//! code, output and requests.

mod credentials;
mod fed;
mod guarded;
mod plugins;
mod refused;
mod stated;
mod terminal;
mod undo;
mod untouched;

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::cluster::{Cluster, Request};
use crate::support::tools;
use crate::support::world::{MARKER, REFUSED, World, text, tollgate};

/// A manifest of a config map that the cluster does not have yet.
const NEW: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, labels: {app: web}}\n";
/// The manifest of one that it has.
const SETTINGS: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, annotations: {by: hand}}\n\
    data: {colour: blue}\n";

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    Agent,
    /// Without a terminal.
    Human,
}

/// How a run ended, what it printed, and what it asked of the server.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ran {
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
    /// Sorted, as kubectl asks for several things at once, and without watches,
    /// which it may come to or not before it has what it wants.
    pub(super) requests: Vec<String>,
}

/// A world with a shim for kubectl, and a cluster of its own.
pub(super) struct Desk {
    pub(super) world: World,
    pub(super) cluster: Cluster,
    kubectl: &'static Path,
}

impl Desk {
    /// `None`, said aloud, where there is no real kubectl.
    pub(super) fn new() -> Option<Self> {
        Self::before(Cluster::start())
    }

    pub(super) fn before(cluster: Cluster) -> Option<Self> {
        let kubectl = tools::kubectl()?;
        let desk = Self { world: World::new(), cluster, kubectl };
        symlink(tollgate(), desk.shim()).unwrap();
        desk.configure(&desk.cluster.kubeconfig());
        desk.world.write("network/x.yaml", NEW);
        desk.world.write("network/settings.yaml", SETTINGS);
        Some(desk)
    }

    pub(super) fn shim(&self) -> PathBuf {
        self.world.path("shims/kubectl")
    }

    fn configure(&self, kubeconfig: &Value) {
        self.world.write("kubeconfig", &kubeconfig.to_string());
    }

    /// PATH: the shims, this world's programs, the real kubectl's directory,
    /// `more`, the system.
    pub(super) fn search_path(&self, more: &[&Path]) -> OsString {
        let own = ["shims", "bin"].map(|name| self.world.path(name));
        let others = [self.kubectl.parent().unwrap()].into_iter().chain(more.iter().copied());
        let system = ["/usr/bin", "/bin"].map(Path::new);
        std::env::join_paths(own.iter().map(PathBuf::as_path).chain(others).chain(system)).unwrap()
    }

    /// `program` with the words of `line`.
    pub(super) fn command(&self, program: &Path, line: &str, caller: Caller) -> Command {
        // What the last run cached, this one would not ask for.
        let _ = fs::remove_dir_all(self.world.path("home/.kube/cache"));
        let mut command = self.world.command(program);
        command.args(words(line)).env("PATH", self.search_path(&[]));
        command.env("KUBECONFIG", self.world.path("kubeconfig"));
        if caller == Caller::Agent {
            command.env(MARKER.0, MARKER.1);
        }
        command
    }

    pub(super) fn finish(&self, mut command: Command) -> (Ran, Vec<Request>) {
        self.cluster.take();
        let output = command.output().unwrap();
        let requests = self.cluster.take();
        let kept = requests.iter().filter(|request| !request.query.contains("watch=true"));
        let mut lines: Vec<String> = kept.map(Request::line).collect();
        lines.sort();
        let ran = Ran {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
            requests: lines,
        };
        (ran, requests)
    }

    /// Calls kubectl by its name, and so the shim.
    pub(super) fn shimmed(&self, line: &str, caller: Caller) -> Ran {
        self.finish(self.command(Path::new("kubectl"), line, caller)).0
    }

    /// Calls the real kubectl in the same surroundings.
    pub(super) fn real(&self, line: &str) -> Ran {
        self.finish(self.command(self.kubectl, line, Caller::Human)).0
    }

    /// The changes for which the real kubectl asks the server.
    fn really_changes(&self, line: &str) -> Vec<String> {
        let (_, requests) = self.finish(self.command(self.kubectl, line, Caller::Human));
        requests.iter().filter(|request| request.changes()).map(Request::line).collect()
    }

    /// Asserts that the line is refused before anything is changed, and that the
    /// record has it. Returns what the caller is told.
    #[track_caller]
    pub(super) fn assert_refused(&self, line: &str, caller: Caller) -> String {
        self.assert_command_refused(line, self.command(Path::new("kubectl"), line, caller))
    }

    #[track_caller]
    fn assert_command_refused(&self, line: &str, command: Command) -> String {
        let before = self.world.recorded("refused").len();
        let (ran, requests) = self.finish(command);
        assert_eq!(ran.code, Some(REFUSED), "{line}: {ran:?}");
        let changes: Vec<&Request> = requests.iter().filter(|request| request.changes()).collect();
        assert!(changes.is_empty(), "{line}: {changes:?}");
        assert_eq!(ran.stdout, "", "{line}");
        assert!(ran.stderr.starts_with("tollgate: refused: kubectl "), "{line}: {ran:?}");
        assert_eq!(self.world.recorded("refused").len(), before + 1, "{line}");
        ran.stderr
    }

    /// Asserts that the line does what it does without a shim, whoever calls.
    #[track_caller]
    fn assert_untouched(&self, line: &str) -> Ran {
        let real = self.real(line);
        for caller in callers() {
            assert_eq!(self.shimmed(line, caller), real, "{caller:?}: {line}");
        }
        real
    }
}

/// The words of a line, as a shell reads it.
fn words(line: &str) -> Vec<String> {
    shell_words::split(line).unwrap()
}

/// Who can be tested: a human only where the tests are not an agent's.
pub(super) fn callers() -> Vec<Caller> {
    let human = crate::support::world::is_human();
    [Caller::Agent].into_iter().chain(human.then_some(Caller::Human)).collect()
}
