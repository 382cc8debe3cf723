//! Claude Code: `settings.json`.
//!
//! The entry is a line for a shell, for others run what stands in these files, and
//! GitHub Copilot's CLI was seen to pass over `args`. Versions before 2.1.295 pass
//! over `onFailure`. Of two equal entries the project's options win, so that the
//! user's, with its path, must not be equal to the project's, which has none.
//!
//! <https://code.claude.com/docs/en/hooks>

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::slot::Slot;
use super::target::{Content, TIMEOUT, Target};
use super::world::{World, not_strict, setting};
use super::{Agent, Command, Entry, Missing, Scope, form, nowhere};

/// Where an administrator's settings are.
const MANAGED: [&str; 2] = [
    "/etc/claude-code/managed-settings.json",
    "/Library/Application Support/ClaudeCode/managed-settings.json",
];

pub(super) const AGENT: Agent = Agent {
    name: "claude-code",
    title: "Claude Code",
    missing: Missing::Refuses,
    next: &["an open session takes it up by itself; `/hooks` there shows it"],
    next_in_project: &["before version 2.1.295 it goes on where tollgate fails: keep it up to date"],
    also_serves: None,
    programs: &["claude"],
    directories: &[("CLAUDE_CONFIG_DIR", ".claude")],
    targets,
    off,
};

fn user_file(world: &World) -> Option<PathBuf> {
    world.moved("CLAUDE_CONFIG_DIR", ".claude").map(|directory| directory.join("settings.json"))
}

fn project_files(world: &World) -> Option<[PathBuf; 2]> {
    let at = |name| world.at(Scope::Project, name);
    Some([at(".claude/settings.json")?, at(".claude/settings.local.json")?])
}

fn targets(world: &World, scope: Scope, command: &Command) -> Result<Vec<Target>, String> {
    let content = Content::Json {
        head: Vec::new(),
        slots: vec![Slot {
            event: "PreToolUse",
            path: &["hooks", "PreToolUse"],
            group: Some(vec![("matcher", "*".into())]),
            entry: vec![
                ("type", "command".into()),
                ("command", command.line().as_str().into()),
                ("timeout", TIMEOUT.into()),
                ("onFailure", "block".into()),
            ],
        }],
        closed: Some(("onFailure", "block".into())),
    };
    match scope {
        Scope::User => Ok(vec![Target::main(user_file(world).ok_or_else(nowhere)?, content)]),
        Scope::Project => {
            let [shared, local] = project_files(world).ok_or_else(nowhere)?;
            Ok(vec![Target::main(shared, content.clone()), Target::also(local, content)])
        }
    }
}

fn off(world: &World, entry: &Entry) -> Option<String> {
    if let Some(why) = not_strict(&entry.file).or_else(|| form::fault(&entry.file, form::claude_code)) {
        return Some(why);
    }
    let is_set = |file: &Path, name: &str| setting(file, &[name]) == Some(Value::Bool(true));
    let files = user_file(world).into_iter().chain(project_files(world).into_iter().flatten());
    let disabled = files.filter(|file| is_set(file, "disableAllHooks"));
    let managed = MANAGED.map(PathBuf::from).into_iter().filter(|file| is_set(file, "allowManagedHooksOnly"));
    disabled
        .map(|file| format!("`disableAllHooks` is set in {}", file.display()))
        .chain(managed.map(|file| format!("{} allows the administrator's hooks only", file.display())))
        .next()
}
