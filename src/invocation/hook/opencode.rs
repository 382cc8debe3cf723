//! `OpenCode`, which has no hooks but plugins: ours hands over what it is told, and
//! blocks on any exit code but 0.

use serde_json::Value;

use super::{Call, Dialect, Payload, Unread, below, directory, is, text, tools};

/// `OpenCode`.
#[derive(Debug)]
pub(super) struct OpenCode;

impl Dialect for OpenCode {
    fn name(&self) -> &'static str {
        "opencode"
    }

    fn is_spoken_in(&self, payload: &Payload) -> bool {
        is(payload, "tollgate", "opencode")
    }

    fn call(&self, payload: &Payload) -> Result<Call, Unread> {
        let tool = text(payload, "tool")?.ok_or(Unread::Field("tool"))?;
        let input = payload.get("args");
        let mut within = directory(payload, "directory")?;
        let asked = if tool == "bash" {
            if let Some(Value::Object(input)) = input {
                let own = directory(input, "workdir")?;
                within = below(within, own);
            }
            tools::line(input, "command")?
        } else {
            tools::asked(tool, input)?
        };
        Ok(Call { asked, directory: within, may_ask: false, ..Call::default() })
    }
}
