//! Ruby: which calls run something.

use super::Finding;
use super::arguments::{Arguments, every_process, shell, words};
use super::call::{Call, last};
use super::known::Known;

/// Calls that evaluate text.
pub(super) const EVALUATIONS: &[&str] = &["eval", "instance_eval", "class_eval", "module_eval"];

/// Whether a name takes arguments without brackets.
pub(super) fn takes_bare(path: &str) -> bool {
    let name = last(path);
    let front = path.split(['.', '(']).next().unwrap_or_default();
    matches!(
        front,
        "FileUtils" | "IO" | "Open3" | "Aws" | "Process" | "Kernel" | "PTY" | "Shellwords" | "Base64"
    ) || matches!(path, "File.delete" | "File.unlink" | "Dir.rmdir" | "Dir.delete" | "Dir.unlink")
        || matches!(path, "File.write" | "File.binwrite" | "File.open" | "File.new" | "File.rename")
        || matches!(path, "File.truncate" | "File.symlink")
        || EVALUATIONS.contains(&name)
        || matches!(
            path,
            "system"
                | "exec"
                | "spawn"
                | "require"
                | "rm_rf"
                | "rm_r"
                | "rm"
                | "rm_f"
                | "sh"
                | "open"
                | "sprintf"
        )
        || matches!(name, "execute" | "drop_table" | "exec_query")
}

/// What a call runs.
pub(super) fn runs(call: &Call<'_>) -> Vec<Finding> {
    let arguments = call.arguments;
    match call.path {
        "system" | "exec" | "spawn" | "Process.spawn" | "Process.exec" | "IO.popen" | "sh" | "PTY.spawn"
        | "Open3.capture2" | "Open3.capture3" | "Open3.capture2e" | "Open3.popen2" | "Open3.popen3"
        | "Open3.popen2e" | "POSIX.Spawn.spawn" => started(arguments),
        "Open3.pipeline"
        | "Open3.pipeline_r"
        | "Open3.pipeline_w"
        | "Open3.pipeline_rw"
        | "Open3.pipeline_start" => {
            arguments.unnamed().flat_map(|value| super::arguments::words_or_shell(Some(value))).collect()
        }
        "Process.kill" => every_process(arguments.at(1), arguments.at(0)),
        "open" => arguments.first().map_or_else(Vec::new, |value| {
            let piped = |text: Vec<u8>| text.strip_prefix(b"|").map(|text| Finding::Shell(text.to_vec()));
            value.texts().into_iter().filter_map(piped).collect()
        }),
        path if matches!(last(path), "send" | "public_send" | "__send__") => {
            let sent = arguments.first().and_then(Known::literal);
            if sent.is_some_and(|name| matches!(name, "system" | "exec" | "spawn")) {
                shell(arguments.at(1))
            } else {
                Vec::new()
            }
        }
        path if last(path) == "system" && arguments.first().is_some_and(Known::is_text) => started(arguments),
        _ => Vec::new(),
    }
}

/// Variables in front and options behind are no words.
fn started(arguments: &Arguments) -> Vec<Finding> {
    let items: Vec<Known> =
        arguments.unnamed().filter(|value| !matches!(value, Known::Map(_))).cloned().collect();
    match items.as_slice() {
        [] => Vec::new(),
        [Known::List(items), rest @ ..] => match items.as_slice() {
            // `["path", "name shown"]`
            [program, _] if !rest.is_empty() => {
                words(&Known::List([std::slice::from_ref(program), rest].concat()))
            }
            _ => words(&Known::List(items.clone())),
        },
        [Known::Spread(inner)] => words(&Known::List(vec![Known::Spread(inner.clone())])),
        [one] => shell(Some(one)),
        // `IO.popen("cmd", "r")`
        [one @ Known::Text(text), mode] if is_mode(mode) && text.contains(&b' ') => shell(Some(one)),
        _ => words(&Known::List(items)),
    }
}

fn is_mode(value: &Known) -> bool {
    value.literal().is_some_and(|mode| matches!(mode, "r" | "w" | "r+" | "w+" | "a" | "rb" | "wb"))
}
