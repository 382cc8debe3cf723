//! Expressions, as far as these languages write them alike.
//!
//! Nothing is refused: what is no expression is gone through for the calls in it.

use super::bind::Bound;
use super::known::Known;
use super::reader::Reader;
use super::token::Token;
use crate::shell::inner::Language;

/// Words that stand between two values.
const OPERATORS: &[&str] = &["is", "instanceof", "in", "of", "not"];

/// Those of Perl.
const WORD_OPERATORS: &[&str] = &["eq", "ne", "lt", "gt", "le", "ge", "cmp", "x", "xor", "isa"];

impl Reader<'_> {
    /// The value of the expression at `at`, and moves behind it.
    pub(super) fn expression(&mut self, at: &mut usize) -> Known {
        if !self.goes_on(at) {
            return Known::Unknown;
        }
        self.nesting += 1;
        let value = self.operators(at);
        self.nesting -= 1;
        value
    }

    /// Whether there are steps left, and it is not nested too deep; otherwise moves on.
    pub(super) fn goes_on(&mut self, at: &mut usize) -> bool {
        if !self.spend(1) {
            *at = self.tokens.len();
            return false;
        }
        let deep = self.nesting >= crate::shell::MAX_DEPTH;
        if deep {
            self.opaque("the code is nested too deep");
            *at += 1;
        }
        !deep
    }

    fn operators(&mut self, at: &mut usize) -> Known {
        let start = *at;
        let mut value = self.operand(at);
        loop {
            let here = *at;
            value = match self.tokens.get(here) {
                Some(Token::Sign(sign)) => match self.operator(sign, start, at, value) {
                    Ok(value) => value,
                    Err(value) => return value,
                },
                Some(Token::Name(name)) if here > start => match self.word(name, start, at, value) {
                    Ok(value) => value,
                    Err(value) => return value,
                },
                Some(Token::Open(_) | Token::Number(_)) if self.language == Language::Awk && here > start => {
                    let right = self.operand(at);
                    self.concat(value, &right)
                }
                _ => return value,
            };
            if *at == here {
                return value;
            }
        }
    }

    /// Goes on behind a sign; `Err` where the expression ends in front of it.
    fn operator(&mut self, sign: &str, start: usize, at: &mut usize, value: Known) -> Result<Known, Known> {
        let joins = self.is(&[Language::Perl, Language::Php]);
        let php_or_perl = joins || self.language == Language::Ruby;
        match sign {
            "=" | ":=" | "||=" | "??=" | "//=" | "&&=" => Ok(self.assignment(start, at, &value)),
            "+=" | ".=" => Ok(self.addition(start, at, value)),
            "<<" if self.language == Language::Ruby => Ok(self.push(start, at, value)),
            "+" | "." if (sign == ".") == joins => {
                *at += 1;
                let right = self.operand(at);
                Ok(self.concat(value, &right))
            }
            "%" if self.is(&[Language::Python, Language::Ruby]) && value.is_text() => {
                *at += 1;
                let right = self.operand(at);
                let right = if let Known::List(items) = right { items } else { vec![right] };
                Ok(value.map(|value| super::text::percent(value, &right)))
            }
            "/" if self.language == Language::Python && value.is_text() => {
                *at += 1;
                let right = self.operand(at);
                if right.alternatives().iter().any(super::places::is_rooted) {
                    let joined = super::places::join(&[value, right], true);
                    return Ok(if self.pay(&joined) { joined } else { Known::Unknown });
                }
                let left = self.concat(value, &Known::text("/"));
                Ok(self.concat(left, &right))
            }
            "?" if self.language != Language::Python => Ok(self.ternary(at, value)),
            "||" | "&&" | "??" | "//" => {
                *at += 1;
                let right = self.operand(at);
                Ok(if value == Known::Unknown { right } else { Known::one_of([value, right]) })
            }
            "=>" if self.language == Language::JavaScript => {
                *at += 1;
                self.expression(at);
                Ok(Known::Unknown)
            }
            ":" if self.annotates(start, *at) => self.annotated(start, at, value),
            "|" | "|&" if self.language == Language::Awk => Ok(self.awk_pipe(start, at, &value)),
            "$" if self.language == Language::Awk => {
                let right = self.operand(at);
                Ok(self.concat(value, &right))
            }
            "=>" | "," | ";" | ":" | ")" | "]" | "}" | "(" | "[" | "{" | "\\" | "@" | "$" | "#" => Err(value),
            "!" if php_or_perl => {
                *at += 1;
                Ok(value)
            }
            "++" | "--" => {
                *at += 1;
                Ok(value)
            }
            _ => {
                *at += 1;
                self.operand(at);
                Ok(Known::Unknown)
            }
        }
    }

    /// `value ? yes : no`; in some languages a `?` stands alone.
    fn ternary(&mut self, at: &mut usize, value: Known) -> Known {
        *at += 1;
        let yes = self.expression(at);
        if self.sign(*at) != Some(":") {
            return Known::one_of([value, yes]);
        }
        *at += 1;
        let no = self.expression(at);
        Known::one_of([yes, no])
    }

    /// Goes on behind a word between two values.
    fn word(&mut self, word: &str, start: usize, at: &mut usize, value: Known) -> Result<Known, Known> {
        let python = self.language == Language::Python;
        match word {
            "if" if python => {
                *at += 1;
                self.expression(at);
                if self.name(*at) != Some("else") {
                    return Ok(value);
                }
                *at += 1;
                let other = self.expression(at);
                Ok(Known::one_of([value, other]))
            }
            "or" | "and" if self.bare => Err(value),
            "or" | "and" => {
                *at += 1;
                let right = self.expression(at);
                Ok(if value == Known::Unknown { right } else { Known::one_of([value, right]) })
            }
            "in" | "of" if *at == start + 1 && self.name(start).is_some() && self.is_loop_variable(start) => {
                let name = self.name(start).unwrap_or_default();
                *at += 1;
                self.bind_each(start, name, *at);
                self.expression(at);
                Ok(Known::Unknown)
            }
            "as" => {
                let name = self.name(*at + 1).unwrap_or_default();
                let each = self.language == Language::Php;
                if each {
                    let name = if self.sign(*at + 2) == Some("=>") { self.name(*at + 3) } else { Some(name) };
                    self.bind(name.unwrap_or_default(), Bound::Element(start));
                } else {
                    self.bind(name, Bound::Entered(start));
                }
                *at += 2;
                Ok(value)
            }
            _ if self.language == Language::Awk && !matches!(word, "in" | "else" | "getline") => {
                let right = self.operand(at);
                Ok(self.concat(value, &right))
            }
            _ if self.language != Language::Awk
                && (OPERATORS.contains(&word)
                    || (self.language == Language::Perl && WORD_OPERATORS.contains(&word))) =>
            {
                *at += 1;
                self.operand(at);
                Ok(Known::Unknown)
            }
            _ => Err(value),
        }
    }

    /// The names of `for a, b in …`.
    fn bind_each(&mut self, start: usize, name: &str, at: usize) {
        let mut names = vec![name];
        let mut first = start;
        while self.language == Language::Python && names.len() < 16 && first >= 2 {
            let (Some(","), Some(name)) = (self.sign(first - 1), self.name(first - 2)) else { break };
            names.push(name);
            first -= 2;
        }
        if names.len() == 1 || first == 0 || self.name(first - 1) != Some("for") {
            self.bind(name, Bound::Element(at));
            return;
        }
        for (index, name) in names.iter().rev().enumerate() {
            self.bind(name, Bound::ElementItem(at, index));
        }
    }

    fn is_loop_variable(&self, start: usize) -> bool {
        let before = start.checked_sub(1);
        before.is_some_and(|before| match self.tokens.get(before) {
            Some(Token::Name(name)) => {
                matches!(name.as_str(), "for" | "const" | "let" | "var" | "await" | "async")
            }
            Some(Token::Sign(sign)) => matches!(*sign, "(" | ","),
            _ => false,
        })
    }
}
