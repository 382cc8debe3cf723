//! An agent's tools, by the names that all of them use: which of the arguments
//! are commands, and which are files that would be changed.
//!
//! A tool may come from any MCP server, so nothing is known of it but names. What
//! is named like a command is read as one; what is named like a file is changed,
//! unless the tool is named like one that only reads.

use std::path::PathBuf;

use serde_json::Value;

use super::{Asked, Payload, Unread};

/// Words of an argument's name that say that it is a command.
const COMMANDS: [&str; 9] =
    ["argv", "bash", "cli", "cmd", "cmdline", "cmds", "command", "commandline", "commands"];

/// Words of a tool's name that say that whatever it is given is run by a shell.
const SHELLS: [&str; 8] = ["bash", "powershell", "pwsh", "sh", "shell", "ssh", "terminal", "zsh"];

/// Names of a shell tool's argument that it runs.
const TYPED: [&str; 6] = ["code", "input", "keys", "line", "script", "text"];

/// Last words of an argument's name that say that it is a file.
const FILES: [&str; 14] = [
    "destination",
    "dest",
    "dst",
    "file",
    "filename",
    "filepath",
    "files",
    "from",
    "path",
    "paths",
    "source",
    "src",
    "target",
    "uri",
];

/// Words of the names of tools that change nothing.
const READERS: [&str; 16] = [
    "cat", "fetch", "find", "get", "glob", "grep", "head", "info", "list", "ls", "read", "search", "stat",
    "tail", "tree", "view",
];

/// Words of the names of tools that do, although they also read or search.
const WRITERS: [&str; 20] = [
    "add", "append", "copy", "create", "delete", "edit", "insert", "modify", "move", "patch", "put",
    "remove", "rename", "replace", "save", "set", "sync", "touch", "update", "write",
];

/// The shell line in `field`, which the agent's own shell tool runs.
pub(super) fn line(input: Option<&Value>, field: &'static str) -> Result<Vec<Asked>, Unread> {
    let text = input.and_then(|input| input.get(field)).and_then(Value::as_str);
    Ok(vec![Asked::Line(text.ok_or(Unread::Field(field))?.to_owned())])
}

/// What any other tool would do with its arguments.
pub(super) fn asked(tool: &str, input: Option<&Value>) -> Vec<Asked> {
    let words = words(own_name(tool));
    let mut asked = Vec::new();
    let Some(input) = input else { return asked };
    if words.iter().any(|word| word == "patch") {
        each_text(input, &mut |text| asked.extend(patched(text)));
    } else {
        let tool = Tool {
            types: named(&SHELLS, &words),
            reads: named(&READERS, &words) && !named(&WRITERS, &words),
        };
        tool.arguments(input, &mut asked);
    }
    asked.dedup();
    asked
}

/// Whether an object of unknown form has anything that may be run.
pub(super) fn mentions_a_command(payload: &Payload) -> bool {
    payload.iter().any(|(name, value)| {
        let words = words(name);
        let tells = |word: &String| COMMANDS.contains(&word.as_str()) || word == "tool" || word == "tools";
        words.iter().any(tells) || within(value)
    })
}

fn within(value: &Value) -> bool {
    match value {
        Value::Object(object) => mentions_a_command(object),
        Value::Array(values) => values.iter().any(within),
        _ => false,
    }
}

struct Tool {
    /// What it is given is typed into a shell.
    types: bool,
    /// It changes nothing.
    reads: bool,
}

impl Tool {
    fn arguments(&self, value: &Value, asked: &mut Vec<Asked>) {
        match value {
            Value::Object(object) => {
                for (name, value) in object {
                    self.argument(name, value, object, asked);
                }
            }
            Value::Array(values) => values.iter().for_each(|value| self.arguments(value, asked)),
            // Some write an object as text.
            Value::String(text) if text.trim_start().starts_with('{') => {
                if let Ok(value @ Value::Object(_)) = serde_json::from_str(text) {
                    self.arguments(&value, asked);
                }
            }
            _ => {}
        }
    }

    fn argument(&self, name: &str, value: &Value, siblings: &Payload, asked: &mut Vec<Asked>) {
        let words = words(name);
        let ends = |list: &[&str]| words.last().is_some_and(|word| list.contains(&word.as_str()));
        let is_command = named(&COMMANDS, &words);
        let is_typed = self.types && ends(&TYPED);
        if is_command || is_typed {
            asked.extend(commands(value, siblings));
        }
        if !self.reads && ends(&FILES) {
            each_text(value, &mut |text| asked.push(Asked::Edit(file(text))));
        }
        self.arguments(value, asked);
    }
}

/// A command as text, as words, or as several of either. Words that stand beside
/// a program are its arguments; but a tool may also pass over them.
fn commands(value: &Value, siblings: &Payload) -> Vec<Asked> {
    let strings = |value: &Value| -> Option<Vec<String>> {
        value.as_array()?.iter().map(|one| one.as_str().map(str::to_owned)).collect()
    };
    let line = |text: &str| Asked::Line(text.to_owned());
    match value {
        Value::String(text) => {
            let mut asked = vec![line(text)];
            for name in ["args", "arguments", "argv"] {
                let Some(arguments) = siblings.get(name).and_then(strings) else { continue };
                asked.push(line(&format!("{text} {}", shell_words::join(&arguments))));
            }
            asked
        }
        Value::Array(values) => {
            let mut asked: Vec<Asked> = values.iter().filter_map(Value::as_str).map(line).collect();
            if let Some(words) = strings(value).filter(|words| words.len() > 1) {
                asked.push(line(&shell_words::join(&words)));
            }
            asked
        }
        _ => Vec::new(),
    }
}

/// The files that a patch changes: of the form that agents write, or a unified one.
pub(super) fn patched(text: &str) -> Vec<Asked> {
    const MARKS: [&str; 8] = [
        "*** Add File: ",
        "*** Delete File: ",
        "*** Move to: ",
        "*** Update File: ",
        "+++ ",
        "--- ",
        "rename from ",
        "rename to ",
    ];
    let name = |line: &str| {
        let name = MARKS.iter().find_map(|mark| line.strip_prefix(mark))?;
        let name = name.split('\t').next().unwrap_or_default().trim();
        Some(name.to_owned()).filter(|name| !name.is_empty() && name != "/dev/null")
    };
    text.lines()
        .filter_map(name)
        .flat_map(|name| {
            // git puts a directory that is none in front.
            let bare = name.strip_prefix("a/").or_else(|| name.strip_prefix("b/")).map(PathBuf::from);
            [Some(PathBuf::from(&name)), bare].into_iter().flatten().map(Asked::Edit)
        })
        .collect()
}

/// A file by its path or its URL.
fn file(text: &str) -> PathBuf {
    let Some(path) = text.strip_prefix("file://") else { return PathBuf::from(text) };
    let path = path.strip_prefix("localhost").unwrap_or(path);
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let escaped = (*first == b'%').then(|| tail.get(..2)).flatten();
        let escaped = escaped.and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(byte) = escaped.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(byte);
            rest = tail.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    PathBuf::from(String::from_utf8_lossy(&bytes).into_owned())
}

/// A tool's name without that of its server: `mcp__server__tool`, `mcp_server_tool`
/// (which keeps the server's, since nobody can tell where it ends), `MCP:tool`,
/// `@server/tool`, `server__tool`.
fn own_name(tool: &str) -> &str {
    let name = tool.rsplit(['/', ':', '.']).next().unwrap_or(tool);
    name.rsplit("__").next().filter(|name| !name.is_empty()).unwrap_or(name)
}

/// The words of a name, in lower case: `filePath`, `file_path` and `file-path` alike.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = '_';
    for letter in name.chars() {
        let starts = !before.is_alphanumeric() || (letter.is_uppercase() && before.is_lowercase());
        if letter.is_alphanumeric() {
            if starts {
                words.push(String::new());
            }
            if let Some(word) = words.last_mut() {
                word.extend(letter.to_lowercase());
            }
        }
        before = letter;
    }
    words
}

/// Whether one of `words` stands in `list`.
fn named(list: &[&str], words: &[String]) -> bool {
    words.iter().any(|word| list.contains(&word.as_str()))
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
