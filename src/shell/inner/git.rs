//! git: aliases, hooks and programs that are set for one call, and subcommands
//! that run what they are given.

use std::collections::BTreeSet;

use super::options::{anywhere, leading};
use super::{Changes, Inner, Place, after, joined};
use crate::shell::value::Value;

const GLOBAL: &str = "C= c= p,paginate P,no-pager git-dir= work-tree= namespace= exec-path== html-path man-path info-path \
    bare config-env= super-prefix= no-replace-objects no-lazy-fetch no-optional-locks no-advice literal-pathspecs \
    glob-pathspecs noglob-pathspecs icase-pathspecs list-cmds= attr-source= v,version h,help";

/// Settings whose value is shell text: in full, or by their end.
const TEXTS: &[&str] = &[
    "core.pager",
    "core.editor",
    "core.sshcommand",
    "core.askpass",
    "core.fsmonitor",
    "core.gitproxy",
    "core.alternaterefscommand",
    "sequence.editor",
    "diff.external",
    "gpg.program",
    "gpg.ssh.program",
    "gpg.x509.program",
    "gpg.openpgp.program",
    "gpg.ssh.defaultkeycommand",
    "uploadpack.packobjectshook",
    "web.browser",
    "interactive.difffilter",
    "sendemail.smtpserver",
    "sendemail.sendmailcmd",
    "sendemail.tocmd",
    "sendemail.cccmd",
    "credential.helper",
    "ssh.command",
];
const TEXT_ENDS: &[&str] = &[
    ".clean",
    ".smudge",
    ".process",
    ".cmd",
    ".textconv",
    ".command",
    ".uploadpack",
    ".receivepack",
    ".helper",
    ".driver",
    ".proxycommand",
    ".program",
];

/// Subcommands that run hooks.
const HOOKED: &[&str] = &[
    "am",
    "checkout",
    "cherry-pick",
    "clone",
    "commit",
    "fetch",
    "gc",
    "merge",
    "pull",
    "push",
    "rebase",
    "receive-pack",
    "reset",
    "revert",
    "send-email",
    "stash",
    "switch",
    "update-ref",
    "worktree",
];

pub(super) fn inner(name: &str, words: &[Value]) -> Option<Vec<Inner>> {
    if name != "git" {
        return None;
    }
    let parsed = leading(words, GLOBAL);
    let changes = Changes { directory: directory(parsed.values("C")), ..Changes::default() };
    let tail = parsed.tails().next().unwrap_or_default();
    let settings: Vec<&Value> = parsed.values("c").collect();
    let mut inners: Vec<Inner> = last_of_each(&settings)
        .into_iter()
        .filter_map(|setting| setting_runs(setting, tail, &changes))
        .collect();
    for setting in parsed.values("config-env") {
        let name = setting.bytes.split(|byte| *byte == b'=').next().unwrap_or_default().to_ascii_lowercase();
        if names_text(&name) || name.starts_with(b"alias.") {
            inners.push(Inner::opaque("git runs what a variable holds"));
        }
    }
    if let Some((subcommand, rest)) = tail.split_first() {
        inners.extend(subcommand_runs(subcommand, rest, &changes));
    }
    Some(inners)
}

/// The settings that hold: of one that is given often, the last.
fn last_of_each<'a>(settings: &[&'a Value]) -> Vec<&'a Value> {
    let name = |setting: &Value| {
        setting.bytes.split(|byte| *byte == b'=').next().unwrap_or_default().to_ascii_lowercase()
    };
    let mut seen = BTreeSet::new();
    let mut last: Vec<&Value> =
        settings.iter().rev().filter(|setting| seen.insert(name(setting))).copied().collect();
    last.reverse();
    last
}

/// Directories of several `-C` in turn: each is relative to the one before.
fn directory<'a>(values: impl Iterator<Item = &'a Value>) -> Option<Value> {
    values.cloned().reduce(|before, next| {
        if next.bytes.starts_with(b"/") {
            next
        } else {
            Value::known([before.bytes.as_slice(), b"/", &next.bytes].concat())
        }
    })
}

fn names_text(name: &[u8]) -> bool {
    TEXTS.iter().any(|text| text.as_bytes() == name)
        || name.starts_with(b"pager.")
        || TEXT_ENDS.iter().any(|end| name.ends_with(end.as_bytes()))
}

/// What a setting of `-c` runs. An alias runs only where it is called.
fn setting_runs(setting: &Value, tail: &[Value], changes: &Changes) -> Option<Inner> {
    let at = setting.bytes.iter().position(|byte| *byte == b'=')?;
    let name = setting.bytes.get(..at)?.to_ascii_lowercase();
    let value = Value::known(setting.bytes.get(at + 1..)?);
    if let Some(alias) = name.strip_prefix(b"alias.") {
        let (subcommand, rest) = tail.split_first()?;
        let called = subcommand.bytes.to_ascii_lowercase() == alias || !subcommand.is_known();
        if !called {
            return None;
        }
        let text = match after(&value, "!") {
            Some(text) => text,
            // Another git command, of which the alias is the beginning.
            None => Value::known([b"git ".as_slice(), &value.bytes].concat()),
        };
        // git puts `"$@"` behind the text.
        let text =
            if rest.is_empty() { text } else { Value::known([&text.bytes, b" \"$@\"".as_slice()].concat()) };
        let arguments: Vec<Value> = [std::slice::from_ref(subcommand), rest].concat();
        return Some(Inner::text(text, &arguments, changes));
    }
    let subcommand = tail.first().map(|word| word.bytes.as_slice()).unwrap_or_default();
    if name == b"include.path" || name.starts_with(b"includeif.") {
        return Some(Inner::opaque("git takes settings from a file that is given for this call"));
    }
    if name == b"core.hookspath" {
        let none = matches!(value.bytes.as_slice(), b"" | b"/dev/null");
        let runs = !none && HOOKED.iter().any(|hooked| hooked.as_bytes() == subcommand);
        return runs.then(|| Inner::opaque("git runs hooks from a directory that is given for this call"));
    }
    if let Some(words) = as_options(&name, &value, subcommand) {
        return Some(Inner::words(&[words.as_slice(), tail.get(1..)?].concat(), changes));
    }
    if !names_text(&name) {
        return None;
    }
    let plain = matches!(
        value.bytes.as_slice(),
        b"" | b"true" | b"false" | b"store" | b"cache" | b"osxkeychain" | b"manager"
    );
    let helper =
        name.ends_with(b".helper") && !value.bytes.starts_with(b"!") && !value.bytes.starts_with(b"/");
    let text = after(&value, "!").unwrap_or(value);
    (!plain && !helper).then(|| Inner::text(text, &[], changes))
}

/// The beginning of the command that does by options what a setting makes of it.
fn as_options(name: &[u8], value: &Value, subcommand: &[u8]) -> Option<Vec<Value>> {
    let on = |value: &[u8]| matches!(value, b"true" | b"yes" | b"on" | b"1");
    match subcommand {
        b"push" if name.starts_with(b"remote.") && name.ends_with(b".mirror") && on(&value.bytes) => {
            Some(vec!["git".into(), "push".into(), "--mirror".into()])
        }
        b"push" if name.starts_with(b"remote.") && name.ends_with(b".push") => {
            let remote = name.get(b"remote.".len()..name.len() - b".push".len())?;
            Some(vec!["git".into(), "push".into(), Value::known(remote), value.clone()])
        }
        b"clean" if name == b"clean.requireforce" && !on(&value.bytes) => {
            Some(vec!["git".into(), "clean".into(), "-f".into()])
        }
        _ => None,
    }
}

fn subcommand_runs(subcommand: &Value, rest: &[Value], changes: &Changes) -> Vec<Inner> {
    let text = |text: &Value| Inner::text(text.clone(), &[], changes);
    let mut inners: Vec<Inner> = Vec::new();
    match subcommand.bytes.as_slice() {
        b"bisect" => {
            if let Some((run, command)) = rest.split_first()
                && run.bytes == b"run"
                && !command.is_empty()
            {
                inners.push(Inner::words(command, changes));
            }
        }
        b"submodule" => {
            let tail = leading(rest, "q,quiet cached").tails().next().unwrap_or_default();
            if let Some((foreach, rest)) = tail.split_first()
                && foreach.bytes == b"foreach"
            {
                let command = leading(rest, "* recursive q,quiet").tails().next().unwrap_or_default();
                let changes = Changes { directory: Some(Value::unknown()), ..changes.clone() };
                if !command.is_empty() {
                    inners.push(Inner::text(joined(command), &[], &changes));
                }
            }
        }
        b"rebase" | b"pull" | b"replay" => {
            let grammar = "* x,exec= onto= s,strategy= X,strategy-option= C= i m,merge r,rebase-merges== keep-base S== \
                upload-pack= depth= j= o= refmap=";
            let parsed = anywhere(rest, grammar);
            inners.extend(parsed.values("x").map(text));
        }
        b"filter-branch" => {
            let grammar = "setup= subdirectory-filter= env-filter= tree-filter= index-filter= parent-filter= msg-filter= \
                commit-filter= tag-name-filter= prune-empty original= d= f,force state-branch=";
            let parsed = leading(rest, grammar);
            let filters =
                parsed.found.iter().filter(|found| found.name.ends_with("filter") || found.name == "setup");
            let filters = filters.filter(|found| found.name != "subdirectory-filter");
            inners.extend(filters.filter_map(|found| found.value.as_ref()).map(text));
        }
        b"difftool" => {
            let parsed = anywhere(rest, "* x,extcmd= t,tool= d g y rotate-to= skip-to= trust-exit-code");
            inners.extend(parsed.values("x").map(text));
        }
        b"grep" => {
            let parsed = anywhere(rest, "* O,open-files-in-pager== e= f= A= B= C= m= threads= max-depth=");
            inners.extend(parsed.values("O").map(text));
        }
        b"clone" | b"fetch" | b"ls-remote" | b"push" | b"remote" | b"archive" | b"fetch-pack"
        | b"send-pack" => {
            inners.extend(transport(subcommand, rest, changes));
        }
        _ => {}
    }
    inners
}

/// Programs at the other end, which is this machine for a path, and `ext::`.
fn transport(subcommand: &Value, rest: &[Value], changes: &Changes) -> Vec<Inner> {
    let grammar = "* upload-pack= receive-pack= exec= remote= repo= o= b,branch= c,config= depth= j,jobs= reference= \
        separate-git-dir= template= origin= filter= server-option= push-option= shallow-since= shallow-exclude= refmap= sort=";
    let parsed = anywhere(rest, grammar);
    let remote = |word: &Value| {
        let scp = word.bytes.iter().position(|byte| *byte == b':');
        let slash = word.bytes.iter().position(|byte| *byte == b'/').unwrap_or(usize::MAX);
        scp.is_some_and(|colon| colon < slash) && !word.bytes.starts_with(b"file:")
    };
    let place = if parsed.operands.iter().any(remote) { Place::Remote } else { Place::Here };
    let other = Changes { place, ..changes.clone() };
    let programs = ["upload-pack", "receive-pack", "exec"].iter().flat_map(|name| parsed.values(name));
    let mut inners: Vec<Inner> = programs.map(|text| Inner::text(text.clone(), &[], &other)).collect();
    if subcommand.bytes == b"clone" {
        inners.extend(
            parsed
                .values("c")
                .filter_map(|setting| setting_runs(setting, std::slice::from_ref(subcommand), changes)),
        );
        let short = anywhere(rest, "* u= b= c= o= j= depth=");
        inners.extend(short.values("u").map(|text| Inner::text(text.clone(), &[], &other)));
    }
    let ext = parsed.operands.iter().filter_map(|word| after(word, "ext::"));
    inners.extend(ext.map(|text| Inner::text(text, &[], changes)));
    inners
}
