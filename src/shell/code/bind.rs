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
    /// A value that is put behind the one before.
    Added(usize),
    /// One value that is put behind the elements of a list.
    Pushed(usize),
    /// Each element of a list.
    Element(usize),
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
            Bound::Property(at, name) => self.part(*at, |value| match value {
                Known::Path(path) => Known::Path(format!("{path}.{name}")),
                other => other.get(name).cloned().unwrap_or(Known::Unknown),
            }),
            Bound::List(starts) => Known::List(starts.iter().map(|at| evaluate(*at)).collect()),
            Bound::AddedList(starts) => {
                let added = Known::List(starts.iter().map(|at| evaluate(*at)).collect());
                self.concat(before.clone(), &added)
            }
            Bound::Import(path) => Known::Path(path.clone()),
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
        if self.mode != Mode::Bind || self.sign(at) != Some("(") {
            return;
        }
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
                    let typed = self.language == Language::Php && name.starts_with('$');
                    let begins = typed || matches!(before, "(" | "," | "*" | "**" | "...");
                    if begins && !matches!(name.as_str(), "self" | "cls" | "this") && parameters.len() < 32 {
                        parameters.push((name.clone(), matches!(before, "*" | "...")));
                    }
                }
                _ => {}
            }
            before = sign;
        }
        self.functions.insert(name.to_owned(), Function { parameters });
    }

    /// Gives parameters the arguments of the calls that the code makes.
    pub(super) fn bind_parameters(&mut self) {
        for (name, arguments) in std::mem::take(&mut self.calls) {
            let Some(function) = self.functions.get(&name).cloned() else { continue };
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

    /// Reads an import, where one begins.
    pub(super) fn import(&mut self, at: &mut usize) -> bool {
        match (self.language, self.name(*at)) {
            (Language::Python, Some("import")) => self.python_import(at),
            (Language::Python, Some("from")) => self.python_from(at),
            (Language::JavaScript, Some("import")) if self.sign(*at + 1) != Some("(") => {
                self.script_import(at);
            }
            _ => return false,
        }
        true
    }

    /// `a.b.c`
    fn dotted(&self, at: &mut usize) -> String {
        let mut path = String::new();
        while let Some(name) = self.name(*at) {
            path.push_str(name);
            *at += 1;
            if self.sign(*at) != Some("->") || path.len() > 200 {
                break;
            }
            path.push('.');
            *at += 1;
        }
        path
    }

    fn python_import(&mut self, at: &mut usize) {
        *at += 1;
        loop {
            let path = self.dotted(at);
            if self.name(*at) == Some("as") {
                let name = self.name(*at + 1).unwrap_or_default();
                self.bind(name, Bound::Import(path));
                *at += 2;
            }
            if self.sign(*at) != Some(",") {
                return;
            }
            *at += 1;
        }
    }

    fn python_from(&mut self, at: &mut usize) {
        let start = *at;
        *at += 1;
        while matches!(self.sign(*at), Some("->" | "...")) {
            *at += 1;
        }
        let path = self.dotted(at);
        if self.name(*at) != Some("import") {
            // `yield from x`, or the end of an expression.
            *at = start + 1;
            return;
        }
        *at += 1;
        if self.sign(*at) == Some("(") {
            *at += 1;
        }
        if self.sign(*at) == Some("*") {
            for name in super::python::EXPORTS.iter().filter_map(|export| export.strip_prefix(path.as_str()))
            {
                let name = name.trim_start_matches('.');
                self.bind(name, Bound::Import(format!("{path}.{name}")));
            }
            *at += 1;
        }
        while let Some(name) = self.name(*at) {
            *at += 1;
            let local = if self.name(*at) == Some("as") {
                *at += 2;
                self.name(*at - 1).unwrap_or_default()
            } else {
                name
            };
            self.bind(local, Bound::Import(format!("{path}.{name}")));
            if self.sign(*at) == Some(",") {
                *at += 1;
            }
        }
    }

    /// `import a, {b as c} from "m"`, `import * as a from "m"`.
    fn script_import(&mut self, at: &mut usize) {
        *at += 1;
        let mut whole: Vec<&str> = Vec::new();
        let mut parts: Vec<(&str, &str)> = Vec::new();
        let mut braced = false;
        while let Some(token) = self.tokens.get(*at) {
            match token {
                Token::Sign("{") => braced = true,
                Token::Sign("}") => braced = false,
                Token::Sign("," | "*") => {}
                Token::Name(name) if name == "from" => {}
                Token::Name(name) if name == "as" => {
                    let local = self.name(*at + 1).unwrap_or_default();
                    match parts.last_mut() {
                        Some((_, last)) if braced => *last = local,
                        _ => whole.push(local),
                    }
                    *at += 1;
                }
                Token::Name(name) if braced => parts.push((name, name)),
                Token::Name(name) => whole.push(name),
                _ => break,
            }
            *at += 1;
        }
        if !matches!(self.tokens.get(*at), Some(Token::Open(_))) {
            return;
        }
        let (_, module) = self.quoted(at);
        let Some(module) = module.literal().map(super::javascript::module) else { return };
        for name in whole {
            self.bind(name, Bound::Import(module.clone()));
        }
        for (name, local) in parts {
            let path = if name == "default" { module.clone() } else { format!("{module}.{name}") };
            self.bind(local, Bound::Import(path));
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

/// Which tokens stand where they run once for each of several things.
pub(super) fn loops(tokens: &[Token], language: Language) -> Vec<bool> {
    let mut marks = vec![false; tokens.len()];
    let mut indent = 0;
    // Where the brackets around this token began, and the indents of the loops.
    let mut brackets: Vec<usize> = Vec::new();
    let mut blocks: Vec<usize> = Vec::new();
    // Depths of brackets below which a loop has ended.
    let mut depths: Vec<usize> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token {
            Token::Line(columns) => {
                indent = *columns;
                if language == Language::Python {
                    blocks.retain(|block| *block < indent);
                }
            }
            Token::Sign("(" | "[" | "{") => brackets.push(index),
            Token::Sign(sign @ (")" | "]" | "}")) => {
                let open = brackets.pop();
                while depths.last().is_some_and(|depth| brackets.len() < *depth) {
                    depths.pop();
                }
                if *sign == "}" && depths.last() == Some(&brackets.len()) && open.is_some() {
                    depths.pop();
                }
            }
            Token::Sign(";") if depths.last() == Some(&brackets.len()) => {
                depths.pop();
            }
            Token::Name(name) if is_loop(name) => {
                if language == Language::Python && brackets.is_empty() {
                    blocks.push(indent);
                } else {
                    depths.push(brackets.len());
                }
                // In a comprehension, and in front of a statement's `for`, it stands behind.
                let from = brackets.last().copied().unwrap_or_else(|| {
                    let ends = |token: &Token| matches!(token, Token::Sign(";" | "}") | Token::Line(_));
                    let back =
                        tokens.iter().take(index).rev().take(64).take_while(|token| !ends(token)).count();
                    index - back
                });
                if let Some(marks) = marks.get_mut(from.max(index.saturating_sub(512))..index) {
                    marks.fill(true);
                }
            }
            _ => {}
        }
        if let Some(mark) = marks.get_mut(index) {
            *mark |= !blocks.is_empty() || !depths.is_empty();
        }
    }
    marks
}

fn is_loop(name: &str) -> bool {
    matches!(
        name,
        "for"
            | "foreach"
            | "while"
            | "until"
            | "forEach"
            | "map"
            | "each"
            | "walk"
            | "glob"
            | "iglob"
            | "rglob"
            | "find"
            | "opendir"
            | "each_child"
            | "xargs"
            | "readdir"
            | "readdirSync"
            | "iterdir"
            | "scandir"
    )
}
