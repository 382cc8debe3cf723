//! A command that waits for somebody: what it is bound to, its request, and what
//! came back for it.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use super::gated::{Gated, Stopped, warn};
use super::{Assumptions, Reading, TOKEN, chain, executable, inquire, judged};
use crate::audit::{self, Actor, Event, Log, Receipt};
use crate::authorization::approval::{ApprovalError, Case, Found, Peers};
use crate::authorization::approvers::{self, Approvers, Requirement};
use crate::authorization::binding::{self, Subject};
use crate::authorization::ledger::{Ledger, Pending};
use crate::authorization::reachable::Reachable;
use crate::authorization::request::{Approval, Asker, Facts, NAMESPACE, Needs, Presence, Requester};
use crate::authorization::signature::Signature;
use crate::authorization::token::Token;
use crate::authorization::{self, Authorized, Refused, Standing, prompt};
use crate::context::principal::Principal;
use crate::invocation::Invocation;
use crate::process::{Executable, Process};
use crate::ui::sanitize;
use crate::verdict::{Decision, PrincipalKind};

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

/// Where a command stands in the record, and why nobody can be asked about it here
/// and now.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) log: &'a Log,
    pub(super) head: &'a str,
    pub(super) invocation: &'a str,
    pub(super) nobody: &'a str,
}

/// The part of a case that its facts are made of.
struct Terms {
    needs: Needs,
    peers: Option<(Approvers, Requirement)>,
    requester: Requester,
}

impl Gated<'_> {
    /// Uses an approval that came back; where there is none, asks for one and
    /// says how it is given.
    pub(super) fn by_approval(
        &self,
        standing: Standing,
        at: At<'_>,
        program: &Executable,
    ) -> Result<Authorized, Stopped> {
        let terms = self.terms(standing)?;
        let given = self.given()?;
        let started = Instant::now();
        let mut told = false;
        loop {
            let facts = self.facts(&terms, at.nobody, program)?;
            let found = self.look(&terms, &facts, &given, at)?;
            let (pending, faults) = match found {
                Looked::Approved(authorized) => return Ok(authorized),
                Looked::Waiting(pending, faults) => (pending, faults),
            };
            let refused = self.refusal(&terms, &facts, at.nobody, &pending, &faults);
            if let Some(pasted) = self.pasted(&terms, &refused)? {
                return match self.look(&terms, &facts, &pasted, at)? {
                    Looked::Approved(authorized) => Ok(authorized),
                    Looked::Waiting(pending, faults) => {
                        Err(Stopped::Refused(self.refusal(&terms, &facts, at.nobody, &pending, &faults)))
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
            invocation: self.invocation,
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
            line: &self.line(),
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
    fn look(&self, terms: &Terms, facts: &Facts, given: &[Signature], at: At<'_>) -> Result<Looked, Stopped> {
        self.in_case(terms, facts, |case| match case.look(given, at.invocation)? {
            Found::Approved(authorized) => Ok(Looked::Approved(authorized)),
            Found::Waiting { pending: Some(pending), faults } => Ok(Looked::Waiting(pending, faults)),
            Found::Waiting { pending: None, faults } => {
                Ok(Looked::Waiting(Box::new(self.ask(case, at)?), faults))
            }
        })
        .map_err(|why| unbound(at.nobody, &why))
    }

    /// What waits for an approval of this command, and is made where nothing does.
    fn asked(&self, terms: &Terms, facts: &Facts, at: At<'_>) -> Result<Pending, String> {
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
        let state = self.inquiry.places.state.as_deref().ok_or("there is no state directory")?;
        let reachable = Reachable::look(self.process.environment(), self.process.user());
        let peers = terms.peers.as_ref();
        let peers =
            peers.map(|(approvers, requirement)| Peers { approvers, requirement, reachable: &reachable });
        let (ledger, boot) = (Ledger::at(state), binding::boot());
        let now = self.process.now();
        let case = Case { ledger: &ledger, state, live: facts, peers, now, boot: boot.as_ref() };
        act(&case).map_err(|error| chain(&error))
    }

    fn ask(&self, case: &Case<'_>, at: At<'_>) -> Result<Pending, ApprovalError> {
        let principal = &self.judged.principal;
        let asker = Asker {
            kind: principal.kind,
            name: principal.name.clone(),
            evidence: principal.evidence.clone(),
        };
        // A command that has waited already makes a request of its own.
        let taken = case.ledger.find(at.invocation)?.is_some();
        let id = if taken { audit::new_request_id()? } else { at.invocation.to_owned() };
        let pending = case.ask(&id, asker, Some(at.head.to_owned()))?;
        self.note(at.log, &pending);
        Ok(pending)
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
                "request {id} waits until {until}: a person runs, in a terminal of their own,\n\
                 tollgate approve {id}\n\
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
                    let list = sanitize::os(approvers.path().as_os_str());
                    format!("\nnote: {list} is advisory: whoever asks could have written it")
                } else {
                    String::new()
                };
                format!(
                    "request {id} waits until {until} for {} of {listed}{more}, who sign a copy of\n\
                     {path}\n\
                     with `tollgate approve FILE`, or with OpenSSH alone:\n\
                     ssh-keygen -Y sign -n {NAMESPACE} -f KEY {path}\n\
                     then run this again with TOLLGATE_TOKEN set to the token, or to the path of the \
                     signature{advisory}",
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

/// Makes a request for `words` as a command of their own, asked for by
/// `principal` and recorded by `receipt`; `None` where they cannot be run so, or
/// nothing can be asked for.
pub(super) fn request(
    process: &dyn Process,
    words: &[OsString],
    principal: &Principal,
    receipt: &Receipt,
) -> Option<Pending> {
    let invocation = Invocation::of_words(words)?;
    let directory = process.current_dir().ok()?;
    let inquiry = inquire(process, &invocation, Some(directory), Reading::Candidates).ok()?;
    let assumptions = Assumptions { principal: Some(principal.clone()), ..Assumptions::default() };
    let judged = judged(process, &inquiry, &assumptions);
    let given = Given::default();
    let gated = Gated { process, invocation: &invocation, inquiry: &inquiry, judged: &judged, given: &given };
    // A word that is not known may be another one when it is run.
    let unknown = |word: &OsString| word.as_encoded_bytes().iter().any(|byte| b"$`*?~".contains(byte));
    if judged.judgement.decision == Decision::Allow || words.iter().any(unknown) {
        return None;
    }
    let program = executable(process, &invocation, &inquiry.command).ok()?;
    let standing =
        authorization::standing(judged.judgement.decision, principal.kind, &inquiry.places).ok()?;
    let terms = gated.terms(standing).ok()?;
    let facts = gated.facts(&terms, "", &program).ok()?;
    let log = Log::at(inquiry.places.state.as_deref()?);
    let head = receipt.head();
    let at = At { log: &log, head: &head, invocation: receipt.request(), nobody: "" };
    gated.asked(&terms, &facts, at).ok()
}

/// What there is of an approval.
enum Looked {
    Approved(Authorized),
    Waiting(Box<Pending>, Vec<String>),
}

/// The refusal of what cannot be asked for.
fn unbound(nobody: &str, why: &str) -> Stopped {
    Stopped::Refused(Refused {
        because: format!("{nobody}; and nobody can be asked: {why}"),
        approve: "mend that, and run it again".to_owned(),
        asked: false,
    })
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
