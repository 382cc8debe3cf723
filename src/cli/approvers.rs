//! `tollgate approvers`: who may approve what.

use std::io::Write;
use std::path::PathBuf;

use crate::authorization::approvers::{self, Approvers, ApproversError};
use crate::context::principal;
use crate::process::Process;
use crate::rules::layers::Directories;

mod add;
mod check;
mod list;

pub use self::add::Add;

/// What is said where there is no list.
const NONE: &str = "no approvers are named: where a second person is needed, people confirm alone";

/// What to do with the list of approvers.
#[derive(Debug, clap::Subcommand)]
pub enum ApproversCommand {
    /// List the people who may approve, and what it takes where
    List {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Look for faults, and for approvals that nobody could give; exits 1 if there are any
    Check {
        /// The file [default: the one that counts here]
        file: Option<PathBuf>,
    },
    /// Add a person, or a key to a person who is listed
    Add(Add),
    /// Print the keys as an `allowed_signers` file, for `ssh-keygen -Y verify`
    Export,
}

/// Does what `command` says; what it returns is the exit code.
///
/// # Errors
/// Where the list cannot be used, or is not to be written.
pub fn run(command: &ApproversCommand, process: &dyn Process, out: &mut dyn Write) -> anyhow::Result<u8> {
    match command {
        ApproversCommand::List { json } => {
            let found = here(process)?;
            if *json {
                list::json(found.as_ref(), process.now(), out)?;
            } else if let Some(found) = found {
                let coloured = crate::ui::colour::of_output(process.environment());
                list::text(&found, process.now(), coloured, out)?;
            } else {
                writeln!(out, "{NONE}")?;
            }
            Ok(0)
        }
        ApproversCommand::Check { file } => check::run(file.as_deref(), process, out),
        ApproversCommand::Add(add) => add::run(add, process, out),
        ApproversCommand::Export => {
            let Some(found) = here(process)? else { anyhow::bail!("there is nothing to export: {NONE}") };
            write!(out, "{}", found.allowed_signers())?;
            Ok(0)
        }
    }
}

/// The list that counts for whoever calls.
fn here(process: &dyn Process) -> Result<Option<Approvers>, ApproversError> {
    let principal = principal::detect(process.environment(), true);
    approvers::find(&Directories::of(process), principal.kind)
}
