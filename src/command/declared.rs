//! Tools whose command line a rule file describes.
//!
//! The description ([`syntax`]) says which flags take a value. A flag that it
//! does not list is taken for one without; where that leaves open which words
//! the command is, both readings count ([`Declared::behind`]).
//!
//! Text that is not known is `$` in all that rules see. The arguments that are
//! passed on stay as they are.

mod line;
mod paths;
mod statements;
pub mod syntax;

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::{Command, Field, Flag};
use crate::process::Environment;
use crate::verdict::Fact;
use line::Line;
use syntax::{StatementOperands, Syntax};

/// The tool under which redirections are judged: `write`, `append` and `read`
/// of a file. It is no tool that could be called.
pub const REDIRECT: &str = "redirect";

/// The tool under which scripts are judged that could not be read whole.
pub const SCRIPT: &str = "script";

/// The tool under which the changes of a terraform plan are judged: `delete`,
/// `replace`, `forget`, `update` and `create` of a resource.
pub const PLAN: &str = "plan";

/// The tool under which what a command does to objects of a cluster is judged.
pub const OBJECT: &str = "object";

/// The tool under which what a command does to resources of a cloud is judged.
pub const RESOURCE: &str = "resource";

/// The tools under which changes are judged that a command was found to make. Nobody
/// can call them.
pub const CHANGES: [&str; 3] = [PLAN, OBJECT, RESOURCE];

/// The field that holds what a database is told.
pub const STATEMENT: &str = "statement";

/// How many words are looked at for a command among values of flags that are
/// not listed.
const WORDS: usize = 1024;

/// A word of which nothing is known.
const UNKNOWN: &str = "$";

/// What is known around a command line.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The directory that it starts in, where that is known.
    pub directory: Option<&'a Path>,
    /// The directory that paths are named from, where that is another: where the
    /// whole line starts, so that `cd build && rm -rf *` is about `./build/*`.
    pub base: Option<&'a Path>,
    /// The home directory that the password database names.
    pub home: Option<&'a Path>,
    /// The variables that it would be started with.
    pub environment: &'a Environment,
    /// What it would read from standard input, where that is known.
    pub input: Option<&'a [u8]>,
}

/// What only a declared command line has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// Those of the flags given that the syntax lists: none is the beginning of another.
    listed: BTreeSet<String>,
    abbreviates: bool,
    single_dash: bool,
    /// Words, by their number, that may be the value of the flag in front.
    arguable: BTreeSet<usize>,
    /// Flags, by their number, that may be the value of the flag in front.
    unsure: BTreeSet<usize>,
    /// What the line tells of where it acts. The last is set for what a variable claims.
    pub facts: Vec<(Fact, String, bool)>,
}

/// Where the words behind a command begin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Behind {
    /// At the earliest.
    pub first: usize,
    /// At the latest: words of the command may be values of flags.
    pub last: usize,
}

impl Declared {
    /// Whether the flag given as `given` may be `name`.
    pub fn may_stand_for(&self, given: &str, name: &str) -> bool {
        if given == name || self.listed.contains(given) {
            return false;
        }
        let begins =
            self.abbreviates && given.starts_with("--") && given.len() > 2 && name.starts_with(given);
        // Go's flag package and its kin take one dash or two.
        let dashes = self.single_dash && given.trim_start_matches('-') == name.trim_start_matches('-');
        begins || dashes
    }

    /// Whether the word of this number may be the value of a flag.
    pub fn is_arguable(&self, word: usize) -> bool {
        self.arguable.contains(&word)
    }

    /// Whether the flag of this number may be the value of another.
    pub fn is_unsure(&self, flag: usize) -> bool {
        self.unsure.contains(&flag)
    }

    /// Where the words behind `command` begin in `words`, where these may begin with
    /// it. A word that is not known may be any, the first also more than one.
    pub fn behind(&self, words: &[String], command: &str) -> Option<Behind> {
        behind(words, &self.arguable, command, true)
    }

    /// Whether `words` begin with the command in any reading.
    pub fn surely(&self, words: &[String], command: &str) -> bool {
        command.split(' ').enumerate().all(|(at, wanted)| {
            words.get(at).is_some_and(|word| word == wanted) && !self.arguable.contains(&at)
        })
    }
}

fn behind(words: &[String], arguable: &BTreeSet<usize>, command: &str, guess: bool) -> Option<Behind> {
    // As long as each word is certain there is one reading.
    for (at, wanted) in command.split(' ').enumerate() {
        let word = words.get(at)?;
        if (guess && word == UNKNOWN) || arguable.contains(&at) || at >= WORDS {
            return readings(words, arguable, command, guess);
        }
        if word != wanted {
            return None;
        }
    }
    let count = command.split(' ').count();
    Some(Behind { first: count, last: count })
}

/// The same, where a word may be any or none.
fn readings(words: &[String], arguable: &BTreeSet<usize>, command: &str, guess: bool) -> Option<Behind> {
    let wanted: Vec<&str> = command.split(' ').collect();
    let mut found: Option<Behind> = None;
    // For each number of the command's words, whether so many may have been seen.
    let mut seen = vec![false; wanted.len()];
    if let Some(start) = seen.first_mut() {
        *start = true;
    }
    for (at, word) in words.iter().enumerate() {
        if !seen.contains(&true) {
            break;
        }
        if at >= WORDS {
            // Nobody writes so many flags: take it for the command.
            return Some(Behind { first: found.map_or(0, |one| one.first), last: words.len() });
        }
        let mut next = vec![false; wanted.len()];
        for (number, wanted) in
            wanted.iter().enumerate().filter(|(number, _)| seen.get(*number) == Some(&true))
        {
            // In front, it may hold the whole command.
            let unknown = guess && word == UNKNOWN;
            let whole = unknown && at == 0;
            if whole && let Some(rest) = next.get_mut(number + 1..) {
                rest.fill(true);
            }
            let is_last = number + 1 == seen.len();
            if whole || (is_last && (unknown || word == wanted)) {
                let first = found.map_or(at + 1, |one| one.first);
                found = Some(Behind { first, last: at + 1 });
            } else if (unknown || word == wanted)
                && let Some(more) = next.get_mut(number + 1)
            {
                *more = true;
            }
            // It may be flags only, or nothing.
            if (unknown || arguable.contains(&at))
                && let Some(same) = next.get_mut(number)
            {
                *same = true;
            }
        }
        seen = next;
    }
    found
}

/// The text of an argument as rules see it: `$` for what is not known.
pub fn text(word: &OsStr) -> String {
    let mut text = String::new();
    for chunk in word.as_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        let goes_on = chunk.valid().is_empty() && text.ends_with('$');
        if !chunk.invalid().is_empty() && !goes_on {
            text.push('$');
        }
    }
    text
}

/// A path as rules see it.
pub fn path(word: &OsStr, surroundings: &Surroundings<'_>) -> String {
    let home = home(surroundings);
    let name = paths::normal(&text(word), surroundings.directory, surroundings.base, home);
    // HOME is the caller's to set: it can make a path look graver only.
    let chosen = surroundings.environment.non_empty("HOME").map(Path::new);
    let is_chosen = chosen.is_some_and(|chosen| {
        chosen.is_absolute()
            && paths::normal(&text(chosen.as_os_str()), surroundings.directory, surroundings.base, home)
                == name
    });
    if is_chosen && name != "/" { "~".to_owned() } else { name }
}

fn home<'a>(surroundings: &Surroundings<'a>) -> Option<&'a Path> {
    surroundings.home.or_else(|| surroundings.environment.non_empty("HOME").map(Path::new))
}

/// A file that is written, as rules see it: from a directory that says what its files
/// are it has its whole name.
pub fn written(file: &OsStr, surroundings: &Surroundings<'_>) -> String {
    let directory = surroundings.directory;
    let telling = directory.filter(|directory| directory.is_absolute() && paths::tells(directory));
    match telling {
        // What begins with something unknown is not below it.
        Some(directory) if !text(file).starts_with(['~', '$']) => {
            let whole = directory.join(file);
            path(whole.as_os_str(), &Surroundings { directory: None, base: None, ..*surroundings })
        }
        _ => path(file, surroundings),
    }
}

/// A redirection to or from a file: `write`, `append` or `read`.
pub fn redirection(what: &str, file: &OsStr, surroundings: &Surroundings<'_>) -> Command {
    let name = written(file, surroundings);
    pseudo(REDIRECT, vec![what.to_owned(), name], vec![what.into(), file.to_owned()])
}

/// A script that could not be read whole, by its path.
pub fn script(file: &OsStr) -> Command {
    let name = text(Path::new(file).file_name().unwrap_or(file));
    pseudo(SCRIPT, vec![name], vec![file.to_owned()])
}

/// How many words a change has: what happens, to which kind of thing, and which one.
const CHANGE: usize = 3;

/// A change, for one of [`CHANGES`]: what happens, to which kind of thing, and which
/// one. Each further word is a field, `PATH=VALUE`.
pub fn change<T: Into<OsString>>(tool: &str, words: impl IntoIterator<Item = T>) -> Command {
    let mut arguments: Vec<OsString> = words.into_iter().map(Into::into).collect();
    let fields = arguments.split_off(arguments.len().min(CHANGE));
    let mut command = pseudo(tool, arguments.iter().map(|word| text(word)).collect(), arguments);
    command.fields.set = fields.iter().map(|word| field(&text(word))).collect();
    command
}

/// `PATH=VALUE`. A value of which nothing is known is `$`.
fn field(word: &str) -> Field {
    let (path, value) = word.split_once('=').unwrap_or((word, UNKNOWN));
    Field { path: path.to_owned(), value: value.to_owned(), unsure: value == UNKNOWN }
}

fn pseudo(tool: &str, words: Vec<String>, arguments: Vec<OsString>) -> Command {
    Command {
        operands: words.iter().map(OsString::from).collect(),
        path: words,
        declared: Some(Declared::default()),
        ..Command::unread(tool, arguments)
    }
}

/// Parses `arguments` of `tool` as `syntax` says.
pub fn parse(
    syntax: &Syntax,
    tool: &str,
    arguments: &[OsString],
    surroundings: &Surroundings<'_>,
) -> Command {
    let line = Line::read(syntax, arguments);
    let facts = facts(syntax, &line, surroundings.environment);
    let words = &line.words;
    let mut command = Command::unread(tool, arguments.to_vec());
    if let Some(sql) = &syntax.sql {
        let of_flags = line.flags.iter().filter(|flag| line.lists(&sql.flags, flag));
        let mut given: Vec<String> = of_flags.filter_map(|flag| flag.value.as_deref()).map(text).collect();
        match sql.operands {
            StatementOperands::None => {}
            StatementOperands::Rest => given.extend(words.iter().skip(1).cloned()),
            // The words of one command, with and without what may be flags' values.
            StatementOperands::All if sql.dialect == syntax::Dialect::Redis => {
                let numbered = words.iter().enumerate().filter(|(at, _)| !line.arguable.contains(at));
                let surely: Vec<&str> = numbered.map(|(_, word)| word.as_str()).collect();
                given.push(words.join(" "));
                given.push(surely.join(" "));
                given.dedup();
            }
            StatementOperands::All => given.extend(words.iter().cloned()),
        }
        given.extend(surroundings.input.filter(|_| sql.input).map(|input| text(OsStr::from_bytes(input))));
        let statements = given.iter().flat_map(|text| statements::of(text, sql.dialect));
        let field = |value| Field { path: STATEMENT.to_owned(), value, unsure: false };
        command.fields.set = statements.map(field).collect();
    }
    let of_path = |flag: &Flag| {
        let is_path = line.lists(&syntax.path_flags, flag);
        let value = flag.value.as_deref().filter(|_| is_path).map(|value| path(value, surroundings).into());
        Flag { name: flag.name.clone(), value: value.or_else(|| flag.value.clone()) }
    };
    command.flags = line.flags.iter().map(of_path).collect();
    let operand = |word: &String| {
        let of_name = word.split_once('=').filter(|(name, _)| {
            syntax.path_flags.iter().any(|flag| flag.strip_suffix('=').is_some_and(|flag| flag == *name))
        });
        match of_name {
            Some((name, value)) => format!("{name}={}", path(OsStr::new(value), surroundings)).into(),
            None if syntax.paths => path(OsStr::new(word), surroundings).into(),
            None => OsString::from(word),
        }
    };
    command.operands = words.iter().map(operand).collect();
    let Line { words, arguable, unsure, listed, .. } = line;
    command.path = words;
    command.declared = Some(Declared {
        listed,
        abbreviates: syntax.abbreviates,
        single_dash: syntax.single_dash,
        arguable,
        unsure,
        facts,
    });
    command
}

/// What flags, or else variables, tell of where the line acts.
fn facts(syntax: &Syntax, line: &Line, environment: &Environment) -> Vec<(Fact, String, bool)> {
    let mut facts = Vec::new();
    for (fact, sources) in &syntax.target {
        let given = line.flags.iter().filter(|flag| line.lists(sources, flag));
        let mut values: Vec<(Fact, String, bool)> =
            given.filter_map(|flag| flag.value.as_deref()).map(|value| (*fact, text(value), false)).collect();
        if values.is_empty() {
            let variables = sources.iter().filter_map(|source| source.strip_prefix('$'));
            let claimed = variables.filter_map(|name| environment.non_empty(name));
            values.extend(claimed.map(|value| (*fact, text(value), true)));
        }
        facts.append(&mut values);
    }
    facts
}

#[cfg(test)]
mod tests;
