//! What is deleted because what it belongs to is: the server's garbage collector follows
//! owner references when kubectl has long ended.

use std::collections::{BTreeSet, HashSet};

use super::looks::Looks;
use super::objects::{Item, Object};
use super::report::{Report, counted};
use super::words::Words;

/// Kinds of Kubernetes itself that own others.
const WORKLOADS: [&str; 7] = [
    "deployments",
    "replicasets",
    "statefulsets",
    "daemonsets",
    "jobs",
    "cronjobs",
    "replicationcontrollers",
];

/// What those own.
const OF_WORKLOADS: &str = "pods,replicasets.apps,jobs.batch,persistentvolumeclaims";

/// What an object of a custom kind may own beside.
const OF_OTHERS: &str =
    "statefulsets.apps,deployments.apps,daemonsets.apps,cronjobs.batch,services,configmaps,secrets";

/// The objects that belong to `owners`, and those that belong to these.
pub(super) fn dependents(
    words: Words<'_>,
    looks: &Looks<'_>,
    owners: &[Item],
    report: &mut Report,
) -> Vec<Object> {
    let objects: Vec<Object> = owners.iter().map(Item::object).collect();
    let custom = objects.iter().any(|object| object.kind.contains('.'));
    let owns = |object: &Object| WORKLOADS.contains(&object.kind.as_str()) || object.kind.contains('.');
    let spaces: Vec<Option<&str>> =
        objects.iter().filter(|object| owns(object)).map(|object| object.namespace.as_deref()).collect();
    let Some(first) = spaces.first() else { return Vec::new() };
    let kinds = if custom { format!("{OF_WORKLOADS},{OF_OTHERS}") } else { OF_WORKLOADS.to_owned() };
    let scope = match first {
        Some(space) if spaces.iter().all(|one| one == first) => format!("--namespace={space}"),
        _ => "--all-namespaces".to_owned(),
    };
    let flags = [scope.as_str(), "--ignore-not-found", "--output=json"];
    let there = match looks.items(words.question(&["get", &kinds], &[], &flags, [])) {
        Ok(there) => there,
        Err(why) => {
            report.unknown("dependents", &why);
            return Vec::new();
        }
    };
    let found = below(owners, &there);
    if !found.is_empty() {
        report.first(format!("and with them, as they own it: {}", counted(&found)));
    }
    for object in &found {
        report.happens("dependent", object, &[]);
        let line = format!("{} (owned)", object.shown());
        if object.is_grave() { report.grave(line) } else { report.line(line) }
    }
    found
}

/// Those of `there` that belong to `owners`, whether at once or over others.
fn below(owners: &[Item], there: &[Item]) -> Vec<Object> {
    let deleted: HashSet<&str> = owners.iter().map(Item::uid).collect();
    let mut gone: HashSet<&str> = deleted.iter().copied().filter(|uid| !uid.is_empty()).collect();
    loop {
        let more: Vec<&str> = there
            .iter()
            .filter(|item| !gone.contains(item.uid()) && item.owners().any(|owner| gone.contains(owner)))
            .map(Item::uid)
            .filter(|uid| !uid.is_empty())
            .collect();
        if more.is_empty() {
            break;
        }
        gone.extend(more);
    }
    let below = there.iter().filter(|item| gone.contains(item.uid()) && !deleted.contains(item.uid()));
    below.map(Item::object).collect::<BTreeSet<Object>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::impact::kube::objects::items;

    fn item(kind: &str, name: &str, owner: &str) -> String {
        format!(
            r#"{{"apiVersion":"v1","kind":"{kind}","metadata":{{"name":"{name}","namespace":"n","uid":"{name}",
               "ownerReferences":[{{"uid":"{owner}"}}]}}}}"#
        )
    }

    #[test]
    fn what_belongs_to_what_is_deleted_goes_with_it() {
        let owners = items(item("Deployment", "web", "").as_bytes()).unwrap();
        let there = [
            item("Pod", "web-1-a", "web-1"),
            item("ReplicaSet", "web-1", "web"),
            item("Pod", "other-a", "other-1"),
            item("Pod", "alone", ""),
        ];
        let there = items(there.concat().as_bytes()).unwrap();
        let shown: Vec<String> = below(&owners, &there).iter().map(Object::shown).collect();
        assert_eq!(shown, ["pods n/web-1-a", "replicasets n/web-1"]);
    }
}
