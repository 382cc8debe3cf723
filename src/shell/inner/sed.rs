//! sed: the `e` command and the `e` flag of `s`, which run text.

use super::options::anywhere;
use super::{Changes, Inner};
use crate::shell::value::Value;

const OPTIONS: &str = "n,quiet,silent debug e,expression= f,file= E,r,regexp-extended i,in-place== I== l,line-length= \
    posix b,binary follow-symlinks s,separate sandbox u,unbuffered z,null-data help version a";

pub(super) fn inner(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    if !matches!(name, "sed" | "gsed") {
        return None;
    }
    let parsed = anywhere(words, OPTIONS);
    if parsed.has("sandbox help version") {
        return None;
    }
    let scripts: Vec<&[u8]> = parsed.values("e").map(|script| script.bytes.as_slice()).collect();
    let script = if parsed.has("e f") {
        scripts.join(&b'\n')
    } else {
        parsed.operands.first().map(|script| script.bytes.clone()).unwrap_or_default()
    };
    Some(Script { rest: &script }.runs())
}

/// A sed script, taken apart as far as it must be to find commands.
struct Script<'a> {
    rest: &'a [u8],
}

impl<'a> Script<'a> {
    fn runs(mut self) -> Vec<Inner> {
        let mut inners = Vec::new();
        while let Some(command) = self.next_command() {
            match command {
                b'#' | b'r' | b'R' | b'w' | b'W' => {
                    self.line();
                }
                b':' | b'b' | b't' | b'T' | b'v' | b'F' | b'l' | b'L' | b'q' | b'Q' => {
                    self.until(b";\n}");
                }
                b'a' | b'i' | b'c' => while self.line().ends_with(b"\\") {},
                b'e' => {
                    let text = self.line().trim_ascii();
                    inners.push(if text.is_empty() {
                        Inner::opaque("sed runs the lines that it reads")
                    } else {
                        Inner::text(Value::known(text), &[], &Changes::default())
                    });
                }
                b's' | b'y' => inners.extend(self.substitution(command == b's')),
                _ => {}
            }
        }
        inners
    }

    fn take(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    /// What stands in front of any of these bytes.
    fn until(&mut self, ends: &[u8]) -> &'a [u8] {
        let at = self.rest.iter().position(|byte| ends.contains(byte)).unwrap_or(self.rest.len());
        let (front, rest) = self.rest.split_at_checked(at).unwrap_or((self.rest, &[]));
        self.rest = rest;
        front
    }

    fn line(&mut self) -> &'a [u8] {
        let line = self.until(b"\n");
        self.take();
        line
    }

    /// The letter of the next command, behind its addresses.
    fn next_command(&mut self) -> Option<u8> {
        loop {
            match self.take()? {
                b'/' => {
                    self.delimited(b'/');
                }
                b'\\' => {
                    let delimiter = self.take()?;
                    self.delimited(delimiter);
                }
                byte @ (b'#' | b':' | b'=' | b'{' | b'}') => return Some(byte),
                // `I` and `M` stand behind a pattern of an address.
                b'I' | b'M' => {}
                byte if byte.is_ascii_alphabetic() => return Some(byte),
                _ => {}
            }
        }
    }

    /// What stands in front of a delimiter that no backslash hides.
    fn delimited(&mut self, delimiter: u8) -> &'a [u8] {
        let whole = self.rest;
        let mut length = 0;
        while let Some(byte) = self.take() {
            if byte == delimiter {
                return whole.get(..length).unwrap_or_default();
            }
            length += 1;
            if byte == b'\\' && self.take().is_some() {
                length += 1;
            }
        }
        whole
    }

    fn substitution(&mut self, runs: bool) -> Option<Inner> {
        let delimiter = self.take()?;
        let pattern = self.delimited(delimiter);
        let replacement = self.delimited(delimiter);
        if !runs {
            return None;
        }
        let mut evaluates = false;
        while let Some(flag) = self.rest.first().copied() {
            match flag {
                b'w' => {
                    self.line();
                    break;
                }
                b'e' => evaluates = true,
                b'g' | b'p' | b'i' | b'I' | b'm' | b'M' | b'0'..=b'9' => {}
                _ => break,
            }
            self.take();
        }
        if !evaluates {
            return None;
        }
        // The whole line is replaced where the pattern matches all of it.
        let whole = matches!(pattern, b".*" | b"^.*$" | b"^.*" | b".*$");
        let plain = !replacement.iter().any(|byte| matches!(byte, b'&' | b'\\'));
        Some(if whole && plain {
            Inner::text(Value::known(replacement), &[], &Changes::default())
        } else {
            Inner::opaque("sed runs what it makes of a line")
        })
    }
}
