use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use tempfile::TempDir;

use super::*;
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
struct World {
    root: TempDir,
    variables: BTreeMap<String, String>,
    directory: PathBuf,
    words: Vec<String>,
}

const KUBECONFIG: &str = "
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

const AWS_CONFIG: &str = "
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

const MODULES: &str =
    r#"{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"net","Source":"./net","Dir":"net"}]}"#;

impl World {
    fn new(line: &str) -> Self {
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

    fn at(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.at(name).parent().unwrap()).unwrap();
        fs::write(self.at(name), text).unwrap();
    }

    fn edit(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.at(name)).unwrap();
        assert!(text.contains(from), "{name}");
        fs::write(self.at(name), text.replace(from, to)).unwrap();
    }

    fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    fn places(&self) -> Directories {
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

    fn facts(&self) -> Result<Facts, BindingError> {
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

type Change = fn(&mut World);

/// Of each change the fields that differ, and no other.
fn assert_told(cases: &[(&str, Change, &[&str])]) {
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

const APPLY: &str = "terraform apply -var-file=prod.tfvars plan.bin";
const NEAR: &str = "terraform -chdir=near destroy -auto-approve";
const ELSEWHERE: &str = "terraform -chdir=elsewhere destroy -auto-approve";
const DELETE: &str = "kubectl delete -f k8s -R";
const RDS: &str = "aws rds delete-db-instance --cli-input-json file://body.json";

#[test]
fn each_change_around_a_command_is_told_by_itself() {
    assert_told(&[
        (APPLY, |_| {}, &[]),
        (APPLY, |world| world.words.push("-lock=false".to_owned()), &["summary", "argv"]),
        (
            "kubectl delete ns shop",
            |world| {
                world.directory = world.at("home");
            },
            &["directory"],
        ),
        (APPLY, |world| world.set("TF_VAR_x", "1"), &["variables.TF_VAR_x"]),
        (APPLY, |world| world.set("TF_VAR_password", "x"), &["variables.TF_VAR_password"]),
        (APPLY, |world| world.set("LD_PRELOAD", "x.so"), &["variables.LD_PRELOAD"]),
        (APPLY, |world| world.set("https_proxy", "http://p"), &["variables.https_proxy"]),
        (APPLY, |world| world.set("TOLLGATE_TOKEN", "tg1"), &[]),
        (APPLY, |world| world.set("SHLVL", "7"), &[]),
        (APPLY, |world| world.set("CLAUDECODE", "1"), &[]),
        (APPLY, |world| world.set("FOO", "1"), &[]),
        (APPLY, |world| world.write("bin/terraform", "#!/bin/sh\n#\n"), &["binary.sha256"]),
        (
            APPLY,
            |world| {
                let path = format!("{}:{}", world.variables["PATH"], world.at("work").display());
                world.set("PATH", &path);
            },
            &["variables.PATH"],
        ),
        (
            APPLY,
            |world| {
                let path = format!("{}/:/nowhere:{0}/.:/usr/bin//:/usr/sbin", world.variables["PATH"]);
                world.set("PATH", &path);
            },
            &[],
        ),
        (
            APPLY,
            |world| {
                let path = format!("/usr/bin:{}", world.variables["PATH"]);
                world.set("PATH", &path);
            },
            &["variables.PATH"],
        ),
        (
            APPLY,
            |world| {
                let state = world.at("other").display().to_string();
                world.set("XDG_STATE_HOME", &state);
                // The same key, and still another place.
                fs::create_dir_all(world.at("other/tollgate")).unwrap();
                fs::copy(
                    world.at("home/.local/state/tollgate/install.key"),
                    world.at("other/tollgate/install.key"),
                )
                .unwrap();
            },
            &["state"],
        ),
        (
            APPLY,
            |world| world.write("home/.config/tollgate/rules/own.yaml", "version: 1\nvariables: [FOO_*]\n"),
            &["policy"],
        ),
        (APPLY, |world| world.write("work/.tollgate.yaml", "version: 1\n"), &["policy"]),
    ]);
}

/// Sets `name` to what stands here, with the home directory for `HOME`.
fn set_below_home(world: &mut World, name: &str, value: &str) {
    let home = world.variables["HOME"].clone();
    world.set(name, &value.replace("HOME", &home));
}

#[test]
fn what_differs_between_two_terminals_is_no_difference() {
    const EDIT: &str = "kubectl edit deployment x";
    const DESCRIBE: &str = "aws --profile prod rds delete-db-instance --db-instance-identifier x";
    let everywhere = [
        ("TMPDIR", "/tmp"),
        ("SHELL", "/bin/zsh"),
        ("EDITOR", "code --wait"),
        ("VISUAL", "vi"),
        ("KUBE_EDITOR", "vi"),
        ("PAGER", "cat"),
        ("AWS_PAGER", ""),
        ("GIT_EDITOR", "true"),
        ("GIT_PAGER", "cat"),
        ("GIT_TERMINAL_PROMPT", "0"),
        ("PYTHONUNBUFFERED", "1"),
        ("HOME", "HOME/"),
        ("XDG_CONFIG_HOME", "HOME/.config"),
        ("XDG_CACHE_HOME", "HOME//.cache/"),
        ("XDG_DATA_HOME", ""),
        ("XDG_DATA_DIRS", "/usr/share/:/usr/local/share"),
    ];
    let mut cases: Vec<(&str, &str, &str, &[&str])> = Vec::new();
    for line in [APPLY, DELETE, RDS, "helm uninstall x"] {
        cases.extend(everywhere.map(|(name, value)| (line, name, value, [].as_slice())));
    }
    cases.extend([
        (APPLY, "NODE_OPTIONS", "--require x", [].as_slice()),
        (DELETE, "NODE_OPTIONS", "--require x", &[]),
        ("rm -rf big", "NODE_OPTIONS", "--require x", &["variables.NODE_OPTIONS"]),
        ("rm -rf big", "EDITOR", "vi", &[]),
        (APPLY, "PYTHONPATH", "x", &["variables.PYTHONPATH"]),
        (APPLY, "GIT_SSH_COMMAND", "x", &["variables.GIT_SSH_COMMAND"]),
        (APPLY, "XDG_CONFIG_HOME", "HOME/other", &["variables.XDG_CONFIG_HOME"]),
        (APPLY, "XDG_DATA_DIRS", "HOME", &["variables.XDG_DATA_DIRS"]),
        (EDIT, "EDITOR", "x", &["variables.EDITOR"]),
        (EDIT, "KUBE_EDITOR", "x", &["variables.KUBE_EDITOR"]),
        (EDIT, "SHELL", "x", &["variables.SHELL"]),
        ("kubectl create ns x --edit", "VISUAL", "x", &["variables.VISUAL"]),
        (RDS, "PAGER", "sh -c x", &["variables.PAGER"]),
        (RDS, "AWS_PAGER", "x", &["variables.AWS_PAGER"]),
        (RDS, "LESS", "-R", &[]),
        (RDS, "LESS", "+!id", &["variables.LESS"]),
        (RDS, "LESSOPEN", "|x %s", &["variables.LESSOPEN"]),
        (DELETE, "KUBECONFIG", "HOME/.kube/config", &[]),
        ("helm uninstall x", "KUBECONFIG", "HOME/.kube/config", &[]),
        (DESCRIBE, "AWS_PROFILE", "", &["variables.AWS_PROFILE"]),
    ]);
    for (line, name, value, expected) in cases {
        let mut world = World::new(line);
        let before = world.facts().unwrap();
        set_below_home(&mut world, name, value);
        let differences = before.differences(&world.facts().unwrap()).unwrap();
        let fields: Vec<&str> = differences.iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, expected, "{line}: {name}={value}");
    }
    // One pager hides the other; where it is gone, that one is started.
    let mut world = World::new(RDS);
    world.set("PAGER", "sh -c id");
    let before = world.facts().unwrap();
    world.set("AWS_PAGER", "");
    assert_eq!(before.differences(&world.facts().unwrap()).unwrap().len(), 1);
    let named = World::new(DESCRIBE).facts().unwrap();
    assert!(!named.variables.contains_key("AWS_PROFILE"));
}

#[test]
fn each_change_of_what_terraform_reads_is_told_by_itself() {
    assert_told(&[
        (APPLY, |world| world.write("work/plan.bin", "other"), &["inputs.plan.bin"]),
        (APPLY, |world| world.write("work/prod.tfvars", "a = 2"), &["inputs.prod.tfvars"]),
        (APPLY, |world| world.write("work/x.auto.tfvars", ""), &["inputs.x.auto.tfvars"]),
        (APPLY, |world| world.write("work/new.tf", ""), &["inputs.new.tf"]),
        (APPLY, |world| world.write("work/net/main.tf", ""), &["inputs.module.net"]),
        (APPLY, |world| world.write("work/net/more.tf", ""), &["inputs.module.net"]),
        (APPLY, |world| world.write("work/data/a.json", "[]"), &["inputs.data/a.json"]),
        (APPLY, |world| world.write("work/.terraform.lock.hcl", ""), &["inputs..terraform.lock.hcl"]),
        (APPLY, |world| world.write("home/.terraformrc", "x"), &["inputs.ROOT/home/.terraformrc"]),
        (
            APPLY,
            |world| world.edit("home/.aws/config", "eu-west-1\n[profile base]", "eu-west-2\n[profile base]"),
            &["inputs.aws.config.prod"],
        ),
        (
            APPLY,
            |world| world.edit("work/.terraform/terraform.tfstate", r#""b""#, r#""other""#),
            &["target.backend", "inputs..terraform/terraform.tfstate"],
        ),
        (
            APPLY,
            |world| world.write("work/.terraform/environment", "dev"),
            &["target.workspace", "challenge", "inputs..terraform/environment"],
        ),
        (APPLY, |world| world.write("work/.terraform/environment", " prod\n"), &[]),
        (
            APPLY,
            |world| {
                world.edit("work/.terraform/modules/modules.json", "\"Key\":\"\"", "\"Key\":\"\", \"x\":1");
            },
            &[],
        ),
        (
            APPLY,
            |world| world.edit("work/.terraform/modules/modules.json", "./net", "./x"),
            &["inputs..terraform/modules/modules.json"],
        ),
        (APPLY, |world| world.write(".terraform-version", "1.0"), &["inputs.ROOT/.terraform-version"]),
        (APPLY, |world| world.write("work/README.md", ""), &[]),
        (
            "terraform destroy -var-file=link/../x.vars",
            |world| world.write("home/x.vars", "a = 2"),
            &["inputs.x.vars"],
        ),
        (APPLY, |world| world.write("work/terraform.tfstate", ""), &[]),
        (APPLY, |world| world.write("work/.terraform/providers/p", ""), &[]),
        (NEAR, |world| world.write("work/near/terraform.tfstate", "{ }"), &["inputs.state"]),
        (NEAR, |world| fs::remove_file(world.at("work/near/terraform.tfstate")).unwrap(), &["inputs.state"]),
        (NEAR, |world| world.write("work/near/other.tfstate", ""), &[]),
        (NEAR, |world| world.write("work/near/terraform.tfstate.d/dev/terraform.tfstate", ""), &[]),
        (
            "terraform -chdir=near workspace delete -force dev",
            |world| world.write("work/near/terraform.tfstate.d/dev/terraform.tfstate", ""),
            &["inputs.state"],
        ),
        (
            "terraform -chdir=near destroy -state=other.tfstate",
            |world| world.write("work/near/other.tfstate", ""),
            &["inputs.state"],
        ),
        ("terraform destroy -state=s", |world| world.write("work/s", ""), &["inputs.state"]),
        (ELSEWHERE, |world| world.write("work/elsewhere/kept.tfstate", ""), &["inputs.state"]),
        (ELSEWHERE, |world| world.write("work/elsewhere/own.tfstate", ""), &["inputs.state"]),
        (ELSEWHERE, |world| world.write("work/elsewhere/terraform.tfstate", ""), &[]),
        (
            "terragrunt run-all destroy",
            |world| world.write("work/near/terraform.tfstate", ""),
            &["inputs.state"],
        ),
        (NEAR, |world| world.write("work/near/s.sh", "S"), &["inputs.s.sh"]),
        (NEAR, |world| world.write("work/near/b.sh", "B"), &["inputs.b.sh"]),
    ]);
}

#[test]
fn what_terraform_takes_for_no_file_is_none() {
    const NONE: [&str; 2] = [".terraform/environment", ".terraform/modules/modules.json"];
    let world = World::new("terraform destroy");
    for name in NONE {
        fs::remove_file(world.at("work").join(name)).unwrap();
    }
    let before = world.facts().unwrap();
    assert!(NONE.iter().all(|name| before.inputs[*name] == "absent"), "{:?}", before.inputs);
    let root_alone = r#"{"Modules":[{"Key":"","Source":"","Dir":"."}]}"#;
    for (name, text) in [(NONE[0], "default\n"), (NONE[0], ""), (NONE[1], root_alone)] {
        world.write(&format!("work/{name}"), text);
        assert_eq!(before.differences(&world.facts().unwrap()), Ok(vec![]), "{name}: {text}");
    }
}

#[test]
fn each_change_of_what_kubectl_and_helm_read_is_told_by_itself() {
    assert_told(&[
        (DELETE, |world| world.write("work/k8s/sub/b.yaml", "c"), &["inputs.k8s"]),
        (DELETE, |world| world.write("work/k8s/c.yaml", ""), &["inputs.k8s"]),
        (
            "kubectl -n ./k8s delete -f ./k8s",
            |world| {
                let modified = fs::metadata(world.at("work/k8s/a.yaml")).unwrap().modified().unwrap();
                world.write("work/k8s/a.yaml", "b");
                fs::File::open(world.at("work/k8s/a.yaml")).unwrap().set_modified(modified).unwrap();
            },
            &["inputs.k8s"],
        ),
        ("kubectl -n big delete ns big", |world| world.write("work/big/x", ""), &[]),
        (
            "kubectl delete -f k8s/a.yaml,values.yaml",
            |world| world.write("work/values.yaml", ""),
            &["inputs.values.yaml"],
        ),
        ("kubectl delete -fk8s/a.yaml", |world| world.write("work/k8s/a.yaml", ""), &["inputs.k8s/a.yaml"]),
        ("kubectl delete -k overlay", |world| world.write("work/base/d.yaml", ""), &["inputs.base"]),
        ("kubectl delete -k overlay", |world| world.write("work/extra.yaml", ""), &["inputs.extra.yaml"]),
        (
            DELETE,
            |world| world.edit("home/.kube/config", "https://prod.", "https://evil."),
            &["target.server", "inputs.kubeconfig.cluster"],
        ),
        (
            DELETE,
            |world| world.edit("home/.kube/config", "cluster: prod, user", "cluster: dev, user"),
            &[
                "target.cluster",
                "target.context",
                "target.server",
                "inputs.ROOT/home/.kube/ca.pem",
                "inputs.kubeconfig.cluster",
                "inputs.kubeconfig.context",
            ],
        ),
        (DELETE, |world| world.edit("home/.kube/config", "t0ps", "other"), &["inputs.kubeconfig.user"]),
        (DELETE, |world| world.write("home/.kube/ca.pem", "x"), &["inputs.ROOT/home/.kube/ca.pem"]),
        (DELETE, |world| world.edit("home/.kube/config", "https://dev.", "https://x."), &[]),
        (DELETE, |world| world.edit("home/.kube/config", "get-token", "x"), &[]),
        (DELETE, |world| world.edit("home/.aws/config", "eu-west-1", "x"), &[]),
        (
            "kubectl --context dev delete ns x",
            |world| world.edit("home/.aws/config", "eu-west-1\n[profile base]", "x\n[profile base]"),
            &["inputs.aws.config.prod"],
        ),
        (
            "kubectl --context dev delete ns x",
            |world| world.write("bin/aws", "#!/bin/sh\n#"),
            &["inputs.ROOT/bin/aws"],
        ),
        (
            "kubectl --user cred delete ns x",
            |world| world.write("work/near/s.sh", "S"),
            &["inputs.ROOT/work/near/s.sh"],
        ),
        (
            "kubectl --user cred delete ns x",
            |world| world.write("work/near/b.sh", "B"),
            &["inputs.ROOT/work/near/b.sh"],
        ),
        ("kubectl frobnicate x", |world| world.write("work/near/s.sh", "S"), &["inputs.ROOT/work/near/s.sh"]),
        (
            "kubectl frobnicate x",
            |world| world.write("bin/kubectl-frobnicate", "#!/bin/sh\n#"),
            &["inputs.ROOT/bin/kubectl-frobnicate"],
        ),
        (
            "kubectl frobnicate x",
            |world| world.edit("home/.kube/config", "https://dev.", "https://x."),
            &["inputs.kubeconfig"],
        ),
        (
            "kubectl delete ns x",
            |world| world.write("home/.kube/kuberc", ""),
            &["inputs.ROOT/home/.kube/kuberc"],
        ),
        (
            "helm upgrade x ./chart -f values.yaml",
            |world| world.write("work/chart/new", ""),
            &["inputs.chart"],
        ),
        (
            "helm upgrade x ./chart -f values.yaml",
            |world| world.write("work/values.yaml", ""),
            &["inputs.values.yaml"],
        ),
        (
            "helm uninstall x",
            |world| world.edit("home/.kube/config", "https://prod.", "https://evil."),
            &["target.server", "inputs.kubeconfig.cluster"],
        ),
    ]);
}

#[test]
fn each_change_of_what_aws_and_others_read_is_told_by_itself() {
    assert_told(&[
        (RDS, |world| world.edit("work/body.json", "{", "{ "), &["inputs.body.json"]),
        (
            RDS,
            |world| world.edit("home/.aws/config", "role/ops", "role/x"),
            &["target.role", "inputs.aws.config.prod"],
        ),
        (
            RDS,
            |world| world.edit("home/.aws/config", "[profile base]\n", "[profile base]\nx = 1\n"),
            &["inputs.aws.config.base"],
        ),
        (RDS, |world| world.edit("home/.aws/credentials", "= s", "= t"), &["inputs.aws.credentials.base"]),
        (RDS, |world| world.edit("home/.aws/config", "[profile dev]\n", "[profile dev]\nx = 1\n"), &[]),
        (
            "aws rds delete-db-instance --profile cred",
            |world| world.write("work/near/s.sh", "S"),
            &["inputs.ROOT/work/near/s.sh"],
        ),
        (RDS, |world| world.write("home/.aws/cli/alias", ""), &["inputs.ROOT/home/.aws/cli/alias"]),
        (
            "aws s3 sync site s3://b --delete",
            |world| world.write("work/site/index.html", "<html >"),
            &["inputs.site"],
        ),
        ("rm -rf big", |world| world.write("work/big/y", ""), &["inputs.big"]),
        (
            "rm -rf big",
            |world| {
                let modified = fs::metadata(world.at("work/big/x")).unwrap().modified().unwrap();
                world.write("work/big/x", "y");
                fs::File::open(world.at("work/big/x")).unwrap().set_modified(modified).unwrap();
            },
            &["inputs.big"],
        ),
        (
            "aws s3 mv site/index.html s3://b/x",
            |world| world.write("work/site/index.html", "<HTML>"),
            &["inputs.site/index.html"],
        ),
    ]);
}

#[test]
fn what_nobody_can_look_at_before_is_refused() {
    for (line, says) in [
        ("kubectl delete -f -", "standard"),
        ("kubectl delete --filename=-", "before"),
        ("kubectl delete -f /dev/stdin", "before"),
        ("kubectl delete -f /dev/fd/63", "before"),
        ("kubectl delete -f /proc/self/fd/0", "before"),
        ("kubectl delete -f pipe", "before"),
        ("terraform -chdir=net destroy -var-file=/proc/self/cwd/none.vars", "name the file itself"),
        ("terraform -chdir=net apply /proc/thread-self/cwd/plan.bin", "name the file itself"),
        ("terraform apply -var-file=here/prod.tfvars", "name the file itself"),
        ("kubectl delete -f here/k8s", "name the file itself"),
        ("kubectl delete -f linked", "name the file itself"),
        ("kubectl delete -k linking", "name the file itself"),
        ("helm upgrade x ./chart -f here/values.yaml", "name the file itself"),
        ("aws rds delete-db-instance --cli-input-json file://here/body.json", "name the file itself"),
        ("aws rds delete-db-instance --cli-input-json file:///proc/1/root/x.json", "name the file itself"),
        ("terraform -chdir=there destroy", "the directory itself"),
        ("terraform -chdir=thither destroy", "name the file itself"),
        ("rm -rf linked", "name the file itself"),
        ("kubectl delete -f k8s/../pipe,values.yaml", "before"),
        ("kubectl delete -f https://example.com/x.yaml", "fetched"),
        ("kubectl delete -k github.com/acme/x?ref=v1", "fetched"),
        ("kubectl delete -k fetching", "fetched"),
        ("kubectl delete -f with-pipe", "no file"),
        ("helm upgrade x ./chart --values=-", "before"),
        ("helm upgrade x ./chart -f https://example.com/v.yaml", "fetched"),
        ("helm upgrade x ./chart --set db.password=hunter2", "a secret"),
        ("aws rds modify-db-instance --db-instance-identifier x --master-user-password hunter2", "file://"),
        ("aws rds delete-db-instance --cli-input-json file:///dev/stdin", "before"),
        ("aws s3 mv - s3://b/x", "before"),
        ("terraform apply -var-file=/dev/stdin", "before"),
        ("terraform apply -var db_password=hunter2", "TF_VAR_name"),
        ("terraform state push -", "before"),
    ] {
        let world = World::new(line);
        world.write("work/fetching/kustomization.yaml", "resources: [https://example.com/x]\n");
        nix::unistd::mkfifo(&world.at("work/pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        world.write(
            "work/there/.terraform/modules/modules.json",
            r#"{"Modules":[{"Key":"m","Source":"./m","Dir":"m"}]}"#,
        );
        symlink("/proc/self/cwd/mine", world.at("work/there/m")).unwrap();
        world.write("work/thither/main.tf", "x = file(\"m/x\")");
        symlink("/proc/self/cwd/mine", world.at("work/thither/m")).unwrap();
        world.write("work/linking/kustomization.yaml", "resources: [../here/base]\n");
        symlink("/proc/self/cwd", world.at("work/here")).unwrap();
        fs::create_dir(world.at("work/linked")).unwrap();
        symlink("../here/extra.yaml", world.at("work/linked/a.yaml")).unwrap();
        fs::create_dir(world.at("work/with-pipe")).unwrap();
        nix::unistd::mkfifo(&world.at("work/with-pipe/x"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        let error = world.facts().map(|facts| facts.inputs).unwrap_err().to_string();
        assert!(error.contains(says.trim_start_matches("standard")), "{line}: {error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[test]
fn what_cannot_be_read_is_refused() {
    for (line, name, text) in [
        ("kubectl delete ns x", "home/.kube/config", "a: [\n"),
        ("aws rds delete-db-instance", "home/.aws/config", "x\n"),
        ("terraform apply", "work/.terraform/modules/modules.json", "{"),
        ("kubectl delete -k overlay", "work/base/kustomization.yaml", "a: [\n"),
    ] {
        let world = World::new(line);
        world.write(name, text);
        let error = world.facts().map(|facts| facts.inputs).unwrap_err().to_string();
        let file = Path::new(name).file_name().unwrap().to_str().unwrap();
        assert!(error.contains(file), "{line}: {error}");
    }
}

#[test]
fn people_read_what_it_is_and_no_secret() {
    let mut world = World::new(RDS);
    world.set("AWS_SECRET_ACCESS_KEY", "hunter2");
    world.set("AWS_REGION", "hmac-sha256:forged");
    let facts = world.facts().unwrap();
    assert!(facts.summary.starts_with("aws rds delete-db-instance --cli-input-json file://body.json: "));
    assert_eq!(facts.variables["AWS_PROFILE"], "prod");
    for name in ["AWS_SECRET_ACCESS_KEY", "AWS_REGION"] {
        let value = &facts.variables[name];
        assert!(value.starts_with("hmac-sha256:") && value.len() == 76, "{value}");
    }
    assert!(!format!("{facts:?}").contains("hunter2"));
    assert!(facts.binary.sha256.starts_with("sha256:") && facts.binary.sha256.len() == 71);
    assert_eq!(facts.binary.launcher.as_deref(), Some("a script of /bin/sh; only the script is hashed"));
    assert_eq!((facts.tool.as_str(), facts.challenge.as_deref()), ("aws", Some("orders")));
    let chart = World::new("helm upgrade x stable/chart").facts().unwrap();
    assert!(chart.notes.iter().any(|note| note.contains("stable/chart is fetched")), "{:?}", chart.notes);
}

#[test]
fn people_are_told_what_is_not_compared() {
    let covered = "what the run starts in turn is covered by the approval, and not asked about";
    let expressions = "files whose names expressions put together are not compared";
    let processes = "what the configuration reads below /proc is not compared";
    let own = "what rm reads by itself in its directory is not compared";
    let input = "what it reads from standard input is not compared";
    let local = "provisioner \"local-exec\" { command = \"sh $HOME/x.sh\" }";
    for (line, text, expected) in [
        (NEAR, "x = file(\"s.sh\")", &[covered][..]),
        (NEAR, local, &[expressions, covered]),
        (NEAR, "x = file(\"${path.module}/${var.x}\")", &[expressions, covered]),
        (NEAR, "x = file(\"/proc/self/cwd/x\")", &[processes, covered]),
        ("rm -rf big", local, &[input, own, covered]),
        (DELETE, local, &[covered]),
    ] {
        let world = World::new(line);
        world.write("work/near/main.tf", text);
        let expected: Vec<&str> =
            expected.iter().copied().filter(|note| cfg!(target_os = "linux") || *note != covered).collect();
        assert_eq!(world.facts().unwrap().notes, expected, "{line}: {text}");
    }
}

#[test]
fn many_inputs_still_are_a_request() {
    let world = World::new(NEAR);
    for name in 0..600 {
        world.write(&format!("work/near/a-name-that-is-rather-long-as-names-go-{name}.tf"), "");
    }
    let before = world.facts().unwrap();
    assert!(before.inputs.len() < 20, "{:?}", before.inputs);
    world.write("work/near/a-name-that-is-rather-long-as-names-go-7.tf", "x = 1");
    let differences = before.differences(&world.facts().unwrap()).unwrap();
    let fields: Vec<&str> = differences.iter().map(|one| one.field.as_str()).collect();
    assert_eq!(fields, ["inputs../*"]);
}

#[test]
fn what_is_much_is_told_apart_by_what_nobody_sets() {
    let world = World::new("rm -rf much");
    fs::create_dir_all(world.at("work/much")).unwrap();
    for name in 0..2_001 {
        fs::write(world.at(&format!("work/much/{name}")), "host dev").unwrap();
    }
    let before = world.facts().unwrap();
    assert_eq!(before.differences(&world.facts().unwrap()), Ok(vec![]));
    let one = world.at("work/much/7");
    let modified = fs::metadata(&one).unwrap().modified().unwrap();
    world.write("work/other", "host prd");
    fs::File::open(world.at("work/other")).unwrap().set_modified(modified).unwrap();
    fs::rename(world.at("work/other"), one).unwrap();
    let differences = before.differences(&world.facts().unwrap()).unwrap();
    let fields: Vec<&str> = differences.iter().map(|one| one.field.as_str()).collect();
    assert_eq!(fields, ["inputs.much"]);
}

#[test]
fn a_directory_is_followed_through_links_and_never_without_end() {
    let world = World::new(DELETE);
    symlink("..", world.at("work/k8s/sub/up")).unwrap();
    symlink("nowhere", world.at("work/k8s/dangling")).unwrap();
    symlink("../extra.yaml", world.at("work/k8s/linked.yaml")).unwrap();
    let before = world.facts().unwrap();
    world.write("work/extra.yaml", "changed");
    let differences = before.differences(&world.facts().unwrap()).unwrap();
    assert_eq!(differences.len(), 1);
    assert_eq!(differences[0].field, "inputs.k8s");
}

#[test]
fn a_machine_is_the_same_until_its_key_is_another() {
    let root = tempfile::tempdir().unwrap();
    let one = host(&root.path().join("a")).unwrap();
    assert_eq!(one, host(&root.path().join("a")).unwrap());
    assert_ne!(one.id, host(&root.path().join("b")).unwrap().id);
    if let Some(boot) = boot() {
        let later = super::boot().unwrap();
        assert!(boot.id == later.id && boot.milliseconds <= later.milliseconds);
    }
}
