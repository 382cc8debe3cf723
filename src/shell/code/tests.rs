//! What each language's code runs, in tables. `_` stands for what is not known, `…` for
//! words of which not even the number is.

mod data;
mod others;
mod python;
mod script;

use super::{Finding, read};
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

#[test]
fn any_bytes_are_read_in_linear_time() {
    let languages = [
        Language::Python,
        Language::JavaScript,
        Language::Perl,
        Language::Ruby,
        Language::Awk,
        Language::Php,
    ];
    let pieces = [
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
    ];
    for language in languages {
        for piece in pieces {
            let code = piece.repeat(6_000 / piece.len());
            let found = read(code.as_bytes(), language);
            assert!(found.len() <= 4097, "{language:?} {piece}");
        }
        let bytes: Vec<u8> = (0..=255_u8).cycle().take(4096).collect();
        assert!(read(&bytes, language).len() < 4096, "{language:?}");
    }
}
