//! One rule: its name, whether anything is left for it to say, and its cases.

use std::collections::HashMap;
use std::path::Path;

use super::conditions::{conditions, negated};
use super::{Place, grammar, syntax};
use crate::rules::book::Rulebook;
use crate::rules::cases;
use crate::rules::load::Diagnostic;
use crate::rules::schema::{Match, Rule, RuleFile, Strings};
use crate::verdict::Effect;

/// A rule, and the tools that its file speaks of.
type OfTools<'a> = (&'a Strings, &'a Rule);

/// The rules that stand before one, by the commands that they speak of: in a
/// long file each is compared only with those that share one.
#[derive(Default)]
pub(super) struct Earlier<'a> {
    /// Each with the file that it stands in, `None` where it is built in.
    ids: HashMap<&'a str, Option<&'a Path>>,
    of_command: HashMap<&'a str, Vec<OfTools<'a>>>,
    of_any: Vec<OfTools<'a>>,
}

impl<'a> Earlier<'a> {
    /// Adds one of `file`, which stands at `path` unless it is built in.
    pub(super) fn add(&mut self, path: Option<&'a Path>, file: &'a RuleFile, rule: &'a Rule) {
        self.ids.entry(&rule.id).or_insert(path);
        if rule.matches.0.iter().any(|one| one.command.is_empty()) {
            self.of_any.push((&file.tools, rule));
        } else {
            for command in rule.commands() {
                self.of_command.entry(command).or_default().push((&file.tools, rule));
            }
        }
    }

    /// The rules for the tools of `file` that speak of the first command of
    /// `rule`: one that covers it speaks of every one.
    fn may_cover<'b>(&'b self, file: &'b RuleFile, rule: &'b Rule) -> impl Iterator<Item = &'b Rule> {
        let first = rule.matches.0.first().and_then(|one| one.command.iter().next());
        let sharing = first.and_then(|command| self.of_command.get(command));
        let candidates = self.of_any.iter().chain(sharing.into_iter().flatten());
        let of_its_tools = |(tools, _): &&OfTools<'_>| file.tools.iter().all(|tool| tools.has(tool));
        candidates.filter(of_its_tools).map(|(_, rule)| *rule)
    }
}

/// Checks one rule, all but its cases.
pub(super) fn one(
    place: &Place<'_>,
    book: &Rulebook,
    file: &RuleFile,
    rule: &Rule,
    earlier: &Earlier<'_>,
    findings: &mut Vec<Diagnostic>,
) {
    named(place, file, rule, earlier, findings);
    if rule.effect.0.is_empty() {
        findings.push(place.rule(rule, &["effect:"], "a rule needs an effect"));
    }
    let harmless = |effect: &Effect| matches!(effect, Effect::Read | Effect::Local);
    if rule.reason.is_none() && !rule.effect.0.iter().all(harmless) {
        let finding = place.rule(rule, &[], "a rule that may stop a command needs a `reason`: what is lost");
        findings.push(finding);
    }
    if let Some(other) = earlier.may_cover(file, rule).find(|other| covers(other, rule)) {
        let message = format!(
            "unreachable: `{}` matches all that this rule matches, and says at least as much",
            other.id
        );
        findings.push(place.rule(rule, &["match:"], message));
    }
    for one in &rule.matches.0 {
        grammar::check(place, file, rule, one, &[], findings);
    }
    for one in rule.unless.iter().flat_map(|unless| &unless.0) {
        grammar::check(place, file, rule, one, &rule.commands(), findings);
    }
    syntax::names(place, book, file, rule, findings);
    let lowering = rule.unless.iter().flat_map(|unless| &unless.0).flat_map(conditions);
    if lowering.clone().any(|(kind, _)| kind == "env")
        || negated(&rule.matches).any(|(kind, _)| kind == "env")
    {
        let message = "an environment variable is the caller's to set, so it cannot lower a verdict";
        findings.push(place.rule(rule, &["env:"], message));
    }
    for (_, fault) in rule.matches.0.iter().flat_map(conditions).chain(lowering) {
        if let Some(message) = fault {
            findings.push(place.rule(rule, &["match:"], message));
        }
    }
    if rule.cases.matches.is_empty() {
        findings.push(place.rule(rule, &[], "no case exercises this rule: add one under `cases: match:`"));
    }
}

/// Checks the rule's id.
fn named(
    place: &Place<'_>,
    file: &RuleFile,
    rule: &Rule,
    earlier: &Earlier<'_>,
    findings: &mut Vec<Diagnostic>,
) {
    if let Some((tool, name)) = rule.id.split_once('/').filter(|(_, name)| is_kebab(name)) {
        let listed = file.tools.iter().any(|candidate| candidate == tool);
        if !listed {
            findings.push(place.rule(
                rule,
                &[],
                format!("`{tool}` in the id of `{name}` is not a tool of this file"),
            ));
        }
    } else {
        findings.push(place.rule(
            rule,
            &[],
            format!("the id `{}` is not TOOL/verb-object in kebab case", rule.id),
        ));
    }
    if let Some(taken) = earlier.ids.get(rule.id.as_str()) {
        let whose = match taken {
            None => "a built-in rule".to_owned(),
            Some(path) if *path == place.path => "another rule of this file".to_owned(),
            Some(path) => format!("a rule of {}", path.display()),
        };
        let message = format!("the id `{}` is taken: {whose} has it, and ids are never reused", rule.id);
        findings.push(Diagnostic::at_last(place.path, place.text, &format!("id: {}", rule.id), message));
    }
}

fn is_kebab(name: &str) -> bool {
    !name.is_empty()
        && name.split('-').all(|part| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

/// Whether `other` matches whatever `rule` matches and asks for as much.
fn covers(other: &Rule, rule: &Rule) -> bool {
    let effects = rule.effect.0.iter().all(|effect| other.effect.0.contains(effect));
    let empty = Match::default();
    let same_but_for_the_command = |one: &Match, other: &Match| {
        let Match {
            command: _,
            flags,
            only_flags,
            operands,
            fields,
            planned,
            env,
            target,
            principal,
            environment,
            not,
        } = one;
        *flags == other.flags
            && *only_flags == other.only_flags
            && *operands == other.operands
            && *fields == other.fields
            && *planned == other.planned
            && *env == other.env
            && *target == other.target
            && *principal == other.principal
            && *environment == other.environment
            && *not == other.not
    };
    let wider = |other: &Match, narrow: &Match| {
        let commands = other.command.is_empty()
            || (!narrow.command.is_empty()
                && narrow.command.iter().all(|command| other.command.has(command)));
        commands && (same_but_for_the_command(other, &empty) || same_but_for_the_command(other, narrow))
    };
    let matches =
        rule.matches.0.iter().all(|narrow| other.matches.0.iter().any(|other| wider(other, narrow)));
    let speaks = other.unless.is_none() || other.unless == rule.unless;
    effects && matches && speaks && other.risk >= rule.risk && other.require >= rule.require
}

/// Judges the cases of one rule.
pub(super) fn cases(
    place: &Place<'_>,
    book: &Rulebook,
    file: &RuleFile,
    rule: &Rule,
    findings: &mut Vec<Diagnostic>,
) {
    findings.extend(cases::failing(place.path, place.text, book, file, rule).map(|case| case.finding));
}
