//! A file of shell lines, one a line, as `check --batch` takes them.

use super::places::Place;
use super::{Reader, Sink, Skipped, Source, typed};
use crate::process::Process;

/// A file of lines.
pub(super) struct Lines;

impl Source for Lines {
    fn name(&self) -> &'static str {
        "lines"
    }

    fn places(&self, _: &dyn Process) -> Vec<Place> {
        Vec::new()
    }

    fn is(&self, head: &[u8]) -> bool {
        // JSON of another kind, or no text at all, would be read as nonsense.
        !head.contains(&0) && !head.trim_ascii_start().starts_with(b"{\"")
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(EachLine)
    }
}

struct EachLine;

impl Reader for EachLine {
    fn line(&mut self, line: &[u8], number: u64, sink: &mut Sink<'_>) -> Result<(), Skipped> {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        typed(line.to_vec(), None, number).map(sink);
        Ok(())
    }

    fn end(&mut self, _: &mut Sink<'_>) {}
}
