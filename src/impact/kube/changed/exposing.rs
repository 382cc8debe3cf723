//! Whether a change opens something to others, or grants something that was not granted.

use serde_json::Value;

use super::super::objects::{Item, Object};

/// What a change does beyond changing.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct Finding {
    /// `expose` or `grant`.
    pub(in super::super) action: &'static str,
    /// By what.
    pub(in super::super) by: String,
}

/// What `after` has of that, and `before` has not.
pub(in super::super) fn findings(object: &Object, before: Option<&Item>, after: &Item) -> Vec<Finding> {
    let was = before.map(|before| of(object, before)).unwrap_or_default();
    let mut found = of(object, after);
    found.retain(|one| !was.contains(one));
    found
}

fn of(object: &Object, item: &Item) -> Vec<Finding> {
    let mut found = Vec::new();
    match object.kind.as_str() {
        "services" => service(item, &mut found),
        "ingresses" => {
            for rule in list(item.at("spec/rules")) {
                let host = rule.get("host").and_then(Value::as_str).unwrap_or("*");
                found.push(Finding { action: "expose", by: format!("host {host}") });
            }
            if item.at("spec/defaultBackend").is_some() {
                found.push(Finding { action: "expose", by: "host *".to_owned() });
            }
        }
        "roles" | "clusterroles" => {
            for rule in list(item.rest.get("rules")) {
                found.push(Finding { action: "grant", by: rule_told(rule) });
            }
            if item.rest.contains_key("aggregationRule") {
                found.push(Finding { action: "grant", by: "the rules of other cluster roles".to_owned() });
            }
        }
        "rolebindings" | "clusterrolebindings" => {
            let role = item.text("roleRef/name").unwrap_or("?");
            for subject in list(item.rest.get("subjects")) {
                let text = |key: &str| subject.get(key).and_then(Value::as_str).unwrap_or_default();
                let space = Some(text("namespace")).filter(|space| !space.is_empty());
                let name = space
                    .map_or_else(|| text("name").to_owned(), |space| format!("{space}/{}", text("name")));
                found.push(Finding { action: "grant", by: format!("{role} to {} {name}", text("kind")) });
            }
        }
        _ => {}
    }
    let specs = ["spec", "spec/template/spec", "spec/jobTemplate/spec/template/spec"];
    for spec in specs.iter().filter_map(|path| item.at(path)).filter(|spec| spec.get("containers").is_some())
    {
        pod(spec, &mut found);
    }
    found
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

fn service(item: &Item, found: &mut Vec<Finding>) {
    if let Some(kind @ ("LoadBalancer" | "NodePort")) = item.text("spec/type") {
        found.push(Finding { action: "expose", by: kind.to_owned() });
    }
    for address in list(item.at("spec/externalIPs")).filter_map(Value::as_str) {
        found.push(Finding { action: "expose", by: format!("external address {address}") });
    }
    let ranges: Vec<&str> =
        list(item.at("spec/loadBalancerSourceRanges")).filter_map(Value::as_str).collect();
    if item.text("spec/type") == Some("LoadBalancer") {
        let from = if ranges.is_empty() { "anywhere".to_owned() } else { ranges.join(", ") };
        found.push(Finding { action: "expose", by: format!("from {from}") });
    }
}

fn rule_told(rule: &Value) -> String {
    let words = |key: &str| list(rule.get(key)).filter_map(Value::as_str).collect::<Vec<&str>>().join(",");
    let names = [words("resources"), words("nonResourceURLs")].concat();
    match words("resourceNames").as_str() {
        "" => format!("{} {names}", words("verbs")),
        some => format!("{} {names} {some}", words("verbs")),
    }
}

/// What lets a pod out of its box.
fn pod(spec: &Value, found: &mut Vec<Finding>) {
    let mut grant = |by: String| found.push(Finding { action: "grant", by });
    for flag in ["hostNetwork", "hostPID", "hostIPC"] {
        if spec.get(flag) == Some(&Value::Bool(true)) {
            grant(flag.to_owned());
        }
    }
    for volume in list(spec.get("volumes")) {
        if let Some(path) = volume.pointer("/hostPath/path").and_then(Value::as_str) {
            grant(format!("hostPath {path}"));
        }
    }
    let containers = ["containers", "initContainers", "ephemeralContainers"].map(|key| list(spec.get(key)));
    for container in containers.into_iter().flatten() {
        if container.pointer("/securityContext/privileged") == Some(&Value::Bool(true)) {
            grant("privileged".to_owned());
        }
        for added in list(container.pointer("/securityContext/capabilities/add")).filter_map(Value::as_str) {
            grant(format!("capability {added}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::impact::kube::objects::items;

    fn found(before: Option<&str>, after: &str) -> Vec<String> {
        let one = |text: &str| items(text.as_bytes()).unwrap().remove(0);
        let after = one(after);
        let found = findings(&after.object(), before.map(one).as_ref(), &after);
        found.iter().map(|one| format!("{} {}", one.action, one.by)).collect()
    }

    #[test]
    fn only_what_is_new_is_told() {
        let service = |spec: &str| {
            format!(r#"{{"apiVersion":"v1","kind":"Service","metadata":{{"name":"x"}},"spec":{spec}}}"#)
        };
        let (inner, outer) = (service(r#"{"type":"ClusterIP"}"#), service(r#"{"type":"LoadBalancer"}"#));
        assert_eq!(found(Some(&inner), &outer), ["expose LoadBalancer", "expose from anywhere"]);
        assert!(found(Some(&outer), &outer).is_empty());
        assert!(found(Some(&outer), &inner).is_empty());
        assert_eq!(
            found(None, &service(r#"{"externalIPs":["1.2.3.4"]}"#)),
            ["expose external address 1.2.3.4"]
        );
    }

    #[test]
    fn bindings_and_pods_grant() {
        let binding = |name: &str| {
            format!(
                r#"{{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRoleBinding","metadata":{{"name":"x"}},
                "roleRef":{{"name":"cluster-admin"}},"subjects":[{{"kind":"User","name":"{name}"}}]}}"#
            )
        };
        assert_eq!(found(Some(&binding("a")), &binding("b")), ["grant cluster-admin to User b"]);
        let deployment = r#"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"x"},"spec":{"template":{"spec":{
            "hostNetwork":true,"volumes":[{"hostPath":{"path":"/"}}],
            "containers":[{"securityContext":{"privileged":true,"capabilities":{"add":["SYS_ADMIN"]}}}]}}}}"#;
        assert_eq!(
            found(None, deployment),
            ["grant hostNetwork", "grant hostPath /", "grant privileged", "grant capability SYS_ADMIN"]
        );
        let role = r#"{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"x"},
            "rules":[{"verbs":["*"],"resources":["secrets"]}]}"#;
        assert_eq!(found(None, role), ["grant * secrets"]);
    }
}
