//! What is read of each source, and what is passed over.

use std::io::Cursor;

use super::*;

/// What a text is read as: each event as its deeds, its time, its line.
fn events(source: &str, text: &[u8]) -> (Vec<Event>, Passed) {
    let mut found = Vec::new();
    let mut reader = named(source).unwrap().reader();
    let passed =
        read(&mut Cursor::new(text), &mut *reader, &mut |event| found.push(event), &mut |_| {}).unwrap();
    (found, passed)
}

/// The lines of a history, each with its time and the line that it begins in.
fn lines(source: &str, text: &[u8]) -> Vec<(String, Option<i64>, u64)> {
    let line = |event: Event| {
        let [Deed::Line(text)] = event.deeds.as_slice() else { panic!("{event:?}") };
        let text = text.escape_ascii().to_string();
        (text, event.time.map(Timestamp::as_second), event.line)
    };
    events(source, text).0.into_iter().map(line).collect()
}

#[test]
fn histories_are_read_as_their_shells_wrote_them() {
    type Row<'a> = (&'a str, &'a [u8], &'a [(&'a str, Option<i64>, u64)]);
    let rows: [Row<'_>; 18] = [
        ("bash", b"ls\n\n  \nrm x\n", &[("ls", None, 1), ("rm x", None, 4)]),
        (
            "bash",
            b"#1700000000\nls\n#1700000005\nrm x",
            &[("ls", Some(1_700_000_000), 2), ("rm x", Some(1_700_000_005), 4)],
        ),
        (
            "bash",
            b"ls\n#1700000000\nfor i in a\ndo rm $i\ndone\n",
            &[("ls", None, 1), ("for i in a\\ndo rm $i\\ndone", Some(1_700_000_000), 3)],
        ),
        (
            "bash",
            b"# 1700000000\n#x\n#12\nls \xff\x00\n",
            &[("# 1700000000", None, 1), ("#x", None, 2), ("#12", None, 3), ("ls \\xff\\x00", None, 4)],
        ),
        ("bash", b"#99999999999999999999\nls\n", &[("#99999999999999999999", None, 1), ("ls", None, 2)]),
        ("zsh", b"ls\n: 1700000000:12;rm x\n", &[("ls", None, 1), ("rm x", Some(1_700_000_000), 2)]),
        (
            "zsh",
            b": 1700000000:0;a \\\nb\\\n\\\nc\nd\n",
            &[("a \\nb\\n\\nc", Some(1_700_000_000), 1), ("d", None, 5)],
        ),
        // As zsh 5.9 writes them: a typed backslash at an end of line, and one at the
        // end of all.
        (
            "zsh",
            b": 1700000000:0;rm \\\\\nx\n: 1700000001:0;echo \\\\ \nls\n",
            &[
                ("rm \\\\\\nx", Some(1_700_000_000), 1),
                ("echo \\\\\\\\ ", Some(1_700_000_001), 3),
                ("ls", None, 4),
            ],
        ),
        ("zsh", b"echo \x83\xa3\x83\xbf!\n", &[("echo \\x83\\x9f!", None, 1)]),
        ("zsh", b": not a time;x\n: 1:2\n", &[(": not a time;x", None, 1), (": 1:2", None, 2)]),
        ("zsh", b"a\\", &[("a", None, 1)]),
        (
            "fish",
            b"- cmd: ls\n  when: 1700000000\n  paths:\n    - x\n- cmd: a\\nb \\\\n \\x\n",
            &[("ls", Some(1_700_000_000), 1), ("a\\nb \\\\n \\\\x", None, 5)],
        ),
        ("fish", b"- cmd: ls\n  when: later\n", &[("ls", None, 1)]),
        ("fish", b"- cmd: \n  when: 1700000000\n- cmd: x\n", &[("x", None, 3)]),
        ("lines", b"ls\r\n#x\nrm x", &[("ls", None, 1), ("#x", None, 2), ("rm x", None, 3)]),
        ("lines", b"\n\n", &[]),
        ("bash", b"", &[]),
        ("fish", b"", &[]),
    ];
    for (source, text, expected) in rows {
        let expected: Vec<_> =
            expected.iter().map(|(text, time, line)| ((*text).to_owned(), *time, *line)).collect();
        assert_eq!(lines(source, text), expected, "{source}: {}", text.escape_ascii());
    }
}

#[test]
fn a_history_in_which_times_end_is_not_one_entry() {
    let text = ["#1700000000\n".to_owned(), "echo a line of some length\n".repeat(10_000)].concat();
    let found = lines("bash", text.as_bytes());
    assert!(found.len() > 3 && found.iter().all(|(text, ..)| text.len() < 80_000), "{}", found.len());
    let all: usize = found.iter().map(|(text, ..)| text.matches("echo").count()).sum();
    assert_eq!(all, 10_000);
}

/// What a transcript's events are: `!` for what did not run, then each deed.
fn deeds(source: &str, text: &str) -> Vec<String> {
    let shown = |event: Event| {
        let deeds = event.deeds.iter().map(|deed| match deed {
            Deed::Line(text) => String::from_utf8_lossy(text).into_owned(),
            Deed::Edit(path) => format!("edit {}", path.display()),
        });
        let mark = if event.withheld { "!" } else { "" };
        let place = event.directory.map(|path| format!(" @{}", path.display())).unwrap_or_default();
        format!("{mark}{}{place}", deeds.collect::<Vec<_>>().join(" + "))
    };
    events(source, text.as_bytes()).0.into_iter().map(shown).collect()
}

fn used(id: &str, tool: &str, input: &str) -> String {
    format!(
        r#"{{"type":"assistant","timestamp":"2026-01-02T03:04:05Z","cwd":"/w","sessionId":"s","message":{{"content":[{{"type":"text","text":"x"}},{{"type":"tool_use","id":"{id}","name":"{tool}","input":{input}}}]}}}}"#
    )
}

fn result(id: &str, error: bool, said: &str) -> String {
    format!(
        r#"{{"type":"user","message":{{"content":[{{"type":"tool_result","tool_use_id":"{id}","is_error":{error},"content":{said}}}]}}}}"#
    )
}

#[test]
fn claude_codes_calls_are_what_its_hook_is_told() {
    let rm = r#"{"command":"rm x"}"#;
    for (lines, expected) in [
        (vec![used("1", "Bash", rm), result("1", false, "\"\"")], vec!["rm x @/w"]),
        (vec![used("1", "Bash", rm)], vec!["rm x @/w"]),
        // Written again, by another file of the session or by the same.
        (vec![used("1", "Bash", rm), used("1", "Bash", rm)], vec!["rm x @/w"]),
        (vec![used("1", "Bash", rm), used("2", "Bash", rm)], vec!["rm x @/w", "rm x @/w"]),
        // Some models count their calls anew in each session.
        (vec![used("1", "Bash", rm), used("1", "Bash", r#"{"command":"ls"}"#)], vec!["rm x @/w", "ls @/w"]),
        (vec![used("1", "Read", r#"{"file_path":"/x"}"#)], vec![]),
        (vec![used("1", "Write", r#"{"file_path":"/x","content":"y"}"#)], vec!["edit /x @/w"]),
        (vec![used("1", "mcp__k8s__run", r#"{"command":"kubectl get po"}"#)], vec!["kubectl get po @/w"]),
        (
            vec![used("1", "Bash", rm), result("1", true, "\"The user doesn't want to proceed with this\"")],
            vec!["!rm x @/w"],
        ),
        (
            vec![
                used("1", "Bash", rm),
                result("1", true, r#"[{"type":"text","text":"PreToolUse:Bash hook error: no"}]"#),
            ],
            vec!["!rm x @/w"],
        ),
        (vec![used("1", "Bash", rm), result("1", true, "\"Exit code 1\"")], vec!["rm x @/w"]),
        (
            vec![used("1", "Bash", rm), result("1", false, "\"The user doesn't want to proceed\"")],
            vec!["rm x @/w"],
        ),
        (
            vec![
                used("1", "Bash", rm),
                result("1", true, "\"Permission for this action has been denied. Reason: x\""),
            ],
            vec!["!rm x @/w"],
        ),
        (
            vec![
                used("1", "Bash", rm),
                result("1", true, "\"<tool_use_error>InputValidationError: Bash did not run\""),
            ],
            vec!["!rm x @/w"],
        ),
        // It may have begun.
        (
            vec![
                used("1", "Bash", rm),
                result("1", true, "\"<tool_use_error>Cancelled: x</tool_use_error>\""),
            ],
            vec!["rm x @/w"],
        ),
        (vec![used("1", "Bash", r#"{"command":["rm","a b"]}"#)], vec!["rm 'a b' @/w"]),
        (vec![used("1", "Bash", r#"{"restart":true}"#)], vec![]),
        (vec![r#"{"type":"summary","summary":"\"tool_use\"","leafUuid":"1"}"#.to_owned()], vec![]),
    ] {
        assert_eq!(deeds("claude-code", &lines.join("\n")), expected, "{lines:?}");
    }
}

#[test]
fn codexs_calls_are_what_its_hook_is_told() {
    let entry = |payload: &str| {
        format!(r#"{{"timestamp":"2026-01-02T03:04:05Z","type":"response_item","payload":{payload}}}"#)
    };
    let call = |tool: &str, arguments: &str| {
        let arguments = serde_json::Value::from(arguments).to_string();
        format!(r#"{{"type":"function_call","name":"{tool}","arguments":{arguments},"call_id":"1"}}"#)
    };
    let meta = r#"{"timestamp":"t","type":"session_meta","payload":{"id":"s","cwd":"/w"}}"#.to_owned();
    let said =
        |said: &str| entry(&format!(r#"{{"type":"function_call_output","call_id":"1","output":"{said}"}}"#));
    for (lines, expected) in [
        (
            vec![meta.clone(), entry(&call("exec_command", r#"{"cmd":"rm x","workdir":"sub"}"#))],
            vec!["rm x @/w/sub"],
        ),
        (
            vec![meta.clone(), entry(&call("shell_command", r#"{"command":"rm x","workdir":"/y"}"#))],
            vec!["rm x @/y"],
        ),
        (vec![entry(&call("shell", r#"{"command":["bash","-lc","rm x"]}"#))], vec!["bash -lc 'rm x'"]),
        // As it was written before there was a payload.
        (vec![call("shell", r#"{"command":["bash","-lc","rm x"]}"#)], vec!["bash -lc 'rm x'"]),
        (
            vec![entry(
                r#"{"type":"local_shell_call","call_id":"1","action":{"type":"exec","command":["rm","x"],"working_directory":"/y"}}"#,
            )],
            vec!["rm x @/y"],
        ),
        (
            vec![entry(
                r#"{"type":"custom_tool_call","call_id":"1","name":"apply_patch","input":"*** Begin Patch\n*** Add File: n\n+x\n*** End Patch"}"#,
            )],
            vec!["edit n"],
        ),
        (vec![entry(&call("k8s__run", r#"{"command":"kubectl get po"}"#))], vec!["kubectl get po"]),
        (vec![entry(&call("update_plan", r#"{"plan":[]}"#))], vec![]),
        (
            vec![
                entry(&call("shell_command", r#"{"command":"rm x"}"#)),
                said("exec command rejected by user"),
            ],
            vec!["!rm x"],
        ),
        (
            vec![
                entry(&call("shell_command", r#"{"command":"rm x"}"#)),
                said("Command blocked by PreToolUse hook: no"),
            ],
            vec!["!rm x"],
        ),
        (vec![entry(&call("shell_command", r#"{"command":"rm x"}"#)), said("Exit code: 0")], vec!["rm x"]),
    ] {
        assert_eq!(deeds("codex", &lines.join("\n")), expected, "{lines:?}");
    }
}

#[test]
fn what_is_broken_is_passed_over_and_counted() {
    let good = used("1", "Bash", r#"{"command":"rm x"}"#);
    let deep = format!(
        "{{\"type\":\"assistant\",\"x\":\"tool_use\",\"y\":{}1{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let long = "x".repeat(LONGEST + 1);
    let cut = good.get(..good.len() - 20).unwrap();
    let odd = used("2", "Bash", r#"{"command":7}"#);
    let text = [cut, &good, &deep, "not json", "", &odd, &long, "{\"type\":\"summary\"}"].join("\n");
    let (found, passed) = events("claude-code", text.as_bytes());
    assert_eq!((found.len(), passed), (1, Passed { broken: 4, too_long: 1 }));
    let (found, passed) = events("fish", b"x\n- cmd: ls\n  when: 1\nnonsense\n");
    assert_eq!((found.len(), passed.broken), (1, 2));
    let (found, passed) = events("lines", [long.as_bytes(), b"\nls\n", long.as_bytes()].concat().as_slice());
    assert_eq!((found.len(), passed.too_long), (1, 2));
}

#[test]
fn a_file_is_told_by_its_content() {
    for (head, expected) in [
        (used("1", "Bash", "{}").as_bytes(), Some("claude-code")),
        (br#"{"type":"summary","summary":"x","leafUuid":"y"}"#, Some("claude-code")),
        (br#"{"timestamp":"t","type":"session_meta","payload":{"cwd":"/w"}}"#, Some("codex")),
        (br#"{"id":"x","timestamp":"t","instructions":null}"#, Some("codex")),
        (b": 1700000000:0;ls\n", Some("zsh")),
        (b"- cmd: ls\n  when: 1\n", Some("fish")),
        (b"#1700000000\nls\n", Some("bash")),
        (b"ls\nrm x\n", Some("lines")),
        (b"{ ls; }\n", Some("lines")),
        (b"\xffls\n", Some("lines")),
        (b"{\"name\":\"package\"}\n", None),
        (b"\x7fELF\0\0", None),
    ] {
        let found = recognised(Path::new("x"), head).map(Source::name);
        assert_eq!(found, expected, "{}", head.escape_ascii());
    }
    for (name, head, told, named_by_variable) in [
        ("/a/.bash_history", "ls\n", Some("bash"), Some("bash")),
        ("old.bash_history-2", "ls\n", Some("bash"), Some("bash")),
        ("/a/.zsh_history", "ls\n", Some("zsh"), Some("zsh")),
        ("/a/.zhistory", "ls\n", Some("zsh"), Some("zsh")),
        ("/a/.bash_history", ": 1700000000:0;ls\n", Some("zsh"), Some("zsh")),
        ("/a/hist", "ls\n", Some("lines"), Some("bash")),
        ("/zsh_history/hist", "ls\n", Some("lines"), Some("bash")),
        ("/a/.hist-zsh", "ls\n", Some("lines"), Some("zsh")),
    ] {
        let source = |found: Option<&'static dyn Source>| found.map(Source::name);
        assert_eq!(source(recognised(Path::new(name), head.as_bytes())), told, "{name}: {head}");
        assert_eq!(source(shell(Path::new(name), head.as_bytes())), named_by_variable, "{name}: {head}");
    }
}

#[test]
fn the_transcripts_of_the_real_agents_are_read() {
    let read = |name: &str| {
        let path =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/replay/transcripts").join(name);
        std::fs::read_to_string(path).unwrap()
    };
    let at = |text: &str| format!("{text} @/home/dev/network");
    let calls = [
        "terraform destroy -auto-approve",
        "echo hello; false",
        "edit /home/dev/network/a.txt",
        "edit /home/dev/network/a.txt",
        "git push --force origin main",
    ];
    assert_eq!(deeds("claude-code", &read("claude-code-free.jsonl")), calls.map(at));
    let asked = deeds("claude-code", &read("claude-code-asked.jsonl"));
    assert_eq!(asked.iter().filter(|call| call.starts_with('!')).count(), 3, "{asked:?}");
    assert_eq!(
        deeds("codex", &read("codex.jsonl")),
        [
            "terraform destroy -auto-approve @/tmp".to_owned(),
            at("echo hello"),
            at("!bash -lc ls"),
            at("!ls"),
            at("edit n.txt")
        ]
    );
    for name in ["claude-code-free.jsonl", "claude-code-asked.jsonl", "codex.jsonl"] {
        assert_eq!(
            recognised(Path::new("x"), read(name).as_bytes()).map(Source::name),
            name.get(..5).map(|start| if start == "codex" { "codex" } else { "claude-code" })
        );
    }
}
