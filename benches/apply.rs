//! What it costs that `apply` is looked at before it runs, as a ratio: `apply -auto-approve`
//! through the shim against terraform called directly, in pairs, each from an empty state. Beside plain
//! `apply` there is one `show` and two starts of terraform. Nothing is asserted; the limits are named.
//!
//! `terraform_data` is made in no time, which no provider's resources are: with 10 of them the starts of
//! terraform are nearly all that there is to measure. So they are measured beside data that an HTTP server
//! on this machine takes its time to answer, as an API does.
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
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How many resources, in how many pairs, the limit, and how many milliseconds what they are made from
/// takes to be read.
const SIZES: [(usize, usize, f64, u64); 3] = [(10, 15, 1.4, 0), (10, 15, 1.4, 300), (200, 5, 1.3, 0)];

/// What the server says: a state with one output.
const STATE: &str = r#"{"version":4,"serial":1,"lineage":"x","outputs":{"network":{"value":"n-1","type":"string"}},"resources":[]}"#;

fn main() {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let real = std::env::split_paths(&path).map(|directory| directory.join("terraform"));
    let Some(real) =
        real.filter_map(|path| path.canonicalize().ok()).find(|path| !path.ends_with("tollgate"))
    else {
        println!("no terraform on PATH: nothing is measured");
        return;
    };
    for (resources, pairs, limit, delay) in SIZES {
        measure(&real, resources, pairs, limit, Duration::from_millis(delay));
    }
}

/// The address of a server that answers with [`STATE`] after `delay`.
fn server(delay: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4096]);
            std::thread::sleep(delay);
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
            let _ = write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{STATE}", STATE.len());
        }
    });
    format!("http://{address}/state")
}

fn measure(real: &Path, resources: usize, pairs: usize, limit: f64, delay: Duration) {
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
    if !delay.is_zero() {
        let address = server(delay);
        writeln!(
            text,
            "data \"terraform_remote_state\" \"n\" {{\n  backend = \"http\"\n  config = {{ address = \"{address}\" }}\n}}"
        )
        .unwrap();
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
    let beside = match delay.as_millis() {
        0 => "all made in no time".to_owned(),
        some => format!("beside data that takes {some} ms to be read"),
    };
    println!("`terraform apply -auto-approve`, {resources} resources, {beside}, median of {pairs} pairs");
    println!(
        "  shim {:.2} s, terraform itself {:.2} s: ratio {ratio:.2}, limit {limit}",
        seconds(0),
        seconds(1)
    );
}
