//! `tollgate rules lint`, and what `rules test` asks of files before it judges
//! their cases.

use std::io::Write;
use std::path::PathBuf;

use super::{Texts, here, with_texts};
use crate::gate::FAULT;
use crate::process::Process;
use crate::rules::book::{Layer, Origin, Power, Rulebook};
use crate::rules::load::{self, Diagnostic};
use crate::rules::schema::RuleFile;
use crate::rules::{builtin, lint};

/// A rulebook, of which the layers from `from` on are to be checked.
pub(super) struct Checked {
    pub(super) all: Texts,
    pub(super) from: usize,
}

impl Checked {
    /// The layers that are checked.
    pub(super) fn layers(&self) -> &[Layer] {
        self.all.book.layers.get(self.from..).unwrap_or_default()
    }

    /// For each of them, the book up to it and its files' texts.
    pub(super) fn books(&self) -> impl Iterator<Item = (Rulebook, &[String])> {
        (self.from..self.all.book.layers.len()).map(|at| {
            let upto = Rulebook { layers: self.all.book.layers.iter().take(at + 1).cloned().collect() };
            (upto, self.all.texts.get(at).map_or(&[][..], Vec::as_slice))
        })
    }

    /// How many rules, cases and environments they hold, in words.
    pub(super) fn counts(&self) -> String {
        let files = || self.layers().iter().flat_map(Layer::files).map(|(_, file)| file);
        let counts = [
            counted(files().map(|file| file.rules.len()).sum(), "rule"),
            counted(files().map(cases).sum(), "case"),
            counted(files().map(|file| file.environments.len()).sum(), "environment"),
        ];
        counts.join(", ")
    }
}

/// The files given as a layer on the built-in one, or what counts here.
///
/// # Errors
/// Where a layer is broken.
pub(super) fn load(process: &dyn Process, files: &[PathBuf]) -> anyhow::Result<(Checked, Vec<Diagnostic>)> {
    if files.is_empty() {
        return Ok((Checked { all: with_texts(here(process)?)?, from: 0 }, Vec::new()));
    }
    let mut all = with_texts(Rulebook { layers: vec![builtin::layer(&[])?] })?;
    let from = all.book.layers.len();
    let findings = add(&mut all, files)?;
    Ok((Checked { all, from }, findings))
}

/// Checks files, their cases included.
///
/// # Errors
/// Where a layer is broken.
pub(super) fn lint(process: &dyn Process, files: &[PathBuf], out: &mut dyn Write) -> anyhow::Result<u8> {
    let (checked, mut findings) = load(process, files)?;
    for (book, texts) in checked.books() {
        findings.extend(lint::newest_layer(&book, texts, &[]));
    }
    if !findings.is_empty() {
        return Ok(faults(&findings, out)?);
    }
    writeln!(out, "sound: {}", checked.counts())?;
    Ok(0)
}

/// Prints what is wrong, and how much it is.
pub(super) fn faults(findings: &[Diagnostic], out: &mut dyn Write) -> std::io::Result<u8> {
    for finding in findings {
        writeln!(out, "{finding}\n")?;
    }
    writeln!(out, "{} found", counted(findings.len(), "fault"))?;
    Ok(FAULT)
}

/// Adds `files` as a layer of the user's, and returns what cannot be read of them.
fn add(all: &mut Texts, files: &[PathBuf]) -> Result<Vec<Diagnostic>, Diagnostic> {
    let (mut read, mut texts, mut findings) = (Vec::new(), Vec::new(), Vec::new());
    for path in files {
        let text = load::read(path)?.ok_or_else(|| Diagnostic::whole_file(path, "there is no such file"));
        match text.and_then(|text| load::parse(path, &text).map(|file| (file, text))) {
            Ok((file, text)) => {
                read.push((path.clone(), file));
                texts.push(text);
            }
            Err(finding) => findings.push(finding),
        }
    }
    all.book.layers.push(Layer::new(Origin::User, read, Power::Loosens, Power::Loosens));
    all.texts.push(texts);
    Ok(findings)
}

/// How many cases a file has.
pub(super) fn cases(file: &RuleFile) -> usize {
    file.rules.iter().map(|rule| rule.cases.matches.len() + rule.cases.no_match.len()).sum()
}

/// `1 rule`, `2 rules`.
pub(super) fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
