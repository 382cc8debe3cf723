//! An approval that came back: tried against every request that waits here,
//! checked as far as that goes without the command, and kept.
//!
//! It may come by anybody's hand, an agent's too: it is worth what was signed.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use jiff::SignedDuration;

use super::source::{content, ledger};
use super::{again, refuse};
use crate::audit::{Actor, Approver, Event, Log};
use crate::authorization::approvers::{self, Approvers, Requirement};
use crate::authorization::ledger::{Ledger, LedgerError, Pending};
use crate::authorization::reachable::Reachable;
use crate::authorization::request::{NAMESPACE, Needs, Request};
use crate::authorization::signature::Signature;
use crate::authorization::token::Token;
use crate::authorization::verify::{self, Verifier, Why};
use crate::cli::request::view;
use crate::context::principal;
use crate::process::Process;
use crate::rules::layers::Directories;
use crate::ui::{chain, sanitize};
use crate::verdict::PrincipalKind;

/// The most that is read, in bytes.
const MOST: u64 = 256 * 1024;

/// The longest that a list of approvers lets a request be valid. What this one
/// allows is asked when it is used.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn run(
    file: &Path,
    process: &dyn Process,
    places: &Directories,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let what = format!("--import {}", sanitize::word(file.as_os_str()));
    let advice = "give the one-line token, or the signature that ssh-keygen wrote, as it is";
    let text = match content(file, process, MOST) {
        Ok(text) => text,
        Err(error) => return Ok(refuse(&what, &format!("{error:#}"), advice)),
    };
    let tokens = match Token::parse(&text) {
        Ok(tokens) => tokens,
        Err(error) => return Ok(refuse(&what, &format!("it holds no token: {}", chain(&error)), advice)),
    };
    let ledger = ledger(places)?;
    let principal = principal::detect(process.environment(), true);
    let approvers = approvers::find(places, principal.kind).map_err(|error| chain(&error));
    let reachable = Reachable::look(process.environment(), process.user());
    let import = Import { process, ledger: &ledger, approvers, reachable };
    let agent = (principal.kind == PrincipalKind::Agent)
        .then(|| principal.name.clone().unwrap_or_else(|| "unnamed".to_owned()));
    let mut code = 0;
    let mut touched: Vec<Pending> = Vec::new();
    for token in &tokens {
        match import.examine(token)? {
            Err(why) => {
                code = refuse(&what, &why, "`tollgate request show ID` says what a request needs");
            }
            Ok((pending, approver)) => {
                let user = process.user();
                let event = Event::Approved {
                    request: pending.request.id.clone(),
                    actor: Actor { uid: user.uid, user: user.name.clone(), agent: agent.clone() },
                    how: "signed".to_owned(),
                    approvers: vec![approver.clone()],
                };
                if let Some(state) = places.state.as_deref() {
                    let _receipt = Log::at(state).append(&event, process.now())?;
                }
                ledger.keep(&pending, &token.signature)?;
                writeln!(
                    out,
                    "Request {}: approved by {} ({}).",
                    pending.request.id,
                    sanitize::text(&approver.person),
                    approver.fingerprint
                )?;
                if touched.iter().all(|known| known.request.id != pending.request.id) {
                    touched.push(pending);
                }
            }
        }
    }
    for pending in &touched {
        import.tell(pending, out)?;
    }
    Ok(code)
}

struct Import<'a> {
    process: &'a dyn Process,
    ledger: &'a Ledger,
    approvers: Result<Option<Approvers>, String>,
    reachable: Reachable,
}

impl Import<'_> {
    /// For which request it is, and whose; or why it is worth nothing.
    fn examine(&self, token: &Token) -> anyhow::Result<Result<(Pending, Approver), String>> {
        let signature = &token.signature;
        if signature.namespace() != NAMESPACE {
            return Ok(Err(Why::Namespace(signature.namespace().to_owned()).to_string()));
        }
        let mut waiting = self.ledger.pending()?.waiting;
        let Some(at) = waiting.iter().position(|pending| signature.verify(&pending.bytes).is_ok()) else {
            return Ok(Err(self.unmatched(token, &waiting)?));
        };
        let pending = waiting.swap_remove(at);
        let request = &pending.request;
        if request.facts.approval.needs != Needs::Peer {
            let id = &request.id;
            return Ok(Err(format!(
                "request {id} asks for a confirmation, which nobody signs: `tollgate approve {id}` at a terminal"
            )));
        }
        let approvers = match &self.approvers {
            Ok(Some(approvers)) => approvers,
            Ok(None) => return Ok(Err("there is no list of approvers here any more".to_owned())),
            Err(why) => return Ok(Err(format!("who may approve cannot be told: {why}"))),
        };
        if request.facts.approval.approvers.as_deref() != Some(approvers.digest()) {
            return Ok(Err(format!(
                "the list of approvers has changed since request {} was made: run the command again",
                request.id
            )));
        }
        let checked = self.signer(approvers, request, signature).and_then(|approver| {
            let boot = verify::boot();
            verify::in_time(request, LONGEST, self.process.now(), boot.as_ref()).map(|()| approver)
        });
        Ok(checked.map(|approver| (pending, approver)).map_err(|why| why.to_string()))
    }

    fn signer(
        &self,
        approvers: &Approvers,
        request: &Request,
        signature: &Signature,
    ) -> Result<Approver, Why> {
        signer(approvers, request, signature, (&self.reachable, self.process))
    }

    /// Why no request that waits is the one that was signed.
    fn unmatched(&self, token: &Token, waiting: &[Pending]) -> anyhow::Result<String> {
        let used = self.ledger.used()?;
        if let Some(used) = used.iter().find(|used| token.signature.verify(&used.bytes).is_ok()) {
            return Ok(LedgerError::Used(used.request.id.clone()).to_string());
        }
        let named = token.id.as_deref().map(sanitize::text);
        Ok(match named {
            Some(id) if waiting.iter().any(|pending| pending.request.id == id) => format!(
                "it is not over request {id} as it waits here: the text was changed on its way, or it is another \
                 machine's; sign the file itself"
            ),
            Some(id) => format!("it says that it is for request {id}, which does not wait here"),
            None => {
                "it is over no request that waits here: it was made for another one, or the text was changed \
                     on its way; sign the file itself"
                    .to_owned()
            }
        })
    }

    /// How many people approved it so far, and what to do next.
    fn tell(&self, pending: &Pending, out: &mut dyn Write) -> anyhow::Result<()> {
        let request = &pending.request;
        let Ok(Some(approvers)) = &self.approvers else { return Ok(()) };
        let mut people = BTreeSet::new();
        for signature in self.ledger.signatures(pending)? {
            if signature.verify(&pending.bytes).is_ok()
                && let Ok(approver) = self.signer(approvers, request, &signature)
            {
                people.insert(approver.person);
            }
        }
        let wanted = request.facts.approval.quorum.max(1);
        let count = u32::try_from(people.len()).unwrap_or(u32::MAX);
        if count < wanted {
            let listed = people.into_iter().collect::<Vec<_>>().join(", ");
            writeln!(
                out,
                "Request {}: {count} of {wanted} people approved it ({}); it waits for {} more.",
                request.id,
                sanitize::text(&listed),
                wanted - count
            )?;
        } else {
            writeln!(
                out,
                "Request {} has what it needs. Run the command again before {}:\n  {}",
                request.id,
                view::shown_time(request.execute_before),
                again(request)
            )?;
        }
        if approvers.advisory() {
            writeln!(out, "Note: the list of approvers is advisory: whoever asks could have written it.")?;
        }
        Ok(())
    }
}

/// Whose signature it is, where that person may approve the request.
pub(in crate::cli) fn signer(
    approvers: &Approvers,
    request: &Request,
    signature: &Signature,
    (reachable, process): (&Reachable, &dyn Process),
) -> Result<Approver, Why> {
    let approval = &request.facts.approval;
    let requirement = Requirement {
        quorum: approval.quorum,
        groups: approval.groups.clone(),
        require: approval.require,
        max_ttl: LONGEST,
    };
    let verifier = Verifier {
        approvers,
        requirement: &requirement,
        environment: &request.facts.environment.name,
        requesters: &request.facts.requester.persons,
        reachable,
        now: process.now(),
    };
    verifier.signer(signature)
}
