//! Members, subscripts and calls: which name is called in the end, with what.

use super::Finding;
use super::bind::Bound;
use super::expression::Item;
use super::known::Known;
use super::reader::{Mode, Reader};
use super::token::{Quote, Token};
use super::{api, aws, javascript, perl, php, python, ruby, text};
use crate::shell::inner::Language;

/// How long the path of a call may get; of a longer one the middle is left out.
const MAX_PATH: usize = 256;

/// How long an argument may be that is part of a path.
const MAX_KEY: usize = 64;

/// The arguments of a call.
#[derive(Clone, Debug, Default)]
pub(super) struct Arguments {
    items: Vec<Item>,
}

impl Arguments {
    pub(super) fn new(items: Vec<Item>) -> Self {
        Self { items }
    }

    /// The arguments without a name.
    pub(super) fn unnamed(&self) -> impl Iterator<Item = &Known> {
        self.items.iter().filter(|item| item.name.is_none()).map(|item| &item.value)
    }

    /// All of them.
    pub(super) fn each(&self) -> impl Iterator<Item = &Known> {
        self.items.iter().map(|item| &item.value)
    }

    pub(super) fn first(&self) -> Option<&Known> {
        self.unnamed().next()
    }

    /// The argument at a position.
    pub(super) fn at(&self, index: usize) -> Option<&Known> {
        self.unnamed().nth(index)
    }

    /// The argument of a name, also within an object that is an argument.
    pub(super) fn named(&self, name: &str) -> Option<&Known> {
        let own = self.items.iter().find(|item| item.name.as_deref() == Some(name)).map(|item| &item.value);
        own.or_else(|| self.unnamed().find_map(|value| value.get(name)))
    }

    /// The argument at a position, or of a name.
    pub(super) fn get(&self, index: usize, name: &str) -> Option<&Known> {
        self.at(index).or_else(|| self.named(name))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The arguments from a position on, as a list.
    pub(super) fn list_from(&self, index: usize) -> Known {
        Known::List(self.unnamed().skip(index).cloned().collect())
    }
}

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

/// Findings for shell text.
pub(super) fn shell(value: Option<&Known>) -> Vec<Finding> {
    let Some(value) = value else { return Vec::new() };
    value.texts().into_iter().map(Finding::Shell).collect()
}

/// Findings for arguments, or for shell text where it is text.
pub(super) fn words_or_shell(value: Option<&Known>) -> Vec<Finding> {
    let Some(value) = value else { return Vec::new() };
    let each = |value: &Known| match value {
        Known::Text(text) => vec![Finding::Shell(text.clone())],
        other => words(other),
    };
    value.alternatives().iter().flat_map(each).collect()
}

/// Findings for arguments.
pub(super) fn words(value: &Known) -> Vec<Finding> {
    value.words().into_iter().filter(|words| !words.is_empty()).map(Finding::Words).collect()
}

/// Findings for a program and a list of its arguments.
pub(super) fn program(program: Option<&Known>, arguments: Option<&Known>) -> Vec<Finding> {
    let Some(program) = program else { return Vec::new() };
    let rest = arguments.map(|value| Known::Spread(Box::new(value.clone())));
    words(&Known::List(std::iter::once(program.clone()).chain(rest).collect()))
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
                Some(Token::Sign("(")) if !matches!(value, Known::Text(_) | Known::List(_)) => {
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
            Language::Perl => perl::takes_bare(path),
            Language::Ruby => ruby::takes_bare(path),
            Language::Php => matches!(path.as_str(), "include" | "require" | "eval"),
            _ => false,
        };
        if !takes || !self.begins_argument(*at) {
            return None;
        }
        let site = *at;
        let path = path.clone();
        let items = self.bare_items(at);
        (*at > site).then(|| {
            let arguments = self.flattened(items);
            self.invoke(&path, &arguments, site)
        })
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
            _ => Known::Path(format!("?.{name}")),
        })
    }

    fn path_member(&mut self, path: &str, name: &str) -> Known {
        let joined = join(path, name);
        if self.mode != Mode::Bind && self.names.contains_key(&joined) {
            return self.value_of(&joined);
        }
        Known::Path(joined)
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
                        let findings = api::of_text(value, &call, self.language);
                        self.add_all(findings);
                        if ruby::EVALUATIONS.contains(&name) && self.language == Language::Ruby {
                            self.evaluate(arguments.first());
                        }
                    }
                    if self.pay(value) { text::method(value, name, arguments) } else { Known::Unknown }
                }
                _ => self.invoke(&format!("?.{name}"), arguments, site),
            });
        }
        Known::one_of(results)
    }

    fn call(&mut self, value: &Known, arguments: &Arguments, site: usize) -> Known {
        let paths = value.alternatives().iter().map(|value| match value {
            Known::Path(path) => path.clone(),
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
            (Known::Path(path), Some(name)) if name.len() <= MAX_KEY => Known::Path(join(path, name)),
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
        if self.mode != Mode::Bind || !is_each(name) {
            return;
        }
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

    fn looped(&self, site: usize) -> bool {
        self.loops.get(site).copied().unwrap_or_default()
    }

    /// A call of what stands under `path`.
    fn invoke(&mut self, path: &str, arguments: &Arguments, site: usize) -> Known {
        let path = normal(path, self.language);
        match self.mode {
            Mode::Bind => self.learn(path, arguments),
            Mode::Value => {}
            Mode::Find => {
                let call = Call { path, arguments, looped: self.looped(site) };
                self.find(&call);
                self.handed_on(&call);
            }
        }
        if let Some(value) = text::function(path, arguments, self.language) {
            return if self.pay(&value) { value } else { Known::Unknown };
        }
        let key = arguments.first().and_then(Known::literal).filter(|key| key.len() <= MAX_KEY);
        let named = || arguments.named("service_name").and_then(Known::literal);
        Known::Path(shortened(format!("{path}({})", key.or_else(named).unwrap_or_default())))
    }

    /// Learns from calls what parameters stand for, and what is put into lists.
    fn learn(&mut self, path: &str, arguments: &Arguments) {
        let name = last(path);
        let items = &arguments.items;
        let base = path.get(..path.len().saturating_sub(name.len() + 1)).unwrap_or_default();
        let first = items.first().map(|item| item.start);
        match (name, first) {
            ("append" | "push" | "add", Some(first)) if !base.is_empty() => {
                self.bind(base, Bound::Pushed(first));
            }
            ("extend", Some(first)) => self.bind(base, Bound::Added(first)),
            ("push", Some(first)) if self.language == Language::Perl => {
                let name = self.name(first).unwrap_or_default().to_owned();
                let starts = items.iter().skip(1).map(|item| item.start).collect();
                let empty = !self.names.contains_key(&name);
                self.bind(&name, if empty { Bound::List(starts) } else { Bound::AddedList(starts) });
            }
            _ => {}
        }
        let starts = items.iter().map(|item| (item.name.clone(), item.start)).collect();
        self.calls.push((name.to_owned(), starts));
    }

    /// What a call runs.
    fn find(&mut self, call: &Call<'_>) {
        let runs = match self.language {
            Language::Python => python::runs(call, self),
            Language::JavaScript => javascript::runs(call, self),
            Language::Perl => perl::runs(call),
            Language::Ruby => ruby::runs(call),
            Language::Php => php::runs(call),
            Language::Awk => super::awk::runs(call),
            Language::Shell | Language::OtherShell | Language::Editor => Vec::new(),
        };
        if runs.is_empty() {
            let calls = aws::call(call, self).or_else(|| api::call(call, self));
            self.add_all(calls.into_iter().flatten());
        }
        self.add_all(runs);
        let code = match self.language {
            Language::Python => python::evaluates(call),
            Language::JavaScript => javascript::evaluates(call),
            Language::Perl => (call.path == "eval").then(|| call.arguments.first()).flatten(),
            Language::Ruby => {
                ruby::EVALUATIONS.contains(&call.name()).then(|| call.arguments.first()).flatten()
            }
            Language::Php => php::evaluates(call),
            _ => None,
        };
        self.evaluate(code);
    }

    /// Code that code evaluates.
    fn evaluate(&mut self, code: Option<&Known>) {
        if self.mode != Mode::Find {
            return;
        }
        for value in code.map(Known::alternatives).unwrap_or_default() {
            match (value, value.literal()) {
                (Known::Map(_), _) => {}
                (_, Some(text)) => {
                    let findings = super::read_at(text.as_bytes(), self.language, self.depth + 1);
                    self.add_all(findings);
                }
                _ => self.opaque("the code evaluates code that is not known"),
            }
        }
    }

    /// A function that is an argument, and called with what stands behind it:
    /// `map(os.system, …)`.
    fn handed_on(&mut self, call: &Call<'_>) {
        let items = &call.arguments.items;
        for (index, item) in items.iter().enumerate().take(4) {
            let Known::Path(path) = &item.value else { continue };
            if !path.contains('.') || path.contains('(') {
                continue;
            }
            let path = normal(path, self.language);
            let rest = items.iter().skip(index + 1).take(8).map(|item| {
                let value = match &item.value {
                    Known::List(values) => Known::one_of(values.clone()),
                    other => other.clone(),
                };
                Item { name: None, value, start: item.start }
            });
            let arguments = Arguments::new(rest.filter(|item| item.value.is_text()).collect());
            if !arguments.is_empty() {
                self.find(&Call { path, arguments: &arguments, looped: call.looped });
            }
        }
    }
}

fn is_each(name: &str) -> bool {
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

fn shortened(path: String) -> String {
    if path.len() <= MAX_PATH {
        return path;
    }
    let head: String = path.chars().take(MAX_PATH / 4).collect();
    let name: String = last(&path).chars().take(MAX_PATH / 4).collect();
    format!("{head}.?.{name}")
}

/// The path without what stands in front of every name.
fn normal(path: &str, language: Language) -> &str {
    let fronts: &[&str] = match language {
        Language::Python => &["builtins.", "__builtins__.", "sys.modules.", "globals().", "locals()."],
        Language::JavaScript => &["globalThis.", "window.", "global.", "process.mainModule.", "module."],
        Language::Ruby => &["Kernel.", "self.", "Object."],
        Language::Perl => &["CORE.", "main.", "GLOBAL."],
        _ => &[],
    };
    let mut path = path;
    while let Some(rest) = fronts.iter().find_map(|front| path.strip_prefix(front)) {
        path = rest;
    }
    path
}
