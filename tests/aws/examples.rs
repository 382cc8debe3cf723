//! The examples that aws brings with its help: each names a command that the
//! table has.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use tollgate::command::{Inert, parse};
use tollgate::process::Environment;

use crate::support::tools;

/// Examples that are themselves wrong, and what is wrong with them.
const WRONG: &[(&str, &str)] = &[
    ("aws cloudformation describe-resource-scan --region --resource-scan-id", "--region has no value"),
    ("aws ec2 wait bundle-task-completed", "the command is bundle-task-complete"),
];

/// How many lines one command may have.
const LINES: usize = 400;

/// The directory with the examples of the installed aws.
fn examples() -> Option<PathBuf> {
    let found = tools::aws_in_python()?;
    let ask = "import awscli, os; print(os.path.join(os.path.dirname(awscli.__file__), 'examples'))";
    let told = std::process::Command::new(&found.python).args(["-c", ask]).output().unwrap();
    let directory = PathBuf::from(String::from_utf8(told.stdout).unwrap().trim());
    if !directory.is_dir() {
        tools::skipped(&format!("no examples in {}", directory.display()));
        return None;
    }
    Some(directory)
}

fn files(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rst") {
            found.push(path);
        }
    }
}

/// The commands in a page, in words. A command is an indented line that begins
/// with `aws`, with those that it continues on.
fn commands(page: &str) -> Vec<Vec<String>> {
    let lines: Vec<&str> = page.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let start = line.trim_start();
        let start = start.strip_prefix("$ ").unwrap_or(start).trim_start();
        if start.len() == line.len() || !start.starts_with("aws ") {
            continue;
        }
        let mut text = start.to_owned();
        let mut next = lines[at + 1..].iter().take(LINES);
        loop {
            let open = text.trim_end().strip_suffix('\\').map(|text| format!("{text} "));
            match (open, shell_words::split(&text)) {
                (Some(open), _) => text = open,
                (None, Ok(words)) => {
                    found.push(words);
                    break;
                }
                // A quote is open.
                (None, Err(_)) => text.push('\n'),
            }
            let Some(more) = next.next() else {
                // It never ends: what is before it counts.
                let words = start.trim_end_matches('\\').split_whitespace();
                found.push(words.map(str::to_owned).collect());
                break;
            };
            text.push_str(more.trim_start());
        }
    }
    found
}

#[test]
fn commands_are_taken_out_of_a_page() {
    let page = "Prose about aws ec2 nothing.\n\n::\n\n    aws s3 ls\n    $ aws ec2 x \\\n        --y 'a\n     b'\n\n\
                Output::\n\n    aws s3 cp a \\\n";
    assert_eq!(
        commands(page),
        [vec!["aws", "s3", "ls"], vec!["aws", "ec2", "x", "--y", "a\nb"], vec!["aws", "s3", "cp", "a"]]
    );
}

#[test]
fn every_example_is_understood() {
    let Some(directory) = examples() else { return };
    let mut pages = Vec::new();
    files(&directory, &mut pages);
    pages.sort();
    let mut count = 0;
    let mut wrong = Vec::new();
    let mut excused: Vec<&str> = Vec::new();
    for page in &pages {
        for words in commands(&fs::read_to_string(page).unwrap()) {
            count += 1;
            let ends = |word: &String| matches!(word.as_str(), "|" | ">" | ">>" | "&&" | ";" | "&");
            let words = words.split(|word| ends(word)).next().unwrap();
            let arguments: Vec<OsString> = words[1..].iter().map(OsString::from).collect();
            let command = parse("aws", &arguments, &Environment::default()).unwrap();
            if command.known && !matches!(command.inert, Some(Inert::Usage)) {
                continue;
            }
            let line = words.join(" ");
            match WRONG.iter().find(|(start, _)| line.starts_with(start)) {
                Some((start, _)) => excused.push(start),
                None => wrong.push(format!("{}: {line}", page.strip_prefix(&directory).unwrap().display())),
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(pages.len() > 5000 && count > 6000, "{count} in {}", pages.len());
    let unused: Vec<_> = WRONG.iter().filter(|(start, _)| !excused.contains(start)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}
