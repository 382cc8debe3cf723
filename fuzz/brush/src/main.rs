//! Compares tollgate's reader of shell text with brush's: every command word that
//! brush finds in a text has to stand among those that tollgate finds, unless
//! tollgate says that it cannot read the text.
//!
//! brush panics, hangs and takes memory without end on some texts, so each is
//! parsed in a child with limits; what it does not survive is counted and left out.
//!
//!     cargo run --release -- ../../tests/shell/valid.txt ../../tests/cases/*.txt

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::process::{Command, ExitCode, Stdio};

use brush_parser::{Parser, ParserOptions};
use regex::Regex;

/// What a child may take: 2 GB and 5 seconds.
const LIMITED: &str = "ulimit -v 2000000; ulimit -t 5; exec \"$0\" --one";

/// Words that brush takes for commands and that are the shell's own: `time`
/// behind another or behind `!`, its `--`, and a descriptor that gets a name.
const RESERVED: [&str; 3] = ["--", "time", "{fd}"];

/// Words that are no commands in these texts: an assignment to an element, one
/// word with a substitution in it, and a pattern (or `a` in a subshell).
const EXPLAINED: [(&str, &str); 3] = [("x[1", "x[1 + 2]=3"), ("a", "a<(b)"), ("!(a)", "!(a)")];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "--one") {
        return one();
    }
    let (mut compared, mut refused, mut opaque, mut missed) = (0, 0, 0, 0);
    for text in texts(&arguments) {
        let Some(words) = found_by_brush(&text) else {
            refused += 1;
            continue;
        };
        let Ok(script) = tollgate::shell::parse::parse(text.as_bytes()) else {
            opaque += 1;
            continue;
        };
        compared += 1;
        let own = sources(&format!("{script:?}"));
        let explained = |word: &str| {
            RESERVED.iter().any(|one| format!("{one:?}") == word)
                || EXPLAINED.iter().any(|(one, of)| format!("{one:?}") == word && *of == text)
        };
        for word in words.iter().filter(|word| !own.contains(*word) && !explained(word)) {
            missed += 1;
            println!("missed {word:?} of {text:?}");
        }
    }
    println!(
        "{compared} compared, {refused} not parsed by brush, {opaque} opaque to tollgate, {missed} words missed"
    );
    if missed == 0 && compared > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The texts in these files: each line, without a label in front; lines that
/// begin with `| ` go on with the one above.
fn texts(files: &[String]) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for file in files {
        let labelled = file.contains("cases");
        for line in std::fs::read_to_string(file).unwrap_or_default().lines() {
            match (line.strip_prefix("| "), texts.last_mut()) {
                (Some(more), Some(last)) if labelled => *last = format!("{last}\n{more}"),
                _ if labelled && line.starts_with('#') => {}
                _ if labelled => texts.extend(line.split_once(": ").map(|(_, line)| line.to_owned())),
                _ => texts.push(line.to_owned()),
            }
        }
    }
    texts
}

/// The command words that brush finds; `None` where it refuses the text, or dies.
fn found_by_brush(text: &str) -> Option<BTreeSet<String>> {
    let own = std::env::current_exe().ok()?;
    let mut child = Command::new("bash")
        .args(["-c", LIMITED])
        .arg(own)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(text.as_bytes()).ok()?;
    let output = child.wait_with_output().ok().filter(|output| output.status.success())?;
    let words = output.stdout.split(|byte| *byte == 0).filter(|word| !word.is_empty());
    Some(words.map(|word| String::from_utf8_lossy(word).into_owned()).collect())
}

/// In the child: prints the command words, each with a NUL behind it.
fn one() -> ExitCode {
    let mut text = String::new();
    if std::io::stdin().read_to_string(&mut text).is_err() {
        return ExitCode::FAILURE;
    }
    let Ok(program) = Parser::new(text.as_bytes(), &ParserOptions::default()).parse_program() else {
        return ExitCode::FAILURE;
    };
    let found =
        Regex::new(r#"word_or_name: Some\(\s*Word \{\s*value: ("(?:[^"\\]|\\.)*")"#).expect("a pattern");
    for word in found.captures_iter(&format!("{program:?}")) {
        print!("{}\0", &word[1]);
    }
    ExitCode::SUCCESS
}

/// Every word as it stands in the text, as `Debug` writes a string.
fn sources(tree: &str) -> BTreeSet<String> {
    let found = Regex::new(r"source: \[([0-9, ]*)\]").expect("a pattern");
    let word = |bytes: &str| {
        let bytes: Vec<u8> = bytes.split(", ").filter_map(|byte| byte.parse().ok()).collect();
        // brush leaves out a line's continuation.
        format!("{:?}", String::from_utf8_lossy(&bytes).replace("\\\n", ""))
    };
    found.captures_iter(tree).map(|found| word(&found[1])).collect()
}
