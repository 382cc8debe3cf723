//! What a person would want to know of a file's commands before it is merged: those
//! that destroy, unprotect, grant or disclose.
//!
//! A file is judged apart from the machine that it is on: nothing of the environment,
//! of a kubeconfig or of a workspace counts, only what stands in it and the rulebook.

use std::path::PathBuf;

use super::line::{Books, Line, Part, judge_runs};
use super::{Assumptions, GateError, Inquiry, judged};
use crate::command::declared::{self, PLAN};
use crate::context::principal::Principal;
use crate::invocation::scan::{Change, Passage, Piece};
use crate::process::{Environment, Process, Within};
use crate::rules::judge::{Contribution, Judgement, UNREADABLE};
use crate::rules::layers::Directories;
use crate::verdict::{Decision, Effect, PrincipalKind, Risk};

/// The id under which a file, or a part of one, is reported that cannot be read.
pub const UNREAD: &str = "scan/unread";

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

    /// What is to be known of a piece of a file.
    ///
    /// # Errors
    /// Where a layer of the rulebook is wrong.
    pub fn findings(&mut self, piece: &Piece) -> Result<Vec<Finding>, GateError> {
        match piece {
            Piece::Passage(passage) => self.passage(passage),
            Piece::Change(change) => self.change(change),
        }
    }

    fn passage(&mut self, passage: &Passage) -> Result<Vec<Finding>, GateError> {
        let directory = self.directory.as_ref();
        let runs = passage.runs(&self.process, directory.map(PathBuf::as_path));
        let Line { commands, .. } =
            judge_runs(&self.process, &runs, directory, &self.assumptions, Some(&mut self.books))?;
        let finding = |part: &Part| {
            let at = passage.origin(part.at.unwrap_or_default());
            finding(&part.judged.judgement, &part.words, at)
        };
        let mut findings: Vec<Finding> = commands.iter().filter_map(finding).collect();
        findings.sort_by_key(|finding| finding.at);
        findings.dedup();
        Ok(findings)
    }

    fn change(&mut self, change: &Change) -> Result<Vec<Finding>, GateError> {
        let words = [change.action, change.kind.as_str(), change.address.as_str()];
        let book = self.books.get(&self.process, Vec::new())?;
        let places = Directories::of(&self.process);
        let inquiry = Inquiry { command: declared::plan(words), places, book, directory: None };
        let judged = judged(&self.process, &inquiry, &self.assumptions);
        let words: Vec<String> = std::iter::once(PLAN).chain(words).map(str::to_owned).collect();
        Ok(finding(&judged.judgement, &words, change.at).into_iter().collect())
    }
}

/// What is to be known of one command: what its gravest rule says.
fn finding(judgement: &Judgement, words: &[String], at: usize) -> Option<Finding> {
    let told = |one: &&Contribution| {
        let counts = one.decision > Decision::Allow && !one.exempt;
        counts && one.effects.iter().any(|effect| EFFECTS.contains(effect)) || one.rule == UNREADABLE
    };
    let gravest = judgement.contributions.iter().filter(told).rev().max_by_key(|one| one.risk)?;
    let (rule, risk) = if gravest.rule == UNREADABLE {
        (UNREAD.to_owned(), Risk::High)
    } else {
        (gravest.rule.clone(), gravest.risk)
    };
    Some(Finding {
        at,
        rule,
        effects: gravest.effects.clone(),
        risk,
        reason: gravest.reason.clone().unwrap_or_default(),
        safer: gravest.safer.clone(),
        words: words.to_vec(),
    })
}
