//! Codex. It runs a hook that its user has reviewed, and passes over others without
//! a word; the review is recorded as a hash, which its app server tells.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;
use std::sync::mpsc;

use super::*;

fn scene(lines: &[&str]) -> Option<Scene> {
    Scene::new(
        &Agent { name: "codex", program: ".bin/codex".to_owned(), tool: ("exec_command", "cmd") },
        lines,
    )
}

fn codex(scene: &Scene) -> Command {
    let settings = "-c model_provider=stub -c analytics.enabled=false -c check_for_update_on_startup=false";
    let arguments = format!("exec --skip-git-repo-check -m gpt-5.5 -s danger-full-access {settings}");
    let mut command = scene.agent(arguments.split(' '));
    let provider = format!(
        "model_providers.stub={{name=\"stub\",base_url=\"{}/v1\",wire_api=\"responses\",env_key=\"KEY\"}}",
        scene.model.url()
    );
    command.args(["-c", &provider, "run it"]).env("KEY", "none");
    command
}

/// What `hooks/list` answers for the project.
fn listed(scene: &Scene) -> Value {
    let mut command = scene.agent(["app-server"]);
    let errors = File::create(scene.world.path("errors")).unwrap();
    let mut session =
        Session(command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(errors).spawn().unwrap());
    let client =
        json!({"clientInfo": {"name": "test", "version": "0"}, "capabilities": {"experimentalApi": true}});
    let messages = [
        json!({"id": 0, "method": "initialize", "params": client}),
        json!({"method": "initialized"}),
        json!({"id": 1, "method": "hooks/list", "params": {"cwds": [scene.world.project()]}}),
    ];
    let mut input = session.0.stdin.take().unwrap();
    for message in messages {
        writeln!(input, "{message}").unwrap();
    }
    let lines = BufReader::new(session.0.stdout.take().unwrap()).lines();
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let answers = lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
        answers.into_iter().find(|answer| answer["id"] == 1).map(|answer| send.send(answer))
    });
    let answer = receive.recv_timeout(PATIENCE).unwrap();
    let [listed] = answer["result"]["data"].as_array().unwrap().as_slice() else { panic!("{answer}") };
    listed.clone()
}

/// Trusts every hook, as `/hooks` does for the person who reviewed them.
fn review(scene: &Scene) {
    let mut record = String::new();
    for hook in listed(scene)["hooks"].as_array().unwrap() {
        let (key, hash) = (&hook["key"], &hook["currentHash"]);
        writeln!(record, "[hooks.state.{key}]\ntrusted_hash = {hash}").unwrap();
    }
    scene.world.write("home/.codex/config.toml", &record);
}

#[test]
fn it_runs_what_is_harmless_and_not_what_is_refused() {
    let Some(scene) = scene(&[REFUSED, HARMLESS]) else { return };
    review(&scene);
    scene.assert_only_harmless(&scene.run(codex(&scene)));
}

#[test]
fn it_lists_the_hook_without_a_complaint() {
    let Some(scene) = scene(&[]) else { return };
    let before = listed(&scene);
    assert_eq!((&before["warnings"], &before["errors"]), (&json!([]), &json!([])), "{before}");
    assert_eq!(before["hooks"][0]["trustStatus"], "untrusted", "{before}");
    review(&scene);
    let after = listed(&scene);
    let hooks = after["hooks"].as_array().unwrap();
    let state =
        |hook: &Value| (hook["eventName"].clone(), hook["enabled"].clone(), hook["trustStatus"].clone());
    let expected = ("preToolUse".into(), true.into(), "trusted".into());
    assert_eq!(hooks.iter().map(state).collect::<Vec<_>>(), [expected], "{after}");
}
