//! What real command lines do to real states, against what the rulebook says
//! that they do.
//!
//! A state that changed has to have been judged a write, an instance or a
//! state that is gone a destruction. The other way round, what only printed
//! help, a version or completions has to be allowed even to an agent.

use std::ffi::OsString;
use std::path::Path;

use tollgate::context::principal::Principal;
use tollgate::gate::{Assumptions, Reading, inquire, judged};
use tollgate::invocation::Invocation;
use tollgate::process::Environment;
use tollgate::verdict::{Decision, Effect, PrincipalKind};

use super::project::{Project, States, environment};
use super::real::{Outcome, os, run, shown};
use super::world::World;
use crate::support::random::{Random, for_each_case};
use crate::support::tools;

const CASES: u64 = 180;

/// A command with flags that it has and operands that it takes.
type Recipe = (&'static [&'static str], &'static [&'static str], &'static [&'static [&'static str]]);

/// The dangerous ones more than once.
#[rustfmt::skip]
const RECIPES: &[Recipe] = &[
    (&["destroy"], APPLY, &[&[]]),
    (&["destroy"], APPLY, &[&[]]),
    (&["apply"], APPLY, &[&[], &[], &["destroy.tfplan"], &["apply"]]),
    (&["apply"], APPLY, &[&[], &[], &["destroy.tfplan"], &["true"]]),
    (&["apply"], APPLY, &[&[]]),
    (&["refresh"], APPLY, &[&[]]),
    (&["plan"], &["-out=new.tfplan", "-out=terraform.tfstate", "-out=sub/terraform.tfstate", "-destroy", "-lock=false", "-out", "-state-out=copy.tfstate", "-backup=copy.tfstate"], &[&[]]),
    (&["state", "rm"], STATE, &[&["terraform_data.one"], &["terraform_data.one", "terraform_data.two"], &["terraform_data.new"]]),
    (&["state", "rm"], STATE, &[&["terraform_data.one"], &["terraform_data.two", "-dry-run"]]),
    (&["state", "mv"], STATE, &[&["terraform_data.one", "terraform_data.new"], &["terraform_data.one", "terraform_data.two"]]),
    (&["state", "push"], &["-force", "-lock=false", "-ignore-remote-version"], &[&["hollow.json"], &["copy.tfstate"], &["-"]]),
    (&["state", "replace-provider"], &["-auto-approve", "-backup=copy.tfstate", "-lock=false"], &[&["terraform.io/builtin/terraform", "hashicorp/null"]]),
    (&["workspace", "delete"], &["-force", "--force=1", "-force=false", "-lock=false"], &[&["other"], &["empty"], &["default"]]),
    (&["env", "delete"], &["-force", "--force=1", "-force=false", "-lock=false"], &[&["other"], &["empty"]]),
    (&["workspace", "new"], &["-state=copy.tfstate", "-lock=false"], &[&["x"], &["other"]]),
    (&["env", "new"], &["-state=copy.tfstate"], &[&["x"]]),
    (&["workspace", "select"], &["-or-create", "-or-create=true"], &[&["x"], &["other"]]),
    (&["taint"], STATE_OUT, &[&["terraform_data.one"], &["terraform_data.new"]]),
    (&["untaint"], STATE_OUT, &[&["terraform_data.one"]]),
    (&["import"], STATE_OUT, &[&["terraform_data.three", "x"], &["terraform_data.one", "x"]]),
    (&["init"], &["-input=false", "-reconfigure", "-force-copy", "-migrate-state", "-upgrade"], &[&[]]),
    (&["applyx"], &[], &[&["xapply"], &["apply"], &["b", "apply"]]),
    (&["state", "rmx"], &[], &[&["state", "rm"], &["terraform_data.one", "state", "rm"]]),
    (&[], &["-auto-approve", "-version"], &[&[]]),
    (&["state"], &["-force"], &[&[], &["terraform_data.one"]]),
    (&["workspace"], &["-force"], &[&[], &["other"]]),
    (&["state", "list"], &["-state=copy.tfstate"], &[&[]]),
    (&["state", "pull"], &[], &[&[]]),
    (&["state", "show"], &["-state=copy.tfstate"], &[&["terraform_data.one"]]),
    (&["output"], &["-json", "-raw"], &[&["one"], &[]]),
    (&["show"], &["-json"], &[&["destroy.tfplan"], &[]]),
    (&["console"], &["-state=copy.tfstate", "-plan"], &[&[]]),
    (&["fmt"], &["-check", "-write=false"], &[&[]]),
    (&["force-unlock"], &["-force"], &[&["x"]]),
    (&["test"], &["-junit-xml=terraform.tfstate", "-verbose"], &[&[]]),
    (&["validate"], &["-json"], &[&[]]),
    (&["graph"], &["-type=plan"], &[&[]]),
    (&["get"], &[], &[&[]]),
    (&["modules"], &["-json"], &[&[]]),
    (&["providers"], &[], &[&[], &["schema", "-json"]]),
    (&["version"], &["-json"], &[&[]]),
    (&["metadata"], &[], &[&["functions", "-json"]]),
    (&["push"], &[], &[&[]]),
];

#[rustfmt::skip]
const APPLY: &[&str] = &[
    "-auto-approve", "-auto-approve", "--auto-approve=t", "-auto-approve=false", "-compact-warnings", "-no-color",
    "-backup=-", "-backup=b.json", "-backup=copy.tfstate", "-state=copy.tfstate", "-state-out=copy.tfstate",
    "-lock=false", "-input=false", "-destroy", "-destroy=false", "--destroy=T", "-refresh-only",
    "-refresh-only=false", "-refresh=false", "-replace=terraform_data.one", "-target=terraform_data.one", "-json",
];

#[rustfmt::skip]
const STATE: &[&str] = &[
    "-dry-run", "--dry-run=1", "-dry-run=false", "-backup", "-no-color", "-backup=-", "-backup=b.json",
    "-backup=copy.tfstate", "-state=copy.tfstate", "-lock=false", "-state-out=copy.tfstate",
];

#[rustfmt::skip]
const STATE_OUT: &[&str] = &[
    "-state=copy.tfstate", "-state-out=copy.tfstate", "-backup=copy.tfstate", "-backup=-", "-lock=false",
    "-allow-missing", "-backup", "-state-out=sub/terraform.tfstate", "-backup=terraform.tfstate.d/other/terraform.tfstate",
];

/// What is put anywhere.
#[rustfmt::skip]
const JUNK: &[&str] = &[
    "--", "-help", "-h", "-version", "-help=false", "-no-color", "-frob", "-frob=1", "-", "-=", "---destroy", "",
    "-var", "-var=x=1", "-out", "-state-out", "-target", "-dry-run", "-force", "'", "a b", "other", "true", "destroy",
];

const GLOBALS: &[&str] = &[
    "-chdir=sub",
    "-chdir=sub",
    "-chdir=.",
    "-chdir=missing",
    "-chdir",
    "--chdir=sub",
    "-no-color",
    "-auto-approve",
    "",
    "-help",
    "-v",
    "--",
    "-frob",
];

const VARIABLES: &[(&str, &str)] = &[
    ("TF_CLI_ARGS", "-auto-approve"),
    ("TF_CLI_ARGS", "destroy -auto-approve"),
    ("TF_CLI_ARGS", "-destroy"),
    ("TF_CLI_ARGS", "-lock=false"),
    ("TF_CLI_ARGS", "-dry-run"),
    ("TF_CLI_ARGS", "apply -destroy '-auto-approve'"),
    ("TF_CLI_ARGS", "-help"),
    ("TF_CLI_ARGS", "\"-backup\""),
    ("TF_CLI_ARGS", "-force"),
    ("TF_CLI_ARGS_", "destroy -auto-approve"),
    ("TF_CLI_ARGS_apply", "-destroy -auto-approve"),
    ("TF_CLI_ARGS_apply", "-destroy=false"),
    ("TF_CLI_ARGS_destroy", "-auto-approve"),
    ("TF_CLI_ARGS_state", "rm terraform_data.one"),
    ("TF_CLI_ARGS_state", "list"),
    ("TF_CLI_ARGS_state_rm", "terraform_data.two"),
    ("TF_CLI_ARGS_state_rm", "-dry-run"),
    ("TF_CLI_ARGS_state_rm", "-backup"),
    ("TF_CLI_ARGS_state_mv", "-dry-run=false"),
    ("TF_CLI_ARGS_workspace", "delete -force other"),
    ("TF_CLI_ARGS_workspace_delete", "-force"),
    ("TF_CLI_ARGS_env", "delete -force other"),
    ("TF_CLI_ARGS_env_delete", "-force"),
    ("TF_CLI_ARGS_plan", "-out=terraform.tfstate"),
    ("TF_CLI_ARGS_version", "destroy"),
    ("TF_CLI_ARGS_frob", "x"),
    ("TF_WORKSPACE", "other"),
    ("TF_WORKSPACE", "other"),
    ("TF_WORKSPACE", "brand-new"),
    ("TF_WORKSPACE", ""),
    ("TF_DATA_DIR", "sub/.terraform"),
    ("TF_DATA_DIR", "elsewhere"),
    ("TF_INPUT", "0"),
    ("TF_IN_AUTOMATION", "1"),
    ("COMP_LINE", "terraform de"),
    ("COMP_LINE", ""),
];

/// One call of terraform.
#[derive(Clone)]
struct Case {
    arguments: Vec<OsString>,
    variables: Vec<(&'static str, &'static str)>,
}

impl Case {
    fn generated(random: &mut Random) -> Self {
        let mut words: Vec<&str> = Vec::new();
        if random.one_in(12) {
            words.push(random.pick(GLOBALS));
        }
        let (command, flags, operands) = random.pick(RECIPES);
        words.extend(command);
        for _ in 0..random.below(3).min(flags.len()) {
            words.push(random.pick(flags));
        }
        words.extend(random.pick(operands));
        if random.one_in(5) {
            words.insert(random.below(words.len() + 1), random.pick(JUNK));
        }
        let count = if random.one_in(3) { 1 + random.below(2) } else { 0 };
        let variables = (0..count).map(|_| random.pick(VARIABLES)).collect();
        Self { arguments: os(&words), variables }
    }

    fn of(variables: &[(&'static str, &'static str)], words: &[&str]) -> Self {
        Self { arguments: os(words), variables: variables.to_vec() }
    }

    fn environment(&self) -> Environment {
        let mut environment = Environment::default();
        for (name, value) in &self.variables {
            environment.set(*name, *value);
        }
        environment
    }

    /// Every case with one word or variable less.
    fn smaller(&self) -> impl Iterator<Item = Self> {
        let without_word = (0..self.arguments.len()).map(|at| {
            let mut smaller = self.clone();
            smaller.arguments.remove(at);
            smaller
        });
        let without_variable = (0..self.variables.len()).map(|at| {
            let mut smaller = self.clone();
            smaller.variables.remove(at);
            smaller
        });
        without_word.chain(without_variable)
    }
}

#[test]
fn what_changes_a_state_is_judged_to_change_it() {
    generated(CASES, 2_000_000);
}

#[test]
#[ignore = "starts terraform two thousand times: some minutes"]
fn what_changes_a_state_is_judged_to_change_it_at_length() {
    generated(2_000, 3_000_000);
}

fn generated(cases: u64, seed: u64) {
    let Some(terraform) = tools::terraform() else { return };
    let project = Project::changed(terraform);
    let first = Project::applied(terraform);
    assert_eq!(States::below(first.path()).count(), 3, "default, other and sub");
    let hits = std::sync::atomic::AtomicUsize::new(0);
    for_each_case(cases, |number| {
        let case = Case::generated(&mut Random::new(seed + number));
        let (failure, changed) = check(terraform, &project, &case);
        hits.fetch_add(usize::from(changed), std::sync::atomic::Ordering::Relaxed);
        failure.map_or(Ok(()), |failure| Err(shrunk(terraform, &project, case, failure)))
    });
    let hits = hits.into_inner();
    assert!(hits * 8 > usize::try_from(cases).unwrap(), "too few cases changed anything: {hits}");
}

/// Ways around a gate that were thought of, and some that were found.
#[test]
fn notable_ways_to_lose_a_state_are_judged_to_lose_it() {
    let Some(terraform) = tools::terraform() else { return };
    let project = Project::changed(terraform);
    let cases = [
        Case::of(&[("TF_CLI_ARGS", "destroy -auto-approve")], &[]),
        Case::of(&[("TF_CLI_ARGS_", "destroy -auto-approve")], &[]),
        Case::of(&[("TF_CLI_ARGS_state", "rm terraform_data.one")], &["state"]),
        Case::of(&[("TF_CLI_ARGS_env_delete", "-force")], &["env", "delete", "other"]),
        Case::of(&[("TF_CLI_ARGS_apply", "-destroy -auto-approve")], &["apply"]),
        Case::of(&[], &["destroy"]),
        Case::of(&[], &["", "destroy"]),
        Case::of(&[], &["destroy", "-destroy=false", "-auto-approve"]),
        Case::of(&[], &["applyx", "apply"]),
        Case::of(&[], &["applyx", "xapply"]),
        Case::of(&[], &["-chdir=sub", "apply", "-destroy"]),
        Case::of(&[], &["apply", "destroy.tfplan"]),
        Case::of(&[], &["apply", "-refresh-only", "destroy.tfplan"]),
        Case::of(&[], &["apply", "-refresh-only", "--", "destroy.tfplan"]),
        Case::of(&[], &["apply", "-replace=terraform_data.one"]),
        Case::of(&[("TF_WORKSPACE", "other")], &["destroy", "-auto-approve"]),
        Case::of(&[], &["state", "rm", "-backup", "-dry-run", "terraform_data.one"]),
        Case::of(&[], &["state", "rm", "-backup", "-no-color", "-dry-run", "terraform_data.one"]),
        Case::of(&[], &["state", "rm", "-dry-run", "-dry-run=false", "terraform_data.one"]),
        Case::of(&[], &["state", "mv", "terraform_data.one", "terraform_data.new"]),
        Case::of(&[], &["state", "push", "hollow.json"]),
        Case::of(&[], &["state", "push", "-force", "sub/terraform.tfstate"]),
        Case::of(&[], &["workspace", "delete", "-force", "other"]),
        Case::of(&[], &["plan", "-out=terraform.tfstate"]),
        Case::of(&[], &["plan", "-out", "terraform.tfstate.d/other/terraform.tfstate"]),
    ];
    for_each_case(u64::try_from(cases.len()).unwrap(), |number| {
        let case = &cases[usize::try_from(number).unwrap()];
        match check(terraform, &project, case) {
            (Some(failure), _) => Err(failure),
            (None, false) => Err(format!("{} changed nothing", shown(&case.arguments, &case.environment()))),
            (None, true) => Ok(()),
        }
    });
}

/// Runs `case` for real, and compares. Returns what is wrong, and whether any
/// state changed.
fn check(terraform: &Path, project: &Project, case: &Case) -> (Option<String>, bool) {
    let copy = project.copy();
    let variables = case.environment();
    let environment = environment(copy.path(), &variables);
    let verdict = verdict(copy.path(), &case.arguments, &environment);
    let before = States::below(copy.path());
    let outcome = run(terraform, copy.path(), &case.arguments, &environment, b"yes\nyes\n");
    let after = States::below(copy.path());
    let changed = before != after;
    // An unreadable variable is refused by terraform or by us.
    let Some((decision, effects, known)) = verdict else {
        return (None, changed);
    };
    let lost = before.lost(&after);
    let wrong = if !lost.is_empty() && !effects.contains(&Effect::Destroy) {
        Some(format!("lost {}", lost.join(", ")))
    } else if changed && effects.iter().all(|effect| *effect < Effect::Write) {
        Some("changed a state".to_owned())
    } else if !changed && known && decision != Decision::Allow && only_prints(&outcome, &environment) {
        Some(format!("only prints, and is {decision}"))
    } else {
        None
    };
    let failure = wrong.map(|wrong| {
        format!("{}\n  {wrong}; judged {decision} {effects:?}", shown(&case.arguments, &variables))
    });
    (failure, changed)
}

/// Whether `init` copies a state over another one depends on the configuration
/// and on its standard input, which the rulebook does not read. What it says
/// about the flags has to be true: with `-input=false` nothing is copied.
#[test]
fn init_copies_no_state_without_input() {
    let Some(terraform) = tools::terraform() else { return };
    let project = Project::changed(terraform);
    let without_input = Case::of(&[], &["-chdir=moved", "init", "-input=false"]);
    assert_eq!(check(terraform, &project, &without_input), (None, false));
    for flag in ["-force-copy", "-migrate-state"] {
        let copying = Case::of(&[], &["-chdir=moved", "init", flag]);
        assert_eq!(check(terraform, &project, &copying), (None, true), "{flag}");
    }
}

/// What an agent is told; `None` where the arguments cannot be read.
fn verdict(
    directory: &Path,
    arguments: &[OsString],
    environment: &Environment,
) -> Option<(Decision, Vec<Effect>, bool)> {
    let world = World::new(directory, environment);
    let invocation = Invocation { tool: "terraform".into(), program: None, arguments: arguments.to_vec() };
    let inquiry = inquire(&world, &invocation, Some(directory.to_path_buf()), Reading::Candidates).ok()?;
    let agent = Principal { kind: PrincipalKind::Agent, ..Principal::default() };
    let assumptions = Assumptions { principal: Some(agent), ..Assumptions::default() };
    let judgement = judged(&world, &inquiry, &assumptions).judgement;
    Some((judgement.decision, judgement.effects(), inquiry.command.known))
}

/// Whether all that terraform did was to tell about itself.
fn only_prints(outcome: &Outcome, environment: &Environment) -> bool {
    let told =
        ["Usage: terraform", "Terraform v"].iter().any(|told| outcome.stdout.trim_start().starts_with(told));
    (told && outcome.code == Some(0)) || environment.non_empty("COMP_LINE").is_some()
}

/// The smallest case that is wrong in some way, and how.
fn shrunk(terraform: &Path, project: &Project, case: Case, failure: String) -> String {
    let (mut case, mut failure) = (case, failure);
    loop {
        let smaller =
            case.smaller().find_map(|smaller| Some((check(terraform, project, &smaller).0?, smaller)));
        match smaller {
            Some((why, smaller)) => (failure, case) = (why, smaller),
            None => return failure,
        }
    }
}
