//! `tollgate check`: what would be decided, and why. Runs nothing.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::str::FromStr;

use clap::error::ErrorKind;
use serde::Serialize;

use super::exec::invocation;
use crate::context::principal::Principal;
use crate::gate::{self, Assumptions, Inquiry, Judged, Reading};
use crate::invocation::Invocation;
use crate::process::{Process, absolute};
use crate::rules::book::{Origin, Rulebook};
use crate::rules::environment::{self, Column};
use crate::rules::judge::{not_judged, raise};
use crate::rules::matching::{Facts, Sense, Situation, why_not};
use crate::ui::sanitize;
use crate::verdict::{Decision, Effect, PrincipalKind, Risk};

/// What to judge, and under which assumptions.
#[derive(Debug, clap::Args)]
pub struct CheckArguments {
    /// Judge as if this one asked: human, agent, or agent:NAME
    #[arg(long = "as", value_name = "WHO")]
    who: Option<Who>,
    /// Judge as if the target were in this environment
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// Judge as if started in this directory
    #[arg(long, value_name = "DIR")]
    cwd: Option<PathBuf>,
    /// Print the verdict as one JSON object
    #[arg(long, conflicts_with = "explain")]
    json: bool,
    /// Print every rule considered and every fact used
    #[arg(long)]
    explain: bool,
    /// The tool and its arguments, after `--`
    #[arg(last = true, required = true, value_name = "TOOL ARGS")]
    words: Vec<OsString>,
}

/// Who is assumed to ask.
#[derive(Clone, Debug)]
struct Who(Principal);

impl FromStr for Who {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, name) = match text.split_once(':') {
            None if text == "human" => (PrincipalKind::Human, None),
            None if text == "agent" => (PrincipalKind::Agent, None),
            Some(("agent", name)) if !name.is_empty() => {
                (PrincipalKind::Agent, Some(sanitize::text(name).into_owned()))
            }
            _ => return Err("expected human, agent, or agent:NAME".to_owned()),
        };
        Ok(Self(Principal { kind, name, evidence: vec!["--as".to_owned()] }))
    }
}

/// The verdict, as other programs read it. Keys are added, never renamed or
/// removed, while `schema` is 1.
#[derive(Debug, Serialize)]
struct Verdict<'a> {
    schema: u32,
    decision: Decision,
    risk: Risk,
    principal: &'a Principal,
    environment: &'a str,
    commands: Vec<CommandVerdict<'a>>,
    notes: &'a [String],
}

/// The verdict on one command.
#[derive(Debug, Serialize)]
struct CommandVerdict<'a> {
    argv: Vec<String>,
    tool: &'a str,
    command: String,
    effect: Effect,
    effects: Vec<Effect>,
    risk: Risk,
    decision: Decision,
    rules: Vec<&'a str>,
    target: BTreeMap<String, String>,
    reason: Option<&'a str>,
    safer: Option<&'a str>,
}

/// Judges, prints, and returns the decision's exit code.
///
/// # Errors
/// A usage error, an unreadable command line, or a broken rulebook.
pub fn run(arguments: &CheckArguments, process: &dyn Process, out: &mut dyn Write) -> anyhow::Result<u8> {
    let invocation = invocation(&arguments.words)?;
    let here = process.current_dir().ok();
    let directory = match (&arguments.cwd, &here) {
        (Some(named), Some(here)) => Some(absolute(here, named)),
        (Some(named), None) => Some(named.clone()),
        (None, _) => here,
    };
    if let Some(directory) =
        directory.as_ref().filter(|directory| arguments.cwd.is_some() && !directory.is_dir())
    {
        let message = format!("{} is not a directory\n", sanitize::os(directory.as_os_str()));
        return Err(clap::Error::raw(ErrorKind::InvalidValue, message).into());
    }
    let inquiry = gate::inquire(process, &invocation, directory, Reading::Whole)?;
    let mut judged = gate::judged(process, &inquiry, &assumptions(arguments, &inquiry)?);
    if not_judged(&inquiry.book, invocation.tool_name()).is_some() {
        judged.judgement = crate::rules::judge::Judgement::default();
        judged
            .notes
            .push(format!("no rule speaks of {}: it is not judged", sanitize::word(&invocation.tool)));
    }
    if arguments.json {
        serde_json::to_writer_pretty(&mut *out, &verdict(&invocation, &inquiry, &judged))?;
        writeln!(out)?;
    } else if arguments.explain {
        explain(&invocation, &inquiry, &judged, process, out)?;
    } else {
        brief(&invocation, &inquiry, &judged, out)?;
    }
    Ok(judged.judgement.decision.exit_code())
}

fn assumptions(arguments: &CheckArguments, inquiry: &Inquiry) -> anyhow::Result<Assumptions> {
    let principal = arguments.who.as_ref().map(|who| who.0.clone());
    let kind = principal.as_ref().map_or(PrincipalKind::Human, |principal| principal.kind);
    let environment = match &arguments.env {
        None => None,
        Some(name) => Some(environment::named(&inquiry.book, name, kind).ok_or_else(|| {
            let environments = inquiry.book.environments(kind);
            let mut known: Vec<_> =
                environments.iter().map(|rule| sanitize::text(&rule.value.name)).collect();
            known.push("unclassified".into());
            let message = format!("no environment `{}`, only: {}\n", sanitize::text(name), known.join(", "));
            clap::Error::raw(ErrorKind::InvalidValue, message)
        })?),
    };
    Ok(Assumptions { principal, environment })
}

fn verdict<'a>(invocation: &'a Invocation, inquiry: &'a Inquiry, judged: &'a Judged) -> Verdict<'a> {
    let judgement = &judged.judgement;
    let words = std::iter::once(&invocation.tool).chain(&inquiry.command.arguments);
    let effects = judgement.effects();
    let command = CommandVerdict {
        argv: words.map(|word| word.to_string_lossy().into_owned()).collect(),
        tool: invocation.tool_name(),
        command: inquiry.command.name(),
        effect: effects.first().copied().unwrap_or_default(),
        effects,
        risk: judgement.risk,
        decision: judgement.decision,
        rules: judgement.contributions.iter().map(|one| one.rule.as_str()).collect(),
        target: judged.target.shown(),
        reason: judgement.leading().and_then(|leading| leading.reason.as_deref()),
        safer: judgement.leading().and_then(|leading| leading.safer.as_deref()),
    };
    Verdict {
        schema: 1,
        decision: judgement.decision,
        risk: judgement.risk,
        principal: &judged.principal,
        environment: judged.place.name(),
        commands: vec![command],
        notes: &judged.notes,
    }
}

/// What people need: the decision, the rule, and why.
fn brief(
    invocation: &Invocation,
    inquiry: &Inquiry,
    judged: &Judged,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    let judgement = &judged.judgement;
    let line = invocation.line(&inquiry.command.arguments);
    let rule = judgement
        .leading()
        .map(|leading| format!(" (rule {}, {})", sanitize::text(&leading.rule), judgement.risk));
    writeln!(out, "{}: {line}{}", judgement.decision, rule.unwrap_or_default())?;
    if let Some(leading) = judgement.leading() {
        for (label, value) in [("why", &leading.reason), ("instead", &leading.safer)] {
            if let Some(value) = value.as_ref().filter(|_| judgement.decision != Decision::Allow) {
                writeln!(out, "  {label}: {}", sanitize::text(value))?;
            }
        }
    }
    // An inert or unjudged command has no contribution: nobody asked where it acts.
    if !judgement.contributions.is_empty() {
        let place = &judged.place;
        let column = place.column(judged.principal.kind).name();
        writeln!(out, "  environment: {} ({column})", sanitize::text(place.name()))?;
    }
    for note in &judged.notes {
        writeln!(out, "  note: {}", sanitize::text(note))?;
    }
    Ok(())
}

/// Each fact used and each rule considered.
fn explain(
    invocation: &Invocation,
    inquiry: &Inquiry,
    judged: &Judged,
    process: &dyn Process,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    brief(invocation, inquiry, judged, out)?;
    let Inquiry { command, book, .. } = inquiry;
    let Judged { principal, target, place, judgement, .. } = judged;
    writeln!(out, "\nfacts")?;
    let mut fact = |name: &str, value: String| writeln!(out, "  {name:<12} {value}");
    fact(
        "command",
        if command.path.is_empty() {
            "none".to_owned()
        } else {
            sanitize::text(&command.name()).into_owned()
        },
    )?;
    if let Some(inert) = command.inert {
        fact("inert", format!("{inert:?}: the tool only prints, so no rule is asked").to_lowercase())?;
    }
    for flag in &command.flags {
        let value = flag.value.as_ref().map_or_else(|| "given".to_owned(), |value| sanitize::word(value));
        fact("flag", format!("{} {value}", sanitize::text(&flag.name)))?;
    }
    if !command.operands.is_empty() {
        fact("operands", sanitize::command_line(&command.operands))?;
    }
    if command.uncertain {
        fact("uncertain", "a flag is not known, so the worse reading counts".to_owned())?;
    }
    if let Some(prefix) = command.folded {
        fact("folded in", format!("{prefix}*, which the tool will not see"))?;
    }
    let name = principal.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
    let evidence = if principal.evidence.is_empty() {
        "no sign of an agent".to_owned()
    } else {
        principal.evidence.join(", ")
    };
    fact("principal", format!("{}{name} ({evidence})", principal.kind))?;
    for (name, value) in target.shown() {
        fact(&name, sanitize::text(&value).into_owned())?;
    }
    let column = place.column(principal.kind).name();
    let mark = place.environments().next().map(|named| named.source.mark()).unwrap_or_default();
    fact("environment", format!("{} ({column}){mark}", sanitize::text(place.name())))?;
    for named in place.environments().skip(1) {
        fact("also in", format!("{}{}", sanitize::text(&named.name), named.source.mark()))?;
    }

    writeln!(out, "\nrules considered")?;
    let facts = Facts {
        command,
        environment: process.environment(),
        situation: Some(Situation { principal: principal.kind, target, place }),
    };
    for (layer, rule) in book.rules(&command.tool) {
        let id = sanitize::text(&rule.id);
        let matched = judgement.contributions.iter().find(|one| one.rule == rule.id);
        let exempt = judgement.exemptions.iter().find(|one| one.rule == rule.id);
        let said = match (
            matched.filter(|one| !one.exempt),
            exempt,
            why_not(&rule.matches, &facts, Sense::Possibly),
        ) {
            (Some(one), _, _) => {
                let effects: Vec<&str> = one.effects.iter().map(|effect| effect.name()).collect();
                format!("matches: {}, {} → {}", effects.join(" + "), one.risk, one.decision)
            }
            (_, Some(exempt), _) => {
                format!("exempt: {}{}", sanitize::text(&exempt.why), exempt.source.mark())
            }
            (_, _, Some(failure)) => {
                let detail = failure.detail.map(|detail| format!(" {}", sanitize::text(detail)));
                format!("no: {}{}", failure.condition, detail.unwrap_or_default())
            }
            (_, _, None) if command.inert.is_some() => "no: the line is inert".to_owned(),
            (_, _, None) => "no: unless".to_owned(),
        };
        writeln!(out, "  {id:<36} {said}{}", from(layer.origin))?;
    }
    for one in judgement.contributions.iter().filter(|one| one.effects.contains(&Effect::Unknown)) {
        writeln!(out, "  {:<36} matches: unknown → {}", sanitize::text(&one.rule), one.decision)?;
    }
    cells(inquiry, judged, out)
}

/// The cells that were asked and are not built in, with the shipped value, and
/// where critical risk raised a decision.
fn cells(inquiry: &Inquiry, judged: &Judged, out: &mut dyn Write) -> std::io::Result<()> {
    let Judged { principal, place, judgement, .. } = judged;
    let shipped = Rulebook { layers: inquiry.book.layers.iter().take(1).cloned().collect() };
    let who = principal.kind;
    let mut seen: Vec<String> = Vec::new();
    for one in judgement.contributions.iter().filter(|one| !one.exempt) {
        for column in place.columns(who).into_iter().filter(|column| *column != Column::Sandbox) {
            let guarded = column == Column::Guarded;
            let mut strictest = Decision::Allow;
            for effect in &one.effects {
                let Some(cell) = inquiry.book.deciding_cell(*effect, who, guarded) else { continue };
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
    let mut printed = std::collections::BTreeSet::new();
    for line in &seen {
        if printed.insert(line) {
            writeln!(out, "  {line}")?;
        }
    }
    Ok(())
}

fn from(origin: Origin) -> String {
    match origin {
        Origin::BuiltIn => String::new(),
        origin => format!(" [{}]", origin.name()),
    }
}
