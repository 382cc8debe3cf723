//! `tollgate hook remove`: takes our entry out of an agent's configuration. That
//! loosens the gate, so that no agent may.

use std::io::Write;

use anyhow::bail;

use super::{AgentArguments, INCOMPLETE, problem, shown};
use crate::agents::{Command, Scope};
use crate::cli::loosening;
use crate::cli::shim::Defaults;
use crate::gate::chain;
use crate::process::Process;
use crate::ui::sanitize;

/// Does it, or shows what it would do.
///
/// # Errors
/// Where the agent has no configuration, or the removal cannot be recorded.
pub(super) fn run(
    arguments: &AgentArguments,
    process: &dyn Process,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let (agent, scope) = (arguments.agent()?, arguments.scope());
    let by_path = || Command::at(&Defaults::of(process).ok()?.target);
    let command = if scope == Scope::User { by_path() } else { None };
    let plan = match agent.remove(process, scope, &command.unwrap_or_else(Command::on_path)) {
        Ok(plan) => plan,
        Err(why) => bail!("{}: {}", agent.name, sanitize::text(&why)),
    };
    if arguments.dry_run {
        for change in &plan.changes {
            write!(out, "{}", change.diff())?;
        }
        writeln!(
            out,
            "{}",
            if plan.changes.is_empty() { "nothing would change" } else { "nothing was written" }
        )?;
        return Ok(0);
    }
    let what = format!("remove the hook of {} ({} scope)", agent.name, scope.name());
    if let Some(code) = loosening::refused(process, &what, out)? {
        return Ok(code);
    }
    let mut code = 0;
    for found in &plan.problems {
        code = INCOMPLETE;
        problem(&found.file, &found.why, "", out)?;
    }
    if !plan.changes.is_empty() {
        loosening::record(process, &what)?;
    }
    for change in &plan.changes {
        let keeps = change.keeps();
        if let Err(error) = change.apply() {
            code = INCOMPLETE;
            problem(&change.file, &chain(&error), "", out)?;
        } else {
            let done = if change.after.is_some() { "taken out of" } else { "deleted:" };
            writeln!(out, "{}: {done} {}", agent.name, shown(&change.file))?;
            if let Some(backup) = keeps {
                writeln!(out, "  it had been changed, and is kept in {}", shown(&backup))?;
            }
        }
    }
    if let Some(other) = agent.also_serves.filter(|_| !plan.changes.is_empty()) {
        writeln!(out, "  {other} ran the same file, and asks no more either")?;
    }
    if plan.changes.is_empty() && plan.problems.is_empty() {
        writeln!(out, "{}: not installed here, nothing to do", agent.name)?;
    }
    Ok(code)
}
