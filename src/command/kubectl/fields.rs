//! What a body given on the command line sets: a `patch`, or the `--overrides`
//! of `run` and `expose`.

use std::os::unix::ffi::OsStrExt as _;

use serde_yaml::Value;

use crate::command::cobra::Parsed;
use crate::command::{Field, Fields};

/// The largest patch that is read, in bytes.
const LIMIT: usize = 256 << 10;

/// Every leaf of a merge patch, every operation of a JSON patch. A list's
/// members stand under the list's own name. A patch in a file is not read.
pub(super) fn of(parsed: &Parsed) -> Fields {
    let value = |name: &str| parsed.flags.iter().rev().find(|flag| flag.name == name)?.value.as_deref();
    let kind = |name: &str, wanted: &str| value(name).is_some_and(|kind| kind == wanted);
    let path: Vec<&str> = parsed.path.iter().map(String::as_str).collect();
    let (body, is_json_patch) = match path.as_slice() {
        ["patch"] if value("--patch-file").is_some() => return Fields { unread: true, ..Fields::default() },
        ["patch"] => (value("--patch"), kind("--type", "json")),
        ["run" | "expose"] => (value("--overrides"), kind("--override-type", "json")),
        _ => return Fields::default(),
    };
    let Some(body) = body else { return Fields::default() };
    let mut fields = Fields::default();
    let text = std::str::from_utf8(body.as_bytes()).ok().filter(|text| text.len() <= LIMIT);
    match text.and_then(|text| serde_yaml::from_str::<Value>(text).ok()) {
        None => fields.unread = true,
        Some(Value::Sequence(operations)) if is_json_patch => {
            for operation in &operations {
                json_operation(operation, &mut fields);
            }
        }
        Some(value) => flatten("", &value, &mut fields),
    }
    fields
}

/// One operation of a JSON patch: what it removes becomes null.
fn json_operation(operation: &Value, fields: &mut Fields) {
    let text = |key: &str| operation.get(key).and_then(Value::as_str);
    let (Some(kind), Some(path)) = (text("op"), text("path")) else {
        fields.unread = true;
        return;
    };
    let is_index = |part: &str| part == "-" || (!part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    let parts = path.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~"));
    let parts: Vec<String> = parts.filter(|part| !is_index(part)).collect();
    let name = parts.join(".");
    match kind {
        "add" | "replace" => flatten(&name, operation.get("value").unwrap_or(&Value::Null), fields),
        "remove" => fields.set.push(Field { path: name, value: "null".to_owned() }),
        "test" => {}
        // Where a value comes from, only the server knows.
        _ => fields.unread = true,
    }
}

fn flatten(path: &str, value: &Value, fields: &mut Fields) {
    let leaf = |text: String, fields: &mut Fields| {
        fields.set.push(Field { path: path.to_owned(), value: text });
    };
    match value {
        Value::Null => leaf("null".to_owned(), fields),
        Value::Bool(value) => leaf(value.to_string(), fields),
        Value::Number(value) => leaf(value.to_string(), fields),
        Value::String(value) => leaf(value.clone(), fields),
        Value::Sequence(members) if members.is_empty() => leaf("[]".to_owned(), fields),
        Value::Sequence(members) => members.iter().for_each(|member| flatten(path, member, fields)),
        Value::Mapping(entries) if entries.is_empty() => leaf("{}".to_owned(), fields),
        Value::Mapping(entries) => {
            for (key, value) in entries {
                let Some(key) = key.as_str() else {
                    fields.unread = true;
                    continue;
                };
                let below = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
                flatten(&below, value, fields);
            }
        }
        Value::Tagged(_) => fields.unread = true,
    }
}
