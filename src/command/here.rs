//! What a command does to files of this machine, beside what it does where it acts:
//! what `s3 cp` writes, what `s3 mv` takes away. Rules ask for it as [`Field`]s,
//! named as the paths of other tools are.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

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
    // A shell reads what lies in HOME, which is the caller's to set: it can make a path look
    // graver only.
    let chosen = surroundings.environment.non_empty("HOME").map(Path::new);
    let homes = [surroundings.home, chosen.filter(|home| home.is_absolute()).or(surroundings.home)];
    for Touched { act, file } in grammar.touches(&command, surroundings) {
        let named = homes.map(|home| {
            let surroundings = Surroundings { home, ..*surroundings };
            match act {
                Act::Writes | Act::Enters => declared::written(&file, &surroundings),
                Act::Takes => declared::path(&file, &surroundings),
            }
        });
        for value in BTreeSet::from(named) {
            command.fields.set.push(Field { path: act.field().to_owned(), value, unsure: false });
        }
    }
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Environment;

    fn told(line: &str, directory: &str) -> Vec<String> {
        let environment: Environment = [("HOME", "/chosen")].into_iter().collect();
        let (directory, home) = (Some(Path::new(directory)), Some(Path::new("/home/dev")));
        let around = Surroundings { directory, base: None, home, environment: &environment, input: None };
        let words = shell_words::split(line).unwrap();
        let (tool, arguments) = words.split_first().unwrap();
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        let command = parse(tool, &arguments, &environment, &around).unwrap();
        let here = command.fields.set.iter().filter(|field| tells(&field.path));
        here.map(|field| format!("{} {}", field.path, field.value)).collect()
    }

    #[test]
    fn a_file_is_named_from_where_the_command_starts() {
        for (line, directory, expected) in [
            ("aws s3 sync s3://b/ d --delete", "/home/dev/app", &["here.writes ./d"][..]),
            ("aws s3 sync s3://b/ d --delete", "/home/dev", &["here.writes ./d", "here.writes ~/d"]),
            ("aws s3 sync s3://b/ d --delete", "/chosen", &["here.writes ./d", "here.writes ~/d"]),
            ("aws s3 sync s3://b/ etc --delete", "/", &["here.writes /etc"]),
            ("aws s3 mv .git s3://b", "/home/dev/app", &["here.takes ./.git"]),
            ("aws s3 cp s3://b/ x", "/srv/app/.claude", &["here.writes /srv/app/.claude/x"]),
            ("kubectl cp web:/a x", "/srv/app", &["here.enters ./x/a", "here.writes ./x"]),
            ("kubectl cp x web:/a", "/srv/app", &[]),
            ("terraform -chdir=.. plan -out=x", "/srv/app/infra", &["here.writes /srv/app/x"]),
            ("terraform -chdir=.. plan -out=/etc/x", "/srv/app/infra", &["here.writes /etc/x"]),
            ("helm list", "/srv/app", &[]),
        ] {
            let mut told = told(line, directory);
            told.sort_unstable();
            assert_eq!(told, expected, "{line} in {directory}");
        }
    }
}
