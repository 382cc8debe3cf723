//! Shell text to a [`Script`], by the grammar that bash, POSIX sh and zsh share.
//!
//! One reader goes over the bytes once, without a lexer in front: what a byte
//! means depends on the construct around it. Where the shells read the same
//! text differently, the tree holds what any of them would run, or the text is
//! [`Opaque`].
//!
//! # Invariants
//!
//! * A construct is read again only where its beginning is ambiguous (`((`,
//!   `a[`), and only while `Shared::fuel` lasts: so time is linear.
//! * The bodies of here-documents stand behind the line that names them. Where a
//!   text may hold any, a first pass notes where they are and a second one
//!   builds the tree; the first goes into no text that has to be copied
//!   (backticks, bodies), so nesting does not multiply the passes.
//! * Every nested construct passes through `Reader::nested`, which stops at
//!   [`MAX_DEPTH`].

mod arithmetic;
mod assignment;
mod backtick;
mod brace;
mod command;
mod compound;
mod conditional;
mod dialect;
mod dollar;
mod heredoc;
mod leading;
mod list;
mod parameter;
mod pieces;
mod quote;
mod redirection;
#[cfg(test)]
mod tests;
mod word;

use std::borrow::Cow;
use std::collections::HashMap;

use super::syntax::{Join, Script};
use super::{MAX_DEPTH, MAX_LENGTH, Opaque};
pub use dialect::Dialect;
use heredoc::{Body, Pending};

/// Reads shell text.
///
/// # Errors
///
/// Where the text is none that can be read: the reason, with the line.
pub fn parse(text: &[u8]) -> Result<Script, Opaque> {
    within_limit(text).map_err(|unread| Opaque(unread.why))?;
    parsed(text, false, Dialect::Any).map_err(|unread| {
        let before = text.get(..unread.at).unwrap_or(text);
        let line = before.split(|byte| *byte == b'\n').count();
        Opaque(format!("line {line}: {}", unread.reason))
    })
}

/// The same of a script that a known shell runs, with the place of every command.
/// Shells read line by line: what stands behind a command that ends the script, or hands
/// it to another program, is not read.
///
/// # Errors
///
/// Where the text is none that can be read: the reason, with the place.
pub fn parse_script(text: &[u8], dialect: Dialect) -> Result<Script, super::Unread> {
    within_limit(text)?;
    let others: &[Dialect] = if dialect == Dialect::Any { &[Dialect::Sh, Dialect::Zsh] } else { &[] };
    parsed(text, true, dialect)
        .or_else(|why| others.iter().find_map(|other| parsed(text, true, *other).ok()).ok_or(why))
        .or_else(|why| leading::part(text, dialect).ok_or(why))
        .map_err(|Unread { at, reason }| super::Unread { at, why: reason.into_owned() })
}

/// The same of a text within such a script.
///
/// # Errors
///
/// Where the text is none that can be read: the reason, with the line.
pub fn parse_within(text: &[u8], dialect: Dialect) -> Result<Script, Opaque> {
    parse(text).or_else(|why| {
        within_limit(text).map_err(|_| why.clone())?;
        parsed(text, false, dialect).map_err(|_| why)
    })
}

fn within_limit(text: &[u8]) -> Result<(), super::Unread> {
    if text.len() <= MAX_LENGTH {
        return Ok(());
    }
    Err(super::Unread { at: 0, why: format!("the shell text is longer than {MAX_LENGTH} bytes") })
}

fn parsed(text: &[u8], placed: bool, dialect: Dialect) -> Read<Script> {
    let fuel = text.len().saturating_mul(8).saturating_add(4096);
    let mut shared = Shared::new(fuel, placed, dialect);
    let mut script = Reader::read(text, 0, &mut shared, whole)?;
    if shared.sh_differs && dialect.may_be_plain() {
        shared.plain = true;
        let other = Reader::read(text, 0, &mut shared, as_far_as_it_goes)?;
        add_reading(&mut script, other);
    }
    Ok(script)
}

/// Adds what another reading of the same text would run, from where they differ.
fn add_reading(script: &mut Script, other: Script) {
    let same = script.items.iter().zip(&other.items).take_while(|(one, other)| one == other).count();
    let mut join = Some(Join::Then);
    script.items.extend(other.items.into_iter().skip(same).map(|mut item| {
        item.join = join.take().unwrap_or(item.join);
        item
    }));
}

/// Why reading stopped, and where.
#[derive(Debug)]
struct Unread {
    at: usize,
    reason: Cow<'static, str>,
}

type Read<T> = Result<T, Unread>;

/// How many words one text may get from sequences like `{1..5}`.
const MAX_SEQUENCES: usize = 4096;

/// What a reader shares with those of the texts within its own.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Shared {
    /// How many bytes may yet be read a second time.
    fuel: usize,
    /// How many words may yet come from `{1..5}`.
    words: usize,
    /// Set where `$'…'` is read as sh does: a dollar sign and a plain quote.
    plain: bool,
    /// Set where a limit was reached: another reading is no way out.
    limited: bool,
    /// Set where sh reads `$'…'` to another end.
    sh_differs: bool,
    /// Set where the places of commands are asked for.
    placed: bool,
    /// Which shell reads it.
    dialect: Dialect,
}

impl Shared {
    const fn new(fuel: usize, placed: bool, dialect: Dialect) -> Self {
        Self { fuel, words: MAX_SEQUENCES, limited: false, plain: false, sh_differs: false, placed, dialect }
    }
}

/// What reads one text: the whole, what stands in backticks, or a body.
struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    /// Where the part that is being read ends.
    end: usize,
    depth: usize,
    /// Set where this is the text that was asked about, not one within it.
    is_whole: bool,
    /// Set in the first pass, which looks for the bodies of here-documents.
    surveying: bool,
    /// Here-documents of which the body comes at the next line.
    pending: Vec<Pending>,
    /// The bodies that were found, by the place of their operator.
    bodies: HashMap<usize, Body>,
    shared: Shared,
    /// Up to where a `]` was looked for, and the place of the next one.
    bracket: (usize, Option<usize>),
    /// Set within `${ …; }`, of which the `}` need not be a word of its own.
    in_braces: bool,
}

impl<'a> Reader<'a> {
    /// Reads a text in as many passes as it needs.
    fn read<T>(
        text: &[u8],
        depth: usize,
        shared: &mut Shared,
        how: impl Fn(&mut Reader<'_>) -> Read<T>,
    ) -> Read<T> {
        if let Some(at) = text.iter().position(|byte| *byte == 0) {
            return Err(Unread { at, reason: "a NUL byte, which shells drop or stop at".into() });
        }
        let mut bodies = HashMap::new();
        if text.windows(2).any(|pair| pair == b"<<" || pair == b"<\\") {
            let mut survey = Reader::new(text, depth, *shared);
            survey.surveying = true;
            let outcome = how(&mut survey);
            *shared = survey.shared;
            outcome?;
            bodies = survey.bodies;
        }
        let mut reader = Reader::new(text, depth, *shared);
        reader.bodies = bodies;
        let outcome = how(&mut reader);
        *shared = reader.shared;
        outcome
    }

    fn new(text: &'a [u8], depth: usize, shared: Shared) -> Self {
        Self {
            text,
            at: 0,
            end: text.len(),
            depth,
            is_whole: depth == 0,
            surveying: false,
            pending: Vec::new(),
            bodies: HashMap::new(),
            shared,
            bracket: (0, None),
            in_braces: false,
        }
    }

    fn fail<T>(&self, reason: impl Into<Cow<'static, str>>) -> Read<T> {
        Err(Unread { at: self.at, reason: reason.into() })
    }

    /// What stands here cannot stand here.
    fn unexpected<T>(&self) -> Read<T> {
        let rest = self.text.get(self.at..self.end).unwrap_or_default();
        let ends = |byte: &u8| byte.is_ascii_whitespace();
        let length = rest.iter().position(ends).unwrap_or(rest.len()).clamp(1, 20);
        match rest.get(..length) {
            None => self.fail("the text ends too early"),
            Some(b"\n") => self.fail("the line ends too early"),
            Some(word) => self.fail(format!("unexpected `{}`", String::from_utf8_lossy(word).escape_debug())),
        }
    }

    /// Reads a construct that stands in another.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth >= MAX_DEPTH {
            self.shared.limited = true;
            return self.fail(format!("more than {MAX_DEPTH} constructs in each other"));
        }
        self.depth = self.depth.saturating_add(1);
        let outcome = read(self);
        self.depth = self.depth.saturating_sub(1);
        outcome
    }

    /// Goes back to `at`, to read what follows as something else.
    fn retry(&mut self, at: usize) -> Read<()> {
        self.spend(self.at.saturating_sub(at).saturating_add(1))?;
        self.at = at;
        self.bracket = (0, None);
        Ok(())
    }

    /// Counts bytes that are read once more.
    fn spend(&mut self, bytes: usize) -> Read<()> {
        let Some(fuel) = self.shared.fuel.checked_sub(bytes) else {
            self.shared.limited = true;
            return self.fail("too much of the text can be read in two ways");
        };
        self.shared.fuel = fuel;
        Ok(())
    }

    /// The byte at a place, as it is.
    fn byte(&self, at: usize) -> Option<u8> {
        if at < self.end { self.text.get(at).copied() } else { None }
    }

    /// The first place from `at` on that is not within a continued line's end.
    fn joined(&self, mut at: usize) -> usize {
        while self.byte(at) == Some(b'\\') && self.byte(at.saturating_add(1)) == Some(b'\n') {
            at = at.saturating_add(2);
        }
        at
    }

    /// The next byte; continued lines are joined.
    fn peek(&mut self) -> Option<u8> {
        self.at = self.joined(self.at);
        self.byte(self.at)
    }

    /// The byte `ahead` of the next one; continued lines are joined. For small numbers.
    fn look(&self, ahead: usize) -> Option<u8> {
        let mut at = self.joined(self.at);
        for _ in 0..ahead {
            at = self.joined(at.saturating_add(1));
        }
        self.byte(at)
    }

    fn step(&mut self) {
        self.at = self.joined(self.at).saturating_add(1).min(self.end);
    }

    /// Whether these bytes come next.
    fn sees(&self, bytes: &[u8]) -> bool {
        let mut at = self.at;
        bytes.iter().all(|byte| {
            at = self.joined(at);
            let same = self.byte(at) == Some(*byte);
            at = at.saturating_add(1);
            same
        })
    }

    /// Takes these bytes, where they come next.
    fn eat(&mut self, bytes: &[u8]) -> bool {
        let seen = self.sees(bytes);
        if seen {
            for _ in bytes {
                self.step();
            }
        }
        seen
    }

    /// Takes these bytes, which close what was opened at `opened`.
    fn close(&mut self, bytes: &[u8], opened: usize, what: &'static str) -> Read<()> {
        if self.eat(bytes) {
            Ok(())
        } else if self.peek().is_none() {
            Err(Unread { at: opened, reason: format!("{what} is not closed").into() })
        } else {
            self.unexpected()
        }
    }

    fn slice(&self, from: usize, to: usize) -> &'a [u8] {
        self.text.get(from..to).unwrap_or_default()
    }

    /// Skips blanks, and a comment. To be asked where a word may begin.
    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at = self.at.saturating_add(1);
        }
        if self.peek() == Some(b'#') {
            while self.byte(self.at).is_some_and(|byte| byte != b'\n') {
                self.at = self.at.saturating_add(1);
            }
        }
    }

    /// Skips blanks, comments and line ends, with the here-documents behind them.
    fn breaks(&mut self) -> Read<()> {
        self.blanks();
        while self.peek() == Some(b'\n') {
            self.at = self.at.saturating_add(1);
            self.bodies_here()?;
            self.blanks();
        }
        Ok(())
    }
}

/// All of the text as commands.
fn whole(reader: &mut Reader<'_>) -> Read<Script> {
    let script = reader.script()?;
    reader.bodies_at_end();
    if reader.peek().is_some() { reader.unexpected() } else { Ok(script) }
}

/// What a shell runs that reads line by line before it comes to an error.
fn as_far_as_it_goes(reader: &mut Reader<'_>) -> Read<Script> {
    let mut script = Script::default();
    match reader.script_into(&mut script) {
        Err(unread) if reader.shared.limited => return Err(unread),
        _ => reader.bodies_at_end(),
    }
    Ok(script)
}

/// Whether a byte ends an unquoted word.
fn is_meta(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
}

/// Whether a byte may stand in a variable's name.
fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether a variable's name may begin with a byte.
fn starts_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}
