//! `tollgate hook install`: puts our entry into an agent's configuration.

use std::io::{self, Write};

use anyhow::{Context as _, bail};

use super::{AgentArguments, INCOMPLETE, problem, shown};
use crate::agents::{Agent, Change, Command, Missing, Scope};
use crate::cli::shim::Defaults;
use crate::gate::chain;
use crate::process::Process;
use crate::ui::sanitize;

/// Does it, or shows what it would do.
///
/// # Errors
/// Where the agent has no configuration, or this tollgate has no name that can be
/// written into it.
pub(super) fn run(
    arguments: &AgentArguments,
    process: &dyn Process,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let (agent, scope) = (arguments.agent()?, arguments.scope());
    let command = match scope {
        Scope::Project => Command::on_path(),
        Scope::User => {
            let target = Defaults::of(process)?.target;
            if is_gone(&target) {
                bail!(
                    "the program that runs here is not in its file any more ({}), so that no agent could start it: run the tollgate that is installed now",
                    shown(&target)
                );
            }
            Command::at(&target)
                .with_context(|| format!("{} is no text, which the file has to be", shown(&target)))?
        }
    };
    let plan = match agent.install(process, scope, &command) {
        Ok(plan) => plan,
        Err(why) => bail!("{}: {}", agent.name, sanitize::text(&why)),
    };
    let mut code = 0;
    for found in &plan.problems {
        code = INCOMPLETE;
        problem(&found.file, &found.why, &found.by_hand, out)?;
    }
    let mut written = 0;
    for change in &plan.changes {
        if arguments.dry_run {
            write!(out, "{}", change.diff())?;
            continue;
        }
        let keeps = change.keeps();
        if let Err(error) = change.apply() {
            code = INCOMPLETE;
            problem(&change.file, &chain(&error), &change.by_hand, out)?;
            continue;
        }
        written += 1;
        writeln!(out, "{}: {} {}", agent.name, done(change), shown(&change.file))?;
        if let Some(backup) = keeps {
            writeln!(out, "  the original is kept in {}", shown(&backup))?;
        }
    }
    if arguments.dry_run {
        writeln!(
            out,
            "{}",
            if plan.changes.is_empty() { "nothing would change" } else { "nothing was written" }
        )?;
        return Ok(code);
    }
    if plan.changes.is_empty() && plan.problems.is_empty() {
        writeln!(out, "{}: already installed, nothing to do", agent.name)?;
    }
    if written > 0 {
        write_next_steps(agent, scope, out)?;
    }
    let mut told: Vec<String> = Vec::new();
    for entry in agent.installed(process, scope).entries {
        if let Err(why) = entry.enabled
            && !told.contains(&why)
        {
            writeln!(out, "  it does not count yet: {}", sanitize::text(&why))?;
            told.push(why);
        }
    }
    Ok(code)
}

/// Whether the kernel's name for a program says that it was deleted or replaced
/// since it was started.
fn is_gone(program: &std::path::Path) -> bool {
    program.as_os_str().as_encoded_bytes().ends_with(b" (deleted)")
}

const fn done(change: &Change) -> &'static str {
    match (&change.before, change.is_update()) {
        (None, _) => "written:",
        (_, true) => "brought up to date:",
        (_, false) => "added to",
    }
}

/// What a person has to know and to do.
fn write_next_steps(agent: &Agent, scope: Scope, out: &mut dyn Write) -> io::Result<()> {
    if scope == Scope::Project {
        let without = match agent.missing {
            Missing::Refuses => "refuses what it would have asked about",
            Missing::GoesOn => "goes on ungated",
        };
        writeln!(
            out,
            "  the entry calls `tollgate hook` as PATH has it: whoever works on the project needs tollgate installed;"
        )?;
        writeln!(out, "  without it {} {without}", agent.title)?;
    }
    if let Some(other) = agent.also_serves {
        writeln!(out, "  {other} runs the same file")?;
    }
    let in_project = if scope == Scope::Project { agent.next_in_project } else { &[] };
    for next in agent.next.iter().chain(in_project) {
        writeln!(out, "  next: {next}")?;
    }
    Ok(())
}
