//! The quoted texts of each language: which forms there are, and where they end.

use super::token::{Lexer, Quote, Token, is_name, is_name_start};
use crate::shell::inner::Language;
use crate::shell::value::HOLE;

/// How long a pattern between slashes may be.
const MAX_PATTERN: usize = 1000;

/// How a quoted text is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    pub(super) quote: Quote,
    /// The byte that opens it, where it nests.
    open: Option<u8>,
    /// The byte that ends it, as often as `times`; none for a here-document.
    close: Option<u8>,
    times: usize,
    /// Which escapes are undone.
    pub(super) escapes: Escapes,
    /// Whether code stands in it.
    pub(super) code: bool,
    /// Whether a line's end ends it.
    line: bool,
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
    fn new(quote: Quote, close: u8, escapes: Escapes, code: bool) -> Self {
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

    fn body(&mut self, form: Form) {
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
            let found = self.rest().iter().take(256).position(|byte| *byte == close);
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

    fn perl(&mut self, byte: u8) -> bool {
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

    fn ruby(&mut self, byte: u8) -> bool {
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

    /// `/…/`, up to the slash that stands in no brackets. One that has no end on
    /// its line is no pattern.
    fn pattern(&mut self) -> bool {
        let mut in_class = false;
        let mut escaped = false;
        for (length, byte) in self.rest().iter().enumerate().take(MAX_PATTERN).skip(1) {
            match byte {
                b'\n' => return false,
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'/' if !in_class => {
                    self.at += length + 1;
                    self.tokens.extend([Token::Open(Quote::Pattern), Token::Close]);
                    return true;
                }
                _ => {}
            }
        }
        false
    }

    /// `<<"END"`, `<<~END`, `<<<END`, whose opening takes `skip` bytes.
    fn here_document(&mut self, skip: usize) -> bool {
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
        let Some(end) = self.line_of(delimiter, from) else { return false };
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
}
