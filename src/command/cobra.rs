//! Command lines as Go's `cobra` and `pflag` read them: `kubectl` and `helm`.
//!
//! The command is found before any flag is read: cobra takes out of the
//! arguments what looks like a flag, with the next word where the flag takes a
//! value, and takes a flag that it does not know *at that level* for one that
//! does. So `-l app=x delete pods` deletes. Only then are the flags read, with
//! the found command's own table.
//!
//! A newer version may know a flag that the table lacks, so before the command
//! such a flag is read both ways. Where that makes two commands of a line, no
//! rule could speak of the right one: [`Table::certain`] is for refusing it.

mod find;

use std::borrow::Cow;
use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use super::generic::split_value;
use super::{CommandError, Flag};
use crate::ui::sanitize;
use find::Finder;

/// A command, and its flags: long names separated by spaces, each with its
/// letter behind a colon where it has one (`filename:f`).
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The command path; the empty one is the root, whose flags hold everywhere.
    pub path: &'static str,
    /// Other names of the last word of the path.
    pub aliases: &'static str,
    /// Flags that take no value but after `=`, and are then boolean.
    pub booleans: &'static str,
    /// Flags that take a value.
    pub values: &'static str,
    /// Flags that may do without a value, and take one only after `=`.
    pub optional: &'static str,
}

/// Whether a flag takes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    /// `--all`, `--all=false`.
    Boolean,
    /// `--output json`, `--output=json`, `-o json`, `-ojson`.
    Value,
    /// `--dry-run`, `--dry-run=server`; the next word is not its value.
    Optional,
}

/// A tool's commands.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Parts of the table; a command's flags are those of all its rows.
    pub rows: &'static [&'static [Row]],
    /// Whether `_` in a flag's name is `-`.
    pub underscores: bool,
}

/// A command line, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The command that was found; empty where none was.
    pub path: Vec<String>,
    /// The flags, by their long name with two dashes; an unknown one as typed.
    pub flags: Vec<Flag>,
    /// What is neither command nor flag nor a flag's value.
    pub operands: Vec<OsString>,
    /// How many operands stand before `--`; `None` where there is no `--`.
    pub before_dashes: Option<usize>,
    /// A flag that the table lacks was met.
    pub unknown_flag: bool,
    /// Which arguments are the words of the command.
    pub words: Vec<usize>,
    /// Of each of `flags`, which argument it stands in, and which its value.
    pub places: Vec<[usize; 2]>,
}

impl Table {
    fn rows(&self) -> impl Iterator<Item = &'static Row> {
        self.rows.iter().flat_map(|part| part.iter())
    }

    /// Every command, groups included, without the root.
    pub fn commands(&self) -> impl Iterator<Item = &'static str> {
        let rows = self.rows().map(|row| row.path).filter(|path| !path.is_empty());
        // A part that adds flags to a command repeats it.
        let mut seen = HashSet::new();
        rows.filter(move |path| seen.insert(*path))
    }

    /// Whether this word is a command by itself.
    pub fn has_top_level(&self, name: &str) -> bool {
        self.child("", name).is_some()
    }

    /// Whether other commands stand below this one.
    pub fn is_group(&self, path: &[String]) -> bool {
        self.has_children(&path.join(" "))
    }

    fn has_children(&self, path: &str) -> bool {
        let below = |row: &Row| row.path.strip_prefix(path).is_some_and(|rest| rest.starts_with(' '));
        path.is_empty() || self.rows().any(below)
    }

    /// Every flag of `path`, with two dashes.
    pub fn flag_names(&self, path: &str) -> Vec<String> {
        let mut names: Vec<String> = self.level(path).flags().map(|(name, ..)| format!("--{name}")).collect();
        names.push("--help".to_owned());
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The arity of the flag with this long name, without dashes.
    pub fn arity(&self, path: &str, name: &str) -> Option<Arity> {
        self.level(path).arity(&self.normal(name))
    }

    fn level(&self, path: &str) -> Level {
        let own = self.rows().filter(|row| row.path == path && !path.is_empty());
        Level { rows: own.chain(self.rows().filter(|row| row.path.is_empty())).collect() }
    }

    fn normal<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if self.underscores && name.contains('_') { name.replace('_', "-").into() } else { name.into() }
    }

    /// The command below `path` that `word` names.
    fn child(&self, path: &str, word: &str) -> Option<&'static str> {
        let is_named = |row: &&Row| {
            let below = if path.is_empty() {
                Some(row.path)
            } else {
                row.path.strip_prefix(path).and_then(|rest| rest.strip_prefix(' '))
            };
            below.is_some_and(|name| {
                let is_alias = || !row.aliases.is_empty() && row.aliases.split(' ').any(|one| one == word);
                (name == word || is_alias()) && !name.is_empty() && !name.contains(' ')
            })
        };
        self.rows().find(is_named).map(|row| row.path)
    }

    /// That `arguments` name one command, however the flags are read that the
    /// table lacks.
    ///
    /// # Errors
    /// Where they may name two.
    pub fn certain(&self, tool: &str, arguments: &[OsString]) -> Result<(), CommandError> {
        match Finder::new(self, arguments).choose().1 {
            None => Ok(()),
            Some(flag) => Err(CommandError::Doubtful { tool: tool.to_owned(), flag: sanitize::word(&flag) }),
        }
    }

    /// Takes `arguments` apart. Of a line that may name two commands it takes
    /// the one that cobra finds where it knows no more flags than the table.
    pub fn parse(&self, arguments: &[OsString]) -> Parsed {
        let (found, _) = Finder::new(self, arguments).choose();
        let mut parsed = Parsed { unknown_flag: !found.bare.is_empty(), ..Parsed::default() };
        parsed.path = found.path.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        let rest = arguments.iter().enumerate().filter(|(at, _)| !found.words.contains(at));
        self.read_flags(&self.level(found.path), rest, &mut parsed);
        parsed.words = found.words;
        parsed
    }

    /// Reads flags and operands as pflag does.
    fn read_flags<'a>(
        &self,
        level: &Level,
        mut words: impl Iterator<Item = (usize, &'a OsString)>,
        parsed: &mut Parsed,
    ) {
        while let Some((at, word)) = words.next() {
            let bytes = word.as_bytes();
            if bytes == b"--" {
                parsed.before_dashes = Some(parsed.operands.len());
                parsed.operands.extend(words.map(|(_, word)| word.clone()));
                return;
            }
            if bytes.len() < 2 || !bytes.starts_with(b"-") {
                parsed.operands.push(word.clone());
            } else if let Some(body) = bytes.strip_prefix(b"--") {
                let (name, value) = split_value(body);
                let name = String::from_utf8_lossy(name);
                let name = self.normal(&name);
                let arity = level.arity(&name).or((name == "help").then_some(Arity::Boolean));
                let (end, value) = match (arity, value) {
                    (Some(Arity::Value), None) => next(at, &mut words),
                    (_, value) => (at, value.map(|value| OsStr::from_bytes(value).to_owned())),
                };
                parsed.unknown_flag |= arity.is_none();
                parsed.push(format!("--{name}"), value, [at, end]);
            } else {
                read_letters(level, at, bytes.get(1..).unwrap_or_default(), &mut words, parsed);
            }
        }
    }
}

/// The next word as a value, with its place.
fn next<'a>(at: usize, words: &mut impl Iterator<Item = (usize, &'a OsString)>) -> (usize, Option<OsString>) {
    words.next().map_or((at, None), |(end, word)| (end, Some(word.clone())))
}

/// Reads a word of short flags: letters without a value, of which the last may
/// have one.
fn read_letters<'a>(
    level: &Level,
    at: usize,
    letters: &[u8],
    words: &mut impl Iterator<Item = (usize, &'a OsString)>,
    parsed: &mut Parsed,
) {
    let mut rest = letters;
    while let Some((letter, after)) = rest.split_first() {
        let letter = char::from(*letter);
        let found = level.letter(letter).or((letter == 'h').then_some(("help", Arity::Boolean)));
        let Some((name, arity)) = found else {
            parsed.unknown_flag = true;
            let value = after.strip_prefix(b"=").map(|value| OsStr::from_bytes(value).to_owned());
            parsed.push(format!("-{letter}"), value, [at, at]);
            rest = if after.starts_with(b"=") { &[] } else { after };
            continue;
        };
        let assigned = after.strip_prefix(b"=").filter(|value| !value.is_empty());
        let (end, value) = match (assigned, arity) {
            (Some(value), _) => (at, Some(OsStr::from_bytes(value).to_owned())),
            (None, Arity::Boolean | Arity::Optional) => (at, None),
            (None, Arity::Value) if after.is_empty() => next(at, words),
            (None, Arity::Value) => (at, Some(OsStr::from_bytes(after).to_owned())),
        };
        let takes_rest = assigned.is_some() || arity == Arity::Value;
        parsed.push(format!("--{name}"), value, [at, end]);
        rest = if takes_rest { &[] } else { after };
    }
}

/// The flags that count at one command.
struct Level {
    /// The command's own rows first, since a flag of every command gives way
    /// to one of that name.
    rows: Vec<&'static Row>,
}

impl Level {
    /// The long name, the letter and the arity of each flag.
    fn flags(&self) -> impl Iterator<Item = (&'static str, &'static str, Arity)> {
        self.rows.iter().flat_map(|row| row.flags())
    }

    fn arity(&self, name: &str) -> Option<Arity> {
        self.flags().find(|(long, ..)| *long == name).map(|(.., arity)| arity)
    }

    /// The flag with this letter.
    fn letter(&self, letter: char) -> Option<(&'static str, Arity)> {
        let has_letter = |short: &str| short.chars().eq([letter]);
        let (name, ..) = self.flags().find(|(_, short, _)| has_letter(short))?;
        // `config set-context` has its own `--namespace`, without the letter.
        let named = self.flags().find(|(long, ..)| *long == name);
        named.filter(|(_, short, _)| has_letter(short)).map(|(name, _, arity)| (name, arity))
    }
}

impl Row {
    /// The long name, the letter and the arity of each flag.
    fn flags(&self) -> impl Iterator<Item = (&'static str, &'static str, Arity)> + use<> {
        let lists =
            [(self.booleans, Arity::Boolean), (self.values, Arity::Value), (self.optional, Arity::Optional)];
        lists.into_iter().flat_map(|(list, arity)| {
            list.split(' ').filter(|flag| !flag.is_empty()).map(move |flag| {
                let (name, letter) = flag.split_once(':').unwrap_or((flag, ""));
                (name, letter, arity)
            })
        })
    }
}

impl Parsed {
    fn push(&mut self, name: String, value: Option<OsString>, place: [usize; 2]) {
        self.flags.push(Flag { name, value });
        self.places.push(place);
    }

    /// The last value given for a boolean flag; `None` where it is absent or no
    /// boolean.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        self.flags.iter().rev().find(|flag| flag.name == name).and_then(Flag::boolean)
    }
}

#[cfg(test)]
mod tests;
