//! `check -c` and `check --batch`: whole shell lines.

use std::io::{BufRead, Write};
use std::path::PathBuf;

use super::{CheckArguments, CommandVerdict, Verdict, assumptions, explain, leading_lines};
use crate::gate::line::{Books, Line, Part, judge_line};
use crate::gate::{Assumptions, Judged};
use crate::process::Process;
use crate::shell::MAX_LENGTH;
use crate::ui::sanitize;
use crate::verdict::Decision;

/// Judges one line.
///
/// # Errors
/// A usage error, or a broken rulebook.
pub(super) fn one(
    arguments: &CheckArguments,
    text: &[u8],
    directory: Option<&PathBuf>,
    process: &dyn Process,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let mut books = Books::whole();
    let whole = arguments.env.is_some();
    let assumed = if whole {
        let book = books.get(process, directory.cloned().into_iter().collect())?;
        assumptions(arguments, &book)?
    } else {
        Assumptions {
            principal: arguments.who.as_ref().map(|who| who.0.clone()),
            explained: arguments.explain,
            ..Assumptions::default()
        }
    };
    // Whoever asks why is told of every rule, not only of those that may speak.
    let read = whole || arguments.explain;
    let line = judge_line(process, text, directory, &assumed, read.then_some(&mut books))?;
    if arguments.json {
        serde_json::to_writer_pretty(&mut *out, &verdict(&line, &notes(&line)))?;
        writeln!(out)?;
    } else {
        brief(&line, text, arguments.explain, out)?;
    }
    Ok(line.decision().exit_code())
}

/// Judges each line, or each record that ends with NUL, as it comes.
///
/// # Errors
/// A usage error, a broken rulebook, or input that cannot be read.
pub(super) fn batch(
    arguments: &CheckArguments,
    input: &mut dyn BufRead,
    directory: Option<&PathBuf>,
    process: &dyn Process,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let mut books = Books::whole();
    let book = books.get(process, directory.cloned().into_iter().collect())?;
    let mut assumed = assumptions(arguments, &book)?;
    let mut strictest = Decision::Allow;
    let end = if arguments.null { 0 } else { b'\n' };
    let mut record = Vec::new();
    loop {
        record.clear();
        // One more byte than is read, so that a longer one is known for what it is.
        let mut limited = std::io::Read::take(&mut *input, MAX_LENGTH as u64 + 2);
        if limited.read_until(end, &mut record)? == 0 {
            break;
        }
        if record.last() == Some(&end) {
            record.pop();
        } else if record.len() > MAX_LENGTH {
            skip(input, end)?;
        }
        let line = judge_line(process, &record, directory, &assumed, Some(&mut books))?;
        // Who asks is the same for all.
        assumed.principal.get_or_insert_with(|| line.principal.clone());
        strictest = strictest.max(line.decision());
        if arguments.json {
            serde_json::to_writer(&mut *out, &verdict(&line, &notes(&line)))?;
            writeln!(out)?;
        } else {
            let rule = line.leading().and_then(|part| part.judged.judgement.leading());
            let rule =
                rule.filter(|_| line.decision() > Decision::Allow).map_or("-", |one| one.rule.as_str());
            let text = sanitize::text(&String::from_utf8_lossy(&record)).into_owned();
            writeln!(out, "{}\t{}\t{}\t{text}", line.decision(), line.risk(), sanitize::text(rule))?;
        }
        // Whoever feeds lines one by one waits for each answer.
        out.flush()?;
    }
    Ok(strictest.exit_code())
}

/// Reads on to the end of a record that is too long.
fn skip(input: &mut dyn BufRead, end: u8) -> std::io::Result<()> {
    loop {
        let available = input.fill_buf()?;
        if available.is_empty() {
            return Ok(());
        }
        let at = available.iter().position(|byte| *byte == end);
        let used = at.map_or(available.len(), |at| at + 1);
        input.consume(used);
        if at.is_some() {
            return Ok(());
        }
    }
}

fn verdict<'a>(line: &'a Line, notes: &'a [String]) -> Verdict<'a> {
    let environment = line.leading().map_or("unclassified", |part| part.judged.place.name());
    Verdict {
        schema: 1,
        decision: line.decision(),
        risk: line.risk(),
        principal: &line.principal,
        environment,
        commands: line.commands.iter().map(command).collect(),
        notes,
    }
}

fn command(part: &Part) -> CommandVerdict<'_> {
    let mut command = CommandVerdict::of(&part.command.tool, &part.command, &part.judged);
    command.argv.clone_from(&part.words);
    command
}

fn notes(line: &Line) -> Vec<String> {
    let mut notes: Vec<String> =
        line.commands.iter().flat_map(|part| part.judged.notes.iter().cloned()).collect();
    let mut seen = std::collections::BTreeSet::new();
    notes.retain(|note| seen.insert(note.clone()));
    notes
}

/// The decision for the line, and each command that is not simply allowed.
fn brief(line: &Line, text: &[u8], explain: bool, out: &mut dyn Write) -> std::io::Result<()> {
    let shown = shortened(&sanitize::text(&String::from_utf8_lossy(text)));
    writeln!(out, "{}: {shown}", line.decision())?;
    let asks = |part: &&Part| explain || part.judged.judgement.decision > Decision::Allow;
    for part in line.commands.iter().filter(asks) {
        let Judged { judgement, place, .. } = &part.judged;
        let rule = judgement
            .leading()
            .map(|one| format!(" (rule {}, {})", sanitize::text(&one.rule), judgement.risk));
        let words: Vec<std::ffi::OsString> = part.words.iter().map(Into::into).collect();
        let words = if words.is_empty() { "the line".to_owned() } else { sanitize::command_line(&words) };
        writeln!(out, "- {}: {}{}", judgement.decision, shortened(&words), rule.unwrap_or_default())?;
        leading_lines(judgement, out)?;
        if !judgement.contributions.is_empty() {
            let column = place.column(part.judged.principal.kind).name();
            writeln!(out, "  environment: {} ({column})", sanitize::text(place.name()))?;
        }
        if explain {
            explained(part, out)?;
        }
    }
    for note in notes(line) {
        writeln!(out, "  note: {}", sanitize::text(&note))?;
    }
    Ok(())
}

/// What the verdict on one command rests on, below it.
fn explained(part: &Part, out: &mut dyn Write) -> std::io::Result<()> {
    let mut text = Vec::new();
    match &part.basis {
        Some(basis) => {
            explain::explain(&part.command, &basis.environment, &basis.book, &part.judged, &mut text)?;
        }
        None => explain::unread(&part.judged, &mut text)?,
    }
    // Everything in it is safe to show.
    for line in String::from_utf8_lossy(&text).lines() {
        if line.is_empty() { writeln!(out)? } else { writeln!(out, "  {line}")? }
    }
    writeln!(out)
}

/// At most as much of a line as a person reads.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 400;
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}
