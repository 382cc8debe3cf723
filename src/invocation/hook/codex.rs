//! Codex: like Claude Code, but it can only deny. An answer with anything else in
//! it is a failed hook, and what was asked about runs.

use super::{Answer, Call, Dialect, Payload, Reply, Unread, claude_code};

/// Codex.
#[derive(Debug)]
pub(super) struct Codex;

impl Dialect for Codex {
    fn name(&self) -> &'static str {
        "codex"
    }

    fn is_spoken_in(&self, payload: &Payload) -> bool {
        payload.contains_key("hook_event_name") && payload.contains_key("turn_id")
    }

    fn call(&self, payload: &Payload) -> Result<Call, Unread> {
        let is_shell = |tool: &str| matches!(tool, "Bash" | "shell" | "exec_command" | "unified_exec");
        Ok(Call { may_ask: false, ..claude_code::of_tool(payload, is_shell)? })
    }

    fn reply(&self, _: &Payload, answer: &Answer) -> Reply {
        claude_code::decision(&match answer {
            Answer::Ask(reason) => Answer::Deny(reason.clone()),
            answer => answer.clone(),
        })
    }
}
