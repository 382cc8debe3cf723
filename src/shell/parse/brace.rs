//! Brace expansion: `{a,b}` and `{1..5}`.

use super::pieces::{Piece, Pieces};
use super::{Read, Reader};
use crate::shell::MAX_DEPTH;
use crate::shell::syntax::{Part, Word};

/// How many words one word may become, before it is a pattern instead.
const MAX_WORDS: usize = 64;

/// An open `{`.
struct Level {
    /// The alternatives that are complete.
    done: Vec<Word>,
    /// The parts of the one that is not.
    pieces: Pieces,
    /// Where that begins.
    from: usize,
}

impl Level {
    fn new(from: usize) -> Self {
        Self { done: Vec::new(), pieces: Pieces::default(), from }
    }
}

impl Reader<'_> {
    /// The parts of a word with its brace expansions.
    pub(super) fn braces(&mut self, pieces: Pieces) -> Read<Vec<Part>> {
        if !pieces.list.iter().any(|piece| matches!(piece, Piece::Mark(..))) {
            return Ok(pieces.plain());
        }
        let mut bottom = Pieces::default();
        let mut open: Vec<Level> = Vec::new();
        for piece in pieces.list {
            match piece {
                Piece::Part(part) => top(&mut bottom, &mut open).join(part),
                Piece::Mark(b'{', at) => {
                    if self.depth.saturating_add(open.len()) >= MAX_DEPTH {
                        return self.fail(format!("more than {MAX_DEPTH} constructs in each other"));
                    }
                    open.push(Level::new(at.saturating_add(1)));
                }
                Piece::Mark(b'}', at) => match open.pop() {
                    Some(level) => self.closed(level, at, top(&mut bottom, &mut open)),
                    None => bottom.literal(b"}", false),
                },
                Piece::Mark(byte, at) => match open.last_mut() {
                    Some(level) => {
                        let parts = std::mem::take(&mut level.pieces).plain();
                        level.done.push(Word { parts, source: self.slice(level.from, at).to_vec() });
                        level.from = at.saturating_add(1);
                    }
                    None => bottom.literal(&[byte], false),
                },
            }
        }
        while let Some(level) = open.pop() {
            demote(level, b"", top(&mut bottom, &mut open));
        }
        let parts = bottom.plain();
        if count(&parts) <= MAX_WORDS {
            return Ok(parts);
        }
        let mut flat = Pieces::default();
        flatten(parts, &mut flat);
        Ok(flat.plain())
    }

    /// A `{` that found its `}`.
    fn closed(&mut self, mut level: Level, at: usize, into: &mut Pieces) {
        if level.done.is_empty() {
            return match sequence(&level.pieces, &mut self.shared.words) {
                Sequence::None => demote(level, b"}", into),
                Sequence::Words(words) => into.part(Part::Brace(words)),
                Sequence::Unknown => {
                    into.glob(b"{");
                    level.pieces.plain().into_iter().for_each(|part| into.join(part));
                    into.glob(b"}");
                }
            };
        }
        let parts = std::mem::take(&mut level.pieces).plain();
        level.done.push(Word { parts, source: self.slice(level.from, at).to_vec() });
        into.part(Part::Brace(level.done));
    }
}

/// What the innermost open brace holds so far.
fn top<'a>(bottom: &'a mut Pieces, open: &'a mut [Level]) -> &'a mut Pieces {
    match open.last_mut() {
        Some(level) => &mut level.pieces,
        None => bottom,
    }
}

/// A brace that expands nothing stands for itself.
fn demote(level: Level, close: &[u8], into: &mut Pieces) {
    into.literal(b"{", false);
    for word in level.done {
        word.parts.into_iter().for_each(|part| into.join(part));
        into.literal(b",", false);
    }
    level.pieces.plain().into_iter().for_each(|part| into.join(part));
    if !close.is_empty() {
        into.literal(close, false);
    }
}

/// How many words the parts become.
fn count(parts: &[Part]) -> usize {
    parts
        .iter()
        .map(|part| match part {
            Part::Brace(words) => {
                words.iter().map(|word| count(&word.parts)).fold(0_usize, usize::saturating_add)
            }
            _ => 1,
        })
        .fold(1, usize::saturating_mul)
}

/// The parts without brace expansions: patterns in their place, and their substitutions.
fn flatten(parts: Vec<Part>, into: &mut Pieces) {
    for part in parts {
        let Part::Brace(words) = part else {
            into.join(part);
            continue;
        };
        let mut before: &[u8] = b"{";
        for word in words {
            into.glob(before);
            before = b",";
            let mut inner = Pieces::default();
            flatten(word.parts, &mut inner);
            for part in inner.plain() {
                match part {
                    Part::Literal { text, .. } => into.glob(&text),
                    part => into.join(part),
                }
            }
        }
        into.glob(b"}");
    }
}

/// What `{…}` without a comma is.
enum Sequence {
    None,
    Words(Vec<Word>),
    Unknown,
}

/// `1..5`, `a..e`, `01..10..2`.
fn sequence(pieces: &Pieces, budget: &mut usize) -> Sequence {
    let text = match pieces.list.as_slice() {
        [Piece::Part(Part::Literal { text, quoted: false })] => text,
        list => {
            let dots = |piece: &Piece| match piece {
                Piece::Part(Part::Literal { text, .. } | Part::Glob(text)) => {
                    text.windows(2).any(|pair| pair == b"..")
                }
                Piece::Part(_) | Piece::Mark(..) => false,
            };
            return if list.iter().any(dots) { Sequence::Unknown } else { Sequence::None };
        }
    };
    let Some(text) = std::str::from_utf8(text).ok().filter(|text| text.contains("..")) else {
        return Sequence::None;
    };
    let fields: Vec<&str> = text.split("..").collect();
    let (first, last, step) = match fields.as_slice() {
        [first, last] => (*first, *last, Some(1)),
        [first, last, step] => (*first, *last, step.parse::<i64>().ok()),
        _ => return Sequence::None,
    };
    let Some(step) = step else { return Sequence::None };
    if let (Ok(from), Ok(to)) = (first.parse::<i64>(), last.parse::<i64>()) {
        let padded = |field: &str| {
            let digits = field.strip_prefix('-').unwrap_or(field);
            digits.len() > 1 && digits.starts_with('0')
        };
        let width = if padded(first) || padded(last) { first.len().max(last.len()) } else { 0 };
        return run(from, to, step, budget, |number| Some(format!("{number:0width$}")));
    }
    match (first.as_bytes(), last.as_bytes()) {
        ([from], [to]) if from.is_ascii_alphabetic() && to.is_ascii_alphabetic() => {
            run(i64::from(*from), i64::from(*to), step, budget, |number| {
                let letter = u8::try_from(number).ok().map(char::from)?;
                // Between `Z` and `a` stand bytes that mean something to a shell.
                letter.is_ascii_alphabetic().then(|| letter.to_string())
            })
        }
        // zsh takes other letters too.
        _ if first.is_empty() || last.is_empty() => Sequence::None,
        _ => Sequence::Unknown,
    }
}

/// The words from one number to another.
fn run(from: i64, to: i64, step: i64, budget: &mut usize, shown: impl Fn(i64) -> Option<String>) -> Sequence {
    let step = step.unsigned_abs().max(1);
    if from.abs_diff(to) / step >= MAX_WORDS as u64 {
        return Sequence::Unknown;
    }
    let Ok(step) = i64::try_from(step) else { return Sequence::Unknown };
    let mut words = Vec::new();
    let mut number = from;
    while if from <= to { number <= to } else { number >= to } {
        let Some(left) = budget.checked_sub(1) else { return Sequence::Unknown };
        *budget = left;
        let Some(text) = shown(number) else { return Sequence::Unknown };
        let text = text.into_bytes();
        words.push(Word { parts: vec![Part::Literal { text: text.clone(), quoted: false }], source: text });
        let next = if from <= to { number.checked_add(step) } else { number.checked_sub(step) };
        match next {
            Some(next) => number = next,
            None => break,
        }
    }
    Sequence::Words(words)
}
