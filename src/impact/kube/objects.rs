//! Objects of a cluster, as kubectl names them and as it prints them.

use std::collections::BTreeMap;
use std::ffi::OsString;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::command::declared::{OBJECT, change};
use crate::command::{Command, Grammar as _, kubectl::Kubectl};

/// The groups of Kubernetes itself that do not end in `.k8s.io`.
const GROUPS: [&str; 5] = ["apps", "autoscaling", "batch", "extensions", "policy"];

/// Kinds whose loss nobody makes good, the gravest first.
const GRAVE: [&str; 18] = [
    "namespaces",
    "customresourcedefinitions",
    "apiservices",
    "persistentvolumes",
    "persistentvolumeclaims",
    "volumesnapshotcontents",
    "volumesnapshots",
    "storageclasses",
    "nodes",
    "statefulsets",
    "secrets",
    "clusterroles",
    "clusterrolebindings",
    "roles",
    "rolebindings",
    "serviceaccounts",
    "validatingwebhookconfigurations",
    "mutatingwebhookconfigurations",
];

/// An object, or what is left of its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Object {
    /// The kind as rules have it: the plural of a kind of Kubernetes itself
    /// (`persistentvolumeclaims`), any other as kubectl prints it (`widget.acme.io`).
    pub kind: String,
    /// The kind as kubectl prints it and takes it: `pod`, `deployment.apps`.
    pub resource: String,
    /// The namespace; `None` for what is in none, or where that is not known.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
}

impl Object {
    /// One that kubectl prints as `resource`.
    pub fn new(resource: &str, namespace: Option<&str>, name: &str) -> Self {
        Self {
            kind: kind(resource),
            resource: resource.to_owned(),
            namespace: namespace.filter(|one| !one.is_empty()).map(str::to_owned),
            name: name.to_owned(),
        }
    }

    /// A line of `-o name`: `deployment.apps/web`.
    pub fn of_line(line: &str) -> Option<Self> {
        let (resource, name) = line.trim_end().split_once('/')?;
        let plain = |part: &str| !part.is_empty() && !part.contains(char::is_whitespace);
        (plain(resource) && plain(name)).then(|| Self::new(resource, None, name))
    }

    /// The name as kubectl takes it: `deployment.apps/web`.
    pub fn word(&self) -> String {
        format!("{}/{}", self.resource, self.name)
    }

    /// The name as rules and people have it: `prod/web`, or `web` for what is in no namespace.
    pub fn full_name(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{namespace}/{}", self.name),
            None => self.name.clone(),
        }
    }

    /// `pods prod/web`.
    pub fn shown(&self) -> String {
        format!("{} {}", self.kind, self.full_name())
    }

    /// The lower, the graver it is to lose one of its kind.
    pub fn gravity(&self) -> usize {
        GRAVE.iter().position(|kind| *kind == self.kind).unwrap_or(GRAVE.len())
    }

    /// One of its kind, in words: `pod`, `widget.acme.io`.
    pub fn singular(&self) -> &str {
        let name = || self.resource.split('.').next().unwrap_or(&self.resource);
        if self.is_custom() { &self.resource } else { name() }
    }

    /// Whether it is of a kind that Kubernetes itself does not have.
    pub fn is_custom(&self) -> bool {
        self.kind.contains('.')
    }

    /// Whether nobody makes its loss good.
    pub fn is_grave(&self) -> bool {
        self.gravity() < GRAVE.len()
    }

    /// That `action` happens to it, for the rulebook, with what is known of it.
    pub fn change(&self, action: &str, fields: &[(&str, String)]) -> Command {
        let mut words: Vec<OsString> = vec![action.into(), self.kind.clone().into(), self.full_name().into()];
        words.extend(fields.iter().map(|(path, value)| format!("{path}={value}").into()));
        change(OBJECT, words)
    }
}

/// The kind as rules have it.
fn kind(resource: &str) -> String {
    let own = resource
        .split_once('.')
        .is_none_or(|(_, group)| GROUPS.contains(&group) || group.ends_with(".k8s.io"));
    let plural = || Kubectl.kind(resource).filter(|name| Kubectl.kind(name).as_ref() == Some(name));
    let known = own.then(plural).flatten();
    // A kind that the table lacks is not told from one of another group by its name.
    known
        .filter(|name| !resource.contains('.') || !resource.starts_with(&format!("{name}.")))
        .unwrap_or_else(|| resource.to_owned())
}

/// An object as the server has it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    #[serde(default)]
    api_version: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    metadata: Metadata,
    /// All of it that is not told of every object.
    #[serde(flatten)]
    pub rest: serde_json::Map<String, Value>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    #[serde(default)]
    name: String,
    #[serde(default)]
    namespace: String,
    #[serde(default)]
    uid: String,
    #[serde(default)]
    owner_references: Vec<Owner>,
    #[serde(default)]
    finalizers: Vec<String>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    annotations: Value,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Owner {
    #[serde(default)]
    uid: String,
    #[serde(default)]
    controller: bool,
    #[serde(default)]
    api_version: String,
    #[serde(default)]
    kind: String,
}

impl Item {
    /// Which object it is.
    pub fn object(&self) -> Object {
        let kind = self.kind.to_lowercase();
        let resource = match self.api_version.split_once('/') {
            Some((group, _)) => format!("{kind}.{group}"),
            None => kind,
        };
        Object::new(&resource, Some(&self.metadata.namespace), &self.metadata.name)
    }

    /// What is left of it where only its name matters, as a manifest.
    pub fn reference(&self) -> Value {
        let Self { api_version, kind, metadata, .. } = self;
        let mut reference =
            json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": metadata.name}});
        if !metadata.namespace.is_empty()
            && let Some(named) = reference.pointer_mut("/metadata").and_then(Value::as_object_mut)
        {
            named.insert("namespace".to_owned(), metadata.namespace.clone().into());
        }
        reference
    }

    /// What no other object ever has.
    pub fn uid(&self) -> &str {
        &self.metadata.uid
    }

    /// Those of the objects that it belongs to.
    pub fn owners(&self) -> impl Iterator<Item = &str> {
        self.metadata.owner_references.iter().map(|owner| owner.uid.as_str())
    }

    /// The custom kinds of those of its owners whose uid `is_wanted`, as kubectl takes them:
    /// `StrimziPodSet.v1beta2.core.strimzi.io`.
    pub fn owner_kinds(&self, is_wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
        let wanted = self.metadata.owner_references.iter().filter(|owner| is_wanted(&owner.uid));
        let named = wanted.filter_map(|owner| {
            let (group, version) = owner.api_version.split_once('/')?;
            let is_custom =
                Object::new(&format!("{}.{group}", owner.kind.to_lowercase()), None, "").is_custom();
            is_custom.then(|| format!("{}.{version}.{group}", owner.kind))
        });
        // It is a word of a command line, so nothing but a name.
        let plain =
            |kind: &String| kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
        named.filter(|kind| plain(kind) && !kind.starts_with('-')).collect()
    }

    /// The kind of the controller that makes it anew.
    pub fn controller(&self) -> Option<&str> {
        self.metadata.owner_references.iter().find(|owner| owner.controller).map(|owner| owner.kind.as_str())
    }

    /// What it waits for before it goes.
    pub fn finalizers(&self) -> &[String] {
        &self.metadata.finalizers
    }

    /// The value of a label.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.metadata.labels.get(name).map(String::as_str)
    }

    /// What stands at this path, `spec/replicas`.
    pub fn at(&self, path: &str) -> Option<&Value> {
        let mut parts = path.split('/');
        let first = self.rest.get(parts.next()?)?;
        parts.try_fold(first, |value, part| value.get(part))
    }

    /// The same, where it is text.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.at(path)?.as_str()
    }
}

/// What kubectl printed as JSON: objects one after the other, or lists of them.
///
/// # Errors
/// Where it is something else.
pub fn items(printed: &[u8]) -> Result<Vec<Item>, serde_json::Error> {
    let mut found = Vec::new();
    for one in serde_json::Deserializer::from_slice(printed).into_iter::<Item>() {
        let mut one = one?;
        // Only kubectl makes such a list: a field `items` of another kind is no list.
        match one.rest.remove("items") {
            Some(items) if one.kind == "List" && one.api_version == "v1" => {
                found.extend(serde_json::from_value::<Vec<Item>>(items)?);
            }
            items => {
                one.rest.extend(items.map(|items| ("items".to_owned(), items)));
                found.push(one);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_have_the_names_of_rules() {
        for (printed, expected) in [
            ("pod", "pods"),
            ("persistentvolumeclaim", "persistentvolumeclaims"),
            ("deployment.apps", "deployments"),
            ("ingress.networking.k8s.io", "ingresses"),
            ("networkpolicy.networking.k8s.io", "networkpolicies"),
            ("customresourcedefinition.apiextensions.k8s.io", "customresourcedefinitions"),
            ("widget.acme.io", "widget.acme.io"),
            ("secret.acme.io", "secret.acme.io"),
            ("gateway.gateway.networking.k8s.io", "gateway.gateway.networking.k8s.io"),
        ] {
            assert_eq!(Object::new(printed, None, "x").kind, expected, "{printed}");
        }
    }

    #[test]
    fn lines_name_objects() {
        let object = Object::of_line("deployment.apps/web\n").unwrap();
        assert_eq!(
            (object.shown().as_str(), object.word().as_str()),
            ("deployments web", "deployment.apps/web")
        );
        for line in ["", "pods", "/x", "pod/", "warning: pod/x is old", "pod/x y"] {
            assert_eq!(Object::of_line(line), None, "{line}");
        }
    }

    #[test]
    fn what_is_printed_is_a_list_or_objects() {
        let list = r#"{"kind":"List","apiVersion":"v1","items":[
            {"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"web-1","namespace":"prod","uid":"b",
             "ownerReferences":[{"uid":"a","controller":true,"kind":"Deployment"}]},"spec":{"replicas":3}}]}"#;
        let found = items(list.as_bytes()).unwrap();
        let [item] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(item.object().shown(), "replicasets prod/web-1");
        assert_eq!(item.at("spec/replicas"), Some(&Value::from(3)));
        assert_eq!((item.controller(), item.owners().collect::<Vec<_>>()), (Some("Deployment"), vec!["a"]));
        let two = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"}} {"apiVersion":"v1","kind":"Pod","metadata":{"name":"y"}}"#;
        assert_eq!(items(two.as_bytes()).unwrap().len(), 2);
        let posing = r#"{"apiVersion":"acme.io/v1","kind":"Widget","metadata":{"name":"x"},"items":[]}"#;
        assert_eq!(items(posing.as_bytes()).unwrap().len(), 1);
        assert!(items(b"").unwrap().is_empty());
        assert!(items(b"No resources found").is_err());
    }
}
