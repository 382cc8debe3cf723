//! `tollgate check --explain`: each fact used, each rule considered.

use std::collections::BTreeSet;
use std::io::{Result, Write};

use crate::command::Command;
use crate::gate::Judged;
use crate::process::Environment;
use crate::rules::book::{Origin, Rulebook};
use crate::rules::carried::carried;
use crate::rules::environment::Column;
use crate::rules::judge::{Contribution, raise};
use crate::rules::matching::{Facts, Sense, Situation, holds};
use crate::rules::operations;
use crate::rules::reason::reasons;
use crate::rules::schema::{Match, Matches, Rule};
use crate::ui::sanitize;
use crate::verdict::Decision;

/// Writes what the verdict on `command` rests on, which would be started with
/// these variables.
pub(super) fn explain(
    command: &Command,
    environment: &Environment,
    book: &Rulebook,
    judged: &Judged,
    out: &mut dyn Write,
) -> Result<()> {
    writeln!(out, "\nfacts")?;
    of_command(command, out)?;
    of_situation(judged, out)?;
    writeln!(out, "\nrules considered")?;
    rules(command, environment, book, judged, out)?;
    for inner in carried(book, command) {
        writeln!(
            out,
            "\nit carries {}, by the rules of {}",
            shown(&inner.arguments),
            sanitize::text(&inner.tool)
        )?;
        rules(&inner, &Environment::default(), book, judged, out)?;
    }
    let own = operations::rule(command).map(|own| own.id);
    let apart = |one: &&Contribution| one.is_unknown() && own.as_ref() != Some(&one.rule);
    for one in judged.judgement.contributions.iter().filter(apart) {
        writeln!(out, "  {:<36} matches: {}", sanitize::text(&one.rule), said(one))?;
    }
    cells(book, judged, out)
}

/// The same for text that could not be read, of which no rule speaks.
pub(super) fn unread(judged: &Judged, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "\nfacts")?;
    of_situation(judged, out)?;
    writeln!(out, "\nrules considered")?;
    for one in &judged.judgement.contributions {
        writeln!(out, "  {:<36} matches: {}", sanitize::text(&one.rule), said(one))?;
    }
    Ok(())
}

fn fact(out: &mut dyn Write, name: &str, value: &str) -> Result<()> {
    writeln!(out, "  {name:<12} {value}")
}

fn shown(words: &[std::ffi::OsString]) -> String {
    sanitize::command_line(words)
}

fn of_command(command: &Command, out: &mut dyn Write) -> Result<()> {
    let name = command.name();
    fact(out, "command", if name.is_empty() { "none".into() } else { sanitize::text(&name) }.as_ref())?;
    if let Some(inert) = command.inert {
        let inert = format!("{inert:?}: the tool only prints, so no rule is asked");
        fact(out, "inert", &inert.to_lowercase())?;
    }
    for flag in &command.flags {
        let value = flag.value.as_ref().map_or_else(|| "given".to_owned(), |value| sanitize::word(value));
        fact(out, "flag", &format!("{} {value}", sanitize::text(&flag.name)))?;
    }
    if !command.operands.is_empty() {
        fact(out, "operands", &shown(&command.operands))?;
    }
    for object in &command.objects {
        let name = object.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
        fact(out, "object", &sanitize::text(&format!("{}{name}", object.kind)))?;
    }
    for field in &command.fields.set {
        fact(out, "sets", &sanitize::text(&format!("{} {}", field.path, field.value)))?;
    }
    if let Some(doubt) = &command.doubt {
        fact(out, "doubt", &sanitize::text(doubt))?;
    }
    for path in &command.fields.unread_below {
        fact(
            out,
            "sets",
            &format!("{}, which was not read, so the worse reading counts", sanitize::text(path)),
        )?;
    }
    if command.fields.unread {
        fact(out, "sets", "something that was not read, so the worse reading counts")?;
    }
    if command.rehearsed {
        fact(out, "rehearsal", "the tool only says what it would do")?;
    }
    if let Some(words) = &command.carried {
        fact(out, "carries", &shown(words))?;
    }
    if command.uncertain {
        fact(out, "uncertain", "a flag is not known, so the worse reading counts")?;
    }
    if let Some(prefix) = command.folded {
        fact(out, "folded in", &format!("{prefix}*, which the tool will not see"))?;
    }
    if let Some((name, value)) = command.pinned {
        fact(out, "runs with", &format!("{name}={value}"))?;
    }
    Ok(())
}

fn of_situation(judged: &Judged, out: &mut dyn Write) -> Result<()> {
    let Judged { principal, target, place, .. } = judged;
    let name = principal.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
    let evidence = if principal.evidence.is_empty() {
        "no sign of an agent".to_owned()
    } else {
        principal.evidence.join(", ")
    };
    fact(out, "principal", &format!("{}{name} ({evidence})", principal.kind))?;
    for (name, value) in target.shown() {
        fact(out, &name, &sanitize::text(&value))?;
    }
    let column = place.column(principal.kind).name();
    let mark = place.environments().next().map(|named| named.source.mark()).unwrap_or_default();
    fact(out, "environment", &format!("{} ({column}){mark}", sanitize::text(place.name())))?;
    for named in place.environments().skip(1) {
        fact(out, "also in", &format!("{}{}", sanitize::text(&named.name), named.source.mark()))?;
    }
    Ok(())
}

/// Each rule about the command, and whether it speaks; the rest are counted.
fn rules(
    command: &Command,
    environment: &Environment,
    book: &Rulebook,
    judged: &Judged,
    out: &mut dyn Write,
) -> Result<()> {
    let situation =
        Situation { principal: judged.principal.kind, target: &judged.target, place: &judged.place };
    let facts = Facts { command, environment, situation: Some(situation) };
    if let Some(own) = operations::rule(command) {
        told(&own, "", &facts, judged, out)?;
    }
    let mut others = 0_usize;
    for (layer, rule) in book.rules(&command.tool) {
        if !rule.commands().is_empty() && !speaks_of(rule, &facts) {
            others += 1;
            continue;
        }
        let origin = match layer.origin {
            Origin::BuiltIn => String::new(),
            origin => format!(" [{}]", origin.name()),
        };
        told(rule, &origin, &facts, judged, out)?;
    }
    if others > 0 {
        writeln!(out, "  and {others} about other commands")?;
    }
    Ok(())
}

/// Whether any alternative of the rule is about this command.
fn speaks_of(rule: &Rule, facts: &Facts<'_>) -> bool {
    let only_command = |one: &Match| Match { command: one.command.clone(), ..Match::default() };
    rule.matches.0.iter().any(|one| holds(&Matches(vec![only_command(one)]), facts, Sense::Possibly))
}

/// One rule: what it says, or why it says nothing.
fn told(rule: &Rule, origin: &str, facts: &Facts<'_>, judged: &Judged, out: &mut dyn Write) -> Result<()> {
    let judgement = &judged.judgement;
    let matched = judgement.contributions.iter().find(|one| one.rule == rule.id);
    let exempt = judgement.exemptions.iter().find(|one| one.rule == rule.id);
    let verdict = match (matched.filter(|one| !one.exempt), exempt) {
        (Some(one), _) => vec![format!("matches: {}", said(one))],
        (_, Some(exempt)) => {
            vec![format!("exempt: {}{}", sanitize::text(&exempt.why), exempt.source.mark())]
        }
        _ => reasons(rule, facts),
    };
    let id = sanitize::text(&rule.id);
    let mut lines = verdict.iter();
    match lines.next() {
        Some(first) if matched.is_some() || exempt.is_some() => {
            writeln!(out, "  {id:<36} {first}{origin}")?;
        }
        Some(first) => writeln!(out, "  {id:<36} no: {first}{origin}")?,
        None if facts.command.carried.is_some() => {
            writeln!(out, "  {id:<36} no: what it carries is judged{origin}")?;
        }
        None => writeln!(out, "  {id:<36} no: its layer does not count here{origin}")?,
    }
    for other in lines {
        writeln!(out, "  {:<36} or: {other}", "")?;
    }
    Ok(())
}

fn said(one: &Contribution) -> String {
    let effects: Vec<&str> = one.effects.iter().map(|effect| effect.name()).collect();
    format!("{}, {} → {}", effects.join(" + "), one.risk, one.decision)
}

/// The cells that were asked and are not built in, with the shipped value, and
/// where critical risk raised a decision.
fn cells(book: &Rulebook, judged: &Judged, out: &mut dyn Write) -> Result<()> {
    let Judged { principal, place, judgement, .. } = judged;
    let shipped = Rulebook { layers: book.layers.iter().take(1).cloned().collect() };
    let who = principal.kind;
    let mut seen: Vec<String> = Vec::new();
    for one in judgement.contributions.iter().filter(|one| !one.exempt) {
        for column in place.columns(who).into_iter().filter(|column| *column != Column::Sandbox) {
            let guarded = column == Column::Guarded;
            let mut strictest = Decision::Allow;
            for effect in &one.effects {
                let Some(cell) = book.deciding_cell(*effect, who, guarded) else { continue };
                strictest = strictest.max(*cell.value);
                if cell.layer.origin != Origin::BuiltIn {
                    let named = format!("{effect}, {who}, {} = {}", column.name(), cell.value);
                    let before = shipped.cell(*effect, who, guarded);
                    seen.push(format!("policy: {named}{} (shipped: {before})", cell.source().mark()));
                }
            }
            let raised = raise(strictest, one.risk, who);
            if raised != strictest {
                let rule = sanitize::text(&one.rule);
                seen.push(format!(
                    "critical risk raises {strictest} to {raised}: {rule}, {who}, {}",
                    column.name()
                ));
            }
        }
    }
    let mut printed = BTreeSet::new();
    for line in &seen {
        if printed.insert(line) {
            writeln!(out, "  {line}")?;
        }
    }
    Ok(())
}
