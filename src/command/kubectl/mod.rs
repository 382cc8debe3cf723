//! The grammar of `kubectl`.
//!
//! cobra finds the command and pflag reads the flags ([`super::cobra`]); what
//! is kubectl's own is here: plugins, which objects the operands name, what a
//! command runs inside a container, and whether it is only rehearsed.
//!
//! Verified against kubectl 1.32 by the differential tests. What its
//! documentation does not tell: `_` in a flag's name is `-`, so that
//! `--dry-run=client --dry_run=none` deletes; `--raw` sends its request
//! whatever `--dry-run` says; and `--dry-run=client -o yaml` prints the object
//! as the server has it, a secret too.

mod fields;
mod kuberc;
mod resources;
pub mod sources;
mod table;

use std::borrow::Cow;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;

#[cfg(test)]
pub(crate) use resources::plurals;

use super::cobra::{Parsed, Row, Table};
use super::declared::Surroundings;
use super::here::{self, Touched};
use super::{Command, CommandError, Grammar, Inert, Outside, Wanted, generic};

/// What newer versions have beyond the generated table, by their
/// documentation.
const NEWER: &[Row] = &[
    Row { path: "", aliases: "", booleans: "", values: "kuberc as-user-extra", optional: "" },
    Row { path: "kuberc", aliases: "", booleans: "", values: "", optional: "" },
    Row { path: "kuberc view", aliases: "", booleans: "", values: "output:o template", optional: "" },
    Row {
        path: "kuberc set",
        aliases: "",
        booleans: "overwrite",
        values: "section command option name prependarg appendarg",
        optional: "",
    },
];

/// kubectl's commands and flags.
pub const TABLE: Table = Table { rows: &[table::KUBECTL, NEWER], underscores: true };

/// The grammar of `kubectl`.
#[derive(Debug)]
pub struct Kubectl;

impl Grammar for Kubectl {
    fn commands(&self) -> Vec<Cow<'static, str>> {
        TABLE.commands().map(Cow::Borrowed).collect()
    }

    fn flag_names(&self, command: &str) -> Vec<String> {
        TABLE.flag_names(command)
    }

    fn may_be_plugin(&self, name: &str) -> bool {
        !TABLE.has_top_level(name)
    }

    fn kind(&self, word: &str) -> Option<String> {
        Some(resources::kind(word))
    }

    fn reads(&self, arguments: &[OsString], outside: &Outside<'_>) -> Vec<Wanted> {
        kuberc::location(arguments, outside.environment).map(Wanted::File).into_iter().collect()
    }

    fn touches(&self, command: &Command, _surroundings: &Surroundings<'_>) -> Vec<Touched> {
        match command.operands.as_slice() {
            // What has a colon is in a container.
            [source, file] if command.path == ["cp"] && !file.as_bytes().contains(&b':') => {
                here::copied(std::slice::from_ref(source), file)
            }
            _ => Vec::new(),
        }
    }

    fn parse(
        &self,
        tool: &str,
        arguments: &[OsString],
        outside: &Outside<'_>,
    ) -> Result<Command, CommandError> {
        let given = arguments;
        let kuberc::Effective { arguments, pinned } = kuberc::effective(arguments, outside);
        TABLE.certain(tool, &arguments)?;
        let notes = pinned.and_then(|_| kuberc::note(given, outside)).into_iter().collect();
        Ok(Command { pinned, notes, ..parse(tool, &arguments) })
    }
}

/// Parses what kubectl would run for `arguments`.
fn parse(tool: &str, arguments: &[OsString]) -> Command {
    let words: Vec<&[u8]> = arguments.iter().map(|word| word.as_bytes()).collect();
    let inert = match words.as_slice() {
        [b"__complete" | b"__completeNoDesc", ..] => Some(Inert::Completion),
        [b"help", ..] => Some(Inert::Help),
        [] => Some(Inert::Usage),
        _ => None,
    };
    if inert.is_some() {
        return Command { inert, ..Command::unread(tool, arguments.to_vec()) };
    }
    let parsed = TABLE.parse(arguments);
    let flag_first = words.first().is_some_and(|word| word.starts_with(b"-"));
    let runs = ["create", "apply", "cluster-info"].iter().any(|name| parsed.path == [*name]);
    // `alpha` is a group that has lost its last command for now.
    let group = (TABLE.is_group(&parsed.path) && !runs) || parsed.path == ["alpha"];
    // A flag of a newer version may take `--help` for its value.
    let asked = parsed.boolean("--help") == Some(true) && !parsed.unknown_flag;
    let help = asked || parsed.path == ["options"];
    match parsed.path.as_slice() {
        // kubectl looks for a plugin only where nothing stands before its name.
        [] if flag_first || parsed.operands.is_empty() => {
            let word = parsed.operands.first().filter(|_| parsed.before_dashes != Some(0)).cloned();
            let mut command = of_parsed(tool, arguments, parsed);
            match word.map(|word| word.to_string_lossy().into_owned()) {
                _ if help => command.inert = Some(Inert::Help),
                // A newer kubectl may have this command.
                Some(word) if !matches!(word.as_str(), "help" | "__complete" | "__completeNoDesc") => {
                    command.path.push(word);
                    command.known = false;
                }
                _ => command.inert = usage(&command),
            }
            command
        }
        [] => generic::parse(tool, arguments),
        // `create widget` is looked for as a plugin too.
        [create] if create == "create" && !flag_first && is_plugin_of_create(arguments) => {
            generic::parse(tool, arguments)
        }
        _ if help => Command { inert: Some(Inert::Help), ..of_parsed(tool, arguments, parsed) },
        _ if group => {
            let mut command = of_parsed(tool, arguments, parsed);
            match command.operands.first() {
                None => command.inert = usage(&command),
                // A newer kubectl may have a subcommand that this table lacks.
                Some(word) => {
                    command.path.push(word.to_string_lossy().into_owned());
                    command.known = false;
                }
            }
            command
        }
        _ => of_parsed(tool, arguments, parsed),
    }
}

/// That a group prints its usage. `--profile` makes it write a file before.
fn usage(command: &Command) -> Option<Inert> {
    command.flag("--profile").is_none().then_some(Inert::Usage)
}

/// Whether the word behind `create` is neither a flag nor a subcommand.
fn is_plugin_of_create(arguments: &[OsString]) -> bool {
    let mut words = arguments.iter().map(|word| word.as_bytes());
    words.next() == Some(b"create") && words.next().is_some_and(|word| !word.starts_with(b"-"))
}

fn of_parsed(tool: &str, arguments: &[OsString], parsed: Parsed) -> Command {
    let mut command = Command::unread(tool, arguments.to_vec());
    command.uncertain = parsed.unknown_flag;
    command.rehearsed = is_rehearsed(&parsed);
    command.carried = carried(&parsed);
    command.objects = objects(&parsed);
    if parsed.unknown_flag {
        // Any word may be the value of that flag, so any may be the kind.
        command
            .objects
            .extend(parsed.operands.iter().flat_map(|word| resources::objects(std::slice::from_ref(word))));
    }
    command.fields = fields::of(&parsed);
    let Parsed { path, flags, operands, .. } = parsed;
    Command { path, flags, operands, ..command }
}

/// Whether kubectl only says what it would do. The last `--dry-run` counts; a
/// raw request is sent all the same, and what `create --edit` has edited is
/// created. `--local` wants files and sends nothing; `--list` drops the change.
fn is_rehearsed(parsed: &Parsed) -> bool {
    let has = |flag: &str| TABLE.arity(&parsed.path.join(" "), flag).is_some();
    let given = |name: &str| parsed.flags.iter().rev().find(|flag| flag.name == name);
    let is_on = |flag: &str| has(flag) && parsed.boolean(&format!("--{flag}")) == Some(true);
    let edited = given("--edit").is_some() && parsed.boolean("--edit") != Some(false);
    // A flag of a newer version may take `--dry-run=client` for its value.
    if parsed.unknown_flag || given("--raw").is_some() || (parsed.path == ["create"] && edited) {
        return false;
    }
    let dry = has("dry-run")
        && given("--dry-run").is_some_and(|flag| match &flag.value {
            None => true,
            Some(value) => {
                matches!(value.as_bytes(), b"client" | b"server" | b"unchanged")
                    || flag.boolean() == Some(true)
            }
        });
    let changes_labels = matches!(parsed.path.last().map(String::as_str), Some("label" | "annotate" | "env"));
    dry || is_on("local") || (changes_labels && is_on("list"))
}

/// The command line that runs inside a container that is there. What `run` and
/// `debug` start runs beside it, in an image of the caller's choice.
fn carried(parsed: &Parsed) -> Option<Vec<OsString>> {
    if parsed.path != ["exec"] {
        return None;
    }
    let from_file = parsed.flags.iter().any(|flag| flag.name == "--filename");
    // `exec POD ls`: versions before 1.31 took it so.
    let named = || usize::from(!from_file || parsed.operands.len() > 1);
    let skipped = parsed.before_dashes.unwrap_or_else(named);
    let words: Vec<OsString> = parsed.operands.iter().skip(skipped).cloned().collect();
    (!words.is_empty()).then_some(words)
}

/// The objects that the operands name. Only `exec` and `debug` read what
/// stands behind `--` as something else.
fn objects(parsed: &Parsed) -> Vec<super::Object> {
    let path: Vec<&str> = parsed.path.iter().map(String::as_str).collect();
    let operands = parsed.operands.as_slice();
    let before = parsed.before_dashes.and_then(|before| operands.get(..before)).unwrap_or(operands);
    let first = |operands: &'_ [OsString]| operands.get(..1).unwrap_or_default().to_vec();
    match path.as_slice() {
        ["drain" | "cordon" | "uncordon"] | ["top", "node"] => resources::named("nodes", operands),
        ["debug"] => resources::named("pods", before),
        ["exec"] => resources::named("pods", &first(before)),
        ["attach" | "port-forward" | "logs"] => resources::named("pods", &first(operands)),
        ["top", "pod"] => resources::named("pods", operands),
        ["certificate", _] => resources::named("certificatesigningrequests", operands),
        ["create", "secret", _] => resources::named("secrets", &first(operands)),
        ["create", "token"] => resources::named("serviceaccounts", operands),
        ["create", "quota"] => resources::named("resourcequotas", operands),
        ["create", "service", _] => resources::named("services", operands),
        ["create", kind] => resources::named(&resources::kind(kind), operands),
        ["label" | "annotate" | "taint"] | ["set", _] => resources::objects_before_pairs(operands),
        [
            "get" | "describe" | "delete" | "patch" | "edit" | "scale" | "autoscale" | "expose" | "wait"
            | "rollout" | "apply",
            ..,
        ] => resources::objects(operands),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
