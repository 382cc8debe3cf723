//! An agent's everyday writes: done in an ordinary environment, a second
//! person's to approve in a guarded one.

use std::path::Path;

use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use serde_json::json;

use super::fed::{changes, fed, served};
use super::{Caller, Desk, NEW, REFUSED};
use crate::support::world::{text, tollgate};

const WRITES: &[&str] = &[
    "apply -f x.yaml",
    "apply --server-side -f x.yaml",
    "label pod x a=b",
    "annotate pod x a=b",
    "scale deploy web --replicas=3",
    "rollout restart deploy/web",
    "set image deploy/web c=nginx:2",
    "create configmap mine --from-literal=a=b",
];

#[test]
fn an_agents_writes_reach_an_ordinary_cluster() {
    for line in WRITES {
        let (Some(desk), Some(other)) = (Desk::new(), Desk::new()) else { return };
        let changes = other.really_changes(line);
        assert!(!changes.is_empty(), "{line} changes nothing");
        let ran = desk.shimmed(line, Caller::Agent);
        assert_eq!(ran.code, Some(0), "{line}: {ran:?}");
        let missing: Vec<_> = changes.iter().filter(|line| !ran.requests.contains(line)).collect();
        assert!(missing.is_empty(), "{line}: {missing:?} not in {ran:?}");
    }
}

#[test]
fn an_agents_writes_do_not_reach_production() {
    let Some(desk) = Desk::new() else { return };
    for line in WRITES {
        for place in ["--context fake-prod", "-n prod", "-s https://api.prod.example.test"] {
            // Where `create configmap` and its like have a subcommand, flags
            // may stand before it too.
            let told = desk.assert_refused(&format!("{place} {line}"), Caller::Agent);
            assert!(told.contains("prod"), "{line}: {told}");
        }
    }
    let decisions = desk.world.recorded("decision");
    assert!(decisions.iter().all(|decision| decision["decision"] == "peer"), "{decisions:?}");
    assert_eq!(desk.shimmed("--context fake-prod get pods", Caller::Agent).code, Some(0));
}

/// Wherever a manifest comes from, the namespace that it names is a place like any other.
#[test]
fn production_is_known_by_what_is_fed() {
    let Some(desk) = Desk::new() else { return };
    let placed = |namespace: &str| NEW.replace("name: x,", &format!("name: x, namespace: {namespace},"));
    desk.world.write("network/dev/m.yaml", NEW);
    for (namespace, code) in [("prod", REFUSED), ("default", 0)] {
        let manifest = placed(namespace);
        desk.world.write("network/m.yaml", &manifest);
        let patch = json!([{"op": "add", "path": "/metadata/namespace", "value": namespace}]).to_string();
        desk.world.write(
            "network/dev/kustomization.yaml",
            &format!("resources: [m.yaml]\npatches: [{{target: {{kind: ConfigMap}}, patch: '{patch}'}}]\n"),
        );
        let url = served(&[&manifest]);
        for line in [
            "kubectl apply -f m.yaml",
            "kubectl apply -f - < m.yaml",
            "kubectl apply -f /dev/stdin < <(cat m.yaml)",
            "kubectl apply -f <(cat m.yaml)",
            "kubectl apply -k dev",
            "kubectl label -f - a=b < m.yaml",
            "kubectl annotate --overwrite -f <(cat m.yaml) a=b",
            "kubectl set image -f - a=b < m.yaml",
            &format!("kubectl apply -f {url}"),
        ] {
            let mut command = desk.command(Path::new("bash"), "-c", Caller::Agent);
            let ran = command.arg(line).output().unwrap();
            let told = text(&ran.stderr);
            let sent = changes(&desk).iter().any(|one| !one.contains("dryRun"));
            // Of a config map, no image can be set.
            if code == REFUSED || !line.contains("image") {
                assert_eq!(ran.status.code(), Some(code), "{line}: {told}");
            }
            assert_eq!(told.contains("prod"), code == REFUSED, "{line}: {told}");
            assert!(!(sent && code == REFUSED), "{line}: {told}");
        }
    }
    // What nobody but kubectl would read is for a person to decide.
    desk.world.write("network/prod.yaml", &placed("prod"));
    desk.world.write("network/some/a.yaml", NEW);
    mkfifo(&desk.world.path("network/some/b.yaml"), Mode::S_IRWXU).unwrap();
    for line in [
        "kubectl label --overwrite -f m.yaml,- a=b < prod.yaml",
        "kubectl label --overwrite -f '\"-\"' a=b < prod.yaml",
        "kubectl rollout restart -f m.yaml,- < prod.yaml",
        "kubectl set image -f - -f http://127.0.0.1:1/x a=b < prod.yaml",
        "cat prod.yaml > some/b.yaml & kubectl apply -f some; kill $!; (exit 77)",
        "cat prod.yaml > some/b.yaml & kubectl apply -f 'some/*.yaml'; kill $!; (exit 77)",
        "cat prod.yaml > some/b.yaml & kubectl label -f some a=b; kill $!; (exit 77)",
    ] {
        let mut command = desk.command(Path::new("bash"), "-c", Caller::Agent);
        let ran = command.arg(line).output().unwrap();
        let told = text(&ran.stderr);
        assert_eq!(ran.status.code(), Some(REFUSED), "{line}: {told}");
        assert!(told.contains("tollgate: refused: kubectl"), "{line}: {told}");
        assert!(changes(&desk).iter().all(|one| one.contains("dryRun")), "{line}: {told}");
    }
    let fed = fed(&desk, "apply -f -", &format!("{NEW}---\n{}", placed("prod")));
    assert_eq!(fed.status.code(), Some(REFUSED), "{}", text(&fed.stderr));
}

#[test]
fn production_is_known_by_its_server() {
    let Some(desk) = Desk::new() else { return };
    let mut kubeconfig = desk.cluster.kubeconfig();
    kubeconfig["clusters"][0]["cluster"]["server"] = json!("https://k8s.production.example.test");
    desk.configure(&kubeconfig);
    desk.assert_refused("label pod x a=b", Caller::Agent);
    assert_eq!(desk.world.recorded("decision")[0]["decision"], "peer");
}

/// An agent's write to nobody knows where is one to production.
#[test]
fn a_kubeconfig_that_cannot_be_read_guards() {
    let Some(desk) = Desk::new() else { return };
    let write = |text: &str| desk.world.write("kubeconfig", text);
    let is_guarded = |why: &str| {
        desk.assert_refused("label pod x a=b", Caller::Agent);
        let decisions = desk.world.recorded("decision");
        assert_eq!(decisions.last().unwrap()["decision"], "peer", "{why}: {decisions:?}");
        let line = "check -- kubectl label pod x a=b";
        let output = desk.command(tollgate(), line, Caller::Agent).output().unwrap();
        let told = text(&output.stdout);
        assert!(told.contains("the target cannot be read, so it is guarded for an agent: "), "{why}: {told}");
        assert!(told.contains("kubeconfig"), "{why}: {told}");
    };
    write("{ clusters: [");
    is_guarded("broken");
    write("apiVersion: v1\nkind: Config\nclusters: 7\n");
    is_guarded("of another form");
    std::fs::remove_file(desk.world.path("kubeconfig")).unwrap();
    mkfifo(&desk.world.path("kubeconfig"), Mode::S_IRWXU).unwrap();
    is_guarded("a pipe");
}
