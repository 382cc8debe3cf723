//! The kinds that the double has, and how kubectl discovers them.

use serde_json::{Value, json};

/// A kind of object.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kind {
    /// The group; empty for the core.
    pub(super) group: &'static str,
    /// The plural, as in paths.
    pub(super) plural: &'static str,
    /// As in manifests.
    pub(super) name: &'static str,
    /// Whether its objects are in a namespace.
    pub(super) namespaced: bool,
    short: &'static str,
    subresources: &'static str,
}

impl Kind {
    /// Group and version, as in manifests. All versions are `v1`.
    pub(super) fn api_version(&self) -> String {
        if self.group.is_empty() { "v1".to_owned() } else { format!("{}/v1", self.group) }
    }
}

const fn kind(
    group: &'static str,
    plural: &'static str,
    name: &'static str,
    namespaced: bool,
    short: &'static str,
    subresources: &'static str,
) -> Kind {
    Kind { group, plural, name, namespaced, short, subresources }
}

const RBAC: &str = "rbac.authorization.k8s.io";

#[rustfmt::skip]
const KINDS: &[Kind] = &[
    kind("", "pods", "Pod", true, "po", "attach eviction exec log portforward status"),
    kind("", "namespaces", "Namespace", false, "ns", "status"),
    kind("", "nodes", "Node", false, "no", "status"),
    kind("", "secrets", "Secret", true, "", ""),
    kind("", "configmaps", "ConfigMap", true, "cm", ""),
    kind("", "services", "Service", true, "svc", ""),
    kind("", "endpoints", "Endpoints", true, "ep", ""),
    kind("", "replicationcontrollers", "ReplicationController", true, "rc", "scale"),
    kind("", "persistentvolumeclaims", "PersistentVolumeClaim", true, "pvc", ""),
    kind("", "persistentvolumes", "PersistentVolume", false, "pv", ""),
    kind("", "serviceaccounts", "ServiceAccount", true, "sa", "token"),
    kind("", "events", "Event", true, "ev", ""),
    kind("apps", "deployments", "Deployment", true, "deploy", "scale status"),
    kind("apps", "replicasets", "ReplicaSet", true, "rs", "scale status"),
    kind("apps", "statefulsets", "StatefulSet", true, "sts", "scale status"),
    kind("apps", "daemonsets", "DaemonSet", true, "ds", "status"),
    kind("batch", "jobs", "Job", true, "", ""),
    kind("batch", "cronjobs", "CronJob", true, "cj", ""),
    kind("networking.k8s.io", "ingresses", "Ingress", true, "ing", ""),
    kind("policy", "poddisruptionbudgets", "PodDisruptionBudget", true, "pdb", ""),
    kind("apiextensions.k8s.io", "customresourcedefinitions", "CustomResourceDefinition", false, "crd", ""),
    kind("certificates.k8s.io", "certificatesigningrequests", "CertificateSigningRequest", false, "csr", "approval"),
    kind(RBAC, "clusterroles", "ClusterRole", false, "", ""),
    kind(RBAC, "clusterrolebindings", "ClusterRoleBinding", false, "", ""),
    kind(RBAC, "roles", "Role", true, "", ""),
    kind(RBAC, "rolebindings", "RoleBinding", true, "", ""),
    kind("admissionregistration.k8s.io", "validatingwebhookconfigurations", "ValidatingWebhookConfiguration", false, "", ""),
    kind("acme.io", "widgets", "Widget", true, "", ""),
    kind("acme.io", "parts", "Part", true, "", ""),
];

/// What `get all` shows.
const ALL: &[&str] =
    &["pods", "services", "deployments", "replicasets", "statefulsets", "daemonsets", "jobs"];

/// The kind of that plural in that group.
pub(super) fn find(group: &str, plural: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.group == group && kind.plural == plural)
}

/// The kind of a manifest.
pub(super) fn of_manifest(object: &Value) -> &'static Kind {
    let is = |kind: &&Kind| object["kind"] == kind.name && object["apiVersion"] == kind.api_version();
    KINDS.iter().find(is).unwrap()
}

/// The answer to `/apis`.
pub(super) fn groups() -> Value {
    let mut names: Vec<&str> = KINDS.iter().map(|kind| kind.group).filter(|name| !name.is_empty()).collect();
    names.dedup();
    let groups = names.into_iter().map(|name| {
        let version = json!({"groupVersion": format!("{name}/v1"), "version": "v1"});
        json!({"name": name, "versions": [version], "preferredVersion": version})
    });
    json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups.collect::<Vec<_>>()})
}

/// The answer to `/api/v1` and `/apis/GROUP/v1`; `None` for an unknown group.
pub(super) fn resources(group: &str) -> Option<Value> {
    let kinds: Vec<&Kind> = KINDS.iter().filter(|kind| kind.group == group).collect();
    let list = json!({
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": kinds.first()?.api_version(),
        "resources": kinds.iter().flat_map(|kind| of_kind(kind)).collect::<Vec<_>>(),
    });
    Some(list)
}

fn of_kind(kind: &Kind) -> Vec<Value> {
    let mut own = json!({
        "name": kind.plural,
        "singularName": kind.name.to_lowercase(),
        "namespaced": kind.namespaced,
        "kind": kind.name,
        "verbs": ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
        "shortNames": kind.short.split_whitespace().collect::<Vec<_>>(),
    });
    if ALL.contains(&kind.plural) {
        own["categories"] = json!(["all"]);
    }
    let below = kind.subresources.split_whitespace().map(|name| {
        let (group, version, answered) = match name {
            "scale" => ("autoscaling", "v1", "Scale"),
            "eviction" => ("policy", "v1", "Eviction"),
            "token" => ("authentication.k8s.io", "v1", "TokenRequest"),
            _ => ("", "", kind.name),
        };
        json!({
            "name": format!("{}/{name}", kind.plural),
            "singularName": "",
            "namespaced": kind.namespaced,
            "group": group,
            "version": version,
            "kind": answered,
            "verbs": ["create", "get", "patch", "update"],
        })
    });
    std::iter::once(own).chain(below).collect()
}

/// The answer to `/openapi/v3`.
pub(super) fn schemas() -> Value {
    let mut paths = json!({});
    for kind in KINDS {
        let path = path_of(kind);
        paths[path.as_str()] = json!({"serverRelativeURL": format!("/openapi/v3/{path}?hash=1")});
    }
    json!({"paths": paths})
}

/// The answer to `/openapi/v3/PATH`: no more than that the server checks the
/// fields of what is applied, so that kubectl does not.
pub(super) fn schema(path: &str) -> Option<Value> {
    let mut paths = json!({});
    for kind in KINDS.iter().filter(|kind| path_of(kind) == path) {
        let below = if kind.namespaced { "namespaces/{namespace}/" } else { "" };
        paths[format!("/{path}/{below}{}/{{name}}", kind.plural)] = json!({"patch": {
            "x-kubernetes-group-version-kind": {"group": kind.group, "version": "v1", "kind": kind.name},
            "parameters": [{"name": "fieldValidation", "in": "query"}],
        }});
    }
    let found = paths.as_object().is_some_and(|paths| !paths.is_empty());
    found.then(|| json!({"openapi": "3.0.0", "info": {"title": "double", "version": "1"}, "paths": paths}))
}

fn path_of(kind: &Kind) -> String {
    if kind.group.is_empty() { "api/v1".to_owned() } else { format!("apis/{}/v1", kind.group) }
}
