//! `tollgate scan`: what a person would want to know of files before they are merged.

mod files;
mod json;
mod sarif;
mod text;

use std::io::Write;
use std::path::PathBuf;

use crate::gate::FAULT;
use crate::gate::scan::{Finding, Scanner};
use crate::invocation::scan::{Format, LONGEST, Lines, Position, format_of};
use crate::process::Process;
use crate::ui::{colour, sanitize};
use crate::verdict::Risk;
use files::{Content, Failure};

/// Which files to read.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A directory is read without what git ignores and does not track. A command is waived by a comment on its line or \
    directly above: `# tollgate: allow RULE because REASON`. Exit codes: 0 nothing at or above --fail-on, 1 findings, \
    2 a file is not there, 78 one cannot be read or the rulebook is broken."
)]
pub struct ScanArguments {
    /// How to print what is found
    #[arg(long, value_enum, default_value = "text")]
    format: Form,
    /// The least risk at which findings make the exit code 1; those below are shown too
    #[arg(long, value_name = "RISK", default_value = "high", value_parser = clap::builder::PossibleValuesParser::new(Risk::ALL.map(Risk::name)))]
    fail_on: String,
    /// Files and directories; files of no known kind are skipped
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

/// How to print what is found.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Form {
    /// For people.
    Text,
    /// One JSON object.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

/// Everything that there is to tell.
#[derive(Debug, Default)]
struct Report {
    /// Those of which something is to be told, in order.
    files: Vec<Told>,
    /// How many were read.
    read: usize,
    /// How many are of no known kind.
    skipped: usize,
    /// What could not be read, and why.
    errors: Vec<Failure>,
}

/// A file of which something is to be told.
#[derive(Debug)]
struct Told {
    path: PathBuf,
    findings: Vec<(Position, Finding)>,
    waived: Vec<Vouched>,
}

/// A finding for which somebody vouches.
#[derive(Debug)]
struct Vouched {
    position: Position,
    finding: Finding,
    because: String,
    /// The line of the waiver.
    line: usize,
}

impl Report {
    fn findings(&self) -> impl Iterator<Item = (&Told, &Position, &Finding)> {
        self.files.iter().flat_map(|file| file.findings.iter().map(move |(at, finding)| (file, at, finding)))
    }

    fn waived(&self) -> impl Iterator<Item = (&Told, &Vouched)> {
        self.files.iter().flat_map(|file| file.waived.iter().map(move |waived| (file, waived)))
    }

    /// The exit code: a file that was not read may hold anything.
    fn code(&self, fail_on: Risk) -> u8 {
        let errors = self.errors.iter().map(|failure| if failure.missing { 2 } else { FAULT });
        errors.max().unwrap_or_else(|| u8::from(self.findings().any(|(_, _, one)| one.risk >= fail_on)))
    }
}

/// Reads the files, tells what is found, and returns the exit code.
///
/// # Errors
/// Where the rulebook is broken.
pub fn run(arguments: &ScanArguments, process: &dyn Process) -> anyhow::Result<u8> {
    colour::choose_for_output(process.environment());
    let fail_on = Risk::ALL.into_iter().find(|risk| risk.name() == arguments.fail_on).unwrap_or_default();
    let mut scanner = Scanner::new(process)?;
    let report = read(&arguments.files, &mut scanner)?;
    let code = report.code(fail_on);
    let directory = process.current_dir().unwrap_or_default();
    let printed = match arguments.format {
        Form::Text => text::print(&report),
        Form::Json => json::print(&report)?,
        Form::Sarif => sarif::print(&report, &*scanner.book()?, &directory)?,
    };
    for failure in &report.errors {
        let _ = writeln!(std::io::stderr(), "tollgate: {failure}");
    }
    let mut out = std::io::stdout().lock();
    match out.write_all(printed.as_bytes()).and_then(|()| out.flush()) {
        // Whoever reads no further still hears by the code what was found.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(code),
    }
}

fn read(paths: &[PathBuf], scanner: &mut Scanner<'_>) -> anyhow::Result<Report> {
    let mut report = Report::default();
    for found in files::all(paths) {
        let (path, format, content) = match found.and_then(opened) {
            Ok(Some(opened)) => opened,
            Ok(None) => {
                report.skipped += 1;
                continue;
            }
            Err(failure) => {
                report.errors.push(failure);
                continue;
            }
        };
        report.read += 1;
        let longest = format.longest() >> 20;
        let unread = content.cut.then(|| format!("it is longer than {longest} MiB, and was not read"));
        let told = scanner.file(format, &content.text, unread)?;
        let lines = Lines::of(&content.text);
        let findings: Vec<_> =
            told.findings.into_iter().map(|finding| (lines.position(finding.at), finding)).collect();
        let waived: Vec<_> = told
            .waived
            .into_iter()
            .map(|waived| Vouched {
                position: lines.position(waived.finding.at),
                finding: waived.finding,
                because: waived.because,
                line: lines.position(waived.waiver).line,
            })
            .collect();
        if !findings.is_empty() || !waived.is_empty() {
            report.files.push(Told { path, findings, waived });
        }
    }
    Ok(report)
}

/// A file of a known kind with what it holds; `None` of another kind.
fn opened(path: PathBuf) -> Result<Option<(PathBuf, &'static dyn Format, Content)>, Failure> {
    let content = files::read(&path, LONGEST)?;
    let Some(format) = format_of(&path, &content.text) else { return Ok(None) };
    let more = content.cut && format.longest() > LONGEST;
    let content = if more { files::read(&path, format.longest())? } else { content };
    Ok(Some((path, format, content)))
}

/// What is found, in a few words: the command.
fn what(finding: &Finding) -> String {
    if !finding.words.is_empty() {
        return crate::audit::redact::shown(&finding.words);
    }
    match finding.rule.as_str() {
        crate::gate::scan::UNREAD => "this cannot be read".to_owned(),
        crate::gate::scan::WAIVER => "a waiver that does not count".to_owned(),
        rule => sanitize::text(rule).into_owned(),
    }
}
