//! Codex: `hooks.json`, or `config.toml` where that has hooks already.
//!
//! It runs an entry only once a person has reviewed it, and keeps by place what was
//! reviewed. So ours goes to the end, and is replaced where it is: others keep
//! theirs. A root key that Codex does not know would make it refuse the file.
//!
//! <https://developers.openai.com/codex/hooks>

use std::path::Path;

use super::slot::Slot;
use super::target::{Content, TIMEOUT, Target};
use super::toml::Settings;
use super::world::{World, not_strict, text};
use super::{Agent, Command, Entry, Missing, Scope, form, nowhere};

pub(super) const AGENT: Agent = Agent {
    name: "codex",
    title: "Codex",
    missing: Missing::GoesOn,
    next: &["Codex passes over it until you have reviewed it: type /hooks there, now and after each change"],
    next_in_project: &["everybody has to trust the project in Codex, and to review it with /hooks"],
    also_serves: None,
    programs: &["codex"],
    directories: &[("CODEX_HOME", ".codex")],
    targets,
    off,
};

fn directory(world: &World, scope: Scope) -> Option<std::path::PathBuf> {
    match scope {
        Scope::User => world.moved("CODEX_HOME", ".codex"),
        Scope::Project => world.at(scope, ".codex"),
    }
}

fn settings(file: &Path) -> Option<Settings> {
    Settings::read(&text(file).ok()??).ok()
}

fn targets(world: &World, scope: Scope, command: &Command) -> Result<Vec<Target>, String> {
    let directory = directory(world, scope).ok_or_else(nowhere)?;
    let (json, toml) = (directory.join("hooks.json"), directory.join("config.toml"));
    let found = settings(&toml);
    let has_ours = found.as_ref().is_some_and(|settings| !settings.find().is_empty());
    let has_hooks = found.as_ref().is_some_and(Settings::has_hooks);
    let hooks = Content::json(vec![Slot {
        event: "PreToolUse",
        path: &["hooks", "PreToolUse"],
        // Without a matcher it is for all tools.
        group: Some(Vec::new()),
        entry: vec![
            ("type", "command".into()),
            ("command", command.line().as_str().into()),
            ("timeout", TIMEOUT.into()),
        ],
    }]);
    let tables = Content::Toml { command: command.line() };
    // Where both have hooks Codex runs both: one of them is enough.
    Ok(if has_ours || (has_hooks && !json.exists()) {
        vec![Target::main(toml, tables), Target::also(json, hooks)]
    } else {
        vec![Target::main(json, hooks), Target::also(toml, tables)]
    })
}

fn off(world: &World, entry: &Entry) -> Option<String> {
    let is_json = entry.file.extension().is_some_and(|extension| extension == "json");
    let fault = || not_strict(&entry.file).or_else(|| form::fault(&entry.file, form::codex));
    if let Some(why) = is_json.then(fault).flatten() {
        return Some(why);
    }
    let files = Scope::ALL.map(|scope| Some(directory(world, scope)?.join("config.toml")));
    for file in files.iter().flatten() {
        let Some(settings) = settings(file) else { continue };
        for name in ["hooks", "codex_hooks"] {
            if settings.flag(&["features", name]) == Some(false) {
                return Some(format!("`{name} = false` below [features] in {}", file.display()));
            }
        }
    }
    let user = files.into_iter().next().flatten().and_then(|file| settings(&file));
    let start = reviewed_key(&entry.file);
    let reviews = user.map(|user| user.switches(&["hooks", "state"], &start, "enabled")).unwrap_or_default();
    if reviews.is_empty() {
        return Some("not reviewed in Codex yet: type /hooks there".to_owned());
    }
    reviews.contains(&Some(false)).then(|| "a hook of this file is switched off in Codex (/hooks)".to_owned())
}

/// How the name begins by which Codex remembers a review.
fn reviewed_key(file: &Path) -> String {
    format!("{}:pre_tool_use:", file.display())
}
