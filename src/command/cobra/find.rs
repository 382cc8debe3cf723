//! Finding the command among the arguments.

use std::cell::{Cell, OnceCell};
use std::collections::HashSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;

use super::{Arity, Level, Row, Table};

/// How many flags of a line are read both ways.
const BOTH_WAYS: usize = 4;

/// How many flags are looked for one by one, before a set is made of all.
const ONE_BY_ONE: u32 = 8;

/// A command that was found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) path: &'static str,
    /// Which arguments are its words.
    pub(super) words: Vec<usize>,
    /// Which arguments were taken for flags without a value, though nothing
    /// says so, in ascending order.
    pub(super) bare: Vec<usize>,
    /// Which flags were taken for ones with a value, though nothing says so.
    open: Vec<usize>,
}

/// The search for the command, as cobra goes about it.
pub(super) struct Finder<'a> {
    table: &'a Table,
    arguments: &'a [OsString],
    /// Every flag of every command: long names, and letters.
    names: OnceCell<HashSet<(&'static str, bool)>>,
    /// How many were looked for.
    asked: Cell<u32>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(table: &'a Table, arguments: &'a [OsString]) -> Self {
        Self { table, arguments, names: OnceCell::new(), asked: Cell::new(0) }
    }

    /// The command, and a flag that leaves open which one it is. A reading
    /// without a command gives way to one with.
    pub(super) fn choose(&self) -> (Found, Option<OsString>) {
        let mut readings = vec![self.find(Vec::new())];
        let mut at = 0;
        let mut complete = true;
        while let Some(one) = readings.get(at).filter(|_| complete) {
            complete = one.bare.len() + one.open.len() <= BOTH_WAYS;
            let also = |flag: &usize| {
                let mut bare = one.bare.clone();
                bare.insert(bare.partition_point(|other| other < flag), *flag);
                bare
            };
            for bare in one.open.iter().take(BOTH_WAYS).map(also).collect::<Vec<_>>() {
                if complete && readings.iter().all(|reading| reading.bare != bare) {
                    readings.push(self.find(bare));
                }
            }
            at += 1;
        }
        let open = readings.first().and_then(|reading| reading.open.first()).copied();
        let mut commands = readings.iter().map(|reading| reading.path).filter(|path| !path.is_empty());
        let first = commands.next();
        let doubtful = !complete || commands.any(|other| first != Some(other));
        let flag = open.filter(|_| doubtful).and_then(|at| self.arguments.get(at)).cloned();
        let chosen = readings.iter().position(|reading| !reading.path.is_empty()).unwrap_or_default();
        (readings.swap_remove(chosen), flag)
    }

    /// Finds the command where the arguments `bare` take no value.
    fn find(&self, bare: Vec<usize>) -> Found {
        let mut found = Found { bare, ..Found::default() };
        while self.table.has_children(found.path) {
            let Some(at) = self.first_word(&mut found) else { break };
            let word = self.arguments.get(at).and_then(|word| word.to_str());
            let Some(child) = word.and_then(|word| self.table.child(found.path, word)) else { break };
            found.path = child;
            found.words.push(at);
        }
        found.open.sort_unstable();
        found.open.dedup();
        found
    }

    /// The first word, below what was found, that can name a command.
    fn first_word(&self, found: &mut Found) -> Option<usize> {
        let Found { path, words, bare, open } = found;
        let level = self.table.level(path);
        let mut rest = self.arguments.iter().enumerate().filter(|(at, _)| !words.contains(at)).peekable();
        while let Some((at, word)) = rest.next() {
            let bytes = word.as_bytes();
            if bytes == b"--" {
                return None;
            }
            let takes_next = match self.takes_next(&level, bytes) {
                None if bare.contains(&at) => false,
                None => {
                    open.push(at);
                    true
                }
                Some(takes) => takes,
            };
            if takes_next {
                rest.next();
                // cobra looks no further where nothing follows.
                rest.peek()?;
            } else if !bytes.is_empty() && !bytes.starts_with(b"-") {
                return Some(at);
            }
        }
        None
    }

    /// Whether cobra takes the word behind `word` for its value. A flag that is
    /// not known at this level takes one, and `--help` is not known yet. `None`
    /// where no command of the table has the flag.
    fn takes_next(&self, level: &Level, word: &[u8]) -> Option<bool> {
        if word.contains(&b'=') || !word.starts_with(b"-") {
            return Some(false);
        }
        let (arity, is_known) = if let Some(name) = word.strip_prefix(b"--") {
            let name = String::from_utf8_lossy(name);
            let name = self.table.normal(&name);
            let arity = level.arity(&name);
            (arity, arity.is_some() || name == "help" || self.is_somewhere(&name, false))
        } else if let [_, letter] = word {
            let letter = char::from(*letter);
            let arity = level.letter(letter).map(|(_, arity)| arity);
            let text = letter.to_string();
            (arity, arity.is_some() || letter == 'h' || self.is_somewhere(&text, true))
        } else {
            return Some(false);
        };
        is_known.then(|| arity.is_none_or(|arity| arity == Arity::Value))
    }

    /// Whether any command has a flag of this name, or letter.
    fn is_somewhere(&self, name: &str, is_letter: bool) -> bool {
        let all = || self.table.rows().flat_map(Row::flags);
        self.asked.set(self.asked.get().saturating_add(1));
        if self.asked.get() <= ONE_BY_ONE {
            return all().any(|(long, letter, _)| name == if is_letter { letter } else { long });
        }
        let both = || all().flat_map(|(long, letter, _)| [(long, false), (letter, true)]);
        self.names.get_or_init(|| both().collect()).contains(&(name, is_letter))
    }
}
