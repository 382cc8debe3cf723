//! What is found, as SARIF 2.1.0: what code scanning on GitHub, and most editors, read.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Component, Path};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Report, Told, Vouched, files, what};
use crate::audit::redact;
use crate::gate::scan::Finding;
use crate::invocation::scan::Position;
use crate::rules::about::{self, About};
use crate::rules::book::Rulebook;
use crate::rules::builtin;
use crate::ui::sanitize;
use crate::verdict::Risk;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// One log with one run. Paths are relative to `directory`, where tollgate was started.
pub(super) fn print(report: &Report, book: &Rulebook, directory: &Path) -> anyhow::Result<String> {
    let mut rules = Rules { book, texts: builtin::texts()?, indices: HashMap::new(), list: Vec::new() };
    let mut seen = HashMap::new();
    let mut results = Vec::new();
    for file in &report.files {
        for (position, finding) in &file.findings {
            results.push(result(file, *position, finding, directory, &mut rules, &mut seen));
        }
        for waived in &file.waived {
            let mut one = result(file, waived.position, &waived.finding, directory, &mut rules, &mut seen);
            add(&mut one, "suppressions", json!([suppression(file, waived, directory)]));
            results.push(one);
        }
    }
    let failed = |failure: &files::Failure| {
        json!({
            "level": "error",
            "message": { "text": failure.to_string() },
            "locations": [{ "physicalLocation": { "artifactLocation": artifact(&failure.path, directory) } }],
        })
    };
    let failures: Vec<Value> = report.errors.iter().map(failed).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "tollgate",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.list,
            } },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": failures.is_empty(),
                "toolExecutionNotifications": failures,
            }],
            "results": results,
        }],
    });
    Ok(sanitize::json(&serde_json::to_string_pretty(&log)?).into_owned() + "\n")
}

/// Adds a property to an object.
fn add(object: &mut Value, name: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}

/// The rules that results speak of, each once.
struct Rules<'a> {
    book: &'a Rulebook,
    /// The shipped files.
    texts: Vec<(&'static str, String)>,
    indices: HashMap<String, usize>,
    list: Vec<Value>,
}

impl Rules<'_> {
    fn index(&mut self, finding: &Finding) -> usize {
        if let Some(index) = self.indices.get(&finding.rule) {
            return *index;
        }
        let index = self.list.len();
        let mut about = about::find(&finding.rule, self.book).unwrap_or_else(|| itself(finding));
        about.page = about.page.or_else(|| about::page(&finding.rule, &self.texts).map(str::to_owned));
        self.list.push(described(finding, about));
        self.indices.insert(finding.rule.clone(), index);
        index
    }
}

/// A rule of which nothing is known but what it says of one command.
fn itself(finding: &Finding) -> About {
    About {
        summary: finding.rule.clone(),
        effects: finding.effects.clone(),
        risk: finding.risk,
        reason: Some(finding.reason.clone()),
        safer: finding.safer.clone(),
        page: None,
    }
}

/// A rule, with what GitHub wants to know of it.
fn described(finding: &Finding, about: About) -> Value {
    let mut tags = vec!["security"];
    tags.extend(about.effects.iter().map(|effect| effect.name()));
    let mut help = about.reason.clone().unwrap_or_else(|| about.summary.clone());
    if let Some(safer) = &about.safer {
        let _ = write!(help, "\n\nInstead: {safer}");
    }
    let _ = write!(help, "\n\n`tollgate rules show {}` tells more.", finding.rule);
    let mut rule = json!({
        "id": finding.rule,
        "name": finding.rule,
        "shortDescription": { "text": about.summary },
        "fullDescription": { "text": about.reason.unwrap_or(about.summary) },
        "help": { "text": help, "markdown": help },
        "defaultConfiguration": { "level": level(about.risk) },
        "properties": {
            "precision": "high",
            "problem.severity": level(about.risk).replace("note", "recommendation"),
            "security-severity": severity(about.risk),
            "tags": tags,
        },
    });
    if let Some(page) = about.page {
        add(&mut rule, "helpUri", json!(page));
    }
    rule
}

const fn level(risk: Risk) -> &'static str {
    match risk {
        Risk::Low => "note",
        Risk::Medium => "warning",
        Risk::High | Risk::Critical => "error",
    }
}

/// GitHub calls what is above 9 critical, from 7 high, from 4 medium.
const fn severity(risk: Risk) -> &'static str {
    match risk {
        Risk::Low => "2.0",
        Risk::Medium => "5.0",
        Risk::High => "8.0",
        Risk::Critical => "9.5",
    }
}

fn result(
    file: &Told,
    position: Position,
    finding: &Finding,
    directory: &Path,
    rules: &mut Rules<'_>,
    seen: &mut HashMap<String, usize>,
) -> Value {
    let mut message = format!("{}: {}", what(finding), finding.reason);
    if let Some(safer) = &finding.safer {
        let _ = write!(message, "\nInstead: {safer}");
    }
    json!({
        "ruleId": finding.rule,
        "ruleIndex": rules.index(finding),
        "level": level(finding.risk),
        "message": { "text": message },
        "locations": [{ "physicalLocation": {
            "artifactLocation": artifact(&file.path, directory),
            "region": { "startLine": position.line, "startColumn": position.column },
        } }],
        "partialFingerprints": { "tollgate/v1": fingerprint(file, finding, directory, seen) },
        "properties": { "risk": finding.risk, "security-severity": severity(finding.risk) },
    })
}

/// Tells the same finding again where its lines have moved: by what it is, and how many
/// of the kind stand before it.
fn fingerprint(
    file: &Told,
    finding: &Finding,
    directory: &Path,
    seen: &mut HashMap<String, usize>,
) -> String {
    let about =
        if finding.words.is_empty() { vec![finding.reason.clone()] } else { redact::words(&finding.words) };
    let what = format!("{}\0{}\0{}", place(&file.path, directory).0, finding.rule, about.join("\0"));
    let before = seen.entry(what.clone()).or_default();
    let digest = Sha256::digest(format!("{what}\0{before}"));
    *before += 1;
    digest.iter().take(16).fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn suppression(file: &Told, waived: &Vouched, directory: &Path) -> Value {
    json!({
        "kind": "inSource",
        "status": "accepted",
        "justification": waived.because,
        "location": { "physicalLocation": {
            "artifactLocation": artifact(&file.path, directory),
            "region": { "startLine": waived.line },
        } },
    })
}

fn artifact(path: &Path, directory: &Path) -> Value {
    match place(path, directory) {
        (uri, true) => json!({ "uri": uri, "uriBaseId": "%SRCROOT%" }),
        (uri, false) => json!({ "uri": uri }),
    }
}

/// The URI of a file, and whether it is relative to `directory`.
fn place(path: &Path, directory: &Path) -> (String, bool) {
    let mut whole = std::path::PathBuf::new();
    for part in directory.join(path).components() {
        if part == Component::ParentDir {
            whole.pop();
        } else {
            whole.push(part);
        }
    }
    match whole.strip_prefix(directory) {
        Ok(relative) => (uri(relative), true),
        Err(_) => (format!("file://{}", uri(&whole)), false),
    }
}

/// A path as a relative reference, each byte that needs it percent-encoded.
pub(super) fn uri(path: &Path) -> String {
    let mut uri = String::new();
    for byte in files::plain(path).as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_uris() {
        for (path, expected, relative) in [
            ("a b/c.sh", "a%20b/c.sh", true),
            ("./-x:y", "-x%3Ay", true),
            ("/w/d/ä%", "%C3%A4%25", true),
            ("x/../y", "y", true),
            ("../z", "file:///w/z", false),
            ("/etc/x\n", "file:///etc/x%0A", false),
        ] {
            assert_eq!(place(Path::new(path), Path::new("/w/d")), (expected.to_owned(), relative), "{path}");
        }
    }
}
