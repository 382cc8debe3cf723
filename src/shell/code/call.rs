//! Members, subscripts and calls: which name is called in the end, with what.

use super::arguments::Arguments;
use super::bind::Bound;
use super::invoke::MAX_KEY;
use super::items::Item;
use super::known::Known;
use super::reader::{Mode, Reader};
use super::token::{Quote, Token};
use super::{perl, places, python, removal, ruby, text, writing};
use crate::shell::inner::Language;

/// How long the path of a call may get; of a longer one the middle is left out.
const MAX_PATH: usize = 256;

/// What is called, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call<'a> {
    /// The names to it, joined by dots.
    pub(super) path: &'a str,
    pub(super) arguments: &'a Arguments,
    /// Whether it is called for each of several things.
    pub(super) looped: bool,
}

impl Call<'_> {
    /// The last name of the path.
    pub(super) fn name(&self) -> &str {
        last(self.path)
    }
}

/// The last name of a path.
pub(super) fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

impl Reader<'_> {
    /// Goes on behind a value: members, subscripts, calls.
    pub(super) fn postfix(&mut self, start: usize, at: &mut usize, value: Known) -> Known {
        let mut value = value;
        loop {
            let next = self.tokens.get(*at + 1);
            match self.tokens.get(*at) {
                Some(Token::Sign("->")) => match next {
                    Some(Token::Name(name)) => {
                        *at += 2;
                        value = self.member(start, at, &value, name);
                    }
                    Some(Token::Sign("(" | "[" | "{" | "#" | "@") | Token::Open(_)) => *at += 1,
                    _ => return value,
                },
                Some(Token::Sign("(")) if self.calls(&value) => {
                    let site = *at;
                    let arguments = self.arguments(at);
                    value = self.call(&value, &arguments, site);
                }
                Some(Token::Sign("[")) if self.subscripts(*at) => {
                    let (items, _) = self.items(at, "]");
                    value = self.subscript(&value, &items);
                }
                Some(Token::Sign("{")) if self.language == Language::Perl && self.subscripts(*at) => {
                    self.items(at, "}");
                    value = Known::Unknown;
                }
                Some(Token::Sign("!")) if next == Some(&Token::Sign("->")) => *at += 1,
                Some(Token::Open(Quote::Template)) => {
                    let site = *at;
                    let (_, text) = self.quoted(at);
                    let item = Item { name: None, value: text, start: site };
                    value = self.tagged(&value, item, site);
                }
                _ => match self.bare(&value, at) {
                    Some(result) => value = result,
                    None => return value,
                },
            }
        }
    }

    /// Whether brackets behind a value call it.
    fn calls(&self, value: &Known) -> bool {
        match value {
            Known::Text(_) => self.language == Language::Php && value.literal().is_some(),
            Known::List(_) => false,
            _ => true,
        }
    }

    /// Whether the bracket at `at` takes an element of what stands before it.
    fn subscripts(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1).and_then(|before| self.tokens.get(before)) else { return false };
        let perl = self.language == Language::Perl;
        match before {
            Token::Name(name) => match self.language {
                Language::Perl => name.starts_with(['$', '@']),
                Language::Ruby => !super::ruby::takes_bare(name),
                _ => true,
            },
            Token::Sign(")") => !(perl && self.sign(at) == Some("{")),
            Token::Sign(sign) => matches!(*sign, "]" | "->"),
            Token::Close => !perl,
            _ => false,
        }
    }

    /// A call without brackets, where the language and the name allow one.
    fn bare(&mut self, value: &Known, at: &mut usize) -> Option<Known> {
        let Known::Path(path) = value else { return None };
        let takes = match self.language {
            Language::Perl => perl::takes_bare(path) || self.functions.contains_key(path),
            Language::Ruby => ruby::takes_bare(path) || self.functions.contains_key(path),
            Language::Php => matches!(path.as_str(), "include" | "require" | "eval"),
            _ => false,
        };
        let path = path.clone();
        let site = *at;
        if takes && self.removes_default(&path, site) {
            return Some(self.invoke(&path, &Arguments::default(), site));
        }
        if !takes || !self.begins_argument(site) {
            return None;
        }
        let items = self.bare_items(at);
        (*at > site).then(|| {
            let arguments = self.flattened(items);
            self.invoke(&path, &arguments, site)
        })
    }

    /// `unlink` of Perl without anything removes `$_`; as a key it is text.
    fn removes_default(&self, path: &str, at: usize) -> bool {
        let before = |back: usize| at.checked_sub(back).and_then(|at| self.tokens.get(at));
        let key = before(2) == Some(&Token::Sign("{"))
            && matches!(before(3), Some(Token::Sign("->" | "}" | "]")))
            || matches!(before(3), Some(Token::Name(name)) if name.starts_with('$'));
        let ends = match self.tokens.get(at) {
            Some(Token::Name(name)) => !self.begins_argument(at) && name != "x",
            Some(Token::Sign(sign)) => matches!(*sign, ";" | "}" | "||" | "&&"),
            None => true,
            _ => false,
        };
        self.language == Language::Perl && matches!(path, "unlink" | "rmdir") && ends && !key
    }

    fn arguments(&mut self, at: &mut usize) -> Arguments {
        let (items, _) = self.items(at, ")");
        self.flattened(items)
    }

    /// Perl has no lists in lists, and a dictionary behind `**` is its names.
    fn flattened(&mut self, items: Vec<Item>) -> Arguments {
        let mut flat = Vec::new();
        for item in items {
            match &item.value {
                Known::List(values) if self.language == Language::Perl && item.name.is_none() => {
                    let of = |value: &Known| Item { name: None, value: value.clone(), start: item.start };
                    flat.extend(values.iter().map(of));
                }
                Known::Spread(inner) => match inner.as_ref() {
                    Known::List(values) if item.name.is_none() => {
                        let of = |value: &Known| Item { name: None, value: value.clone(), start: item.start };
                        flat.extend(values.iter().map(of));
                    }
                    _ => flat.push(item),
                },
                _ => flat.push(item),
            }
        }
        Arguments::new(flat)
    }

    /// A member of a value, and its call where it is called.
    fn member(&mut self, start: usize, at: &mut usize, value: &Known, name: &str) -> Known {
        let site = *at;
        self.bind_block(start, *at, name);
        if self.sign(*at) == Some("(") {
            let arguments = self.arguments(at);
            return self.call_member(value, name, &arguments, site);
        }
        if self.language == Language::Ruby && !name.starts_with(|sign: char| sign.is_ascii_uppercase()) {
            let bare = matches!(value, Known::Path(path) if ruby::takes_bare(&format!("{path}.{name}")));
            let items = if bare && self.begins_argument(*at) { self.bare_items(at) } else { Vec::new() };
            return self.call_member(value, name, &Arguments::new(items), site);
        }
        let value = value.clone();
        value.map(|value| match value {
            Known::Path(path) => self.path_member(path, name),
            Known::Map(_) => value.get(name).cloned().unwrap_or(Known::Unknown),
            Known::Text(_) if name == "parent" && self.language == Language::Python => Known::hole(),
            _ => Known::Path(format!("?.{name}")),
        })
    }

    fn path_member(&mut self, path: &str, name: &str) -> Known {
        let joined = join(path, name);
        if let Some(place) = places::of_member(&joined) {
            return place;
        }
        let program = places::interpreter(&joined, self);
        if self.mode != Mode::Bind && self.names.contains_key(&joined) {
            let value = self.value_of(&joined);
            return Known::one_of(program.into_iter().chain([value]));
        }
        program.unwrap_or(Known::Path(joined))
    }

    fn call_member(&mut self, value: &Known, name: &str, arguments: &Arguments, site: usize) -> Known {
        let mut results = Vec::new();
        for value in value.alternatives() {
            results.push(match value {
                Known::Path(path) => {
                    let member = self.path_member(path, name);
                    self.call(&member, arguments, site)
                }
                Known::Map(_) if value.get(name).is_some() => {
                    let member = value.get(name).cloned().unwrap_or(Known::Unknown);
                    self.call(&member, arguments, site)
                }
                Known::Text(_) | Known::List(_) => {
                    if self.mode == Mode::Find {
                        let call = Call { path: name, arguments, looped: self.looped(site) };
                        self.add_all(removal::of_text(value, &call, self.language));
                        self.add_all(writing::of_text(value, &call, self.language));
                        if ruby::EVALUATIONS.contains(&name) && self.language == Language::Ruby {
                            self.evaluate(arguments.first());
                        }
                    }
                    if let (Known::List(items), Mode::Find, true) = (value, self.mode, is_each(name)) {
                        self.each_handed_on(items, name, arguments, site);
                    }
                    let moved = matches!(name, "glob" | "rglob" | "iterdir")
                        && !places::is_rooted(value)
                        && self.mentions("chdir");
                    if moved {
                        Known::hole()
                    } else if self.pay(value) {
                        text::method(value, name, arguments)
                    } else {
                        Known::Unknown
                    }
                }
                _ => self.invoke(&format!("?.{name}"), arguments, site),
            });
        }
        Known::one_of(results)
    }

    /// A function that is called with each of a list: `["a"].forEach(fs.unlinkSync)`.
    fn each_handed_on(&mut self, items: &[Known], name: &str, arguments: &Arguments, site: usize) {
        let elements = Item { name: None, value: Known::one_of(items.to_vec()), start: site };
        let given = arguments.items.iter().take(1).cloned().chain([elements]).collect();
        let arguments = Arguments::new(given);
        self.handed_on(&Call { path: name, arguments: &arguments, looped: true }, site);
    }

    fn call(&mut self, value: &Known, arguments: &Arguments, site: usize) -> Known {
        let paths = value.alternatives().iter().map(|value| match value {
            Known::Path(path) => path.clone(),
            // PHP names functions by text.
            Known::Text(_) => value.literal().unwrap_or("?").to_owned(),
            _ => "?".to_owned(),
        });
        let results: Vec<Known> =
            paths.collect::<Vec<_>>().iter().map(|path| self.invoke(path, arguments, site)).collect();
        Known::one_of(results)
    }

    fn subscript(&mut self, value: &Known, items: &[Item]) -> Known {
        let key = items.first().map_or(Known::Unknown, |item| item.value.clone());
        if let (Known::Path(path), true) = (value, self.mode == Mode::Find) {
            let arguments = Arguments::new(items.to_vec());
            self.add_all(python::subscript(path, &arguments));
        }
        let slice = items.first().is_some_and(|item| item.name.is_some());
        value.map(|value| match (value, key.literal()) {
            (Known::Path(path), Some(name)) if name.len() <= MAX_KEY => {
                let joined = join(path, name);
                places::of_member(&joined).unwrap_or(Known::Path(joined))
            }
            (Known::Path(path), _) => Known::Path(join(path, "?")),
            (Known::Map(_), Some(name)) => value.get(name).cloned().unwrap_or(Known::Unknown),
            (Known::List(items), Some(index)) if !slice => index
                .parse::<usize>()
                .ok()
                .and_then(|index| items.get(index).cloned())
                .unwrap_or(Known::Unknown),
            _ => Known::Unknown,
        })
    }

    /// A template literal behind a name: it is called with it.
    fn tagged(&mut self, value: &Known, item: Item, site: usize) -> Known {
        let raw = matches!(value, Known::Path(path) if path.ends_with("String.raw"));
        if raw { item.value } else { self.call(value, &Arguments::new(vec![item]), site) }
    }

    /// The parameter of a block or a function that is called for each element.
    fn bind_block(&mut self, start: usize, at: usize, name: &str) {
        let made = name == "mktmpdir" && self.language == Language::Ruby;
        if self.mode != Mode::Bind || !(is_each(name) || made) {
            return;
        }
        let at = if made && self.sign(at) == Some("(") { self.closing(at) + 1 } else { at };
        let parameter = match (self.sign(at), self.name(at)) {
            (Some("{"), _) | (_, Some("do")) if self.sign(at + 1) == Some("|") => self.name(at + 2),
            (Some("("), _) => match (self.name(at + 1), self.sign(at + 1)) {
                (Some("function"), _) => self.name(at + 3),
                (Some("async"), _) => self.name(at + 2).or_else(|| self.name(at + 3)),
                (Some(name), _) => Some(name).filter(|_| self.sign(at + 2) == Some("=>")),
                (_, Some("(")) => self.name(at + 2),
                _ => None,
            },
            _ => None,
        };
        self.bind(parameter.unwrap_or_default(), Bound::Element(start));
    }
}

pub(super) fn is_each(name: &str) -> bool {
    matches!(
        name,
        "each"
            | "forEach"
            | "map"
            | "each_with_index"
            | "flat_map"
            | "flatMap"
            | "filter"
            | "select"
            | "each_entry"
    )
}

fn join(path: &str, name: &str) -> String {
    shortened(format!("{path}.{name}"))
}

pub(super) fn shortened(path: String) -> String {
    if path.len() <= MAX_PATH {
        return path;
    }
    let head: String = path.chars().take(MAX_PATH / 4).collect();
    let name: String = last(&path).chars().take(MAX_PATH / 4).collect();
    format!("{head}.?.{name}")
}
