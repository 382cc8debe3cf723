use serde_json::json;

use super::*;

fn named(kind: &str, name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "uid": format!("{kind}/{name}")}})
}

fn owned(mut object: Value, kind: &str, uid: &str, controller: bool) -> Value {
    object["metadata"]["ownerReferences"] =
        json!([{"apiVersion": "apps/v1", "kind": kind, "name": "x", "uid": uid, "controller": controller}]);
    object
}

#[test]
fn what_others_make_again_is_not_kept() {
    let mut service = named("Service", "web");
    service["spec"] = json!({"selector": {"app": "web"}});
    let mut puller = named("ServiceAccount", "default");
    puller["metadata"]["uid"] = json!("puller");
    puller["imagePullSecrets"] = json!([{"name": "registry"}]);
    let objects = vec![
        named("Deployment", "web"),
        owned(named("ReplicaSet", "web-1"), "Deployment", "Deployment/web", true),
        owned(named("Pod", "web-1-a"), "ReplicaSet", "ReplicaSet/web-1", true),
        owned(named("Pod", "other"), "DaemonSet", "elsewhere", true),
        owned(named("ReplicaSet", "old"), "Deployment", "elsewhere", true),
        owned(named("ConfigMap", "owned"), "Deployment", "Deployment/web", false),
        named("Pod", "bare"),
        service,
        named("Endpoints", "web"),
        named("Endpoints", "by-hand"),
        named("Event", "e"),
        named("ConfigMap", "kube-root-ca.crt"),
        named("ServiceAccount", "default"),
        puller,
    ];
    let kept: Vec<String> = lasting(objects).iter().map(|one| Manifest(one).shown()).collect();
    assert_eq!(
        kept,
        [
            "deployment web",
            "replicaset old",
            "configmap owned",
            "pod bare",
            "service web",
            "endpoints by-hand",
            "serviceaccount default"
        ]
    );
}

#[test]
fn what_a_secret_holds_is_withheld() {
    let mut secret = json!({"apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": {"name": "db", "annotations": {APPLIED: "{\"data\":{\"password\":\"aHVudGVyMg==\"}}", "by": "hand"}},
        "data": {"password": "aHVudGVyMg==", "user": "cm9vdA=="}, "stringData": {"more": "hunter2"}});
    assert_eq!(withhold(&mut secret), ["more", "password", "user"]);
    let text = secret.to_string();
    assert!(!text.contains("hunter2") && !text.contains("aHVudGVyMg") && !text.contains("cm9vdA"), "{text}");
    assert_eq!(secret["metadata"]["annotations"], json!({"by": "hand"}));
    let mut other = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "b"}});
    assert!(withhold(&mut other).is_empty());
    assert_eq!(other["data"]["a"], "b");
}

#[test]
fn what_the_server_sets_is_not_sent() {
    let object = json!({"apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": "c", "namespace": "n", "uid": "u", "resourceVersion": "7", "generation": 3,
            "creationTimestamp": "2026-01-01T00:00:00Z", "deletionTimestamp": "2026-01-02T00:00:00Z",
            "deletionGracePeriodSeconds": 30, "managedFields": [{}], "selfLink": "/x",
            "labels": {"a": "b"}, "annotations": {"c": "d"},
            "finalizers": ["acme.io/wait", "foregroundDeletion"],
            "ownerReferences": [{"uid": "gone"}, {"uid": "there"}]},
        "data": {"x": "y"}, "status": {"z": 1}});
    let sent = again(&object, &|uid| uid == "there");
    assert_eq!(
        sent,
        json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "c", "namespace": "n", "labels": {"a": "b"}, "annotations": {"c": "d"},
                "finalizers": ["acme.io/wait"], "ownerReferences": [{"uid": "there"}]},
            "data": {"x": "y"}})
    );
    let alone = again(&object, &|_| false);
    assert!(alone["metadata"].get("ownerReferences").is_none());
}

#[test]
fn each_kind_is_sent_without_what_would_not_hold() {
    let sent = |api: &str, kind: &str, metadata: Value, spec: Value| {
        again(&json!({"apiVersion": api, "kind": kind, "metadata": metadata, "spec": spec}), &|_| false)
    };
    let service = sent(
        "v1",
        "Service",
        json!({}),
        json!({"clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"], "ports": []}),
    );
    assert_eq!(service["spec"], json!({"ports": []}));
    let headless = sent("v1", "Service", json!({}), json!({"clusterIP": "None", "clusterIPs": ["None"]}));
    assert_eq!(headless["spec"]["clusterIP"], "None");
    let pod = sent("v1", "Pod", json!({}), json!({"nodeName": "n1", "containers": []}));
    assert_eq!(pod["spec"], json!({"containers": []}));
    let claim = sent(
        "v1",
        "PersistentVolumeClaim",
        json!({"annotations": {"pv.kubernetes.io/bind-completed": "yes", "own": "x"}, "finalizers": ["kubernetes.io/pvc-protection"]}),
        json!({"volumeName": "pv-1", "storageClassName": "fast"}),
    );
    assert_eq!(claim["spec"], json!({"storageClassName": "fast"}));
    assert_eq!(claim["metadata"]["annotations"], json!({"own": "x"}));
    assert_eq!(claim["metadata"]["finalizers"], json!(["kubernetes.io/pvc-protection"]));
    let volume = sent(
        "v1",
        "PersistentVolume",
        json!({}),
        json!({"claimRef": {"name": "c", "uid": "u", "resourceVersion": "1"}}),
    );
    assert_eq!(volume["spec"]["claimRef"], json!({"name": "c"}));
    let job = sent(
        "batch/v1",
        "Job",
        json!({"labels": {"controller-uid": "u", "app": "x"}}),
        json!({"selector": {}, "template": {"metadata": {"labels": {"batch.kubernetes.io/controller-uid": "u", "job-name": "j"}}}}),
    );
    assert_eq!(job["spec"], json!({"template": {"metadata": {"labels": {"job-name": "j"}}}}));
    assert_eq!(job["metadata"]["labels"], json!({"app": "x"}));
    let manual = sent("batch/v1", "Job", json!({}), json!({"manualSelector": true, "selector": {"a": "b"}}));
    assert_eq!(manual["spec"]["selector"], json!({"a": "b"}));
}

#[test]
fn what_others_need_is_made_first() {
    let mut kinds = [
        "ValidatingWebhookConfiguration",
        "Widget",
        "Deployment",
        "Ingress",
        "Secret",
        "PersistentVolumeClaim",
        "Namespace",
        "CustomResourceDefinition",
        "ServiceAccount",
    ]
    .map(|kind| named(kind, "x"));
    kinds.sort_by_key(|one| Manifest(one).rank());
    let order: Vec<&str> = kinds.iter().map(|one| Manifest(one).kind()).collect();
    assert_eq!(
        order,
        [
            "Namespace",
            "CustomResourceDefinition",
            "ServiceAccount",
            "Secret",
            "PersistentVolumeClaim",
            "Deployment",
            "Widget",
            "Ingress",
            "ValidatingWebhookConfiguration"
        ]
    );
}

#[test]
fn what_would_do_harm_is_left() {
    let of = |api: &str, kind: &str, more: Value| {
        let mut object = json!({"apiVersion": api, "kind": kind, "metadata": {"name": "x"}});
        more.as_object().unwrap().iter().for_each(|(key, value)| object[key] = value.clone());
        object
    };
    let withheld = ["tls.key".to_owned()];
    for (object, withheld, left) in [
        (
            of(
                "batch/v1",
                "Job",
                json!({"status": {"conditions": [{"type": "Complete", "status": "True"}]}}),
            ),
            &[][..],
            true,
        ),
        (of("batch/v1", "Job", json!({"status": {"active": 1}})), &[], false),
        (of("v1", "Pod", json!({"status": {"phase": "Succeeded"}})), &[], true),
        (of("v1", "Pod", json!({"status": {"phase": "Running"}})), &[], false),
        (of("v1", "Secret", json!({"type": "kubernetes.io/tls"})), &withheld, true),
        (of("v1", "Secret", json!({"type": "kubernetes.io/tls", "data": {}})), &[], false),
        (of("v1", "Secret", json!({"type": "Opaque"})), &withheld, false),
    ] {
        assert_eq!(Manifest(&object).left(withheld).is_some(), left, "{object}");
    }
}
