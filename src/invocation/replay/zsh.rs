//! zsh's history: a line an entry, with `EXTENDED_HISTORY` behind `: EPOCH:DURATION;`.
//! A line break in an entry has a backslash before it, and some bytes are *metafied*:
//! 0x83, then the byte with one bit turned over.

use jiff::Timestamp;

use super::places::{Place, history, home, variable};
use super::{Reader, Sink, Skipped, Source, seconds, typed};
use crate::process::Process;

/// What stands before a byte that zsh needs for itself.
const META: u8 = 0x83;

/// The longest entry, in bytes.
const LONGEST_ENTRY: usize = 1 << 20;

/// zsh.
pub(super) struct Zsh;

impl Source for Zsh {
    fn name(&self) -> &'static str {
        "zsh"
    }

    fn places(&self, process: &dyn Process) -> Vec<Place> {
        let named = history(process).into_iter().map(Place::Perhaps);
        let below = variable(process, "ZDOTDIR").map(|path| path.join(".zsh_history"));
        let usual = [".zsh_history", ".zhistory", ".histfile"].into_iter();
        let usual = usual.filter_map(|name| home(process, name));
        named.chain(below.into_iter().chain(usual).map(Place::File)).collect()
    }

    fn names(&self) -> &'static [&'static str] {
        &["zsh_history", "zhistory"]
    }

    fn is(&self, head: &[u8]) -> bool {
        let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        stamped(first).is_some()
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(History::default())
    }
}

/// The time of `: EPOCH:DURATION;COMMAND`, and the command.
fn stamped(line: &[u8]) -> Option<(Option<Timestamp>, &[u8])> {
    let rest = line.strip_prefix(b": ")?.trim_ascii_start();
    let colon = rest.iter().position(|byte| *byte == b':')?;
    let (time, rest) = rest.split_at_checked(colon)?;
    let rest = rest.strip_prefix(b":")?;
    let end = rest.iter().position(|byte| *byte == b';')?;
    let (duration, command) = rest.split_at_checked(end)?;
    let digits = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    (digits(time) && digits(duration)).then(|| (seconds(time), command.get(1..).unwrap_or_default()))
}

/// The bytes that were meant.
fn unmetafied(text: &[u8]) -> Vec<u8> {
    let mut bytes = text.iter();
    let mut plain = Vec::with_capacity(text.len());
    while let Some(&byte) = bytes.next() {
        match byte {
            META => plain.extend(bytes.next().map(|byte| byte ^ 32)),
            byte => plain.push(byte),
        }
    }
    plain
}

#[derive(Default)]
struct History {
    text: Vec<u8>,
    time: Option<Timestamp>,
    line: u64,
    /// Whether the line before ended with a backslash.
    goes_on: bool,
}

impl History {
    fn flush(&mut self, sink: &mut Sink<'_>) {
        typed(unmetafied(&std::mem::take(&mut self.text)), self.time, self.line).map(sink);
        self.goes_on = false;
    }
}

impl Reader for History {
    fn line(&mut self, line: &[u8], number: u64, sink: &mut Sink<'_>) -> Result<(), Skipped> {
        let mut line = line;
        if self.goes_on {
            self.text.push(b'\n');
        } else {
            (self.time, self.line) = (None, number);
            if let Some((time, command)) = stamped(line) {
                (self.time, line) = (time, command);
            }
        }
        // Whatever stands before the backslash: a typed one and a line break are kept as
        // two, and behind one that ends an entry zsh writes a blank.
        let kept = line.strip_suffix(b"\\");
        self.goes_on = kept.is_some() && self.text.len() < LONGEST_ENTRY;
        self.text.extend_from_slice(kept.unwrap_or(line));
        if !self.goes_on {
            self.flush(sink);
        }
        Ok(())
    }

    fn end(&mut self, sink: &mut Sink<'_>) {
        self.flush(sink);
    }
}
