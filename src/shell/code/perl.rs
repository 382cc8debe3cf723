//! Perl: which calls run something.

use super::Finding;
use super::arguments::{Arguments, every_process, shell, words, words_or_shell};
use super::call::{Call, last};
use super::known::Known;

/// Whether a name takes arguments without brackets.
pub(super) fn takes_bare(path: &str) -> bool {
    matches!(
        last(path),
        "system"
            | "exec"
            | "open"
            | "sysopen"
            | "rename"
            | "copy"
            | "move"
            | "truncate"
            | "symlink"
            | "kill"
            | "unlink"
            | "rmtree"
            | "remove_tree"
            | "rmdir"
            | "eval"
            | "push"
            | "decode_base64"
            | "capture"
            | "capturex"
            | "systemx"
            | "run"
            | "qx"
            | "readpipe"
            | "join"
            | "sprintf"
            | "reverse"
    )
}

/// What a call runs.
pub(super) fn runs(call: &Call<'_>) -> Vec<Finding> {
    let arguments = call.arguments;
    match last(call.path) {
        "system" | "exec" | "systemx" | "capture" | "capturex" if !arguments.is_empty() => {
            one_or_many(arguments, 0)
        }
        "readpipe" | "backtick" => shell(arguments.first()),
        "run" | "run3" if call.path.contains("IPC") || arguments.named("command").is_some() => {
            let value = arguments.named("command").or_else(|| arguments.first());
            value.map_or_else(Vec::new, |value| match value {
                Known::List(_) => words(value),
                _ => shell(Some(value)),
            })
        }
        "open2" | "open3" => one_or_many(arguments, if last(call.path) == "open2" { 2 } else { 3 }),
        "kill" if call.path == "kill" => every_process(arguments.at(1), arguments.at(0)),
        "open" => open(arguments),
        _ => Vec::new(),
    }
}

/// One argument is shell text, several are words.
fn one_or_many(arguments: &Arguments, from: usize) -> Vec<Finding> {
    let list = arguments.list_from(from);
    let Known::List(items) = &list else { return Vec::new() };
    match items.as_slice() {
        [] => Vec::new(),
        [Known::Map(_), ..] => vec![Finding::Opaque("the program that is run is not known".to_owned())],
        [one @ (Known::Text(_) | Known::Path(_))] => shell(Some(one)),
        [Known::Choice(values)] => values.iter().flat_map(|value| words_or_shell(Some(value))).collect(),
        _ => words(&list),
    }
}

/// `open(F, "cmd |")`, `open(F, "-|", "cmd", …)`.
fn open(arguments: &Arguments) -> Vec<Finding> {
    let Some(mode) = arguments.at(1).and_then(|value| match value {
        Known::Text(text) => Some(text.trim_ascii().to_vec()),
        _ => None,
    }) else {
        return Vec::new();
    };
    if mode.starts_with(b"-|") || mode.starts_with(b"|-") {
        return one_or_many(arguments, 2);
    }
    let reads = mode.strip_suffix(b"|").map(<[u8]>::to_vec);
    let text = reads.or_else(|| mode.strip_prefix(b"|").map(<[u8]>::to_vec));
    text.map_or_else(Vec::new, |text| vec![Finding::Shell(text.trim_ascii().to_vec())])
}
