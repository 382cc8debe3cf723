//! Requests for approval in the record: what was asked for, who approved it,
//! and which run used it.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{cancelled_by, headline_time, outcome, who};
use crate::audit::{Entry, Incident};

/// How a run was authorized: by whom, where other people approved it.
pub(super) fn authorization(exec: &Entry) -> String {
    let how = exec.text("authorization").unwrap_or("authorized");
    let people = people(exec);
    if people.is_empty() { how.to_owned() } else { format!("{how} by {}", people.join(" and ")) }
}

/// The people in a record, each with the key.
fn people(entry: &Entry) -> Vec<String> {
    let one = |approver: crate::audit::Named<'_>| {
        let vouched = approver.vouched.map(|vouched| format!(", {vouched}")).unwrap_or_default();
        format!("{} ({}{vouched})", approver.person, approver.fingerprint)
    };
    entry.approvers().into_iter().map(one).collect()
}

/// Which run used which request.
pub(super) struct Uses<'a> {
    by_request: HashMap<&'a str, &'a Incident>,
}

impl<'a> Uses<'a> {
    /// By the runs among `incidents`.
    pub(super) fn of(incidents: &'a [Incident]) -> Self {
        let used = |incident: &'a Incident| Some((incident.entry("exec")?.text("approval")?, incident));
        Self { by_request: incidents.iter().filter_map(used).collect() }
    }

    /// What there is to say of an invocation's approval.
    pub(super) fn lines(&self, incident: &Incident, now: Timestamp) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(exec) = incident.entry("exec")
            && let Some(approval) = exec.text("approval")
        {
            // Its own line names the people.
            lines.push(format!("the approval was that of request {approval}"));
        }
        let requested = incident.entry("requested");
        if let Some(requested) = requested {
            let needs = match requested.text("needs") {
                Some("peer") => "another person's approval",
                _ => "a person's confirmation",
            };
            lines.push(format!(
                "asked for {needs}, to be used before {}",
                requested.text("expires").unwrap_or("an unknown time")
            ));
        }
        for approved in incident.entries.iter().filter(|entry| entry.kind() == "approved") {
            let people = people(approved);
            let by = if people.is_empty() {
                format!("{} at a terminal by {}", approved.text("how").unwrap_or("approved"), who(approved))
            } else {
                format!("approved by {}, brought by {}", people.join(" and "), who(approved))
            };
            lines.push(format!("{}  {by}", headline_time(approved)));
        }
        let id = incident.entries.first().and_then(|entry| entry.text("req"));
        let end = id.and_then(|id| self.end(id, incident, now));
        lines.extend(end);
        lines
    }

    /// What became of the request of this name, where one was made.
    fn end(&self, id: &str, incident: &Incident, now: Timestamp) -> Option<String> {
        let requested = incident.entry("requested")?;
        if let Some(run) = self.by_request.get(id) {
            let name = run.entry("exec").and_then(|exec| exec.text("req")).unwrap_or("?");
            return Some(if name == id {
                "used at once".to_owned()
            } else {
                format!("used by {name}: {}", outcome(run))
            });
        }
        if let Some(cancelled) = incident.entry("cancelled") {
            return Some(format!("{}  {}", headline_time(cancelled), cancelled_by(cancelled)));
        }
        let expires = requested.text("expires").and_then(|text| text.parse::<Timestamp>().ok());
        Some(match expires {
            Some(expires) if expires > now => "no run has used it yet".to_owned(),
            _ => "no run used it, and it has expired".to_owned(),
        })
    }
}
