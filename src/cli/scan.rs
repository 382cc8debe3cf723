//! `tollgate scan`: what a person would want to know of files before they are merged.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::gate::scan::{Finding, Scanner};
use crate::invocation::scan::{Lines, format_of};
use crate::process::Process;
use crate::ui::sanitize;

/// Which files to read.
#[derive(Debug, clap::Args)]
pub struct ScanArguments {
    /// Files; those of no known kind are skipped
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

/// Reads the files, tells what is found, and returns the exit code.
///
/// # Errors
/// Where a file cannot be read, or the rulebook is broken.
pub fn run(arguments: &ScanArguments, process: &dyn Process, out: &mut dyn Write) -> anyhow::Result<u8> {
    let mut scanner = Scanner::new(process)?;
    let mut any = false;
    for path in &arguments.files {
        let bytes = std::fs::read(path)?;
        let text = String::from_utf8_lossy(&bytes);
        let Some(format) = format_of(path, &text) else { continue };
        let lines = Lines::of(&text);
        for piece in format.read(&text)? {
            for finding in scanner.findings(&piece)? {
                any = true;
                tell(path, &lines, &finding, out)?;
            }
        }
    }
    Ok(u8::from(any))
}

fn tell(path: &Path, lines: &Lines<'_>, finding: &Finding, out: &mut dyn Write) -> std::io::Result<()> {
    let position = lines.position(finding.at);
    let words: Vec<std::ffi::OsString> = finding.words.iter().map(Into::into).collect();
    writeln!(
        out,
        "{}:{}:{}: {}: {} ({})",
        sanitize::os(path.as_os_str()),
        position.line,
        position.column,
        finding.risk,
        sanitize::command_line(&words),
        finding.rule
    )?;
    writeln!(out, "  why: {}", finding.reason)
}
