//! A configuration written in JSON, in which every string is a template.

use std::cell::Cell;

use hcl_edit::parser::parse_template;
use hcl_edit::template::Template;
use jsonc_parser::ast::{Object, StringLit, Value};

use super::placed::Text;
use super::text::{EFFORT, Reader};
use super::values::{Names, Values};
use super::{Parts, lines_of, piece};
use crate::invocation::scan::json::{decoded, parse};
use crate::invocation::scan::{Piece, Unread};

/// What a configuration holds.
pub(super) fn read(text: &str) -> Result<Vec<Piece>, Unread> {
    let value = parse(text)?;
    let mut found = Found { text, pieces: Vec::new() };
    found.value(&value, "");
    Ok(found.pieces)
}

/// What is found in a configuration.
struct Found<'a> {
    text: &'a str,
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

    fn string(&self, literal: &StringLit<'_>, branch: bool) -> Text {
        let said = decoded(self.text, literal);
        let place = |at: usize| said.origin(at);
        // What is no template is an error to terraform, whatever it says.
        let template = parse_template(&said.text).unwrap_or_else(|_| Template::new());
        let (names, left) = (Names::default(), Cell::new(EFFORT));
        let values = Values { names: &names, own: None };
        Reader { text: &said.text, place: &place, values, branch, left }.whole(&template)
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
