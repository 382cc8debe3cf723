use serde_json::json;

use super::*;

fn read(text: &str) -> Payload {
    payload(text.as_bytes()).unwrap()
}

/// What a payload asks, by the dialect that it is in.
fn call(text: &str) -> (&'static str, Result<Call, Unread>) {
    let payload = read(text);
    let dialect = dialect(&payload).unwrap().unwrap();
    (dialect.name(), dialect.call(&payload))
}

/// The smallest payload of each agent that asks about `ls`.
const SMALLEST: [(&str, &str); 20] = [
    ("windsurf", r#"{"agent_action_name":"pre_run_command","tool_info":{"command_line":"ls"}}"#),
    ("copilot", r#"{"toolName":"bash","toolArgs":{"command":"ls"}}"#),
    ("copilot", r#"{"toolName":"bash","toolArgs":"{\"command\":\"ls\"}"}"#),
    (
        "copilot",
        r#"{"hook_event_name":"PreToolUse","timestamp":"t","tool_name":"Bash","tool_input":{"command":"ls"}}"#,
    ),
    (
        "cline",
        r#"{"hookName":"PreToolUse","taskId":"t","preToolUse":{"toolName":"execute_command","parameters":{"command":"ls"}}}"#,
    ),
    ("cline", r#"{"hookName":"tool_call","tool_call":{"name":"run_commands","input":"ls"}}"#),
    ("cline", r#"{"hookName":"tool_call","tool_call":{"name":"run_commands","input":["ls"]}}"#),
    (
        "cline",
        r#"{"hookName":"tool_call","tool_call":{"name":"run_commands","input":{"commands":"[\"ls\"]"}}}"#,
    ),
    ("cline", r#"{"hookName":"tool_call","tool_call":{"name":"run_commands","input":{"cmd":"ls"}}}"#),
    ("opencode", r#"{"tollgate":"opencode","tool":"bash","args":{"command":"ls"}}"#),
    ("cursor", r#"{"cursor_version":"2","hook_event_name":"beforeShellExecution","command":"ls"}"#),
    (
        "cursor",
        r#"{"conversation_id":"c","generation_id":"g","hook_event_name":"preToolUse","tool_name":"Shell","tool_input":{"command":"ls"}}"#,
    ),
    (
        "goose",
        r#"{"event":"PreToolUse","working_dir":"/w","tool_name":"developer__shell","tool_input":{"command":"ls"}}"#,
    ),
    ("goose", r#"{"event":"PreToolUse","matcher_context":"developer__shell","tool_input":{"command":"ls"}}"#),
    (
        "vscode",
        r#"{"hookEventName":"PreToolUse","tool_name":"run_in_terminal","tool_input":{"command":"ls"}}"#,
    ),
    (
        "gemini",
        r#"{"hook_event_name":"BeforeTool","tool_name":"run_shell_command","tool_input":{"command":"ls"}}"#,
    ),
    ("kiro", r#"{"hook_event_name":"preToolUse","tool_name":"execute_bash","tool_input":{"command":"ls"}}"#),
    (
        "codex",
        r#"{"hook_event_name":"PreToolUse","turn_id":"t","tool_name":"Bash","tool_input":{"command":"ls"}}"#,
    ),
    ("devin", r#"{"hook_event_name":"PreToolUse","tool_name":"exec","tool_input":{"command":"ls"}}"#),
    ("claude-code", r#"{"hook_event_name":"PreToolUse","tool_name":"Bash","tool_input":{"command":"ls"}}"#),
];

#[test]
fn every_agent_is_known_by_its_payload() {
    for (agent, text) in SMALLEST {
        let (name, call) = call(text);
        assert_eq!(name, agent, "{text}");
        assert_eq!(call.unwrap().asked, [Asked::Line("ls".to_owned())], "{text}");
    }
    for dialect in DIALECTS {
        assert!(SMALLEST.iter().any(|(name, _)| *name == dialect.name()), "{}", dialect.name());
        assert_eq!(named(dialect.name()).unwrap().name(), dialect.name());
    }
    assert!(named("nonsense").is_none());
}

#[test]
fn a_command_of_another_type_is_an_error_and_not_nothing() {
    for (_, text) in SMALLEST {
        for wrong in ["7", "null", "true", "{}", r#"{"a":1}"#] {
            let broken = [r#""ls""#, r#"["ls"]"#, r#""[\"ls\"]""#, r#""{\"command\":\"ls\"}""#]
                .into_iter()
                .map(|right| text.replacen(right, wrong, 1))
                .find(|broken| broken != text);
            let broken = broken.unwrap();
            let payload = read(&broken);
            let call = dialect(&payload).unwrap().unwrap().call(&payload);
            assert!(matches!(call, Err(Unread::Field(_))), "{broken}: {call:?}");
        }
    }
}

#[test]
fn one_agents_payload_may_look_like_anothers() {
    for (agent, text) in [
        // Cursor runs what stands in Claude Code's configuration, with more in it.
        (
            "cursor",
            r#"{"cursor_version":"2","hook_event_name":"preToolUse","tool_name":"Shell","tool_input":{"command":"ls"},"session_id":"s","permission_mode":"default"}"#,
        ),
        (
            "vscode",
            r#"{"hookEventName":"PreToolUse","hook_event_name":"PreToolUse","timestamp":"t","tool_name":"run_in_terminal","tool_input":{"command":"ls"}}"#,
        ),
        (
            "kiro",
            r#"{"hook_event_name":"PreToolUse","tool_name":"execute_bash","tool_input":{"command":"ls","cwd":"/w"}}"#,
        ),
        (
            "claude-code",
            r#"{"hook_event_name":"PreToolUse","timestamp":"t","permission_mode":"plan","tool_name":"Bash","tool_input":{"command":"ls"}}"#,
        ),
        (
            "claude-code",
            r#"{"hook_event_name":"PreToolUse","timestamp":"t","tool_use_id":"u","tool_name":"Bash","tool_input":{"command":"ls"}}"#,
        ),
        (
            "gemini",
            r#"{"hook_event_name":"BeforeTool","timestamp":"t","tool_name":"run_shell_command","tool_input":{"command":"ls"}}"#,
        ),
    ] {
        let (name, call) = call(text);
        assert_eq!(name, agent, "{text}");
        assert_eq!(call.unwrap().asked, [Asked::Line("ls".to_owned())], "{text}");
    }
}

#[test]
fn another_event_asks_nothing() {
    for text in [
        r#"{"hook_event_name":"SessionStart","source":"startup"}"#,
        r#"{"hook_event_name":"PostToolUse","tool_name":"Bash","tool_input":{"command":"terraform destroy"}}"#,
        r#"{"hook_event_name":"PostToolUse","turn_id":"t","tool_name":"Bash","tool_input":{"command":"terraform destroy"}}"#,
        r#"{"hook_event_name":"PreCompact","trigger":"auto"}"#,
        r#"{"hook_event_name":"BeforeModel","llm_request":{"config":{"tools":[]}}}"#,
        r#"{"hook_event_name":"AfterTool","timestamp":"t","tool_name":"run_shell_command","tool_input":{"command":"terraform destroy"}}"#,
        r#"{"hook_event_name":"postToolUse","tool_name":"execute_bash","tool_input":{"command":"terraform destroy"}}"#,
        r#"{"cursor_version":"2","hook_event_name":"afterShellExecution","command":"terraform destroy","output":""}"#,
        r#"{"cursor_version":"2","hook_event_name":"beforeReadFile","file_path":"/x","content":""}"#,
        r#"{"cursor_version":"2","hook_event_name":"beforeSubmitPrompt","prompt":"terraform destroy"}"#,
        r#"{"toolName":"bash","toolArgs":{"command":"terraform destroy"},"toolResult":{}}"#,
        r#"{"hookEventName":"Stop"}"#,
        r#"{"event":"Stop","working_dir":"/w"}"#,
        r#"{"hookName":"TaskStart","taskId":"t"}"#,
        r#"{"hookName":"PostToolUse","taskId":"t","postToolUse":{"toolName":"execute_command","parameters":{"command":"ls"}}}"#,
        r#"{"agent_action_name":"post_run_command","tool_info":{"command_line":"terraform destroy"}}"#,
        r#"{"agent_action_name":"pre_read_code","tool_info":{"file_path":"/x/.claude/settings.json"}}"#,
        r#"{"agent_action_name":"pre_user_prompt","tool_info":{"user_prompt":"terraform destroy"}}"#,
    ] {
        assert_eq!(call(text).1.unwrap().asked, [], "{text}");
    }
}

#[test]
fn an_event_that_nobody_knows_is_not_passed_over() {
    for text in [
        r#"{"hook_event_name":7,"tool_name":"Bash","tool_input":{"command":"ls"}}"#,
        r#"{"hook_event_name":null,"tool_name":"Bash","tool_input":{"command":"ls"}}"#,
        r#"{"hook_event_name":"","tool_name":"Bash","tool_input":{"command":"ls"}}"#,
        r#"{"hook_event_name":"PreToolCall","tool_name":"Bash","tool_input":{"command":"ls"}}"#,
        r#"{"hook_event_name":"before_tool_use","tool_name":"Bash","tool_input":{"command":"ls"}}"#,
        r#"{"hookEventName":7,"tool_name":"run_in_terminal","tool_input":{"command":"ls"}}"#,
        r#"{"event":null,"working_dir":"/w","tool_name":"developer__shell","tool_input":{"command":"ls"}}"#,
        r#"{"cursor_version":"2","command":"ls"}"#,
        r#"{"cursor_version":"2","hook_event_name":"beforeTerminalExecution","command":"ls"}"#,
        r#"{"agent_action_name":null,"tool_info":{"command_line":"ls"}}"#,
        r#"{"hookName":"PreToolUse","taskId":"t","command":"ls"}"#,
        r#"{"hookName":7,"taskId":"t","preToolUse":{"toolName":"x"}}"#,
    ] {
        assert!(call(text).1.is_err(), "{text}");
    }
    for event in ["pretooluse", "pre_tool_use", "PRE-TOOL-USE"] {
        let text =
            format!(r#"{{"hook_event_name":"{event}","tool_name":"Bash","tool_input":{{"command":"ls"}}}}"#);
        assert_eq!(call(&text).1.unwrap().asked, [Asked::Line("ls".to_owned())], "{event}");
    }
}

#[test]
fn a_payload_of_nobody_is_denied_where_it_would_run_something() {
    for (text, runs) in [
        (r#"{"command":"terraform destroy"}"#, true),
        (r#"{"tool_name":"Bash","tool_input":{}}"#, true),
        (r#"{"a":[{"b":{"shellCommand":"x"}}]}"#, true),
        (r#"{"toolName":"bash"}"#, true),
        (r#"{"script":"x"}"#, true),
        ("{}", false),
        (r#"{"message":"terraform destroy"}"#, false),
        (r#"{"recommended":true,"commander":"x"}"#, false),
    ] {
        match dialect(&read(text)) {
            Err(error) => assert!(runs && error == Unread::Unknown, "{text}: {error}"),
            Ok(found) => assert!(!runs && found.is_none(), "{text}"),
        }
    }
}

#[test]
fn only_one_json_object_is_a_payload() {
    assert_eq!(payload(b" \r\n\t"), Err(Unread::Empty));
    for text in [
        "{",
        "[]",
        "7",
        "null",
        r#""{}""#,
        "{}{}",
        "{} x",
        "\u{feff}{}",
        r#"{"a":1,"a":2}"#,
        "{\"a\":\"\n\"}",
        "{'a':1}",
        "{\"a\":1,}",
    ] {
        assert!(matches!(payload(text.as_bytes()), Err(Unread::NotAnObject(_))), "{text}");
    }
    assert!(payload(b"{\"a\":\"\xff\"}").is_err());
    assert!(payload(format!("{{\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000)).as_bytes()).is_err());
    assert_eq!(read(" {\"a\":\"\\ud83d\\ude00\"} ").get("a"), Some(&json!("😀")));
    // Half of a pair is what was cut off in the middle.
    for (text, expected) in [
        (r#"{"a":"\ud83d"}"#, "\u{fffd}"),
        (r#"{"a":"x\ude00y"}"#, "x\u{fffd}y"),
        (r#"{"a":"\ud83d\ud83d\ude00"}"#, "\u{fffd}😀"),
        (r#"{"a":"\\ud83d"}"#, "\\ud83d"),
    ] {
        assert_eq!(read(text).get("a"), Some(&json!(expected)), "{text}");
    }
}

#[test]
fn a_call_may_name_a_directory_of_its_own() {
    for (text, expected) in [
        (
            r#"{"hook_event_name":"BeforeTool","cwd":"/w","tool_name":"run_shell_command","tool_input":{"command":"ls","dir_path":"sub"}}"#,
            "/w/sub",
        ),
        (
            r#"{"hook_event_name":"PreToolUse","cwd":"/w","tool_name":"execute_bash","tool_input":{"command":"ls","cwd":"/x"}}"#,
            "/x",
        ),
        (
            r#"{"cursor_version":"2","hook_event_name":"preToolUse","cwd":"/w","tool_name":"Shell","tool_input":{"command":"ls","working_directory":"a/b"}}"#,
            "/w/a/b",
        ),
        (
            r#"{"tollgate":"opencode","tool":"bash","args":{"command":"ls","workdir":"/w/sub"},"directory":"/w"}"#,
            "/w/sub",
        ),
        (
            r#"{"hookName":"tool_call","workspaceRoots":["/a","/b"],"tool_call":{"name":"run_commands","input":"ls"}}"#,
            "/a",
        ),
        (r#"{"agent_action_name":"pre_run_command","tool_info":{"command_line":"ls","cwd":"/w"}}"#, "/w"),
    ] {
        assert_eq!(call(text).1.unwrap().directory, Some(expected.into()), "{text}");
    }
}

#[test]
fn a_question_that_the_agent_does_not_put_is_a_denial() {
    let ask = Answer::Ask("why".to_owned());
    for (agent, text) in SMALLEST {
        let payload = read(text);
        let dialect = dialect(&payload).unwrap().unwrap();
        let may_ask = dialect.call(&payload).unwrap().may_ask;
        let reply = dialect.reply(&payload, &ask);
        let asks = reply.stdout.contains(r#":"ask""#);
        // What has less in it than Claude Code's may be another's.
        let is_certain = text.contains("tool_use_id") || text.contains("permission_mode");
        let puts = matches!(agent, "copilot" | "vscode")
            || (agent == "claude-code" && is_certain)
            || text.contains("beforeShellExecution");
        assert_eq!(may_ask, puts, "{text}");
        assert!(asks || !may_ask, "{text}: {reply:?}");
        if !may_ask && agent != "cursor" {
            assert_eq!(reply, dialect.reply(&payload, &Answer::Deny("why".to_owned())), "{text}");
        }
    }
}

#[test]
fn a_tool_that_cline_only_passes_on_goes_by_its_own_name() {
    for (tool, arguments, expected) in [
        ("read_file", r#"{"path":"/x"}"#, vec![]),
        ("write_file", r#"{"path":"/x"}"#, vec![Asked::Edit("/x".into())]),
        ("run_cmd", r#"{"command":"ls"}"#, vec![Asked::Elsewhere("ls".to_owned())]),
        ("list", "", vec![]),
    ] {
        let payload = json!({"hookName": "PreToolUse", "taskId": "t", "preToolUse": {"toolName": "use_mcp_tool",
            "parameters": {"server_name": "s", "tool_name": tool, "arguments": arguments}}});
        assert_eq!(call(&payload.to_string()).1.unwrap().asked, expected, "{payload}");
    }
    let broken = r#"{"hookName":"PreToolUse","taskId":"t","preToolUse":{"toolName":"use_mcp_tool","parameters":{"server_name":"s","tool_name":"x","arguments":"{"}}}"#;
    assert_eq!(call(broken).1, Err(Unread::Field("arguments")));
}
