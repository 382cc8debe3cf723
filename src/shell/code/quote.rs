//! The quoted texts of each language: which forms there are, and where they end.

use super::token::{Lexer, Quote, Token, is_name, is_name_start};
use crate::shell::inner::Language;
use crate::shell::value::HOLE;

/// How long the subscript of a variable in a text may be.
const MAX_SUBSCRIPT: usize = 128;

/// How a quoted text is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    pub(super) quote: Quote,
    /// The byte that opens it, where it nests.
    pub(super) open: Option<u8>,
    /// The byte that ends it, as often as `times`; none for a here-document.
    pub(super) close: Option<u8>,
    pub(super) times: usize,
    /// Which escapes are undone.
    pub(super) escapes: Escapes,
    /// Whether code stands in it.
    pub(super) code: bool,
    /// Whether a line's end ends it.
    pub(super) line: bool,
}

/// Which escapes are undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escapes {
    /// All of them.
    All,
    /// The delimiter's and the backslash's.
    Quote,
    /// None, but a delimiter behind a backslash does not end it.
    Kept,
    /// None at all.
    No,
}

impl Form {
    pub(super) fn new(quote: Quote, close: u8, escapes: Escapes, code: bool) -> Self {
        Self { quote, open: None, close: Some(close), times: 1, escapes, code, line: false }
    }
}

impl Lexer<'_> {
    /// Reads a quoted text, where one begins.
    pub(super) fn string(&mut self, byte: u8) -> bool {
        let form = match self.language {
            Language::Python => return self.python(byte),
            Language::Perl => return self.perl(byte),
            Language::Ruby => return self.ruby(byte),
            Language::JavaScript => match byte {
                b'\'' | b'"' => {
                    Some(Form { line: true, ..Form::new(Quote::Text, byte, Escapes::All, false) })
                }
                b'`' => Some(Form::new(Quote::Template, byte, Escapes::All, true)),
                b'/' if !self.after_value() => return self.pattern(),
                _ => None,
            },
            Language::Php => match byte {
                b'\'' => Some(Form::new(Quote::Text, byte, Escapes::Quote, false)),
                b'"' => Some(Form::new(Quote::Text, byte, Escapes::All, true)),
                b'`' => Some(Form::new(Quote::Shell, byte, Escapes::All, true)),
                b'<' if self.rest().starts_with(b"<<<") => return self.here_document(3),
                _ => None,
            },
            Language::Awk => match byte {
                b'"' => Some(Form { line: true, ..Form::new(Quote::Text, byte, Escapes::All, false) }),
                b'/' if !self.after_value() => return self.pattern(),
                _ => None,
            },
            Language::Shell | Language::OtherShell | Language::Editor => None,
        };
        form.is_some_and(|form| self.open(1, form))
    }

    /// Reads a text whose opening takes `skip` bytes.
    pub(super) fn open(&mut self, skip: usize, form: Form) -> bool {
        self.at += skip;
        self.tokens.push(Token::Open(form.quote));
        self.body(form);
        self.tokens.push(Token::Close);
        true
    }

    pub(super) fn body(&mut self, form: Form) {
        let mut text = Vec::new();
        let mut depth = 0_usize;
        while let Some(byte) = self.peek(0) {
            if self.closes(byte, form) && depth == 0 {
                self.at += form.times;
                break;
            }
            if form.line && byte == b'\n' {
                break;
            }
            if byte == b'\\' && form.escapes != Escapes::No {
                self.escape(form, &mut text);
                continue;
            }
            if form.code && self.interpolation(byte, &mut text) {
                continue;
            }
            if form.open.is_some() && form.open == Some(byte) {
                depth += 1;
            } else if form.open.is_some() && form.close == Some(byte) {
                depth = depth.saturating_sub(1);
            }
            text.push(byte);
            self.at += 1;
        }
        self.push_text(text);
    }

    fn closes(&self, byte: u8, form: Form) -> bool {
        form.close == Some(byte) && (1..form.times).all(|ahead| self.peek(ahead) == Some(byte))
    }

    fn escape(&mut self, form: Form, text: &mut Vec<u8>) {
        let Some(next) = self.peek(1) else {
            text.push(b'\\');
            self.at += 1;
            return;
        };
        if form.escapes == Escapes::All {
            self.at += 1;
            let (length, undone) = super::escape::escape(self.rest(), self.language);
            self.at += length.max(1);
            text.extend(undone);
            return;
        }
        self.at += 2;
        let undone = form.escapes == Escapes::Quote && (next == b'\\' || form.close == Some(next));
        if !undone {
            text.push(b'\\');
        }
        text.push(next);
    }

    /// Code in a string, where some begins.
    fn interpolation(&mut self, byte: u8, text: &mut Vec<u8>) -> bool {
        let next = self.peek(1);
        let skip = match (self.language, byte, next) {
            (Language::Python, b'{' | b'}', Some(same)) if same == byte => {
                text.push(byte);
                self.at += 2;
                return true;
            }
            (Language::Python, b'{', _) | (Language::Php, b'{', Some(b'$')) => 1,
            (Language::JavaScript | Language::Php, b'$', Some(b'{'))
            | (Language::Perl, b'$' | b'@', Some(b'{'))
            | (Language::Ruby, b'#', Some(b'{')) => 2,
            (Language::Perl | Language::Php, b'$', Some(start)) if is_name_start(start) => 0,
            (Language::Perl, b'@', Some(start)) if is_name_start(start) => 0,
            (Language::Perl, b'$', Some(b'0'..=b'9' | b'!' | b'&' | b'@' | b'$')) => {
                text.push(HOLE);
                self.at += 2;
                return true;
            }
            _ => return false,
        };
        self.push_text(std::mem::take(text));
        if skip == 0 {
            self.variable();
        } else {
            self.at += skip;
            self.code_in_string();
        }
        true
    }

    /// `$name` in a string; what is taken out of it is not known.
    fn variable(&mut self) {
        let rest = self.rest();
        let length = 1 + rest.iter().skip(1).take_while(|byte| is_name(**byte)).count();
        let name = String::from_utf8_lossy(rest.get(..length).unwrap_or_default()).into_owned();
        self.at += length;
        let arrow = self.rest().starts_with(b"->");
        let follows = self.peek(if arrow { 2 } else { 0 });
        let member = arrow && self.language == Language::Php && follows.is_some_and(is_name_start);
        let subscript = match follows {
            Some(b'[') => Some(b']'),
            Some(b'{') if self.language == Language::Perl => Some(b'}'),
            _ => None,
        };
        if let Some(close) = subscript {
            let found = self.rest().iter().take(MAX_SUBSCRIPT).position(|byte| *byte == close);
            self.at += found.map_or(0, |found| found + 1);
            self.tokens.push(Token::Text(vec![HOLE]));
        } else if member {
            self.at += 2 + self.rest().iter().skip(2).take_while(|byte| is_name(**byte)).count();
            self.tokens.push(Token::Text(vec![HOLE]));
        } else {
            self.tokens.extend([Token::Inside, Token::Name(name), Token::Outside]);
        }
    }

    fn python(&mut self, byte: u8) -> bool {
        let prefix = self
            .rest()
            .iter()
            .take(3)
            .take_while(|byte| matches!(byte.to_ascii_lowercase(), b'r' | b'b' | b'f' | b'u' | b't'))
            .count();
        let Some(quote @ (b'\'' | b'"')) = self.peek(prefix) else { return false };
        if prefix == 0 && byte != quote {
            return false;
        }
        let letters = self.rest().get(..prefix).unwrap_or_default().to_ascii_lowercase();
        let triple = self.peek(prefix + 1) == Some(quote) && self.peek(prefix + 2) == Some(quote);
        let escapes = if letters.contains(&b'r') { Escapes::Kept } else { Escapes::All };
        let code = letters.contains(&b'f') || letters.contains(&b't');
        let times = if triple { 3 } else { 1 };
        let form = Form { times, line: !triple, ..Form::new(Quote::Text, quote, escapes, code) };
        self.open(prefix + times, form)
    }

    /// `/…/`, up to the slash that stands in no brackets. One that has no end on
    /// its line is no pattern.
    pub(super) fn pattern(&mut self) -> bool {
        let Some(end) = self.pattern_end(self.at + 1).filter(|end| *end < self.end) else { return false };
        self.at = end + 1;
        self.tokens.extend([Token::Open(Quote::Pattern), Token::Close]);
        true
    }
}
