//! Shells of another grammar: fish, PowerShell, nushell.
//!
//! Simple commands look alike in all of them, and are read as those of sh. Where
//! their own grammar shows and a name stands in the text that matters, it cannot
//! be told.

use super::Finding;

/// Words that matter where the grammar is not known.
const NAMES: &[&str] = &[
    "terraform",
    "tofu",
    "terragrunt",
    "kubectl",
    "helm",
    "aws",
    "rm",
    "remove-item",
    "ri",
    "del",
    "rd",
    "rmdir",
    "erase",
    "dd",
    "mkfs",
    "shred",
    "sudo",
    "gcloud",
    "az",
    "psql",
    "mysql",
    "redis-cli",
    "mongosh",
    "invoke-expression",
    "iex",
    "start-process",
    "format-volume",
    "clear-content",
    "remove-ec2instance",
];

/// What a text of an unknown shell runs.
pub(super) fn read(code: &[u8]) -> Vec<Finding> {
    if splits_alike(code) {
        return vec![Finding::Shell(fish_words(code))];
    }
    let lower = code.to_ascii_lowercase();
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let word = lower.split(|byte| !is_word(byte)).find_map(|word| {
        NAMES
            .iter()
            .find(|name| word == name.as_bytes() || word.strip_suffix(b".exe") == Some(name.as_bytes()))
    });
    word.map_or_else(Vec::new, |word| {
        vec![Finding::Opaque(format!("{word} in the grammar of another shell"))]
    })
}

/// Whether sh would split the text into the same commands.
fn splits_alike(code: &[u8]) -> bool {
    let mut quote = None;
    for byte in code {
        match (quote, *byte) {
            (None, b'\'' | b'"') => quote = Some(*byte),
            (Some(open), byte) if byte == open => quote = None,
            (None | Some(b'"'), b'$' | b'`' | b'\\')
            | (Some(b'\''), b'\\')
            | (None, b'(' | b')' | b'{' | b'}' | b'@' | b'^' | b'#') => return false,
            _ => {}
        }
    }
    let first_words = code.split(|byte| matches!(byte, b';' | b'\n' | b'|' | b'&'));
    let keyword = |words: &[u8]| {
        let first = words.split(u8::is_ascii_whitespace).find(|word| !word.is_empty()).unwrap_or_default();
        matches!(
            first,
            b"if"
                | b"for"
                | b"while"
                | b"function"
                | b"switch"
                | b"begin"
                | b"end"
                | b"set"
                | b"let"
                | b"foreach"
                | b"def"
                | b"mut"
                | b"try"
                | b"case"
                | b"else"
                | b"else if"
                | b"each"
                | b"do"
        )
    };
    quote.is_none() && !first_words.into_iter().any(keyword)
}

/// `and` and `or` of fish stand in front of a command, and mean nothing for which run.
fn fish_words(code: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(code.len());
    let mut begins = true;
    let mut rest = code;
    while let Some((byte, after)) = rest.split_first() {
        let word = [&b"and "[..], b"or ", b"not "].into_iter().find(|word| begins && rest.starts_with(word));
        if let Some(word) = word {
            rest = rest.get(word.len()..).unwrap_or_default();
            continue;
        }
        begins = matches!(*byte, b';' | b'\n') || (begins && matches!(*byte, b' ' | b'\t'));
        text.push(*byte);
        rest = after;
    }
    text
}
