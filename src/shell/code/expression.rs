//! Expressions, as far as these languages write them alike.
//!
//! Nothing is refused: what is no expression is gone through for the calls in it.

use super::Finding;
use super::bind::Bound;
use super::known::Known;
use super::reader::{Mode, Reader};
use super::token::{Quote, Token};
use crate::shell::inner::Language;
use crate::shell::value::HOLE;

/// What stands between brackets, one by one.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// `name=`, `name:` or `"name" =>` in front.
    pub(super) name: Option<String>,
    /// The value.
    pub(super) value: Known,
    /// Where its expression begins.
    pub(super) start: usize,
}

/// Words that are no value, and stand in front of one.
const PREFIXES: &[&str] = &[
    "not", "await", "new", "return", "yield", "delete", "typeof", "raise", "throw", "async", "else", "elif",
    "then", "do", "begin", "print", "echo", "assert", "void", "defined", "ref", "puts", "die", "warn", "say",
    "exit",
];

/// Words that stand between two values.
const OPERATORS: &[&str] = &["is", "instanceof", "in", "of", "not"];

/// Those of Perl.
const WORD_OPERATORS: &[&str] = &["eq", "ne", "lt", "gt", "le", "ge", "cmp", "x", "xor", "isa"];

/// Words that end what a call without brackets is given.
const ENDS: &[&str] =
    &["if", "unless", "while", "until", "for", "foreach", "and", "or", "do", "then", "end", "rescue", "else"];

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
    fn goes_on(&mut self, at: &mut usize) -> bool {
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
                let left = self.concat(value, &Known::text("/"));
                Ok(self.concat(left, &right))
            }
            "?" if self.language != Language::Python => {
                *at += 1;
                let yes = self.expression(at);
                if self.sign(*at) != Some(":") {
                    return Ok(Known::one_of([value, yes]));
                }
                *at += 1;
                let no = self.expression(at);
                Ok(Known::one_of([yes, no]))
            }
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
            ":" if self.annotates(start, *at) => {
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
                self.bind(name, Bound::Element(*at));
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
                    self.bind(name, Bound::At(start));
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

    /// Whether `:` at `at` begins the type of the name at `start`.
    fn annotates(&self, start: usize, at: usize) -> bool {
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

    fn assignment(&mut self, start: usize, at: &mut usize, value: &Known) -> Known {
        let target = self.target(start, *at);
        *at += 1;
        let from = *at;
        if self.mode == Mode::Bind {
            if let Some(target) = target {
                self.define_arrow(&target, from);
                self.bind(&target, Bound::At(from));
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
        if bracket && (function || arrow) {
            self.define(name, at);
        }
    }

    fn addition(&mut self, start: usize, at: &mut usize, value: Known) -> Known {
        let target = self.target(start, *at);
        *at += 1;
        if let Some(target) = target {
            self.bind(&target, Bound::Added(*at));
        }
        let right = self.expression(at);
        self.concat(value, &right)
    }

    fn push(&mut self, start: usize, at: &mut usize, value: Known) -> Known {
        let target = self.target(start, *at);
        *at += 1;
        if let Some(target) = target {
            self.bind(&target, Bound::Pushed(*at));
        }
        let right = self.operand(at);
        let right = if value.is_text() { right } else { Known::List(vec![right]) };
        self.concat(value, &right)
    }

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
                    *at = defined + 1;
                }
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

    /// What stands between the bracket at `at` and its `closer`, and whether it
    /// is a sequence by its commas.
    pub(super) fn items(&mut self, at: &mut usize, closer: &str) -> (Vec<Item>, bool) {
        *at += 1;
        let bare = std::mem::replace(&mut self.bare, false);
        let mut items = Vec::new();
        let mut fresh = true;
        let mut commas = false;
        while let Some(token) = self.tokens.get(*at) {
            match token {
                Token::Sign(sign) if *sign == closer => {
                    *at += 1;
                    break;
                }
                Token::Outside => break,
                Token::Sign(",") => {
                    fresh = true;
                    commas = true;
                    *at += 1;
                }
                Token::Sign(";") | Token::Line(_) => *at += 1,
                _ => {
                    let before = *at;
                    let item = self.item(at);
                    if *at == before {
                        *at += 1;
                    } else if fresh {
                        items.push(item);
                        fresh = false;
                    }
                }
            }
        }
        self.bare = bare;
        (items, commas)
    }

    fn item(&mut self, at: &mut usize) -> Item {
        let keyword = self.language == Language::Python && self.sign(*at + 1) == Some("=");
        if let (true, Some(name)) = (keyword, self.name(*at)) {
            *at += 2;
            let start = *at;
            return Item { name: Some(name.to_owned()), value: self.expression(at), start };
        }
        let start = *at;
        let key = self.name(start).filter(|_| matches!(self.sign(start + 1), Some(":" | "=>")));
        let arrow = self.language == Language::JavaScript && self.sign(start + 1) == Some("=>");
        if let (Some(key), false) = (key, arrow) {
            *at += 2;
            let start = *at;
            return Item { name: Some(key.to_owned()), value: self.expression(at), start };
        }
        let value = self.expression(at);
        if *at > start && matches!(self.sign(*at), Some(":" | "=>")) {
            let name = String::from_utf8_lossy(&value.as_text()).into_owned();
            *at += 1;
            let start = *at;
            return Item { name: Some(name), value: self.expression(at), start };
        }
        Item { name: None, value, start }
    }

    /// What a call without brackets is given.
    pub(super) fn bare_items(&mut self, at: &mut usize) -> Vec<Item> {
        let bare = std::mem::replace(&mut self.bare, true);
        let mut items = Vec::new();
        let mut fresh = true;
        while let Some(token) = self.tokens.get(*at) {
            match token {
                Token::Sign(",") => {
                    fresh = true;
                    *at += 1;
                    while matches!(self.tokens.get(*at), Some(Token::Line(_))) {
                        *at += 1;
                    }
                }
                Token::Sign(";" | ")" | "]" | "}" | "||" | "&&" | "?" | ":" | "=>")
                | Token::Line(_)
                | Token::Outside => break,
                Token::Name(name) if ENDS.contains(&name.as_str()) => break,
                _ if !fresh => break,
                _ => {
                    let before = *at;
                    let item = self.item(at);
                    if *at == before {
                        break;
                    }
                    items.push(item);
                    fresh = false;
                }
            }
        }
        self.bare = bare;
        items
    }

    /// Whether what stands at `at` may be what a call without brackets is given.
    pub(super) fn begins_argument(&self, at: usize) -> bool {
        match self.tokens.get(at) {
            Some(Token::Open(_)) => true,
            Some(Token::Name(name)) => !ENDS.contains(&name.as_str()),
            Some(Token::Sign(sign)) => matches!(*sign, "[" | "@" | "*" | "\\" | "$") || (*sign == "{"),
            _ => false,
        }
    }
}

fn values(items: Vec<Item>) -> Vec<Known> {
    items.into_iter().map(|item| item.value).collect()
}

/// The items by their names; one without is named by its own path.
fn named(items: Vec<Item>) -> Vec<(String, Known)> {
    let of = |item: Item| match (item.name, item.value) {
        (Some(name), value) => Some((name, value)),
        (None, Known::Path(path)) => Some((path.clone(), Known::Path(path))),
        (None, Known::Map(_)) => None,
        (None, value) => Some((String::from_utf8_lossy(&[HOLE]).into_owned(), value)),
    };
    items.into_iter().filter_map(of).collect()
}
