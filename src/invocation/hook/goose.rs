//! goose: the events of its plugins.

use super::{Call, Dialect, Payload, Unread, directory, is_before_tool, text, tools};

/// goose.
#[derive(Debug)]
pub(super) struct Goose;

impl Dialect for Goose {
    fn name(&self) -> &'static str {
        "goose"
    }

    fn is_spoken_in(&self, payload: &Payload) -> bool {
        let has = |name: &str| payload.contains_key(name);
        has("event") && !has("hook_event_name") && (has("working_dir") || has("matcher_context"))
    }

    fn call(&self, payload: &Payload) -> Result<Call, Unread> {
        if !is_before_tool(payload, "event")? {
            return Ok(Call::default());
        }
        let tool = text(payload, "tool_name")?
            .or(text(payload, "matcher_context")?)
            .ok_or(Unread::Field("tool_name"))?;
        let input = payload.get("tool_input");
        let asked = match tool {
            "developer__shell" | "shell" => tools::line(input, "command")?,
            _ => tools::asked(tool, input)?,
        };
        Ok(Call { asked, directory: directory(payload, "working_dir")?, may_ask: false, ..Call::default() })
    }
}
