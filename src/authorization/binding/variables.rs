//! The variables that the program reads, as it would be started.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::Subject;
use crate::audit::{InstallKey, redact};
use crate::context::markers;
use crate::process::absolute;
use crate::rules::book::Rulebook;

/// What never counts: tollgate's own, and what differs from one shell to the next.
const NEVER: [&str; 7] = ["SHLVL", "_", "PWD", "OLDPWD", "TERM", "COLUMNS", "LINES"];
const OWN: &str = "TOLLGATE_";

/// What counts for a tool of which no rule file says what it reads.
const CLOUDS: [&str; 28] = [
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
    "GITHUB_*",
    "GITLAB_*",
    "GOOGLE_*",
    "HEROKU_*",
    "KUBE*",
    "MYSQL_*",
    "NOMAD_*",
    "OCI_*",
    "OS_*",
    "PG*",
    "PULUMI_*",
    "REDISCLI_AUTH",
    "SNOWFLAKE_*",
    "SNOWSQL_*",
    "VAULT_*",
];

/// Files that these name are written all the time, or read in parts elsewhere.
const CHANGING: [&str; 3] = ["AWS_WEB_IDENTITY_TOKEN_FILE", "TF_LOG_PATH", "SSLKEYLOGFILE"];

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
        let clouds: &[&str] = if self.of_tool.is_empty() { &CLOUDS } else { &[] };
        !never && self.of_tool.iter().chain(&self.of_all).chain(clouds).any(|pattern| matches(pattern, name))
    }
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
    let variables =
        subject.program.environment.iter().filter_map(|(name, value)| Some((name.to_str()?, value)));
    let counted = variables.filter(|(name, _)| heeded.has(name));
    let shown = counted.map(|(name, value)| {
        if name == "PATH" {
            return (name.to_owned(), path(value, directory, subject.places.shims().as_deref()));
        }
        let plain = value.to_str().filter(|text| {
            text.len() <= SHOWN && !text.starts_with(HIDDEN) && !redact::is_secret_variable(name, value)
        });
        let hidden = || {
            let mac = key.mac("tollgate-variable-v1", &[name.as_bytes(), value.as_encoded_bytes()]);
            format!("{HIDDEN}{mac}")
        };
        (name.to_owned(), plain.map_or_else(hidden, str::to_owned))
    });
    shown.collect()
}

/// PATH as it is searched: the directories that are there, each once, but not the one
/// with tollgate's own links.
fn path(value: &OsStr, directory: &Path, shims: Option<&Path>) -> String {
    let own = shims.and_then(|shims| shims.canonicalize().ok());
    let mut seen = BTreeSet::new();
    let entries = std::env::split_paths(value).map(|entry| absolute(directory, &entry)).filter(|entry| {
        let Ok(real) = entry.canonicalize() else { return false };
        real.is_dir() && Some(&real) != own.as_ref() && seen.insert(entry.clone())
    });
    let entries: Vec<String> = entries.map(|entry| super::shown(&entry)).collect();
    entries.join(":")
}

/// The files that variables name: keys, certificates, what a loader loads.
pub(super) fn files(subject: &Subject<'_>, directory: &Path, heeded: &Heeded<'_>) -> BTreeSet<PathBuf> {
    let variables =
        subject.program.environment.iter().filter_map(|(name, value)| Some((name.to_str()?, value)));
    let counted =
        variables.filter(|(name, _)| heeded.has(name) && !CHANGING.contains(name) && *name != "PATH");
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
    fn a_path_is_what_is_searched() {
        let root = tempfile::tempdir().unwrap();
        for name in ["a", "b", "shims"] {
            std::fs::create_dir(root.path().join(name)).unwrap();
        }
        std::fs::write(root.path().join("file"), "").unwrap();
        let at = |name: &str| root.path().join(name).display().to_string();
        let written = format!("{}:{}:{}:b:{}:{}:", at("shims"), at("a"), at("none"), at("a"), at("file"));
        let shown = path(OsStr::new(&written), root.path(), Some(&root.path().join("shims")));
        assert_eq!(shown, format!("{}:{}:{}", at("a"), at("b"), at("")));
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
