//! The names of tools and of their arguments, and what their words tell.

/// Words of an argument's name that say that it is a command.
pub(super) const COMMANDS: [&str; 12] = [
    "argv",
    "bash",
    "cli",
    "cmd",
    "cmdline",
    "cmds",
    "command",
    "commandline",
    "commands",
    "executable",
    "program",
    "run",
];

/// Last words of the name of an argument that only speaks of a command.
pub(super) const REMARKS: [&str; 13] = [
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
pub(super) const PROGRAMS: [&str; 12] = [
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
pub(super) const SHELLS: [&str; 14] = [
    "bash",
    "iterm",
    "keys",
    "process",
    "pty",
    "powershell",
    "pwsh",
    "sh",
    "shell",
    "ssh",
    "stdin",
    "terminal",
    "tmux",
    "zsh",
];

/// Names of a shell tool's argument that it runs.
pub(super) const TYPED: [&str; 9] =
    ["chars", "code", "content", "data", "input", "keys", "line", "script", "text"];

/// Words of the names of tools after which a file is gone.
pub(super) const DELETERS: [&str; 7] = ["delete", "remove", "rm", "rmdir", "rmtree", "trash", "unlink"];

/// Last words of an argument's name that say that it is a file.
pub(super) const FILES: [&str; 23] = [
    "dir",
    "directory",
    "folder",
    "notebook",
    "pathname",
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
pub(super) const ORIGINS: [&str; 3] = ["from", "source", "src"];

/// Words of the names of tools that change nothing.
pub(super) const READERS: [&str; 38] = [
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
pub(super) const WRITERS: [&str; 39] = [
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

/// Last words of the name of an argument that may be an object written as text.
pub(super) const FOLDED: [&str; 13] = [
    "args",
    "arguments",
    "call",
    "calls",
    "commands",
    "files",
    "input",
    "json",
    "options",
    "parameters",
    "params",
    "payload",
    "request",
];

/// Last words of the name of what is written into a file.
pub(super) const CONTENTS: [&str; 8] =
    ["body", "content", "contents", "data", "document", "text", "value", "values"];

/// A tool's name without that of its server: `mcp__server__tool`, `mcp_server_tool`
/// (which keeps the server's, since nobody can tell where it ends), `MCP:tool`,
/// `@server/tool`, `server__tool`.
pub(super) fn own_name(tool: &str) -> &str {
    let name = tool.rsplit(['/', ':', '.']).next().unwrap_or(tool);
    name.rsplit("__").next().filter(|name| !name.is_empty()).unwrap_or(name)
}

/// The words of a name, in lower case: `filePath`, `file_path`, `file-path` and
/// `FILEPath` alike.
pub(super) fn words(name: &str) -> Vec<String> {
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
pub(super) fn named(list: &[&str], words: &[String]) -> bool {
    words.iter().any(|word| list.contains(&word.as_str()))
}
