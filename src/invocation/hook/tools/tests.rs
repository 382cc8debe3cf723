use serde_json::json;

use super::*;

/// What `tool` asks with these arguments: `$ line` or `! file`.
fn shown(tool: &str, input: &Value) -> Vec<String> {
    asked(tool, Some(input))
        .unwrap()
        .into_iter()
        .map(|asked| match asked {
            Asked::Line(line) => format!("own $ {line}"),
            Asked::Elsewhere(line) => format!("$ {line}"),
            Asked::Edit(file) => format!("! {}", file.display()),
        })
        .collect()
}

/// Asserts that none of these calls asks anything.
#[track_caller]
fn assert_nothing_asked(cases: &[(&str, Value)]) {
    for (tool, input) in cases {
        assert_eq!(shown(tool, input), Vec::<String>::new(), "{tool} {input}");
        let text = Value::String(input.to_string());
        assert_eq!(shown(tool, &text), Vec::<String>::new(), "{tool} {text}");
    }
}

#[test]
fn an_agents_own_tool_that_is_harmless_asks_nothing() {
    assert_nothing_asked(&[
        ("Read", json!({"file_path": "/w/.claude/settings.json", "offset": 1, "limit": 9})),
        ("read_file", json!({"target_file": "/w/x", "should_read_entire_file": true})),
        ("read_many_files", json!({"paths": ["/w/x", "**/*.tf"]})),
        ("fs_read", json!({"operations": [{"mode": "Line", "path": "/w/.claude/settings.json"}]})),
        ("readFile", json!({"path": "/w/x"})),
        ("view", json!({"path": "/w/x", "view_range": [1, 9]})),
        ("view_image", json!({"path": "/w/x.png"})),
        ("Grep", json!({"pattern": "terraform destroy", "path": "/w", "glob": "*.tf"})),
        ("grep_search", json!({"query": "rm -rf", "include_pattern": "*"})),
        ("codebase_search", json!({"query": "where is terraform destroy", "target_directories": ["."]})),
        ("search_file_content", json!({"pattern": "x", "dir_path": "/w"})),
        ("Glob", json!({"pattern": "**/*", "path": "/w"})),
        ("list_dir", json!({"relative_workspace_path": "."})),
        ("LS", json!({"path": "/w"})),
        ("Task", json!({"description": "d", "prompt": "run terraform destroy", "subagent_type": "x"})),
        ("Agent", json!({"description": "d", "prompt": "run terraform destroy"})),
        ("Skill", json!({"skill": "x", "args": "terraform destroy"})),
        ("TodoWrite", json!({"todos": [{"content": "terraform destroy", "status": "pending"}]})),
        ("update_plan", json!({"plan": [{"step": "terraform destroy", "status": "pending"}]})),
        ("write_todos", json!({"todos": [{"description": "terraform destroy"}]})),
        ("ExitPlanMode", json!({"plan": "terraform destroy"})),
        ("AskUserQuestion", json!({"questions": [{"question": "terraform destroy?", "options": []}]})),
        ("WebFetch", json!({"url": "https://x/terraform-destroy", "prompt": "x"})),
        ("web_search", json!({"search_term": "terraform destroy"})),
        ("google_web_search", json!({"query": "terraform destroy"})),
        ("fetch_webpage", json!({"urls": ["https://x"], "query": "x"})),
        ("think", json!({"thought": "terraform destroy would"})),
        ("save_memory", json!({"fact": "never run terraform destroy"})),
        ("update_memory", json!({"action": "create", "knowledge_to_store": "terraform destroy"})),
        ("KillShell", json!({"shell_id": "bash_1"})),
        ("BashOutput", json!({"bash_id": "bash_1", "filter": "don't"})),
        ("write_stdin", json!({"session_id": 1})),
        ("read_bash", json!({"sessionId": "1", "delay": 2})),
        ("get_terminal_output", json!({"id": "1"})),
        ("terminal_last_command", json!({})),
        ("command_status", json!({"CommandId": "it's 1", "OutputCharacterCount": 9})),
        ("SlashCommand", json!({"command": "/fix what isn't right"})),
        ("report_intent", json!({"intent": "terraform destroy"})),
        ("attempt_completion", json!({"result": "don't run terraform destroy"})),
        ("ask_followup_question", json!({"question": "terraform destroy?"})),
        ("switch_mode", json!({"mode_slug": "code", "reason": "x"})),
        ("getDiagnostics", json!({"uri": "file:///w/.claude/settings.json"})),
    ]);
    assert_eq!(asked("Bash", None).unwrap(), []);
}

#[test]
fn a_servers_tool_that_is_harmless_asks_nothing() {
    assert_nothing_asked(&[
        (
            "mcp__sequential-thinking__sequentialthinking",
            json!({"thought": "terraform destroy", "thoughtNumber": 1}),
        ),
        ("mcp__memory__create_entities", json!({"entities": [{"name": "x", "observations": ["rm -rf /"]}]})),
        ("mcp__memory__search_nodes", json!({"query": "terraform destroy"})),
        (
            "mcp__github__create_issue",
            json!({"owner": "o", "repo": "r", "title": "t", "body": "terraform destroy"}),
        ),
        ("mcp__github__add_issue_comment", json!({"body": "I ran `terraform destroy`, it's gone"})),
        ("mcp__github__create_pull_request", json!({"head": "a", "base": "b", "body": "rm -rf"})),
        ("mcp__github__get_file_contents", json!({"owner": "o", "path": ".claude/settings.json"})),
        ("mcp__github__search_code", json!({"q": "terraform destroy"})),
        ("mcp__slack__slack_post_message", json!({"channel_id": "C", "text": "terraform destroy"})),
        ("mcp__slack__conversations_add_message", json!({"payload": "terraform destroy"})),
        ("mcp__linear__create_issue", json!({"title": "x", "description": "terraform destroy"})),
        ("mcp__atlassian__createJiraIssue", json!({"summary": "terraform destroy", "description": "x"})),
        ("mcp__notion__notion-create-pages", json!({"pages": [{"content": "terraform destroy"}]})),
        ("mcp__sentry__search_issues", json!({"naturalLanguageQuery": "terraform destroy"})),
        ("mcp__context7__get-library-docs", json!({"context7CompatibleLibraryID": "/x/y", "topic": "x"})),
        ("mcp__context7__resolve-library-id", json!({"libraryName": "terraform"})),
        ("mcp__brave-search__brave_web_search", json!({"query": "terraform destroy"})),
        ("mcp__tavily__tavily-search", json!({"query": "terraform destroy"})),
        ("mcp__exa__web_search_exa", json!({"query": "terraform destroy", "numResults": 5})),
        ("mcp__firecrawl__firecrawl_scrape", json!({"url": "https://x", "formats": ["markdown"]})),
        ("mcp__fetch__fetch", json!({"url": "https://x", "max_length": 5000})),
        ("mcp__time__get_current_time", json!({"timezone": "UTC"})),
        ("mcp__playwright__browser_navigate", json!({"url": "https://x"})),
        ("mcp__playwright__browser_evaluate", json!({"function": "() => { document.title }"})),
        ("mcp__playwright__browser_type", json!({"element": "e", "ref": "1", "text": "terraform destroy"})),
        ("mcp__playwright__browser_press_key", json!({"key": "Enter"})),
        ("mcp__playwright__browser_run_code", json!({"code": "await page.click('x')"})),
        ("mcp__puppeteer__puppeteer_evaluate", json!({"script": "document.title"})),
        ("mcp__chrome-devtools__evaluate_script", json!({"function": "() => 1"})),
        ("mcp__filesystem__read_text_file", json!({"path": "/h/.claude/settings.json"})),
        ("mcp__filesystem__read_multiple_files", json!({"paths": ["/h/.claude/settings.json"]})),
        ("mcp__filesystem__list_directory", json!({"path": "/h/.claude"})),
        ("mcp__filesystem__directory_tree", json!({"path": "/h/.claude"})),
        ("mcp__filesystem__search_files", json!({"path": "/h", "pattern": "x"})),
        ("mcp__filesystem__get_file_info", json!({"path": "/h/.claude/settings.json"})),
        ("mcp__filesystem__list_allowed_directories", json!({})),
        ("mcp__serena__find_symbol", json!({"name_path": "x", "relative_path": "src"})),
        ("mcp__serena__search_for_pattern", json!({"substring_pattern": "rm -rf", "relative_path": ""})),
        ("mcp__git__git_status", json!({"repo_path": "/w"})),
        ("mcp__kubernetes__pods_list", json!({"namespace": "prod"})),
        ("mcp__kubernetes__pods_log", json!({"name": "x", "namespace": "prod"})),
        ("mcp__kubernetes__kubectl_get", json!({"resourceType": "pods", "namespace": "prod"})),
        ("mcp__kubernetes__resources_get", json!({"kind": "Pod", "name": "x"})),
        ("mcp__terraform__search_modules", json!({"module_query": "vpc"})),
        ("mcp__terraform__get_provider_details", json!({"provider_doc_id": "1"})),
        ("mcp__aws-docs__search_documentation", json!({"search_phrase": "delete-bucket"})),
        ("mcp__grafana__query_prometheus", json!({"expr": "up", "datasourceUid": "x"})),
        ("mcp__figma__get_design_context", json!({"nodeId": "1:2"})),
        ("mcp__stripe__list_customers", json!({"limit": 1})),
        ("mcp__desktop-commander__read_process_output", json!({"pid": 1, "timeout_ms": 5})),
        ("mcp__desktop-commander__list_processes", json!({})),
        ("mcp__desktop-commander__read_file", json!({"path": "/h/.claude/settings.json"})),
        ("mcp__docs__explain", json!({"command_description": "don't"})),
    ]);
}

#[test]
fn what_is_named_like_a_command_is_one() {
    let d = "terraform destroy";
    for (tool, input) in [
        ("mcp__desktop-commander__start_process", json!({"command": d, "timeout_ms": 1})),
        ("mcp__desktop-commander__execute_command", json!({"command": d})),
        ("mcp_shell_execute", json!({"command": d})),
        ("MCP:run_command", json!({"command": d})),
        ("@shell/run", json!({"cmd": d})),
        ("shell__run", json!({"commandLine": d})),
        ("tg-run_cmd", json!({"command_line": d})),
        ("run", json!({"shellCommand": d})),
        ("run", json!({"bash_command": d})),
        ("run", json!({"cmdline": d})),
        ("call_aws", json!({"cli_command": d})),
        ("run_commands", json!({"commands": [d]})),
        ("run", json!({"steps": [{"name": "x", "command": d}]})),
        ("run", json!({"options": {"exec": {"command": d}}})),
        ("run", json!({"arguments": r#"{"command": "terraform destroy"}"#})),
        ("run", json!({"calls": r#"[{"command": "terraform destroy"}]"#})),
        ("execute_bash", json!({"script": d})),
        ("mcp__tmux__send_keys", json!({"keys": d})),
        ("mcp__iterm-mcp__write_to_terminal", json!({"command": d})),
        ("mcp__iterm-mcp__write", json!({"text": d})),
        ("send_to_terminal", json!({"input": d})),
        ("ssh_exec", json!({"host": "h", "command": d})),
        ("powershell", json!({"code": d})),
        ("mcp__kubernetes__exec_in_pod", json!({"name": "x", "command": d})),
        ("mcp__kubernetes__pods_exec", json!({"command": ["terraform", "destroy"]})),
        ("run", json!({"command": "terraform", "args": ["destroy"]})),
        ("run", json!({"command": "terraform", "args": "destroy"})),
        ("run", json!({"argv": ["terraform", "destroy"]})),
        ("ExecuteTerraformCommand", json!({"command": "destroy", "working_directory": "/w"})),
        ("mcp__tofu__run", json!({"command": "x; terraform destroy"})),
        ("apply_patch", json!({"command": d})),
        ("str_replace_editor", json!({"command": d, "path": "x"})),
    ] {
        let found = shown(tool, &input);
        let is_told = found.iter().any(|one| one.starts_with("$ ") && one.ends_with(d));
        assert!(is_told, "{tool} {input}: {found:?}");
        assert!(!found.iter().any(|one| one.starts_with("own")), "{tool} {input}: {found:?}");
    }
}

#[test]
fn what_is_named_like_a_file_is_changed() {
    let (file, near) = ("/h/.claude/settings.json", ".claude/settings.json");
    for (tool, input) in [
        ("Write", json!({"file_path": file, "content": "{"})),
        ("Edit", json!({"file_path": file, "old_string": "a", "new_string": "b"})),
        ("MultiEdit", json!({"file_path": file, "edits": []})),
        ("NotebookEdit", json!({"notebook_path": file, "new_source": "x"})),
        ("write_file", json!({"file_path": file, "content": ""})),
        ("replace", json!({"file_path": file})),
        ("edit_file", json!({"target_file": file, "code_edit": ""})),
        ("delete_file", json!({"target_file": file})),
        ("Delete", json!({"path": file})),
        ("create", json!({"path": file, "file_text": ""})),
        ("create_file", json!({"filePath": file})),
        ("insert_edit_into_file", json!({"filePath": file})),
        ("replace_string_in_file", json!({"filePath": file})),
        ("editFiles", json!({"files": [file]})),
        ("write_to_file", json!({"TargetFile": file})),
        ("replace_in_file", json!({"path": file, "diff": ""})),
        ("fs_write", json!({"command": "create", "path": file})),
        ("fsWrite", json!({"path": file})),
        ("strReplace", json!({"path": file})),
        ("developer__text_editor", json!({"command": "write", "path": file})),
        ("str_replace_editor", json!({"command": "insert", "path": file})),
        ("mcp__filesystem__write_file", json!({"path": file})),
        ("mcp__filesystem__edit_file", json!({"path": file, "edits": [], "dryRun": false})),
        ("mcp__filesystem__move_file", json!({"source": "/w/x", "destination": file})),
        ("mcp__filesystem__move_file", json!({"source": file, "destination": "/w/x"})),
        ("copy_file", json!({"source": "/w/x", "destination": file})),
        ("rename_file", json!({"oldPath": file, "newPath": "/w/x"})),
        ("mcp__serena__replace_regex", json!({"relative_path": file, "regex": "x"})),
        ("read_and_write", json!({"path": file})),
        ("search_and_replace", json!({"path": file})),
        ("download_file", json!({"url": "https://x", "path": file})),
        ("fetch_and_save", json!({"url": "https://x", "path": file})),
        ("write", json!({"uri": format!("file://{file}")})),
        ("write", json!({"uri": "file://localhost/h/%2eclaude/settings%2Ejson"})),
        ("multi_edit", json!({"changes": [{"path": file}]})),
        ("push_files", json!({"files": [{"path": file, "content": "x"}]})),
        ("push_files", json!({"files": {"/h/.claude/settings.json": "x"}})),
        ("multi_edit", json!({"files": format!(r#"[{{"path": "{file}"}}]"#)})),
        (
            "apply_patch",
            json!({"command": format!("*** Begin Patch\n*** Update File: {file}\n@@\n-a\n+b\n*** End Patch\n")}),
        ),
        (
            "apply_patch",
            json!({"input": format!("*** Begin Patch\n*** Add File: {file}\n+b\n*** End Patch\n")}),
        ),
        ("apply_patch", json!(format!("*** Begin Patch\r\n*** Delete File: {file}\r\n*** End Patch\r\n"))),
        (
            "patch",
            json!({"patchText": format!("*** Begin Patch\n*** Update File: x\n*** Move to: {file}\n*** End Patch")}),
        ),
        ("patch_file", json!({"path": file, "patch": "@@ -1 +1 @@\n-a\n+b\n"})),
        (
            "git_apply_patch",
            json!({"diff": format!("--- a/{near}\t2026\n+++ b/{near}\t2026\n@@ -1 +1 @@\n")}),
        ),
        ("apply_patch", json!({"diff": format!("diff --git a/x b/y\nrename from x\nrename to {file}\n")})),
        ("apply_patch", json!({"diff": format!("diff --git a/x b/y\ncopy from x\ncopy to {file}\n")})),
        ("apply_patch", json!({"diff": format!("--- /dev/null\n+++ \"b/.cl\\141ude/settings.json\"\n")})),
        (
            "apply_patch",
            json!({"diff": format!("diff --git a/{near} b/{near}\nold mode 100644\nnew mode 100755\n")}),
        ),
    ] {
        let found = shown(tool, &input);
        let is_told = [file, near].iter().any(|file| found.contains(&format!("! {file}")));
        assert!(is_told, "{tool} {input}: {found:?}");
    }
    let found = shown("copy_file", &json!({"source": file, "destination": "/tmp/x"}));
    assert_eq!(found, ["! /tmp/x"]);
    let found = shown("str_replace_editor", &json!({"command": "view", "path": file}));
    assert_eq!(found, ["$ view"]);
}

#[test]
fn what_is_written_into_a_file_is_not_run() {
    let text = r#"{"command": "terraform destroy", "path": "/h/.claude/settings.json"}"#;
    let object: Value = serde_json::from_str(text).unwrap();
    for (tool, input) in [
        ("Write", json!({"file_path": "x", "content": text})),
        ("Write", json!({"file_path": "x", "content": object})),
        ("Edit", json!({"file_path": "x", "old_string": text, "new_string": format!("[{text}]")})),
        ("create", json!({"path": "x", "file_text": text})),
        ("MultiEdit", json!({"file_path": "x", "edits": [{"old_string": text, "new_string": text}]})),
        ("NotebookEdit", json!({"notebook_path": "x", "new_source": text})),
        ("push_files", json!({"files": [{"path": "x", "content": text}]})),
        ("create_or_update_file", json!({"path": "x", "content": text, "message": "m"})),
    ] {
        let found = shown(tool, &input);
        assert!(
            found.iter().all(|one| one == "! x" || one == &format!("! {text}")),
            "{tool} {input}: {found:?}"
        );
        assert!(found.contains(&"! x".to_owned()), "{tool} {input}: {found:?}");
    }
    assert_eq!(shown("Write", &json!({"file_path": "x", "content": text})), ["! x"]);
    assert_eq!(shown("Edit", &json!({"file_path": "x", "new_string": text})), ["! x"]);
}

#[test]
fn a_patch_is_not_run() {
    let patch = "*** Begin Patch\n*** Add File: x.sh\n+terraform destroy\n+don't\n*** End Patch\n";
    assert_eq!(shown("apply_patch", &json!({"command": patch})), ["! x.sh"]);
    assert_eq!(shown("apply_patch", &json!({"input": patch})), ["! x.sh"]);
    assert_eq!(
        shown("apply_patch", &json!("--- a/src/x.rs\n+++ b/src/x.rs\n@@ -1 +1 @@\n-a\n+b\n")),
        ["! src/x.rs", "! a/src/x.rs", "! src/x.rs", "! b/src/x.rs"]
    );
    assert_eq!(shown("apply_patch", &json!("--- /dev/null\n+++ /dev/null\n")), Vec::<String>::new());
}

#[test]
fn the_agents_own_shell_runs_text() {
    let ok = line(Some(&json!({"command": "ls", "x": 1})), "command");
    assert_eq!(ok, Ok(vec![Asked::Line("ls".to_owned())]));
    for wrong in [json!({}), json!({"command": 7}), json!({"command": ["ls"]}), json!("ls"), Value::Null] {
        assert_eq!(line(Some(&wrong), "command"), Err(Unread::Field("command")), "{wrong}");
    }
    assert_eq!(line(None, "command"), Err(Unread::Field("command")));
}

#[test]
fn a_name_is_taken_apart() {
    for (tool, own) in [
        ("mcp__server__tool_x", "tool_x"),
        ("mcp__a_b__c", "c"),
        ("MCP:tool", "tool"),
        ("@server/tool", "tool"),
        ("server.tool", "tool"),
        ("tool", "tool"),
        ("tool__", "tool__"),
        ("", ""),
    ] {
        assert_eq!(own_name(tool), own, "{tool}");
    }
    for (name, expected) in [
        ("filePath", "file path"),
        ("file_path", "file path"),
        ("file-path", "file path"),
        ("TargetFile", "target file"),
        ("CommandLine", "command line"),
        ("COMMAND", "command"),
        ("runSQLCommand", "run sql command"),
        ("AWSCommand", "aws command"),
        ("x2Command", "x2 command"),
        ("ÄnderungsPfad", "änderungs pfad"),
    ] {
        assert_eq!(words(name).join(" "), expected, "{name}");
    }
}
