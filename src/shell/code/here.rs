//! Here-documents.

use std::collections::HashMap;

use super::quote::{Escapes, Form};
use super::token::{Lexer, Quote, is_name};
use crate::shell::inner::Language;

impl<'a> Lexer<'a> {
    /// `<<"END"`, `<<~END`, `<<<END`, whose opening takes `skip` bytes.
    pub(super) fn here_document(&mut self, skip: usize) -> bool {
        let mut at = skip;
        if self.language == Language::Php {
            at += self.rest().iter().skip(at).take_while(|byte| **byte == b' ').count();
        }
        let indented = matches!(self.peek(at), Some(b'~' | b'-')) && self.language != Language::Php;
        at += usize::from(indented);
        let quote = self.peek(at).filter(|byte| matches!(byte, b'"' | b'\'' | b'`'));
        at += usize::from(quote.is_some());
        let length = self.rest().iter().skip(at).take_while(|byte| is_name(**byte)).count();
        let delimiter = self.rest().get(at..at + length).unwrap_or_default();
        if length == 0 || (quote.is_none() && !delimiter.iter().any(u8::is_ascii_uppercase)) {
            return false;
        }
        at += length + usize::from(quote.is_some());
        if self.line_of(delimiter, self.at).is_none() {
            return false;
        }
        let from = self.resume.or_else(|| {
            let length = self.rest().iter().position(|byte| *byte == b'\n')?;
            Some(self.at + length + 1)
        });
        let Some(from) = from else { return false };
        let Some(end) = self.line_of(delimiter, from).filter(|end| *end <= self.end) else { return false };
        let kind = if quote == Some(b'`') { Quote::Shell } else { Quote::Text };
        let raw = quote == Some(b'\'');
        let escapes = if raw { Escapes::No } else { Escapes::All };
        let form = Form { close: None, ..Form::new(kind, 0, escapes, !raw) };
        let (after, outer) = (self.at + at, self.end);
        self.resume = None;
        (self.at, self.end) = (from, end);
        self.open(0, form);
        self.end = outer;
        self.at = after;
        let line = self.code.get(end..outer).unwrap_or_default();
        // What follows a delimiter on its line is code in PHP alone.
        let rest = if self.language == Language::Php {
            line.iter().take_while(|byte| byte.is_ascii_whitespace()).count() + length
        } else {
            line.iter().position(|byte| *byte == b'\n').map_or(line.len(), |length| length + 1)
        };
        self.resume = Some(end + rest);
        true
    }

    /// Where the line begins that ends a here-document, from `from` on.
    pub(super) fn line_of(&mut self, delimiter: &[u8], from: usize) -> Option<usize> {
        let code = self.code;
        let lines = self.lines.get_or_insert_with(|| {
            let mut lines: HashMap<&'a [u8], Vec<usize>> = HashMap::new();
            let mut at = 0;
            for line in code.split(|byte| *byte == b'\n') {
                let text = line.trim_ascii();
                let text = text
                    .iter()
                    .position(|byte| !is_name(*byte))
                    .map_or(text, |length| text.get(..length).unwrap_or_default());
                lines.entry(text).or_default().push(at);
                at += line.len() + 1;
            }
            lines
        });
        let starts = lines.get(delimiter)?;
        starts.get(starts.partition_point(|start| *start < from)).copied()
    }
}
