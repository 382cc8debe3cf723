//! How far a value reaches that a name and a separator stand before.
//!
//! Where that is in doubt, it reaches further: rather too much is redacted. A
//! bracket or a quote that closes what was opened before it is left standing.

use std::ops::Range;

/// A name and where its value starts.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Where the name starts.
    pub(super) name: usize,
    /// Where the value starts, with its quotes.
    pub(super) value: usize,
    /// Whether `:` stands between them, not `=`.
    pub(super) colon: bool,
    /// Whether the name stands in quotes of its own.
    pub(super) quoted_name: bool,
    /// The quote that is open around both.
    pub(super) quote: Option<u8>,
}

/// A value in its text.
pub(super) struct Value<'a> {
    pub(super) text: &'a [u8],
    pub(super) place: Place,
    /// Whether a brace is open around it.
    pub(super) in_braces: bool,
    /// Whether a bracket is.
    pub(super) in_brackets: bool,
}

impl Value<'_> {
    /// The value, without quotes. `None` where it is an object, whose own
    /// names say what is secret.
    pub(super) fn range(&self) -> Option<Range<usize>> {
        let rest = self.text.get(self.place.value..)?;
        let backslashes = count(rest, b'\\');
        match (rest.first()?, rest.get(backslashes)) {
            (_, Some(quote @ (b'"' | b'\''))) if self.place.quote != Some(*quote) || backslashes > 0 => {
                let start = self.place.value + backslashes + 1;
                Some(start..self.closing(start, *quote, backslashes))
            }
            (b'{', _) => None,
            (b'[', _) => self.list(),
            _ if self.place.colon && !self.place.quoted_name && !self.in_braces && !self.in_brackets => {
                self.plain()
            }
            _ => Some(self.place.value..self.unquoted()),
        }
    }

    fn at(&self, at: usize) -> Option<u8> {
        self.text.get(at).copied()
    }

    /// Where the quote that was opened before `from`, with so many backslashes
    /// before it, is closed.
    fn closing(&self, from: usize, quote: u8, backslashes: usize) -> usize {
        let mut run = 0;
        let mut at = from;
        while let Some(byte) = self.at(at) {
            if byte == quote {
                let closes = if backslashes == 0 { run % 2 == 0 } else { run <= backslashes };
                let doubled = quote == b'\'' && self.at(at + 1) == Some(quote) && at > from;
                if closes && !doubled {
                    return if backslashes == 0 { at } else { at - run };
                }
                at += usize::from(closes && doubled);
            }
            run = if byte == b'\\' { run + 1 } else { 0 };
            at += 1;
        }
        self.text.len()
    }

    /// The elements of a list, unless they are objects.
    fn list(&self) -> Option<Range<usize>> {
        let start = self.place.value + 1;
        let first = self.text.get(start..)?.iter().find(|byte| !byte.is_ascii_whitespace());
        if matches!(first, Some(b'{' | b'[')) {
            return None;
        }
        let mut at = start;
        while let Some(byte) = self.at(at) {
            match byte {
                b']' => break,
                b'"' | b'\'' if self.place.quote != Some(byte) => at = self.closing(at + 1, byte, 0),
                _ => {}
            }
            at += 1;
        }
        Some(start..at.min(self.text.len()))
    }

    /// The value of a line of YAML, and the lines that go on with it.
    fn plain(&self) -> Option<Range<usize>> {
        let rest = self.text.get(..self.place.name)?;
        let column = rest.iter().rev().take_while(|byte| b" \t-?".contains(byte)).count();
        let mut end = self.line(self.place.value);
        let ended = |end| self.place.quote.is_some() && self.at(end) != Some(b'\n');
        if end == self.place.value {
            let next = self.text.get(end + 1..)?;
            let next = next.split(|byte| *byte == b'\n').next()?.trim_ascii();
            if next.starts_with(b"- ") || next.ends_with(b":") || next.windows(2).any(|part| part == b": ") {
                return None;
            }
        }
        let mut from = end + 1;
        while from < self.text.len() && !ended(end) {
            let to = self.line(from);
            let line = self.text.get(from..to)?;
            let indented = count(line, b' ');
            if indented < line.len() && indented <= column {
                break;
            }
            if indented < line.len() {
                end = to;
            }
            from = to + 1;
        }
        Some(self.place.value..end)
    }

    /// Where the line that `from` is in ends, or the quote around it.
    fn line(&self, from: usize) -> usize {
        let rest = self.text.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|byte| **byte != b'\n' && Some(**byte) != self.place.quote).count()
    }

    /// Where a value without quotes ends.
    fn unquoted(&self) -> usize {
        let before = self.place.name.checked_sub(1).and_then(|at| self.at(at));
        // In shorthand a value may hold spaces, in a shell it ends there.
        let shorthand = !self.place.quoted_name && before.is_none_or(|byte| b"{,[".contains(&byte));
        let mut expansions = 0_usize;
        let mut at = self.place.value;
        while let Some(byte) = self.at(at) {
            match byte {
                b'\n' => break,
                b' ' | b'\t' | b'\r' if !shorthand => break,
                b'"' | b'\'' if self.place.quote == Some(byte) => break,
                b'"' | b'\'' if self.place.quote.is_none() => at = self.closing(at + 1, byte, 0),
                b'\\' if self.place.quote.is_some() && self.at(at + 1) == self.place.quote => break,
                b'\\' => at += 1,
                b'{' if at > self.place.value && self.at(at - 1) == Some(b'$') => expansions += 1,
                b'}' if expansions > 0 => expansions -= 1,
                b'}' if self.in_braces => break,
                b']' if self.in_brackets => break,
                b',' | b';' | b'&' if self.another_follows(at + 1) => break,
                _ => {}
            }
            at += 1;
        }
        at.min(self.text.len())
    }

    /// Whether at `from` another value starts, rather than more of this one.
    fn another_follows(&self, from: usize) -> bool {
        let rest = self.text.get(from..).unwrap_or_default().trim_ascii_start();
        let name =
            rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(byte)).count();
        match rest.get(name) {
            Some(b'=' | b':') => name > 0,
            None | Some(b'"' | b'\'' | b'{' | b'[' | b'}') => name == 0,
            Some(b' ') => rest.get(name..).is_some_and(|rest| rest.trim_ascii_start().starts_with(b"=")),
            _ => false,
        }
    }
}

/// How many of `byte` the text starts with.
fn count(text: &[u8], byte: u8) -> usize {
    text.iter().take_while(|first| **first == byte).count()
}
