//! PHP: which calls run something.

use super::Finding;
use super::arguments::{every_process, program, shell, words_or_shell};
use super::call::Call;
use super::known::Known;

/// What a call runs.
pub(super) fn runs(call: &Call<'_>) -> Vec<Finding> {
    let arguments = call.arguments;
    let path = call.path.trim_start_matches('\\');
    if path.contains('.') {
        return match call.name() {
            "fromShellCommandline" => shell(arguments.first()),
            _ => Vec::new(),
        };
    }
    match path {
        "exec" | "shell_exec" | "system" | "passthru" | "popen" => shell(arguments.first()),
        "posix_kill" => every_process(arguments.at(0), arguments.at(1)),
        "proc_open" => words_or_shell(arguments.first()),
        "pcntl_exec" => program(arguments.first(), arguments.at(1)),
        "Process" => arguments.first().map_or_else(Vec::new, |value| match value {
            Known::List(_) => super::arguments::words(value),
            _ => Vec::new(),
        }),
        _ => Vec::new(),
    }
}

/// The code that a call evaluates.
pub(super) fn evaluates<'a>(call: &Call<'a>) -> Option<&'a Known> {
    match call.path {
        "eval" => call.arguments.first(),
        "assert" => call.arguments.first().filter(|value| matches!(value, Known::Text(_))),
        "create_function" => call.arguments.at(1),
        _ => None,
    }
}
