//! Names that the tools' grammars do not have: commands, flags, kinds.

use std::ffi::OsString;

use super::Place;
use crate::command::{self, Grammar, Outside};
use crate::process::Environment;
use crate::rules::load::{Diagnostic, nearest};
use crate::rules::schema::{Match, Rule, RuleFile};

/// Checks the names in `one`. `outer` are the commands that it speaks of where
/// it lists none itself: those around a `not` or `unless`.
pub(super) fn check(
    place: &Place<'_>,
    file: &RuleFile,
    rule: &Rule,
    one: &Match,
    outer: &[&str],
    findings: &mut Vec<Diagnostic>,
) {
    let Some(tool) = file.tools.iter().find_map(command::grammar) else { return };
    let listed: Vec<&str> = one.command.iter().collect();
    let commands = if listed.is_empty() { outer } else { listed.as_slice() };
    findings.extend(unknown_commands(place, rule, tool, &listed));
    findings.extend(unknown_flags(place, rule, (file, tool), commands, one));
    findings.extend(other_kinds(place, rule, tool, one));
    if let Some(not) = &one.not {
        check(place, file, rule, not, commands, findings);
    }
}

/// Whether a command is that of a plugin, of which nothing is known.
fn is_plugin(tool: &dyn Grammar, command: &str) -> bool {
    command.split(' ').next().is_some_and(|first| tool.may_be_plugin(first))
}

fn meant(finding: Diagnostic, near: Option<&str>) -> Diagnostic {
    finding.with_help(near.map(|near| format!("did you mean `{near}`?")))
}

fn unknown_commands(place: &Place<'_>, rule: &Rule, tool: &dyn Grammar, listed: &[&str]) -> Vec<Diagnostic> {
    let unknown = listed.iter().filter(|path| !tool.has_command(path) && !is_plugin(tool, path));
    let finding = |path: &&str| {
        let commands = tool.commands();
        let finding = place.rule(rule, &["command:", path], format!("the grammar has no command `{path}`"));
        meant(finding, nearest(path, commands.iter().map(AsRef::as_ref)))
    };
    unknown.map(finding).collect()
}

fn unknown_flags(
    place: &Place<'_>,
    rule: &Rule,
    (file, tool): (&RuleFile, &dyn Grammar),
    commands: &[&str],
    one: &Match,
) -> Vec<Diagnostic> {
    let own = commands.iter().filter(|command| !is_plugin(tool, command));
    let known: Vec<String> = own.flat_map(|command| tool.flag_names(command)).collect();
    let conditions = one.flags.keys().map(|name| ("flags:", name.as_str()));
    let named = conditions.chain(one.only_flags.iter().map(|name| ("only_flags:", name)));
    let unknown = named.filter(|(_, name)| !known.is_empty() && !known.iter().any(|flag| flag == name));
    let finding = |(key, name): (&str, &str)| {
        if let Some(long) = long_name(tool, file, commands, name).filter(|long| known.contains(long)) {
            let message = format!("`{name}` is short for `{long}`: rules name a flag by its long form");
            let finding = place.rule(rule, &[key, name], message);
            return finding.with_help(Some(format!("use `{long}`, which also stands for `{name}`")));
        }
        let finding = place.rule(rule, &[key, name], format!("none of these commands has a flag `{name}`"));
        meant(finding, nearest(name, known.iter().map(String::as_str)))
    };
    unknown.map(finding).collect()
}

/// What one of the commands reads a short flag as.
fn long_name(tool: &dyn Grammar, file: &RuleFile, commands: &[&str], name: &str) -> Option<String> {
    if name.starts_with("--") || name.chars().count() != 2 {
        return None;
    }
    let environment = Environment::default();
    let name_of_tool = file.tools.iter().find(|tool| command::grammar(tool).is_some())?;
    commands.iter().find_map(|command| {
        let words: Vec<OsString> = command.split(' ').chain([name, "x"]).map(OsString::from).collect();
        let read = tool.parse(name_of_tool, &words, &Outside::from(&environment)).ok()?;
        read.flags.iter().map(|flag| flag.name.clone()).find(|long| long.starts_with("--"))
    })
}

/// Kinds by a name that rules do not go by. One that the grammar does not know
/// may be a custom resource's.
fn other_kinds(place: &Place<'_>, rule: &Rule, tool: &dyn Grammar, one: &Match) -> Vec<Diagnostic> {
    let kinds = one.operands.iter().flat_map(|operands| operands.kind.iter());
    let finding = |kind: &str| {
        let right = tool.kind(kind).filter(|right| right != kind)?;
        let finding = place.rule(rule, &["kind:", kind], format!("no object has the kind `{kind}` here"));
        Some(finding.with_help(Some(format!("use `{right}`"))))
    };
    kinds.filter_map(finding).collect()
}
