//! fish's history: `- cmd: COMMAND`, in which `\n` is a line break and `\\` a
//! backslash, then `  when: EPOCH` and the paths that it named.

use jiff::Timestamp;

use super::places::{Place, data, home};
use super::{Reader, Sink, Skipped, Source, seconds, typed};
use crate::process::Process;

/// What an entry begins with.
const COMMAND: &[u8] = b"- cmd: ";

/// fish.
pub(super) struct Fish;

impl Source for Fish {
    fn name(&self) -> &'static str {
        "fish"
    }

    fn places(&self, process: &dyn Process) -> Vec<Place> {
        let own = data(process, "fish").map(|root| Place::Tree { root, begins: "", ends: "_history" });
        own.into_iter().chain(home(process, ".config/fish/fish_history").map(Place::File)).collect()
    }

    fn is(&self, head: &[u8]) -> bool {
        head.starts_with(COMMAND)
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(History::default())
    }
}

/// A command with its escapes read.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut bytes = text.iter();
    let mut plain = Vec::with_capacity(text.len());
    while let Some(&byte) = bytes.next() {
        if byte != b'\\' {
            plain.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b'n') => plain.push(b'\n'),
            Some(b'\\') | None => plain.push(b'\\'),
            Some(&other) => plain.extend([b'\\', other]),
        }
    }
    plain
}

#[derive(Default)]
struct History {
    command: Option<Vec<u8>>,
    time: Option<Timestamp>,
    line: u64,
}

impl Reader for History {
    fn line(&mut self, line: &[u8], number: u64, sink: &mut Sink<'_>) -> Result<(), Skipped> {
        if let Some(command) = line.strip_prefix(COMMAND) {
            self.end(sink);
            (self.command, self.line) = (Some(unescaped(command)), number);
            return Ok(());
        }
        let known = self.command.is_some() && line.starts_with(b"  ");
        if let Some(when) = line.strip_prefix(b"  when: ").filter(|_| known) {
            self.time = seconds(when.trim_ascii());
        }
        if known || line.trim_ascii().is_empty() { Ok(()) } else { Err(Skipped::Broken) }
    }

    fn end(&mut self, sink: &mut Sink<'_>) {
        let time = self.time.take();
        self.command.take().and_then(|command| typed(command, time, self.line)).map(sink);
    }
}
