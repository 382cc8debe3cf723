//! What each language's code runs, in tables. `_` stands for what is not known, `…` for
//! words of which not even the number is.

mod calls;
mod data;
mod listing;
mod others;
mod python;
mod script;
mod writing;

use super::{Finding, read, read_at, reader};
use crate::shell::inner::Language;
use crate::shell::value::{HOLE, HOLES};

/// Cases: the code, and what it runs.
type Cases<'a> = &'a [(&'a str, &'a [&'a str])];

fn shown(bytes: &[u8]) -> String {
    let marked: Vec<u8> = bytes
        .iter()
        .flat_map(|byte| match *byte {
            HOLE => "_".as_bytes().to_vec(),
            HOLES => "…".as_bytes().to_vec(),
            other => vec![other],
        })
        .collect();
    String::from_utf8_lossy(&marked).into_owned()
}

fn line(finding: &Finding) -> String {
    match finding {
        Finding::Shell(text) => format!("sh {}", shown(text)),
        Finding::Words(words) => {
            let words: Vec<String> = words.iter().map(|word| shown(&word.bytes)).collect();
            format!("run {}", words.join("|"))
        }
        Finding::Call { name, arguments } => format!("call {name}: {}", shown(arguments)),
        Finding::Opaque(_) => "opaque".to_owned(),
    }
}

fn check(language: Language, cases: Cases<'_>) {
    let mut wrong = Vec::new();
    for (code, expected) in cases {
        let found: Vec<String> = read(code.as_bytes(), language).iter().map(line).collect();
        if found != *expected {
            wrong.push(format!("{code}\n    expected {expected:?}\n    found    {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

const LANGUAGES: [Language; 6] =
    [Language::Python, Language::JavaScript, Language::Perl, Language::Ruby, Language::Awk, Language::Php];

/// What hostile code may repeat.
const PIECES: &[&str] = &[
    "a=b=",
    "(",
    "[",
    "{",
    "f\"{",
    "`${",
    "\"#{",
    "<<A ",
    "/[",
    "x=x+x\n",
    "a.b",
    ".c()",
    "'",
    "\"",
    "s{",
    "%w(",
    "os.system(",
    "eval('",
    "x += x;",
    "for x in ",
    "a?b:",
    "lambda x:",
    "def f(a):\n f(",
    "\\",
    "$",
    "@{",
    "import ",
    "x: y = ",
    "a,b=",
    "qw",
    "=>",
    "if ",
    "}{",
    "\u{1F600}",
    "<?php ",
    "print |",
    "from a import ",
    "({",
    "''.join([",
    "f(f(f(",
    "x=[x,x]\n",
    "x.append(x)\n",
    "push @a, @a;",
    "[a,b]=[",
    "a,b,c,d=e((",
    "'a'+",
    "print \"a\" ",
    "x = /",
    "<<A\n#{<<B}\nB\nA\n",
    "eval('x=x+x');",
    "{'a':",
    "f'{f\"{",
    "\"$x[",
    "a||b||",
    "aaaaaaaa",
    "x=y[0];y=[x];",
];

fn steps_of(code: &str, language: Language) -> usize {
    let steps = reader::steps(code.len());
    steps - read_at(code.as_bytes(), language, 0, steps).1
}

#[test]
fn twice_the_code_takes_about_twice_the_steps() {
    let mut wrong = Vec::new();
    for language in LANGUAGES {
        for piece in PIECES {
            let of = |length: usize| steps_of(&piece.repeat(length / piece.len()), language);
            let (short, long) = (of(6_000), of(12_000));
            // What is added is for what takes some steps whatever its length.
            if long > short * 5 / 2 + 1_000 {
                wrong.push(format!("{language:?} {piece:?}: {short}, then {long}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn code_that_doubles_itself_is_not_followed_to_the_end() {
    let doubling =
        format!("import os; os.system('a b'); x=['a']\n{}os.system(str(x))", "x=[x,x]\n".repeat(2_000));
    let found = read(doubling.as_bytes(), Language::Python);
    assert_eq!(found.first(), Some(&Finding::Shell(b"a b".to_vec())));
    assert_eq!(
        found.last(),
        Some(&Finding::Opaque("the code is too involved to follow".to_owned())),
        "{found:?}"
    );
}

#[test]
fn any_bytes_are_read() {
    for language in LANGUAGES {
        for piece in PIECES {
            let found = read(piece.repeat(2_000 / piece.len()).as_bytes(), language);
            assert!(found.len() <= 4097, "{language:?} {piece}");
        }
        let bytes: Vec<u8> = (0..=255_u8).cycle().take(4096).collect();
        assert!(read(&bytes, language).len() < 4096, "{language:?}");
    }
}
