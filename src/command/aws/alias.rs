//! The user's aliases: a name in front of any command, or one below a service
//! (v2), that stands for other words or for a line of the shell.

use std::ffi::OsString;

use super::argparse::{Given, pass};
use super::options::GLOBALS;
use super::own;
use crate::command::Outside;

/// How often an alias may name another.
const LIMIT: usize = 16;

/// What the words say once every alias is replaced.
#[derive(Debug, Default)]
pub(super) struct Expanded {
    /// The command, which no alias stands for any more.
    pub(super) command: OsString,
    /// Everything behind it.
    pub(super) rest: Vec<OsString>,
    /// Global options that an alias sets.
    pub(super) globals: Vec<Given>,
    /// Why it cannot be told what runs.
    pub(super) doubt: Option<String>,
    /// What became of the alias, for people.
    pub(super) note: Option<String>,
}

/// Replaces what stands for other words in front of `rest`.
pub(super) fn expand(command: OsString, rest: Vec<OsString>, outside: &Outside<'_>) -> Expanded {
    let mut now = Expanded { command, rest, ..Expanded::default() };
    let aliases = match own::aliases("toplevel", outside) {
        Ok(aliases) => aliases,
        Err(reason) => return Expanded { doubt: Some(reason), ..now },
    };
    let mut seen: Vec<OsString> = Vec::new();
    while let Some((name, text)) = aliases.iter().find(|(name, _)| now.command == name.as_str()) {
        // What it shadows is what it names itself.
        if seen.last().is_some_and(|last| *last == now.command) {
            break;
        }
        let stands_for = |what: &str| Some(format!("the alias `{name}` in ~/.aws/cli/alias {what}"));
        let text = text.trim();
        if let Some(line) = text.strip_prefix('!') {
            now.doubt = stands_for(&format!("runs a line of the shell: {line}"));
            break;
        }
        let words = shell_words::split(text).map(|words| words.into_iter().map(OsString::from).collect());
        let words: Vec<OsString> = words.unwrap_or_default();
        let read = pass(&words, GLOBALS, 1).ok();
        let Some((mut read, command)) = read.and_then(|mut read| {
            let command = read.positionals.pop()?;
            Some((read, command))
        }) else {
            now.doubt = stands_for("cannot be read");
            break;
        };
        now.note = stands_for(&format!("stands for `{text}`"));
        seen.push(std::mem::replace(&mut now.command, command));
        read.rest.append(&mut now.rest);
        now.rest = read.rest;
        now.globals.append(&mut read.given);
        if seen.len() > LIMIT {
            now.doubt = stands_for("leads back to itself");
            break;
        }
    }
    now
}

/// What v2 would run for the operation `name` of a service, or of a group of
/// commands: the words of its alias.
pub(super) fn below(path: &[String], name: &str, outside: &Outside<'_>) -> Option<Below> {
    // A file that cannot be read is noted with the command.
    let aliases = own::aliases(&format!("command {}", path.join(" ")), outside).ok()?;
    let (_, text) = aliases.into_iter().find(|(alias, _)| alias == name)?;
    let text = text.trim();
    let words = shell_words::split(text).ok().filter(|_| !text.starts_with('!'));
    Some(Below {
        words: words.unwrap_or_default().into_iter().map(OsString::from).collect(),
        doubt: format!("the alias `{name}` in ~/.aws/cli/alias stands for `{text}` in aws v2"),
    })
}

/// An alias below a command.
pub(super) struct Below {
    /// What it stands for; nothing where it is a line of the shell.
    pub(super) words: Vec<OsString>,
    /// What it is, in words.
    pub(super) doubt: String,
}
