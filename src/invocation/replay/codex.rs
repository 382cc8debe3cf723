//! Codex's transcripts, its *rollouts*: a JSON object a line, which holds an item as
//! `payload`; in old ones the line is the item itself.

use std::sync::LazyLock;

use regex::bytes::Regex;
use serde_json::{Value, json};

use super::calls::{Call, Calls, beginning, directory, text, time, whole};
use super::places::{Place, home, variable};
use super::{Reader, Sink, Skipped, Source};
use crate::invocation::hook::{self, Payload};
use crate::process::Process;

/// Codex.
pub(super) struct Codex;

/// What is of interest: calls, their results, and the session's directory.
#[expect(clippy::expect_used, reason = "the pattern is a literal")]
static ITEMS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("\"type\": ?\"(?:session_meta|turn_context|[a-z_]+_call|[a-z_]+_call_output)\"|<cwd>")
        .expect("a pattern")
});

/// What a result begins with of a call that was denied, or was none of Codex's.
const WITHHELD: [&str; 5] = [
    "Command blocked by PreToolUse hook",
    "Tool call blocked by PreToolUse hook",
    "exec command rejected by user",
    "rejected by user",
    "unsupported call: ",
];

impl Source for Codex {
    fn name(&self) -> &'static str {
        "codex"
    }

    fn agent(&self) -> Option<&'static str> {
        Some(self.name())
    }

    fn places(&self, process: &dyn Process) -> Vec<Place> {
        let root = variable(process, "CODEX_HOME").or_else(|| home(process, ".codex"));
        let tree = |root: std::path::PathBuf| Place::Tree { root, begins: "rollout-", ends: ".jsonl" };
        let below = |root: std::path::PathBuf| {
            ["sessions", "archived_sessions"].map(|name| tree(root.join(name))).to_vec()
        };
        root.map(below).unwrap_or_default()
    }

    fn is(&self, head: &[u8]) -> bool {
        let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let has = |name: &str| first.windows(name.len()).any(|part| part == name.as_bytes());
        let new = has("\"payload\":") && has("\"type\":");
        let old = has("\"instructions\":") && has("\"id\":");
        first.starts_with(b"{") && has("\"timestamp\":") && (new || old)
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(Rollout::default())
    }
}

#[derive(Default)]
struct Rollout {
    calls: Calls,
    directory: Option<String>,
}

impl Reader for Rollout {
    fn line(&mut self, line: &[u8], number: u64, sink: &mut Sink<'_>) -> Result<(), Skipped> {
        if !ITEMS.is_match(line) {
            return whole(line);
        }
        let entry = hook::payload(line).map_err(|_| Skipped::Broken)?;
        let item = entry.get("payload").and_then(Value::as_object).unwrap_or(&entry);
        if let Some("session_meta" | "turn_context") = text(&entry, "type") {
            self.directory = text(item, "cwd").map(str::to_owned).or(self.directory.take());
            return Ok(());
        }
        match text(item, "type") {
            Some("function_call" | "custom_tool_call" | "local_shell_call") => {
                self.call(&entry, item, number, sink)
            }
            Some("function_call_output" | "custom_tool_call_output" | "local_shell_call_output") => {
                let said = beginning(item.get("output").unwrap_or(&Value::Null));
                let withheld = WITHHELD.iter().any(|words| said.starts_with(words));
                self.calls.result(text(item, "call_id").unwrap_or_default(), withheld, sink);
                Ok(())
            }
            Some("message") => {
                let said = item.get("content").map(beginning).unwrap_or_default();
                let told = said.split_once("<cwd>").and_then(|(_, rest)| rest.split_once("</cwd>"));
                self.directory = told.map(|(cwd, _)| cwd.to_owned()).or(self.directory.take());
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn end(&mut self, sink: &mut Sink<'_>) {
        self.calls.end(sink);
        self.directory = None;
    }
}

impl Rollout {
    fn call(
        &mut self,
        entry: &Payload,
        item: &Payload,
        line: u64,
        sink: &mut Sink<'_>,
    ) -> Result<(), Skipped> {
        let Some(dialect) = hook::named("codex") else { return Ok(()) };
        let (tool, input) = told(item).ok_or(Skipped::Broken)?;
        let own = ["workdir", "working_directory", "cwd"].iter().find_map(|name| input.get(name));
        let place = directory(self.directory.as_deref(), own.and_then(Value::as_str));
        let (tool, input) = match shell(tool, &input) {
            Some(line) => ("Bash", json!({ "command": line })),
            None => (tool, input),
        };
        let call = Call {
            id: text(item, "call_id").or_else(|| text(item, "id")).unwrap_or_default(),
            tool,
            input,
            directory: place.as_deref(),
            time: time(entry),
            line,
        };
        self.calls.add(dialect, &call, sink)
    }
}

/// The tool of a call, and what it was given.
fn told(item: &Payload) -> Option<(&str, Value)> {
    match text(item, "type")? {
        "local_shell_call" => Some(("shell", item.get("action")?.clone())),
        "custom_tool_call" => {
            Some((text(item, "name")?, json!({ "command": item.get("input").and_then(Value::as_str)? })))
        }
        _ => {
            let arguments = text(item, "arguments").unwrap_or("{}");
            let input = hook::payload(if arguments.trim().is_empty() { b"{}" } else { arguments.as_bytes() });
            Some((text(item, "name")?, Value::Object(input.ok()?)))
        }
    }
}

/// The line that one of Codex's own shell tools runs, as its hook is told of it.
fn shell(tool: &str, input: &Value) -> Option<String> {
    let own = ["shell", "shell_command", "exec_command", "unified_exec", "container.exec", "local_shell"];
    let command = input.get("command").or_else(|| input.get("cmd")).filter(|_| own.contains(&tool))?;
    match command {
        Value::String(line) => Some(line.clone()),
        Value::Array(words) => {
            let words: Option<Vec<&str>> = words.iter().map(Value::as_str).collect();
            words.map(shell_words::join)
        }
        _ => None,
    }
}
