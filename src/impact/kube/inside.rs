//! What goes with an object without belonging to it: all that is in a namespace, the
//! objects of a custom kind, and the volume behind a claim.

use std::collections::BTreeMap;

use super::looks::Looks;
use super::objects::{Item, Object};
use super::report::{Report, counted};
use super::words::Words;

/// Kinds that come and go by themselves.
const PASSING: [&str; 7] = [
    "events",
    "events.events.k8s.io",
    "endpoints",
    "endpointslices.discovery.k8s.io",
    "leases.coordination.k8s.io",
    "bindings",
    "podtemplates",
];

/// A volume, and what becomes of it.
#[derive(Debug)]
pub(super) struct Volume {
    pub(super) name: String,
    pub(super) policy: String,
}

impl Volume {
    pub(super) fn told(&self) -> String {
        let Self { name, policy } = self;
        match policy.as_str() {
            "Delete" => {
                format!("its volume {name} is deleted with it, with the data (reclaim policy Delete)")
            }
            "Retain" => format!("its volume {name} is kept (reclaim policy Retain)"),
            _ => format!("its volume {name} has the reclaim policy {policy}"),
        }
    }
}

/// The volumes that are claimed, by namespace and name of the claim.
#[derive(Debug, Default)]
pub(super) struct Volumes(BTreeMap<(String, String), Volume>);

impl Volumes {
    /// The volume of a claim.
    pub(super) fn of(&self, claim: &Object) -> Option<&Volume> {
        self.0.get(&(claim.namespace.clone()?, claim.name.clone()))
    }
}

/// The volumes of the cluster, where one of `items` is a claim.
pub(super) fn volumes(words: Words<'_>, looks: &Looks<'_>, items: &[Item], report: &mut Report) -> Volumes {
    let claims = items.iter().any(|item| item.object().kind == "persistentvolumeclaims");
    if claims { all_volumes(words, looks, report) } else { Volumes::default() }
}

fn all_volumes(words: Words<'_>, looks: &Looks<'_>, report: &mut Report) -> Volumes {
    let question = words.question(&["get", "persistentvolumes"], &[], &["--output=json"], []);
    let found = match looks.items(question) {
        Ok(found) => found,
        Err(why) => {
            report.unknown("reclaim policy", &why);
            return Volumes::default();
        }
    };
    let claimed = found.iter().filter_map(|volume| {
        let text = |path: &str| volume.text(path).map(str::to_owned);
        let claim = (text("spec/claimRef/namespace")?, text("spec/claimRef/name")?);
        let policy = text("spec/persistentVolumeReclaimPolicy").unwrap_or_else(|| "Retain".to_owned());
        Some((claim, Volume { name: volume.object().name, policy }))
    });
    Volumes(claimed.collect())
}

/// All that is in a namespace.
pub(super) fn namespace(words: Words<'_>, looks: &Looks<'_>, name: &str, report: &mut Report) {
    let found = match inventory(words, looks, name) {
        Ok(found) => found,
        Err(why) => return report.unknown(&format!("what is in namespace {name}"), &why),
    };
    if found.is_empty() {
        return report.grave(format!("namespace {name} is empty"));
    }
    report.grave(format!("with namespace {name}: {}", counted(&found)));
    let claims = found.iter().any(|object| object.kind == "persistentvolumeclaims");
    let volumes = if claims { all_volumes(words, looks, report) } else { Volumes::default() };
    for object in found {
        let volume = volumes.of(&object);
        let fields =
            volume.map(|volume| [("volume", volume.name.clone()), ("reclaim", volume.policy.clone())]);
        report.happens("dependent", &object, fields.as_ref().map_or(&[], |fields| fields.as_slice()));
        match volume {
            Some(volume) => report.grave(format!("{}: {}", object.shown(), volume.told())),
            None if object.is_grave() => report.grave(object.shown()),
            None => report.line(object.shown()),
        }
    }
}

fn inventory(words: Words<'_>, looks: &Looks<'_>, name: &str) -> Result<Vec<Object>, String> {
    let kinds = ["--verbs=list,delete", "--namespaced", "--output=name"];
    let printed = looks.printed(words.question(&["api-resources"], &[], &kinds, []))?;
    let kinds = String::from_utf8_lossy(&printed);
    let kinds: Vec<&str> =
        kinds.lines().map(str::trim).filter(|kind| !kind.is_empty() && !PASSING.contains(kind)).collect();
    let inside = format!("--namespace={name}");
    let flags = [inside.as_str(), "--ignore-not-found", "--output=name"];
    let mut found = looks.names(words.question(&["get", &kinds.join(",")], &[], &flags, []))?;
    for object in &mut found {
        object.namespace = Some(name.to_owned());
    }
    Ok(found)
}

/// The objects of a custom kind, which go with its definition.
pub(super) fn definition(words: Words<'_>, looks: &Looks<'_>, name: &str, report: &mut Report) -> Vec<Item> {
    let flags = ["--all-namespaces", "--ignore-not-found", "--output=json"];
    match looks.items(words.question(&["get", name], &[], &flags, [])) {
        Ok(found) => {
            report.grave(format!(
                "with definition {name}: all {} of its objects, in every namespace",
                found.len()
            ));
            for item in &found {
                report.happens("dependent", &item.object(), &[]);
            }
            found
        }
        Err(why) => {
            report.unknown(&format!("objects of {name}"), &why);
            Vec::new()
        }
    }
}
