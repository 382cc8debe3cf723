//! What a command is bound to, and what there is of an approval for it.

use std::cell::OnceCell;
use std::path::Path;

use super::super::gated::{Gated, Stopped, found_anew, warn};
use super::super::weigh::Outcome;
use super::super::{TOKEN, chain};
use super::At;
use super::refusal::groups;
use crate::audit::{self, Actor, Event, Log};
use crate::authorization::approval::{ApprovalError, Case, Found, Peers};
use crate::authorization::approvers::{self, Approvers, Requirement};
use crate::authorization::binding;
use crate::authorization::ledger::{Ledger, Pending};
use crate::authorization::reachable::Reachable;
use crate::authorization::request::{Approval, Asker, Facts, Needs, Presence, Requester};
use crate::authorization::signature::Signature;
use crate::authorization::token::Token;
use crate::authorization::verify;
use crate::authorization::{Authorized, Refused, Standing};
use crate::impact;
use crate::process::Executable;
use crate::ui::sanitize;

/// How many lines of what a command would do a request holds.
const LINES: usize = 200;

/// The part of a case that its facts are made of.
pub(super) struct Terms {
    pub(super) needs: Needs,
    pub(super) peers: Option<(Approvers, Requirement)>,
    pub(super) requester: Requester,
}

/// What there is of an approval.
pub(super) enum Looked {
    Approved(Authorized),
    Waiting(Box<Pending>, Vec<String>),
}

impl Gated<'_> {
    /// Who may agree and who asks, as far as that is on record.
    pub(super) fn terms(&self, standing: Standing) -> Result<Terms, Stopped> {
        let user = self.weighing.process.user();
        let mut requester = Requester { persons: Vec::new(), user: user.name.clone(), uid: user.uid };
        let Some(approvers) = standing.approvers else {
            return Ok(Terms { needs: standing.needs, peers: None, requester });
        };
        let unlisted = |error: &dyn std::error::Error| {
            Stopped::Refused(Refused {
                because: chain(error),
                approve: format!("whoever keeps {} mends it", sanitize::os(approvers.path().as_os_str())),
                asked: false,
            })
        };
        let requesters = approvers::requesters(self.weighing.process);
        requester.persons = approvers.excluded(&requesters).map_err(|error| unlisted(&error))?;
        let names: Vec<&str> = self.outcome.judged.place.names().collect();
        let requirement = approvers.requirement(&names).map_err(|error| unlisted(&error))?;
        let eligible = approvers.able(&requirement, &requester.persons, self.weighing.process.now()).len();
        if eligible < requirement.quorum as usize {
            return Err(Stopped::Refused(Refused {
                because: format!(
                    "it needs {} of {}, and {eligible} of them can approve what {} asks for",
                    requirement.quorum,
                    groups(&requirement),
                    requester.persons.join(", "),
                ),
                approve: format!(
                    "{} lists more people, or their keys: `tollgate approvers check` says which are missing",
                    sanitize::os(approvers.path().as_os_str())
                ),
                asked: false,
            }));
        }
        Ok(Terms { needs: standing.needs, peers: Some((approvers, requirement)), requester })
    }

    /// The signatures that the caller handed in.
    /// What is none is told beside the request that waits.
    pub(super) fn given(&self) -> (Vec<Signature>, Vec<String>) {
        let directory = self.weighing.inquiry.directory.as_deref().unwrap_or(Path::new("/"));
        let (mut signatures, mut faults) = (Vec::new(), Vec::new());
        let variable = self.weighing.process.environment().non_empty(TOKEN);
        let named = if self.weighing.given.pasted { "what was pasted" } else { "--token" };
        for (name, value) in [(named, self.weighing.given.token.as_deref()), (TOKEN, variable)] {
            let Some(value) = value else { continue };
            match Token::load(value, directory) {
                Ok(tokens) => signatures.extend(tokens.into_iter().map(|token| token.signature)),
                Err(error) => faults.push(format!("{name} holds no token: {}", chain(&error))),
            }
        }
        (signatures, faults)
    }

    /// What the command is bound to.
    pub(super) fn facts(&self, terms: &Terms, nobody: &str, program: &Executable) -> Result<Facts, Stopped> {
        let approval = match &terms.peers {
            Some((approvers, requirement)) => Approval {
                needs: terms.needs,
                quorum: requirement.quorum,
                groups: requirement.groups.clone(),
                require: requirement.require,
                approvers: Some(approvers.digest().to_owned()),
                advisory: approvers.advisory(),
            },
            None => Approval {
                needs: terms.needs,
                quorum: 0,
                groups: Vec::new(),
                require: Presence::None,
                approvers: None,
                advisory: false,
            },
        };
        let Outcome { judged, impact, .. } = self.outcome;
        let line = self.line();
        let subject = self.weighing.bound(judged, program, Some(impact), &line);
        binding::facts(&subject, terms.requester.clone(), approval).map_err(|error| {
            let approve = match terms.needs {
                Needs::Peer => "mend that, and run it again".to_owned(),
                _ => format!("a person runs it in a terminal of their own: {}", self.line_elsewhere()),
            };
            let because = format!("{nobody}; and nothing can be asked for: {}", chain(&error));
            Stopped::Refused(Refused { because, approve, asked: false })
        })
    }

    /// Whether `facts` are about what was looked at.
    pub(super) fn unmoved(&self, facts: &Facts) -> Result<(), Refused> {
        let is_other =
            |(name, before): &(&String, &String)| facts.inputs.get(*name).is_some_and(|now| now != *before);
        match self.outcome.named.iter().find(is_other) {
            Some((name, _)) => Err(found_anew(format!("{name} changed while it was looked at"))),
            None => Ok(()),
        }
    }

    /// Why what request `id` waits with is not what would be done now.
    pub(super) fn outdated(&self, id: &str, facts: &Facts) -> Option<String> {
        let ledger = Ledger::at(self.weighing.inquiry.places.state.as_deref()?);
        let (pending, _) = ledger.find(id).ok()??;
        let why = verify::unchanged(&pending.request, facts).err()?;
        Some(format!("what request {id} waits with is out of date: {why}"))
    }

    /// Looks for an approval, and makes a request where there is none.
    pub(super) fn look(
        &self,
        terms: &Terms,
        facts: &Facts,
        given: &[Signature],
        at: At<'_>,
    ) -> Result<Looked, Stopped> {
        self.in_case(terms, facts, |case| match case.look(given, at.invocation)? {
            Found::Approved(authorized) => Ok(Looked::Approved(authorized)),
            Found::Waiting { pending: Some(pending), faults } => Ok(Looked::Waiting(pending, faults)),
            Found::Waiting { pending: None, mut faults } => {
                // That what waited is out of date was said already.
                if self.weighing.given.anew.is_none() {
                    faults.extend(case.passed_over()?);
                }
                Ok(Looked::Waiting(Box::new(self.ask(case, at)?), faults))
            }
        })
        .map_err(|why| unbound(at.nobody, &why))
    }

    /// What waits for an approval of this command, and is made where nothing does.
    pub(super) fn asked(&self, terms: &Terms, facts: &Facts, at: At<'_>) -> Result<Pending, String> {
        self.in_case(terms, facts, |case| match case.waiting()? {
            Some(pending) => Ok(pending),
            None => self.ask(case, at),
        })
    }

    fn in_case<T>(
        &self,
        terms: &Terms,
        facts: &Facts,
        act: impl FnOnce(&Case<'_>) -> Result<T, ApprovalError>,
    ) -> Result<T, String> {
        let state = self.weighing.inquiry.places.state.as_deref().ok_or("there is no state directory")?;
        let reachable = Reachable::look(self.weighing.process.environment(), self.weighing.process.user());
        let peers = terms.peers.as_ref();
        let peers =
            peers.map(|(approvers, requirement)| Peers { approvers, requirement, reachable: &reachable });
        let (ledger, boot) = (Ledger::at(state), binding::boot());
        let now = self.weighing.process.now();
        let principal = self.outcome.judged.principal.kind;
        let listing = OnceCell::new();
        let case =
            Case { ledger: &ledger, state, live: facts, peers, principal, now, boot: boot.as_ref(), listing };
        act(&case).map_err(|error| chain(&error))
    }

    fn ask(&self, case: &Case<'_>, at: At<'_>) -> Result<Pending, ApprovalError> {
        let principal = &self.outcome.judged.principal;
        let asker = Asker {
            kind: principal.kind,
            name: principal.name.clone(),
            evidence: principal.evidence.clone(),
        };
        // A command that has waited already makes a request of its own.
        let taken = case.ledger.find(at.invocation)?.is_some();
        let id = if taken { audit::new_request_id()? } else { at.invocation.to_owned() };
        for outdated in case.outdated(&asker)? {
            case.ledger.cancel(&outdated)?;
            let request = outdated.request.id;
            let cancelled = Event::Cancelled { request, actor: self.actor(), replaced_by: Some(id.clone()) };
            self.note_request(at.log, &cancelled);
        }
        let lines = bounded(&self.outcome.impact.lines);
        let pending = case.ask(&id, asker, at.head, (&lines, at.explanation))?;
        if let Some(impact::Given::Plan(plan)) =
            self.outcome.impact.run.as_ref().and_then(|run| run.given.as_ref())
        {
            case.ledger.keep_plan(&pending, &plan.bytes().map_err(ApprovalError::Plan)?)?;
        }
        let event = Event::Requested {
            request: pending.request.id.clone(),
            actor: self.actor(),
            sha256: format!("sha256:{}", crate::digest::sha256(&pending.bytes)),
            needs: pending.request.facts.approval.needs.name().to_owned(),
            expires: pending.request.execute_before,
        };
        self.note_request(at.log, &event);
        Ok(pending)
    }

    fn actor(&self) -> Actor {
        let user = self.weighing.process.user();
        Actor { uid: user.uid, user: user.name.clone(), agent: self.agent() }
    }

    fn note_request(&self, log: &Log, event: &Event) {
        if let Err(error) = log.append(event, self.weighing.process.now()) {
            warn(&format!("the request could not be recorded: {}", chain(&error)));
        }
    }
}

/// The lines that a request has room for.
fn bounded(lines: &[String]) -> Vec<String> {
    let mut shown: Vec<String> =
        lines.iter().take(LINES).map(|line| sanitize::text(line).into_owned()).collect();
    if lines.len() > LINES {
        shown.push(format!("and {} more", lines.len() - LINES));
    }
    shown
}

/// The refusal of what cannot be asked for.
fn unbound(nobody: &str, why: &str) -> Stopped {
    Stopped::Refused(Refused {
        because: format!("{nobody}; and nobody can be asked: {why}"),
        approve: "mend that, and run it again".to_owned(),
        asked: false,
    })
}
