//! Whether a rulebook is sound: every fault a reader could make, with its line.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use super::book::{Layer, Origin, Rulebook};
use super::builtin::Scope;
use super::cases;
use super::load::{Diagnostic, nearest};
use super::matching::compile;
use super::schema::{FlagMatch, Match, Matches, Rule, RuleFile, Strings, ValueMatch};
use crate::command;
use crate::verdict::{Effect, Fact};

/// How many regular expressions a project file may have. Each may take
/// milliseconds to compile, on every call.
const PROJECT_PATTERNS: usize = 64;

/// Checks the layer that was added last against itself and those before it;
/// `texts` are its files' texts, in order. With a scope, rules of other tools
/// are checked for their form only, not judged.
pub fn newest_layer(book: &Rulebook, texts: &[String], scope: Scope<'_>) -> Vec<Diagnostic> {
    let Some((layer, before)) = book.layers.split_last() else { return Vec::new() };
    let mut findings = Vec::new();
    let mut earlier = Earlier::default();
    for (_, file) in before.iter().flat_map(|layer| &layer.files) {
        for rule in &file.rules {
            earlier.add(file, rule);
        }
    }
    for (at, (path, file)) in layer.files.iter().enumerate() {
        let text = texts.get(at).map_or("", String::as_str);
        let place = Place { path, text };
        if layer.origin == Origin::Project && patterns(file).count() > PROJECT_PATTERNS {
            let message = format!("a project file may have {PROJECT_PATTERNS} regular expressions, not more");
            findings.push(Diagnostic::at(path, text, &["regex:"], message));
            continue;
        }
        environments(&place, layer.origin, file, &mut findings);
        exemptions(&place, layer, book, file, &mut findings);
        for rule in &file.rules {
            one_rule(&place, file, rule, &earlier, &mut findings);
            earlier.add(file, rule);
            let wanted = scope.is_empty() || scope.iter().any(|wanted| file.tools.has(wanted.tool));
            if wanted && findings.is_empty() {
                rule_cases(&place, book, file, rule, &mut findings);
            }
        }
        if file.rules.is_empty() != file.tools.is_empty() {
            let message =
                if file.rules.is_empty() { "a tool is named, but no rule" } else { "the file names no tool" };
            let help = "rules need `tool:` or `tools:`, a file of policy and environments has neither";
            findings.push(Diagnostic::whole_file(path, message).with_help(Some(help.to_owned())));
        }
    }
    findings
}

/// A rule, and the tools that its file speaks of.
type OfTools<'a> = (&'a Strings, &'a Rule);

/// The rules that stand before one, by the commands that they speak of: in a
/// long file each is compared only with those that share one.
#[derive(Default)]
struct Earlier<'a> {
    ids: HashSet<&'a str>,
    of_command: HashMap<&'a str, Vec<OfTools<'a>>>,
    of_any: Vec<OfTools<'a>>,
}

impl<'a> Earlier<'a> {
    fn add(&mut self, file: &'a RuleFile, rule: &'a Rule) {
        self.ids.insert(&rule.id);
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

/// Every regular expression of a file, also those under `not:`.
fn patterns(file: &RuleFile) -> impl Iterator<Item = &str> {
    let environments = file.environments.iter().flat_map(|one| &one.matches).flat_map(BTreeMap::values);
    let matches = file.rules.iter().flat_map(|rule| rule.unless.iter().chain([&rule.matches]));
    let matches = matches.chain(file.exempt.iter().map(|exemption| &exemption.matches));
    let every = matches.flat_map(|matches| &matches.0).flat_map(|one| {
        std::iter::successors(Some(one), |one| one.not.as_deref()).flat_map(|one| {
            let any = one.operands.iter().filter_map(|operands| operands.any.as_ref());
            let values = one.fields.values().chain(one.env.values()).chain(one.target.values()).chain(any);
            let flags = one.flags.values().filter_map(|flag| flag.regex.as_deref());
            flags.chain(values.filter_map(|value| value.regex.as_deref()))
        })
    });
    every.chain(environments.filter_map(|value| value.regex.as_deref()))
}

/// A file that findings point into.
struct Place<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Place<'_> {
    fn rule(&self, rule: &Rule, then: &[&str], message: impl Into<String>) -> Diagnostic {
        let id = format!("id: {}", rule.id);
        let mut needles = vec![id.as_str()];
        needles.extend(then);
        Diagnostic::at(self.path, self.text, &needles, message)
    }
}

fn environments(place: &Place<'_>, origin: Origin, file: &RuleFile, findings: &mut Vec<Diagnostic>) {
    for environment in &file.environments {
        let name = format!("name: {}", environment.name);
        let mut report = |message: String| {
            findings.push(Diagnostic::at(place.path, place.text, &["environments:", &name], message));
        };
        if environment.matches.is_empty()
            || environment.matches.iter().any(std::collections::BTreeMap::is_empty)
        {
            report(format!(
                "environment `{}` has an empty match, which no target can meet",
                environment.name
            ));
        }
        if environment.sandbox && environment.guarded {
            report(format!("environment `{}` cannot be both sandbox and guarded", environment.name));
        }
        let only_identity =
            environment.matches.iter().all(|entry| entry.keys().all(|fact| fact.is_identity()));
        if environment.sandbox && !only_identity {
            let identities: Vec<&str> =
                [Fact::Account, Fact::Endpoint, Fact::Server].map(Fact::name).to_vec();
            report(format!(
                "a sandbox is known by {} only, never by a name that anybody can give",
                identities.join(", ")
            ));
        }
        if environment.sandbox && origin == Origin::Project {
            report(
                "a project cannot declare a sandbox; the user's or the administrator's layer can".to_owned(),
            );
        }
        for condition in environment.matches.iter().flat_map(std::collections::BTreeMap::values) {
            if let Some(message) = value_fault(condition) {
                report(message);
            }
        }
    }
}

fn exemptions(
    place: &Place<'_>,
    layer: &Layer,
    book: &Rulebook,
    file: &RuleFile,
    findings: &mut Vec<Diagnostic>,
) {
    for exemption in &file.exempt {
        let id = format!("rule: {}", exemption.rule);
        let mut report = |message: String, help: Option<String>| {
            let finding = Diagnostic::at(place.path, place.text, &["exempt:", &id], message);
            findings.push(finding.with_help(help));
        };
        if layer.origin == Origin::Project {
            report("a project cannot exempt; the user's or the administrator's layer can".to_owned(), None);
        }
        let all_rules =
            || book.layers.iter().flat_map(|layer| layer.files.iter().flat_map(|(_, file)| &file.rules));
        let shipped = || {
            super::builtin::SHIPPED
                .iter()
                .flat_map(|shipped| shipped.text.lines())
                .filter_map(|line| line.trim().strip_prefix("- id: "))
        };
        if !all_rules().any(|rule| rule.id == exemption.rule) && !shipped().any(|id| id == exemption.rule) {
            let near = nearest(&exemption.rule, all_rules().map(|rule| rule.id.as_str()).chain(shipped()));
            report(
                format!("there is no rule `{}`", exemption.rule),
                near.map(|near| format!("did you mean `{near}`?")),
            );
        }
        for (kind, one) in exemption.matches.0.iter().flat_map(conditions) {
            if kind == "env" {
                report(
                    "an exemption cannot rest on an environment variable, which the caller sets".to_owned(),
                    None,
                );
            }
            if let Some(message) = one {
                report(message, None);
            }
        }
        if exemption.expires.parse::<jiff::civil::Date>().is_err() || exemption.expires.len() != 10 {
            let message = format!("`{}` is not a day", exemption.expires);
            let needles = ["exempt:", &id, "expires:", &exemption.expires];
            let finding = Diagnostic::at(place.path, place.text, &needles, message);
            findings.push(finding.with_help(Some("write it as 2027-01-31".to_owned())));
        }
    }
}

fn one_rule(
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
    if earlier.ids.contains(rule.id.as_str()) {
        let message = format!("the id `{}` is taken: another rule has it, and ids are never reused", rule.id);
        findings.push(Diagnostic::at_last(place.path, place.text, &format!("id: {}", rule.id), message));
    }
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
        grammar(place, file, rule, one, findings);
    }
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

fn is_kebab(name: &str) -> bool {
    !name.is_empty()
        && name.split('-').all(|part| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

/// Commands and flags that the tools' grammars do not have.
fn grammar(place: &Place<'_>, file: &RuleFile, rule: &Rule, one: &Match, findings: &mut Vec<Diagnostic>) {
    let Some(tool) = file.tools.iter().find_map(command::grammar) else { return };
    let commands = tool.commands();
    for path in one.command.iter() {
        let plugin = path.split(' ').next().is_some_and(|first| tool.may_be_plugin(first));
        if !commands.contains(&path) && !plugin {
            let near = nearest(path, commands.iter().copied());
            let finding =
                place.rule(rule, &["command:", path], format!("the grammar has no command `{path}`"));
            findings.push(finding.with_help(near.map(|near| format!("did you mean `{near}`?"))));
        }
    }
    for name in one.flags.keys() {
        let known: Vec<String> = one.command.iter().flat_map(|path| tool.flag_names(path)).collect();
        if !known.is_empty() && !known.contains(name) {
            let near = nearest(name, known.iter().map(String::as_str));
            let finding =
                place.rule(rule, &["flags:", name], format!("none of these commands has a flag `{name}`"));
            findings.push(finding.with_help(near.map(|near| format!("did you mean `{near}`?"))));
        }
    }
    if let Some(not) = &one.not {
        grammar(place, file, rule, not, findings);
    }
}

/// Every condition of a match by its key, with a fault where it has one.
fn conditions(one: &Match) -> impl Iterator<Item = (&'static str, Option<String>)> + Clone {
    let mut all: Vec<(&'static str, Option<String>)> = Vec::new();
    all.extend(one.flags.values().map(|condition| ("flags", flag_fault(condition))));
    all.extend(one.fields.values().map(|condition| ("fields", value_fault(condition))));
    all.extend(one.env.values().map(|condition| ("env", value_fault(condition))));
    all.extend(one.target.values().map(|condition| ("target", value_fault(condition))));
    let operand = one.operands.as_ref().and_then(|operands| operands.any.as_ref());
    all.extend(operand.map(|condition| ("operands", value_fault(condition))));
    if let Some(not) = &one.not {
        all.extend(conditions(not));
    }
    all.into_iter()
}

/// The conditions under `not:`.
fn negated(matches: &Matches) -> impl Iterator<Item = (&'static str, Option<String>)> {
    matches.0.iter().filter_map(|one| one.not.as_deref()).flat_map(conditions)
}

fn value_fault(condition: &ValueMatch) -> Option<String> {
    if condition.equals.is_empty() && condition.tokens.is_empty() && condition.regex.is_none() {
        return Some("a condition without equals, regex or tokens holds for every value".to_owned());
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
fn rule_cases(
    place: &Place<'_>,
    book: &Rulebook,
    file: &RuleFile,
    rule: &Rule,
    findings: &mut Vec<Diagnostic>,
) {
    let expected = rule.cases.matches.iter().map(|line| (line, true));
    for (line, wanted) in expected.chain(rule.cases.no_match.iter().map(|line| (line, false))) {
        let heading = if wanted { "match:" } else { "no_match:" };
        let mut report =
            |message: String| findings.push(place.rule(rule, &["cases:", heading, line], message));
        match cases::read(line, &file.tools) {
            Err(reason) => report(format!("this case cannot be read: {reason}")),
            Ok(case) if case.matches(book, rule) != wanted => {
                let verb = if wanted { "does not match" } else { "matches" };
                report(format!("the rule {verb} this case"));
            }
            Ok(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
