//! Python: which calls run something.

use super::Finding;
use super::arguments::{Arguments, every_process, program, shell, words, words_or_shell};
use super::call::{Call, last};
use super::known::Known;
use super::reader::Reader;
use crate::shell::value::Value;

/// What `from MODULE import *` brings that matters.
pub(super) const EXPORTS: &[&str] = &[
    "os.system",
    "os.popen",
    "os.execv",
    "os.execvp",
    "os.execl",
    "os.execlp",
    "os.remove",
    "os.unlink",
    "subprocess.run",
    "subprocess.call",
    "subprocess.check_call",
    "subprocess.check_output",
    "subprocess.Popen",
    "subprocess.getoutput",
    "subprocess.getstatusoutput",
    "shutil.rmtree",
    "fabric.api.local",
    "fabric.api.run",
];

/// Names so telling that what they belong to does not matter.
const STARTS: &[&str] = &["check_output", "check_call", "Popen", "getoutput", "getstatusoutput"];

/// What a call runs.
pub(super) fn runs(call: &Call<'_>, reader: &Reader<'_>) -> Vec<Finding> {
    let arguments = call.arguments;
    let name = call.name();
    let base = call.path.strip_suffix(name).and_then(|base| base.strip_suffix('.')).unwrap_or_default();
    let module = base.split(['.', '(']).next().unwrap_or_default();
    match (base, name) {
        ("os" | "posix" | "subprocess", "?") => {
            vec![Finding::Opaque("the code calls something of a module that runs programs".to_owned())]
        }
        ("os" | "posix" | "commands" | "popen2", "system" | "popen" | "popen2" | "popen3" | "popen4")
        | ("subprocess" | "commands", "getoutput" | "getstatusoutput") => {
            shell(arguments.at(0).or_else(|| arguments.named("command")).or_else(|| arguments.named("cmd")))
        }
        ("os" | "posix", "kill") => every_process(arguments.at(0), arguments.at(1)),
        ("os" | "posix", _) => starts(name, arguments),
        ("subprocess", "run" | "call" | "check_call" | "check_output" | "Popen") => process(arguments),
        ("pty", "spawn") => words_or_shell(arguments.first()),
        ("pexpect" | "pexpect.popen_spawn", "spawn" | "run" | "runu" | "PopenSpawn" | "spawnu") => {
            let list = arguments.get(1, "args").filter(|value| matches!(value, Known::List(_)));
            if list.is_some() { program(arguments.first(), list) } else { shell(arguments.first()) }
        }
        (_, "create_subprocess_shell") => shell(arguments.get(0, "cmd")),
        (_, "create_subprocess_exec") => words(&arguments.list_from(0)),
        (_, "subprocess_shell") => shell(arguments.at(1)),
        (_, "subprocess_exec") => words(&arguments.list_from(1)),
        (_, "exec_command") => shell(arguments.get(0, "command")),
        ("sh" | "plumbum.cmd" | "plumbum.local", _) => {
            let list = arguments.list_from(0);
            program(Some(&Known::text(name.replace('_', "-"))), Some(&list))
        }
        (_, "run" | "sudo" | "local")
            if matches!(module, "fabric" | "invoke" | "fabric2")
                || (arguments.first().is_some_and(Known::is_text)
                    && base != "subprocess"
                    && (reader.mentions("import invoke")
                        || reader.mentions("from invoke")
                        || reader.mentions("fabric"))) =>
        {
            shell(arguments.first())
        }
        (_, "system") if arguments.first().is_some_and(Known::is_text) => shell(arguments.first()),
        (base, _) if STARTS.contains(&name) && !base.is_empty() => process(arguments),
        (_, "run" | "call") if last(base) == "subprocess" => process(arguments),
        _ => Vec::new(),
    }
}

/// `os.exec*`, `os.spawn*`, `os.posix_spawn*`.
fn starts(name: &str, arguments: &Arguments) -> Vec<Finding> {
    let skip = usize::from(name.starts_with("spawn"));
    match name {
        "execv" | "execve" | "execvp" | "execvpe" | "spawnv" | "spawnve" | "spawnvp" | "spawnvpe"
        | "posix_spawn" | "posix_spawnp" => {
            let rest = arguments.at(skip + 1).map(|list| {
                list.map(|list| match list {
                    Known::List(items) => Known::List(items.iter().skip(1).cloned().collect()),
                    _ => Known::Unknown,
                })
            });
            program(arguments.at(skip), Some(&rest.unwrap_or(Known::Unknown)))
        }
        "execl" | "execlp" | "execle" | "execlpe" | "spawnl" | "spawnlp" | "spawnle" | "spawnlpe" => {
            program(arguments.at(skip), Some(&arguments.list_from(skip + 2)))
        }
        "startfile" => vec![Finding::Opaque("the code opens a file with whatever runs it".to_owned())],
        _ => Vec::new(),
    }
}

/// `subprocess.run` and its kin.
fn process(arguments: &Arguments) -> Vec<Finding> {
    let Some(value) = arguments.get(0, "args") else {
        return if arguments.is_empty() { Vec::new() } else { vec![Finding::Words(vec![Value::unknown()])] };
    };
    let shell_text = match arguments.named("shell") {
        None => false,
        Some(Known::Path(name)) if matches!(name.as_str(), "False" | "None") => false,
        Some(Known::Text(number)) if number == b"0" => false,
        Some(_) => true,
    };
    let executable = arguments.named("executable").filter(|value| value.is_text());
    let each = |value: &Known| match value {
        Known::Text(_) => shell(Some(value)),
        Known::List(items) if shell_text => shell(items.first()),
        Known::List(items) if executable.is_some() => {
            program(executable, Some(&Known::List(items.iter().skip(1).cloned().collect())))
        }
        _ if shell_text => shell(Some(value)),
        _ => words(value),
    };
    value.alternatives().iter().flat_map(each).collect()
}

/// `terraform["destroy"]` of plumbum.
pub(super) fn subscript(path: &str, arguments: &Arguments) -> Vec<Finding> {
    let program_name = path.strip_prefix("plumbum.cmd.").or_else(|| path.strip_prefix("plumbum.local."));
    program_name
        .map_or_else(Vec::new, |name| program(Some(&Known::text(name)), Some(&arguments.list_from(0))))
}

/// The code that a call evaluates.
pub(super) fn evaluates<'a>(call: &Call<'a>) -> Option<&'a Known> {
    let evaluates = matches!(
        call.path,
        "eval"
            | "exec"
            | "execfile"
            | "code.interact"
            | "runpy.run_path"
            | "timeit.timeit"
            | "cProfile.run"
            | "pickle.loads"
            | "marshal.loads"
            | "builtins.?"
    );
    let data = matches!(call.path, "pickle.loads" | "marshal.loads");
    // Data that is read from elsewhere is everyday; that which stands in the code is not.
    call.arguments.first().filter(|value| evaluates && (!data || value.is_text()))
}
