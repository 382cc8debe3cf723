//! Generated command lines, as the installed kubectl and the grammar read them.
//!
//! kubectl refuses a line at the first flag that is wrong, and names the flag
//! and the command. A flag that does not exist is put somewhere into each line:
//! kubectl complains of it only where it stands as a flag, neither as another
//! one's value nor behind `--`. So each line tells which command is found, and
//! how everything up to the probe was read.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;
use std::sync::OnceLock;

use tollgate::command::cobra::{Arity, Parsed, Table};
use tollgate::command::kubectl::TABLE;
use tollgate::command::{Flag, Inert, parse};
use tollgate::process::Environment;
use tollgate::rules::book::Rulebook;
use tollgate::rules::builtin;
use tollgate::rules::judge::always_allowed;

use super::real::{NOWHERE, Outcome, run};
use crate::support::random::{Random, for_each_case};
use crate::support::tools;

const CASES: u64 = 600;

/// The part of the table that was read off this kubectl, without what newer
/// versions have.
pub(super) const READ_OFF: Table = Table { rows: TABLE.rows.split_at(1).0, underscores: true };

/// A flag that no command has.
const PROBE: &str = "--zz-probe=1";

/// Stands where nothing but flags is still to come, so that no command starts.
const END: &str = "--zz-end=1";

const VALUES: &[&str] = &[
    "x",
    "pods",
    "pod",
    "delete",
    "get",
    "help",
    "-n",
    "--all",
    "",
    "-",
    "true",
    "false",
    "a=b",
    "server",
    "none",
    "é",
    "ns/prod",
    "1",
    "1s",
    "json",
    "-A",
    "--",
    "config",
    "cm",
    "use",
    "no",
    "--dry-run=client",
    "=",
    "Delete",
    "1.5",
    "-f",
];

const ODD: &[&str] = &[
    "--",
    "--",
    "-",
    "---x",
    "",
    "",
    "help",
    "__complete",
    "__completeNoDesc",
    "frob",
    "-é",
    "-=x",
    "--=x",
    "--zz_odd",
    "--no-such x",
    "-Z",
    "-h",
    "-h",
    "--help",
    "--help=false",
    "-hx",
    "-9",
    "get-all",
    "delete pod",
    "DELETE",
    "-A=",
    "-Af",
    "-oyaml",
    "-it",
    "-itc",
    "-n=",
    "-n",
];

/// Commands that change nothing, whatever flags they have.
const READING: &[&str] = &[
    "api-resources",
    "api-versions",
    "auth can-i",
    "auth whoami",
    "cluster-info",
    "completion",
    "config current-context",
    "config get-clusters",
    "config get-contexts",
    "config get-users",
    "config view",
    "describe",
    "diff",
    "events",
    "explain",
    "get",
    "kustomize",
    "logs",
    "plugin list",
    "rollout history",
    "rollout status",
    "top node",
    "top pod",
    "version",
    "wait",
];

const SPARED: &[&str] = &["proxy"];

/// A flag in one of the ways it can be written.
fn flag(random: &mut Random, command: &str) -> Vec<OsString> {
    let others: Vec<&str> = READ_OFF.commands().collect();
    let of = match random.below(6) {
        0 => "",
        1 => random.pick(&others),
        _ => command,
    };
    let names = READ_OFF.flag_names(of);
    let mut name = names[random.below(names.len())].clone();
    if random.one_in(8) {
        name = name.replace('-', "_").replacen("__", "--", 1);
    }
    let letter = letter_of(of, &name);
    let value = random.pick(VALUES);
    let words = match (random.below(8), letter) {
        (0 | 1, Some(letter)) => vec![format!("-{letter}"), value.to_owned()],
        (2, Some(letter)) => vec![format!("-{letter}{value}")],
        (3, Some(letter)) => vec![format!("-{letter}={value}")],
        (4, Some(letter)) => vec![format!("-{letter}{letter}")],
        (0..=2, None) => vec![name, value.to_owned()],
        (3 | 5, _) => vec![format!("{name}={value}")],
        (6, _) => vec![format!("{name}="), value.to_owned()],
        _ => vec![name],
    };
    words.into_iter().map(OsString::from).collect()
}

/// The letter of a flag, as the table has it.
fn letter_of(command: &str, name: &str) -> Option<&'static str> {
    let rows = READ_OFF.rows.iter().flat_map(|part| part.iter());
    let rows = rows.filter(|row| row.path == command || row.path.is_empty());
    let flags =
        rows.flat_map(|row| [row.booleans, row.values, row.optional]).flat_map(|list| list.split(' '));
    flags
        .filter_map(|flag| flag.split_once(':'))
        .find(|(long, _)| name.strip_prefix("--") == Some(*long))
        .map(|(_, letter)| letter)
}

/// A command line.
fn line(random: &mut Random) -> Vec<OsString> {
    let commands: Vec<&str> = READ_OFF.commands().filter(|name| !SPARED.contains(name)).collect();
    let command = if random.one_in(3) {
        random.pick(&["delete", "get", "apply", "create", "exec", "config use-context", "drain"])
    } else {
        random.pick(&commands)
    };
    let mut words: Vec<OsString> = command.split(' ').map(OsString::from).collect();
    if random.one_in(10) {
        let alias = random.pick(&["use", "cm", "no", "svc", "sa", "nodes", "po", "ns", "zz"]);
        *words.last_mut().unwrap() = alias.into();
    }
    for _ in 0..random.below(3) {
        words.push(random.pick(VALUES).into());
    }
    for _ in 0..random.below(4) {
        let at = random.below(words.len() + 1);
        let flag = flag(random, command);
        words.splice(at..at, flag);
    }
    if random.one_in(4) {
        words.insert(random.below(words.len() + 1), random.pick(ODD).into());
    }
    if random.one_in(30) {
        words.insert(random.below(words.len() + 1), OsString::from_vec(vec![b'x', 0xff]));
    }
    words
}

/// The same line with the probe in it, and an end.
fn probed(random: &mut Random, mut words: Vec<OsString>) -> Vec<OsString> {
    words.insert(random.below(words.len() + 1), PROBE.into());
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    words.insert(end, END.into());
    words
}

#[test]
fn lines_are_read_as_kubectl_reads_them() {
    let Some(kubectl) = tools::kubectl_1_32() else { return };
    for_each_case(CASES, |case| {
        let mut random = Random::new(2_000_000 + case);
        let plain = line(&mut random);
        let arguments = probed(&mut random, plain);
        compare(kubectl, &arguments).map_err(|why| format!("{arguments:?}\n  {why}"))
    });
}

#[test]
fn what_is_inert_does_nothing() {
    let Some(kubectl) = tools::kubectl_1_32() else { return };
    let inert = |case: u64| {
        let mut random = Random::new(3_000_000 + case);
        let words = line(&mut random);
        // A line that may be two commands is refused.
        let command = parse("kubectl", &words, &Environment::default()).ok()?;
        command.inert.map(|inert| (words, inert))
    };
    let cases: Vec<_> = (0..1500).filter_map(inert).take(120).collect();
    assert_eq!(cases.len(), 120);
    for_each_case(120, |case| {
        let (arguments, inert) = &cases[usize::try_from(case).unwrap()];
        let outcome = run(kubectl, arguments);
        let completed = outcome.text.contains("Completion ended with directive");
        let printed = completed
            || match inert {
                Inert::Completion => completed,
                _ => {
                    outcome.text.contains("Usage:")
                        || outcome.text.contains("unknown command")
                        || outcome.text.contains("Run 'kubectl options' without flags")
                        || outcome.text.contains("can be passed to any command")
                        || outcome.command().is_some() && outcome.code != Some(0)
                        || outcome.text.contains("flags cannot be placed before plugin name")
                        || outcome.text.contains("Unknown help topic")
                        || outcome.text.contains("No alpha commands are available")
                }
            };
        let connected = !completed && outcome.text.contains(NOWHERE);
        if printed && !connected { Ok(()) } else { Err(format!("{arguments:?}: {inert:?}\n  {outcome:?}")) }
    });
}

fn compare(kubectl: &Path, arguments: &[OsString]) -> Result<(), String> {
    let outcome = run(kubectl, arguments);
    let parsed = TABLE.parse(arguments);
    let path = parsed.path.join(" ");
    let mismatch = |why: &str| Err(format!("{why}\n  {parsed:?}\n  {outcome:?}"));
    if matches!(first_word(arguments), b"__complete" | b"__completeNoDesc" | b"help") {
        return Ok(());
    }
    let complaint = outcome.complaint().unwrap_or_default();
    if complaint.contains(" for \"kubectl\"") || complaint.starts_with("flags cannot be placed before") {
        // A command that is found only if an unknown flag takes no value is the
        // worse reading, for a version that has that flag.
        return match (path.is_empty(), parsed.unknown_flag) {
            (true, _) => Ok(()),
            (false, true) => doubted(arguments),
            (false, false) => mismatch("kubectl finds no command"),
        };
    }
    let lenient = parsed.unknown_flag && outcome.command().is_some_and(|real| real.is_empty());
    match outcome.command() {
        Some(real) if real != path && !lenient && real != "help" => return mismatch("another command"),
        _ if lenient => return doubted(arguments),
        _ => {}
    }
    match (complaint_of_flag(&outcome), first_wrong(&parsed, &path)) {
        (None, None) => Ok(()),
        (Some(real), Some((at, ours)))
            if is_same(&real, &ours, &path) || is_typed(&real, parsed.flags.get(..at)) =>
        {
            Ok(())
        }
        (Some(real), None) if is_typed(&real, Some(&parsed.flags)) => Ok(()),
        (real, ours) => mismatch(&format!("kubectl: {real:?}, here: {ours:?}")),
    }
}

/// Whether a line in which a command is found that this kubectl does not find
/// is taken for doubtful, and runs unasked only where that command reads.
fn doubted(arguments: &[OsString]) -> Result<(), String> {
    let none = Environment::default();
    let command = parse("kubectl", arguments, &none).unwrap();
    if !command.uncertain && command.inert.is_none() {
        return Err(format!("not uncertain: {command:?}"));
    }
    let allowed = always_allowed(book(), &command, &none).is_some();
    let reads = command.inert.is_some() || READING.contains(&command.name().as_str());
    if allowed && !reads { Err(format!("allowed: {command:?}")) } else { Ok(()) }
}

/// The built-in rules.
fn book() -> &'static Rulebook {
    static BOOK: OnceLock<Rulebook> = OnceLock::new();
    BOOK.get_or_init(|| Rulebook { layers: vec![builtin::layer(&[]).unwrap()] })
}

fn first_word(arguments: &[OsString]) -> &[u8] {
    arguments
        .iter()
        .map(|word| word.as_bytes())
        .find(|word| !word.starts_with(b"-") && !word.is_empty())
        .unwrap_or_default()
}

/// What is wrong with a flag.
#[derive(Debug, PartialEq, Eq)]
enum Wrong {
    Unknown(String),
    NoValue(String),
    BadValue(String, String),
}

/// What kubectl says is wrong with a flag.
fn complaint_of_flag(outcome: &Outcome) -> Option<Wrong> {
    let complaint = outcome.complaint()?;
    let after = |start: &str| complaint.strip_prefix(start);
    let letter = |quoted: &str| format!("-{}", quoted.split('\'').nth(1).unwrap_or_default());
    if let Some(name) = after("unknown flag: ") {
        Some(Wrong::Unknown(name.replace('_', "-")))
    } else if let Some(quoted) = after("unknown shorthand flag: ") {
        Some(Wrong::Unknown(letter(quoted)))
    } else if let Some(word) = after("bad flag syntax: ") {
        Some(Wrong::Unknown(word.split('=').next().unwrap_or_default().to_owned()))
    } else if let Some(flag) = after("flag needs an argument: ") {
        Some(Wrong::NoValue(if flag.starts_with('\'') { letter(flag) } else { flag.replace('_', "-") }))
    } else if let Some(rest) = after("invalid argument ") {
        let (value, rest) = rest.split_once(" for \"")?;
        let flag = rest.split_once("\" flag")?.0;
        let name = flag.rsplit(' ').next().unwrap_or_default().to_owned();
        Some(Wrong::BadValue(name, value.trim_matches('"').to_owned()))
    } else {
        None
    }
}

/// The first flag that kubectl has to complain about, and where it stands.
fn first_wrong(parsed: &Parsed, path: &str) -> Option<(usize, Wrong)> {
    parsed.flags.iter().enumerate().find_map(|(at, flag)| {
        let name = flag.name.trim_start_matches('-');
        let arity = if flag.name == "--help" { Some(Arity::Boolean) } else { TABLE.arity(path, name) };
        let is_long = flag.name.starts_with("--") && !flag.name.starts_with("---");
        let wrong = match arity.filter(|_| is_long) {
            None => Some(Wrong::Unknown(flag.name.clone())),
            Some(Arity::Value) if flag.value.is_none() => Some(Wrong::NoValue(flag.name.clone())),
            Some(Arity::Boolean) if flag.boolean().is_none() => {
                Some(Wrong::BadValue(flag.name.clone(), shown(flag.value.as_deref())))
            }
            _ => None,
        }?;
        Some((at, wrong))
    })
}

fn is_same(real: &Wrong, ours: &Wrong, path: &str) -> bool {
    match (real, ours) {
        // kubectl names the letter where a letter was given.
        (Wrong::NoValue(letter), Wrong::NoValue(name)) if !letter.starts_with("--") => {
            letter_of(path, name) == letter.strip_prefix('-')
        }
        _ => real == ours,
    }
}

fn shown(value: Option<&OsStr>) -> String {
    value.unwrap_or_default().to_string_lossy().into_owned()
}

/// Whether kubectl refuses the value of one of these flags, for what it is:
/// it has read name and value as we have.
fn is_typed(real: &Wrong, flags: Option<&[Flag]>) -> bool {
    let Wrong::BadValue(name, value) = real else { return false };
    let same = |flag: &Flag| flag.name == *name && shown(flag.value.as_deref()) == *value;
    flags.unwrap_or_default().iter().any(same)
}
