//! What is known of an expression's value.

use crate::shell::value::{HOLE, HOLES, Value};

/// How many values an expression may have at once.
const MAX_ALTERNATIVES: usize = 16;

/// How long a text may get.
const MAX_TEXT: usize = 64 << 10;

/// What is known of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Nothing.
    Unknown,
    /// Text, with holes.
    Text(Vec<u8>),
    /// A list.
    List(Vec<Known>),
    /// The elements of something, in the middle of a list.
    Spread(Box<Known>),
    /// A dictionary or an object.
    Map(Vec<(String, Known)>),
    /// Something that has a name: a module, a function of it, what it gave.
    Path(String),
    /// One of these.
    Choice(Vec<Known>),
}

impl Known {
    pub(super) fn hole() -> Self {
        Self::Text(vec![HOLE])
    }

    pub(super) fn text(text: impl Into<Vec<u8>>) -> Self {
        Self::Text(text.into())
    }

    /// Each value that it may be.
    pub(super) fn alternatives(&self) -> &[Known] {
        if let Self::Choice(values) = self { values } else { std::slice::from_ref(self) }
    }

    /// One of several values.
    pub(super) fn one_of(values: impl IntoIterator<Item = Known>) -> Self {
        let mut kept: Vec<Known> = Vec::new();
        for value in values {
            for value in value.alternatives() {
                if kept.len() < MAX_ALTERNATIVES && !kept.contains(value) {
                    kept.push(value.clone());
                } else if kept.len() == MAX_ALTERNATIVES {
                    kept.pop();
                    kept.push(Self::Unknown);
                }
            }
        }
        match kept.len() {
            0 => Self::Unknown,
            1 => kept.pop().unwrap_or(Self::Unknown),
            _ => Self::Choice(kept),
        }
    }

    /// What `change` makes of each alternative.
    pub(super) fn map(&self, change: impl FnMut(&Known) -> Known) -> Self {
        Self::one_of(self.alternatives().iter().map(change).collect::<Vec<_>>())
    }

    /// Its text, with a hole where it is not known.
    pub(super) fn as_text(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone(),
            _ => vec![HOLE],
        }
    }

    /// Every text that it may be.
    pub(super) fn texts(&self) -> Vec<Vec<u8>> {
        let mut texts: Vec<Vec<u8>> = self.alternatives().iter().map(Self::as_text).collect();
        texts.dedup();
        texts
    }

    /// Its text, where all of it is known.
    pub(super) fn literal(&self) -> Option<&str> {
        match self {
            Self::Text(text) if is_known(text) => std::str::from_utf8(text).ok(),
            _ => None,
        }
    }

    pub(super) fn is_text(&self) -> bool {
        self.alternatives().iter().any(|value| matches!(value, Self::Text(_)))
    }

    /// Under `name`, where it is an object.
    pub(super) fn get(&self, name: &str) -> Option<&Known> {
        match self {
            Self::Map(pairs) => pairs.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The one behind the other, both as text.
    pub(super) fn concat(&self, other: &Known) -> Self {
        let (left, right) = (self.alternatives(), other.alternatives());
        if left.len() * right.len() > MAX_ALTERNATIVES {
            return Self::hole();
        }
        let pairs = left.iter().flat_map(|left| right.iter().map(move |right| (left, right)));
        Self::one_of(pairs.map(|(left, right)| left.with(right)).collect::<Vec<_>>())
    }

    fn with(&self, other: &Known) -> Self {
        match (self, other) {
            (Self::List(left), Self::List(right)) => Self::List([left.as_slice(), right].concat()),
            (Self::List(left), right) => {
                let mut list = left.clone();
                list.push(Self::Spread(Box::new(right.clone())));
                Self::List(list)
            }
            (left, Self::List(right)) if !matches!(left, Self::Text(_)) => {
                let mut list = vec![Self::Spread(Box::new(left.clone()))];
                list.extend_from_slice(right);
                Self::List(list)
            }
            (Self::Text(_), _) | (_, Self::Text(_)) => {
                Self::short([self.as_text(), other.as_text()].concat())
            }
            _ => Self::Unknown,
        }
    }

    /// Text, or a hole where it got too long.
    pub(super) fn short(text: Vec<u8>) -> Self {
        if text.len() > MAX_TEXT { Self::hole() } else { Self::Text(text) }
    }

    /// The argument lists that it may be; not a list is one of unknown length.
    pub(super) fn words(&self) -> Vec<Vec<Value>> {
        let mut all = Vec::new();
        for value in self.alternatives() {
            let Self::List(items) = value else {
                all.push(vec![Value::known([HOLES])]);
                continue;
            };
            let mut lists: Vec<Vec<Value>> = vec![Vec::new()];
            for item in items {
                let choices = item.elements();
                if lists.len() * choices.len() > MAX_ALTERNATIVES {
                    for list in &mut lists {
                        list.push(Value::unknown());
                    }
                    continue;
                }
                lists = lists
                    .iter()
                    .flat_map(|list| choices.iter().map(move |choice| [list.as_slice(), choice].concat()))
                    .collect();
            }
            all.append(&mut lists);
        }
        all
    }

    /// The words that it may be as an element of a list.
    fn elements(&self) -> Vec<Vec<Value>> {
        match self {
            Self::Spread(inner) => inner.words(),
            _ => self.texts().into_iter().map(|text| vec![Value::known(text)]).collect(),
        }
    }
}

/// Whether text has no hole.
pub(super) fn is_known(text: &[u8]) -> bool {
    !text.iter().any(|byte| matches!(*byte, HOLE | HOLES))
}
