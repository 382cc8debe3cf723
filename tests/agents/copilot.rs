//! GitHub Copilot's CLI.

use std::os::unix::fs::symlink;

use super::*;
use crate::support::world::tollgate;

fn agent() -> Agent {
    let program = format!("@github/copilot-{}/copilot", platform());
    Agent { name: "copilot", program, tool: ("bash", "command") }
}

/// Asked to do what the model says, with a permission for every command.
fn asked(scene: &Scene, more: &[&str]) -> Ran {
    let mut command = scene.agent(["-p", "run it", "--yolo"]);
    command.args(more).env("COPILOT_PROVIDER_BASE_URL", format!("{}/v1", scene.model.url()));
    command.env("COPILOT_PROVIDER_API_KEY", "none").env("COPILOT_MODEL", "stub");
    command.env("COPILOT_OFFLINE", "true").env("COPILOT_AUTO_UPDATE", "false");
    scene.run(command)
}

#[test]
fn it_runs_what_is_harmless_and_not_what_is_refused() {
    let Some(scene) = Scene::new(&agent(), &[REFUSED, HARMLESS]) else { return };
    scene.assert_only_harmless(&asked(&scene, &[]));
}

/// It reads Claude Code's settings in a project too, once the folder is trusted.
#[test]
fn it_asks_the_hook_of_a_project_that_is_trusted() {
    for name in ["copilot", "claude-code"] {
        let Some(scene) = Scene::without_hook(&agent(), &[REFUSED, HARMLESS]) else { return };
        symlink(tollgate(), scene.world.path("bin/tollgate")).unwrap();
        scene.hook(&["install", name, "--project"]);
        scene.assert_only_harmless(&asked(&scene, &["--trust-folder"]));
    }
}
