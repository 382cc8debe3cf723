//! Conditions that hold for everything or for nothing.

use std::collections::BTreeMap;

use crate::rules::matching::compile;
use crate::rules::schema::{FlagMatch, Match, Matches, OperandMatch, RuleFile, ValueMatch};

/// Every regular expression of a file, also those under `not:`.
pub(super) fn patterns(file: &RuleFile) -> impl Iterator<Item = &str> {
    let environments = file.environments.iter().flat_map(|one| &one.matches).flat_map(BTreeMap::values);
    let matches = file.rules.iter().flat_map(|rule| rule.unless.iter().chain([&rule.matches]));
    let matches = matches.chain(file.exempt.iter().map(|exemption| &exemption.matches));
    let every = matches.flat_map(|matches| &matches.0).flat_map(|one| {
        std::iter::successors(Some(one), |one| one.not.as_deref()).flat_map(|one| {
            let any = one.operands.iter().flat_map(of_operands);
            let values = one.fields.values().chain(one.env.values()).chain(one.target.values()).chain(any);
            let flags = one.flags.values().filter_map(|flag| flag.regex.as_deref());
            flags.chain(values.filter_map(|value| value.regex.as_deref()))
        })
    });
    every.chain(environments.filter_map(|value| value.regex.as_deref()))
}

/// The conditions on operands that are conditions on a value.
fn of_operands(operands: &OperandMatch) -> impl Iterator<Item = &ValueMatch> {
    [&operands.any, &operands.all, &operands.last].into_iter().flatten()
}

/// Every condition of a match by its key, with a fault where it has one.
pub(super) fn conditions(one: &Match) -> impl Iterator<Item = (&'static str, Option<String>)> + Clone {
    let mut all: Vec<(&'static str, Option<String>)> = Vec::new();
    all.extend(one.flags.values().map(|condition| ("flags", flag_fault(condition))));
    all.extend(one.fields.values().map(|condition| ("fields", value_fault(condition))));
    all.extend(one.env.values().map(|condition| ("env", value_fault(condition))));
    all.extend(one.target.values().map(|condition| ("target", value_fault(condition))));
    let operands = one.operands.iter().flat_map(of_operands);
    all.extend(operands.map(|condition| ("operands", value_fault(condition))));
    if let Some(not) = &one.not {
        all.extend(conditions(not));
    }
    all.into_iter()
}

/// The conditions under `not:`.
pub(super) fn negated(matches: &Matches) -> impl Iterator<Item = (&'static str, Option<String>)> {
    matches.0.iter().filter_map(|one| one.not.as_deref()).flat_map(conditions)
}

pub(super) fn value_fault(condition: &ValueMatch) -> Option<String> {
    let unasked = ValueMatch { unless_after: condition.unless_after.clone(), ..ValueMatch::default() };
    if *condition == unasked {
        return Some(
            "a condition without equals, regex, tokens or a number holds for every value".to_owned(),
        );
    }
    condition.regex.as_deref().and_then(regex_fault)
}

fn flag_fault(condition: &FlagMatch) -> Option<String> {
    if *condition == FlagMatch::default() {
        return Some("a flag needs a condition: true, false, a value, or `{ present: true }`".to_owned());
    }
    condition.regex.as_deref().and_then(regex_fault)
}

fn regex_fault(pattern: &str) -> Option<String> {
    compile(pattern).err().map(|error| {
        let text = error.to_string();
        let last = text.lines().last().unwrap_or_default();
        format!("the regular expression `{pattern}` cannot be used: {}", last.trim_start_matches("error: "))
    })
}
