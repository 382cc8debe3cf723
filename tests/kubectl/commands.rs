//! Every command of the installed kubectl has a rule, and every flag of the
//! table the arity that kubectl gives it.
//!
//! Behind a flag stand two that do not exist. kubectl complains of the first,
//! or, where the flag has taken that one for its value, of the second; and so
//! no command ever gets to run.

use std::ffi::OsString;
use std::path::Path;

use tollgate::command::cobra::Arity;
use tollgate::command::kubectl::TABLE;
use tollgate::command::{Command, Inert};

use super::random::READ_OFF;
use super::real::run;
use crate::support::random::for_each_case;
use crate::support::ruled::{bare, without_rule};
use crate::support::tools;

fn words(line: &str) -> Vec<OsString> {
    line.split(' ').filter(|word| !word.is_empty()).map(OsString::from).collect()
}

/// Adds every command below `group` that kubectl's help tells of, with its
/// other names.
fn enumerate(kubectl: &Path, group: &str, commands: &mut Vec<(String, String)>) {
    let text = run(kubectl, &words(&format!("{group} --help"))).text;
    let mut section = "";
    for line in text.lines() {
        if section == "Aliases:" && !line.is_empty() {
            let parent = group.rsplit_once(' ').map_or("", |(parent, _)| parent);
            let names = line.split(", ").skip(1);
            commands
                .extend(names.map(|name| (format!("{parent} {name}").trim().to_owned(), group.to_owned())));
        }
        if !line.starts_with(char::is_whitespace) && !line.is_empty() {
            section = line;
            continue;
        }
        let listed = section.contains("Commands") && line.starts_with("  ");
        if let Some(name) = line.split_whitespace().next().filter(|_| listed) {
            let path = format!("{group} {name}").trim().to_owned();
            commands.push((path.clone(), path.clone()));
            enumerate(kubectl, &path, commands);
        }
    }
}

#[test]
fn every_command_of_kubectl_is_in_the_table() {
    let Some(kubectl) = tools::kubectl() else { return };
    let mut commands = Vec::new();
    enumerate(kubectl, "", &mut commands);
    for expected in ["delete", "rollout undo", "create secret tls", "top no", "config use", "create cm"] {
        assert!(commands.iter().any(|(name, _)| name == expected), "the help is read: {expected}");
    }
    let missing: Vec<_> =
        commands.iter().filter(|(name, path)| TABLE.parse(&words(name)).path.join(" ") != *path).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_command_of_the_table_has_a_rule() {
    let commands: Vec<Command> = TABLE.commands().map(|name| bare("kubectl", name)).collect();
    for (command, name) in commands.iter().zip(TABLE.commands()) {
        assert!(command.known, "{name}");
        if command.inert.is_some() {
            let only_prints = TABLE.is_group(&command.path) || matches!(name, "alpha" | "options");
            assert!(only_prints && matches!(command.inert, Some(Inert::Usage | Inert::Help)), "{name}");
        } else {
            assert_eq!(command.name(), name);
        }
    }
    assert_eq!(without_rule(&commands), [""; 0]);
}

/// Every flag of every command, and a sample of those that it lacks.
fn questions() -> Vec<(&'static str, String)> {
    let mut all: Vec<String> = READ_OFF.commands().flat_map(|command| READ_OFF.flag_names(command)).collect();
    all.sort_unstable();
    all.dedup();
    let every = |command: &'static str| all.iter().map(move |flag| (command, flag.clone()));
    READ_OFF
        .commands()
        .filter(|command| *command != "options")
        .flat_map(every)
        .enumerate()
        .filter(|(at, (command, flag))| {
            let own = arity(command, flag).is_some() && READ_OFF.arity("", flag).is_none();
            flag != "--help" && (own || at % 211 == 0)
        })
        .map(|(_, question)| question)
        .collect()
}

fn arity(command: &str, flag: &str) -> Option<Arity> {
    READ_OFF.arity(command, flag.trim_start_matches('-'))
}

#[test]
fn the_flags_in_the_table_are_those_of_kubectl() {
    let Some(kubectl) = tools::kubectl_1_32() else { return };
    let telling = |(at, (_, flag)): &(usize, &(&str, String))| {
        at % 10 == 0 || ["--dry-run", "--cascade", "--validate", "--raw", "--local"].contains(&flag.as_str())
    };
    let questions = questions();
    let asked: Vec<_> = questions.iter().enumerate().filter(telling).map(|(_, question)| question).collect();
    assert!(asked.len() > 200, "{}", asked.len());
    for_each_case(u64::try_from(asked.len()).unwrap(), |case| {
        let (command, flag) = asked[usize::try_from(case).unwrap()];
        compare(kubectl, command, flag)
    });
}

#[test]
#[ignore = "asks kubectl about every flag, two minutes; every run asks about a tenth of them"]
fn every_flag_of_the_table_is_asked_of_kubectl() {
    let Some(kubectl) = tools::kubectl_1_32() else { return };
    let questions = questions();
    for_each_case(u64::try_from(questions.len()).unwrap(), |case| {
        let (command, flag) = &questions[usize::try_from(case).unwrap()];
        compare(kubectl, command, flag)
    });
}

fn compare(kubectl: &Path, command: &str, flag: &str) -> Result<(), String> {
    let ask = |flag: &str| {
        let outcome = run(kubectl, &words(&format!("{command} {flag} --zz-one --zz-two")));
        outcome.complaint().unwrap_or(&outcome.text).to_owned()
    };
    let said = ask(flag);
    let takes = said == "unknown flag: --zz-two" || said.starts_with("invalid argument \"--zz-one\" for ");
    let real = if takes {
        Some(Arity::Value)
    } else if said == format!("unknown flag: {flag}") {
        None
    } else if said != "unknown flag: --zz-one" {
        return Err(format!("{command} {flag}: {said}"));
    } else if ask(&format!("{flag}=zz")).starts_with("invalid argument \"zz\"") {
        Some(Arity::Boolean)
    } else {
        Some(Arity::Optional)
    };
    let ours = arity(command, flag);
    if real == ours {
        Ok(())
    } else {
        Err(format!("{command} {flag}: the table says {ours:?}, kubectl {real:?}"))
    }
}
