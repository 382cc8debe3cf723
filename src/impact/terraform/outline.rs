//! What else has to be known of a plan to apply it, beside what it changes.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::IgnoredAny;

/// The part of `show -json` that says how a plan is applied.
#[derive(Debug)]
pub(super) struct Outline {
    /// Whether there is anything to apply: the tool asks about that alone.
    pub(super) is_applyable: bool,
    /// The configuration's variables whose value the plan does not hold.
    ephemeral: BTreeSet<String>,
}

#[expect(clippy::zero_sized_map_values, reason = "what the values are is not read")]
#[derive(Deserialize)]
struct Shown {
    /// Told since 1.8.
    applyable: Option<bool>,
    #[serde(default)]
    variables: BTreeMap<String, IgnoredAny>,
    #[serde(default)]
    configuration: Configuration,
}

#[derive(Default, Deserialize)]
struct Configuration {
    #[serde(default)]
    root_module: RootModule,
}

#[expect(clippy::zero_sized_map_values, reason = "what the values are is not read")]
#[derive(Default, Deserialize)]
struct RootModule {
    #[serde(default)]
    variables: BTreeMap<String, IgnoredAny>,
}

impl Outline {
    /// Reads what `show -json` printed.
    ///
    /// # Errors
    /// Where it has another form.
    pub(super) fn read(text: &[u8]) -> Result<Self, serde_json::Error> {
        let Shown { applyable, variables, configuration } = serde_json::from_slice(text)?;
        let declared = configuration.root_module.variables.into_keys();
        Ok(Self {
            // A question too many harms nobody.
            is_applyable: applyable.unwrap_or(true),
            ephemeral: declared.filter(|name| !variables.contains_key(name)).collect(),
        })
    }

    /// Whether `apply` has to be given the values that `plan` was given: what is ephemeral is not
    /// kept in a plan. Where nothing is, older versions refuse the values of what they keep.
    pub(super) fn wants_values_again(&self) -> bool {
        !self.ephemeral.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_a_plan_does_not_hold_are_wanted_again() {
        for (text, applyable, again) in [
            (r#"{"applyable":true}"#, true, false),
            (r#"{"applyable":false,"variables":{"a":{"value":1}}}"#, false, false),
            (r#"{"variables":{"a":{}},"configuration":{"root_module":{"variables":{"a":{}}}}}"#, true, false),
            (
                r#"{"variables":{"a":{}},"configuration":{"root_module":{"variables":{"a":{},"b":{}}}}}"#,
                true,
                true,
            ),
        ] {
            let outline = Outline::read(text.as_bytes()).unwrap();
            assert_eq!((outline.is_applyable, outline.wants_values_again()), (applyable, again), "{text}");
        }
        assert!(Outline::read(b"[]").is_err());
    }
}
