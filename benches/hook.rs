//! What a hook costs the agent that waits for it, as a ratio: a whole process that
//! reads a payload of one line and answers, against one that does nothing. Median
//! of 200 pairs; nothing is asserted. The last line is refused, and so recorded on
//! the disk.
//!
//! `cargo bench --bench hook`

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark prints, and stops at the first fault"
)]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PAIRS: usize = 200;
const WARM_UP: usize = 20;

const LINES: [&str; 6] = [
    "ls -la",
    "cargo test --lib 2>&1 | tail -n 5",
    "git status && git diff --stat",
    "kubectl get pods -A -o wide",
    "aws s3 ls",
    "terraform destroy",
];

fn main() {
    println!("{:<36} {:>8} {:>8} {:>7}", "a hook asked about", "hook ms", "empty ms", "ratio");
    for line in LINES {
        measure(line);
    }
}

fn measure(line: &str) {
    let room = tempfile::tempdir().unwrap();
    let payload = serde_json::json!({
        "session_id": "s", "transcript_path": "/t", "cwd": room.path(), "permission_mode": "default",
        "hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": { "command": line },
        "tool_use_id": "u",
    });
    let payload = payload.to_string();
    let run = |program: &Path, arguments: &[&str]| -> Duration {
        let mut command = Command::new(program);
        command.args(arguments).env_clear().env("PATH", "/usr/bin:/bin").env("HOME", room.path());
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let mut child = command.spawn().unwrap();
        // The empty one may be gone by then.
        let _ = child.stdin.take().unwrap().write_all(payload.as_bytes());
        assert!(child.wait().unwrap().success());
        start.elapsed()
    };
    let hook = Path::new(env!("CARGO_BIN_EXE_tollgate"));
    let mut times: Vec<[f64; 2]> = Vec::new();
    for _ in 0..PAIRS + WARM_UP {
        let pair = [run(hook, &["hook"]), run(Path::new("/bin/true"), &[])];
        times.push(pair.map(|time| time.as_secs_f64() * 1e3));
    }
    times.drain(..WARM_UP);
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let of = |value: fn(&[f64; 2]) -> f64| median(times.iter().map(value).collect());
    println!("{line:<36} {:>8.2} {:>8.2} {:>7.2}", of(|t| t[0]), of(|t| t[1]), of(|t| t[0] / t[1]));
}
