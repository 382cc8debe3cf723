//! Where in the text something is put or taken out, and with which blanks.

use std::ops::Range;

use super::{Container, Document, Fault, nothing};
use crate::agents::node::Layout;

impl Document {
    /// The text with one more child at the end of `container`, as `write` has it:
    /// with an indentation, or on a line with others.
    pub(super) fn with(
        &self,
        container: &Container,
        write: impl Fn(&Layout, Option<&str>) -> String,
    ) -> Result<String, Fault> {
        let layout = self.layout();
        let Range { start: open, end } = container.range.clone();
        let close = end.checked_sub(1).ok_or_else(nothing)?;
        // Behind the last thing that is inside, which may be a comment.
        let at = open + self.part(open..close).trim_end().len();
        let Some(last) = container.children.last() else {
            let outer = self.indent_at(open);
            let inner = format!("{outer}{}", layout.unit);
            let piece = if self.is_one_line() {
                write(&layout, None)
            } else {
                let newline = layout.newline;
                format!("{newline}{inner}{}{newline}{outer}", write(&layout, Some(&inner)))
            };
            return Ok(self.spliced(&[(at..close, piece)]));
        };
        let next = self.after_trivia(last.end);
        let has_comma = self.part(next..close).starts_with(',');
        let piece = if self.part(open..close).contains('\n') {
            let indent = if self.starts_line(last.start) {
                self.indent_at(last.start)
            } else {
                format!("{}{}", self.indent_at(open), layout.unit)
            };
            format!("{}{indent}{}", layout.newline, write(&layout, Some(&indent)))
        } else {
            format!("{}{}", layout.space, write(&layout, None))
        };
        Ok(if has_comma {
            self.spliced(&[(at..at, format!("{piece},"))])
        } else {
            self.spliced(&[(last.end..last.end, ",".to_owned()), (at..at, piece)])
        })
    }

    /// The text without a child of `container`.
    pub(super) fn without(&self, container: &Container, child: usize) -> Result<String, Fault> {
        let Range { start: open, end } = container.range.clone();
        let close = end.checked_sub(1).ok_or_else(nothing)?;
        let range = container.children.get(child).ok_or_else(nothing)?.clone();
        let before = self.part(0..range.start).trim_end().len();
        let next = self.after_trivia(range.end);
        let has_comma = self.part(next..close).starts_with(',');
        let end = if has_comma { next + 1 } else { range.end };
        let is_last = child + 1 == container.children.len();
        if container.children.len() == 1 {
            let rest = format!("{}{}", self.part(open + 1..before), self.part(end..close));
            let cut = if rest.trim().is_empty() { open + 1..close } else { before..end };
            return Ok(self.spliced(&[(cut, String::new())]));
        }
        if is_last && !has_comma {
            let previous = child.checked_sub(1).and_then(|index| container.children.get(index));
            let comma = self.after_trivia(previous.ok_or_else(nothing)?.end);
            return Ok(self
                .spliced(&[(comma..comma + 1, String::new()), (before.max(comma + 1)..end, String::new())]));
        }
        // The first on a line with others leaves no space behind.
        let gap = self.part(end..close);
        let space = gap.len() - gap.trim_start_matches(' ').len();
        let end = if child == 0 && before == open + 1 && range.start == before { end + space } else { end };
        Ok(self.spliced(&[(before..end, String::new())]))
    }

    /// The text with each range, in order, replaced.
    pub(super) fn spliced(&self, pieces: &[(Range<usize>, String)]) -> String {
        let (mut text, mut done) = (String::new(), 0);
        for (range, piece) in pieces {
            text.push_str(self.part(done..range.start));
            text.push_str(piece);
            done = range.end;
        }
        text.push_str(self.part(done..self.text.len()));
        text
    }

    /// A part of the text; ranges are of whole tokens.
    pub(super) fn part(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    /// Where the next token is, behind blanks and comments.
    fn after_trivia(&self, from: usize) -> usize {
        let mut at = from;
        loop {
            let rest = self.part(at..self.text.len());
            let skipped = rest.len() - rest.trim_start().len();
            let rest = rest.trim_start();
            let comment = if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |end| end + 2)
            } else {
                return at + skipped;
            };
            at += skipped + comment;
        }
    }

    /// The blanks that begin the line of a place.
    pub(super) fn indent_at(&self, at: usize) -> String {
        let line = self.line_before(at);
        line.chars().take_while(|c| matches!(c, ' ' | '\t')).collect()
    }

    fn starts_line(&self, at: usize) -> bool {
        self.line_before(at).trim().is_empty()
    }

    fn line_before(&self, at: usize) -> &str {
        self.part(0..at).rsplit('\n').next().unwrap_or_default()
    }

    /// Whether all of it is on one line, as programs write it.
    fn is_one_line(&self) -> bool {
        let text = self.text.trim();
        !text.contains('\n') && self.value.as_object().is_some_and(|object| !object.is_empty())
    }

    pub(super) fn layout(&self) -> Layout {
        let newline = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        let indented = self.find(&[]).ok().and_then(|root| root.children.first().map(|child| child.start));
        let unit = indented.filter(|at| self.starts_line(*at)).map(|at| self.indent_at(at));
        let is_dense = self.is_one_line() && !self.text.contains("\": ");
        Layout {
            newline,
            unit: unit.filter(|unit| !unit.is_empty()).unwrap_or_else(|| "  ".to_owned()),
            space: if is_dense { "" } else { " " },
        }
    }
}
