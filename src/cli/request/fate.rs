//! What became of a request, by the record.

use std::path::Path;

use crate::audit::{self, AuditError};
use crate::cli::audit::{cancelled_by, headline_time, outcome};
use crate::ui::sanitize;

/// What the record says of a request; each fit to be shown.
#[derive(Debug, Default)]
pub(in crate::cli) struct Fate {
    /// Which run used it, and how that ended.
    pub(in crate::cli) used: Option<String>,
    /// Who cancelled it, or what took its place.
    pub(in crate::cli) cancelled: Option<String>,
    /// That it was made at all.
    pub(in crate::cli) requested: Option<String>,
}

impl Fate {
    /// The last that is known.
    pub(in crate::cli) fn in_words(self) -> Option<String> {
        self.used.or(self.cancelled).or(self.requested)
    }
}

/// Looks it up.
///
/// # Errors
/// Where the record cannot be read.
pub(in crate::cli) fn of(state: &Path, id: &str) -> Result<Fate, AuditError> {
    let mut fate = Fate::default();
    for incident in &audit::history(state, None)?.incidents {
        if let Some(exec) = incident.entry("exec").filter(|exec| exec.text("approval") == Some(id)) {
            let run = exec.text("req").unwrap_or("?");
            let outcome = outcome(incident)
                .replacen("confirmed-apart", "confirmed with `tollgate approve`", 1)
                .replacen("confirmed-alone", "confirmed, and nobody else was asked", 1);
            let text = format!("used by the run {run} at {}: {outcome}", headline_time(exec));
            fate.used = Some(sanitize::text(&text).into_owned());
        }
        if incident.entries.first().and_then(|entry| entry.text("req")) != Some(id) {
            continue;
        }
        if let Some(cancelled) = incident.entry("cancelled") {
            let text = format!("{} at {}", cancelled_by(cancelled), headline_time(cancelled));
            fate.cancelled = Some(sanitize::text(&text).into_owned());
        }
        if let Some(requested) = incident.entry("requested") {
            let text = format!("it was made at {}, and is gone since", headline_time(requested));
            fate.requested = Some(sanitize::text(&text).into_owned());
        }
    }
    Ok(fate)
}
