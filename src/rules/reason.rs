//! Why a rule speaks of a command or says nothing of it, in words.
//!
//! For `check --explain` and for cases that fail. The matcher and the judge
//! decide; nothing is found out here.

use super::judge::rehearses;
use super::matching::{Facts, Sense, Silence, conditions, silences, speaking, unless_silences};
use super::schema::Rule;
use crate::ui::sanitize;

/// How many alternatives of a rule are told.
const ALTERNATIVES: usize = 4;

/// Why `rule` says nothing of `facts`: a line for each alternative of its match
/// that is about the command. Empty where the rule speaks.
pub fn reasons(rule: &Rule, facts: &Facts<'_>) -> Vec<String> {
    let sense = Sense::Possibly;
    let silences = silences(&rule.matches, rule.unless.as_ref(), facts, sense);
    let about: Vec<&Silence<'_>> = silences.iter().filter(|one| !one.is_another_command()).collect();
    // Where none is about the command, what the first wanted is as good as any.
    let told = if about.is_empty() { silences.iter().take(1).collect() } else { about };
    let mut lines: Vec<String> = told.iter().map(|one| one.told(facts, sense)).collect();
    lines.dedup();
    let more = lines.len().saturating_sub(ALTERNATIVES);
    lines.truncate(ALTERNATIVES);
    if more > 0 {
        lines.push(format!("and {more} more"));
    }
    let whole = if facts.command.inert.is_some() {
        Some("the line only prints")
    } else if rehearses(rule, facts.command) {
        Some("a rehearsal: the tool only says what it would do")
    } else {
        None
    };
    if lines.is_empty() {
        lines.extend(whole.map(str::to_owned));
    }
    lines
}

/// Why `rule` speaks of `facts`: the conditions that hold, and what of its
/// `unless` does not. Empty where it says nothing.
pub fn holding(rule: &Rule, facts: &Facts<'_>) -> Vec<String> {
    let sense = Sense::Possibly;
    let Some(one) = speaking(&rule.matches, rule.unless.as_ref(), facts, sense) else { return Vec::new() };
    let mut lines = vec![format!("all of this holds: {}", sanitize::text(&conditions(one)))];
    let unless = rule.unless.iter().flat_map(|unless| unless_silences(one, unless, facts, sense));
    lines.extend(unless.map(|silence| format!("unless does not: {}", silence.told(facts, sense))));
    lines
}
