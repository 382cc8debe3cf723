//! What the JSON of a plan tells by itself of targets that the plan makes. A scan has no more than that, and
//! reads each change alone.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::configured::{Configured, held};
use super::shown::Shown;
use super::{Change, PlanError, made};

impl Change {
    /// Whether it acts on something beside it, that the plan may make as well: then [`targets_made`] may
    /// tell more of it.
    pub fn has_target(&self) -> bool {
        made::has_target(self)
    }

    /// Takes what [`targets_made`] told of it.
    pub fn take(&mut self, word: &str) {
        self.fields.push(word.to_owned());
    }
}

/// Of which of the changes in `text` it is certain that the plan makes their targets as well, by where they stand in its
/// list: the field that says so. Nothing where it cannot be read.
pub fn targets_made(text: &str) -> BTreeMap<usize, String> {
    read(text).unwrap_or_default()
}

fn read(text: &str) -> Result<BTreeMap<usize, String>, PlanError> {
    let shown: Shown<'_> = serde_json::from_str(text)?;
    let configured = Configured::read(shown.configuration.map(RawValue::get))?;
    let (standing, _) = held(shown.prior_state.map(RawValue::get))?;
    let (mut changes, mut places) = (Vec::new(), Vec::new());
    for (place, element) in shown.resource_changes.iter().enumerate() {
        let Some(change) = Change::read(element.get())? else { continue };
        // The values of a whole plan are too many to be held.
        let is_kept = change.has_target() || made::may_be_target(&change.kind);
        let of = || Change::of(change.action, &change.kind, &change.address);
        changes.push(if is_kept { change } else { of() });
        places.push(place);
    }
    let found = made::found(&changes, &standing, &configured, None);
    Ok(found.into_iter().filter_map(|(at, word)| Some((*places.get(at)?, word))).collect())
}
