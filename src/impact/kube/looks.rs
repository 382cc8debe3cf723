//! Asking kubectl: with the user's own credentials, flags and directory, and for all
//! questions about one command together, what it is fed and what can be kept of it among
//! them, only so long.

use std::cell::OnceCell;
use std::ffi::OsString;
use std::io::{self, Write as _};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::objects::{Item, Object, items};
use crate::impact::Subject;
use crate::impact::probe::{Answer, PATIENCE, Probe, ProbeError};
use crate::ui::sanitize;

/// How long all looks at what one command would do may take.
const BUDGET: Duration = Duration::from_secs(4);

/// How long what is somewhere else may take to arrive.
const FETCHING: Duration = Duration::from_secs(30);

/// How many names are taken in.
pub(super) const MOST: usize = 10_000;

/// What kubectl prints where a delete finds nothing.
pub(super) const NONE: &str = "No resources found";

/// What is said of an answer that is something else.
const NO_OBJECTS: &str = "kubectl printed something else than objects";

/// Questions about one command.
#[derive(Debug)]
pub(super) struct Looks<'a> {
    subject: Subject<'a>,
    until: OnceCell<Instant>,
}

impl<'a> Looks<'a> {
    pub(super) fn new(subject: &Subject<'a>) -> Self {
        Self { subject: *subject, until: OnceCell::new() }
    }

    /// When all looks have to be over. The time begins with the first of them: what feeds
    /// the command may take as long as it likes.
    pub(super) fn until(&self) -> Instant {
        *self.until.get_or_init(|| Instant::now() + self.subject.patience(BUDGET))
    }

    fn probe(&self, arguments: Vec<OsString>) -> Result<Probe<'a>, ProbeError> {
        let left = self.until().saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ProbeError::Late(BUDGET));
        }
        let probe = Probe::of(self.subject.program, self.subject.directory, arguments);
        Ok(Probe { patience: left.min(PATIENCE), ..probe })
    }

    /// What it answers, however it ends.
    pub(super) fn ask(&self, arguments: Vec<OsString>) -> Result<Answer, ProbeError> {
        self.probe(arguments).and_then(|probe| probe.ask())
    }

    /// What it prints where it succeeds, or why it does not.
    pub(super) fn printed(&self, arguments: Vec<OsString>) -> Result<Vec<u8>, String> {
        self.probe(arguments).and_then(|probe| probe.printed()).map_err(|error| error.to_string())
    }

    /// The same of what may have to come from elsewhere: the look takes none of the time of the
    /// others. Where that is long, `what` it is is said.
    pub(super) fn fetched(&self, arguments: Vec<OsString>, what: &str) -> Result<Vec<u8>, String> {
        let probe = Probe::of(self.subject.program, self.subject.directory, arguments);
        let probe = Probe { patience: FETCHING, ..probe };
        let (done, waits) = mpsc::channel::<()>();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                if waits.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                    let (what, longest) = (sanitize::text(what), FETCHING.as_secs());
                    let _ = writeln!(io::stderr(), "tollgate: waiting for {what}, {longest} s at most");
                }
            });
            let printed = probe.printed().map_err(|error| error.to_string());
            drop(done);
            printed
        })
    }

    /// The objects that it prints by their names.
    pub(super) fn names(&self, arguments: Vec<OsString>) -> Result<Vec<Object>, String> {
        let printed = self.printed(arguments)?;
        let text = std::str::from_utf8(&printed).map_err(|_| "kubectl printed no text".to_owned())?;
        let lines = text.lines().filter(|line| !line.trim().is_empty() && *line != NONE);
        let objects: Option<Vec<Object>> = lines.map(Object::of_line).collect();
        objects.ok_or_else(|| "kubectl printed something else than names".to_owned())
    }

    /// The objects that it prints as JSON.
    pub(super) fn items(&self, arguments: Vec<OsString>) -> Result<Vec<Item>, String> {
        let printed = self.printed(arguments)?;
        items(&printed).map_err(|_| NO_OBJECTS.to_owned())
    }

    /// Those of the objects that can be had, and why not all of them.
    pub(super) fn some(&self, arguments: Vec<OsString>) -> (Vec<Item>, Option<String>) {
        let answer = match self.ask(arguments) {
            Ok(answer) => answer,
            Err(error) => return (Vec::new(), Some(error.to_string())),
        };
        let why = answer.failure();
        match items(&answer.printed) {
            Ok(found) => (found, why),
            Err(_) => (Vec::new(), Some(why.unwrap_or_else(|| NO_OBJECTS.to_owned()))),
        }
    }
}
