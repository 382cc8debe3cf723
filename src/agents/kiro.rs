//! Kiro's editor and CLI, and the Amazon Q Developer CLI.
//!
//! The editor, and the CLI from version 3 on, have files of hooks. Before that hooks
//! stand in the file of each agent, and one without has none: the built-in default
//! agent has no file.
//!
//! <https://kiro.dev/docs/cli/hooks>

use super::copilot::in_directory;
use super::node::Node;
use super::slot::Slot;
use super::target::{Content, TIMEOUT, Target};
use super::world::{World, json_files};
use super::{Agent, Command, Missing, Scope, never_off, nowhere};

pub(super) const AGENT: Agent = Agent {
    name: "kiro",
    title: "Kiro",
    missing: Missing::GoesOn,
    next: &["start a new session; before version 1.0 of the editor this file does not count"],
    next_in_project: &[],
    also_serves: None,
    programs: &["kiro"],
    directories: &[("", ".kiro")],
    targets: |world, scope, command| {
        let action = vec![("type", "command".into()), ("command", command.line().as_str().into())];
        let content = Content::Json {
            head: vec![("version", "v1".into())],
            slots: vec![Slot {
                event: "PreToolUse",
                path: &["hooks"],
                group: None,
                entry: vec![
                    ("name", "tollgate".into()),
                    ("trigger", "PreToolUse".into()),
                    ("matcher", ".*".into()),
                    ("action", Node::Map(action)),
                    ("timeout", TIMEOUT.into()),
                    ("enabled", true.into()),
                ],
            }],
            closed: None,
        };
        Ok(in_directory(&world.at(scope, ".kiro/hooks").ok_or_else(nowhere)?, &content))
    },
    off: never_off,
};

pub(super) const CLI: Agent = Agent {
    name: "kiro-cli",
    title: "Kiro CLI 2",
    missing: Missing::GoesOn,
    next: &[
        "start a new session, with one of these agents; one that is made later needs it too: install again",
    ],
    next_in_project: &[],
    also_serves: None,
    programs: &["kiro-cli", "kiro-cli-chat"],
    directories: &[("", ".kiro/agents")],
    targets: |world, scope, command| {
        of_agents(world, scope, ".kiro/agents", "kiro-cli agent create", command)
    },
    off: never_off,
};

pub(super) const AMAZON_Q: Agent = Agent {
    name: "amazon-q",
    title: "Amazon Q Developer CLI",
    missing: Missing::GoesOn,
    next: &[
        "start a new session, with one of these agents; one that is made later needs it too: install again",
    ],
    next_in_project: &[],
    also_serves: None,
    programs: &["qchat"],
    directories: &[("", ".aws/amazonq")],
    targets: |world, scope, command| {
        let below = if scope == Scope::User { ".aws/amazonq/cli-agents" } else { ".amazonq/cli-agents" };
        of_agents(world, scope, below, "q agent create", command)
    },
    off: never_off,
};

/// The files of the agents in a directory.
fn of_agents(
    world: &World,
    scope: Scope,
    below: &str,
    create: &str,
    command: &Command,
) -> Result<Vec<Target>, String> {
    let directory = world.at(scope, below).ok_or_else(nowhere)?;
    let content = Content::json(vec![Slot {
        event: "preToolUse",
        path: &["hooks", "preToolUse"],
        group: None,
        entry: vec![
            ("matcher", "*".into()),
            ("command", command.line().as_str().into()),
            ("timeout_ms", (TIMEOUT * 1_000).into()),
        ],
    }]);
    let files = json_files(&directory);
    if files.is_empty() {
        return Err(format!(
            "its hooks stand in the files of its agents, and {} has none: make one (`{create}`), use it as the default, and install again",
            directory.display()
        ));
    }
    Ok(files.into_iter().map(|file| Target::main(file, content.clone())).collect())
}
