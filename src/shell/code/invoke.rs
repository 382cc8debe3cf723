//! A call of what stands under a path: what it teaches, what it runs, what it gives.

use super::arguments::Arguments;
use super::bind::Bound;
use super::call::{Call, is_each, last, shortened};
use super::items::Item;
use super::known::Known;
use super::reader::{Mode, Reader};
use super::{api, aws, javascript, listing, perl, php, places, python, ruby, text};
use crate::shell::inner::Language;

/// How long an argument may be that is part of a path.
pub(super) const MAX_KEY: usize = 64;

impl Reader<'_> {
    pub(super) fn looped(&self, site: usize) -> bool {
        self.loops.get(site).copied().unwrap_or_default()
    }

    /// A call of what stands under `path`.
    pub(super) fn invoke(&mut self, path: &str, arguments: &Arguments, site: usize) -> Known {
        let path = normal(path, self.language);
        match self.mode {
            Mode::Bind => self.learn(path, arguments),
            Mode::Value => {}
            Mode::Find => {
                let call = Call { path, arguments, looped: self.looped(site) };
                self.find(&call, site);
                self.handed_on(&call, site);
            }
        }
        if let Some(value) = places::of_call(path, arguments, self) {
            return if self.pay(&value) { value } else { Known::Unknown };
        }
        if let Some(value) = listing::of_call(path, arguments, self) {
            return if self.pay(&value) { value } else { Known::Unknown };
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
    fn find(&mut self, call: &Call<'_>, site: usize) {
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
            let calls = self.with_a_caller(calls.unwrap_or_default(), site);
            self.add_all(calls);
        }
        let runs = self.with_a_caller(runs, site);
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
    pub(super) fn evaluate(&mut self, code: Option<&Known>) {
        if self.mode != Mode::Find {
            return;
        }
        for value in code.map(Known::alternatives).unwrap_or_default() {
            match (value, value.literal()) {
                (Known::Map(_), _) => {}
                (_, Some(text)) => {
                    self.evaluate_text(text);
                }
                _ => self.opaque("the code evaluates code that is not known"),
            }
        }
    }

    /// The steps for it are taken from those that are left here.
    fn evaluate_text(&mut self, text: &str) {
        if !self.spend(text.len()) || !self.evaluated.insert(text.as_bytes().to_vec()) {
            return;
        }
        let (findings, left) = super::read_at(text.as_bytes(), self.language, self.depth + 1, self.steps);
        self.steps = left;
        self.add_all(findings);
    }

    /// A function that is an argument, and called with what stands behind it:
    /// `map(os.system, …)`.
    pub(super) fn handed_on(&mut self, call: &Call<'_>, site: usize) {
        let items = &call.arguments.items;
        let each = APPLIES.contains(&call.name());
        for (index, item) in items.iter().enumerate().take(4) {
            let method;
            let path = match &item.value {
                Known::Path(path) if !path.contains('(') => path.as_str(),
                // `&File.method(:delete)` of Ruby
                Known::Path(path) if self.language == Language::Ruby => {
                    let Some((base, name)) = path.rsplit_once(".method(") else { continue };
                    method = format!("{base}.{}", name.trim_end_matches(')'));
                    method.as_str()
                }
                // PHP names functions by text.
                value @ Known::Text(_) if each && self.language == Language::Php => {
                    value.literal().unwrap_or_default()
                }
                _ => continue,
            };
            if !each && !path.contains('.') {
                continue;
            }
            let path = normal(path, self.language);
            let before = items.iter().take(if call.name() == "array_walk" { index } else { 0 });
            let rest = before.chain(items.iter().skip(index + 1)).take(8).map(|item| {
                let value = match &item.value {
                    Known::List(values) => Known::one_of(values.clone()),
                    Known::Path(_) | Known::Unknown if each => Known::hole(),
                    other => other.clone(),
                };
                Item { name: None, value, start: item.start }
            });
            let mut given: Vec<Item> = rest.filter(|item| item.value.is_text()).collect();
            if given.is_empty() && is_each(call.name()) {
                // `files.forEach(fs.unlinkSync)`
                given.push(Item { name: None, value: Known::hole(), start: site });
            }
            if !given.is_empty() {
                let arguments = Arguments::new(given);
                self.find(&Call { path, arguments: &arguments, looped: call.looped || each }, site);
            }
        }
    }
}

/// Calls that do nothing but call what they are given.
const APPLIES: &[&str] = &[
    "map",
    "starmap",
    "imap",
    "imap_unordered",
    "submit",
    "forEach",
    "apply_async",
    "run_in_executor",
    "to_thread",
    "partial",
    "array_map",
    "array_walk",
    "array_filter",
    "call_user_func",
    "call_user_func_array",
    "register_shutdown_function",
];

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
