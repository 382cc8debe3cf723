//! What an approval is bound to: the program, what it reads, and where it would act.
//!
//! [`facts`] is asked twice, when a request is made and when its approval is used, or before
//! a human is asked and after, and what differs is told field by field. So nothing here depends on the clock, on this
//! process, or on the order in which a directory is read. Nothing of it runs for a
//! command that is allowed.
//!
//! **What is not bound**: what tools fetch (charts by name, providers beyond the hashes of
//! the lock file), what credentials are at the moment, what expressions of a configuration
//! put together, what tools without a grammar read by themselves, and standard input, unless it was
//! read before (`runs`). Between the comparison and the moment in which
//! the tool opens a file, somebody of the same user may still change it.

mod content;
mod folding;
mod inputs;
mod kustomize;
mod program;
mod searched;
mod variables;
mod words;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use nix::time::{ClockId, clock_gettime};

use crate::audit::{AuditError, InstallKey, redact};
use crate::authorization::request::{Approval, Boot, Environment, Facts, Host, Requester, Text};
use crate::command::Command;
use crate::context::challenge;
use crate::context::target::Target;
use crate::invocation::Invocation;
use crate::process::{Executable, Process};
use crate::rules::book::Rulebook;
use crate::rules::digest;
use crate::rules::environment::Place;
use crate::rules::judge::Judgement;
use crate::rules::layers::Directories;
use crate::ui::sanitize;
use crate::verdict::PrincipalKind;

/// The machine's own id, and its name.
const MACHINE: &str = "/etc/machine-id";
const NAME: &str = "/proc/sys/kernel/hostname";
/// The id of this boot.
const BOOT: &str = "/proc/sys/kernel/random/boot_id";

/// The largest of these, in bytes.
const SMALL: usize = 256;

/// The name among the inputs of what a command was found to act on.
pub const FOUND: &str = "(what it acts on)";

/// One gated command, with all that its verdict rests on.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The world.
    pub process: &'a dyn Process,
    /// What was asked.
    pub invocation: &'a Invocation,
    /// The same, understood.
    pub command: &'a Command,
    /// The layers that count.
    pub book: &'a Rulebook,
    /// The working directory; `None` where it is gone.
    pub directory: Option<&'a Path>,
    /// Where it would act.
    pub target: &'a Target,
    /// What the rulebook calls that.
    pub place: &'a Place,
    /// Who asks.
    pub principal: PrincipalKind,
    /// What the rulebook says.
    pub judgement: &'a Judgement,
    /// What a reader of the verdict should know.
    pub notes: &'a [String],
    /// The program as it would be started.
    pub program: &'a Executable,
    /// What runs in place of the arguments, as it is approved: a descriptor's content is
    /// told by its hash. What was read for it is not looked for again.
    pub runs: Option<&'a [OsString]>,
    /// The digest of what it was found to act on.
    pub found: Option<&'a str>,
    /// Where configuration and state are.
    pub places: &'a Directories,
    /// The command line for people: redacted, and safe to show.
    pub line: &'a str,
}

impl std::fmt::Debug for Subject<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subject").field("line", &self.line).finish_non_exhaustive()
    }
}

/// Why a command cannot be bound to, and so not be approved.
#[derive(Debug, thiserror::Error)]
pub enum BindingError {
    /// The working directory is gone.
    #[error("the working directory is gone: change to one that is there")]
    Directory,
    /// There is no place for the state.
    #[error("there is no home directory to keep requests in: set HOME or XDG_STATE_HOME")]
    NoState,
    /// The state directory cannot be looked at.
    #[error("the state directory {} cannot be looked at", shown(path))]
    State {
        /// Where it is.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The install key cannot be used.
    #[error(transparent)]
    Key(#[from] AuditError),
    /// The program cannot be read.
    #[error("the program {} cannot be read, so it cannot be told whether it stays the same", shown(path))]
    Program {
        /// Where it is.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Something that the command reads cannot be read.
    #[error("{} cannot be read, so it cannot be told whether it stays the same", shown(path))]
    Unreadable {
        /// What.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The same, in words.
    #[error("{0}")]
    Said(String),
    /// A pipe or a device stands where a file should.
    #[error(
        "{} is no file, and what it gives may be different each time: save that to a file and name it",
        shown(path)
    )]
    NoFile {
        /// What.
        path: PathBuf,
    },
    /// What comes from somewhere that is read once only.
    #[error(
        "what `{word}` gives cannot be approved, since nobody can look at it before: save it to a file and name that"
    )]
    Stream {
        /// The argument.
        word: String,
    },
    /// What leads through what each process finds to be something else.
    #[error(
        "{} leads through /proc or /dev/fd, where the tool may find another file than tollgate: name the file itself",
        shown(path)
    )]
    Elsewhere {
        /// What.
        path: PathBuf,
    },
    /// What comes from the network.
    #[error(
        "what is at {word} may be different when it is fetched, so it cannot be approved: save it to a file or a \
         directory and name that"
    )]
    Remote {
        /// The argument.
        word: String,
    },
    /// More than can be read in a moment.
    #[error("{} is too large to be compared: name less, or a file of its own", shown(path))]
    TooLarge {
        /// What.
        path: PathBuf,
    },
    /// An argument holds a secret.
    #[error("`{line}` holds a secret, and a request is for others to read: {advice}")]
    Secret {
        /// The command line without it.
        line: String,
        /// What to do instead.
        advice: &'static str,
    },
}

/// What is true of `subject` now, for `requester` who needs this `approval`.
///
/// # Errors
/// Where it cannot be bound to: the message says what to do instead.
pub fn facts(subject: &Subject<'_>, requester: Requester, approval: Approval) -> Result<Facts, BindingError> {
    without_secrets(subject)?;
    let directory = subject.directory.ok_or(BindingError::Directory)?;
    let state = subject.places.state.as_deref().ok_or(BindingError::NoState)?;
    let key = InstallKey::of(state)?;
    let heeded = variables::Heeded::by(subject.book, &subject.command.tool);
    let binary = program::binary(&subject.program.path, directory)?;
    let inputs = inputs::inputs(subject, directory, &heeded, &key, binary.launcher.is_some())?;
    let mut found = inputs.found;
    found.extend(subject.found.map(|digest| (FOUND.to_owned(), digest.to_owned())));
    let judgement = subject.judgement;
    let mut notes = subject.notes.to_vec();
    notes.extend(inputs.notes);
    Ok(Facts {
        risk: judgement.risk,
        summary: summary(subject),
        environment: environment(subject),
        approval,
        requester,
        host: host_by(&key),
        tool: sanitize::os(&subject.invocation.tool),
        argv: subject.command.arguments.iter().map(Text::from).collect(),
        runs: subject.runs.map(|words| words.iter().map(Text::from).collect()),
        directory: Text::from(directory),
        target: subject.target.shown(),
        challenge: challenge(subject.command, subject.target),
        effects: judgement.effects(),
        rules: judgement.contributions.iter().map(|one| one.rule.clone()).collect(),
        notes,
        binary,
        inputs: found,
        variables: variables::values(subject, directory, &heeded, &key),
        policy: digest::of(subject.book),
        state: place_of(state)?,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

/// What the arguments of `subject` name, as far as it can be read now: by name, the digests.
/// Some of the facts, for whoever has to know whether they are about what was looked at.
pub fn named(subject: &Subject<'_>) -> BTreeMap<String, String> {
    subject.directory.map_or_else(BTreeMap::new, |directory| inputs::named(subject, directory))
}

/// This machine, as the installation that keeps its state here knows it.
///
/// # Errors
/// Where the install key cannot be read or made.
pub fn host(state: &Path) -> Result<Host, BindingError> {
    Ok(host_by(&InstallKey::of(state)?))
}

fn host_by(key: &InstallKey) -> Host {
    let machine = small(MACHINE).unwrap_or_default();
    // What only this installation can say, and that tells nothing of its key.
    let installation = key.mac("tollgate-install-v1", &[]);
    let id = format!("tollgate-host-v1\0{}\0{machine}\0{installation}", machine.len());
    Host {
        name: sanitize::text(&small(NAME).unwrap_or_default()).into_owned(),
        id: format!("sha256:{}", crate::digest::sha256(id.as_bytes())),
    }
}

/// This boot, and how long ago it was; `None` where the system does not tell.
pub fn boot() -> Option<Boot> {
    let id = small(BOOT)?;
    let since = clock_gettime(ClockId::CLOCK_BOOTTIME).ok()?;
    let milliseconds =
        u64::try_from(since.tv_sec()).ok()? * 1000 + u64::try_from(since.tv_nsec()).ok()? / 1_000_000;
    Some(Boot { id, milliseconds })
}

/// The one line that a file of the system's holds.
fn small(path: &str) -> Option<String> {
    let text = std::fs::read_to_string(path).ok()?;
    Some(text.trim().chars().take(SMALL).collect()).filter(|text: &String| !text.is_empty())
}

/// Where the state is, links resolved, and which directory that is.
fn place_of(state: &Path) -> Result<String, BindingError> {
    let error = |source| BindingError::State { path: state.to_path_buf(), source };
    let real = state.canonicalize().map_err(error)?;
    let metadata = real.metadata().map_err(error)?;
    Ok(format!("{} (device {}, inode {})", shown(&real), metadata.dev(), metadata.ino()))
}

/// The line, and what is lost by it.
fn summary(subject: &Subject<'_>) -> String {
    let reason = subject.judgement.leading().and_then(|leading| leading.reason.as_deref());
    match reason {
        Some(reason) => format!("{}: {}", subject.line, sanitize::text(reason)),
        None => subject.line.to_owned(),
    }
}

fn environment(subject: &Subject<'_>) -> Environment {
    let mut names: Vec<&str> = subject.place.names().collect();
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(*name));
    let name = if names.is_empty() { subject.place.name().to_owned() } else { names.join(", ") };
    Environment { name, guarded: subject.place.guarded_for(subject.principal) }
}

/// Refuses what would carry a secret to whoever reads the request.
fn without_secrets(subject: &Subject<'_>) -> Result<(), BindingError> {
    let mut words = vec![subject.invocation.tool.as_os_str()];
    words.extend(subject.program.arguments.iter().map(std::ffi::OsString::as_os_str));
    if redact::secret_word(&words).is_none() {
        return Ok(());
    }
    let advice = match subject.command.tool.as_str() {
        "aws" => "put the value into a file and name that (file://PATH)",
        "terraform" | "tofu" => "put the value into a file (-var-file=PATH) or a variable (TF_VAR_name)",
        "helm" => "put the value into a file and name that (--values PATH)",
        "kubectl" => "put the value into a file and name that (--from-env-file, --from-file, --filename)",
        _ => "put the value into a file or a variable that the tool reads",
    };
    Err(BindingError::Secret { line: redact::shown(&words), advice })
}

/// A path for people, and as a name: on one line, and without a control character.
fn shown(path: &Path) -> String {
    sanitize::os(path.as_os_str())
}

#[cfg(test)]
mod tests;
