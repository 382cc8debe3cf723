//! `OpenCode`: a plugin, which it loads into itself, and takes what that throws for a
//! refusal. It passes over a file that exports anything but plugins.
//!
//! <https://opencode.ai/docs/plugins>

use super::node::quoted;
use super::target::{Content, MADE_BY, TIMEOUT, Target};
use super::world::World;
use super::{Agent, Command, Missing, Scope, never_off, nowhere};

pub(super) const AGENT: Agent = Agent {
    name: "opencode",
    title: "OpenCode",
    missing: Missing::Refuses,
    next: &[
        "restart OpenCode; with its first plugin it fetches a package of its own, for which it needs the network",
    ],
    next_in_project: &[],
    also_serves: None,
    programs: &["opencode"],
    directories: &[("", ".config/opencode"), ("", ".opencode")],
    targets,
    off: never_off,
};

/// What precedes the program in our plugin.
const PROGRAM: &str = "const TOLLGATE = ";

fn targets(world: &World, scope: Scope, command: &Command) -> Result<Vec<Target>, String> {
    let directory = match scope {
        Scope::User => world.moved("XDG_CONFIG_HOME", ".config").map(|config| config.join("opencode")),
        Scope::Project => world.at(scope, ".opencode"),
    };
    let file = directory.ok_or_else(nowhere)?.join("plugins/tollgate.js");
    let content = Content::Own {
        made,
        command: command.clone(),
        is_program: false,
        calls: called,
        fails_closed: Some(true),
    };
    Ok(vec![Target::main(file, content)])
}

fn made(command: &Command) -> String {
    include_str!("opencode.js")
        .replace("@MADE_BY@", MADE_BY)
        .replace("@TIMEOUT@", &(TIMEOUT * 1_000).to_string())
        .replace("\"@TOLLGATE@\"", &quoted(&command.program))
}

/// The tollgate that the plugin calls.
fn called(text: &str) -> Option<String> {
    let rest = text.lines().find_map(|line| line.strip_prefix(PROGRAM))?;
    serde_json::Deserializer::from_str(rest).into_iter::<String>().next()?.ok()
}
