//! Servers that do not answer, and what one says would come of a change.

use serde_json::{Value, json};

use super::{Desk, object, pod};

#[test]
fn what_cannot_be_counted_is_said_and_asks_for_more() {
    for (line, kind, why) in [
        ("delete pods -l app=web", "pods", "forbidden"),
        ("delete pod x", "pods", "forbidden"),
        ("delete deploy web", "pods", "dependents unknown"),
        ("drain n1", "pods", "pods on node n1 unknown"),
        ("delete ns default", "secrets", "what is in namespace default unknown"),
    ] {
        let Some(desk) = Desk::new() else { return };
        desk.cluster.forbid(kind);
        let (told, decision, risk) = desk.asked(line);
        assert_eq!((decision.as_str(), risk.as_str()), ("peer", "critical"), "{line}: {told}");
        assert!(told.contains("unknown: ") && told.contains(why), "{line}: {told}");
    }
}

#[test]
fn a_server_that_hangs_holds_nobody_up_for_long() {
    let Some(desk) = Desk::new() else { return };
    desk.cluster.hang();
    let (told, decision, risk) = desk.asked("delete pods -l app=web");
    assert_eq!((decision.as_str(), risk.as_str()), ("peer", "critical"), "{told}");
    assert!(told.contains("count unknown: there was no answer within 3 s"), "{told}");
}

#[test]
fn a_server_that_is_not_there_is_said() {
    let Some(desk) = Desk::new() else { return };
    let mut kubeconfig = desk.cluster.kubeconfig();
    kubeconfig["clusters"][0]["cluster"]["server"] = json!("http://127.0.0.1:1");
    desk.world.write("kubeconfig", &kubeconfig.to_string());
    let (told, decision, _) = desk.asked("delete pod web");
    assert_eq!(decision, "peer", "{told}");
    assert!(told.contains("count unknown: "), "{told}");
}

/// Lines in a guarded place, with a manifest, and what an agent is told.
#[rustfmt::skip]
const CHANGES: &[(&str, &str, &[&str])] = &[
    ("apply -f m.yaml", "service", &["services prod/web: LoadBalancer", "services prod/web: from anywhere"]),
    ("create -f m.yaml", "service", &["services prod/web: LoadBalancer"]),
    ("apply -f m.yaml", "none", &["deployments prod/web: 1 replicas become none"]),
    ("replace -f m.yaml", "none", &["deployments prod/web: 1 replicas become none"]),
    ("replace --force -f m.yaml", "none", &["deployments prod/web: deleted, with what it owns, and made anew"]),
    ("scale deploy web --replicas=0", "none", &["deployments prod/web: 1 replicas become none"]),
    ("scale deploy web --replicas=3", "none", &["deployments prod/web: 1 replicas become 3"]),
    ("apply -f m.yaml", "host", &["pods prod/root: privileged", "pods prod/root: hostPath /", "pods prod/root: hostNetwork"]),
    ("apply -f m.yaml", "binding", &["clusterrolebindings ops: cluster-admin to User someone"]),
    ("apply --prune -l app=old -f m.yaml", "old", &["prunes 1 object", "configmaps gone: pruned"]),
    (r#"patch deploy web -p '{"spec":{"template":{"spec":{"hostPID":true}}}}'"#, "none", &["deployments prod/web: hostPID"]),
];

fn manifest(name: &str) -> Value {
    let meta = |name: &str| json!({"name": name, "namespace": "prod"});
    match name {
        "service" => {
            json!({"apiVersion": "v1", "kind": "Service", "metadata": meta("web"), "spec": {"type": "LoadBalancer"}})
        }
        "none" => {
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": meta("web"), "spec": {"replicas": 0}})
        }
        "host" => {
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": meta("root"), "spec": {"hostNetwork": true,
            "volumes": [{"name": "r", "hostPath": {"path": "/"}}],
            "containers": [{"name": "c", "image": "x", "securityContext": {"privileged": true}}]}})
        }
        "binding" => {
            json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "ops"},
            "roleRef": {"kind": "ClusterRole", "name": "cluster-admin"}, "subjects": [{"kind": "User", "name": "someone"}]})
        }
        _ => {
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "stays", "namespace": "prod", "labels": {"app": "old"}}})
        }
    }
}

#[test]
fn the_server_tells_what_would_come_of_a_change() {
    for (line, name, parts) in CHANGES {
        let Some(desk) = Desk::new() else { return };
        let applied = json!({"metadata": {"labels": {"app": "old"},
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"}}});
        desk.cluster.put(object("v1", "ConfigMap", "prod", "gone", &applied));
        desk.world.write("network/m.yaml", &manifest(name).to_string());
        let (told, decision, _) = desk.asked(&format!("-n prod {line}"));
        assert_eq!(decision, "peer", "{line}: {told}");
        assert!(!told.contains("unknown: "), "{line}: {told}");
        for part in *parts {
            assert!(told.contains(part), "{line} {name}: {part:?} is not in {told}");
        }
    }
}

/// A server that refuses to rehearse is no server that says that nothing happens.
#[test]
fn a_change_that_cannot_be_rehearsed_is_unknown() {
    let Some(desk) = Desk::new() else { return };
    desk.world.write("network/m.yaml", &manifest("service").to_string());
    desk.cluster.forbid("services");
    let (told, _, risk) = desk.asked("-n prod apply -f m.yaml");
    assert_eq!(risk, "critical", "{told}");
    assert!(told.contains("changes unknown: "), "{told}");
    desk.cluster.put(pod("prod", "late", "web"));
    let (told, _, risk) = desk.asked("-n prod delete pod late");
    assert_eq!(risk, "medium", "{told}");
}
