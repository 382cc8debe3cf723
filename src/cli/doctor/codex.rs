//! What Codex itself says of its hooks: it passes over one that was changed since it
//! was reviewed, or moved in its file, and says so only to whoever asks.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::process::Process;

/// How long Codex may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why Codex does not run our hook in `file`; `None` where it does, or cannot be asked.
pub(super) fn complaint(process: &dyn Process, file: &Path) -> Option<String> {
    let directory = process.current_dir().ok()?;
    let answer = ask(&directory)?;
    let listed = answer.pointer("/result/data/0")?;
    let texts = |name: &str| listed.get(name).and_then(Value::as_array).into_iter().flatten();
    let names_file = |complaint: &&Value| complaint.to_string().contains(&*file.to_string_lossy());
    if let Some(complaint) = texts("errors").chain(texts("warnings")).find(names_file) {
        let said = complaint.as_str().map_or_else(|| complaint.to_string(), str::to_owned);
        return Some(format!("Codex says: {said}"));
    }
    let text =
        |hook: &Value, name: &str| hook.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let ours = texts("hooks").find(|hook| {
        Path::new(&text(hook, "sourcePath")) == file && text(hook, "command").contains("tollgate")
    });
    let Some(ours) = ours else { return Some("Codex does not list it".to_owned()) };
    if ours.get("enabled") == Some(&Value::Bool(false)) {
        return Some("it is switched off in Codex".to_owned());
    }
    let status = text(ours, "trustStatus");
    (!matches!(status.as_str(), "trusted" | "managed"))
        .then(|| format!("Codex calls it {status}: type /hooks there and review it"))
}

/// The answer of its app server to `hooks/list`.
fn ask(directory: &Path) -> Option<Value> {
    let mut command = Command::new("codex");
    command.arg("app-server").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.process_group(0).spawn().ok()?;
    let client = json!({
        "clientInfo": { "name": "tollgate", "title": "tollgate", "version": env!("CARGO_PKG_VERSION") },
        "capabilities": { "experimentalApi": true },
    });
    let messages = [
        json!({ "id": 0, "method": "initialize", "params": client }),
        json!({ "method": "initialized" }),
        json!({ "id": 1, "method": "hooks/list", "params": { "cwds": [directory] } }),
    ];
    let (input, output) = (child.stdin.take(), child.stdout.take());
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        // Kept open: it ends with its input.
        let mut input = input?;
        for message in messages {
            writeln!(input, "{message}").ok()?;
        }
        let mut lines = BufReader::new(output?).lines().map_while(Result::ok);
        let answer = lines.find_map(|line| {
            serde_json::from_str::<Value>(&line).ok().filter(|answer| answer.get("id") == Some(&json!(1)))
        });
        send.send(answer?).ok()
    });
    let answer = receive.recv_timeout(PATIENCE).ok();
    if let Ok(group) = i32::try_from(child.id()) {
        let _ = killpg(Pid::from_raw(group), Signal::SIGKILL);
    }
    let _ = child.wait();
    answer
}
