//! Whether a change opens something to others, or grants something that was not granted.
//!
//! What was there is told from what is new by the structures themselves (`what`), never by
//! the words that people read.

use serde_json::{Value, json};

use super::super::objects::{Item, Object};

/// What a change does beyond changing.
#[derive(Debug)]
pub(in super::super) struct Finding {
    /// `expose` or `grant`.
    pub(in super::super) action: &'static str,
    /// By what, for people.
    pub(in super::super) by: String,
    /// What rules may ask for beside that.
    pub(in super::super) more: Vec<(&'static str, String)>,
    /// What exactly: another one is another finding.
    what: Value,
}

impl Finding {
    fn new(action: &'static str, by: impl Into<String>, what: Value) -> Self {
        Self { action, by: by.into(), more: Vec::new(), what }
    }

    /// Its fields, for the rulebook.
    pub(in super::super) fn fields(&self) -> Vec<(&'static str, String)> {
        std::iter::once(("by", self.by.clone())).chain(self.more.iter().cloned()).collect()
    }
}

/// What `after` has of that, and `before` has not.
pub(in super::super) fn findings(object: &Object, before: Option<&Item>, after: &Item) -> Vec<Finding> {
    let was = before.map(|before| of(object, before)).unwrap_or_default();
    // Whoever could come from anywhere could come from there.
    let was_open = was.iter().any(|one| one.what == json!({ FROM: null }));
    let is_known = |one: &Finding| {
        let same = |other: &Finding| (other.action, &other.what) == (one.action, &one.what);
        was.iter().any(same) || (was_open && one.what.get(FROM).is_some())
    };
    let mut found: Vec<Finding> = Vec::new();
    for one in of(object, after).into_iter().filter(|one| !is_known(one)) {
        let is_told =
            |told: &Finding| (told.action, &told.by, &told.more) == (one.action, &one.by, &one.more);
        if !found.iter().any(is_told) {
            found.push(one);
        }
    }
    found
}

/// Under what name a range of addresses stands in a finding.
const FROM: &str = "from";

fn of(object: &Object, item: &Item) -> Vec<Finding> {
    let mut found = Vec::new();
    match object.kind.as_str() {
        "services" => service(item, &mut found),
        "ingresses" => {
            for rule in list(item.at("spec/rules")) {
                let host = rule.get("host").and_then(Value::as_str).unwrap_or("*");
                found.push(Finding::new("expose", format!("host {host}"), json!({"host": host})));
            }
            if item.at("spec/defaultBackend").is_some() {
                found.push(Finding::new("expose", "host *", json!({"host": "*"})));
            }
        }
        "roles" | "clusterroles" => {
            found.extend(list(item.rest.get("rules")).map(rule));
            if let Some(others) = item.rest.get("aggregationRule") {
                found.push(Finding::new("grant", "the rules of other cluster roles", others.clone()));
            }
        }
        "rolebindings" | "clusterrolebindings" => {
            found.extend(list(item.rest.get("subjects")).map(|subject| binding(item, subject)));
        }
        _ => {}
    }
    let specs = ["spec", "spec/template/spec", "spec/jobTemplate/spec/template/spec"];
    // A patch leaves out what stays.
    let is_pod = |path: &str, spec: &Value| {
        path != "spec" || object.kind == "pods" || spec.get("containers").is_some()
    };
    for (path, spec) in specs.iter().filter_map(|path| Some((path, item.at(path)?))) {
        if is_pod(path, spec) {
            pod(spec, &mut found);
        }
    }
    found
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

fn texts<'a>(value: &'a Value, key: &str) -> Vec<&'a str> {
    list(value.get(key)).filter_map(Value::as_str).collect()
}

fn service(item: &Item, found: &mut Vec<Finding>) {
    let mut expose = |by: String, what: Value| found.push(Finding::new("expose", by, what));
    if let Some(kind @ ("LoadBalancer" | "NodePort")) = item.text("spec/type") {
        expose(kind.to_owned(), json!({"type": kind}));
    }
    for address in list(item.at("spec/externalIPs")).filter_map(Value::as_str) {
        expose(format!("external address {address}"), json!({"address": address}));
    }
    if item.text("spec/type") == Some("LoadBalancer") {
        let mut ranges = list(item.at("spec/loadBalancerSourceRanges")).filter_map(Value::as_str).peekable();
        if ranges.peek().is_none() {
            expose("from anywhere".to_owned(), json!({ FROM: null }));
        }
        for range in ranges {
            expose(format!("from {range}"), json!({ FROM: range }));
        }
    }
}

/// What one rule of a role grants.
fn rule(rule: &Value) -> Finding {
    let words = |key: &str| texts(rule, key).join(",");
    let names = [words("resources"), words("nonResourceURLs")].concat();
    let mut by = format!("{} {names}", words("verbs"));
    // The core group has no name, and is what is meant where nothing is said.
    let groups = words("apiGroups");
    if !groups.is_empty() && names.contains('*') {
        by = format!("{by} of {groups}");
    }
    let only = words("resourceNames");
    if !only.is_empty() {
        by = format!("{by} {only}");
    }
    let fields = [("verb", "verbs"), ("resource", "resources")];
    let more =
        fields.iter().flat_map(|(name, key)| texts(rule, key).into_iter().map(|one| (*name, one.to_owned())));
    let mut what = rule.clone();
    // Their order means nothing.
    for value in what.as_object_mut().into_iter().flat_map(|fields| fields.values_mut()) {
        if let Some(values) = value.as_array_mut() {
            values.sort_by_key(Value::to_string);
        }
    }
    Finding { more: more.collect(), ..Finding::new("grant", by, what) }
}

/// What a binding grants one of its subjects.
fn binding(item: &Item, subject: &Value) -> Finding {
    let role = item.text("roleRef/name").unwrap_or("?");
    let text = |key: &str| subject.get(key).and_then(Value::as_str).unwrap_or_default();
    let name = match text("namespace") {
        "" => text("name").to_owned(),
        space => format!("{space}/{}", text("name")),
    };
    let by = format!("{role} to {} {name}", text("kind"));
    // A role of one namespace may have any name.
    let role_kind = if item.text("roleRef/kind") == Some("Role") { "role" } else { "clusterrole" };
    let subject_kind = match text("kind") {
        "Group" => "group",
        "ServiceAccount" => "serviceaccount",
        _ => "user",
    };
    let what = json!({"role": item.rest.get("roleRef"), "subject": subject});
    let more = vec![(role_kind, role.to_owned()), (subject_kind, name)];
    Finding { more, ..Finding::new("grant", by, what) }
}

/// Whether a server makes `true` of it: kubectl reads YAML 1.1, in which more words than one
/// mean that. A text in quotes that says so is one that the server refuses.
fn is_true(value: Option<&Value>) -> bool {
    const TRUE: [&str; 11] = ["true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y"];
    match value {
        Some(Value::Bool(is)) => *is,
        Some(Value::String(text)) => TRUE.contains(&text.as_str()),
        _ => false,
    }
}

/// What lets a pod out of its box.
fn pod(spec: &Value, found: &mut Vec<Finding>) {
    let mut grant = |by: String, what: Value| found.push(Finding::new("grant", by, what));
    for flag in ["hostNetwork", "hostPID", "hostIPC"] {
        if is_true(spec.get(flag)) {
            grant(flag.to_owned(), json!(flag));
        }
    }
    let containers = || {
        let kinds = ["containers", "initContainers", "ephemeralContainers"];
        kinds.into_iter().flat_map(|kind| list(spec.get(kind)))
    };
    for volume in list(spec.get("volumes")) {
        let Some(path) = volume.pointer("/hostPath/path").and_then(Value::as_str) else { continue };
        let by = format!("hostPath {path}");
        grant(by.clone(), json!({"path": path}));
        for container in containers() {
            let mounts = list(container.get("volumeMounts"));
            for mount in mounts.filter(|mount| mount.get("name") == volume.get("name")) {
                let writes = !is_true(mount.get("readOnly"));
                grant(by.clone(), json!({"path": path, "writes": writes, "in": program(container)}));
            }
        }
    }
    for container in containers() {
        if is_true(container.pointer("/securityContext/privileged")) {
            grant("privileged".to_owned(), json!({"privileged": program(container)}));
        }
        for added in list(container.pointer("/securityContext/capabilities/add")).filter_map(Value::as_str) {
            grant(format!("capability {added}"), json!({"capability": added, "in": program(container)}));
        }
    }
}

/// Which container it is, and what runs in it. Another version of the same image is not
/// another program: that is what most changes are about.
fn program(container: &Value) -> Value {
    let image = container.get("image").and_then(Value::as_str).unwrap_or_default();
    let image = image.split('@').next().unwrap_or_default();
    let is_tag = |(_, tag): &(&str, &str)| !tag.contains('/');
    let image = image.rsplit_once(':').filter(is_tag).map_or(image, |(name, _)| name);
    json!([container.get("name"), image, container.get("command"), container.get("args")])
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
        let ranges = |ranges: &str| {
            service(&format!(r#"{{"type":"LoadBalancer","loadBalancerSourceRanges":[{ranges}]}}"#))
        };
        let both = ranges(r#""10.0.0.0/8","1.2.3.4/32""#);
        let one = ranges(r#""10.0.0.0/8""#);
        assert_eq!(found(Some(&one), &both), ["expose from 1.2.3.4/32"]);
        assert!(found(Some(&both), &one).is_empty(), "fewer");
        assert!(found(Some(&outer), &one).is_empty(), "fewer than all");
        assert_eq!(found(Some(&one), &outer), ["expose from anywhere"]);
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

    #[test]
    fn what_differs_is_new_though_it_is_told_alike() {
        let role = |rule: &str| {
            format!(
                r#"{{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{{"name":"x"}},"rules":[{rule}]}}"#
            )
        };
        let of =
            |group: &str| role(&format!(r#"{{"apiGroups":["{group}"],"resources":["*"],"verbs":["*"]}}"#));
        assert_eq!(found(Some(&of("acme.io")), &of("*")), ["grant * * of *"]);
        let verbs =
            |verbs: &str| role(&format!(r#"{{"apiGroups":[""],"resources":["pods"],"verbs":[{verbs}]}}"#));
        assert!(found(Some(&verbs(r#""get","list""#)), &verbs(r#""list","get""#)).is_empty());
        let binding = |kind: &str| {
            format!(
                r#"{{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{{"name":"x"}},
                "roleRef":{{"kind":"{kind}","name":"edit"}},"subjects":[{{"kind":"User","name":"a"}}]}}"#
            )
        };
        assert_eq!(found(Some(&binding("Role")), &binding("ClusterRole")), ["grant edit to User a"]);
        let pod = |containers: &str| {
            format!(
                r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"x"}},
                "spec":{{"volumes":[{{"name":"v","hostPath":{{"path":"/run"}}}}],"containers":[{containers}]}}}}"#
            )
        };
        let root = |name: &str, image: &str| {
            format!(r#"{{"name":"{name}","image":"{image}","securityContext":{{"privileged":true}}}}"#)
        };
        let (one, newer) = (root("a", "h:5000/cni:1"), root("a", "h:5000/cni:2@sha256:00"));
        assert!(found(Some(&pod(&one)), &pod(&newer)).is_empty(), "a version");
        assert_eq!(found(Some(&pod(&one)), &pod(&root("a", "h:5000/other:1"))), ["grant privileged"]);
        let two = format!("{one},{}", root("b", "h:5000/cni:1"));
        assert_eq!(found(Some(&pod(&one)), &pod(&two)), ["grant privileged"]);
        assert!(found(Some(&pod(&two)), &pod(&one)).is_empty(), "one less");
        let mounted = r#"{"name":"a","image":"b","volumeMounts":[{"name":"v","mountPath":"/run"}]}"#;
        let read = mounted.replace(r#""/run""#, r#""/run","readOnly":true"#);
        assert_eq!(found(Some(&pod(&read)), &pod(mounted)), ["grant hostPath /run"]);
        assert!(found(Some(&pod(mounted)), &pod(mounted)).is_empty());
    }
}
