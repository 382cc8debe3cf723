//! Cline, in VS Code and on the command line. A denial cancels the whole run; an
//! exit code says nothing, so that even a failure has to be an object.
//!
//! <https://docs.cline.bot/features/hooks>

use serde_json::{Value, json};

use super::{Answer, Asked, Call, Dialect, Payload, Reply, Unread, strict, text, tools};

/// Cline.
#[derive(Debug)]
pub(super) struct Cline;

impl Dialect for Cline {
    fn name(&self) -> &'static str {
        "cline"
    }

    fn is_spoken_in(&self, payload: &Payload) -> bool {
        let has = |name: &str| payload.contains_key(name);
        has("hookName") && (has("taskId") || has("clineVersion") || has("tool_call") || has("preToolUse"))
    }

    fn call(&self, payload: &Payload) -> Result<Call, Unread> {
        let mut asked = Vec::new();
        for (call, name, input) in [("preToolUse", "toolName", "parameters"), ("tool_call", "name", "input")]
        {
            match payload.get(call) {
                None | Some(Value::Null) => {}
                Some(Value::Object(call)) => {
                    let tool = text(call, name)?.or(text(call, "tool")?).ok_or(Unread::Field(name))?;
                    asked.extend(of_tool(tool, call.get(input))?);
                }
                Some(_) => return Err(Unread::Field(call)),
            }
        }
        let told = |name: &str| payload.get(name).is_some_and(Value::is_object);
        let event = text(payload, "hookName")?.ok_or(Unread::Field("hookName"))?;
        if matches!(event, "PreToolUse" | "tool_call") && !told("preToolUse") && !told("tool_call") {
            return Err(Unread::Field("preToolUse"));
        }
        asked.dedup();
        let roots = payload.get("workspaceRoots").and_then(Value::as_array);
        let root = roots.and_then(|roots| roots.first()).and_then(Value::as_str);
        Ok(Call { asked, directory: root.map(Into::into), may_ask: false, ..Call::default() })
    }

    fn reply(&self, _: &Payload, answer: &Answer) -> Reply {
        match answer {
            Answer::NoOpinion => Reply::object(&json!({})),
            Answer::Ask(reason) | Answer::Deny(reason) => self.failure(reason),
        }
    }

    fn failure(&self, reason: &str) -> Reply {
        Reply::object(&json!({ "cancel": true, "errorMessage": reason }))
    }
}

/// A tool's input: an object, or for commands anything that holds them.
fn of_tool(tool: &str, input: Option<&Value>) -> Result<Vec<Asked>, Unread> {
    // The tool of another server is named among the parameters.
    if let ("use_mcp_tool", Some(Value::Object(parameters))) = (tool, input) {
        let server = text(parameters, "server_name")?.unwrap_or_default();
        let tool = text(parameters, "tool_name")?.ok_or(Unread::Field("tool_name"))?;
        let arguments = tools::unfolded(parameters.get("arguments"), "arguments")?;
        return tools::asked(&format!("{server}__{tool}"), arguments.as_ref());
    }
    if !matches!(tool, "execute_command" | "run_commands" | "run_command" | "bash") {
        return tools::asked(tool, input);
    }
    let input = input.ok_or(Unread::Field("command"))?;
    // Values are written as text, also where they are lists.
    let read = |value: &Value| match value {
        Value::String(text) if text.trim_start().starts_with(['[', '{']) => {
            let is_json = |start: &&str| text.trim_start().starts_with(*start);
            match strict::value(text.as_bytes()) {
                Err(_) if ["[\"", "{\""].iter().any(is_json) => Err(Unread::Field("command")),
                read => Ok(read.unwrap_or_else(|_| value.clone())),
            }
        }
        value => Ok(value.clone()),
    };
    let input = match read(input)? {
        Value::Object(object) => {
            let fields = object.into_iter().map(|(name, value)| Ok((name, read(&value)?)));
            Value::Object(fields.collect::<Result<_, Unread>>()?)
        }
        value => json!({ "commands": value }),
    };
    let asked = tools::asked(tool, Some(&input))?;
    if asked.is_empty() {
        return Err(Unread::Field("command"));
    }
    // It is the agent's own shell that runs them.
    let own = |asked| if let Asked::Elsewhere(line) = asked { Asked::Line(line) } else { asked };
    Ok(asked.into_iter().map(own).collect())
}
