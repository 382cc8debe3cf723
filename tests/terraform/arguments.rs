//! The arguments that terraform makes of argv and `TF_CLI_ARGS*`.
//!
//! With `TF_LOG=INFO` terraform prints them before it does anything.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;

use tollgate::command::parse;
use tollgate::process::Environment;

use super::real::{Outcome, os, run, shown, surroundings};
use crate::support::random::{Random, for_each_case};
use crate::support::tools;

const CASES: u64 = 280;

/// Names and values.
type Variables = &'static [(&'static str, &'static str)];

/// What generated values are strung together from.
const FRAGMENTS: &[&str] = &[
    " ",
    " ",
    " ",
    " ",
    "\t",
    "\n",
    "\r",
    "\u{a0}",
    "\u{b}",
    "\"",
    "'",
    "''",
    "\"\"",
    "\\",
    "\\ ",
    "\\\"",
    "\\t",
    "\\n",
    "\\x",
    "\\\\",
    "$HOME",
    "${HOME}",
    "~",
    "*",
    "#",
    "=",
    "[1]",
    "{a,b}",
    "!",
    "é",
    "destroy",
    "apply",
    "state",
    "rm",
    "plan",
    "-auto-approve",
    "-destroy",
    "-chdir=sub",
    "--",
    "-v",
    "-help",
    "-no-color",
    "x",
];

/// What versions of terraform disagree about, and which is therefore refused.
const OPERATORS: &[&str] = &["$(x)", "`x`", ";", "&", "|", "<", ">", "("];

const VARIABLES: &[&str] = &[
    "TF_CLI_ARGS",
    "TF_CLI_ARGS",
    "TF_CLI_ARGS_",
    "TF_CLI_ARGS_plan",
    "TF_CLI_ARGS_apply",
    "TF_CLI_ARGS_state",
    "TF_CLI_ARGS_state_rm",
    "TF_CLI_ARGS_state_list",
    "TF_CLI_ARGS_env",
    "TF_CLI_ARGS_env_delete",
    "TF_CLI_ARGS_workspace_delete",
    "TF_CLI_ARGS_force_unlock",
    "TF_CLI_ARGS_force-unlock",
    "TF_CLI_ARGS_providers",
    "TF_CLI_ARGS_providers_lock",
    "TF_CLI_ARGS_state_replace_provider",
    "TF_CLI_ARGS_metadata_functions",
    "TF_CLI_ARGS_frob",
    "TF_CLI_ARGS_state_frob",
    "TF_CLI_ARGS_PLAN",
    "TF_CLI_ARGS_version",
    "TF_CLI_ARGS_sub",
];

const WORDS: &[&str] = &[
    "plan",
    "plan",
    "apply",
    "destroy",
    "state",
    "state",
    "rm",
    "list",
    "replace-provider",
    "env",
    "workspace",
    "delete",
    "force-unlock",
    "providers",
    "lock",
    "metadata",
    "functions",
    "version",
    "frob",
    "",
    "",
    "-chdir=sub",
    "-chdir=sub",
    "-chdir=.",
    "-chdir=sub dir",
    "-chdir=missing",
    "-chdir=",
    "-chdir",
    "--chdir=sub",
    "-no-color",
    "-auto-approve",
    "-help",
    "--",
    "-",
    "-v",
    "--version",
    "-x=y",
    "x.y",
    "a b",
    "é",
    "\"",
    "\\",
    "state rm",
    "\n",
    "planx",
    "planx",
    "xplan",
    "rmx",
];

#[test]
fn the_effective_arguments_are_those_that_terraform_computes() {
    let Some(terraform) = tools::terraform() else { return };
    for_each_case(CASES, |case| {
        let mut random = Random::new(case);
        let arguments = argv(&mut random);
        let variables = variables(&mut random, &arguments);
        compare(terraform, &arguments, &variables)
    });
}

/// Lines from the rulebook and from the search for ways around it.
#[test]
fn notable_command_lines_are_folded_as_terraform_folds_them() {
    let Some(terraform) = tools::terraform() else { return };
    let cases: &[(Variables, &[&str])] = &[
        (&[("TF_CLI_ARGS", "destroy -auto-approve")], &[]),
        (&[("TF_CLI_ARGS_", "destroy -auto-approve")], &[]),
        (&[("TF_CLI_ARGS_", "-x"), ("TF_CLI_ARGS", "destroy")], &["-chdir=sub"]),
        (&[("TF_CLI_ARGS_state", "rm x.y")], &["state"]),
        (&[("TF_CLI_ARGS_state", "rm x.y"), ("TF_CLI_ARGS", "list")], &["state"]),
        (&[("TF_CLI_ARGS_plan", "-destroy 'a b' \"c\td\"")], &["-chdir=sub dir", "plan", "-lock=false"]),
        (&[("TF_CLI_ARGS_plan", "-destroy")], &["-chdir=sub", "-chdir=.", "plan"]),
        (&[("TF_CLI_ARGS_force_unlock", "-force")], &["force-unlock", "1"]),
        (&[("TF_CLI_ARGS_force-unlock", "-force")], &["force-unlock", "1"]),
        (&[("TF_CLI_ARGS_env_delete", "-force")], &["env", "delete", "x"]),
        (&[("TF_CLI_ARGS_workspace_delete", "-force")], &["env", "delete", "x"]),
        (&[("TF_CLI_ARGS_plan", "-destroy")], &["", "plan"]),
        (&[("TF_CLI_ARGS_plan", "-destroy")], &["-x", "plan"]),
        (&[("TF_CLI_ARGS_plan", "-destroy")], &["--", "plan"]),
        (&[("TF_CLI_ARGS", "plan")], &["--", "apply"]),
        (&[("TF_CLI_ARGS", "-chdir=sub plan")], &[]),
        (&[("TF_CLI_ARGS_rm", "-dry-run")], &["state", "rm", "rm"]),
        (&[("TF_CLI_ARGS_state_rm", "-dry-run")], &["rm", "state", "rm"]),
        (&[("TF_CLI_ARGS_plan", "   ")], &["plan"]),
        (&[("TF_CLI_ARGS", "''")], &[]),
        (&[("TF_CLI_ARGS_plan", "-destroy")], &["planx", "plan"]),
        (&[("TF_CLI_ARGS_planx", "-destroy")], &["planx", "plan"]),
        (&[("TF_CLI_ARGS", "plan")], &["state rm"]),
        (&[("TF_CLI_ARGS_plan", r"a\tb 'c\nd'")], &["plan"]),
        (&[("TF_CLI_ARGS_plan", r"'a\b\c'")], &["plan"]),
    ];
    for_each_case(u64::try_from(cases.len()).unwrap(), |case| {
        let (variables, arguments) = cases[usize::try_from(case).unwrap()];
        compare(terraform, &os(arguments), &variables.iter().copied().collect())
    });
}

fn argv(random: &mut Random) -> Vec<OsString> {
    let length = random.below(6);
    (0..length)
        .map(
            |_| {
                if random.one_in(60) {
                    OsString::from_vec(b"\xff".to_vec())
                } else {
                    random.pick(WORDS).into()
                }
            },
        )
        .collect()
}

/// Variables, half of them the one that belongs to the words of `argv`.
fn variables(random: &mut Random, argv: &[OsString]) -> Environment {
    let mut variables = Environment::default();
    let words: Vec<_> =
        argv.iter().map(|word| word.to_string_lossy()).filter(|word| !word.starts_with('-')).collect();
    for _ in 0..=random.below(3) {
        let mut value: String = (0..=random.below(7)).map(|_| random.pick(FRAGMENTS)).collect();
        if random.one_in(12) {
            value.push_str(random.pick(OPERATORS));
        }
        let mut value = OsString::from(value);
        if random.one_in(2) {
            let own = words.iter().take(1 + random.below(2)).map(|word| word.replace('-', "_"));
            let own = format!("TF_CLI_ARGS_{}", own.collect::<Vec<_>>().join("_"));
            if !own.contains(['=', '\0']) {
                variables.set(own, value);
                continue;
            }
        }
        if random.one_in(40) {
            value.push(OsStr::from_bytes(b"\xff"));
        }
        variables.set(random.pick(VARIABLES), value);
    }
    variables
}

/// Compares our arguments with terraform's, and terraform's for the original
/// call with terraform's for the call that we would make of it.
fn compare(terraform: &Path, arguments: &[OsString], variables: &Environment) -> Result<(), String> {
    let line = shown(arguments, variables);
    let home = tempfile::tempdir().unwrap();
    for directory in ["sub", "sub dir"] {
        std::fs::create_dir(home.path().join(directory)).unwrap();
    }
    let computed = |arguments: &[OsString], variables: &Environment| {
        let mut environment = surroundings(home.path());
        environment.set("TF_LOG", "INFO");
        for (name, value) in variables.iter() {
            environment.set(name, value);
        }
        let outcome = run(terraform, home.path(), arguments, &environment, b"");
        let computed = logged(&outcome).map(without_version);
        (computed, outcome.code)
    };
    let original = computed(arguments, variables);
    let command = match parse("terraform", arguments, variables) {
        Ok(command) => command,
        Err(_)
            if original.0.is_none()
                || arguments.iter().any(|word| word.to_str().is_none())
                || variables.iter().any(|(_, value)| may_be_refused(value)) =>
        {
            return Ok(());
        }
        Err(error) => return Err(format!("{line}\n  refused ({error}), terraform: {original:?}")),
    };
    let again = computed(&command.arguments, &Environment::default());
    if original.0 != again.0 {
        return Err(format!("{line}\n  terraform: {original:?}\n  passed on: {again:?}"));
    }
    let Some(expected) = original.0 else {
        return Ok(());
    };
    let ours = without_directory(&command.arguments);
    if ours != expected {
        return Err(format!("{line}\n  terraform: {expected:?}\n  ours: {ours:?}"));
    }
    Ok(())
}

/// Whether versions of terraform may disagree about a text, or bytes in it
/// are none that it could be compared by.
fn may_be_refused(value: &OsStr) -> bool {
    let unclear = [";", "&", "|", "<", ">", "(", ")", "`", "\\t", "\\n", "-chdir"];
    value.to_str().is_none_or(|text| unclear.iter().any(|one| text.contains(one)))
}

/// The arguments without the `-chdir` that terraform takes off first.
fn without_directory(arguments: &[OsString]) -> Vec<OsString> {
    let mut rest = arguments.to_vec();
    let is_flag = |word: &&OsString| word.as_bytes().starts_with(b"-");
    let flags = arguments.iter().take_while(is_flag).count();
    let last = arguments[..flags].iter().rposition(|word| word.as_bytes().starts_with(b"-chdir="));
    if let Some(at) = last {
        rest.remove(at);
    }
    rest
}

/// Terraform puts `version` before arguments that hold a version flag.
fn without_version(arguments: Vec<OsString>) -> Vec<OsString> {
    let asks = |word: &OsString| ["-v", "-version", "--version"].iter().any(|flag| word == flag);
    let skip = usize::from(arguments.iter().any(asks));
    arguments.into_iter().skip(skip).collect()
}

/// The arguments that terraform logged; `None` where it stopped before.
fn logged(outcome: &Outcome) -> Option<Vec<OsString>> {
    let list = outcome.stderr.lines().find_map(|line| line.split_once("CLI command args: []string{"))?.1;
    Some(go_strings(list))
}

/// Reads Go's quoted strings up to the closing brace.
fn go_strings(list: &str) -> Vec<OsString> {
    let mut strings = Vec::new();
    let mut characters = list.chars();
    while let Some(c) = characters.next() {
        match c {
            '}' => break,
            '"' => strings.push(go_string(&mut characters)),
            ',' | ' ' => {}
            other => panic!("{other:?} in {list}"),
        }
    }
    strings
}

/// Reads one string behind its opening quote.
fn go_string(characters: &mut std::str::Chars<'_>) -> OsString {
    let mut bytes = Vec::new();
    let hexadecimal = |characters: &mut std::str::Chars<'_>, digits: usize| {
        let text: String = characters.by_ref().take(digits).collect();
        u32::from_str_radix(&text, 16).unwrap()
    };
    while let Some(c) = characters.next() {
        let c = match c {
            '"' => return OsString::from_vec(bytes),
            '\\' => match characters.next().unwrap() {
                'a' => '\x07',
                'b' => '\x08',
                'f' => '\x0c',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'v' => '\x0b',
                'x' => {
                    bytes.push(u8::try_from(hexadecimal(characters, 2)).unwrap());
                    continue;
                }
                'u' => char::from_u32(hexadecimal(characters, 4)).unwrap(),
                'U' => char::from_u32(hexadecimal(characters, 8)).unwrap(),
                c => c,
            },
            c => c,
        };
        bytes.extend(c.to_string().bytes());
    }
    panic!("a string does not end")
}

#[test]
fn go_strings_are_read() {
    assert_eq!(
        go_strings(r#""plan", "a\"b\\\t\u00a0\xff", ""} x"#),
        [OsString::from("plan"), OsString::from_vec(b"a\"b\\\t\xc2\xa0\xff".to_vec()), OsString::new()]
    );
    assert_eq!(go_strings("}"), Vec::<OsString>::new());
}
