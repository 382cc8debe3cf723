//! The variables that the program reads, as it would be started.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::Subject;
use super::inputs::is_terraform;
use super::searched;
use crate::audit::{InstallKey, redact};
use crate::command::Command;
use crate::context::markers;
use crate::process::absolute;
use crate::rules::book::Rulebook;

/// What never counts: tollgate's own, and what differs from one shell to the next.
const NEVER: [&str; 8] = ["SHLVL", "_", "PWD", "OLDPWD", "TERM", "COLUMNS", "LINES", "MISE_SHELL"];
const OWN: &str = "TOLLGATE_";

/// What counts for a tool of which no rule file says what it reads: what clouds and
/// databases read, and what git, node and pagers heed.
const UNTOLD: [&str; 42] = [
    "ALICLOUD_*",
    "ARM_*",
    "AWS_*",
    "AZURE_*",
    "CF_*",
    "CLOUDFLARE_*",
    "CLOUDSDK_*",
    "CONSUL_*",
    "DATABASE_URL",
    "DIGITALOCEAN_*",
    "DOCKER_*",
    "ETCDCTL_*",
    "FLY_*",
    "GIT_CONFIG*",
    "GIT_DIR",
    "GIT_EXEC_PATH",
    "GIT_PROXY_COMMAND",
    "GIT_SSH*",
    "GIT_SSL_*",
    "GIT_TEMPLATE_DIR",
    "GIT_WORK_TREE",
    "GITHUB_*",
    "GITLAB_*",
    "GOOGLE_*",
    "HEROKU_*",
    "KUBE*",
    "LESS*",
    "MYSQL_*",
    "NODE_*",
    "NOMAD_*",
    "OCI_*",
    "OS_*",
    "PAGER",
    "PG*",
    "PULUMI_*",
    "REDISCLI_AUTH",
    "SNOWFLAKE_*",
    "SNOWSQL_*",
    "VAULT_*",
    "XDG_CONFIG_DIRS",
    "XDG_DATA_DIRS",
    "DIFF",
];

/// What an editor is started by. It counts where one is.
const EDITORS: [&str; 4] = ["EDITOR", "VISUAL", "KUBE_EDITOR", "SHELL"];

/// Tools of which no rule file says what they read, and that start an editor.
const EDITING: [&str; 9] = ["crontab", "gh", "glab", "sops", "sudo", "sudoedit", "vigr", "vipw", "visudo"];

/// The same of tools that run the shell that SHELL names.
const SHELLS: [&str; 9] =
    ["chroot", "nsenter", "parallel", "screen", "script", "su", "sudo", "tmux", "unshare"];

/// What tools that read no variable of the kind take for a directory of the user's, by the
/// specification of XDG; on macOS many have places of their own.
const DEFAULTS: [(&str, &str); 3] =
    [("XDG_CACHE_HOME", ".cache"), ("XDG_CONFIG_HOME", ".config"), ("XDG_DATA_HOME", ".local/share")];

/// Options of less that only change what is shown.
const SHOWING: &str = "aABcCdeEfFgGiIJKmMnNqQrRsSuUwWX";

/// Files that these name are written all the time, or read in parts elsewhere.
const CHANGING: [&str; 3] = ["AWS_WEB_IDENTITY_TOKEN_FILE", "TF_LOG_PATH", "SSLKEYLOGFILE"];

/// Directories that are searched one after the other.
const LISTS: [&str; 3] = ["PATH", "XDG_CONFIG_DIRS", "XDG_DATA_DIRS"];

/// The longest value that is shown, in bytes.
const SHOWN: usize = 1024;

/// What a value that is not shown begins with.
pub(super) const HIDDEN: &str = "hmac-sha256:";

/// The names of variables that count.
#[derive(Debug)]
pub(super) struct Heeded<'a> {
    of_tool: Vec<&'a str>,
    of_all: Vec<&'a str>,
}

impl<'a> Heeded<'a> {
    /// What `tool` reads.
    pub(super) fn by(book: &'a Rulebook, tool: &str) -> Self {
        Self { of_tool: book.variables(tool).collect(), of_all: book.variables_of_all().collect() }
    }

    /// Whether a rule file says so of this tool.
    pub(super) fn is_told(&self, name: &str) -> bool {
        self.of_tool.iter().any(|pattern| matches(pattern, name))
    }

    fn has(&self, name: &str) -> bool {
        let never = NEVER.contains(&name) || name.starts_with(OWN) || markers::is_marker(OsStr::new(name));
        let untold: &[&str] = if self.of_tool.is_empty() { &UNTOLD } else { &[] };
        !never && self.of_tool.iter().chain(&self.of_all).chain(untold).any(|pattern| matches(pattern, name))
    }

    /// Whether `name` counts for `command`: an editor's only where one is started.
    fn counts(&self, name: &str, command: &Command) -> bool {
        if !EDITORS.contains(&name) {
            return self.has(name);
        }
        match command.tool.as_str() {
            "kubectl" => {
                let edits = || command.path.iter().any(|word| word.starts_with("edit"));
                let sure = !command.conventional && !command.uncertain;
                !sure || edits() || command.flag("--edit").is_some()
            }
            "oc" => command.arguments.iter().any(|word| names_edit(word)),
            tool if self.of_tool.is_empty() && name == "SHELL" => SHELLS.contains(&tool),
            tool if self.of_tool.is_empty() => EDITING.contains(&tool),
            // By its own name, not as one of many that begin so.
            _ => self.of_tool.iter().chain(&self.of_all).any(|listed| *listed == name),
        }
    }
}

fn names_edit(word: &OsStr) -> bool {
    word.as_encoded_bytes().windows(4).any(|part| part == b"edit")
}

fn matches(pattern: &str, name: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == name, |start| name.starts_with(start))
}

/// The variables that count, with their values; of what is secret a keyed hash.
pub(super) fn values(
    subject: &Subject<'_>,
    directory: &Path,
    heeded: &Heeded<'_>,
    key: &InstallKey,
) -> BTreeMap<String, String> {
    let counted = counted(subject, heeded).filter_map(|(name, value)| {
        let value = effective(subject, directory, name, value)?;
        let plain = value.to_str().filter(|text| {
            // A list of directories is never cut short: it is what is looked at first.
            let is_list = LISTS.contains(&name);
            let fits = (text.len() <= SHOWN || is_list) && !text.starts_with(HIDDEN);
            fits && (is_list || !redact::is_secret_variable(name, &value))
        });
        let hidden = || {
            let mac = key.mac("tollgate-variable-v1", &[name.as_bytes(), value.as_encoded_bytes()]);
            format!("{HIDDEN}{mac}")
        };
        Some((name.to_owned(), plain.map_or_else(hidden, str::to_owned)))
    });
    counted.collect()
}

/// The variables that count, as they are set.
fn counted<'a>(
    subject: &'a Subject<'_>,
    heeded: &'a Heeded<'_>,
) -> impl Iterator<Item = (&'a str, &'a OsStr)> {
    let variables = subject.program.environment.iter();
    let named = variables.filter_map(|(name, value)| Some((name.to_str()?, value)));
    named.filter(|(name, _)| heeded.counts(name, subject.command))
}

/// What a variable comes to, in one spelling; `None` where that is the same as if it were
/// not set.
fn effective<'a>(
    subject: &Subject<'_>,
    directory: &Path,
    name: &str,
    value: &'a OsStr,
) -> Option<Cow<'a, OsStr>> {
    let environment = &subject.program.environment;
    let command = subject.command;
    let home = environment.non_empty("HOME").map(|home| spelled(home).into_owned());
    let below = |place: &str| home.as_ref().map(|home| Path::new(home).join(place).into_os_string());
    let uid = subject.process.user().uid;
    match name {
        "PATH" => {
            let shims = subject.places.shims();
            Some(OsString::from(searched::directories(value, directory, shims.as_deref(), uid)).into())
        }
        "XDG_CONFIG_DIRS" | "XDG_DATA_DIRS" if value.is_empty() => None,
        "XDG_CONFIG_DIRS" | "XDG_DATA_DIRS" => {
            let found = searched::directories(value, directory, None, uid);
            (!found.is_empty()).then(|| OsString::from(found).into())
        }
        "HOME" => Some(spelled(value)),
        // It hides another one, which then is started where this one is gone.
        "AWS_PAGER" if environment.get("PAGER").is_some_and(|other| !is_plain_pager(other)) => {
            Some(value.into())
        }
        "PAGER" | "AWS_PAGER" if is_plain_pager(value) => None,
        "LESS" if value.to_str().is_some_and(options_only) => None,
        "KUBECONFIG" if !is_terraform(subject) => {
            let value = spelled(value);
            (!value.is_empty() && Some(&*value) != below(".kube/config").as_deref()).then_some(value)
        }
        "AWS_PROFILE" if command.tool == "aws" && !command.conventional && !command.uncertain => {
            let given: Vec<_> = command.values("--profile").collect();
            (given != [Some(value)]).then_some(value.into())
        }
        _ => match DEFAULTS.iter().find(|(known, _)| *known == name && !cfg!(target_os = "macos")) {
            Some((_, place)) => {
                let value = spelled(value);
                (!value.is_empty() && Some(&*value) != below(place).as_deref()).then_some(value)
            }
            None => Some(value.into()),
        },
    }
}

/// An absolute path without slashes and dots that say nothing; anything else as it is.
fn spelled(value: &OsStr) -> Cow<'_, OsStr> {
    let path = Path::new(value);
    if !path.is_absolute() {
        return value.into();
    }
    path.components().collect::<PathBuf>().into_os_string().into()
}

/// Whether a pager starts nothing, or what every system has.
fn is_plain_pager(pager: &OsStr) -> bool {
    let Some(pager) = pager.to_str() else { return false };
    let mut words = pager.split_whitespace();
    match words.next() {
        None => true,
        Some("cat" | "more") => words.next().is_none(),
        Some("less") => words.all(|word| word.starts_with('-') && options_only(word)),
        Some(_) => false,
    }
}

/// Whether options of less do nothing but show: no command, no file.
fn options_only(options: &str) -> bool {
    options.split_whitespace().all(|word| {
        let letters = word.strip_prefix('-').unwrap_or(word);
        letters.chars().all(|letter| SHOWING.contains(letter))
    })
}

/// The files that variables name: keys, certificates, what a loader loads.
pub(super) fn files(subject: &Subject<'_>, directory: &Path, heeded: &Heeded<'_>) -> BTreeSet<PathBuf> {
    let counted = counted(subject, heeded).filter(|(name, _)| !CHANGING.contains(name) && *name != "PATH");
    let named = counted.flat_map(|(name, value)| {
        let whole = std::iter::once(value.to_owned());
        let listed = name.starts_with("LD_") || name.starts_with("DYLD_");
        let text = value.to_str().filter(|_| listed).unwrap_or_default();
        whole.chain(text.split([':', ' ']).map(Into::into)).collect::<Vec<_>>()
    });
    let placed = named.filter(|value| !value.is_empty() && value.len() < 4096);
    placed.map(|value| absolute(directory, Path::new(&value))).filter(|path| path.is_file()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pager_that_only_shows_is_told_from_a_program() {
        for (pager, is_plain) in [
            ("", true),
            ("cat", true),
            ("less", true),
            ("less -FRX", true),
            ("less -F -R", true),
            ("more", true),
            ("cat x", false),
            ("less -o/tmp/x", false),
            ("less -k x", false),
            ("less +!id", false),
            ("less --lesskey-src=x", false),
            ("sh -c id", false),
            ("/tmp/less", false),
            ("less;id", false),
        ] {
            assert_eq!(is_plain_pager(OsStr::new(pager)), is_plain, "{pager}");
        }
    }

    #[test]
    fn names_are_matched_whole_or_by_how_they_begin() {
        let heeded = Heeded { of_tool: vec!["KUBECONFIG"], of_all: vec!["LD_*", "TOLLGATE_*", "TERM", "*"] };
        for (name, counts) in [
            ("KUBECONFIG", true),
            ("LD_PRELOAD", true),
            ("ANYTHING", true),
            ("TOLLGATE_TOKEN", false),
            ("TERM", false),
            ("CLAUDECODE", false),
            ("_", false),
        ] {
            assert_eq!(heeded.has(name), counts, "{name}");
        }
        let of_none = Heeded { of_tool: vec![], of_all: vec![] };
        assert!(of_none.has("AWS_PROFILE") && of_none.has("PGHOST") && !of_none.has("FOO"));
        let told = Heeded { of_tool: vec!["FOO"], of_all: vec![] };
        assert!(!told.has("PGHOST") && told.is_told("FOO") && !told.is_told("FOOBAR"));
    }
}
