//! Cline's CLI. A denial ends its run, and the model is not told.

use super::*;

fn scene(lines: &[&str]) -> Option<Scene> {
    let program = "@cline/cli-linux-x64/bin/cline".to_owned();
    Scene::new(&Agent { name: "cline", program, tool: ("run_commands", "commands") }, lines)
}

/// Asked to do what the model says, with a permission for every command.
fn asked(scene: &Scene) -> Ran {
    let provider = json!({
        "settings": {"provider": "openai-compatible", "apiKey": "none", "model": "gpt-4o", "baseUrl": format!("{}/v1", scene.model.url())},
        "updatedAt": "2026-01-01T00:00:00.000Z", "tokenSource": "manual",
    });
    let providers = json!({"version": 1, "lastUsedProvider": "openai-compatible", "modes": {}, "providers": {"openai-compatible": provider}});
    let providers = scene.world.write("providers.json", &providers.to_string());
    let mut command = scene.agent([
        "-P",
        "openai-compatible",
        "-m",
        "gpt-4o",
        "--auto-approve",
        "true",
        "--json",
        "run it",
    ]);
    command.env("CLINE_PROVIDER_SETTINGS_PATH", providers).env("CLINE_DATA_DIR", scene.world.path("cline"));
    // Else a process of its own keeps the session, and stays.
    command.env("CLINE_SESSION_BACKEND_MODE", "local").env("CLINE_NO_AUTO_UPDATE", "1");
    scene.run(command)
}

#[test]
fn it_does_not_run_what_is_refused() {
    let Some(scene) = scene(&[REFUSED]) else { return };
    let ran = asked(&scene);
    scene.world.assert_nothing_ran();
    assert!(!scene.has("ran"), "{ran:#?}");
    assert!(ran.printed.contains("aborted"), "{ran:#?}");
}

#[test]
fn it_runs_what_is_harmless() {
    let Some(scene) = scene(&[HARMLESS]) else { return };
    let ran = asked(&scene);
    assert!(scene.has("harmless"), "{ran:#?}");
}
