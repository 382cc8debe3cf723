//! `tollgate rules show aws/SERVICE/OPERATION`: one row of the table, told.

use std::io::{Result, Write};

use crate::command::aws::operations::Operation;
use crate::rules::book::Rulebook;
use crate::rules::operations::rehearsal;
use crate::rules::schema::Rule;
use crate::ui::sanitize;

/// Writes what is known of an operation, and which rules its parameters may
/// bring in.
pub(super) fn show(book: &Rulebook, rule: &Rule, operation: Operation, out: &mut dyn Write) -> Result<()> {
    let path = rule.commands().join(" ");
    writeln!(out, "# aws {} (rules/aws-operations.tsv, built in layer)", sanitize::text(&path))?;
    let mut line = |name: &str, value: &str| writeln!(out, "{:<9} {value}", format!("{name}:"));
    line(
        "effect",
        rule.effect.0.iter().map(|effect| effect.name()).collect::<Vec<_>>().join(" + ").as_str(),
    )?;
    line("risk", rule.risk.name())?;
    line("why", rule.reason.as_deref().unwrap_or_default())?;
    line("source", &source(operation))?;
    for (holds, told) in [
        (operation.destroys_data(), "what it takes away holds data"),
        (
            operation.depends_on_parameters(),
            "a parameter can make it worse; where no rule below asks, that is not judged",
        ),
        (operation.has_dry_run(), &format!("{} makes it a rehearsal", rehearsal(&path))),
        (operation.is_custom(), "the CLI implements it; it is no operation of the API"),
        (operation.is_group(), "there are commands below it"),
        (operation.only_v2(), "only v2 of the CLI has it"),
        (operation.is_gone(), "the newest CLI does not have it any more"),
    ] {
        if holds {
            line("note", told)?;
        }
    }
    if let Some(docs) = &rule.docs {
        line("docs", docs)?;
    }
    let mut raising = book
        .layers
        .iter()
        .flat_map(|layer| layer.files_for(crate::rules::operations::TOOL))
        .flat_map(|file| &file.rules)
        .filter(|one| one.commands().contains(&path.as_str()))
        .peekable();
    if raising.peek().is_some() {
        writeln!(out, "\n# Parameters that change it, by rule")?;
    }
    for one in raising {
        let effects: Vec<&str> = one.effect.0.iter().map(|effect| effect.name()).collect();
        let (id, summary) = (sanitize::text(&one.id), sanitize::text(&one.summary));
        writeln!(out, "{id}: {}, {}\n    {summary}", effects.join(" + "), one.risk)?;
    }
    super::asked(book, rule, out)
}

/// What the classification rests on, in words.
fn source(operation: Operation) -> String {
    let told = |part: &str| match part.split_once(':') {
        Some(("iam", level)) => format!("IAM's level {level}"),
        _ => match part {
            "override" => "rules/aws-overrides.yaml".to_owned(),
            "verb" => "its verb".to_owned(),
            "noun" => "what the verb is about".to_owned(),
            "service" => "its service".to_owned(),
            "readonly" => "the API's model calls it read-only".to_owned(),
            "credentials" => "public lists of operations that return credentials".to_owned(),
            "waiter" => "a waiter only asks".to_owned(),
            "custom" => "a command of the CLI's own".to_owned(),
            "group" => "a group of commands".to_owned(),
            other => other.to_owned(),
        },
    };
    operation.provenance().split('+').map(told).collect::<Vec<_>>().join(", ")
}
