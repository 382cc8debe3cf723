//! Cursor: `hooks.json`.
//!
//! Shell lines and MCP calls have events of their own, in which Cursor puts
//! questions. In `preToolUse` it does not, so that only edits are looked at there:
//! a shell line that a human may agree to would be refused.
//!
//! <https://cursor.com/docs/agent/hooks>

use super::node::{Fields, Node};
use super::slot::Slot;
use super::target::{Content, TIMEOUT, Target};
use super::world::World;
use super::{Agent, Command, Missing, Scope, never_off, nowhere};

pub(super) const AGENT: Agent = Agent {
    name: "cursor",
    title: "Cursor",
    missing: Missing::Refuses,
    next: &["Cursor takes it up when the file is saved; its settings show it below Hooks"],
    next_in_project: &["it counts in workspaces that are trusted"],
    also_serves: None,
    programs: &["cursor", "cursor-agent"],
    directories: &[("", ".cursor")],
    targets,
    off: never_off,
};

fn targets(world: &World, scope: Scope, command: &Command) -> Result<Vec<Target>, String> {
    let entry = |matcher: Option<&str>| -> Fields {
        let mut entry = vec![("command", Node::from(command.line().as_str()))];
        entry.extend(matcher.map(|matcher| ("matcher", matcher.into())));
        entry.extend([("timeout", TIMEOUT.into()), ("failClosed", true.into())]);
        entry
    };
    let slot = |event, path, matcher| Slot { event, path, group: None, entry: entry(matcher) };
    let content = Content::Json {
        head: vec![("version", 1.into())],
        slots: vec![
            slot("beforeShellExecution", &["hooks", "beforeShellExecution"], None),
            slot("beforeMCPExecution", &["hooks", "beforeMCPExecution"], None),
            slot("preToolUse", &["hooks", "preToolUse"], Some("Write|Edit|Delete")),
        ],
        closed: Some(("failClosed", true.into())),
    };
    Ok(vec![Target::main(world.at(scope, ".cursor/hooks.json").ok_or_else(nowhere)?, content)])
}
