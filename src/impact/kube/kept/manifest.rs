//! An object as kubectl prints it: what it is, what of it is kept, and what of it is sent
//! to make it again.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// What `apply` notes of an object: all of it.
const APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Pods that these own are made again by them.
const STARTERS: [&str; 5] = ["DaemonSet", "Job", "ReplicaSet", "ReplicationController", "StatefulSet"];

/// Kinds in the order in which they are made; the others behind them, but before those
/// that may forbid others.
const ORDER: [&str; 28] = [
    "Namespace",
    "CustomResourceDefinition",
    "PriorityClass",
    "StorageClass",
    "NetworkPolicy",
    "ResourceQuota",
    "LimitRange",
    "ServiceAccount",
    "ClusterRole",
    "ClusterRoleBinding",
    "Role",
    "RoleBinding",
    "Secret",
    "ConfigMap",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Service",
    "Endpoints",
    "PodDisruptionBudget",
    "DaemonSet",
    "Pod",
    "ReplicationController",
    "ReplicaSet",
    "Deployment",
    "StatefulSet",
    "HorizontalPodAutoscaler",
    "Job",
    "CronJob",
];

/// Kinds that are made last.
const LAST: [&str; 5] = [
    "Ingress",
    "APIService",
    "ValidatingAdmissionPolicy",
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
];

/// One object.
#[derive(Clone, Copy, Debug)]
pub struct Manifest<'a>(pub &'a Value);

impl<'a> Manifest<'a> {
    fn text(self, pointer: &str) -> &'a str {
        self.0.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// Its kind.
    pub fn kind(self) -> &'a str {
        self.text("/kind")
    }

    /// The group of its kind, empty for the core.
    pub fn group(self) -> &'a str {
        self.text("/apiVersion").split_once('/').map_or("", |(group, _)| group)
    }

    /// Its name.
    pub fn name(self) -> &'a str {
        self.text("/metadata/name")
    }

    /// Its namespace.
    pub fn namespace(self) -> Option<&'a str> {
        Some(self.text("/metadata/namespace")).filter(|name| !name.is_empty())
    }

    /// What no other object ever has.
    pub fn uid(self) -> Option<&'a str> {
        Some(self.text("/metadata/uid")).filter(|uid| !uid.is_empty())
    }

    /// `deployment web`, `deployment prod/web`.
    pub fn shown(self) -> String {
        let place = self.namespace().map(|name| format!("{name}/")).unwrap_or_default();
        format!("{} {place}{}", self.kind().to_lowercase(), self.name())
    }

    /// How kubectl takes it: `Deployment.v1.apps/web`.
    pub fn word(self) -> String {
        let version = self.text("/apiVersion");
        let (group, version) = version.split_once('/').unwrap_or(("", version));
        format!("{}.{version}.{group}/{}", self.kind(), self.name())
    }

    /// How kubectl takes what it belongs to.
    pub fn owner_words(self) -> impl Iterator<Item = String> {
        self.owners().map(|owner| {
            let text = |key: &str| owner.get(key).and_then(Value::as_str).unwrap_or_default();
            let version = text("apiVersion");
            let (group, version) = version.split_once('/').unwrap_or(("", version));
            format!("{}.{version}.{group}/{}", text("kind"), text("name"))
        })
    }

    /// Where it stands among others that are made.
    pub fn rank(self) -> usize {
        let position = |kinds: &[&str]| kinds.iter().position(|kind| *kind == self.kind());
        let late = || position(&LAST).map(|at| ORDER.len() + 1 + at);
        position(&ORDER).or_else(late).unwrap_or(ORDER.len())
    }

    fn owners(self) -> impl Iterator<Item = &'a Value> {
        self.0.pointer("/metadata/ownerReferences").and_then(Value::as_array).into_iter().flatten()
    }

    fn condition(self, kind: &str) -> bool {
        let conditions = self.0.pointer("/status/conditions").and_then(Value::as_array);
        conditions.into_iter().flatten().any(|one| {
            let is = |key: &str, value: &str| one.get(key).and_then(Value::as_str) == Some(value);
            is("type", kind) && is("status", "True")
        })
    }

    /// Why it is not made again though it was kept; `None` where it is.
    pub fn left(self, withheld: &[String]) -> Option<&'static str> {
        match (self.group(), self.kind()) {
            ("batch", "Job") if self.condition("Complete") || self.condition("Failed") => {
                Some("it had ended, and would run once more")
            }
            ("", "Pod") if matches!(self.text("/status/phase"), "Succeeded" | "Failed") => {
                Some("it had ended, and would run once more")
            }
            ("", "Secret") if !withheld.is_empty() => match self.text("/type") {
                "" | "Opaque" | "kubernetes.io/service-account-token" => None,
                _ => Some("without its data, which was not kept, a secret of its type is none"),
            },
            _ => None,
        }
    }
}

/// Those of `objects` that nobody else makes again.
pub(super) fn lasting(objects: Vec<Value>) -> Vec<Value> {
    let uids: BTreeSet<String> =
        objects.iter().filter_map(|one| Manifest(one).uid().map(str::to_owned)).collect();
    let services: BTreeSet<(String, String)> = objects
        .iter()
        .map(Manifest)
        .filter(|one| one.kind() == "Service" && one.0.pointer("/spec/selector").is_some())
        .map(|one| (one.namespace().unwrap_or_default().to_owned(), one.name().to_owned()))
        .collect();
    let stays = |one: &Value| {
        let manifest = Manifest(one);
        let text =
            |owner: &Value, key: &str| owner.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let made_again = manifest.owners().any(|owner| {
            let controls = owner.get("controller").and_then(Value::as_bool) == Some(true);
            let starts = manifest.kind() == "Pod" && STARTERS.contains(&text(owner, "kind").as_str());
            controls && (starts || uids.contains(&text(owner, "uid")))
        });
        let place = || (manifest.namespace().unwrap_or_default().to_owned(), manifest.name().to_owned());
        let given = match (manifest.group(), manifest.kind()) {
            ("", "ConfigMap") => matches!(manifest.name(), "kube-root-ca.crt" | "openshift-service-ca.crt"),
            ("", "ServiceAccount") => manifest.name() == "default" && one.get("imagePullSecrets").is_none(),
            ("", "Endpoints") => services.contains(&place()),
            ("" | "events.k8s.io", "Event") | ("coordination.k8s.io", "Lease") => true,
            ("discovery.k8s.io", "EndpointSlice") => manifest.owners().next().is_some(),
            _ => false,
        };
        !made_again && !given
    };
    objects.into_iter().filter(stays).collect()
}

/// Takes out what a secret holds, and says which keys it had.
pub(super) fn withhold(object: &mut Value) -> Vec<String> {
    if (Manifest(object).group(), Manifest(object).kind()) != ("", "Secret") {
        return Vec::new();
    }
    let mut keys = BTreeSet::new();
    for held in ["data", "stringData"] {
        let taken = object.as_object_mut().and_then(|entries| entries.remove(held));
        keys.extend(taken.iter().filter_map(Value::as_object).flatten().map(|(key, _)| key.clone()));
    }
    // It holds the same once more.
    remove(object, "/metadata/annotations", APPLIED);
    keys.into_iter().collect()
}

fn remove(object: &mut Value, pointer: &str, key: &str) -> Option<Value> {
    object.pointer_mut(pointer).and_then(Value::as_object_mut)?.remove(key)
}

/// The object as it is sent to be made again: without what a server sets, and what no
/// longer is. `is_there` says whether the owner with this uid is still there.
pub fn again(object: &Value, is_there: &dyn Fn(&str) -> bool) -> Value {
    let mut object = object.clone();
    remove(&mut object, "", "status");
    for key in [
        "creationTimestamp",
        "deletionGracePeriodSeconds",
        "deletionTimestamp",
        "generation",
        "managedFields",
        "resourceVersion",
        "selfLink",
        "uid",
    ] {
        remove(&mut object, "/metadata", key);
    }
    keep_only(&mut object, "/metadata/ownerReferences", |owner| {
        owner.get("uid").and_then(Value::as_str).is_some_and(is_there)
    });
    // How it was being deleted, where it was already.
    keep_only(&mut object, "/metadata/finalizers", |one| {
        !matches!(one.as_str(), Some("foregroundDeletion" | "orphan"))
    });
    let kind = (Manifest(&object).group().to_owned(), Manifest(&object).kind().to_owned());
    match (kind.0.as_str(), kind.1.as_str()) {
        ("", "Pod") => {
            remove(&mut object, "/spec", "nodeName");
            remove(&mut object, "/spec", "ephemeralContainers");
        }
        ("", "Namespace") => {
            remove(&mut object, "", "spec");
        }
        ("", "Service") => service(&mut object),
        ("", "PersistentVolumeClaim") => claim(&mut object),
        ("", "PersistentVolume") => {
            remove(&mut object, "/spec/claimRef", "uid");
            remove(&mut object, "/spec/claimRef", "resourceVersion");
        }
        ("batch", "Job") => job(&mut object),
        _ => {}
    }
    object
}

/// Keeps those members of a list, and the list where one is left.
fn keep_only(object: &mut Value, pointer: &str, stays: impl Fn(&Value) -> bool) {
    let Some(list) = object.pointer_mut(pointer).and_then(Value::as_array_mut) else { return };
    list.retain(stays);
    if list.is_empty()
        && let Some((above, key)) = pointer.rsplit_once('/')
    {
        remove(object, above, key);
    }
}

/// Its address may be another's by now. A service without one says so.
fn service(object: &mut Value) {
    if object.pointer("/spec/clusterIP").and_then(Value::as_str) != Some("None") {
        remove(object, "/spec", "clusterIP");
        remove(object, "/spec", "clusterIPs");
    }
}

/// The volume is gone, or was let go of: what is bound to it would be lost at once.
fn claim(object: &mut Value) {
    remove(object, "/spec", "volumeName");
    if let Some(notes) = object.pointer_mut("/metadata/annotations").and_then(Value::as_object_mut) {
        let bound =
            |key: &str| key.starts_with("pv.kubernetes.io/") || key == "volume.kubernetes.io/selected-node";
        notes.retain(|key, _| !bound(key));
    }
}

/// The server chooses how it finds its pods, and refuses what it chose before.
fn job(object: &mut Value) {
    if object.pointer("/spec/manualSelector").and_then(Value::as_bool) == Some(true) {
        return;
    }
    remove(object, "/spec", "selector");
    for labels in ["/metadata/labels", "/spec/template/metadata/labels"] {
        if let Some(labels) = object.pointer_mut(labels).and_then(Value::as_object_mut) {
            let chosen = |labels: &Map<String, Value>, key: &str| labels.contains_key(key);
            for key in ["controller-uid", "batch.kubernetes.io/controller-uid"] {
                if chosen(labels, key) {
                    labels.remove(key);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
