//! What a command does to files of this machine, beside what it does where it acts:
//! what `s3 cp` writes, what `s3 mv` takes away. Rules ask for it as [`Field`]s,
//! named as the paths of other tools are.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use super::declared::{self, Surroundings};
use super::{Command, CommandError, Field, Outside, grammar};

/// What the paths of all these fields begin with. They are always known, whatever
/// of a body was not read.
const BEGINNING: &str = "here.";

/// What happens to a file, or to a directory with what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// It is written.
    Writes,
    /// It is written where what the line names is a directory.
    Enters,
    /// It is no longer there.
    Takes,
}

impl Act {
    const fn field(self) -> &'static str {
        match self {
            Self::Writes => "here.writes",
            Self::Enters => "here.enters",
            Self::Takes => "here.takes",
        }
    }
}

/// A file that a command does something to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touched {
    /// What.
    pub act: Act,
    /// The file, as the tool opens it.
    pub file: OsString,
}

/// What copying `sources` to `file` writes: the file, or what has their names below it
/// where it is a directory.
pub fn copied(sources: &[OsString], file: &OsStr) -> Vec<Touched> {
    let mut touched = vec![Touched { act: Act::Writes, file: file.to_owned() }];
    let is_directory = file.as_bytes().ends_with(b"/") || file == "." || file == "..";
    let act = if is_directory { Act::Writes } else { Act::Enters };
    let names = sources.iter().filter_map(|source| source.as_bytes().rsplit(|byte| *byte == b'/').next());
    for name in names.filter(|name| !name.is_empty()) {
        let mut below = file.to_owned();
        below.push("/");
        below.push(OsStr::from_bytes(name));
        touched.push(Touched { act, file: below });
    }
    touched
}

/// Whether `path` is that of a field which tells of this machine.
pub fn tells(path: &str) -> bool {
    path.starts_with(BEGINNING)
}

/// Parses `arguments` of a tool that has a grammar, as [`super::parse`] does, and adds
/// what it does here.
///
/// # Errors
/// Where a variable that the tool would fold into its arguments cannot be read.
pub fn parse<'a>(
    tool: &str,
    arguments: &[OsString],
    outside: impl Into<Outside<'a>>,
    surroundings: &Surroundings<'_>,
) -> Result<Command, CommandError> {
    let mut command = super::parse(tool, arguments, outside)?;
    let Some(grammar) = grammar(tool) else { return Ok(command) };
    for Touched { act, file } in grammar.touches(&command, surroundings) {
        let value = match act {
            Act::Writes | Act::Enters => declared::written(&file, surroundings),
            Act::Takes => declared::path(&file, surroundings),
        };
        command.fields.set.push(Field { path: act.field().to_owned(), value, unsure: false });
    }
    Ok(command)
}
