//! What manifests grant and stop, in an ordinary place: judged though the words may pass,
//! in files, on standard input and behind URLs alike.

use std::path::Path;

use super::fed::{changes, fed, served};
use super::{Caller, Desk, NEW, REFUSED, text};
use crate::support::cluster::Request;

const BINDING: &str = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: ops}\n\
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}\n\
    subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: someone}]\n";
const PRIVILEGED: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: root}\n\
    spec: {containers: [{name: a, image: b, securityContext: {privileged: true}}]}\n";
const NONE: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n\
    spec: {replicas: 0, selector: {matchLabels: {a: b}}, \
    template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: b}]}}}\n";
/// One of a kind that is named by its list alone.
const LISTED: &str = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBindingList\nitems:\n\
    - metadata: {name: ops}\n  roleRef: {kind: ClusterRole, name: edit}\n  subjects: [{kind: User, name: a}]\n";

/// What each manifest comes to, and whether an agent's `apply -f` of it passes.
fn manifests() -> [(&'static str, String, bool); 9] {
    [
        ("new", NEW.to_owned(), true),
        ("binding", BINDING.to_owned(), false),
        ("behind", format!("{NEW}---\n{BINDING}"), false),
        ("privileged", PRIVILEGED.to_owned(), false),
        ("none", NONE.to_owned(), false),
        ("yes", PRIVILEGED.replace("true", "yes"), false),
        ("zeros", NONE.replace("replicas: 0", "replicas: 00"), false),
        ("listed", LISTED.to_owned(), false),
        ("some", NONE.replace("replicas: 0", "replicas: 2"), true),
    ]
}

#[test]
fn a_file_is_read_though_the_words_may_pass() {
    for (name, manifest, passes) in manifests() {
        let Some(desk) = Desk::new() else { return };
        desk.world.write("network/m.yaml", &manifest);
        let (ran, requests) = desk.finish(desk.command(&desk.shim(), "apply -f m.yaml", Caller::Agent));
        let code = if passes { 0 } else { REFUSED };
        assert_eq!(ran.code, Some(code), "{name}: {}", ran.stderr);
        let sent = requests.iter().any(|one| one.changes() && !one.query.contains("dryRun"));
        assert_eq!(sent, passes, "{name}: {requests:?}");
    }
}

#[test]
fn what_is_piped_is_read_though_the_words_may_pass() {
    for (name, manifest, passes) in manifests() {
        let Some(desk) = Desk::new() else { return };
        let ran = fed(&desk, "apply -f -", &manifest);
        let code = if passes { 0 } else { REFUSED };
        assert_eq!(ran.status.code(), Some(code), "{name}: {}", text(&ran.stderr));
        let sent = changes(&desk).iter().any(|one| !one.contains("dryRun"));
        assert_eq!(sent, passes, "{name}");
    }
}

#[test]
fn what_cannot_be_read_of_it_is_refused() {
    let Some(desk) = Desk::new() else { return };
    for manifest in ["kind: !!binary Q2x1c3Rlcg==\n", "kind: Pod\nmetadata: {name: [x]}\n"] {
        let ran = fed(&desk, "apply -f -", manifest);
        assert_eq!(ran.status.code(), Some(REFUSED), "{manifest}: {}", text(&ran.stderr));
        desk.world.write("network/m.yaml", manifest);
        let (ran, _) = desk.finish(desk.command(&desk.shim(), "apply -f m.yaml", Caller::Agent));
        assert_eq!(ran.code, Some(REFUSED), "{manifest}: {}", ran.stderr);
    }
}

/// What kubectl can make nothing of by itself is no request for anybody.
#[test]
fn what_kubectl_cannot_read_either_ends_as_it_would() {
    let Some(desk) = Desk::new() else { return };
    desk.world.write("network/m.yaml", "a: b: c");
    desk.world.write("network/good.yaml", NEW);
    desk.world.write("network/dev/kustomization.yaml", "resources: [absent.yaml]\n");
    desk.world.write("network/template.yaml", "kind: Pod\nmetadata: {name: {{ .Release.Name }}}\n");
    let bash = |line: &str, shims: bool| {
        let mut command = desk.command(Path::new("bash"), "-c", Caller::Agent);
        let path = desk.search_path(&[]);
        let plain = std::env::join_paths(std::env::split_paths(&path).skip(1)).unwrap();
        let ran = command.arg(line).env("PATH", if shims { path } else { plain }).output().unwrap();
        (ran.status.code(), text(&ran.stdout), text(&ran.stderr))
    };
    for line in [
        "kubectl apply -f m.yaml",
        "kubectl apply -f - < m.yaml",
        "kubectl apply -f /dev/stdin < <(cat m.yaml)",
        "kubectl create -f m.yaml",
        "kubectl replace -f m.yaml",
        "kubectl label -f m.yaml a=b",
        "kubectl delete -f m.yaml",
        "kubectl apply -f template.yaml",
        "kubectl apply -f http://127.0.0.1:1/x.yaml",
        "kubectl apply -k dev",
        "kubectl apply -k nowhere",
    ] {
        let plain = bash(line, false);
        assert_eq!(plain.0, Some(1), "{line}: {plain:?}");
        assert_eq!(bash(line, true), plain, "{line}");
    }
    // One of two is something.
    for line in
        ["kubectl apply -f good.yaml -f m.yaml", "(cat good.yaml; echo ---; cat m.yaml) | kubectl apply -f -"]
    {
        let (code, _, told) = bash(line, true);
        assert_eq!(code, Some(REFUSED), "{line}: {told}");
    }
    assert!(changes(&desk).iter().all(|one| one.contains("dryRun")));
    assert_eq!(desk.world.recorded("requested").len(), 2);
}

#[test]
fn what_is_there_already_is_nothing_new() {
    let Some(desk) = Desk::new() else { return };
    for (name, manifest) in [("binding", BINDING), ("none", NONE)] {
        desk.world.write("network/m.yaml", manifest);
        desk.real("apply -f m.yaml");
        let (ran, _) = desk.finish(desk.command(&desk.shim(), "apply -f m.yaml", Caller::Agent));
        assert_eq!(ran.code, Some(0), "{name}: {}", ran.stderr);
        assert!(ran.stdout.contains("unchanged") || ran.stdout.contains("configured"), "{}", ran.stdout);
    }
}

#[test]
fn what_a_url_holds_is_read_though_the_words_may_pass() {
    let Some(desk) = Desk::new() else { return };
    for (body, passes) in [(NEW, true), (BINDING, false)] {
        // Somebody else's server may answer the second one who asks with another thing.
        let url = served(if passes { &[NEW, BINDING] } else { &[BINDING, NEW] });
        let ran = fed(&desk, &format!("apply -f {url}"), "");
        let code = if passes { 0 } else { REFUSED };
        assert_eq!(ran.status.code(), Some(code), "{body}: {}", text(&ran.stderr));
        let bindings = changes(&desk).iter().filter(|line| line.contains("clusterrolebindings")).count();
        assert_eq!(bindings, 0, "{body}");
    }
}

/// Everyday `apply -f <(envsubst < x)`, and its kind.
#[test]
fn what_a_named_pipe_holds_is_read_and_handed_over() {
    for (name, manifest, passes) in manifests() {
        for line in ["apply -f <(cat m.yaml)", "apply -f /dev/stdin < <(cat m.yaml)"] {
            let Some(desk) = Desk::new() else { return };
            desk.world.write("network/m.yaml", &manifest);
            let mut command = desk.command(Path::new("bash"), "-c", Caller::Agent);
            let ran = command.arg(format!("kubectl {line}")).output().unwrap();
            let code = if passes { 0 } else { REFUSED };
            assert_eq!(ran.status.code(), Some(code), "{name}: {line}: {}", text(&ran.stderr));
            let sent = changes(&desk).iter().any(|one| !one.contains("dryRun"));
            assert_eq!(sent, passes, "{name}: {line}");
        }
    }
}

#[test]
fn what_a_kustomization_comes_to_is_what_is_judged_and_sent() {
    let patch = "patches: [{target: {kind: Deployment}, patch: '[{\"op\": \"add\", \"path\": \"/spec/template/spec/hostPID\", \"value\": true}]'}]";
    for (more, passes) in [
        ("namePrefix: dev-", true),
        ("replicas: [{name: web, count: 2}]", true),
        ("replicas: [{name: web, count: 0}]", false),
        (patch, false),
    ] {
        let Some(desk) = Desk::new() else { return };
        desk.world.write("network/dev/web.yaml", &NONE.replace("replicas: 0", "replicas: 1"));
        desk.world.write("network/dev/kustomization.yaml", &format!("resources: [web.yaml]\n{more}\n"));
        let (ran, requests) = desk.finish(desk.command(&desk.shim(), "apply -k dev", Caller::Agent));
        let code = if passes { 0 } else { REFUSED };
        assert_eq!(ran.code, Some(code), "{more}: {}", ran.stderr);
        let sent = requests.iter().any(Request::changes);
        assert_eq!(sent, passes, "{more}: {requests:?}");
    }
}

#[test]
fn a_grant_is_told_though_the_server_rehearses_nothing() {
    let Some(desk) = Desk::new() else { return };
    desk.world.write(
        "network/m.yaml",
        &format!("{BINDING}---\napiVersion: acme.io/v1\nkind: None\nmetadata: {{name: x}}\n"),
    );
    let (ran, _) = desk.finish(desk.command(&desk.shim(), "apply -f m.yaml", Caller::Agent));
    assert_eq!(ran.code, Some(REFUSED), "{}", ran.stderr);
    for part in ["changes unknown: ", "clusterrolebindings ops: edit to User someone"] {
        assert!(ran.stderr.contains(part), "{part}: {}", ran.stderr);
    }
}

#[test]
fn a_role_for_more_groups_is_another_role() {
    let Some(desk) = Desk::new() else { return };
    let role = |group: &str| {
        format!(
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {{name: ops}}\n\
             rules: [{{apiGroups: ['{group}'], resources: ['*'], verbs: ['*']}}]\n"
        )
    };
    desk.world.write("network/m.yaml", &role("acme.io"));
    desk.real("apply -f m.yaml");
    for (group, code) in [("acme.io", 0), ("*", REFUSED)] {
        desk.world.write("network/m.yaml", &role(group));
        let (ran, _) = desk.finish(desk.command(&desk.shim(), "apply -f m.yaml", Caller::Agent));
        assert_eq!(ran.code, Some(code), "{group}: {}", ran.stderr);
    }
}
