//! The verdict on one thing that was done.

use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::audit::redact;
use crate::command::declared::{Surroundings, redirection};
use crate::context::principal::Principal;
use crate::gate::line::{Books, judge_runs};
use crate::gate::{Assumptions, GateError, Inquiry, Judged, judged};
use crate::invocation::line;
use crate::invocation::replay::Deed;
use crate::process::{Environment, Executable, Process, User};
use crate::rules::layers::Directories;
use crate::shell::inner::Place;
use crate::shell::walk::{self, Form, NoScripts, Typing};
use crate::ui::sanitize;
use crate::verdict::{Decision, Risk};

/// How much of a command is kept, in characters.
pub(super) const SHOWN: usize = 400;

/// What would have been stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// The whole line, fit to be shown: without secrets, and not endless.
    pub command: String,
    /// The command of it that decides, where the line as it is shown does not hold it.
    pub part: Option<String>,
    /// The rule that decides.
    pub rule: String,
    /// What it asks for.
    pub decision: Decision,
    /// How much was at stake.
    pub risk: Risk,
    /// Why.
    pub reason: String,
    /// A safer command.
    pub safer: Option<String>,
    /// The directory, where it is known.
    pub directory: Option<PathBuf>,
}

/// A process that knows the rulebook and its user, and nothing of here and now.
#[derive(Clone, Debug)]
pub(super) struct Apart {
    environment: Environment,
    user: User,
    now: Timestamp,
    directory: Option<PathBuf>,
}

impl Apart {
    pub(super) fn of(process: &dyn Process) -> Self {
        let home = line::home(process).map(PathBuf::from);
        Self {
            environment: process.environment().clone(),
            user: User { home, ..process.user().clone() },
            now: process.now(),
            directory: process.current_dir().ok(),
        }
    }
}

impl Process for Apart {
    fn arguments(&self) -> &[std::ffi::OsString] {
        &[]
    }

    fn environment(&self) -> &Environment {
        &self.environment
    }

    fn current_dir(&self) -> io::Result<PathBuf> {
        self.directory.clone().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn user(&self) -> &User {
        &self.user
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn replace(&self, _: &Executable) -> io::Error {
        io::Error::from(io::ErrorKind::Unsupported)
    }
}

/// Judges what was done.
pub struct Judge {
    process: Apart,
    books: Books,
}

impl Judge {
    /// One that judges by the rulebook that counts in the working directory.
    ///
    /// # Errors
    /// Where a layer of it is wrong.
    pub fn new(process: &dyn Process) -> Result<Self, GateError> {
        Self::apart(Apart::of(process))
    }

    pub(super) fn apart(process: Apart) -> Result<Self, GateError> {
        let books = Books::only(&process, process.directory.as_ref())?;
        Ok(Self { process: Apart { environment: Environment::default(), ..process }, books })
    }

    /// What would have stopped this; `None` where nothing would.
    ///
    /// # Errors
    /// Where a layer of the rulebook is wrong.
    pub fn stopped(
        &mut self,
        deeds: &[Deed],
        directory: Option<&PathBuf>,
        typing: Typing,
        who: &Principal,
    ) -> Result<Option<Stopped>, GateError> {
        let assumptions =
            Assumptions { principal: Some(who.clone()), typing, detached: true, ..Assumptions::default() };
        let mut gravest: Option<Stopped> = None;
        for deed in deeds {
            let found = match deed {
                Deed::Line(text) => self.line(text, directory, &assumptions)?,
                Deed::Edit(path) => self.edit(path, directory, &assumptions)?,
            };
            let weight = |one: &Stopped| (one.decision, one.risk);
            if let Some(found) =
                found.filter(|found| gravest.as_ref().is_none_or(|gravest| weight(found) > weight(gravest)))
            {
                gravest = Some(found);
            }
        }
        Ok(gravest)
    }

    fn line(
        &mut self,
        text: &[u8],
        directory: Option<&PathBuf>,
        assumptions: &Assumptions,
    ) -> Result<Option<Stopped>, GateError> {
        let surroundings = walk::Surroundings {
            directory: directory.map(PathBuf::as_path),
            home: self.process.user.home.as_deref(),
            inherited: &|_| false,
            scripts: &NoScripts,
            place: Place::Here,
            typing: assumptions.typing,
            form: Form::Line,
        };
        let runs = walk::read(text, surroundings);
        let line = judge_runs(&self.process, &runs, directory, assumptions, Some(&mut self.books))?;
        let Some(part) = line.leading().filter(|_| line.decision() > Decision::Allow) else {
            return Ok(None);
        };
        let parts: Vec<String> = line.commands.iter().map(|part| redact::shown(&part.words)).collect();
        let secrets = |text: &str| text.matches(redact::REDACTED).count();
        let whole = whole(text);
        let own = redact::shown_within(text, &part.words);
        // What is known to be secret of a command may not be seen in the text around it.
        let hides = parts.iter().all(|part| secrets(part) <= secrets(&whole));
        let command = if hides || own.is_empty() { shortened(whole) } else { own.clone() };
        let part_shown = (!own.is_empty() && !command.contains(&own)).then(|| shortened(own));
        Ok(Some(Stopped { part: part_shown, ..stopped(command, &part.judged, directory) }))
    }

    fn edit(
        &mut self,
        path: &Path,
        directory: Option<&PathBuf>,
        assumptions: &Assumptions,
    ) -> Result<Option<Stopped>, GateError> {
        let surroundings = Surroundings {
            directory: directory.map(PathBuf::as_path),
            base: None,
            home: self.process.user.home.as_deref(),
            environment: &self.process.environment,
            input: None,
        };
        let command = redirection("edit", path.as_os_str(), &surroundings);
        let book = self.books.get(&self.process, Vec::new())?;
        let places = Directories::of(&self.process);
        let inquiry = Inquiry { command, places, book, directory: directory.cloned() };
        let judged = judged(&self.process, &inquiry, assumptions);
        let command = redact::shown(&["edit".as_ref(), path.as_os_str()]);
        Ok((judged.judgement.decision > Decision::Allow).then(|| stopped(command, &judged, directory)))
    }
}

fn stopped(command: String, judged: &Judged, directory: Option<&PathBuf>) -> Stopped {
    let leading = judged.judgement.leading();
    Stopped {
        command: shortened(command),
        part: None,
        rule: leading.map(|one| one.rule.clone()).unwrap_or_default(),
        decision: judged.judgement.decision,
        risk: judged.judgement.risk,
        reason: leading.and_then(|one| one.reason.clone()).unwrap_or_default(),
        safer: leading.and_then(|one| one.safer.clone()),
        directory: directory.cloned(),
    }
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

/// A line for people, each command of it without its secrets.
fn whole(text: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(text).chars().take(4 * SHOWN).collect();
    let Ok(words) = shell_words::split(&apart(&text)) else { return unread(&text) };
    let mut line = String::new();
    for command in words.chunk_by(|one, other| !is_sign(one) && !is_sign(other)) {
        let shown = match command {
            [sign] if is_sign(sign) => sign.clone(),
            command => redact::shown(command),
        };
        let blank = if line.is_empty() || shown == ";" { "" } else { " " };
        line.push_str(blank);
        line.push_str(&shown);
    }
    line
}

fn is_sign(word: &str) -> bool {
    [";", "|", "||", "&", "&&", ";;", "|&"].contains(&word)
}

/// The text with a blank before and behind each sign that ends a command.
fn apart(text: &str) -> String {
    let (mut spaced, mut quote, mut escaped) = (String::new(), None, false);
    let mut before = ' ';
    let mut characters = text.trim().chars().peekable();
    while let Some(character) = characters.next() {
        let plain = quote.is_none() && !escaped;
        match character {
            '\n' if plain => spaced.push_str(if is_sign(&before.to_string()) { " " } else { " ; " }),
            ';' | '|' | '&' if plain && !['>', '<'].contains(&before) && characters.peek() != Some(&'>') => {
                if before != character {
                    spaced.push(' ');
                }
                spaced.push(character);
                if characters.peek() != Some(&character) {
                    spaced.push(' ');
                }
            }
            other => spaced.push(other),
        }
        match (character, quote) {
            ('\'' | '"', None) if !escaped => quote = Some(character),
            (end, Some(open)) if end == open && !escaped => quote = None,
            _ => {}
        }
        escaped = character == '\\' && !escaped && quote != Some('\'');
        before = if character.is_whitespace() && is_sign(&before.to_string()) { before } else { character };
    }
    spaced
}

/// A line that cannot be read as one, for people: each part of it that may be a command
/// for itself, as far as it is shown. What stands behind a secret in the same quotes is
/// one with it.
fn unread(text: &str) -> String {
    let mut line = String::new();
    let mut open: Option<char> = None;
    for part in text.split_inclusive(['|', ';', '&', '(', ')', '{', '}', '`', '\n']) {
        let whole = redact::shown(&[part]);
        if whole.contains(redact::REDACTED) && open.is_none() {
            line.push_str(&whole);
            continue;
        }
        let words: Vec<&str> = part.split_whitespace().collect();
        // Of words without a blank each is shown without one.
        let shown = redact::shown(&words);
        for (word, shown) in words.iter().zip(shown.split(' ')) {
            if let Some(quote) = open {
                open = open.filter(|_| !word.contains(quote));
                continue;
            }
            let blank = if line.is_empty() || line.ends_with(['(', '`', '{']) { "" } else { " " };
            line.push_str(blank);
            if shown.contains(redact::REDACTED) {
                line.push_str(shown);
                open = ['"', '\''].into_iter().find(|quote| word.matches(*quote).count() % 2 == 1);
            } else {
                line.push_str(&sanitize::text(word));
            }
        }
    }
    line
}
