//! `tollgate hook install`, `list` and `remove`, in the configuration of every agent.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::support::world::{FAULT, MARKER, REFUSED, World, assert_code, is_human, text, tollgate};

/// Every file of the world's home and project, with its mode.
fn files(world: &World) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    let mut directories = vec![world.path("home"), world.project()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.ends_with(".local/state") {
            } else if path.is_dir() {
                directories.push(path);
            } else {
                let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
                found.insert(path.clone(), (mode, fs::read(&path).unwrap()));
            }
        }
    }
    found
}

fn hook(world: &World, words: &[&str]) -> Command {
    let mut command = world.tollgate(["hook"]);
    command.args(words);
    command
}

fn run(world: &World, words: &[&str]) -> String {
    let output = hook(world, words).output().unwrap();
    assert_code(&output, 0);
    text(&output.stdout)
}

fn line() -> String {
    format!("{} hook", tollgate().display())
}

fn parsed(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// What `hook list --json` says of an agent.
fn entries(world: &World, agent: &str) -> Vec<Value> {
    let list: Value = serde_json::from_str(&run(world, &["list", "--json"])).unwrap();
    assert_eq!(list["unread"], json!([]), "{list}");
    let of = list["agents"].as_array().unwrap().iter().find(|one| one["agent"] == agent);
    of.unwrap()["entries"].as_array().unwrap().clone()
}

/// The file of an agent at user scope and in a project, its array of entries, and
/// what is in that for a command.
type Contract = (&'static str, &'static str, &'static str, &'static [&'static str], fn(&str) -> Value);

/// What each agent of the JSON kind wants, as documented or seen at work.
const CONTRACTS: [Contract; 11] = [
    ("claude-code", ".claude/settings.json", ".claude/settings.json", &["/hooks/PreToolUse"], |line| {
        json!({ "matcher": "*", "hooks": [
            { "type": "command", "command": line, "timeout": 20, "onFailure": "block" }] })
    }),
    (
        "codex",
        ".codex/hooks.json",
        ".codex/hooks.json",
        &["/hooks/PreToolUse"],
        |line| json!({ "hooks": [{ "type": "command", "command": line, "timeout": 20 }] }),
    ),
    ("gemini", ".gemini/settings.json", ".gemini/settings.json", &["/hooks/BeforeTool"], |line| {
        json!({ "matcher": "*", "hooks": [
            { "name": "tollgate", "type": "command", "command": line, "timeout": 20_000 }] })
    }),
    (
        "cursor",
        ".cursor/hooks.json",
        ".cursor/hooks.json",
        &["/hooks/beforeShellExecution", "/hooks/beforeMCPExecution"],
        |line| json!({ "command": line, "timeout": 20, "failClosed": true }),
    ),
    (
        "copilot",
        ".copilot/hooks/tollgate.json",
        ".github/hooks/tollgate.json",
        &["/hooks/preToolUse"],
        |line| json!({ "type": "command", "bash": line, "timeoutSec": 20 }),
    ),
    (
        "vscode",
        ".copilot/hooks/tollgate.json",
        ".github/hooks/tollgate.json",
        &["/hooks/preToolUse"],
        |line| json!({ "type": "command", "bash": line, "timeoutSec": 20 }),
    ),
    ("kiro", ".kiro/hooks/tollgate.json", ".kiro/hooks/tollgate.json", &["/hooks"], |line| {
        json!({ "name": "tollgate", "trigger": "PreToolUse", "matcher": ".*",
            "action": { "type": "command", "command": line }, "timeout": 20, "enabled": true })
    }),
    (
        "windsurf",
        ".codeium/windsurf/hooks.json",
        ".windsurf/hooks.json",
        &["/hooks/pre_run_command", "/hooks/pre_mcp_tool_use", "/hooks/pre_write_code"],
        |line| json!({ "command": line, "show_output": true }),
    ),
    ("devin", ".config/devin/config.json", "", &["/hooks/PreToolUse"], |line| {
        let line = format!("{line} devin");
        json!({ "matcher": ".*", "hooks": [{ "type": "command", "command": line, "timeout": 20 }] })
    }),
    ("devin", "", ".devin/hooks.v1.json", &["/PreToolUse"], |line| {
        let line = format!("{line} devin");
        json!({ "matcher": ".*", "hooks": [{ "type": "command", "command": line, "timeout": 20 }] })
    }),
    (
        "goose",
        ".agents/plugins/tollgate/hooks/hooks.json",
        ".agents/plugins/tollgate/hooks/hooks.json",
        &["/hooks/PreToolUse"],
        |line| {
            json!({ "hooks": [
                { "type": "command", "command": line, "timeout": 20, "on_failure": "block" }] })
        },
    ),
];

#[test]
fn each_agent_gets_its_entry_once_and_loses_it_without_a_trace() {
    if !is_human() {
        return;
    }
    let world = World::new();
    for (agent, user, project, arrays, entry) in CONTRACTS {
        for (scope, file, line) in [
            ("user", world.path("home").join(user), line()),
            ("project", world.project().join(project), "tollgate hook".to_owned()),
        ] {
            if file.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let (words, before) = ([agent, &format!("--{scope}")], files(&world));
            let shown = run(&world, &["install", words[0], words[1], "--dry-run"]);
            assert!(shown.contains("nothing was written") && files(&world) == before, "{shown}");

            let said = run(&world, &["install", words[0], words[1]]);
            assert!(said.contains(&format!("{agent}: written: {}\n", file.display())), "{said}");
            assert_eq!(said.contains("as PATH has it"), scope == "project", "{said}");
            let (document, installed) = (parsed(&file), files(&world));
            for array in arrays {
                assert_eq!(document.pointer(array), Some(&json!([entry(&line)])), "{agent} {scope}");
            }
            let (mode, bytes) = &installed[&file];
            assert_eq!(*mode, if scope == "user" { 0o600 } else { 0o644 });
            assert!(bytes.starts_with(b"{\n  \"") && bytes.ends_with(b"\n}\n"), "{agent}");
            let listed = entries(&world, agent);
            assert!(listed.len() >= arrays.len(), "{listed:?}");
            let command = if agent == "devin" { format!("{line} devin") } else { line.clone() };
            assert!(
                listed.iter().all(|one| one["command"] == command && one["scope"] == scope),
                "{listed:?}"
            );
            assert!(listed.iter().all(|one| one["fails_closed"] != false), "{listed:?}");

            let again = run(&world, &["install", words[0], words[1]]);
            assert!(again.starts_with(&format!("{agent}: already installed")), "{again}");
            assert!(files(&world) == installed, "{agent} {scope}");

            let gone = run(&world, &["remove", words[0], words[1]]);
            assert!(gone.contains(&format!("{agent}: deleted: {}\n", file.display())), "{gone}");
            assert!(files(&world) == before, "{agent} {scope}");
            assert_eq!(entries(&world, agent), Vec::<Value>::new());
        }
    }
    let edits = parsed_after(&world, "cursor", ".cursor/hooks.json");
    assert_eq!(edits["version"], 1);
    assert_eq!(edits["hooks"]["preToolUse"][0]["matcher"], "Write|Edit|Delete");
    let changes = world.recorded("change");
    assert_eq!(changes[0]["what"], "remove the hook of claude-code (user scope)", "{changes:?}");
    world.assert_intact();
}

fn parsed_after(world: &World, agent: &str, file: &str) -> Value {
    run(world, &["install", agent]);
    parsed(&world.path("home").join(file))
}

#[test]
fn what_is_in_a_file_already_stays_byte_for_byte() {
    if !is_human() {
        return;
    }
    let commented = "{\r\n\t// mine\r\n\t\"hooks\": {\r\n\t\t\"PreToolUse\": [\r\n\t\t\t{ \"matcher\": \"Bash\", \"hooks\": [{ \"type\": \"command\", \"command\": \"other\" }] }, // theirs\r\n\t\t],\r\n\t},\r\n}\r\n";
    let tables = "model = \"m\" # mine\n\n[[hooks.Stop]]\n[[hooks.Stop.hooks]]\ntype = \"command\"\ncommand = \"say done\"\n";
    let agent_file = "{\"name\": \"dev\", \"tools\": [\"*\"], \"hooks\": {\"preToolUse\": []}}";
    for (agent, file, before) in [
        ("claude-code", ".claude/settings.json", "{}"),
        ("claude-code", ".claude/settings.json", ""),
        ("claude-code", ".claude/settings.json", "{\"model\":\"m\",\"hooks\":{\"Stop\":[]}}"),
        (
            "claude-code",
            ".claude/settings.json",
            "\u{feff}{\n    \"hooks\": {\n        \"PreToolUse\": [\n        ]\n    }\n}",
        ),
        ("claude-code", ".claude/settings.json", commented),
        ("gemini", ".gemini/settings.json", "{\n  \"theme\": \"x\" // y\n}\n"),
        ("codex", ".codex/hooks.json", "{ \"description\": \"d\", \"hooks\": {} }\n"),
        ("codex", ".codex/config.toml", tables),
        (
            "cursor",
            ".cursor/hooks.json",
            "{ \"hooks\": { \"beforeShellExecution\": [ { \"command\": \"./x.sh\" } ] } }\n",
        ),
        ("kiro", ".kiro/hooks/tollgate.json", "{\n \"version\": \"v1\",\n \"hooks\": []\n}\n"),
        ("kiro-cli", ".kiro/agents/dev.json", agent_file),
        ("amazon-q", ".aws/amazonq/cli-agents/dev.json", agent_file),
        (
            "windsurf",
            ".codeium/windsurf/hooks.json",
            "{\"hooks\":{\"pre_run_command\":[{\"command\":\"x\"}]}}",
        ),
        ("devin", ".config/devin/config.json", "{ \"a\": [1,2, 3 ] }"),
    ] {
        let world = World::new();
        let path = world.write(&format!("home/{file}"), before);
        let untouched = files(&world);
        let said = run(&world, &["install", agent]);
        let backup =
            path.with_file_name(format!("{}.tollgate-backup", path.file_name().unwrap().to_str().unwrap()));
        assert!(said.contains(&format!("the original is kept in {}", backup.display())), "{said}");
        assert_eq!(fs::read_to_string(&backup).unwrap(), before);
        let after = fs::read_to_string(&path).unwrap();
        assert!(after.contains(&line()), "{after}");
        for word in before.split_whitespace().filter(|word| word.len() > 3 && word.starts_with('"')) {
            assert!(after.contains(word.trim_end_matches([',', '}', ']', '['])), "{word} in {after}");
        }
        assert!(run(&world, &["install", agent]).contains("already installed"));
        assert_eq!(fs::read_to_string(&path).unwrap(), after);
        assert!(!entries(&world, agent).is_empty());
        run(&world, &["remove", agent]);
        assert!(files(&world) == untouched, "{agent} {before:?}: {:?}", fs::read_to_string(&path));

        // With an edit of the user's between, ours goes and theirs stays.
        if path.extension().unwrap() == "json" && before.contains("hooks\"") && !before.contains("//") {
            run(&world, &["install", agent]);
            let edited = fs::read_to_string(&path).unwrap().replacen('{', "{\"mine\": 1,", 1);
            fs::write(&path, &edited).unwrap();
            run(&world, &["remove", agent]);
            let rest = fs::read_to_string(&path).unwrap();
            let rest: Value = serde_json::from_str(rest.trim_start_matches('\u{feff}')).unwrap();
            assert_eq!((&rest["mine"], rest.to_string().contains("tollgate")), (&json!(1), false), "{rest}");
        }
    }
}

#[test]
fn a_program_and_plugins_are_files_of_our_own() {
    if !is_human() {
        return;
    }
    let world = World::new();
    for (agent, scope, file, mode) in [
        ("cline", "--user", "home/Documents/Cline/Hooks/PreToolUse", 0o700),
        ("cline", "--project", "network/.clinerules/hooks/PreToolUse", 0o755),
        ("opencode", "--user", "home/.config/opencode/plugins/tollgate.js", 0o600),
        ("opencode", "--project", "network/.opencode/plugins/tollgate.js", 0o644),
    ] {
        let before = files(&world);
        run(&world, &["install", agent, scope]);
        let installed = files(&world);
        assert_eq!(installed[&world.path(file)].0, mode, "{agent}");
        let listed = entries(&world, agent);
        let program = if scope == "--user" { tollgate().to_str().unwrap() } else { "tollgate" };
        assert_eq!((listed.len(), &listed[0]["program"]), (1, &json!(program)), "{listed:?}");
        assert_eq!((&listed[0]["enabled"], &listed[0]["fails_closed"]), (&json!(true), &json!(true)));
        assert!(run(&world, &["install", agent, scope]).contains("already installed"));
        run(&world, &["remove", agent, scope]);
        assert!(files(&world) == before, "{agent}");
        // What is there and is not ours stays.
        world.write(file, "something else\n");
        let refused = hook(&world, &["install", agent, scope]).output().unwrap();
        assert_code(&refused, FAULT);
        assert!(text(&refused.stderr).contains("a file that is not ours is in its place"), "{refused:?}");
        assert_eq!(fs::read_to_string(world.path(file)).unwrap(), "something else\n");
        assert!(run(&world, &["remove", agent, scope]).contains("not installed here"));
        fs::remove_file(world.path(file)).unwrap();
    }
}

/// Hands `payload` to a program, and returns what came of it.
fn given(program: &mut Command, payload: &str) -> Output {
    use std::io::Write as _;
    let piped = std::process::Stdio::piped;
    let mut child = program.stdin(piped()).stdout(piped()).stderr(piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(payload.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn what_was_installed_answers_also_with_odd_names_and_without_tollgate() {
    let world = World::new();
    let odd = world.program(tollgate(), "od'd \"$x` dir/tollgate");
    let cline = |command: &str| {
        json!({ "clineVersion": "", "hookName": "tool_call", "taskId": "t", "workspaceRoots": [world.project()],
            "tool_call": { "id": "1", "name": "run_commands", "input": { "commands": [command] } } })
        .to_string()
    };
    let installs = |agent: &str| {
        let output = world.command(&odd).args(["hook", "install", agent]).output().unwrap();
        assert_code(&output, 0);
    };
    installs("cline");
    let script = world.path("home/Documents/Cline/Hooks/PreToolUse");
    let cancels = |payload: &str| -> Value {
        let output = given(&mut world.command(&script), payload);
        assert_code(&output, 0);
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        answer["cancel"].clone()
    };
    assert_eq!(cancels(&cline("rm -rf /")), json!(true));
    assert_eq!(cancels(&cline("ls")), Value::Null);
    assert_eq!(cancels("no payload"), json!(true));

    installs("claude-code");
    let settings = parsed(&world.path("home/.claude/settings.json"));
    let line = settings["hooks"]["PreToolUse"][0]["hooks"][0]["command"].as_str().unwrap();
    let payload = json!({ "hook_event_name": "PreToolUse", "session_id": "s", "permission_mode": "default",
        "cwd": world.project(), "tool_name": "Bash", "tool_use_id": "u", "tool_input": { "command": "rm -rf /" } });
    let output = given(&mut world.shell(line), &payload.to_string());
    assert!(text(&output.stdout).contains("\"deny\"") || output.status.code() == Some(2), "{output:?}");
    assert_eq!(entries(&world, "claude-code")[0]["program"], json!(odd));

    fs::remove_file(&odd).unwrap();
    assert_eq!(cancels(&cline("ls")), json!(true), "without tollgate nothing runs");
    // The tollgate that is here now takes its place.
    let again = run(&world, &["install", "claude-code"]);
    assert!(again.starts_with("claude-code: brought up to date: "), "{again}");
    assert_eq!(entries(&world, "claude-code").len(), 1);
    assert_eq!(entries(&world, "claude-code")[0]["program"], json!(tollgate()));
}

#[test]
fn no_agent_removes_a_hook_and_any_may_install_one() {
    let world = World::new();
    let as_agent = |words: &[&str]| hook(&world, words).env(MARKER.0, MARKER.1).output().unwrap();
    assert_code(&as_agent(&["install", "gemini"]), 0);
    let installed = files(&world);
    let refused = as_agent(&["remove", "gemini"]);
    assert_code(&refused, REFUSED);
    assert!(
        text(&refused.stderr).starts_with("tollgate: refused: remove the hook of gemini (user scope)"),
        "{refused:?}"
    );
    assert!(files(&world) == installed);
    assert_code(&as_agent(&["remove", "gemini", "--dry-run"]), 0);
    assert!(files(&world) == installed);
}

#[test]
fn what_cannot_be_edited_is_left_alone_and_said() {
    let world = World::new();
    let path = world.path("home/.gemini/settings.json");
    for (before, why) in [
        ("{\n  \"a\": 1,,\n}", "line 2, column 10"),
        ("{\"hooks\": []}", "`hooks` is not an object"),
        ("{\"hooks\": {}, \"hooks\": {}}", "`hooks` stands twice in one object"),
    ] {
        world.write("home/.gemini/settings.json", before);
        let output = hook(&world, &["install", "gemini"]).output().unwrap();
        assert_code(&output, FAULT);
        let errors = text(&output.stderr);
        assert!(
            errors.contains(why) && errors.contains("by hand") && errors.contains("\"matcher\": \"*\""),
            "{errors}"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), before);
    }
    fs::write(&path, "{}").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let output = hook(&world, &["install", "gemini"]).output().unwrap();
    assert_code(&output, FAULT);
    assert!(text(&output.stderr).contains("it is read-only"), "{output:?}");
    let output = hook(&world, &["install", "kiro-cli"]).output().unwrap();
    assert_code(&output, FAULT);
    assert!(text(&output.stderr).contains("has none: make one"), "{output:?}");
}

#[test]
fn what_switches_hooks_off_is_said_and_not_changed() {
    let world = World::new();
    let reviewed = format!(
        "[hooks.state.\"{}:pre_tool_use:0:0\"]\ntrusted_hash = \"x\"\n",
        world.path("home/.codex/hooks.json").display()
    );
    for (agent, file, content, expected) in [
        (
            "claude-code",
            "home/.claude/settings.json",
            "{\"disableAllHooks\": true}",
            "`disableAllHooks` is set in",
        ),
        (
            "claude-code",
            "network/.claude/settings.local.json",
            "{\"disableAllHooks\": true}",
            "`disableAllHooks` is set in",
        ),
        ("claude-code", "home/.claude/settings.json", "{} // x", "it is no plain JSON"),
        (
            "codex",
            "home/.codex/config.toml",
            "[features]\nhooks = false\n",
            "`hooks = false` below [features] in",
        ),
        ("codex", "home/.codex/config.toml", "model = 1\n", "not reviewed in Codex yet"),
        (
            "claude-code",
            "home/.claude/settings.json",
            "{\"permissions\": {\"allow\": \"x\"}}",
            "`permissions.allow` is no list",
        ),
        (
            "codex",
            "home/.codex/hooks.json",
            "{\"description\": \"x\", \"hooks\": {\"Stop\": 1}}",
            "`hooks.Stop` is no list",
        ),
        ("copilot", "home/.copilot/hooks/tollgate.json", "{\"version\": 2}", "its `version` is 2"),
        ("codex", "home/.codex/config.toml", reviewed.as_str(), ""),
        (
            "gemini",
            "network/.gemini/settings.json",
            "{\"hooksConfig\": {\"enabled\": false}}",
            "`hooksConfig.enabled` is false in",
        ),
        (
            "gemini",
            "home/.gemini/settings.json",
            "{\"hooksConfig\": {\"disabled\": [\"tollgate\"]}}",
            "`hooksConfig.disabled` names it in",
        ),
        (
            "copilot",
            "home/.copilot/hooks/tollgate.json",
            "{\"disableAllHooks\": true}",
            "`disableAllHooks` is set in",
        ),
        (
            "vscode",
            "home/.config/Code/User/settings.json",
            "{\"chat.useHooks\": false, /* x */}",
            "`chat.useHooks` is false in",
        ),
    ] {
        let path = world.write(file, content);
        let said = run(&world, &["install", agent]);
        let off: Vec<_> = said.lines().filter(|line| line.contains("it does not count yet: ")).collect();
        assert_eq!(off.len(), usize::from(!expected.is_empty()), "{said}");
        assert!(off.iter().all(|line| line.contains(expected)), "{said}");
        let listed = entries(&world, agent);
        assert!(listed.iter().all(|one| one["enabled"] == expected.is_empty()), "{listed:?}");
        for word in content.split_whitespace().filter(|word| word.contains('"') || word.contains('=')) {
            assert!(fs::read_to_string(&path).unwrap().contains(word.trim_matches(['{', '}'])), "{word}");
        }
        for scope in ["home", "network"] {
            for directory in [".claude", ".codex", ".gemini", ".copilot", ".config"] {
                let _ = fs::remove_dir_all(world.path(scope).join(directory));
            }
        }
    }
}

#[test]
fn the_agents_own_variables_links_and_repository_are_followed() {
    let world = World::new();
    for (agent, variable, file) in [
        ("claude-code", "CLAUDE_CONFIG_DIR", "moved/settings.json"),
        ("codex", "CODEX_HOME", "moved/hooks.json"),
        ("copilot", "COPILOT_HOME", "moved/hooks/tollgate.json"),
        ("gemini", "GEMINI_CLI_HOME", "moved/.gemini/settings.json"),
        ("opencode", "XDG_CONFIG_HOME", "moved/opencode/plugins/tollgate.js"),
        ("goose", "GOOSE_PATH_ROOT", "moved/.agents/plugins/tollgate/hooks/hooks.json"),
    ] {
        let output = hook(&world, &["install", agent]).env(variable, world.path("moved")).output().unwrap();
        assert_code(&output, 0);
        assert!(world.path(file).is_file(), "{agent}");
        fs::remove_dir_all(world.path("moved")).unwrap();
    }
    assert!(files(&world).is_empty(), "{:?}", files(&world).keys());

    let dotfile = world.write("home/dotfiles/hooks.json", "{}\n");
    fs::create_dir(world.path("home/.cursor")).unwrap();
    symlink("../dotfiles/hooks.json", world.path("home/.cursor/hooks.json")).unwrap();
    run(&world, &["install", "cursor"]);
    assert!(world.path("home/.cursor/hooks.json").is_symlink());
    assert!(fs::read_to_string(dotfile).unwrap().contains(&line()));

    fs::create_dir_all(world.path("network/.git")).unwrap();
    fs::create_dir_all(world.path("network/deep/er")).unwrap();
    let deep =
        hook(&world, &["install", "gemini", "--project"]).current_dir(world.path("network/deep/er")).output();
    assert_code(&deep.unwrap(), 0);
    assert!(world.path("network/.gemini/settings.json").is_file());
    // Another file of the directory that has it is the one.
    let other = world.write(
        "network/.github/hooks/gate.json",
        r#"{"version":1,"hooks":{"preToolUse":[{"type":"command","bash":"/old/tollgate hook"}]}}"#,
    );
    run(&world, &["install", "copilot", "--project"]);
    assert!(!world.path("network/.github/hooks/tollgate.json").exists());
    assert!(fs::read_to_string(other).unwrap().contains(r#""bash":"tollgate hook","timeoutSec":20"#));
}

#[test]
fn without_a_subcommand_the_hook_is_answered() {
    let world = World::new();
    for words in [&["hook"][..], &["hook", "cline"]] {
        let output = given(&mut world.tollgate(words), "no payload");
        assert!(
            text(&output.stdout).contains("\"cancel\":true") || output.status.code() == Some(2),
            "{output:?}"
        );
    }
    let listed = run(&world, &["list"]);
    assert!(
        listed.starts_with("AGENT        HERE  SCOPE    HOOK\nclaude-code  no    -        -\n"),
        "{listed}"
    );
    let output = hook(&world, &["install", "emacs"]).output().unwrap();
    assert_code(&output, 2);
}

#[test]
fn a_changed_file_of_our_own_is_told_mended_and_kept() {
    if !is_human() {
        return;
    }
    let world = World::new();
    for (agent, file, from, to) in [
        ("cline", "home/Documents/Cline/Hooks/PreToolUse", "answer=$(gate) || answer=", "gate; exit 0"),
        ("opencode", "home/.config/opencode/plugins/tollgate.js", "throw new Error(why)", ""),
        ("goose", "home/.agents/plugins/tollgate/plugin.json", "\"tollgate\"", "\"other\""),
    ] {
        run(&world, &["install", agent]);
        let path = world.path(file);
        let made = fs::read_to_string(&path).unwrap();
        let changed = made.replace(from, to);
        assert_ne!(changed, made);
        fs::write(&path, &changed).unwrap();
        let off = entries(&world, agent)[0]["off"].as_str().unwrap_or_default().to_owned();
        assert!(off.starts_with("it was changed: "), "{agent}: {off}");
        let said = run(&world, &["install", agent]);
        let backup = |rest: &str| world.path(&format!("{file}.tollgate-backup{rest}"));
        assert!(said.contains("brought up to date: ") && said.contains("is kept in "), "{said}");
        assert!(!said.contains("does not count"), "{said}");
        assert_eq!(fs::read_to_string(&path).unwrap(), made);
        assert_eq!(fs::read_to_string(backup("")).unwrap(), changed);
        assert_eq!(entries(&world, agent)[0]["enabled"], true);
        fs::write(&path, &changed).unwrap();
        let said = run(&world, &["remove", agent]);
        assert!(said.contains("it had been changed, and is kept in"), "{said}");
        assert!(!path.exists() && path.parent().unwrap().exists());
        assert_eq!(fs::read_to_string(backup("-2")).unwrap(), changed);
        assert_eq!(entries(&world, agent), Vec::<Value>::new());
    }
}

#[test]
fn only_a_directory_of_our_own_goes_with_what_was_in_it() {
    if !is_human() {
        return;
    }
    let world = World::new();
    for directory in [".agents/plugins", ".cursor"] {
        fs::create_dir_all(world.path("home").join(directory)).unwrap();
    }
    for agent in ["goose", "cursor"] {
        run(&world, &["install", agent]);
        run(&world, &["remove", agent]);
    }
    assert!(world.path("home/.cursor").is_dir() && world.path("home/.agents/plugins").is_dir());
    assert!(!world.path("home/.agents/plugins/tollgate").exists());
}

#[test]
fn what_was_written_elsewhere_is_not_to_be_added_by_hand() {
    let world = World::new();
    world.write("home/.codex/config.toml", "model = \n");
    let output = hook(&world, &["install", "codex"]).output().unwrap();
    assert_code(&output, FAULT);
    let errors = text(&output.stderr);
    assert!(
        errors.contains("config.toml is left as it is: line 1") && !errors.contains("by hand"),
        "{errors}"
    );
    assert!(world.path("home/.codex/hooks.json").is_file());
}

#[cfg(target_os = "linux")]
#[test]
fn a_program_whose_file_is_gone_is_not_installed() {
    use std::os::fd::AsRawFd as _;

    let world = World::new();
    let program = world.program(tollgate(), "gone/tollgate");
    let open = fs::File::open(&program).unwrap();
    fs::remove_file(&program).unwrap();
    let started = format!("/proc/{}/fd/{}", std::process::id(), open.as_raw_fd());
    // By its name, for by another it would be a shim.
    let line = "exec -a tollgate \"$0\" hook install gemini";
    let output = world.command(Path::new("/bin/bash")).args(["-c", line, &started]).output().unwrap();
    assert!(!output.status.success(), "{output:?}");
    assert!(text(&output.stderr).contains("not in its file any more"), "{output:?}");
    assert!(!world.path("home/.gemini/settings.json").exists());
}
