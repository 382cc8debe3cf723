//! A plain `terraform apply` beside terraform's own: whoever is not refused sees the same on
//! both streams, and the same exit code, whatever is answered.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::process::Stdio;
use std::sync::OnceLock;

use regex::Regex;

use super::desk::{Caller, Desk};
use crate::support::world::{is_human, text};

/// One resource, so that terraform reports in one order; and one more to be added.
const PROJECT: &str = r#"
variable "owner" {
  default = "web"
}
resource "terraform_data" "one" {
  input = var.owner
}
output "one" {
  value = terraform_data.one.output
}
"#;

/// A variable without a value, which terraform asks for.
const ASKS: &str = "\nvariable \"name\" {}\nresource \"terraform_data\" \"named\" {\n  input = var.name\n  depends_on = [terraform_data.one]\n}\n";
/// Text that is no configuration.
const BROKEN: &str = "\nresource \"terraform_data\" {\n";
/// A reference to what is not there, which only planning finds.
const DANGLING: &str = "\noutput \"two\" {\n  value = terraform_data.two.output\n}\n";
/// A condition that does not hold.
const FALSE: &str = "\ncheck \"owner\" {\n  assert {\n    condition = var.owner == \"me\"\n    error_message = \"not me\"\n  }\n}\n";
/// A condition that stops the plan.
const UNMET: &str = "\nresource \"terraform_data\" \"two\" {\n  depends_on = [terraform_data.one]\n  lifecycle {\n    precondition {\n      condition = var.owner == \"me\"\n      error_message = \"not me\"\n    }\n  }\n}\n";
/// A module that has not been installed.
const NOT_INSTALLED: &str = "\nmodule \"more\" {\n  source = \"./modules/tag\"\n  name = \"x\"\n}\n";
/// Values that are not to be shown.
const SECRET: &str = "\noutput \"secret\" {\n  value = \"sesame\"\n  sensitive = true\n}\n";

/// A project's text, what is typed, and what is on standard input.
type Case = (&'static str, &'static str, &'static str);

const CASES: &[Case] = &[
    ("", "terraform apply", "yes\n"),
    ("", "terraform apply", "no\n"),
    ("", "terraform apply", ""),
    ("", "terraform apply", "y\n"),
    ("", "terraform apply", "YES\n"),
    ("", "terraform apply", "\nyes\n"),
    ("", "terraform apply", "yes"),
    ("", "terraform apply", "  yes  \nno\n"),
    ("", "terraform apply -no-color", "yes\n"),
    ("", "terraform apply -no-color", "no\n"),
    ("", "terraform apply -input=false", "yes\n"),
    ("", "terraform apply -input=false", ""),
    ("", "terraform apply -auto-approve", ""),
    ("", "terraform apply -auto-approve -input=false -no-color", ""),
    ("", "terraform apply -auto-approve -compact-warnings", ""),
    ("", "terraform apply -target=terraform_data.one", "yes\n"),
    ("", "terraform apply -refresh-only", "yes\n"),
    ("", "terraform apply -refresh=false", "yes\n"),
    ("", "TF_INPUT=0 terraform apply", "yes\n"),
    ("", "TF_CLI_ARGS_apply=-auto-approve terraform apply", ""),
    ("", "TF_CLI_ARGS=-no-color terraform apply", "yes\n"),
    ("", "TF_VAR_owner=me terraform apply", "yes\n"),
    ("", "terraform apply -var owner=me", "yes\n"),
    ("", "terraform apply -auto-approve && terraform apply", ""),
    ("", "terraform apply -auto-approve && terraform apply -var owner=me", "yes\n"),
    ("", "terraform apply -auto-approve && terraform apply -var owner=me -no-color", "no\n"),
    ("", "terraform plan -out=p && terraform apply p", ""),
    ("", "terraform plan -out=p && terraform apply -json p", ""),
    ("", "terraform plan -out=p && terraform apply -auto-approve p && terraform apply p", ""),
    ("", "terraform plan -out=p && terraform apply -var owner=me p", ""),
    ("", "terraform apply -var-file=missing.tfvars", "yes\n"),
    ("", "terraform apply -var nothing=x -auto-approve", ""),
    ("", "terraform apply -target=terraform_data.missing -auto-approve", ""),
    ("", "terraform apply -json -auto-approve", ""),
    ("", "terraform apply -json -auto-approve && terraform apply -json -auto-approve -var owner=me", ""),
    ("", "terraform apply -auto-approve && terraform apply -refresh-only -auto-approve -json", ""),
    ("", "terraform apply missing.tfplan", ""),
    ("", "terraform -chdir=modules apply -no-color missing.tfplan", ""),
    ("", "terraform apply -json missing.tfplan", ""),
    ("", "terraform apply modules", ""),
    ("", "terraform apply a b", ""),
    ("", "terraform destroy p", ""),
    ("", "terraform apply -help", ""),
    ("", "terraform -chdir=missing apply", ""),
    ("", "terraform -chdir=modules/tag apply -auto-approve -var name=x", ""),
    (ASKS, "terraform apply", "jo\nyes\n"),
    (ASKS, "terraform apply", ""),
    (ASKS, "terraform apply -input=false", ""),
    (ASKS, "terraform apply -auto-approve", "jo\n"),
    (BROKEN, "terraform apply", "yes\n"),
    (BROKEN, "terraform apply -json -auto-approve", ""),
    (DANGLING, "terraform apply -auto-approve", ""),
    (FALSE, "terraform apply", "yes\n"),
    (UNMET, "terraform apply", "yes\n"),
    (NOT_INSTALLED, "terraform apply", "yes\n"),
    (NOT_INSTALLED, "terraform apply -no-color -auto-approve", ""),
    (SECRET, "terraform apply", "yes\n"),
];

/// Where the two do not say the same, and what differs. The exit code and the state do not.
const DIFFERENT: &[(Case, &str)] = &[
    (("", "terraform apply -json", "yes\n"), "the refusal to ask has no line of the version before it"),
    (
        ("", "terraform apply -auto-approve && terraform refresh", ""),
        "what is found is told as `apply -refresh-only` tells it",
    ),
    (
        ("", "terraform apply -auto-approve -target=terraform_data.one", ""),
        "a plan's warnings come before the apply, not after",
    ),
    (("", "terraform apply -var", ""), "help is pointed at for plan, not for apply"),
    (
        (FALSE, "terraform apply -auto-approve -compact-warnings", ""),
        "the plan's warnings are said as well as the apply's",
    ),
];

/// Both streams and the exit code, without what differs between any two runs.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    code: Option<i32>,
    stdout: String,
    stderr: String,
    /// What is in the state afterwards.
    state: String,
    /// By tollgate.
    recorded: usize,
}

impl Said {
    /// Every line of it, with where it was said.
    fn lines(&self) -> Vec<String> {
        let streams = [("out", &self.stdout), ("err", &self.stderr), ("state", &self.state)];
        let said =
            streams.iter().flat_map(|(name, text)| text.lines().map(move |line| format!("{name}: {line}")));
        said.chain([format!("exit code {:?}, {} recorded", self.code, self.recorded)]).collect()
    }
}

/// The lines that only one of the two has, or more often.
fn difference(own: &[String], shimmed: &[String]) -> String {
    let only = |lines: &[String], others: &[String], mark: &str| {
        let mut others = others.to_vec();
        let mut told = String::new();
        for line in lines {
            match others.iter().position(|other| other == line) {
                Some(at) => drop(others.remove(at)),
                None => writeln!(told, "  {mark} {line:?}").unwrap(),
            }
        }
        told
    };
    let told = only(own, shimmed, "terraform") + &only(shimmed, own, "tollgate ");
    if told.is_empty() { "  only the order differs\n".to_owned() } else { told }
}

fn project(more: &str) -> Option<Desk> {
    let desk = Desk::of("terraform")?;
    fs::write(desk.world.path("network/main.tf"), PROJECT).unwrap();
    let made = desk.real("terraform init -input=false && terraform -chdir=modules/tag init -input=false");
    assert_eq!(made.code, Some(0), "{made:?}");
    fs::write(desk.world.path("network/main.tf"), PROJECT.to_owned() + more).unwrap();
    Some(desk)
}

/// Ids, times, and where the directory is differ from one run to the next.
fn comparable(desk: &Desk, bytes: &[u8]) -> String {
    static VARYING: OnceLock<Regex> = OnceLock::new();
    let pattern = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9-]{10}T[0-9:.]+(Z|[+-][0-9:]{5})|\
        elapsed_seconds\":[0-9.]+|after [0-9]+s";
    let varying = VARYING.get_or_init(|| Regex::new(pattern).unwrap());
    let text = text(bytes).replace(desk.world.project().to_str().unwrap(), "DIRECTORY");
    varying.replace_all(&text, "…").into_owned()
}

/// What comes of a line, with the shim in front or without.
fn said(case: &Case, caller: Option<Caller>) -> Option<Said> {
    let (more, line, input) = case;
    let desk = project(more)?;
    let mut shell = desk.command(line, caller);
    shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = shell.spawn().unwrap();
    // It may end without having read all of it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let state = desk.real("terraform show -no-color; ls").text;
    Some(Said {
        recorded: desk.recorded().len(),
        code: output.status.code(),
        stdout: comparable(&desk, &output.stdout),
        stderr: comparable(&desk, &output.stderr),
        state: comparable(&desk, state.as_bytes()),
    })
}

fn compare(caller: Caller) {
    let mut wrong = String::new();
    // A human is never stopped where an agent is not; every other line is enough.
    let every = if caller == Caller::Human { 2 } else { 1 };
    for case in CASES.iter().step_by(every) {
        let Some(own) = said(case, None) else { return };
        let shimmed = said(case, Some(caller)).unwrap();
        if own != shimmed {
            writeln!(wrong, "{case:?}\n{}", difference(&own.lines(), &shimmed.lines())).unwrap();
        }
    }
    for (case, what) in DIFFERENT {
        let Some(own) = said(case, None) else { return };
        let shimmed = said(case, Some(caller)).unwrap();
        if own == shimmed {
            writeln!(wrong, "{case:?}\n  no longer so: {what}").unwrap();
        }
        let kept = |said: &Said| (said.code, said.recorded, said.state.clone());
        assert_eq!(kept(&own), kept(&shimmed), "{case:?}");
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn an_agents_apply_is_terraforms_own() {
    compare(Caller::Agent);
}

#[test]
fn a_humans_apply_is_terraforms_own() {
    if is_human() {
        compare(Caller::Human);
    }
}

/// What is typed at the terminal where terraform asks, and what is on it in the end.
#[test]
fn at_a_terminal_it_asks_as_terraform_does_and_once() {
    if !is_human() {
        return;
    }
    let mut wrong = String::new();
    for (line, answer) in [
        ("terraform apply", "yes"),
        ("terraform apply", "no"),
        ("terraform apply", ""),
        ("terraform apply -no-color", "yes"),
        ("terraform apply -no-color -compact-warnings", "nein"),
        ("terraform apply -target=terraform_data.one", "yes"),
    ] {
        let mut seen = Vec::new();
        for shimmed in [false, true] {
            let Some(desk) = project("") else { return };
            let mut terminal = desk.terminal(line, shimmed).start();
            let before = terminal.expect("Enter a value:");
            terminal.send_line(answer);
            let (after, code) = terminal.wait();
            assert!(!after.contains("Enter a value"), "{line}: {after}");
            let state = desk.real("terraform show -no-color").text;
            let whole = comparable(&desk, format!("{before}…{after}\n{code}\n{state}").as_bytes());
            seen.push(whole.lines().map(str::to_owned).collect::<Vec<_>>());
        }
        let [own, shimmed] = seen.as_slice() else { continue };
        if own != shimmed {
            writeln!(wrong, "{line}, answered `{answer}`\n{}", difference(own, shimmed)).unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
