//! An agent's tools, by the names that all of them use: which of the arguments
//! are commands, and which are files that would be changed.
//!
//! A tool may come from any MCP server, so nothing is known of it but names. What
//! is named like a command is read as one; what is named like a file is changed,
//! unless the tool is named like one that only reads.

use serde_json::Value;

use super::files::{file, patched};
use super::names::{
    COMMANDS, CONTENTS, DELETERS, FILES, FOLDED, ORIGINS, PROGRAMS, READERS, REMARKS, SHELLS, TYPED, WRITERS,
    named, own_name, words,
};
use super::{Asked, Payload, Unread, strict};

/// The shell line in `field`, which the agent's own shell tool runs.
pub(super) fn line(input: Option<&Value>, field: &'static str) -> Result<Vec<Asked>, Unread> {
    let text = input.and_then(|input| input.get(field)).and_then(Value::as_str);
    Ok(vec![Asked::Line(text.ok_or(Unread::Field(field))?.to_owned())])
}

/// What any other tool would do with its arguments.
///
/// # Errors
/// Where it is text that holds a command, and cannot be read.
pub(super) fn asked(tool: &str, input: Option<&Value>) -> Result<Vec<Asked>, Unread> {
    let (own, all) = (words(own_name(tool)), words(tool));
    let mut asked = Vec::new();
    let Some(input) = input else { return Ok(asked) };
    if named(&["patch"], &own) {
        each_text(input, &mut |text| asked.extend(patched(text)));
    }
    // What an agent's own commands are called, which are no programs.
    if named(&["slash"], &own) {
        return Ok(asked);
    }
    let tool = Tool {
        types: named(&SHELLS, &all),
        does: match (named(&READERS, &own), named(&WRITERS, &own)) {
            (_, true) => Does::Write,
            (true, false) => Does::Read,
            (false, false) => Does::Anything,
        },
        copies: named(&["copy"], &own),
        deletes: named(&DELETERS, &own),
        codes: named(&["ipython", "jupyter", "python"], &all) || own == ["execute", "code"],
        patches: named(&["patch"], &own),
        program: PROGRAMS.into_iter().find(|program| named(&[program], &all) && !named(&["exec"], &own)),
    };
    tool.text(input, &mut asked)?;
    asked.dedup();
    Ok(asked)
}

/// An input that may be text which holds it; none where the text is empty.
pub(super) fn unfolded(input: Option<&Value>, field: &'static str) -> Result<Option<Value>, Unread> {
    match input {
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(Value::String(text)) => {
            strict::value(text.as_bytes()).map(Some).map_err(|_| Unread::Field(field))
        }
        input => Ok(input.cloned()),
    }
}

/// Whether an object of unknown form has anything that may be run.
pub(super) fn mentions_a_command(payload: &Payload) -> bool {
    payload.iter().any(|(name, value)| {
        let words = words(name);
        let tells = ["exec", "script", "shell", "tool", "tools"];
        named(&COMMANDS, &words) || named(&tells, &words) || within(value)
    })
}

fn within(value: &Value) -> bool {
    match value {
        Value::Object(object) => mentions_a_command(object),
        Value::Array(values) => values.iter().any(within),
        _ => false,
    }
}

/// What a tool's name says that it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Read,
    Write,
    Anything,
}

#[expect(clippy::struct_excessive_bools, reason = "each is another word of the tool's name")]
struct Tool {
    /// What it is given is typed into a shell.
    types: bool,
    /// What it does with the files that it is given.
    does: Does,
    /// It leaves alone what it copies from.
    copies: bool,
    /// What it is given is gone.
    deletes: bool,
    /// What it is given is code, mostly of Python.
    codes: bool,
    /// Its command may be a patch.
    patches: bool,
    /// What it runs, if it is given the arguments alone.
    program: Option<&'static str>,
}

impl Tool {
    fn arguments(&self, value: &Value, asked: &mut Vec<Asked>) -> Result<(), Unread> {
        match value {
            Value::Object(object) => {
                object.iter().try_for_each(|(name, value)| self.argument(name, value, object, asked))
            }
            Value::Array(values) => values.iter().try_for_each(|value| self.arguments(value, asked)),
            _ => Ok(()),
        }
    }

    /// The same, where an object may be written as text.
    fn text(&self, value: &Value, asked: &mut Vec<Asked>) -> Result<(), Unread> {
        match value {
            Value::String(text) if text.trim_start().starts_with(['{', '[']) => {
                match strict::value(text.as_bytes()) {
                    Ok(value) => self.arguments(&value, asked),
                    // Another reader may take it, and run what is in it.
                    Err(_) if COMMANDS.iter().any(|name| text.contains(name)) => {
                        Err(Unread::Field("tool_input"))
                    }
                    Err(_) => Ok(()),
                }
            }
            Value::Array(values) => values.iter().try_for_each(|value| self.text(value, asked)),
            value => self.arguments(value, asked),
        }
    }

    fn argument(
        &self,
        name: &str,
        value: &Value,
        siblings: &Payload,
        asked: &mut Vec<Asked>,
    ) -> Result<(), Unread> {
        let words = words(name);
        let ends = |list: &[&str]| words.last().is_some_and(|word| list.contains(&word.as_str()));
        let is_command = named(&COMMANDS, &words) && !ends(&REMARKS);
        let language = siblings.get("language").and_then(Value::as_str).unwrap_or_default();
        let is_typed = ends(&TYPED) && (self.types || SHELLS.contains(&language));
        if let (true, true, Some(code)) = (self.codes, ends(&["code"]), value.as_str()) {
            let line = shell_words::join(["python3", "-c", code]);
            asked.push(Asked::Elsewhere(line));
            let escaped = code.lines().filter_map(|line| line.trim_start().strip_prefix('!'));
            asked.extend(escaped.map(|line| Asked::Elsewhere(line.to_owned())));
        }
        let is_patch = self.patches && value.as_str().is_some_and(|text| text.starts_with("*** Begin Patch"));
        if (is_command || is_typed) && !is_patch {
            self.commands(value, siblings, asked);
        }
        // An editor's tool is told by an argument what to do.
        let shows = siblings.get("command").and_then(Value::as_str) == Some("view");
        let is_left_alone = self.does == Does::Read || shows || (self.copies && ends(&ORIGINS));
        let is_file = ends(&FILES) || words.first().is_some_and(|word| word == "path");
        if !is_left_alone && is_file {
            files(value, asked);
            if let Some(path) = value.as_str().filter(|_| self.deletes) {
                asked.push(Asked::Elsewhere(shell_words::join(["rm", "-rf", "--", path])));
            }
        }
        if self.does == Does::Write && ends(&CONTENTS) {
            return Ok(());
        }
        if ends(&FOLDED) { self.text(value, asked) } else { self.arguments(value, asked) }
    }

    /// A command as text, as words, or as several of either. Words that stand beside
    /// a program are its arguments; but a tool may also pass over them.
    fn commands(&self, value: &Value, siblings: &Payload, asked: &mut Vec<Asked>) {
        let strings = |value: &Value| -> Option<Vec<String>> {
            value.as_array()?.iter().map(|one| one.as_str().map(str::to_owned)).collect()
        };
        let mut line = |text: &str| {
            asked.push(Asked::Elsewhere(text.to_owned()));
            // Written out, or left out because the tool runs nothing else.
            let program = self.program.filter(|program| !text.trim_start().starts_with(program));
            asked.extend(program.map(|program| Asked::Elsewhere(format!("{program} {text}"))));
        };
        match value {
            Value::String(text) => {
                line(text);
                for name in ["args", "arguments", "argv"] {
                    match siblings.get(name) {
                        Some(Value::String(arguments)) => line(&format!("{text} {arguments}")),
                        Some(value) => {
                            let Some(arguments) = strings(value) else { continue };
                            line(&format!("{text} {}", shell_words::join(&arguments)));
                        }
                        None => {}
                    }
                }
            }
            Value::Array(values) => {
                values.iter().filter_map(Value::as_str).for_each(&mut line);
                if let Some(words) = strings(value).filter(|words| words.len() > 1) {
                    line(&shell_words::join(&words));
                }
                values.iter().filter(|value| value.is_array()).for_each(|value| {
                    self.commands(value, siblings, asked);
                });
            }
            _ => {}
        }
    }
}

/// The files of an argument: by their names, or by names with what is in them.
fn files(value: &Value, asked: &mut Vec<Asked>) {
    match value {
        Value::String(text) => asked.push(Asked::Edit(file(text))),
        Value::Array(values) => values.iter().for_each(|value| files(value, asked)),
        Value::Object(object) => {
            let names = object.keys().filter(|name| name.contains(['/', '.']));
            asked.extend(names.map(|name| Asked::Edit(file(name))));
        }
        _ => {}
    }
}

/// Every text in a value.
fn each_text(value: &Value, then: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => then(text),
        Value::Array(values) => values.iter().for_each(|value| each_text(value, then)),
        Value::Object(object) => object.values().for_each(|value| each_text(value, then)),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
