//! `OpenCode`.

use super::*;

fn scene(lines: &[&str]) -> Option<Scene> {
    // The kind that runs on any processor of x64.
    let program = "opencode-linux-x64-baseline/bin/opencode".to_owned();
    Scene::new(&Agent { name: "opencode", program, tool: ("bash", "command") }, lines)
}

#[test]
fn it_runs_what_is_harmless_and_not_what_is_refused() {
    let Some(scene) = scene(&[REFUSED, HARMLESS]) else { return };
    // It fetches a package for plugins, and waits for it, unless a lock file names it.
    let lock = json!({"name": "opencode", "lockfileVersion": 3, "packages": {"": {"dependencies": {"@opencode-ai/plugin": "*"}}}});
    for directory in ["home/.config/opencode", "home/.opencode"] {
        scene.world.write(&format!("{directory}/package-lock.json"), &lock.to_string());
        fs::create_dir(scene.world.path(directory).join("node_modules")).unwrap();
    }
    let provider = json!({
        "npm": "@ai-sdk/openai-compatible", "name": "stub",
        "options": {"baseURL": format!("{}/v1", scene.model.url()), "apiKey": "none"},
        "models": {"stub": {"name": "stub", "tool_call": true, "limit": {"context": 100_000, "output": 4096}}},
    });
    let settings = json!({
        "model": "stub/stub", "small_model": "stub/stub", "autoupdate": false, "share": "disabled",
        "provider": {"stub": provider}, "permission": {"bash": "allow"},
    });
    let mut command = scene.agent(["run", "run it"]);
    command.env("OPENCODE_CONFIG_CONTENT", settings.to_string());
    let off = ["AUTOUPDATE", "MODELS_FETCH", "LSP_DOWNLOAD", "SHARE"];
    command.envs(off.map(|what| (format!("OPENCODE_DISABLE_{what}"), "1")));
    scene.assert_only_harmless(&scene.run(command));
}
