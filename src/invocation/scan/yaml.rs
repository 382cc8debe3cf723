//! YAML with the places of its values.
//!
//! Only what a file of commands needs: mappings, sequences, scalars, with anchors,
//! aliases and merged mappings. An alias is the node that it stands for, not a copy of
//! it, and a file whose aliases stand for far more than it holds is not read.

mod lenient;
mod origins;

use std::collections::HashMap;
use std::rc::Rc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, StrInput, Tag};

use super::Unread;
pub(super) use origins::Part;

/// How deep values may stand in each other, aliases followed.
const DEPTH: usize = 64;

/// How much more than it holds a file's aliases may stand for, in bytes.
const ALIASED: usize = 1 << 20;

/// A value.
#[derive(Debug)]
pub(super) struct Node {
    /// Where it stands, in bytes.
    pub(super) at: usize,
    /// What it is said to be (`reference` of `!reference`).
    pub(super) tag: Option<String>,
    /// What it is.
    pub(super) content: Content,
    /// How much it stands for, in bytes, and how deep values stand in it.
    size: usize,
    depth: usize,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum Content {
    /// A text, a number, or nothing.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Rc<Node>>),
    /// Keys with their values.
    Mapping(Vec<(Rc<Node>, Rc<Node>)>),
}

/// A text, and how it was written.
#[derive(Debug)]
pub(super) struct Scalar {
    /// The text.
    pub(super) value: String,
    /// Where it begins: at its quote, or a block at its first character.
    pub(super) at: usize,
    style: ScalarStyle,
}

impl Scalar {
    /// Where each part of the text stands in the `source` that it was read from.
    pub(super) fn parts(&self, source: &str) -> Vec<Part> {
        origins::parts(source, self.at, self.style, &self.value)
    }
}

impl Node {
    /// The value of a key: the last one of that name, or one of a merged mapping.
    pub(super) fn get(&self, key: &str) -> Option<&Rc<Self>> {
        let Content::Mapping(entries) = &self.content else { return None };
        let own = entries.iter().rev().find(|(name, _)| name.text() == Some(key));
        own.map(|(_, value)| value).or_else(|| self.merged().find_map(|mapping| mapping.get(key)))
    }

    /// The value behind several keys.
    pub(super) fn path(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().try_fold(self, |node, key| node.get(key).map(AsRef::as_ref))
    }

    /// The keys with their values, those of merged mappings first.
    pub(super) fn entries(&self) -> Vec<(&Scalar, &Rc<Self>)> {
        let Content::Mapping(entries) = &self.content else { return Vec::new() };
        let mut all: Vec<_> = self.merged().flat_map(Self::entries).collect();
        let own = entries.iter().filter_map(|(name, value)| Some((name.scalar()?, value)));
        all.extend(own.filter(|(name, _)| name.value != "<<"));
        all
    }

    /// The mappings that `<<` merges into this one.
    fn merged(&self) -> impl Iterator<Item = &Self> {
        let entries = if let Content::Mapping(entries) = &self.content { entries.as_slice() } else { &[] };
        let values = entries.iter().filter(|(name, _)| name.text() == Some("<<")).map(|(_, value)| value);
        values.flat_map(|value| match &value.content {
            Content::Sequence(items) => items.iter().map(AsRef::as_ref).collect(),
            _ => vec![value.as_ref()],
        })
    }

    /// The items of a list; none where it is no list.
    pub(super) fn items(&self) -> &[Rc<Self>] {
        if let Content::Sequence(items) = &self.content { items } else { &[] }
    }

    /// The items of a list, or the value itself.
    pub(super) fn one_or_many(self: &Rc<Self>) -> &[Rc<Self>] {
        if let Content::Sequence(items) = &self.content { items } else { std::slice::from_ref(self) }
    }

    /// The text of a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        self.scalar().map(|scalar| scalar.value.as_str())
    }

    /// The scalar that it is.
    pub(super) fn scalar(&self) -> Option<&Scalar> {
        if let Content::Scalar(scalar) = &self.content { Some(scalar) } else { None }
    }

    /// Whether it is a mapping.
    pub(super) fn is_mapping(&self) -> bool {
        matches!(self.content, Content::Mapping(_))
    }
}

/// The documents of a file.
///
/// # Errors
/// Where it is no YAML, or stands for too much.
pub(super) fn documents(text: &str) -> Result<Vec<Rc<Node>>, Unread> {
    // Two readers, as neither takes all that programs do.
    placed_documents(text).or_else(|unread| lenient::documents(text).ok_or(unread))
}

fn placed_documents(text: &str) -> Result<Vec<Rc<Node>>, Unread> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader {
        places: Places::of(body, text.len() - body.len()),
        open: Vec::new(),
        anchors: HashMap::new(),
        documents: Vec::new(),
        budget: text.len().saturating_mul(2) + ALIASED,
    };
    for event in Parser::new(StrInput::new(body)) {
        let (event, span) = event.map_err(|error| reader.broken(&error))?;
        reader.take(event, span.start)?;
    }
    Ok(reader.documents)
}

/// A list or a mapping whose end was not reached.
struct Open {
    at: usize,
    tag: Option<String>,
    anchor: usize,
    mapping: bool,
    children: Vec<Rc<Node>>,
}

struct Reader<'a> {
    places: Places<'a>,
    open: Vec<Open>,
    anchors: HashMap<usize, Rc<Node>>,
    documents: Vec<Rc<Node>>,
    budget: usize,
}

impl Reader<'_> {
    fn broken(&mut self, error: &ScanError) -> Unread {
        let at = self.places.at(*error.marker());
        Unread { at, why: format!("this is no valid YAML: {}", error.info()) }
    }

    fn take(&mut self, event: Event<'_>, start: Marker) -> Result<(), Unread> {
        let at = self.places.at(start);
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                let tag = tag.map(|tag| tag.suffix.clone());
                let named = anchor > 0 || tag.is_some();
                let at = if named { self.places.behind_names(at, style, &value) } else { at };
                let content = Content::Scalar(Scalar { value: value.into_owned(), at, style });
                self.add(Node { at, tag, content, size: 0, depth: 0 }, anchor)
            }
            Event::Alias(id) => {
                // One within the node that it names stands for nothing.
                let nothing =
                    || Content::Scalar(Scalar { value: String::new(), at, style: ScalarStyle::Plain });
                let known = self.anchors.get(&id).cloned();
                let node = known.unwrap_or_else(|| {
                    Rc::new(Node { at, tag: None, content: nothing(), size: 1, depth: 1 })
                });
                self.put(node)
            }
            Event::SequenceStart(anchor, tag) => self.open(at, tag.as_deref(), anchor, false),
            Event::MappingStart(anchor, tag) => self.open(at, tag.as_deref(), anchor, true),
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            _ => Ok(()),
        }
    }

    fn open(&mut self, at: usize, tag: Option<&Tag>, anchor: usize, mapping: bool) -> Result<(), Unread> {
        if self.open.len() >= DEPTH {
            return Err(too_deep(at));
        }
        let tag = tag.map(|tag| tag.suffix.clone());
        self.open.push(Open { at, tag, anchor, mapping, children: Vec::new() });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Unread> {
        let Some(Open { at, tag, anchor, mapping, children }) = self.open.pop() else { return Ok(()) };
        let content = if mapping {
            let mut rest = children.into_iter();
            let pairs = std::iter::from_fn(|| Some((rest.next()?, rest.next()?)));
            Content::Mapping(pairs.collect())
        } else {
            Content::Sequence(children)
        };
        self.add(Node { at, tag, content, size: 0, depth: 0 }, anchor)
    }

    /// Puts a value that is complete where it belongs.
    fn add(&mut self, mut node: Node, anchor: usize) -> Result<(), Unread> {
        let of = |child: &Rc<Node>| (child.size, child.depth);
        let (size, depth) = match &node.content {
            Content::Scalar(scalar) => (scalar.value.len(), 0),
            Content::Sequence(items) => items.iter().map(of).fold((0, 0), together),
            Content::Mapping(pairs) => {
                pairs.iter().flat_map(|(key, value)| [of(key), of(value)]).fold((0, 0), together)
            }
        };
        (node.size, node.depth) = (size.saturating_add(1), depth + 1);
        let node = Rc::new(node);
        if anchor > 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        self.put(node)
    }

    fn put(&mut self, node: Rc<Node>) -> Result<(), Unread> {
        if node.depth > DEPTH {
            return Err(too_deep(node.at));
        }
        if node.size > self.budget {
            let why = "what its aliases stand for is too much to read".to_owned();
            return Err(Unread { at: node.at, why });
        }
        match self.open.last_mut() {
            Some(open) => open.children.push(node),
            None => self.documents.push(node),
        }
        Ok(())
    }
}

/// Two values in a third.
fn together((size, depth): (usize, usize), (other, deep): (usize, usize)) -> (usize, usize) {
    (size.saturating_add(other), depth.max(deep))
}

fn too_deep(at: usize) -> Unread {
    Unread { at, why: "its values stand too deep in each other".to_owned() }
}

/// From lines and columns, which the parser counts, to bytes.
struct Places<'a> {
    text: &'a str,
    /// What stands before the text.
    before: usize,
    starts: Vec<usize>,
    /// The place that was asked for last: the next is mostly behind it.
    last: (Marker, usize),
}

impl<'a> Places<'a> {
    fn of(text: &'a str, before: usize) -> Self {
        let bytes = text.as_bytes();
        let breaks = bytes.iter().enumerate().filter(|(at, byte)| match byte {
            b'\n' => true,
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        let starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        Self { text, before, starts, last: (Marker::default(), 0) }
    }

    fn at(&mut self, marker: Marker) -> usize {
        let (last, at) = self.last;
        let start = marker.line().checked_sub(1).and_then(|line| self.starts.get(line));
        let start = start.copied().unwrap_or(self.text.len());
        let (from, columns) = if last.line() == marker.line() && last.col() <= marker.col() {
            (at, marker.col() - last.col())
        } else {
            (start, marker.col())
        };
        let rest = self.text.get(from..).unwrap_or_default();
        let at = from + rest.char_indices().nth(columns).map_or(rest.len(), |(at, _)| at);
        self.last = (marker, at);
        self.before + at
    }

    /// Where a scalar begins at whose anchor and tag the parser says that it does.
    fn behind_names(&self, at: usize, style: ScalarStyle, value: &str) -> usize {
        let mut rest = self.text.get(at - self.before..).unwrap_or_default();
        while rest.starts_with(['&', '!']) {
            let behind = rest.find(char::is_whitespace).and_then(|end| rest.get(end..));
            rest = behind.unwrap_or_default().trim_start();
        }
        if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            let first = value.trim_start_matches('\n').lines().next().unwrap_or_default();
            rest = rest.find('\n').and_then(|end| rest.get(end + 1..)).unwrap_or_default();
            while let Some((line, behind)) = rest.split_once('\n') {
                if !line.trim().is_empty() {
                    break;
                }
                rest = behind;
            }
            // What stands before it is its indentation.
            let line = rest.lines().next().unwrap_or_default();
            let indent = line.find(first).filter(|_| !first.is_empty()).unwrap_or_default();
            rest = rest.get(indent..).unwrap_or_default();
        }
        self.before + self.text.len() - rest.len()
    }
}

#[cfg(test)]
mod tests;
