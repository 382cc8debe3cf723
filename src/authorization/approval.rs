//! Approvals: what came back for a request, checked, and used up for one run.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::approvers::{Approvers, Requirement};
use super::ledger::{Discharge, Ledger, LedgerError, Pending};
use super::reachable::Reachable;
use super::request::{Asker, Boot, Facts, Needs, Request};
use super::signature::Signature;
use super::verify::{self, Verifier, Why};
use super::{Authorized, How};
use crate::audit::{self, Approver, AuditError};
use crate::verdict::{Decision, PrincipalKind};

/// How long a human has to confirm, where no list of approvers says it.
pub const PATIENCE: SignedDuration = SignedDuration::from_mins(15);

/// How much of an agent's explanation is quoted, in characters.
const EXPLAINED: usize = 500;

/// Who may approve, and what is asked of them.
#[derive(Debug)]
pub struct Peers<'a> {
    /// The list.
    pub approvers: &'a Approvers,
    /// What the environment asks for.
    pub requirement: &'a Requirement,
    /// Keys that can be used on this machine.
    pub reachable: &'a Reachable,
}

/// One command that waits for an approval.
#[derive(Debug)]
pub struct Case<'a> {
    /// Where its requests are.
    pub ledger: &'a Ledger,
    /// The state directory.
    pub state: &'a Path,
    /// All that is compared, as it is now.
    pub live: &'a Facts,
    /// Who may approve it; `None` where a confirmation will do.
    pub peers: Option<Peers<'a>>,
    /// Who asks now.
    pub principal: PrincipalKind,
    /// The clock.
    pub now: Timestamp,
    /// The clock that nobody sets.
    pub boot: Option<&'a Boot>,
    /// What waited when that was first asked, read once.
    pub listing: OnceCell<Vec<Pending>>,
}

/// What there is of an approval.
#[derive(Debug)]
pub enum Found {
    /// All that is needed: it is used up, and it may run.
    Approved(Authorized),
    /// Not enough.
    Waiting {
        /// The request that waits, where there is one for this very command.
        pending: Option<Box<Pending>>,
        /// Why what came back does not do, one reason each.
        faults: Vec<String>,
    },
}

/// Why nothing could be looked up or used.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalError {
    /// The requests.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The record, in which used requests are looked up.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The record says that it was used.
    #[error("request {0} was used already: the record names a run that it approved")]
    Recorded(String),
    /// The plan that would be kept.
    #[error("the plan cannot be read")]
    Plan(#[source] std::io::Error),
    /// A security key that did not count on.
    #[error(
        "the security key of {0} has counted further in an approval that was used already: it was copied, or \
         this was signed before that one; let it be signed again"
    )]
    Counter(String),
}

impl Case<'_> {
    /// How long people have to approve it.
    pub fn patience(&self) -> SignedDuration {
        self.peers.as_ref().map_or(PATIENCE, |peers| peers.requirement.max_ttl)
    }

    /// The request for this very command that waits, if one does: nobody is sent to one that
    /// is too late to approve.
    ///
    /// # Errors
    /// Where the requests cannot be read.
    pub fn waiting(&self) -> Result<Option<Pending>, ApprovalError> {
        let waiting = self.ledger.pending()?.waiting;
        for pending in waiting.into_iter().rev().filter(|pending| self.is_mine(pending)) {
            if self.ledger.is_live(&pending, self.now)? {
                return Ok(Some(pending));
            }
        }
        Ok(None)
    }

    /// Looks for an approval among what was given and what came back before;
    /// `invocation` is the one that would use it.
    ///
    /// # Errors
    /// Where requests or record cannot be read or written, or another process
    /// was faster.
    pub fn look(&self, given: &[Signature], invocation: &str) -> Result<Found, ApprovalError> {
        let waiting = self.ledger.pending()?.waiting;
        let mine = waiting.iter().rev().find(|pending| self.is_mine(pending)).cloned();
        let Some(peers) = &self.peers else {
            return self.confirmed(&waiting, mine, !given.is_empty(), invocation);
        };
        let mut signatures = given.to_vec();
        // Two runs that began at once have made a request each.
        for pending in waiting.iter().filter(|pending| self.is_mine(pending)) {
            signatures.extend(self.ledger.signatures(pending)?);
        }
        let mut faults = Vec::new();
        let mut by_request: BTreeMap<String, Vec<(Approver, Signature)>> = BTreeMap::new();
        for signature in signatures {
            match self.examine(peers, &waiting, &signature)? {
                Ok((pending, approver)) => {
                    let of_it = by_request.entry(pending.request.id.clone()).or_default();
                    if of_it.iter().all(|(known, _)| known.signature != approver.signature) {
                        of_it.push((approver, signature));
                    }
                }
                Err(why) => faults.push(why),
            }
        }
        for (id, approvals) in by_request {
            let Some(pending) = waiting.iter().find(|pending| pending.request.id == id) else { continue };
            let (approvers, signatures): (Vec<Approver>, Vec<Signature>) = approvals.into_iter().unzip();
            match verify::quorum(&approvers, peers.requirement.quorum) {
                Ok(()) => {
                    return self.use_up(pending, &Discharge::Signatures(&signatures), approvers, invocation);
                }
                Err(why) => {
                    // The next one adds to those that are there.
                    for signature in &signatures {
                        self.ledger.keep(pending, signature)?;
                    }
                    faults.push(why.to_string());
                }
            }
        }
        Ok(self.still_waiting(mine, faults))
    }

    /// What waits, where somebody may still approve it.
    fn still_waiting(&self, mine: Option<Pending>, faults: Vec<String>) -> Found {
        let pending = mine.filter(|pending| self.now < pending.request.approve_before).map(Box::new);
        Found::Waiting { pending, faults }
    }

    /// Whether it is a request for this very command that may still be used.
    fn is_mine(&self, pending: &Pending) -> bool {
        self.unchanged(pending).is_ok() && self.in_time(pending).is_ok()
    }

    /// All that waits.
    fn listed(&self) -> Result<&[Pending], ApprovalError> {
        if let Some(listing) = self.listing.get() {
            return Ok(listing);
        }
        let waiting = self.ledger.pending()?.waiting;
        Ok(self.listing.get_or_init(|| waiting))
    }

    /// Why the newest approval of this command line in this directory is not used, where
    /// there is one and what it was given for has changed.
    ///
    /// # Errors
    /// Where the requests cannot be read.
    pub fn passed_over(&self) -> Result<Option<String>, ApprovalError> {
        let live = self.live;
        for pending in self.listed()?.iter().rev() {
            let facts = &pending.request.facts;
            let same =
                (&facts.tool, &facts.argv, &facts.directory) == (&live.tool, &live.argv, &live.directory);
            if !same || self.in_time(pending).is_err() || !self.ledger.is_approved(pending)? {
                continue;
            }
            if let Err(why) = self.unchanged(pending) {
                let id = &pending.request.id;
                return Ok(Some(format!("request {id} is approved, and was not used: {why}")));
            }
        }
        Ok(None)
    }

    /// What `asker` waits for in an earlier form: the same command in the same place, of which
    /// what it reads or would do has changed since. Nobody agreed to it, and nobody can have:
    /// what others sign stays, as a signature may be on its way, and so does what was piped in,
    /// as nothing says that this is the same once more.
    ///
    /// # Errors
    /// Where the requests cannot be read.
    pub fn outdated(&self, asker: &Asker) -> Result<Vec<Pending>, ApprovalError> {
        let is_piped = |facts: &Facts| {
            let mut words = facts.runs.iter().flatten();
            words.any(|word| word.os().as_encoded_bytes().windows(6).any(|bytes| bytes == b"stdin:"))
        };
        let place = |facts: &Facts| {
            let mut target = facts.target.clone();
            // The plan is what changes.
            target.remove("plan");
            target
        };
        let live = self.live;
        let mut outdated = Vec::new();
        for pending in self.listed()? {
            let (request, facts) = (&pending.request, &pending.request.facts);
            let same = facts.host == live.host
                && facts.state == live.state
                && facts.requester == live.requester
                && (request.principal.kind, &request.principal.name) == (asker.kind, &asker.name)
                && (&facts.tool, &facts.argv, &facts.directory) == (&live.tool, &live.argv, &live.directory)
                && facts.variables == live.variables
                && place(facts) == place(live);
            let confirmable = facts.approval.needs != Needs::Peer && live.approval.needs != Needs::Peer;
            if same
                && confirmable
                && !is_piped(facts)
                && verify::unchanged(request, live).is_err()
                && !self.ledger.is_approved(pending)?
            {
                outdated.push(pending.clone());
            }
        }
        Ok(outdated)
    }

    fn unchanged(&self, pending: &Pending) -> Result<(), Why> {
        verify::unchanged(&pending.request, self.live)?;
        verify::asked_by(&pending.request, self.principal)
    }

    fn in_time(&self, pending: &Pending) -> Result<(), Why> {
        verify::in_time(&pending.request, self.patience(), self.now, self.boot)
    }

    /// What one signature is good for. It says not for which request it was made.
    fn examine<'p>(
        &self,
        peers: &Peers<'_>,
        waiting: &'p [Pending],
        signature: &Signature,
    ) -> Result<Result<(&'p Pending, Approver), String>, ApprovalError> {
        let requesters = &self.live.requester.persons;
        let verifier = Verifier {
            approvers: peers.approvers,
            requirement: peers.requirement,
            environment: &self.live.environment.name,
            requesters,
            reachable: peers.reachable,
            now: self.now,
        };
        let approver = match verifier.signer(signature) {
            Ok(approver) => approver,
            Err(why) => return Ok(Err(why.to_string())),
        };
        let signed = |pending: &&Pending| signature.verify(&pending.bytes).is_ok();
        let Some(pending) = waiting.iter().find(signed) else {
            let used = self.ledger.used()?;
            let used = used.iter().find(signed);
            return Ok(Err(match used {
                Some(used) => LedgerError::Used(used.request.id.clone()).to_string(),
                None => format!(
                    "the signature of {} is over no request that waits here: it was made for another one, or \
                     the text was changed on its way; sign the file itself, not a copy out of a chat",
                    approver.person
                ),
            }));
        };
        let checked = self.in_time(pending).and_then(|()| self.unchanged(pending));
        Ok(checked.map(|()| (pending, approver)).map_err(|why| why.to_string()))
    }

    /// What a human's confirmation discharges.
    fn confirmed(
        &self,
        waiting: &[Pending],
        mine: Option<Pending>,
        given: bool,
        invocation: &str,
    ) -> Result<Found, ApprovalError> {
        for pending in waiting.iter().filter(|pending| self.is_mine(pending)) {
            if self.ledger.is_confirmed(pending)? {
                return self.use_up(pending, &Discharge::Confirmation, Vec::new(), invocation);
            }
        }
        let fault =
            "a token was given, and this asks for a confirmation: `tollgate approve ID` at a terminal";
        let faults = given.then(|| fault.to_owned()).into_iter().collect();
        Ok(self.still_waiting(mine, faults))
    }

    fn use_up(
        &self,
        pending: &Pending,
        by: &Discharge<'_>,
        approvers: Vec<Approver>,
        invocation: &str,
    ) -> Result<Found, ApprovalError> {
        let request = &pending.request;
        self.unrecorded(request, &approvers)?;
        let consumed = self.ledger.consume(pending, by)?;
        let (how, level) = match self.live.approval.needs {
            Needs::Peer => {
                let approval = &self.live.approval;
                let (id, nonce) = (consumed.id().to_owned(), request.nonce.clone());
                (
                    How::Approved { approval: id, nonce, approvers, advisory: approval.advisory },
                    Decision::Peer,
                )
            }
            needs => {
                let (approval, nonce) = (consumed.id().to_owned(), request.nonce.clone());
                let alone = needs == Needs::Alone;
                let level = if alone { Decision::Peer } else { Decision::Confirm };
                (How::ConfirmedApart { approval, nonce, alone }, level)
            }
        };
        Ok(Found::Approved(Authorized { request: invocation.to_owned(), how, level }))
    }

    /// Refuses what the record speaks against: a run that this nonce approved, where
    /// somebody moved a used request back, and a security key that has counted
    /// further than this signature does, as a copy of it would have.
    fn unrecorded(&self, request: &Request, approvers: &[Approver]) -> Result<(), ApprovalError> {
        let mut found = Ok(());
        audit::each(self.state, None, |item| {
            let audit::Item::Entry(entry) = item else { return Ok(()) };
            if entry.kind() != "exec" {
                return Ok(());
            }
            if entry.text("nonce") == Some(&request.nonce) {
                found = Err(ApprovalError::Recorded(request.id.clone()));
            }
            for approver in approvers {
                let counted = entry.counter(&approver.fingerprint);
                // A key that does not count says 0 each time.
                if approver
                    .counter
                    .is_some_and(|now| now != 0 && counted.is_some_and(|then| i64::from(now) <= then))
                {
                    found = Err(ApprovalError::Counter(approver.person.clone()));
                }
            }
            Ok::<_, AuditError>(())
        })?;
        found
    }

    /// Makes a request for this command. `impact` is what was found out of it,
    /// `explanation` an agent's own words, and `log_head` the newest record.
    ///
    /// # Errors
    /// Where it is too long, too many wait, or it cannot be written.
    pub fn ask(
        &self,
        id: &str,
        principal: Asker,
        log_head: &str,
        (impact, explanation): (&[String], Option<&str>),
    ) -> Result<Pending, ApprovalError> {
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).map_err(AuditError::Entropy)?;
        let created = Timestamp::from_second(self.now.as_second()).unwrap_or(self.now);
        let until = |after: SignedDuration| created.checked_add(after).unwrap_or(created);
        let request = Request {
            id: id.to_owned(),
            principal,
            facts: self.live.clone(),
            impact: impact.to_vec(),
            created,
            approve_before: until(self.patience()),
            execute_before: until(self.patience().saturating_add(verify::GRACE)),
            boot: self.boot.cloned(),
            nonce: crate::digest::hex(&nonce),
            log_head: Some(log_head.to_owned()),
            untrusted_explanation: explanation.map(|text| text.chars().take(EXPLAINED).collect()),
        };
        Ok(self.ledger.store(&request, self.now)?)
    }
}

#[cfg(test)]
mod tests;
