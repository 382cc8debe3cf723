//! What manifests say by themselves, before any server is asked: rights that they grant, and
//! workloads that they leave without a replica. Where the server is asked, what it says of
//! an object is judged in place of this: what is there already is nothing new.
//!
//! What they expose is left to the server: a service that is reached from outside is what
//! most manifests are written for, and in a guarded place they are looked at anyway.

use std::path::Path;

use serde_json::Value;
use serde_yaml::Value as Yaml;

use super::changed::{exposing, is_none};
use super::objects::{Item, Object};
use super::report::Report;
use crate::command::Command;
use crate::command::declared::{OBJECT, change};
use crate::context::kube::manifests;

/// What the manifest of one object comes to.
#[derive(Debug)]
pub(super) struct Stated {
    /// `None` where the server would take no such object.
    object: Option<Object>,
    changes: Vec<Command>,
    /// The same for people.
    lines: Vec<String>,
}

/// The changes that the manifests of `command`, started in `directory`, make. `None` where some of
/// them cannot be read.
pub fn changes(command: &Command, directory: &Path) -> Option<Vec<Command>> {
    let stated = of(command, directory)?;
    Some(stated.into_iter().flat_map(|one| one.changes).collect())
}

/// The same, object by object: those that come to anything.
pub(super) fn of(command: &Command, directory: &Path) -> Option<Vec<Stated>> {
    let is_new = command.path == ["create"];
    let objects = manifests::objects(command, directory)?.into_iter().map(untagged);
    // What is no object is nothing that kubectl would send.
    let stated = objects.filter(Yaml::is_mapping).map(|object| {
        let item = serde_json::to_value(&object).and_then(serde_json::from_value::<Item>);
        item.map_or_else(|_| Stated::not_taken(), |item| Stated::of(&item, is_new))
    });
    Some(stated.filter(|one| !one.changes.is_empty()).collect())
}

impl Stated {
    /// The server takes no such object, nor does anybody know what it takes of the others.
    fn not_taken() -> Self {
        let lines = vec!["changes unknown: a manifest is none that a server would take".to_owned()];
        Self { object: None, changes: vec![change(OBJECT, ["unknown", "changes", "-"])], lines }
    }

    /// Whether the server would take it, as far as it is known.
    pub(super) fn is_taken(&self) -> bool {
        self.object.is_some()
    }

    fn of(item: &Item, is_new: bool) -> Self {
        let object = item.object();
        let (mut changes, mut lines) = (Vec::new(), Vec::new());
        for one in exposing::findings(&object, None, item).iter().filter(|one| one.action == "grant") {
            changes.push(object.change(one.action, &one.fields()));
            lines.push(format!("{}: {}", object.shown(), one.by));
        }
        if !is_new && item.at("spec/replicas").is_some_and(is_zero) {
            changes.push(object.change("scale-to-zero", &[]));
            lines.push(format!("{}: its replicas become none", object.shown()));
        }
        Self { object: Some(object), changes, lines }
    }

    /// Whether the server said what would come of it, by these objects.
    pub(super) fn is_told_by(&self, told: &[Object]) -> bool {
        let Some(own) = &self.object else { return false };
        told.iter().any(|one| {
            // Where it says no namespace, the line does, and the server makes up some names.
            let is_there = own.namespace.is_none() || own.namespace == one.namespace;
            one.kind == own.kind && is_there && (own.name.is_empty() || own.name == one.name)
        })
    }

    /// Adds it to what was found.
    pub(super) fn add_to(self, report: &mut Report) {
        report.add(self.changes, self.lines);
    }
}

/// Whether kubectl, which reads YAML 1.1, makes a zero of it. A text in quotes that says so is one
/// that the server refuses.
fn is_zero(replicas: &Value) -> bool {
    match replicas {
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => is_none(text),
        _ => false,
    }
}

/// The same without its tags, which kubectl drops.
fn untagged(value: Yaml) -> Yaml {
    match value {
        Yaml::Tagged(tagged) => untagged(tagged.value),
        Yaml::Sequence(values) => Yaml::Sequence(values.into_iter().map(untagged).collect()),
        Yaml::Mapping(fields) => {
            Yaml::Mapping(fields.into_iter().map(|(key, value)| (untagged(key), untagged(value))).collect())
        }
        plain => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Environment;

    /// What an `apply` of a manifest comes to.
    fn stated(manifest: &str) -> Vec<String> {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("x"), manifest).unwrap();
        let words = ["apply", "-f", "x"].map(std::ffi::OsString::from);
        let command = crate::command::parse("kubectl", &words, &Environment::default()).unwrap();
        let found = of(&command, root.path()).unwrap();
        found.into_iter().flat_map(|one| one.lines).collect()
    }

    #[test]
    fn booleans_are_those_of_yaml_1_1() {
        let pod = |value: &str| {
            format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{hostNetwork: {value}, containers: []}}\n"
            )
        };
        for value in ["true", "True", "TRUE", "yes", "Yes", "on", "ON", "y", "Y", "!a true"] {
            assert_eq!(stated(&pod(value)), ["pods a: hostNetwork"], "{value}");
        }
        for value in ["false", "no", "off", "n", "~", "", "oN", "1", "[]"] {
            assert!(stated(&pod(value)).is_empty(), "{value}");
        }
    }

    #[test]
    fn zeros_are_those_of_yaml_1_1() {
        let web = |value: &str| {
            format!(
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a}}\nspec: {{replicas: {value}}}\n"
            )
        };
        for value in
            ["0", "00", "0x0", "0o0", "0b0", "+0", "-0", "0_0", "0.0", ".0", "-0.0", "0e0", "!!int 0", "!a 0"]
        {
            assert_eq!(stated(&web(value)), ["deployments a: its replicas become none"], "{value}");
        }
        for value in ["1", "01", "0x1", "~", "", "0:0", "zero", "10"] {
            assert!(stated(&web(value)).is_empty(), "{value}");
        }
    }

    #[test]
    fn what_the_server_tells_is_told_of_the_very_object() {
        let manifest = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: dev}\nspec: {hostPID: true, containers: []}\n";
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("x"), manifest).unwrap();
        let words = ["apply", "-f", "x"].map(std::ffi::OsString::from);
        let command = crate::command::parse("kubectl", &words, &Environment::default()).unwrap();
        let [one] = of(&command, root.path()).unwrap().try_into().unwrap();
        for (resource, namespace, name, is) in [
            ("pod", "dev", "a", true),
            ("pod", "dev", "b", false),
            ("pod", "prod", "a", false),
            ("job.batch", "dev", "a", false),
        ] {
            assert_eq!(
                one.is_told_by(&[Object::new(resource, Some(namespace), name)]),
                is,
                "{resource} {name}"
            );
        }
        assert!(!one.is_told_by(&[]));
    }
}
