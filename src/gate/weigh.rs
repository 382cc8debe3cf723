//! What a command would really do, found out before anybody is asked, and judged.

use std::path::Path;

use super::approval::{self, Given};
use super::provisioned;
use super::{GateError, Inquiry, Judged, executable, judged_with};
use crate::authorization::covered;
use crate::command::declared::CHANGES;
use crate::context::lineage;
use crate::impact::kube::fed;
use crate::impact::{self, Found, Impact, Subject};
use crate::invocation::Invocation;
use crate::process::{Executable, Process, settle};
use crate::rules::book::Rulebook;
use crate::rules::builtin::Wanted;
use crate::rules::environment::classify;
use crate::rules::layers;
use crate::rules::operations;
use crate::ui;
use crate::verdict::{Decision, PrincipalKind};

/// A command with what it would do.
#[derive(Debug)]
pub(super) enum Weighed {
    /// It is judged by that.
    Judged(Box<(Judged, Impact)>),
    /// The tool ended while it was asked, with this exit code.
    Ended(u8),
}

impl Weighed {
    fn as_judged(judged: Judged) -> Self {
        Self::Judged(Box::new((judged, Impact::default())))
    }
}

/// One command, as [`Weighing::weighed`] is told of it.
#[derive(Clone, Copy)]
pub(super) struct Weighing<'a> {
    pub(super) process: &'a dyn Process,
    pub(super) invocation: &'a Invocation,
    pub(super) inquiry: &'a Inquiry,
    pub(super) given: &'a Given,
}

impl Weighing<'_> {
    /// Finds out what the command would do, and judges it by that. What is denied whoever asks, has no program, or
    /// was started by an authorized run stays as it was judged.
    pub(super) fn weighed(&self, judged: Judged) -> Result<Weighed, GateError> {
        settle();
        ui::colour::choose(self.process.environment());
        let decision = judged.judgement.decision;
        let denied = decision == Decision::Deny;
        let is_fed = fed::sends(&self.inquiry.command, judged.principal.kind);
        let by_words = decision <= Decision::Allow && !is_fed;
        let known = by_words || (denied && self.inquiry.command.tool != operations::TOOL);
        if known || self.is_covered(&judged) {
            return Ok(Weighed::as_judged(judged));
        }
        let program = executable(self.process, self.invocation, &self.inquiry.command);
        let (Ok(program), Some(directory)) = (program, &self.inquiry.directory) else {
            return Ok(Weighed::as_judged(judged));
        };
        let book = self.book(directory)?;
        // What is denied only as long as nobody knows who asks is not denied yet.
        if denied && !impact::identity::may_lift(&book, &judged.judgement) {
            return Ok(Weighed::as_judged(judged));
        }
        let earlier = approval::earlier(self, &judged, directory);
        let subject = self.subject(&judged, &program, directory, &book);
        let waiting = Subject { earlier: earlier.as_ref(), ..subject };
        let mut impact = match impact::find(&waiting)? {
            Found::Impact(impact) => *impact,
            Found::Ended(code) => return Ok(Weighed::Ended(code)),
        };
        let again = self.judged_by(&book, judged.clone(), &mut impact)?;
        if impact.earlier.is_none() || again.judgement.decision > Decision::Allow {
            return Ok(Weighed::Judged(Box::new((again, impact))));
        }
        // Nobody compares what waits with what stands there now, where nobody is asked.
        Ok(match impact::find(&subject)? {
            Found::Impact(mut impact) => {
                Weighed::Judged(Box::new((self.judged_by(&book, judged, &mut impact)?, *impact)))
            }
            Found::Ended(code) => Weighed::Ended(code),
        })
    }

    /// The subject of looks at what a command would do.
    pub(super) fn subject<'a>(
        &'a self,
        judged: &'a Judged,
        program: &'a Executable,
        directory: &'a Path,
        book: &'a Rulebook,
    ) -> Subject<'a> {
        Subject {
            process: self.process,
            command: &self.inquiry.command,
            program,
            directory,
            target: &judged.target,
            principal: judged.principal.kind,
            judgement: &judged.judgement,
            book,
            state: self.inquiry.places.state.as_deref(),
            earlier: None,
            has_input: !self.given.is_foretold,
            keeps_secrets: self.given.keeps_secrets && judged.principal.kind == PrincipalKind::Human,
        }
    }

    /// Whether an authorized run started this, and covers it.
    fn is_covered(&self, judged: &Judged) -> bool {
        let call = covered::Call {
            request: "",
            decision: judged.judgement.decision,
            principal: judged.principal.kind,
        };
        let state = self.inquiry.places.state.as_deref();
        state.is_some_and(|state| covered::covering(&lineage::lineage(), &call, state).is_some())
    }

    /// The rulebook, with the rules of what commands are found to do.
    pub(super) fn book(&self, directory: &Path) -> Result<Rulebook, GateError> {
        let command = &self.inquiry.command;
        let tools = std::iter::once(command.tool.as_str()).chain(CHANGES);
        let wanted: Vec<Wanted<'_>> = tools.map(|tool| Wanted { tool, command: None }).collect();
        let directories = super::directories(Some(directory), command);
        Ok(layers::load(&self.inquiry.places, &wanted, &directories, self.process.user().uid)?)
    }

    /// Judges the command by what it would do. Where it would act can only become
    /// stricter by that.
    fn judged_by(&self, book: &Rulebook, judged: Judged, impact: &mut Impact) -> Result<Judged, GateError> {
        let mut command = self.inquiry.command.clone();
        command.planned = impact.is_whole;
        let mut target = judged.target.clone();
        target.add_all(&impact.target);
        let found = classify(book, &target, judged.principal.kind);
        let place = if found == judged.place { found } else { judged.place.and(&found) };
        let known = super::Known { principal: judged.principal, target, place };
        let mut again = judged_with(book, self.process, &command, &impact.changes, known);
        again.notes.extend(impact.notes.iter().cloned());
        let started = provisioned::said(self.process, self.inquiry, &again.principal, &impact.programs)?;
        for one in started {
            impact.lines.push(one.line);
            again.judgement.add(one.contribution);
        }
        Ok(again)
    }
}
