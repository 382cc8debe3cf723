//! Keys that somebody on this machine could sign with: never a second person's.

use super::signature::PublicKey;
use crate::process::{Environment, User};

/// Those keys.
#[derive(Debug, Default)]
pub struct Reachable;

impl Reachable {
    /// Looks.
    pub fn look(_: &Environment, _: &User) -> Self {
        Self
    }
    /// Where.
    pub fn holds(&self, _: &PublicKey) -> Option<String> {
        None
    }
}
