//! STUB

pub mod fed;
pub mod kept;

use super::{Found, Impact, ImpactError, Subject};

/// Finds out what `subject` would do.
///
/// # Errors
/// Where nothing may run.
pub fn find(subject: &Subject<'_>) -> Result<Found, ImpactError> {
    let fed = fed::feed(subject)?;
    let seen = Subject { command: fed.command.as_ref().unwrap_or(subject.command), ..*subject };
    let mut found = looked_at(&seen);
    if let Found::Impact(impact) = &mut found {
        fed.add_to(impact);
        kept::foresee(subject, impact);
    }
    Ok(found)
}

/// The same, with all that it is fed in files.
fn looked_at(_: &Subject<'_>) -> Found {
    Impact::default().into()
}

/// Keeps what a delete would lose.
///
/// # Errors
/// Why it could not be kept.
pub fn keep(subject: &Subject<'_>, impact: &Impact, request: &str) -> Result<Option<String>, String> {
    kept::keep(subject, impact, request)
}
