//! The report for people.

use std::io::{self, Write};
use std::path::Path;

use colored::{Color, Colorize as _};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::json::share;
use super::{Kept, Report};
use crate::context::principal::Principal;
use crate::gate::replay::{Count, Worst};
use crate::ui::sanitize;
use crate::verdict::{Decision, PrincipalKind, Risk};

/// How many rules, and how many commands, are listed unless all are.
pub(super) const MOST_RULES: usize = 12;
pub(super) const MOST_WORST: usize = 10;

/// How many characters of a reason or a command are shown.
const LONGEST: usize = 160;

/// How many are listed.
pub(super) fn limit(report: &Report<'_>, most: usize) -> usize {
    if report.all { usize::MAX } else { most }
}

/// Writes it; in colour where `coloured`.
pub(super) fn write(report: &Report<'_>, coloured: bool, out: &mut dyn Write) -> io::Result<()> {
    if report.kept.iter().all(|kept| kept.commands == 0) {
        return nothing(report, out);
    }
    let total = report.tally.total();
    let stopped = format!("{} would have been stopped ({})", grouped(total.stopped()), percent(total));
    let stopped = if coloured { stopped.bold().to_string() } else { stopped };
    let (from, to) = (
        report.kept.iter().filter_map(|kept| kept.from).min(),
        report.kept.iter().filter_map(|kept| kept.to).max(),
    );
    let span = match (from, to) {
        (Some(from), Some(to)) => format!(" from {} to {}", day(from), day(to)),
        _ => String::new(),
    };
    writeln!(out, "{} {}{span}: {stopped}", grouped(total.commands), plural(total.commands, "command"))?;
    writeln!(out)?;
    for kept in &report.kept {
        let name = kept.source.name();
        writeln!(
            out,
            "  {name:<12} {:>10} in {}{}",
            grouped(kept.commands),
            place(report, kept),
            passed(kept)
        )?;
    }
    not_found(report, out)?;
    writeln!(out)?;
    people(report, out)?;
    if total.stopped() == 0 {
        return footer(report, out);
    }
    writeln!(out)?;
    rules(report, coloured, out)?;
    writeln!(out)?;
    let different = report.tally.different();
    let worst = report.tally.worst(limit(report, MOST_WORST));
    writeln!(
        out,
        "the worst {} of {} different {}",
        worst.len(),
        different,
        plural(different as u64, "command")
    )?;
    for (index, one) in worst.into_iter().enumerate() {
        command(report, index + 1, one, coloured, out)?;
    }
    writeln!(out)?;
    footer(report, out)
}

/// What was looked for where nothing was found, and what to try.
fn nothing(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "no commands were found to judge")?;
    for looked in report.looked {
        let places: Vec<String> = looked.places.iter().map(|path| shown(report, path)).collect();
        writeln!(out, "  {:<12} looked for in {}", looked.source.name(), places.join(", "))?;
    }
    for kept in &report.kept {
        writeln!(out, "  {:<12} nothing in {}{}", kept.source.name(), place(report, kept), passed(kept))?;
    }
    unread(report, out)?;
    writeln!(out, "try: tollgate replay FILE, for a history or a transcript that is kept elsewhere")?;
    writeln!(out, "     history | tollgate replay --from lines -")
}

/// Where a source's files are: the one, or how many below what.
fn place(report: &Report<'_>, kept: &Kept) -> String {
    match kept.files.as_slice() {
        [one] if one == Path::new("-") => "standard input".to_owned(),
        [one] => shown(report, one),
        files => {
            let mut common =
                files.first().and_then(|file| file.parent()).unwrap_or(Path::new("")).to_path_buf();
            while !files.iter().all(|file| file.starts_with(&common)) && common.pop() {}
            let below = if common.as_os_str().is_empty() {
                String::new()
            } else {
                format!(" below {}", shown(report, &common))
            };
            format!("{} files{below}", files.len())
        }
    }
}

fn passed(kept: &Kept) -> String {
    let counted = |count: u64, what: &str| {
        (count > 0).then(|| format!("; {} {} passed over: {what}", grouped(count), plural(count, "line")))
    };
    let broken = counted(kept.passed.broken, "broken or cut off");
    broken.into_iter().chain(counted(kept.passed.too_long, "too long")).collect()
}

fn not_found(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let missing = report.looked.iter().filter(|looked| looked.files == 0);
    let names: Vec<&str> = missing.map(|looked| looked.source.name()).collect();
    if !names.is_empty() {
        writeln!(out, "  not found: {}", names.join(", "))?;
    }
    unread(report, out)
}

fn unread(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    for (path, why) in &report.unread {
        writeln!(out, "  not read: {}: {}", shown(report, path), sanitize::text(why))?;
    }
    if report.tally.unjudged > 0 {
        writeln!(out, "  not judged, for an error in tollgate: {}", report.tally.unjudged)?;
    }
    Ok(())
}

fn people(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let there = || report.people.iter().zip(&report.tally.people).filter(|(_, count)| count.commands > 0);
    let width = there().map(|(who, _)| name(who).chars().count()).max().unwrap_or_default().max(3);
    writeln!(
        out,
        "{:<width$} {:>10} {:>8} {:>8} {:>8} {:>14} {:>7}",
        "WHO", "COMMANDS", "STOPPED", "SHARE", "ASKED", "SECOND PERSON", "DENIED"
    )?;
    for (who, count) in there() {
        let [commands, stopped, confirm, peer, deny] =
            [count.commands, count.stopped(), count.confirm, count.peer, count.deny].map(grouped);
        let (name, share) = (name(who), percent(*count));
        writeln!(
            out,
            "{name:<width$} {commands:>10} {stopped:>8} {share:>8} {confirm:>8} {peer:>14} {deny:>7}"
        )?;
    }
    Ok(())
}

fn rules(report: &Report<'_>, coloured: bool, out: &mut dyn Write) -> io::Result<()> {
    let risks = report.tally.risks();
    let risks = risks
        .iter()
        .map(|(risk, times)| format!("{} {}", grouped(*times), painted(*risk, risk.name(), coloured)));
    writeln!(out, "by risk: {}", risks.collect::<Vec<_>>().join(", "))?;
    writeln!(out)?;
    let rules = report.tally.rules();
    writeln!(out, "{:>8} {:<9} RULE", "TIMES", "RISK")?;
    for rule in rules.iter().take(limit(report, MOST_RULES)) {
        let risk = painted(rule.risk, &format!("{:<9}", rule.risk.name()), coloured);
        writeln!(out, "{:>8} {risk} {}", grouped(rule.times), sanitize::text(&rule.rule))?;
    }
    match rules.len().saturating_sub(limit(report, MOST_RULES)) {
        0 => Ok(()),
        more => writeln!(out, "{:>8} {:<9} more rules: --all lists them", more, ""),
    }
}

fn command(
    report: &Report<'_>,
    number: usize,
    one: &Worst,
    coloured: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    let stopped = &one.stopped;
    let command = shortened(&stopped.command);
    let command = if coloured { command.bold().to_string() } else { command };
    writeln!(
        out,
        "{number:>3}. {} {command}",
        painted(stopped.risk, &format!("{:<8}", stopped.risk.name()), coloured)
    )?;
    if let Some(part) = &stopped.part {
        writeln!(out, "     in it: {}", shortened(part))?;
    }
    let asks = match stopped.decision {
        Decision::Allow | Decision::Confirm => "asked",
        Decision::Peer => "needs a second person",
        Decision::Deny => "denied",
    };
    let reason = shortened(&sanitize::text(&stopped.reason));
    writeln!(out, "     {asks} ({}): {reason}", sanitize::text(&stopped.rule))?;
    let time = one.newest.time.map_or_else(|| "no date".to_owned(), moment);
    let who = report.people.get(one.who).map(name).unwrap_or_default();
    let file = report.files.get(one.newest.file).map(|path| shown(report, path)).unwrap_or_default();
    let directory = stopped.directory.as_ref().map(|path| format!(", in {}", shown(report, path)));
    writeln!(out, "     {time}, {who}{}, {file}:{}", directory.unwrap_or_default(), one.newest.line)?;
    let times = (one.times > 1).then(|| format!("{} times, this the last", grouped(one.times)));
    let withheld = match (one.withheld, one.times) {
        (0, _) => None,
        (withheld, times) if withheld == times => Some("denied or interrupted then".to_owned()),
        (withheld, _) => Some(format!("{} of them denied or interrupted then", grouped(withheld))),
    };
    let more: Vec<String> = times.into_iter().chain(withheld).collect();
    if more.is_empty() { Ok(()) } else { writeln!(out, "     {}", more.join("; ")) }
}

fn footer(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let total = report.tally.total();
    if total.withheld > 0 {
        writeln!(
            out,
            "of those that would have been stopped, {} did not run: denied or interrupted then",
            grouped(total.withheld)
        )?;
    }
    writeln!(out, "judged by the words of each line alone, and by the rulebook of today; nothing was run")
}

fn name(who: &Principal) -> String {
    match (who.kind, &who.name) {
        (PrincipalKind::Human, _) => "human".to_owned(),
        (PrincipalKind::Agent, Some(name)) => format!("agent {}", sanitize::text(name)),
        (PrincipalKind::Agent, None) => "agent".to_owned(),
    }
}

/// A path for people, from their home directory.
fn shown(report: &Report<'_>, path: &Path) -> String {
    match report.home.as_ref().and_then(|home| path.strip_prefix(home).ok()) {
        Some(below) if !below.as_os_str().is_empty() => format!("~/{}", sanitize::os(below.as_os_str())),
        _ => sanitize::os(path.as_os_str()),
    }
}

fn painted(risk: Risk, text: &str, coloured: bool) -> String {
    let colour = match risk {
        Risk::Critical => Color::Red,
        Risk::High => Color::Yellow,
        Risk::Medium | Risk::Low => return text.to_owned(),
    };
    if coloured { text.color(colour).to_string() } else { text.to_owned() }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn day(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d").to_string()
}

fn moment(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%MZ").to_string()
}

fn plural(count: u64, noun: &str) -> String {
    if count == 1 { noun.to_owned() } else { format!("{noun}s") }
}

/// A share as people read it; never 0 where there is something.
fn percent(count: Count) -> String {
    let share = share(count) * 100.0;
    if count.stopped() == 0 {
        "0 %".to_owned()
    } else if share < 0.01 {
        "<0.01 %".to_owned()
    } else {
        format!("{share:.2} %")
    }
}

/// A number with a comma for each thousand.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests;
