//! Command lines of helm's plugins: `helm diff upgrade web ./chart`.
//!
//! helm finds the plugin as any command, behind its own flags, takes those of
//! its flags that reach a cluster or a repository out of the rest, and hands
//! what is left to the plugin. So `helm -n web diff -n web upgrade` is
//! `diff upgrade`. What flags the plugin has is not known: the rest is read by
//! convention ([`generic`]).

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;

use super::TABLE;
use crate::command::cobra::Arity;
use crate::command::generic::{self, split_value};
use crate::command::{Command, Flag, Inert};

/// The flags that every helm 3 and 4 takes out of a plugin's arguments, in
/// exactly these spellings.
const TAKEN_OUT: &[&str] = &[
    "--kube-context",
    "--namespace",
    "-n",
    "--kubeconfig",
    "--registry-config",
    "--repository-cache",
    "--repository-config",
    "--kube-apiserver",
    "--kube-token",
    "--kube-as-user",
    "--kube-as-group",
    "--kube-ca-file",
];

/// Parses a line in which helm has no command of its own. `own` is what helm
/// reads of it with its own flags, wherever they stand, to find the cluster.
pub(super) fn parse(tool: &str, arguments: &[OsString], own: Vec<Flag>) -> Command {
    let rest = split(arguments).unwrap_or_else(|| arguments.to_vec());
    let mut command = generic::parse(tool, &rest);
    command.arguments = arguments.to_vec();
    command.flags.retain(|flag| !is_own(&flag.name) && flag.name != "-n");
    command.flags.extend(own.into_iter().filter(|flag| is_own(&flag.name)));
    let help = command.path.first().is_some_and(|word| word == "help");
    command.inert = help.then_some(Inert::Help);
    command
}

/// Whether every command of helm has this flag.
fn is_own(name: &str) -> bool {
    name.strip_prefix("--").is_some_and(|name| TABLE.arity("", name).is_some())
}

/// The plugin's name and its arguments, without helm's flags. `None` where a
/// flag before the name is not known, so that any word may be the name.
fn split(arguments: &[OsString]) -> Option<Vec<OsString>> {
    let mut rest = Vec::new();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let bytes = word.as_bytes();
        if bytes == b"--" {
            rest.push(word.clone());
            break;
        }
        let (name, value) = split_value(bytes);
        let name = String::from_utf8_lossy(name);
        let is_word = bytes.len() < 2 || !bytes.starts_with(b"-");
        if is_word || (!rest.is_empty() && !TAKEN_OUT.contains(&name.as_ref())) {
            rest.push(word.clone());
            continue;
        }
        let long = if name == "-n" { "namespace" } else { name.strip_prefix("--")? };
        if TABLE.arity("", long)? == Arity::Value && value.is_none() {
            words.next();
        }
    }
    rest.extend(words.cloned());
    Some(rest)
}
