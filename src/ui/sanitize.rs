//! Keeps text that a caller chose from speaking to the terminal.
//!
//! Arguments, workspace names and file contents reach messages only through
//! here. Control characters, escape sequences, and the invisible characters
//! that reorder text are shown as escapes.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;

/// Whether a terminal, or a reader's eye, could be misled by `c`.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00ad}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// `text` with everything unsafe written as `\u{…}` or `\x…`.
pub fn text(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unsafe(c) {
            let _ = write!(clean, "{}", c.escape_unicode());
        } else {
            clean.push(c);
        }
    }
    Cow::Owned(clean)
}

/// A JSON text in which everything unsafe is written by its number (`\u001b`). It means the same:
/// between its strings it holds nothing of the kind but the ends of lines.
pub fn json(text: &str) -> Cow<'_, str> {
    let is_unsafe = |c: char| is_unsafe(c) && c != '\n';
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut clean = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_unsafe(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(clean, "\\u{unit:04x}");
            }
        } else {
            clean.push(c);
        }
    }
    Cow::Owned(clean)
}

/// `value` for display; bytes that are not UTF-8 become `\x..`.
pub fn os(value: &OsStr) -> String {
    let mut clean = String::new();
    for chunk in value.as_bytes().utf8_chunks() {
        clean.push_str(&text(chunk.valid()));
        for byte in chunk.invalid() {
            let _ = write!(clean, "\\x{byte:02x}");
        }
    }
    clean
}

/// One word of a command line, quoted as a shell would need it; what cannot be
/// shown is written in the form `$'…'` of bash and zsh.
pub fn word(value: &OsStr) -> String {
    let shown = os(value);
    if shown.as_bytes() != value.as_bytes() {
        return escaped(value);
    }
    let plain = |c: char| c.is_alphanumeric() || "-_./:=@%+,^".contains(c);
    if !shown.is_empty() && shown.chars().all(plain) {
        shown
    } else {
        format!("'{}'", shown.replace('\'', "'\\''"))
    }
}

/// `value` as `$'…'`, so that it can be copied to another shell and still holds
/// nothing that speaks to the terminal.
fn escaped(value: &OsStr) -> String {
    let mut quoted = String::from("$'");
    for chunk in value.as_bytes().utf8_chunks() {
        for c in chunk.valid().chars() {
            let _ = match c {
                '\n' => write!(quoted, "\\n"),
                '\t' => write!(quoted, "\\t"),
                '\'' | '\\' => write!(quoted, "\\{c}"),
                c if is_unsafe(c) => {
                    let mut bytes = [0; 4];
                    c.encode_utf8(&mut bytes).bytes().try_for_each(|byte| write!(quoted, "\\x{byte:02x}"))
                }
                c => write!(quoted, "{c}"),
            };
        }
        for byte in chunk.invalid() {
            let _ = write!(quoted, "\\x{byte:02x}");
        }
    }
    quoted.push('\'');
    quoted
}

/// A whole command line for display, each word quoted where it needs it.
pub fn command_line<S: AsRef<OsStr>>(words: impl IntoIterator<Item = S>) -> String {
    words.into_iter().map(|part| word(part.as_ref())).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_a_terminal_would_obey() {
        assert_eq!(text("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(text("safe \u{202e}evil"), "safe \\u{202e}evil");
        assert_eq!(os(OsStr::from_bytes(b"x\xff\ny")), "x\\xff\\u{a}y");
    }

    #[test]
    fn json_keeps_its_meaning() {
        let value = serde_json::json!({ "a\u{9b}": "b\u{202e}\u{e0041}\n\u{1b}ä" });
        let written = serde_json::to_string_pretty(&value).unwrap();
        let clean = json(&written);
        assert!(!clean.chars().any(|c| is_unsafe(c) && c != '\n'), "{clean}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&clean).unwrap(), value);
    }

    #[test]
    fn quotes_only_where_needed() {
        assert_eq!(command_line(["state", "rm", "aws_x.y[\"a b\"]"]), "state rm 'aws_x.y[\"a b\"]'");
        assert_eq!(command_line(["a", ""]), "a ''");
        assert_eq!(command_line(["~", "a=~"]), "'~' 'a=~'");
        assert_eq!(word(OsStr::new("it's")), "'it'\\''s'");
        assert_eq!(word(OsStr::new("spec:\n  it's: \\0")), "$'spec:\\n  it\\'s: \\\\0'");
        assert_eq!(word(OsStr::from_bytes(b"x\xff\x1b")), "$'x\\xff\\x1b'");
        assert_eq!(word(OsStr::new("a\u{202e}b")), "$'a\\xe2\\x80\\xaeb'");
    }
}
