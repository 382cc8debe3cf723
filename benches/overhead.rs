//! What an allowed call through the shim costs, as a ratio: against a two-line
//! `sh` wrapper around the same tool that does nothing, and against that tool
//! called directly. Median of 400 pairs; nothing is asserted.
//!
//! `cargo bench --bench overhead`

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark prints, and stops at the first fault"
)]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const PAIRS: usize = 400;
const WARM_UP: usize = 20;

/// Allowed calls, one a tool.
const CALLS: [(&str, &[&str]); 3] = [
    ("terraform", &["plan", "-var", "a=1"]),
    ("kubectl", &["get", "pods", "-n", "web"]),
    ("aws", &["ec2", "describe-instances", "--region", "eu-west-1"]),
];

fn main() {
    for (tool, arguments) in CALLS {
        measure(tool, arguments);
    }
}

fn measure(name: &str, arguments: &[&str]) {
    let room = tempfile::tempdir().unwrap();
    let path = |directory: &str| room.path().join(directory).join(name);
    for directory in ["real", "shims", "wrapper"] {
        fs::create_dir(room.path().join(directory)).unwrap();
    }
    let tool = path("real");
    fs::copy("/bin/true", &tool).unwrap();
    symlink(env!("CARGO_BIN_EXE_tollgate"), path("shims")).unwrap();
    let wrapper = path("wrapper");
    fs::write(&wrapper, format!("#!/bin/sh\nexec {} \"$@\"\n", tool.display())).unwrap();
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).unwrap();

    let directory = |directory: &str| room.path().join(directory).display().to_string();
    let search = format!("{}:{}:/usr/bin:/bin", directory("shims"), directory("real"));
    let call = |program: &Path| {
        let mut command = Command::new(program);
        command.args(arguments).env_clear().env("PATH", &search).env("HOME", room.path());
        command.current_dir(room.path()).stdin(Stdio::null());
        let start = Instant::now();
        assert!(command.status().unwrap().success());
        start.elapsed()
    };
    let mut times: Vec<[Duration; 3]> = Vec::new();
    for _ in 0..PAIRS + WARM_UP {
        times.push([call(&path("shims")), call(&wrapper), call(&tool)]);
    }
    times.drain(..WARM_UP);
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let milliseconds = |at: usize| median(times.iter().map(|row| row[at].as_secs_f64() * 1e3).collect());
    let ratio =
        |at: usize| median(times.iter().map(|row| row[0].as_secs_f64() / row[at].as_secs_f64()).collect());
    println!("an allowed `{name} {}`, median of {PAIRS}", arguments.join(" "));
    println!("  shim          {:.2} ms", milliseconds(0));
    println!("  sh wrapper    {:.2} ms   shim / wrapper {:.2}", milliseconds(1), ratio(1));
    println!("  tool itself   {:.2} ms   shim / tool    {:.2}", milliseconds(2), ratio(2));
}
