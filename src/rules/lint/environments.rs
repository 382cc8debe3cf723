//! What a file says of environments and exemptions, and what a layer may say.

use std::collections::BTreeMap;

use super::Place;
use super::conditions::{conditions, value_fault};
use crate::rules::book::{Layer, Origin, Rulebook};
use crate::rules::builtin;
use crate::rules::load::{Diagnostic, nearest};
use crate::rules::operations;
use crate::rules::schema::RuleFile;
use crate::verdict::Fact;

pub(super) fn environments(
    place: &Place<'_>,
    origin: Origin,
    file: &RuleFile,
    findings: &mut Vec<Diagnostic>,
) {
    for environment in &file.environments {
        let name = format!("name: {}", environment.name);
        let mut report = |message: String| {
            findings.push(Diagnostic::at(place.path, place.text, &["environments:", &name], message));
        };
        if environment.matches.is_empty() || environment.matches.iter().any(BTreeMap::is_empty) {
            report(format!(
                "environment `{}` has an empty match, which no target can meet",
                environment.name
            ));
        }
        if environment.sandbox && environment.guarded {
            report(format!("environment `{}` cannot be both sandbox and guarded", environment.name));
        }
        let only_identity =
            environment.matches.iter().all(|entry| entry.keys().all(|fact| fact.is_identity()));
        if environment.sandbox && !only_identity {
            let identities: Vec<&str> =
                [Fact::Account, Fact::Endpoint, Fact::Server].map(Fact::name).to_vec();
            report(format!(
                "a sandbox is known by {} only, never by a name that anybody can give",
                identities.join(", ")
            ));
        }
        if environment.sandbox && origin == Origin::Project {
            report(
                "a project cannot declare a sandbox; the user's or the administrator's layer can".to_owned(),
            );
        }
        for condition in environment.matches.iter().flat_map(BTreeMap::values) {
            if let Some(message) = value_fault(condition) {
                report(message);
            }
        }
    }
}

pub(super) fn exemptions(
    place: &Place<'_>,
    layer: &Layer,
    book: &Rulebook,
    file: &RuleFile,
    findings: &mut Vec<Diagnostic>,
) {
    for exemption in &file.exempt {
        let id = format!("rule: {}", exemption.rule);
        let mut report = |message: String, help: Option<String>| {
            let finding = Diagnostic::at(place.path, place.text, &["exempt:", &id], message);
            findings.push(finding.with_help(help));
        };
        if layer.origin == Origin::Project {
            report("a project cannot exempt; the user's or the administrator's layer can".to_owned(), None);
        }
        let all_rules =
            || book.layers.iter().flat_map(|layer| layer.files().iter().flat_map(|(_, file)| &file.rules));
        let is_rule = all_rules().any(|rule| rule.id == exemption.rule)
            || builtin::ids().any(|id| id == exemption.rule)
            || operations::by_id(&exemption.rule).is_some();
        if !is_rule {
            let near =
                nearest(&exemption.rule, all_rules().map(|rule| rule.id.as_str()).chain(builtin::ids()));
            report(
                format!("there is no rule `{}`", exemption.rule),
                near.map(|near| format!("did you mean `{near}`?")),
            );
        }
        for (kind, one) in exemption.matches.0.iter().flat_map(conditions) {
            if kind == "env" {
                report(
                    "an exemption cannot rest on an environment variable, which the caller sets".to_owned(),
                    None,
                );
            }
            if let Some(message) = one {
                report(message, None);
            }
        }
        if exemption.expires.parse::<jiff::civil::Date>().is_err() || exemption.expires.len() != 10 {
            let message = format!("`{}` is not a day", exemption.expires);
            let needles = ["exempt:", &id, "expires:", &exemption.expires];
            let finding = Diagnostic::at(place.path, place.text, &needles, message);
            findings.push(finding.with_help(Some("write it as 2027-01-31".to_owned())));
        }
    }
}
