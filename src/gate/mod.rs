//! One invocation from argv to exec: the pipeline that everything else fills.
//!
//! judge → (allowed) replace this process
//!       → (gated) record → authorize → record → run → record

mod about;
mod approval;
mod found;
mod gated;
pub mod hook;
pub mod line;
mod provisioned;
pub mod replay;
pub mod scan;
mod weigh;

#[cfg(test)]
mod plan_tests;
#[cfg(test)]
mod policy_tests;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::audit;
use crate::command::declared::{self, OBJECT, Surroundings};
use crate::command::{Command, CommandError, Outside, generic, grammar, here};
use crate::context::kube::{self, manifests, plugin};
use crate::context::principal::{self, Principal};
use crate::context::target::Target;
use crate::context::target_of;
use crate::impact::ImpactError;
use crate::impact::kube::{fed, stated};
use crate::invocation::{Invocation, files};
use crate::process::{Environment, Executable, Process, absolute};
use crate::rules::book::Rulebook;
use crate::rules::builtin::{Scope, Wanted};
use crate::rules::carried::{REMOTE, programs};
use crate::rules::environment::{Place, classify};
use crate::rules::judge::{Allowed, Judgement, always_allowed, judge_changes, not_judged};
use crate::rules::layers::{self, Directories, LoadError};
use crate::rules::matching::Situation;
use crate::rules::operations;
use crate::shell::walk::Typing;
use crate::shim::exec;
use crate::shim::real::{Own, RealError, find_real};
pub use crate::ui::chain;
use crate::ui::sanitize;
use crate::verdict::{Effect, PrincipalKind};
pub use approval::Given;
use gated::Gated;
use weigh::{Weighed, Weighing};

/// Nothing ran: refused, or waiting for an approval.
pub const REFUSED: u8 = 77;
/// Nothing ran: rulebook, configuration or internal error.
pub const FAULT: u8 = 78;
/// The real program is not on PATH.
pub const NOT_FOUND: u8 = 127;

/// How deep tollgates may call each other through wrappers before it must be a circle.
const DEPTH_LIMIT: u32 = 8;
const DEPTH: &str = "TOLLGATE_DEPTH";
/// A second person's token: never the child's to see.
const TOKEN: &str = "TOLLGATE_TOKEN";

/// A home directory that is not there.
const NOWHERE: &str = "/nonexistent";

/// Why an invocation could not be judged or run.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// The arguments cannot be read.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// A layer of the rulebook is wrong.
    #[error("{}\nnothing ran: mend the file or move it away; `tollgate rules lint` checks it", chain(.0))]
    Rulebook(LoadError),
    /// The real program is not to be found.
    #[error(transparent)]
    Real(#[from] RealError),
    /// This very binary cannot be identified, so it could call itself.
    #[error("cannot tell which file this tollgate is")]
    Own(#[source] std::io::Error),
    /// Tollgates call each other in a circle.
    #[error(
        "{tool} calls itself through tollgate {DEPTH_LIMIT} times: a wrapper on PATH leads back to the shim"
    )]
    Circle {
        /// The tool.
        tool: String,
    },
    /// This process was handed the mark of an authorized run.
    #[error("this process was started with a note of an authorized run open, which is not its own")]
    Forged,
    /// What it would do was found, and speaks against running it.
    #[error(transparent)]
    Impact(#[from] ImpactError),
    /// The real program cannot be executed.
    #[error("{program} cannot be executed")]
    Exec {
        /// The program.
        program: String,
        /// Why.
        source: std::io::Error,
    },
}

impl From<LoadError> for GateError {
    fn from(error: LoadError) -> Self {
        Self::Rulebook(error)
    }
}

impl GateError {
    /// The exit code that the contract has for it.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Real(_) => NOT_FOUND,
            _ => FAULT,
        }
    }
}

/// What was read before judging.
#[derive(Debug)]
pub struct Inquiry {
    /// The parsed command.
    pub command: Command,
    /// Where configuration and state are.
    pub places: Directories,
    /// The layers that count.
    pub book: Rc<Rulebook>,
    /// Where it was started; `None` where that directory is gone.
    pub directory: Option<PathBuf>,
}

/// A command with everything that its verdict rests on.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Who asks.
    pub principal: Principal,
    /// Where it would act.
    pub target: Target,
    /// What the rulebook calls that.
    pub place: Place,
    /// What the rulebook says.
    pub judgement: Judgement,
    /// What a reader of the verdict should know.
    pub notes: Vec<String>,
}

impl Judged {
    /// What is recorded of the judgement: of a tool, its words, and the directory.
    fn subject(
        &self,
        process: &dyn Process,
        request: &str,
        (tool, argv, directory): (String, Vec<OsString>, Option<PathBuf>),
    ) -> audit::Subject {
        let Self { principal, target, place, judgement, .. } = self;
        let user = process.user();
        audit::Subject {
            request: request.to_owned(),
            uid: user.uid,
            user: user.name.clone(),
            agent: (principal.kind == PrincipalKind::Agent)
                .then(|| principal.name.clone().unwrap_or_else(|| "unnamed".to_owned())),
            evidence: principal.evidence.clone(),
            tool,
            argv,
            directory,
            environment: place.name().to_owned(),
            target: target.shown(),
            decision: judgement.decision,
            risk: judgement.risk,
            effects: judgement.effects(),
            rules: judgement.contributions.iter().map(|one| one.rule.clone()).collect(),
            exemptions: judgement.exemptions.iter().map(|one| one.rule.clone()).collect(),
        }
    }
}

/// What to assume instead of looking, for `check`.
#[derive(Clone, Debug, Default)]
pub struct Assumptions {
    /// Who asks.
    pub principal: Option<Principal>,
    /// The environment by name.
    pub environment: Option<Place>,
    /// What becomes of what is typed into programs later on.
    pub typing: Typing,
    /// Whether a command acts where its own words say, and nothing of this machine is
    /// asked: it was not written for here and now.
    pub detached: bool,
    /// Whether what each verdict on a line rests on is kept, for whoever explains it.
    pub explained: bool,
}

/// How much of the rulebook to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The rules that may speak of the command.
    Candidates,
    /// Every rule of the tool.
    Whole,
}

/// Reads the arguments and the rulebook.
///
/// # Errors
/// Where either cannot be read whole.
pub fn inquire(
    process: &dyn Process,
    invocation: &Invocation,
    directory: Option<PathBuf>,
    reading: Reading,
) -> Result<Inquiry, GateError> {
    let tool = invocation.tool_name();
    let places = Directories::of(process);
    if grammar(tool).is_none() {
        return inquire_declared(process, invocation, directory, places);
    }
    let files = files::read(process, invocation, directory.as_deref());
    let outside = Outside { environment: process.environment(), files: &files };
    let surroundings = surroundings(process, directory.as_deref());
    let command = here::parse(tool, &invocation.arguments, outside, &surroundings)?;
    let directories = directories(directory.as_deref(), &command);
    let book = Rc::new(book_for(process, &places, &command, &directories, reading)?);
    Ok(Inquiry { command, places, book, directory })
}

/// The directories whose project files count for `command`, started in `directory`.
fn directories(directory: Option<&Path>, command: &Command) -> Vec<PathBuf> {
    let mut directories: Vec<PathBuf> = directory.map(Path::to_path_buf).into_iter().collect();
    if let (Some(directory), Some(changed)) = (directory, &command.directory) {
        let changed = absolute(directory, Path::new(changed));
        // Where a link leads, the project files above its target count too.
        directories.extend(changed.canonicalize());
        directories.push(changed);
    }
    directories
}

/// The layers that count in `directories`, with the rules that may speak of `command`
/// and of what it carries.
fn book_for(
    process: &dyn Process,
    places: &Directories,
    command: &Command,
    directories: &[PathBuf],
    reading: Reading,
) -> Result<Rulebook, LoadError> {
    let more: &[&str] = if manifests::sends(command) { &[OBJECT] } else { &[] };
    in_scope(command, reading, more, |scope| layers::load(places, scope, directories, process.user().uid))
}

/// Gives `read` what of the rulebook may speak of `command`, of what it carries, and of
/// these tools.
fn in_scope<T>(command: &Command, reading: Reading, more: &[&str], read: impl FnOnce(Scope<'_>) -> T) -> T {
    let name = command.name();
    let exact = reading == Reading::Candidates && !command.conventional;
    let mut wanted = vec![Wanted { tool: &command.tool, command: exact.then_some(name.as_str()) }];
    let carried = programs(command);
    let elsewhere = carried.iter().map(String::as_str).chain([REMOTE]).filter(|_| command.carried.is_some());
    wanted.extend(elsewhere.chain(more.iter().copied()).map(|tool| Wanted { tool, command: None }));
    read(&wanted)
}

/// What the paths are named by of a command that starts in `directory`.
fn surroundings<'a>(process: &'a dyn Process, directory: Option<&'a Path>) -> Surroundings<'a> {
    let home = process.user().home.as_deref();
    Surroundings { directory, base: None, home, environment: process.environment(), input: None }
}

/// The same for a tool without a grammar: the rulebook may say how it reads its line.
fn inquire_declared(
    process: &dyn Process,
    invocation: &Invocation,
    directory: Option<PathBuf>,
    places: Directories,
) -> Result<Inquiry, GateError> {
    let tool = invocation.tool_name();
    let directories: Vec<PathBuf> = directory.iter().cloned().collect();
    let wanted = [Wanted { tool, command: None }];
    let book = Rc::new(layers::load(&places, &wanted, &directories, process.user().uid)?);
    let surroundings = surroundings(process, directory.as_deref());
    let command = match book.syntax(tool) {
        Some(syntax) => declared::parse(syntax, tool, &invocation.arguments, &surroundings),
        None => generic::parse(tool, &invocation.arguments),
    };
    Ok(Inquiry { command, places, book, directory })
}

/// Judges what was read, looking up who asks and where it would act.
pub fn judged(process: &dyn Process, inquiry: &Inquiry, assumptions: &Assumptions) -> Judged {
    judged_by(&inquiry.book, process, &inquiry.command, inquiry.directory.as_deref(), assumptions)
}

/// The same, by this rulebook.
fn judged_by(
    book: &Rulebook,
    process: &dyn Process,
    command: &Command,
    directory: Option<&Path>,
    assumptions: &Assumptions,
) -> Judged {
    let environment = process.environment();
    let principal =
        assumptions.principal.clone().unwrap_or_else(|| principal::detect(environment, has_terminal()));
    let mut target = if assumptions.detached {
        let mut nowhere = environment.clone();
        nowhere.set("HOME", NOWHERE);
        target_of(command, &nowhere, None)
    } else {
        target_of(command, environment, directory)
    };
    if directory.is_none() && !assumptions.detached {
        kube::manifests_anywhere(command, &mut target);
    }
    let place = assumptions.environment.clone().unwrap_or_else(|| classify(book, &target, principal.kind));
    let stated = directory.filter(|_| !assumptions.detached);
    // Where some cannot be read, the target says so.
    let stated = stated.and_then(|directory| stated::changes(command, directory)).unwrap_or_default();
    let mut judged = judged_with(book, process, command, &stated, Known { principal, target, place });
    if directory.is_none() && !assumptions.detached {
        judged.notes.push("the working directory is gone: no project file was read".to_owned());
    }
    judged
}

/// Who asks, and where it would act.
struct Known {
    principal: Principal,
    target: Target,
    place: Place,
}

/// Judges `command`, and the `changes` that it was found to make, by what is known.
fn judged_with(
    book: &Rulebook,
    process: &dyn Process,
    command: &Command,
    changes: &[Command],
    Known { principal, target, place }: Known,
) -> Judged {
    let situation = Situation { principal: principal.kind, target: &target, place: &place };
    let environment = process.environment();
    let judgement = judge_changes(book, command, changes, environment, situation, &today(process));
    let mut notes: Vec<String> = target
        .unreadable()
        .iter()
        .map(|what| format!("the target cannot be read, so it is guarded for an agent: {what}"))
        .collect();
    notes.extend(judgement.exemptions.iter().map(|one| format!("exempt from {}: {}", one.rule, one.why)));
    if let Some((name, value)) = command.may_ask.filter(|_| principal.kind == PrincipalKind::Agent) {
        notes.push(format!("runs with {name}={value}: an agent does not answer what {} asks", command.tool));
    }
    notes.extend(plugin::missing(command, &target));
    notes.extend(command.notes.iter().cloned());
    // Where a table does not have a command, its name says what it does.
    let by_name = judgement.contributions.iter().filter(|one| {
        one.is_unknown() && command.tool == operations::TOOL && !one.effects.contains(&Effect::Unknown)
    });
    let told = by_name.filter_map(|one| one.reason.as_deref());
    notes.extend(told.map(|reason| sanitize::text(reason).into_owned()));
    if place.is_sandbox() {
        notes.push(format!(
            "{} is a sandbox: only critical risk is asked about, and only of an agent",
            place.name()
        ));
    }
    Judged { principal, target, place, judgement, notes }
}

/// The day in UTC, `YYYY-MM-DD`: exemptions end by it.
fn today(process: &dyn Process) -> String {
    process.now().to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

fn has_terminal() -> bool {
    use std::os::unix::fs::OpenOptionsExt as _;
    std::fs::OpenOptions::new().read(true).custom_flags(nix::libc::O_NOCTTY).open("/dev/tty").is_ok()
}

/// Judges an invocation and runs it if it may: the shim, and `tollgate exec`.
/// `given` is what the caller hands in for a command that needs an approval.
/// Returns the exit code; for an allowed command it does not return.
///
/// # Errors
/// Where nothing ran because something is wrong, rather than refused.
pub fn pass(process: &dyn Process, invocation: &Invocation, given: &Given) -> Result<u8, GateError> {
    let inquiry = inquire(process, invocation, process.current_dir().ok(), Reading::Candidates)?;
    let tool = invocation.tool_name();
    if let Some(allowed) = not_judged(&inquiry.book, tool) {
        return run_allowed(process, invocation, &inquiry.command, PrincipalKind::Human, allowed);
    }
    // Whether a tool may ask depends on who would answer, and what manifests say is not in the words.
    let by_words = inquiry.command.may_ask.is_none() && !manifests::sends(&inquiry.command);
    if let Some(allowed) =
        always_allowed(&inquiry.book, &inquiry.command, process.environment()).filter(|_| by_words)
    {
        return run_allowed(process, invocation, &inquiry.command, PrincipalKind::Human, allowed);
    }
    let judged = judged(process, &inquiry, &Assumptions::default());
    let is_fed = fed::acts(&inquiry.command, inquiry.directory.as_deref(), judged.principal.kind);
    if let Some(allowed) = simply_allowed(&judged).filter(|_| !is_fed) {
        return run_allowed(process, invocation, &inquiry.command, judged.principal.kind, allowed);
    }
    let weighing = Weighing { process, invocation, inquiry: &inquiry, given };
    let outcome = match weighing.weighed(judged)? {
        Weighed::Judged(outcome) => *outcome,
        Weighed::Ended(ended) => return Ok(ended.print()),
    };
    match simply_allowed(&outcome.judged) {
        Some(allowed) => found::run(process, invocation, &inquiry.command, &outcome.impact, allowed),
        None => Gated { weighing, outcome: &outcome }.pass(outcome.judged.judgement.allowed()),
    }
}

/// Proof that it may run, and that nothing needs to be said of that.
fn simply_allowed(judged: &Judged) -> Option<Allowed> {
    judged.judgement.allowed().filter(|_| judged.judgement.exemptions.is_empty())
}

fn run_allowed(
    process: &dyn Process,
    invocation: &Invocation,
    command: &Command,
    principal: PrincipalKind,
    allowed: Allowed,
) -> Result<u8, GateError> {
    let mut program = executable(process, invocation, command)?;
    if let Some((name, value)) = command.may_ask.filter(|_| principal == PrincipalKind::Agent) {
        program.environment.set(name, value);
    }
    let source = exec::replace(allowed, process, &program);
    Err(GateError::Exec { program: sanitize::os(program.path.as_os_str()), source })
}

/// The real program with the arguments that were judged, and an environment
/// in which it cannot read them otherwise.
fn executable(
    process: &dyn Process,
    invocation: &Invocation,
    command: &Command,
) -> Result<Executable, GateError> {
    let mut environment: Environment = process.environment().clone();
    let depth = environment.get(DEPTH).and_then(|depth| depth.to_str()?.parse().ok()).unwrap_or(0_u32);
    if depth >= DEPTH_LIMIT {
        return Err(GateError::Circle { tool: sanitize::os(&invocation.tool) });
    }
    environment.set(DEPTH, (depth + 1).to_string());
    environment.remove(TOKEN);
    if let Some(prefix) = command.folded {
        environment.remove_prefix(prefix);
    }
    if let Some((name, value)) = command.pinned {
        environment.set(name, value);
    }
    let path = if let Some(named) = &invocation.program {
        named.clone()
    } else {
        let own = Own::of_this_process().map_err(GateError::Own)?;
        find_real(&invocation.tool, process.environment().get("PATH"), &own)?.path
    };
    Ok(Executable { path, arguments: command.arguments.clone(), environment })
}
