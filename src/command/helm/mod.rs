//! The grammar of `helm`.
//!
//! The same library as kubectl's ([`super::cobra`]), and plugins
//! (`plugin.rs`). No helm could be had, so nothing here is verified against a
//! binary. The flags follow the reference pages that helm generates, as they
//! stood in January 2026 for helm 3 and in September 2026 for helm 4; what is
//! done with `--dry-run`, deprecated names and a plugin's arguments follows the
//! source of helm 4. The aliases (but those of `uninstall`) and the hidden
//! flags of its logging library are no part of those pages.
//!
//! Where the versions differ, the table has the flags of both: helm 4 calls
//! `--force` `--force-replace` and `--atomic` `--rollback-on-failure`, and
//! keeps the old names. `--dry-run` and `--wait` were booleans and now take an
//! optional value, which pflag reads alike.

mod plugin;
mod table;

use std::borrow::Cow;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;

use super::cobra::{Parsed, Table};
use super::{Command, CommandError, Grammar, Inert, Outside};

/// helm's commands and flags.
pub const TABLE: Table = Table { rows: &[table::HELM], underscores: false };

/// The grammar of `helm`.
#[derive(Debug)]
pub struct Helm;

impl Grammar for Helm {
    fn commands(&self) -> Vec<Cow<'static, str>> {
        TABLE.commands().map(Cow::Borrowed).collect()
    }

    fn flag_names(&self, command: &str) -> Vec<String> {
        TABLE.flag_names(command)
    }

    fn may_be_plugin(&self, name: &str) -> bool {
        !TABLE.has_top_level(name)
    }

    fn parse(
        &self,
        tool: &str,
        arguments: &[OsString],
        _outside: &Outside<'_>,
    ) -> Result<Command, CommandError> {
        TABLE.certain(tool, arguments)?;
        Ok(parse(tool, arguments))
    }
}

/// Parses what helm would run for `arguments`.
fn parse(tool: &str, arguments: &[OsString]) -> Command {
    let unread = || Command::unread(tool, arguments.to_vec());
    match arguments.first().map(|word| word.as_bytes()) {
        None => return Command { inert: Some(Inert::Usage), ..unread() },
        Some(b"help") => return Command { inert: Some(Inert::Help), ..unread() },
        Some(b"__complete" | b"__completeNoDesc") => {
            return Command { inert: Some(Inert::Completion), ..unread() };
        }
        Some(_) => {}
    }
    let parsed = TABLE.parse(arguments);
    if parsed.path.is_empty() && !parsed.operands.is_empty() {
        return plugin::parse(tool, arguments, parsed.flags);
    }
    // A flag that a newer helm has may take `--help` for its value.
    let help = parsed.boolean("--help") == Some(true) && !parsed.unknown_flag;
    let group = TABLE.is_group(&parsed.path);
    let rehearsed = is_rehearsed(&parsed);
    let Parsed { path, flags, operands, unknown_flag, .. } = parsed;
    let mut command = Command { path, flags, operands, rehearsed, uncertain: unknown_flag, ..unread() };
    if help {
        command.inert = Some(Inert::Help);
    } else if group {
        match command.operands.first() {
            None => command.inert = Some(Inert::Usage),
            // A newer helm may have a subcommand that this table lacks.
            Some(word) => {
                command.path.push(word.to_string_lossy().into_owned());
                command.known = false;
            }
        }
    }
    command
}

/// Whether helm only says what it would do. Only the spellings that every
/// version takes for a rehearsal, or refuses, count; the last one is the one
/// that helm reads. `--dry-run=` with nothing behind it is real in helm 3.
fn is_rehearsed(parsed: &Parsed) -> bool {
    let changes = matches!(parsed.path.as_slice(), [one] if matches!(one.as_str(), "install" | "upgrade" | "rollback" | "uninstall"));
    let dry = parsed.flags.iter().rev().find(|flag| flag.name == "--dry-run").is_some_and(|flag| {
        flag.value.as_ref().is_none_or(|value| matches!(value.as_bytes(), b"client" | b"server" | b"true"))
    });
    // An unknown flag may have taken `--dry-run` for its value. A post-renderer
    // runs all the same; it is a program that could be called without helm.
    changes && dry && !parsed.unknown_flag
}

#[cfg(test)]
mod tests;
