//! `tollgate hook`: spoken to by an agent, in the agent's protocol.
//!
//! An agent takes most of what can go wrong with a hook for consent: a time-out, a
//! crash, an odd exit code. So whatever goes wrong here is answered by a denial,
//! and in time.

mod install;
mod list;
mod remove;

use std::ffi::OsString;
use std::fs::{File, Metadata};
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::agents::{self, Agent, Scope};
use crate::gate::{self, chain};
use crate::invocation::hook::{self, Dialect, Payload, Reply};
use crate::process::Process;
use crate::ui::sanitize;

/// Answer an agent, or put tollgate into its configuration.
///
/// Without a subcommand, the agent's payload is read on standard input and answered
/// in its own protocol, which the payload tells.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct HookArguments {
    /// The agent in whose configuration the hook stands
    #[arg(value_parser = dialects())]
    agent: Option<String>,
    #[command(subcommand)]
    command: Option<HookCommand>,
}

/// What to do with the configurations of agents.
#[derive(Debug, clap::Subcommand)]
enum HookCommand {
    /// Have an agent ask tollgate before it runs anything
    Install(AgentArguments),
    /// Show which agents are here, and where they call tollgate
    List {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Have an agent ask no more; no agent may do that
    Remove(AgentArguments),
}

/// Which configuration of which agent.
#[derive(Debug, clap::Args)]
struct AgentArguments {
    /// The agent
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(agents::AGENTS.map(|agent| agent.name)))]
    agent: String,
    /// In your own configuration, for all projects [default]
    #[arg(long, conflicts_with = "project")]
    user: bool,
    /// In the project's configuration: at the repository's root above the working directory
    #[arg(long)]
    project: bool,
    /// Show what would change, and write nothing
    #[arg(long)]
    dry_run: bool,
}

impl AgentArguments {
    fn agent(&self) -> anyhow::Result<&'static Agent> {
        agents::named(&self.agent).context("there is no such agent")
    }

    const fn scope(&self) -> Scope {
        if self.project { Scope::Project } else { Scope::User }
    }
}

/// The exit code where a file could not be edited.
const INCOMPLETE: u8 = 78;

/// The names of the agents that answers are for.
fn dialects() -> clap::builder::PossibleValuesParser {
    let names =
        hook::DIALECTS.iter().map(|dialect| dialect.name()).collect::<std::collections::BTreeSet<_>>();
    clap::builder::PossibleValuesParser::new(names)
}

impl HookArguments {
    /// `tollgate hook [AGENT]`, if that is what was called: the agent waits, so that
    /// nothing else is looked at first. A name that no agent has is answered as well,
    /// by a denial: what clap says is not for an agent.
    pub fn of_agent(arguments: &[OsString]) -> Option<Self> {
        let (command, rest) = arguments.get(1..)?.split_first()?;
        let agent = match rest {
            [] => None,
            [agent] => Some(agent.to_string_lossy().into_owned()).filter(|agent| !is_for_people(agent)),
            _ => return None,
        };
        let is_hook = command == "hook" && agent.is_some() == (rest.len() == 1);
        is_hook.then_some(Self { agent, command: None })
    }
}

/// Whether a word after `hook` is for clap: an option, a subcommand, or mistyped by
/// somebody at a terminal.
fn is_for_people(word: &str) -> bool {
    if hook::named(word).is_some() {
        return false;
    }
    let command = <HookArguments as clap::Args>::augment_args(clap::Command::new("hook"));
    let is_known = word.starts_with('-') || word == "help" || command.find_subcommand(word).is_some();
    is_known || std::io::stdin().is_terminal()
}

/// Does what is asked.
pub fn run(arguments: &HookArguments, process: &dyn Process) -> u8 {
    let named = match arguments.agent.as_deref() {
        None => Ok(None),
        Some(name) => hook::named(name).map(Some).ok_or_else(|| name.to_owned()),
    };
    answer(process, named)
}

/// Does what is asked by whoever types it; what it returns is the exit code.
///
/// # Errors
/// Where a configuration cannot be found or written.
pub fn run_typed(
    arguments: &HookArguments,
    process: &dyn Process,
    out: &mut dyn std::io::Write,
) -> anyhow::Result<u8> {
    match &arguments.command {
        None => Ok(run(arguments, process)),
        Some(HookCommand::Install(arguments)) => install::run(arguments, process, out),
        Some(HookCommand::List { json }) => list::run(*json, process, out),
        Some(HookCommand::Remove(arguments)) => remove::run(arguments, process, out),
    }
}

fn shown(path: &Path) -> String {
    sanitize::word(path.as_os_str())
}

/// Tells of a file that could not be edited, and what a person can do.
fn problem(file: &Path, why: &str, by_hand: &str, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    out.flush()?;
    let mut errors = std::io::stderr();
    writeln!(errors, "tollgate: {} is left as it is: {}", shown(file), sanitize::text(why))?;
    if by_hand.is_empty() {
        return Ok(());
    }
    writeln!(errors, "  add this to it by hand:")?;
    by_hand.lines().try_for_each(|line| writeln!(errors, "    {}", sanitize::text(line)))
}

/// When a denial is given whatever has been found by then. The shortest time-out
/// that an agent is known to have is ten times that.
const DEADLINE: Duration = Duration::from_secs(3);

/// What of that is for whatever has to be waited for: the tools that are asked, above all.
const WAITING: Duration = Duration::from_secs(2);

/// The longest payload, in bytes: a whole file may be in it.
const LONGEST: u64 = 64 << 20;

/// Reads the payload on standard input, and answers. `named` is the agent in whose
/// configuration the hook stands: it counts where the payload cannot be read. A name
/// that no agent has is denied, in the form that the payload asks for.
fn answer(process: &dyn Process, named: Result<Option<&'static dyn Dialect>, String>) -> u8 {
    let until = Instant::now() + WAITING;
    let output = Arc::new(output());
    let (named, misnamed) = match named {
        Ok(named) => (named, None),
        Err(name) => (None, Some(name)),
    };
    // Standard error is the agent's to read, or its model's.
    std::panic::set_hook(Box::new(|_| {}));
    let answered = Arc::new(AtomicBool::new(false));
    let (watch, late) = (Arc::clone(&answered), Arc::clone(&output));
    let watching = std::thread::Builder::new().spawn(move || {
        std::thread::sleep(DEADLINE);
        if !watch.swap(true, Ordering::SeqCst) {
            let code = give(&failure(named, "it took too long to judge this"), &late);
            #[expect(
                clippy::exit,
                clippy::disallowed_methods,
                reason = "main is what takes too long, so nothing can pass through it"
            )]
            std::process::exit(code.into());
        }
    });
    let reply = match watching {
        Err(error) => failure(named, &format!("no time can be kept: {error}")),
        Ok(_) => catch_unwind(AssertUnwindSafe(|| reply(process, (named, misnamed.as_deref()), until)))
            .unwrap_or_else(|_| failure(named, "an error in tollgate itself")),
    };
    if answered.swap(true, Ordering::SeqCst) {
        // The other thread is about to end this process.
        std::thread::sleep(DEADLINE);
    }
    give(&reply, &output)
}

fn reply(
    process: &dyn Process,
    (named, misnamed): (Option<&'static dyn Dialect>, Option<&str>),
    until: Instant,
) -> Reply {
    let mut input = Vec::new();
    let read = std::io::stdin().lock().take(LONGEST + 1).read_to_end(&mut input);
    // An agent whose pipe breaks may take that for the hook's failure.
    let read = read.and_then(|_| std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink()));
    if let Err(error) = read {
        return failure(named, &format!("the agent's payload cannot be read: {error}"));
    }
    if input.len() as u64 > LONGEST {
        return failure(named, "the agent's payload is too long");
    }
    match hook::payload(&input).and_then(|payload| Ok((hook::dialect(&payload)?, payload))) {
        // Some write what Claude Code writes, and heed nothing but exit codes.
        Ok((Some(dialect), payload))
            if dialect.name() == "claude-code"
                && named.is_some_and(|named| matches!(named.name(), "devin" | "kiro")) =>
        {
            of_payload(process, named.unwrap_or(dialect), &payload, until)
        }
        Ok((dialect, _)) if misnamed.is_some() => {
            let name = misnamed.unwrap_or_default();
            failure(
                dialect.or(named),
                &format!("no agent is called {name}: `tollgate hook --help` names them"),
            )
        }
        Ok((None, _)) => Reply::silent(),
        Ok((Some(dialect), payload)) => of_payload(process, dialect, &payload, until),
        Err(error) => failure(named, &error.to_string()),
    }
}

fn of_payload(process: &dyn Process, dialect: &dyn Dialect, payload: &Payload, until: Instant) -> Reply {
    let refused = |why: &str| dialect.failure(&told(why));
    match dialect.call(payload) {
        Err(error) => refused(&error.to_string()),
        Ok(call) => match gate::hook::answer(process, dialect.name(), &call, until) {
            Ok(answer) => dialect.reply(payload, &answer),
            Err(error) => refused(&chain(&error)),
        },
    }
}

fn failure(named: Option<&dyn Dialect>, why: &str) -> Reply {
    let why = told(why);
    named.map_or_else(|| Reply::universal(&why), |dialect| dialect.failure(&why))
}

/// One line, safe to print.
fn told(why: &str) -> String {
    let why = why.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("tollgate: refused: {}; nothing runs", sanitize::text(&why))
}

/// Standard output, unless nobody can read what is written there: a closed one has
/// become the null device by now.
fn output() -> Result<File, String> {
    let output = std::io::stdout().as_fd().try_clone_to_owned().map(File::from);
    let output = output.map_err(|error| error.to_string())?;
    let is_same = |null: Metadata| output.metadata().is_ok_and(|output| output.rdev() == null.rdev());
    if std::fs::metadata("/dev/null").is_ok_and(is_same) {
        return Err("standard output is closed, or leads nowhere".to_owned());
    }
    Ok(output)
}

/// Writes the answer; one that cannot be written is a denial.
fn give(reply: &Reply, output: &Result<File, String>) -> u8 {
    let written = match output {
        _ if reply.stdout.is_empty() => Ok(()),
        Ok(output) => {
            let mut output = output;
            output.write_all(reply.stdout.as_bytes()).map_err(|error| error.to_string())
        }
        Err(error) => Err(error.clone()),
    };
    let _ = std::io::stderr().write_all(reply.stderr.as_bytes());
    if let Err(error) = written {
        let _ = writeln!(std::io::stderr(), "tollgate: refused: the answer cannot be written: {error}");
        return 2;
    }
    reply.code
}
