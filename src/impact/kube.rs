//! STUB

pub mod fed;
pub mod kept;

use super::{Found, Impact, ImpactError, Subject};

/// Finds out what `subject` would do.
///
/// # Errors
/// Where nothing may run.
pub fn find(subject: &Subject<'_>) -> Result<Found, ImpactError> {
    let mut impact = Impact::default();
    fed::feed(subject, &mut impact)?;
    kept::foresee(subject, &mut impact);
    Ok(impact.into())
}

/// Keeps what a delete would lose.
///
/// # Errors
/// Why it could not be kept.
pub fn keep(subject: &Subject<'_>, impact: &Impact, request: &str) -> Result<Option<String>, String> {
    kept::keep(subject, impact, request)
}
