//! The JSON of a plan, as far as it is looked at. What may be long is left as text until it
//! is known to count.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;

/// A plan.
#[derive(Deserialize)]
pub(super) struct Shown<'a> {
    pub(super) format_version: String,
    #[serde(borrow, default)]
    pub(super) resource_changes: Vec<&'a RawValue>,
    /// What was found to be another one, or gone, while the plan was made.
    #[serde(borrow, default)]
    pub(super) resource_drift: Vec<&'a RawValue>,
    #[serde(default)]
    pub(super) output_changes: BTreeMap<String, ShownOutput>,
    #[serde(default)]
    pub(super) deferred_changes: Vec<IgnoredAny>,
    /// What terraform 1.14 and later call actions: done by a provider, and not to a resource.
    #[serde(default)]
    pub(super) action_invocations: Vec<ShownInvocation>,
    #[serde(borrow, default)]
    pub(super) prior_state: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) configuration: Option<&'a RawValue>,
    #[serde(default)]
    pub(super) errored: bool,
    #[serde(default)]
    pub(super) complete: Option<bool>,
}

/// An element of `resource_changes`.
#[derive(Deserialize)]
pub(super) struct ShownChange<'a> {
    pub(super) address: String,
    #[serde(default)]
    pub(super) previous_address: Option<String>,
    #[serde(default)]
    pub(super) mode: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) deposed: Option<String>,
    #[serde(borrow)]
    pub(super) change: ShownActions<'a>,
    #[serde(default)]
    pub(super) action_reason: Option<String>,
}

/// What is done, and the values around it.
#[derive(Deserialize)]
pub(super) struct ShownActions<'a> {
    actions: OneOrMany,
    #[serde(borrow, default)]
    pub(super) before: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) after: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) after_unknown: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) before_sensitive: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) after_sensitive: Option<&'a RawValue>,
    #[serde(default)]
    pub(super) replace_paths: Option<Value>,
    #[serde(default)]
    pub(super) importing: Option<IgnoredAny>,
}

impl ShownActions<'_> {
    pub(super) fn actions(&self) -> Vec<&str> {
        self.actions.list()
    }
}

/// What becomes of an output.
#[derive(Deserialize)]
pub(super) struct ShownOutput {
    actions: OneOrMany,
}

impl ShownOutput {
    pub(super) fn stays(&self) -> bool {
        self.actions.list() == ["no-op"]
    }
}

/// An action of a provider.
#[derive(Deserialize)]
pub(super) struct ShownInvocation {
    #[serde(default)]
    pub(super) address: String,
    #[serde(rename = "type", default)]
    pub(super) kind: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn list(&self) -> Vec<&str> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many.iter().map(String::as_str).collect(),
        }
    }
}
