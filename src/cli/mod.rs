//! The commands people type, one file a subcommand.

pub mod approve;
pub mod approvers;
pub mod audit;
pub mod check;
pub mod demo;
pub mod doctor;
pub mod exec;
pub mod generate;
pub mod hook;
pub mod init;
mod loosening;
pub mod replay;
pub mod request;
pub mod rules;
pub mod scan;
pub mod shim;
pub mod token;
pub mod trust;
pub mod undo;

use std::io::Write as _;

use clap::{CommandFactory as _, Parser as _};

use crate::authorization::covered;
use crate::gate::{self, FAULT, GateError};
use crate::invocation::Invocation;
use crate::process::{Process, settle};
use crate::rules::layers::Directories;
use crate::ui;

/// A gate in front of terraform, kubectl, helm and aws: destructive commands run only
/// after a human agreed.
///
/// Called by the name of a tool (through a link that `tollgate shim install`
/// makes), it judges that tool's command line and runs the tool, asks, or
/// refuses. Called by its own name, it is the command below.
#[derive(Debug, clap::Parser)]
#[command(name = "tollgate", version, max_term_width = 100, disable_help_subcommand = true)]
#[command(
    after_help = "Exit codes: 77 refused, 78 rulebook or internal error, 127 the real tool is missing; \
    in all three nothing ran. `check`: 0 allow, 10 confirm, 11 peer, 12 deny. `scan`: 0 nothing, 1 findings."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Judge a command line, run nothing
    Check(check::CheckArguments),
    /// Judge a command line and run it if it may: the shim without a shim
    Exec(exec::ExecArguments),
    /// Show the main job at work in a throw-away directory
    Demo,
    /// Show a request for approval and approve it, or take an approval that came back
    Approve(approve::ApproveArguments),
    /// Show and cancel what waits for an approval
    #[command(subcommand)]
    Request(request::RequestCommand),
    /// Read a token, and check it against its request
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Make again what a run deleted, as far as it was kept
    Undo(undo::UndoArguments),
    /// Put tollgate in front of tools
    #[command(subcommand)]
    Shim(shim::ShimCommand),
    /// Print the shell code that keeps the shims first on PATH
    Init(init::InitArguments),
    /// Answer an agent's hook, or put tollgate into an agent's configuration
    Hook(hook::HookArguments),
    /// Find commands that destroy, unprotect, grant or disclose in scripts and CI files
    Scan(scan::ScanArguments),
    /// Judge what was run before: what would have been stopped; runs nothing
    Replay(replay::ReplayArguments),
    /// Let a project's .tollgate.yaml loosen, as long as it stays as it is
    Trust(trust::TrustArguments),
    /// Take that trust away
    Untrust(trust::TrustArguments),
    /// Show and check the rulebook
    #[command(subcommand)]
    Rules(rules::RulesCommand),
    /// Show, check and change the list of people who may approve
    #[command(subcommand)]
    Approvers(approvers::ApproversCommand),
    /// Show and check the record
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Say what is and is not protected on this machine, by trying it
    Doctor,
    /// Print a completion script
    Completions {
        /// The shell to complete in
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
    /// Write the generated files of the repository
    #[command(hide = true)]
    Generate {
        /// The repository's root
        directory: std::path::PathBuf,
    },
}

/// Does what this process was called for and returns its exit code: a shim's
/// call by the tool's name, a command by tollgate's own.
pub fn main(process: &dyn Process) -> u8 {
    if let Some(invocation) = Invocation::of_shim(process.arguments()) {
        return report(gate::pass(process, &invocation, &gate::Given::default()));
    }
    settle();
    if let Some(arguments) = hook::HookArguments::of_agent(process.arguments()) {
        return hook::run(&arguments, process);
    }
    if covered::forged() {
        return report(Err(GateError::Forged));
    }
    ui::colour::choose(process.environment());
    let cli = match Cli::try_parse_from(process.arguments()) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    match cli.run(process) {
        Ok(code) => code,
        Err(error) => match error.downcast::<GateError>() {
            Ok(error) => report(Err(error)),
            Err(error) => match error.downcast::<clap::Error>() {
                Ok(error) => usage(&error),
                Err(error) if is_broken_pipe(&error) => 0,
                Err(error) => {
                    let _ = writeln!(std::io::stderr(), "tollgate: {error:#}");
                    FAULT
                }
            },
        },
    }
}

impl Cli {
    fn run(self, process: &dyn Process) -> anyhow::Result<u8> {
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        let code = match self.command {
            Command::Check(arguments) => check::run(&arguments, process, &mut out)?,
            Command::Exec(arguments) => return exec::run(&arguments, process),
            Command::Demo => demo::run(process, &mut out)?,
            Command::Approve(arguments) => approve::run(&arguments, process, &mut out)?,
            Command::Request(command) => request::run(&command, process, &mut out)?,
            Command::Token(command) => token::run(&command, process, &mut out)?,
            Command::Undo(arguments) => undo::run(&arguments, process, &mut out)?,
            Command::Shim(command) => {
                if let Some(code) = shim::refused(&command, process, &mut out)? {
                    return Ok(code);
                }
                // Whoever leaves needs no rulebook, and may leave because of it.
                let tools = if command.installs() { rules::known_tools(process)? } else { Vec::new() };
                shim::run(&command, &shim::Defaults::of(process)?, &tools, &mut out)?
            }
            Command::Init(arguments) => init::run(&arguments, &shim::Defaults::of(process)?, &mut out)?,
            Command::Hook(arguments) => hook::run_typed(&arguments, process, &mut out)?,
            Command::Scan(arguments) => return scan::run(&arguments, process),
            Command::Replay(arguments) => replay::run(&arguments, process, &mut out)?,
            Command::Trust(arguments) => trust::trust(&arguments, process, &mut out)?,
            Command::Untrust(arguments) => trust::untrust(&arguments, process, &mut out)?,
            Command::Rules(command) => rules::run(&command, process, &mut out)?,
            Command::Approvers(command) => approvers::run(&command, process, &mut out)?,
            Command::Audit(command) => {
                let state = Directories::of(process).state;
                let state =
                    state.ok_or_else(|| anyhow::anyhow!("there is no home directory to keep a record in"))?;
                audit::run(&command, &state, process.now(), &mut out)?
            }
            Command::Doctor => doctor::run(process, &mut out)?,
            Command::Completions { shell } => {
                generate::completions(shell, &mut out);
                0
            }
            Command::Man => {
                generate::manual(&Cli::command(), &mut out)?;
                0
            }
            Command::Generate { directory } => {
                generate::all(&directory)?;
                0
            }
        };
        out.flush()?;
        Ok(code)
    }
}

/// Says why nothing ran, where something is wrong.
fn report(result: Result<u8, GateError>) -> u8 {
    result.unwrap_or_else(|error| {
        let _ = writeln!(std::io::stderr(), "tollgate: {}", gate::chain(&error));
        error.exit_code()
    })
}

fn usage(error: &clap::Error) -> u8 {
    if error.use_stderr() {
        // It quotes what was typed, and clap passes escapes on.
        for line in error.render().to_string().lines() {
            let _ = writeln!(std::io::stderr(), "{}", ui::sanitize::text(line));
        }
    } else {
        let _ = error.print();
    }
    u8::try_from(error.exit_code()).unwrap_or(2)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}
