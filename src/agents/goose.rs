//! goose: a plugin, which is a directory with a manifest and a file of hooks.

use super::node::{Layout, Node};
use super::slot::Slot;
use super::target::{CHANGED, Content, MADE_BY, TIMEOUT, Target};
use super::world::{World, text};
use super::{Agent, Command, Entry, Missing, Scope, nowhere};

pub(super) const AGENT: Agent = Agent {
    name: "goose",
    title: "goose",
    missing: Missing::Refuses,
    next: &["start a new session; goose 1.34 runs hooks and does not heed them: keep it up to date"],
    next_in_project: &[],
    also_serves: None,
    programs: &["goose", "goosed"],
    directories: &[("", ".config/goose")],
    targets,
    off,
};

fn targets(world: &World, scope: Scope, command: &Command) -> Result<Vec<Target>, String> {
    let moved = world.directory("GOOSE_PATH_ROOT").filter(|_| scope == Scope::User);
    let root = moved.or_else(|| world.at(scope, "")).ok_or_else(nowhere)?;
    let plugin = root.join(".agents/plugins/tollgate");
    let hooks = Content::Json {
        head: Vec::new(),
        slots: vec![Slot {
            event: "PreToolUse",
            path: &["hooks", "PreToolUse"],
            // Without a matcher it is for all tools. Another value of `on_failure`
            // would make goose pass over the file.
            group: Some(Vec::new()),
            entry: vec![
                ("type", "command".into()),
                ("command", command.line().as_str().into()),
                ("timeout", TIMEOUT.into()),
                ("on_failure", "block".into()),
            ],
        }],
        closed: Some(("on_failure", "block".into())),
    };
    let own = Content::Own {
        made: manifest,
        command: command.clone(),
        is_program: false,
        calls: |_| None,
        fails_closed: None,
    };
    Ok(vec![
        Target::main(plugin.join("plugin.json"), own).in_own_directory(&plugin),
        Target::main(plugin.join("hooks/hooks.json"), hooks).in_own_directory(&plugin),
    ])
}

fn manifest(_: &Command) -> String {
    let manifest = Node::Map(vec![
        ("name", "tollgate".into()),
        ("version", "1.0.0".into()),
        ("description", format!("{MADE_BY} goose`: asks tollgate before each tool runs").as_str().into()),
    ]);
    let layout = Layout { newline: "\n", unit: "  ".to_owned(), space: " " };
    format!("{}\n", layout.block(&manifest, ""))
}

/// Whether the plugin's manifest is in order, beside its file of hooks.
fn off(_: &World, entry: &Entry) -> Option<String> {
    let file = entry.file.parent()?.with_file_name("plugin.json");
    match text(&file) {
        Ok(Some(found)) if found == manifest(&Command::on_path()) => None,
        Ok(Some(_)) => Some(format!("{CHANGED} ({})", file.display())),
        Ok(None) => Some(format!("the plugin's {} is missing", file.display())),
        Err(why) => Some(why),
    }
}
