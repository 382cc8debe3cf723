//! An agent's tools, by the names that all of them use: which of the arguments
//! are commands, and which are files that would be changed.
//!
//! A tool may come from any MCP server, so nothing is known of it but names. What
//! is named like a command is read as one; what is named like a file is changed,
//! unless the tool is named like one that only reads.

use serde_json::Value;

use super::files::{file, patched};
use super::{Asked, Payload, Unread, strict};

/// Words of an argument's name that say that it is a command.
const COMMANDS: [&str; 9] =
    ["argv", "bash", "cli", "cmd", "cmdline", "cmds", "command", "commandline", "commands"];

/// Last words of the name of an argument that only speaks of a command.
const REMARKS: [&str; 13] = [
    "comment",
    "description",
    "explanation",
    "hint",
    "id",
    "output",
    "purpose",
    "reason",
    "status",
    "summary",
    "timeout",
    "title",
    "type",
];

/// Programs that a tool is named after which is given only their arguments.
const PROGRAMS: [&str; 12] = [
    "aws",
    "az",
    "docker",
    "gcloud",
    "gh",
    "git",
    "helm",
    "kubectl",
    "pulumi",
    "terraform",
    "terragrunt",
    "tofu",
];

/// Words of a tool's or its server's name that say that whatever it is given is run
/// by a shell.
const SHELLS: [&str; 10] =
    ["bash", "iterm", "powershell", "pwsh", "sh", "shell", "ssh", "terminal", "tmux", "zsh"];

/// Names of a shell tool's argument that it runs.
const TYPED: [&str; 6] = ["code", "input", "keys", "line", "script", "text"];

/// Last words of an argument's name that say that it is a file.
const FILES: [&str; 18] = [
    "dest",
    "destination",
    "dst",
    "file",
    "filename",
    "filenames",
    "filepath",
    "filepaths",
    "files",
    "from",
    "path",
    "paths",
    "source",
    "src",
    "target",
    "to",
    "uri",
    "uris",
];

/// Those of them that a copy leaves as they are.
const ORIGINS: [&str; 3] = ["from", "source", "src"];

/// Words of the names of tools that change nothing.
const READERS: [&str; 38] = [
    "analyze",
    "cat",
    "check",
    "count",
    "definition",
    "describe",
    "diagnostics",
    "explain",
    "fetch",
    "find",
    "get",
    "glob",
    "grep",
    "head",
    "hover",
    "info",
    "inspect",
    "lint",
    "list",
    "load",
    "log",
    "logs",
    "lookup",
    "ls",
    "query",
    "read",
    "references",
    "scan",
    "search",
    "show",
    "stat",
    "status",
    "summarize",
    "symbols",
    "tail",
    "tree",
    "validate",
    "view",
];

/// Words of the names of tools that do, although they also read or search.
const WRITERS: [&str; 39] = [
    "add",
    "append",
    "apply",
    "clear",
    "copy",
    "create",
    "delete",
    "download",
    "dump",
    "edit",
    "erase",
    "export",
    "fix",
    "insert",
    "install",
    "link",
    "mkdir",
    "modify",
    "move",
    "overwrite",
    "patch",
    "put",
    "remove",
    "rename",
    "replace",
    "restore",
    "revert",
    "rewrite",
    "save",
    "set",
    "store",
    "symlink",
    "sync",
    "touch",
    "truncate",
    "undo",
    "unlink",
    "update",
    "write",
];

/// The shell line in `field`, which the agent's own shell tool runs.
pub(super) fn line(input: Option<&Value>, field: &'static str) -> Result<Vec<Asked>, Unread> {
    let text = input.and_then(|input| input.get(field)).and_then(Value::as_str);
    Ok(vec![Asked::Line(text.ok_or(Unread::Field(field))?.to_owned())])
}

/// What any other tool would do with its arguments.
pub(super) fn asked(tool: &str, input: Option<&Value>) -> Vec<Asked> {
    let (own, all) = (words(own_name(tool)), words(tool));
    let mut asked = Vec::new();
    let Some(input) = input else { return asked };
    if named(&["patch"], &own) {
        each_text(input, &mut |text| asked.extend(patched(text)));
    }
    // What an agent's own commands are called, which are no programs.
    if named(&["slash"], &own) {
        return asked;
    }
    let tool = Tool {
        types: named(&SHELLS, &all),
        reads: named(&READERS, &own) && !named(&WRITERS, &own),
        copies: named(&["copy"], &own),
        patches: named(&["patch"], &own),
        program: PROGRAMS.into_iter().find(|program| named(&[program], &all)),
    };
    tool.arguments(input, &mut asked);
    asked.dedup();
    asked
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

struct Tool {
    /// What it is given is typed into a shell.
    types: bool,
    /// It changes nothing.
    reads: bool,
    /// It leaves alone what it copies from.
    copies: bool,
    /// Its command may be a patch.
    patches: bool,
    /// What it runs, if it is given the arguments alone.
    program: Option<&'static str>,
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
            Value::String(text) if text.trim_start().starts_with(['{', '[']) => {
                if let Ok(value @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text) {
                    self.arguments(&value, asked);
                }
            }
            _ => {}
        }
    }

    fn argument(&self, name: &str, value: &Value, siblings: &Payload, asked: &mut Vec<Asked>) {
        let words = words(name);
        let ends = |list: &[&str]| words.last().is_some_and(|word| list.contains(&word.as_str()));
        let is_command = named(&COMMANDS, &words) && !ends(&REMARKS);
        let is_typed = self.types && ends(&TYPED);
        let is_patch = self.patches && value.as_str().is_some_and(|text| text.starts_with("*** Begin Patch"));
        if (is_command || is_typed) && !is_patch {
            self.commands(value, siblings, asked);
        }
        // An editor's tool is told by an argument what to do.
        let shows = siblings.get("command").and_then(Value::as_str) == Some("view");
        let is_left_alone = self.reads || shows || (self.copies && ends(&ORIGINS));
        if !is_left_alone && ends(&FILES) {
            each_text(value, &mut |text| asked.push(Asked::Edit(file(text))));
        }
        self.arguments(value, asked);
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
            }
            _ => {}
        }
    }
}

/// A tool's name without that of its server: `mcp__server__tool`, `mcp_server_tool`
/// (which keeps the server's, since nobody can tell where it ends), `MCP:tool`,
/// `@server/tool`, `server__tool`.
fn own_name(tool: &str) -> &str {
    let name = tool.rsplit(['/', ':', '.']).next().unwrap_or(tool);
    name.rsplit("__").next().filter(|name| !name.is_empty()).unwrap_or(name)
}

/// The words of a name, in lower case: `filePath`, `file_path`, `file-path` and
/// `FILEPath` alike.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = '_';
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        let ends_capitals = letters.peek().is_some_and(|next| next.is_lowercase());
        let is_capital = letter.is_uppercase() && (!before.is_uppercase() || ends_capitals);
        if letter.is_alphanumeric() {
            if is_capital || !before.is_alphanumeric() {
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

#[cfg(test)]
mod tests;
