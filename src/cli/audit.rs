//! `tollgate audit`: the record, for people and for programs.

mod approvals;

use std::io::{self, Write};
use std::path::Path;
use std::str::FromStr;

use anyhow::{Context as _, bail};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, civil};

use crate::audit::{self, Entry, History, Incident, Item, Report};
use crate::ui::sanitize;

/// How many findings are listed, and how many notes; the rest is counted.
const MOST_LISTED: usize = 50;
/// What every verification says, so that nobody takes it for more.
const LIMITS: &str = "This shows edits, and records missing from the middle. It cannot show that the newest records were\n\
    removed or that everything was written anew: compare the head with a copy kept on another machine.";

/// Show, verify and export the record of gated commands.
#[derive(Clone, Debug, PartialEq, Eq, clap::Subcommand)]
pub enum AuditCommand {
    /// List what was asked, decided and run; oldest first, times in UTC
    Show(Show),
    /// Check that no record was edited or taken out; exits 0 if intact, 1 if not
    Verify,
    /// Write every record of every file to standard output, as JSON lines
    Export(Export),
}

/// The arguments of `audit show`.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct Show {
    /// Print the records as JSON, one a line
    #[arg(long)]
    pub json: bool,
    /// Only from then on: a time (2026-11-22T03:00:00Z), a date (2026-11-22, in UTC), or how long ago (2h, 7d)
    #[arg(long, value_name = "T")]
    pub since: Option<Since>,
}

/// The arguments of `audit export`.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
pub struct Export {
    /// Only from then on: a time (2026-11-22T03:00:00Z), a date (2026-11-22, in UTC), or how long ago (2h, 7d)
    #[arg(long, value_name = "T")]
    pub since: Option<Since>,
}

/// A point in time as people write it.
#[derive(Clone, Copy, Debug)]
pub enum Since {
    /// A time.
    At(Timestamp),
    /// This long ago.
    Ago(Span),
}

impl PartialEq for Since {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::At(a), Self::At(b)) => a == b,
            (Self::Ago(a), Self::Ago(b)) => a.fieldwise() == b.fieldwise(),
            _ => false,
        }
    }
}

impl Eq for Since {}

impl FromStr for Since {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(time) = text.parse::<Timestamp>() {
            return Ok(Self::At(time));
        }
        // A civil date would also be read from a time that lacks its zone.
        if text.len() == 10
            && let Ok(date) = text.parse::<civil::Date>()
            && let Ok(start) = date.to_zoned(TimeZone::UTC)
        {
            return Ok(Self::At(start.timestamp()));
        }
        match text.parse::<Span>() {
            Ok(span) if !span.is_negative() && !text.starts_with('+') => Ok(Self::Ago(span)),
            _ => Err(
                "neither a time like 2026-11-22T03:00:00Z, a date like 2026-11-22, nor a span like 2h or 7d"
                    .into(),
            ),
        }
    }
}

impl Since {
    /// The time that is meant, seen from `now`.
    ///
    /// # Errors
    /// Where that is before what the calendar knows.
    pub fn resolve(&self, now: Timestamp) -> Result<Timestamp, jiff::Error> {
        match self {
            Self::At(time) => Ok(*time),
            Self::Ago(span) => Ok(now.to_zoned(TimeZone::UTC).checked_sub(*span)?.timestamp()),
        }
    }
}

/// Runs `tollgate audit` on the log in `state`; returns the exit code. That
/// nobody reads the output any more is no error.
///
/// # Errors
/// Where the log cannot be read, `out` cannot be written, or an export is not
/// the whole log.
pub fn run(command: &AuditCommand, state: &Path, now: Timestamp, out: &mut dyn Write) -> anyhow::Result<u8> {
    let from = |since: &Option<Since>| {
        since.map(|since| since.resolve(now)).transpose().context("--since is too long ago")
    };
    let (code, written) = match command {
        AuditCommand::Show(Show { json: true, since }) | AuditCommand::Export(Export { since }) => {
            (0, export(state, from(since)?, out))
        }
        AuditCommand::Show(Show { json: false, since }) => (0, show(state, from(since)?, now, out)),
        AuditCommand::Verify => {
            let report = audit::verify(state)?;
            (u8::from(!report.intact()), write_report(&report, out).map_err(anyhow::Error::from))
        }
    };
    match written.and_then(|()| Ok(out.flush()?)) {
        Err(error) if !is_broken_pipe(&error) => Err(error),
        _ => Ok(code),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn export(state: &Path, since: Option<Timestamp>, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut unreadable = 0_u64;
    audit::each(state, since, |item| -> anyhow::Result<()> {
        match item {
            Item::Entry(entry) => writeln!(out, "{}", entry.json())?,
            Item::Unreadable { .. } => unreadable += 1,
        }
        Ok(())
    })?;
    if unreadable > 0 {
        bail!("{unreadable} lines of the log cannot be read and were left out; see `tollgate audit verify`");
    }
    Ok(())
}

fn write_report(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let (records, files) = (count(report.records, "record"), count(report.files as u64, "file"));
    if report.intact() {
        writeln!(out, "intact: {records} in {files}")?;
    } else {
        let findings = count(report.findings.len() as u64, "finding");
        writeln!(out, "NOT INTACT: {findings}; {records} in {files} are as they were written")?;
    }
    for (label, list) in [("", &report.findings), ("note: ", &report.notes)] {
        for finding in list.iter().take(MOST_LISTED) {
            let line = if finding.line == 0 { String::new() } else { format!(":{}", finding.line) };
            writeln!(
                out,
                "{label}{}{line}: {}",
                sanitize::text(&finding.file),
                sanitize::text(&finding.what)
            )?;
        }
        if list.len() > MOST_LISTED {
            writeln!(out, "{label}and {} more", list.len() - MOST_LISTED)?;
        }
    }
    if let Some((sequence, hash)) = &report.head {
        writeln!(out, "head: {sequence} {hash}")?;
    }
    writeln!(out, "{LIMITS}")
}

fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

fn show(state: &Path, since: Option<Timestamp>, now: Timestamp, out: &mut dyn Write) -> anyhow::Result<()> {
    let History { incidents, unreadable } = audit::history(state, since)?;
    let uses = approvals::Uses::of(&incidents);
    if incidents.is_empty() {
        writeln!(out, "no records")?;
    }
    for incident in &incidents {
        write_incident(incident, out)?;
        for line in uses.lines(incident, now) {
            writeln!(out, "    {}", sanitize::text(&line))?;
        }
    }
    for (file, line) in unreadable.iter().take(MOST_LISTED) {
        writeln!(out, "{}:{line}: cannot be read; see `tollgate audit verify`", sanitize::text(file))?;
    }
    if unreadable.len() > MOST_LISTED {
        writeln!(out, "and {} more lines that cannot be read", unreadable.len() - MOST_LISTED)?;
    }
    Ok(())
}

fn write_incident(incident: &Incident, out: &mut dyn Write) -> io::Result<()> {
    let Some(first) = incident.entries.first() else { return Ok(()) };
    let decision = incident.entry("decision");
    let mut headline = vec![headline_time(first), who(decision.unwrap_or(first))];
    match first.kind() {
        "change" => headline.push(format!("changed: {}", first.text("what").unwrap_or("?"))),
        "recovered_torn" => headline.push("an interrupted write was accounted for".into()),
        _ => {
            headline.push(format!(
                "{}: {}",
                decision.and_then(|entry| entry.text("decision")).unwrap_or("decision missing"),
                outcome(incident)
            ));
            headline.push(first.text("req").unwrap_or("no request id").to_owned());
        }
    }
    headline.retain(|part| !part.is_empty());
    writeln!(out, "{}", sanitize::text(&headline.join("  ")))?;
    if let Some(decision) = decision {
        writeln!(out, "    {}", sanitize::command_line(decision.argv()))?;
        for line in [verdict(decision), place(decision)].into_iter().filter(|line| !line.is_empty()) {
            writeln!(out, "    {}", sanitize::text(&line))?;
        }
    }
    let remarks = [incident.entry("refused").and_then(|entry| entry.text("reason")), {
        incident.entry("exec").and_then(|entry| entry.text("note"))
    }];
    for remark in remarks.into_iter().flatten().filter(|remark| !remark.is_empty()) {
        writeln!(out, "    {}", sanitize::text(remark))?;
    }
    Ok(())
}

/// When a record was written.
pub(super) fn headline_time(entry: &Entry) -> String {
    entry.time().map_or_else(
        || format!("at {:?}", entry.text("ts").unwrap_or("unknown time")),
        |time| time.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
    )
}

/// The human, and the agent that asked in that human's name.
pub(super) fn who(entry: &Entry) -> String {
    let user = entry.text_in("actor", "user").unwrap_or_default();
    match entry.text("agent") {
        Some(agent) => format!("{user} (agent {agent})"),
        None => user.to_owned(),
    }
}

/// Why a request waits no longer.
pub(super) fn cancelled_by(cancelled: &Entry) -> String {
    match cancelled.text("replaced_by") {
        Some(request) => format!("out of date, and replaced by request {request}"),
        None => format!("cancelled by {}", who(cancelled)),
    }
}

/// How it was authorized and how it ended, or why it did not run.
pub(super) fn outcome(incident: &Incident) -> String {
    if let Some(exec) = incident.entry("exec") {
        let authorization = approvals::authorization(exec);
        let end = incident.entry("exit").map_or_else(
            || "unknown outcome".to_owned(),
            |exit| match (exit.integer("exit"), exit.integer("signal"), exit.text("not_started")) {
                (Some(code), _, _) => format!("exit code {code}"),
                (_, Some(signal), _) => format!("ended by signal {signal}"),
                (_, _, Some(why)) => format!("did not start: {why}"),
                _ => "unknown outcome".to_owned(),
            },
        );
        return format!("{authorization}, {end}");
    }
    let allowed =
        incident.entry("decision").is_some_and(|decision| decision.text("decision") == Some("allow"));
    match (incident.entry("refused").is_some(), allowed) {
        (true, _) => "refused",
        _ if incident.entry("asked").is_some() => {
            "the agent was told to ask its human; whether it ran is not known"
        }
        (_, true) => "exempt, so it ran; its end is not recorded",
        _ => "no outcome recorded",
    }
    .to_owned()
}

fn verdict(decision: &Entry) -> String {
    let mut parts = Vec::new();
    parts.extend(decision.text("risk").map(str::to_owned));
    for (label, list) in [("", "effects"), ("rules ", "rules"), ("exemptions ", "exemptions")] {
        let items = decision.list(list);
        if !items.is_empty() {
            parts.push(format!("{label}{}", items.join(", ")));
        }
    }
    parts.join("; ")
}

fn place(decision: &Entry) -> String {
    let mut parts = Vec::new();
    parts.extend(decision.text("environment").map(|name| format!("environment {name}")));
    parts.extend(decision.map("target").into_iter().map(|(name, value)| format!("{name} {value}")));
    // Mostly the target's directory is the one it was started in.
    let elsewhere = decision.text("cwd").filter(|cwd| decision.text_in("target", "directory") != Some(cwd));
    parts.extend(elsewhere.map(|directory| format!("in {directory}")));
    parts.join("; ")
}

#[cfg(test)]
#[path = "audit_tests.rs"]
mod tests;
