//! Our hooks under the real pre-commit (<https://pre-commit.com>), in a repository, a
//! home and a cache that are thrown away.
//!
//!     pip install pre-commit

mod built;
mod documents;
mod kinds;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::tools;
use crate::support::world::{World, assert_code, is_installed, text, tollgate};

/// The hook that takes the tollgate on PATH.
const SYSTEM: &str = "tollgate-scan-system";

/// A repository that has our hook.
struct Scene {
    world: World,
    pre_commit: &'static Path,
    /// PATH, for git and all below it.
    path: OsString,
}

impl Scene {
    /// One whose next commit goes through our hook of this id; `None`, said aloud, where
    /// pre-commit is not installed.
    fn new(id: &str) -> Option<Self> {
        Self::with(id, "")
    }

    /// The same, with more lines for the hook's entry.
    fn with(id: &str, more: &str) -> Option<Self> {
        let pre_commit = tools::pre_commit()?;
        if !is_installed("git") {
            return None;
        }
        let world = World::new();
        let scene = Self { path: world.search(&["bin"]), world, pre_commit };
        symlink(tollgate(), scene.world.path("bin/tollgate")).unwrap();
        fs::create_dir(scene.world.path("published")).unwrap();
        // What is on PATH needs nothing else of us.
        let revision = scene.publish(if id == SYSTEM { ".pre-commit-hooks.yaml" } else { "." });
        scene.configure(&revision, id, more);
        scene.git(&["init", "--quiet"]);
        assert_code(&scene.pre_commit(&["install"]).output().unwrap(), 0);
        Some(scene)
    }

    /// What pre-commit is told of our hook.
    fn configure(&self, revision: &str, id: &str, more: &str) {
        let repository = self.world.path("published");
        let repository = repository.display();
        self.write(
            ".pre-commit-config.yaml",
            &format!(
                "repos:\n  - repo: {repository}\n    rev: {revision}\n    hooks:\n      - id: {id}\n{more}"
            ),
        );
    }

    /// This part of the working tree as the commit of a repository of its own, which
    /// pre-commit clones; its revision.
    fn publish(&self, part: &str) -> String {
        let published = self.world.path("published");
        let git = |arguments: &[&str]| {
            let mut command = self.command("git");
            let tree = Path::new(env!("CARGO_MANIFEST_DIR"));
            let output = command
                .args(arguments)
                .current_dir(tree)
                .env("GIT_DIR", published.join(".git"))
                .env("GIT_WORK_TREE", tree)
                .output()
                .unwrap();
            assert_code(&output, 0);
            text(&output.stdout)
        };
        git(&["init", "--quiet"]);
        git(&["add", part]);
        git(&["commit", "--quiet", "--message", "all"]);
        git(&["rev-parse", "HEAD"]).trim().to_owned()
    }

    /// A program in the repository, with the built tollgate on PATH.
    fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = self.world.command(program);
        command
            .env("PATH", &self.path)
            .env("PRE_COMMIT_HOME", self.world.path("cache"))
            .env("PRE_COMMIT_COLOR", "never")
            .env("GIT_CONFIG_NOSYSTEM", "1");
        for role in ["AUTHOR", "COMMITTER"] {
            command
                .env(format!("GIT_{role}_NAME"), "test")
                .env(format!("GIT_{role}_EMAIL"), "test@example.org");
        }
        command
    }

    /// pre-commit, in the repository.
    fn pre_commit(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(self.pre_commit);
        command.args(arguments);
        command
    }

    /// What git prints.
    #[track_caller]
    fn git(&self, arguments: &[&str]) -> String {
        let output = self.command("git").args(arguments).output().unwrap();
        assert_code(&output, 0);
        text(&output.stdout)
    }

    /// Writes a file of the repository.
    fn write(&self, name: &str, content: &str) {
        let path = self.world.project().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Commits everything; all that was printed, and whether there is a commit more.
    fn commit(&self) -> (String, bool) {
        let commits = || self.git(&["rev-list", "--all", "--count"]).trim().parse::<u32>().unwrap();
        self.git(&["add", "--all"]);
        let before = commits();
        let output = self.command("git").args(["commit", "--message", "next"]).output().unwrap();
        let made = commits() > before;
        assert_eq!(output.status.success(), made, "{output:?}");
        (printed(&output), made)
    }

    /// Commits everything, which has to be done.
    #[track_caller]
    fn assert_committed(&self) -> String {
        let (printed, made) = self.commit();
        assert!(made, "{printed}");
        printed
    }

    /// Commits everything, which our hook has to refuse.
    #[track_caller]
    fn assert_refused(&self) -> String {
        let (printed, made) = self.commit();
        assert!(!made && printed.contains("hook id: tollgate-scan"), "{printed}");
        printed
    }
}

/// All that a program printed.
fn printed(output: &Output) -> String {
    text(&output.stdout) + &text(&output.stderr)
}

#[test]
fn a_commit_that_destroys_is_refused() {
    let Some(scene) = Scene::new(SYSTEM) else { return };
    scene.write("deploy.sh", "set -eu\nterraform destroy -auto-approve\n");
    let refused = scene.assert_refused();
    assert!(refused.contains("deploy.sh:2:1") && refused.contains("terraform/destroy"), "{refused}");
    assert!(refused.contains("terraform destroy -auto-approve"), "{refused}");

    scene.write("deploy.sh", "set -eu\nterraform plan\necho 'terraform destroy -auto-approve'\n");
    let passed = scene.assert_committed();
    assert!(passed.contains("Passed"), "{passed}");
}

#[test]
fn a_commit_with_a_reason_is_made() {
    let Some(scene) = Scene::new(SYSTEM) else { return };
    let waived = "# tollgate: allow terraform/destroy because the sandbox is built anew every morning\n\
        terraform destroy -auto-approve\n";
    scene.write("nightly.sh", waived);
    scene.assert_committed();
    // It is for that rule alone.
    scene.write("nightly.sh", &format!("{waived}aws s3 rb s3://backups --force\n"));
    let refused = scene.assert_refused();
    let (found, waived) = refused.split_once("waived:").unwrap();
    assert!(found.contains("nightly.sh:3:1") && !found.contains("nightly.sh:2:1"), "{refused}");
    assert!(waived.contains("nightly.sh:2:1"), "{refused}");
}

#[test]
fn what_is_refused_can_be_chosen() {
    let Some(scene) = Scene::with(SYSTEM, "        args: [--fail-on=critical, --]\n") else { return };
    scene.write("restart.sh", "terraform state rm aws_instance.web\n");
    let passed = scene.assert_committed();
    assert!(passed.contains("Passed"), "{passed}");
    scene.write("restart.sh", "terraform destroy -auto-approve\n");
    scene.assert_refused();
}
