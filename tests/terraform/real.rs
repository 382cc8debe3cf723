//! Runs the real terraform with nothing of this process's environment.

use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use tollgate::process::Environment;

/// How a run ended and what it printed, without colours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Outcome {
    pub(super) code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

impl Outcome {
    /// Everything printed.
    pub(super) fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// What every run is given besides the case's own variables: no update check,
/// a home of its own, and a proxy that leads nowhere.
pub(super) fn surroundings(home: &Path) -> Environment {
    let mut environment = Environment::default();
    environment.set("PATH", "/usr/bin:/bin");
    environment.set("HOME", home);
    environment.set("CHECKPOINT_DISABLE", "1");
    environment.set("HTTPS_PROXY", "http://127.0.0.1:9");
    environment
}

/// Runs `program` in `directory` to its end.
pub(super) fn run(
    program: &Path,
    directory: &Path,
    arguments: &[OsString],
    environment: &Environment,
    input: &[u8],
) -> Outcome {
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(directory)
        .env_clear()
        .envs(environment.iter())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may end without having read all of it.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    Outcome {
        code: output.status.code(),
        stdout: without_colours(&output.stdout),
        stderr: without_colours(&output.stderr),
    }
}

fn without_colours(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    plain + rest
}

/// Words as arguments.
pub(super) fn os<S: AsRef<OsStr>>(words: &[S]) -> Vec<OsString> {
    words.iter().map(|word| word.as_ref().to_owned()).collect()
}

/// A command line with its variables, to be shown and to be typed again.
pub(super) fn shown(arguments: &[OsString], variables: &Environment) -> String {
    let quoted = |text: &OsStr| format!("{text:?}");
    let mut words: Vec<String> = variables
        .iter()
        .map(|(name, value)| format!("{}={}", name.to_string_lossy(), quoted(value)))
        .collect();
    words.push("terraform".to_owned());
    words.extend(arguments.iter().map(|word| quoted(word)));
    words.join(" ")
}
