//! Claude Code: `PreToolUse`, answered by `hookSpecificOutput`.
//!
//! <https://code.claude.com/docs/en/hooks>

use serde_json::{Value, json};

use super::{Answer, Call, Dialect, Payload, Reply, Unread, directory, is_before_tool, text, tools};

/// Claude Code.
#[derive(Debug)]
pub(super) struct ClaudeCode;

impl Dialect for ClaudeCode {
    fn name(&self) -> &'static str {
        "claude-code"
    }

    fn is_spoken_in(&self, payload: &Payload) -> bool {
        payload.contains_key("hook_event_name")
    }

    fn call(&self, payload: &Payload) -> Result<Call, Unread> {
        let call = of_tool(payload, |tool| matches!(tool, "Bash" | "PowerShell" | "Monitor"))?;
        Ok(Call { may_ask: is_certain(payload), ..call })
    }

    fn reply(&self, payload: &Payload, answer: &Answer) -> Reply {
        // Kiro and Devin, of a tool that is not their own, write the same with less in
        // it, and heed exit codes alone, as Claude Code does too.
        match answer {
            Answer::Ask(reason) | Answer::Deny(reason) if !is_certain(payload) => Reply::universal(reason),
            answer => decision(answer),
        }
    }
}

/// Whether nobody else writes like this.
fn is_certain(payload: &Payload) -> bool {
    payload.contains_key("tool_use_id") || payload.contains_key("permission_mode")
}

/// What `PreToolUse` asks, in the form that others took over.
pub(super) fn of_tool(payload: &Payload, is_shell: fn(&str) -> bool) -> Result<Call, Unread> {
    if !is_before_tool(payload, "hook_event_name")? {
        return Ok(Call::default());
    }
    let tool = text(payload, "tool_name")?.ok_or(Unread::Field("tool_name"))?;
    let input = payload.get("tool_input");
    let asked = if is_shell(tool) { tools::line(input, "command")? } else { tools::asked(tool, input)? };
    let explanation = input.and_then(|input| Some(input.get("description")?.as_str()?.to_owned()));
    Ok(Call { asked, directory: directory(payload, "cwd")?, may_ask: true, explanation, ..Call::default() })
}

/// `hookSpecificOutput` with a decision.
pub(super) fn decision(answer: &Answer) -> Reply {
    let (decision, reason) = match answer {
        Answer::NoOpinion => return Reply::silent(),
        Answer::Ask(reason) => ("ask", reason),
        Answer::Deny(reason) => ("deny", reason),
    };
    Reply::object(&json!({ "hookSpecificOutput": specific(decision, reason) }))
}

pub(super) fn specific(decision: &str, reason: &str) -> Value {
    json!({
        "hookEventName": "PreToolUse",
        "permissionDecision": decision,
        "permissionDecisionReason": reason,
    })
}
