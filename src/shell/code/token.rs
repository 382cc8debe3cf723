//! Source code to tokens, as far as all these languages are alike.
//!
//! Strings come out as their parts between [`Token::Open`] and [`Token::Close`],
//! and code that stands in a string (`{x}`, `${x}`, `#{x}`) as its own tokens
//! between [`Token::Inside`] and [`Token::Outside`]: one flat list, made in one pass.

use std::collections::HashMap;

use super::pattern::Ends;
use crate::shell::inner::Language;

/// How deep code may stand in strings in code.
const MAX_NESTING: usize = 32;

/// What a quoted text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quote {
    /// Text.
    Text,
    /// A template literal of JavaScript, which a name in front may take over.
    Template,
    /// Text that a shell runs: backticks, `qx{}`, `%x{}`.
    Shell,
    /// Words: `qw()`, `%w[]`.
    Words,
    /// A pattern, which is no text.
    Pattern,
}

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A name, with the sigil that stands in front (`$x`).
    Name(String),
    /// A number, as it is written.
    Number(Vec<u8>),
    /// A quoted text begins.
    Open(Quote),
    /// Some of its text, escapes undone.
    Text(Vec<u8>),
    /// Code in it begins.
    Inside,
    /// Code in it ends.
    Outside,
    /// A quoted text ends.
    Close,
    /// An operator or a bracket. `->` is access to a member in every language.
    Sign(&'static str),
    /// A line's end where it means something, and how far the next is indented.
    Line(usize),
}

/// The operators, the longest first.
const SIGNS: &[&str] = &[
    "...", "**=", "||=", "&&=", "??=", "//=", ">>=", "<<=", "===", "!==", "<=>", "==", "!=", "<=", ">=",
    "=>", "->", "::", "?.", "&.", "+=", "-=", "*=", "/=", ".=", "%=", "|=", "&=", "^=", "||", "&&", "??",
    "**", ":=", "=~", "!~", "<<", ">>", "..", "|&", "++", "--", "+", "-", "*", "/", "%", ".", ",", ";", ":",
    "=", "<", ">", "!", "?", "&", "|", "^", "~", "@", "#", "$", "\\", "(", ")", "[", "]", "{", "}",
];

/// Reads code to tokens.
pub(super) struct Lexer<'a> {
    pub(super) code: &'a [u8],
    pub(super) at: usize,
    /// Where it stops reading.
    pub(super) end: usize,
    pub(super) language: Language,
    pub(super) tokens: Vec<Token>,
    /// Where the line after here-documents begins.
    pub(super) resume: Option<usize>,
    /// Set where something is nested too deep to be read.
    pub(super) too_deep: bool,
    pub(super) patterns: Ends,
    pub(super) brackets: Vec<u8>,
    pub(super) nesting: usize,
    /// Where each line begins that may end a here-document.
    pub(super) lines: Option<HashMap<&'a [u8], Vec<usize>>>,
}

/// The tokens of `code`; `None` where it is nested too deep.
pub(super) fn tokens(code: &[u8], language: Language) -> Option<Vec<Token>> {
    let mut lexer = Lexer {
        code,
        at: 0,
        end: code.len(),
        language,
        tokens: Vec::new(),
        resume: None,
        too_deep: false,
        patterns: Ends::default(),
        brackets: Vec::new(),
        nesting: 0,
        lines: None,
    };
    lexer.start();
    lexer.run(None);
    (!lexer.too_deep).then_some(lexer.tokens)
}

impl<'a> Lexer<'a> {
    pub(super) fn peek(&self, ahead: usize) -> Option<u8> {
        let at = self.at + ahead;
        if at < self.end { self.code.get(at).copied() } else { None }
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.code.get(self.at..self.end).unwrap_or_default()
    }

    pub(super) fn is(&self, languages: &[Language]) -> bool {
        languages.contains(&self.language)
    }

    pub(super) fn push_text(&mut self, text: Vec<u8>) {
        if !text.is_empty() {
            self.tokens.push(Token::Text(text));
        }
    }

    /// Code within a string, up to the `}` that closes it.
    pub(super) fn code_in_string(&mut self) {
        self.tokens.push(Token::Inside);
        if self.nesting >= MAX_NESTING {
            self.too_deep = true;
            self.at = self.end;
        } else {
            self.nesting += 1;
            self.run(Some(b'}'));
            self.nesting -= 1;
        }
        self.tokens.push(Token::Outside);
    }

    /// Reads to the end, or to behind `closer` where it closes nothing read here.
    fn run(&mut self, closer: Option<u8>) {
        let base = self.brackets.len();
        while let Some(byte) = self.peek(0) {
            if self.brackets.len() == base && closer.is_some() {
                if closer == Some(byte) {
                    self.at += 1;
                    return;
                }
                if self.language == Language::Python && self.ends_field(byte) {
                    self.skip_format();
                    return;
                }
            }
            self.token(byte, base);
        }
    }

    /// Whether the expression of an f-string's field ends here.
    fn ends_field(&self, byte: u8) -> bool {
        match byte {
            b':' => true,
            b'!' => self.peek(1) != Some(b'='),
            b'=' => matches!(self.peek(1), Some(b'}' | b':' | b'!')),
            _ => false,
        }
    }

    /// Skips what says how an f-string's field is written, and its `}`.
    fn skip_format(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.peek(0) {
            self.at += 1;
            match byte {
                b'{' => depth += 1,
                b'}' if depth == 0 => return,
                b'}' => depth -= 1,
                _ => {}
            }
        }
    }

    fn token(&mut self, byte: u8, base: usize) {
        match byte {
            b'\n' => self.line(),
            b' ' | b'\t' | b'\r' | 0x0B | 0x0C => self.at += 1,
            b'\\' if self.peek(1) == Some(b'\n') => self.at += 2,
            _ if self.comment(byte) || self.string(byte) => {}
            b'0'..=b'9' => self.number(),
            _ if is_name_start(byte) => self.name(0),
            b'$' | b'@' if self.sigil(byte) => {}
            _ => self.sign(base),
        }
    }

    fn number(&mut self) {
        let rest = self.rest();
        let length =
            rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').unwrap_or(rest.len());
        self.tokens.push(Token::Number(rest.get(..length).unwrap_or_default().to_vec()));
        self.at += length;
    }

    /// A name whose first `sigil` bytes are one.
    fn name(&mut self, sigil: usize) {
        let rest = self.rest();
        let dollar = self.language == Language::JavaScript;
        let length = rest
            .iter()
            .skip(sigil)
            .position(|byte| !(is_name(*byte) || dollar && *byte == b'$'))
            .map_or(rest.len(), |length| length + sigil);
        let name = String::from_utf8_lossy(rest.get(..length).unwrap_or_default()).into_owned();
        self.tokens.push(Token::Name(name));
        self.at += length.max(1);
    }

    /// `$x` and `@x`, where the language has such names.
    fn sigil(&mut self, byte: u8) -> bool {
        let next = self.peek(1);
        let named = next.is_some_and(is_name_start);
        match self.language {
            Language::JavaScript if byte == b'$' => self.name(0),
            Language::Php if byte == b'$' && named => self.name(1),
            Language::Perl if named => self.name(1),
            Language::Ruby if named || (byte == b'@' && next == Some(b'@')) => {
                self.name(if named { 1 } else { 2 });
            }
            Language::Perl if byte == b'$' && next.is_some_and(|next| next != b'{' && next > b' ') => {
                self.at += 2;
                self.tokens.push(Token::Name("$?".to_owned()));
            }
            _ => return false,
        }
        true
    }

    fn sign(&mut self, base: usize) {
        let rest = self.rest();
        let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(sign.as_bytes())) else {
            self.at += 1;
            return;
        };
        self.at += sign.len();
        match *sign {
            "(" | "[" | "{" => self.brackets.extend(sign.as_bytes()),
            ")" | "]" | "}" if self.brackets.len() > base => {
                self.brackets.pop();
            }
            _ => {}
        }
        let joins = self.is(&[Language::Perl, Language::Php]);
        self.tokens.push(Token::Sign(match *sign {
            "." if !joins => "->",
            "::" | "?." | "&." => "->",
            sign => sign,
        }));
    }

    /// Whether what stands before is a value, so that `/` divides.
    pub(super) fn after_value(&self) -> bool {
        match self.tokens.last() {
            Some(Token::Name(name)) => !matches!(
                name.as_str(),
                "return"
                    | "typeof"
                    | "case"
                    | "in"
                    | "of"
                    | "and"
                    | "or"
                    | "not"
                    | "if"
                    | "unless"
                    | "when"
                    | "while"
                    | "until"
                    | "split"
                    | "grep"
                    | "print"
                    | "puts"
                    | "p"
                    | "yield"
                    | "await"
                    | "else"
            ),
            Some(Token::Number(_) | Token::Close) => true,
            Some(Token::Sign(sign)) => matches!(*sign, ")" | "]" | "}"),
            _ => false,
        }
    }
}

/// Whether a name may begin with it. Signs beyond ASCII are taken for letters.
pub(super) fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

/// Whether a name may hold it.
pub(super) fn is_name(byte: u8) -> bool {
    is_name_start(byte) || byte.is_ascii_digit()
}
