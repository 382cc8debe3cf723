//! The parser of shell text against bash: what bash takes has to be read.

use std::io::Write as _;
use std::process::{Command, Stdio};

use tollgate::shell::parse::parse;

use crate::support::random::{Random, for_each_case};

/// One line each.
const LINES: &str = include_str!("valid.txt");

/// Several lines each, between lines of `%%`.
const SCRIPTS: &str = include_str!("scripts.txt");

/// What a mutation puts into a text.
const TOKENS: &[&str] = &[
    "$(",
    "`",
    "\"",
    "'",
    "((",
    "))",
    "$((",
    "${x:-",
    "${",
    "}",
    "<<E\n",
    "\nE\n",
    "<<-'E'\n",
    "\\\n",
    "\\",
    "(",
    ")",
    "{ ",
    " }",
    "; }",
    "[[ ",
    " ]]",
    "if ",
    "; then ",
    "; fi",
    "case x in ",
    ") ",
    ";;",
    " esac",
    "for x in ",
    "; do ",
    "; done",
    "$'",
    "$[",
    "]",
    "[",
    "\n",
    "#",
    " ",
    " & ",
    " | ",
    "; ",
    "<(",
    ">f",
    "<f",
    "=",
    "x=(",
    "! ",
    "&&",
    "||",
    "\t",
    "~",
    "..",
    "*",
    "@(",
    "&>f ",
    "<<<",
    "f() ",
    "time ",
    ";&",
];

fn corpus() -> Vec<&'static str> {
    LINES.lines().chain(SCRIPTS.trim_end().split("\n%%\n")).collect()
}

/// Whether bash takes a text. It warns of a here-document without an end, and of
/// what it refuses in `[[ … ]]` without saying so by its status.
fn bash_takes(text: &str) -> bool {
    let mut bash = Command::new("bash")
        .args(["--norc", "-n"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = bash.stdin.take().unwrap();
    // bash stops to read at the first error.
    let _ = input.write_all(text.as_bytes()).and_then(|()| input.write_all(b"\n"));
    drop(input);
    let output = bash.wait_with_output().unwrap();
    output.status.success() && output.stderr.is_empty()
}

fn mutated(texts: &[&str], case: u64) -> String {
    let mut random = Random::new(case);
    let mut text: Vec<char> = random.pick(texts).chars().collect();
    for _ in 0..=random.below(3) {
        let at = random.below(text.len() + 1);
        if random.one_in(4) && at < text.len() {
            text.remove(at);
        } else {
            text.splice(at..at, random.pick(TOKENS).chars());
        }
    }
    text.into_iter().collect()
}

#[test]
fn every_text_of_the_corpus_is_read() {
    let texts = corpus();
    assert!(texts.len() >= 690, "{}", texts.len());
    let unread: Vec<_> =
        texts.iter().filter_map(|text| Some((text, parse(text.as_bytes()).err()?))).collect();
    assert!(unread.is_empty(), "{unread:#?}");
    for_each_case(texts.len() as u64, |case| {
        let text = texts[usize::try_from(case).unwrap()];
        if bash_takes(text) { Ok(()) } else { Err(format!("bash refuses {text:?}")) }
    });
}

/// Of texts that bash takes, few are not read: those that another shell reads
/// differently, and the many that bash refuses no sooner than it runs them (it
/// looks into backticks, bodies and `$[…]` only then).
#[test]
fn most_of_what_bash_takes_is_read() {
    const CASES: u64 = 1500;
    let texts = corpus();
    let counts = std::sync::Mutex::new((0_u32, Vec::new()));
    for_each_case(CASES, |case| {
        let text = mutated(&texts, case);
        if !text.contains('\0') && bash_takes(&text) {
            let outcome = parse(text.as_bytes());
            let mut counts = counts.lock().unwrap();
            counts.0 += 1;
            counts.1.extend(outcome.err().map(|opaque| (text, opaque.0)));
        }
        Ok(())
    });
    let (taken, unread) = counts.into_inner().unwrap();
    println!("bash takes {taken} of {CASES}, of which {} are not read: {unread:#?}", unread.len());
    assert!(taken >= 500, "{taken}");
    assert!(unread.len() * 100 <= taken as usize * 4, "{} of {taken}: {unread:#?}", unread.len());
}

/// Ten million mutations, which takes minutes: `cargo test --release -- --ignored mutations`.
#[test]
#[ignore = "parses ten million lines: some minutes"]
fn no_mutation_panics() {
    let texts = corpus();
    for_each_case(1000, |thousand| {
        for case in 0..10_000 {
            let text = mutated(&texts, thousand * 10_000 + case);
            if std::panic::catch_unwind(|| drop(parse(text.as_bytes()))).is_err() {
                return Err(format!("panics: {text:?}"));
            }
        }
        Ok(())
    });
}
