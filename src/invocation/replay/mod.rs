//! What was run before: the histories of shells and the transcripts of agents. One
//! file a source.
//!
//! Files are read line by line, so that their length does not matter, and whatever is
//! in them is taken for what anybody may have written.

mod bash;
mod calls;
mod claude_code;
mod codex;
mod fish;
mod lines;
pub mod places;
mod zsh;

use std::io::{self, BufRead, Read as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::process::Process;
use crate::shell::walk::Typing;
use places::Place;

/// The longest line that is read, in bytes. Agents write what a tool printed, or an
/// image, into one.
pub const LONGEST: usize = 16 << 20;

/// Something that was done, or would have been.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Deed {
    /// A shell ran this.
    Line(Vec<u8>),
    /// An agent's own tool changed this file.
    Edit(PathBuf),
}

/// One entry of a history, or one call of an agent's tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// What was asked for at once; never nothing.
    pub deeds: Vec<Deed>,
    /// When, where that is written down.
    pub time: Option<Timestamp>,
    /// The line of the file that it begins in, from 1.
    pub line: u64,
    /// The directory, where that is written down.
    pub directory: Option<PathBuf>,
    /// What becomes of what is typed into it later.
    pub typing: Typing,
    /// Whether it is written down that it was denied or interrupted, so that it may
    /// not be said to have run.
    pub withheld: bool,
}

/// Why a line of a file is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skipped {
    /// It is cut off, or not of the form that it should be.
    Broken,
    /// It is longer than [`LONGEST`].
    TooLong,
}

/// Where events go.
pub type Sink<'a> = dyn FnMut(Event) + 'a;

/// Reads the files of one source, one after the other.
pub trait Reader {
    /// One line, without its end.
    ///
    /// # Errors
    /// Where it is passed over.
    fn line(&mut self, line: &[u8], number: u64, sink: &mut Sink<'_>) -> Result<(), Skipped>;

    /// The end of a file.
    fn end(&mut self, sink: &mut Sink<'_>);
}

/// Something that keeps what was run.
pub trait Source: Sync {
    /// Its name, for `--from` and for people.
    fn name(&self) -> &'static str;

    /// The agent whose it is; `None` where it is a person's.
    fn agent(&self) -> Option<&'static str> {
        None
    }

    /// Where it is by default.
    fn places(&self, process: &dyn Process) -> Vec<Place>;

    /// What the name of a file of it has in it, where its content tells nothing.
    fn names(&self) -> &'static [&'static str] {
        &[]
    }

    /// Whether a file is of it that begins like this.
    fn is(&self, head: &[u8]) -> bool;

    /// What reads it.
    fn reader(&self) -> Box<dyn Reader>;
}

/// Every source, in the order in which a file's content is tried.
pub const SOURCES: [&dyn Source; 6] =
    [&claude_code::ClaudeCode, &codex::Codex, &zsh::Zsh, &fish::Fish, &bash::Bash, &lines::Lines];

/// The source of this name.
pub fn named(name: &str) -> Option<&'static dyn Source> {
    SOURCES.into_iter().find(|source| source.name() == name)
}

/// The source of a file that begins like this; `None` where it is text of no kind. Of
/// a history without times, which might be lines of any shell, the name tells more.
pub fn recognised(path: &Path, head: &[u8]) -> Option<&'static dyn Source> {
    let by_content = SOURCES.into_iter().find(|source| source.is(head))?;
    if by_content.name() != lines::Lines.name() {
        return Some(by_content);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let by_name = SOURCES.into_iter().find(|source| source.names().iter().any(|part| name.contains(part)));
    Some(by_name.unwrap_or(by_content))
}

/// The shell of a file that `HISTFILE` names. What bash keeps without times has no form.
pub fn shell(path: &Path, head: &[u8]) -> Option<&'static dyn Source> {
    let source = recognised(path, head);
    let unknown = source.is_none_or(|source| source.name() == lines::Lines.name());
    let zsh = path.file_name().is_some_and(|name| name.to_string_lossy().contains("zsh"));
    match (unknown, zsh) {
        (true, true) => Some(&zsh::Zsh),
        (true, false) => Some(&bash::Bash),
        (false, _) => source,
    }
}

/// What was passed over in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Lines that are cut off or of no known form.
    pub broken: u64,
    /// Lines that are too long.
    pub too_long: u64,
}

/// Reads a file to its end. `read` is told of bytes as they are read.
///
/// # Errors
/// Where it cannot be read to its end.
pub fn read(
    input: &mut dyn BufRead,
    reader: &mut dyn Reader,
    sink: &mut Sink<'_>,
    read: &mut dyn FnMut(u64),
) -> io::Result<Passed> {
    let (mut passed, mut line, mut number) = (Passed::default(), Vec::new(), 0);
    loop {
        line.clear();
        let mut length = (&mut *input).take(LONGEST as u64 + 1).read_until(b'\n', &mut line)? as u64;
        if length == 0 {
            break;
        }
        number += 1;
        let mut result = Err(Skipped::TooLong);
        if line.last() == Some(&b'\n') || line.len() <= LONGEST {
            let line = line.strip_suffix(b"\n").unwrap_or(&line);
            result = reader.line(line, number, sink);
        } else {
            length += rest(input)?;
        }
        match result {
            Ok(()) => {}
            Err(Skipped::Broken) => passed.broken += 1,
            Err(Skipped::TooLong) => passed.too_long += 1,
        }
        read(length);
    }
    reader.end(sink);
    Ok(passed)
}

/// Reads on to the end of a line that is too long; how many bytes that were.
fn rest(input: &mut dyn BufRead) -> io::Result<u64> {
    let mut length = 0;
    loop {
        let available = input.fill_buf()?;
        let end = available.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(available.len(), |at| at + 1);
        input.consume(used);
        length += used as u64;
        if end.is_some() || used == 0 {
            return Ok(length);
        }
    }
}

/// The time of so many seconds since 1970, written out.
fn seconds(digits: &[u8]) -> Option<Timestamp> {
    let digits = std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()))?;
    Timestamp::from_second(digits.parse().ok()?).ok()
}

/// A line of a shell that ran it as it is; nothing where it is blank.
fn typed(text: Vec<u8>, time: Option<Timestamp>, line: u64) -> Option<Event> {
    let blank = text.iter().all(u8::is_ascii_whitespace);
    (!blank).then(|| Event { deeds: vec![Deed::Line(text)], time, line, ..Event::default() })
}

#[cfg(test)]
mod tests;
