//! The tollgate binary: everything is in the library.

// With glibc the runtime that `std` puts before `main` is left out: it looks
// for the main thread's stack in /proc/self/maps, installs signal handlers and
// ignores SIGPIPE. An allowed command replaces this process within a
// millisecond, needs none of that, and is to inherit what was there before.
#![cfg_attr(all(target_os = "linux", target_env = "gnu"), no_main)]

use std::io::Write as _;

use tollgate::process::OsProcess;

/// Lets another tollgate recognise this one: see `tollgate::shim::marker`.
#[cfg(not(target_vendor = "apple"))]
#[expect(unsafe_code, reason = "a section's name is the only way to place an ELF note; nothing else uses it")]
#[used]
#[unsafe(link_section = ".note.tollgate")]
static NOTE: tollgate::shim::marker::Note = tollgate::shim::marker::Note::CURRENT;

/// The whole program. An error that nobody foresaw is a refusal like any other.
fn run() -> u8 {
    std::panic::set_hook(Box::new(|panic| {
        let _ = writeln!(std::io::stderr(), "tollgate: internal error, nothing more is run: {panic}");
    }));
    std::panic::catch_unwind(|| tollgate::cli::main(&OsProcess::new())).unwrap_or(tollgate::gate::FAULT)
}

/// What the C library calls. It has handed the arguments to `std` before.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "the name is fixed by C; the function itself is safe")]
#[unsafe(no_mangle)]
extern "C" fn main(_: std::ffi::c_int, _: *const *const std::ffi::c_char) -> std::ffi::c_int {
    run().into()
}

/// What a progress bar's estimate needs of the C library's mathematics. Defined
/// here, that library is not loaded at each start, which took a tenth of a
/// millisecond.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "the name is fixed by C; the function itself is safe")]
#[unsafe(no_mangle)]
extern "C" fn pow(base: f64, exponent: f64) -> f64 {
    libm::pow(base, exponent)
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn main() -> std::process::ExitCode {
    run().into()
}
