//! Edits of JSON with comments that leave every other byte as it is.
//!
//! A change is one or two splices into the text. What the result has to mean is
//! known, so that each is held against that before it counts.

mod splice;

use std::ops::Range;

use jsonc_parser::ast::{self, ObjectPropName};
use jsonc_parser::{CollectOptions, parse_to_ast};
use serde_json::Value;

use super::node::{Layout, Node};
use crate::json::lenient;

/// Begins a text of some editors.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Why a document cannot be edited.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    /// It is no JSON.
    #[error("line {line}, column {column}: {why}")]
    Syntax {
        /// Counted from 1.
        line: usize,
        /// Counted from 1.
        column: usize,
        /// What is wrong there.
        why: String,
    },
    /// It is JSON that no entry can be put into.
    #[error("{0}")]
    Shape(String),
}

/// A step from a value to one in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

/// A document that is being edited.
#[derive(Clone, Debug)]
pub(super) struct Document {
    mark: &'static str,
    text: String,
    value: Value,
}

/// An object or array in the text.
struct Container {
    /// With its brackets.
    range: Range<usize>,
    /// Its members or elements.
    children: Vec<Range<usize>>,
}

impl Document {
    /// Reads a document; an empty one is an empty object.
    ///
    /// # Errors
    /// Where it is no JSON object, or a name stands twice in an object, so that it
    /// depends on the reader which one counts.
    pub(super) fn read(text: &str) -> Result<Self, Fault> {
        let (mark, text) = match text.strip_prefix(BYTE_ORDER_MARK) {
            Some(rest) => (BYTE_ORDER_MARK, rest),
            None => ("", text),
        };
        let text = if text.trim().is_empty() { "{}\n" } else { text };
        let value = meaning(text)?;
        if !value.is_object() {
            return Err(Fault::Shape("it holds no object".to_owned()));
        }
        Ok(Self { mark, text: text.to_owned(), value })
    }

    /// What it says.
    pub(super) const fn value(&self) -> &Value {
        &self.value
    }

    /// The text.
    pub(super) fn text(&self) -> String {
        format!("{}{}", self.mark, self.text)
    }

    /// Puts `item` at the end of the array at `path`, which is made where it is
    /// missing, with what is above it.
    ///
    /// # Errors
    /// Where something else is at `path` or above it.
    pub(super) fn append(&mut self, path: &[&str], item: &Node) -> Result<(), Fault> {
        let mut expected = self.value.clone();
        let mut at = &mut expected;
        let mut known = path.len();
        for (depth, key) in path.iter().enumerate() {
            let Some(object) = at.as_object_mut() else { return Err(not_a(path, depth, "an object")) };
            if known == path.len() && !object.contains_key(*key) {
                known = depth;
            }
            at = object.entry(*key).or_insert_with(|| {
                if depth + 1 == path.len() {
                    Value::Array(Vec::new())
                } else {
                    Value::Object(serde_json::Map::new())
                }
            });
        }
        let Some(array) = at.as_array_mut() else { return Err(not_a(path, path.len(), "an array")) };
        array.push(item.value());
        let (above, missing) = path.split_at(known);
        let steps: Vec<_> = above.iter().map(|key| Step::Key(key)).collect();
        let text = match missing.split_first() {
            None => self.inserted(&steps, None, item)?,
            Some((key, below)) => {
                let list = Node::List(vec![item.clone()]);
                let nest = |node, key: &&str| Named::nest(key, node);
                let nested = below.iter().rev().fold(Named::Node(list), nest);
                self.inserted_named(&steps, key, &nested)?
            }
        };
        self.become_text(text, &expected)
    }

    /// Adds a member to the object that the document is, unless it has one of that
    /// name.
    ///
    /// # Errors
    /// Never for a document that was read.
    pub(super) fn add_missing(&mut self, name: &'static str, node: &Node) -> Result<(), Fault> {
        let mut expected = self.value.clone();
        let Some(object) = expected.as_object_mut() else { return Ok(()) };
        if object.contains_key(name) {
            return Ok(());
        }
        object.insert(name.to_owned(), node.value());
        let text = self.inserted(&[], Some(name), node)?;
        self.become_text(text, &expected)
    }

    /// Puts `item` in the place of what is at `path`.
    ///
    /// # Errors
    /// Where there is nothing at `path`.
    pub(super) fn replace(&mut self, path: &[Step<'_>], item: &Node) -> Result<(), Fault> {
        let mut expected = self.value.clone();
        let range = self.find(path)?.range;
        *reach(&mut expected, path).ok_or_else(nothing)? = item.value();
        let indent = self.indent_at(range.start);
        let layout = self.layout();
        let is_block = self.part(range.clone()).contains('\n');
        let piece = if is_block { layout.block(item, &indent) } else { layout.line(item) };
        let text = self.spliced(&[(range, piece)]);
        self.become_text(text, &expected)
    }

    /// Takes out what is at `path`, and each container above it that is empty
    /// then, but for those of the first `kept` levels.
    ///
    /// # Errors
    /// Where there is nothing at `path`.
    pub(super) fn remove(&mut self, path: &[Step<'_>], kept: usize) -> Result<(), Fault> {
        let mut length = path.len();
        while length > kept + 1
            && path.get(..length - 1).is_some_and(|above| {
                !above.is_empty() && self.find(above).is_ok_and(|above| above.children.len() == 1)
            })
        {
            length -= 1;
        }
        let (last, above) = path.get(..length).and_then(<[_]>::split_last).ok_or_else(nothing)?;
        let mut expected = self.value.clone();
        let child = match (reach(&mut expected, above).ok_or_else(nothing)?, last) {
            (Value::Array(array), Step::Index(index)) if *index < array.len() => {
                array.remove(*index);
                *index
            }
            (Value::Object(object), Step::Key(key)) => {
                object.remove(*key).ok_or_else(nothing)?;
                self.position(above, key)?
            }
            _ => return Err(nothing()),
        };
        let container = self.find(above)?;
        let text = self.without(&container, child)?;
        self.become_text(text, &expected)
    }

    fn become_text(&mut self, text: String, expected: &Value) -> Result<(), Fault> {
        let found = meaning(&text);
        if found.as_ref() != Ok(expected) {
            return Err(Fault::Shape("it is written in a way that cannot be edited safely".to_owned()));
        }
        self.text = text;
        self.value = expected.clone();
        Ok(())
    }

    /// The container or value at `path`.
    fn find(&self, path: &[Step<'_>]) -> Result<Container, Fault> {
        let parsed = parse(&self.text)?;
        let mut at = &parsed;
        for step in path {
            at = match (at, step) {
                (ast::Value::Object(object), Step::Key(key)) => object
                    .properties
                    .iter()
                    .find(|property| property.name.as_str() == *key)
                    .map(|property| &property.value),
                (ast::Value::Array(array), Step::Index(index)) => array.elements.get(*index),
                _ => None,
            }
            .ok_or_else(nothing)?;
        }
        let children = match at {
            ast::Value::Object(object) => {
                object.properties.iter().map(|one| one.range.start..one.range.end).collect()
            }
            ast::Value::Array(array) => array.elements.iter().map(range_of).collect(),
            _ => Vec::new(),
        };
        Ok(Container { range: range_of(at), children })
    }

    /// Which member of the object at `path` has this name.
    fn position(&self, path: &[Step<'_>], key: &str) -> Result<usize, Fault> {
        let container = self.find(path)?;
        let has_name = |range: &Range<usize>| {
            let text = self.part(range.clone());
            let mut words = serde_json::Deserializer::from_str(text).into_iter::<String>();
            words.next().and_then(Result::ok).as_deref() == Some(key)
        };
        container.children.iter().position(has_name).ok_or_else(nothing)
    }

    fn inserted(&self, path: &[Step<'_>], name: Option<&str>, node: &Node) -> Result<String, Fault> {
        let named = Named::Node(node.clone());
        match name {
            Some(name) => self.inserted_named(path, name, &named),
            None => self.with(&self.find(path)?, |layout, indent| match indent {
                Some(indent) => layout.block(node, indent),
                None => layout.line(node),
            }),
        }
    }

    fn inserted_named(&self, path: &[Step<'_>], name: &str, node: &Named) -> Result<String, Fault> {
        self.with(&self.find(path)?, |layout, indent| match indent {
            Some(indent) => format!("{}: {}", super::node::quoted(name), node.block(layout, indent)),
            None => format!("{}:{}{}", super::node::quoted(name), layout.space, node.line(layout)),
        })
    }
}

/// A node below names that are not known when this is compiled.
enum Named {
    Node(Node),
    Object(String, Box<Named>),
}

impl Named {
    fn nest(name: &str, node: Self) -> Self {
        Self::Object(name.to_owned(), Box::new(node))
    }

    fn block(&self, layout: &Layout, indent: &str) -> String {
        match self {
            Self::Node(node) => layout.block(node, indent),
            Self::Object(name, node) => {
                let (inner, newline) = (format!("{indent}{}", layout.unit), layout.newline);
                let node = node.block(layout, &inner);
                format!("{{{newline}{inner}{}: {node}{newline}{indent}}}", super::node::quoted(name))
            }
        }
    }

    fn line(&self, layout: &Layout) -> String {
        match self {
            Self::Node(node) => layout.line(node),
            Self::Object(name, node) => {
                format!("{{{}:{}{}}}", super::node::quoted(name), layout.space, node.line(layout))
            }
        }
    }
}

fn nothing() -> Fault {
    Fault::Shape("what was there is not there any more".to_owned())
}

fn not_a(path: &[&str], depth: usize, what: &str) -> Fault {
    let name = path.get(..depth).unwrap_or_default().join(".");
    Fault::Shape(format!("`{name}` is not {what}"))
}

fn reach<'a>(value: &'a mut Value, path: &[Step<'_>]) -> Option<&'a mut Value> {
    path.iter().try_fold(value, |at, step| match step {
        Step::Key(key) => at.get_mut(*key),
        Step::Index(index) => at.get_mut(*index),
    })
}

fn range_of(value: &ast::Value<'_>) -> Range<usize> {
    use jsonc_parser::common::Ranged as _;
    let range = value.range();
    range.start..range.end
}

fn parse(text: &str) -> Result<ast::Value<'_>, Fault> {
    let parsed =
        parse_to_ast(text, &CollectOptions::default(), &lenient()).map_err(|error| Fault::Syntax {
            line: error.line_display(),
            column: error.column_display(),
            why: error.kind().to_string(),
        })?;
    parsed.value.ok_or_else(|| Fault::Shape("it holds nothing".to_owned()))
}

/// What a text says.
fn meaning(text: &str) -> Result<Value, Fault> {
    value_of(&parse(text)?)
}

fn value_of(value: &ast::Value<'_>) -> Result<Value, Fault> {
    Ok(match value {
        ast::Value::NullKeyword(_) => Value::Null,
        ast::Value::BooleanLit(flag) => Value::from(flag.value),
        ast::Value::StringLit(text) => Value::from(text.value.as_ref()),
        ast::Value::NumberLit(number) => serde_json::from_str(number.value)
            .map_err(|_| Fault::Shape(format!("{} is not a number", number.value)))?,
        ast::Value::Array(array) => array.elements.iter().map(value_of).collect::<Result<_, _>>()?,
        ast::Value::Object(object) => {
            let mut map = serde_json::Map::new();
            for property in &object.properties {
                let ObjectPropName::String(name) = &property.name else {
                    return Err(Fault::Shape(format!("the name {} is not quoted", property.name.as_str())));
                };
                if map.insert(name.value.as_ref().to_owned(), value_of(&property.value)?).is_some() {
                    return Err(Fault::Shape(format!("`{}` stands twice in one object", name.value)));
                }
            }
            Value::Object(map)
        }
    })
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
