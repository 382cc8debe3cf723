//! Where the parts of a YAML text stand: to show a fault, and to put a line in
//! without touching the rest. What a part means is not read here.

use saphyr_parser::{Event, Parser, Span};

/// A value and where it stands, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    /// Its first byte.
    pub(crate) start: usize,
    /// Behind its last one.
    pub(crate) end: usize,
    /// Whether it is written in brackets.
    pub(crate) flow: bool,
    /// What it is made of.
    pub(crate) content: Content,
}

/// What a value is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Scalar(String),
    Sequence(Vec<Node>),
    Mapping(Vec<(Node, Node)>),
    /// Stands for a value elsewhere.
    Alias,
}

impl Node {
    /// The value of a key.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        self.entry(name).map(|(_, value)| value)
    }

    /// A key with its value.
    pub(crate) fn entry(&self, name: &str) -> Option<&(Self, Self)> {
        let Content::Mapping(entries) = &self.content else { return None };
        entries.iter().find(|(key, _)| key.text() == Some(name))
    }

    /// The items of a list.
    pub(crate) fn items(&self) -> &[Self] {
        if let Content::Sequence(items) = &self.content { items } else { &[] }
    }

    /// The text of a scalar.
    pub(crate) fn text(&self) -> Option<&str> {
        if let Content::Scalar(text) = &self.content { Some(text) } else { None }
    }
}

/// A value that is not at its end yet.
struct Open {
    start: usize,
    flow: bool,
    mapping: bool,
    values: Vec<Node>,
}

impl Open {
    fn close(self, text: &str) -> Option<Node> {
        let Self { start, flow, mapping, values } = self;
        // What is written in lines ends with its last value. The parser's own end
        // is where the next token begins, behind comments.
        let last = values.last().map_or(start, |last| last.end);
        let end = if flow { bracket(text, last.max(start + 1))? } else { last };
        let content = if mapping {
            let mut entries = Vec::new();
            let mut values = values.into_iter();
            while let (Some(key), Some(value)) = (values.next(), values.next()) {
                entries.push((key, value));
            }
            Content::Mapping(entries)
        } else {
            Content::Sequence(values)
        };
        Some(Node { start, end, flow, content })
    }
}

/// Behind the bracket that comes next, be it behind comments.
fn bracket(text: &str, from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let rest = text.get(at..)?;
        at += match rest.chars().next()? {
            '#' => rest.find('\n')?,
            ']' | '}' => return Some(at + 1),
            c => c.len_utf8(),
        };
    }
}

/// The outline of a text with one document; `None` where it is no such text.
pub(crate) fn outline(text: &str) -> Option<Node> {
    // The parser counts characters.
    let mut bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    bytes.push(text.len());
    let place = |span: &Span| {
        let byte = |index: usize| bytes.get(index).copied().unwrap_or(text.len());
        (byte(span.start.index()), byte(span.end.index()))
    };
    let mut open: Vec<Open> = Vec::new();
    let mut root = None;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.ok()?;
        let (start, end) = place(&span);
        let begins = |mapping| {
            let flow = text.get(start..).is_some_and(|rest| rest.starts_with(['[', '{']));
            Open { start, flow, mapping, values: Vec::new() }
        };
        let node = match event {
            Event::SequenceStart(..) => {
                open.push(begins(false));
                continue;
            }
            Event::MappingStart(..) => {
                open.push(begins(true));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop()?.close(text)?,
            Event::Scalar(value, ..) => {
                Node { start, end, flow: false, content: Content::Scalar(value.into_owned()) }
            }
            Event::Alias(_) => Node { start, end, flow: false, content: Content::Alias },
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => continue,
        };
        match open.last_mut() {
            Some(parent) => parent.values.push(node),
            None if root.is_none() => root = Some(node),
            None => return None,
        }
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# é\npeople:\n  - id: a # one\n    keys: [x, 'y']  # two ]\n\n  - id: \"b\"\n    keys:\n      - k\n\n# end\nmore: {}\n";

    fn shown<'a>(text: &'a str, node: &Node) -> &'a str {
        text.get(node.start..node.end).unwrap()
    }

    #[test]
    fn parts_have_their_places() {
        let root = outline(TEXT).unwrap();
        let people = root.get("people").unwrap();
        let (first, second) = (&people.items()[0], &people.items()[1]);
        assert_eq!(shown(TEXT, first.get("id").unwrap()), "a");
        assert_eq!(shown(TEXT, first.get("keys").unwrap()), "[x, 'y']");
        assert!(first.get("keys").unwrap().flow && !people.flow);
        assert_eq!(shown(TEXT, second.get("id").unwrap()), "\"b\"");
        assert_eq!(second.get("id").unwrap().text(), Some("b"));
        assert_eq!(shown(TEXT, second), "id: \"b\"\n    keys:\n      - k");
        assert!(TEXT.get(..people.end).unwrap().ends_with("- k"));
        assert_eq!(shown(TEXT, root.get("more").unwrap()), "{}");
    }

    #[test]
    fn what_is_no_document_has_none() {
        for text in ["", "# x\n", "a: [", "a: 1\n---\nb: 2\n", "a: *b\n"] {
            assert_eq!(outline(text), None, "{text:?}");
        }
    }
}
