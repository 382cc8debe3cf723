//! What previews may ask, and where they may stand.

use super::Place;
use crate::command::aws::operations;
use crate::command::declared::RESOURCE;
use crate::rules::book::Origin;
use crate::rules::load::Diagnostic;
use crate::rules::schema::RuleFile;
use crate::rules::schema::previews::{Listed, Look, Preview};
use crate::verdict::Effect;

/// Where a value may come from, beside flags.
const SOURCES: [&str; 3] = ["bucket", "prefix", "to-bucket"];

/// What a look may not choose: who asks, where, and how the answer is told.
const TAKEN: [&str; 10] = [
    "--profile",
    "--region",
    "--endpoint-url",
    "--no-verify-ssl",
    "--no-sign-request",
    "--ca-bundle",
    "--query",
    "--output",
    "--cli-input-json",
    "--cli-input-yaml",
];

/// Checks the previews of a file.
pub(super) fn check(place: &Place<'_>, origin: Origin, file: &RuleFile, findings: &mut Vec<Diagnostic>) {
    if file.patience.is_some_and(|seconds| !(1..=60).contains(&seconds)) {
        let message = "aws may have 1 to 60 seconds, not fewer or more";
        findings.push(Diagnostic::at(place.path, place.text, &["patience:"], message));
    }
    if origin == Origin::Project && file.patience.is_some() {
        let message = "a project cannot say how long is waited; the user's or the administrator's layer can";
        findings.push(Diagnostic::at(place.path, place.text, &["patience:"], message));
    }
    let Some(first) = file.previews.first() else { return };
    let mut report = |preview: &Preview, needle: &str, message: String| {
        let command = preview.command.iter().next().unwrap_or_default();
        findings.push(Diagnostic::at(place.path, place.text, &["previews:", command, needle], message));
    };
    if origin == Origin::Project {
        report(
            first,
            "",
            "a project cannot declare what is asked of aws; the user's or the administrator's layer can"
                .to_owned(),
        );
        return;
    }
    if !file.tools.has(RESOURCE) {
        report(
            first,
            "",
            format!("previews stand in a file of `tool: {RESOURCE}`, whose rules judge what they find"),
        );
    }
    for preview in &file.previews {
        for command in preview.command.iter().filter(|command| operations::find(command).is_none()) {
            report(preview, command, format!("the grammar has no command `{command}`"));
        }
        if preview.command.is_empty() || preview.looks.is_empty() {
            report(preview, "looks:", "a preview needs a command and a look".to_owned());
        }
        if let Some(fault) = preview.listed.as_ref().and_then(|listed| misheard(preview, listed)) {
            report(preview, "listed:", fault);
        }
        let kinds = preview.listed.iter().map(|listed| &listed.kind);
        for word in [&preview.action, &preview.kind].into_iter().chain(kinds) {
            if word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
                report(preview, word, format!("`{word}` is no word of letters, digits and dashes"));
            }
        }
        if let Some(name) = preview.columns.iter().find(|name| Preview::FIELDS.contains(&name.as_str())) {
            report(
                preview,
                "columns:",
                format!("`{name}` is no name for a column: it is a field of every change"),
            );
        }
        for (at, look) in preview.looks.iter().enumerate() {
            if let Some(fault) = fault(look, at == 0) {
                report(preview, &look.read, fault);
            }
        }
    }
}

/// What is wrong with where a preview says that a line lists what it acts on.
fn misheard(preview: &Preview, listed: &Listed) -> Option<String> {
    let rehearses = |command: &str| {
        command.starts_with("s3 ") && operations::find(command).is_some_and(|found| found.has_dry_run())
    };
    match (listed.rehearsed, &listed.field) {
        (Some(_), None) => {
            let odd = preview.command.iter().find(|command| !rehearses(command))?;
            Some(format!("`{odd}` has no `--dryrun`"))
        }
        (None, Some(field)) => field.is_empty().then(|| "`field` is empty".to_owned()),
        _ => Some("what a line lists is either `rehearsed` or in a `field`".to_owned()),
    }
}

/// What is wrong with one look.
fn fault(look: &Look, is_first: bool) -> Option<String> {
    let Look { read, with, within, and, query, .. } = look;
    match operations::find(read) {
        None => return Some(format!("the grammar has no command `{read}`")),
        Some(found) if found.effect() != Effect::Read || found.is_custom() || found.is_group() => {
            return Some(format!("`{read}` is no operation of the API that only reads"));
        }
        Some(_) => {}
    }
    let is_flag = |word: &str| word.starts_with("--") && !word.contains(['=', ' ']);
    if let Some(flag) = with.keys().chain(within.keys()).find(|flag| !is_flag(flag)) {
        return Some(format!("`{flag}` is no flag"));
    }
    if is_first && look.is_second() {
        return Some("the first look has no other's answer to ask about".to_owned());
    }
    let is_source = |source: &str| is_flag(source) || SOURCES.contains(&source);
    let is_column = |source: &str| source.strip_prefix(Look::COLUMN).is_some_and(|name| !name.is_empty());
    let odd = with.values().find(|source| !is_source(source) && !is_column(source));
    if let Some(source) = odd.or_else(|| within.values().find(|source| !is_source(source))) {
        return Some(format!(
            "`{source}` is no flag of the command, nor `bucket`, `prefix` or `to-bucket`, nor a column of the first look"
        ));
    }
    let given = with.keys().chain(within.keys()).chain(and).filter(|word| word.starts_with("--"));
    let is_taken = |word: &&String| {
        TAKEN
            .iter()
            .any(|taken| word.len() > 2 && taken.starts_with(word.split('=').next().unwrap_or_default()))
    };
    if let Some(word) = given.into_iter().find(is_taken) {
        return Some(format!("`{word}` is not for a look to choose"));
    }
    if let Some(word) = and.iter().find(|word| word.contains("://")) {
        return Some(format!("`{word}` would be fetched"));
    }
    query.trim().is_empty().then(|| "a look needs a query".to_owned())
}
