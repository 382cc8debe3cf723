//! Windsurf, now Devin Desktop: the hooks of its agent Cascade.
//!
//! <https://docs.windsurf.com/windsurf/cascade/hooks>

use serde_json::Value;

use super::{Asked, Call, Dialect, Payload, Unread, directory, text, tools};

/// Cascade.
#[derive(Debug)]
pub(super) struct Windsurf;

impl Dialect for Windsurf {
    fn name(&self) -> &'static str {
        "windsurf"
    }

    fn is_spoken_in(&self, payload: &Payload) -> bool {
        payload.contains_key("agent_action_name")
    }

    fn call(&self, payload: &Payload) -> Result<Call, Unread> {
        let action = text(payload, "agent_action_name")?.ok_or(Unread::Field("agent_action_name"))?;
        if !action.starts_with("pre_") {
            return Ok(Call::default());
        }
        let Some(Value::Object(details)) = payload.get("tool_info") else {
            return Err(Unread::Field("tool_info"));
        };
        let asked = match action {
            "pre_run_command" => {
                let line = text(details, "command_line")?.ok_or(Unread::Field("command_line"))?;
                vec![Asked::Line(line.to_owned())]
            }
            "pre_write_code" => {
                let file = text(details, "file_path")?.ok_or(Unread::Field("file_path"))?;
                vec![Asked::Edit(file.into())]
            }
            "pre_mcp_tool_use" => {
                let tool = text(details, "mcp_tool_name")?.unwrap_or_default();
                tools::asked(tool, details.get("mcp_tool_arguments"))?
            }
            // Its name tells whether it reads, as a tool's does.
            _ => tools::asked(action, payload.get("tool_info"))?,
        };
        Ok(Call { asked, directory: directory(details, "cwd")?, may_ask: false, ..Call::default() })
    }
}
