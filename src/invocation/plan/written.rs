//! Blocks that are known only when the plan is applied, and whether the configuration writes
//! them: its JSON leaves out `dynamic` blocks, and blocks that are written as attributes.

use std::collections::BTreeSet;

use hcl_edit::structure::{BlockLabel, Body};

use super::Change;
use super::configured::{Configured, bare};
use super::policy::place;
use super::source::{Modules, Source};

/// The blocks and lists of which rules speak by what is in them.
pub(super) const BLOCKS: [&str; 14] = [
    "allow",
    "config",
    "ingress",
    "lifecycle_rule",
    "manifest",
    "role_ref",
    "rule",
    "scaling_config",
    "security_rule",
    "set",
    "settings",
    "spec",
    "template",
    "versioning_configuration",
];

/// How a character begins that is written by its number.
const NUMBERED: &str = "\\u";

/// The blocks of `change` that are not known, and for which the JSON has nothing.
fn open<'c>(change: &'c Change, configured: &'c Configured<'_>) -> impl Iterator<Item = &'c str> {
    let names = change.pending.iter().map(|one| one.name.as_str()).filter(|name| BLOCKS.contains(name));
    names.filter(|name| configured.leaves_unset(&change.address, name))
}

/// Whether only the configuration's own text tells whether somebody wrote a block of `change`.
pub(super) fn is_open(change: &Change, configured: &Configured<'_>) -> bool {
    open(change, configured).next().is_some()
}

/// What of `changes` is written in `sources` although the JSON has nothing of it: addresses with names.
/// Where they cannot be read, all of it may be.
pub(super) fn written(
    changes: &[Change],
    configured: &Configured<'_>,
    sources: Result<&[Source], &str>,
) -> BTreeSet<(String, String)> {
    let open: Vec<(&Change, &str)> =
        changes.iter().flat_map(|change| open(change, configured).map(move |name| (change, name))).collect();
    let wanted: BTreeSet<String> = open.iter().map(|(change, _)| bare(place(change).0)).collect();
    let modules = sources.map(|sources| (Modules::of(sources, &wanted), sources));
    let is_written = |change: &Change, name: &str| {
        let Ok((modules, sources)) = &modules else { return true };
        let (prefix, own) = place(change);
        let (module, own) = (bare(prefix), bare(own));
        let labels = own.split_once('.').map(|(kind, name)| [kind, name]);
        match labels.and_then(|labels| modules.block(&module, "resource", &labels)) {
            Some(block) => has(&block.body, name),
            // What cannot be taken apart has it wherever it may stand.
            None => sources.iter().any(|source| {
                source.module == module && (source.text.contains(name) || source.text.contains(NUMBERED))
            }),
        }
    };
    let found = open.into_iter().filter(|(change, name)| is_written(change, name));
    found.map(|(change, name)| (change.address.clone(), name.to_owned())).collect()
}

/// Whether a block, an attribute or a `dynamic` block in `body` is called so.
fn has(body: &Body, name: &str) -> bool {
    let is_called = |label: &BlockLabel| label.as_str() == name;
    body.get_attribute(name).is_some()
        || body.get_blocks(name).next().is_some()
        || body.get_blocks("dynamic").any(|block| block.labels.iter().any(is_called))
}
