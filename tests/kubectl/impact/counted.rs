//! What is found behind a line.

use serde_json::{Value, json};

use super::{Desk, changes, object, owned, pod};
use crate::kubectl::shim::Caller;

fn claim(namespace: &str, name: &str, volume: &str, policy: &str) -> [Value; 2] {
    let reference = json!({"namespace": namespace, "name": name});
    let spec = json!({"spec": {"claimRef": reference, "persistentVolumeReclaimPolicy": policy}});
    [
        object("v1", "PersistentVolumeClaim", namespace, name, &json!({"spec": {"volumeName": volume}})),
        object("v1", "PersistentVolume", "", volume, &spec),
    ]
}

/// A stateful set with two pods and a claim, a deployment's replica set and pod, and a job.
fn populate(desk: &Desk) {
    let put = |object: Value| desk.cluster.put(object);
    let templates = json!({"spec": {"replicas": 2, "volumeClaimTemplates": [{"metadata": {"name": "data"}}]},
        "metadata": {"uid": "db", "labels": {"app": "db"}}});
    put(object("apps/v1", "StatefulSet", "default", "db", &templates));
    for name in ["db-0", "db-1"] {
        put(owned(pod("default", name, "db"), "StatefulSet", "db"));
    }
    claim("default", "data-db-0", "pvc-1", "Delete").into_iter().for_each(put);
    claim("default", "data-db-1", "pvc-2", "Retain").into_iter().for_each(put);
    let api = json!({"metadata": {"uid": "api"}});
    put(object("apps/v1", "Deployment", "default", "api", &api));
    let set = json!({"metadata": {"uid": "api-1"}});
    put(owned(object("apps/v1", "ReplicaSet", "default", "api-1", &set), "Deployment", "api"));
    put(owned(pod("default", "api-1-a", "api"), "ReplicaSet", "api-1"));
    put(object("batch/v1", "Job", "default", "migrate", &json!({"metadata": {"uid": "migrate"}})));
    let emptied =
        json!({"spec": {"nodeName": "n1", "containers": [], "volumes": [{"name": "v", "emptyDir": {}}]}});
    put(object("v1", "Pod", "default", "scratch", &emptied));
    put(owned(pod("kube-system", "proxy", "proxy"), "DaemonSet", "ds"));
    put(object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", "jobs.batch", &json!({})));
}

/// Lines of an agent, with its decision, its risk, and what it is told.
#[rustfmt::skip]
const TOLD: &[(&str, &str, &str, &[&str])] = &[
    // Everyday commands are as hard as their words make them.
    ("delete pod api-1-a", "confirm", "medium", &["deletes 1 pod in default"]),
    ("delete job migrate", "confirm", "high", &["deletes 1 job in default"]),
    ("delete configmap settings", "confirm", "high", &["deletes 1 configmap in default"]),
    ("delete pods -l app=api", "confirm", "medium", &["deletes 1 pod in default", "deleted by the names that were found"]),
    ("delete pods --field-selector=status.phase=Running", "confirm", "medium", &["deletes 5 pods"]),
    ("delete -f settings.yaml", "confirm", "high", &["deletes 1 configmap in default"]),
    ("delete deploy api", "confirm", "high", &["as they own it: 1 pod, 1 replicaset", "pods default/api-1-a (owned)"]),
    ("delete deploy api --cascade=orphan", "confirm", "high", &["what they own stays"]),
    // What nobody makes good is critical, whatever the words are.
    ("delete deploy gone", "confirm", "high", &[]),
    ("delete -f data.yaml", "peer", "critical", &["its volume pvc-1 is deleted with it", "reclaim policy Delete"]),
    ("delete -f . -R", "peer", "critical", &["deletes 1 persistentvolumeclaim, 2 configmaps in default"]),
    ("delete -k .", "peer", "critical", &["deletes 1 persistentvolumeclaim in default"]),
    ("delete pvc --all", "peer", "critical", &["deletes 2 persistentvolumeclaims in default", "its volume pvc-2 is kept"]),
    ("delete sts db", "peer", "critical", &["the persistentvolumeclaims of its pods stay", "as they own it: 2 pods"]),
    ("delete pv pvc-1", "peer", "critical", &["persistentvolumes pvc-1: reclaim policy Delete"]),
    ("delete ns default", "peer", "critical", &["with namespace default: 2 persistentvolumeclaims, 1 statefulset, 1 secret", "its volume pvc-1 is deleted"]),
    ("delete crd jobs.batch", "peer", "critical", &["with definition jobs.batch: all 1 of its objects"]),
    ("delete all --all", "peer", "critical", &["1 statefulset"]),
    // Nodes, with a pod of prod's.
    ("drain n1", "peer", "high", &["environment prod", "evicts 8 pods from node n1: 5 without a controller, 1 with an emptyDir; 1 of daemon sets"]),
    ("drain n1 --force --delete-emptydir-data", "peer", "critical", &["what is in its emptyDir is lost", "no controller, so it does not come back"]),
    ("delete --raw /api/v1/namespaces/default/persistentvolumeclaims", "peer", "critical", &["deletes everything of that type: all 2 persistentvolumeclaims in default"]),
    ("delete --raw /api/v1/namespaces/default/pods/web/proxy/quit", "peer", "critical", &["count unknown"]),
];

#[test]
fn what_is_behind_a_line_is_told_and_judged() {
    let Some(desk) = Desk::new() else { return };
    populate(&desk);
    let data =
        "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data-db-0, namespace: default}\n";
    desk.world.write("network/data.yaml", data);
    desk.world.write("network/kustomization.yaml", "resources: [data.yaml]\n");
    for (line, decision, risk, parts) in TOLD {
        if line.starts_with("delete -f .") {
            desk.cluster.put(object("v1", "ConfigMap", "default", "x", &json!({})));
            std::fs::remove_file(desk.world.path("network/kustomization.yaml")).unwrap();
        }
        let (told, found, graver) = desk.asked(line);
        if line.starts_with("delete -f .") {
            desk.world.write("network/kustomization.yaml", "resources: [data.yaml]\n");
        }
        assert_eq!((found.as_str(), graver.as_str()), (*decision, *risk), "{line}: {told}");
        for part in *parts {
            assert!(told.contains(part), "{line}: {part:?} is not in {told}");
        }
    }
    assert!(desk.world.recorded("exec").is_empty());
}

/// A custom object that owns a stateful set and its claim over an object of another kind,
/// and a config map that somebody made a claim's owner.
fn populate_owners(desk: &Desk) {
    let put = |object: Value| desk.cluster.put(object);
    let of = |mut object: Value, kind: &str, uid: &str| {
        object["metadata"]["ownerReferences"] =
            json!([{"apiVersion": "acme.io/v1", "kind": kind, "name": "x", "uid": uid}]);
        object
    };
    let uid = |uid: &str| json!({"metadata": {"uid": uid}});
    put(object("acme.io/v1", "Widget", "default", "shop", &uid("shop")));
    put(object("acme.io/v1", "Widget", "default", "other", &uid("other")));
    put(of(object("acme.io/v1", "Part", "default", "shop-1", &uid("shop-1")), "Widget", "shop"));
    put(of(object("apps/v1", "StatefulSet", "default", "store", &uid("store")), "Part", "shop-1"));
    put(owned(object("v1", "PersistentVolumeClaim", "default", "data", &json!({})), "StatefulSet", "store"));
    put(object("v1", "ConfigMap", "default", "holder", &uid("holder")));
    put(owned(object("v1", "PersistentVolumeClaim", "default", "held", &json!({})), "ConfigMap", "holder"));
    put(object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", "widgets.acme.io", &json!({})));
}

#[test]
fn what_belongs_to_anything_goes_with_it() {
    let Some(desk) = Desk::new() else { return };
    populate_owners(&desk);
    desk.world.write("network/holder.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: holder}\n");
    for (line, decision, risk, part) in [
        ("delete widget shop", "peer", "critical", "as they own it: 1 persistentvolumeclaim, 1 statefulset"),
        ("delete widget other", "confirm", "high", "deletes 1 widget.acme.io in default"),
        ("delete crd widgets.acme.io", "peer", "critical", "persistentvolumeclaims default/data (owned)"),
        ("replace --force -f holder.yaml", "peer", "critical", "persistentvolumeclaims default/held (owned)"),
        ("replace --force --cascade=orphan -f holder.yaml", "confirm", "high", "what they own stays"),
        ("delete cm holder", "peer", "critical", "persistentvolumeclaims default/held (owned)"),
        ("delete cm settings", "confirm", "high", "deletes 1 configmap in default"),
        ("delete pod web", "confirm", "medium", "deletes 1 pod in default"),
    ] {
        let (told, found, graver) = desk.asked(line);
        assert_eq!((found.as_str(), graver.as_str()), (decision, risk), "{line}: {told}");
        assert!(told.contains(part), "{line}: {told}");
    }
    // What nobody may look at is unknown where it is to be expected, and said elsewhere.
    desk.cluster.forbid("persistentvolumeclaims");
    for (line, risk, part) in [
        ("delete widget other", "critical", "dependents unknown: "),
        ("delete cm settings", "high", "whether anything belongs to it was not found out: "),
    ] {
        let (told, _, graver) = desk.asked(line);
        assert_eq!(graver, risk, "{line}: {told}");
        assert!(told.contains(part) && told.contains("forbidden"), "{line}: {told}");
    }
}

#[test]
fn a_thousand_objects_are_counted() {
    let Some(desk) = Desk::new() else { return };
    for number in 0..1000 {
        desk.cluster.put(pod("default", &format!("batch-{number}"), "batch"));
    }
    let (told, decision, risk) = desk.asked("delete pods -l app=batch");
    assert_eq!((decision.as_str(), risk.as_str()), ("confirm", "high"), "{told}");
    assert!(told.contains("deletes 1000 pods in default"), "{told}");
    assert!(told.contains("deleted by the names that were found"), "{told}");
}

/// Deleting what a file brings along is as grave as naming it.
#[test]
fn a_file_is_judged_by_what_is_in_it() {
    let Some(desk) = Desk::new() else { return };
    for (api, kind, decision, effect) in [
        ("v1", "Secret", "peer", "destroy"),
        ("rbac.authorization.k8s.io/v1", "Role", "confirm", "privilege"),
        ("v1", "ServiceAccount", "confirm", "privilege"),
        ("policy/v1", "PodDisruptionBudget", "confirm", "unprotect"),
        ("networking.k8s.io/v1", "Ingress", "confirm", "destroy"),
    ] {
        let one = object(api, kind, "default", "one", &json!({}));
        desk.cluster.put(one.clone());
        desk.world.write("network/one.json", &one.to_string());
        for line in ["delete -f one.json", "replace --force -f one.json"] {
            let (told, found, _) = desk.asked(line);
            assert_eq!(found, decision, "{line} {kind}: {told}");
            assert!(told.contains(effect), "{line} {kind}: {told}");
        }
    }
}

#[test]
fn nothing_is_asked_of_the_server_for_what_is_allowed() {
    let Some(desk) = Desk::new() else { return };
    for line in ["get pods", "delete pods --all --dry-run=client", "scale deploy web --replicas=2"] {
        let (ran, requests) = desk.finish(desk.command("kubectl".as_ref(), line, Caller::Agent));
        let real = desk.real(line);
        assert_eq!((ran.code, &ran.requests), (real.code, &real.requests), "{line}");
        assert_eq!(changes(&requests).is_empty(), !line.starts_with("scale"), "{line}");
    }
}
