//! Kiro's CLI and editor, and the Amazon Q Developer CLI that it came from: a
//! denial is exit code 2, and there are no questions.
//!
//! <https://kiro.dev/docs/cli/hooks>

use serde_json::Value;

use super::{Asked, Call, Dialect, Payload, Unread, below, directory, is, text, tools};

/// Kiro, and Amazon Q.
#[derive(Debug)]
pub(super) struct Kiro;

/// Names of the tool that runs a shell line.
const SHELLS: [&str; 5] = ["execute_bash", "execute_cmd", "executeBash", "execute_command", "shell"];

impl Dialect for Kiro {
    fn name(&self) -> &'static str {
        "kiro"
    }

    fn is_spoken_in(&self, payload: &Payload) -> bool {
        let tool = payload.get("tool_name").and_then(Value::as_str).unwrap_or_default();
        is(payload, "hook_event_name", "preToolUse")
            || (is(payload, "hook_event_name", "PreToolUse")
                && (SHELLS.contains(&tool) || tool == "use_aws" || tool.starts_with('@')))
    }

    fn call(&self, payload: &Payload) -> Result<Call, Unread> {
        let tool = text(payload, "tool_name")?.ok_or(Unread::Field("tool_name"))?;
        let input = payload.get("tool_input");
        let mut within = directory(payload, "cwd")?;
        let asked = if SHELLS.contains(&tool) {
            if let Some(Value::Object(input)) = input {
                let own = directory(input, "cwd")?;
                within = below(within, own);
            }
            tools::line(input, "command")?
        } else if matches!(tool, "use_aws" | "aws") {
            of_aws(input)?
        } else {
            tools::asked(tool, input)?
        };
        Ok(Call { asked, directory: within, may_ask: false, ..Call::default() })
    }
}

/// `use_aws`: a call of the aws command line, taken apart.
fn of_aws(input: Option<&Value>) -> Result<Vec<Asked>, Unread> {
    let input = input.and_then(Value::as_object).ok_or(Unread::Field("tool_input"))?;
    let required = |name: &'static str| text(input, name)?.ok_or(Unread::Field(name));
    let mut words = vec![
        "aws".to_owned(),
        required("service_name")?.to_owned(),
        required("operation_name")?.replace('_', "-"),
    ];
    for name in ["region", "profile_name"] {
        if let Some(value) = text(input, name)? {
            words.extend([format!("--{}", name.trim_end_matches("_name")), value.to_owned()]);
        }
    }
    match input.get("parameters") {
        None | Some(Value::Null) => {}
        Some(Value::Object(parameters)) => {
            for (name, value) in parameters {
                let name = name.trim_start_matches('-').replace('_', "-");
                words.push(format!("--{name}"));
                match value {
                    Value::String(text) if text.is_empty() => {}
                    Value::String(text) => words.push(text.clone()),
                    Value::Null | Value::Bool(true) => {}
                    value => words.push(value.to_string()),
                }
            }
        }
        Some(_) => return Err(Unread::Field("parameters")),
    }
    Ok(vec![Asked::Elsewhere(shell_words::join(words))])
}
