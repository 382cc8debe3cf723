//! The installed aws's own commands and options against what the grammar and the
//! table assume of them.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;

use serde_json::json;
use tollgate::command::aws::operations::{all, find};
use tollgate::command::{Command, Inert, parse};
use tollgate::process::Environment;

use super::oracle::{Choice, Entry, Oracles, commands};
use crate::support::tools;

fn parsed(words: impl IntoIterator<Item = impl Into<OsString>>) -> Command {
    let words: Vec<OsString> = words.into_iter().map(Into::into).collect();
    parse("aws", &words, &Environment::default()).unwrap()
}

fn words(path: &str) -> Vec<String> {
    path.split(' ').map(str::to_owned).collect()
}

#[test]
fn every_command_of_aws_is_in_the_table_as_what_it_is() {
    let Some(entries) = commands() else { return };
    assert!(entries.len() > 18_000, "{}", entries.len());
    let mut wrong = Vec::new();
    for entry in entries {
        let Some(found) = find(&entry.path) else {
            wrong.push(format!("{} is missing", entry.path));
            continue;
        };
        let custom = entry.kind != "operation";
        if found.is_custom() != custom || found.is_group() != (entry.kind == "group") {
            wrong.push(format!("{}: {}", entry.path, entry.kind));
        }
        let waits = entry.path.split(' ').nth(1) == Some("wait");
        let has_dry_run = !custom && entry.options.iter().any(|option| option.name == "--dry-run");
        if !waits && !custom && found.has_dry_run() != has_dry_run {
            wrong.push(format!("{}: --dry-run {has_dry_run}", entry.path));
        }
        if found.only_v2() {
            wrong.push(format!("{} is in v1", entry.path));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn what_the_table_has_and_this_aws_has_not_is_newer_gone_or_of_v2() {
    let Some(entries) = commands() else { return };
    let there: BTreeSet<&str> = entries.iter().map(|entry| entry.path.as_str()).collect();
    let rest = all(None)
        .into_iter()
        .filter(|(path, found)| !there.contains(path.as_str()) && !found.is_gone() && !found.only_v2());
    let rest: Vec<String> = rest.map(|(path, _)| path).collect();
    // Those of releases after this one.
    assert!(rest.len() < 3000, "{}: {:?}", rest.len(), rest.get(..20));
}

#[test]
fn every_command_is_found_by_its_words() {
    let Some(entries) = commands() else { return };
    let wrong = entries.iter().filter(|entry| {
        let command = parsed(words(&entry.path));
        let only_prints = entry.kind == "group" && command.inert == Some(Inert::Usage);
        !(only_prints || command.known && command.inert.is_none() && command.name() == entry.path)
    });
    let wrong: Vec<&str> = wrong.map(|entry| entry.path.as_str()).collect();
    assert_eq!(wrong, [""; 0]);
}

/// The only option that begins as `begun` does.
fn only<'a>(entry: &'a Entry, begun: &str) -> Option<&'a str> {
    let mut names = entry.options.iter().map(|option| option.name.as_str());
    if let Some(exact) = names.clone().find(|name| *name == begun) {
        return Some(exact);
    }
    let mut fitting = names.by_ref().filter(|name| name.starts_with(begun));
    fitting.next().filter(|_| fitting.next().is_none())
}

#[test]
fn what_is_believed_of_a_begun_option_holds() {
    let Some(entries) = commands() else { return };
    let mut wrong = Vec::new();
    for entry in entries {
        let path = words(&entry.path);
        for whole in ["--generate-cli-skeleton", "--dry-run", "--dryrun", "--help"] {
            for end in 3..=whole.len() {
                let begun = whole.get(..end).unwrap();
                let meant = only(entry, begun).filter(|meant| !meant.starts_with("--dry") && *meant != whole);
                let Some(meant) = meant.filter(|_| entry.kind != "group") else { continue };
                let command = parsed(path.iter().cloned().chain([begun.to_owned()]));
                if command.rehearsed || command.inert.is_some_and(|inert| inert != Inert::Usage) {
                    wrong.push(format!("{} {begun} is {meant}", entry.path));
                }
            }
        }
        let odd = |option: &&Choice| {
            let short = option.name.starts_with('-') && !option.name.starts_with("--");
            short || option.name == "--help" || option.name == "--h"
        };
        wrong.extend(entry.options.iter().filter(odd).map(|one| format!("{} {}", entry.path, one.name)));
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn the_begun_twin_of_dry_run_is_seen() {
    let Some(entries) = commands() else { return };
    let mut asked = 0;
    for entry in entries.iter().filter(|entry| find(&entry.path).is_some_and(|found| found.has_dry_run())) {
        let twin = "--no-dry-run";
        for end in 3..=twin.len() {
            let begun = twin.get(..end).unwrap();
            if only(entry, begun) == Some(twin) {
                let line = words(&entry.path).into_iter().chain(["--dry-run".to_owned(), begun.to_owned()]);
                assert!(!parsed(line).rehearsed, "{} {begun}", entry.path);
                asked += 1;
            }
        }
    }
    assert!(asked > 5000, "{asked}");
}

/// What the table of options says that an option takes, asked of the grammar:
/// with words behind the option, how many become its values.
fn takes(path: &[String], option: &str) -> Option<&'static str> {
    let one = "zz-one";
    let line = |more: &[&str]| {
        let given = [option].into_iter().chain(more.iter().copied()).map(str::to_owned);
        parsed(path.iter().cloned().chain(given))
    };
    let command = line(&[one, "zz-two", "zz-three"]);
    if command.uncertain || command.flags.iter().all(|flag| flag.name != option) {
        return None;
    }
    let values = command.values(option).flatten().count();
    Some(match values {
        0 => "nothing",
        1 => "one",
        2 => "two",
        _ => "many",
    })
}

/// Commands of the CLI's own whose words may stand alone.
fn standing(entry: &Entry) -> bool {
    entry.kind == "custom" && entry.options.iter().any(|option| !option.name.starts_with('-'))
}

#[test]
fn the_options_of_commands_with_words_of_their_own_are_known() {
    let Some(entries) = commands() else { return };
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for entry in entries.iter().filter(|entry| standing(entry) && !entry.path.starts_with("configure")) {
        let path = words(&entry.path);
        for option in entry.options.iter().filter(|option| option.name.starts_with("--")) {
            seen.insert(entry.path.as_str());
            let ours = takes(&path, &option.name);
            // One more or less makes no difference: one word follows.
            let same = match option.takes.as_str() {
                "optional" => ours == Some("one"),
                other => ours == Some(other),
            };
            if !same {
                wrong.push(format!("{} {} takes {}, here {ours:?}", entry.path, option.name, option.takes));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
    for path in ["s3 cp", "s3 ls", "s3 rm", "s3 sync"] {
        assert!(seen.contains(path), "{path}");
    }
}

#[test]
fn the_file_that_an_operation_writes_to_is_the_only_word_that_stands_alone() {
    let Some(entries) = commands() else { return };
    let mut alone: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.kind == "operation") {
        for option in entry.options.iter().filter(|option| !option.name.starts_with('-')) {
            alone.entry(&option.name).or_default().insert(&entry.path);
        }
    }
    let names: Vec<&str> = alone.keys().copied().collect();
    assert_eq!(names, ["outfile"], "{alone:?}");
    assert!(alone["outfile"].contains("lambda invoke") && alone["outfile"].contains("s3api get-object"));
}

#[test]
fn members_of_an_input_get_the_names_of_their_options() {
    let (Some(entries), Some(oracles)) = (commands(), Oracles::start()) else { return };
    let members: BTreeSet<&str> =
        entries.iter().flat_map(|entry| entry.members.iter().map(String::as_str)).collect();
    assert!(members.len() > 5000, "{}", members.len());
    let mut wrong = Vec::new();
    for member in members {
        let input = json!({ member: "zz" }).to_string();
        let command = parsed(["x", "y", "--cli-input-json", &input]);
        let ours = command.flags.iter().find(|flag| flag.value.as_deref() == Some("zz".as_ref())).unwrap();
        let theirs = oracles.with(|oracle| oracle.ask(&json!({ "xform": member })));
        let theirs = format!("--{}", theirs["name"].as_str().unwrap());
        if ours.name != theirs {
            wrong.push(format!("{member}: {theirs}, here {}", ours.name));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn an_installed_aws_is_of_the_version_that_the_table_was_read_off() {
    // Else what differs above is not a fault of the table's.
    let Some(found) = tools::aws_in_python() else { return };
    let ran = std::process::Command::new(&found.python).arg(&found.script).arg("--version").output().unwrap();
    assert!(String::from_utf8_lossy(&ran.stdout).starts_with("aws-cli/1."));
}
