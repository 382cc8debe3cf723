//! What an agent's hook is answered: every command of the line, and every file
//! that a tool of the agent's would change, judged as the agent's.
//!
//! Where a command's program is one of our shims, the shim judges it: it has the
//! expanded arguments, and its refusal carries what a human needs to agree. The
//! hook then has no opinion on that command. It decides on all others; that a
//! human agreed to one in the agent's own prompt counts for that prompt alone.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::approval::{Asker, Foretold};
use super::line::{Books, Line, Part, judge_line};
use super::{Assumptions, GateError, Inquiry, Judged, approval, chain, judged};
use crate::audit::{self, Event, Log, Receipt, redact};
use crate::authorization::request::Needs;
use crate::command::declared;
use crate::context::principal::Principal;
use crate::invocation::hook::{Answer, Asked, Call};
use crate::process::{Environment, Process, Within, absolute};
use crate::rules::layers::Directories;
use crate::shim::real::{self, Finding, Own};
use crate::ui::sanitize;
use crate::verdict::{Decision, PrincipalKind, Risk};

/// How much of a reason is told, in characters.
const LONGEST: usize = 1_500;

/// How long another writer of the record is waited for: the agent waits as well.
const PATIENCE: Duration = Duration::from_millis(1_800);

/// How much of a line is recorded with a refusal, in characters.
const SHOWN: usize = 400;

/// How to go on where no approval can be asked for.
const BY_HAND: &str = "if it is needed, ask the person you work for to run it in a terminal of their own";

/// What stops a call.
struct Stop {
    words: Vec<OsString>,
    /// All that was asked about at once.
    line: String,
    tool: String,
    directory: Option<PathBuf>,
    judged: Judged,
    /// The variables that it would be started with, where it could be run by itself.
    environment: Option<Environment>,
    /// A file of its own tools is never asked about.
    is_edit: bool,
}

/// Judges what `agent` is about to do. It waits until then, but for what it takes to write
/// the answer.
///
/// # Errors
/// Where a layer of the rulebook is wrong.
pub fn answer(process: &dyn Process, agent: &str, call: &Call, until: Instant) -> Result<Answer, GateError> {
    if call.asked.is_empty() {
        return Ok(Answer::NoOpinion);
    }
    let caller = Principal {
        kind: PrincipalKind::Agent,
        name: Some(agent.to_owned()),
        evidence: vec!["its hook".to_owned()],
    };
    let assumptions = Assumptions {
        principal: Some(caller),
        typing: call.typing,
        explained: true,
        ..Assumptions::default()
    };
    let session = process.current_dir().ok();
    let directory = match (&call.directory, &session) {
        (Some(named), Some(session)) => Some(absolute(session, named)),
        (Some(named), None) => Some(named.clone()).filter(|named| named.is_absolute()),
        (None, session) => session.clone(),
    };
    let mut stop: Option<Stop> = None;
    let mut shims = Shims::default();
    for asked in &call.asked {
        let found = match asked {
            Asked::Line(text) | Asked::Elsewhere(text) => {
                // Of what runs elsewhere nobody knows whether a shim is there.
                let here = matches!(asked, Asked::Line(_));
                let line = judge_line(process, text.as_bytes(), directory.as_ref(), &assumptions, None)?;
                strictest(line, text, |part| here && shims.judge(process, part))
            }
            Asked::Edit(path) => edit(process, path, directory.as_ref(), &assumptions)?,
        };
        if let Some(found) =
            found.filter(|found| stop.as_ref().is_none_or(|stop| found.weight() > stop.weight()))
        {
            stop = Some(found);
        }
    }
    Ok(stop.map_or(Answer::NoOpinion, |stop| stop.answer(process, call, until)))
}

/// The part of a line that decides, of those that no shim judges.
fn strictest(line: Line, text: &str, mut is_shims: impl FnMut(&Part) -> bool) -> Option<Stop> {
    let mut found: Option<Stop> = None;
    let alone = line.commands.len() == 1;
    for part in line.commands {
        if part.judged.judgement.decision == Decision::Allow || is_shims(&part) {
            continue;
        }
        // What cannot be read has no words of its own.
        let own = part.words.iter().map(OsString::from).collect::<Vec<_>>();
        let words = if own.is_empty() { vec![text.into()] } else { own };
        // By itself it does the same only where nothing else is on the line.
        let environment = part.basis.filter(|_| alone).map(|basis| basis.environment);
        let stop = Stop {
            words,
            line: text.to_owned(),
            tool: part.command.tool,
            directory: part.directory,
            judged: part.judged,
            environment,
            is_edit: false,
        };
        if found.as_ref().is_none_or(|found| stop.weight() > found.weight()) {
            found = Some(stop);
        }
    }
    found
}

/// A file that is changed by other means than a shell: under the name that was
/// given, and under that of the file which this leads to.
fn edit(
    process: &dyn Process,
    path: &Path,
    directory: Option<&PathBuf>,
    assumptions: &Assumptions,
) -> Result<Option<Stop>, GateError> {
    let named = match directory {
        Some(directory) => absolute(directory, path),
        None => path.to_path_buf(),
    };
    let mut stop = None;
    let mut books = Books::redirections();
    for name in [Some(path.to_path_buf()), resolved(&named)].into_iter().flatten() {
        let book = books.get(process, directory.cloned().into_iter().collect())?;
        let surroundings = declared::Surroundings {
            directory: directory.map(PathBuf::as_path),
            base: None,
            home: process.user().home.as_deref(),
            environment: process.environment(),
            input: None,
        };
        let command = declared::redirection("edit", name.as_os_str(), &surroundings);
        let inquiry =
            Inquiry { command, places: Directories::of(process), book, directory: directory.cloned() };
        let judged = judged(process, &inquiry, assumptions);
        let found = Stop {
            words: vec!["edit".into(), path.into()],
            line: format!("edit {}", path.display()),
            tool: inquiry.command.tool,
            directory: inquiry.directory,
            judged,
            environment: None,
            is_edit: true,
        };
        if found.judged.judgement.decision > Decision::Allow {
            stop.get_or_insert(found);
        }
    }
    Ok(stop)
}

/// How many links are followed to a file that is not there, as the kernel does.
const LINKS: u8 = 40;

/// The file that `path` leads to; of one that is not there yet, by the directory
/// that it would be in, and where the links to it point.
fn resolved(path: &Path) -> Option<PathBuf> {
    let mut path = path.to_path_buf();
    for _ in 0..LINKS {
        if let Ok(found) = path.canonicalize() {
            return Some(found);
        }
        let parent = resolved_directory(path.parent()?)?;
        let inside = parent.join(path.file_name()?);
        match inside.read_link() {
            Ok(target) => path = parent.join(target),
            Err(_) => return Some(inside),
        }
    }
    None
}

/// The same of a directory, from the first one above it that is there.
fn resolved_directory(path: &Path) -> Option<PathBuf> {
    let mut missing: Vec<&OsStr> = Vec::new();
    let mut known = path;
    loop {
        if let Ok(found) = known.canonicalize() {
            return Some(missing.iter().rev().fold(found, |found, name| found.join(name)));
        }
        missing.push(known.file_name()?);
        known = known.parent()?;
    }
}

/// Whether two environments differ in nothing but what a shell sets by itself.
fn is_same(one: &Environment, other: &Environment) -> bool {
    let told = |environment: &Environment| {
        let by_shells = ["PWD", "OLDPWD", "SHLVL", "_"];
        let told = environment.iter().filter(|(name, _)| !by_shells.iter().any(|own| name == own));
        told.map(|(name, value)| (name.to_owned(), value.to_owned())).collect::<BTreeSet<_>>()
    };
    told(one) == told(other)
}

/// The shims on the PATH of this process, which its agent's shell has as well.
#[derive(Default)]
struct Shims {
    own: Option<Own>,
}

impl Shims {
    /// Whether the program of `part` is a shim, so that this judges it.
    fn judge(&mut self, process: &dyn Process, part: &Part) -> bool {
        let Some(name) = &part.looked_up else { return false };
        let own = match self.own {
            Some(own) => own,
            None => match Own::of_this_process() {
                Ok(own) => *self.own.insert(own),
                Err(_) => return false,
            },
        };
        let path = process.environment().get("PATH");
        let first = real::first(OsStr::new(name), path, &own);
        // What a directory of the caller's choice holds is not ours to count on, nor
        // what one in front of the shim may hold when the line has gone elsewhere.
        let is_sure = |shim: &Path| {
            let mut before = std::env::split_paths(path.unwrap_or_default());
            before
                .find(|entry| entry.is_relative() || shim.parent() == Some(entry))
                .is_some_and(|entry| entry.is_absolute())
        };
        first.is_some_and(|first| first.finding == Finding::Shim && is_sure(&first.path))
    }
}

impl Stop {
    fn weight(&self) -> (bool, Decision, Risk) {
        (self.is_edit, self.judged.judgement.decision, self.judged.judgement.risk)
    }

    fn answer(&self, process: &dyn Process, call: &Call, until: Instant) -> Answer {
        let asks = call.may_ask && !self.is_edit && self.judged.judgement.decision == Decision::Confirm;
        match self.record(process, asks) {
            Err(why) if asks => {
                let because = format!("the question cannot be recorded: {why}");
                Answer::Deny(self.reason("refused", &because))
            }
            Ok(_) if asks => Answer::Ask(self.reason("confirm", "")),
            recorded => {
                let asked = recorded.ok().and_then(|receipt| self.ask_for(process, call, until, &receipt));
                Answer::Deny(self.reason("refused", asked.as_deref().unwrap_or(BY_HAND)))
            }
        }
    }

    /// Makes a request for somebody's approval, where the command can be run by
    /// itself, and says how it goes on.
    fn ask_for(
        &self,
        process: &dyn Process,
        call: &Call,
        until: Instant,
        receipt: &Receipt,
    ) -> Option<String> {
        // Words alone do not set what the line sets.
        let environment = self.environment.clone().filter(|own| is_same(own, process.environment()))?;
        let within = Within::new(process, environment, self.directory.clone());
        let asker =
            Asker { principal: &self.judged.principal, explanation: call.explanation.as_deref(), until };
        let came = approval::request(&within, &self.words, asker, receipt);
        let words = sanitize::command_line(&self.words);
        let directory =
            self.directory.as_ref().filter(|there| process.current_dir().ok().as_ref() != Some(there));
        let there = directory.map(|there| format!("cd {} && ", sanitize::word(there.as_os_str())));
        let line = format!("{}tollgate exec -- {words}", there.unwrap_or_default());
        let (pending, confirmed) = match came {
            Foretold::Asked(pending, confirmed) => (pending, confirmed),
            Foretold::Late => {
                return Some(format!(
                    "nobody was asked to approve it: finding out what it would do takes longer than a hook has; \
                     to ask, run `{line}`"
                ));
            }
            Foretold::Nothing => return None,
        };
        let id = &pending.request.id;
        if confirmed {
            return Some(format!("request {id} is confirmed, for one run in this form: `{line}`"));
        }
        let how = match pending.request.facts.approval.needs {
            Needs::Peer => format!(
                "a second person signs it (`tollgate approve {}`)",
                sanitize::word(pending.path.as_os_str())
            ),
            _ => format!("the person you work for runs `tollgate approve {id}` in a terminal of their own"),
        };
        Some(format!("approval request {id} waits: {how}, then run `{line}`"))
    }

    /// One line: what, why, what instead, what next.
    fn reason(&self, verdict: &str, next: &str) -> String {
        let judgement = &self.judged.judgement;
        let leading = judgement.leading();
        let rule = leading.map_or("", |leading| leading.rule.as_str());
        let place = self.judged.place.name();
        let mut text = format!(
            "tollgate: {verdict}: {} (rule {rule}, {}, environment {place})",
            redact::shown(&self.words),
            judgement.risk,
        );
        let mut add = |label: &str, value: &str| {
            if !value.is_empty() {
                text = format!("{text}; {label}{value}");
            }
        };
        add("", leading.and_then(|leading| leading.reason.as_deref()).unwrap_or_default());
        add("instead: ", leading.and_then(|leading| leading.safer.as_deref()).unwrap_or_default());
        add("", next);
        let text = sanitize::text(&text);
        text.chars().take(LONGEST).collect()
    }

    /// What was decided, for whoever asks later.
    fn record(&self, process: &dyn Process, asks: bool) -> Result<Receipt, String> {
        let state = Directories::of(process).state.ok_or("there is no home directory to keep a record in")?;
        let log = Log::at(&state).waiting(PATIENCE);
        let result = audit::new_request_id().and_then(|request| {
            let asked = (self.tool.clone(), self.words.clone(), self.directory.clone());
            let subject = self.judged.subject(process, &request, asked);
            let end = if asks {
                Event::Asked { request }
            } else {
                let line: String = self.line.chars().take(SHOWN).collect();
                Event::Refused { request, reason: format!("told no through a hook, about the line {line}") }
            };
            log.append_ended(&Event::Decision(subject), &end, process.now())
        });
        result.map_err(|error| chain(&error))
    }
}
