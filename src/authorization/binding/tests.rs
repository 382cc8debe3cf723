//! That each difference around a command is told, and nothing else.

mod tools;
mod world;

use std::fs;
use std::os::unix::fs::symlink;

use super::*;
use world::{World, assert_told};

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
        nix::unistd::mkfifo(&world.at("work/with-pipe/x.yaml"), nix::sys::stat::Mode::S_IRWXU).unwrap();
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
    assert_eq!(differences[0].field, "inputs.k8s/linked.yaml");
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
