//! Gemini CLI: `BeforeTool`, answered by a decision at the top.
//!
//! Where standard output is empty it reads standard error, and takes an object
//! there for the answer whatever the exit code is. It can be told to ask, but then it
//! asks instead of obeying a policy of its user's that denies, and without a terminal
//! it waits for ever: so what would be asked is denied.

use serde_json::{Value, json};

use super::{Answer, Call, Dialect, Payload, Reply, Unread, below, directory, is, text, tools};

/// Gemini CLI.
#[derive(Debug)]
pub(super) struct Gemini;

impl Dialect for Gemini {
    fn name(&self) -> &'static str {
        "gemini"
    }

    fn is_spoken_in(&self, payload: &Payload) -> bool {
        is(payload, "hook_event_name", "BeforeTool")
    }

    fn call(&self, payload: &Payload) -> Result<Call, Unread> {
        let tool = text(payload, "tool_name")?.ok_or(Unread::Field("tool_name"))?;
        let input = payload.get("tool_input");
        let mut within = directory(payload, "cwd")?;
        let asked = if tool == "run_shell_command" {
            if let Some(Value::Object(input)) = input {
                within = below(within, directory(input, "dir_path")?);
            }
            tools::line(input, "command")?
        } else {
            tools::asked(tool, input)?
        };
        Ok(Call { asked, directory: within, may_ask: false, ..Call::default() })
    }

    fn reply(&self, _: &Payload, answer: &Answer) -> Reply {
        match answer {
            Answer::NoOpinion => Reply::silent(),
            Answer::Ask(reason) | Answer::Deny(reason) => {
                Reply::object(&json!({ "decision": "deny", "reason": reason }))
            }
        }
    }
}
