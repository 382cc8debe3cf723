//! Whether a change takes away what limits, checks or keeps something: what a patch is
//! stopped for by its words, found in whatever a file makes of an object.

use serde_json::Value;

use super::super::objects::{Item, Object};

/// The label by which a namespace says which pods it admits.
const ENFORCED: &str = "pod-security.kubernetes.io/enforce";

/// What `before` kept and `after` does not, in words.
pub(super) fn findings(object: &Object, before: &Item, after: &Item) -> Vec<String> {
    let mut found = Vec::new();
    let gone: Vec<&str> = before
        .finalizers()
        .iter()
        .filter(|one| !after.finalizers().contains(one))
        .map(String::as_str)
        .collect();
    if !gone.is_empty() {
        found.push(format!("no longer waits for {}", gone.join(", ")));
    }
    match object.kind.as_str() {
        "namespaces" => {
            let (was, is) = (strictness(before), strictness(after));
            if is < was {
                found.push("pods with more rights are admitted".to_owned());
            }
        }
        "persistentvolumes" if becomes(before, after, "spec/persistentVolumeReclaimPolicy", "Delete") => {
            found.push("its data is deleted with its claim".to_owned());
        }
        "volumesnapshotcontents" if becomes(before, after, "spec/deletionPolicy", "Delete") => {
            found.push("its data is deleted with its snapshot".to_owned());
        }
        "statefulsets" => {
            for when in ["whenDeleted", "whenScaled"] {
                let path = format!("spec/persistentVolumeClaimRetentionPolicy/{when}");
                if becomes(before, after, &path, "Delete") {
                    found.push(format!("its claims are deleted with their data ({when})"));
                }
            }
        }
        "validatingwebhookconfigurations" | "mutatingwebhookconfigurations" => {
            members(before.rest.get("webhooks"), after.rest.get("webhooks"), "webhook", &mut found);
        }
        "validatingadmissionpolicies"
        | "validatingadmissionpolicybindings"
        | "networkpolicies"
        | "resourcequotas"
        | "limitranges"
        | "poddisruptionbudgets"
            if before.rest.get("spec") != after.rest.get("spec") =>
        {
            found.push("what it forbids is another thing".to_owned());
        }
        _ => {}
    }
    found
}

/// Whether the text at `path` becomes `value`.
fn becomes(before: &Item, after: &Item, path: &str, value: &str) -> bool {
    after.text(path) == Some(value) && before.text(path) != Some(value)
}

/// How much a namespace asks of its pods.
fn strictness(item: &Item) -> u8 {
    match item.label(ENFORCED) {
        Some("restricted") => 2,
        Some("baseline") => 1,
        _ => 0,
    }
}

/// Says which of the named members are gone, or ask for less. A bundle of certificates is
/// written there by others.
fn members(before: Option<&Value>, after: Option<&Value>, what: &str, found: &mut Vec<String>) {
    let name = |one: &Value| one.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let after = list(after);
    for was in list(before) {
        let name = name(&was);
        let Some(is) = after.iter().find(|one| one.get("name") == was.get("name")) else {
            found.push(format!("{what} {name} is gone"));
            continue;
        };
        let ignores = |one: &Value| one.get("failurePolicy").and_then(Value::as_str) == Some("Ignore");
        if ignores(is) && !ignores(&was) {
            found.push(format!("{what} {name}: what it does not answer is let through"));
        }
        let asked = ["rules", "namespaceSelector", "objectSelector", "matchConditions", "matchPolicy"];
        if asked.iter().any(|key| was.get(*key) != is.get(*key)) {
            found.push(format!("{what} {name}: it is asked about other objects"));
        }
        let served = |one: &Value| {
            one.get("clientConfig").map(|config| (config.get("url").cloned(), config.get("service").cloned()))
        };
        if served(&was) != served(is) {
            found.push(format!("{what} {name}: somebody else is asked"));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::impact::kube::objects::items;

    fn found(api: &str, kind: &str, before: &Value, after: &Value) -> Vec<String> {
        let one = |more: &Value| {
            let mut object = json!({"apiVersion": api, "kind": kind, "metadata": {"name": "x"}});
            for (key, value) in more.as_object().unwrap() {
                if key == "metadata" {
                    object["metadata"] = value.clone();
                    object["metadata"]["name"] = json!("x");
                } else {
                    object[key.as_str()] = value.clone();
                }
            }
            items(object.to_string().as_bytes()).unwrap().remove(0)
        };
        let after = one(after);
        findings(&after.object(), &one(before), &after)
    }

    #[test]
    fn what_protected_is_told_where_it_does_no_more() {
        let hook = |policy: &str, more: &Value| {
            let mut hook = json!({"name": "a.io", "failurePolicy": policy, "clientConfig": {"url": "https://h", "caBundle": "x"}});
            for (key, value) in more.as_object().unwrap() {
                hook[key.as_str()] = value.clone();
            }
            json!({"webhooks": [hook]})
        };
        let none = json!({});
        let admission = "admissionregistration.k8s.io/v1";
        let webhook = "ValidatingWebhookConfiguration";
        let label = |value: &str| json!({"metadata": {"labels": {(ENFORCED): value}}});
        let policy = |value: &str| json!({"spec": {"persistentVolumeReclaimPolicy": value}});
        for (api, kind, before, after, expected) in [
            (
                admission,
                webhook,
                hook("Fail", &none),
                hook("Ignore", &none),
                "webhook a.io: what it does not answer is let through",
            ),
            (admission, webhook, hook("Fail", &none), json!({"webhooks": []}), "webhook a.io is gone"),
            (
                admission,
                webhook,
                hook("Fail", &none),
                hook("Fail", &json!({"rules": []})),
                "webhook a.io: it is asked about other objects",
            ),
            (
                admission,
                webhook,
                hook("Fail", &none),
                hook("Fail", &json!({"clientConfig": {"url": "https://g"}})),
                "webhook a.io: somebody else is asked",
            ),
            (
                "v1",
                "Namespace",
                label("restricted"),
                label("privileged"),
                "pods with more rights are admitted",
            ),
            ("v1", "Namespace", label("baseline"), none.clone(), "pods with more rights are admitted"),
            (
                "v1",
                "PersistentVolume",
                policy("Retain"),
                policy("Delete"),
                "its data is deleted with its claim",
            ),
            (
                "v1",
                "ConfigMap",
                json!({"metadata": {"finalizers": ["a.io/b"]}}),
                none.clone(),
                "no longer waits for a.io/b",
            ),
            (
                "networking.k8s.io/v1",
                "NetworkPolicy",
                json!({"spec": {"ingress": []}}),
                json!({"spec": {"ingress": [{}]}}),
                "what it forbids is another thing",
            ),
        ] {
            assert_eq!(found(api, kind, &before, &after), [expected], "{kind}");
        }
    }

    #[test]
    fn what_protects_as_before_or_more_is_not() {
        let bundle = |text: &str| json!({"webhooks": [{"name": "a.io", "clientConfig": {"caBundle": text}}]});
        let label = |value: &str| json!({"metadata": {"labels": {(ENFORCED): value}}});
        let policy = |value: &str| json!({"spec": {"persistentVolumeReclaimPolicy": value}});
        for (api, kind, before, after) in [
            ("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", bundle("a"), bundle("b")),
            ("v1", "Namespace", label("baseline"), label("restricted")),
            ("v1", "Namespace", json!({}), label("privileged")),
            ("v1", "PersistentVolume", policy("Delete"), policy("Retain")),
            ("apps/v1", "Deployment", json!({"spec": {"replicas": 1}}), json!({"spec": {"replicas": 2}})),
            ("v1", "ConfigMap", json!({}), json!({"metadata": {"finalizers": ["a.io/b"]}})),
        ] {
            assert!(found(api, kind, &before, &after).is_empty(), "{kind}");
        }
    }
}
