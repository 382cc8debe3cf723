//! Claude Code.

use super::*;
use crate::support::world::tollgate;

fn scene(lines: &[&str]) -> Option<Scene> {
    let program = format!("@anthropic-ai/claude-code-{}/claude", platform());
    Scene::new(&Agent { name: "claude-code", program, tool: ("Bash", "command") }, lines)
}

const SETTINGS: &str = "home/.claude/settings.json";

fn claude<const N: usize>(scene: &Scene, arguments: [&str; N]) -> Command {
    let mut command = scene.agent(arguments);
    command.env("ANTHROPIC_BASE_URL", scene.model.url()).env("ANTHROPIC_API_KEY", "none");
    let off = [
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
        "DISABLE_AUTOUPDATER",
        "DISABLE_ERROR_REPORTING",
        "DISABLE_TELEMETRY",
    ];
    command.envs(off.map(|name| (name, "1")));
    command
}

/// Asked to do what the model says, without any permission of Claude Code's own in
/// the way. As root it wants a sandbox for that.
fn asked(scene: &Scene) -> Ran {
    let mut command = claude(scene, ["-p", "run it", "--dangerously-skip-permissions"]);
    command.env("IS_SANDBOX", "1");
    scene.run(command)
}

#[test]
fn it_runs_what_is_harmless_and_not_what_is_refused() {
    let Some(scene) = scene(&[REFUSED, HARMLESS]) else { return };
    scene.assert_only_harmless(&asked(&scene));
}

#[test]
fn without_a_person_it_does_not_run_what_needs_one() {
    let Some(scene) = scene(&["terraform apply; touch ran"]) else { return };
    let ran = asked(&scene);
    scene.world.assert_nothing_ran();
    assert!(!scene.has("ran"), "{ran:#?}");
    assert!(ran.results.concat().contains("tollgate: confirm: terraform apply"), "{ran:#?}");
}

#[test]
fn it_runs_nothing_when_the_hook_is_gone() {
    let Some(scene) = scene(&[HARMLESS]) else { return };
    let settings = fs::read_to_string(scene.world.path(SETTINGS)).unwrap();
    scene.world.write(SETTINGS, &settings.replace(tollgate().to_str().unwrap(), "/nonexistent/tollgate"));
    let ran = asked(&scene);
    assert!(ran.results.concat().contains("blocking because onFailure is"), "{ran:#?}");
    assert!(!scene.has("harmless"), "{ran:#?}");
}

#[test]
fn its_doctor_accepts_the_configuration() {
    let Some(scene) = scene(&[]) else { return };
    let printed = scene.run(claude(&scene, ["doctor"])).printed;
    assert!(printed.contains("No installation issues") && !printed.contains("Invalid settings"), "{printed}");
    // And would say so otherwise.
    let settings = fs::read_to_string(scene.world.path(SETTINGS)).unwrap();
    scene.world.write(SETTINGS, &settings.replace("\"block\"", "\"stop\""));
    let printed = scene.run(claude(&scene, ["doctor"])).printed;
    assert!(printed.contains("Invalid settings"), "{printed}");
}
