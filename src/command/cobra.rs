//! Command lines as Go's `cobra` and `pflag` read them: `kubectl` and `helm`.
//!
//! The command is found before any flag is read: cobra takes out of the
//! arguments what looks like a flag, with the next word where the flag takes a
//! value, and takes a flag that it does not know *at that level* for one that
//! does. So `-l app=x delete pods` deletes. Only then are the flags read, with
//! the found command's own table.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use super::Flag;
use super::generic::split_value;

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
}

impl Table {
    fn rows(&self) -> impl Iterator<Item = &'static Row> {
        self.rows.iter().flat_map(|part| part.iter())
    }

    /// Every command, groups included, without the root.
    pub fn commands(&self) -> impl Iterator<Item = &'static str> {
        let rows = self.rows().map(|row| row.path).filter(|path| !path.is_empty());
        // A part that adds flags to a command repeats it.
        let mut seen = std::collections::HashSet::new();
        rows.filter(move |path| seen.insert(*path))
    }

    /// Whether this word is a command by itself.
    pub fn has_top_level(&self, name: &str) -> bool {
        self.child("", name).is_some()
    }

    /// Whether other commands stand below this one.
    pub fn is_group(&self, path: &[String]) -> bool {
        let prefix = format!("{} ", path.join(" "));
        path.is_empty() || self.rows().any(|row| row.path.starts_with(&prefix))
    }

    /// The long name, the letter and the arity of every flag that `path` has:
    /// its own first, since one of every command gives way to one of that name.
    fn flags<'a>(
        &self,
        path: &'a str,
    ) -> impl Iterator<Item = (&'static str, &'static str, Arity)> + use<'a> {
        let rows = self.rows;
        let rows = || rows.iter().flat_map(|part| part.iter());
        let own = rows().filter(move |row| row.path == path && !path.is_empty());
        let all = own.chain(rows().filter(|row| row.path.is_empty()));
        all.flat_map(|row| {
            let lists =
                [(row.booleans, Arity::Boolean), (row.values, Arity::Value), (row.optional, Arity::Optional)];
            lists.into_iter().flat_map(|(list, arity)| {
                let flags = list.split(' ').filter(|flag| !flag.is_empty());
                flags.map(move |flag| {
                    let (name, letter) = flag.split_once(':').unwrap_or((flag, ""));
                    (name, letter, arity)
                })
            })
        })
    }

    /// Every flag of `path`, with two dashes.
    pub fn flag_names(&self, path: &str) -> Vec<String> {
        let mut names: Vec<String> = self.flags(path).map(|(name, ..)| format!("--{name}")).collect();
        names.push("--help".to_owned());
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The arity of the flag with this long name, without dashes.
    pub fn arity(&self, path: &str, name: &str) -> Option<Arity> {
        let name = self.normal(name);
        self.flags(path).find(|(long, ..)| *long == name).map(|(.., arity)| arity)
    }

    /// The flag with this letter.
    fn letter(&self, path: &str, letter: &str) -> Option<(&'static str, Arity)> {
        let (name, ..) = self.flags(path).find(|(_, short, _)| !short.is_empty() && *short == letter)?;
        // `config set-context` has its own `--namespace`, without the letter.
        let mut named = self.flags(path).filter(|(long, ..)| *long == name);
        named.next().filter(|(_, short, _)| *short == letter).map(|(name, _, arity)| (name, arity))
    }

    fn normal(&self, name: &str) -> String {
        if self.underscores { name.replace('_', "-") } else { name.to_owned() }
    }

    /// The command below `path` that `word` names.
    fn child(&self, path: &str, word: &str) -> Option<&'static str> {
        let of_parent = |row: &&Row| {
            row.path.rsplit_once(' ').unwrap_or(("", row.path)).0 == path && !row.path.is_empty()
        };
        self.rows().filter(of_parent).find_map(|row| {
            let name = row.path.rsplit(' ').next().unwrap_or_default();
            (name == word || row.aliases.split(' ').any(|alias| alias == word && !alias.is_empty()))
                .then_some(row.path)
        })
    }

    /// Whether cobra, looking for a command below `path`, takes the next word
    /// for the value of `word`. A flag that is not known there takes one, and
    /// `--help` is not known yet. With `lenient`, one that no command of the
    /// table has takes none.
    fn skips_next(&self, path: &str, word: &[u8], lenient: bool) -> bool {
        if word.contains(&b'=') || !word.starts_with(b"-") {
            return false;
        }
        let arity = if let Some(name) = word.strip_prefix(b"--") {
            self.arity(path, &String::from_utf8_lossy(name))
        } else if word.len() == 2 {
            let letter = String::from_utf8_lossy(word.get(1..).unwrap_or_default()).into_owned();
            self.letter(path, &letter).map(|(_, arity)| arity)
        } else {
            return false;
        };
        match arity {
            Some(Arity::Value) => true,
            Some(Arity::Boolean | Arity::Optional) => false,
            None => !(lenient && word.starts_with(b"--") && self.is_nowhere(word)),
        }
    }

    /// Whether no command of the table has this flag.
    fn is_nowhere(&self, flag: &[u8]) -> bool {
        let name = self.normal(&String::from_utf8_lossy(flag.get(2..).unwrap_or_default()));
        name != "help" && self.rows().all(|row| self.arity(row.path, &name).is_none())
    }

    /// The first word below `path` that can name a command.
    fn first_word(&self, path: &str, arguments: &[OsString], lenient: bool) -> Option<usize> {
        let mut at = 0;
        while let Some(word) = arguments.get(at) {
            let bytes = word.as_bytes();
            if bytes == b"--" {
                return None;
            }
            if self.skips_next(path, bytes, lenient) {
                if at + 2 >= arguments.len() {
                    return None;
                }
                at += 2;
                continue;
            }
            if !bytes.is_empty() && !bytes.starts_with(b"-") {
                return Some(at);
            }
            at += 1;
        }
        None
    }

    /// Finds the command, and returns the arguments without its words. With
    /// `lenient`, a flag that is not known before the command takes no value.
    fn find(&self, arguments: &[OsString], lenient: bool) -> (&'static str, Vec<OsString>) {
        let mut path = "";
        let mut rest = arguments.to_vec();
        while let Some(at) = self.first_word(path, &rest, lenient) {
            let word = rest.get(at).map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
            let Some(child) = self.child(path, &word) else { break };
            path = child;
            rest.remove(at);
        }
        (path, rest)
    }

    /// Takes `arguments` apart.
    pub fn parse(&self, arguments: &[OsString]) -> Parsed {
        let (mut path, mut rest) = self.find(arguments, false);
        let mut unknown_flag = false;
        if path.is_empty() {
            // A newer version may know a flag as boolean that this table lacks.
            let (lenient, lenient_rest) = self.find(arguments, true);
            if !lenient.is_empty() {
                unknown_flag = true;
                (path, rest) = (lenient, lenient_rest);
            }
        }
        let mut parsed = Parsed { unknown_flag, ..Parsed::default() };
        parsed.path = path.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        self.read_flags(path, &rest, &mut parsed);
        parsed
    }

    /// Reads flags and operands as pflag does.
    fn read_flags(&self, path: &str, arguments: &[OsString], parsed: &mut Parsed) {
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let bytes = word.as_bytes();
            if bytes == b"--" {
                parsed.before_dashes = Some(parsed.operands.len());
                parsed.operands.extend(words.cloned());
                return;
            }
            if bytes.len() < 2 || !bytes.starts_with(b"-") {
                parsed.operands.push(word.clone());
            } else if let Some(body) = bytes.strip_prefix(b"--") {
                let (name, value) = split_value(body);
                let name = self.normal(&String::from_utf8_lossy(name));
                let value = value.map(|value| OsStr::from_bytes(value).to_owned());
                let arity = self.arity(path, &name).or((name == "help").then_some(Arity::Boolean));
                let value = match (arity, value) {
                    (Some(Arity::Value), None) => words.next().cloned(),
                    (arity, value) => {
                        parsed.unknown_flag |= arity.is_none();
                        value
                    }
                };
                parsed.flags.push(Flag { name: format!("--{name}"), value });
            } else {
                self.read_letters(path, bytes.get(1..).unwrap_or_default(), &mut words, parsed);
            }
        }
    }

    /// Reads a word of short flags: letters without a value, of which the last
    /// may have one.
    fn read_letters(
        &self,
        path: &str,
        letters: &[u8],
        words: &mut std::slice::Iter<'_, OsString>,
        parsed: &mut Parsed,
    ) {
        let mut rest = letters;
        while let Some((letter, after)) = rest.split_first() {
            let letter = char::from(*letter).to_string();
            let found = self.letter(path, &letter).or((letter == "h").then_some(("help", Arity::Boolean)));
            let Some((name, arity)) = found else {
                parsed.unknown_flag = true;
                let value = after.strip_prefix(b"=").map(|value| OsStr::from_bytes(value).to_owned());
                parsed.flags.push(Flag { name: format!("-{letter}"), value });
                rest = if after.starts_with(b"=") { &[] } else { after };
                continue;
            };
            let assigned = after.strip_prefix(b"=").filter(|value| !value.is_empty());
            let value = match (assigned, arity) {
                (Some(value), _) => Some(OsStr::from_bytes(value).to_owned()),
                (None, Arity::Boolean | Arity::Optional) => None,
                (None, Arity::Value) if after.is_empty() => words.next().cloned(),
                (None, Arity::Value) => Some(OsStr::from_bytes(after).to_owned()),
            };
            let takes_rest = assigned.is_some() || arity == Arity::Value;
            parsed.flags.push(Flag { name: format!("--{name}"), value });
            rest = if takes_rest { &[] } else { after };
        }
    }
}

impl Parsed {
    /// The last value given for a boolean flag; `None` where it is absent or no
    /// boolean.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        self.flags.iter().rev().find(|flag| flag.name == name).and_then(Flag::boolean)
    }
}
