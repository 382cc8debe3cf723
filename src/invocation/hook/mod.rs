//! A coding agent's hook: what its payload says the agent is about to do, and the
//! answer in the agent's own protocol. One file a dialect.
//!
//! Which dialect it is, the payload tells: several agents run what stands in
//! another's configuration. Contracts are as documented by the vendors or read in
//! their sources; `docs/agents.md` says which of them were seen at work.

mod claude_code;
mod cline;
mod codex;
mod copilot;
mod cursor;
mod devin;
pub mod examples;
mod files;
mod gemini;
mod goose;
mod kiro;
mod names;
mod opencode;
mod strict;
mod tools;
mod vscode;
mod windsurf;

use std::path::PathBuf;

use serde_json::{Map, Value};

use crate::shell::walk::Typing;

/// What an agent sends: one JSON object.
pub type Payload = Map<String, Value>;

/// Something that the agent is about to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The agent's own shell runs a line.
    Line(String),
    /// Another tool runs a shell line: on another machine, perhaps, or where another
    /// PATH holds.
    Elsewhere(String),
    /// A file is written, moved or deleted by a tool of the agent's own.
    Edit(PathBuf),
}

/// What a payload asks about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// What would happen; nothing where the hook is told of something else.
    pub asked: Vec<Asked>,
    /// The directory that it would happen in, as the agent names it.
    pub directory: Option<PathBuf>,
    /// Whether the agent puts a question of the hook to its human, for this call.
    pub may_ask: bool,
    /// Whether the agent can type into what it started, without a hook being told.
    pub typing: Typing,
    /// What the agent says it is for: its own words, which prove nothing.
    pub explanation: Option<String>,
}

/// The answer, for people and agents; a reason is never empty, and one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing to say: the agent goes on as it would without a hook.
    NoOpinion,
    /// The agent's human is to be asked.
    Ask(String),
    /// It must not run.
    Deny(String),
}

/// What a hook process leaves behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// Standard output: nothing, or one JSON object.
    pub stdout: String,
    /// Standard error: nothing, or one line that is no JSON.
    pub stderr: String,
    /// The exit code.
    pub code: u8,
}

impl Reply {
    /// Exit code 0 and not a byte.
    pub fn silent() -> Self {
        Self::default()
    }

    /// One JSON object, and exit code 0.
    pub fn object(object: &Value) -> Self {
        Self { stdout: format!("{object}\n"), ..Self::default() }
    }

    /// What every agent but Cline takes for a denial: nothing on standard output,
    /// one line on standard error, exit code 2.
    pub fn universal(reason: &str) -> Self {
        Self { stdout: String::new(), stderr: format!("{reason}\n"), code: 2 }
    }
}

/// Why a payload cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// There is nothing on standard input.
    #[error("the agent sent nothing")]
    Empty,
    /// It is no JSON, or no object.
    #[error("what the agent sent is no JSON object: {0}")]
    NotAnObject(String),
    /// A field has a form that it cannot have.
    #[error("the agent's payload cannot be read: `{0}` is missing, or not what it should be")]
    Field(&'static str),
    /// Something would run, and no agent is known that writes like this.
    #[error("the agent's payload is in no known form, and it would run something")]
    Unknown,
}

/// The protocol of one agent.
pub trait Dialect: Sync {
    /// The agent's name: for the record, and for `tollgate hook install`.
    fn name(&self) -> &'static str;

    /// Whether `payload` is of this agent.
    fn is_spoken_in(&self, payload: &Payload) -> bool;

    /// What is asked.
    ///
    /// # Errors
    /// Where a command or a directory cannot be read.
    fn call(&self, payload: &Payload) -> Result<Call, Unread>;

    /// The answer as the agent wants it. One that cannot be asked is denied.
    fn reply(&self, payload: &Payload, answer: &Answer) -> Reply {
        let _ = payload;
        match answer {
            Answer::NoOpinion => Reply::silent(),
            Answer::Ask(reason) | Answer::Deny(reason) => Reply::universal(reason),
        }
    }

    /// The denial where not even the payload can be read.
    fn failure(&self, reason: &str) -> Reply {
        Reply::universal(reason)
    }
}

/// Every dialect, in the order in which a payload is tried: a later one may look
/// like an earlier one with something missing.
pub const DIALECTS: [&dyn Dialect; 13] = [
    &windsurf::Windsurf,
    &copilot::Camel,
    &cline::Cline,
    &opencode::OpenCode,
    &cursor::Cursor,
    &goose::Goose,
    &vscode::VsCode,
    &gemini::Gemini,
    &kiro::Kiro,
    &codex::Codex,
    &devin::Devin,
    &copilot::Pascal,
    &claude_code::ClaudeCode,
];

/// The dialect of an agent by its name.
pub fn named(name: &str) -> Option<&'static dyn Dialect> {
    DIALECTS.into_iter().find(|dialect| dialect.name() == name)
}

/// Reads one payload.
///
/// # Errors
/// Where it is no JSON object.
pub fn payload(input: &[u8]) -> Result<Payload, Unread> {
    if input.trim_ascii().is_empty() {
        return Err(Unread::Empty);
    }
    match strict::value(input) {
        Ok(Value::Object(payload)) => Ok(payload),
        Ok(_) => Err(Unread::NotAnObject("it is another JSON value".to_owned())),
        Err(error) => Err(Unread::NotAnObject(error.to_string())),
    }
}

/// The dialect that `payload` is in; `None` where nothing is asked, in whatever
/// dialect.
///
/// # Errors
/// Where something would run and nobody is known to write like this.
pub fn dialect(payload: &Payload) -> Result<Option<&'static dyn Dialect>, Unread> {
    let found = DIALECTS.into_iter().find(|dialect| dialect.is_spoken_in(payload));
    if found.is_none() && tools::mentions_a_command(payload) {
        return Err(Unread::Unknown);
    }
    Ok(found)
}

/// The text of a field.
fn text<'a>(object: &'a Payload, name: &'static str) -> Result<Option<&'a str>, Unread> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Unread::Field(name)),
    }
}

/// Whether a field has exactly this text.
fn is(object: &Payload, name: &str, expected: &str) -> bool {
    object.get(name).and_then(Value::as_str) == Some(expected)
}

/// Whether `field` names the event that comes before a tool is used, however it is
/// spelled. One of another name is not asked about, unless it comes before a tool
/// as well: then nobody knows what its answer would do.
fn is_before_tool(payload: &Payload, field: &'static str) -> Result<bool, Unread> {
    let has_tool = payload.contains_key("tool_name");
    let Some(event) = text(payload, field)?.filter(|event| !event.is_empty()) else {
        return if has_tool { Err(Unread::Field(field)) } else { Ok(false) };
    };
    let letters = event.chars().filter(|letter| letter.is_alphanumeric());
    let event = letters.flat_map(char::to_lowercase).collect::<String>();
    if event == "pretooluse" {
        return Ok(true);
    }
    let is_before = event.starts_with("pre") || event.starts_with("before");
    if is_before && has_tool { Err(Unread::Unknown) } else { Ok(false) }
}

/// The directory that a field names.
fn directory(object: &Payload, name: &'static str) -> Result<Option<PathBuf>, Unread> {
    Ok(text(object, name)?.filter(|path| !path.is_empty()).map(PathBuf::from))
}

/// The directory of a call that may name its own, from that of the session.
fn below(session: Option<PathBuf>, own: Option<PathBuf>) -> Option<PathBuf> {
    match (session, own) {
        (Some(session), Some(own)) => Some(session.join(own)),
        (session, own) => own.or(session),
    }
}

#[cfg(test)]
mod tests;
