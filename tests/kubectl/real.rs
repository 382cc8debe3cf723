//! Runs the real kubectl where it can do no harm: a home of its own, no
//! plugins, and a server that nobody listens at.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Where every command is sent; the connection is refused.
pub(super) const NOWHERE: &str = "127.0.0.1:1";

/// How long a command may take before it is ended.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a run ended and what it printed.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) code: Option<i32>,
    pub(super) text: String,
}

/// Runs `kubectl` with `arguments`.
pub(super) fn run(kubectl: &Path, arguments: &[OsString]) -> Outcome {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("config");
    std::fs::write(
        &config,
        format!(
            "{{apiVersion: v1, kind: Config, current-context: x, users: [{{name: x, user: {{}}}}], \
             clusters: [{{name: x, cluster: {{server: 'http://{NOWHERE}'}}}}], \
             contexts: [{{name: x, context: {{cluster: x, user: x}}}}]}}"
        ),
    )
    .unwrap();
    let output = home.path().join("output");
    let file = std::fs::File::create(&output).unwrap();
    let mut child = Command::new(kubectl)
        .args(arguments)
        .current_dir(home.path())
        .env_clear()
        .env("HOME", home.path())
        .env("KUBECONFIG", &config)
        .env("PATH", "/nonexistent")
        .env("EDITOR", "/bin/false")
        .env("HTTP_PROXY", "http://127.0.0.1:1")
        .env("HTTPS_PROXY", "http://127.0.0.1:1")
        .stdin(Stdio::null())
        .stdout(file.try_clone().unwrap())
        .stderr(file)
        .spawn()
        .unwrap();
    let started = std::time::Instant::now();
    let code = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.code();
        }
        if started.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            break None;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let text = String::from_utf8_lossy(&std::fs::read(&output).unwrap()).into_owned();
    Outcome { code, text }
}

impl Outcome {
    /// What it complained of, without the word `error` in front.
    pub(super) fn complaint(&self) -> Option<&str> {
        self.text.lines().find_map(|line| line.strip_prefix("Error: ").or(line.strip_prefix("error: ")))
    }

    /// The command that it names when it prints its usage or points at it.
    pub(super) fn command(&self) -> Option<String> {
        let pointer = self.text.split_once("See 'kubectl").or(self.text.split_once("Usage:\n  kubectl"));
        let no_help = self.text.contains("Run 'kubectl options' without flags").then(|| "options".to_owned());
        let is_word =
            |word: &&str| word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-');
        let words = |(_, rest): (&str, &str)| {
            let line = rest.lines().next().unwrap_or_default();
            line.split_whitespace().take_while(is_word).collect::<Vec<_>>().join(" ")
        };
        pointer.map(words).or(no_help)
    }
}
