//! The command that terraform finds, and which commands there are.

use std::ffi::OsString;
use std::path::Path;

use tollgate::command::{Command, Inert, parse};
use tollgate::context::target::Target;
use tollgate::process::Environment;
use tollgate::rules::book::Rulebook;
use tollgate::rules::builtin;
use tollgate::rules::environment::Place;
use tollgate::rules::judge::{UNKNOWN_COMMAND, judge};
use tollgate::rules::matching::Situation;
use tollgate::verdict::PrincipalKind;

use super::real::{Outcome, os, run, shown, surroundings};
use crate::support::random::{Random, for_each_case};
use crate::support::tools;

const CASES: u64 = 180;

const WORDS: &[&str] = &[
    "state",
    "state",
    "rm",
    "list",
    "mv",
    "env",
    "workspace",
    "delete",
    "select",
    "new",
    "providers",
    "lock",
    "mirror",
    "schema",
    "metadata",
    "functions",
    "apply",
    "destroy",
    "plan",
    "init",
    "login",
    "push",
    "force-unlock",
    "show",
    "import",
    "frob",
    "Destroy",
    "dest",
    "state rm",
    "",
    "-no-color",
    "-auto-approve",
    "-chdir=.",
    "--chdir=.",
    "-chdir",
    "--",
    "-",
    "-x",
    "x.y",
    "'",
    "rpcapi",
    "stacks",
    "-install-autocomplete=x",
    "applyx",
    "applyx",
    "rmx",
    "deletex",
    "statex",
];

#[test]
fn the_command_is_the_one_whose_help_terraform_prints() {
    let Some(terraform) = tools::terraform() else { return };
    for_each_case(CASES, |case| {
        let mut random = Random::new(1_000_000 + case);
        let words: Vec<&str> = (0..random.below(5)).map(|_| random.pick(WORDS)).collect();
        let dashes = words.iter().position(|word| *word == "--").unwrap_or(words.len());
        let mut asking = words.clone();
        asking.insert(random.below(dashes + 1), "-help");
        compare_help(terraform, &os(&asking))?;
        compare_usage(terraform, &os(&words))
    });
}

fn real(terraform: &Path, arguments: &[OsString]) -> Outcome {
    let home = tempfile::tempdir().unwrap();
    run(terraform, home.path(), arguments, &surroundings(home.path()), b"")
}

fn ours(arguments: &[OsString]) -> Command {
    parse("terraform", arguments, &Environment::default()).unwrap()
}

/// With a help flag terraform tells which command it has found.
fn compare_help(terraform: &Path, arguments: &[OsString]) -> Result<(), String> {
    let outcome = real(terraform, arguments);
    let command = ours(arguments);
    let mismatch =
        || Err(format!("{}\n  {command:?}\n  {outcome:?}", shown(arguments, &Environment::default())));
    match (command.inert, usage(&outcome)) {
        (Some(Inert::Usage), None) => fails_usefully(&outcome).then_some(()).map_or_else(mismatch, Ok),
        (Some(Inert::Help), None) if outcome.text().contains("no command named") && !command.known => Ok(()),
        (Some(Inert::Help | Inert::Usage), Some(path)) => {
            let group = command.path.first().map(|group| vec![group.clone()]).unwrap_or_default();
            // Where the subcommand is unknown, terraform shows its group's help.
            let expected = if command.known { command.path.clone() } else { group };
            if path == expected { Ok(()) } else { mismatch() }
        }
        _ => mismatch(),
    }
}

/// What we say is no command, or an unknown one, is none for terraform either.
fn compare_usage(terraform: &Path, arguments: &[OsString]) -> Result<(), String> {
    let command = ours(arguments);
    if command.inert != Some(Inert::Usage) && (command.known || command.inert.is_some()) {
        return Ok(());
    }
    let outcome = real(terraform, arguments);
    if fails_usefully(&outcome) {
        return Ok(());
    }
    Err(format!("{}\n  {command:?}\n  {outcome:?}", shown(arguments, &Environment::default())))
}

/// Terraform printed its usage, or that there is no such command, and failed.
fn fails_usefully(outcome: &Outcome) -> bool {
    let text = outcome.text();
    let said = ["Usage: terraform", "no command named", "-chdir"].iter().any(|said| text.contains(said));
    said && matches!(outcome.code, Some(1 | 127))
}

/// The command path in a help text: empty for that of terraform itself.
fn usage(outcome: &Outcome) -> Option<Vec<String>> {
    let text = &outcome.stdout;
    let (_, line) = text.split_once("Usage: terraform [global options]")?;
    let is_word =
        |word: &&str| word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-');
    Some(line.lines().next()?.split_whitespace().take_while(is_word).map(str::to_owned).collect())
}

#[test]
fn every_command_of_terraform_is_known_and_has_a_rule() {
    let Some(terraform) = tools::terraform() else { return };
    let book = Rulebook { layers: vec![builtin::layer(&[]).unwrap()] };
    let mut commands: Vec<String> =
        ["push", "env list", "env new", "env select", "env delete"].into_iter().map(str::to_owned).collect();
    enumerate(terraform, &[], &mut commands);
    for expected in
        ["apply", "state replace-provider", "metadata functions", "providers lock", "force-unlock"]
    {
        assert!(commands.iter().any(|command| command == expected), "the help is read: {expected}");
    }
    for name in &commands {
        let arguments = os(&name.split(' ').collect::<Vec<_>>());
        let command = ours(&arguments);
        assert!(command.known, "{name} is not known to the grammar");
        let path = name.replace("env ", "workspace ");
        assert_eq!(command.name(), path);
        let is_group =
            commands.iter().any(|other| other.starts_with(&format!("{path} "))) && path != "providers";
        if is_group {
            assert_eq!(command.inert, Some(Inert::Usage), "{name}");
            continue;
        }
        assert_eq!(command.inert, None, "{name}");
        let (target, place) = (Target::default(), Place::default());
        for principal in [PrincipalKind::Human, PrincipalKind::Agent] {
            let situation = Situation { principal, target: &target, place: &place };
            let judgement = judge(&book, &command, &Environment::default(), situation, "1970-01-01");
            assert!(!judgement.contributions.is_empty(), "{name} has no rule");
            let unknown = judgement.contributions.iter().find(|one| one.rule.ends_with(UNKNOWN_COMMAND));
            assert_eq!(unknown, None, "{name}");
        }
    }
}

/// Adds every command below `group` that terraform's help tells of.
fn enumerate(terraform: &Path, group: &[&str], commands: &mut Vec<String>) {
    let mut arguments = os(group);
    arguments.push("-help".into());
    let text = real(terraform, &arguments).stdout;
    let mut listing = false;
    for line in text.lines() {
        if !line.starts_with(' ') && !line.is_empty() {
            listing = line.ends_with("ommands:");
            continue;
        }
        let Some(name) = line.split_whitespace().next().filter(|_| listing && line.starts_with("  ")) else {
            continue;
        };
        let path: Vec<&str> = group.iter().copied().chain([name]).collect();
        commands.push(path.join(" "));
        if path.len() < 3 {
            enumerate(terraform, &path, commands);
        }
    }
}
