//! A value on both sides of a change, with what is not known of it and what must not be
//! shown, and which objects of two lists stand for each other.

use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::{Map, Value};

use super::difference::text;

/// What an object in a list is known by, where it is another one.
const NAMES: [&str; 7] = ["name", "Sid", "sid", "id", "key", "rule_id", "priority"];

pub(super) static NULL: Value = Value::Null;

/// A value before and after, with what is not known of it and what must not be shown.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    pub(super) before: &'a Value,
    pub(super) after: &'a Value,
    pub(super) unknown: &'a Value,
    pub(super) was_hidden: &'a Value,
    pub(super) hidden: &'a Value,
}

impl<'a> Node<'a> {
    /// What stands under `key` on both sides.
    pub(super) fn under(self, key: &str) -> Self {
        Self {
            before: self.before.get(key).unwrap_or(&NULL),
            after: self.after.get(key).unwrap_or(&NULL),
            unknown: marks(self.unknown, Some(key), 0),
            was_hidden: marks(self.was_hidden, Some(key), 0),
            hidden: marks(self.hidden, Some(key), 0),
        }
    }

    /// Of two elements, either of which may be missing.
    pub(super) fn of(was: Option<Element<'a>>, will: Option<Element<'a>>) -> Self {
        let none = Element { value: &NULL, unknown: &NULL, hidden: &NULL };
        let (was, will) = (was.unwrap_or(none), will.unwrap_or(none));
        Self {
            before: was.value,
            after: will.value,
            unknown: will.unknown,
            was_hidden: was.hidden,
            hidden: will.hidden,
        }
    }

    pub(super) fn is_hidden(&self) -> bool {
        is_marked(self.was_hidden) || is_marked(self.hidden)
    }

    pub(super) fn is(&self, test: impl Fn(&Value) -> bool) -> bool {
        test(self.before) || test(self.after)
    }

    /// Every key of either side, of what is unknown too.
    pub(super) fn keys(&self) -> Vec<&'a str> {
        let (before, after) = (self.before.as_object(), self.after.as_object());
        let own = |map: Option<&'a Map<String, Value>>| map.into_iter().flat_map(Map::keys);
        let mut seen = HashSet::new();
        let all = own(after).chain(own(before)).chain(own(self.unknown.as_object()));
        all.map(String::as_str).filter(|key| seen.insert(*key)).collect()
    }
}

pub(super) fn is_marked(marks: &Value) -> bool {
    marks == &Value::Bool(true)
}

/// The marks of what stands under a mark's value: those of all of it, or its own.
pub(super) fn marks<'a>(marks: &'a Value, key: Option<&str>, at: usize) -> &'a Value {
    match (marks, key) {
        (Value::Bool(_), _) => marks,
        (_, Some(key)) => marks.get(key).unwrap_or(&NULL),
        (_, None) => marks.get(at).unwrap_or(&NULL),
    }
}

/// An element of a list, with its marks.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) value: &'a Value,
    pub(super) unknown: &'a Value,
    pub(super) hidden: &'a Value,
}

/// The elements of a list, those of lists in it among them. What is no list is its own
/// only element.
pub(super) fn elements<'a>(value: &'a Value, unknown: &'a Value, hidden: &'a Value) -> Vec<Element<'a>> {
    let mut all = Vec::new();
    let mut waiting = VecDeque::from([Element { value, unknown, hidden }]);
    while let Some(one) = waiting.pop_front() {
        let Value::Array(list) = one.value else {
            if !one.value.is_null() || is_marked(one.unknown) {
                all.push(one);
            }
            continue;
        };
        waiting.extend(list.iter().enumerate().map(|(at, value)| Element {
            value,
            unknown: marks(one.unknown, None, at),
            hidden: marks(one.hidden, None, at),
        }));
    }
    all
}

/// The objects of a list that are not the same on both sides: those that are gone, those
/// that are new, and those that another one stands for.
pub(super) fn pairs(node: Node<'_>) -> Vec<(&'static str, Node<'_>)> {
    let was = objects(elements(node.before, &NULL, node.was_hidden));
    let will = objects(elements(node.after, node.unknown, node.hidden));
    let mut same: HashMap<String, usize> = HashMap::new();
    for one in &was {
        *same.entry(one.value.to_string()).or_default() += 1;
    }
    let mut take = |one: &Element<'_>| match same.get_mut(&one.value.to_string()) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        _ => false,
    };
    let will: Vec<_> = will.into_iter().filter(|one| holds_mark(one.unknown) || !take(one)).collect();
    // What is left over was in the list more often than it will be.
    let was: Vec<_> = was.into_iter().filter(take).collect();
    paired(was, will)
}

fn objects(mut all: Vec<Element<'_>>) -> Vec<Element<'_>> {
    all.retain(|one| one.value.is_object());
    all
}

fn paired<'a>(was: Vec<Element<'a>>, will: Vec<Element<'a>>) -> Vec<(&'static str, Node<'a>)> {
    let (known, was): (Vec<_>, Vec<_>) = was.into_iter().partition(|one| name(one).is_some());
    let (named, will): (Vec<_>, Vec<_>) = will.into_iter().partition(|one| name(one).is_some());
    let mut by_name: HashMap<Option<String>, VecDeque<Element<'_>>> = HashMap::new();
    for one in known {
        by_name.entry(name(&one)).or_default().push_back(one);
    }
    let mut found = Vec::new();
    for one in named {
        match by_name.get_mut(&name(&one)).and_then(VecDeque::pop_front) {
            Some(other) => found.push(("", Node::of(Some(other), Some(one)))),
            None => found.push(("added", Node::of(None, Some(one)))),
        }
    }
    found.extend(by_name.into_values().flatten().map(|one| ("removed", Node::of(Some(one), None))));
    if was.len() == will.len() {
        let both = was.into_iter().zip(will);
        found.extend(both.map(|(was, will)| ("", Node::of(Some(was), Some(will)))));
    } else {
        found.extend(was.into_iter().map(|one| ("removed", Node::of(Some(one), None))));
        found.extend(will.into_iter().map(|one| ("added", Node::of(None, Some(one)))));
    }
    found
}

/// What an object in a list is known by.
fn name(one: &Element<'_>) -> Option<String> {
    let named = |key: &&str| one.value.get(*key).is_some_and(|name| name.is_string() || name.is_number());
    NAMES
        .iter()
        .find(|key| named(key))
        .map(|key| format!("{key}={}", text(one.value.get(*key).unwrap_or(&NULL))))
}

/// Whether anything in it is marked.
pub(super) fn holds_mark(marks: &Value) -> bool {
    match marks {
        Value::Bool(is_marked) => *is_marked,
        Value::Array(list) => list.iter().any(holds_mark),
        Value::Object(map) => map.values().any(holds_mark),
        _ => false,
    }
}

/// Whether something that one list or map holds is not in the other.
pub(super) fn loses(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Array(before), Value::Array(after)) => {
            let after: HashSet<String> = after.iter().map(Value::to_string).collect();
            before.iter().any(|one| !after.contains(&one.to_string()))
        }
        (Value::Object(before), Value::Object(after)) => before.keys().any(|key| !after.contains_key(key)),
        (Value::Array(_) | Value::Object(_), _) => true,
        _ => false,
    }
}
