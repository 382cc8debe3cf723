//! The configurations of coding agents, and tollgate's entry in them.
//!
//! Each agent has a file here that says where its configuration is and what our
//! entry looks like. What is ours is told by its command: a program named tollgate,
//! followed by `hook`.

mod launch;

use std::path::PathBuf;

pub use launch::Launch;

use crate::process::Process;

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

/// An agent that tollgate can be put into.
#[derive(Debug)]
pub struct Agent {
    /// The name for `tollgate hook install`.
    pub name: &'static str,
    /// The name people know it by.
    pub title: &'static str,
}

/// Every agent, in the order in which they are shown.
pub const AGENTS: [&Agent; 0] = [];

/// Every entry of ours, of all agents and at both scopes.
pub fn installed(process: &dyn Process) -> Installed {
    let _ = process;
    Installed::default()
}

/// The agents that are on this machine: by a program on PATH, or a configuration
/// directory.
pub fn present(process: &dyn Process) -> Vec<&'static Agent> {
    let _ = process;
    Vec::new()
}
