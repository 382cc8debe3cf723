//! Checks the whole log: every hash, every link, every file.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::AuditError;
use super::record::{self, Flaw, GENESIS, Record};
use super::snapshot::{FileAt, Line, Snapshot};
use super::store::file_name;
use crate::digest::hex;

/// Something about one place of the log. The text may quote the log: sanitise
/// it before it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The name of the file.
    pub file: String,
    /// The line, from 1; 0 for the file as a whole.
    pub line: u64,
    /// What was found.
    pub what: String,
}

/// What [`verify`] saw.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How many records are as they were written.
    pub records: u64,
    /// How many files there are.
    pub files: usize,
    /// The sequence number and hash of the newest record: what to compare
    /// with a copy kept elsewhere.
    pub head: Option<(u64, String)>,
    /// What is wrong. Any finding means that the log is not intact.
    pub findings: Vec<Finding>,
    /// What is worth knowing and not wrong.
    pub notes: Vec<Finding>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn intact(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Checks the log in `state`. A log that is empty or missing is intact.
///
/// # Errors
/// Where the log cannot be read.
pub fn verify(state: &Path) -> Result<Report, AuditError> {
    let snapshot = Snapshot::take(state)?;
    let mut verifier = Verifier::default();
    verifier.report.files = snapshot.files.len();
    for file in snapshot.files {
        verifier.file(file)?;
    }
    verifier.finish(state.join("install.key").exists());
    Ok(verifier.report)
}

/// What the next record has to link to.
struct Link {
    sequence: u64,
    hash: String,
}

/// Lines that are no records, until a record says whether they were torn.
struct Stretch {
    hash: Sha256,
    length: u64,
    flaws: Vec<(u64, &'static str)>,
    /// What the last line claims to be, where it was altered: the records
    /// after it link to that.
    claimed: Option<Link>,
}

#[derive(Default)]
struct Verifier {
    report: Report,
    file: String,
    /// The number of this file.
    number: u64,
    /// `None` after a place that is wrong: the next good record starts anew.
    link: Option<Link>,
    /// The line of the `rotate` that ended the file before, or this one.
    rotated: Option<u64>,
    /// No record of this file was seen yet.
    first: bool,
    stretch: Option<Stretch>,
    /// Runs without an end: where they began.
    running: BTreeMap<String, (String, u64)>,
}

impl Verifier {
    fn find(&mut self, line: u64, what: impl Into<String>) {
        self.report.findings.push(Finding { file: self.file.clone(), line, what: what.into() });
    }

    fn note(&mut self, line: u64, what: impl Into<String>) {
        self.report.notes.push(Finding { file: self.file.clone(), line, what: what.into() });
    }

    fn file(&mut self, file: FileAt) -> Result<(), AuditError> {
        let number = file.file.number;
        self.begin_file(number, file.is_empty());
        for line in file.lines() {
            self.line(&line?);
        }
        self.end_stretch();
        Ok(())
    }

    fn begin_file(&mut self, number: u64, empty: bool) {
        let expected = self.number + 1;
        if number != expected {
            self.file = file_name(expected);
            let last = file_name(number.saturating_sub(1));
            let which = if number == expected + 1 { String::new() } else { format!(" to {last}") };
            self.find(0, format!("missing{which}: the log goes on in {}", file_name(number)));
            self.link = None;
        } else if number > 1 && self.rotated.is_none() {
            if empty {
                self.file = file_name(number);
                self.note(0, "empty: a rotation was interrupted, the next record goes on with it");
            } else {
                self.find(0, "does not end with a rotation, though the log goes on in the next file");
            }
        } else if number == 1 {
            self.link = Some(Link { sequence: 0, hash: GENESIS.to_owned() });
        }
        self.file = file_name(number);
        self.number = number;
        self.first = true;
        self.rotated = None;
    }

    fn line(&mut self, line: &Line) {
        let flaw = match record::read(&line.bytes) {
            Ok(record) if line.ended => return self.record(line.number, &record),
            Ok(_) => Flaw::NotARecord,
            Err(flaw) => flaw,
        };
        let what = if line.ended {
            flaw.what()
        } else {
            "incomplete: a write was interrupted (the next record will account for it), or the file was cut"
        };
        let stretch = self.stretch.get_or_insert_with(|| Stretch {
            hash: Sha256::new(),
            length: 0,
            flaws: Vec::new(),
            claimed: None,
        });
        if stretch.length > 0 || !stretch.flaws.is_empty() {
            stretch.hash.update(b"\n");
            stretch.length += 1;
        }
        stretch.hash.update(&line.bytes);
        stretch.length += line.bytes.len() as u64;
        stretch.flaws.push((line.number, what));
        stretch.claimed = match flaw {
            Flaw::Altered { sequence, hash, .. } => Some(Link { sequence, hash }),
            Flaw::NotARecord => None,
        };
    }

    fn record(&mut self, line: u64, record: &Record) {
        self.report.records += 1;
        if self.rotated.is_some() {
            self.find(line, "follows the rotation that ended this file");
            self.rotated = None;
        }
        if record.kind() == "recovered_torn" {
            self.recovered(line, record);
        } else {
            self.end_stretch();
        }
        self.check_link(line, record);
        self.first = false;
        self.link = Some(Link { sequence: record.sequence, hash: record.hash.clone() });
        self.report.head = Some((record.sequence, record.hash.clone()));
        match record.kind() {
            "rotate" => {
                self.rotated = Some(line);
                if record.text("next") != file_name(self.number + 1) {
                    self.find(line, "names another file as the next than the one that follows");
                }
            }
            "exec" => {
                self.running.insert(record.text("req").to_owned(), (self.file.clone(), line));
            }
            "exit" => {
                self.running.remove(record.text("req"));
            }
            _ => {}
        }
    }

    fn check_link(&mut self, line: u64, record: &Record) {
        let follows = record.fields.get("prev_file_h").is_some_and(Value::is_string);
        let belongs = self.first && self.number > 1;
        if follows != belongs || (follows && record.text("prev_file_h") != record.previous) {
            self.find(
                line,
                "is not the record that this file began with, or lacks its link to the file before",
            );
        }
        let Some(before) = &self.link else { return };
        let expected = before.sequence.saturating_add(1);
        if record.sequence != expected {
            let what = format!(
                "has number {}, where {expected} belongs: records are missing or moved",
                record.sequence
            );
            self.find(line, what);
        } else if record.previous != before.hash {
            self.find(line, "does not link to the record before it, which was replaced");
        }
    }

    /// Compares a recovery with the lines before it.
    fn recovered(&mut self, line: u64, record: &Record) {
        let Some(stretch) = self.stretch.take() else {
            return self.find(line, "accounts for a torn line that is not there");
        };
        let length = record.fields.get("len").and_then(Value::as_u64);
        if length == Some(stretch.length) && record.text("sha256") == hex(&stretch.hash.clone().finalize()) {
            let start = stretch.flaws.first().map_or(line, |(line, _)| *line);
            self.note(
                start,
                format!("{} bytes were torn by an interrupted write and accounted for", stretch.length),
            );
        } else {
            self.stretch = Some(stretch);
            self.end_stretch();
            self.find(line, "accounts for other bytes than the line before it has");
        }
    }

    /// Nothing accounts for the lines that are no records.
    fn end_stretch(&mut self) {
        let Some(stretch) = self.stretch.take() else { return };
        for (line, what) in stretch.flaws {
            self.find(line, what);
        }
        self.link = stretch.claimed;
    }

    fn finish(&mut self, has_key: bool) {
        if let Some(line) = self.rotated {
            let next = file_name(self.number + 1);
            self.find(line, format!("the log goes on in {next}, which is missing"));
        }
        for (request, (file, line)) in std::mem::take(&mut self.running) {
            let what = format!("{request} ran and its end was not recorded: unknown outcome");
            self.report.notes.push(Finding { file, line, what });
        }
        if self.report.records == 0 && has_key {
            self.file = file_name(1);
            self.note(0, "no record, though this installation has an install key: was the log removed?");
        }
    }
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
