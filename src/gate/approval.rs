//! A command that waits for somebody: what it is bound to ([`case`]), its request,
//! and what came back for it.
//!
//! Whatever takes time (a token that is pasted, an approval that is waited for) ends
//! in judging the command anew: rules, list and files may have changed meanwhile.

mod case;
mod refusal;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use case::{Looked, Terms};

use super::gated::{Gated, Stopped, warn};
use super::weigh::{Weighed, Weighing};
use super::{Assumptions, Judged, Reading, TOKEN, chain, executable, inquire, judged};
use crate::audit::{Log, Receipt};
use crate::authorization::ledger::{Ledger, Pending};
use crate::authorization::request::Needs;
use crate::authorization::request::Text;
use crate::authorization::token::Token;
use crate::authorization::{self, Authorized, Refused, Standing, prompt};
use crate::context::principal::Principal;
use crate::impact::{self, Earlier};
use crate::invocation::Invocation;
use crate::process::{Executable, Process};
use crate::ui::sanitize;
use crate::verdict::{Decision, PrincipalKind};

/// How often to look whether an approval arrived.
const LOOK: Duration = Duration::from_millis(500);

/// What the caller hands in beside the command.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// A token, or the path of a file with one.
    pub token: Option<OsString>,
    /// Whether somebody pasted that at the prompt.
    pub pasted: bool,
    /// How long to wait for an approval; `None` not to wait.
    pub wait: Option<Wait>,
    /// Set where what waits is out of date, with the reason: what it would do is found
    /// out anew.
    pub anew: Option<String>,
    /// Whether what secrets hold is to be kept before they are deleted. Heeded of people only.
    pub keeps_secrets: bool,
    /// Set where another process will run the command later, with the end of the time for
    /// finding out what it would do: this one's standard input is not its.
    pub foretold: Option<Instant>,
}

/// How long to wait for an approval.
#[derive(Clone, Copy, Debug)]
pub struct Wait {
    /// As it was asked for.
    asked: Duration,
    /// What is left of it: whatever comes meanwhile has it judged anew.
    left: Duration,
}

impl From<Duration> for Wait {
    fn from(asked: Duration) -> Self {
        Self { asked, left: asked }
    }
}

/// Where a command stands in the record, and why nobody can be asked about it here
/// and now.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) log: &'a Log,
    pub(super) head: &'a str,
    pub(super) invocation: &'a str,
    pub(super) nobody: &'a str,
    /// What an agent says of it.
    pub(super) explanation: Option<&'a str>,
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
        let facts = self.facts(&terms, at.nobody, program)?;
        self.unmoved(&facts).map_err(Stopped::Refused)?;
        if let Some(id) = &self.outcome.impact.earlier
            && let Some(why) = self.outdated(id, &facts)
        {
            return Err(Stopped::Again(Given { anew: Some(why), ..self.weighing.given.clone() }));
        }
        if let Some(id) = &self.outcome.impact.earlier {
            let told =
                format!("tollgate: nothing is found out anew: this is about what waits with request {id}\n");
            let _ = std::io::stderr().write_all(told.as_bytes());
        }
        let (given, mut faults) = self.given();
        faults.extend(self.weighing.given.anew.clone());
        let pending = match self.look(&terms, &facts, &given, at)? {
            Looked::Approved(authorized) => return Ok(authorized),
            Looked::Waiting(pending, more) => {
                faults.extend(more);
                pending
            }
        };
        let refused = self.refusal(&terms, &facts, at.nobody, &pending, (&faults, None));
        if let Some(pasted) = self.pasted(&terms, &refused)? {
            return Err(Stopped::Again(Given {
                token: Some(pasted.into()),
                pasted: true,
                keeps_secrets: self.weighing.given.keeps_secrets,
                ..Given::default()
            }));
        }
        let Some(wait) = self.weighing.given.wait.filter(|wait| !wait.left.is_zero()) else {
            return Err(Stopped::Refused(refused));
        };
        let waits = self.refusal(&terms, &facts, at.nobody, &pending, (&faults, Some(wait.asked)));
        let text = self.notice().waiting(&waits.because, &waits.approve);
        let _ = std::io::stderr().write_all(text.as_bytes());
        let id = &pending.request.id;
        match self.sit_out(&terms, &pending, wait.left) {
            // What came is for this request: it is looked for again, also where it took the
            // place of one that was out of date.
            Some(left) => {
                let wait = Some(Wait { left, ..wait });
                Err(Stopped::Again(Given { wait, anew: None, ..self.weighing.given.clone() }))
            }
            None if pending.path.exists() => {
                // All else was said when the waiting began.
                let because = if self.weighing.process.now() < pending.request.execute_before {
                    let wait = refusal::length(wait.asked);
                    format!(
                        "nothing that suffices came for request {id} within {wait}, so the waiting has ended; \
                             the request still waits"
                    )
                } else {
                    format!("request {id} has expired, so the waiting has ended; run it again to ask anew")
                };
                Err(Stopped::Refused(Refused { because, asked: true, ..refused }))
            }
            None => {
                let because = format!("request {id} was cancelled, or used by another run");
                let approve = "run it again to ask anew".to_owned();
                Err(Stopped::Refused(Refused { because, approve, asked: false }))
            }
        }
    }

    /// What a human at a terminal has in hand already.
    fn pasted(&self, terms: &Terms, refused: &Refused) -> Result<Option<String>, Stopped> {
        let human = self.outcome.judged.principal.kind == PrincipalKind::Human;
        let given = self.weighing.given.token.is_some()
            || self.weighing.process.environment().non_empty(TOKEN).is_some();
        if terms.needs != Needs::Peer || !human || self.weighing.given.wait.is_some() || given {
            return Ok(None);
        }
        let Ok(mut terminal) = prompt::human_terminal() else { return Ok(None) };
        let text = self.notice().waiting(&refused.because, &refused.approve);
        match prompt::paste(&mut terminal, &text).map_err(Stopped::Refused)? {
            Some(pasted) => Ok(Some(pasted)),
            None => Err(Stopped::Refused(Refused { asked: true, ..refused.clone() })),
        }
    }

    /// Waits until something came back for the request, and says how much of the
    /// time is left then; `None` where nothing came, or it waits no longer.
    fn sit_out(&self, terms: &Terms, pending: &Pending, wait: Duration) -> Option<Duration> {
        let ledger = Ledger::at(self.weighing.inquiry.places.state.as_deref()?);
        let started = Instant::now();
        // Another run may have asked for the same at the same time.
        let same = |other: &Pending| {
            let differences = pending.request.facts.differences(&other.request.facts);
            differences.is_ok_and(|found| found.is_empty())
        };
        let all = || ledger.pending().map(|found| found.waiting).unwrap_or_default();
        let alike = || all().into_iter().filter(same).collect::<Vec<Pending>>();
        let signed = |one: &Pending| ledger.signatures(one).map_or(0, |signatures| signatures.len());
        let answers = || alike().iter().map(signed).sum::<usize>();
        let is_confirmed = |one: &Pending| ledger.is_confirmed(one).unwrap_or(false);
        let before = answers();
        while self.weighing.process.now() < pending.request.execute_before && pending.path.exists() {
            let left = wait.checked_sub(started.elapsed())?;
            std::thread::sleep(LOOK.min(left));
            let confirmed = terms.peers.is_none() && alike().iter().any(is_confirmed);
            if confirmed || answers() > before {
                return Some(left);
            }
        }
        None
    }
}

/// What came of asking before a command is run.
#[derive(Debug)]
pub(super) enum Foretold {
    /// A request waits; with it, whether it was confirmed meanwhile.
    Asked(Box<Pending>, bool),
    /// What it would do was not found out in time.
    Late,
    /// It cannot be run so, or nothing can be asked for.
    Nothing,
}

/// Whoever asks before a command is run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asker<'a> {
    pub(super) principal: &'a Principal,
    /// What an agent says of it.
    pub(super) explanation: Option<&'a str>,
    /// When the answer is due, but for what it takes to write it.
    pub(super) until: Instant,
}

/// Makes a request for `words` as a command of their own, recorded by `receipt`.
pub(super) fn request(
    process: &dyn Process,
    words: &[OsString],
    asker: Asker<'_>,
    receipt: &Receipt,
) -> Foretold {
    foretold(process, words, asker, receipt).unwrap_or(Foretold::Nothing)
}

fn foretold(
    process: &dyn Process,
    words: &[OsString],
    Asker { principal, explanation, until }: Asker<'_>,
    receipt: &Receipt,
) -> Option<Foretold> {
    // A word that is not known may be another one when it is run.
    let unknown = |word: &OsString| word.as_encoded_bytes().iter().any(|byte| b"$`*?~".contains(byte));
    if words.iter().any(unknown) {
        return None;
    }
    let invocation = Invocation::of_words(words)?;
    let directory = process.current_dir().ok()?;
    let inquiry = inquire(process, &invocation, Some(directory), Reading::Candidates).ok()?;
    let assumptions = Assumptions { principal: Some(principal.clone()), ..Assumptions::default() };
    let judged = judged(process, &inquiry, &assumptions);
    let given = Given { foretold: Some(until), ..Given::default() };
    let by_words = judged.judgement.decision;
    // A plan takes as long as it takes, and is made when the command is run.
    if judged.judgement.decision != Decision::Allow && impact::terraform::plans(&inquiry.command) {
        return None;
    }
    let weighing = Weighing { process, invocation: &invocation, inquiry: &inquiry, given: &given };
    let weighed = weighing.weighed(judged);
    // What was not found out in time raises, and would be asked for as that.
    if Instant::now() >= until && by_words != Decision::Deny {
        return Some(Foretold::Late);
    }
    let Ok(Weighed::Judged(found)) = weighed else { return None };
    let gated = Gated { weighing, outcome: &found };
    let judged = &found.judged;
    if judged.judgement.decision == Decision::Allow {
        return None;
    }
    let program = executable(process, &invocation, &inquiry.command).ok()?;
    let standing =
        authorization::standing(judged.judgement.decision, principal.kind, &inquiry.places).ok()?;
    let terms = gated.terms(standing).ok()?;
    let facts = gated.facts(&terms, "", &program).ok()?;
    gated.unmoved(&facts).ok()?;
    let state = inquiry.places.state.as_deref()?;
    let log = Log::at(state);
    let head = receipt.head();
    let at = At { log: &log, head: &head, invocation: receipt.request(), nobody: "", explanation };
    let pending = gated.asked(&terms, &facts, at).ok()?;
    let confirmed = terms.peers.is_none() && Ledger::at(state).is_confirmed(&pending).unwrap_or(false);
    Some(Foretold::Asked(Box::new(pending), confirmed))
}

/// The request that waits for this very command, where one does: the one that was
/// answered before the newest. What it waits with is looked at before anything is found
/// out anew.
pub(super) fn earlier(weighing: &Weighing<'_>, judged: &Judged, directory: &Path) -> Option<Earlier> {
    if weighing.given.anew.is_some() {
        return None;
    }
    let ledger = Ledger::at(weighing.inquiry.places.state.as_deref()?);
    let argv: Vec<Text> = weighing.inquiry.command.arguments.iter().map(Text::from).collect();
    let now = weighing.process.now();
    if let Err(error) = ledger.expire(now) {
        warn(&format!("a plan that nobody can use any more could not be removed: {}", chain(&error)));
    }
    let given = [weighing.given.token.as_deref(), weighing.process.environment().non_empty(TOKEN)];
    let tokens = given.into_iter().flatten().filter_map(|given| Token::load(given, directory).ok()).flatten();
    let tokens: Vec<Token> = tokens.collect();
    let mut waiting = ledger.pending().ok()?.waiting;
    waiting.retain(|pending| {
        let facts = &pending.request.facts;
        let tool = sanitize::os(&weighing.invocation.tool);
        now < pending.request.execute_before
            && facts.argv == argv
            && facts.tool == tool
            && facts.directory == Text::from(directory)
            && facts.runs.is_some()
    });
    let answered = |pending: &Pending| {
        ledger.is_confirmed(pending).unwrap_or(false)
            || ledger.signatures(pending).is_ok_and(|found| !found.is_empty())
            || tokens.iter().any(|token| token.signature.verify(&pending.bytes).is_ok())
    };
    // A human who only has to confirm is asked at once, about what is so now.
    let waits =
        judged.principal.kind == PrincipalKind::Agent || judged.judgement.decision > Decision::Confirm;
    let newest = || waiting.len().checked_sub(1).filter(|_| waits);
    let at = waiting.iter().rposition(answered).or_else(newest)?;
    let pending = waiting.swap_remove(at);
    let runs = pending.request.facts.runs.as_ref();
    Some(Earlier {
        id: pending.request.id.clone(),
        runs: runs.map(|words| words.iter().map(|word| word.os().to_owned()).collect()),
        plan: Ledger::plan_of(&pending),
    })
}
