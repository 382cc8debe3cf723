//! A home, a directory and tools, around a command whose facts are compared.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use tempfile::TempDir;

use super::super::*;
use crate::authorization::request::{Needs, Presence};
use crate::command::declared::{self, Surroundings};
use crate::command::{self, Outside, grammar};
use crate::context::target_of;
use crate::invocation::files;
use crate::process::TestProcess;
use crate::rules::builtin::Wanted;
use crate::rules::environment::classify;
use crate::rules::judge::judge;
use crate::rules::layers;
use crate::rules::matching::Situation;
use crate::shim::real::{Own, find_real};

/// A home, a directory to work in, and tools.
pub(super) struct World {
    pub(super) root: TempDir,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) directory: PathBuf,
    pub(super) words: Vec<String>,
}

pub(super) const KUBECONFIG: &str = "
current-context: prod
contexts:
- { name: prod, context: { cluster: prod, user: ops, namespace: shop } }
- { name: dev, context: { cluster: dev, user: dev } }
clusters:
- { name: prod, cluster: { server: https://prod.example, certificate-authority: ca.pem } }
- { name: dev, cluster: { server: https://dev.example } }
users:
- { name: cred, user: { exec: { command: sh, args: [-c, '. ./near/s.sh'], env: [{ name: BASH_ENV, value: near/b.sh }] } } }
- { name: ops, user: { token: t0ps } }
- { name: dev, user: { exec: { command: aws, args: [eks, get-token] } } }
";

pub(super) const AWS_CONFIG: &str = "
[profile prod]
role_arn = arn:aws:iam::111111111111:role/ops
source_profile = base
region = eu-west-1
[profile base]
region = eu-west-1
[profile dev]
region = eu-west-1
[profile cred]
credential_process = sh near/s.sh
";

pub(super) const MODULES: &str =
    r#"{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"net","Source":"./net","Dir":"net"}]}"#;

impl World {
    pub(super) fn new(line: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name).display().to_string();
        let variables = [("HOME", at("home")), ("PATH", at("bin")), ("AWS_PROFILE", "prod".to_owned())];
        let world = Self {
            variables: variables.map(|(name, value)| (name.to_owned(), value)).into(),
            directory: root.path().join("work"),
            words: shell_words::split(line).unwrap(),
            root,
        };
        for tool in ["terraform", "terragrunt", "kubectl", "helm", "aws", "rm"] {
            world.write(&format!("bin/{tool}"), "#!/bin/sh\n");
            fs::set_permissions(world.at(&format!("bin/{tool}")), fs::Permissions::from_mode(0o755)).unwrap();
        }
        world.write("bin/kubectl-frobnicate", "#!/bin/sh\n");
        let plugin = world.at("bin/kubectl-frobnicate");
        fs::set_permissions(plugin, fs::Permissions::from_mode(0o755)).unwrap();
        for (name, text) in [
            ("home/.kube/config", KUBECONFIG),
            ("home/.kube/ca.pem", "ca"),
            ("home/.aws/config", AWS_CONFIG),
            ("home/.aws/credentials", "[base]\naws_access_key_id = A\naws_secret_access_key = s\n"),
            ("home/.terraformrc", ""),
            ("work/main.tf", "x = file(\"${path.module}/data/a.json\")\ny = \"data\"\n"),
            ("work/data/a.json", "{}"),
            ("work/prod.tfvars", "a = 1\n"),
            ("work/README.md", "read me"),
            ("work/plan.bin", "plan"),
            ("work/terraform.tfstate", "{}"),
            ("work/net/main.tf", "z = 1\n"),
            ("work/.terraform.lock.hcl", "lock"),
            ("work/.terraform/environment", "prod"),
            (
                "work/.terraform/terraform.tfstate",
                r#"{"backend":{"type":"s3","config":{"bucket":"b","key":"k"}}}"#,
            ),
            ("work/.terraform/modules/modules.json", MODULES),
            ("work/.terraform/providers/p", "provider"),
            ("work/k8s/a.yaml", "a"),
            ("work/k8s/sub/b.yaml", "b"),
            ("work/overlay/kustomization.yaml", "resources: [../base]\nimages: [{name: x/y}]\n"),
            ("work/base/kustomization.yaml", "resources: [d.yaml]\npatches: [{path: ../extra.yaml}]\n"),
            ("work/base/d.yaml", "d"),
            ("work/extra.yaml", "extra"),
            ("work/chart/Chart.yaml", "name: x"),
            ("work/values.yaml", "v: 1"),
            ("work/body.json", r#"{"DBInstanceIdentifier":"orders","SkipFinalSnapshot":true}"#),
            ("work/site/index.html", "<html>"),
            ("work/big/x", "x"),
            ("work/x.vars", "a = 1"),
            ("work/near/main.tf", "x = <<X\nsh ./s.sh; a=${path.module}/b.sh\nX\n"),
            ("work/near/s.sh", "s"),
            ("work/near/b.sh", "b"),
            ("work/near/terraform.tfstate", "{}"),
            ("work/near/terraform.tfstate.d/dev/terraform.tfstate", "{}"),
            (
                "work/elsewhere/main.tf",
                "terraform {\n  backend \"local\" {\n    path = \"own.tfstate\"\n  }\n}\n",
            ),
            (
                "work/elsewhere/.terraform/terraform.tfstate",
                r#"{"backend":{"type":"local","config":{"path":"kept.tfstate","workspace_dir":null}}}"#,
            ),
            ("home/x.vars", "a = 1"),
        ] {
            world.write(name, text);
        }
        fs::create_dir(world.at("home/dir")).unwrap();
        symlink("../home/dir", world.at("work/link")).unwrap();
        world
    }

    pub(super) fn at(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    pub(super) fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.at(name).parent().unwrap()).unwrap();
        fs::write(self.at(name), text).unwrap();
    }

    pub(super) fn edit(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.at(name)).unwrap();
        assert!(text.contains(from), "{name}");
        fs::write(self.at(name), text.replace(from, to)).unwrap();
    }

    pub(super) fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    pub(super) fn places(&self) -> Directories {
        let home = PathBuf::from(self.variables.get("HOME").unwrap());
        let state = self.variables.get("XDG_STATE_HOME").map_or(home.join(".local/state"), PathBuf::from);
        Directories {
            administrator: self.at("nowhere"),
            administered: false,
            config: Some(home.join(".config/tollgate")),
            trusted_config: Some(home.join(".config/tollgate")),
            state: Some(state.join("tollgate")),
            trusted_state: Some(state.join("tollgate")),
            data: Some(home.join(".local/share/tollgate")),
        }
    }

    pub(super) fn facts(&self) -> Result<Facts, BindingError> {
        let variables: Vec<(&str, &str)> =
            self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let process = TestProcess::new(&self.directory, &variables);
        let words: Vec<OsString> = self.words.iter().map(OsString::from).collect();
        let invocation = Invocation::of_words(&words).unwrap();
        let (tool, environment) = (invocation.tool_name(), process.environment());
        let places = self.places();
        let wanted = [Wanted { tool, command: None }];
        let directories = std::slice::from_ref(&self.directory);
        let uid = nix::unistd::geteuid().as_raw();
        let book = layers::load(&places, &wanted, directories, uid).unwrap();
        let read = files::read(&process, &invocation, Some(&self.directory));
        let command = if grammar(tool).is_some() {
            command::parse(tool, &invocation.arguments, Outside { environment, files: &read }).unwrap()
        } else {
            let surroundings = Surroundings {
                directory: Some(&self.directory),
                base: None,
                home: None,
                environment,
                input: None,
            };
            declared::parse(book.syntax(tool).unwrap(), tool, &invocation.arguments, &surroundings)
        };
        let target = target_of(&command, environment, Some(&self.directory));
        let principal = PrincipalKind::Agent;
        let place = classify(&book, &target, principal);
        let situation = Situation { principal, target: &target, place: &place };
        let judgement = judge(&book, &command, environment, situation, "2026-11-22");
        let path = find_real(&invocation.tool, environment.get("PATH"), &Own::of_this_process().unwrap())
            .unwrap()
            .path;
        let mut environment = environment.clone();
        if let Some(prefix) = command.folded {
            environment.remove_prefix(prefix);
        }
        let program = Executable { path, arguments: command.arguments.clone(), environment };
        let subject = Subject {
            found: None,
            runs: None,
            process: &process,
            invocation: &invocation,
            command: &command,
            book: &book,
            directory: Some(&self.directory),
            target: &target,
            place: &place,
            principal,
            judgement: &judgement,
            notes: &[],
            program: &program,
            places: &places,
            line: &invocation.line(&command.arguments),
        };
        let requester = Requester { persons: vec![], user: "ann".to_owned(), uid: 1000 };
        let approval = Approval {
            needs: Needs::Peer,
            quorum: 1,
            groups: vec![],
            require: Presence::None,
            approvers: None,
            advisory: false,
        };
        facts(&subject, requester, approval)
    }
}

pub(super) type Change = fn(&mut World);
/// Of each change the fields that differ, and no other.
pub(super) fn assert_told(cases: &[(&str, Change, &[&str])]) {
    let mut wrong = Vec::new();
    for (at, (line, change, expected)) in cases.iter().enumerate() {
        let mut world = World::new(line);
        let before = world.facts().unwrap();
        assert_eq!(before.differences(&world.facts().unwrap()), Ok(vec![]), "{at}: {line}");
        change(&mut world);
        let differences = before.differences(&world.facts().unwrap()).unwrap();
        let fields: Vec<&str> = differences.iter().map(|one| one.field.as_str()).collect();
        let root = world.root.path().display().to_string();
        let expected: Vec<String> = expected.iter().map(|field| field.replace("ROOT", &root)).collect();
        if fields != expected {
            wrong.push(format!("{at}: {line}: {fields:?}, not {expected:?}"));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
