//! `tollgate rules test`: each case, and where one fails, what was expected and
//! what came.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::check::{self, Checked, cases, counted};
use crate::gate::FAULT;
use crate::process::Process;
use crate::rules::book::Rulebook;
use crate::rules::cases::{Failing, failing, read};
use crate::rules::lint;
use crate::rules::schema::RuleFile;
use crate::ui::sanitize;

/// How to show what comes out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shown {
    /// Whether cases that pass are listed.
    pub(super) verbose: bool,
    /// Whether a terminal shows it.
    pub(super) coloured: bool,
}

/// What the two sides of a difference look like, as in any diff.
const EXPECTED: (&str, &str) = ("-", "31");
const FOUND: (&str, &str) = ("+", "32");

/// Judges the cases of files; what it returns is the exit code.
///
/// # Errors
/// Where a layer is broken.
pub(super) fn test(
    process: &dyn Process,
    files: &[PathBuf],
    shown: Shown,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let (checked, mut findings) = check::load(process, files)?;
    for (book, texts) in checked.books() {
        findings.extend(lint::but_for_cases(&book, texts));
    }
    if !findings.is_empty() {
        return Ok(check::faults(&findings, out)?);
    }
    let failed = judged(&checked, shown, out)?;
    if failed == 0 {
        writeln!(out, "sound: {}", checked.counts())?;
        return Ok(0);
    }
    let all: usize =
        checked.layers().iter().flat_map(crate::rules::book::Layer::files).map(|(_, file)| cases(file)).sum();
    let verb = if failed == 1 { "fails" } else { "fail" };
    writeln!(out, "\n{failed} of {} {verb}", counted(all, "case"))?;
    Ok(FAULT)
}

/// Prints each file, and how many of its cases fail; returns how many do.
fn judged(checked: &Checked, shown: Shown, out: &mut dyn Write) -> io::Result<usize> {
    let mut failed = 0;
    for (layer, (book, texts)) in checked.layers().iter().zip(checked.books()) {
        for ((path, file), text) in layer.files().iter().zip(texts) {
            let failing: Vec<Failing<'_>> =
                file.rules.iter().flat_map(|rule| failing(path, text, &book, file, rule)).collect();
            of_file(path, file, failing.len(), out)?;
            if shown.verbose {
                decisions(&checked.all.book, file, out)?;
            }
            if !failing.is_empty() {
                writeln!(out, "\n{} {}", side(EXPECTED, "expected", shown), side(FOUND, "found", shown))?;
            }
            for one in &failing {
                difference(one, shown, out)?;
            }
            failed += failing.len();
        }
    }
    Ok(failed)
}

/// One file in one line.
fn of_file(path: &Path, file: &RuleFile, failing: usize, out: &mut dyn Write) -> io::Result<()> {
    let (path, number) = (sanitize::os(path.as_os_str()), cases(file));
    if failing > 0 {
        return writeln!(out, "FAIL  {path}: {failing} of {}", counted(number, "case"));
    }
    if number > 0 {
        let rules = counted(file.rules.len(), "rule");
        return writeln!(out, "ok    {path}: {rules}, {}", counted(number, "case"));
    }
    Ok(())
}

/// What the whole rulebook decides for each case that a rule of the file has to match.
fn decisions(book: &Rulebook, file: &RuleFile, out: &mut dyn Write) -> io::Result<()> {
    for rule in &file.rules {
        for line in &rule.cases.matches {
            // One that cannot be read is shown as failing.
            if let Ok(case) = read(line, &file.tools, book) {
                let (decision, id) = (case.judge(book).decision, sanitize::text(&rule.id));
                writeln!(out, "{:<8} {id:<36} {}", decision.name(), sanitize::text(line))?;
            }
        }
    }
    Ok(())
}

/// One case that fails: where it stands, what the file says of it, and what came.
fn difference(case: &Failing<'_>, shown: Shown, out: &mut dyn Write) -> io::Result<()> {
    let Failing { rule, line, wanted, finding, why, others } = case;
    let path = sanitize::os(finding.path.as_os_str());
    let place = finding.place.map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default();
    writeln!(out, "\n{path}{place}: {}", sanitize::text(&rule.id))?;
    writeln!(out, "    {}", sanitize::text(line))?;
    let (yes, no) = ("matches", "does not match");
    let (expected, found) = if *wanted { (yes, no) } else { (no, yes) };
    writeln!(out, "  {}", side(EXPECTED, expected, shown))?;
    let unread = finding.message.strip_prefix("this case ").filter(|_| why.is_empty());
    writeln!(out, "  {}", side(FOUND, &sanitize::text(unread.unwrap_or(found)), shown))?;
    for reason in why {
        writeln!(out, "  {}", side(FOUND, &format!("  {reason}"), shown))?;
    }
    if !others.is_empty() {
        writeln!(out, "    other rules: {}", others.join(", "))?;
    }
    Ok(())
}

/// A line of one side, in its colour where a terminal shows it.
fn side((sign, colour): (&str, &str), text: &str, shown: Shown) -> String {
    if shown.coloured { format!("\u{1b}[{colour}m{sign}{text}\u{1b}[0m") } else { format!("{sign}{text}") }
}
