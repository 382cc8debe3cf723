//! `apply`, `create`, `replace`, `patch` and `scale`: what the server says would come of
//! it, beside what is there now.

use std::collections::BTreeMap;

use super::looks::Looks;
use super::objects::{Item, Object};
use super::report::Report;
use super::words::{SELECTION, Words};

pub(super) mod exposing;

/// Flags that say what is changed, and how.
const MANNER: &[&str] = &[
    "field-manager",
    "force-conflicts",
    "overwrite",
    "patch",
    "patch-file",
    "resource-version",
    "server-side",
    "subresource",
    "type",
    "validate",
];

pub(super) fn find(words: Words<'_>, looks: &Looks<'_>, report: &mut Report) {
    let verb = words.command().name();
    if words.has("--raw") || (verb == "create" && words.is_on("--edit")) {
        return report.unknown("changes", "what is sent stands on no line that could be rehearsed");
    }
    let before = match before(words, looks, &verb) {
        Ok(before) => before,
        Err(why) => return report.unknown("changes", &why),
    };
    if verb == "scale" {
        return scaled(words, &before, report);
    }
    if verb == "apply" && words.is_on("--prune") {
        pruned(words, looks, report);
    }
    if words.is_on("--force") && verb == "replace" {
        for item in &before {
            replaced(&item.object(), report);
        }
    }
    let manner = [SELECTION, MANNER].concat();
    let flags = ["--dry-run=server", "--output=json"];
    match looks.items(words.question(&[&verb], &manner, &flags, &words.command().operands)) {
        Ok(after) => {
            let before = by_name(&before);
            for item in &after {
                let object = item.object();
                compare(&object, before.get(&object).copied(), item, report);
            }
        }
        // `--force` deletes what cannot be changed, and makes it anew.
        Err(why) if verb == "apply" && words.is_on("--force") && why.contains("immutable") => {
            for item in &before {
                replaced(&item.object(), report);
            }
            report.unknown("changes", &why);
        }
        Err(why) => report.unknown("changes", &why),
    }
}

/// What is there now. A `create` finds nothing.
fn before(words: Words<'_>, looks: &Looks<'_>, verb: &str) -> Result<Vec<Item>, String> {
    if verb == "create" {
        return Ok(Vec::new());
    }
    let flags = ["--output=json", "--ignore-not-found"];
    looks.items(words.question(&["get"], SELECTION, &flags, &words.command().operands))
}

fn by_name(items: &[Item]) -> BTreeMap<Object, &Item> {
    items.iter().map(|item| (item.object(), item)).collect()
}

fn scaled(words: Words<'_>, before: &[Item], report: &mut Report) {
    let to = words.value("--replicas").unwrap_or_default();
    for item in before {
        let (object, from) = (item.object(), replicas(item));
        report.acts_on(&object);
        if to.trim().parse() == Ok(0_i64) && from != Some(0) {
            to_zero(&object, from, report);
        } else {
            report.line(format!("{}: {} replicas become {to}", object.shown(), from.unwrap_or(1)));
        }
    }
}

fn replicas(item: &Item) -> Option<i64> {
    item.at("spec/replicas")?.as_i64()
}

fn to_zero(object: &Object, from: Option<i64>, report: &mut Report) {
    let from = from.unwrap_or(1);
    report.happens("scale-to-zero", object, &[("replicas:was", from.to_string())]);
    report.grave(format!("{}: {from} replicas become none", object.shown()));
}

fn replaced(object: &Object, report: &mut Report) {
    report.happens("replace", object, &[]);
    report.grave(format!("{}: deleted, with what it owns, and made anew", object.shown()));
}

/// What `--prune` deletes, by kubectl's own rehearsal: `configmap/c2 pruned (dry run)`.
fn pruned(words: Words<'_>, looks: &Looks<'_>, report: &mut Report) {
    let flags = ["all", "prune", "prune-allowlist"];
    let question = words.question(
        &["apply"],
        &[SELECTION, &flags].concat(),
        &["--dry-run=client"],
        &words.command().operands,
    );
    match looks.printed(question) {
        Ok(printed) => {
            let printed = String::from_utf8_lossy(&printed);
            let lines = printed.lines().filter_map(|line| line.split_once(" pruned"));
            let objects: Vec<Object> = lines.filter_map(|(name, _)| Object::of_line(name)).collect();
            report.first(format!("prunes {} objects", objects.len()));
            for object in objects {
                report.happens("prune", &object, &[]);
                report.grave(format!("{}: pruned", object.shown()));
            }
        }
        Err(why) => report.unknown("what is pruned", &why),
    }
}

/// What changes of one object.
fn compare(object: &Object, before: Option<&Item>, after: &Item, report: &mut Report) {
    let (was, is) = (before.map(replicas), replicas(after));
    if let Some(was) = was
        && is == Some(0)
        && was != Some(0)
    {
        to_zero(object, was, report);
    }
    for finding in exposing::findings(object, before, after) {
        report.happens(finding.action, object, &[("by", finding.by.clone())]);
        report.grave(format!("{}: {}", object.shown(), finding.by));
    }
    report.acts_on(object);
    let what = if before.is_some() { "changed" } else { "made" };
    report.line(format!("{}: {what}", object.shown()));
}
