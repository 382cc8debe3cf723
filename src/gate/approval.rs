//! A command that waits for somebody: what it is bound to, its request, and what
//! came back for it.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use super::gated::{Gated, Stopped, warn};
use super::{TOKEN, chain};
use crate::audit::{Actor, Event, Log};
use crate::authorization::approval::{Case, Found, Peers};
use crate::authorization::approvers::{self, Approvers, Requirement};
use crate::authorization::binding::{self, Subject};
use crate::authorization::ledger::{Ledger, Pending};
use crate::authorization::reachable::Reachable;
use crate::authorization::request::{Approval, Asker, Facts, NAMESPACE, Needs, Presence, Requester};
use crate::authorization::signature::Signature;
use crate::authorization::token::Token;
use crate::authorization::{Authorized, Refused, Standing, prompt};
use crate::process::Executable;
use crate::ui::sanitize;
use crate::verdict::PrincipalKind;

/// How often to look whether an approval arrived.
const LOOK: Duration = Duration::from_millis(500);

/// How many names of people a message lists.
const NAMES: usize = 5;

/// What the caller hands in beside the command.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// A token, or the path of a file with one.
    pub token: Option<OsString>,
    /// How long to wait for an approval; `None` not to wait.
    pub wait: Option<Duration>,
}

/// The part of a case that its facts are made of.
struct Terms {
    needs: Needs,
    peers: Option<(Approvers, Requirement)>,
    requester: Requester,
}

impl Gated<'_> {
    /// Uses an approval that came back; where there is none, asks for one and
    /// says how it is given. `nobody` is why nobody can be asked here and now.
    pub(super) fn by_approval(
        &self,
        standing: Standing,
        nobody: &str,
        (log, head, invocation): (&Log, &str, &str),
        program: &Executable,
    ) -> Result<Authorized, Stopped> {
        let terms = self.terms(standing)?;
        let given = self.given()?;
        let started = Instant::now();
        let mut told = false;
        loop {
            let facts = self.facts(&terms, nobody, program)?;
            let found = self.look(&terms, &facts, &given, (log, head, invocation), nobody)?;
            let (pending, faults) = match found {
                Looked::Approved(authorized) => return Ok(authorized),
                Looked::Waiting(pending, faults) => (pending, faults),
            };
            let refused = self.refusal(&terms, &facts, nobody, &pending, &faults);
            if let Some(pasted) = self.pasted(&terms, &refused)? {
                return match self.look(&terms, &facts, &pasted, (log, head, invocation), nobody)? {
                    Looked::Approved(authorized) => Ok(authorized),
                    Looked::Waiting(pending, faults) => {
                        Err(Stopped::Refused(self.refusal(&terms, &facts, nobody, &pending, &faults)))
                    }
                };
            }
            let left = self.given.wait.and_then(|wait| wait.checked_sub(started.elapsed()));
            let Some(left) = left.filter(|_| self.process.now() < pending.request.execute_before) else {
                return Err(Stopped::Refused(refused));
            };
            if !std::mem::replace(&mut told, true) {
                let text = self.notice().waiting(&refused.because, &refused.approve);
                let _ = std::io::stderr().write_all(text.as_bytes());
            }
            self.sit_out(&terms, &pending, left);
            if !pending.path.exists() {
                let because = format!("request {} was cancelled, or used by another run", pending.request.id);
                return Err(Stopped::Refused(Refused { because, ..refused }));
            }
        }
    }

    /// Who may agree and who asks, as far as that is on record.
    fn terms(&self, standing: Standing) -> Result<Terms, Stopped> {
        let user = self.process.user();
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
        let requesters = approvers::requesters(self.process);
        requester.persons = approvers.excluded(&requesters).map_err(|error| unlisted(&error))?;
        let names: Vec<&str> = self.judged.place.names().collect();
        let requirement = approvers.requirement(&names).map_err(|error| unlisted(&error))?;
        let eligible = approvers.eligible(&requirement, &requester.persons).len();
        if eligible < requirement.quorum as usize {
            return Err(Stopped::Refused(Refused {
                because: format!(
                    "it needs {} of {}, and {eligible} of them may approve what {} asks for",
                    requirement.quorum,
                    groups(&requirement),
                    requester.persons.join(", "),
                ),
                approve: format!("{} lists more people", sanitize::os(approvers.path().as_os_str())),
                asked: false,
            }));
        }
        Ok(Terms { needs: standing.needs, peers: Some((approvers, requirement)), requester })
    }

    /// The signatures that the caller handed in.
    fn given(&self) -> Result<Vec<Signature>, Stopped> {
        let directory = self.inquiry.directory.as_deref().unwrap_or(Path::new("/"));
        let mut signatures = Vec::new();
        let variable = self.process.environment().non_empty(TOKEN);
        for (name, value) in [("--token", self.given.token.as_deref()), (TOKEN, variable)] {
            let Some(value) = value else { continue };
            let tokens = Token::load(value, directory).map_err(|error| {
                Stopped::Refused(Refused {
                    because: format!("{name} holds no token: {}", chain(&error)),
                    approve: format!(
                        "give {name} the one-line token, or the path of a file with it or the signature"
                    ),
                    asked: false,
                })
            })?;
            signatures.extend(tokens.into_iter().map(|token| token.signature));
        }
        Ok(signatures)
    }

    fn facts(&self, terms: &Terms, nobody: &str, program: &Executable) -> Result<Facts, Stopped> {
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
        let subject = Subject {
            process: self.process,
            command: &self.inquiry.command,
            book: &self.inquiry.book,
            directory: self.inquiry.directory.as_deref(),
            target: &self.judged.target,
            place: &self.judged.place,
            principal: self.judged.principal.kind,
            judgement: &self.judged.judgement,
            notes: &self.judged.notes,
            program,
            places: &self.inquiry.places,
            line: self.line(),
        };
        binding::facts(&subject, terms.requester.clone(), approval).map_err(|error| {
            let approve = match terms.needs {
                Needs::Peer => "mend that, and run it again".to_owned(),
                _ => format!("a person runs it in a terminal of their own: {}", self.line_elsewhere()),
            };
            let because = format!("{nobody}; and nothing can be asked for: {}", chain(&error));
            Stopped::Refused(Refused { because, approve, asked: false })
        })
    }

    /// Looks for an approval, and makes a request where there is none.
    fn look(
        &self,
        terms: &Terms,
        facts: &Facts,
        given: &[Signature],
        (log, head, invocation): (&Log, &str, &str),
        nobody: &str,
    ) -> Result<Looked, Stopped> {
        let Some(state) = self.inquiry.places.state.as_deref() else {
            return Err(self.unbound(nobody, "there is no state directory"));
        };
        let ledger = Ledger::at(state);
        let reachable = Reachable::look(self.process.environment(), self.process.user());
        let peers = terms.peers.as_ref().map(|(approvers, requirement)| Peers {
            approvers,
            requirement,
            reachable: &reachable,
        });
        let boot = binding::boot();
        let case =
            Case { ledger: &ledger, state, live: facts, peers, now: self.process.now(), boot: boot.as_ref() };
        let failed = |error: &dyn std::error::Error| self.unbound(nobody, &chain(error));
        match case.look(given, invocation).map_err(|error| failed(&error))? {
            Found::Approved(authorized) => Ok(Looked::Approved(authorized)),
            Found::Waiting { pending: Some(pending), faults } => {
                Ok(Looked::Waiting(Box::new(pending), faults))
            }
            Found::Waiting { pending: None, faults } => {
                let principal = &self.judged.principal;
                let asker = Asker {
                    kind: principal.kind,
                    name: principal.name.clone(),
                    evidence: principal.evidence.clone(),
                };
                // A command that has waited already makes a request of its own.
                let id = crate::audit::new_request_id().map_err(|error| failed(&error))?;
                let id =
                    if ledger.find(invocation).is_ok_and(|found| found.is_none()) { invocation } else { &id };
                let pending = case.ask(id, asker, Some(head.to_owned())).map_err(|error| failed(&error))?;
                self.note(log, &pending);
                Ok(Looked::Waiting(Box::new(pending), faults))
            }
        }
    }

    fn note(&self, log: &Log, pending: &Pending) {
        let user = self.process.user();
        let event = Event::Requested {
            request: pending.request.id.clone(),
            actor: Actor { uid: user.uid, user: user.name.clone(), agent: self.agent() },
            sha256: format!("sha256:{}", crate::digest::sha256(&pending.bytes)),
            needs: pending.request.facts.approval.needs.name().to_owned(),
            expires: pending.request.execute_before,
        };
        if let Err(error) = log.append(&event, self.process.now()) {
            warn(&format!("the request could not be recorded: {}", chain(&error)));
        }
    }

    fn unbound(&self, nobody: &str, why: &str) -> Stopped {
        Stopped::Refused(Refused {
            because: format!("{nobody}; and nobody can be asked: {why}"),
            approve: "mend that, and run it again".to_owned(),
            asked: false,
        })
    }

    /// Why nothing ran, and how it is approved.
    fn refusal(
        &self,
        terms: &Terms,
        facts: &Facts,
        nobody: &str,
        pending: &Pending,
        faults: &[String],
    ) -> Refused {
        let id = &pending.request.id;
        let path = sanitize::word(pending.path.as_os_str());
        let until = pending.request.approve_before;
        let mut because = nobody.to_owned();
        for fault in faults {
            because = format!("{fault}; {because}");
        }
        let approve = match &terms.peers {
            None => format!(
                "request {id} waits until {until}: a person runs `tollgate approve {id}` in a terminal of their own,\n\
                 then run this again; or they run it there: {}",
                self.line_elsewhere()
            ),
            Some((approvers, requirement)) => {
                let people: Vec<&str> = approvers
                    .eligible(requirement, &facts.requester.persons)
                    .into_iter()
                    .map(|person| person.id.as_str())
                    .collect();
                let listed = people.iter().take(NAMES).copied().collect::<Vec<_>>().join(", ");
                let more = people.len().saturating_sub(NAMES);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                let advisory = if approvers.advisory() {
                    format!(
                        "\nnote: {} is advisory: whoever asks could have written it",
                        sanitize::os(approvers.path().as_os_str())
                    )
                } else {
                    String::new()
                };
                format!(
                    "request {id} waits until {until} for {} of {listed}{more}: `tollgate approve {path}`, or\n\
                     ssh-keygen -Y sign -n {NAMESPACE} -f KEY {path}\n\
                     then run this again with TOLLGATE_TOKEN set to the token, or to {path}.sig{advisory}",
                    requirement.quorum
                )
            }
        };
        Refused { because, approve, asked: false }
    }

    /// What a human at a terminal has in hand already.
    fn pasted(&self, terms: &Terms, refused: &Refused) -> Result<Option<Vec<Signature>>, Stopped> {
        let human = self.judged.principal.kind == PrincipalKind::Human;
        if terms.needs != Needs::Peer || !human || self.given.wait.is_some() || self.has_token() {
            return Ok(None);
        }
        let Ok(mut terminal) = prompt::human_terminal() else { return Ok(None) };
        let text = self.notice().waiting(&refused.because, &refused.approve);
        let pasted = prompt::paste(&mut terminal, &text).map_err(Stopped::Refused)?;
        let directory = self.inquiry.directory.as_deref().unwrap_or(Path::new("/"));
        let Some(pasted) = pasted else {
            return Err(Stopped::Refused(Refused { asked: true, ..refused.clone() }));
        };
        let tokens = Token::load(pasted.as_ref(), directory).map_err(|error| {
            let because = format!("what was pasted is no token: {}", chain(&error));
            Stopped::Refused(Refused { because, ..refused.clone() })
        })?;
        Ok(Some(tokens.into_iter().map(|token| token.signature).collect()))
    }

    fn has_token(&self) -> bool {
        self.given.token.is_some() || self.process.environment().non_empty(TOKEN).is_some()
    }

    /// Waits until something came back for the request, or the time is over.
    fn sit_out(&self, terms: &Terms, pending: &Pending, left: Duration) {
        let Some(state) = self.inquiry.places.state.as_deref() else { return };
        let ledger = Ledger::at(state);
        let deadline = Instant::now() + left;
        let answers = || ledger.signatures(pending).map_or(0, |signatures| signatures.len());
        let before = answers();
        while Instant::now() < deadline && self.process.now() < pending.request.execute_before {
            std::thread::sleep(LOOK.min(left));
            let confirmed = terms.peers.is_none() && ledger.is_confirmed(pending).unwrap_or(false);
            if confirmed || answers() != before || !pending.path.exists() {
                return;
            }
        }
    }
}

/// What there is of an approval.
enum Looked {
    Approved(Authorized),
    Waiting(Box<Pending>, Vec<String>),
}

/// The groups in words.
fn groups(requirement: &Requirement) -> String {
    let named: Vec<String> = requirement
        .groups
        .iter()
        .filter(|groups| !groups.is_empty())
        .map(|groups| groups.join(" or "))
        .collect();
    if named.is_empty() { "the people on the list".to_owned() } else { named.join(" and ") }
}
