//! What a body given on the command line sets: a `patch`, or the `--overrides`
//! of `run` and `expose`.
//!
//! kubectl reads a body that is no JSON by the rules of YAML 1.1, where `on` is
//! true and `0_0` is zero: what a word means that is read otherwise there is not
//! known. Merge keys and directives that take away what is not named leave the
//! body unread.

use std::os::unix::ffi::OsStrExt as _;

use serde_yaml::Value;

use crate::command::cobra::Parsed;
use crate::command::{Field, Fields};

/// The largest patch that is read, in bytes.
const LIMIT: usize = 256 << 10;

/// The directive that takes members out of a list.
const DELETE_MEMBERS: &str = "$deleteFromPrimitiveList/";

/// Every leaf of a merge patch, every operation of a JSON patch. A list's
/// members stand under the list's own name. A patch in a file is not read.
pub(super) fn of(parsed: &Parsed) -> Fields {
    let value = |name: &str| parsed.flags.iter().rev().find(|flag| flag.name == name)?.value.as_deref();
    let kind = |name: &str, wanted: &str| value(name).is_some_and(|kind| kind.eq_ignore_ascii_case(wanted));
    let path: Vec<&str> = parsed.path.iter().map(String::as_str).collect();
    let (body, is_json_patch) = match path.as_slice() {
        ["patch"] => (value("--patch"), kind("--type", "json")),
        ["run" | "expose"] => (value("--overrides"), kind("--override-type", "json")),
        _ => return Fields::default(),
    };
    let Some(body) = body else { return Fields::default() };
    let mut reader = Reader::default();
    let text = std::str::from_utf8(body.as_bytes()).ok().filter(|text| text.len() <= LIMIT);
    reader.is_json = text.is_some_and(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok());
    // This reader refuses a key that stands twice, also in JSON.
    match text.and_then(|text| serde_yaml::from_str::<Value>(text).ok()) {
        None => reader.fields.unread = true,
        Some(Value::Sequence(operations)) if is_json_patch => {
            for operation in &operations {
                reader.operation(operation);
            }
        }
        Some(value) => reader.flatten("", &value),
    }
    reader.fields
}

#[derive(Default)]
struct Reader {
    fields: Fields,
    is_json: bool,
}

impl Reader {
    fn set(&mut self, path: &str, value: impl Into<String>) {
        self.fields.set.push(Field { path: path.to_owned(), value: value.into(), unsure: false });
    }

    /// One operation of a JSON patch: what it removes becomes null.
    fn operation(&mut self, operation: &Value) {
        let text = |key: &str| operation.get(key).and_then(Value::as_str);
        let (Some(kind), Some(path)) = (text("op"), text("path")) else {
            self.fields.unread = true;
            return;
        };
        // What Go's `Atoi` takes, and `-` for the end.
        let is_index = |part: &str| {
            let digits = part.strip_prefix(['-', '+']).unwrap_or(part);
            !part.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
        };
        let parts = path.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~"));
        let parts: Vec<String> = parts.filter(|part| !is_index(part)).collect();
        let name = parts.join(".");
        // What is not in the new value is gone.
        self.fields.unread |= matches!(name.as_str(), "" | "metadata" | "spec") && kind != "test";
        match kind {
            "add" | "replace" => self.flatten(&name, operation.get("value").unwrap_or(&Value::Null)),
            "remove" => self.set(&name, "null"),
            "test" => {}
            // Where a value comes from, only the server knows.
            _ => self.fields.unread = true,
        }
    }

    fn flatten(&mut self, path: &str, value: &Value) {
        match value {
            Value::Null => self.set(path, "null"),
            Value::Bool(value) => self.set(path, value.to_string()),
            Value::Number(value) => self.set(path, value.to_string()),
            Value::String(value) => {
                let unsure = !self.is_json && reads_otherwise(value);
                self.fields.set.push(Field { path: path.to_owned(), value: value.clone(), unsure });
            }
            Value::Sequence(members) if members.is_empty() => self.set(path, "[]"),
            Value::Sequence(members) => members.iter().for_each(|member| self.flatten(path, member)),
            Value::Mapping(entries) if entries.is_empty() => self.set(path, "{}"),
            Value::Mapping(entries) => entries.iter().for_each(|(key, value)| self.entry(path, key, value)),
            Value::Tagged(_) => self.fields.unread = true,
        }
    }

    fn entry(&mut self, path: &str, key: &Value, value: &Value) {
        let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        match key.as_str() {
            None | Some("<<" | "$patch" | "$retainKeys") => self.fields.unread = true,
            Some(key) => match key.strip_prefix(DELETE_MEMBERS) {
                Some(list) => self.set(&below(list), "null"),
                None => self.flatten(&below(key), value),
            },
        }
    }
}

/// Whether a word that is text to this reader may be a number, a boolean or
/// nothing in YAML 1.1. Whether it was quoted is not known any more.
fn reads_otherwise(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let is_word = matches!(lower.as_str(), "y" | "n" | "yes" | "no" | "on" | "off");
    let is_number = lower.starts_with(|c: char| c.is_ascii_digit() || "+-._".contains(c))
        && lower.chars().all(|c| c.is_ascii_hexdigit() || "+-._:xob".contains(c));
    is_word || (is_number && word.matches('.').count() < 2)
}
