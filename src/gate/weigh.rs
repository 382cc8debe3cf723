//! What a command would really do, found out before anybody is asked, and judged.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use super::approval::{self, Given};
use super::{GateError, Inquiry, Judged, Reading, executable, judged_with};
use super::{about, provisioned};
use crate::authorization::binding;
use crate::authorization::covered::{self, Cover};
use crate::command::declared::CHANGES;
use crate::context::lineage;
use crate::impact::kube::fed;
use crate::impact::{self, Ended, Found, Impact, Subject};
use crate::invocation::Invocation;
use crate::process::{Executable, Process, settle};
use crate::rules::book::Rulebook;
use crate::rules::builtin::Scope;
use crate::rules::environment::classify;
use crate::rules::layers;
use crate::ui;
use crate::verdict::{Decision, PrincipalKind};

/// What came of looking at a command.
#[derive(Debug)]
pub(super) enum Weighed {
    /// It is judged by what it would do.
    Judged(Box<Outcome>),
    /// The tool ended while it was asked.
    Ended(Ended),
}

/// A command with what it would do.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) judged: Judged,
    pub(super) impact: Impact,
    /// The files that its arguments name, by their digests, as they were before anybody looked.
    pub(super) named: BTreeMap<String, String>,
    /// What it was judged by.
    pub(super) book: Rc<Rulebook>,
    /// The authorized run that started it, if one did.
    pub(super) cover: Option<Cover>,
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
        let is_fed =
            fed::acts(&self.inquiry.command, self.inquiry.directory.as_deref(), judged.principal.kind);
        let by_words = decision <= Decision::Allow && !is_fed;
        // What is denied only as long as nobody knows who asks is not denied yet.
        let stays = denied && !impact::identity::may_lift(&self.inquiry.book, &judged.judgement);
        if by_words || stays {
            return Ok(self.as_judged(judged, None));
        }
        let cover = self.cover();
        if cover.as_ref().is_some_and(|cover| cover.covers(decision, judged.principal.kind)) {
            return Ok(self.as_judged(judged, cover));
        }
        let program = executable(self.process, self.invocation, &self.inquiry.command);
        let (Ok(program), Some(directory)) = (program, &self.inquiry.directory) else {
            return Ok(self.as_judged(judged, None));
        };
        let book = Rc::new(self.book()?);
        let earlier = approval::earlier(self, &judged, directory);
        let subject = self.subject(&judged, &program, directory, &book);
        let waiting = Subject { earlier: earlier.as_ref(), ..subject };
        let named = self.named(&judged, &program);
        let mut impact = match impact::find(&waiting)? {
            Found::Impact(impact) => *impact,
            Found::Ended(ended) => return Ok(Weighed::Ended(ended)),
        };
        let again = self.judged_by(&book, judged.clone(), &mut impact)?;
        if impact.earlier.is_none() || again.judgement.decision > Decision::Allow {
            return Ok(Weighed::Judged(Box::new(Outcome { judged: again, impact, named, book, cover })));
        }
        // Nobody compares what waits with what stands there now, where nobody is asked.
        Ok(match impact::find(&subject)? {
            Found::Impact(mut impact) => {
                let judged = self.judged_by(&book, judged, &mut impact)?;
                Weighed::Judged(Box::new(Outcome { judged, impact: *impact, named, book, cover }))
            }
            Found::Ended(ended) => Weighed::Ended(ended),
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
            has_input: self.given.foretold.is_none(),
            until: self.given.foretold,
            keeps_secrets: self.given.keeps_secrets && judged.principal.kind == PrincipalKind::Human,
        }
    }

    /// The same for what an approval is bound to, with what was found of it.
    pub(super) fn bound<'a>(
        &'a self,
        judged: &'a Judged,
        program: &'a Executable,
        impact: Option<&'a Impact>,
        line: &'a str,
    ) -> binding::Subject<'a> {
        let run = impact.and_then(|impact| impact.run.as_ref());
        binding::Subject {
            process: self.process,
            invocation: self.invocation,
            command: &self.inquiry.command,
            book: &self.inquiry.book,
            directory: self.inquiry.directory.as_deref(),
            target: &judged.target,
            place: &judged.place,
            principal: judged.principal.kind,
            judgement: &judged.judgement,
            notes: &judged.notes,
            program,
            places: &self.inquiry.places,
            runs: run.map(|run| run.approved.as_slice()),
            found: impact.and_then(|impact| impact.found.as_deref()),
            line,
        }
    }

    /// What its arguments name. Where a plan is looked at, that is what runs.
    pub(super) fn named(&self, judged: &Judged, program: &Executable) -> BTreeMap<String, String> {
        if impact::terraform::plans(&self.inquiry.command) {
            return BTreeMap::new();
        }
        binding::named(&self.bound(judged, program, None, ""))
    }

    /// What it is judged by stays as it was.
    fn as_judged(&self, judged: Judged, cover: Option<Cover>) -> Weighed {
        let book = Rc::clone(&self.inquiry.book);
        let (impact, named) = (Impact::default(), BTreeMap::new());
        Weighed::Judged(Box::new(Outcome { judged, impact, named, book, cover }))
    }

    /// The authorized run that started this, if one did.
    fn cover(&self) -> Option<Cover> {
        covered::cover(&lineage::lineage(), self.inquiry.places.state.as_deref()?)
    }

    /// The rulebook, with the rules of what commands are found to do.
    fn book(&self) -> Result<Rulebook, GateError> {
        let book = &self.inquiry.book;
        let wide = |scope: Scope<'_>| layers::widened(book, scope);
        Ok(super::in_scope(&self.inquiry.command, Reading::Whole, &CHANGES, wide)?)
    }

    /// Judges the command by what it would do. Where it would act can only become
    /// stricter by that.
    fn judged_by(&self, book: &Rulebook, judged: Judged, impact: &mut Impact) -> Result<Judged, GateError> {
        let instead = impact.run.as_ref().and_then(|run| run.command.as_deref());
        let mut command = instead.unwrap_or(&self.inquiry.command).clone();
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
        about::tell(&again.judgement, &mut impact.lines);
        Ok(again)
    }
}
