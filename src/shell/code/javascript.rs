//! JavaScript and TypeScript: which calls run something.

use super::Finding;
use super::arguments::{Arguments, every_process, program, shell, words, words_or_shell};
use super::call::Call;
use super::known::Known;
use super::reader::Reader;

/// A module by its plainest name.
pub(super) fn module(name: &str) -> String {
    let name = name.strip_prefix("node:").unwrap_or(name);
    match name {
        "fs/promises" | "graceful-fs" => "fs".to_owned(),
        "aws-sdk/clients/all" => "aws-sdk".to_owned(),
        _ => name.replace('.', "_"),
    }
}

/// What a call runs.
pub(super) fn runs(call: &Call<'_>, reader: &Reader<'_>) -> Vec<Finding> {
    let arguments = call.arguments;
    let name = call.name();
    let base = call.path.strip_suffix(name).and_then(|base| base.strip_suffix('.')).unwrap_or_default();
    let base = base.strip_suffix(".default").unwrap_or(base);
    let text = arguments.first().is_some_and(Known::is_text);
    match (base, name) {
        ("child_process", "?") => {
            vec![Finding::Opaque("the code calls something of a module that runs programs".to_owned())]
        }
        ("child_process" | "shelljs" | "mz/child_process" | "child-process-promise", "exec")
        | (_, "execSync")
        | ("", "execaCommand")
        | ("execa", "execaCommand" | "execaCommandSync" | "command" | "commandSync")
        | ("zx" | "bun" | "Bun" | "execa" | "dax-sh", "$") => shell(arguments.first()),
        ("process", "kill") => every_process(arguments.at(0), arguments.at(1)),
        ("child_process", "fork") => node(arguments),
        ("Bun" | "bun", "spawn" | "spawnSync") | ("Deno", "run") => {
            let list = arguments.first().and_then(|value| value.get("cmd")).or_else(|| arguments.first());
            list.map_or_else(Vec::new, words)
        }
        ("Deno", "Command") => program(arguments.first(), arguments.named("args")),
        ("", "$") if text && (reader.mentions("`")) && !reader.mentions("jquery") => dollar(call, reader),
        (_, "spawnSync" | "execFileSync" | "execFile")
        | ("child_process" | "cross-spawn", "spawn" | "sync")
        | ("execa", "execa" | "execaSync" | "sync" | "default" | "execaNode")
        | ("", "execa" | "execaSync" | "cross-spawn") => process(arguments),
        (_, "exec") if text && base_unknown(base) && reader.mentions("child_process") => {
            shell(arguments.first())
        }
        (_, "spawn") if text && reader.mentions("child_process") => process(arguments),
        _ => Vec::new(),
    }
}

fn base_unknown(base: &str) -> bool {
    !base.is_empty() && base != "?"
}

/// zx and Bun: ``$`text` ``. jQuery takes text in brackets.
fn dollar(call: &Call<'_>, reader: &Reader<'_>) -> Vec<Finding> {
    if reader.mentions("$`") { shell(call.arguments.first()) } else { Vec::new() }
}

/// `spawn(program, [arguments], {shell})`.
fn process(arguments: &Arguments) -> Vec<Finding> {
    let list = arguments.at(1).filter(|value| !matches!(value, Known::Map(_)));
    // A callback stands where the list may stand.
    let list = list.filter(|value| value.alternatives().iter().any(|value| *value != Known::Unknown));
    let off = |value: &Known| matches!(value, Known::Path(name) if name == "false" || name == "undefined");
    let shell_text = arguments.named("shell").is_some_and(|value| !off(value));
    if shell_text {
        let mut text = arguments.first().cloned().unwrap_or(Known::Unknown);
        if let Some(Known::List(items)) = list {
            text = text.concat(&Known::text(" ")).concat(&super::text::join(items, b" "));
        }
        return shell(Some(&text));
    }
    match (arguments.first(), list) {
        (Some(Known::Text(text)), None) if text.contains(&b' ') => shell(arguments.first()),
        (Some(Known::List(_)), _) => words_or_shell(arguments.first()),
        (first, list) => program(first, list),
    }
}

fn node(arguments: &Arguments) -> Vec<Finding> {
    let list = arguments.at(1).filter(|value| matches!(value, Known::List(_)));
    let script = arguments.first().cloned().unwrap_or(Known::Unknown);
    let rest = list.map(|list| Known::Spread(Box::new(list.clone())));
    words(&Known::List([Known::text("node"), script].into_iter().chain(rest).collect()))
}

/// The code that a call evaluates.
pub(super) fn evaluates<'a>(call: &Call<'a>) -> Option<&'a Known> {
    let first = call.arguments.first();
    match call.path {
        "eval" | "vm.runInNewContext" | "vm.runInThisContext" | "vm.runInContext" | "vm.Script" => first,
        "Function" => call.arguments.unnamed().last(),
        "setTimeout" | "setInterval" | "setImmediate" => first.filter(|value| value.is_text()),
        _ => None,
    }
}
