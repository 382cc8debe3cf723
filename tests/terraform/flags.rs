//! Which flags each command has, and which of them take a value.
//!
//! A flag given as the last word tells: "flag needs an argument" is a value,
//! "flag provided but not defined" none of this command's, and where a word
//! behind it is read as a flag again it is a boolean. A flag that does not
//! exist ends the line, so that no command ever gets to run.

use std::ffi::OsString;
use std::path::Path;

use tollgate::command::terraform::{Arity, arity, commands, flag_names};

use super::real::{os, run, surroundings};
use crate::support::random::for_each_case;
use crate::support::tools;

/// Stands behind the flag that is asked about; no command has it.
const SENTINEL: &str = "-zzz-undefined";

/// Flags that only `tofu` has: on its word, not terraform's.
const TOFU: &[&str] = &[
    "-concise",
    "-deprecation",
    "-exclude",
    "-exclude-file",
    "-json-into",
    "-module",
    "-show-sensitive",
    "-target-file",
];

/// The same for `tofu`'s flags that share their name with one of terraform's
/// other commands.
const TOFU_HERE: &[(&str, &[&str])] = &[
    ("output", &["-var", "-var-file"]),
    ("show", &["-plan", "-state", "-var", "-var-file"]),
    ("state show", &["-var", "-var-file"]),
    ("validate", &["-var", "-var-file"]),
];

/// What does not read flags at all: `push` only says that it is gone, and the
/// last is a flag itself.
const WITHOUT_FLAGS: &[&str] = &["push", "install-autocomplete"];

/// Groups print their help whatever follows.
const GROUPS: &[&str] = &["metadata", "state", "workspace"];

/// Commands that print their usage for any wrong flag, with what they say of
/// these operands if the flags are right.
const SILENT: &[(&str, &str, &[&str])] = &[
    ("import", "expects two arguments", &[]),
    ("login", "expects at most one argument", &["a", "b", "c"]),
    ("logout", "expects at most one argument", &["a", "b", "c"]),
];

fn questions() -> Vec<(&'static str, String)> {
    let mut flags: Vec<String> = commands().flat_map(flag_names).collect();
    flags.sort_unstable();
    flags.dedup();
    let asked = |command: &&str| !WITHOUT_FLAGS.contains(command) && !GROUPS.contains(command);
    let only_tofu = |command: &str, flag: &str| {
        TOFU.contains(&flag)
            || TOFU_HERE.iter().any(|(name, flags)| *name == command && flags.contains(&flag))
    };
    commands()
        .filter(asked)
        .flat_map(|command| flags.iter().map(move |flag| (command, flag.clone())))
        .filter(|(command, flag)| !only_tofu(command, flag))
        .collect()
}

#[test]
fn the_flags_in_the_table_are_those_of_terraform() {
    let Some(terraform) = tools::terraform_1_11() else { return };
    let questions = questions();
    let asked: Vec<_> = questions
        .iter()
        .enumerate()
        // A sample of the flags that a command lacks; the other test has all.
        .filter(|(at, (command, flag))| arity(command, flag).is_some() || at % 61 == 0)
        .map(|(_, question)| question)
        .collect();
    assert!(asked.len() > 250, "{}", asked.len());
    for_each_case(u64::try_from(asked.len()).unwrap(), |case| {
        let (command, flag) = asked[usize::try_from(case).unwrap()];
        compare(terraform, command, flag)
    });
}

#[test]
#[ignore = "starts terraform three thousand times: some minutes"]
fn every_flag_is_asked_of_every_command() {
    let Some(terraform) = tools::terraform_1_11() else { return };
    let questions = questions();
    for_each_case(u64::try_from(questions.len()).unwrap(), |case| {
        let (command, flag) = &questions[usize::try_from(case).unwrap()];
        compare(terraform, command, flag)
    });
}

fn compare(terraform: &Path, command: &str, flag: &str) -> Result<(), String> {
    let said = answer(terraform, command, flag);
    let ours = arity(command, flag);
    let expected = match ours {
        Some(Arity::Boolean) => Ok(SENTINEL),
        Some(Arity::Value) => Err(flag),
        None => Ok(flag),
    };
    let agrees = said.as_deref().map_err(String::as_str) == expected;
    if agrees {
        return Ok(());
    }
    Err(format!("{command} {flag}: the table says {ours:?}, terraform {said:?}"))
}

/// The flag that terraform says is not defined, or else (`Err`) the one that
/// needs an argument or else what it printed.
fn answer(terraform: &Path, command: &str, flag: &str) -> Result<String, String> {
    let home = tempfile::tempdir().unwrap();
    let ask = |last: &[&str]| {
        let mut arguments: Vec<OsString> = os(&command.split(' ').collect::<Vec<_>>());
        arguments.extend(os(last));
        run(terraform, home.path(), &arguments, &surroundings(home.path()), b"").text()
    };
    if let Some((_, complaint, operands)) = SILENT.iter().find(|(name, ..)| *name == command) {
        // These do not say what is wrong with a flag; with the wrong number of
        // operands they say so, once they have read the flags.
        let understood = |words: &[&str]| ask(&[words, *operands].concat()).contains(complaint);
        return if understood(&[flag, SENTINEL]) {
            Err(flag.to_owned())
        } else if understood(&[flag]) {
            Ok(SENTINEL.to_owned())
        } else if ["1", "1s"].iter().any(|value| understood(&[flag, value])) {
            Err(flag.to_owned())
        } else {
            Ok(flag.to_owned())
        };
    }
    let text = ask(&[flag, SENTINEL]);
    if let Some(undefined) = named(&text, "flag provided but not defined: ") {
        return Ok(undefined);
    }
    // The flag has taken the sentinel as its value.
    let text = ask(&[flag]);
    Err(named(&text, "flag needs an argument: ").unwrap_or(text))
}

/// The flag named behind `message`.
fn named(text: &str, message: &str) -> Option<String> {
    let name = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
    Some(text.split_once(message)?.1.chars().take_while(name).collect())
}
