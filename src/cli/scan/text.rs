//! What is found, for people.

use std::fmt::Write as _;

use colored::Colorize as _;

use super::{Report, Told, what};
use crate::gate::scan::Finding;
use crate::invocation::scan::Position;
use crate::ui::sanitize;
use crate::verdict::Risk;

/// How many characters of a command are shown.
const WIDTH: usize = 240;

/// Every finding with its place, file by file, the waived ones, and how much it is.
pub(super) fn print(report: &Report) -> String {
    let mut text = String::new();
    for file in report.files.iter().filter(|file| !file.findings.is_empty()) {
        for (position, finding) in &file.findings {
            one(&mut text, file, *position, finding);
        }
        text.push('\n');
    }
    if report.waived().next().is_some() {
        let _ = writeln!(text, "{}", "waived:".bold());
        for (file, waived) in report.waived() {
            let place = place(file, waived.position);
            let rule = sanitize::text(&waived.finding.rule);
            let _ = writeln!(text, "  {place} {} ({rule})", cut(&what(&waived.finding)));
            let _ = writeln!(text, "    because: {}", sanitize::text(&waived.because));
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{}", summary(report));
    text
}

fn place(file: &Told, Position { line, column }: Position) -> String {
    format!("{}:{line}:{column}:", sanitize::os(file.path.as_os_str()))
}

fn one(text: &mut String, file: &Told, position: Position, finding: &Finding) {
    let risk = match finding.risk {
        Risk::Low | Risk::Medium => finding.risk.name().normal(),
        Risk::High => finding.risk.name().yellow(),
        Risk::Critical => finding.risk.name().red().bold(),
    };
    let (place, rule) = (place(file, position), sanitize::text(&finding.rule));
    let _ = writeln!(text, "{} {risk}: {} ({rule})", place.bold(), cut(&what(finding)));
    for (heading, said) in [("why:", Some(&finding.reason)), ("instead:", finding.safer.as_ref())] {
        if let Some(said) = said.filter(|said| !said.is_empty()) {
            let _ = writeln!(text, "  {heading:<8} {}", sanitize::text(said));
        }
    }
}

/// `text`, as far as anybody reads on.
fn cut(text: &str) -> String {
    match text.char_indices().nth(WIDTH) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// `3 findings in 2 files (1 critical, 2 medium); 14 files read, 5 of other kinds`.
fn summary(report: &Report) -> String {
    let number = report.findings().count();
    let mut summary = if number == 0 {
        "no findings".to_owned()
    } else {
        let files = report.files.iter().filter(|file| !file.findings.is_empty()).count();
        let of = |risk: Risk| report.findings().filter(|(_, _, one)| one.risk == risk).count();
        let risks = Risk::ALL.into_iter().rev().map(|risk| (of(risk), risk.name()));
        let risks: Vec<String> = risks
            .filter(|(number, _)| *number > 0)
            .map(|(number, name)| format!("{number} {name}"))
            .collect();
        format!("{} in {} ({})", counted(number, "finding"), counted(files, "file"), risks.join(", "))
    };
    let _ = write!(summary, "; {} read", counted(report.read, "file"));
    if report.skipped > 0 {
        let _ = write!(summary, ", {} of other kinds", report.skipped);
    }
    for (number, what) in [(report.waived().count(), "waived"), (report.errors.len(), "not readable")] {
        if number > 0 {
            let _ = write!(summary, "; {number} {what}");
        }
    }
    summary
}

fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
