//! Command lines made of the user's: the same flags with the same values, as the grammar
//! read them, and nothing that would be read otherwise.

use std::ffi::{OsStr, OsString};
use std::fs::Metadata;
use std::path::Path;

use crate::command::cobra::Arity;
use crate::command::kubectl::TABLE;
use crate::command::kubectl::sources::{FILENAME, Source, sources};
use crate::command::{Command, Flag};
use crate::files::is_of_process;
use crate::process::absolute;

/// Flags by which the cluster is found and logged in to.
const CONNECTION: &[&str] = &[
    "as",
    "as-group",
    "as-uid",
    "as-user-extra",
    "cache-dir",
    "certificate-authority",
    "client-certificate",
    "client-key",
    "cluster",
    "context",
    "disable-compression",
    "insecure-skip-tls-verify",
    "kubeconfig",
    "match-server-version",
    "password",
    "server",
    "tls-server-name",
    "token",
    "user",
    "username",
];

/// Flags that say which objects are meant.
pub(super) const SELECTION: &[&str] =
    &["all-namespaces", "field-selector", "filename", "kustomize", "namespace", "recursive", "selector"];

/// The user's command line, to make others of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words<'a> {
    command: &'a Command,
}

impl<'a> Words<'a> {
    pub(super) fn of(command: &'a Command) -> Self {
        Self { command }
    }

    pub(super) fn command(self) -> &'a Command {
        self.command
    }

    /// Whether all of it was understood: no flag that the table lacks, none without the
    /// value that it takes.
    pub(super) fn are_whole(self) -> bool {
        let path = self.command.name();
        let whole = |flag: &Flag| {
            let name = flag.name.trim_start_matches('-');
            let arity = TABLE.arity(&path, name);
            arity.is_some() && (flag.value.is_some() || arity != Some(Arity::Value))
        };
        !self.command.uncertain && !self.command.conventional && self.command.flags.iter().all(whole)
    }

    /// Those of the flags given that `is_wanted`, by their names without dashes.
    fn flags(self, is_wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = OsString> {
        let wanted =
            self.command.flags.iter().filter(move |flag| is_wanted(flag.name.trim_start_matches('-')));
        wanted.map(|flag| {
            let mut word = OsString::from(&flag.name);
            if let Some(value) = &flag.value {
                word.push("=");
                word.push(value);
            }
            word
        })
    }

    /// A question of `verb` to the same server: with the flags `more` of the user's, then
    /// with these, and for these operands.
    pub(super) fn question<'b>(
        self,
        verb: &[&str],
        more: &[&str],
        flags: &[&str],
        operands: impl IntoIterator<Item = &'b OsString>,
    ) -> Vec<OsString> {
        let mut words: Vec<OsString> = verb.iter().map(OsString::from).collect();
        words.extend(self.flags(|name| CONNECTION.contains(&name) || more.contains(&name)));
        words.extend(flags.iter().map(OsString::from));
        let mut operands = operands.into_iter().peekable();
        if operands.peek().is_some() {
            words.push("--".into());
            words.extend(operands.cloned());
        }
        words
    }

    /// All flags but these.
    pub(super) fn flags_but(self, names: &[&str]) -> Vec<OsString> {
        self.flags(|name| !names.contains(&name)).collect()
    }

    /// Whether a flag is on.
    pub(super) fn is_on(self, name: &str) -> bool {
        self.command
            .flags
            .iter()
            .rev()
            .find(|flag| flag.name == name)
            .is_some_and(|flag| flag.boolean() == Some(true))
    }

    /// The last value of a flag, as text.
    pub(super) fn value(self, name: &str) -> Option<&'a str> {
        self.command.flag(name)??.to_str()
    }

    /// Whether a flag is there.
    pub(super) fn has(self, name: &str) -> bool {
        self.command.flag(name).is_some()
    }

    /// Whether it reads a pipe or a device by its path, started in `directory`.
    pub(super) fn reads_a_stream(self, directory: &Path) -> bool {
        self.sources().any(|one| matches!(one, Source::Path(file) if is_stream(&file, directory)))
    }

    /// The same of all but manifests: patches, what secrets are made of.
    pub(super) fn reads_another_stream(self, directory: &Path) -> bool {
        let others = self.command.flags.iter().filter(|flag| flag.name != FILENAME);
        let values = others.filter_map(|flag| flag.value.as_deref()).filter(|value| !value.is_empty());
        let parts = |value: &OsStr| {
            let text = value.to_string_lossy().into_owned();
            let behind = text.split_once('=').map(|(_, behind)| behind.to_owned());
            std::iter::once(text).chain(behind)
        };
        values.flat_map(parts).any(|part| is_stream(Path::new(&part), directory))
    }

    /// Whether it reads standard input, or what is behind a URL.
    pub(super) fn reads_once(self) -> bool {
        self.sources().any(|one| !matches!(one, Source::Path(_)))
    }

    fn sources(self) -> impl Iterator<Item = Source> {
        self.command.values(FILENAME).flatten().flat_map(sources)
    }
}

/// Whether a path leads to a pipe or a device, of which whoever reads first leaves nothing.
pub(super) fn is_stream(file: &Path, directory: &Path) -> bool {
    let path = absolute(directory, file);
    let plain = |metadata: Metadata| metadata.is_file() || metadata.is_dir();
    is_of_process(&path) || path.metadata().is_ok_and(|metadata| !plain(metadata))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_read_only_once_is_no_file() {
        let room = tempfile::tempdir().unwrap();
        std::fs::write(room.path().join("a.yaml"), "").unwrap();
        nix::unistd::mkfifo(&room.path().join("pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        for (value, stream) in [
            ("a.yaml", false),
            (".", false),
            ("missing.yaml", false),
            ("pipe", true),
            ("/dev/stdin", true),
            ("/dev/fd/63", true),
            ("/proc/self/fd/0", true),
            ("/dev/null", true),
            ("/dev/shm", false),
        ] {
            assert_eq!(is_stream(Path::new(value), room.path()), stream, "{value}");
        }
    }
}
