//! A Makefile's statements: rules with their recipes, and variables.

use std::collections::BTreeSet;

use super::super::Passage;
use super::super::placed::unknown;
use super::expand::Expander;
use super::references::outside;
use super::variables::{Assign, Definition, Variables};
use crate::shell::inner::Place;

/// How deep `$(eval …)` may stand in what `$(eval …)` yields.
const DEPTH: usize = 3;

/// How many texts of `$(eval …)` are read.
const EVALUATED: usize = 512;

/// How many names are kept.
const NAMED: usize = 4096;

/// The lines of a rule.
#[derive(Debug, Default)]
pub(super) struct Recipe {
    /// Its targets, as far as they are known.
    pub(super) targets: Vec<String>,
    /// The form of targets that a static pattern names.
    pub(super) pattern: Option<String>,
    /// What make expands before shells run it.
    pub(super) lines: Vec<Passage>,
}

/// What a Makefile says.
#[derive(Debug)]
pub(super) struct Reader {
    /// Its variables.
    pub(super) variables: Variables,
    /// Its rules that have a recipe.
    pub(super) recipes: Vec<Recipe>,
    /// What `!=` runs, as make expands it.
    pub(super) commands: Vec<Passage>,
    /// What rules need, or are for without a recipe: patterns may make it.
    pub(super) named: BTreeSet<String>,
    /// Whether one shell runs all lines of a recipe.
    pub(super) one_shell: bool,
    prefix: char,
    /// How many conditions are open.
    conditions: usize,
    /// Whether a line of a recipe may follow.
    open: bool,
    exports: Vec<String>,
    exports_all: bool,
    depth: usize,
    evaluated: usize,
}

impl Reader {
    /// What stands in `whole`.
    pub(super) fn read(whole: &Passage) -> Self {
        let mut reader = Self {
            variables: Variables::new(),
            recipes: Vec::new(),
            commands: Vec::new(),
            named: BTreeSet::new(),
            one_shell: false,
            prefix: '\t',
            conditions: 0,
            open: false,
            exports: Vec::new(),
            exports_all: false,
            depth: 0,
            evaluated: 0,
        };
        reader.text(whole);
        reader.evaluate_recipes();
        reader.export();
        reader
    }

    /// Reads what `$(eval …)` in recipes sets: it may be set, or not yet.
    fn evaluate_recipes(&mut self) {
        let lines = self.recipes.iter().flat_map(|recipe| &recipe.lines);
        let lines = lines.filter(|line| line.text.contains("(eval ") || line.text.contains("{eval "));
        let lines: Vec<Passage> = lines.take(EVALUATED).cloned().collect();
        for line in lines {
            let mut expander = Expander::new(&self.variables, None, 0);
            drop(expander.expand(&line.text));
            let evaluated = expander.evaluated;
            self.conditions += 1;
            self.evaluate(evaluated, line.origin(0));
            self.conditions -= 1;
        }
    }

    /// Works out what shells find in their environment.
    fn export(&mut self) {
        let mut names = std::mem::take(&mut self.exports);
        if self.exports_all {
            names.extend(self.variables.names());
        }
        for name in names.into_iter().take(EVALUATED) {
            let set = !self.variables.get(&name).is_empty();
            let value = Expander::new(&self.variables, None, 0).value(&name);
            // One that is not known is as one that nobody sets.
            if set && !value.contains('$') && !matches!(name.as_str(), "SHELL" | "MAKEFILE_LIST") {
                self.variables.export(&name, value);
            }
        }
    }

    fn text(&mut self, source: &Passage) {
        let text = source.text.as_str();
        let mut at = 0;
        while at < text.len() {
            let end = logical_end(text, at);
            let rest = text.get(at..end).unwrap_or_default();
            let next = if self.open && rest.starts_with(self.prefix) {
                self.recipe_line(recipe_text(source, at + self.prefix.len_utf8(), end, self.prefix));
                end + 1
            } else {
                let statement = joined(source, at, end);
                if let Some((name, how, exports)) = defined(&statement.text) {
                    self.define(text, end + 1, name, how, exports)
                } else {
                    self.statement(&statement);
                    end + 1
                }
            };
            at = next;
        }
    }

    fn recipe_line(&mut self, line: Passage) {
        if let Some(recipe) = self.recipes.last_mut() {
            recipe.lines.push(line);
        }
    }

    /// Reads a value of several lines that begins at `from`; returns what is behind it.
    fn define(&mut self, text: &str, from: usize, name: &str, how: Assign, exports: bool) -> usize {
        let (mut at, mut depth) = (from, 1);
        let mut until = text.len();
        while at < text.len() {
            let end = text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |end| at + end);
            let line = text.get(at..end).unwrap_or_default().trim_start();
            match line.split_whitespace().next() {
                Some("define") => depth += 1,
                Some("endef") => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                until = at;
                at = end + 1;
                break;
            }
            at = end + 1;
        }
        let body = text.get(from..until).unwrap_or_default();
        let body = body.strip_suffix('\n').unwrap_or(body).replace('\r', "");
        self.assign(name, how, &Passage::made(&body, 0), exports);
        at
    }

    fn statement(&mut self, statement: &Passage) {
        let text = statement.text.as_str();
        let mut words = text.split_whitespace();
        let first = words.next().unwrap_or_default();
        match first {
            "" => (),
            comment if comment.starts_with('#') => (),
            "ifeq" | "ifneq" | "ifdef" | "ifndef" | "if" => self.conditions += 1,
            "endif" => self.conditions = self.conditions.saturating_sub(1),
            "else" => {}
            "include" | "-include" | "sinclude" | "vpath" | "load" | "-load" => self.open = false,
            "undefine" => words.next().into_iter().for_each(|name| self.variables.remove(name)),
            _ => self.rule_or_assignment(statement),
        }
    }

    fn rule_or_assignment(&mut self, statement: &Passage) {
        let text = statement.text.as_str();
        let comment =
            outside(text).find(|(at, c)| *c == '#' && !text.get(..*at).unwrap_or("").ends_with('\\'));
        let comment = comment.map_or(text.len(), |(at, _)| at);
        let Some((at, operator)) = operator(text).filter(|(at, _)| *at < comment) else {
            return self.bare(&statement.part(0..comment));
        };
        match operator {
            Operator::Assign(how, length) => {
                self.open = false;
                let (name, exports) = unmodified(text.get(..at).unwrap_or_default());
                self.assign(name, how, &trimmed(statement, at + length, comment), exports);
            }
            Operator::Rule(length) => {
                let targets = text.get(..at).unwrap_or_default();
                self.rule(targets, statement, at + length, comment);
            }
        }
    }

    fn assign(&mut self, name: &str, how: Assign, value: &Passage, exports: bool) {
        let (name, maybe) = (name.trim().to_owned(), self.conditions > 0);
        if name == ".RECIPEPREFIX" {
            self.prefix = value.text.chars().next().unwrap_or('\t');
        }
        match how {
            Assign::Output => {
                self.commands.push(value.clone());
                let definition = Definition { text: unknown(&name), expanded: true };
                self.variables.set(&name, how, definition, maybe);
            }
            Assign::Simple => {
                let (mut pick, mut widest) = (0, 1);
                let mut values = Vec::new();
                while pick < widest {
                    let mut expander = Expander::new(&self.variables, None, pick);
                    values.push(expander.expand(&value.text));
                    widest = expander.widest.min(super::READINGS);
                    pick += 1;
                }
                for (pick, text) in values.into_iter().enumerate() {
                    let definition = Definition { text, expanded: true };
                    self.variables.set(&name, how, definition, maybe || pick > 0);
                }
            }
            _ => {
                let definition = Definition { text: value.text.clone(), expanded: false };
                self.variables.set(&name, how, definition, maybe);
            }
        }
        if exports {
            self.exports.push(name);
        }
    }

    /// A rule: its targets, and what stands behind their colon.
    fn rule(&mut self, targets: &str, statement: &Passage, from: usize, comment: usize) {
        let text = statement.text.as_str();
        let targets = self.words(targets.trim_end_matches('&'));
        self.one_shell |= targets.iter().any(|target| target == ".ONESHELL");
        self.exports_all |= targets.iter().any(|target| target == ".EXPORT_ALL_VARIABLES");
        let after = text.get(from..comment).unwrap_or_default();
        let recipe = outside(after).find(|(_, c)| *c == ';').map(|(at, _)| from + at);
        if let Some((at, Operator::Assign(how, length))) = operator(after)
            && recipe.is_none_or(|recipe| from + at < recipe)
        {
            let (name, _) = unmodified(after.get(..at).unwrap_or_default());
            if !name.contains(char::is_whitespace) {
                let value = trimmed(statement, from + at + length, comment);
                return self.assign_own(&targets, name, how, &value);
            }
        }
        self.open = true;
        let needs = after.get(..recipe.map_or(after.len(), |recipe| recipe - from)).unwrap_or_default();
        let (pattern, needs) = match outside(needs).find(|(_, c)| *c == ':').map(|(at, _)| at) {
            Some(at) => (needs.get(..at).map(|text| text.trim().to_owned()), needs.get(at + 1..)),
            None => (None, Some(needs)),
        };
        if targets.first().is_none_or(|target| !target.starts_with('.')) && self.named.len() < NAMED {
            let needs = self.words(needs.unwrap_or_default());
            self.named.extend(needs.into_iter().filter(|name| !name.contains(['$', '%'])));
        }
        self.recipes.push(Recipe { targets, pattern, lines: Vec::new() });
        if let Some(at) = recipe {
            self.recipe_line(statement.part(at + 1..text.len()));
        }
    }

    /// The words of a text, in each of its readings.
    fn words(&self, text: &str) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        let (mut pick, mut widest) = (0, 1);
        while pick < widest {
            let mut expander = Expander::new(&self.variables, None, pick);
            let names = expander.expand(text);
            for word in names.split_whitespace().take(NAMED) {
                if pick == 0 || !words.iter().any(|known| known == word) {
                    words.push(word.to_owned());
                }
            }
            widest = expander.widest.min(super::READINGS);
            pick += 1;
        }
        words
    }

    fn assign_own(&mut self, targets: &[String], name: &str, how: Assign, value: &Passage) {
        self.open = false;
        let text = match how {
            Assign::Output => {
                self.commands.push(value.clone());
                unknown(name)
            }
            Assign::Append => {
                let before = self.variables.get(name).first().map(|value| value.text.as_str());
                format!("{} {}", before.unwrap_or_default(), value.text)
            }
            _ => value.text.clone(),
        };
        for target in targets {
            let definition = Definition { text: text.clone(), expanded: how == Assign::Output };
            self.variables.set_own(target, name, definition);
        }
    }

    /// A line that is neither: functions, names to export, and what is broken.
    fn bare(&mut self, statement: &Passage) {
        let text = statement.text.trim();
        if let Some(names) = text.strip_prefix("export") {
            self.exports_all |= names.is_empty();
            self.exports.extend(names.split_whitespace().map(str::to_owned));
            return;
        }
        self.open = false;
        if !text.contains('$') || self.depth >= DEPTH {
            return;
        }
        let mut expander = Expander::new(&self.variables, None, 0);
        let line = expander.expand(text);
        let mut evaluated = expander.evaluated;
        // A whole rule may stand in a variable.
        if line.contains([':', '=']) {
            evaluated.push(line);
        }
        self.evaluate(evaluated, statement.origin(0));
    }

    fn evaluate(&mut self, evaluated: Vec<String>, at: usize) {
        self.depth += 1;
        for text in evaluated {
            self.evaluated += 1;
            if self.evaluated <= EVALUATED {
                self.text(&Passage::made(&text, at));
                self.open = false;
            }
        }
        self.depth -= 1;
    }
}

/// What parts a statement in two.
enum Operator {
    /// An assignment, by an operator of this length.
    Assign(Assign, usize),
    /// Targets from the rest, by colons of this length.
    Rule(usize),
}

/// The first operator outside references, and where it begins.
fn operator(text: &str) -> Option<(usize, Operator)> {
    let (at, c) = outside(text).find(|(_, c)| matches!(c, ':' | '='))?;
    if c == '=' {
        let before = text.get(..at)?;
        let how = match before.chars().next_back() {
            Some('?') => Assign::Unset,
            Some('+') => Assign::Append,
            Some('!') => Assign::Output,
            _ => return Some((at, Operator::Assign(Assign::Recursive, 1))),
        };
        return Some((at - 1, Operator::Assign(how, 2)));
    }
    let rest = text.get(at..)?;
    let colons = rest.len() - rest.trim_start_matches(':').len();
    if rest.get(colons..)?.starts_with('=') && colons <= 3 {
        return Some((at, Operator::Assign(Assign::Simple, colons + 1)));
    }
    Some((at, Operator::Rule(colons)))
}

/// A name without the words that change how it is assigned, and whether it is exported.
fn unmodified(text: &str) -> (&str, bool) {
    let (mut text, mut exports) = (text.trim(), false);
    while let Some((word, rest)) = text.split_once(char::is_whitespace) {
        match word {
            "export" => exports = true,
            "override" | "private" | "unexport" => {}
            _ => break,
        }
        text = rest.trim_start();
    }
    (text, exports)
}

/// The name that a `define` gives a value to.
fn defined(text: &str) -> Option<(&str, Assign, bool)> {
    let (rest, exports) = unmodified(text);
    let rest = rest.strip_prefix("define").filter(|rest| rest.starts_with([' ', '\t']))?.trim();
    let (name, how) = match operator(rest) {
        Some((at, Operator::Assign(how, _))) => (rest.get(..at)?, how),
        _ => (rest, Assign::Recursive),
    };
    Some((name.trim(), how, exports))
}

/// Where the line ends that begins at `from`: a backslash at its end takes the next with it.
fn logical_end(text: &str, from: usize) -> usize {
    let mut at = from;
    while let Some(end) = text.get(at..).and_then(|rest| rest.find('\n')).map(|end| at + end) {
        let line = text.get(from..end).unwrap_or_default();
        let line = line.strip_suffix('\r').unwrap_or(line);
        if (line.len() - line.trim_end_matches('\\').len()) % 2 == 0 {
            return end;
        }
        at = end + 1;
    }
    text.len()
}

/// A line of a recipe as the shell sees it: with its line ends, without the prefix that
/// each line has.
fn recipe_text(source: &Passage, from: usize, end: usize, prefix: char) -> Passage {
    let mut line = Passage::at(Place::Here);
    for (number, (from, until)) in physical(&source.text, from, end).enumerate() {
        let part = source.text.get(from..until).unwrap_or_default();
        let prefixed = number > 0 && part.starts_with(prefix);
        line.append(source, from + if prefixed { prefix.len_utf8() } else { 0 }..until);
        if until < end {
            line.push_made("\n", source.origin(until));
        }
    }
    line
}

/// A statement: its lines joined by single spaces.
fn joined(source: &Passage, from: usize, end: usize) -> Passage {
    let mut statement = Passage::at(Place::Here);
    for (from, until) in physical(&source.text, from, end) {
        let part = source.text.get(from..until).unwrap_or_default();
        let shown = if until < end { part.strip_suffix('\\').unwrap_or(part) } else { part };
        let blank = if statement.text.is_empty() { 0 } else { part.len() - part.trim_start().len() };
        let length = shown.trim_end().len().max(blank);
        statement.append(source, from + blank..from + length);
        if until < end {
            statement.push_made(" ", source.origin(until));
        }
    }
    statement
}

/// The lines between two places, without what ends them.
fn physical(text: &str, from: usize, end: usize) -> impl Iterator<Item = (usize, usize)> {
    let mut next = Some(from);
    std::iter::from_fn(move || {
        let from = next?;
        let rest = text.get(from..end)?;
        let length = rest.find('\n');
        next = length.map(|length| from + length + 1);
        let line = length.map_or(rest, |length| rest.get(..length).unwrap_or_default());
        Some((from, from + line.strip_suffix('\r').unwrap_or(line).len()))
    })
}

/// What stands between two places, without the blanks around it.
fn trimmed(statement: &Passage, from: usize, until: usize) -> Passage {
    let text = statement.text.get(from..until).unwrap_or_default();
    let from = from + (text.len() - text.trim_start().len());
    statement.part(from..from + text.trim().len())
}
