//! A plan as `terraform show -json` tells it: what it changes, as commands that the
//! rulebook speaks of.

use serde::Deserialize;

use crate::command::Command;
use crate::command::declared::{self, PLAN};

/// A plan.
#[derive(Debug, Default)]
pub struct Plan {
    /// Its changes, in its order; what stays as it is is left out.
    pub changes: Vec<Change>,
}

/// What happens to one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What: `create`, `update`, `replace`, `delete`, `forget`.
    pub action: &'static str,
    /// The type of the resource: `aws_db_instance`.
    pub kind: String,
    /// Where the resource stands in its configuration.
    pub address: String,
    /// What it sets, as `PATH=VALUE`.
    pub fields: Vec<String>,
}

/// Why a text is no plan that can be judged.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// Not the JSON of a plan.
    #[error("it is not what `show -json` prints of a plan")]
    Form(#[from] serde_json::Error),
    /// A plan that says something of which nobody knows what it does.
    #[error("{0}")]
    Odd(String),
}

#[derive(Deserialize)]
struct Shown {
    format_version: String,
    #[serde(default)]
    resource_changes: Vec<ShownChange>,
}

#[derive(Deserialize)]
struct ShownChange {
    address: String,
    #[serde(rename = "type")]
    kind: String,
    change: ShownActions,
}

#[derive(Deserialize)]
struct ShownActions {
    actions: Vec<String>,
}

impl Plan {
    /// Reads what `show -json` printed.
    ///
    /// # Errors
    /// Where it is no plan, or one of a kind that nobody knows.
    pub fn read(text: &[u8]) -> Result<Self, PlanError> {
        let shown: Shown = serde_json::from_slice(text)?;
        if !shown.format_version.starts_with("1.") {
            return Err(PlanError::Odd(format!("its format is {}", shown.format_version)));
        }
        let mut plan = Self::default();
        for ShownChange { address, kind, change } in shown.resource_changes {
            let actions: Vec<&str> = change.actions.iter().map(String::as_str).collect();
            let action = match actions.as_slice() {
                ["no-op" | "read"] => continue,
                ["create"] => "create",
                ["update"] => "update",
                ["delete"] => "delete",
                ["delete", "create"] | ["create", "delete"] => "replace",
                ["forget"] | ["create", "forget"] => "forget",
                _ => return Err(PlanError::Odd(format!("nobody knows what {actions:?} does to {address}"))),
            };
            plan.changes.push(Change { action, kind, address, fields: Vec::new() });
        }
        Ok(plan)
    }

    /// Its changes as commands.
    pub fn commands(&self) -> Vec<Command> {
        let command = |change: &Change| {
            let words = [change.action, &change.kind, &change.address].map(str::to_owned);
            declared::change(PLAN, words.into_iter().chain(change.fields.iter().cloned()))
        };
        self.changes.iter().map(command).collect()
    }

    /// What it does, for people: counts first, then what is lost, one line each.
    pub fn lines(&self) -> Vec<String> {
        let lost = self.changes.iter().filter(|change| !matches!(change.action, "create" | "update"));
        lost.map(|change| format!("{} {}", change.action, change.address)).collect()
    }
}
