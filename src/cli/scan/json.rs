//! What is found, for programs. Keys are added, never renamed or taken away.

use std::path::Path;

use serde_json::{Value, json};

use super::{Report, Told, sarif};
use crate::audit::redact;
use crate::gate::scan::Finding;
use crate::invocation::scan::Position;
use crate::ui::sanitize;

/// One object with everything.
pub(super) fn print(report: &Report) -> anyhow::Result<String> {
    let findings: Vec<Value> =
        report.findings().map(|(file, position, finding)| one(file, *position, finding)).collect();
    let waived: Vec<Value> = report
        .waived()
        .map(|(file, waived)| {
            let mut value = one(file, waived.position, &waived.finding);
            if let Some(object) = value.as_object_mut() {
                object.insert("because".to_owned(), json!(waived.because));
                object.insert("waiver_line".to_owned(), json!(waived.line));
            }
            value
        })
        .collect();
    let errors: Vec<Value> = report
        .errors
        .iter()
        .map(|failure| json!({ "path": lossy(&failure.path), "uri": sarif::uri(&failure.path), "why": failure.why }))
        .collect();
    let object = json!({
        "schema": 1,
        "findings": findings,
        "waived": waived,
        "files": report.read,
        "skipped": report.skipped,
        "errors": errors,
    });
    Ok(sanitize::json(&serde_json::to_string_pretty(&object)?).into_owned() + "\n")
}

fn lossy(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn one(file: &Told, position: Position, finding: &Finding) -> Value {
    let also: Vec<&str> = finding.also.iter().map(|one| one.rule.as_str()).collect();
    json!({
        "also": also,
        "path": lossy(&file.path),
        // Also of a path that is not UTF-8.
        "uri": sarif::uri(&file.path),
        "line": position.line,
        "column": position.column,
        "rule": finding.rule,
        "risk": finding.risk,
        "effects": finding.effects,
        "command": redact::words(&finding.words),
        "reason": finding.reason,
        "safer": finding.safer,
    })
}
