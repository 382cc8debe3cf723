//! JSON that is to be written, in the order and the layout that it is to have.

use serde_json::Value;

/// The members of an object, in order.
pub(super) type Fields = Vec<(&'static str, Node)>;

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Text(String),
    Number(u32),
    Flag(bool),
    List(Vec<Node>),
    Map(Fields),
}

impl From<&str> for Node {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u32> for Node {
    fn from(number: u32) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Node {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl Node {
    /// The same for comparing.
    pub(super) fn value(&self) -> Value {
        match self {
            Self::Text(text) => Value::from(text.as_str()),
            Self::Number(number) => Value::from(*number),
            Self::Flag(flag) => Value::from(*flag),
            Self::List(nodes) => nodes.iter().map(Self::value).collect(),
            Self::Map(fields) => {
                fields.iter().map(|(name, node)| ((*name).to_owned(), node.value())).collect()
            }
        }
    }
}

/// How a document is laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// How its lines end.
    pub(super) newline: &'static str,
    /// One step of indentation.
    pub(super) unit: String,
    /// What follows a colon, and a comma within a line.
    pub(super) space: &'static str,
}

impl Layout {
    /// A node over several lines, the first of which is indented already.
    pub(super) fn block(&self, node: &Node, indent: &str) -> String {
        let inner = format!("{indent}{}", self.unit);
        let lines = match node {
            Node::List(nodes) if !nodes.is_empty() => {
                nodes.iter().map(|node| self.block(node, &inner)).collect::<Vec<_>>()
            }
            Node::Map(fields) if !fields.is_empty() => fields
                .iter()
                .map(|(name, node)| format!("{}: {}", quoted(name), self.block(node, &inner)))
                .collect(),
            node => return self.line(node),
        };
        let (open, close) = if matches!(node, Node::List(_)) { ('[', ']') } else { ('{', '}') };
        let newline = self.newline;
        let lines = lines.join(&format!(",{newline}{inner}"));
        format!("{open}{newline}{inner}{lines}{newline}{indent}{close}")
    }

    /// A node on one line.
    pub(super) fn line(&self, node: &Node) -> String {
        let space = self.space;
        let join = |parts: Vec<String>| parts.join(&format!(",{space}"));
        match node {
            Node::Text(text) => quoted(text),
            Node::Number(number) => number.to_string(),
            Node::Flag(flag) => flag.to_string(),
            Node::List(nodes) => format!("[{}]", join(nodes.iter().map(|node| self.line(node)).collect())),
            Node::Map(fields) => {
                let field =
                    |(name, node): &(&str, Node)| format!("{}:{space}{}", quoted(name), self.line(node));
                format!("{{{}}}", join(fields.iter().map(field).collect()))
            }
        }
    }
}

/// A JSON string.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
