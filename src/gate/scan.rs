//! What a person would want to know of a file's commands before it is merged: those
//! that destroy, unprotect, grant or disclose.
//!
//! A file is judged apart from the machine that it is on: nothing of the environment,
//! of a kubeconfig or of a workspace counts, only what stands in it and the rulebook.

mod container;
mod waived;

use std::path::PathBuf;
use std::rc::Rc;

pub use waived::{Scanned, Waived};

use super::line::{Books, Line, Part, judge_runs};
use super::{Assumptions, GateError, Inquiry, judged};
use crate::command::declared::PLAN;
use crate::context::principal::Principal;
use crate::invocation::scan::{Change, Comments, Format, Lines, Passage, Piece, Unread, waivers};
use crate::process::{Environment, Process, Within};
pub use crate::rules::about::{UNREAD, WAIVER};
use crate::rules::book::Rulebook;
use crate::rules::judge::{Contribution, Judgement, UNREADABLE};
use crate::rules::layers::Directories;
use crate::shell::inner::Place;
use crate::verdict::{Decision, Effect, PrincipalKind, Risk};

/// How much of a file that is not read is looked at for a waiver, in bytes.
const MOST_HEAD: usize = 64 << 10;

/// What to do where something cannot be read.
const READ_IT: &str = "let somebody read it and say so: # tollgate: allow scan/unread because …";

/// The same in a file that can hold no comments.
const READ_ALONE: &str =
    "let somebody read it; the format has no comments, so leave the file out once that is done";

/// What a person would want to know before merging.
const EFFECTS: [Effect; 4] = [Effect::Disclose, Effect::Unprotect, Effect::Privilege, Effect::Destroy];

/// A command that somebody should have looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where it stands in its file, in bytes.
    pub at: usize,
    /// The rule that speaks of it.
    pub rule: String,
    /// What it does, the gravest first.
    pub effects: Vec<Effect>,
    /// How much is at stake.
    pub risk: Risk,
    /// Why somebody should have looked at it.
    pub reason: String,
    /// A safer command.
    pub safer: Option<String>,
    /// The command; nothing where a file could not be read.
    pub words: Vec<String>,
    /// What other rules say of the same command, less gravely.
    pub also: Vec<Finding>,
}

impl Finding {
    /// Something at `at` that cannot be read.
    pub fn unread(at: usize, why: impl Into<String>) -> Self {
        Self {
            at,
            rule: UNREAD.to_owned(),
            effects: vec![Effect::Unknown],
            risk: Risk::High,
            reason: why.into(),
            safer: Some(READ_IT.to_owned()),
            words: Vec::new(),
            also: Vec::new(),
        }
    }
}

/// Judges files.
pub struct Scanner<'a> {
    process: Within<'a>,
    directory: Option<PathBuf>,
    books: Books,
    assumptions: Assumptions,
}

impl<'a> Scanner<'a> {
    /// One that judges by the rulebook that counts in the working directory.
    ///
    /// # Errors
    /// Where a layer of it is wrong.
    pub fn new(process: &'a dyn Process) -> Result<Self, GateError> {
        let directory = process.current_dir().ok();
        let books = Books::only(process, directory.as_ref())?;
        let caller = Principal { kind: PrincipalKind::Agent, name: None, evidence: Vec::new() };
        let assumptions = Assumptions { principal: Some(caller), detached: true, ..Assumptions::default() };
        let process = Within::new(process, Environment::default(), directory.clone());
        Ok(Self { process, directory, books, assumptions })
    }

    /// The rulebook that files are judged by.
    ///
    /// # Errors
    /// Where a layer of it is wrong.
    pub fn book(&mut self) -> Result<Rc<Rulebook>, GateError> {
        self.books.get(&self.process, Vec::new())
    }

    /// What is to be told of a file. Of one of which only the beginning is there,
    /// `unread` says why.
    ///
    /// # Errors
    /// Where a layer of the rulebook is wrong.
    pub fn file(
        &mut self,
        format: &dyn Format,
        text: &str,
        unread: Option<String>,
    ) -> Result<Scanned, GateError> {
        let mut findings = Vec::new();
        // Of a file that is not read, only what it begins with can vouch for it.
        let most = if unread.is_some() { MOST_HEAD.min(text.len()) } else { text.len() };
        let most = (0..=most).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        let commented = text.get(..most).unwrap_or_default();
        match unread.map_or_else(|| format.read(text), |why| Err(Unread { at: 0, why })) {
            Ok(pieces) => {
                for piece in &pieces {
                    findings.extend(self.findings(piece, text)?);
                }
            }
            Err(Unread { at, why }) => findings.push(Finding::unread(at, why)),
        }
        let mut findings = merged(findings);
        if format.comments() == Comments::None {
            let advised = |one: &&mut Finding| one.safer.as_deref() == Some(READ_IT);
            findings.iter_mut().filter(advised).for_each(|one| one.safer = Some(READ_ALONE.to_owned()));
        }
        let places: Vec<usize> = findings.iter().map(|finding| finding.at).collect();
        let waivers = waivers(commented, format.comments(), &places);
        Ok(waived::apply(findings, &waivers, &Lines::of(text), &*self.book()?))
    }

    /// What is to be known of a piece of a file that holds `text`.
    ///
    /// # Errors
    /// Where a layer of the rulebook is wrong.
    pub fn findings(&mut self, piece: &Piece, text: &str) -> Result<Vec<Finding>, GateError> {
        match piece {
            Piece::Passage(passage) => self.passage(passage),
            Piece::Change(change) => self.change(change, text),
            Piece::Unread(Unread { at, why }) => Ok(vec![Finding::unread(*at, why)]),
        }
    }

    fn passage(&mut self, passage: &Passage) -> Result<Vec<Finding>, GateError> {
        let directory = self.directory.as_ref();
        let runs = passage.runs(&self.process, directory.map(PathBuf::as_path));
        let Line { commands, .. } =
            judge_runs(&self.process, &runs, directory, &self.assumptions, Some(&mut self.books))?;
        let book = self.books.get(&self.process, Vec::new())?;
        let own = |part: &Part, one: &Contribution| {
            passage.place == Place::Container && container::is_own(&book, part, one, &passage.text)
        };
        let findings = commands.iter().filter_map(|part| {
            let at = passage.origin(part.at.unwrap_or_default());
            finding(&part.judged.judgement, &part.words, at, |one| own(part, one))
        });
        Ok(merged(findings.collect()))
    }

    /// What is to be known of a change of a plan. What is easily undone is no news there: most
    /// plans replace something of which everything stands in the state.
    fn change(&mut self, place: &Change, text: &str) -> Result<Vec<Finding>, GateError> {
        let change = match place.read(text) {
            Ok(Some(change)) => change,
            Ok(None) => return Ok(Vec::new()),
            Err(error) => return Ok(vec![Finding::unread(place.at, error.to_string())]),
        };
        let words = [PLAN, change.action, &change.kind, &change.address].map(str::to_owned);
        let book = self.books.get(&self.process, Vec::new())?;
        let mut findings = Vec::new();
        for command in change.commands() {
            let (places, book) = (Directories::of(&self.process), Rc::clone(&book));
            let inquiry = Inquiry { command, places, book, directory: None };
            let judged = judged(&self.process, &inquiry, &self.assumptions);
            findings.extend(finding(&judged.judgement, &words, place.at, |one| one.risk <= Risk::Low));
        }
        Ok(merged(findings))
    }
}

/// Sorted by place; what one rule says of one command, once. A loop runs one command
/// with many values.
fn merged(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| (a.at, b.risk, &a.rule).cmp(&(b.at, a.risk, &b.rule)));
    let mut merged: Vec<Finding> = Vec::new();
    for finding in findings {
        let same = |one: &&mut Finding| one.at == finding.at && one.rule == finding.rule;
        match merged.iter_mut().rev().take_while(|one| one.at == finding.at).find(same) {
            Some(one) => {
                let new = finding
                    .also
                    .into_iter()
                    .filter(|also| one.also.iter().all(|known| known.rule != also.rule));
                let new: Vec<Finding> = new.collect();
                one.also.extend(new);
            }
            None => merged.push(finding),
        }
    }
    merged
}

/// What is to be known of one command: what its gravest rule says, and what others do,
/// of those that speak not of what is the machine's `own` alone.
fn finding(
    judgement: &Judgement,
    words: &[String],
    at: usize,
    own: impl Fn(&Contribution) -> bool,
) -> Option<Finding> {
    let told = |one: &&Contribution| {
        let counts = one.decision > Decision::Allow && !one.exempt && !own(one);
        counts && one.effects.iter().any(|effect| EFFECTS.contains(effect)) || one.rule == UNREADABLE
    };
    let mut told: Vec<&Contribution> = judgement.contributions.iter().filter(told).collect();
    told.sort_by_key(|one| std::cmp::Reverse(one.risk));
    let mut said = told.into_iter().map(|one| said(one, at, words));
    let gravest = said.next()?;
    let mut also: Vec<Finding> = Vec::new();
    for one in said {
        if one.rule != gravest.rule && also.iter().all(|other| other.rule != one.rule) {
            also.push(one);
        }
    }
    Some(Finding { also, ..gravest })
}

/// What one rule says of a command.
fn said(one: &Contribution, at: usize, words: &[String]) -> Finding {
    let reason = one.reason.clone().unwrap_or_default();
    if one.rule == UNREADABLE {
        let unread = Finding::unread(at, reason);
        if words.is_empty() {
            return unread;
        }
        // Of a command whose program is a variable, everything else can be read.
        return Finding { safer: one.safer.clone(), risk: one.risk, words: words.to_vec(), ..unread };
    }
    Finding {
        at,
        rule: one.rule.clone(),
        effects: one.effects.clone(),
        risk: one.risk,
        reason,
        safer: one.safer.clone(),
        words: words.to_vec(),
        also: Vec::new(),
    }
}
