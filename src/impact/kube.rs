//! What kubectl would do, and to which objects.

pub mod objects;

use super::{Found, Impact, ImpactError, Subject};

/// Finds out what `subject` would do.
///
/// # Errors
/// Where nothing may run.
pub fn find(_: &Subject<'_>) -> Result<Found, ImpactError> {
    Ok(Impact::default().into())
}

/// Keeps what a delete would lose.
///
/// # Errors
/// Why it could not be kept.
pub fn keep(_: &Subject<'_>, _: &Impact, _: &str) -> Result<Option<String>, String> {
    Ok(None)
}
