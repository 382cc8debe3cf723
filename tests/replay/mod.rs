//! `tollgate replay`, as people call it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Output;

use serde_json::Value;

use crate::support::pty::PtyCommand;
use crate::support::world::{FAULT, World, assert_code, text, tollgate};

const HISTORY: &str = "#1700000000\ngit status\n#1700000100\ngit push --force origin main\n#1700000200\n\
                       kubectl delete ns web --token=hunter2hunter2\n#1700000300\nls\n";

fn replay(world: &World, arguments: &[&str]) -> Output {
    let arguments = ["replay"].iter().chain(arguments);
    let output = world.tollgate(arguments).output().unwrap();
    world.assert_nothing_ran();
    output
}

#[track_caller]
fn told(world: &World, arguments: &[&str]) -> String {
    let output = replay(world, arguments);
    assert_code(&output, 0);
    assert_eq!(text(&output.stderr), "");
    text(&output.stdout)
}

fn report(world: &World, arguments: &[&str]) -> Value {
    serde_json::from_str(&told(world, &[&["--json"], arguments].concat())).unwrap()
}

/// A transcript of the real agent.
fn transcript(name: &str) -> String {
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/replay/transcripts");
    fs::read_to_string(directory.join(name)).unwrap()
}

#[test]
fn everything_that_a_user_has_is_found_and_judged() {
    let world = World::new();
    world.write("home/.bash_history", HISTORY);
    world.write("home/.zsh_history", ": 1700000400:0;terraform destroy\n");
    world.write("home/.claude/projects/x/s.jsonl", &transcript("claude-code-free.jsonl"));
    world.write("home/.claude/projects/x/agent-s.jsonl", &transcript("claude-code-asked.jsonl"));
    world.write("home/.codex/sessions/2026/11/22/rollout-s.jsonl", &transcript("codex.jsonl"));
    let said = told(&world, &[]);
    for expected in [
        "20 commands from 2023-11-14 to 2026-11-22: 8 would have been stopped (40.00 %)",
        "not found: fish",
        "agent claude-code         10",
        "in ~/.bash_history",
        "needs a second person (terraform/destroy): every resource",
        "2023-11-14 22:16Z, human, ~/.bash_history:6",
        "--token=«redacted»",
        "nothing was run",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    assert!(!said.contains("hunter2") && !said.contains('\u{1b}'), "{said}");
    let object = report(&world, &[]);
    assert_eq!(
        (object["schema"].as_u64(), object["commands"].as_u64(), object["stopped"].as_u64()),
        (Some(1), Some(20), Some(8))
    );
    assert_eq!(object["worst"][0]["risk"], "critical");
    assert!(!object.to_string().contains("hunter2"), "{object}");
    assert!(!world.state().exists(), "nothing is recorded");
}

#[test]
fn a_source_or_a_file_can_be_named() {
    let world = World::new();
    let history = world.write("home/.bash_history", HISTORY);
    let history = history.to_str().unwrap();
    let lines = world.write("lines", "ls\nterraform destroy\n");
    let lines = lines.to_str().unwrap();
    let transcript = world.write("t", &transcript("codex.jsonl"));
    for (arguments, source, kind, commands) in [
        (vec![history], "bash", "human", 4),
        (vec!["--from", "bash"], "bash", "human", 4),
        (vec![lines], "lines", "human", 2),
        (vec!["--from", "lines", lines, "--as", "agent:x"], "lines", "agent", 2),
        (vec![transcript.to_str().unwrap()], "codex", "agent", 5),
    ] {
        let object = report(&world, &arguments);
        assert_eq!(object["sources"][0]["source"], source, "{arguments:?}");
        assert_eq!(object["principals"][0]["kind"], kind, "{arguments:?}");
        assert_eq!(object["commands"], commands, "{arguments:?}");
    }
    assert_eq!(report(&world, &["--as", "agent", lines])["peer"], 1);
    assert_eq!(report(&world, &[lines])["confirm"], 1);
}

#[test]
fn standard_input_is_read() {
    let world = World::new();
    let said =
        world.shell(&format!("printf 'ls\\nterraform destroy\\n' | {} replay -", tollgate().display()));
    let output = { said }.output().unwrap();
    assert_code(&output, 0);
    assert!(
        text(&output.stdout).starts_with("2 commands: 1 would have been stopped (50.00 %)"),
        "{output:?}"
    );
}

#[test]
fn what_the_caller_has_opened_is_read() {
    let world = World::new();
    let binary = tollgate();
    let binary = binary.display();
    for line in [
        format!("printf 'ls\\nterraform destroy\\n' | {binary} replay /dev/stdin"),
        format!("exec bash -c '{binary} replay <(sleep 0.2; echo ls; echo terraform destroy)'"),
    ] {
        let output = { world.shell(&line) }.output().unwrap();
        assert_code(&output, 0);
        assert!(text(&output.stdout).starts_with("2 commands: 1 would have been stopped"), "{output:?}");
    }
}

#[test]
fn a_file_counts_once_however_it_is_named() {
    let world = World::new();
    let history = world.write("home/.bash_history", HISTORY);
    std::os::unix::fs::symlink(&history, world.path("link")).unwrap();
    let names = [history.clone(), world.path("home/../home/.bash_history"), world.path("link")];
    let names: Vec<&str> = names.iter().map(|name| name.to_str().unwrap()).collect();
    assert_eq!(report(&world, &names)["commands"], 4);
}

#[test]
fn the_history_that_a_variable_names_is_read_without_times() {
    let world = World::new();
    world.write("plain", "ls\nterraform destroy\n");
    for (file, arguments, source) in [
        (world.path("plain"), vec!["replay", "--json"], "bash"),
        (world.path("plain"), vec!["replay", "--json", "--from", "bash"], "bash"),
        (world.path("plain"), vec!["replay", "--json", "--from", "zsh"], "zsh"),
        ("plain".into(), vec!["replay", "--json"], "bash"),
    ] {
        let mut command = world.tollgate(&arguments);
        let output = command.env("HISTFILE", &file).current_dir(world.path("")).output().unwrap();
        assert_code(&output, 0);
        let object: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(object["sources"][0]["source"], source, "{arguments:?}");
        assert_eq!(object["commands"], 2, "{arguments:?}");
    }
}

#[test]
fn where_nothing_is_found_it_says_what_to_try() {
    let world = World::new();
    let said = told(&world, &[]);
    assert!(said.starts_with("no commands were found"), "{said}");
    for expected in
        ["~/.claude/projects", "~/.codex/sessions", "~/.bash_history", "try: tollgate replay FILE"]
    {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let output = replay(&world, &["--from", "lines"]);
    assert_code(&output, 2);
}

#[test]
fn what_cannot_be_read_is_said() {
    let world = World::new();
    nix::unistd::mkfifo(&world.path("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    world.write("package.json", "{\"name\": \"x\"}\n");
    for (name, expected) in [
        ("nothing", "No such file"),
        ("pipe", "a named pipe, which nobody may ever write"),
        ("home", "is a directory"),
        ("package.json", "cannot be told what this is"),
    ] {
        let output = replay(&world, &[world.path(name).to_str().unwrap()]);
        assert_code(&output, FAULT);
        assert!(text(&output.stderr).contains(expected), "{output:?}");
    }
    // What was only found is passed over, and said.
    world.write("home/.bash_history", "ls\n");
    fs::create_dir(world.path("home/.zsh_history")).unwrap();
    fs::set_permissions(world.path("home/.zsh_history"), fs::Permissions::from_mode(0o700)).unwrap();
    let said = told(&world, &[]);
    assert!(said.contains("not read: ~/.zsh_history: it is a directory"), "{said}");
}

#[test]
fn hostile_files_end_in_a_count() {
    let world = World::new();
    let long = [b"ls\n".to_vec(), vec![b'a'; 100 << 20], b"\nls \0 \xff\x1b[2J\n".to_vec()].concat();
    fs::write(world.path("long"), long).unwrap();
    let said = told(&world, &["--from", "bash", world.path("long").to_str().unwrap()]);
    assert!(said.starts_with("2 commands") && said.contains("1 line passed over: too long"), "{said}");
    let deep = format!("{}\"tool_use\"{}\n", "{\"a\":".repeat(200_000), "}".repeat(200_000));
    world.write("deep", &deep);
    let said = told(&world, &["--from", "claude-code", world.path("deep").to_str().unwrap()]);
    assert!(said.contains("1 line passed over: broken or cut off"), "{said}");
    world.write("escape", "rm -rf / \u{1b}]0;x\u{7}\n");
    let said = told(&world, &["--from", "lines", world.path("escape").to_str().unwrap()]);
    assert!(said.contains("rm -rf /") && !said.contains('\u{1b}'), "{said}");
}

#[test]
fn a_bar_is_shown_on_a_terminal_only() {
    let world = World::new();
    world.write("home/.bash_history", &"echo a line that is harmless\n".repeat(100_000));
    // Neither colour nor a bar where nobody looks.
    assert!(!told(&world, &[]).contains('\u{1b}'));
    let at_terminal = |term: &str| {
        let command = PtyCommand::new(tollgate()).args(["replay"]);
        let (said, code) = world.in_terminal(command).env("TERM", term).start().wait();
        assert_eq!(code, 0, "{said}");
        assert!(said.contains("100,000 commands"), "{said}");
        said
    };
    let said = at_terminal("xterm");
    let (bar, report) = said.split_at(said.find("100,000").unwrap());
    assert!(bar.contains("reading") && !report.contains("reading"), "{said}");
    assert!(!at_terminal("dumb").contains("reading"));
}
