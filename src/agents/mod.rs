//! The configurations of coding agents, and tollgate's entry in them.
//!
//! Each agent has a file here that says where its configuration is and what our
//! entry looks like; `slot`, `toml` and `target` are the ways to edit, and
//! `files` writes. What is ours is told by its command: a program named tollgate,
//! followed by `hook`. Edits touch nothing else, not even the blanks.

mod claude_code;
mod cline;
mod codex;
mod copilot;
mod cursor;
mod devin;
mod diff;
mod files;
mod form;
mod gemini;
mod goose;
mod json;
mod kiro;
mod launch;
mod node;
mod opencode;
mod slot;
mod target;
mod toml;
mod windsurf;
mod world;

use std::path::PathBuf;

pub use files::{Change, WriteError};
pub use launch::Launch;

use crate::process::{BINARY, Process};
use target::Target;
use world::World;

/// Whose configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The user's, for all of their projects.
    User,
    /// The project's, which is shared with whoever works on it.
    Project,
}

impl Scope {
    /// Both.
    pub const ALL: [Self; 2] = [Self::User, Self::Project];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Project => "project",
        }
    }
}

/// An entry of ours in an agent's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The agent's name.
    pub agent: &'static str,
    /// Whose configuration it is in.
    pub scope: Scope,
    /// The file that it is in.
    pub file: PathBuf,
    /// The agent's event that it answers; empty for a file of our own.
    pub event: &'static str,
    /// What the agent starts.
    pub command: Launch,
    /// Whether it counts, or why it does not: switched off, or too narrow.
    pub enabled: Result<(), String>,
    /// Whether the agent takes a failure of it for a denial; `None` where the agent
    /// offers no choice.
    pub fails_closed: Option<bool>,
}

/// A configuration that may hold an entry and could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The agent's name.
    pub agent: &'static str,
    /// The file.
    pub file: PathBuf,
    /// Why not.
    pub why: String,
}

/// What was found on this machine, and for the project of the working directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Installed {
    /// Every entry of ours.
    pub entries: Vec<Entry>,
    /// What could not be read.
    pub unread: Vec<Unread>,
}

/// A file that cannot be edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// Why not.
    pub why: String,
    /// What a person can write into it.
    pub by_hand: String,
}

/// What is to be done for one agent.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The files that are to be changed.
    pub changes: Vec<Change>,
    /// The files that cannot be.
    pub problems: Vec<Problem>,
}

/// What an agent does where an entry names a tollgate that is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// It refuses what it would have asked about.
    Refuses,
    /// It goes on, ungated.
    GoesOn,
}

/// An agent that tollgate can be put into.
#[derive(Debug)]
pub struct Agent {
    /// The name for `tollgate hook install`.
    pub name: &'static str,
    /// The name people know it by.
    pub title: &'static str,
    /// What it does where tollgate is not found.
    pub missing: Missing,
    /// What a person has to do once it is installed.
    pub next: &'static [&'static str],
    /// The same for a project's configuration.
    pub next_in_project: &'static [&'static str],
    /// Which other agents the same entry serves.
    pub also_serves: Option<&'static str>,
    /// Its programs.
    programs: &'static [&'static str],
    /// Its directories: the variable that moves one, and where it is below the home
    /// directory otherwise.
    directories: &'static [(&'static str, &'static str)],
    /// Its files, where the entry is to start this program.
    targets: fn(&World, Scope, &Command) -> Result<Vec<Target>, String>,
    /// Why an entry in this file does not count, whatever it says itself.
    off: fn(&World, &Entry) -> Option<String>,
}

/// How an entry names tollgate.
#[derive(Clone, Debug)]
pub struct Command {
    program: String,
}

impl Command {
    /// This tollgate by its path, which has to be text.
    pub fn at(program: &std::path::Path) -> Option<Self> {
        Some(Self { program: program.to_str()?.to_owned() })
    }

    /// The tollgate that PATH has.
    pub fn on_path() -> Self {
        Self { program: BINARY.to_owned() }
    }

    /// As a line for a shell.
    fn line(&self) -> String {
        format!("{} hook", self.word())
    }

    /// The program as a word for a shell.
    fn word(&self) -> String {
        shell_words::quote(&self.program).into_owned()
    }
}

/// Every agent, in the order in which they are shown.
pub const AGENTS: [&Agent; 14] = [
    &claude_code::AGENT,
    &codex::AGENT,
    &gemini::AGENT,
    &cursor::AGENT,
    &copilot::AGENT,
    &copilot::VSCODE,
    &kiro::AGENT,
    &kiro::CLI,
    &kiro::AMAZON_Q,
    &windsurf::AGENT,
    &devin::AGENT,
    &goose::AGENT,
    &cline::AGENT,
    &opencode::AGENT,
];

/// An agent by its name.
pub fn named(name: &str) -> Option<&'static Agent> {
    AGENTS.into_iter().find(|agent| agent.name == name)
}

/// Every entry of ours, of all agents and at both scopes.
pub fn installed(process: &dyn Process) -> Installed {
    let mut installed = Installed::default();
    for agent in AGENTS {
        for scope in Scope::ALL {
            let found = agent.installed(process, scope);
            installed.entries.extend(found.entries);
            installed.unread.extend(found.unread);
        }
    }
    installed
}

/// The agents that are on this machine: by a program on PATH, or a configuration
/// directory.
pub fn present(process: &dyn Process) -> Vec<&'static Agent> {
    let world = World::of(process);
    AGENTS.into_iter().filter(|agent| agent.is_present(&world)).collect()
}

impl Agent {
    fn is_present(&self, world: &World) -> bool {
        let directory = |(variable, below): &(&str, &str)| world.moved(variable, below);
        self.programs.iter().any(|program| world.has_program(program))
            || self.directories.iter().filter_map(directory).any(|directory| directory.is_dir())
    }

    /// Every entry of ours in one of its configurations.
    pub fn installed(&self, process: &dyn Process, scope: Scope) -> Installed {
        let world = World::of(process);
        let mut installed = Installed::default();
        for target in (self.targets)(&world, scope, &Command::on_path()).unwrap_or_default() {
            match target.entries(self.name, scope) {
                Ok(entries) => installed.entries.extend(entries),
                Err(problem) => {
                    installed.unread.push(Unread { agent: self.name, file: problem.file, why: problem.why });
                }
            }
        }
        for entry in &mut installed.entries {
            if let (Ok(()), Some(why)) = (&entry.enabled, (self.off)(&world, entry)) {
                entry.enabled = Err(why);
            }
        }
        installed
    }

    /// What is to be done so that this agent calls `command`.
    ///
    /// # Errors
    /// Where it has no configuration to put an entry into.
    pub fn install(&self, process: &dyn Process, scope: Scope, command: &Command) -> Result<Plan, String> {
        self.plan(process, scope, command, |target| target.install(scope))
    }

    /// What is to be done so that it calls no tollgate.
    ///
    /// # Errors
    /// Where it has no configuration.
    pub fn remove(&self, process: &dyn Process, scope: Scope, command: &Command) -> Result<Plan, String> {
        self.plan(process, scope, command, Target::remove)
    }

    fn plan(
        &self,
        process: &dyn Process,
        scope: Scope,
        command: &Command,
        make: impl Fn(&Target) -> Result<Option<Change>, Problem>,
    ) -> Result<Plan, String> {
        let world = World::of(process);
        let mut plan = Plan::default();
        for target in (self.targets)(&world, scope, command)? {
            match make(&target) {
                Ok(change) => plan.changes.extend(change),
                Err(problem) => plan.problems.push(problem),
            }
        }
        Ok(plan)
    }
}

/// Nothing that switches hooks off is known.
const fn never_off(_: &World, _: &Entry) -> Option<String> {
    None
}

/// Where there is neither a home directory nor a working one.
fn nowhere() -> String {
    "there is no directory for its configuration here".to_owned()
}
