//! Whether a signature approves a request, in the order in which that is asked.
//!
//! 1. the key: on the list of approvers, valid now, not revoked, and not one
//!    that somebody on this machine could sign with
//! 2. the person: not the requester, and in the groups that are asked for
//! 3. what a security key vouched for
//! 4. the signature, over the very bytes that are stored
//! 5. the time
//! 6. every fact, gathered anew
//!
//! How many different people that makes is asked last. The form of the
//! signature was checked when it was read.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::approvers::{Approvers, Requirement};
use super::binding;
use super::reachable::Reachable;
use super::request::{Boot, Difference, Facts, NAMESPACE, Presence, Request, RequestError};
use super::signature::Signature;
use crate::audit::Approver;
use crate::verdict::PrincipalKind;

/// How long behind the end of the time to approve something may still run.
pub const GRACE: SignedDuration = SignedDuration::from_mins(5);

/// How far the clocks of two machines may be apart.
const SKEW: SignedDuration = SignedDuration::from_mins(2);

/// How much of a value is shown, in characters.
const SHOWN: usize = 120;

/// Why a signature approves nothing here.
#[derive(Debug, thiserror::Error)]
pub enum Why {
    /// It was made for another purpose.
    #[error(
        "it was made in the namespace {0:?}, not `{NAMESPACE}`: sign with `ssh-keygen -Y sign -n {NAMESPACE}`"
    )]
    Namespace(String),
    /// The key is nobody's.
    #[error("its key {0} is on nobody's list: `tollgate approvers list` shows whose are")]
    Stranger(String),
    /// The key was revoked.
    #[error("the key {fingerprint} of {person} is revoked")]
    Revoked {
        /// The key.
        fingerprint: String,
        /// Whose it is.
        person: String,
    },
    /// The key is not valid yet.
    #[error("the key {fingerprint} of {person} is valid from {from} on, not yet")]
    NotYet {
        /// The key.
        fingerprint: String,
        /// Whose it is.
        person: String,
        /// From when on.
        from: Timestamp,
    },
    /// The key is valid no longer.
    #[error("the key {fingerprint} of {person} was valid until {until}")]
    NoLonger {
        /// The key.
        fingerprint: String,
        /// Whose it is.
        person: String,
        /// Until when.
        until: Timestamp,
    },
    /// Somebody on this machine could sign with it.
    #[error(
        "the key {fingerprint} of {person} can be used on this machine ({place}), so it proves no second person"
    )]
    Reachable {
        /// The key.
        fingerprint: String,
        /// Whose it is.
        person: String,
        /// Where.
        place: String,
    },
    /// The person asks.
    #[error("{0} asks for it, and nobody approves their own request")]
    Requester(String),
    /// The person is in none of the groups.
    #[error("{person} is not in {groups}, which {environment} asks for")]
    Group {
        /// The person.
        person: String,
        /// The groups.
        groups: String,
        /// The environment.
        environment: String,
    },
    /// The security key was not touched, or its PIN not entered.
    #[error("{person} signed {with}, and {wanted} is required")]
    Presence {
        /// The person.
        person: String,
        /// What it was signed with.
        with: &'static str,
        /// What is required.
        wanted: &'static str,
    },
    /// The time is over.
    #[error("the request could be used until {0}; run the command again to make a new one")]
    Expired(Timestamp),
    /// The time to approve it is over.
    #[error("it could be approved until {0}")]
    Late(Timestamp),
    /// The machine was started since, or its clock was set.
    #[error("{0}, so the request has expired; run the command again to make a new one")]
    Clock(&'static str),
    /// It would be valid for longer than the list of approvers lets one be.
    #[error(
        "the request says that it is valid for longer than {0:#} and {GRACE:#} more, so tollgate did not write it"
    )]
    TooLong(SignedDuration),
    /// Something is not as it was.
    #[error("{}", told(.0))]
    Differs(Vec<Difference>),
    /// An agent would run what a human asked for.
    #[error("a human asked for it, and an agent would run it")]
    Principal,
    /// The request cannot be compared.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// Too few people.
    #[error("{} of {wanted} people approved: {}", .people.len(), names(.people))]
    Quorum {
        /// Who did.
        people: BTreeSet<String>,
        /// How many have to.
        wanted: u32,
    },
}

/// What is asked of the person behind a signature.
#[derive(Debug)]
pub struct Verifier<'a> {
    /// Who may approve.
    pub approvers: &'a Approvers,
    /// What the environment asks for.
    pub requirement: &'a Requirement,
    /// The environment's name, for people.
    pub environment: &'a str,
    /// The people who ask.
    pub requesters: &'a [String],
    /// Keys of this machine.
    pub reachable: &'a Reachable,
    /// The clock.
    pub now: Timestamp,
}

impl Verifier<'_> {
    /// Whose signature it is, where that person may approve. Whether it is one
    /// over the request is asked of [`Signature::verify`] next.
    ///
    /// # Errors
    /// Why that person may not, or nobody knows them.
    pub fn signer(&self, signature: &Signature) -> Result<Approver, Why> {
        if signature.namespace() != NAMESPACE {
            return Err(Why::Namespace(signature.namespace().to_owned()));
        }
        let fingerprint = signature.key().fingerprint();
        let Some((person, key)) = self.approvers.holder(signature.key()) else {
            return Err(Why::Stranger(fingerprint));
        };
        let name = || person.id.clone();
        if self.approvers.is_revoked(signature.key()) {
            return Err(Why::Revoked { fingerprint, person: name() });
        }
        if let Some(from) = key.valid_after.filter(|from| self.now < before(*from)) {
            return Err(Why::NotYet { fingerprint, person: name(), from });
        }
        if let Some(until) = key.valid_before.filter(|until| before(self.now) >= *until) {
            return Err(Why::NoLonger { fingerprint, person: name(), until });
        }
        if self.requesters.contains(&person.id) {
            return Err(Why::Requester(name()));
        }
        if let Some(place) = self.reachable.holds(signature.key()) {
            return Err(Why::Reachable { fingerprint, person: name(), place });
        }
        let lacking =
            self.requirement.groups.iter().find(|groups| {
                !groups.is_empty() && !groups.iter().any(|group| person.groups.contains(group))
            });
        if let Some(groups) = lacking {
            let groups = groups.join(" or ");
            return Err(Why::Group { person: name(), groups, environment: self.environment.to_owned() });
        }
        let vouched = presence(signature, self.requirement.require.max(key.require), &person.id)?;
        Ok(Approver {
            person: name(),
            fingerprint,
            signature: signature.sha256(),
            vouched: vouched.map(str::to_owned),
            counter: signature.presence().map(|vouched| vouched.counter),
        })
    }
}

/// What a security key vouched for, where that is enough.
fn presence(signature: &Signature, required: Presence, person: &str) -> Result<Option<&'static str>, Why> {
    let vouched = signature.presence();
    let found = match vouched {
        Some(vouched) if vouched.touched && vouched.verified => Presence::TouchAndPin,
        Some(vouched) if vouched.touched => Presence::Touch,
        _ => Presence::None,
    };
    if found >= required {
        return Ok(vouched.map(|_| found.name()));
    }
    let with = match (vouched, found) {
        (None, _) => "with a key that is no security key",
        (_, Presence::None) => "with a security key that was not touched",
        _ => "with a security key whose PIN was not entered",
    };
    Err(Why::Presence { person: person.to_owned(), with, wanted: required.name() })
}

fn before(time: Timestamp) -> Timestamp {
    time.checked_sub(SKEW).unwrap_or(time)
}

/// Whether a request may be used at this time. A clock that was set back, or a
/// machine that was started since, does not prolong it.
///
/// # Errors
/// Why not.
pub fn in_time(
    request: &Request,
    max_ttl: SignedDuration,
    now: Timestamp,
    boot: Option<&Boot>,
) -> Result<(), Why> {
    let valid = request.execute_before.duration_since(request.created);
    if valid > max_ttl.saturating_add(GRACE) || request.approve_before > request.execute_before {
        return Err(Why::TooLong(max_ttl));
    }
    if now >= request.execute_before {
        return Err(Why::Expired(request.execute_before));
    }
    if request.created > now.checked_add(SKEW).unwrap_or(now) {
        return Err(Why::Clock("it was made at a time that has not come"));
    }
    match (&request.boot, boot) {
        (Some(made), Some(boot)) if made.id != boot.id => Err(Why::Clock("the machine was started since")),
        (Some(made), Some(boot)) => {
            let up = boot.milliseconds.checked_sub(made.milliseconds).map(i64::try_from);
            match up {
                Some(Ok(up)) if SignedDuration::from_millis(up) < valid => Ok(()),
                Some(_) => Err(Why::Expired(request.execute_before)),
                None => Err(Why::Clock("it was made when the machine had been up for longer than now")),
            }
        }
        (None, None) => Ok(()),
        _ => Err(Why::Clock("it was made by another clock")),
    }
}

/// Whether people may still approve it.
///
/// # Errors
/// Since when not.
pub fn approvable(request: &Request, now: Timestamp) -> Result<(), Why> {
    if now < request.approve_before { Ok(()) } else { Err(Why::Late(request.approve_before)) }
}

/// Whether everything is as it was.
///
/// # Errors
/// What is not.
pub fn unchanged(request: &Request, live: &Facts) -> Result<(), Why> {
    let differences = request.facts.differences(live)?;
    if differences.is_empty() { Ok(()) } else { Err(Why::Differs(differences)) }
}

/// Whether a request says truly that an agent asks: who approved what a human asked
/// for did not approve it for an agent.
///
/// # Errors
/// Where an agent would use what a human asked for.
pub fn asked_by(request: &Request, principal: PrincipalKind) -> Result<(), Why> {
    if principal > request.principal.kind { Err(Why::Principal) } else { Ok(()) }
}

/// Whether so many different people approved.
///
/// # Errors
/// Who did, where they are too few.
pub fn quorum(approvers: &[Approver], wanted: u32) -> Result<(), Why> {
    let people: BTreeSet<String> = approvers.iter().map(|approver| approver.person.clone()).collect();
    let wanted = wanted.max(1);
    if u32::try_from(people.len()).is_ok_and(|people| people >= wanted) {
        return Ok(());
    }
    Err(Why::Quorum { people, wanted })
}

/// The boot of now, which requests are compared with.
pub fn boot() -> Option<Boot> {
    binding::boot()
}

fn names(people: &BTreeSet<String>) -> String {
    if people.is_empty() {
        "nobody".to_owned()
    } else {
        people.iter().cloned().collect::<Vec<_>>().join(", ")
    }
}

/// The first difference in words, and how many more there are.
fn told(differences: &[Difference]) -> String {
    // What follows from the others says less than they do.
    let follows = |difference: &Difference| {
        let field = difference.field.as_str();
        matches!(field, "risk" | "summary" | "effects" | "rules" | "notes" | "challenge")
    };
    let (follow, mut differences): (Vec<&Difference>, Vec<&Difference>) =
        differences.iter().partition(|difference| follows(difference));
    if differences.is_empty() {
        differences = follow;
    }
    // What it would do, and where, before what that makes of it: a plan that was swapped is
    // read from somewhere, and may need another approval.
    differences.sort_by_key(|difference| match difference.field.as_str() {
        "approval.approvers" => 0,
        "runs" | "target.plan" => 1,
        field if field.starts_with("approval.") => 2,
        _ => 0,
    });
    let Some(first) = differences.first() else { return String::new() };
    let (field, entry) = first.field.split_once('.').map_or((first.field.as_str(), ""), |parts| parts);
    let what = match field {
        "argv" => "the arguments are not those that were approved".to_owned(),
        "runs" => "what would run is not what was approved".to_owned(),
        "directory" => "the working directory is not the one that was approved".to_owned(),
        "environment" => "the environment is not classified as it was".to_owned(),
        "approval" => {
            "what it needs to be approved has changed (the list of approvers, or its rules)".to_owned()
        }
        "requester" => "somebody else would run it".to_owned(),
        "host" => "it was approved for another machine".to_owned(),
        "tool" => "another tool was approved".to_owned(),
        "target" if entry == "plan" => "the plan is not the one that was approved".to_owned(),
        "target" => format!("it would act elsewhere: the {entry} has changed"),
        "binary" => "the program is not the one that was approved".to_owned(),
        "inputs" if entry == binding::FOUND => "what it would act on is not what it was".to_owned(),
        "inputs" => format!("what it reads has changed: {entry}"),
        "variables" => format!("the variable {entry} has changed"),
        "policy" => "the rulebook has changed".to_owned(),
        "state" => "the request belongs to another state directory".to_owned(),
        "version" => "another version of tollgate judged it".to_owned(),
        "risk" | "summary" | "effects" | "rules" | "notes" | "challenge" => {
            "it is judged otherwise than it was".to_owned()
        }
        other => format!("{other} has changed"),
    };
    let cut = |value: &Option<String>| match value {
        Some(text) if text.chars().count() > SHOWN => {
            format!("{}…", text.chars().take(SHOWN).collect::<String>())
        }
        Some(text) => text.clone(),
        None => "nothing".to_owned(),
    };
    let mut text = match (first.approved.as_deref(), first.now.as_deref()) {
        // Digests tell a person nothing but that they differ.
        (Some(one), Some(other)) if is_digest(one) && is_digest(other) => what,
        (Some("absent") | None, Some(now)) if is_digest(now) => format!("{what} (it was not there)"),
        (Some(approved), Some("absent") | None) if is_digest(approved) => format!("{what} (it is gone)"),
        _ => format!("{what} (approved: {}; now: {})", cut(&first.approved), cut(&first.now)),
    };
    let others: Vec<&str> = differences.iter().skip(1).map(|other| other.field.as_str()).collect();
    if !others.is_empty() {
        let listed = others.iter().take(5).copied().collect::<Vec<_>>().join(", ");
        let more = others.len().saturating_sub(5);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        text = format!("{text}; also changed: {listed}{more}");
    }
    text
}

fn is_digest(value: &str) -> bool {
    value.starts_with("sha256:") || value.starts_with("hmac-sha256:")
}

#[cfg(test)]
mod tests;
