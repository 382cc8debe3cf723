//! Devin's CLI and its local agent: hooks in the form of Claude Code.

use super::slot::Slot;
use super::target::{Content, TIMEOUT, Target};
use super::world::World;
use super::{Agent, Command, Missing, Scope, never_off, nowhere};

pub(super) const AGENT: Agent = Agent {
    name: "devin",
    title: "Devin CLI, Devin Local",
    missing: Missing::GoesOn,
    next: &["start a new session"],
    next_in_project: &[],
    also_serves: None,
    programs: &["devin"],
    directories: &[("", ".config/devin")],
    targets,
    off: never_off,
};

fn targets(world: &World, scope: Scope, command: &Command) -> Result<Vec<Target>, String> {
    // The project's file holds nothing but hooks.
    let (file, path): (_, &[&str]) = match scope {
        Scope::User => (".config/devin/config.json", &["hooks", "PreToolUse"]),
        Scope::Project => (".devin/hooks.v1.json", &["PreToolUse"]),
    };
    let content = Content::json(vec![Slot {
        event: "PreToolUse",
        path,
        group: Some(vec![("matcher", ".*".into())]),
        entry: vec![
            ("type", "command".into()),
            ("command", format!("{} devin", command.line()).as_str().into()),
            ("timeout", TIMEOUT.into()),
        ],
    }]);
    Ok(vec![Target::main(world.at(scope, file).ok_or_else(nowhere)?, content)])
}
