//! The tollgate binary: everything is in the library.

use std::io::Write as _;
use std::process::ExitCode;

use tollgate::process::OsProcess;

/// Lets another tollgate recognise this one: see `tollgate::shim::marker`.
#[cfg(not(target_vendor = "apple"))]
#[expect(unsafe_code, reason = "a section's name is the only way to place an ELF note; nothing else uses it")]
#[used]
#[unsafe(link_section = ".note.tollgate")]
static NOTE: tollgate::shim::marker::Note = tollgate::shim::marker::Note::CURRENT;

fn main() -> ExitCode {
    // An error that nobody foresaw is a refusal like any other.
    std::panic::set_hook(Box::new(|panic| {
        let _ = writeln!(std::io::stderr(), "tollgate: internal error, nothing more is run: {panic}");
    }));
    let code = std::panic::catch_unwind(|| tollgate::cli::main(&OsProcess::new()));
    ExitCode::from(code.unwrap_or(tollgate::gate::FAULT))
}
