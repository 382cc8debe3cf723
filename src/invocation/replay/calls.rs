//! The calls of an agent's tools, read as the agent's hook would have read them.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Deed, Event, Sink, Skipped};
use crate::invocation::hook::{Asked, Dialect, Payload};

/// How many calls wait for their results: agents call several tools at once.
const WAITING: usize = 256;

/// A call as a transcript has it.
pub(super) struct Call<'a> {
    /// Its id, which its result names.
    pub(super) id: &'a str,
    pub(super) tool: &'a str,
    pub(super) input: Value,
    pub(super) directory: Option<&'a str>,
    pub(super) time: Option<Timestamp>,
    pub(super) line: u64,
}

/// Calls that are known, and those whose results are awaited.
#[derive(Default)]
pub(super) struct Calls {
    /// An agent writes a call again where it tries again, or where a session goes on
    /// in another file. The same id with another input is another's call.
    seen: HashSet<u64>,
    hasher: RandomState,
    waiting: VecDeque<(String, Event)>,
}

impl Calls {
    /// One more call, in the words of `dialect`.
    pub(super) fn add(
        &mut self,
        dialect: &dyn Dialect,
        call: &Call<'_>,
        sink: &mut Sink<'_>,
    ) -> Result<(), Skipped> {
        let key = self.hasher.hash_one((call.id, call.tool, call.input.to_string()));
        if !call.id.is_empty() && !self.seen.insert(key) {
            return Ok(());
        }
        let input = in_one_line(&call.input);
        // As a hook is told before the call.
        let payload = json!({
            "hook_event_name": "PreToolUse",
            "turn_id": "",
            "tool_use_id": call.id,
            "tool_name": call.tool,
            "tool_input": input,
            "cwd": call.directory,
        });
        let Value::Object(payload) = payload else { return Ok(()) };
        let asked = match dialect.call(&payload) {
            Ok(asked) => asked,
            // It runs nothing: a call to stop, or a record of something else.
            Err(_) if input.as_object().is_some_and(|input| !input.contains_key("command")) => return Ok(()),
            Err(_) => return Err(Skipped::Broken),
        };
        let deed = |asked| match asked {
            Asked::Line(text) | Asked::Elsewhere(text) => Deed::Line(text.into_bytes()),
            Asked::Edit(path) => Deed::Edit(path),
        };
        let event = Event {
            deeds: asked.asked.into_iter().map(deed).collect(),
            time: call.time,
            line: call.line,
            directory: asked.directory.filter(|directory| directory.is_absolute()),
            typing: asked.typing,
            withheld: false,
        };
        if event.deeds.is_empty() {
            return Ok(());
        }
        self.waiting.push_back((call.id.to_owned(), event));
        if self.waiting.len() > WAITING {
            self.waiting.pop_front().map(|(_, event)| event).map(sink);
        }
        Ok(())
    }

    /// What came of a call.
    pub(super) fn result(&mut self, id: &str, withheld: bool, sink: &mut Sink<'_>) {
        let Some(at) = self.waiting.iter().position(|(waiting, _)| waiting == id) else { return };
        self.waiting.remove(at).map(|(_, event)| Event { withheld, ..event }).map(sink);
    }

    /// The end of a transcript.
    pub(super) fn end(&mut self, sink: &mut Sink<'_>) {
        self.waiting.drain(..).for_each(|(_, event)| sink(event));
    }
}

/// A call's input, with a command that is a list of words as one line.
fn in_one_line(input: &Value) -> Value {
    let words = input.get("command").and_then(Value::as_array);
    let words = words.and_then(|words| words.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
    let mut input = input.clone();
    if let (Some(words), Some(input)) = (words, input.as_object_mut()) {
        input.insert("command".to_owned(), shell_words::join(words).into());
    }
    input
}

/// The text of a field.
pub(super) fn text<'a>(object: &'a Payload, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

/// The time that an entry tells.
pub(super) fn time(entry: &Payload) -> Option<Timestamp> {
    text(entry, "timestamp")?.parse().ok()
}

/// Every text in a value, one after the other, as far as it tells how a call ended.
pub(super) fn beginning(value: &Value) -> String {
    match value {
        Value::String(text) => text.chars().take(400).collect(),
        Value::Array(values) => values.first().map(beginning).unwrap_or_default(),
        Value::Object(object) => {
            let inner = ["text", "content", "output"].into_iter().find_map(|name| object.get(name));
            inner.map(beginning).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// Whether a line that holds nothing of interest is whole all the same.
pub(super) fn whole(line: &[u8]) -> Result<(), Skipped> {
    let line = line.trim_ascii();
    let whole = line.is_empty() || (line.starts_with(b"{") && line.ends_with(b"}"));
    if whole { Ok(()) } else { Err(Skipped::Broken) }
}

/// The directory of a call, from that of its session.
pub(super) fn directory(session: Option<&str>, own: Option<&str>) -> Option<String> {
    match (session, own) {
        (Some(session), Some(own)) => Some(PathBuf::from(session).join(own).to_string_lossy().into_owned()),
        (session, own) => own.or(session).map(str::to_owned),
    }
}
