//! Lines, and what they run in turn. `%?` is a word that is not known, `%*` one
//! that may be several.

mod languages;
mod many;
mod places;
mod wrappers;

use super::*;
use crate::shell::value::{HOLE, HOLES};

fn value(word: &str) -> Value {
    let mut bytes = Vec::new();
    let mut rest = word.as_bytes();
    while let Some((byte, behind)) = rest.split_first() {
        let hole = match rest {
            [b'%', b'?', ..] => Some(HOLE),
            [b'%', b'*', ..] => Some(HOLES),
            _ => None,
        };
        bytes.push(hole.unwrap_or(*byte));
        rest = if hole.is_some() { &rest[2..] } else { behind };
    }
    Value::known(bytes)
}

fn shown(value: &Value) -> String {
    let mut text = Vec::new();
    for byte in &value.bytes {
        match *byte {
            HOLE => text.extend(b"%?"),
            HOLES => text.extend(b"%*"),
            byte => text.push(byte),
        }
    }
    String::from_utf8(text).unwrap()
}

fn line(words: &[Value]) -> String {
    let words: Vec<String> = words.iter().map(shown).collect();
    let plain = |word: &String| !word.is_empty() && !word.contains([' ', '$', ';', '"', '\\', '\'']);
    let words = words
        .iter()
        .map(|word| if plain(word) { word.clone() } else { shell_words::quote(word).into_owned() });
    words.collect::<Vec<_>>().join(" ")
}

fn runs(runs: &Runs) -> String {
    let behind = |arguments: &[Value]| {
        if arguments.is_empty() { String::new() } else { format!(" | {}", line(arguments)) }
    };
    match runs {
        Runs::Words(words) => line(words),
        Runs::WordsFromInput { words, replaces: None } => format!("{} <", line(words)),
        Runs::WordsFromInput { words, replaces: Some(mark) } => {
            format!("{} < {}", line(words), String::from_utf8_lossy(mark))
        }
        Runs::Text { text, arguments } => format!("text: {}{}", shown(text), behind(arguments)),
        Runs::Code { code, language } => format!("{language:?}: {}", shown(code)),
        Runs::File { path, language, arguments, sourced } => {
            let how = if *sourced { "sourced" } else { "file" };
            let language = language.map_or_else(String::new, |language| format!(" {language:?}"));
            format!("{how}{language}: {}{}", shown(path), behind(arguments))
        }
        Runs::Input { language, arguments } => format!("input {language:?}{}", behind(arguments)),
        Runs::Opaque(_) => "opaque".to_owned(),
    }
}

fn changes(changes: &Changes) -> String {
    let mut parts = Vec::new();
    if changes.clears {
        parts.push("clears".to_owned());
    }
    for (name, value) in &changes.environment {
        parts.push(match value {
            Some(value) => format!("{name}={}", shown(value)),
            None => format!("-{name}"),
        });
    }
    parts.extend(changes.directory.as_ref().map(|directory| format!("in {}", shown(directory))));
    if changes.place != Place::Here {
        parts.push(format!("{:?}", changes.place));
    }
    if changes.other_input {
        parts.push("other input".to_owned());
    }
    if parts.is_empty() { String::new() } else { format!(" [{}]", parts.join(", ")) }
}

fn told(written: &str) -> Vec<String> {
    let words: Vec<Value> = shell_words::split(written).unwrap().iter().map(|word| value(word)).collect();
    let inners = inner(&words).unwrap_or_default();
    inners.iter().map(|inner| format!("{}{}", runs(&inner.runs), changes(&inner.changes))).collect()
}

#[track_caller]
fn check(cases: &[(&str, &[&str])]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter(|(written, expected)| told(written) != *expected)
        .map(|(written, expected)| format!("{written}\n  is   {:?}\n  not  {expected:?}", told(written)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[track_caller]
fn nothing(lines: &[&str]) {
    let wrong: Vec<String> = lines
        .iter()
        .filter(|line| !told(line).is_empty())
        .map(|line| format!("{line}: {:?}", told(line)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
