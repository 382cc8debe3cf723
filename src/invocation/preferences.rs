//! The user's files that change what a tool's arguments mean.

use std::path::Path;

use super::Invocation;
use crate::command::Preferences;
use crate::process::Environment;

/// Reads the file that the tool would read before its arguments.
pub fn read(_invocation: &Invocation, _environment: &Environment, _directory: Option<&Path>) -> Preferences {
    Preferences::None
}
