//! Other names of programs: GNU's own behind a `g`, names of Windows, programs
//! that pass everything on to another.

use super::options::leading;
use super::{Changes, Inner, after, each};
use crate::shell::value::Value;

/// GNU programs that stand behind a `g` where another of the name is there.
const GNU: &[&str] = &[
    "cat", "chgrp", "chmod", "chown", "chroot", "cp", "dd", "echo", "head", "install", "kill", "ln", "ls",
    "make", "mkdir", "mkfifo", "mknod", "mv", "nohup", "printf", "rm", "rmdir", "sed", "seq", "shred",
    "sync", "tac", "tail", "tee", "touch", "truncate", "unlink", "yes",
];

/// Programs that pass all their words on to another.
const SAME: &[(&str, &str)] = &[
    ("kubecolor", "kubectl"),
    ("microk8s.kubectl", "kubectl"),
    ("microk8s.helm", "helm"),
    ("microk8s.helm3", "helm"),
    ("k3s.kubectl", "kubectl"),
];

/// Where programs of the system stand, whose names say what they are.
const SYSTEM: &[&str] = &["/bin/", "/sbin/", "/usr/", "/lib", "/nix/store/", "/snap/"];

pub(super) fn inner(program: &Value, name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    let mut inners = if loads(name) { loader(words)? } else { vec![same(program, name, words)?] };
    // A file of such a name may be a script all the same.
    let elsewhere = program.bytes.contains(&b'/')
        && !SYSTEM.iter().any(|directory| program.bytes.starts_with(directory.as_bytes()));
    if elsewhere {
        inners.push(Inner::file(program.clone(), None, words));
    }
    Some(inners)
}

fn same(program: &Value, name: &str, words: &[Value]) -> Option<Inner> {
    let command = |start: &[&str], rest: &[Value]| {
        let start: Vec<Value> = start.iter().map(|word| Value::from(*word)).collect();
        Inner::words(&[&start, rest].concat(), &Changes::default())
    };
    if let Some((_, other)) = SAME.iter().find(|(own, _)| *own == name) {
        return Some(command(&[other], words));
    }
    if name == "hub" {
        // git's own subcommands, and a few of GitHub's.
        return Some(match words.split_first() {
            Some((first, rest)) if first.bytes == b"api" => command(&["gh", "api"], rest),
            Some((first, rest)) if first.bytes == b"delete" => command(&["gh", "repo", "delete"], rest),
            _ => command(&["git"], words),
        });
    }
    if matches!(name, "coreutils" | "uutils") {
        let (first, rest) = words.split_first()?;
        let named = after(first, "--coreutils-prog=").or_else(|| after(first, "--coreutils-prog-shebang="));
        let own = named.unwrap_or_else(|| first.clone());
        return (!own.bytes.starts_with(b"-"))
            .then(|| Inner::words(&[std::slice::from_ref(&own), rest].concat(), &Changes::default()));
    }
    if let Some(plain) = name.strip_prefix('g').filter(|plain| GNU.contains(plain)) {
        return Some(command(&[plain], words));
    }
    if let Some(subcommand) = name.strip_prefix("git-").filter(|subcommand| !subcommand.is_empty()) {
        return Some(command(&["git", subcommand], words));
    }
    let written = program.bytes.to_ascii_lowercase();
    written.ends_with(b".exe").then(|| command(&[name], words))
}

/// The dynamic loader, which is a program that runs its first operand.
fn loads(name: &str) -> bool {
    ["ld-linux", "ld-musl", "ld64.so", "ld.so", "ld-2."].iter().any(|start| name.starts_with(start))
}

fn loader(words: &[Value]) -> Option<Vec<Inner>> {
    let grammar = "list verify inhibit-cache library-path= inhibit-rpath= audit= preload= argv0= \
        glibc-hwcaps-prepend= glibc-hwcaps-mask= list-tunables list-diagnostics help version";
    let parsed = leading(words, grammar);
    if parsed.has("list verify list-tunables list-diagnostics help version") {
        return None;
    }
    each(parsed.tails(), &Changes::default())
}
