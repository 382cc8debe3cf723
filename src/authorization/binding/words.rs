//! Which arguments may name something that is read, and how.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::{BindingError, shown};
use crate::command::Command;
use crate::command::kubectl::sources::{FILENAME, KUSTOMIZE};
use crate::process::absolute;

/// What an argument is to the tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It may name a file or a directory, or be the name of something else.
    Anything,
    /// It names a file or a directory that decides what is done.
    Content,
    /// It names what is read and done: a manifest, values.
    Source,
    /// Its parts name manifests: files, directories, patterns.
    Manifests,
    /// The directory of a kustomization.
    Kustomization,
    /// It names what is sent as it is, which may be very much.
    Bulk,
    /// It names nothing that is read, or what is read in parts.
    Nothing,
}

/// One argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word<'a> {
    pub(super) value: &'a OsStr,
    pub(super) role: Role,
}

/// In how many ways one argument may be taken apart.
const PIECES: usize = 2048;

/// The longest path that Linux opens, in bytes.
const PATH: usize = 4096;

/// Options whose value is what is done.
const SOURCES: [&str; 7] = [
    "--values",
    "--patch-file",
    "--from-file",
    "--from-env-file",
    "--set-file",
    "--cli-input-json",
    "--cli-input-yaml",
];

/// Options whose value decides as well, and is a file or else something short.
const DECIDING: [&str; 2] = ["-var-file", "-backend-config"];

/// Options that name where something is written, kept, or read in parts.
const APART: [&str; 21] = [
    "-backup",
    "-chdir",
    "-from-module",
    "-out",
    "-plugin-dir",
    "-state",
    "-state-out",
    "--cache-dir",
    "--content-cache",
    "--destination",
    "--filter",
    "--kubeconfig",
    "--log-dir",
    "--log-file",
    "--output",
    "--output-dir",
    "--output-directory",
    "--profile-output",
    "--query",
    "--repository-cache",
    "--untardir",
];

/// The arguments of `command`: by its grammar, and each as it stands where none is sure.
pub(super) fn of(command: &Command) -> Vec<Word<'_>> {
    // Of aws' options those that a body gives stand in place of the body.
    let is_read = command.tool == "aws" && command.path.first().is_none_or(|word| word != "s3");
    if command.conventional || command.uncertain || command.declared.is_some() || is_read {
        return command.arguments.iter().flat_map(|word| as_it_stands(word)).collect();
    }
    let flags = command.flags.iter().filter_map(|flag| {
        let role = match flag.name.as_str() {
            KUSTOMIZE => Role::Kustomization,
            FILENAME if command.tool == "kubectl" => Role::Manifests,
            name if SOURCES.contains(&name) => Role::Source,
            name if DECIDING.contains(&name) => Role::Content,
            name if APART.contains(&name) => Role::Nothing,
            _ => Role::Anything,
        };
        Some(Word { value: flag.value.as_deref()?, role })
    });
    // What runs in a container is no file of this machine.
    let operands: &[OsString] = if command.carried.is_some() { &[] } else { &command.operands };
    let path: Vec<&str> = command.path.iter().map(String::as_str).collect();
    let copies = matches!(path.as_slice(), ["cp"] | ["s3", "cp" | "mv" | "sync"]);
    let given = operands.iter().enumerate().map(move |(at, value)| {
        let role = match (command.tool.as_str(), path.as_slice()) {
            _ if copies && at + 1 == operands.len() && at > 0 => Role::Nothing,
            ("aws" | "terraform" | "tofu", _) if value == "-" => Role::Source,
            ("aws", ["s3", ..]) => Role::Bulk,
            // Names of objects.
            ("kubectl", path) if path != ["cp"] => Role::Nothing,
            _ => Role::Content,
        };
        Word { value, role }
    });
    flags.chain(given).collect()
}

/// A word that may be an option with its value behind its letter: `-fFILE`.
fn as_it_stands(word: &OsStr) -> impl Iterator<Item = Word<'_>> {
    let bytes = word.as_bytes();
    let joined = bytes.get(2..).filter(|_| bytes.starts_with(b"-") && !bytes.starts_with(b"--"));
    let values = std::iter::once(word).chain(joined.map(OsStr::from_bytes));
    let is_file = bytes.windows(4).any(|part| part == b"file") && bytes.windows(3).any(|part| part == b"://");
    let role = if is_file { Role::Content } else { Role::Anything };
    values.filter(|value| !value.is_empty()).map(move |value| Word { value, role })
}

/// The parts of a word that may be a path: the whole, and what stands behind `=`, `@` and
/// `file://`, up to a comma or to the end.
pub(super) fn pieces(word: &OsStr) -> Result<Vec<&[u8]>, BindingError> {
    let bytes = word.as_bytes();
    let is_body = matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['));
    let mut starts = vec![0];
    if !is_body {
        let behind = bytes.iter().enumerate().filter(|(_, byte)| b"=@,".contains(byte));
        starts.extend(behind.map(|(at, _)| at + 1));
    }
    let mut pieces: Vec<&[u8]> = Vec::new();
    for start in starts {
        let rest = bytes.get(start..).unwrap_or_default();
        let rest = [&b"file://"[..], b"fileb://"]
            .iter()
            .find_map(|prefix| rest.strip_prefix(*prefix))
            .unwrap_or(rest);
        let first = rest.split(|byte| *byte == b',').next().unwrap_or_default();
        // Where several are separated by commas, one may stand in quotes.
        let quoted = rest.strip_prefix(b"\"").and_then(|rest| rest.split(|byte| *byte == b'"').next());
        for piece in [rest, first].into_iter().chain(quoted) {
            if (1..PATH).contains(&piece.len()) && !piece.contains(&0) && pieces.last() != Some(&piece) {
                pieces.push(piece);
            }
        }
        if pieces.len() > PIECES {
            let shown: String = shown(Path::new(word)).chars().take(60).collect();
            return Err(BindingError::Said(format!(
                "the argument {shown}… may name too many files: give it in a file and name that"
            )));
        }
    }
    Ok(pieces)
}

/// Whether a word is read from the network. Commas separate several.
pub(super) fn is_remote(word: &OsStr) -> bool {
    word.as_bytes().split(|byte| *byte == b',').any(|one| {
        let one = one.rsplit(|byte| *byte == b'=').next().unwrap_or(one);
        let remote = |text: &[u8]| text.windows(3).any(|part| part == b"://");
        remote(one) && !one.starts_with(b"file://") && !one.starts_with(b"fileb://")
    })
}

/// What approvers have to know of what cannot be bound.
pub(super) fn notes(command: &Command, base: &Path) -> Vec<String> {
    let path: Vec<&str> = command.path.iter().map(String::as_str).collect();
    let mut notes = Vec::new();
    let typed = ["--stdin", "-i"].iter().any(|name| command.flag(name).is_some());
    let unsure = command.conventional || command.declared.is_some();
    if unsure || (command.tool == "kubectl" && typed) || (command.tool == "terraform" && path == ["console"])
    {
        notes.push("what it reads from standard input is not compared".to_owned());
    }
    if unsure {
        let tool = shown(Path::new(&command.tool));
        notes.push(format!("what {tool} reads by itself in its directory is not compared"));
    }
    if cfg!(target_os = "linux") {
        notes.push("what the run starts in turn is covered by the approval, and not asked about".to_owned());
    }
    let chart = match (command.tool.as_str(), path.as_slice(), command.operands.as_slice()) {
        ("helm", ["install" | "upgrade"], operands) => operands.last(),
        _ => None,
    };
    if let Some(chart) = chart.filter(|chart| !absolute(base, Path::new(chart)).exists()) {
        notes.push(format!(
            "the chart {} is fetched when it runs and is not compared: `helm pull` it, and name the file",
            shown(Path::new(chart))
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_taken_apart_where_tools_do() {
        for (word, expected) in [
            ("plan.bin", &["plan.bin"][..]),
            ("a.yaml,b.yaml", &["a.yaml,b.yaml", "a.yaml", "b.yaml"]),
            ("-var-file=x", &["-var-file=x", "x"]),
            ("--from-file=key=a@b", &["--from-file=key=a@b", "key=a@b", "a@b", "b"]),
            ("file://body.json", &["body.json"]),
            ("\"a,b.yaml\",c", &["\"a,b.yaml\",c", "\"a", "a,b.yaml", "b.yaml\",c", "b.yaml\"", "c"]),
            (
                "Key=a,Body=fileb://x",
                &["Key=a,Body=fileb://x", "Key=a", "a,Body=fileb://x", "a", "Body=fileb://x", "x"],
            ),
            ("@rest", &["@rest", "rest"]),
            (r#"{"a":"b=c,d"}"#, &[r#"{"a":"b=c,d"}"#, r#"{"a":"b=c"#]),
            ("", &[]),
        ] {
            let found = pieces(OsStr::new(word)).unwrap();
            let found: Vec<&str> = found.iter().map(|piece| std::str::from_utf8(piece).unwrap()).collect();
            assert_eq!(found, expected, "{word}");
        }
        assert!(pieces(OsStr::new(&"=".repeat(5000))).is_err());
    }

    #[test]
    fn what_comes_from_the_network_is_known() {
        for (word, remote) in [
            ("https://h/x", true),
            ("a.yaml,http://h/x", true),
            ("key=https://h/x", true),
            ("file://x", false),
            ("x/y.yaml", false),
        ] {
            assert_eq!(is_remote(OsStr::new(word)), remote, "{word}");
        }
    }
}
