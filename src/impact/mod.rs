//! What a command would really do, and to what, found out before anybody is asked:
//! the changes of a plan, the objects behind a selector, the resources of an account,
//! and as whom it would act.
//!
//! Nothing here asks a server for a command that the rulebook allows by its words, with what
//! the manifests that they name say by themselves (`kube::stated`). What is found is judged
//! by the rulebook as [`Impact::changes`], commands of the pseudo tools
//! [`declared::CHANGES`](crate::command::declared::CHANGES). Only a plan is judged
//! *in place of* the words: it is all that an apply does. Objects and resources add to
//! what the words say, and so does not finding them out.

pub mod aws;
pub mod identity;
pub mod kube;
pub mod probe;
pub mod sealed;
pub mod terraform;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::command::Command;
use crate::context::target::Target;
use crate::invocation::plan::Program;
use crate::process::{Environment, Executable, Process};
use crate::rules::book::Rulebook;
use crate::rules::judge::Judgement;
use crate::verdict::PrincipalKind;
use sealed::Sealed;

/// A command whose impact is asked for.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The world.
    pub process: &'a dyn Process,
    /// The command as it was asked for.
    pub command: &'a Command,
    /// The real program, with the arguments and variables that it would be started with.
    pub program: &'a Executable,
    /// The directory that it starts in.
    pub directory: &'a Path,
    /// Where it would act, as far as that is known offline.
    pub target: &'a Target,
    /// Who asks.
    pub principal: PrincipalKind,
    /// What the rulebook says of its words.
    pub judgement: &'a Judgement,
    /// The rulebook, with the rules of the pseudo tools.
    pub book: &'a Rulebook,
    /// The state directory, where there is one.
    pub state: Option<&'a Path>,
    /// What was found out when the same was asked for before, and waits for an approval.
    pub earlier: Option<&'a Earlier>,
    /// Whether this process's standard input is the command's: not where another process
    /// will run it later.
    pub has_input: bool,
    /// When all looks have to be over, where whoever asks has to answer by then.
    pub until: Option<Instant>,
    /// Whether a person wants what secrets hold to be kept as well.
    pub keeps_secrets: bool,
}

impl std::fmt::Debug for Subject<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subject").field("command", &self.command.name()).finish_non_exhaustive()
    }
}

impl Subject<'_> {
    /// The variables that it would be started with.
    pub fn environment(&self) -> &Environment {
        &self.program.environment
    }

    /// How long looks may take that may take so long by themselves.
    pub fn patience(&self, own: Duration) -> Duration {
        let left = |until: Instant| own.min(until.saturating_duration_since(Instant::now()));
        self.until.map_or(own, left)
    }
}

/// What waits for an approval of the same command, in the same directory.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// The request.
    pub id: String,
    /// The words that would run, as they are approved.
    pub runs: Option<Vec<OsString>>,
    /// Where its plan is kept, if it has one.
    pub plan: PathBuf,
}

/// What a command would do.
#[derive(Debug, Default)]
pub struct Impact {
    /// Each change that rules may speak of.
    pub changes: Vec<Command>,
    /// What programs run that it starts on this machine.
    pub programs: Vec<Program>,
    /// Whether `changes` are all that it does: rules that guess are silent then.
    pub is_whole: bool,
    /// What was found of where it would act, and as whom.
    pub target: Target,
    /// As whom, to be compared when it runs; `None` where nobody asked.
    pub identity: Option<identity::Identity>,
    /// What it does, for people: one line each, the gravest first, not yet made safe to show.
    pub lines: Vec<String>,
    /// What else a reader should know.
    pub notes: Vec<String>,
    /// What runs in place of the words that were asked for.
    pub run: Option<Run>,
    /// The request whose plan or objects these are, where it waits already.
    pub earlier: Option<String>,
    /// The objects that a deletion was found to be about, where the line may come to mean
    /// others before it runs: a file says which, or a selector.
    pub deletes: Option<Vec<kube::objects::Object>>,
    /// The digest of what a line of aws was found to act on: the things, what goes with them, and how
    /// many objects. `None` where that is not known.
    pub found: Option<String>,
    /// What the tool itself would ask, where nobody else does.
    pub asks: Option<terraform::Question>,
    /// What of the tool's own words is told otherwise, as it runs something else than it was asked for.
    pub retold: Option<terraform::Retold>,
}

/// What runs in place of the words that were asked for.
#[derive(Debug)]
pub struct Run {
    /// The arguments, without the tool's name.
    pub arguments: Vec<OsString>,
    /// The same as it is approved: what a descriptor holds is told by its hash.
    pub approved: Vec<OsString>,
    /// The same as the tool's grammar reads it, where the rulebook judges that in place of the
    /// line: what had that stopped is no longer among the words.
    pub command: Option<Box<Command>>,
    /// What is handed to it beside them.
    pub given: Option<Given>,
}

/// Bytes that are handed to a run.
#[derive(Debug)]
pub enum Given {
    /// A plan, by the path of an open descriptor.
    Plan(Sealed),
    /// What a command reads by such a path.
    File(Sealed),
    /// Standard input.
    Input(Sealed),
}

/// What came of looking.
#[derive(Debug)]
pub enum Found {
    /// This is what it would do.
    Impact(Box<Impact>),
    /// The tool ended while it was asked, as it would have ended by itself.
    Ended(Ended),
}

/// How the tool would have ended. Whoever looks writes none of it: where a hook asks,
/// standard output is the answer's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// The exit code.
    pub code: u8,
    /// What is still to be written on standard output.
    pub printed: Vec<u8>,
    /// The same on standard error.
    pub said: Vec<u8>,
}

impl Ended {
    /// Ends as the tool would: prints what it would print.
    pub fn print(&self) -> u8 {
        let mut output = std::io::stdout();
        let _ = output.write_all(&self.printed).and_then(|()| output.flush());
        let _ = std::io::stderr().write_all(&self.said);
        self.code
    }
}

impl From<Impact> for Found {
    fn from(impact: Impact) -> Self {
        Self::Impact(Box::new(impact))
    }
}

/// Why nothing is to run.
#[derive(Debug, thiserror::Error)]
pub enum ImpactError {
    /// The operating system refused something that has to work.
    #[error("{what} failed")]
    System {
        /// What.
        what: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// What was found cannot be trusted.
    #[error("{0}")]
    Unsound(String),
}

/// Finds out what `subject` would do.
///
/// # Errors
/// Where nothing may run. What merely could not be found out is in the impact's notes,
/// and in changes that rules speak of.
pub fn find(subject: &Subject<'_>) -> Result<Found, ImpactError> {
    let mut found = match subject.command.tool.as_str() {
        "terraform" | "tofu" => terraform::find(subject)?,
        "kubectl" => kube::find(subject)?,
        "aws" => aws::find(subject),
        _ => Impact::default().into(),
    };
    if let Found::Impact(impact) = &mut found {
        identity::find(subject, impact);
    }
    Ok(found)
}

/// Looks once more, when somebody agreed and before it runs, whether it would still
/// act as the same, in the same place and on the same objects. Says what changed.
///
/// # Errors
/// What changed, in words.
pub fn recheck(subject: &Subject<'_>, impact: &Impact) -> Result<(), String> {
    identity::recheck(subject, impact)?;
    kube::recheck(subject, impact)
}

/// Keeps what would be lost, under the name of the request that authorized the run.
/// Says how it is brought back.
///
/// # Errors
/// Why it could not be kept. Somebody agreed to the run, so that is said and stops nothing.
pub fn keep(subject: &Subject<'_>, impact: &Impact, request: &str) -> Result<Option<String>, String> {
    match subject.command.tool.as_str() {
        "kubectl" => kube::keep(subject, impact, request),
        _ => Ok(None),
    }
}

impl Run {
    /// The descriptors that it needs, made ready to be inherited.
    ///
    /// # Errors
    /// Where the operating system refuses.
    pub fn hand_over(&self) -> Result<(), ImpactError> {
        match &self.given {
            None => Ok(()),
            Some(Given::Plan(sealed) | Given::File(sealed)) => sealed.inherit(),
            Some(Given::Input(sealed)) => sealed.as_standard_input(),
        }
        .map_err(|source| ImpactError::System { what: "handing over what was approved", source })
    }
}
