//! make's variables, with every value that the file gives them.

use std::collections::{BTreeMap, HashMap};

use super::super::placed::is_name;

/// How many values of one variable are told apart.
const ALTERNATIVES: usize = 4;

/// The longest text that `+=` makes.
const LONGEST: usize = 64 << 10;

/// How a value is assigned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Assign {
    /// `=`, and `define`.
    Recursive,
    /// `:=`: the value is expanded already.
    Simple,
    /// `?=`.
    Unset,
    /// `+=`.
    Append,
    /// `!=`: what a command prints.
    Output,
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Definition {
    /// Its text.
    pub(super) text: String,
    /// Whether references in it were replaced when it was read.
    pub(super) expanded: bool,
}

/// Variables as they are when the whole file was read.
#[derive(Debug, Default)]
pub(super) struct Variables {
    values: HashMap<String, Vec<Definition>>,
    /// Those that one target alone has.
    own: HashMap<(String, String), Definition>,
    /// Those that shells find in their environment, with their values.
    exported: BTreeMap<String, String>,
}

impl Variables {
    /// What make sets by itself.
    pub(super) fn new() -> Self {
        let preset = [
            ("AR", "ar"),
            ("CC", "cc"),
            ("CURDIR", "$PWD"),
            ("CXX", "g++"),
            ("MAKE", "make"),
            ("MAKEFILE_LIST", "Makefile"),
            ("RM", "rm -f"),
            ("SHELL", "/bin/sh"),
        ];
        let one = |text: &str| vec![Definition { text: text.to_owned(), expanded: true }];
        Self {
            values: preset.into_iter().map(|(name, text)| (name.to_owned(), one(text))).collect(),
            ..Self::default()
        }
    }

    /// Every value that a variable may have; nothing where the file sets none.
    pub(super) fn get(&self, name: &str) -> &[Definition] {
        self.values.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// The value that it has for one target alone.
    pub(super) fn of_target(&self, target: Option<&str>, name: &str) -> Option<&Definition> {
        let target = target.filter(|_| !self.own.is_empty())?;
        self.own.get(&(target.to_owned(), name.to_owned()))
    }

    /// Sets one; `maybe` where that hangs on a condition, so that it may keep the value
    /// that it has.
    pub(super) fn set(&mut self, name: &str, how: Assign, definition: Definition, maybe: bool) {
        let values = self.values.entry(name.to_owned()).or_default();
        let longer = |old: &Definition| {
            let text = format!("{} {}", old.text, definition.text).chars().take(LONGEST).collect();
            Definition { text, expanded: old.expanded && definition.expanded }
        };
        match how {
            Assign::Unset if !values.is_empty() && !maybe => {}
            Assign::Append if !values.is_empty() => {
                let appended: Vec<Definition> = values.iter().map(longer).collect();
                if maybe {
                    values.extend(appended);
                } else {
                    *values = appended;
                }
            }
            _ if maybe => values.push(definition),
            _ => *values = vec![definition],
        }
        let mut seen: Vec<Definition> = Vec::new();
        values.retain(|value| {
            let fresh = !seen.contains(value);
            seen.push(value.clone());
            fresh
        });
        values.truncate(ALTERNATIVES);
    }

    /// Sets one for a target; what that needs has it, too.
    pub(super) fn set_own(&mut self, target: &str, name: &str, definition: Definition) {
        if self.get(name).is_empty() {
            self.set(name, Assign::Recursive, definition.clone(), true);
        }
        self.own.insert((target.to_owned(), name.to_owned()), definition);
    }

    /// Forgets one.
    pub(super) fn remove(&mut self, name: &str) {
        self.values.remove(name);
    }

    /// Notes the value with which a variable is in the environment of shells.
    pub(super) fn export(&mut self, name: &str, value: String) {
        if is_name(name) {
            self.exported.insert(name.to_owned(), value);
        }
    }

    /// The names of all.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.values.keys().cloned().collect();
        names.sort_unstable();
        names
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// The first names that begin and end so.
    pub(super) fn named(&self, before: &str, after: &str) -> Vec<&str> {
        let fits = |name: &&str| name.strip_prefix(before).is_some_and(|rest| rest.ends_with(after));
        let mut names: Vec<&str> = self.values.keys().map(String::as_str).filter(fits).collect();
        names.sort_unstable();
        names
    }

    /// What shells find in their environment.
    pub(super) fn exported(&self) -> impl Iterator<Item = (&str, &str)> {
        self.exported.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
