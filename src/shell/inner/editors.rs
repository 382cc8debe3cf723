//! Editors whose commands may run a shell's.

use super::{Changes, Inner, Language};
use crate::shell::value::Value;

pub(super) fn inner(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    if matches!(name, "ed" | "red" | "ged") {
        let idle = words.iter().any(|word| matches!(word.bytes.as_slice(), b"--help" | b"--version" | b"-V"));
        return (!idle).then(|| vec![Inner::input(Language::Editor, &[], &Changes::default())]);
    }
    if !matches!(
        name,
        "vim"
            | "vi"
            | "nvim"
            | "view"
            | "ex"
            | "gvim"
            | "vimdiff"
            | "rvim"
            | "nvi"
            | "gview"
            | "vim.basic"
            | "vim.tiny"
    ) {
        return None;
    }
    let mut inners = Vec::new();
    let mut reads = name == "ex";
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.bytes.as_slice() {
            b"--" => break,
            b"-c" | b"--cmd" => inners.extend(words.next().and_then(|command| ex(&command.bytes))),
            // ex: silently, and a command.
            b"-sc" | b"-esc" | b"-Esc" => {
                inners.extend(words.next().and_then(|command| ex(&command.bytes)));
            }
            b"-S" => {
                inners
                    .extend(words.next().map(|path| Inner::file(path.clone(), Some(Language::Editor), &[])));
            }
            b"-e" | b"-E" | b"-es" | b"-Es" | b"-s" if name != "view" => reads = true,
            [b'-', b'c', command @ ..] | [b'+', command @ ..] => inners.extend(ex(command)),
            _ => {}
        }
    }
    if reads {
        inners.push(Inner::input(Language::Editor, &[], &Changes::default()));
    }
    Some(inners)
}

/// What an ex command runs: all behind the first `!` that is no more than
/// emphasis (`:q!`), for a bar does not end it there.
fn ex(command: &[u8]) -> Option<Inner> {
    let calls: [&[u8]; 6] =
        [b"system(", b"systemlist(", b"job_start(", b"jobstart(", b"os.execute", b"io.popen"];
    if calls.iter().any(|call| command.windows(call.len()).any(|part| part == *call)) {
        return Some(Inner::opaque("an editor runs what a script in its command gives"));
    }
    for (at, _) in command.iter().enumerate().filter(|(_, byte)| **byte == b'!') {
        let before = command.get(..at).unwrap_or_default();
        let word = before.rsplit(|byte| !byte.is_ascii_alphabetic()).next().unwrap_or_default();
        let reads = matches!(word, b"r" | b"re" | b"rea" | b"read");
        if word.is_empty() || reads {
            return Some(Inner::text(Value::known(command.get(at + 1..)?), &[], &Changes::default()));
        }
    }
    let trimmed = command.trim_ascii_start();
    let trimmed = trimmed.strip_prefix(b":").unwrap_or(trimmed);
    let (word, rest) = trimmed.split_at_checked(trimmed.iter().position(u8::is_ascii_whitespace)?)?;
    let terminal = matches!(word, b"term" | b"terminal" | b"te" | b"ter");
    terminal.then(|| Inner::text(Value::known(rest.trim_ascii()), &[], &Changes::default()))
}
