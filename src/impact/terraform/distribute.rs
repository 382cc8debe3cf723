//! The words of one command, distributed over `plan`, `show` and `apply`.
//!
//! Flags are written anew from what the grammar read, `-name=value`, so that no word can be
//! taken for anything else. `TF_CLI_ARGS*` are among them already, and kept from the tool.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::command::{Command, Flag};
use crate::impact::sealed::Sealed;

/// What a flag of `apply` is for, once a plan is made first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// Making the plan.
    Plan,
    /// Making it; and applying it again where the tool has not kept the value.
    Value,
    /// Applying it.
    Apply,
    /// Either.
    Both,
    /// Neither: a plan that was made is applied without a question.
    Neither,
}

/// The flags of `apply`, `destroy` and `refresh`, tofu's own among them.
const PARTS: &[(Part, &[&str])] = &[
    (
        Part::Plan,
        &[
            "-destroy",
            "-exclude",
            "-exclude-file",
            "-refresh",
            "-refresh-only",
            "-replace",
            "-target",
            "-target-file",
        ],
    ),
    (Part::Value, &["-var", "-var-file"]),
    (Part::Apply, &["-json-into", "-state-out"]),
    (
        Part::Both,
        &[
            "-backup",
            "-compact-warnings",
            "-concise",
            "-deprecation",
            "-input",
            "-json",
            "-lock",
            "-lock-timeout",
            "-no-color",
            "-parallelism",
            "-show-sensitive",
            "-state",
        ],
    ),
    (Part::Neither, &["-auto-approve"]),
];

/// What `name` is for. One that nobody knows goes to both, and the tool says what it
/// thinks of it.
fn part(name: &str) -> Part {
    PARTS.iter().find(|(_, names)| names.contains(&name)).map_or(Part::Both, |(part, _)| *part)
}

/// Whether the last of this boolean flag is on, or is no value that turns it off.
pub(super) fn is_on(command: &Command, name: &str) -> bool {
    let last = command.flags.iter().rev().find(|flag| flag.name == name);
    last.is_some_and(|flag| flag.boolean() != Some(false))
}

/// How a request names a plan.
pub(super) fn bound(plan: &Sealed) -> String {
    format!("plan:{}", plan.sha256())
}

/// `plan`, into `out`.
pub(super) fn plan(command: &Command, out: &Path) -> Vec<OsString> {
    let mut words = start(command, &["plan"]);
    let destroys = command.path == ["destroy"];
    if destroys {
        words.push("-destroy".into());
    }
    if command.path == ["refresh"] {
        words.push("-refresh-only".into());
    }
    words.push(flag("-out", Some(out.as_os_str())));
    let taken = command.flags.iter().filter(|flag| {
        let is_for = matches!(part(&flag.name), Part::Plan | Part::Value | Part::Both);
        // `destroy -destroy=false` destroys all the same.
        is_for && !(destroys && flag.name == "-destroy")
    });
    words.extend(taken.map(written));
    words
}

/// `apply` of `plan`. Of a plan that was saved before, with all the flags that were given;
/// of one that was made, with those that `plan` has not used up, and the values again
/// where `again` is set.
pub(super) fn apply(command: &Command, plan: OsString, again: bool) -> Vec<OsString> {
    let saved = !command.operands.is_empty();
    let mut words = start(command, &["apply"]);
    let taken = command.flags.iter().filter(|flag| match part(&flag.name) {
        Part::Apply | Part::Both => true,
        Part::Value => saved || again,
        Part::Plan | Part::Neither => saved,
    });
    words.extend(taken.map(written));
    words.push(plan);
    words
}

/// The line with other operands, as it is asked about only what the tool refuses.
pub(super) fn refused<'a>(command: &Command, operands: impl Iterator<Item = &'a OsStr>) -> Vec<OsString> {
    let path: Vec<&str> = command.path.iter().map(String::as_str).collect();
    let mut words = start(command, &path);
    words.extend(command.flags.iter().map(written));
    words.extend(operands.map(OsStr::to_owned));
    words
}

/// `show -json` of `plan`.
pub(super) fn show(command: &Command, plan: &Path) -> Vec<OsString> {
    let mut words = start(command, &["show", "-json"]);
    words.push(plan.into());
    words
}

/// Whether it is to write the state alone.
pub(super) fn is_refresh(command: &Command) -> bool {
    command.path == ["refresh"] || is_on(command, "-refresh-only")
}

/// Whether it is to destroy everything.
pub(super) fn is_destroy(command: &Command) -> bool {
    command.path == ["destroy"] || is_on(command, "-destroy")
}

fn start(command: &Command, words: &[&str]) -> Vec<OsString> {
    let directory = command.directory.as_deref().map(|directory| flag("-chdir", Some(directory)));
    directory.into_iter().chain(words.iter().map(OsString::from)).collect()
}

fn written(given: &Flag) -> OsString {
    flag(&given.name, given.value.as_deref())
}

fn flag(name: &str, value: Option<&OsStr>) -> OsString {
    let mut word = OsString::from(name);
    if let Some(value) = value {
        word.push("=");
        word.push(value);
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::terraform::flag_names;
    use crate::process::Environment;

    fn parsed(tool: &str, line: &str, variables: &[(&str, &str)]) -> Command {
        let words: Vec<OsString> = shell_words::split(line).unwrap().iter().map(OsString::from).collect();
        let environment: Environment = variables.iter().copied().collect();
        crate::command::parse(tool, &words, &environment).unwrap()
    }

    fn line(words: Vec<OsString>) -> String {
        let words: Vec<String> = words.into_iter().map(|word| word.into_string().unwrap()).collect();
        words.join(" ")
    }

    #[test]
    fn flags_go_where_they_are_taken() {
        for (given, plan_words, apply_words) in [
            ("apply", "plan -out=P", "apply A"),
            ("destroy", "plan -destroy -out=P", "apply A"),
            ("destroy -destroy=false -auto-approve", "plan -destroy -out=P", "apply A"),
            ("apply -destroy -auto-approve=true", "plan -out=P -destroy", "apply A"),
            (
                "refresh -state-out o -var a=1 -target m",
                "plan -refresh-only -out=P -var=a=1 -target=m",
                "apply -state-out=o A",
            ),
            ("apply -refresh-only", "plan -out=P -refresh-only", "apply A"),
            ("apply -destroy=false", "plan -out=P -destroy=false", "apply A"),
            (
                "-chdir=infra apply --lock=false",
                "-chdir=infra plan -out=P -lock=false",
                "-chdir=infra apply -lock=false A",
            ),
            (
                "apply -var 'a=1 2' -var=b=2 -var-file x.tfvars -target m.a -replace=m.b -refresh=false",
                "plan -out=P -var=a=1 2 -var=b=2 -var-file=x.tfvars -target=m.a -replace=m.b -refresh=false",
                "apply A",
            ),
            (
                "apply -state s -state-out o -backup=- -lock-timeout 3s -parallelism=2 -input=false",
                "plan -out=P -state=s -backup=- -lock-timeout=3s -parallelism=2 -input=false",
                "apply -state=s -state-out=o -backup=- -lock-timeout=3s -parallelism=2 -input=false A",
            ),
            (
                "apply -auto-approve -json -no-color -compact-warnings",
                "plan -out=P -no-color -compact-warnings -json",
                "apply -no-color -compact-warnings -json A",
            ),
            ("apply -var -destroy", "plan -out=P -var=-destroy", "apply A"),
            ("apply -var=", "plan -out=P -var=", "apply A"),
            ("apply -var", "plan -out=P -var", "apply A"),
        ] {
            let command = parsed("terraform", given, &[]);
            assert_eq!(line(plan(&command, Path::new("P"))), plan_words, "{given}");
            assert_eq!(line(apply(&command, "A".into(), false)), apply_words, "{given}");
        }
    }

    #[test]
    fn what_tofu_adds_goes_along() {
        let command = parsed(
            "tofu",
            "apply -exclude=m.a -target-file t -concise -show-sensitive -json-into=j -exclude-file=e",
            &[],
        );
        assert_eq!(
            line(plan(&command, Path::new("P"))),
            "plan -out=P -exclude=m.a -target-file=t -concise -show-sensitive -exclude-file=e"
        );
        assert_eq!(line(apply(&command, "A".into(), false)), "apply -concise -show-sensitive -json-into=j A");
    }

    #[test]
    fn a_saved_plan_keeps_its_words() {
        let command =
            parsed("terraform", "-chdir=x apply -auto-approve -var a=1 -target=m -- p -no-color", &[]);
        assert_eq!(
            line(apply(&command, "A".into(), false)),
            "-chdir=x apply -no-color -auto-approve -var=a=1 -target=m A"
        );
        assert_eq!(line(show(&command, Path::new("P"))), "-chdir=x show -json P");
    }

    #[test]
    fn values_are_given_again_where_they_are_not_kept() {
        let command = parsed("terraform", "apply -var a=1 -var-file=f -target=m", &[]);
        assert_eq!(line(apply(&command, "A".into(), true)), "apply -var=a=1 -var-file=f A");
    }

    #[test]
    fn variables_are_among_the_words() {
        let variables = [("TF_CLI_ARGS_apply", "-destroy -parallelism=1"), ("TF_CLI_ARGS_plan", "-target=x")];
        let command = parsed("terraform", "apply -lock=false", &variables);
        assert_eq!(line(plan(&command, Path::new("P"))), "plan -out=P -destroy -parallelism=1 -lock=false");
        assert_eq!(line(apply(&command, "A".into(), false)), "apply -parallelism=1 -lock=false A");
    }

    /// No flag of the grammar's table is distributed by accident, and `plan` takes what it is given.
    #[test]
    fn every_flag_has_its_part() {
        let plan_has = flag_names("plan");
        for command in ["apply", "destroy", "refresh"] {
            for name in flag_names(command) {
                let listed = PARTS.iter().find(|(_, names)| names.contains(&name.as_str()));
                let (part, _) = listed.unwrap_or_else(|| panic!("{name} has no part"));
                if matches!(part, Part::Plan | Part::Value | Part::Both) {
                    assert!(plan_has.contains(&name), "{name}");
                }
            }
        }
    }
}
