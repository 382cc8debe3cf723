//! `${…}`.

use super::pieces::Pieces;
use super::quote::{Quotes, Until};
use super::word::Context;
use super::{Dialect, Read, Reader, is_name, starts_name};
use crate::shell::syntax::{Operation, Parameter, Part, Word};

/// What may stand behind the name, the longest first.
const OPERATORS: [&str; 23] = [
    ":-", ":=", ":+", ":?", "-", "=", "+", "?", "##", "#", "%%", "%", "//", "/#", "/%", "/", "^^", "^", ",,",
    ",", ":", "@", "~",
];

impl Reader<'_> {
    /// `${…}`, leniently: shells look at most of it only when they expand it.
    pub(super) fn parameter(&mut self, around: Quotes, pieces: &mut Pieces) -> Read<()> {
        let opened = self.at;
        let quoted = around != Quotes::None;
        self.eat(b"${");
        if matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'|')) {
            // bash 5.3 and zsh 5.10 run commands here, without a shell of their own.
            if self.peek() == Some(b'|') {
                self.step();
            }
            let in_braces = std::mem::replace(&mut self.in_braces, true);
            let script = self.script()?;
            self.in_braces = in_braces;
            self.close(b"}", opened, "`${`")?;
            pieces.part(Part::Command { script, quoted });
            return Ok(());
        }
        let mut parameter = Parameter {
            name: String::new(),
            index: None,
            quoted,
            indirect: false,
            length: false,
            operation: None,
        };
        self.parameter_prefix(&mut parameter)?;
        self.parameter_name(&mut parameter);
        if self.peek() == Some(b'[') {
            parameter.index = Some(self.index(Until::Bracket)?);
        }
        if self.peek() != Some(b'}') {
            parameter.operation = Some(self.operation(around, &mut parameter.indirect)?);
        }
        self.close(b"}", opened, "`${`")?;
        pieces.part(Part::Parameter(parameter));
        Ok(())
    }

    /// zsh's flags, and `!` and `#` where they are not the name.
    fn parameter_prefix(&mut self, parameter: &mut Parameter) -> Read<()> {
        if self.peek() == Some(b'(') {
            parameter.indirect = true;
            let is_zsh = self.shared.dialect == Dialect::Zsh;
            while let Some(byte) = self.peek().filter(|byte| !matches!(byte, b')' | b'}')) {
                if matches!(byte, b'$' | b'`') || matches!(byte, b'\'' | b'"' | b'\\') && !is_zsh {
                    return self.fail("zsh's flags with quotes or substitutions");
                }
                self.step();
            }
            self.eat(b")");
        }
        let begins = |byte: Option<u8>| byte.is_some_and(|byte| is_name(byte) || matches!(byte, b'@' | b'*'));
        match self.peek() {
            Some(b'!') if begins(self.look(1)) || matches!(self.look(1), Some(b'#' | b'!' | b'$')) => {
                parameter.indirect = true;
                self.step();
            }
            Some(b'=' | b'~' | b'^' | b'+') if self.look(1).is_some_and(starts_name) => {
                parameter.indirect = true;
                self.step();
            }
            _ => {}
        }
        if self.peek() == Some(b'#') {
            let special =
                matches!(self.look(1), Some(b'#' | b'?' | b'-' | b'$' | b'!')) && self.look(2) == Some(b'}');
            if begins(self.look(1)) || special {
                parameter.length = true;
                self.step();
            }
        }
        Ok(())
    }

    fn parameter_name(&mut self, parameter: &mut Parameter) {
        match self.peek() {
            Some(byte) if byte.is_ascii_digit() => {
                while let Some(byte) = self.peek().filter(u8::is_ascii_digit) {
                    parameter.name.push(char::from(byte));
                    self.step();
                }
            }
            Some(byte) if starts_name(byte) => parameter.name = self.name(),
            // zsh: a substitution in the name's place.
            Some(b'$')
                if self.look(1).is_some_and(|byte| {
                    is_name(byte) || matches!(byte, b'(' | b'{' | b'[' | b'\'' | b'"')
                }) => {}
            Some(byte @ (b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!')) => {
                parameter.name = char::from(byte).to_string();
                self.step();
            }
            _ => {}
        }
    }

    /// `[…]`.
    pub(super) fn index(&mut self, until: Until) -> Read<Word> {
        let opened = self.at;
        self.step();
        let from = self.at;
        let mut pieces = Pieces::default();
        self.nested(|reader| reader.quoted(until, &mut pieces))?;
        let source = self.slice(from, self.at).to_vec();
        self.close(b"]", opened, "`[`")?;
        Ok(Word { parts: pieces.plain(), source })
    }

    /// The operator and what stands behind it, up to `}`.
    fn operation(&mut self, around: Quotes, indirect: &mut bool) -> Read<Operation> {
        let operator =
            OPERATORS.into_iter().find(|operator| self.sees(operator.as_bytes())).unwrap_or_default();
        self.eat(operator.as_bytes());
        // No shell's plain grammar: zsh's nested `${${x}#y}`, or none at all.
        *indirect |= operator.is_empty();
        let word = if around == Quotes::None {
            self.word(Context::Brace)?.unwrap_or_default()
        } else {
            let from = {
                self.peek();
                self.at
            };
            let mut pieces = Pieces::default();
            let pattern = operator.starts_with(['#', '%', '/', '^', ',']);
            self.quoted(Until::Brace { body: around == Quotes::Body, pattern }, &mut pieces)?;
            Word { parts: pieces.plain(), source: self.slice(from, self.at).to_vec() }
        };
        Ok(Operation { operator: operator.to_owned(), word })
    }
}
