//! The built binary as a shim in front of the real terraform and real states.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::Value;
use tollgate::context::principal::detect;
use tollgate::process::Environment;
use tollgate::verdict::PrincipalKind;

use super::project::{Project, States};
use super::real::{Outcome, os, run, surroundings};
use crate::support::tools;

/// Refused, or waiting for an approval.
const REFUSED: Option<i32> = Some(77);

/// Makes every process that has it an agent.
const AGENT: (&str, &str) = ("CLAUDE_CODE_CHILD_SESSION", "1");

/// Names and values.
type Variables = &'static [(&'static str, &'static str)];

/// A home with a shim, and a copy of a project in it.
struct Desk {
    home: tempfile::TempDir,
    project: tempfile::TempDir,
    terraform: PathBuf,
    setsid: PathBuf,
}

impl Desk {
    fn new() -> Option<Self> {
        static PROJECT: OnceLock<Project> = OnceLock::new();
        let (terraform, setsid) = (tools::terraform()?, tools::setsid()?);
        let home = tempfile::tempdir().unwrap();
        let shims = home.path().join("shims");
        fs::create_dir(&shims).unwrap();
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_tollgate"), shims.join("terraform")).unwrap();
        Some(Self {
            home,
            project: PROJECT.get_or_init(|| Project::applied(terraform)).copy(),
            terraform: terraform.to_path_buf(),
            setsid: setsid.to_path_buf(),
        })
    }

    fn environment(&self, variables: &[(&str, &str)]) -> Environment {
        let home = self.home.path();
        let mut environment = surroundings(home);
        let shims = home.join("shims");
        let path = [&shims, self.terraform.parent().unwrap(), Path::new("/usr/bin"), Path::new("/bin")];
        environment.set("PATH", std::env::join_paths(path).unwrap());
        for (name, directory) in
            [("XDG_CONFIG_HOME", "config"), ("XDG_STATE_HOME", "state"), ("XDG_DATA_HOME", "data")]
        {
            environment.set(name, home.join(directory));
        }
        for (name, value) in variables {
            environment.set(*name, *value);
        }
        environment
    }

    /// Runs `program` in a session of its own, so that there is no terminal.
    fn call(&self, program: &Path, words: &[&str], variables: &[(&str, &str)], input: &[u8]) -> Outcome {
        let mut arguments: Vec<OsString> = vec!["--wait".into(), program.into()];
        arguments.extend(os(words));
        run(&self.setsid, self.project.path(), &arguments, &self.environment(variables), input)
    }

    /// Calls terraform by its name, as people and scripts do.
    fn shimmed(&self, words: &[&str], variables: &[(&str, &str)], input: &[u8]) -> Outcome {
        self.call(Path::new("terraform"), words, variables, input)
    }

    /// Everything that was recorded, oldest first.
    fn records(&self) -> Vec<Value> {
        let Ok(entries) = fs::read_dir(self.home.path().join("state/tollgate/audit")) else {
            return Vec::new();
        };
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
        files.sort();
        let lines = files.iter().flat_map(|file| {
            let text = fs::read_to_string(file).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>()
        });
        lines.collect()
    }

    /// That nothing ran, and that the record has it under `rule`.
    fn assert_refused(&self, words: &[&str], variables: &[(&str, &str)], input: &[u8], rule: &str) {
        let before = States::below(self.project.path());
        let outcome = self.shimmed(words, variables, input);
        assert_eq!(outcome.code, REFUSED, "{words:?}: {outcome:?}");
        assert_eq!(outcome.stdout, "", "{words:?}");
        assert!(!outcome.stderr.is_empty(), "{words:?}");
        assert_eq!(before, States::below(self.project.path()), "{words:?}");
        let records = self.records();
        let told: Vec<_> = records.iter().filter(|record| record["type"] != "requested").collect();
        let [.., decision, refused] = told.as_slice() else {
            panic!("{words:?} is not recorded: {records:?}");
        };
        assert_eq!((&decision["type"], &refused["type"]), (&"decision".into(), &"refused".into()));
        assert_eq!(decision["req"], refused["req"]);
        let rules = decision["rules"].as_array().unwrap();
        assert!(rules.iter().any(|one| one == rule), "{words:?}: {rules:?}");
        assert!(records.iter().all(|record| record["type"] != "exec"), "{words:?}");
    }
}

#[test]
fn an_agent_destroys_nothing() {
    let Some(desk) = Desk::new() else { return };
    let yes = "yes\n".repeat(100);
    let cases: &[(&[&str], Variables, &str)] = &[
        (&["state", "rm", "terraform_data.one"], &[], "terraform/state-remove"),
        (&["state"], &[("TF_CLI_ARGS_state", "rm terraform_data.one")], "terraform/state-remove"),
        (&["workspace", "delete", "-force", "other"], &[], "terraform/workspace-delete-force"),
        (
            &["env", "delete", "other"],
            &[("TF_CLI_ARGS_env_delete", "-force")],
            "terraform/workspace-delete-force",
        ),
        (&["plan", "-out=terraform.tfstate"], &[], "terraform/over-state-file"),
    ];
    for (words, variables, rule) in cases {
        let variables = [*variables, &[AGENT]].concat();
        for input in [b"".as_slice(), yes.as_bytes()] {
            desk.assert_refused(words, &variables, input, rule);
        }
    }
}

/// The shim is not there for whatever is allowed: the same bytes, the same
/// exit code, and nothing is recorded.
#[test]
fn an_agent_reads_as_if_there_were_no_shim() {
    let Some(desk) = Desk::new() else { return };
    let changed =
        fs::read_to_string(desk.project.path().join("main.tf")).unwrap().replace("\"1\"", "\"changed\"");
    fs::write(desk.project.path().join("main.tf"), changed).unwrap();
    let cases: &[(&[&str], Variables, i32)] = &[
        (&["plan"], &[], 0),
        (&["plan", "-detailed-exitcode"], &[], 2),
        (&["-chdir=sub", "plan", "-detailed-exitcode"], &[], 0),
        (&["plan"], &[("TF_CLI_ARGS_plan", "-destroy -compact-warnings")], 0),
        (&["plan", "-frob"], &[], 1),
        (&["validate"], &[], 0),
        (&["state", "list"], &[], 0),
        (&["state", "show", "terraform_data.one"], &[], 0),
        (&["version"], &[], 0),
        (&["destroy", "-help"], &[], 0),
        (&["destroy", "-v"], &[], 0),
        (&[], &[], 127),
        (&["state", "-no-color", "rm", "x"], &[], 1),
        (&["fmt", "-check"], &[], 0),
        (&["output"], &[], 0),
        (&["output", "missing"], &[], 1),
        (&["workspace", "list"], &[], 0),
        (&["state", "rm", "-dry-run", "terraform_data.one"], &[], 0),
        (&["console"], &[], 0),
    ];
    for (words, variables, code) in cases {
        let variables = [*variables, &[AGENT]].concat();
        let input = b"1 + 1\n";
        let real = desk.call(&desk.terraform, words, &variables, input);
        assert_eq!(real.code, Some(*code), "{words:?}: {real:?}");
        assert_eq!(desk.shimmed(words, &variables, input), real, "{words:?}");
    }
    assert_eq!(desk.records(), Vec::<Value>::new());
}

#[test]
fn a_human_without_a_terminal_destroys_nothing() {
    let Some(desk) = Desk::new() else { return };
    let here = detect(&Environment::default(), false);
    if here.kind == PrincipalKind::Agent {
        eprintln!("SKIPPED: this test runs below an agent ({})", here.evidence.join(", "));
        return;
    }
    let remove = ["state", "rm", "terraform_data.one"];
    desk.assert_refused(&remove, &[], b"yes\nyes\n", "terraform/state-remove");
    let decision = desk.records().into_iter().find(|record| record["type"] == "decision").unwrap();
    assert_eq!(decision["agent"], Value::Null);
    let real = desk.call(&desk.terraform, &["state", "list"], &[], b"");
    assert_eq!(desk.shimmed(&["state", "list"], &[], b""), real);
}

/// Without arguments that it can read, the gate runs nothing either.
#[test]
fn what_cannot_be_read_is_not_run() {
    let Some(desk) = Desk::new() else { return };
    let before = States::below(desk.project.path());
    for value in ["destroy -auto-approve; x", "'destroy", "-chdir=sub destroy -auto-approve"] {
        let outcome = desk.shimmed(&[], &[("TF_CLI_ARGS", value), AGENT], b"yes\n");
        assert_eq!(outcome.code, Some(78), "{value}: {outcome:?}");
        assert!(outcome.stderr.contains("TF_CLI_ARGS"), "{outcome:?}");
        assert_eq!(before, States::below(desk.project.path()), "{value}");
    }
}
