//! The report for programs. Keys are added, never renamed or removed, while `schema`
//! is 1; docs/replay.md says what each means.

use std::io::Write;

use serde_json::{Map, Value, json};

use super::Report;
use super::text::{MOST_RULES, MOST_WORST, limit};
use crate::gate::replay::{Count, Worst};
use crate::ui::sanitize;

/// Writes it.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> anyhow::Result<()> {
    let Report { tally, .. } = report;
    let total = tally.total();
    let people = report.people.iter().zip(&tally.people).filter(|(_, count)| count.commands > 0);
    let people = people.map(|(who, count)| {
        let mut object = counts(*count);
        object.insert("kind".to_owned(), json!(who.kind));
        object.insert("name".to_owned(), json!(who.name));
        Value::Object(object)
    });
    let mut object = counts(total);
    object.insert("schema".to_owned(), 1.into());
    object.insert(
        "from".to_owned(),
        json!(report.kept.iter().filter_map(|kept| kept.from).min().map(|time| time.to_string())),
    );
    object.insert(
        "to".to_owned(),
        json!(report.kept.iter().filter_map(|kept| kept.to).max().map(|time| time.to_string())),
    );
    object.insert("sources".to_owned(), report.kept.iter().map(source).collect());
    object.insert("looked_for".to_owned(), report.looked.iter().map(looked).collect());
    object.insert("unread".to_owned(), unread(report));
    object.insert("unjudged".to_owned(), tally.unjudged.into());
    object.insert("principals".to_owned(), people.collect());
    let risk = |(risk, times)| json!({ "risk": risk, "times": times });
    object.insert("risks".to_owned(), tally.risks().into_iter().map(risk).collect());
    let rule = |rule: crate::gate::replay::Rule| json!({ "rule": rule.rule, "risk": rule.risk, "times": rule.times });
    object.insert(
        "rules".to_owned(),
        tally.rules().into_iter().take(limit(report, MOST_RULES)).map(rule).collect(),
    );
    object.insert(
        "worst".to_owned(),
        tally.worst(limit(report, MOST_WORST)).into_iter().map(|one| worst(report, one)).collect(),
    );
    serde_json::to_writer_pretty(&mut *out, &object)?;
    writeln!(out)?;
    Ok(())
}

fn counts(count: Count) -> Map<String, Value> {
    let counts = [
        ("commands", json!(count.commands)),
        ("stopped", json!(count.stopped())),
        ("share", json!(share(count))),
        ("confirm", json!(count.confirm)),
        ("peer", json!(count.peer)),
        ("deny", json!(count.deny)),
        ("did_not_run", json!(count.withheld)),
    ];
    counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()
}

/// Of one, how much would have been stopped.
#[expect(clippy::cast_precision_loss, reason = "a share is rounded")]
pub(super) fn share(count: Count) -> f64 {
    if count.commands == 0 { 0.0 } else { count.stopped() as f64 / count.commands as f64 }
}

fn source(kept: &super::Kept) -> Value {
    json!({
        "source": kept.source.name(),
        "files": kept.files.iter().map(|path| sanitize::os(path.as_os_str())).collect::<Vec<_>>(),
        "commands": kept.commands,
        "from": kept.from.map(|time| time.to_string()),
        "to": kept.to.map(|time| time.to_string()),
        "skipped": { "broken": kept.passed.broken, "too_long": kept.passed.too_long },
    })
}

fn looked(looked: &super::Looked) -> Value {
    let places: Vec<_> = looked.places.iter().map(|path| sanitize::os(path.as_os_str())).collect();
    json!({ "source": looked.source.name(), "places": places, "files": looked.files })
}

fn unread(report: &Report<'_>) -> Value {
    let unread = report.unread.iter();
    unread
        .map(|(path, why)| json!({ "file": sanitize::os(path.as_os_str()), "why": sanitize::text(why) }))
        .collect()
}

fn worst(report: &Report<'_>, one: &Worst) -> Value {
    let (stopped, who) = (&one.stopped, report.people.get(one.who));
    json!({
        "command": stopped.command,
        "part": stopped.part,
        "risk": stopped.risk,
        "decision": stopped.decision,
        "rule": sanitize::text(&stopped.rule),
        "reason": sanitize::text(&stopped.reason),
        "safer": stopped.safer.as_deref().map(sanitize::text),
        "principal": who.map(|who| json!({ "kind": who.kind, "name": who.name })),
        "times": one.times,
        "did_not_run": one.withheld,
        "time": one.newest.time.map(|time| time.to_string()),
        "file": report.files.get(one.newest.file).map(|path| sanitize::os(path.as_os_str())),
        "line": one.newest.line,
        "directory": stopped.directory.as_ref().map(|path| sanitize::os(path.as_os_str())),
    })
}
