//! Here-documents: where their bodies are, and what stands in them.

use super::pieces::Pieces;
use super::quote::Until;
use super::{Read, Reader, is_meta};
use crate::shell::syntax::{Part, Word};

/// A here-document of which the body has not been reached.
pub(super) struct Pending {
    operator: usize,
    delimiter: Vec<u8>,
    quoted: bool,
    tabs: bool,
}

impl Pending {
    /// Whether a line of this text would end the body.
    pub(super) fn ends_in(&self, text: &[u8]) -> bool {
        text.split(|byte| *byte == b'\n').any(|line| strip(line, self.tabs) == self.delimiter)
    }
}

/// Where a body is.
#[derive(Clone, Copy)]
pub(super) struct Body {
    from: usize,
    to: usize,
}

/// A line without the tabs in front.
fn strip(line: &[u8], tabs: bool) -> &[u8] {
    let count = if tabs { line.iter().take_while(|byte| **byte == b'\t').count() } else { 0 };
    line.get(count..).unwrap_or_default()
}

impl Reader<'_> {
    /// What stands behind `<<` or `<<-`: the delimiter. The body is returned.
    pub(super) fn heredoc(&mut self, operator: usize, tabs: bool) -> Read<Word> {
        self.blanks();
        let (delimiter, quoted) = self.delimiter()?;
        self.pending.push(Pending { operator, delimiter, quoted, tabs });
        if self.surveying {
            return Ok(Word::default());
        }
        let Some(body) = self.bodies.get(&operator).copied() else {
            return self.fail("a here-document whose body was not found");
        };
        let mut text = Vec::with_capacity(body.to.saturating_sub(body.from));
        for line in self.slice(body.from, body.to).split_inclusive(|byte| *byte == b'\n') {
            text.extend_from_slice(strip(line, tabs));
        }
        if quoted {
            let parts = vec![Part::Literal { text: text.clone(), quoted: true }];
            return Ok(Word { parts, source: text });
        }
        let depth = self.depth.saturating_add(1);
        let outcome = self.nested(|reader| Reader::read(&text, depth, &mut reader.shared, body_parts));
        let parts = outcome.map_err(|mut unread| {
            unread.at = body.from;
            unread
        })?;
        Ok(Word { parts, source: text })
    }

    /// The delimiter without its quotes, and whether it had any.
    fn delimiter(&mut self) -> Read<(Vec<u8>, bool)> {
        let mut delimiter = Vec::new();
        let mut quoted = false;
        let start = self.at;
        while let Some(byte) = self.peek() {
            match byte {
                b'\'' | b'"' => {
                    quoted = true;
                    self.step();
                    self.delimiter_quoted(byte, &mut delimiter)?;
                    continue;
                }
                b'\\' => {
                    quoted = true;
                    self.step();
                    delimiter.extend(self.byte(self.at));
                }
                b'`' => return self.fail("a here-document's delimiter with a backtick"),
                b'$' if matches!(self.look(1), Some(b'(' | b'{' | b'[' | b'\'' | b'"')) => {
                    return self.fail("a here-document's delimiter with a substitution");
                }
                _ if is_meta(byte) => break,
                _ => delimiter.push(byte),
            }
            self.step_raw();
        }
        if self.at == start {
            return self.unexpected();
        }
        if delimiter.contains(&b'\n') {
            return self.fail("a here-document's delimiter of several lines");
        }
        Ok((delimiter, quoted))
    }

    fn delimiter_quoted(&mut self, quote: u8, delimiter: &mut Vec<u8>) -> Read<()> {
        loop {
            match self.byte(self.at) {
                None => return self.fail("a here-document's delimiter whose quote is not closed"),
                Some(byte) if byte == quote => break,
                Some(b'\\' | b'$' | b'`') if quote == b'"' => {
                    return self.fail("a here-document's delimiter with `\\`, `$` or a backtick in quotes");
                }
                Some(byte) => delimiter.push(byte),
            }
            self.step_raw();
        }
        self.step_raw();
        Ok(())
    }

    pub(super) fn step_raw(&mut self) {
        self.at = self.at.saturating_add(1).min(self.end);
    }

    /// Passes over the bodies that begin here, at a line's beginning.
    pub(super) fn bodies_here(&mut self) -> Read<()> {
        for pending in std::mem::take(&mut self.pending) {
            let from = self.at;
            let to = self.body_end(&pending)?;
            self.bodies.insert(pending.operator, Body { from, to });
        }
        Ok(())
    }

    /// At the text's end: bodies that never began are empty.
    pub(super) fn bodies_at_end(&mut self) {
        for pending in std::mem::take(&mut self.pending) {
            self.bodies_empty(&pending);
        }
    }

    pub(super) fn bodies_empty(&mut self, pending: &Pending) {
        self.bodies.insert(pending.operator, Body { from: self.at, to: self.at });
    }

    /// Passes over a body and its last line; where the body ends is returned. The
    /// text's end ends it too, of which shells warn.
    fn body_end(&mut self, pending: &Pending) -> Read<usize> {
        let mut went_on = false;
        while self.at < self.end {
            let start = self.at;
            let rest = self.slice(start, self.end);
            let length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            let line = self.slice(start, start.saturating_add(length));
            let stripped = strip(line, pending.tabs);
            let backslashes = line.iter().rev().take_while(|byte| **byte == b'\\').count();
            let goes_on = !pending.quoted && backslashes % 2 == 1;
            let bare = stripped.get(..stripped.len().saturating_sub(usize::from(goes_on)));
            if bare == Some(pending.delimiter.as_slice()) && (went_on || goes_on) {
                return self.fail("a here-document's delimiter next to a continued line");
            }
            self.at = start.saturating_add(length).saturating_add(1).min(self.end);
            if stripped == pending.delimiter {
                return Ok(start);
            }
            went_on = goes_on;
        }
        Ok(self.end)
    }
}

/// All of the text as a body in which substitutions happen.
fn body_parts(reader: &mut Reader<'_>) -> Read<Vec<Part>> {
    let mut pieces = Pieces::default();
    reader.quoted(Until::End, &mut pieces)?;
    if pieces.is_empty() {
        pieces.quoted_empty();
    }
    Ok(pieces.plain())
}
