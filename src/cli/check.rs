//! `tollgate check`: what would be decided, and why. Runs nothing.

mod explain;
mod line;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::str::FromStr;

use clap::error::ErrorKind;
use serde::Serialize;

use super::exec::invocation;
use crate::command::Command;
use crate::context::principal::Principal;
use crate::gate::{self, Assumptions, Inquiry, Judged, Reading};
use crate::invocation::Invocation;
use crate::process::{Process, absolute};
use crate::rules::book::Rulebook;
use crate::rules::environment;
use crate::rules::judge::{Judgement, not_judged};
use crate::ui::sanitize;
use crate::verdict::{Decision, Effect, PrincipalKind, Risk};

/// What to judge, and under which assumptions.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
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
    /// Print the verdict as one JSON object, of a batch as one in each line
    #[arg(long, conflicts_with = "explain")]
    json: bool,
    /// Print every rule considered and every fact used
    #[arg(long)]
    explain: bool,
    /// Judge this shell line: every command that it may run; the strictest decision counts
    #[arg(short = 'c', value_name = "LINE", conflicts_with_all = ["batch", "words"])]
    line: Option<OsString>,
    /// Judge each line of standard input as a shell line: decision, risk, rule and line, apart by tabs
    #[arg(long, conflicts_with_all = ["explain", "words"])]
    batch: bool,
    /// Records of a batch end with NUL, so that one may hold line breaks
    #[arg(long, requires = "batch")]
    null: bool,
    /// The tool and its arguments, after `--`
    #[arg(last = true, required_unless_present_any = ["line", "batch"], value_name = "TOOL ARGS")]
    words: Vec<OsString>,
}

/// Who is assumed to ask.
#[derive(Clone, Debug)]
pub(super) struct Who(pub(super) Principal);

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

impl<'a> CommandVerdict<'a> {
    fn of(tool: &'a str, command: &'a Command, judged: &'a Judged) -> Self {
        let judgement = &judged.judgement;
        let effects = judgement.effects();
        let words =
            std::iter::once(tool.into()).chain(command.arguments.iter().map(|word| word.to_string_lossy()));
        Self {
            argv: words.map(std::borrow::Cow::into_owned).collect(),
            tool,
            command: command.name(),
            effect: effects.first().copied().unwrap_or_default(),
            effects,
            risk: judgement.risk,
            decision: judgement.decision,
            rules: judgement.contributions.iter().map(|one| one.rule.as_str()).collect(),
            target: judged.target.shown(),
            reason: judgement.leading().and_then(|leading| leading.reason.as_deref()),
            safer: judgement.leading().and_then(|leading| leading.safer.as_deref()),
        }
    }
}

/// Judges, prints, and returns the decision's exit code.
///
/// # Errors
/// A usage error, an unreadable command line, or a broken rulebook.
pub fn run(arguments: &CheckArguments, process: &dyn Process, out: &mut dyn Write) -> anyhow::Result<u8> {
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
    if arguments.batch {
        let mut input = std::io::stdin().lock();
        return line::batch(arguments, &mut input, directory.as_ref(), process, out);
    }
    if let Some(text) = &arguments.line {
        return line::one(arguments, text.as_encoded_bytes(), directory.as_ref(), process, out);
    }
    let invocation = invocation(&arguments.words)?;
    let inquiry = gate::inquire(process, &invocation, directory, Reading::Whole)?;
    let mut judged = gate::judged(process, &inquiry, &assumptions(arguments, &inquiry.book)?);
    if not_judged(&inquiry.book, invocation.tool_name()).is_some() {
        judged.judgement = Judgement::default();
        judged
            .notes
            .push(format!("no rule speaks of {}: it is not judged", sanitize::word(&invocation.tool)));
    }
    if arguments.json {
        serde_json::to_writer_pretty(&mut *out, &verdict(&invocation, &inquiry, &judged))?;
        writeln!(out)?;
    } else if arguments.explain {
        brief(&invocation, &inquiry, &judged, out)?;
        explain::explain(&inquiry.command, process.environment(), &inquiry.book, &judged, out)?;
    } else {
        brief(&invocation, &inquiry, &judged, out)?;
    }
    Ok(judged.judgement.decision.exit_code())
}

fn assumptions(arguments: &CheckArguments, book: &Rulebook) -> anyhow::Result<Assumptions> {
    let principal = arguments.who.as_ref().map(|who| who.0.clone());
    let kind = principal.as_ref().map_or(PrincipalKind::Human, |principal| principal.kind);
    let environment = match &arguments.env {
        None => None,
        Some(name) => Some(environment::named(book, name, kind).ok_or_else(|| {
            let environments = book.environments(kind);
            let mut known: Vec<_> =
                environments.iter().map(|rule| sanitize::text(&rule.value.name)).collect();
            known.push("unclassified".into());
            let message = format!("no environment `{}`, only: {}\n", sanitize::text(name), known.join(", "));
            clap::Error::raw(ErrorKind::InvalidValue, message)
        })?),
    };
    Ok(Assumptions { principal, environment, explained: arguments.explain, ..Assumptions::default() })
}

fn verdict<'a>(invocation: &'a Invocation, inquiry: &'a Inquiry, judged: &'a Judged) -> Verdict<'a> {
    let judgement = &judged.judgement;
    let command = CommandVerdict::of(invocation.tool_name(), &inquiry.command, judged);
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
    leading_lines(judgement, out)?;
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

/// Why, and what to do instead, of a command that is not simply allowed.
fn leading_lines(judgement: &Judgement, out: &mut dyn Write) -> std::io::Result<()> {
    let Some(leading) = judgement.leading().filter(|_| judgement.decision != Decision::Allow) else {
        return Ok(());
    };
    for (label, value) in [("why", &leading.reason), ("instead", &leading.safer)] {
        if let Some(value) = value {
            writeln!(out, "  {label}: {}", sanitize::text(value))?;
        }
    }
    Ok(())
}
