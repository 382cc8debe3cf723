//! Cline: a program named after the event. Cline goes on where it fails, so that it
//! answers a failure of tollgate by a denial itself.
//!
//! <https://docs.cline.bot/features/hooks>

use super::launch::Launch;
use super::target::{Content, MADE_BY, Target};
use super::world::World;
use super::{Agent, Command, Missing, Scope, never_off, nowhere};

pub(super) const AGENT: Agent = Agent {
    name: "cline",
    title: "Cline",
    missing: Missing::Refuses,
    next: &["in VS Code, switch hooks on in Cline's settings (Features); a denial ends Cline's whole run"],
    next_in_project: &[],
    also_serves: None,
    programs: &["cline"],
    directories: &[("CLINE_DIR", ".cline"), ("", "Documents/Cline")],
    targets,
    off: never_off,
};

fn targets(world: &World, scope: Scope, command: &Command) -> Result<Vec<Target>, String> {
    let directory = match scope {
        // Read by the editor's extension and by the CLI.
        Scope::User => "Documents/Cline/Hooks",
        Scope::Project => ".clinerules/hooks",
    };
    let file = world.at(scope, directory).ok_or_else(nowhere)?.join("PreToolUse");
    let content = Content::Own {
        made,
        command: command.clone(),
        is_program: true,
        calls: called,
        fails_closed: Some(true),
    };
    Ok(vec![Target::main(file, content)])
}

fn made(command: &Command) -> String {
    let denial =
        r#"{"cancel":true,"errorMessage":"tollgate: refused: tollgate itself cannot be run; nothing runs"}"#;
    format!(
        "#!/bin/sh\n\
         # {MADE_BY} cline`: asks tollgate before each tool runs.\n\
         # Cline goes on where a hook fails, so that a failure is answered by a denial.\n\
         gate() {{\n    {} hook cline\n}}\n\
         answer=$(gate) || answer=\n\
         case $answer in\n\
         '{{'*'}}') printf '%s\\n' \"$answer\" ;;\n\
         *) printf '%s\\n' '{denial}' ;;\n\
         esac\n",
        command.word()
    )
}

/// The tollgate that a script calls, on a line of its own.
fn called(text: &str) -> Option<String> {
    let launch = text.lines().find_map(|line| Launch::of_line(line.trim()))?;
    Some(launch.program().to_owned())
}
