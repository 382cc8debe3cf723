//! Command lines of helm's plugins: `helm diff upgrade web ./chart`.
//!
//! helm finds the plugin as any command, behind its own flags, takes those of
//! its flags that reach a cluster or a repository out of the rest, and hands
//! what is left to the plugin. So `helm -n web diff -n web upgrade` is
//! `diff upgrade`. What flags the plugin has is not known: the rest is read by
//! convention ([`generic`]).

use std::ffi::{OsStr, OsString};
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

/// Parses a line in which helm has no command of its own.
pub(super) fn parse(tool: &str, arguments: &[OsString]) -> Command {
    let Some((own, rest)) = split(arguments) else { return generic::parse(tool, arguments) };
    let command = generic::parse(tool, &rest);
    let help = command.path.first().is_some_and(|word| word == "help");
    let flags = own.into_iter().chain(command.flags).collect();
    Command { flags, inert: help.then_some(Inert::Help), arguments: arguments.to_vec(), ..command }
}

/// helm's own flags, and what is left: the plugin's name and its arguments.
/// `None` where a flag before the name is not known, so that any word may be
/// the name.
fn split(arguments: &[OsString]) -> Option<(Vec<Flag>, Vec<OsString>)> {
    let (mut own, mut rest) = (Vec::new(), Vec::new());
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let bytes = word.as_bytes();
        if bytes == b"--" {
            rest.push(word.clone());
            break;
        }
        let (name, value) = split_value(bytes);
        let name = String::from_utf8_lossy(name).into_owned();
        let value = value.map(|value| OsStr::from_bytes(value).to_owned());
        let taken = TAKEN_OUT.contains(&name.as_str());
        if !rest.is_empty() && !taken {
            rest.push(word.clone());
            continue;
        }
        let arity = match name.as_str() {
            "-n" => Some(Arity::Value),
            name => name.strip_prefix("--").and_then(|name| TABLE.arity("", name)),
        };
        let value = match (arity, value) {
            _ if bytes.len() < 2 || !bytes.starts_with(b"-") => {
                rest.push(word.clone());
                continue;
            }
            (None, _) => return None,
            (Some(Arity::Value), None) => words.next().cloned(),
            (_, value) => value,
        };
        let name = if name == "-n" { "--namespace".to_owned() } else { name };
        own.push(Flag { name, value });
    }
    rest.extend(words.cloned());
    Some((own, rest))
}
