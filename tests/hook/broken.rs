//! Payloads and surroundings that something is wrong with: never consent.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::payloads::{AGENTS, Protocol, Verdict, asking, hooked};
use crate::support::world::{World, text, tollgate};

/// Asserts the denial that every agent but Cline understands; returns its line.
#[track_caller]
fn assert_denied(output: &Output, about: &str) -> String {
    Protocol::Code.assert(output, Verdict::Denied, about)
}

fn given(world: &World, input: &[u8]) -> Output {
    hooked(world, &[], world.search(&[]), input)
}

/// What Claude Code sends about a command.
fn claude(world: &World, command: &str) -> Value {
    json!({
        "session_id": "s",
        "cwd": world.project(),
        "permission_mode": "default",
        "hook_event_name": "PreToolUse",
        "tool_name": "Bash",
        "tool_input": {"command": command},
        "tool_use_id": "u",
    })
}

/// Bytes that are no payload.
fn unreadable(world: &World) -> Vec<(&'static str, Vec<u8>)> {
    let good = claude(world, "ls").to_string();
    let put = |from: &str, to: &[u8]| {
        let (before, after) = good.split_once(from).unwrap();
        [before.as_bytes(), to, after.as_bytes()].concat()
    };
    let nested = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    vec![
        ("empty", vec![]),
        ("blank", b" \r\n\t ".to_vec()),
        ("cut off", b"{".to_vec()),
        ("an array", b"[]".to_vec()),
        ("a number", b"7".to_vec()),
        ("a text", b"\"x\"".to_vec()),
        ("null", b"null".to_vec()),
        ("no UTF-8", put("ls", b"ls \xff")),
        ("a BOM", [b"\xef\xbb\xbf", good.as_bytes()].concat()),
        ("UTF-16", good.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("a raw NUL", put("ls", b"l\0s")),
        ("two commands", put("\"command\":\"ls\"", b"\"command\":\"terraform destroy\",\"command\":\"ls\"")),
        ("two tools", put("\"tool_name\":\"Bash\"", b"\"tool_name\":\"Bash\",\"tool_name\":\"Read\"")),
        ("two payloads", format!("{good}\n{good}").into_bytes()),
        ("more behind", format!("{good}x").into_bytes()),
        ("deeply nested", put("{\"cwd\"", format!("{{\"x\":{nested},\"cwd\"").as_bytes())),
    ]
}

#[test]
fn what_cannot_be_read_is_denied() {
    let world = World::new();
    for (about, input) in unreadable(&world) {
        assert_denied(&given(&world, &input), about);
        for agent in ["claude-code", "gemini", "kiro"] {
            assert_denied(&hooked(&world, &[agent], world.search(&[]), &input), about);
        }
        let output = hooked(&world, &["cline"], world.search(&[]), &input);
        Protocol::Cancel.assert(&output, Verdict::Denied, about);
    }
}

#[test]
fn every_agents_payload_that_ends_too_early_is_denied() {
    let world = World::new();
    for (agent, _) in AGENTS {
        let (about, payload) = asking(&world, agent, Verdict::Passed).remove(0);
        for length in [1, payload.len() / 2, payload.len() - 1] {
            assert_denied(&given(&world, &payload.as_bytes()[..length]), &about);
        }
    }
}

#[test]
fn nothing_asked_is_nothing_said() {
    let world = World::new();
    for input in ["{}", " {} ", r#"{"message":"terraform destroy"}"#] {
        Protocol::Specific.assert(&given(&world, input.as_bytes()), Verdict::Passed, input);
    }
}

#[test]
fn fields_of_a_wrong_type_are_denied() {
    let world = World::new();
    let good = claude(&world, "ls");
    for wrong in [json!(7), json!(true), json!(["ls"]), json!({"a": "ls"}), json!(null)] {
        for field in ["/tool_input/command", "/tool_input", "/tool_name", "/hook_event_name", "/cwd"] {
            // No directory is the directory that the hook itself runs in.
            if (field, &wrong) == ("/cwd", &json!(null)) {
                continue;
            }
            let mut payload = good.clone();
            *payload.pointer_mut(field).unwrap() = wrong.clone();
            let input = payload.to_string();
            assert_denied(&given(&world, input.as_bytes()), &input);
        }
    }
    for (object, field) in [("", "tool_name"), ("", "tool_input"), ("/tool_input", "command")] {
        let mut payload = good.clone();
        payload.pointer_mut(object).unwrap().as_object_mut().unwrap().remove(field);
        let input = payload.to_string();
        assert_denied(&given(&world, input.as_bytes()), &input);
    }
}

#[test]
fn a_directory_that_is_none_hides_nothing() {
    let world = World::new();
    let file = world.write("file", "");
    for directory in ["", "sub", "../..", "/nowhere/x", "/a\0b", file.to_str().unwrap()] {
        for (command, verdict) in [("ls", Verdict::Passed), ("terraform destroy", Verdict::Denied)] {
            let mut payload = claude(&world, command);
            payload["cwd"] = directory.into();
            let output = given(&world, payload.to_string().as_bytes());
            Protocol::Specific.assert(&output, verdict, &format!("{command} in {directory:?}"));
        }
    }
}

#[test]
fn a_nul_in_a_command_is_never_passed() {
    let world = World::new();
    for command in ["terraform\0 destroy", "ls\0; terraform destroy", "ls\0"] {
        let output = given(&world, claude(&world, command).to_string().as_bytes());
        Protocol::Specific.assert(&output, Verdict::Asked, command);
    }
}

#[test]
fn a_long_payload_is_judged_and_an_endless_one_denied() {
    let world = World::new();
    for (command, verdict) in [("ls", Verdict::Passed), ("terraform destroy", Verdict::Denied)] {
        let mut payload = claude(&world, command);
        payload["padding"] = "x".repeat(10_000_000).into();
        let output = given(&world, payload.to_string().as_bytes());
        Protocol::Specific.assert(&output, verdict, command);
    }
    let mut payload = claude(&world, "ls");
    payload["padding"] = "x".repeat(70_000_000).into();
    assert_denied(&given(&world, payload.to_string().as_bytes()), "70 MB");
}

#[test]
fn an_input_that_does_not_end_is_denied_before_it_does() {
    let world = World::new();
    for (arguments, protocol) in [(&[][..], Protocol::Code), (&["cline"], Protocol::Cancel)] {
        let mut command = world.command(tollgate());
        command.arg("hook").args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        // The writer ends when the hook has.
        while child.try_wait().unwrap().is_none() {
            let _ = input.write_all(b" ");
            std::thread::sleep(Duration::from_millis(20));
        }
        let output = child.wait_with_output().unwrap();
        protocol.assert(&output, Verdict::Denied, "slow");
        drop(input);
    }
}

/// The hook in a shell that redirects it.
fn redirected(world: &World, redirection: &str, input: &[u8]) -> Output {
    let mut shell = world.command("/bin/sh");
    shell
        .args(["-c", &format!("exec \"$0\" hook {redirection}")])
        .arg(tollgate())
        .env("PATH", world.search(&[]));
    feed(&mut shell, input)
}

fn feed(command: &mut Command, input: &[u8]) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // One that reads nothing may be gone.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

#[test]
fn an_input_that_is_none_is_denied() {
    let world = World::new();
    for redirection in ["<&-", "</", "</dev/null"] {
        assert_denied(&redirected(&world, redirection, b""), redirection);
    }
}

#[test]
fn a_denial_that_cannot_be_written_is_a_denial_still() {
    let world = World::new();
    let (denied, passed) = (claude(&world, "terraform destroy"), claude(&world, "ls"));
    for redirection in [">&-", ">/dev/null", ">/dev/full"] {
        let output = redirected(&world, redirection, denied.to_string().as_bytes());
        assert_denied(&output, redirection);
        let output = redirected(&world, redirection, passed.to_string().as_bytes());
        Protocol::Specific.assert(&output, Verdict::Passed, redirection);
    }
    // Nobody reads the answer.
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = world.command(tollgate());
    command.env("PATH", world.search(&[]));
    let mut child =
        command.arg("hook").stdin(Stdio::piped()).stdout(writer).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(denied.to_string().as_bytes()).unwrap();
    assert_denied(&child.wait_with_output().unwrap(), "a broken pipe");
    // Without standard error the exit code is left.
    let output = redirected(&world, "2>&-", b"{");
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), String::new()));
}

#[test]
fn without_a_record_there_are_denials_but_no_questions() {
    let world = World::new();
    // Not a read-only directory, which stops no root.
    fs::create_dir_all(world.state().parent().unwrap()).unwrap();
    fs::write(world.state(), "").unwrap();
    for (command, verdict, part) in [
        ("terraform plan", Verdict::Passed, ""),
        ("terraform apply", Verdict::Denied, "the question cannot be recorded"),
        ("terraform destroy", Verdict::Denied, "rule terraform/destroy"),
    ] {
        let output = given(&world, claude(&world, command).to_string().as_bytes());
        let reason = Protocol::Specific.assert(&output, verdict, command);
        assert!(reason.contains(part), "{reason}");
    }
}

#[test]
fn a_home_that_is_not_set_hides_nothing() {
    let world = World::new();
    for (command, verdict) in [("terraform plan", Verdict::Passed), ("terraform destroy", Verdict::Denied)] {
        let mut hook = world.command(tollgate());
        // The home that the system knows is somebody's: no record goes there.
        hook.arg("hook").env_remove("HOME").env("XDG_STATE_HOME", world.path("state"));
        hook.env("PATH", world.search(&[]));
        let output = feed(&mut hook, claude(&world, command).to_string().as_bytes());
        Protocol::Specific.assert(&output, verdict, command);
    }
    assert!(world.path("state/tollgate").exists());
}

#[test]
fn a_layer_that_is_wrong_is_named() {
    let world = World::new();
    world.write("home/.config/tollgate/rules/mine.yaml", "nope: [");
    for command in ["ls", "terraform apply", "terraform destroy"] {
        let line = assert_denied(&given(&world, claude(&world, command).to_string().as_bytes()), command);
        assert!(line.contains("home/.config/tollgate/rules/mine.yaml"), "{line}");
    }
}

#[test]
fn a_name_that_no_agent_has_is_denied() {
    let world = World::new();
    for input in ["", "{}", "{", &claude(&world, "ls").to_string()] {
        let output = hooked(&world, &["nonsense"], world.search(&[]), input.as_bytes());
        assert_denied(&output, input);
    }
    let (about, payload) = asking(&world, "cline", Verdict::Passed).remove(0);
    let output = hooked(&world, &["clien"], world.search(&[]), payload.as_bytes());
    let reason = Protocol::Cancel.assert(&output, Verdict::Denied, &about);
    assert!(reason.contains("no agent is called clien"), "{reason}");
}

#[test]
fn a_line_that_no_shell_would_read_crashes_nothing() {
    let world = World::new();
    for piece in
        ["(", "$(", "{ ", "if ", "$((", "`", "'\"", "${a:-", "! ", "{a,", "f(){ ", "case a in ", "\\", "ls |"]
    {
        let command = piece.repeat(20_001);
        let output = given(&world, claude(&world, &command).to_string().as_bytes());
        let is_answered = output.status.code() == Some(0) && !text(&output.stdout).contains(r#""allow""#);
        let is_denied = output.status.code() == Some(2) && output.stdout.is_empty();
        assert!(is_answered || is_denied, "{piece}: {output:?}");
    }
}
