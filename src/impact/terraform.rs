//! What `apply`, `destroy` and `refresh` would do: the plan that is made, or was saved, sealed,
//! read, and applied byte for byte. `refresh` is the apply of a plan that changes the state alone.
//!
//! A plan without a file is made here, by the real tool with the user's own flags, into a
//! file in memory: it holds secrets in clear and never touches the disk. What it says is
//! what `show -json` tells of the sealed bytes, and what runs is `apply` of those bytes.
//! Where that cannot be had (another system, a backend that plans elsewhere, a format
//! that nobody knows) the command is judged by its words, and a note says why.

mod distribute;
mod outline;
mod output;
mod place;
mod planning;
mod question;
mod refused;
mod retold;
mod snapshot;
mod trailer;

use std::ffi::OsString;
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::Duration;

use super::probe::Probe;
use super::sealed::{Open, Sealed};
use super::{Ended, Found, Given, Impact, ImpactError, Run, Subject};
use crate::command::Command;
use crate::files;
use crate::invocation::plan::Plan;
use crate::process::absolute;
use crate::ui::{chain, sanitize};
use crate::verdict::Fact;
pub use output::Through;
pub use question::Question;
pub use retold::Retold;
use snapshot::Snapshot;

/// How long a plan may take to be told: as long as one with thousands of resources does.
const PATIENCE: Duration = Duration::from_secs(600);

/// The largest plan, in bytes.
const LARGEST: u64 = 1 << 30;

/// The most that is read of what a plan says, in bytes.
const LONGEST: u64 = 1 << 30;

/// How often Go collects garbage. While one small plan is told there is little to collect, and
/// looking for it takes a third of the time.
const COLLECTOR: &str = "GOGC";
const LAZY: &str = "800";

/// How long a small plan is, in bytes.
const SMALL: u64 = 256 << 10;

/// How every plan of terraform begins; a bookmark of one that is kept elsewhere does not.
const ZIP: &[u8] = b"PK";

/// How much of a hash is shown.
const SHORT: usize = "sha256:".len() + 16;

/// Whether a plan of `command` is looked at before it runs: one that is made, or the
/// saved one that it names. What the tool refuses by itself is left to it.
pub fn plans(command: &Command) -> bool {
    let is_tool = matches!(command.tool.as_str(), "terraform" | "tofu");
    if !is_tool || command.inert.is_some() || command.uncertain || !command.known {
        return false;
    }
    // A value that is none makes the tool stop, but not `plan`, which is not given it.
    if command.flags.iter().any(|flag| flag.name == "-auto-approve" && flag.boolean().is_none()) {
        return false;
    }
    match command.path.as_slice() {
        [one] if matches!(one.as_str(), "destroy" | "refresh") => command.operands.is_empty(),
        [one] if one == "apply" => command.operands.len() <= 1,
        _ => false,
    }
}

/// Finds out what `subject` would do.
///
/// # Errors
/// Where nothing may run.
pub fn find(subject: &Subject<'_>) -> Result<Found, ImpactError> {
    let command = subject.command;
    if let Some(ended) = refused::refused(subject) {
        return Ok(Found::Ended(ended));
    }
    if !plans(command) {
        return Ok(Impact::default().into());
    }
    if let Some(kind) = remote(subject) {
        return Ok(by_words(format!(
            "the backend `{kind}` plans remotely, so this is judged by its words: what it would do is not known here"
        )));
    }
    let saved = command.operands.first();
    let (plan, earlier) = if let Some(file) = saved {
        match saved_plan(subject, Path::new(file)) {
            Ok(sealed) => (sealed, subject.earlier.map(|earlier| earlier.id.clone())),
            Err(why) => {
                return Ok(by_words(format!("the plan is judged by the words that apply it: {why}")));
            }
        }
    } else if let Some((sealed, id)) = kept(subject) {
        (sealed, Some(id))
    } else if distribute::is_on(command, "-json") && is_asked(command) {
        return Ok(Found::Ended(question::cannot_ask(&command.tool, subject.process.now())));
    } else {
        match made(subject)? {
            Made::Plan(sealed) => (sealed, None),
            Made::Ended(code) => return Ok(Found::Ended(Ended { code, ..Ended::default() })),
            Made::Not(why) => return Ok(by_words(why)),
        }
    };
    Ok(told(subject, plan, earlier).unwrap_or_else(by_words))
}

/// Whether the tool asks whether it is meant.
fn is_asked(command: &Command) -> bool {
    command.path != ["refresh"] && !distribute::is_on(command, "-auto-approve")
}

/// What is judged by its words, with the reason.
fn by_words(why: String) -> Found {
    Impact { notes: vec![why], ..Impact::default() }.into()
}

/// The kind of a backend that makes its plans elsewhere.
fn remote(subject: &Subject<'_>) -> Option<&'static str> {
    let of = |kind: &'static str| {
        let is_of = |backend: &str| backend.strip_prefix(kind).is_some_and(|rest| rest.starts_with("://"));
        subject.target.proven(Fact::Backend).any(is_of).then_some(kind)
    };
    of("remote").or_else(|| of("cloud"))
}

/// What came of making a plan.
enum Made {
    Plan(Sealed),
    /// It failed, and has said so.
    Ended(u8),
    /// There is none that can be looked at, for this reason.
    Not(String),
}

/// Makes a plan as the tool would, showing what it shows.
fn made(subject: &Subject<'_>) -> Result<Made, ImpactError> {
    let unsealed = |error: &io::Error| {
        Made::Not(format!("no plan can be sealed here, so this is judged by its words: {}", chain(error)))
    };
    let open = match Open::new() {
        Ok(open) => open,
        Err(error) => return Ok(unsealed(&error)),
    };
    let mut program = subject.program.clone();
    program.arguments = distribute::plan(subject.command, &open.path());
    let as_is = distribute::is_on(subject.command, "-json");
    if let Some(code) = planning::run(&program, (!as_is).then(|| open.path()).as_deref())? {
        return Ok(Made::Ended(code));
    }
    Ok(match open.seal() {
        Ok(sealed) => Made::Plan(sealed),
        Err(error) => unsealed(&error),
    })
}

/// The plan that was saved before, as it is now.
fn saved_plan(subject: &Subject<'_>, file: &Path) -> Result<Sealed, String> {
    let shown = sanitize::os(file.as_os_str());
    let failed = |error: io::Error| format!("{shown} cannot be read: {}", chain(&error));
    let base = subject.command.directory.as_ref();
    let base =
        base.map_or_else(|| subject.directory.to_owned(), |to| absolute(subject.directory, to.as_ref()));
    // Nothing in its place may hold this up.
    let mut options = std::fs::OpenOptions::new();
    options.read(true).custom_flags(nix::libc::O_NONBLOCK | nix::libc::O_NOCTTY);
    let opened = options.open(absolute(&base, file)).map_err(failed)?;
    if !opened.metadata().map_err(failed)?.is_file() {
        return Err(format!("{shown} is not a file"));
    }
    let mut bytes = Vec::new();
    opened.take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("{shown} is larger than {} MiB", LARGEST >> 20));
    }
    Sealed::of(&bytes).map_err(|error| format!("it cannot be sealed here: {}", chain(&error)))
}

/// The plan that waits with a request for the same command, if it is the one that the
/// request is about.
fn kept(subject: &Subject<'_>) -> Option<(Sealed, String)> {
    let earlier = subject.earlier?;
    let bytes = files::read(&earlier.plan, LARGEST).ok().flatten()?;
    let sealed = Sealed::of(&bytes).ok()?;
    let bound = OsString::from(distribute::bound(&sealed));
    if !earlier.runs.as_ref()?.contains(&bound) {
        return None;
    }
    Some((sealed, earlier.id.clone()))
}

/// What a sealed plan says that it does; the reason, where that cannot be told.
fn told(subject: &Subject<'_>, sealed: Sealed, earlier: Option<String>) -> Result<Found, String> {
    let command = subject.command;
    let failed =
        |why: String| format!("what the plan does cannot be told, so it is judged by its words: {why}");
    let start = sealed.start(ZIP.len()).map_err(|error| failed(chain(&error)))?;
    if start != ZIP {
        return Err(failed(
            "it does not begin as a plan does; it may stand for one that is kept elsewhere".to_owned(),
        ));
    }
    sealed.inherit().map_err(|error| failed(chain(&error)))?;
    let words = distribute::show(command, &sealed.path());
    let mut environment = subject.environment().clone();
    if sealed.length().is_ok_and(|length| length <= SMALL) && environment.get(COLLECTOR).is_none() {
        environment.set(COLLECTOR, LAZY);
    }
    let probe = Probe {
        patience: PATIENCE,
        environment: &environment,
        ..Probe::of(subject.program, subject.directory, words)
    };
    let text = probe.printed_up_to(LONGEST).map_err(|error| failed(chain(&error)))?;
    let snapshot = Snapshot::open(&sealed);
    let sources = || match &snapshot {
        Ok(snapshot) => snapshot.sources().map_err(|error| chain(&error)),
        Err(error) => Err(chain(error)),
    };
    let plan = Plan::read_with(&text, &sources).map_err(|error| failed(chain(&error)))?;
    let outline = outline::Outline::read(&text).map_err(|error| failed(error.to_string()))?;
    let made = command.operands.is_empty();
    let again = made && outline.wants_values_again();
    let asks = made && outline.is_applyable && is_asked(command);
    let mut impact = Impact {
        changes: plan.commands(),
        is_whole: true,
        lines: plan.lines(),
        programs: plan.programs,
        run: Some(Run {
            arguments: distribute::apply(command, sealed.path().into(), again),
            approved: distribute::apply(command, distribute::bound(&sealed).into(), again),
            command: None,
            given: None,
        }),
        retold: Retold::of(command, earlier.is_none()).filter(|_| made),
        earlier,
        asks: asks.then(|| Question::of(command, subject.target)),
        ..Impact::default()
    };
    let hash = sealed.sha256();
    place::tell(&mut impact, subject.target, snapshot.and_then(|snapshot| snapshot.place()));
    impact.target.detail("plan", hash.get(..SHORT).unwrap_or(&hash));
    if let Some(run) = &mut impact.run {
        run.given = Some(Given::Plan(sealed));
    }
    Ok(impact.into())
}

#[cfg(test)]
mod tests;
