//! What stands between operators: names, texts, brackets.

use super::Finding;
use super::bind::Bound;
use super::items::{named, values};
use super::known::Known;
use super::reader::Reader;
use super::token::{Quote, Token};
use crate::shell::inner::Language;

/// Words that are no value, and stand in front of one.
const PREFIXES: &[&str] = &[
    "not", "await", "new", "return", "yield", "delete", "typeof", "raise", "throw", "async", "else", "elif",
    "then", "do", "begin", "print", "echo", "assert", "void", "defined", "ref", "puts", "die", "warn", "say",
    "exit",
];

impl Reader<'_> {
    pub(super) fn operand(&mut self, at: &mut usize) -> Known {
        if !self.goes_on(at) {
            return Known::Unknown;
        }
        self.nesting += 1;
        let start = *at;
        let value = self.primary(at);
        let value = if *at > start { self.postfix(start, at, value) } else { value };
        self.nesting -= 1;
        value
    }

    fn primary(&mut self, at: &mut usize) -> Known {
        match self.tokens.get(*at) {
            Some(Token::Name(name)) => self.primary_name(name, at),
            Some(Token::Number(digits)) => {
                *at += 1;
                Known::Text(digits.clone())
            }
            Some(Token::Open(_)) => self.strings(at),
            Some(Token::Sign(sign)) => self.primary_sign(sign, at),
            Some(Token::Line(_) | Token::Outside | Token::Close) | None => Known::Unknown,
            Some(Token::Inside | Token::Text(_)) => {
                *at += 1;
                Known::Unknown
            }
        }
    }

    fn primary_name(&mut self, name: &str, at: &mut usize) -> Known {
        *at += 1;
        let member = at.checked_sub(2).is_some_and(|before| self.sign(before) == Some("->"));
        let key = matches!(self.sign(*at), Some(":" | "=>" | "=" | "," | ")"));
        if PREFIXES.contains(&name) && !member && !key {
            return if self.language == Language::Awk && matches!(name, "print" | "printf") {
                self.awk_print(at)
            } else {
                self.operand(at)
            };
        }
        match name {
            "def" | "function" | "sub" | "fn" | "func" => {
                let mut defined = *at;
                // `def self.name`
                if self.name(defined) == Some("self") && self.sign(defined + 1) == Some("->") {
                    defined += 2;
                }
                if let Some(name) = self.name(defined) {
                    self.define(name, defined + 1);
                    if name == "__init__" {
                        let class = self.class;
                        self.define(class, defined + 1);
                    }
                    *at = defined + 1;
                }
                Known::Unknown
            }
            "class" if self.language == Language::Python => {
                self.class = self.name(*at).unwrap_or_default();
                Known::Unknown
            }
            "lambda" if self.language == Language::Python => {
                let colon =
                    self.tokens.iter().skip(*at).take(64).position(|token| *token == Token::Sign(":"));
                *at += colon.map_or(0, |colon| colon + 1);
                self.expression(at);
                Known::Unknown
            }
            "for" | "foreach" if self.language == Language::Perl => {
                *at += usize::from(self.name(*at) == Some("my"));
                if let (Some(name), Some("(")) = (self.name(*at), self.sign(*at + 1)) {
                    self.bind(name, Bound::Element(*at + 1));
                    *at += 1;
                }
                Known::Unknown
            }
            "my" | "our" | "local" if self.language == Language::Perl => self.operand(at),
            "printf" if self.language == Language::Awk => self.awk_print(at),
            _ => self.value_of(name),
        }
    }

    /// Quoted texts; next to each other they are one in some languages.
    fn strings(&mut self, at: &mut usize) -> Known {
        let (quote, mut value) = self.quoted(at);
        if self.is(&[Language::Python, Language::Ruby]) {
            while self.tokens.get(*at) == Some(&Token::Open(Quote::Text)) {
                let (_, next) = self.quoted(at);
                value = self.concat(value, &next);
            }
        }
        match quote {
            Quote::Text | Quote::Template => value,
            Quote::Shell => {
                self.add_all(value.texts().into_iter().map(Finding::Shell));
                Known::Unknown
            }
            Quote::Words => value.map(super::text::split),
            Quote::Pattern => Known::Unknown,
        }
    }

    fn primary_sign(&mut self, sign: &str, at: &mut usize) -> Known {
        match sign {
            "(" => {
                let (items, sequence) = self.items(at, ")");
                let mut items = items;
                if !sequence && items.len() == 1 && items.first().is_some_and(|item| item.name.is_none()) {
                    return items.pop().map_or(Known::Unknown, |item| item.value);
                }
                Known::List(values(items))
            }
            "[" => {
                let start = *at;
                let (items, _) = self.items(at, "]");
                let comprehends = items.first().is_some_and(|item| {
                    let until = (*at).min(item.start + 256);
                    items.len() == 1 && (item.start..until).any(|at| self.name(at) == Some("for"))
                });
                if items.iter().any(|item| item.name.is_some()) {
                    return Known::Map(named(items));
                }
                if comprehends && *at > start {
                    return Known::List(vec![Known::Spread(Box::new(Known::Unknown))]);
                }
                Known::List(values(items))
            }
            "{" => {
                let (items, _) = self.items(at, "}");
                Known::Map(named(items))
            }
            "*" | "**" | "..." | "@" => {
                *at += 1;
                let inner = self.operand(at);
                if let Known::Map(_) = inner { inner } else { Known::Spread(Box::new(inner)) }
            }
            "-" if matches!(self.tokens.get(*at + 1), Some(Token::Number(_))) => {
                *at += 1;
                Known::text("-").concat(&self.primary(at))
            }
            "\\" | "&" | "#" => {
                *at += 1;
                self.operand(at)
            }
            ":" | "," | ";" | ")" | "]" | "}" | "=>" | "=" => Known::Unknown,
            _ => {
                *at += 1;
                self.operand(at);
                Known::Unknown
            }
        }
    }
}
