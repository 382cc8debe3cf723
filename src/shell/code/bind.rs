//! What names stand for: imports, assignments, parameters, loop variables.
//!
//! Scopes are not told apart: a name stands for everything that is ever assigned
//! to it, in the order of the text.

use super::known::Known;
use super::reader::{Mode, Reader};
use super::token::Token;
use crate::shell::inner::Language;

/// How many values a name may get one after the other.
const MAX_STATES: usize = 32;

/// What is assigned to a name. The numbers say where an expression begins.
#[derive(Clone, Debug)]
pub(super) enum Bound {
    /// A value.
    At(usize),
    /// What a block is entered with: `with … as`.
    Entered(usize),
    /// A value that is put behind the one before.
    Added(usize),
    /// One value that is put behind the elements of a list.
    Pushed(usize),
    /// Each element of a list.
    Element(usize),
    /// An element of each element of a list.
    ElementItem(usize, usize),
    /// An element of a list.
    Item(usize, usize),
    /// What an object has under a name.
    Property(usize, String),
    /// A list of values.
    List(Vec<usize>),
    /// Values that are put behind the elements of a list.
    AddedList(Vec<usize>),
    /// A module, or something of it.
    Import(String),
}

/// A function that the code defines.
#[derive(Clone, Debug, Default)]
pub(super) struct Function {
    /// The parameters, and whether one takes all that are left.
    parameters: Vec<(String, bool)>,
    /// Where it takes arguments from the list of them, which are its parameters then.
    shifts: Vec<usize>,
    /// Where its definitions have their parameters.
    pub(super) sites: Vec<usize>,
}

impl Reader<'_> {
    pub(super) fn bind(&mut self, name: &str, bound: Bound) {
        if self.mode == Mode::Bind && !name.is_empty() {
            self.names.entry(name.to_owned()).or_default().push(bound);
        }
    }

    /// What a name stands for.
    pub(super) fn value_of(&mut self, name: &str) -> Known {
        if self.mode == Mode::Bind {
            return Known::Path(name.to_owned());
        }
        if let Some(value) = self.values.get(name) {
            let value = value.clone();
            return if self.pay(&value) { value } else { Known::Unknown };
        }
        let Some(bounds) = self.names.get(name) else { return Known::Path(name.to_owned()) };
        if self.nesting >= crate::shell::MAX_DEPTH {
            return Known::Unknown;
        }
        let bounds: Vec<Bound> = bounds.iter().take(MAX_STATES + 1).cloned().collect();
        self.nesting += 1;
        let mode = std::mem::replace(&mut self.mode, Mode::Value);
        self.values.insert(name.to_owned(), Known::Path(name.to_owned()));
        let mut states = Vec::new();
        for bound in bounds {
            let before = self.values.get(name).cloned().unwrap_or(Known::Unknown);
            let mut value = self.bound(&bound, &before);
            if name.starts_with('@') && self.language == Language::Perl && value.is_text() {
                value = value.map(|value| Known::List(vec![value.clone()]));
            }
            if !self.pay(&value) {
                value = Known::Unknown;
            }
            self.values.insert(name.to_owned(), value.clone());
            states.push(value);
            if states.len() > MAX_STATES || self.steps == 0 {
                states = vec![Known::Unknown];
                break;
            }
        }
        let value = Known::one_of(states);
        self.values.insert(name.to_owned(), value.clone());
        self.mode = mode;
        self.nesting -= 1;
        value
    }

    fn bound(&mut self, bound: &Bound, before: &Known) -> Known {
        let mut evaluate = |at: usize| {
            let mut at = at;
            self.expression(&mut at)
        };
        match bound {
            Bound::At(at) => evaluate(*at),
            Bound::Entered(at) => super::places::entered(&evaluate(*at)),
            Bound::Added(at) => {
                let added = evaluate(*at);
                self.concat(before.clone(), &added)
            }
            Bound::Pushed(at) => {
                let added = evaluate(*at);
                if before.is_text() {
                    self.concat(before.clone(), &added)
                } else {
                    self.concat(before.clone(), &Known::List(vec![added]))
                }
            }
            Bound::Element(at) => evaluate(*at).map(element),
            Bound::Item(at, index) => self.part(*at, |value| match value {
                Known::List(items) => items.get(*index).cloned().unwrap_or(Known::Unknown),
                _ => Known::Unknown,
            }),
            Bound::ElementItem(at, index) => self.part(*at, |value| {
                element(value).map(|value| match value {
                    Known::List(items) => items.get(*index).cloned().unwrap_or(Known::Unknown),
                    other => other.clone(),
                })
            }),
            Bound::Property(at, name) => self.part(*at, |value| match value {
                Known::Path(path) => Known::Path(format!("{path}.{name}")),
                other => other.get(name).cloned().unwrap_or(Known::Unknown),
            }),
            Bound::List(starts) => Known::List(starts.iter().map(|at| evaluate(*at)).collect()),
            Bound::AddedList(starts) => {
                let added = Known::List(starts.iter().map(|at| evaluate(*at)).collect());
                self.concat(before.clone(), &added)
            }
            Bound::Import(path) => {
                super::places::interpreter(path, self).unwrap_or_else(|| Known::Path(path.clone()))
            }
        }
    }

    /// What `take` takes from the value at `at`. That is evaluated once, for however
    /// many names it is taken apart.
    fn part(&mut self, at: usize, take: impl FnMut(&Known) -> Known) -> Known {
        let value = self.shared.remove(&at).unwrap_or_else(|| {
            let mut at = at;
            self.expression(&mut at)
        });
        let part = if self.pay(&value) { value.map(take) } else { Known::Unknown };
        self.shared.insert(at, value);
        part
    }

    /// Names of an assignment to several: `a, b = …`.
    pub(super) fn targets(&mut self, at: &mut usize) {
        if self.mode != Mode::Bind || self.sign(*at + 1) != Some(",") {
            return;
        }
        let mut names = Vec::new();
        let mut here = *at;
        while let Some(name) = self.name(here) {
            names.push(name.to_owned());
            match self.sign(here + 1) {
                Some(",") if names.len() < 16 => here += 2,
                Some("=") => break,
                _ => return,
            }
        }
        if self.sign(here + 1) == Some("=") {
            let starts = self.tuple(here + 2, names.len());
            for (index, name) in names.iter().enumerate() {
                let bound = match starts.get(index) {
                    Some(start) if starts.len() > 1 => Bound::At(*start),
                    _ => Bound::Item(here + 2, index),
                };
                self.bind(name, bound);
            }
            *at = here + 2;
        }
    }

    /// Where the values `x, y` begin that stand at `from` without brackets; one of a list.
    fn tuple(&mut self, from: usize, most: usize) -> Vec<usize> {
        let mode = std::mem::replace(&mut self.mode, Mode::Value);
        let mut starts = vec![from];
        let mut at = from;
        while starts.len() < most {
            self.expression(&mut at);
            if self.sign(at) != Some(",") {
                break;
            }
            at += 1;
            starts.push(at);
        }
        self.mode = mode;
        starts
    }

    /// A function's definition whose name stands at `at`, its parameters behind it.
    pub(super) fn define(&mut self, name: &str, at: usize) {
        if self.mode != Mode::Bind || name.is_empty() {
            return;
        }
        let mut shifts = Vec::new();
        let parameters = match self.sign(at) {
            Some("(") => self.parameters(at),
            Some("{") if self.language == Language::Perl => {
                shifts = self.shifts(at);
                let names = shifts.iter().filter_map(|at| self.name(at.saturating_sub(2)));
                names.map(|name| (name.to_owned(), false)).collect()
            }
            // `name => …`
            _ if self.sign(at + 1) == Some("=>") => {
                self.name(at).map(|name| (name.to_owned(), false)).into_iter().collect()
            }
            _ if self.language == Language::Ruby => Vec::new(),
            _ => return,
        };
        let function = self.functions.entry(name.to_owned()).or_default();
        function.parameters = parameters;
        function.shifts = shifts;
        function.sites.push(at);
    }

    /// The parameters that are named in the brackets at `at`.
    fn parameters(&self, at: usize) -> Vec<(String, bool)> {
        let mut parameters = Vec::new();
        let mut depth = 0_usize;
        let mut before = "";
        for token in self.tokens.iter().skip(at).take(256) {
            let mut sign = "";
            match token {
                Token::Sign(")" | "]" | "}") if depth <= 1 => break,
                Token::Sign(")" | "]" | "}") => depth -= 1,
                Token::Sign(other) => {
                    sign = other;
                    depth += usize::from(matches!(*other, "(" | "[" | "{"));
                }
                Token::Name(name) if depth == 1 => {
                    let begins = if self.language == Language::Php {
                        name.starts_with('$')
                    } else {
                        matches!(before, "(" | "," | "*" | "**" | "...")
                    };
                    if begins && !matches!(name.as_str(), "self" | "cls" | "this") && parameters.len() < 32 {
                        parameters.push((name.clone(), matches!(before, "*" | "...")));
                    }
                }
                _ => {}
            }
            before = sign;
        }
        parameters
    }

    /// Where a sub whose body begins at `at` takes its arguments one by one:
    /// `my $x = shift;`.
    fn shifts(&self, at: usize) -> Vec<usize> {
        let body = (at + 1..at + 65).take_while(|at| self.name(*at) != Some("sub"));
        let given = |at: &usize| self.sign(at - 1) == Some("=") && self.name(at - 2).is_some();
        body.filter(|at| *at > 2 && self.name(*at) == Some("shift")).filter(given).collect()
    }

    /// What calls give to parameters stands for what is taken from the list.
    fn unbind_shifts(&mut self, name: &str) {
        let Some(function) = self.functions.get_mut(name) else { return };
        // Once for however many calls.
        let shifts = std::mem::take(&mut function.shifts);
        if shifts.is_empty() {
            return;
        }
        for (name, _) in &function.parameters {
            if let Some(bounds) = self.names.get_mut(name) {
                bounds.retain(|bound| !matches!(bound, Bound::At(at) if shifts.contains(at)));
            }
        }
    }

    /// Gives parameters the arguments of the calls that the code makes.
    pub(super) fn bind_parameters(&mut self) {
        for (name, arguments) in std::mem::take(&mut self.calls) {
            let Some(function) = self.functions.get(&name).cloned() else { continue };
            if self.language == Language::Perl {
                let all = arguments.iter().map(|(_, at)| *at).collect();
                self.bind("@_", Bound::List(all));
                self.unbind_shifts(&name);
            }
            let mut unnamed = arguments.iter().filter(|(name, _)| name.is_none()).map(|(_, at)| *at);
            for (parameter, rest) in &function.parameters {
                let named = arguments.iter().find(|(name, _)| name.as_ref() == Some(parameter));
                if *rest {
                    self.bind(parameter, Bound::List(unnamed.by_ref().collect()));
                } else if let Some(at) = named.map(|(_, at)| *at).or_else(|| unnamed.next()) {
                    // A value that is handed on under its own name tells nothing new.
                    if self.name(at) != Some(parameter.as_str()) {
                        self.bind(parameter, Bound::At(at));
                    }
                }
            }
        }
    }
}

/// An element of a value.
pub(super) fn element(value: &Known) -> Known {
    match value {
        Known::List(items) => Known::one_of(items.iter().map(|item| match item {
            Known::Spread(inner) => element(inner),
            other => other.clone(),
        })),
        Known::Path(path) => Known::Path(format!("{path}[]")),
        Known::Text(_) => value.clone(),
        _ => Known::Unknown,
    }
}
