//! What make puts in place of references.
//!
//! What nobody knows becomes a shell variable that nobody sets, so that the reader of
//! the shell's text takes it for what it is. Nothing is expanded for long: texts that
//! refer to themselves, or grow, are not known either.

use super::super::Passage;
use super::super::placed::unknown;
use super::references::{Token, outside, tokens};
use super::variables::{Definition, Variables};
use crate::shell::inner::Place;

/// How deep references may stand in each other.
const DEPTH: usize = 24;

/// The longest text that is followed.
const LONGEST: usize = 64 << 10;

/// How many steps one text may take.
const STEPS: usize = 20_000;

/// What a recipe is run for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// What stands for `%` in it, where the rule has a pattern.
    pub(super) stem: Option<&'a str>,
}

/// Expands texts, for one target and one choice among the values of variables.
pub(super) struct Expander<'a> {
    pub(super) variables: &'a Variables,
    target: Option<Target<'a>>,
    pub(super) pick: usize,
    /// How many choices there are, as far as was seen.
    pub(super) widest: usize,
    /// What shells run while it expands, beyond what stands so in the file.
    pub(super) run: Vec<Passage>,
    /// What `$(eval …)` adds to the Makefile.
    pub(super) evaluated: Vec<String>,
    /// What `$(1)` and so on are, for each call.
    pub(super) frames: Vec<Vec<String>>,
    /// What `$(foreach …)` sets.
    pub(super) locals: Vec<(String, String)>,
    active: Vec<String>,
    steps: usize,
    depth: usize,
    /// Where in the file stands what is being expanded.
    pub(super) at: usize,
}

impl<'a> Expander<'a> {
    pub(super) fn new(variables: &'a Variables, target: Option<Target<'a>>, pick: usize) -> Self {
        Self {
            variables,
            target,
            pick,
            widest: 1,
            run: Vec::new(),
            evaluated: Vec::new(),
            frames: Vec::new(),
            locals: Vec::new(),
            active: Vec::new(),
            steps: STEPS,
            depth: 0,
            at: 0,
        }
    }

    /// `text` expanded, each part with its place.
    pub(super) fn placed(&mut self, text: &Passage) -> Passage {
        let mut out = Passage::at(Place::Here);
        for token in tokens(&text.text) {
            match token {
                Token::Literal(range) => out.append(text, range),
                Token::Dollar(at) => out.push_made("$", text.origin(at)),
                Token::Reference(at, range) => {
                    self.at = text.origin(at);
                    let value = self.reference(text.text.get(range).unwrap_or_default());
                    out.push_made(&value, self.at);
                }
            }
        }
        out
    }

    /// `text` expanded.
    pub(super) fn expand(&mut self, text: &str) -> String {
        if !text.contains('$') {
            return text.to_owned();
        }
        let cost = 1 + text.len() / 64;
        if self.depth >= DEPTH || self.steps < cost {
            return unknown("MAKE_VALUE");
        }
        self.steps -= cost;
        self.depth += 1;
        let mut out = String::new();
        for token in tokens(text) {
            match token {
                Token::Literal(range) => out.push_str(text.get(range).unwrap_or_default()),
                Token::Dollar(_) => out.push('$'),
                Token::Reference(_, range) => {
                    let value = self.reference(text.get(range).unwrap_or_default());
                    out.push_str(&value);
                }
            }
            if out.len() > LONGEST {
                out = unknown("MAKE_VALUE");
                break;
            }
        }
        self.depth -= 1;
        out
    }

    /// What stands for a reference, of which this is what its brackets hold.
    fn reference(&mut self, body: &str) -> String {
        if let Some((name, rest)) = body.split_once([' ', '\t', '\n'])
            && let Some(value) = self.function(name, rest.trim_start())
        {
            return value;
        }
        let colon = outside(body).find(|(_, c)| *c == ':').map(|(at, _)| at);
        if let Some((name, change)) = colon.and_then(|at| Some((body.get(..at)?, body.get(at + 1..)?)))
            && let Some((from, to)) = change.split_once('=')
        {
            let name = self.expand(name);
            let (words, from, to) = (self.value(&name), self.expand(from), self.expand(to));
            let whole = |text: String| if text.contains('%') { text } else { format!("%{text}") };
            let to = if from.contains('%') { to } else { format!("%{to}") };
            return super::functions::substituted(&words, &whole(from), &to);
        }
        let name = self.expand(body);
        self.value(name.trim())
    }

    /// What a variable is.
    pub(super) fn value(&mut self, name: &str) -> String {
        if let Some(value) = self.automatic(name) {
            return value;
        }
        if let Some((_, value)) = self.locals.iter().rev().find(|(local, _)| local == name) {
            return value.clone();
        }
        let Some(Definition { text, expanded }) = self.definition(name).cloned() else {
            return self.computed(name).unwrap_or_else(|| unknown(name));
        };
        if expanded {
            return text;
        }
        if self.active.iter().any(|active| active == name) {
            return unknown(name);
        }
        self.active.push(name.to_owned());
        let value = self.expand(&text);
        self.active.pop();
        value
    }

    /// What the file says that a variable is.
    pub(super) fn definition(&mut self, name: &str) -> Option<&'a Definition> {
        let variables = self.variables;
        if let Some(own) = variables.of_target(self.target.map(|target| target.name), name) {
            return Some(own);
        }
        let values = variables.get(name);
        self.widest = self.widest.max(values.len());
        values.get(self.pick.min(values.len().checked_sub(1)?))
    }

    /// The value of one of the variables that a name may be, of which a part is not known.
    fn computed(&mut self, name: &str) -> Option<String> {
        let (before, rest) = name.split_once("${")?;
        let (_, after) = rest.rsplit_once('}')?;
        if before.is_empty() && after.is_empty() {
            return None;
        }
        self.steps = self.steps.checked_sub(1 + self.variables.len() / 64)?;
        let names = self.variables.named(before, after);
        self.widest = self.widest.max(names.len() + 1);
        let name = names.get(self.pick)?;
        Some(self.value(name))
    }

    /// One of two, where it is not known which.
    pub(super) fn either(&mut self) -> bool {
        self.widest = self.widest.max(2);
        self.pick.is_multiple_of(2)
    }

    /// A variable that make sets for each line or each call.
    fn automatic(&self, name: &str) -> Option<String> {
        if let Ok(number) = name.parse::<usize>() {
            let unset = || if self.frames.is_empty() { unknown(name) } else { String::new() };
            return Some(
                self.frames.last().and_then(|frame| frame.get(number).cloned()).unwrap_or_else(unset),
            );
        }
        let part = name.strip_suffix(['D', 'F']).filter(|part| !part.is_empty()).unwrap_or(name);
        if let Some(Target { name: target, stem }) = self.target
            && let Some(value) = match part {
                "@" => Some(target),
                "*" => stem,
                _ => None,
            }
        {
            let (directory, file) = value.rsplit_once('/').unwrap_or((".", value));
            return Some(match name.get(part.len()..) {
                Some("D") => directory.to_owned(),
                Some("F") => file.to_owned(),
                _ => value.to_owned(),
            });
        }
        let what = match part {
            "@" => "TARGET",
            "%" => "MEMBER",
            "*" => "STEM",
            "<" => "SOURCE",
            "^" | "+" | "?" | "|" => "SOURCES",
            _ => return None,
        };
        Some(unknown(what))
    }
}
