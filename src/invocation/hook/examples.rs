//! Payloads as agents send them when a shell line is about to run: to try a hook
//! with, as it stands in an agent's configuration.

use serde_json::{Value, json};

/// What the agent called `agent` sends to a hook of `event`, about `line` in
/// `directory`. Where it has no such event, what it sends about shell lines.
pub fn example(agent: &str, event: &str, line: &str, directory: &str) -> Option<Value> {
    let tool = |name: &str, tool: &str| {
        json!({
            "session_id": "tollgate", "cwd": directory, "hook_event_name": name, "tool_name": tool,
            "tool_input": { "command": line },
        })
    };
    let with = |mut payload: Value, more: Value| {
        if let (Some(payload), Value::Object(more)) = (payload.as_object_mut(), more) {
            payload.extend(more);
        }
        payload
    };
    Some(match agent {
        "claude-code" => with(
            tool("PreToolUse", "Bash"),
            json!({ "transcript_path": "/dev/null", "permission_mode": "default", "tool_use_id": "tollgate" }),
        ),
        "codex" => with(
            tool("PreToolUse", "Bash"),
            json!({ "turn_id": "tollgate", "model": "none", "permission_mode": "default", "tool_use_id": "tollgate" }),
        ),
        "gemini" => {
            with(tool("BeforeTool", "run_shell_command"), json!({ "timestamp": "2026-01-01T00:00:00Z" }))
        }
        "cursor" => {
            let payload = json!({
                "conversation_id": "tollgate", "generation_id": "tollgate", "cursor_version": "0",
                "workspace_roots": [directory], "cwd": directory,
            });
            let more = match event {
                "preToolUse" => json!({
                    "hook_event_name": event, "tool_name": "Shell", "tool_input": { "command": line },
                }),
                "beforeMCPExecution" => json!({
                    "hook_event_name": event, "tool_name": "run_command",
                    "tool_input": json!({ "command": line }).to_string(),
                }),
                _ => json!({ "hook_event_name": "beforeShellExecution", "command": line }),
            };
            with(payload, more)
        }
        "copilot" if event == "PreToolUse" => {
            with(tool(event, "Bash"), json!({ "timestamp": "2026-01-01T00:00:00Z" }))
        }
        "copilot" => json!({
            "sessionId": "tollgate", "timestamp": 1, "cwd": directory, "toolName": "bash",
            "toolArgs": json!({ "command": line }).to_string(),
        }),
        "vscode" => json!({
            "timestamp": "2026-01-01T00:00:00Z", "cwd": directory, "sessionId": "tollgate",
            "hookEventName": "PreToolUse", "tool_name": "run_in_terminal",
            "tool_input": { "command": line }, "tool_use_id": "tollgate",
        }),
        "kiro" => tool("PreToolUse", "execute_bash"),
        "kiro-cli" | "amazon-q" => tool("preToolUse", "execute_bash"),
        "windsurf" => {
            let details = if event == "pre_mcp_tool_use" {
                json!({
                    "mcp_server_name": "tollgate", "mcp_tool_name": "run_command",
                    "mcp_tool_arguments": { "command": line },
                })
            } else {
                json!({ "command_line": line, "cwd": directory })
            };
            // What writes is told of no command.
            if event == "pre_write_code" {
                let details = json!({ "file_path": "/etc/tollgate/rules/tollgate-doctor.yaml", "edits": [] });
                return Some(json!({
                    "agent_action_name": event, "trajectory_id": "tollgate", "tool_info": details,
                }));
            }
            let event = if event == "pre_mcp_tool_use" { event } else { "pre_run_command" };
            json!({ "agent_action_name": event, "trajectory_id": "tollgate", "tool_info": details })
        }
        "devin" => tool("PreToolUse", "exec"),
        "goose" => json!({
            "event": "PreToolUse", "session_id": "tollgate", "matcher_context": "shell",
            "tool_name": "shell", "tool_input": { "command": line }, "working_dir": directory,
        }),
        "cline" => json!({
            "clineVersion": "0", "hookName": "PreToolUse", "timestamp": "1", "taskId": "tollgate",
            "workspaceRoots": [directory],
            "preToolUse": { "toolName": "execute_command", "parameters": { "command": line } },
        }),
        "opencode" => json!({
            "tollgate": "opencode", "tool": "bash", "args": { "command": line }, "directory": directory,
            "sessionID": "tollgate",
        }),
        _ => return None,
    })
}
