//! What stands between brackets, or behind a call without any.

use super::known::Known;
use super::reader::Reader;
use super::token::Token;
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

/// Words that end what a call without brackets is given.
const ENDS: &[&str] =
    &["if", "unless", "while", "until", "for", "foreach", "and", "or", "do", "then", "end", "rescue", "else"];

impl Reader<'_> {
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
            Some(Token::Open(_) | Token::Number(_)) => true,
            Some(Token::Name(name)) => !ENDS.contains(&name.as_str()),
            Some(Token::Sign(sign)) => matches!(*sign, "[" | "@" | "*" | "\\" | "$") || (*sign == "{"),
            _ => false,
        }
    }
}

pub(super) fn values(items: Vec<Item>) -> Vec<Known> {
    items.into_iter().map(|item| item.value).collect()
}

/// The items by their names; one without is named by its own path.
pub(super) fn named(items: Vec<Item>) -> Vec<(String, Known)> {
    let of = |item: Item| match (item.name, item.value) {
        (Some(name), value) => Some((name, value)),
        (None, Known::Path(path)) => Some((path.clone(), Known::Path(path))),
        (None, Known::Map(_)) => None,
        (None, value) => Some((String::from_utf8_lossy(&[HOLE]).into_owned(), value)),
    };
    items.into_iter().filter_map(of).collect()
}
