//! As whom, and on what, a command would act: asked of the tool itself.

use super::{Impact, Subject};

/// Adds to `impact` what can be found out of the identity.
pub fn find(_: &Subject<'_>, _: &mut Impact) {}

/// Looks whether that is still so.
///
/// # Errors
/// What changed, in words.
pub fn recheck(_: &Subject<'_>, _: &Impact) -> Result<(), String> {
    Ok(())
}
