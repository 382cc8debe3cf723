//! The log for readers: records as they are, and the records of one
//! invocation joined.
//!
//! Nothing here checks hashes; that is [`super::verify`]. A record may be
//! forged, so that every field may be missing or anything, and what is shown
//! of it has to be sanitised.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;

use super::record::{self, Fields};
use super::snapshot::{Line, Lines, Snapshot};
use super::{AuditError, redact};

/// One line of the log that is a JSON object.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The line as it is, where it is printable ASCII; else the same object
    /// with everything else escaped.
    json: String,
    fields: Fields,
}

/// One line of the log.
#[derive(Clone, Debug)]
pub enum Item {
    /// A record, or what claims to be one.
    Entry(Entry),
    /// Lines that cannot be read, and that no later record accounts for.
    Unreadable {
        /// The name of the file.
        file: String,
        /// The line, from 1.
        line: u64,
    },
}

/// Whose signature a record names, as far as it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named<'a> {
    /// The person.
    pub person: &'a str,
    /// The key.
    pub fingerprint: &'a str,
    /// What a security key vouched for.
    pub vouched: Option<&'a str>,
}

/// One invocation, or something that stands for itself (a change).
#[derive(Clone, Debug)]
pub struct Incident {
    /// Its records in order; never empty.
    pub entries: Vec<Entry>,
}

impl Entry {
    fn read(line: &Line) -> Option<Self> {
        let fields: Fields = serde_json::from_slice(&line.bytes).ok()?;
        let printable = line.bytes.iter().all(|byte| matches!(byte, b' '..=b'~'));
        let bytes = if printable { line.bytes.clone() } else { record::canonical(&fields).ok()? };
        Some(Self { json: String::from_utf8(bytes).ok()?, fields })
    }

    /// The record as one line of JSON in printable ASCII, without a line feed.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// The type of the record.
    pub fn kind(&self) -> &str {
        self.text("type").unwrap_or_default()
    }

    /// When it was written, where it says so.
    pub fn time(&self) -> Option<Timestamp> {
        self.text("ts")?.parse().ok()
    }

    /// The string field `name`.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.fields.get(name)?.as_str()
    }

    /// The string `name` in the object `field`.
    pub fn text_in(&self, field: &str, name: &str) -> Option<&str> {
        self.fields.get(field)?.get(name)?.as_str()
    }

    /// The integer field `name`.
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.fields.get(name)?.as_i64()
    }

    /// How far the security key with this fingerprint had counted, of those whose
    /// signatures approved this run.
    pub fn counter(&self, fingerprint: &str) -> Option<i64> {
        let approvers = self.fields.get("approvers").and_then(Value::as_array);
        let of_it = approvers.into_iter().flatten().filter(|one| one["fingerprint"] == fingerprint);
        of_it.filter_map(|one| one["counter"].as_i64()).max()
    }

    /// The strings in the list `name`.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let items = self.fields.get(name).and_then(Value::as_array);
        items.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// The names and strings in the object `name`.
    pub fn map(&self, name: &str) -> Vec<(&str, &str)> {
        let items = self.fields.get(name).and_then(Value::as_object);
        items
            .into_iter()
            .flatten()
            .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
            .collect()
    }

    /// Whose signatures it names.
    pub fn approvers(&self) -> Vec<Named<'_>> {
        let items = self.fields.get("approvers").and_then(Value::as_array);
        items
            .into_iter()
            .flatten()
            .map(|item| {
                let text = |name: &str| item.get(name).and_then(Value::as_str);
                Named {
                    person: text("person").unwrap_or("somebody"),
                    fingerprint: text("fingerprint").unwrap_or("unknown key"),
                    vouched: text("vouched"),
                }
            })
            .collect()
    }

    /// The words of the command, redacted.
    pub fn argv(&self) -> Vec<Cow<'_, OsStr>> {
        self.list("argv_redacted").into_iter().map(redact::unescape).collect()
    }

    /// Whether it is from `since` or later, or does not say.
    fn is_since(&self, since: Option<Timestamp>) -> bool {
        since.is_none_or(|since| self.time().is_none_or(|time| time >= since))
    }
}

/// Gives every record of the log in `state` to `visit`, in order; from `since`
/// on, where that is given.
///
/// # Errors
/// Where the log cannot be read; what `visit` returns.
pub fn each<E: From<AuditError>>(
    state: &Path,
    since: Option<Timestamp>,
    mut visit: impl FnMut(Item) -> Result<(), E>,
) -> Result<(), E> {
    for file in Snapshot::take(state)?.files {
        let name = file.file.name();
        let mut unreadable = Vec::new();
        let lines: Lines = file.lines();
        for line in lines {
            let line = line?;
            let Some(entry) = Entry::read(&line) else {
                unreadable.push(Item::Unreadable { file: name.clone(), line: line.number });
                continue;
            };
            let unreadable = std::mem::take(&mut unreadable);
            if entry.kind() != "recovered_torn" {
                unreadable.into_iter().try_for_each(&mut visit)?;
            }
            if entry.is_since(since) {
                visit(Item::Entry(entry))?;
            }
        }
        unreadable.into_iter().try_for_each(&mut visit)?;
    }
    Ok(())
}

/// The newest record of the log in `state` that is such a one. Nothing before it is read.
///
/// # Errors
/// Where the log cannot be read.
pub fn newest(state: &Path, is: impl Fn(&Entry) -> bool) -> Result<Option<Entry>, AuditError> {
    for file in Snapshot::take(state)?.files.into_iter().rev() {
        let lines: Vec<Line> = file.lines().collect::<Result<_, _>>()?;
        if let Some(found) = lines.iter().rev().filter_map(Entry::read).find(|entry| is(entry)) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The log as one reads it.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The records of each invocation joined, in the order in which they began.
    pub incidents: Vec<Incident>,
    /// The file and line of what cannot be read, and is not accounted for.
    pub unreadable: Vec<(String, u64)>,
}

/// Reads the log in `state`. With `since`, an invocation that has a record
/// from then on is there with all its records.
///
/// # Errors
/// Where the log cannot be read.
pub fn history(state: &Path, since: Option<Timestamp>) -> Result<History, AuditError> {
    let mut incidents: Vec<Incident> = Vec::new();
    let mut unreadable = Vec::new();
    let mut of_request: HashMap<String, usize> = HashMap::new();
    each(state, None, |item| {
        let entry = match item {
            Item::Entry(entry) => entry,
            Item::Unreadable { file, line } => {
                unreadable.push((file, line));
                return Ok(());
            }
        };
        let request = entry.text("req").map(str::to_owned);
        let joined = request.as_ref().and_then(|request| of_request.get(request));
        if let Some(incident) = joined.and_then(|index| incidents.get_mut(*index)) {
            incident.entries.push(entry);
        } else if entry.kind() != "rotate" {
            if let Some(request) = request {
                of_request.insert(request, incidents.len());
            }
            incidents.push(Incident { entries: vec![entry] });
        }
        Ok::<_, AuditError>(())
    })?;
    incidents.retain(|incident| incident.entries.iter().any(|entry| entry.is_since(since)));
    Ok(History { incidents, unreadable })
}

impl Incident {
    /// Its first record of type `kind`.
    pub fn entry(&self, kind: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.kind() == kind)
    }
}
