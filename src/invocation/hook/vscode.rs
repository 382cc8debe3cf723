//! The agent of VS Code, which also runs what stands in Claude Code's and
//! Copilot's configuration, for every tool whatever the matcher says.
//!
//! <https://code.visualstudio.com/docs/copilot/customization/hooks>

use super::{
    Answer, Call, Dialect, Payload, Reply, Unread, claude_code, directory, is_before_tool, text, tools,
};

/// VS Code.
#[derive(Debug)]
pub(super) struct VsCode;

impl Dialect for VsCode {
    fn name(&self) -> &'static str {
        "vscode"
    }

    fn is_spoken_in(&self, payload: &Payload) -> bool {
        payload.contains_key("hookEventName")
    }

    fn call(&self, payload: &Payload) -> Result<Call, Unread> {
        if !is_before_tool(payload, "hookEventName")? {
            return Ok(Call::default());
        }
        let tool = text(payload, "tool_name")?.ok_or(Unread::Field("tool_name"))?;
        let input = payload.get("tool_input");
        let asked = match tool {
            "run_in_terminal" | "runTerminalCommand" | "runInTerminal" => tools::line(input, "command")?,
            _ => tools::asked(tool, input)?,
        };
        Ok(Call { asked, directory: directory(payload, "cwd")?, may_ask: true, ..Call::default() })
    }

    fn reply(&self, _: &Payload, answer: &Answer) -> Reply {
        claude_code::decision(answer)
    }
}
