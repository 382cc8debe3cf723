//! GitHub Copilot's CLI and cloud agent, in both forms of their payload.
//!
//! <https://docs.github.com/en/copilot/reference/hooks-configuration>

use serde_json::{Value, json};

use super::{Answer, Call, Dialect, Payload, Reply, Unread, claude_code, directory, strict, text, tools};

/// The form of an event named `preToolUse`.
#[derive(Debug)]
pub(super) struct Camel;

impl Dialect for Camel {
    fn name(&self) -> &'static str {
        "copilot"
    }

    fn is_spoken_in(&self, payload: &Payload) -> bool {
        payload.contains_key("toolName") && payload.contains_key("toolArgs")
    }

    fn call(&self, payload: &Payload) -> Result<Call, Unread> {
        // An event after the fact tells what came of it.
        if payload.contains_key("toolResult") {
            return Ok(Call::default());
        }
        let tool = text(payload, "toolName")?.ok_or(Unread::Field("toolName"))?;
        let mut arguments = arguments(payload.get("toolArgs"))?;
        if let Some(Value::String(input)) = arguments.get_mut("input").filter(|_| tool.starts_with("write_"))
        {
            *input = typed(input);
        }
        let asked = match tool {
            "bash" | "powershell" | "shell" => tools::line(Some(&arguments), "command")?,
            _ => tools::asked(tool, Some(&arguments))?,
        };
        Ok(Call { asked, directory: directory(payload, "cwd")?, may_ask: true, ..Call::default() })
    }

    fn reply(&self, _: &Payload, answer: &Answer) -> Reply {
        match answer {
            Answer::NoOpinion => Reply::silent(),
            Answer::Ask(reason) => Reply::object(&decision("ask", reason)),
            Answer::Deny(reason) => Reply::object(&decision("deny", reason)),
        }
    }
}

/// The form of an event named `PreToolUse`, with Claude Code's names. Which of the
/// two forms of an answer it reads is not documented: it gets both.
#[derive(Debug)]
pub(super) struct Pascal;

impl Dialect for Pascal {
    fn name(&self) -> &'static str {
        "copilot"
    }

    fn is_spoken_in(&self, payload: &Payload) -> bool {
        let has = |name: &str| payload.contains_key(name);
        has("hook_event_name")
            && payload.get("timestamp").is_some_and(Value::is_string)
            && !has("permission_mode")
            && !has("tool_use_id")
    }

    fn call(&self, payload: &Payload) -> Result<Call, Unread> {
        claude_code::of_tool(payload, |tool| matches!(tool, "Bash" | "PowerShell" | "bash" | "powershell"))
    }

    fn reply(&self, _: &Payload, answer: &Answer) -> Reply {
        let both = |name: &str, reason: &str| {
            let mut object = decision(name, reason);
            if let Some(object) = object.as_object_mut() {
                object.insert("hookSpecificOutput".to_owned(), claude_code::specific(name, reason));
            }
            Reply::object(&object)
        };
        match answer {
            Answer::NoOpinion => Reply::silent(),
            Answer::Ask(reason) => both("ask", reason),
            Answer::Deny(reason) => both("deny", reason),
        }
    }
}

/// What is typed, where keys stand by name: `{enter}` ends a line, others write nothing.
fn typed(input: &str) -> String {
    const KEYS: [&str; 7] = ["{backspace}", "{ctrl+c}", "{ctrl+d}", "{ctrl+u}", "{down}", "{tab}", "{up}"];
    let text = input.replace("{enter}", "\n");
    KEYS.iter().fold(text, |text, key| text.replace(key, ""))
}

fn decision(decision: &str, reason: &str) -> Value {
    json!({ "permissionDecision": decision, "permissionDecisionReason": reason })
}

/// The arguments: an object, text that holds one, or text of another form, as a
/// patch is; a shell's `command` then is missing.
fn arguments(value: Option<&Value>) -> Result<Value, Unread> {
    match value {
        Some(Value::String(text)) if text.trim_start().starts_with('{') => {
            strict::value(text.as_bytes()).map_err(|_| Unread::Field("toolArgs"))
        }
        Some(Value::Bool(_) | Value::Number(_)) => Err(Unread::Field("toolArgs")),
        value => Ok(value.cloned().unwrap_or_default()),
    }
}
