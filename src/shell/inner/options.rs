//! How a runner's own options are told from the command behind them.
//!
//! A grammar is one line: options apart by spaces, the names of one apart by
//! commas, the first of them the one it is found under. A name of one letter is
//! short (`-u`), a longer one long (`--user`, of which a beginning will do), one
//! with a dash in front is written so (`-exec`). Behind the names stands what it
//! takes: nothing, `=` a value, `==` a value only when attached, `!` a value
//! with which the options end. A lone `*` says that options which are not
//! listed take no value.

use crate::shell::value::{HOLE, HOLES, Value};

/// An option that was found.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The first of its names.
    pub(super) name: &'static str,
    /// Its value, where it takes one and has it.
    pub(super) value: Option<Value>,
}

/// What an option takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Nothing,
    Value,
    Attached,
    Rest,
}

/// What stands at a place.
enum Step {
    /// The options are over; the first operand stands there.
    End(usize),
    /// So they are, and what stands there belongs to the last of them.
    Rest(usize),
    /// An operand.
    Operand,
    /// An option; the next word to read, and where else it may be.
    Next(usize, Option<usize>),
}

/// Options that were read, and where the command may begin.
pub(super) struct Parsed<'a> {
    words: &'a [Value],
    /// The options, in order.
    pub(super) found: Vec<Found>,
    /// Where the first operand stands: several places where that cannot be told.
    starts: Vec<usize>,
    /// How many words follow where the options ended.
    rest: usize,
    /// Every operand, where options may stand behind operands.
    pub(super) operands: Vec<Value>,
}

/// Reads options up to the first operand. A word that is not known may be an
/// option as well as the operand: it counts as both.
pub(super) fn leading<'a>(words: &'a [Value], grammar: &'static str) -> Parsed<'a> {
    let mut parsed = Parsed { words, found: Vec::new(), starts: Vec::new(), rest: 0, operands: Vec::new() };
    let mut pending = vec![0];
    let mut doubted = false;
    let mut seen = vec![false; words.len()];
    while let Some(mut at) = pending.pop() {
        loop {
            match seen.get_mut(at) {
                Some(seen) if !*seen => *seen = true,
                _ => break,
            }
            match step(words, at, grammar, &mut parsed.found) {
                Step::End(end) | Step::Rest(end) => {
                    parsed.starts.push(end);
                    break;
                }
                Step::Operand if words.get(at).is_some_and(starts_unknown) => {
                    // In a row of them only the first counts as the command: what a
                    // later one may be is no better known.
                    if parsed.starts.is_empty() {
                        parsed.starts.push(at);
                    }
                    at += 1;
                }
                Step::Operand => {
                    parsed.starts.push(at);
                    break;
                }
                Step::Next(next, other) => {
                    // One doubt is followed: with more, readings would multiply.
                    if let Some(other) = other.filter(|_| !doubted) {
                        doubted = true;
                        pending.push(other);
                    }
                    at = next;
                }
            }
        }
    }
    parsed.starts.sort_unstable();
    parsed.starts.dedup();
    parsed
}

/// Reads options wherever they stand, and the operands between them.
pub(super) fn anywhere<'a>(words: &'a [Value], grammar: &'static str) -> Parsed<'a> {
    let mut parsed = Parsed { words, found: Vec::new(), starts: Vec::new(), rest: 0, operands: Vec::new() };
    let mut at = 0;
    while let Some(word) = words.get(at) {
        match step(words, at, grammar, &mut parsed.found) {
            Step::Rest(end) => {
                parsed.rest = words.len().saturating_sub(end);
                break;
            }
            Step::End(end) => {
                parsed.rest = words.len().saturating_sub(end);
                parsed.operands.extend(words.iter().skip(end).cloned());
                break;
            }
            Step::Operand => {
                parsed.operands.push(word.clone());
                at += 1;
            }
            Step::Next(next, _) => at = next,
        }
    }
    parsed
}

impl<'a> Parsed<'a> {
    /// Whether one of these options (names apart by spaces) is there.
    pub(super) fn has(&self, names: &str) -> bool {
        self.found.iter().any(|found| names.split(' ').any(|name| name == found.name))
    }

    /// The last value of an option.
    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.values(name).last()
    }

    /// Every value of an option.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &Value> {
        self.found.iter().filter(move |found| found.name == name).filter_map(|found| found.value.as_ref())
    }

    /// How many words stand behind an option with which the options end.
    pub(super) fn behind_rest(&self) -> usize {
        self.rest
    }

    /// What stands behind the options, in each reading that leaves something.
    pub(super) fn tails(&self) -> impl Iterator<Item = &'a [Value]> {
        let words = self.words;
        self.starts.iter().filter_map(move |start| words.get(*start..)).filter(|tail| !tail.is_empty())
    }
}

/// Whether the beginning of a word is not known.
pub(super) fn starts_unknown(word: &Value) -> bool {
    matches!(word.bytes.first(), Some(&(HOLE | HOLES)))
}

fn step(words: &[Value], at: usize, grammar: &'static str, found: &mut Vec<Found>) -> Step {
    let bytes = words.get(at).map_or(&[][..], |word| word.bytes.as_slice());
    match bytes {
        b"--" => Step::End(at + 1),
        [b'-', b'-', name @ ..] => long(words, at, name, grammar, found),
        [b'-', first, ..] => {
            let dashed = single(bytes, grammar);
            match dashed {
                Some((name, takes, value)) => takes_value(words, at, (name, takes), value, found),
                None if *first == HOLE || *first == HOLES => Step::Next(at + 1, Some(at + 2)),
                None => cluster(words, at, bytes.get(1..).unwrap_or_default(), grammar, found),
            }
        }
        _ => Step::Operand,
    }
}

/// The options of a grammar: their names, the first name, and what they take.
fn entries(grammar: &'static str) -> impl Iterator<Item = (&'static str, &'static str, Takes)> {
    grammar.split_ascii_whitespace().map(|entry| {
        let (names, takes) = if let Some(names) = entry.strip_suffix("==") {
            (names, Takes::Attached)
        } else if let Some(names) = entry.strip_suffix('=') {
            (names, Takes::Value)
        } else if let Some(names) = entry.strip_suffix('!') {
            (names, Takes::Rest)
        } else {
            (entry, Takes::Nothing)
        };
        (names, names.split(',').next().unwrap_or(names), takes)
    })
}

fn split_value(bytes: &[u8]) -> (&[u8], Option<Value>) {
    match bytes.iter().position(|byte| *byte == b'=') {
        Some(at) => {
            (bytes.get(..at).unwrap_or_default(), Some(Value::known(bytes.get(at + 1..).unwrap_or_default())))
        }
        None => (bytes, None),
    }
}

/// An option that is written with one dash and more than a letter.
fn single(bytes: &[u8], grammar: &'static str) -> Option<(&'static str, Takes, Option<Value>)> {
    let (written, value) = split_value(bytes);
    entries(grammar)
        .find(|(names, _, _)| names.split(',').any(|name| name.len() > 1 && name.as_bytes() == written))
        .map(|(_, first, takes)| (first, takes, value))
}

fn long(words: &[Value], at: usize, word: &[u8], grammar: &'static str, found: &mut Vec<Found>) -> Step {
    let (written, value) = split_value(word);
    let long = |name: &str| name.len() > 1 && !name.starts_with('-');
    let matches = |exact: bool| {
        entries(grammar).find(|(names, _, _)| {
            names.split(',').filter(|name| long(name)).any(|name| {
                if exact { name.as_bytes() == written } else { name.as_bytes().starts_with(written) }
            })
        })
    };
    match matches(true).or_else(|| matches(false)) {
        Some((_, name, takes)) => takes_value(words, at, (name, takes), value, found),
        None if value.is_some() || grammar.contains('*') => Step::Next(at + 1, None),
        None => Step::Next(at + 1, Some(at + 2)),
    }
}

fn takes_value(
    words: &[Value],
    at: usize,
    (name, takes): (&'static str, Takes),
    attached: Option<Value>,
    found: &mut Vec<Found>,
) -> Step {
    let separate = matches!(takes, Takes::Value | Takes::Rest) && attached.is_none();
    let value = if separate { words.get(at + 1).cloned() } else { attached };
    found.push(Found { name, value });
    let next = at + 1 + usize::from(separate);
    if takes == Takes::Rest { Step::Rest(next) } else { Step::Next(next, None) }
}

/// Letters behind one dash.
fn cluster(
    words: &[Value],
    at: usize,
    letters: &[u8],
    grammar: &'static str,
    found: &mut Vec<Found>,
) -> Step {
    // More letters than there are options are no options.
    let mut letters = letters.get(..64).unwrap_or(letters);
    let mut unlisted = false;
    while let Some((letter, rest)) = letters.split_first() {
        let entry = entries(grammar)
            .find(|(names, _, _)| names.split(',').any(|name| name != "*" && name.as_bytes() == [*letter]));
        match entry {
            Some((_, name, Takes::Nothing)) => found.push(Found { name, value: None }),
            Some((_, name, takes)) => {
                let attached = (!rest.is_empty()).then(|| Value::known(rest));
                return takes_value(words, at, (name, takes), attached, found);
            }
            None => unlisted = true,
        }
        letters = rest;
    }
    let other = (unlisted && !grammar.contains('*')).then_some(at + 2);
    Step::Next(at + 1, other)
}
