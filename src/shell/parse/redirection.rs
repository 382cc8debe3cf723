//! Redirections, which may stand anywhere among a command's words.

use super::word::Context;
use super::{Dialect, Read, Reader, is_name, starts_name};
use crate::shell::syntax::{Part, Redirection, RedirectionKind, Word};

/// The operators, the longest first.
const OPERATORS: [(&[u8], RedirectionKind); 12] = [
    (b"<<<", RedirectionKind::HereString),
    (b"<<-", RedirectionKind::HereDocument),
    (b"<<", RedirectionKind::HereDocument),
    (b"<&", RedirectionKind::DuplicateInput),
    (b"<>", RedirectionKind::ReadWrite),
    (b"<", RedirectionKind::Read),
    (b">>", RedirectionKind::Append),
    (b">&", RedirectionKind::Duplicate),
    (b">|", RedirectionKind::Write),
    (b">", RedirectionKind::Write),
    (b"&>>", RedirectionKind::Append),
    (b"&>", RedirectionKind::Write),
];

impl Reader<'_> {
    /// A redirection, where one begins here.
    pub(super) fn redirection(&mut self) -> Read<Option<Redirection>> {
        let start = {
            self.peek();
            self.at
        };
        let descriptor = self.descriptor();
        let operator = self.at;
        if self.sees(b"<(") || self.sees(b">(") || (descriptor.is_some() && self.peek() == Some(b'&')) {
            self.at = start;
            return Ok(None);
        }
        let Some((bytes, kind)) = OPERATORS.into_iter().find(|(bytes, _)| self.sees(bytes)) else {
            self.at = start;
            return Ok(None);
        };
        self.eat(bytes);
        if kind == RedirectionKind::HereDocument {
            let target = self.heredoc(operator, bytes == b"<<-")?;
            return Ok(Some(Redirection { kind, descriptor, target }));
        }
        let forced = self.peek() == Some(b'!') && matches!(bytes, b">" | b">>" | b">&" | b"&>" | b"&>>");
        if forced && self.shared.dialect == Dialect::Zsh {
            self.step();
        } else if forced && self.shared.dialect.may_be_zsh() {
            return self.fail("a redirection to `!`, which zsh takes for a part of the operator");
        }
        self.blanks();
        let Some(target) = self.word(Context::Argument)? else { return self.unexpected() };
        let kind = if bytes == b">&" && !is_descriptor(&target) { RedirectionKind::Write } else { kind };
        Ok(Some(Redirection { kind, descriptor, target }))
    }

    /// Takes the number or `{name}` directly in front of an operator.
    fn descriptor(&mut self) -> Option<String> {
        let start = self.at;
        let mut text = Vec::new();
        let named = self.peek() == Some(b'{') && self.look(1).is_some_and(starts_name);
        if named {
            text.push(b'{');
            self.step();
        }
        while let Some(byte) =
            self.peek().filter(|byte| if named { is_name(*byte) } else { byte.is_ascii_digit() })
        {
            text.push(byte);
            self.step();
        }
        if named && self.peek() == Some(b'}') {
            text.push(b'}');
            self.step();
        }
        let closed = !named || text.last() == Some(&b'}');
        if !text.is_empty() && closed && matches!(self.peek(), Some(b'<' | b'>')) {
            return String::from_utf8(text).ok();
        }
        self.at = start;
        None
    }
}

/// Whether the target of `>&` is a descriptor: a number, `-`, or both.
fn is_descriptor(word: &Word) -> bool {
    match word.parts.as_slice() {
        [Part::Literal { text, .. }] => {
            let digits = text.strip_suffix(b"-").unwrap_or(text);
            digits.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    }
}
