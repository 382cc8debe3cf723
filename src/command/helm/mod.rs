//! The grammar of `helm`.
//!
//! The same library as kubectl's ([`super::cobra`]). No helm was at hand when
//! the table was written: it follows the documentation of helm 3.

mod table;

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;

use super::cobra::{Parsed, Table};
use super::{Command, CommandError, Grammar, Inert, Outside, generic};

/// helm's commands and flags.
pub const TABLE: Table = Table { rows: &[table::HELM], underscores: false };

/// The grammar of `helm`.
#[derive(Debug)]
pub struct Helm;

impl Grammar for Helm {
    fn commands(&self) -> Vec<&'static str> {
        TABLE.commands().collect()
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
        return generic::parse(tool, arguments);
    }
    let help = parsed.boolean("--help") == Some(true);
    let group = TABLE.is_group(&parsed.path);
    let Parsed { path, flags, operands, unknown_flag, .. } = parsed;
    let mut command = Command { path, flags, operands, uncertain: unknown_flag, ..unread() };
    if help {
        command.inert = Some(Inert::Help);
    } else if group {
        match command.operands.first() {
            None => command.inert = Some(Inert::Usage),
            Some(word) => {
                command.path.push(word.to_string_lossy().into_owned());
                command.known = false;
            }
        }
    }
    command
}
