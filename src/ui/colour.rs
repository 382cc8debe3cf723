//! Whether messages are coloured.

use std::io::IsTerminal as _;

use crate::process::Environment;

/// Decides once for the whole process: colour where standard error is a
/// terminal, unless `NO_COLOR` is set; always where `CLICOLOR_FORCE` is set to
/// anything but 0. The `colored` crate alone would look at standard output.
pub fn choose(environment: &Environment) {
    colored::control::set_override(wanted(environment, std::io::stderr().is_terminal()));
}

/// The same for a command whose answer goes to standard output.
pub fn choose_for_output(environment: &Environment) {
    colored::control::set_override(of_output(environment));
}

/// Whether standard output is coloured, by the same rules.
pub fn of_output(environment: &Environment) -> bool {
    wanted(environment, std::io::stdout().is_terminal())
}

fn wanted(environment: &Environment, terminal: bool) -> bool {
    let forced = environment.non_empty("CLICOLOR_FORCE").is_some_and(|value| value != "0");
    let refused = environment.non_empty("NO_COLOR").is_some();
    let dumb = environment.get("TERM").is_some_and(|term| term == "dumb");
    forced || (!refused && !dumb && terminal)
}
