//! What names are given: assignments, and what is put behind a value.

use super::bind::Bound;
use super::known::Known;
use super::reader::{Mode, Reader};
use super::token::Token;
use crate::shell::inner::Language;

impl Reader<'_> {
    /// Whether `:` at `at` begins the type of the name at `start`.
    pub(super) fn annotates(&self, start: usize, at: usize) -> bool {
        if at != start + 1 || !self.is(&[Language::Python, Language::JavaScript]) {
            return false;
        }
        let Some(name) = self.name(start) else { return false };
        let before = start.checked_sub(1).and_then(|before| self.tokens.get(before));
        let declared = match (self.language, before) {
            (Language::Python, Some(Token::Line(_) | Token::Sign(";"))) => {
                !matches!(name, "else" | "try" | "finally")
            }
            (Language::JavaScript, Some(Token::Name(word))) => {
                matches!(word.as_str(), "const" | "let" | "var")
            }
            _ => false,
        };
        declared && self.name(at + 1).is_some()
    }

    /// `name: type = value`; without a value it ends behind the type.
    pub(super) fn annotated(&mut self, start: usize, at: &mut usize, value: Known) -> Result<Known, Known> {
        let target = self.target(start, *at);
        *at += 1;
        self.skip_annotation(at);
        if self.sign(*at) != Some("=") {
            return Err(value);
        }
        *at += 1;
        self.bind(&target.unwrap_or_default(), Bound::At(*at));
        Ok(self.expression(at))
    }

    fn skip_annotation(&mut self, at: &mut usize) {
        let mut depth = 0_usize;
        for _ in 0..32 {
            match self.tokens.get(*at) {
                Some(Token::Sign("[" | "(" | "<" | "{")) => depth += 1,
                Some(Token::Sign("]" | ")" | ">" | "}")) => depth = depth.saturating_sub(1),
                Some(Token::Sign("=" | ";" | "=>") | Token::Line(_)) | None if depth == 0 => return,
                None => return,
                _ => {}
            }
            *at += 1;
        }
    }

    /// The name that an assignment to the tokens of `start..end` gives a value.
    fn target(&self, start: usize, end: usize) -> Option<String> {
        if end <= start || end - start > 7 {
            return None;
        }
        let mut path = String::new();
        for token in self.tokens.get(start..end)? {
            match token {
                Token::Name(name) if matches!(name.as_str(), "my" | "our" | "local") => {}
                Token::Name(name) => path.push_str(name),
                Token::Sign("->") => path.push('.'),
                _ => return None,
            }
        }
        Some(path)
    }

    pub(super) fn assignment(&mut self, start: usize, at: &mut usize, value: &Known) -> Known {
        let target = self.target(start, *at);
        *at += 1;
        let from = *at;
        if self.mode == Mode::Bind {
            if let Some(target) = target {
                self.define_arrow(&target, from);
                self.bind(&target, Bound::At(from));
            } else if let (Known::Path(name), Language::Perl) = (value, self.language) {
                // `my ($x) = …`
                self.bind(name, Bound::Item(from, 0));
            } else if let Known::List(items) = value {
                for (index, item) in items.iter().enumerate() {
                    if let Known::Path(name) = item {
                        self.bind(name, Bound::Item(from, index));
                    }
                }
            } else if let Known::Map(pairs) = value {
                for (key, local) in pairs {
                    if let Known::Path(name) = local {
                        self.bind(name, Bound::Property(from, key.clone()));
                    }
                }
            }
        }
        self.expression(at)
    }

    /// `name = (a, b) => …`, `name = function(a, b) …`.
    fn define_arrow(&mut self, name: &str, at: usize) {
        if self.language != Language::JavaScript {
            return;
        }
        let mut at = at;
        while matches!(self.name(at), Some("async" | "function")) {
            at += 1;
        }
        let bracket = self.sign(at) == Some("(");
        let function = at > 0 && self.name(at - 1) == Some("function");
        let close = self.tokens.iter().skip(at).take(128).position(|token| *token == Token::Sign(")"));
        let arrow = close.is_some_and(|close| matches!(self.sign(at + close + 1), Some("=>" | ":")));
        let single = self.name(at).is_some() && self.sign(at + 1) == Some("=>");
        if single || bracket && (function || arrow) {
            self.define(name, at);
        }
    }

    pub(super) fn addition(&mut self, start: usize, at: &mut usize, value: Known) -> Known {
        let target = self.target(start, *at);
        *at += 1;
        if let Some(target) = target {
            self.bind(&target, Bound::Added(*at));
        }
        let right = self.expression(at);
        self.concat(value, &right)
    }

    pub(super) fn push(&mut self, start: usize, at: &mut usize, value: Known) -> Known {
        let target = self.target(start, *at);
        *at += 1;
        if let Some(target) = target {
            self.bind(&target, Bound::Pushed(*at));
        }
        let right = self.operand(at);
        let right = if value.is_text() { right } else { Known::List(vec![right]) };
        self.concat(value, &right)
    }
}
