//! The arguments of a call, and what is run with them.

use super::Finding;
use super::items::Item;
use super::known::Known;

/// The arguments of a call.
#[derive(Clone, Debug, Default)]
pub(super) struct Arguments {
    pub(super) items: Vec<Item>,
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

/// A signal to the process `-1`, which is all of them. The signal 0 only asks.
pub(super) fn every_process(process: Option<&Known>, signal: Option<&Known>) -> Vec<Finding> {
    let is = |value: Option<&Known>, text: &str| {
        value.is_some_and(|value| value.alternatives().iter().any(|value| value.literal() == Some(text)))
    };
    if !is(process, "-1") || is(signal, "0") {
        return Vec::new();
    }
    words(&Known::List(["kill", "-9", "-1"].map(Known::text).to_vec()))
}
