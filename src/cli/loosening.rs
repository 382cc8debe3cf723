//! What loosens the gate and needs no approval: a person may do it, an agent may not,
//! and it is recorded.

use std::io::Write;

use anyhow::Context as _;

use crate::audit::{Event, Log};
use crate::authorization::prompt;
use crate::context::principal;
use crate::gate::REFUSED;
use crate::process::Process;
use crate::rules::layers::Directories;
use crate::ui::sanitize;
use crate::verdict::PrincipalKind;

/// Says why not, where an agent asks; then the exit code.
///
/// # Errors
/// Where that cannot be written.
pub(super) fn refused(process: &dyn Process, what: &str, out: &mut dyn Write) -> anyhow::Result<Option<u8>> {
    let Some(because) = asked_by_agent(process) else { return Ok(None) };
    out.flush()?;
    writeln!(
        std::io::stderr(),
        "tollgate: refused: {what}\n  why:      {}\n  approve:  a person runs it in a terminal of their own",
        sanitize::text(&because)
    )?;
    Ok(Some(REFUSED))
}

/// What tells that an agent asks.
fn asked_by_agent(process: &dyn Process) -> Option<String> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let terminal =
        std::fs::OpenOptions::new().read(true).custom_flags(nix::libc::O_NOCTTY).open("/dev/tty").is_ok();
    let principal = principal::detect(process.environment(), terminal);
    if principal.kind == PrincipalKind::Agent {
        let evidence = principal.evidence.join(", ");
        return Some(format!("only a person can do that, and an agent asks ({evidence})"));
    }
    if !terminal {
        return None;
    }
    prompt::human_terminal().err().map(|refused| refused.because)
}

/// Records it.
///
/// # Errors
/// Where there is no record, or it cannot be written.
pub(super) fn record(process: &dyn Process, what: &str) -> anyhow::Result<()> {
    let state = Directories::of(process).state.context("there is no home directory to keep a record in")?;
    let user = process.user();
    let event = Event::Change { uid: user.uid, user: user.name.clone(), agent: None, what: what.to_owned() };
    let _receipt = Log::at(&state).append(&event, process.now())?;
    Ok(())
}
