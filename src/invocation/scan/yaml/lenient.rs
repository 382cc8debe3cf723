//! YAML by the rules of libyaml, which takes layouts of lists that the first reader does
//! not. It tells no places: a text is looked for where the text before it ended.

use std::rc::Rc;

use saphyr_parser::ScalarStyle;
use serde::Deserialize as _;
use serde_yaml::{Deserializer, Value};

use super::{Content, DEPTH, Node, Scalar};

/// The longest text that is read so, in bytes.
const LONGEST: usize = 1 << 20;

/// How much may be looked through for the places, in bytes.
const EFFORT: usize = 64 << 20;

/// The documents of a file; `None` where this reader does not take it either.
pub(super) fn documents(text: &str) -> Option<Vec<Rc<Node>>> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    if body.len() > LONGEST {
        return None;
    }
    let mut places = Places { text, at: text.len() - body.len(), left: EFFORT };
    let documents = Deserializer::from_str(body);
    documents.map(|document| node(&Value::deserialize(document).ok()?, &mut places, 0)).collect()
}

/// Where texts stand in a file.
struct Places<'a> {
    text: &'a str,
    at: usize,
    left: usize,
}

impl Places<'_> {
    /// Where a text stands whose first line is looked for; where the last one ended if
    /// it is not found.
    fn of(&mut self, value: &str) -> usize {
        let first = value.trim_start().lines().next().unwrap_or_default().trim_end();
        for from in [self.at, 0] {
            let rest = self.text.get(from..).unwrap_or_default();
            let found = rest.find(first).filter(|_| !first.is_empty() && self.left > 0);
            self.left = self.left.saturating_sub(found.unwrap_or(rest.len()));
            if let Some(found) = found {
                self.at = from + found + first.len();
                return from + found;
            }
        }
        self.at
    }
}

fn node(value: &Value, places: &mut Places<'_>, depth: usize) -> Option<Rc<Node>> {
    if depth > DEPTH {
        return None;
    }
    let mut tag = None;
    let mut value = value;
    while let Value::Tagged(tagged) = value {
        tag = Some(tagged.tag.to_string().trim_start_matches('!').to_owned());
        value = &tagged.value;
    }
    let scalar = |text: String, places: &mut Places<'_>| {
        let at = places.of(&text);
        Content::Scalar(Scalar { value: text, at, style: ScalarStyle::Plain })
    };
    let at = places.at;
    let content = match value {
        Value::Sequence(items) => {
            let items: Option<Vec<_>> = items.iter().map(|item| node(item, places, depth + 1)).collect();
            Content::Sequence(items?)
        }
        Value::Mapping(pairs) => {
            let pairs = pairs
                .iter()
                .map(|(key, value)| Some((node(key, places, depth + 1)?, node(value, places, depth + 1)?)));
            Content::Mapping(pairs.collect::<Option<_>>()?)
        }
        Value::String(text) => scalar(text.clone(), places),
        Value::Bool(value) => scalar(value.to_string(), places),
        Value::Number(number) => scalar(number.to_string(), places),
        _ => scalar(String::new(), places),
    };
    Some(Rc::new(Node { at, tag, content, size: 1, depth: 1 }))
}

#[cfg(test)]
mod tests {
    use super::super::documents;

    #[test]
    fn what_libyaml_takes_is_read_with_places() {
        let source = "a:\n  v: [\n    [\"3.10\", \"310\"],\n  ]\nrun: |\n  one\n  two three\n";
        let all = documents(source).unwrap();
        let run = all[0].get("run").unwrap().scalar().unwrap();
        assert_eq!(run.value, "one\ntwo three\n");
        let part = run.parts(source).into_iter().rev().find(|part| part.verbatim && part.from <= 8).unwrap();
        assert_eq!(part.at + 8 - part.from, source.find("three").unwrap());
        assert_eq!(all[0].path(&["a", "v"]).unwrap().items().len(), 1);
        assert!(documents("a: [").is_err() && documents("a: &a [*a").is_err());
    }
}
