//! Claude Code's transcripts: a JSON object a line. What it says holds its calls of
//! tools, and the next thing it is told holds their results. Sub-agents' calls stand in
//! the same form, in the same file or in one of their own.

use std::sync::LazyLock;

use regex::bytes::Regex;
use serde_json::Value;

use super::calls::{Call, Calls, beginning, text, time, whole};
use super::places::{Place, home, variable};
use super::{Reader, Sink, Skipped, Source};
use crate::invocation::hook::{self, Payload};
use crate::process::Process;

/// Claude Code.
pub(super) struct ClaudeCode;

/// What an entry holds that is of interest, and of most only that: what a tool printed
/// is long.
#[expect(clippy::expect_used, reason = "the pattern is a literal")]
static CALLS: LazyLock<Regex> = LazyLock::new(|| Regex::new("\"tool_use").expect("a pattern"));

/// What a result begins with of a call that its user, a rule or a hook denied, that was
/// interrupted, or that Claude Code could not read. One that is cancelled may have begun.
const WITHHELD: [&str; 9] = [
    "The user doesn't want to proceed",
    "The user doesn't want to take this action",
    "[Request interrupted by user",
    "Permission to use ",
    "Permission for this ",
    "Claude requested permissions to ",
    "This command requires approval",
    "PreToolUse:",
    "<tool_use_error>InputValidationError",
];

impl Source for ClaudeCode {
    fn name(&self) -> &'static str {
        "claude-code"
    }

    fn agent(&self) -> Option<&'static str> {
        Some(self.name())
    }

    fn places(&self, process: &dyn Process) -> Vec<Place> {
        let named = variable(process, "CLAUDE_CONFIG_DIR").map(|path| vec![path]);
        let usual = || [".claude", ".config/claude"].iter().filter_map(|name| home(process, name)).collect();
        let tree = |root: std::path::PathBuf| Place::Tree {
            root: root.join("projects"),
            begins: "",
            ends: ".jsonl",
        };
        named.unwrap_or_else(usual).into_iter().map(tree).collect()
    }

    fn is(&self, head: &[u8]) -> bool {
        let mut lines = head.split(|byte| *byte == b'\n').take(20);
        head.starts_with(b"{") && lines.any(|line| has(line, "\"sessionId\":") || has(line, "\"leafUuid\":"))
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(Transcript::default())
    }
}

fn has(line: &[u8], name: &str) -> bool {
    line.windows(name.len()).any(|part| part == name.as_bytes())
}

#[derive(Default)]
struct Transcript(Calls);

impl Reader for Transcript {
    fn line(&mut self, line: &[u8], number: u64, sink: &mut Sink<'_>) -> Result<(), Skipped> {
        if !CALLS.is_match(line) {
            return whole(line);
        }
        let entry = hook::payload(line).map_err(|_| Skipped::Broken)?;
        match text(&entry, "type") {
            Some("assistant") => self.calls(&entry, number, sink),
            Some("user") => {
                self.results(&entry, sink);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn end(&mut self, sink: &mut Sink<'_>) {
        self.0.end(sink);
    }
}

impl Transcript {
    fn calls(&mut self, entry: &Payload, line: u64, sink: &mut Sink<'_>) -> Result<(), Skipped> {
        let Some(dialect) = hook::named("claude-code") else { return Ok(()) };
        let mut result = Ok(());
        for block in blocks(entry, "tool_use") {
            let call = Call {
                id: text(block, "id").unwrap_or_default(),
                tool: text(block, "name").unwrap_or_default(),
                input: block.get("input").cloned().unwrap_or_default(),
                directory: text(entry, "cwd"),
                time: time(entry),
                line,
            };
            result = result.and(self.0.add(dialect, &call, sink));
        }
        result
    }

    fn results(&mut self, entry: &Payload, sink: &mut Sink<'_>) {
        for block in blocks(entry, "tool_result") {
            let Some(id) = text(block, "tool_use_id") else { continue };
            let failed = block.get("is_error").and_then(Value::as_bool) == Some(true);
            let said = || beginning(block.get("content").unwrap_or(&Value::Null));
            let said = || {
                let said = said();
                WITHHELD.iter().any(|words| said.starts_with(words))
            };
            let ran = entry.get("toolDenialAfterRun").and_then(Value::as_bool) == Some(true);
            let withheld = failed && !ran && (text(entry, "toolDenialKind").is_some() || said());
            self.0.result(id, withheld, sink);
        }
    }
}

/// The parts of a message that are of a type.
fn blocks<'a>(entry: &'a Payload, kind: &'static str) -> impl Iterator<Item = &'a Payload> {
    let content = entry.get("message").and_then(|message| message.get("content"));
    let blocks = content.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
    blocks.filter(move |block| text(block, "type") == Some(kind))
}
