//! GitHub Copilot's CLI and cloud agent, and VS Code: the same files, in Copilot's
//! form, which VS Code converts. One entry serves both, for both run all that they
//! find there; of two names for the same event in a file VS Code takes one.
//!
//! <https://docs.github.com/en/copilot/reference/hooks-configuration>

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::slot::Slot;
use super::target::{Content, TIMEOUT, Target};
use super::world::{World, json_files, not_strict, setting};
use super::{Agent, Command, Entry, Missing, Scope, form, nowhere};

pub(super) const AGENT: Agent = Agent {
    name: "copilot",
    title: "GitHub Copilot CLI",
    missing: Missing::Refuses,
    next: &["start a new session"],
    next_in_project: &[
        "`copilot -p` passes over a project's hooks unless the folder is trusted: install it for the user as well",
        "the cloud agent runs it once it is on the default branch, and needs tollgate in its setup steps",
    ],
    also_serves: Some("VS Code"),
    programs: &["copilot"],
    directories: &[("COPILOT_HOME", ".copilot")],
    targets: |world, scope, command| {
        let directory = match scope {
            Scope::User => world.moved("COPILOT_HOME", ".copilot").map(|home| home.join("hooks")),
            Scope::Project => world.at(scope, ".github/hooks"),
        };
        Ok(in_directory(&directory.ok_or_else(nowhere)?, &content(command)))
    },
    off: copilot_off,
};

pub(super) const VSCODE: Agent = Agent {
    name: "vscode",
    title: "VS Code",
    missing: Missing::GoesOn,
    next: &["start a new chat"],
    next_in_project: &["it counts in workspaces that are trusted"],
    also_serves: Some("GitHub Copilot CLI"),
    programs: &["code", "code-insiders"],
    directories: &[("", ".vscode"), ("", ".vscode-server")],
    targets: |world, scope, command| {
        let below = if scope == Scope::User { ".copilot/hooks" } else { ".github/hooks" };
        Ok(in_directory(&world.at(scope, below).ok_or_else(nowhere)?, &content(command)))
    },
    off: vscode_off,
};

fn content(command: &Command) -> Content {
    Content::Json {
        head: vec![("version", 1.into())],
        slots: vec![Slot {
            event: "preToolUse",
            path: &["hooks", "preToolUse"],
            group: None,
            entry: vec![
                ("type", "command".into()),
                ("bash", command.line().as_str().into()),
                ("timeoutSec", TIMEOUT.into()),
            ],
        }],
        closed: None,
    }
}

/// A file of our own in a directory of which every file counts, and any other of
/// them that has an entry of ours: then that is the one.
pub(super) fn in_directory(directory: &Path, content: &Content) -> Vec<Target> {
    let own = directory.join("tollgate.json");
    let others = json_files(directory).into_iter().filter(|file| *file != own);
    let mut targets: Vec<_> = others.map(|file| Target::also(file, content.clone())).collect();
    // The names do not matter here.
    targets.retain(|target| target.entries("", Scope::User).is_ok_and(|entries| !entries.is_empty()));
    if targets.is_empty() || own.exists() {
        targets.insert(0, Target::main(own, content.clone()));
    }
    targets
}

fn copilot_off(world: &World, entry: &Entry) -> Option<String> {
    if let Some(why) = not_strict(&entry.file).or_else(|| form::fault(&entry.file, form::copilot)) {
        return Some(why);
    }
    let in_project = [
        ".github/copilot/settings.json",
        ".github/copilot/settings.local.json",
        ".claude/settings.json",
        ".claude/settings.local.json",
    ];
    let files = in_project.map(|name| world.at(Scope::Project, name)).into_iter().flatten();
    let is_off = |file: &PathBuf| setting(file, &["disableAllHooks"]) == Some(Value::Bool(true));
    let file = std::iter::once(entry.file.clone()).chain(files).find(is_off)?;
    Some(format!("`disableAllHooks` is set in {}", file.display()))
}

fn vscode_off(world: &World, entry: &Entry) -> Option<String> {
    let config =
        world.moved("XDG_CONFIG_HOME", ".config").map(|config| config.join("Code/User/settings.json"));
    let files = [
        config,
        world.at(Scope::User, "Library/Application Support/Code/User/settings.json"),
        world.at(Scope::Project, ".vscode/settings.json"),
    ];
    let directory = if entry.scope == Scope::User { "~/.copilot/hooks" } else { ".github/hooks" };
    files.into_iter().flatten().find_map(|file| {
        let is_off = |path: &[&str]| setting(&file, path) == Some(Value::Bool(false));
        if is_off(&["chat.useHooks"]) {
            Some(format!("`chat.useHooks` is false in {}", file.display()))
        } else {
            let is_left_out = is_off(&["chat.hookFilesLocations", directory]);
            is_left_out.then(|| format!("`chat.hookFilesLocations` leaves it out in {}", file.display()))
        }
    })
}
