//! Quoted text: `'…'`, `"…"`, `$'…'`, and what is read as if it were quoted.

use super::pieces::Pieces;
use super::{Dialect, Read, Reader};
use crate::shell::syntax::Part;

/// In what kind of quotes something stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    /// In none.
    None,
    /// In double quotes.
    Double,
    /// In the body of a here-document.
    Body,
}

/// What ends text in which only `$`, backticks and backslashes have a meaning.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// `"`.
    Quote,
    /// The text's end: a here-document's body.
    End,
    /// The `}` of `${…}` in quotes; whether these are a here-document, and whether what
    /// stands in it is a pattern.
    Brace { body: bool, pattern: bool },
    /// The `)` that belongs to an arithmetic expression's `(`.
    Parenthesis,
    /// The `]` of `$[…]` or of an index in `${…}`.
    Bracket,
    /// The `]` of an assignment's index, which sh does not know.
    Index,
}

impl Until {
    fn quotes(self) -> Quotes {
        if matches!(self, Self::End | Self::Brace { body: true, .. }) { Quotes::Body } else { Quotes::Double }
    }

    /// The bytes that open and close the same.
    fn pair(self) -> Option<(u8, u8)> {
        match self {
            Self::Parenthesis => Some((b'(', b')')),
            Self::Bracket | Self::Index => Some((b'[', b']')),
            Self::Quote | Self::End | Self::Brace { .. } => None,
        }
    }

    /// Whether bash takes single quotes here for quotes.
    fn is_pattern_in_bash(self, dialect: Dialect) -> bool {
        dialect == Dialect::Bash && matches!(self, Self::Brace { body: false, pattern: true })
    }

    /// Whether a backslash takes away the meaning of this byte.
    fn escapes(self, byte: u8) -> bool {
        match byte {
            b'$' | b'`' | b'\\' => true,
            b'"' => !matches!(self, Self::End | Self::Brace { body: true, .. }),
            b'}' => matches!(self, Self::Brace { .. }),
            _ => false,
        }
    }
}

impl Reader<'_> {
    /// `'…'`.
    pub(super) fn single(&mut self, pieces: &mut Pieces) -> Read<()> {
        let opened = self.at;
        self.step();
        let from = self.at;
        while self.byte(self.at).is_some_and(|byte| byte != b'\'') {
            self.step_raw();
        }
        let to = self.at;
        if to >= self.end {
            self.at = opened;
            return self.fail("a single quote is not closed");
        }
        pieces.literal(self.slice(from, to), true);
        self.step_raw();
        Ok(())
    }

    /// `"…"`.
    pub(super) fn double(&mut self, pieces: &mut Pieces) -> Read<()> {
        let opened = self.at;
        self.step();
        let mut inner = Pieces { groups: pieces.groups, bracket: pieces.bracket, ..Pieces::default() };
        self.quoted(Until::Quote, &mut inner)?;
        self.close(b"\"", opened, "a double quote")?;
        if inner.is_empty() {
            pieces.quoted_empty();
        }
        for part in inner.plain() {
            match part {
                Part::Literal { text, quoted } => pieces.literal(&text, quoted),
                part => pieces.part(part),
            }
        }
        Ok(())
    }

    /// Text up to what ends it, which is not taken.
    pub(super) fn quoted(&mut self, until: Until, pieces: &mut Pieces) -> Read<()> {
        let mut open: usize = 0;
        // Where a single quote that was looked at closes.
        let mut closing = 0;
        while let Some(byte) = self.peek() {
            let pair = until.pair();
            match byte {
                b'"' if until == Until::Quote => return Ok(()),
                b'}' if matches!(until, Until::Brace { .. }) => return Ok(()),
                _ if pair.is_some_and(|(opens, _)| opens == byte) => open = open.saturating_add(1),
                _ if pair.is_some_and(|(_, closes)| closes == byte) => match open.checked_sub(1) {
                    Some(left) => open = left,
                    None => return Ok(()),
                },
                _ => {}
            }
            let at = self.at;
            match byte {
                b'$' => {
                    self.dollar(until.quotes(), pieces)?;
                    continue;
                }
                b'`' => {
                    self.backtick(until.quotes(), pieces)?;
                    continue;
                }
                b'\\' => {
                    self.escaped_in_quotes(until, pieces);
                    continue;
                }
                b'"' if until != Until::End && until.quotes() == Quotes::Double => {
                    self.nested(|reader| reader.double(pieces))?;
                    continue;
                }
                b'\'' if until.is_pattern_in_bash(self.shared.dialect) => {
                    self.single(pieces)?;
                    continue;
                }
                b'"' | b'\'' if at > closing => closing = self.quote_without_meaning(byte, until)?,
                b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' | b'\n'
                    if until == Until::Index && self.shared.dialect != Dialect::Bash =>
                {
                    return self.fail("an operator between brackets, which sh takes for the command's end");
                }
                _ => {}
            }
            pieces.literal(&[byte], true);
            self.step();
        }
        Ok(())
    }

    /// A backslash where it takes away the meaning of few bytes only.
    fn escaped_in_quotes(&mut self, until: Until, pieces: &mut Pieces) {
        self.step_raw();
        let Some(next) = self.byte(self.at) else { return pieces.literal(b"\\", true) };
        if !until.escapes(next) {
            pieces.literal(b"\\", true);
        }
        pieces.literal(&[next], true);
        self.step_raw();
    }

    /// A quote that has no meaning in one shell or place and one in another: what
    /// stands up to the next must be the same either way. Where that is, is returned.
    fn quote_without_meaning(&self, quote: u8, until: Until) -> Read<usize> {
        if matches!(until, Until::Quote | Until::End) {
            return Ok(self.end);
        }
        let rest = self.slice(self.at.saturating_add(1), self.end);
        let Some(length) = rest.iter().position(|byte| *byte == quote) else {
            return self.fail("a quote that is not closed, where not all shells take it for one");
        };
        let differs =
            |byte: &u8| matches!(byte, b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'"' | b'\'' | b'`' | b'\\');
        if rest.get(..length).unwrap_or_default().iter().any(differs) {
            return self.fail("quotes that not all shells take for quotes");
        }
        Ok(self.at.saturating_add(length).saturating_add(1))
    }

    /// `$'…'`; the reader is at its quote.
    pub(super) fn ansi(&mut self, pieces: &mut Pieces) -> Read<()> {
        let opened = self.at;
        self.step();
        let mut text = Vec::new();
        let mut unknown = false;
        loop {
            let Some(byte) = self.byte(self.at) else {
                self.at = opened;
                return self.fail("a single quote is not closed");
            };
            self.step_raw();
            match byte {
                b'\'' => break,
                b'\\' => unknown |= !self.ansi_escape(&mut text)?,
                _ => text.push(byte),
            }
        }
        if text.contains(&0) {
            return self.fail("a NUL byte in `$'…'`");
        }
        if unknown {
            pieces.glob(&text);
        } else {
            pieces.literal(&text, true);
        }
        Ok(())
    }

    /// One escape of `$'…'`. Whether shells agree on what it stands for.
    fn ansi_escape(&mut self, text: &mut Vec<u8>) -> Read<bool> {
        let Some(byte) = self.byte(self.at) else { return Ok(true) };
        self.step_raw();
        let byte = match byte {
            b'a' => 0x07,
            b'b' => 0x08,
            b'e' | b'E' => 0x1b,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 0x0b,
            b'\'' => {
                self.shared.sh_differs = true;
                byte
            }
            b'\\' | b'"' | b'?' => byte,
            b'0'..=b'7' => {
                self.at = self.at.saturating_sub(1);
                // More than a byte holds is cut off, as C does.
                u8::try_from(self.number(8, 3).unwrap_or_default() & 0xff).unwrap_or_default()
            }
            b'x' => match self.number(16, 2) {
                Some(number) => u8::try_from(number & 0xff).unwrap_or_default(),
                None => return self.fail("`\\x` without digits in `$'…'`"),
            },
            b'u' | b'U' => {
                let number = self.number(16, if byte == b'u' { 4 } else { 8 });
                let Some(letter) = number.and_then(char::from_u32) else {
                    return self.fail("`\\u` without the number of a letter in `$'…'`");
                };
                text.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                return Ok(true);
            }
            b'c' if self.shared.dialect == Dialect::Bash => {
                let Some(letter) = self.byte(self.at) else { return Ok(true) };
                self.step_raw();
                letter & 0x1f
            }
            b'c' | b'C' | b'M' => {
                return self.fail("a control letter in `$'…'`, which shells write differently");
            }
            // bash keeps the backslash, zsh does not.
            _ => {
                text.extend([b'\\', byte]);
                return Ok(false);
            }
        };
        text.push(byte);
        Ok(true)
    }

    /// Takes up to `most` digits.
    fn number(&mut self, radix: u32, most: usize) -> Option<u32> {
        let mut number = None;
        for _ in 0..most {
            let Some(digit) = self.byte(self.at).and_then(|byte| char::from(byte).to_digit(radix)) else {
                break;
            };
            number = Some(number.unwrap_or(0_u32).wrapping_mul(radix).wrapping_add(digit));
            self.step_raw();
        }
        number
    }
}
