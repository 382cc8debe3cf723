//! Files that an agent's own tools change: what switches the gate off is denied,
//! never asked.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Output;

use serde_json::{Value, json};

use super::payloads::{Protocol, Verdict, hooked};
use crate::support::world::World;

/// An edit of `file` by the tools of every agent that tells of them, and how the
/// agent is answered.
fn edits(world: &World, file: &str) -> Vec<(Protocol, Value)> {
    let directory = world.project();
    let patch = format!("*** Begin Patch\n*** Update File: {file}\n@@\n-a\n+b\n*** End Patch\n");
    let claude = |tool: &str, input: Value| {
        json!({
            "cwd": directory, "permission_mode": "default", "hook_event_name": "PreToolUse",
            "tool_name": tool, "tool_input": input, "tool_use_id": "u",
        })
    };
    let cursor = |tool: &str| {
        json!({
            "cursor_version": "2", "hook_event_name": "preToolUse", "cwd": directory,
            "tool_name": tool, "tool_input": {"file_path": file},
        })
    };
    vec![
        (Protocol::Specific, claude("Write", json!({"file_path": file, "content": "{}"}))),
        (
            Protocol::Specific,
            claude("Edit", json!({"file_path": file, "old_string": "a", "new_string": "b"})),
        ),
        (Protocol::Specific, claude("mcp__filesystem__write_file", json!({"path": file, "content": ""}))),
        (
            Protocol::SpecificDenial,
            json!({
                "cwd": directory, "turn_id": "t", "hook_event_name": "PreToolUse",
                "tool_name": "apply_patch", "tool_input": {"command": patch},
            }),
        ),
        (
            Protocol::Decision,
            json!({
                "cwd": directory, "hook_event_name": "BeforeTool", "timestamp": "t",
                "tool_name": "write_file", "tool_input": {"file_path": file, "content": ""},
            }),
        ),
        (Protocol::PermissionDenial, cursor("Write")),
        (Protocol::PermissionDenial, cursor("Delete")),
        (
            Protocol::Top,
            json!({"cwd": directory, "toolName": "edit", "toolArgs": {"path": file, "old_str": "", "new_str": ""}}),
        ),
        (Protocol::Top, json!({"cwd": directory, "toolName": "apply_patch", "toolArgs": patch})),
        (
            Protocol::Both,
            json!({
                "cwd": directory, "hook_event_name": "PreToolUse", "timestamp": "t",
                "tool_name": "Edit", "tool_input": {"path": file},
            }),
        ),
        (
            Protocol::Specific,
            json!({
                "cwd": directory, "hookEventName": "PreToolUse",
                "tool_name": "replace_string_in_file", "tool_input": {"filePath": file},
            }),
        ),
        (
            Protocol::Code,
            json!({
                "cwd": directory, "hook_event_name": "preToolUse",
                "tool_name": "fs_write", "tool_input": {"command": "create", "path": file},
            }),
        ),
        (
            Protocol::Code,
            json!({"agent_action_name": "pre_write_code", "tool_info": {"file_path": file, "edits": []}}),
        ),
        (
            Protocol::Code,
            json!({
                "event": "PreToolUse", "working_dir": directory, "tool_name": "developer__text_editor",
                "tool_input": {"command": "write", "path": file},
            }),
        ),
        (
            Protocol::Cancel,
            json!({
                "hookName": "PreToolUse", "taskId": "t", "workspaceRoots": [directory],
                "preToolUse": {"toolName": "write_to_file", "parameters": {"path": file, "content": ""}},
            }),
        ),
        (
            Protocol::Code,
            json!({"tollgate": "opencode", "tool": "edit", "args": {"filePath": file}, "directory": directory}),
        ),
    ]
}

fn hook(world: &World, payload: &Value) -> Output {
    hooked(world, &[], world.search(&[]), payload.to_string().as_bytes())
}

/// Asserts what Claude Code is answered about an edit of `file`.
#[track_caller]
fn assert_edit(world: &World, file: &str, verdict: Verdict) {
    let (protocol, payload) = edits(world, file).remove(0);
    protocol.assert(&hook(world, &payload), verdict, file);
}

#[test]
fn an_edit_of_an_agents_settings_is_denied_to_every_agent() {
    let world = World::new();
    let settings = world.path("home/.claude/settings.json");
    for (protocol, payload) in edits(&world, settings.to_str().unwrap()) {
        protocol.assert(&hook(&world, &payload), Verdict::Denied, &payload.to_string());
    }
}

#[test]
fn an_edit_of_anything_else_is_nobodys_business() {
    let world = World::new();
    for file in ["src/main.rs", "CLAUDE.md", ".claude/agents/reviewer.md", ".claude/commands/x.md", "main.tf"]
    {
        for (protocol, payload) in edits(&world, file) {
            protocol.assert(&hook(&world, &payload), Verdict::Passed, &payload.to_string());
        }
    }
}

#[test]
fn what_switches_the_gate_off_is_denied_by_whatever_name() {
    let world = World::new();
    let home = world.path("home");
    fs::create_dir_all(home.join(".claude")).unwrap();
    fs::write(home.join(".claude/settings.json"), "{}").unwrap();
    symlink(home.join(".claude"), world.path("network/linked")).unwrap();
    symlink(home.join(".claude/settings.json"), world.path("network/notes.txt")).unwrap();
    symlink(home.join(".claude/settings.local.json"), world.path("network/later.txt")).unwrap();
    symlink("notes.txt", world.path("network/again.txt")).unwrap();
    let shown = home.display();
    for file in [
        format!("{shown}/.claude/settings.json"),
        format!("{shown}/.claude/../.claude/settings.json"),
        format!("{shown}//.claude/./settings.json"),
        format!("file://{shown}/.claude/settings.json"),
        format!("file://localhost{shown}/%2Eclaude/settings%2ejson"),
        "~/.claude/settings.json".to_owned(),
        "../home/.claude/settings.json".to_owned(),
        ".claude/settings.json".to_owned(),
        "./.claude/settings.local.json".to_owned(),
        "src/../.claude/settings.json".to_owned(),
        "linked/settings.json".to_owned(),
        "linked/settings.local.json".to_owned(),
        "notes.txt".to_owned(),
        "again.txt".to_owned(),
        "later.txt".to_owned(),
    ] {
        assert_edit(&world, &file, Verdict::Denied);
    }
    for file in ["linked/agents/x.md", "linked/../notes.md", "notes.md"] {
        assert_edit(&world, file, Verdict::Passed);
    }
}

#[test]
fn tollgates_own_files_and_every_agents_hooks_are_denied() {
    let world = World::new();
    for (file, verdict) in [
        ("~/.config/tollgate/rules/mine.yaml", Verdict::Denied),
        ("~/.local/state/tollgate/audit/000001.jsonl", Verdict::Denied),
        ("~/.local/share/tollgate/shims/terraform", Verdict::Denied),
        ("/etc/tollgate/approvers.yaml", Verdict::Denied),
        (".tollgate.yaml", Verdict::Denied),
        ("~/.codex/hooks.json", Verdict::Denied),
        ("~/.codex/config.toml", Verdict::Denied),
        (".gemini/settings.json", Verdict::Denied),
        (".cursor/hooks.json", Verdict::Denied),
        (".github/hooks/gate.json", Verdict::Denied),
        ("~/.copilot/hooks/tollgate.json", Verdict::Denied),
        (".kiro/hooks/gate.json", Verdict::Denied),
        (".windsurf/hooks.json", Verdict::Denied),
        (".agents/plugins/tollgate/hooks/hooks.json", Verdict::Denied),
        (".clinerules/hooks/PreToolUse", Verdict::Denied),
        (".opencode/plugins/tollgate.js", Verdict::Denied),
        ("docs/tollgate.md", Verdict::Passed),
        ("AGENTS.md", Verdict::Passed),
        (".cursor/rules/style.mdc", Verdict::Passed),
        (".github/workflows/ci.yml", Verdict::Passed),
        (".vscode/settings.json", Verdict::Passed),
        ("package.json", Verdict::Passed),
    ] {
        assert_edit(&world, file, verdict);
    }
}

#[test]
fn reading_them_is_nobodys_business() {
    let world = World::new();
    let directory = world.project();
    for (tool, input) in [
        ("Read", json!({"file_path": "~/.claude/settings.json"})),
        ("Grep", json!({"pattern": "hooks", "path": "~/.claude/settings.json"})),
        ("Glob", json!({"pattern": "*", "path": "~/.claude"})),
        ("mcp__filesystem__read_text_file", json!({"path": "~/.claude/settings.json"})),
        ("mcp__filesystem__get_file_info", json!({"path": "~/.config/tollgate/rules/mine.yaml"})),
        ("copy_file", json!({"source": "~/.claude/settings.json", "destination": "copy.json"})),
    ] {
        let payload = json!({
            "cwd": directory, "permission_mode": "default", "hook_event_name": "PreToolUse",
            "tool_name": tool, "tool_input": input,
        });
        Protocol::Specific.assert(&hook(&world, &payload), Verdict::Passed, &payload.to_string());
    }
}
