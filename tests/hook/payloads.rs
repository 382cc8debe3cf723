//! Every agent's payload, and the bytes that the agent is to get.
//!
//! Recorded from the agents where they were seen at work, otherwise as documented.

use std::ffi::OsString;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::support::world::{World, text, tollgate};

/// What tollgate thinks of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Passed,
    Asked,
    Denied,
}

use Verdict::{Asked, Denied, Passed};

/// How an agent is answered.
#[derive(Clone, Copy, Debug)]
pub(super) enum Protocol {
    /// `hookSpecificOutput`.
    Specific,
    /// The same, without questions.
    SpecificDenial,
    /// `decision` at the top.
    Decision,
    /// `permission`, always an object.
    Permission,
    /// The same, without questions.
    PermissionDenial,
    /// `permissionDecision` at the top.
    Top,
    /// At the top and as `hookSpecificOutput`.
    Both,
    /// Standard error and exit code 2.
    Code,
    /// `cancel`, always an object.
    Cancel,
}

/// Every file of payloads, and how the agent is answered.
pub(super) const AGENTS: [(&str, Protocol); 15] = [
    ("amazon-q", Protocol::Code),
    ("claude-code", Protocol::Specific),
    ("cline", Protocol::Cancel),
    ("codex", Protocol::SpecificDenial),
    ("copilot", Protocol::Top),
    ("copilot-pascal", Protocol::Both),
    ("cursor", Protocol::Permission),
    ("cursor-pre-tool-use", Protocol::PermissionDenial),
    ("devin", Protocol::Code),
    ("gemini", Protocol::Decision),
    ("goose", Protocol::Code),
    ("kiro", Protocol::Code),
    ("opencode", Protocol::Code),
    ("vscode", Protocol::Specific),
    ("windsurf", Protocol::Code),
];

impl Protocol {
    fn asks(self) -> bool {
        matches!(self, Self::Specific | Self::Permission | Self::Top | Self::Both)
    }

    /// The object that is answered; none where it is silence.
    fn object(self, verdict: Verdict, reason: &str) -> Option<Value> {
        let word = if verdict == Asked { "ask" } else { "deny" };
        let specific = json!({
            "hookEventName": "PreToolUse",
            "permissionDecision": word,
            "permissionDecisionReason": reason,
        });
        match (self, verdict) {
            (Self::Permission | Self::PermissionDenial, Passed) => Some(json!({"permission": "allow"})),
            (Self::Cancel, Passed) => Some(json!({})),
            (Self::Code, _) | (_, Passed) => None,
            (Self::Specific | Self::SpecificDenial, _) => Some(json!({"hookSpecificOutput": specific})),
            (Self::Decision, _) => Some(json!({"decision": "deny", "reason": reason})),
            (Self::Permission | Self::PermissionDenial, _) => {
                Some(json!({"permission": word, "user_message": reason, "agent_message": reason}))
            }
            (Self::Top, _) => Some(json!({"permissionDecision": word, "permissionDecisionReason": reason})),
            (Self::Both, _) => Some(json!({
                "permissionDecision": word,
                "permissionDecisionReason": reason,
                "hookSpecificOutput": specific,
            })),
            (Self::Cancel, _) => Some(json!({"cancel": true, "errorMessage": reason})),
        }
    }

    /// Asserts that `output` is exactly the answer, and returns the reason.
    #[track_caller]
    pub(super) fn assert(self, output: &Output, verdict: Verdict, about: &str) -> String {
        let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
        let verdict = if verdict == Asked && !self.asks() { Denied } else { verdict };
        let reason = match self {
            _ if verdict == Passed => String::new(),
            Self::Code => stderr.trim_end().to_owned(),
            _ => {
                first_reason(&serde_json::from_str(&stdout).unwrap_or_else(|_| panic!("{about}: {output:?}")))
            }
        };
        let is_code = matches!(self, Self::Code) && verdict != Passed;
        let object = self.object(verdict, &reason).map(|object| format!("{object}\n"));
        assert_eq!(stdout, object.unwrap_or_default(), "{about}: {output:?}");
        assert_eq!(
            stderr,
            if is_code { format!("{reason}\n") } else { String::new() },
            "{about}: {output:?}"
        );
        assert_eq!(output.status.code(), Some(if is_code { 2 } else { 0 }), "{about}");
        if verdict != Passed {
            let word = if verdict == Asked { "confirm" } else { "refused" };
            assert!(reason.starts_with(&format!("tollgate: {word}: ")), "{about}: {reason}");
            assert!(!reason.contains(['\n', '\r']) && !reason.starts_with('{'), "{about}: {reason}");
        }
        reason
    }
}

/// The first text in an answer that is a sentence.
fn first_reason(answer: &Value) -> String {
    let Value::Object(object) = answer else { panic!("{answer} is no object") };
    let told = |value: &Value| match value {
        Value::String(text) if text.starts_with("tollgate: ") => Some(text.clone()),
        Value::Object(_) => Some(first_reason(value)).filter(|reason| !reason.is_empty()),
        _ => None,
    };
    object.values().find_map(told).unwrap_or_default()
}

/// `tollgate hook`, given these bytes.
pub(super) fn hooked(world: &World, arguments: &[&str], path: OsString, input: &[u8]) -> Output {
    let mut command = world.command(tollgate());
    command.arg("hook").args(arguments).env("PATH", path);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

/// The payloads in an agent's file that ask about a command: what each is called,
/// and its text.
pub(super) fn asking(world: &World, agent: &str, verdict: Verdict) -> Vec<(String, String)> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/hook/payloads/{agent}.json"));
    let cases: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let key = format!("{verdict:?}").to_lowercase();
    let default = match verdict {
        Passed => "terraform plan",
        Asked => "terraform apply",
        Denied => "terraform destroy",
    };
    let read = |case: &Value| {
        let command = case["values"][&key].as_str().unwrap_or(default);
        let payload = case["payload"].to_string().replace("$COMMAND", command);
        let payload = payload.replace("$CWD", world.project().to_str().unwrap());
        (format!("{agent}, {}: {command}", case["name"]), payload)
    };
    cases.as_array().unwrap().iter().map(read).collect()
}

#[test]
fn every_agent_is_answered_in_its_own_protocol() {
    for (agent, protocol) in AGENTS {
        let world = World::new();
        for verdict in [Passed, Asked, Denied] {
            for (about, payload) in asking(&world, agent, verdict) {
                let output = hooked(&world, &[], world.search(&[]), payload.as_bytes());
                protocol.assert(&output, verdict, &about);
            }
        }
        world.assert_nothing_ran();
        world.assert_intact();
    }
}

#[test]
fn every_file_of_payloads_is_tried() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hook/payloads");
    let mut files: Vec<String> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
        .collect();
    files.sort();
    assert_eq!(files, AGENTS.map(|(agent, _)| agent));
}

#[test]
fn the_name_in_the_configuration_changes_no_answer() {
    let world = World::new();
    for (agent, protocol) in AGENTS {
        let (about, payload) = asking(&world, agent, Denied).remove(0);
        for name in ["claude-code", "cline", "gemini"] {
            let output = hooked(&world, &[name], world.search(&[]), payload.as_bytes());
            protocol.assert(&output, Denied, &format!("{about}, as {name}"));
        }
    }
}

#[test]
fn a_denial_says_what_why_and_what_next() {
    let world = World::new();
    let (about, payload) = asking(&world, "claude-code", Denied).remove(0);
    let output = hooked(&world, &[], world.search(&[]), payload.as_bytes());
    let reason = Protocol::Specific.assert(&output, Denied, &about);
    for part in
        ["terraform destroy (rule terraform/destroy, critical", "instead: ", "a terminal of their own"]
    {
        assert!(reason.contains(part), "{part}: {reason}");
    }
    let entries = world.recorded("decision");
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert_eq!(entries[0]["agent"], "claude-code", "{entries:?}");
}

#[test]
fn a_program_beside_its_arguments_is_put_together() {
    let world = World::new();
    for input in [
        json!({"commands": [{"command": "terraform", "args": ["destroy"]}]}),
        json!([{"command": "terraform", "args": ["destroy"]}]),
        json!({"command": "terraform", "args": ["destroy"]}),
    ] {
        let payload = json!({
            "hookName": "tool_call",
            "taskId": "t",
            "workspaceRoots": [world.project()],
            "tool_call": {"id": "c", "name": "run_commands", "input": input},
        });
        let output = hooked(&world, &[], world.search(&[]), payload.to_string().as_bytes());
        Protocol::Cancel.assert(&output, Denied, &payload.to_string());
    }
}
