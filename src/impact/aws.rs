//! STUB

use super::{Found, Impact, ImpactError, Subject};

/// Finds out what `subject` would do.
///
/// # Errors
/// Where nothing may run.
pub fn find(_: &Subject<'_>) -> Result<Found, ImpactError> {
    Ok(Impact::default().into())
}
