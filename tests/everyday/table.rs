//! The tables `commands.txt` and `asked.txt`; the first says how they are written.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

/// One line of a table.
#[derive(Debug)]
pub(super) struct Step {
    /// Where it stands.
    pub(super) place: String,
    /// What it is for.
    pub(super) kind: Kind,
    /// What is typed.
    pub(super) line: String,
    /// What follows the arrow; empty where nothing does.
    pub(super) expected: String,
}

/// What a line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Run without tollgate, beforehand.
    Given,
    /// Run with it.
    Run,
    /// Asked without it, of what is there.
    Then,
}

impl Step {
    /// The exit code and the text of a command that passes.
    pub(super) fn outcome(&self) -> (i32, &str) {
        let (code, text) = self.expected.split_once(' ').unwrap_or((&self.expected, ""));
        (code.parse().unwrap_or_else(|_| panic!("{}: no exit code", self.place)), text)
    }
}

/// This test's directory.
pub(super) fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/everyday")
}

/// The steps of a section of a table.
pub(super) fn section(table: &str, tool: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut here = false;
    for (number, text) in fs::read_to_string(directory().join(table)).unwrap().lines().enumerate() {
        let place = format!("{table}:{}", number + 1);
        if let Some(title) = text.strip_prefix("== ") {
            here = title.split_once(':').unwrap().0 == tool;
        } else if let Some(more) = text.strip_prefix("| ") {
            let last = steps.last_mut().filter(|_| here);
            if let Some(last) = last {
                write!(last.line, "\n{more}").unwrap();
            }
        } else if here && !text.is_empty() && !text.starts_with('#') {
            steps.push(step(place, text));
        }
    }
    assert!(!steps.is_empty(), "{table} has no section {tool}");
    steps
}

fn step(place: String, text: &str) -> Step {
    let (kind, text) = match text.split_once(": ") {
        Some(("given", rest)) => (Kind::Given, rest),
        Some(("then", rest)) => (Kind::Then, rest),
        _ => (Kind::Run, text),
    };
    let (line, expected) = text.rsplit_once(" => ").unwrap_or((text, ""));
    let ended = kind == Kind::Given || !expected.is_empty();
    assert!(ended, "{place}: nothing is expected");
    Step { place, kind, line: line.to_owned(), expected: expected.to_owned() }
}

/// How many commands a table has.
fn commands(table: &str, tool: &str) -> usize {
    section(table, tool).iter().filter(|step| step.kind == Kind::Run).count()
}

#[test]
fn the_page_counts_them_rightly() {
    let page = directory().join("../../docs/everyday.md");
    let page = fs::read_to_string(page).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
    for (table, least) in [("commands.txt", 100), ("asked.txt", 15)] {
        let counts = ["terraform", "kubectl", "aws", "helm"].map(|tool| (tool, commands(table, tool)));
        let all: usize = counts.iter().map(|(_, count)| count).sum();
        assert!(all >= least, "{table}: {all}");
        let [first, second, third, last] = counts.map(|(tool, count)| format!("{count} of {tool}"));
        let told = format!("{all} lines: {first}, {second}, {third} and {last}");
        assert!(page.contains(&told), "docs/everyday.md does not say of {table}: {told}");
    }
}
