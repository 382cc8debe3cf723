//! Devin's CLI and its local agent: like Claude Code, with a shell tool `exec`.

use super::{Call, Dialect, Payload, Unread, claude_code, is};

/// Devin.
#[derive(Debug)]
pub(super) struct Devin;

impl Dialect for Devin {
    fn name(&self) -> &'static str {
        "devin"
    }

    fn is_spoken_in(&self, payload: &Payload) -> bool {
        is(payload, "hook_event_name", "PreToolUse") && is(payload, "tool_name", "exec")
    }

    fn call(&self, payload: &Payload) -> Result<Call, Unread> {
        // Whether it puts a question to anybody is not documented.
        Ok(Call { may_ask: false, ..claude_code::of_tool(payload, |tool| tool == "exec")? })
    }
}
