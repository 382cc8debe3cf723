//! bash's history: a line an entry. Where `HISTTIMEFORMAT` is set, each entry stands
//! behind a line `#EPOCH` and may have several lines.

use jiff::Timestamp;

use super::places::{Place, history, home};
use super::{Reader, Sink, Skipped, Source, seconds, typed};
use crate::process::Process;

/// The longest entry, in bytes: a file in which only the first lines have a time would
/// be one entry.
const LONGEST_ENTRY: usize = 64 << 10;

/// bash.
pub(super) struct Bash;

impl Source for Bash {
    fn name(&self) -> &'static str {
        "bash"
    }

    fn places(&self, process: &dyn Process) -> Vec<Place> {
        let named = history(process).into_iter().map(Place::Perhaps);
        named.chain(home(process, ".bash_history").map(Place::File)).collect()
    }

    fn names(&self) -> &'static [&'static str] {
        &["bash_history"]
    }

    fn is(&self, head: &[u8]) -> bool {
        let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        time(first).is_some()
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(History::default())
    }
}

/// The time that a line tells; at least nine digits, as bash has had them since 1973.
fn time(line: &[u8]) -> Option<Timestamp> {
    line.strip_prefix(b"#").filter(|digits| digits.len() >= 9).and_then(seconds)
}

#[derive(Default)]
struct History {
    /// The time that was told last; of the entry that is read.
    time: Option<Timestamp>,
    text: Vec<u8>,
    line: u64,
}

impl History {
    fn flush(&mut self, sink: &mut Sink<'_>) {
        typed(std::mem::take(&mut self.text), self.time, self.line).map(sink);
    }
}

impl Reader for History {
    fn line(&mut self, line: &[u8], number: u64, sink: &mut Sink<'_>) -> Result<(), Skipped> {
        if let Some(time) = time(line) {
            self.flush(sink);
            self.time = Some(time);
            return Ok(());
        }
        let ends = self.time.is_none() || self.text.len() + line.len() > LONGEST_ENTRY;
        if self.text.is_empty() {
            self.line = number;
        } else if ends {
            self.flush(sink);
            self.line = number;
        } else {
            self.text.push(b'\n');
        }
        self.text.extend_from_slice(line);
        if self.time.is_none() {
            self.flush(sink);
        }
        Ok(())
    }

    fn end(&mut self, sink: &mut Sink<'_>) {
        self.flush(sink);
        *self = Self::default();
    }
}
