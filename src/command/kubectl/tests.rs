//! What the grammar makes of command lines. Each line was tried with kubectl 1.32.

use super::*;
use crate::process::Environment;

fn read(line: &str) -> Command {
    let words: Vec<OsString> = shell_words::split(line).unwrap().into_iter().map(OsString::from).collect();
    crate::command::parse("kubectl", &words, &Environment::default()).unwrap()
}

#[test]
fn the_command_is_found_as_cobra_finds_it() {
    for (line, path) in [
        ("delete pod x", "delete"),
        ("-l app=x delete pods", "delete"),
        ("-f x.yaml delete", "delete"),
        ("-n=prod delete pod x", "delete"),
        ("-nprod delete pod x", "delete"),
        ("--namespace prod delete pod x", "delete"),
        ("-v 6 delete pod x", "delete"),
        ("--insecure-skip-tls-verify delete pod x", "delete"),
        ("create -n x clusterrolebinding y", "create clusterrolebinding"),
        ("create cm x", "create configmap"),
        ("config use prod", "config use-context"),
        ("top no", "top node"),
        ("rollout -n x status deploy/y", "rollout status"),
        ("delete -- pod x", "delete"),
    ] {
        assert_eq!(read(line).path.join(" "), path, "{line}");
    }
}

#[test]
fn what_prints_only_is_inert() {
    for (line, inert) in [
        ("delete ns prod --help", Inert::Help),
        ("delete ns prod -h", Inert::Help),
        ("help delete ns prod", Inert::Help),
        ("__complete delete ns p", Inert::Completion),
        ("__completeNoDesc delete ns p", Inert::Completion),
        ("-- delete pod x", Inert::Usage),
        ("-n x", Inert::Usage),
        ("-n=x help delete", Inert::Usage),
        ("-n=x __complete delete ns p", Inert::Usage),
        ("-h delete pod x", Inert::Help),
        ("config", Inert::Usage),
        ("alpha", Inert::Usage),
        ("options", Inert::Help),
        ("", Inert::Usage),
    ] {
        assert_eq!(read(line).inert, Some(inert), "{line}");
    }
    for line in [
        "delete ns prod --help=false",
        "delete ns prod --help --help=false",
        "delete ns prod -- --help",
        "delete ns prod -n --help",
        "config frobnicate",
        "config --profile=heap --profile-output=x",
        "--all delete pods",
        "-n x frobnicate",
    ] {
        assert_eq!(read(line).inert, None, "{line}");
    }
}

#[test]
fn only_a_rehearsal_is_one() {
    for line in [
        "delete pods --all --dry-run=client",
        "delete pods --all --dry-run",
        "delete pods --all --dry-run=true",
        "delete pods --all --dry_run=server",
        "delete pods --all --dry-run=none --dry-run=server",
        "label --local -f x.yaml a=b",
        "patch --local -f x.yaml -p {}",
        "label pods --all a=b --list",
        "set env deploy/web A=B --list",
        "create -f x.yaml --edit=false --dry-run=client",
        "create configmap x --dry-run=server",
        "drain n1 --force --dry-run=server",
        "apply -f x.yaml --prune --all --dry-run=client",
        "rollout undo deploy x --dry-run=server",
    ] {
        assert!(read(line).rehearsed, "{line}");
    }
    for line in [
        "delete pods --all",
        "delete pod x --dry-run=client --dry-run=none",
        "delete pod x --dry-run=client --dry_run=none",
        "delete pod x --dry-run=false",
        "delete pod x -- --dry-run=client",
        "delete pod x -l --dry-run=client",
        "delete --raw /api/v1/namespaces/x --dry-run=client",
        "rollout restart deploy x --dry-run=client",
        "create -f x.yaml --edit --dry-run=client",
        "create -f x.yaml --edit --dry-run=server",
        "create --raw /api/v1/namespaces -f x.yaml --dry-run=server",
        "replace --raw /api/v1/namespaces/x -f x.yaml --dry-run",
        "label pods --all a=b --list=false",
        "delete pod x --local",
    ] {
        assert!(!read(line).rehearsed, "{line}");
    }
}

#[test]
fn letters_run_together() {
    let command = read("delete -Af x.yaml -oname --dry-run server");
    assert_eq!(command.flag("--all-namespaces"), Some(None));
    assert_eq!(command.flag("--filename"), Some(Some("x.yaml".as_ref())));
    assert_eq!(command.flag("--output"), Some(Some("name".as_ref())));
    assert_eq!(command.operands, ["server"], "`--dry-run` takes a value only with `=`");
    assert_eq!(read("delete pods -A=false").flag("--all-namespaces"), Some(Some("false".as_ref())));
}

#[test]
fn what_runs_in_a_container_is_carried() {
    let carried = |line: &str| read(line).carried.map(|words| words.join(std::ffi::OsStr::new(" ")));
    for (line, words) in [
        ("exec web -- ls -la /", Some("ls -la /")),
        ("exec -it web -c app -- sh", Some("sh")),
        ("exec web ls", Some("ls")),
        ("exec -f pod.yaml -- ls", Some("ls")),
        ("exec deploy/web -- kubectl get pods", Some("kubectl get pods")),
        ("run x --image=y -- rm -rf /", None),
        ("run x --image=y rm -- -rf /", None),
        ("run x rm / --image=y", None),
        ("exec -f pod.yaml x ls", Some("ls")),
        ("debug web --image=y -- sh -c id", None),
        ("debug web node/n1 --image=y", None),
        ("exec web", None),
        ("get web -- ls", None),
    ] {
        assert_eq!(carried(line), words.map(OsString::from), "{line}");
    }
}

#[test]
fn objects_are_named() {
    let named = |line: &str| -> Vec<String> {
        let shown = |object: crate::command::Object| match object.name {
            Some(name) => format!("{}/{name}", object.kind),
            None => object.kind,
        };
        read(line).objects.into_iter().map(shown).collect()
    };
    for (line, objects) in [
        ("delete -- ns prod", "namespaces/prod"),
        ("delete ns -- prod", "namespaces/prod"),
        ("delete ns x- prod", "namespaces/x- namespaces/prod"),
        ("delete ns x=y prod", "namespaces/x=y namespaces/prod"),
        ("-n a delete secret/db cm/c", "secrets/db configmaps/c"),
        ("get SECRETS", "secrets"),
        ("get secrets.v1./db", "secrets/db"),
        ("label secret/db cm/c x=y", "secrets/db configmaps/c"),
        ("taint nodes n1 k=v:NoExecute", "nodes/n1"),
        ("set image deploy/x c=i", "deployments/x"),
        ("set env deploy/x A-", "deployments/x"),
        ("rollout undo deploy x", "deployments/x"),
        ("create token sa", "serviceaccounts/sa"),
        ("create cm x", "configmaps/x"),
        ("create secret generic db --from-literal=a=b", "secrets/db"),
        ("logs deploy/x", "deployments/x"),
        ("debug node/n1 -it --image=x", "nodes/n1"),
        ("debug web node/n1 --image=x -- id", "pods/web nodes/n1"),
        ("exec web -- cat secret/db", "pods/web"),
        ("drain n1 n2", "nodes/n1 nodes/n2"),
        ("wait --for=delete pod/x", "pods/x"),
        ("delete pods --all", "pods"),
        ("delete all --all", "all"),
        ("delete -f x.yaml", ""),
    ] {
        assert_eq!(named(line).join(" "), objects, "{line}");
    }
}

#[test]
fn a_flag_of_every_command_gives_way_to_one_of_the_same_name() {
    assert_eq!(read("config set-context x --namespace y").flag("--namespace"), Some(Some("y".as_ref())));
    let command = read("config set-context x -n y");
    assert!(command.uncertain, "kubectl refuses the letter there");
    assert_eq!(command.operands, ["x", "y"]);
    assert_eq!(read("-n x config view").path, ["config", "view"]);
}

#[test]
fn a_word_that_is_no_command_is_a_plugin() {
    let command = read("argo rollouts get rollout web -n x");
    assert_eq!(command.path, ["argo", "rollouts", "get", "rollout", "web"]);
    assert!(command.conventional);
    assert!(read("create widget x").conventional);
    assert!(!read("create deployment x").conventional);
    let command = read("-n x argo rollouts");
    assert!(!command.known, "flags cannot stand before a plugin, but a newer kubectl may have the command");
    assert_eq!(command.path, ["argo"]);
}

#[test]
fn a_flag_of_a_newer_version_hides_nothing() {
    let command = read("--brand-new delete ns prod");
    assert_eq!(command.path, ["delete"]);
    assert!(command.uncertain);
    assert!(!read("delete ns x --brand-new --dry-run=client").rehearsed, "it may be the flag's value");
    assert_eq!(read("delete ns x --brand-new --help").inert, None, "so may this");
    assert!(read("get --brand-new secrets db -o yaml").objects.iter().any(|object| object.kind == "secrets"));
}

#[test]
fn a_patch_is_read() {
    let set = |line: &str| -> Vec<String> {
        let fields = read(line).fields;
        let unread = fields.unread.then(|| "unread".to_owned());
        fields.set.into_iter().map(|field| format!("{}={}", field.path, field.value)).chain(unread).collect()
    };
    assert_eq!(set(r#"patch deploy x -p '{"spec":{"replicas":0}}'"#), ["spec.replicas=0"]);
    assert_eq!(
        set(r#"patch pvc x --type json -p '[{"op":"remove","path":"/metadata/finalizers/0"}]'"#),
        ["metadata.finalizers=null"]
    );
    assert_eq!(set("patch pvc x -p 'metadata: {finalizers: []}'"), ["metadata.finalizers=[]"]);
    assert_eq!(
        set(r#"patch deploy x --type=JSON -p '[{"op":"replace","path":"/spec/replicas","value":0}]'"#),
        ["spec.replicas=0"]
    );
    assert_eq!(
        set(r#"patch pvc x -p '{"metadata":{"$deleteFromPrimitiveList/finalizers":["a"]}}'"#),
        ["metadata.finalizers=null"]
    );
    assert_eq!(set(r#"patch pod x -p '{"metadata":{"labels":{"on":"yes"}}}'"#), ["metadata.labels.on=yes"]);
    assert_eq!(set("patch pvc x -p '{'"), ["unread"]);
    let unsure = |body: &str| {
        let fields = read(&format!("patch x y -p '{body}'")).fields;
        fields.set.into_iter().filter(|field| field.unsure).map(|field| field.path).collect::<Vec<_>>()
    };
    assert_eq!(unsure("spec: {replicas: 0_0, x: a}"), ["spec.replicas"]);
    assert_eq!(unsure("spec: {hostPID: yes}"), ["spec.hostPID"]);
    assert!(unsure("metadata: {labels: {version: 1.2.3}}").is_empty());
    assert_eq!(
        set(r#"patch pvc x --type=json -p '[{"op":"remove","path":"/metadata/finalizers/-1"}]'"#),
        ["metadata.finalizers=null"]
    );
    for body in [
        "spec: {<<: {replicas: 0}}",
        r#"{"metadata":{"$patch":"replace","name":"d"}}"#,
        r#"{"metadata":{"$retainKeys":["name"]}}"#,
        r#"{"spec":{"replicas":3},"spec":{"replicas":0}}"#,
    ] {
        assert!(read(&format!("patch x y -p '{body}'")).fields.unread, "{body}");
    }
    for body in [
        r#"{"op":"replace","path":"/metadata","value":{"name":"d"}}"#,
        r#"{"op":"add","path":"","value":{}}"#,
    ] {
        assert!(read(&format!("patch x y --type=json -p '[{body}]'")).fields.unread, "{body}");
    }
    assert!(!read(r#"patch deploy web -p '{"spec":{"replicas":3}}'"#).fields.unread);
    assert!(!read("patch deploy web -p 'spec: {replicas: 3, paused: true}'").fields.unread);
}
