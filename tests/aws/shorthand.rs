//! The short way to write a structure, as aws's own parser reads it.
//!
//! The grammar shows what it read as the fields of a command. Where aws reads
//! something, it must have read the same, or say that it did not.

use std::collections::BTreeMap;
use std::ffi::OsString;

use serde_json::{Value, json};
use tollgate::command::parse;
use tollgate::process::Environment;

use super::oracle::Oracles;
use crate::support::random::{Random, for_each_case};

const CASES: u64 = 6000;

const PIECES: &[&str] = &[
    "Name",
    "Value",
    "a",
    "b",
    "=",
    "=",
    "=",
    "=",
    ",",
    ",",
    ",",
    "[",
    "]",
    "{",
    "}",
    "'",
    "\"",
    "\\",
    "\\,",
    "\\'",
    " ",
    "  ",
    "x",
    "true",
    "1",
    "é",
    "-",
    ".",
    "/",
    ":",
    "_",
    "#",
    "tag:Env",
    "10.0.0.0/8",
    "'q'",
    "\"q\"",
    "'a,b'",
    "\t",
    "a=b",
    "c=[d,e]",
    "f={g=h}",
    "i=j,k",
    "@",
    "@=",
    "\u{1f600}",
    "\n",
    "%",
    "$",
    "*",
    "?",
];

const WHOLE: &[&str] = &[
    "Name=tag:Env,Values=prod,dev",
    "Changes=[{Action=DELETE,ResourceRecordSet={Name=x,Type=A}}]",
    "a={b={c={d=[e,{f=g}]}}}",
    "a='b\"c',d=\"e'f\"",
    "a=b\\,c,d",
    "Key=x,Value=",
    "DeviceName=/dev/sda1,Ebs={VolumeSize=8,DeleteOnTermination=true}",
    "a=,b=",
    "a=[],b={}",
    "a='b\\'c',d=e",
];

/// Text in the short form, or nearly.
fn text(random: &mut Random) -> String {
    if random.one_in(2) {
        let mut text: Vec<char> = random.pick(WHOLE).chars().collect();
        for _ in 0..random.below(3) {
            let at = random.below(text.len() + 1);
            if random.one_in(2) && at < text.len() {
                text.remove(at);
            } else {
                let piece: Vec<char> = random.pick(PIECES).chars().collect();
                text.splice(at..at, piece);
            }
        }
        text.into_iter().collect()
    } else {
        let start = random.pick(&["a=", "Name=x,b=", "k=[", "k={a=", ""]);
        let rest = (0..random.below(9)).map(|_| random.pick(PIECES));
        std::iter::once(start).chain(rest).collect()
    }
}

/// Every leaf with where it stands.
fn leaves(path: &str, value: &Value, found: &mut BTreeMap<String, Vec<String>>) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                leaves(&format!("{path}.{key}"), value, found);
            }
        }
        Value::Array(members) => members.iter().for_each(|member| leaves(path, member, found)),
        leaf => {
            let text = leaf.as_str().map_or_else(|| leaf.to_string(), str::to_owned);
            found.entry(path.to_owned()).or_default().push(text);
        }
    }
}

/// What the fields of a command may hold in another spelling.
fn spelled(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    if matches!(lower.as_str(), "true" | "false") { lower } else { text.to_owned() }
}

#[test]
fn the_short_form_is_read_as_aws_reads_it() {
    let Some(oracles) = Oracles::start() else { return };
    for_each_case(CASES, |case| {
        let text = text(&mut Random::new(6_000_000 + case));
        // Read as JSON, or as text.
        if text.trim_start().starts_with(['[', '{']) || !text.contains('=') {
            return Ok(());
        }
        let answer = oracles.with(|oracle| oracle.ask(&json!({ "shorthand": text })));
        let words = ["x".to_owned(), "y".to_owned(), format!("--z={text}")].map(OsString::from);
        let command = parse("aws", &words, &Environment::default()).unwrap();
        let mut theirs = BTreeMap::new();
        if answer["refused"] == true {
            return Ok(());
        }
        leaves("z", &answer["value"], &mut theirs);
        if command.fields.unread_below.iter().any(|path| path == "z" || path.starts_with("z.")) {
            return Ok(());
        }
        let mut ours: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for field in &command.fields.set {
            ours.entry(field.path.clone()).or_default().push(field.value.clone());
        }
        let same = theirs.iter().all(|(path, values)| {
            let values: Vec<String> = values.iter().map(|value| spelled(value)).collect();
            ours.get(path) == Some(&values)
        });
        if same { Ok(()) } else { Err(format!("{text:?}\n  aws:  {theirs:?}\n  here: {ours:?}")) }
    });
}
