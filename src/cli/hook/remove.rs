//! `tollgate hook remove`: takes our entry out of an agent's configuration. That
//! loosens the gate, so that no agent may.

use std::io::Write;

use anyhow::{Context as _, bail};

use super::{AgentArguments, INCOMPLETE, problem, shown};
use crate::agents::{Command, Scope};
use crate::audit::{Event, Log};
use crate::authorization::prompt;
use crate::cli::shim::Defaults;
use crate::context::principal;
use crate::gate::{REFUSED, chain};
use crate::process::Process;
use crate::rules::layers::Directories;
use crate::ui::sanitize;
use crate::verdict::PrincipalKind;

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
    if let Some(because) = is_agents(process) {
        out.flush()?;
        writeln!(
            std::io::stderr(),
            "tollgate: refused: {what}\n  why:      {}\n  approve:  a person runs it in a terminal of their own",
            sanitize::text(&because)
        )?;
        return Ok(REFUSED);
    }
    let mut code = 0;
    for found in &plan.problems {
        code = INCOMPLETE;
        problem(&found.file, &found.why, "", out)?;
    }
    if !plan.changes.is_empty() {
        record(process, &what)?;
    }
    for change in &plan.changes {
        if let Err(error) = change.apply() {
            code = INCOMPLETE;
            problem(&change.file, &chain(&error), "", out)?;
        } else {
            let done = if change.after.is_some() { "taken out of" } else { "deleted:" };
            writeln!(out, "{}: {done} {}", agent.name, shown(&change.file))?;
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

/// What tells that an agent asks.
fn is_agents(process: &dyn Process) -> Option<String> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let terminal =
        std::fs::OpenOptions::new().read(true).custom_flags(nix::libc::O_NOCTTY).open("/dev/tty").is_ok();
    let principal = principal::detect(process.environment(), terminal);
    if principal.kind == PrincipalKind::Agent {
        return Some(format!(
            "only a person can remove it, and an agent asks ({})",
            principal.evidence.join(", ")
        ));
    }
    if !terminal {
        return None;
    }
    prompt::human_terminal().err().map(|refused| refused.because)
}

fn record(process: &dyn Process, what: &str) -> anyhow::Result<()> {
    let state = Directories::of(process).state.context("there is no home directory to keep a record in")?;
    let user = process.user();
    let event = Event::Change { uid: user.uid, user: user.name.clone(), agent: None, what: what.to_owned() };
    let _receipt = Log::at(&state).append(&event, process.now())?;
    Ok(())
}
