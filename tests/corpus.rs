//! Whole shell lines with the answer that each has to get: tests/cases/*.txt,
//! judged by `tollgate check --batch` as an agent's.
//!
//! A record is `pass: LINE`, or `stop: LINE`, or `stop RULE: LINE` where that
//! rule has to be among the reasons. Lines that begin with `| ` go on with the
//! record above, each as one more line of it. `#` begins a comment.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::world::World;

/// One line, and what has to come of it.
struct Record {
    place: String,
    stops: bool,
    rule: Option<String>,
    line: String,
}

fn read(path: &PathBuf) -> Vec<Record> {
    let mut records: Vec<Record> = Vec::new();
    for (number, text) in fs::read_to_string(path).unwrap().lines().enumerate() {
        let place = format!("{}:{}", path.file_name().unwrap().to_string_lossy(), number + 1);
        if text.trim().is_empty() || text.starts_with('#') {
            continue;
        }
        if let Some(more) = text.strip_prefix('|') {
            let last = records.last_mut().unwrap_or_else(|| panic!("{place}: nothing goes on here"));
            write!(last.line, "\n{}", more.strip_prefix(' ').unwrap_or(more)).unwrap();
            continue;
        }
        let (label, line) = text.split_once(": ").unwrap_or_else(|| panic!("{place}: no label"));
        let (label, rule) = label.split_once(' ').map_or((label, None), |(label, rule)| (label, Some(rule)));
        assert!(label == "pass" || label == "stop", "{place}: `{label}` is neither pass nor stop");
        let line = line.to_owned();
        records.push(Record { place, stops: label == "stop", rule: rule.map(str::to_owned), line });
    }
    records
}

fn corpus() -> Vec<Record> {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<PathBuf> =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().flat_map(read).collect()
}

/// What the records get that do not get their answer in a project called `name`.
fn wrong_in(name: &str, records: &[Record]) -> String {
    let world = World::new();
    let input: Vec<u8> =
        records.iter().flat_map(|record| record.line.bytes().chain(std::iter::once(0))).collect();
    let file = world.path("lines");
    fs::write(&file, input).unwrap();
    let project = world.path("home").join(name);
    fs::create_dir_all(&project).unwrap();
    let mut tollgate = world.tollgate(["check", "--batch", "--null", "--json", "--as", "agent", "--cwd"]);
    tollgate.arg(project);
    let output = tollgate.stdin(fs::File::open(file).unwrap()).output().unwrap();
    let answers: Vec<Value> = output
        .stdout
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert_eq!(answers.len(), records.len(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut wrong = String::new();
    for (record, answer) in records.iter().zip(&answers) {
        let rules: BTreeSet<&str> = answer["commands"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|command| command["rules"].as_array().unwrap())
            .map(|rule| rule.as_str().unwrap())
            .collect();
        let stops = answer["decision"] != "allow";
        let named = record.rule.as_deref().is_none_or(|rule| rules.contains(rule));
        if stops != record.stops || !named {
            let expected = if record.stops { "stop" } else { "pass" };
            writeln!(wrong, "{}: not {expected}: {:?} {rules:?}", record.place, record.line).unwrap();
        }
    }
    world.assert_nothing_ran();
    wrong
}

#[test]
fn every_line_gets_its_answer() {
    let wrong = wrong_in("project", &corpus());
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Files are named by directories that tell what they are; a project that has such
/// a name is a project all the same.
#[test]
fn no_line_gets_through_because_of_the_projects_name() {
    let mut stops: Vec<Record> = corpus().into_iter().filter(|record| record.stops).collect();
    let mut before = "project";
    for name in ["tollgate", "goose", ".github"] {
        // A few lines speak of where they run.
        for record in &mut stops {
            record.line = record.line.replace(&format!("~/{before}"), &format!("~/{name}"));
        }
        before = name;
        let wrong = wrong_in(name, &stops);
        assert!(wrong.is_empty(), "in {name}:\n{wrong}");
    }
}

#[test]
fn the_corpus_is_large_and_has_both_sides() {
    let records = corpus();
    let stops = records.iter().filter(|record| record.stops).count();
    let lines: BTreeSet<&str> = records.iter().map(|record| record.line.as_str()).collect();
    assert_eq!(lines.len(), records.len(), "a line stands twice");
    assert!(records.len() >= 800, "{}", records.len());
    assert!(stops >= 300 && records.len() - stops >= 300, "{stops} of {}", records.len());
}
