//! One invocation from argv to exec: the pipeline that everything else fills.
//!
//! judge → (allowed) replace this process
//!       → (gated) record → authorize → record → run → record

use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::audit::{self, AuditError, Event, Log, redact};
use crate::authorization::{self, Authorized, How, Refused, Way, covered, prompt};
use crate::command::{self, Command, CommandError};
use crate::context::lineage;
use crate::context::principal::{self, Principal};
use crate::context::target::Target;
use crate::context::{self, challenge, target_of};
use crate::invocation::Invocation;
use crate::process::{Environment, Executable, Process, absolute, settle};
use crate::rules::book::Rulebook;
use crate::rules::builtin::Scope;
use crate::rules::environment::{Place, classify};
use crate::rules::judge::{Allowed, Judgement, always_allowed, judge, not_judged};
use crate::rules::layers::{self, Directories, LoadError};
use crate::rules::matching::Situation;
use crate::shim::exec;
use crate::shim::real::{Own, RealError, find_real};
use crate::shim::supervise::{self, Ended, SuperviseError};
use crate::ui::refusal::Subject;
use crate::ui::{self, sanitize};
use crate::verdict::PrincipalKind;

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
    pub book: Rulebook,
    /// Where it was started; `None` where that directory is gone.
    pub directory: Option<PathBuf>,
}

/// A command with everything that its verdict rests on.
#[derive(Debug)]
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

/// What to assume instead of looking, for `check`.
#[derive(Clone, Debug, Default)]
pub struct Assumptions {
    /// Who asks.
    pub principal: Option<Principal>,
    /// The environment by name.
    pub environment: Option<Place>,
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
    let command = command::parse(tool, &invocation.arguments, process.environment())?;
    let places = Directories::of(process);
    let mut directories: Vec<PathBuf> = directory.iter().cloned().collect();
    if let (Some(directory), Some(changed)) = (&directory, &command.directory) {
        let changed = absolute(directory, Path::new(changed));
        // Where a link leads, the project files above its target count too.
        directories.extend(changed.canonicalize());
        directories.push(changed);
    }
    let name = command.name();
    let exact = reading == Reading::Candidates && command::has_grammar(tool);
    let scope = Scope { tool: Some(tool), command: exact.then_some(name.as_str()) };
    let book = layers::load(&places, scope, &directories, process.user().uid)?;
    Ok(Inquiry { command, places, book, directory })
}

/// Judges what was read, looking up who asks and where it would act.
pub fn judged(process: &dyn Process, inquiry: &Inquiry, assumptions: &Assumptions) -> Judged {
    let Inquiry { command, book, directory, .. } = inquiry;
    let environment = process.environment();
    let principal =
        assumptions.principal.clone().unwrap_or_else(|| principal::detect(environment, has_terminal()));
    let target = target_of(command, environment, directory.as_deref());
    let place = assumptions.environment.clone().unwrap_or_else(|| classify(book, &target, principal.kind));
    let situation = Situation { principal: principal.kind, target: &target, place: &place };
    let judgement = judge(book, command, environment, situation, &today(process));
    let mut notes: Vec<String> = target
        .unreadable()
        .iter()
        .map(|what| format!("the target cannot be read, so it is guarded for an agent: {what}"))
        .collect();
    notes.extend(judgement.exemptions.iter().map(|one| format!("exempt from {}: {}", one.rule, one.why)));
    if let Some((name, value)) = command.may_ask.filter(|_| principal.kind == PrincipalKind::Agent) {
        notes.push(format!("runs with {name}={value}: an agent does not answer what {} asks", command.tool));
    }
    if place.is_sandbox() {
        notes.push(format!(
            "{} is a sandbox: only critical risk is asked about, and only of an agent",
            place.name()
        ));
    }
    if directory.is_none() {
        notes.push("the working directory is gone: no project file was read".to_owned());
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
/// Returns the exit code; for an allowed command it does not return.
///
/// # Errors
/// Where nothing ran because something is wrong, rather than refused.
pub fn pass(process: &dyn Process, invocation: &Invocation) -> Result<u8, GateError> {
    let inquiry = inquire(process, invocation, process.current_dir().ok(), Reading::Candidates)?;
    let tool = invocation.tool_name();
    if let Some(allowed) = not_judged(&inquiry.book, tool) {
        return run_allowed(process, invocation, &inquiry.command, PrincipalKind::Human, allowed);
    }
    // Whether a tool may ask depends on who would answer.
    let asks = inquiry.command.may_ask.is_some();
    if let Some(allowed) =
        always_allowed(&inquiry.book, &inquiry.command, process.environment()).filter(|_| !asks)
    {
        return run_allowed(process, invocation, &inquiry.command, PrincipalKind::Human, allowed);
    }
    let judged = judged(process, &inquiry, &Assumptions::default());
    match judged.judgement.allowed() {
        Some(allowed) if judged.judgement.exemptions.is_empty() => {
            run_allowed(process, invocation, &inquiry.command, judged.principal.kind, allowed)
        }
        allowed => Gated { process, invocation, inquiry: &inquiry, judged: &judged }.pass(allowed),
    }
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
    let path = if let Some(named) = &invocation.program {
        named.clone()
    } else {
        let own = Own::of_this_process().map_err(GateError::Own)?;
        find_real(&invocation.tool, process.environment().get("PATH"), &own)?.path
    };
    Ok(Executable { path, arguments: command.arguments.clone(), environment })
}

/// A command that somebody has to agree to, or whose permission is out of the
/// ordinary and therefore recorded.
struct Gated<'a> {
    process: &'a dyn Process,
    invocation: &'a Invocation,
    inquiry: &'a Inquiry,
    judged: &'a Judged,
}

impl Gated<'_> {
    fn pass(&self, allowed: Option<Allowed>) -> Result<u8, GateError> {
        settle();
        ui::colour::choose(self.process.environment());
        if covered::forged() {
            return Err(GateError::Forged);
        }
        let state = self.inquiry.places.state.as_deref();
        let recorded = state.ok_or(Unrecorded::NoHome).and_then(|state| {
            let request = audit::new_request_id()?;
            let log = Log::at(state);
            let _receipt = log.append(&Event::Decision(self.record(&request)), self.process.now())?;
            Ok((request, log))
        });
        if let Some(allowed) = allowed {
            if let Err(error) = recorded {
                warn(&format!("this exempt command could not be recorded: {}", chain(&error)));
            }
            return run_allowed(
                self.process,
                self.invocation,
                &self.inquiry.command,
                self.judged.principal.kind,
                allowed,
            );
        }
        let (request, log) = match recorded {
            Ok(recorded) => recorded,
            Err(error) => {
                let because = format!("it cannot be recorded: {}", chain(&error));
                let approve = "make the state directory writable, and run it again".to_owned();
                return Ok(self.refuse(None, &Refused { because, approve, asked: false }));
            }
        };
        match self.authorize(&request) {
            Ok((authorized, program)) => self.run(&authorized, &program, &log),
            Err(Stopped::Refused(refused)) => Ok(self.refuse(Some((&log, &request)), &refused)),
            Err(Stopped::Fault(error)) => {
                self.note_end(&log, &Event::Refused { request, reason: error.to_string() });
                Err(error)
            }
        }
    }

    /// Finds whoever may agree, and asks.
    fn authorize(&self, request: &str) -> Result<(Authorized, Executable), Stopped> {
        let program =
            || executable(self.process, self.invocation, &self.inquiry.command).map_err(Stopped::Fault);
        let decision = self.judged.judgement.decision;
        let lineage = lineage::lineage();
        let call = covered::Call { request, decision, principal: self.judged.principal.kind };
        if let Some(authorized) = covered::covering(&lineage, &call) {
            return Ok((authorized, program()?));
        }
        let line = self.line_elsewhere();
        let Way::Ask { alone } =
            authorization::way(decision, &self.judged.principal, &self.inquiry.places, &line)
                .map_err(Stopped::Refused)?;
        // Nobody is asked about a program that is not there.
        let program = program()?;
        let question = prompt::Question {
            subject: &self.subject(),
            name: challenge(&self.inquiry.command, &self.judged.target),
            alone,
            request,
        };
        prompt::ask(&question).map(|authorized| (authorized, program)).map_err(Stopped::Refused)
    }

    /// Records that it starts, runs it, and records how it ended.
    fn run(&self, authorized: &Authorized, program: &Executable, log: &Log) -> Result<u8, GateError> {
        let request = authorized.request().to_owned();
        let pid = std::process::id();
        let started = lineage::lineage_of(pid).first().map_or(0, |own| own.started);
        let note = match authorized.how() {
            How::Covered { by } => Some(format!("started by the authorized run {by}")),
            How::ConfirmedAlone => Some("nobody else was asked: no approvers are configured".to_owned()),
            How::Confirmed => None,
        };
        let event = Event::Exec {
            request: request.clone(),
            authorization: authorized.how().name().to_owned(),
            note,
            binary: program.path.clone(),
            pid,
            started,
        };
        let receipt = match log.append(&event, self.process.now()) {
            Ok(receipt) => receipt,
            Err(error) => {
                let because = format!("it cannot be recorded: {}", chain(&error));
                let approve = "make the state directory writable, and run it again".to_owned();
                return Ok(self.refuse(None, &Refused { because, approve, asked: false }));
            }
        };
        let running = covered::announce(authorized, self.judged.principal.kind, pid, started);
        if let Err(error) = &running {
            warn(&format!("what this run starts in turn will be asked about: {error}"));
        }
        let ended = exec::run(authorized, &receipt, program);
        drop(running);
        let (record, result) = match ended {
            Ok(Ended::Code(code)) => (audit::Ended::Code(code), Ok(Ended::Code(code))),
            Ok(Ended::Signal(signal)) => (audit::Ended::Signal(signal), Ok(Ended::Signal(signal))),
            // It ran, so the record stays open: nobody knows how it ended.
            Err(exec::RunError::Supervise(error @ SuperviseError::Lost { .. })) => {
                return Err(GateError::Exec {
                    program: sanitize::os(program.path.as_os_str()),
                    source: std::io::Error::other(error),
                });
            }
            Err(error) => {
                let program = sanitize::os(program.path.as_os_str());
                let why = chain(&error);
                let source = std::io::Error::other(error);
                (audit::Ended::NotStarted(why), Err(GateError::Exec { program, source }))
            }
        };
        self.note_end(log, &Event::Exit { request, ended: record });
        result.map(supervise::end_like)
    }

    /// Says why nothing ran, and records it.
    fn refuse(&self, recorded: Option<(&Log, &str)>, refused: &Refused) -> u8 {
        if let Some((log, request)) = recorded {
            self.note_end(
                log,
                &Event::Refused { request: request.to_owned(), reason: refused.because.clone() },
            );
        }
        let mut text = self.subject().refused(&refused.because, &refused.approve);
        if refused.asked {
            // The question said the rest, just above.
            text.truncate(text.find('\n').unwrap_or(text.len()));
            text = format!("{text}\n  because:  {}; nothing ran\n", sanitize::text(&refused.because));
        }
        let _ = std::io::stderr().write_all(text.as_bytes());
        REFUSED
    }

    fn note_end(&self, log: &Log, event: &Event) {
        if let Err(error) = log.append(event, self.process.now()) {
            warn(&format!("how it ended could not be recorded: {}", chain(&error)));
        }
    }

    fn line(&self) -> String {
        self.invocation.line(&self.inquiry.command.arguments)
    }

    /// The line that does the same in another shell: in this directory, on
    /// this target.
    fn line_elsewhere(&self) -> String {
        let environment = self.process.environment();
        let mut line = String::new();
        if let Some(directory) = &self.inquiry.directory {
            line = format!("cd {} && ", sanitize::word(directory.as_os_str()));
        }
        for name in context::variables(self.invocation.tool_name()) {
            if let Some(value) = environment.non_empty(name) {
                line = format!("{line}{} ", redact::shown_variable(name, value));
            }
        }
        let line = redact::cut(&(line + &self.line()));
        if line.contains(redact::REDACTED) {
            return format!("{line} ({} stands for a value of yours)", redact::REDACTED);
        }
        line
    }

    fn subject(&self) -> Subject<'_> {
        Subject {
            line: self.line(),
            judgement: &self.judged.judgement,
            environment: self.judged.place.name(),
            target: self.judged.target.shown(),
        }
    }

    fn record(&self, request: &str) -> audit::Subject {
        let Judged { principal, target, place, judgement, .. } = self.judged;
        let user = self.process.user();
        let mut argv: Vec<OsString> = vec![self.invocation.tool.clone()];
        argv.extend(self.inquiry.command.arguments.iter().cloned());
        audit::Subject {
            request: request.to_owned(),
            uid: user.uid,
            user: user.name.clone(),
            agent: (principal.kind == PrincipalKind::Agent)
                .then(|| principal.name.clone().unwrap_or_else(|| "unnamed".to_owned())),
            evidence: principal.evidence.clone(),
            tool: sanitize::os(&self.invocation.tool),
            argv,
            directory: self.inquiry.directory.clone(),
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

/// Why a decision could not be recorded.
#[derive(Debug, thiserror::Error)]
enum Unrecorded {
    #[error("there is no home directory to keep a record in")]
    NoHome,
    #[error(transparent)]
    Audit(#[from] AuditError),
}

/// Why a gated command goes no further.
enum Stopped {
    Refused(Refused),
    Fault(GateError),
}

/// Tells people something that stops nothing.
fn warn(message: &str) {
    let _ = writeln!(std::io::stderr(), "tollgate: warning: {}", sanitize::text(message));
}

/// An error with its causes, in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
