//! Where a kubectl or helm command would act: cluster, context, namespace.

use std::path::Path;

use super::target::Target;
use crate::command::Command;
use crate::process::Environment;

/// The variables that decide where kubectl and helm act, by name.
pub fn variables() -> Vec<&'static str> {
    vec!["KUBECONFIG"]
}

/// The target of `command`, started in `directory` with `environment`.
pub fn target(_command: &Command, _environment: &Environment, _directory: Option<&Path>) -> Target {
    Target::default()
}

/// The name to type before a destructive command runs.
pub fn challenge(_command: &Command, _target: &Target) -> Option<String> {
    None
}
