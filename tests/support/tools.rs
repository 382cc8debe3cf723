//! Where the real tools are that tests compare with.
//!
//! A tool that is missing skips the test, aloud; where `CI` is set it fails
//! the test, so that a broken image cannot turn everything green.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tollgate::process::Environment;

/// The first real `terraform` on PATH.
pub(crate) fn terraform() -> Option<&'static Path> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOUND.get_or_init(|| found("terraform", &["-version"], "Terraform v")).as_deref()
}

/// The real `terraform`, where it is of the version that the grammar's table
/// of flags was read off.
pub(crate) fn terraform_1_11() -> Option<&'static Path> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOUND.get_or_init(|| found("terraform", &["-version"], "Terraform v1.11.")).as_deref()
}

/// The first real `kubectl` on PATH.
pub(crate) fn kubectl() -> Option<&'static Path> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOUND.get_or_init(|| found("kubectl", &["version", "--client"], "Client Version: v1.")).as_deref()
}

/// The real `kubectl`, where it is of the version that the grammar's table of
/// flags was read off.
pub(crate) fn kubectl_1_32() -> Option<&'static Path> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOUND.get_or_init(|| found("kubectl", &["version", "--client"], "Client Version: v1.32.")).as_deref()
}

/// The first real `aws` on PATH.
pub(crate) fn aws() -> Option<&'static Path> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOUND.get_or_init(|| found("aws", &["--version"], "aws-cli/")).as_deref()
}

/// `setsid`, which starts a program without a controlling terminal.
pub(crate) fn setsid() -> Option<&'static Path> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOUND.get_or_init(|| found("setsid", &["--version"], "setsid")).as_deref()
}

/// Says that a test did not run; fails it where everything has to run.
pub(crate) fn skipped(why: &str) {
    assert!(Environment::of_this_process().non_empty("CI").is_none(), "in CI this has to run: {why}");
    eprintln!("SKIPPED: {why}");
}

/// The first program of that name on PATH whose answer to `arguments` begins
/// with `answer`, a tollgate's shim not counted.
fn found(name: &str, arguments: &[&str], answer: &str) -> Option<PathBuf> {
    let environment = Environment::of_this_process();
    let path = environment.get("PATH").unwrap_or_default();
    let program = std::env::split_paths(path).map(|directory| directory.join(name)).find(|program| {
        let is_shim = program.canonicalize().is_ok_and(|real| real.ends_with("tollgate"));
        program.is_file() && !is_shim && answers(program, arguments, answer)
    });
    if program.is_none() {
        skipped(&format!("no `{name}` on PATH that answers `{answer}…` to {arguments:?}"));
    }
    program
}

fn answers(program: &Path, arguments: &[&str], answer: &str) -> bool {
    Command::new(program)
        .args(arguments)
        .env_remove("TF_CLI_CONFIG_FILE")
        .env("CHECKPOINT_DISABLE", "1")
        .output()
        .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).starts_with(answer))
}
