//! A declared syntax: flags that cannot be meant, and rules that name them otherwise.

use super::Place;
use crate::command::declared::syntax::Syntax;
use crate::command::grammar;
use crate::rules::book::Rulebook;
use crate::rules::carried::is_pseudo;
use crate::rules::load::Diagnostic;
use crate::rules::schema::{Match, Rule, RuleFile};

/// Checks the syntax of a file, where it has one.
pub(super) fn check(place: &Place<'_>, file: &RuleFile, findings: &mut Vec<Diagnostic>) {
    let Some(syntax) = &file.syntax else { return };
    let mut report = |needles: &[&str], message: String| {
        let mut all = vec!["syntax:"];
        all.extend(needles);
        findings.push(Diagnostic::at(place.path, place.text, &all, message));
    };
    for tool in file.tools.iter() {
        if grammar(tool).is_some() {
            report(&[], format!("{tool} has a grammar of its own, so its syntax cannot be declared"));
        } else if is_pseudo(tool) {
            report(&[], format!("`{tool}` has no command line, so no syntax"));
        }
    }
    for (key, name) in flags(syntax) {
        if let Some(fault) = name_fault(syntax, key, name) {
            report(&[key, name], fault);
        }
    }
    let aliases = syntax.command_aliases.values().chain([&syntax.aliases]);
    for (alias, name) in aliases.flatten() {
        if syntax.aliases.contains_key(name) {
            report(&["aliases:", alias], format!("`{name}` is an alias itself: name what it stands for"));
        }
    }
    for name in syntax.switches.iter().filter(|name| syntax.values.contains(name)) {
        report(&["switches:", name], format!("`{name}` is listed among `values` too"));
    }
    for (key, commands) in [
        ("command_values:", syntax.command_values.keys().collect::<Vec<_>>()),
        ("command_aliases:", syntax.command_aliases.keys().collect()),
    ] {
        for command in commands.into_iter().filter(|command| !is_command(command)) {
            report(&[key, command], format!("`{command}` is no command: words with one space between them"));
        }
    }
}

fn is_command(command: &str) -> bool {
    !command.is_empty() && command.split(' ').all(|word| !word.is_empty() && !word.starts_with('-'))
}

/// Every flag that the syntax names, with the key that it stands under.
fn flags(syntax: &Syntax) -> Vec<(&'static str, &str)> {
    fn under<'a>(
        key: &'static str,
        names: impl IntoIterator<Item = &'a String>,
    ) -> impl Iterator<Item = (&'static str, &'a str)> {
        names.into_iter().map(move |name| (key, name.as_str()))
    }
    let aliases = syntax.aliases.iter().flat_map(|(alias, name)| [alias, name]);
    let own_aliases = syntax.command_aliases.values().flatten().flat_map(|(alias, name)| [alias, name]);
    under("values:", &syntax.values)
        .chain(under("switches:", &syntax.switches))
        .chain(under("command_values:", syntax.command_values.values().flatten()))
        .chain(under("aliases:", aliases))
        .chain(under("command_aliases:", own_aliases))
        .chain(under("path_flags:", &syntax.path_flags))
        .chain(under("sql:", syntax.sql.iter().flat_map(|sql| &sql.flags)))
        .chain(under("target:", syntax.target.values().flatten()))
        .collect()
}

/// Why `name` cannot be a flag of this syntax.
fn name_fault(syntax: &Syntax, key: &str, name: &str) -> Option<String> {
    if key == "target:" && name.starts_with('$') {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let variable = name.get(1..).filter(|rest| !rest.is_empty() && rest.chars().all(is_name));
        return variable.is_none().then(|| format!("`{name}` is no variable"));
    }
    if key == "path_flags:" && !name.starts_with('-') && name.len() > 1 && name.ends_with('=') {
        return None;
    }
    let flag = name.len() > 1 && name != "--" && name.starts_with('-');
    if !flag || name.contains(|c: char| c == '=' || c.is_whitespace()) {
        return Some(format!("`{name}` is no flag: they begin with a dash and stand without a value"));
    }
    let letters = !name.starts_with("--") && name.chars().count() > 2;
    (letters && !syntax.single_dash)
        .then(|| format!("`{name}` is read as letters that run together, unless `single_dash` is set"))
}

/// Checks that a rule names flags as the syntax of its tools does.
pub(super) fn names(
    place: &Place<'_>,
    book: &Rulebook,
    file: &RuleFile,
    rule: &Rule,
    findings: &mut Vec<Diagnostic>,
) {
    let Some(syntax) = file.tools.iter().find_map(|tool| book.syntax(tool)) else { return };
    let outer = rule.commands();
    let all = rule.matches.0.iter().chain(rule.unless.iter().flat_map(|unless| &unless.0));
    for one in all.flat_map(|one| std::iter::successors(Some(one), |one| one.not.as_deref())) {
        for name in one.flags.keys().map(String::as_str).chain(one.only_flags.iter()) {
            if let Some(right) = alias(syntax, one, &outer, name) {
                let message = format!("`{name}` is an alias in the syntax: no command has it by this name");
                let finding = place.rule(rule, &["match:", name], message);
                findings.push(finding.with_help(Some(format!("use `{right}`"))));
            } else if let Some(fault) = name_fault(syntax, "flags:", name) {
                findings.push(place.rule(rule, &["match:", name], fault));
            }
        }
    }
}

/// What `name` is an alias of with every command that `one` speaks of.
fn alias<'a>(syntax: &'a Syntax, one: &Match, outer: &[&str], name: &str) -> Option<&'a str> {
    let listed: Vec<&str> = one.command.iter().collect();
    let commands = if listed.is_empty() { outer } else { listed.as_slice() };
    let own = |command: &&str| {
        let begins = |with: &str| {
            command.strip_prefix(with).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        };
        let mut aliases = syntax.command_aliases.iter().filter(|(with, _)| begins(with));
        aliases.find_map(|(_, aliases)| aliases.get(name)).or_else(|| syntax.aliases.get(name))
    };
    let mut meant = commands.iter().map(own);
    match meant.next() {
        None => syntax.aliases.get(name),
        Some(first) => first.filter(|_| meant.all(|one| one.is_some())),
    }
    .map(String::as_str)
}
