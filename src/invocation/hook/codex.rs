//! Codex: like Claude Code, but it can only deny. An answer with anything else in
//! it is a failed hook, and what was asked about runs.

use super::{Answer, Asked, Call, Dialect, Payload, Reply, Unread, claude_code, files};
use crate::shell::walk::Typing;

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
        let mut call = claude_code::of_tool(payload, is_shell)?;
        // `apply_patch <<EOF` is no program: the agent itself does what it says.
        let patches = call.asked.iter().filter_map(|asked| match asked {
            Asked::Line(text) if text.contains("*** Begin Patch") => Some(files::patched(text)),
            _ => None,
        });
        let edits: Vec<Asked> = patches.flatten().collect();
        call.asked.extend(edits);
        // `write_stdin` is not told to hooks.
        Ok(Call { may_ask: false, typing: Typing::Unseen, ..call })
    }

    fn reply(&self, _: &Payload, answer: &Answer) -> Reply {
        claude_code::decision(&match answer {
            Answer::Ask(reason) => Answer::Deny(reason.clone()),
            answer => answer.clone(),
        })
    }
}
