//! What it costs that `apply` is looked at before it runs, as a ratio: `apply -auto-approve`
//! through the shim against terraform called directly, in pairs, each from an empty state. Beside plain
//! `apply` there is one `show` and two starts of terraform. Nothing is asserted; the limits are named.
//!
//! `cargo bench --bench apply`

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a benchmark prints, and stops at the first fault"
)]

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How many resources, in how many pairs, and the limit.
const SIZES: [(usize, usize, f64); 2] = [(10, 15, 1.4), (200, 5, 1.3)];

fn main() {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let real = std::env::split_paths(&path).map(|directory| directory.join("terraform"));
    let Some(real) =
        real.filter_map(|path| path.canonicalize().ok()).find(|path| !path.ends_with("tollgate"))
    else {
        println!("no terraform on PATH: nothing is measured");
        return;
    };
    for (resources, pairs, limit) in SIZES {
        measure(&real, resources, pairs, limit);
    }
}

fn measure(real: &Path, resources: usize, pairs: usize, limit: f64) {
    let room = tempfile::tempdir().unwrap();
    let shim = room.path().join("shims/terraform");
    let project = room.path().join("project");
    fs::create_dir(room.path().join("shims")).unwrap();
    fs::create_dir(&project).unwrap();
    symlink(env!("CARGO_BIN_EXE_tollgate"), &shim).unwrap();
    let mut text = String::new();
    for number in 0..resources {
        writeln!(text, "resource \"terraform_data\" \"r{number}\" {{\n  input = \"{number}\"\n}}").unwrap();
    }
    fs::write(project.join("main.tf"), text).unwrap();
    let search = std::env::join_paths([
        room.path().join("shims"),
        real.parent().unwrap().to_path_buf(),
        PathBuf::from("/usr/bin"),
        "/bin".into(),
    ]);
    let search = search.unwrap();
    let call = |program: &Path, words: &[&str]| {
        let mut command = Command::new(program);
        command.args(words).env_clear().env("PATH", &search).env("HOME", room.path());
        command.env("CHECKPOINT_DISABLE", "1").env("CLAUDE_CODE_CHILD_SESSION", "1");
        command.current_dir(&project).stdin(Stdio::null()).stdout(Stdio::null());
        let start = Instant::now();
        assert!(command.status().unwrap().success());
        start.elapsed()
    };
    call(real, &["init"]);
    let apply = |program: &Path| {
        for file in ["terraform.tfstate", "terraform.tfstate.backup"] {
            let _ = fs::remove_file(project.join(file));
        }
        call(program, &["apply", "-auto-approve"])
    };
    apply(real);
    apply(&shim);
    let times: Vec<[Duration; 2]> = (0..pairs).map(|_| [apply(&shim), apply(real)]).collect();
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let seconds = |at: usize| median(times.iter().map(|pair| pair[at].as_secs_f64()).collect());
    let ratio = median(times.iter().map(|[shim, real]| shim.as_secs_f64() / real.as_secs_f64()).collect());
    println!("`terraform apply -auto-approve`, {resources} resources, median of {pairs} pairs");
    println!(
        "  shim {:.2} s, terraform itself {:.2} s: ratio {ratio:.2}, limit {limit}",
        seconds(0),
        seconds(1)
    );
}
