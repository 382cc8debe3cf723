//! Where a command would act, and who asks. Looked up offline, and only when
//! the rulebook needs it.
//!
//! Who asks is found from marks that coding agents leave: variables in the
//! environment ([`markers`]), programs among the ancestors ([`programs`], read
//! by [`lineage`]). [`principal`] weighs them. All of it only tightens: a mark
//! never lowers a verdict, and the absence of marks proves nothing.
//!
//! Where it would act is a [`target::Target`], found by one module a tool.

mod address;
pub mod aws;
mod backend;
mod credentials;
pub mod entries;
pub mod kube;
pub mod lineage;
pub mod markers;
pub mod principal;
pub mod programs;
pub mod target;
pub mod terraform;

use std::path::Path;

use crate::command::Command;
use crate::command::declared::Declared;
use crate::process::Environment;
use target::Target;

/// Where `command` would act, started in `directory` with `environment`.
/// `None` as directory means that the working directory is gone.
pub fn target_of(command: &Command, environment: &Environment, directory: Option<&Path>) -> Target {
    match command.tool.as_str() {
        "terraform" | "tofu" => terraform::target(command, environment, directory),
        "kubectl" | "helm" => kube::target(command, environment, directory),
        "aws" => aws::target(command, environment, directory),
        _ => command.declared.as_ref().map(declared).unwrap_or_default(),
    }
}

/// Where a command acts of which a rule file tells how it is read.
fn declared(command: &Declared) -> Target {
    let mut target = Target::default();
    for (fact, value, claimed) in &command.facts {
        match (value.contains('$'), claimed) {
            (true, _) => target.cannot_read(format!("the {} is not known", fact.name())),
            (false, true) => target.claim(*fact, value),
            (false, false) => target.add(*fact, value),
        }
    }
    target
}

/// The variables that decide where `tool` acts, by name: whoever repeats a
/// command elsewhere needs the same.
pub fn variables(tool: &str) -> Vec<&'static str> {
    match tool {
        "terraform" | "tofu" => terraform::variables(),
        "kubectl" | "helm" => kube::variables(tool),
        "aws" => aws::variables(),
        _ => Vec::new(),
    }
}

/// The name to type before a destructive command runs: what it acts on.
/// `None` where nothing has a name that can be typed.
pub fn challenge(command: &Command, target: &Target) -> Option<String> {
    match command.tool.as_str() {
        "terraform" | "tofu" => terraform::challenge(command, target),
        "kubectl" | "helm" => kube::challenge(command, target),
        "aws" => aws::challenge(command, target),
        _ => None,
    }
}

/// `name`, where a person can type it as it is shown.
fn typeable(name: &str) -> Option<String> {
    let plain = name.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    // White space around an answer does not count.
    let typed = (1..=80).contains(&name.len()) && plain && name.trim() == name;
    typed.then(|| name.to_owned())
}
