//! What a change sets, takes away and leaves, value by value.

use std::collections::HashMap;

use serde_json::Value;
use serde_json::value::RawValue;

use super::shown::ShownActions;
use super::sides::{Element, NULL, Node, elements, is_marked, loses, pairs};
use super::strings::open;
use super::{Change, Pending, PlanError, SENSITIVE, UNKNOWN};

/// The longest value that rules are told, in bytes; a longer one may be anything.
const LONGEST: usize = 64 << 10;

/// The longest path, in bytes.
const LONGEST_PATH: usize = 1 << 10;

/// What may be told of a change beside what its text is long, in bytes.
const LEAST: usize = 1 << 20;

/// How much may be told of each byte of a change, in bytes.
const FACTOR: usize = 64;

/// Reads the values of a change, told in a text of `length` bytes, into `to`.
pub(super) fn read(to: &mut Change, shown: &ShownActions<'_>, length: usize) -> Result<(), PlanError> {
    let mut before = value(shown.before)?;
    let mut after = value(shown.after)?;
    let unknown = value(shown.after_unknown)?;
    let (was_hidden, hidden) = (value(shown.before_sensitive)?, value(shown.after_sensitive)?);
    open(&mut before, &to.kind);
    open(&mut after, &to.kind);
    let node =
        Node { before: &before, after: &after, unknown: &unknown, was_hidden: &was_hidden, hidden: &hidden };
    let mut telling = Telling { is_new: before.is_null(), ..Telling::of(length) };
    telling.resource(node, to);
    let around: usize = to.fields.iter().map(String::len).sum();
    if telling.is_spent || around.saturating_mul(to.members.len()) > telling.left {
        // It may be anything, and so rules hold it for what it might be: the others count as they are.
        to.members.clear();
        to.is_unread = true;
    }
    Ok(())
}

/// Tells of `value`, which the attribute `name` of what is made anew will have, in place of its
/// not being known. Where that is too much, nothing changes, and `false` says so.
pub(super) fn set(to: &mut Change, name: &str, mut value: Value) -> bool {
    open(&mut value, &to.kind);
    let node = Node { before: &NULL, after: &value, unknown: &NULL, was_hidden: &NULL, hidden: &NULL };
    let mut telling = Telling { is_new: true, left: LEAST, ..Telling::default() };
    let (mut fields, mut waiting) = (Vec::new(), Vec::new());
    telling.walk(name, node, &mut fields, &mut waiting);
    telling.lists(waiting, &[]);
    let around: usize = to.fields.iter().chain(&fields).map(String::len).sum();
    let members = to.members.len() + telling.members.len();
    if telling.is_spent || around.saturating_mul(members) > telling.left {
        return false;
    }
    to.pending.retain(|one| one.name != name);
    to.fields.append(&mut fields);
    to.members.append(&mut telling.members);
    true
}

/// Reads the values of what `to` takes away, told in a text of `length` bytes. What cannot be
/// read of them may be anything: that it is taken away is known all the same.
pub(super) fn read_lost(to: &mut Change, shown: &ShownActions<'_>, length: usize) {
    let mut telling = Telling::of(length);
    if let (Ok(mut before), Ok(was_hidden)) = (value(shown.before), value(shown.before_sensitive)) {
        open(&mut before, &to.kind);
        let node = Node { before: &before, was_hidden: &was_hidden, ..Node::of(None, None) };
        for key in node.keys() {
            telling.each(&plain(key), node.under(key), "was", &mut to.lost);
        }
    } else {
        telling.is_spent = true;
    }
    to.is_unread |= telling.is_spent;
}

fn value(text: Option<&RawValue>) -> serde_json::Result<Value> {
    text.map_or(Ok(Value::Null), |text| serde_json::from_str(text.get()))
}

/// A list of objects that waits until what stands around it is told.
struct Waiting<'a> {
    path: String,
    node: Node<'a>,
}

#[derive(Default)]
struct Telling {
    /// Whether nothing was there before.
    is_new: bool,
    /// How many bytes may still be told.
    left: usize,
    /// Whether that was not enough.
    is_spent: bool,
    members: Vec<Vec<String>>,
}

impl Telling {
    /// For a change that is told in a text of `length` bytes.
    fn of(length: usize) -> Self {
        Self { left: LEAST.saturating_add(length.saturating_mul(FACTOR)), ..Self::default() }
    }

    fn resource(&mut self, node: Node<'_>, to: &mut Change) {
        let mut waiting = Vec::new();
        for key in node.keys() {
            let (inner, path, mut told) = (node.under(key), plain(key), Vec::new());
            self.walk(&path, inner, &mut told, &mut waiting);
            let changed = (inner.before != inner.after || is_marked(inner.unknown))
                && inner.is(|value| value.is_array() || value.is_object());
            if changed && !self.is_new {
                self.push(&mut told, format!("{path}:changed=true"));
            }
            if is_marked(inner.unknown) {
                to.pending.push(Pending { name: path, told, is_hidden: inner.is_hidden() });
            } else {
                to.fields.append(&mut told);
            }
        }
        self.lists(waiting, &[]);
        to.members = std::mem::take(&mut self.members);
    }

    /// The objects of lists, each with what stands `around` it.
    fn lists(&mut self, waiting: Vec<Waiting<'_>>, around: &[String]) {
        for Waiting { path, node } in waiting {
            for (what, node) in pairs(node) {
                if self.is_spent {
                    return;
                }
                let (mut fields, mut inner) = (Vec::new(), Vec::new());
                for word in around {
                    self.push(&mut fields, word.clone());
                }
                if !what.is_empty() && !self.is_new {
                    self.push(&mut fields, format!("{path}:{what}=member"));
                }
                if node.after.is_null() {
                    self.each(&path, node, "removed", &mut fields);
                } else {
                    self.walk(&path, node, &mut fields, &mut inner);
                }
                self.lists(inner, &fields);
                self.members.push(fields);
            }
        }
    }

    /// Tells of what stands at `path`. Lists of objects are left `waiting`.
    fn walk<'a>(
        &mut self,
        path: &str,
        node: Node<'a>,
        fields: &mut Vec<String>,
        waiting: &mut Vec<Waiting<'a>>,
    ) {
        if path.len() > LONGEST_PATH {
            self.is_spent = true;
        }
        if self.is_spent {
            return;
        }
        if is_marked(node.unknown) {
            self.turns(path, shown(node.before, is_marked(node.was_hidden)), UNKNOWN, fields);
        } else if node.is_hidden() {
            self.hidden(path, node, fields);
        } else if node.is(Value::is_array) {
            self.list(path, node, fields, waiting);
        } else if node.is(Value::is_object) || node.unknown.is_object() {
            self.object(path, node, fields, waiting);
        } else {
            self.leaf(path, node, fields);
        }
    }

    fn object<'a>(
        &mut self,
        path: &str,
        node: Node<'a>,
        fields: &mut Vec<String>,
        waiting: &mut Vec<Waiting<'a>>,
    ) {
        if !node.before.is_object() && !node.before.is_null() {
            self.push(fields, format!("{path}:was={}", text(node.before)));
        }
        if !node.after.is_object() && node.before.is_object() && !is_marked(node.unknown) {
            self.push(fields, format!("{path}={}", text(node.after)));
        }
        let was_map = node.before.as_object();
        for key in node.keys() {
            let (inner, below) = (node.under(key), format!("{path}.{}", plain(key)));
            let had = was_map.is_some_and(|map| map.contains_key(key));
            let has = node.after.get(key).is_some() || is_marked(inner.unknown) || inner.unknown.is_object();
            match (had, has) {
                (true, false) if !inner.before.is_null() => {
                    self.push(fields, format!("{path}:removed={}", plain(key)));
                    self.each(&below, inner, "removed", fields);
                }
                (false, true) if was_map.is_some() => {
                    self.push(fields, format!("{path}:added={}", plain(key)));
                    self.walk(&below, inner, fields, waiting);
                }
                _ => self.walk(&below, inner, fields, waiting),
            }
        }
    }

    /// Tells of each value that is no longer there, as what it is told by: `removed` from what
    /// stays, or what it `was` in what goes.
    fn each(&mut self, path: &str, node: Node<'_>, what: &str, fields: &mut Vec<String>) {
        if self.is_spent || path.len() > LONGEST_PATH {
            self.is_spent = true;
        } else if is_marked(node.was_hidden) {
            self.push(fields, format!("{path}:{what}={SENSITIVE}"));
        } else if let Value::Object(map) = node.before {
            for key in map.keys() {
                self.each(&format!("{path}.{}", plain(key)), node.under(key), what, fields);
            }
        } else if node.before.is_array() {
            for one in elements(node.before, &NULL, node.was_hidden) {
                self.each(path, Node { before: one.value, was_hidden: one.hidden, ..node }, what, fields);
            }
        } else if !node.before.is_null() {
            self.push(fields, format!("{path}:{what}={}", text(node.before)));
        }
    }

    fn list<'a>(
        &mut self,
        path: &str,
        node: Node<'a>,
        fields: &mut Vec<String>,
        waiting: &mut Vec<Waiting<'a>>,
    ) {
        let before = elements(node.before, &NULL, node.was_hidden);
        let after = elements(node.after, node.unknown, node.hidden);
        if before.iter().chain(&after).any(|one| one.value.is_object()) {
            waiting.push(Waiting { path: path.to_owned(), node });
        }
        let leaf = |one: &&Element<'_>| !one.value.is_object();
        let mut had: HashMap<String, usize> = HashMap::new();
        for one in before.iter().filter(leaf) {
            *had.entry(text(one.value)).or_default() += 1;
        }
        for one in after.iter().filter(leaf) {
            let value = if is_marked(one.unknown) { UNKNOWN.to_owned() } else { text(one.value) };
            let word = if is_marked(one.hidden) { SENSITIVE.to_owned() } else { value.clone() };
            if let Some(count) = had.get_mut(&value).filter(|count| **count > 0) {
                *count -= 1;
            } else {
                self.push(fields, format!("{path}={word}"));
                if !self.is_new {
                    self.push(fields, format!("{path}:added={word}"));
                }
            }
            self.push(fields, format!("{path}:now={word}"));
        }
        for one in before.iter().filter(leaf) {
            if let Some(count) = had.get_mut(&text(one.value)).filter(|count| **count > 0) {
                *count -= 1;
                let word = shown(one.value, is_marked(one.hidden)).unwrap_or_default();
                self.push(fields, format!("{path}:removed={word}"));
            }
        }
    }

    fn leaf(&mut self, path: &str, node: Node<'_>, fields: &mut Vec<String>) {
        if node.before == node.after {
            if !node.after.is_null() {
                self.push(fields, format!("{path}:now={}", text(node.after)));
            }
        } else {
            self.turns(path, shown(node.before, false), &text(node.after), fields);
            self.less(path, node, fields);
        }
    }

    fn hidden(&mut self, path: &str, node: Node<'_>, fields: &mut Vec<String>) {
        if node.before == node.after {
            self.push(fields, format!("{path}:now={SENSITIVE}"));
            return;
        }
        self.turns(path, shown(node.before, true), SENSITIVE, fields);
        self.less(path, node, fields);
        if !self.is_new && loses(node.before, node.after) {
            self.push(fields, format!("{path}:removed={SENSITIVE}"));
        }
    }

    /// Tells that what was `before` becomes `after`.
    fn turns(&mut self, path: &str, before: Option<String>, after: &str, fields: &mut Vec<String>) {
        self.push(fields, format!("{path}={after}"));
        if let Some(before) = before {
            self.push(fields, format!("{path}:was={before}"));
        }
        self.push(fields, format!("{path}:now={after}"));
    }

    fn less(&mut self, path: &str, node: Node<'_>, fields: &mut Vec<String>) {
        let number = |value: &Value| match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.parse::<f64>().ok(),
            _ => None,
        };
        if let (Some(before), Some(after)) = (number(node.before), number(node.after))
            && after < before
        {
            self.push(fields, format!("{path}:less=true"));
        }
    }

    fn push(&mut self, fields: &mut Vec<String>, word: String) {
        match self.left.checked_sub(word.len()) {
            Some(left) => {
                self.left = left;
                fields.push(word);
            }
            None => self.is_spent = true,
        }
    }
}

/// A key as a part of a path, which ends at its first `=`.
fn plain(key: &str) -> String {
    key.replace('=', "%3d")
}

/// A value in words, where there was one.
fn shown(value: &Value, is_hidden: bool) -> Option<String> {
    (!value.is_null()).then(|| if is_hidden { SENSITIVE.to_owned() } else { text(value) })
}

pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) if text.len() > LONGEST => UNKNOWN.to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(_) => "[]".to_owned(),
        Value::Object(_) => "{}".to_owned(),
        other => other.to_string(),
    }
}
