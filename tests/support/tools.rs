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

/// The first `moto_server` on PATH, a double of AWS.
pub(crate) fn moto_server() -> Option<&'static Path> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOUND.get_or_init(|| found("moto_server", &["--help"], "usage: ")).as_deref()
}

/// The first `pre-commit` on PATH.
pub(crate) fn pre_commit() -> Option<&'static Path> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    FOUND.get_or_init(|| found("pre-commit", &["--version"], "pre-commit ")).as_deref()
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

/// The installed v1 of aws: the interpreter that runs it, and its script.
pub(crate) struct AwsInPython {
    pub(crate) python: PathBuf,
    pub(crate) script: PathBuf,
}

/// Asks the real `aws`, whatever starts it, what runs it: Python imports
/// `sitecustomize` before anything else.
pub(crate) fn aws_in_python() -> Option<&'static AwsInPython> {
    static FOUND: OnceLock<Option<AwsInPython>> = OnceLock::new();
    let ask = || {
        let aws = aws()?;
        let room = tempfile::tempdir().unwrap();
        let told = room.path().join("told");
        let program = "import os, sys\nopen(os.environ['TOLD'], 'w').write(sys.executable + '\\n' + sys.orig_argv[1])\n";
        std::fs::write(room.path().join("sitecustomize.py"), program).unwrap();
        let mut command = Command::new(aws);
        command.arg("--version").env("PYTHONPATH", room.path()).env("TOLD", &told).env("HOME", room.path());
        let ran = command.output().is_ok_and(|output| output.stdout.starts_with(b"aws-cli/1."));
        let told = std::fs::read_to_string(&told).ok().filter(|_| ran);
        let found = told.and_then(|told| {
            let (python, script) = told.split_once('\n')?;
            Some(AwsInPython { python: python.into(), script: script.into() })
        });
        if found.is_none() {
            skipped("no `aws` on PATH that is v1 and runs in a Python of its own");
        }
        found
    };
    FOUND.get_or_init(ask).as_ref()
}
