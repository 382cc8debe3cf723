//! Cursor: `beforeShellExecution`, `beforeMCPExecution` and `preToolUse`.
//!
//! It wants an object from a hook that is set to fail closed, also where there is
//! nothing to say; in `preToolUse` it takes a question and does not put it.
//!
//! <https://cursor.com/docs/agent/hooks>

use serde_json::{Value, json};

use super::{Answer, Asked, Call, Dialect, Payload, Reply, Unread, below, directory, text, tools};

/// Cursor.
#[derive(Debug)]
pub(super) struct Cursor;

impl Dialect for Cursor {
    fn name(&self) -> &'static str {
        "cursor"
    }

    fn is_spoken_in(&self, payload: &Payload) -> bool {
        let has = |name: &str| payload.contains_key(name);
        has("cursor_version") || (has("conversation_id") && has("generation_id"))
    }

    fn call(&self, payload: &Payload) -> Result<Call, Unread> {
        let input = payload.get("tool_input");
        let mut within = directory(payload, "cwd")?;
        let (asked, may_ask) = match event(payload) {
            "beforeShellExecution" => {
                let line = text(payload, "command")?.ok_or(Unread::Field("command"))?;
                (vec![Asked::Line(line.to_owned())], true)
            }
            // Its own `command` is what starts the server.
            "beforeMCPExecution" => {
                let tool = text(payload, "tool_name")?.ok_or(Unread::Field("tool_name"))?;
                (tools::asked(tool, tools::unfolded(input, "tool_input")?.as_ref())?, true)
            }
            "preToolUse" => {
                let tool = text(payload, "tool_name")?.ok_or(Unread::Field("tool_name"))?;
                if let Some(Value::Object(input)) = input {
                    within = below(within, directory(input, "working_directory")?);
                }
                let asked =
                    if tool == "Shell" { tools::line(input, "command")? } else { tools::asked(tool, input)? };
                (asked, false)
            }
            // One that comes before anything else that runs is not known.
            event => {
                let runs = payload.contains_key("command") || payload.contains_key("tool_name");
                let is_before = event.starts_with("before") || event.starts_with("pre");
                if runs && (is_before || event.is_empty()) {
                    return Err(Unread::Field("hook_event_name"));
                }
                (Vec::new(), false)
            }
        };
        Ok(Call { asked, directory: within, may_ask, ..Call::default() })
    }

    fn reply(&self, payload: &Payload, answer: &Answer) -> Reply {
        let says = |permission: &str, reason: &str| json!({ "permission": permission, "user_message": reason, "agent_message": reason });
        Reply::object(&match answer {
            Answer::NoOpinion => match event(payload) {
                "beforeSubmitPrompt" => json!({ "continue": true }),
                event if event.starts_with("before") || event == "preToolUse" => {
                    json!({ "permission": "allow" })
                }
                _ => json!({}),
            },
            Answer::Ask(reason) => says("ask", reason),
            Answer::Deny(reason) => says("deny", reason),
        })
    }
}

fn event(payload: &Payload) -> &str {
    payload.get("hook_event_name").and_then(Value::as_str).unwrap_or_default()
}
