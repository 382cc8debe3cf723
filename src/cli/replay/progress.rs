//! How far the reading is, where somebody watches and it takes a while.

use std::cell::{Cell, OnceCell};
use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::process::Environment;

/// What is read at once is not worth a bar: less than this, or in less time.
const SHORT: u64 = 1 << 20;
const SOON: Duration = Duration::from_millis(500);

/// How often the clock is looked at, in bytes.
const STEP: u64 = 64 << 10;

/// A bar on standard error; nothing where that is no terminal.
pub(super) struct Progress {
    total: u64,
    watched: bool,
    coloured: bool,
    begun: Instant,
    read: Cell<u64>,
    told: Cell<u64>,
    bar: OnceCell<ProgressBar>,
}

impl Progress {
    /// Over so many bytes; 0 where that is not known.
    pub(super) fn over(total: u64, environment: &Environment) -> Self {
        let dumb = environment.get("TERM").is_some_and(|term| term == "dumb");
        Self {
            total,
            watched: io::stderr().is_terminal() && !dumb,
            coloured: environment.non_empty("NO_COLOR").is_none(),
            begun: Instant::now(),
            read: Cell::new(0),
            told: Cell::new(0),
            bar: OnceCell::new(),
        }
    }

    /// So many more bytes were read.
    pub(super) fn read(&self, bytes: u64) {
        let read = self.read.get() + bytes;
        self.read.set(read);
        if !self.watched || read < self.told.get() + STEP {
            return;
        }
        self.told.set(read);
        if self.bar.get().is_none() && self.total <= SHORT && self.begun.elapsed() < SOON {
            return;
        }
        self.bar.get_or_init(|| self.draw()).set_position(read);
    }

    fn draw(&self) -> ProgressBar {
        let bar = ProgressBar::with_draw_target(Some(self.total), ProgressDrawTarget::stderr());
        let template = match (self.total > 0, self.coloured) {
            (true, true) => "reading {bar:30.cyan} {bytes} of {total_bytes}, {eta} left",
            (true, false) => "reading {bar:30} {bytes} of {total_bytes}, {eta} left",
            (false, _) => "reading {bytes}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar
    }

    /// The bar is gone.
    pub(super) fn end(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}
