//! Windsurf, now Devin Desktop: the hooks of its agent Cascade.
//!
//! In a project `.devin/hooks.json` takes the place of `.windsurf/hooks.json` where
//! it exists. So it is not made, which could switch off what is in the other.
//!
//! <https://docs.windsurf.com/windsurf/cascade/hooks>

use super::slot::Slot;
use super::target::{Content, Target};
use super::world::World;
use super::{Agent, Command, Missing, Scope, never_off, nowhere};

pub(super) const AGENT: Agent = Agent {
    name: "windsurf",
    title: "Windsurf, Devin Desktop (Cascade)",
    missing: Missing::GoesOn,
    next: &["restart the editor"],
    next_in_project: &[],
    also_serves: None,
    programs: &["windsurf", "devin-desktop"],
    directories: &[("", ".codeium/windsurf")],
    targets,
    off: never_off,
};

fn targets(world: &World, scope: Scope, command: &Command) -> Result<Vec<Target>, String> {
    let entry = || vec![("command", command.line().as_str().into()), ("show_output", true.into())];
    let slot = |event, path| Slot { event, path, group: None, entry: entry() };
    let content = Content::json(vec![
        slot("pre_run_command", &["hooks", "pre_run_command"]),
        slot("pre_mcp_tool_use", &["hooks", "pre_mcp_tool_use"]),
        slot("pre_write_code", &["hooks", "pre_write_code"]),
    ]);
    let at = |path| world.at(scope, path).ok_or_else(nowhere);
    match scope {
        Scope::User => Ok(vec![Target::main(at(".codeium/windsurf/hooks.json")?, content)]),
        Scope::Project => {
            let mut targets = vec![Target::main(at(".windsurf/hooks.json")?, content.clone())];
            let newer = at(".devin/hooks.json")?;
            if newer.exists() {
                targets.push(Target::main(newer, content));
            }
            Ok(targets)
        }
    }
}
