//! A configuration written in JSON, in which every string is a template.

use std::cell::Cell;
use std::collections::HashMap;

use hcl_edit::parser::parse_template;
use hcl_edit::template::Template;
use jsonc_parser::ast::{Object, StringLit, Value};

use super::placed::Text;
use super::text::{EFFORT, Reader};
use super::values::{Names, Values};
use super::{Parts, lines_of, piece};
use crate::invocation::scan::json::{decoded, parse};
use crate::invocation::scan::{Passage, Piece, Unread};

/// What a configuration holds.
pub(super) fn read(text: &str) -> Result<Vec<Piece>, Unread> {
    let value = parse(text)?;
    let mut found = Found { text, names: names(text, &value), cut: Cell::new(None), pieces: Vec::new() };
    found.value(&value, "");
    let why = "what its names stand for is too much to read".to_owned();
    found.pieces.extend(found.cut.get().map(|at| Piece::Unread(Unread { at, why })));
    Ok(found.pieces)
}

/// How many names may stand for each other.
const STEPS: usize = 64;

/// What `local.…` and `var.…` stand for, where that is a text.
fn names(text: &str, value: &Value<'_>) -> HashMap<String, Passage> {
    let mut names = HashMap::new();
    let blocks = |kind: &'static str| {
        let all = objects(value).into_iter().flat_map(|object| &object.properties);
        all.filter(move |one| one.name.as_str() == kind).flat_map(|one| objects(&one.value))
    };
    for local in blocks("locals").flat_map(|object| &object.properties) {
        let said = local.value.as_string_lit().map(|literal| decoded(text, literal));
        names.extend(said.map(|said| (format!("local.{}", local.name.as_str()), said)));
    }
    for variable in blocks("variable").flat_map(|object| &object.properties) {
        let default = objects(&variable.value).into_iter().find_map(|one| one.get_string("default"));
        let said = default.map(|literal| decoded(text, literal)).filter(|said| !said.text.is_empty());
        names.extend(said.map(|said| (format!("var.{}", variable.name.as_str()), said)));
    }
    names
}

/// What is found in a configuration.
struct Found<'a> {
    text: &'a str,
    names: HashMap<String, Passage>,
    /// Where names stand for too much.
    cut: Cell<Option<usize>>,
    pieces: Vec<Piece>,
}

impl Found<'_> {
    /// Those in a value that stands under `name`.
    fn value(&mut self, value: &Value<'_>, name: &str) {
        for object in objects(value) {
            for property in &object.properties {
                let key = property.name.as_str();
                match (name, key) {
                    ("provisioner", "local-exec") => {
                        for one in objects(&property.value) {
                            self.local(one, "interpreter");
                        }
                    }
                    ("provisioner", "remote-exec") => {
                        for one in objects(&property.value) {
                            self.remote(one);
                        }
                    }
                    ("data", "external") => {
                        let named = objects(&property.value).into_iter().flat_map(|all| &all.properties);
                        let each = named.flat_map(|one| objects(&one.value));
                        each.for_each(|one| self.local(one, "program"));
                    }
                    _ => self.value(&property.value, key),
                }
            }
        }
    }

    fn local(&mut self, object: &Object<'_>, words: &str) {
        let parts = |branch| {
            let text = |name: &str| object.get_string(name).map(|value| self.string(value, branch));
            let environment = object.get_object("environment").into_iter().flat_map(|all| &all.properties);
            let environment = environment.filter_map(|one| {
                Some((one.name.as_str().to_owned(), self.string(one.value.as_string_lit()?, branch)))
            });
            Parts {
                environment: environment.collect(),
                directory: text("working_dir"),
                interpreter: self.list(object, words, branch),
                command: text("command"),
            }
        };
        let piece = piece(parts(true).into_text(), parts(false).into_text());
        self.pieces.extend(piece);
    }

    fn remote(&mut self, object: &Object<'_>) {
        let lines = |branch| lines_of(self.list(object, "inline", branch));
        let piece = piece(lines(true), lines(false));
        self.pieces.extend(piece);
    }

    fn list(&self, object: &Object<'_>, name: &str, branch: bool) -> Vec<Text> {
        let members = object.get_array(name).into_iter().flat_map(|array| &array.elements);
        members.filter_map(|one| one.as_string_lit()).map(|one| self.string(one, branch)).collect()
    }

    /// A template with what its names stand for put in, as a template again.
    fn put_in(&self, template: &Passage, steps: usize) -> Passage {
        let mut whole = Passage::at(template.place);
        let text = template.text.as_str();
        let mut from = 0;
        for (at, _) in text.match_indices("${") {
            let Some((name, _)) = text.get(at + 2..).and_then(|rest| rest.split_once('}')) else { break };
            let escaped = text.get(..at).is_some_and(|before| before.ends_with('$'));
            let Some(meant) = self.names.get(name.trim()).filter(|_| !escaped && at >= from) else {
                continue;
            };
            if steps > STEPS || whole.text.len() > EFFORT {
                self.cut.set(Some(template.origin(at)));
                break;
            }
            whole.append(template, from..at);
            whole.push_made(&self.put_in(meant, steps + 1).text, template.origin(at));
            from = at + 2 + name.len() + 1;
        }
        whole.append(template, from..text.len());
        whole
    }

    fn string(&self, literal: &StringLit<'_>, branch: bool) -> Text {
        let said = self.put_in(&decoded(self.text, literal), 0);
        let place = |at: usize| said.origin(at);
        // What is no template is an error to terraform, whatever it says.
        let template = parse_template(&said.text).unwrap_or_else(|_| Template::new());
        let (names, left) = (Names::default(), Cell::new(EFFORT));
        let values = Values { names: &names, own: None };
        Reader { text: &said.text, place: &place, values, branch, left, cut: Cell::default() }
            .whole(&template)
    }
}

/// The objects that a value is, or is a list of.
fn objects<'a, 'b>(value: &'b Value<'a>) -> Vec<&'b Object<'a>> {
    match value {
        Value::Object(object) => vec![object],
        Value::Array(array) => array.elements.iter().flat_map(objects).collect(),
        _ => Vec::new(),
    }
}
