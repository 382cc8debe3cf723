//! `tollgate replay`: what would have been stopped of what was run before.

mod json;
mod progress;
mod sources;
mod text;

use std::io::{self, BufRead, BufReader, IsTerminal as _, Write};
use std::path::PathBuf;

use clap::error::ErrorKind;
use jiff::Timestamp;

use super::check::Who;
use crate::context::principal::Principal;
use crate::gate::replay::{Replay, Tally, replay};
use crate::invocation::replay::{Event, Passed, SOURCES, Source, named, read, recognised};
use crate::process::Process;
use crate::ui::sanitize;
use crate::verdict::PrincipalKind;
use progress::Progress;
use sources::{Input, Looked};

/// How much of a file tells what it is, in bytes.
const HEAD: usize = 64 << 10;

/// What to judge, and as whose.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Nothing is run and nothing recorded; each line is judged by its own words and the rulebook of today. \
    Exit codes: 0 whatever is found, 2 usage, 78 a named file cannot be read or the rulebook is broken."
)]
pub struct ReplayArguments {
    /// What the files are; without files, what to look for [default: told by each file's content]
    #[arg(long, value_name = "SOURCE", value_parser = ["claude-code", "codex", "bash", "zsh", "fish", "lines"])]
    from: Option<String>,
    /// Judge as if this one had asked: human, agent, or agent:NAME [default: transcripts an agent, histories a human]
    #[arg(long = "as", value_name = "WHO")]
    who: Option<Who>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// List every rule and every command, not the first of them
    #[arg(long)]
    all: bool,
    /// Histories and transcripts, `-` for standard input [default: those of this user]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// What was read of one source.
struct Kept {
    source: &'static dyn Source,
    files: Vec<PathBuf>,
    commands: u64,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    passed: Passed,
}

/// A file that could not be read, and why.
type Unread = (PathBuf, String);

/// All that is told.
struct Report<'a> {
    kept: Vec<Kept>,
    looked: &'a [Looked],
    unread: Vec<Unread>,
    /// Every file that was read: occurrences count them.
    files: Vec<PathBuf>,
    people: Vec<Principal>,
    tally: Tally,
    home: Option<PathBuf>,
    /// Everything is listed.
    all: bool,
}

/// Judges, tells, and returns the exit code.
///
/// # Errors
/// A usage error, a named file that cannot be read, or a broken rulebook.
pub fn run(arguments: &ReplayArguments, process: &dyn Process, out: &mut dyn Write) -> anyhow::Result<u8> {
    let from = arguments.from.as_deref().and_then(named);
    if arguments.files.is_empty() && from.is_some_and(|source| source.places(process).is_empty()) {
        let message = "`--from lines` needs a file of lines, or `-` for standard input\n";
        return Err(clap::Error::raw(ErrorKind::MissingRequiredArgument, message).into());
    }
    let (inputs, looked) = if arguments.files.is_empty() {
        sources::found(process, from)
    } else {
        (sources::given(&arguments.files, from)?, Vec::new())
    };
    let (people, whose) = people(arguments.who.as_ref());
    let progress = Progress::over(inputs.iter().map(|input| input.length).sum(), process.environment());
    let result = replay(process, &people, |replay| {
        let mut reading =
            Reading { replay, whose: &whose, kept: Vec::new(), unread: Vec::new(), files: Vec::new() };
        let result = reading.all(&inputs, &progress);
        result.map(|()| (reading.kept, reading.unread, reading.files))
    });
    progress.end();
    let (read, tally) = result?;
    let (kept, unread, files) = read?;
    let home = crate::invocation::line::home(process).map(PathBuf::from);
    let report = Report { kept, looked: &looked, unread, files, people, tally, home, all: arguments.all };
    if arguments.json {
        json::write(&report, out)?;
    } else {
        text::write(&report, io::stdout().is_terminal(), out)?;
    }
    Ok(0)
}

/// Who is judged, and which of them each source is.
fn people(who: Option<&Who>) -> (Vec<Principal>, Vec<usize>) {
    if let Some(Who(one)) = who {
        return (vec![one.clone()], vec![0; SOURCES.len()]);
    }
    let mut people: Vec<Principal> = Vec::new();
    let whose = SOURCES.iter().map(|source| {
        let name = source.agent().map(str::to_owned);
        let kind = if name.is_some() { PrincipalKind::Agent } else { PrincipalKind::Human };
        let one = Principal { kind, name, evidence: Vec::new() };
        people.iter().position(|known| *known == one).unwrap_or_else(|| {
            people.push(one);
            people.len() - 1
        })
    });
    let whose = whose.collect();
    (people, whose)
}

/// The reading of files, one after the other.
struct Reading<'r, 'p, 'w> {
    replay: &'r mut Replay<'p>,
    whose: &'w [usize],
    kept: Vec<Kept>,
    unread: Vec<Unread>,
    files: Vec<PathBuf>,
}

impl Reading<'_, '_, '_> {
    /// Reads every file; one that was named and cannot be read is an error.
    fn all(&mut self, inputs: &[Input], progress: &Progress) -> anyhow::Result<()> {
        let mut readers: Vec<_> = SOURCES.iter().map(|source| source.reader()).collect();
        for input in inputs {
            let failed = match input.open() {
                Ok(mut file) => self.one(input, &mut *file, &mut readers, progress).err(),
                Err(error) => Some(error.to_string()),
            };
            match failed {
                Some(why) if input.named => anyhow::bail!("{}: {why}", sanitize::os(input.path.as_os_str())),
                Some(why) => self.unread.push((input.path.clone(), why)),
                None => {}
            }
        }
        Ok(())
    }

    fn one(
        &mut self,
        input: &Input,
        file: &mut dyn io::Read,
        readers: &mut [Box<dyn crate::invocation::replay::Reader>],
        progress: &Progress,
    ) -> Result<(), String> {
        let mut file = BufReader::with_capacity(HEAD, file);
        let head = file.fill_buf().map_err(|error| error.to_string())?;
        if head.is_empty() {
            return Ok(());
        }
        let source = input.source.or_else(|| recognised(&input.path, head)).ok_or(
            "it cannot be told what this is: neither a history nor a transcript of a known form; `--from` names it",
        )?;
        let Some(index) = SOURCES.iter().position(|one| one.name() == source.name()) else { return Ok(()) };
        let (Some(reader), Some(&who)) = (readers.get_mut(index), self.whose.get(index)) else {
            return Ok(());
        };
        let number = self.files.len();
        self.files.push(input.path.clone());
        let known = self.kept.iter().position(|kept| kept.source.name() == source.name());
        let at = known.unwrap_or_else(|| {
            let (from, to) = (None, None);
            self.kept.push(Kept { source, files: vec![], commands: 0, from, to, passed: Passed::default() });
            self.kept.len() - 1
        });
        let Some(kept) = self.kept.get_mut(at) else { return Ok(()) };
        kept.files.push(input.path.clone());
        let mut sink = |event: Event| {
            kept.commands += 1;
            kept.from = event.time.into_iter().chain(kept.from).min();
            kept.to = kept.to.max(event.time);
            self.replay.add(event, who, number);
        };
        let passed = read(&mut file, &mut **reader, &mut sink, &mut |bytes| progress.read(bytes));
        let passed = passed.map_err(|error| error.to_string())?;
        kept.passed.broken += passed.broken;
        kept.passed.too_long += passed.too_long;
        Ok(())
    }
}
