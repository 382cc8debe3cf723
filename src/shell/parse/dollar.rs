//! What begins with `$`, and process substitutions.

use super::pieces::Pieces;
use super::quote::{Quotes, Until};
use super::{Read, Reader, is_name, starts_name};
use crate::shell::syntax::{Parameter, Part, Script, Word};

impl Reader<'_> {
    /// `$` and what belongs to it.
    pub(super) fn dollar(&mut self, around: Quotes, pieces: &mut Pieces) -> Read<()> {
        let quoted = around != Quotes::None;
        let Some(next) = self.look(1) else {
            self.step();
            pieces.literal(b"$", quoted);
            return Ok(());
        };
        match next {
            b'(' => self.nested(|reader| reader.dollar_parenthesis(quoted, pieces)),
            b'{' => self.nested(|reader| reader.parameter(around, pieces)),
            b'[' => self.nested(|reader| reader.dollar_bracket(quoted, pieces)),
            b'\'' if !quoted && !self.shared.plain => {
                self.step();
                self.peek();
                self.ansi(pieces)
            }
            b'"' if !quoted => {
                self.step();
                self.peek();
                self.nested(|reader| reader.double(pieces))
            }
            _ => {
                self.bare_parameter(next, quoted, pieces);
                Ok(())
            }
        }
    }

    /// `$NAME`, `$1`, `$@`, or a dollar sign.
    fn bare_parameter(&mut self, next: u8, quoted: bool, pieces: &mut Pieces) {
        self.step();
        let mut parameter = Parameter {
            name: String::new(),
            index: None,
            quoted,
            indirect: false,
            length: false,
            operation: None,
        };
        if starts_name(next) {
            parameter.name = self.name();
        } else if next.is_ascii_digit() || matches!(next, b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!') {
            parameter.name = char::from(next).to_string();
            self.step();
        } else if matches!(next, b'=' | b'~' | b'^' | b'+') && self.look(1).is_some_and(starts_name) {
            // zsh splits or globs the value, or asks whether there is one.
            self.step();
            parameter.name = self.name();
            parameter.indirect = true;
        } else {
            return pieces.literal(b"$", quoted);
        }
        pieces.part(Part::Parameter(parameter));
    }

    /// Takes the letters, digits and underscores that come next.
    pub(super) fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(byte) = self.peek().filter(|byte| is_name(*byte)) {
            name.push(char::from(byte));
            self.step();
        }
        name
    }

    /// `$((…))` or `$(…)`.
    fn dollar_parenthesis(&mut self, quoted: bool, pieces: &mut Pieces) -> Read<()> {
        let start = self.at;
        self.eat(b"$(");
        if self.peek() == Some(b'(') {
            let inside = self.at;
            self.step();
            if let Some(word) = self.arithmetic()? {
                pieces.part(Part::Arithmetic { word, quoted });
                return Ok(());
            }
            self.retry(inside)?;
        }
        let script = self.substitution(start)?;
        pieces.part(Part::Command { script, quoted });
        Ok(())
    }

    /// Commands up to `)`. Here-documents of the line around have their bodies
    /// behind that line, not in here.
    pub(super) fn substitution(&mut self, opened: usize) -> Read<Script> {
        let around = std::mem::take(&mut self.pending);
        let lines = self.at;
        let in_braces = std::mem::take(&mut self.in_braces);
        let script = self.script()?;
        self.in_braces = in_braces;
        if !self.pending.is_empty() {
            return self.fail("a here-document whose body does not begin within its `$( )`");
        }
        let inner = self.slice(lines, self.at);
        if !around.is_empty() && inner.contains(&b'\n') && inner.windows(2).any(|pair| pair == b"<<") {
            return self.fail("a here-document in a substitution between another and its body");
        }
        self.pending = around;
        self.close(b")", opened, "`$(`")?;
        Ok(script)
    }

    /// `$[…]`, which only bash and zsh know.
    fn dollar_bracket(&mut self, quoted: bool, pieces: &mut Pieces) -> Read<()> {
        let opened = self.at;
        self.eat(b"$[");
        let from = self.at;
        let mut inner = Pieces::default();
        let until = if quoted { Until::Bracket } else { Until::Index };
        self.quoted(until, &mut inner)?;
        let source = self.slice(from, self.at).to_vec();
        self.close(b"]", opened, "`$[`")?;
        pieces.part(Part::Arithmetic { word: Word { parts: inner.plain(), source }, quoted });
        Ok(())
    }

    /// `<(…)`, `>(…)`, `=(…)`.
    pub(super) fn process(&mut self, byte: u8, pieces: &mut Pieces) -> Read<()> {
        let opened = self.at;
        self.step();
        self.step();
        let script = self.nested(|reader| reader.substitution(opened))?;
        pieces.part(Part::Process { script, reads: byte == b'>' });
        Ok(())
    }
}
