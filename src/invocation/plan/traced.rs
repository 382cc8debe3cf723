//! Whether what an attribute refers to, through variables and outputs of modules, is one resource: then
//! that is made first.

use std::collections::BTreeSet;

use super::Change;
use super::configured::{Configured, bare};
use super::made::Target;
use super::policy::place;

/// How many expressions are followed for one value.
const MOST: usize = 64;

/// What makes several resources of one block.
const FOR_EACH: &str = "for_each";

/// The block of a resource.
const RESOURCE: &str = "resource";

/// An expression on the way.
struct Step {
    /// The module that it stands in, without indexes.
    module: String,
    block: &'static str,
    labels: Vec<String>,
    attribute: String,
}

/// Whether all that the target of `change` is made from comes from the resource at `other`, without indexes. What
/// is made of that is not told.
pub(super) fn refers_to(change: &Change, target: &Target, other: &str, configured: &Configured<'_>) -> bool {
    let (module, own) = place(change);
    let (module, own) = (bare(module), bare(own));
    let labels: Vec<String> = own.splitn(2, '.').map(str::to_owned).collect();
    let first = Step { module, block: RESOURCE, labels, attribute: target.attribute.to_owned() };
    let (mut waiting, mut left, mut found) = (vec![first], MOST, false);
    while let Some(step) = waiting.pop() {
        let Some(next) = step.next(target, other, configured).filter(|_| left > 0) else { return false };
        found |= next.is_empty();
        waiting.extend(next);
        left -= 1;
    }
    found
}

impl Step {
    fn new(module: String, block: &'static str, label: &str, attribute: &str) -> Self {
        Self { module, block, labels: vec![label.to_owned()], attribute: attribute.to_owned() }
    }

    fn for_each(&self) -> Self {
        let (module, labels) = (self.module.clone(), self.labels.clone());
        Self { module, block: RESOURCE, labels, attribute: FOR_EACH.to_owned() }
    }

    /// Where its references lead, none where that is the resource at `other`.
    fn next(&self, target: &Target, other: &str, configured: &Configured<'_>) -> Option<Vec<Self>> {
        let (references, mut next) = (self.references(configured), Vec::new());
        if references.is_empty() {
            return None;
        }
        // An index is no part of the value.
        let is_alone = references.iter().all(|one| one.starts_with("each."));
        for reference in &references {
            let words: Vec<&str> = reference.split('.').collect();
            let module = &self.module;
            match words.as_slice() {
                ["each", "key"] | ["count", "index"] => {}
                ["each", "value", ..] if !is_alone => {}
                ["each", "value", ..] if self.block == RESOURCE && self.attribute != FOR_EACH => {
                    next.push(self.for_each());
                }
                ["var", name, ..] => {
                    let (around, own) = module.strip_suffix('.')?.rsplit_once("module.")?;
                    next.push(Self::new(around.to_owned(), "module", own, name));
                }
                ["module", inner, name, ..] => {
                    next.push(Self::new(format!("{module}module.{inner}."), "output", name, "value"));
                }
                [kind, name, ..] if *kind == target.of && format!("{module}{kind}.{name}") == other => {}
                _ => return None,
            }
        }
        Some(next)
    }

    /// What its expression refers to, without indexes, and each as far as it goes.
    fn references(&self, configured: &Configured<'_>) -> Vec<String> {
        let label = self.labels.last().map(String::as_str).unwrap_or_default();
        let address = || format!("{}{}", self.module, self.labels.join("."));
        let all: BTreeSet<String> = match self.block {
            "output" => configured.output(&self.module, label),
            "module" => configured.argument(&format!("{}module.{label}.", self.module), &self.attribute),
            _ => configured.references(&address(), &self.attribute),
        };
        let goes_on = |one: &String| {
            all.range(format!("{one}.")..).next().is_some_and(|next| next.starts_with(&format!("{one}.")))
        };
        all.iter().filter(|one| !goes_on(one)).cloned().collect()
    }
}
