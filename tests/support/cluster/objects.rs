//! The objects that the double holds.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::kinds::{Kind, of_manifest};

/// The kind whose objects are kinds.
const DEFINITIONS: &str = "customresourcedefinitions";

/// Objects by plural, namespace and name. No object tells its age, which
/// would be another one a second later.
#[derive(Default)]
pub(super) struct Objects {
    held: BTreeMap<(&'static str, String, String), Value>,
    version: u64,
}

impl Objects {
    /// Stores an object, and returns it as stored. `namespace` is empty for
    /// what is in none.
    pub(super) fn put(&mut self, kind: &'static Kind, namespace: &str, mut object: Value) -> Value {
        self.version += 1;
        object["apiVersion"] = json!(kind.api_version());
        object["kind"] = json!(kind.name);
        let metadata = &mut object["metadata"];
        if kind.namespaced {
            metadata["namespace"] = json!(namespace);
        }
        let name = metadata["name"].as_str().unwrap_or_default().to_owned();
        if metadata["uid"].is_null() {
            metadata["uid"] = json!(format!("{}/{namespace}/{name}", kind.plural));
        }
        metadata["resourceVersion"] = json!(self.version.to_string());
        if kind.plural == DEFINITIONS {
            object["status"]["conditions"] = json!([{"type": "Established", "status": "True"}]);
        }
        self.held.insert((kind.plural, namespace.to_owned(), name), object.clone());
        object
    }

    /// An object.
    pub(super) fn get(&self, kind: &Kind, namespace: &str, name: &str) -> Option<&Value> {
        self.held.get(&(kind.plural, namespace.to_owned(), name.to_owned()))
    }

    /// The objects of a kind, in one namespace or in all, that the selectors
    /// take.
    pub(super) fn list(
        &self,
        kind: &Kind,
        namespace: Option<&str>,
        labels: &str,
        fields: &str,
    ) -> Vec<&Value> {
        let of_kind = self.held.iter().filter(|((plural, space, _), _)| {
            *plural == kind.plural && namespace.is_none_or(|namespace| namespace == space)
        });
        let taken = of_kind.map(|(_, object)| object).filter(|object| {
            selected(labels, |label| object["metadata"]["labels"].get(label))
                && selected(fields, |field| object.pointer(&format!("/{}", field.replace('.', "/"))))
        });
        taken.collect()
    }

    /// Removes an object, and with a namespace whatever is in it, with a definition whatever
    /// is of it.
    pub(super) fn delete(&mut self, kind: &Kind, namespace: &str, name: &str) {
        self.held.remove(&(kind.plural, namespace.to_owned(), name.to_owned()));
        if kind.plural == "namespaces" {
            self.held.retain(|(_, space, _), _| space != name);
        }
        if kind.plural == DEFINITIONS {
            self.held.retain(|(plural, _, _), _| !name.starts_with(&format!("{plural}.")));
        }
    }

    /// Stores an object where its manifest says.
    pub(super) fn add(&mut self, object: Value) {
        let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default().to_owned();
        self.put(of_manifest(&object), &namespace, object);
    }

    /// Removes the object of a manifest.
    pub(super) fn remove(&mut self, object: &Value) {
        let text = |key: &str| object["metadata"][key].as_str().unwrap_or_default();
        self.delete(of_manifest(object), text("namespace"), text("name"));
    }

    /// The version of the whole.
    pub(super) fn version(&self) -> String {
        self.version.to_string()
    }

    /// What every cluster has at first.
    pub(super) fn seed(&mut self) {
        let mut add = |object: Value| {
            let namespace = object["metadata"]["namespace"].as_str().unwrap_or_default().to_owned();
            self.put(of_manifest(&object), &namespace, object);
        };
        for name in ["default", "prod", "kube-system"] {
            add(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name},
                "status": {"phase": "Active"}}));
        }
        add(json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}, "spec": {}}));
        add(json!({"apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest",
            "metadata": {"name": "x"},
            "spec": {"request": "", "signerName": "kubernetes.io/kube-apiserver-client", "usages": []}}));
        for namespace in ["default", "prod"] {
            in_namespace(namespace).into_iter().for_each(&mut add);
        }
    }
}

/// A deployment with its pod, and what else people have beside one.
fn in_namespace(namespace: &str) -> Vec<Value> {
    let labels = json!({"app": "web"});
    let named = |name: &str| json!({"name": name, "namespace": namespace, "labels": labels});
    let containers = json!([{"name": "c", "image": "nginx"}]);
    let pod = |name: &str| {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": named(name),
            "spec": {"nodeName": "n1", "containers": containers}, "status": {"phase": "Running"}})
    };
    vec![
        json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "web", "namespace": namespace, "labels": labels, "generation": 1},
            "spec": {"replicas": 1, "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": {"containers": containers}}},
            "status": {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1,
                "availableReplicas": 1, "conditions": [{"type": "Available", "status": "True"}]}}),
        pod("web"),
        pod("x"),
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": named("db"), "type": "Opaque",
            "data": {"password": "aHVudGVyMg=="}}),
        json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "settings", "namespace": namespace, "annotations": {"by": "hand"}},
            "data": {"colour": "blue"}}),
        json!({"apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": {"name": "default", "namespace": namespace}}),
    ]
}

/// Whether a selector takes an object, whose labels or fields `value` gives:
/// `a=b`, `a!=b`, `a`, `!a`, and lists of these.
fn selected<'a>(selector: &str, value: impl Fn(&str) -> Option<&'a Value>) -> bool {
    let is = |name: &str, wanted: &str| value(name).and_then(Value::as_str).unwrap_or_default() == wanted;
    selector.split(',').filter(|term| !term.is_empty()).all(|term| {
        if let Some((name, wanted)) = term.split_once("!=") {
            return !is(name, wanted);
        }
        if let Some((name, wanted)) = term.split_once('=') {
            return is(name, wanted.trim_start_matches('='));
        }
        match term.strip_prefix('!') {
            Some(name) => value(name).is_none(),
            None => value(term).is_some(),
        }
    })
}

/// Merges `patch` into `object`, as a merge patch does: null removes.
pub(super) fn merge(object: &mut Value, patch: &Value) {
    let Some(entries) = patch.as_object() else {
        *object = patch.clone();
        return;
    };
    if !object.is_object() {
        *object = json!({});
    }
    for (key, value) in entries {
        if value.is_null() {
            object.as_object_mut().unwrap().remove(key);
        } else {
            merge(&mut object[key.as_str()], value);
        }
    }
}
