//! What is deleted because what it belongs to is: the server's garbage collector follows
//! owner references when kubectl has long ended.

use std::collections::{BTreeSet, HashSet};

use super::looks::Looks;
use super::objects::{Item, Object};
use super::report::{Report, counted};
use super::words::Words;

/// Kinds of Kubernetes itself that are there to own others.
const WORKLOADS: [&str; 7] = [
    "deployments",
    "replicasets",
    "statefulsets",
    "daemonsets",
    "jobs",
    "cronjobs",
    "replicationcontrollers",
];

/// Kinds of which nothing else is asked: what is in a namespace goes with it whoever owns
/// it, and the rest come and go by themselves.
const OWNING_NOTHING: [&str; 5] = ["namespaces", "events", "leases", "endpoints", "endpointslices"];

/// What anything may own that keeps data: somebody only has to write it down so.
const OF_ANY: &str = "persistentvolumeclaims,statefulsets.apps";

/// What workloads own beside.
const OF_WORKLOADS: &str = "pods,replicasets.apps,jobs.batch";

/// What an object of a custom kind may own beside these.
const OF_CUSTOM: &str = "deployments.apps,daemonsets.apps,cronjobs.batch,services,configmaps,secrets";

/// How many kinds may stand between an object of a custom kind and what it owns in the end.
const STEPS: usize = 4;

/// What kubectl says of a kind that there is none of.
const NOT_SERVED: &str = "the server doesn't have a resource type";

/// The objects that go with `owners`: none where the line says that they stay.
pub(super) fn with(words: Words<'_>, looks: &Looks<'_>, owners: &[Item], report: &mut Report) -> Vec<Object> {
    if matches!(words.value("--cascade"), Some("orphan" | "false")) {
        report.line("what they own stays, and belongs to nothing then".to_owned());
        return Vec::new();
    }
    dependents(words, looks, owners, report)
}

/// The objects that belong to `owners`, and those that belong to these.
fn dependents(words: Words<'_>, looks: &Looks<'_>, owners: &[Item], report: &mut Report) -> Vec<Object> {
    let objects: Vec<Object> = owners
        .iter()
        .map(Item::object)
        .filter(|object| !OWNING_NOTHING.contains(&object.kind.as_str()))
        .collect();
    let Some(first) = objects.first() else { return Vec::new() };
    let custom = objects.iter().any(Object::is_custom);
    let owns = custom || objects.iter().any(|object| WORKLOADS.contains(&object.kind.as_str()));
    let mut kinds = vec![OF_ANY];
    kinds.extend(owns.then_some(OF_WORKLOADS));
    kinds.extend(custom.then_some(OF_CUSTOM));
    let scope = match &first.namespace {
        Some(space) if objects.iter().all(|one| one.namespace == first.namespace) => {
            format!("--namespace={space}")
        }
        _ => "--all-namespaces".to_owned(),
    };
    let mut asking = Asking { words, looks, scope, there: Vec::new(), missing: None };
    asking.ask(&kinds.join(","));
    if custom {
        asking.climb(owners);
    }
    let Asking { there, missing, .. } = asking;
    match missing {
        Some(why) if owns => report.unknown("dependents", &why),
        Some(why) => report.line(format!("whether anything belongs to it was not found out: {why}")),
        None => {}
    }
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

/// What was found that may belong to something, and why not all of it.
struct Asking<'a> {
    words: Words<'a>,
    looks: &'a Looks<'a>,
    scope: String,
    there: Vec<Item>,
    missing: Option<String>,
}

impl Asking<'_> {
    fn ask(&mut self, kinds: &str) {
        let flags = [self.scope.as_str(), "--ignore-not-found", "--output=json"];
        let (found, missing) = self.looks.some(self.words.question(&["get", kinds], &[], &flags, []));
        self.there.extend(found);
        // What the server does not have, owns nothing.
        let missing = missing.filter(|why| !why.contains(NOT_SERVED));
        self.missing = self.missing.take().or(missing);
    }

    /// Asks for the custom kinds that are named as owners of what was found: one of them
    /// may belong to what is deleted.
    fn climb(&mut self, owners: &[Item]) {
        let mut asked = BTreeSet::new();
        for _ in 0..STEPS {
            let known: HashSet<&str> = owners.iter().chain(&self.there).map(Item::uid).collect();
            let between = self.there.iter().flat_map(|item| item.owner_kinds(&|uid| !known.contains(uid)));
            let new: BTreeSet<String> = between.filter(|kind| !asked.contains(kind)).collect();
            if new.is_empty() {
                return;
            }
            // One by one: a kind that is gone fails them all.
            for kind in &new {
                self.ask(kind);
            }
            asked.extend(new);
        }
    }
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
    fn custom_kinds_between_are_asked_for_by_name() {
        let of = |api: &str, kind: &str| {
            let text = format!(
                r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{"name":"x","ownerReferences":[{{"uid":"1","apiVersion":"{api}","kind":"{kind}"}}]}}}}"#
            );
            items(text.as_bytes()).unwrap().remove(0).owner_kinds(&|uid| uid == "1")
        };
        assert_eq!(of("core.strimzi.io/v1beta2", "StrimziPodSet"), ["StrimziPodSet.v1beta2.core.strimzi.io"]);
        for (api, kind) in
            [("apps/v1", "ReplicaSet"), ("v1", "Node"), ("a.io/v1", "-x"), ("a.io/v1", "A,secrets")]
        {
            assert!(of(api, kind).is_empty(), "{api} {kind}");
        }
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
