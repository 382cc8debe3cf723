//! STUB

use super::{Found, Impact, ImpactError, Subject};

/// Finds out what `subject` would do.
///
/// # Errors
/// Where nothing may run.
pub fn find(_: &Subject<'_>) -> Result<Found, ImpactError> {
    Ok(Impact::default().into())
}

/// Asks as the tool would have asked; the exit code to end with, where the answer is no.
pub fn ask() -> Option<u8> {
    None
}

/// Whether a plan of `command` is made before it runs.
pub fn plans(_: &crate::command::Command) -> bool {
    false
}
