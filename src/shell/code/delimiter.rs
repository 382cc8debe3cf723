//! Quoted texts of Perl and Ruby, whose delimiters are chosen freely.

use super::quote::{Escapes, Form};
use super::token::{Lexer, Quote, Token, is_name, is_name_start};

impl Lexer<'_> {
    pub(super) fn perl(&mut self, byte: u8) -> bool {
        match byte {
            b'\'' => self.open(1, Form::new(Quote::Text, byte, Escapes::Quote, false)),
            b'"' => self.open(1, Form::new(Quote::Text, byte, Escapes::All, true)),
            b'`' => self.open(1, Form::new(Quote::Shell, byte, Escapes::All, true)),
            b'<' if self.rest().starts_with(b"<<") => self.here_document(2),
            b'/' if !self.after_value() => self.pattern(),
            b'q' | b'm' | b's' | b't' | b'y' => self.quote_like(),
            _ => false,
        }
    }

    /// `q{}`, `qq{}`, `qx{}`, `qw{}`, `m{}`, `qr{}`, `s{}{}`, `tr{}{}`, `y{}{}`.
    fn quote_like(&mut self) -> bool {
        let letters = self.rest().iter().take(3).take_while(|byte| is_name(**byte)).count();
        let name = self.rest().get(..letters).unwrap_or_default();
        let (quote, code, parts) = match name {
            b"q" => (Quote::Text, false, 1),
            b"qq" => (Quote::Text, true, 1),
            b"qx" => (Quote::Shell, true, 1),
            b"qw" => (Quote::Words, false, 1),
            b"m" | b"qr" => (Quote::Pattern, false, 1),
            b"s" | b"tr" | b"y" => (Quote::Pattern, false, 2),
            _ => return false,
        };
        if matches!(self.tokens.last(), Some(Token::Sign("->" | "-" | "&" | "%"))) {
            return false;
        }
        let spaces = self.rest().iter().skip(letters).take_while(|byte| byte.is_ascii_whitespace()).count();
        let Some(open) = self.peek(letters + spaces) else { return false };
        let next = self.peek(letters + spaces + 1);
        let refused = is_name(open) || matches!(open, b',' | b';' | b')') || (spaces > 0 && open == b'#');
        if refused || (open == b'=' && (spaces > 0 || next == Some(b'>'))) {
            return false;
        }
        // `{s}` is a key.
        if open == b'}' && matches!(self.tokens.last(), Some(Token::Sign("{"))) {
            return false;
        }
        self.delimited(letters + spaces, quote, code && open != b'\'');
        if parts == 2 {
            if matches!(open, b'(' | b'[' | b'{' | b'<') {
                let spaces = self.rest().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                self.delimited(spaces, Quote::Pattern, false);
            } else {
                self.tokens.push(Token::Open(Quote::Pattern));
                self.body(Form::new(Quote::Pattern, open, Escapes::Kept, false));
                self.tokens.push(Token::Close);
            }
        }
        true
    }

    /// A text between the delimiter that stands `skip` bytes ahead and its counterpart.
    fn delimited(&mut self, skip: usize, quote: Quote, code: bool) {
        let Some(open) = self.peek(skip) else { return };
        let close = match open {
            b'(' => b')',
            b'[' => b']',
            b'{' => b'}',
            b'<' => b'>',
            other => other,
        };
        let escapes = match quote {
            Quote::Pattern => Escapes::Kept,
            _ if code => Escapes::All,
            _ => Escapes::Quote,
        };
        let form = Form::new(quote, close, escapes, code);
        self.open(skip + 1, Form { open: (open != close).then_some(open), ..form });
    }

    pub(super) fn ruby(&mut self, byte: u8) -> bool {
        let next = self.peek(1);
        match byte {
            b'\'' => self.open(1, Form::new(Quote::Text, byte, Escapes::Quote, false)),
            b'"' => self.open(1, Form::new(Quote::Text, byte, Escapes::All, true)),
            b'`' => self.open(1, Form::new(Quote::Shell, byte, Escapes::All, true)),
            b'<' if self.rest().starts_with(b"<<") => self.here_document(2),
            b'/' if !self.after_value() => self.pattern(),
            b'%' if self.begins_word() => self.percent(),
            // A symbol is a name like any other.
            b':' if next.is_some_and(is_name_start) && !self.after_value_directly() => {
                self.at += 1;
                let length = self.rest().iter().take_while(|byte| is_name(**byte)).count();
                let name = self.rest().get(..length).unwrap_or_default().to_vec();
                self.tokens.extend([Token::Open(Quote::Text), Token::Text(name), Token::Close]);
                self.at += length;
                true
            }
            _ => false,
        }
    }

    /// Whether what stands directly before is no space and belongs to a value or to `::`.
    fn after_value_directly(&self) -> bool {
        let before = self.at.checked_sub(1).and_then(|before| self.code.get(before));
        before.is_some_and(|byte| is_name(*byte) || matches!(byte, b':' | b')' | b']' | b'}' | b'"' | b'\''))
    }

    /// Whether `%` here begins a text and is no operator.
    fn begins_word(&self) -> bool {
        let next = self.peek(1);
        let name = matches!(self.tokens.last(), Some(Token::Name(_)));
        let spaced = !self.after_value_directly() && next.is_some_and(|next| !next.is_ascii_whitespace());
        (!self.after_value() || name) && spaced && next != Some(b'=')
    }

    fn percent(&mut self) -> bool {
        let letter = self.peek(1).filter(u8::is_ascii_alphabetic);
        let (quote, code) = match letter {
            None | Some(b'Q') => (Quote::Text, true),
            Some(b'q' | b's') => (Quote::Text, false),
            Some(b'x') => (Quote::Shell, true),
            Some(b'w' | b'i') => (Quote::Words, false),
            Some(b'W' | b'I') => (Quote::Words, true),
            Some(b'r') => (Quote::Pattern, true),
            Some(_) => return false,
        };
        let skip = if letter.is_some() { 2 } else { 1 };
        if self.peek(skip).is_none_or(|open| is_name(open) || open.is_ascii_whitespace()) {
            return false;
        }
        self.delimited(skip, quote, code);
        true
    }
}
