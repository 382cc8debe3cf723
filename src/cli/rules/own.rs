//! What a rulebook holds besides rules that is not built in: changed cells,
//! environments and exemptions.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::rules::book::{Layer, Origin, Rulebook, Source};
use crate::rules::schema::RuleFile;
use crate::ui::sanitize;

fn files(book: &Rulebook) -> impl Iterator<Item = (Source, &Layer, &RuleFile)> {
    book.layers.iter().filter(|layer| layer.origin != Origin::BuiltIn).flat_map(|layer| {
        layer
            .files()
            .iter()
            .map(move |(path, file)| (Source { origin: layer.origin, path: path.clone() }, layer, file))
    })
}

const fn column(guarded: bool) -> &'static str {
    if guarded { "guarded" } else { "ordinary" }
}

/// Prints each under a heading of its own, where there are any.
pub(super) fn print(book: &Rulebook, today: &str, out: &mut dyn Write) -> io::Result<()> {
    let (mut cells, mut environments, mut exemptions) = (Vec::new(), Vec::new(), Vec::new());
    for (source, _, file) in files(book) {
        let mark = source.mark();
        cells.extend(file.cells().map(|(effect, principal, guarded, decision)| {
            format!("{effect}, {principal}, {} = {decision}{mark}", column(guarded))
        }));
        environments.extend(file.environments.iter().map(|one| {
            let kind = if one.sandbox { "sandbox" } else { column(one.guarded) };
            format!("{} ({kind}){mark}", sanitize::text(&one.name))
        }));
        exemptions.extend(file.exempt.iter().map(|one| {
            let verb = if one.expires.as_str() < today { "EXPIRED" } else { "until" };
            let (rule, reason) = (sanitize::text(&one.rule), sanitize::text(&one.reason));
            format!("{rule}: {reason} ({verb} {}){mark}", sanitize::text(&one.expires))
        }));
    }
    for (heading, lines) in [("policy", cells), ("environments", environments), ("exemptions", exemptions)] {
        if !lines.is_empty() {
            writeln!(out, "\n{heading}")?;
        }
        for line in lines {
            writeln!(out, "  {line}")?;
        }
    }
    Ok(())
}

/// Adds the same as the keys `policy`, `environments` and `exemptions`.
pub(super) fn add_to(object: &mut Value, book: &Rulebook, today: &str) {
    let (mut cells, mut environments, mut exemptions) = (Vec::new(), Vec::new(), Vec::new());
    for (source, layer, file) in files(book) {
        let (layer, path) = (layer.origin.name(), source.path.to_string_lossy());
        cells.extend(file.cells().map(|(effect, principal, guarded, decision)| {
            json!({
                "effect": effect, "principal": principal, "column": column(guarded), "decision": decision,
                "layer": layer, "file": path,
            })
        }));
        environments.extend(file.environments.iter().map(|one| {
            json!({
                "name": one.name, "guarded": one.guarded, "sandbox": one.sandbox, "layer": layer, "file": path,
            })
        }));
        exemptions.extend(file.exempt.iter().map(|one| {
            json!({
                "rule": one.rule, "reason": one.reason, "expires": one.expires,
                "expired": one.expires.as_str() < today, "layer": layer, "file": path,
            })
        }));
    }
    for (key, values) in [("policy", cells), ("environments", environments), ("exemptions", exemptions)] {
        if let Some(object) = object.as_object_mut() {
            object.insert(key.to_owned(), values.into());
        }
    }
}
