//! Running `plan` as a part of `apply`: same terminal, same signals, same end.

use std::io::Write as _;
use std::path::Path;

use nix::sys::signal::{SigSet, SigmaskHow};

use super::output::Through;
use super::trailer::Trailer;
use crate::impact::ImpactError;
use crate::process::Executable;
use crate::shim::supervise::{Ended, end_like, supervise_noting};

/// How the tool ends where it was interrupted.
const INTERRUPTED: u8 = 1;

/// Runs `program`, which makes a plan, and shows what it shows. With `saved`, what it
/// says of that file is left out. Returns the exit code to end with, where there
/// is no plan; this process is ended as the tool was, where a signal ended that.
///
/// # Errors
/// Where it cannot be run.
pub(super) fn run(program: &Executable, saved: Option<&Path>) -> Result<Option<u8>, ImpactError> {
    let failed = |what| move |source| ImpactError::System { what, source };
    let through = saved.map(|path| Through::begin(Trailer::of(path))).transpose();
    let through = through.map_err(failed("reading what the plan says"))?;
    // Supervising leaves them blocked.
    let before = SigSet::empty().thread_swap_mask(SigmaskHow::SIG_BLOCK);
    let ended = supervise_noting(program);
    if let Ok(before) = before {
        let _ = before.thread_set_mask();
    }
    if let Some(through) = through {
        through.end().map_err(failed("showing what the plan says"))?;
    }
    match ended {
        Ok((Ended::Code(0), false)) => Ok(None),
        Ok((Ended::Code(0), true)) => {
            let _ =
                writeln!(std::io::stderr(), "tollgate: interrupted while it planned; nothing was applied");
            Ok(Some(INTERRUPTED))
        }
        Ok((ended, _)) => Ok(Some(end_like(ended))),
        Err(error) => {
            Err(ImpactError::System { what: "making a plan", source: std::io::Error::other(error) })
        }
    }
}
