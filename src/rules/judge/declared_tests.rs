//! Tools whose syntax a rule file declares.

use std::ffi::OsString;
use std::path::Path;

use super::tests::{book, judged};
use super::*;
use crate::command::declared::{self, Surroundings};
use crate::context::target::Target;
use crate::rules::book::Origin;

const GIT: &str = "version: 1
tool: vcs
syntax:
  values: [-C]
  abbreviates: true
  command_aliases: { push: { -f: --force, -n: --dry-run } }
rules:
  - id: vcs/push-force
    summary: Overwrites a branch.
    effect: destroy
    reason: x
    match: { command: push, flags: { --force: true } }
    unless: { flags: { --dry-run: true } }
  - id: vcs/push-plus
    summary: Overwrites a branch.
    effect: destroy
    reason: x
    match: { command: push, operands: { any: { regex: '[+].*' } } }
  - id: vcs/drop
    summary: Drops every stash.
    effect: destroy
    reason: x
    match: [{ command: stash clear }, { command: stash drop, operands: { count: 0 } }]
  - id: vcs/rm-other
    summary: Removes what is not a log.
    effect: destroy
    reason: x
    match: { command: rm, not: { operands: { all: { regex: '.*[.]log' } } } }
";

fn parse(book: &Rulebook, line: &str) -> Command {
    let words: Vec<OsString> = shell_words::split(line).unwrap().into_iter().map(Into::into).collect();
    let (tool, arguments) = words.split_first().unwrap();
    let tool = tool.to_str().unwrap();
    let environment = Environment::default();
    let surroundings = Surroundings {
        directory: Some(Path::new("/home/dev/project")),
        base: None,
        home: Some(Path::new("/home/dev")),
        environment: &environment,
        input: None,
    };
    declared::parse(book.syntax(tool).unwrap(), tool, arguments, &surroundings)
}

#[test]
fn rules_are_few_and_sure() {
    let book = book(&[(Origin::User, GIT)]);
    for (line, rules) in [
        ("vcs status", vec![]),
        ("vcs frobnicate --force", vec![]),
        ("vcs push", vec![]),
        ("vcs push -f", vec!["vcs/push-force"]),
        ("vcs push -uf origin", vec!["vcs/push-force"]),
        ("vcs -C push pull --force", vec![]),
        ("vcs push --forc", vec!["vcs/push-force"]),
        ("vcs push -f --dry-run", vec![]),
        // It may be another flag that the beginning stands for.
        ("vcs push -f --dry", vec!["vcs/push-force"]),
        ("vcs push -fn", vec![]),
        ("vcs push origin +main", vec!["vcs/push-plus"]),
        ("vcs push -- +main", vec!["vcs/push-plus"]),
        ("vcs +push push", vec![]),
        ("vcs --odd push +main", vec!["vcs/push-plus"]),
        ("vcs --odd x push +main", vec!["vcs/push-plus"]),
        ("vcs commit -m push +main", vec![]),
        ("vcs stash clear", vec!["vcs/drop"]),
        ("vcs stash drop", vec!["vcs/drop"]),
        ("vcs stash drop 1", vec![]),
        ("vcs stash", vec![]),
        ("vcs rm a.log", vec![]),
        ("vcs rm a.log b", vec!["vcs/rm-other"]),
        ("vcs --odd rm rm a.log", vec!["vcs/rm-other"]),
    ] {
        let command = parse(&book, line);
        let judgement = judged(&book, &command, &Target::default(), PrincipalKind::Agent);
        let mut given: Vec<&str> = judgement.contributions.iter().map(|one| one.rule.as_str()).collect();
        given.sort_unstable();
        assert_eq!(given, rules, "{line}");
        assert_eq!(judgement.decision == Decision::Allow, rules.is_empty(), "{line}");
        let always = always_allowed(&book, &command, &Environment::default()).is_some();
        assert_eq!(always, rules.is_empty(), "{line}");
    }
}

#[test]
fn a_weaker_layer_declares_no_syntax_for_what_a_stronger_one_names() {
    let bare = "version: 1\ntool: acmectl\nrules:\n  - id: acmectl/get\n    summary: X.\n    effect: read\n    match: { command: get }\n";
    let syntax = "version: 1\ntool: acmectl\nsyntax: {}\nrules: []\n";
    let other = "version: 1\ntool: acmectl\nsyntax: { stops: true }\nrules: []\n";
    for (layers, expected) in [
        (vec![(Origin::User, bare), (Origin::Project, syntax)], None),
        (vec![(Origin::User, bare), (Origin::User, other)], Some(true)),
        (vec![(Origin::Project, syntax)], Some(false)),
        (vec![(Origin::Project, syntax), (Origin::User, other)], Some(true)),
        (vec![(Origin::User, other), (Origin::User, syntax)], Some(true)),
    ] {
        let book = book(&layers);
        assert_eq!(book.syntax("acmectl").map(|syntax| syntax.stops), expected);
    }
    let kubectl = "version: 1\ntool: kubectl\nsyntax: {}\nrules: []\n";
    assert!(book(&[(Origin::User, kubectl)]).syntax("kubectl").is_none(), "it has a grammar of its own");
}

#[test]
fn only_what_has_a_grammar_or_rules_of_ones_own_is_linked_unasked() {
    let redirect = "version: 1\ntools: [redirect, script, acmectl]\nrules: []\n";
    let mut all = book(&[(Origin::User, redirect)]);
    assert!(all.guarded_tools().contains(&"acmectl".to_owned()));
    assert!(!all.tools().iter().any(|tool| ["remote", "redirect", "script"].contains(&tool.as_str())));
    all.layers.get_mut(1).unwrap().origin = Origin::BuiltIn;
    assert!(!all.guarded_tools().contains(&"acmectl".to_owned()));
    assert!(all.tools().contains(&"acmectl".to_owned()));
    assert!(all.guarded_tools().contains(&"kubectl".to_owned()));
}

#[test]
fn a_project_on_the_line_is_a_target() {
    let text = "version: 1\ntool: acloud\nsyntax: { values: [--project], target: { project: [--project, $ACLOUD] } }\nrules: []\n";
    let book = book(&[(Origin::User, text)]);
    let target = |line: &str| target_of(&parse(&book, line), &Environment::default(), None);
    let command = target("acloud delete x --project acme-prod");
    assert_eq!(command.proven(crate::verdict::Fact::Project).collect::<Vec<_>>(), ["acme-prod"]);
    let place = classify(&book, &command, PrincipalKind::Agent);
    assert_eq!(place.name(), "prod");
    assert!(target("acloud delete x").first(crate::verdict::Fact::Project).is_none());
    assert!(!target("acloud delete x --project 'a$'").unreadable().is_empty());
}
