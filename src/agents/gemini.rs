//! Gemini CLI: `settings.json`. Its time-outs are in milliseconds, and its hooks
//! have names, by which they can be switched off.
//!
//! <https://geminicli.com/docs/hooks>

use serde_json::Value;

use super::slot::Slot;
use super::target::{Content, TIMEOUT, Target};
use super::world::{World, setting};
use super::{Agent, Command, Entry, Missing, Scope, nowhere};

const NAME: &str = "tollgate";

/// The administrator's settings.
const SYSTEM: &str = "/etc/gemini-cli/settings.json";

pub(super) const AGENT: Agent = Agent {
    name: "gemini",
    title: "Gemini CLI",
    missing: Missing::Refuses,
    next: &["restart Gemini CLI; `/hooks` there shows it"],
    next_in_project: &["it counts in folders that Gemini CLI trusts, and is announced there once"],
    also_serves: None,
    programs: &["gemini"],
    directories: &[("", ".gemini")],
    targets,
    off,
};

fn file(world: &World, scope: Scope) -> Option<std::path::PathBuf> {
    let moved = world.directory("GEMINI_CLI_HOME").filter(|_| scope == Scope::User);
    match moved {
        Some(home) => Some(home.join(".gemini/settings.json")),
        None => world.at(scope, ".gemini/settings.json"),
    }
}

fn targets(world: &World, scope: Scope, command: &Command) -> Result<Vec<Target>, String> {
    let content = Content::json(vec![Slot {
        event: "BeforeTool",
        path: &["hooks", "BeforeTool"],
        group: Some(vec![("matcher", "*".into())]),
        entry: vec![
            ("name", NAME.into()),
            ("type", "command".into()),
            ("command", command.line().as_str().into()),
            ("timeout", (TIMEOUT * 1_000).into()),
        ],
    }]);
    Ok(vec![Target::main(file(world, scope).ok_or_else(nowhere)?, content)])
}

fn off(world: &World, _: &Entry) -> Option<String> {
    let system = world.directory("GEMINI_CLI_SYSTEM_SETTINGS_PATH").unwrap_or_else(|| SYSTEM.into());
    Scope::ALL.into_iter().filter_map(|scope| file(world, scope)).chain([system]).find_map(|file| {
        let names = setting(&file, &["hooksConfig", "disabled"]);
        let is_named = names.as_ref().and_then(Value::as_array).is_some_and(|names| {
            names.iter().filter_map(Value::as_str).any(|name| name == NAME || name.ends_with("tollgate hook"))
        });
        if setting(&file, &["hooksConfig", "enabled"]) == Some(Value::Bool(false)) {
            Some(format!("`hooksConfig.enabled` is false in {}", file.display()))
        } else {
            is_named.then(|| format!("`hooksConfig.disabled` names it in {}", file.display()))
        }
    })
}
