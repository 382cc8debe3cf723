//! Gemini CLI.

use super::*;

const SETTINGS: &str = "home/.gemini/settings.json";

fn scene(lines: &[&str]) -> Option<Scene> {
    let tool = ("run_shell_command", "command");
    Scene::new(&Agent { name: "gemini", program: ".bin/gemini".to_owned(), tool }, lines)
}

/// Asked to do what the model says, in a folder that is trusted, with a permission
/// for every command.
fn asked(scene: &Scene) -> Ran {
    let mut command = scene.agent(["-m", "gemini-2.5-pro", "--yolo", "--skip-trust", "-p", "run it"]);
    command.env("GOOGLE_GENAI_USE_VERTEXAI", "true").env("GOOGLE_API_KEY", "none");
    command.env("GOOGLE_VERTEX_BASE_URL", scene.model.url()).env("GEMINI_TELEMETRY_ENABLED", "false");
    scene.run(command)
}

/// What it says where it does not like a configuration.
const COMPLAINT: &str = "nvalid";

#[test]
fn it_runs_what_is_harmless_and_not_what_is_refused() {
    let Some(scene) = scene(&[REFUSED, HARMLESS]) else { return };
    let ran = asked(&scene);
    scene.assert_only_harmless(&ran);
    assert!(!ran.printed.contains(COMPLAINT), "{ran:#?}");
}

#[test]
fn it_would_complain_about_the_configuration() {
    let Some(scene) = scene(&[]) else { return };
    let settings = fs::read_to_string(scene.world.path(SETTINGS)).unwrap();
    scene.world.write(SETTINGS, &settings.replace("BeforeTool", "PreToolUse"));
    let ran = asked(&scene);
    assert!(ran.printed.contains(COMPLAINT), "{ran:#?}");
}
