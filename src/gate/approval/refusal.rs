//! Why a command waits, and how it is approved.

use std::time::Duration;

use super::super::gated::Gated;
use super::case::Terms;
use crate::authorization::Refused;
use crate::authorization::approvers::Requirement;
use crate::authorization::ledger::Pending;
use crate::authorization::request::{Facts, NAMESPACE, Presence};
use crate::ui::sanitize;

/// How many names of people a message lists.
const NAMES: usize = 5;

impl Gated<'_> {
    /// Why nothing ran, with what is wrong with what came back, and how it is approved: for
    /// a run that ends, or for one that waits for so long.
    pub(super) fn refusal(
        &self,
        terms: &Terms,
        facts: &Facts,
        nobody: &str,
        pending: &Pending,
        (faults, wait): (&[String], Option<Duration>),
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
                 {}; or they run it there: {}",
                match wait {
                    Some(wait) => format!("then this goes on by itself: it waits for up to {}", length(wait)),
                    None => "then run this again".to_owned(),
                },
                self.line_elsewhere()
            ),
            Some((approvers, requirement)) => {
                let people: Vec<&str> = approvers
                    .able(requirement, &facts.requester.persons, self.weighing.process.now())
                    .into_iter()
                    .map(|person| person.id.as_str())
                    .collect();
                let listed = people.iter().take(NAMES).copied().collect::<Vec<_>>().join(", ");
                let more = people.len().saturating_sub(NAMES);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                let touch = match requirement.require {
                    Presence::None => String::new(),
                    vouched => format!("with a security key ({}), ", vouched.name()),
                };
                let advisory = if approvers.advisory() {
                    let list = sanitize::os(approvers.path().as_os_str());
                    format!("\nnote: {list} is advisory: whoever asks could have written it")
                } else {
                    String::new()
                };
                let then = match wait {
                    Some(wait) => format!(
                        "then hand the token, or the signature, to `tollgate approve --import FILE` here, and this \
                         goes on by itself: it waits for up to {}",
                        length(wait)
                    ),
                    None => "then run this again with TOLLGATE_TOKEN set to the token, or to the path of the signature"
                        .to_owned(),
                };
                format!(
                    "request {id} waits until {until} for {} of {listed}{more}, who sign a copy of\n\
                     {path}\n\
                     {touch}with `tollgate approve FILE`, or with OpenSSH alone:\n\
                     ssh-keygen -Y sign -n {NAMESPACE} -f KEY {path}\n\
                     {then}{advisory}",
                    requirement.quorum
                )
            }
        };
        Refused { because, approve, asked: false }
    }
}

/// A length of time in words: `1h`, `90s`.
pub(super) fn length(wait: Duration) -> String {
    let seconds = wait.as_secs().max(1);
    let units = [(3600, "h"), (60, "m")];
    let whole = units.into_iter().find(|(unit, _)| seconds.is_multiple_of(*unit));
    let (unit, name) = whole.unwrap_or((1, "s"));
    format!("{}{name}", seconds / unit)
}

/// The groups in words.
pub(super) fn groups(requirement: &Requirement) -> String {
    let named: Vec<String> = requirement
        .groups
        .iter()
        .filter(|groups| !groups.is_empty())
        .map(|groups| groups.join(" or "))
        .collect();
    if named.is_empty() { "the people on the list".to_owned() } else { named.join(" and ") }
}
