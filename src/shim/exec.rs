//! Running the real program: the only place that does.

use std::io;

use super::supervise::{self, Ended, SuperviseError};
use crate::audit::Receipt;
use crate::authorization::Authorized;
use crate::process::{Executable, Process};
use crate::rules::judge::Allowed;

/// Replaces this process by an allowed program: same process, same terminal,
/// same signals, same exit code. Returns only where that failed.
pub fn replace(_: Allowed, process: &dyn Process, program: &Executable) -> io::Error {
    process.replace(program)
}

/// Runs an allowed program as a child, where this process has to stay to show what it says.
///
/// # Errors
/// Where it cannot be started or waited for.
pub fn run_allowed(_: Allowed, program: &Executable) -> Result<Ended, SuperviseError> {
    supervise::supervise(program)
}

/// Runs an authorized program as a child and waits for it, so that its end can
/// be recorded. `receipt` proves that its beginning is.
///
/// # Errors
/// Where it cannot be started, or the receipt is for another request.
pub fn run(authorized: &Authorized, receipt: &Receipt, program: &Executable) -> Result<Ended, RunError> {
    if receipt.request() != authorized.request() {
        return Err(RunError::WrongReceipt);
    }
    Ok(supervise::supervise(program)?)
}

/// Why an authorized program did not run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The record on disk is of another request.
    #[error("the record is of another request")]
    WrongReceipt,
    /// It could not be started or waited for.
    #[error(transparent)]
    Supervise(#[from] SuperviseError),
}
