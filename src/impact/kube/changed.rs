//! `apply`, `create`, `replace`, `patch` and `scale`: what the server says would come of
//! it, beside what is there now.

use std::collections::BTreeMap;

use super::looks::Looks;
use super::objects::{Item, Object};
use super::owned;
use super::report::Report;
use super::words::{SELECTION, Words};

pub(super) mod exposing;
mod unprotecting;

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

/// Finds what would come of it, and tells it. Returns the objects of which the server said that.
pub(super) fn find(words: Words<'_>, looks: &Looks<'_>, report: &mut Report) -> Vec<Object> {
    let verb = words.command().name();
    if words.has("--raw") || (verb == "create" && words.is_on("--edit")) {
        report.unknown("changes", "what is sent stands on no line that could be rehearsed");
        return Vec::new();
    }
    let before = match before(words, looks, &verb) {
        Ok(before) => before,
        Err(why) => {
            report.unknown("changes", &why);
            return Vec::new();
        }
    };
    if verb == "scale" {
        scaled(words, &before, report);
        return Vec::new();
    }
    if verb == "apply" && words.is_on("--prune") {
        pruned(words, looks, report);
    }
    if words.is_on("--force") && verb == "replace" {
        replaced(words, looks, &before, report);
    }
    let manner = [SELECTION, MANNER].concat();
    let flags = ["--dry-run=server", "--output=json"];
    match looks.items(words.question(&[&verb], &manner, &flags, &words.command().operands)) {
        Ok(after) => {
            let before = by_name(&before);
            let told: Vec<Object> = after.iter().map(Item::object).collect();
            for (object, item) in told.iter().zip(&after) {
                compare(object, before.get(object).copied(), item, report);
            }
            return told;
        }
        // `--force` deletes what cannot be changed, and makes it anew.
        Err(why) if verb == "apply" && words.is_on("--force") && why.contains("immutable") => {
            replaced(words, looks, &before, report);
            report.unknown("changes", &why);
        }
        Err(why) => report.unknown("changes", &why),
    }
    Vec::new()
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
        if is_none(to) && from != Some(0) {
            to_zero(&object, from, report);
        } else {
            report.line(format!("{}: {} replicas become {to}", object.shown(), from.unwrap_or(1)));
        }
    }
}

/// Whether kubectl reads this number as zero: in any base, and cut to 32 bits.
pub(super) fn is_none(written: &str) -> bool {
    let plain = written.trim().replace('_', "");
    let digits = plain.trim_start_matches(['+', '-']);
    let (base, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', rest @ ..] => (16, rest),
        [b'0', b'o' | b'O', rest @ ..] => (8, rest),
        [b'0', b'b' | b'B', rest @ ..] => (2, rest),
        [b'0', rest @ ..] if !rest.is_empty() => (8, rest),
        all => (10, all),
    };
    let value = std::str::from_utf8(digits).ok().and_then(|digits| i64::from_str_radix(digits, base).ok());
    // A manifest may say 0.0.
    value.is_some_and(|value| value.rem_euclid(1 << 32) == 0) || plain.parse() == Ok(0.0)
}

fn replicas(item: &Item) -> Option<i64> {
    item.at("spec/replicas")?.as_i64()
}

fn to_zero(object: &Object, from: Option<i64>, report: &mut Report) {
    let from = from.unwrap_or(1);
    report.happens("scale-to-zero", object, &[("replicas:was", from.to_string())]);
    report.grave(format!("{}: {from} replicas become none", object.shown()));
}

/// That these are deleted, with what belongs to them, and made anew.
fn replaced(words: Words<'_>, looks: &Looks<'_>, items: &[Item], report: &mut Report) {
    for item in items {
        let object = item.object();
        report.happens("replace", &object, &[]);
        report.grave(format!("{}: deleted, with what it owns, and made anew", object.shown()));
    }
    owned::with(words, looks, items, report);
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
            let plural = if objects.len() == 1 { "" } else { "s" };
            report.first(format!("prunes {} object{plural}", objects.len()));
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
        report.happens(finding.action, object, &finding.fields());
        report.grave(format!("{}: {}", object.shown(), finding.by));
    }
    for by in before.map(|before| unprotecting::findings(object, before, after)).unwrap_or_default() {
        report.happens("unprotect", object, &[("by", by.clone())]);
        report.grave(format!("{}: {by}", object.shown()));
    }
    report.acts_on(object);
    let what = match before {
        Some(before) if before == after => "unchanged",
        Some(_) => "changed",
        None => "made",
    };
    report.line(format!("{}: {what}", object.shown()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_zero_however_it_is_written() {
        for written in [
            "0",
            "+0",
            "-0",
            "00",
            "0x0",
            "0X00",
            "0b0",
            "0o0",
            "0_0",
            "4294967296",
            "0x100000000",
            "0.0",
            ".0",
            "-0e0",
            "0b0_0",
        ] {
            assert!(is_none(written), "{written}");
        }
        for written in ["1", "0x1", "010", "4294967297", "", "x", "-1", "0.5", "0:0"] {
            assert!(!is_none(written), "{written}");
        }
    }
}
