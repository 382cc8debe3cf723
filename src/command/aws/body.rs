//! What parameters hold: JSON, YAML, the short form, a policy in a string, or
//! the file that names any of them.
//!
//! Everything is laid flat by where it stands: `change-batch.Changes.Action` is
//! in the parameter `--change-batch`, whether that was an option, came in
//! `--cli-input-json`, or stands in a file.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use serde_json::Value as Json;

use super::own::with_home;
use super::shorthand::{self, Value as Short};
use crate::command::{Field, Fields, Found, Outside};
use crate::python;
use crate::ui::sanitize;

/// How deep values, and texts in values, may nest.
const DEPTH: usize = 64;

/// How many fields are laid flat, and the longest path of one, in bytes.
const FIELDS: usize = 50_000;
const PATH: usize = 1024;

/// The file that a value stands for, as it is written.
pub(super) fn file(value: &OsStr) -> Option<&OsStr> {
    let bytes = value.as_bytes();
    let name = bytes.strip_prefix(b"file://").or_else(|| bytes.strip_prefix(b"fileb://"))?;
    Some(OsStr::from_bytes(name))
}

/// Where that leads: `~` first, then variables.
fn path(named: &OsStr, outside: &Outside<'_>) -> Option<PathBuf> {
    let path = with_home(named.to_owned(), outside)?;
    Some(PathBuf::from(python::with_variables(&path, outside.environment)))
}

/// The files that a value names itself or by `@=` in the short form.
pub(super) fn files(value: &OsStr, outside: &Outside<'_>) -> Vec<PathBuf> {
    if let Some(named) = file(value) {
        return path(named, outside).into_iter().collect();
    }
    let Some(text) = value.to_str().filter(|text| text.contains('@')) else { return Vec::new() };
    let mut found = Vec::new();
    if let Some(value) = shorthand::parse(text) {
        collect(&value, outside, &mut found);
    }
    found
}

fn collect(value: &Short, outside: &Outside<'_>, found: &mut Vec<PathBuf>) {
    match value {
        Short::Text(text, true) => {
            found.extend(file(text.as_ref()).and_then(|named| path(named, outside)));
        }
        Short::Text(_, false) => {}
        Short::List(members) => members.iter().for_each(|member| collect(member, outside, found)),
        Short::Map(pairs) => pairs.iter().for_each(|(_, value)| collect(value, outside, found)),
    }
}

/// What a value is, once the file that it may name is read.
pub(super) enum Content {
    Text(String),
    /// It was not read, or cannot be.
    Unread,
}

/// The text of `value`, or of the file that it names.
pub(super) fn content(value: &OsStr, outside: &Outside<'_>) -> Content {
    let Some(named) = file(value) else {
        return value.to_str().map_or(Content::Unread, |text| Content::Text(text.to_owned()));
    };
    match path(named, outside).and_then(|path| outside.files.file(&path)) {
        Some(Found::Text(bytes)) => match std::str::from_utf8(bytes) {
            // A mark of the byte order is read in one way or another.
            Ok(text) if !text.starts_with('\u{feff}') && is_read_as_utf8(text, outside) => {
                Content::Text(text.to_owned())
            }
            _ => Content::Unread,
        },
        _ => Content::Unread,
    }
}

/// Whether aws reads a file of this content as UTF-8 too: v2 has a variable for
/// the encoding, v1 goes by the locale.
fn is_read_as_utf8(text: &str, outside: &Outside<'_>) -> bool {
    let is_utf8 = |name: &OsStr| {
        let name = name.to_string_lossy().to_lowercase();
        matches!(name.replace(['-', '_'], "").as_str(), "utf8" | "utf8sig" | "ascii")
    };
    let variable = |name: &str| outside.environment.non_empty(name);
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable);
    // A name without an encoding stands for any.
    let of_locale = |locale: &OsStr| {
        let name = locale.to_string_lossy();
        let encoding = name.split('@').next().and_then(|name| name.split_once('.'));
        matches!(&*name, "C" | "POSIX") || encoding.is_some_and(|(_, encoding)| is_utf8(OsStr::new(encoding)))
    };
    variable("AWS_CLI_FILE_ENCODING").is_none_or(is_utf8) && (text.is_ascii() || locale.is_none_or(of_locale))
}

/// Why the file of this name is not known, in words.
pub(super) fn why_unread(named: &OsStr, outside: &Outside<'_>) -> String {
    match path(named, outside).and_then(|path| outside.files.file(&path)) {
        Some(Found::Nothing) => "there is no such file".to_owned(),
        Some(Found::Unreadable(reason)) => sanitize::text(reason).into_owned(),
        Some(Found::Text(_)) => "it cannot be read as a body".to_owned(),
        Some(Found::Names(_)) | None => "it is not known where it leads".to_owned(),
    }
}

/// Lays a value flat under `path`.
pub(super) fn flatten(path: &str, value: &OsStr, outside: &Outside<'_>, fields: &mut Fields) {
    match content(value, outside) {
        Content::Unread => unread(path, fields),
        Content::Text(text) => {
            if is_fetched(&text) {
                unread(path, fields);
            } else {
                self::text(path, &text, outside, fields, 0);
            }
        }
    }
}

/// Whether v1 may take a text for the address of the value, and fetch that.
pub(super) fn is_fetched(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

/// Notes that a value was not read.
pub(super) fn unread(path: &str, fields: &mut Fields) {
    fields.unread_below.push(path.to_owned());
}

/// Lays a text flat that may be a structure in one of the forms.
fn text(path: &str, text: &str, outside: &Outside<'_>, fields: &mut Fields, depth: usize) {
    let trimmed = text.trim_start();
    if trimmed.starts_with(['{', '[']) {
        match serde_json::from_str(trimmed) {
            Ok(value) => json(path, &value, fields, depth),
            // Some parameter may take it as it is.
            Err(_) => unread(path, fields),
        }
    } else if text.contains('=') && depth == 0 {
        match shorthand::parse(text) {
            Some(value) => short(path, &value, outside, fields),
            None => unread(path, fields),
        }
    }
}

/// Lays JSON flat. A text that is JSON itself, such as a policy, counts too.
pub(super) fn json(path: &str, value: &Json, fields: &mut Fields, depth: usize) {
    if depth > DEPTH {
        return unread(path, fields);
    }
    // No real body comes near; one that was made to would take all memory.
    fields.unread |= fields.set.len() >= FIELDS || path.len() > PATH;
    if fields.unread {
        return;
    }
    let mut set = |value: String| fields.set.push(Field { path: path.to_owned(), value, unsure: false });
    match value {
        Json::Null => set("null".to_owned()),
        Json::Bool(value) => set(value.to_string()),
        Json::Number(value) => set(value.to_string()),
        Json::String(value) => {
            set(value.clone());
            if value.trim_start().starts_with(['{', '[']) {
                match serde_json::from_str(value) {
                    Ok(inner) => json(path, &inner, fields, depth + 1),
                    Err(_) => unread(path, fields),
                }
            }
        }
        Json::Array(members) if members.is_empty() => set("[]".to_owned()),
        Json::Array(members) => members.iter().for_each(|member| json(path, member, fields, depth + 1)),
        Json::Object(entries) if entries.is_empty() => set("{}".to_owned()),
        Json::Object(entries) => {
            for (key, value) in entries {
                json(&format!("{path}.{key}"), value, fields, depth + 1);
            }
        }
    }
}

fn short(path: &str, value: &Short, outside: &Outside<'_>, fields: &mut Fields) {
    match value {
        Short::Text(text, true) => match content(text.as_ref(), outside) {
            Content::Text(text) => json(path, &Json::String(plain(&text)), fields, 0),
            Content::Unread => unread(path, fields),
        },
        Short::Text(text, false) => json(path, &Json::String(plain(text)), fields, 0),
        Short::List(members) if members.is_empty() => json(path, &Json::Array(Vec::new()), fields, 0),
        Short::Map(pairs) if pairs.is_empty() => json(path, &Json::Object(serde_json::Map::new()), fields, 0),
        Short::List(members) => members.iter().for_each(|member| short(path, member, outside, fields)),
        Short::Map(pairs) => {
            for (key, value) in pairs {
                short(&format!("{path}.{key}"), value, outside, fields);
            }
        }
    }
}

/// A boolean in the one spelling that rules have.
fn plain(text: &str) -> String {
    let lower = text.trim().to_ascii_lowercase();
    if matches!(lower.as_str(), "true" | "false") { lower } else { text.to_owned() }
}
