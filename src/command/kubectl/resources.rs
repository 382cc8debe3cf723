//! Which objects a command line names, by the kinds that every cluster has.
//!
//! The server defines short names and custom kinds; the table has those of
//! Kubernetes itself. A kind that is not in it stays as it was typed.

use std::ffi::OsString;

use crate::command::Object;

/// The plural name, and every other name, of the kinds that matter to rules.
#[rustfmt::skip]
const KINDS: &[(&str, &str)] = &[
    ("all", ""),
    ("apiservices", "apiservice"),
    ("bindings", "binding"),
    ("certificatesigningrequests", "certificatesigningrequest csr"),
    ("clusterrolebindings", "clusterrolebinding"),
    ("clusterroles", "clusterrole"),
    ("componentstatuses", "componentstatus cs"),
    ("configmaps", "configmap cm"),
    ("controllerrevisions", "controllerrevision"),
    ("cronjobs", "cronjob cj"),
    ("csidrivers", "csidriver"),
    ("csinodes", "csinode"),
    ("csistoragecapacities", "csistoragecapacity"),
    ("customresourcedefinitions", "customresourcedefinition crd crds"),
    ("daemonsets", "daemonset ds"),
    ("deployments", "deployment deploy"),
    ("deviceclasses", "deviceclass"),
    ("endpoints", "endpoint ep"),
    ("endpointslices", "endpointslice"),
    ("events", "event ev"),
    ("flowschemas", "flowschema"),
    ("horizontalpodautoscalers", "horizontalpodautoscaler hpa"),
    ("ingressclasses", "ingressclass"),
    ("ingresses", "ingress ing"),
    ("ipaddresses", "ipaddress ip"),
    ("jobs", "job"),
    ("leases", "lease"),
    ("limitranges", "limitrange limits"),
    ("mutatingwebhookconfigurations", "mutatingwebhookconfiguration"),
    ("namespaces", "namespace ns"),
    ("networkpolicies", "networkpolicy netpol"),
    ("nodes", "node no"),
    ("persistentvolumeclaims", "persistentvolumeclaim pvc"),
    ("persistentvolumes", "persistentvolume pv"),
    ("poddisruptionbudgets", "poddisruptionbudget pdb"),
    ("pods", "pod po"),
    ("podtemplates", "podtemplate"),
    ("priorityclasses", "priorityclass pc"),
    ("prioritylevelconfigurations", "prioritylevelconfiguration"),
    ("replicasets", "replicaset rs"),
    ("replicationcontrollers", "replicationcontroller rc"),
    ("resourceclaims", "resourceclaim"),
    ("resourceclaimtemplates", "resourceclaimtemplate"),
    ("resourcequotas", "resourcequota quota"),
    ("resourceslices", "resourceslice"),
    ("rolebindings", "rolebinding"),
    ("roles", "role"),
    ("runtimeclasses", "runtimeclass"),
    ("secrets", "secret"),
    ("serviceaccounts", "serviceaccount sa"),
    ("servicecidrs", "servicecidr"),
    ("services", "service svc"),
    ("statefulsets", "statefulset sts"),
    ("storageclasses", "storageclass sc"),
    ("validatingadmissionpolicies", "validatingadmissionpolicy"),
    ("validatingadmissionpolicybindings", "validatingadmissionpolicybinding"),
    ("validatingwebhookconfigurations", "validatingwebhookconfiguration"),
    ("volumeattachments", "volumeattachment"),
    ("volumeattributesclasses", "volumeattributesclass vac"),
    ("volumesnapshotclasses", "volumesnapshotclass vsclass vsclasses"),
    ("volumesnapshotcontents", "volumesnapshotcontent vsc vscs"),
    ("volumesnapshots", "volumesnapshot vs"),
];

/// Every kind that is known, by its plural; `all` is none.
#[cfg(test)]
pub(crate) fn plurals() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(plural, _)| *plural).filter(|plural| *plural != "all")
}

/// The groups of Kubernetes itself, without what ends in `.k8s.io`.
const GROUPS: [&str; 5] = ["apps", "autoscaling", "batch", "extensions", "policy"];

/// The plural, lower-case name of a kind: `Secret`, `secret.v1.` and `secrets`
/// are `secrets`.
pub(super) fn kind(word: &str) -> String {
    let lower = word.to_lowercase();
    let name = lower.split('.').next().unwrap_or_default();
    let known =
        KINDS.iter().find(|(plural, others)| *plural == name || others.split(' ').any(|one| one == name));
    known.map_or_else(|| name.to_owned(), |(plural, _)| (*plural).to_owned())
}

/// What a kind may be: behind the name of another group (`pods.acme.io`) it is
/// not what it is called, but it is not surely something else either.
fn kinds(word: &str) -> Vec<String> {
    let own = |part: &str| {
        let version =
            part.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        part.is_empty() || version || GROUPS.contains(&part)
    };
    let group = word.split_once('.').map_or("", |(_, group)| group).to_lowercase();
    let is_own = group.ends_with(".k8s.io") || group.split('.').all(own);
    let mut kinds = vec![kind(word)];
    kinds.extend(Some(word.to_lowercase()).filter(|_| !is_own));
    kinds
}

/// The objects that operands name, up to the first word that assigns
/// (`key=value`, `key-`): `label`, `taint` and `set` allow no object behind it.
pub(super) fn objects_before_pairs(operands: &[OsString]) -> Vec<Object> {
    let is_pair = |word: &&OsString| {
        let word = word.to_string_lossy();
        word.contains('=') || word.ends_with('-')
    };
    let before: Vec<OsString> = operands.iter().take_while(|word| !is_pair(word)).cloned().collect();
    objects(&before)
}

/// The objects that operands name: `TYPE NAME…`, `TYPE/NAME…`, `T1,T2`.
pub(super) fn objects(operands: &[OsString]) -> Vec<Object> {
    let words: Vec<String> = operands.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    if words.iter().any(|word| word.contains('/')) {
        let pairs = words.iter().flat_map(|word| {
            let (kinds, name) = word.split_once('/').unwrap_or((word, ""));
            kinds.split(',').flat_map(move |one| of_type(one, name))
        });
        return pairs.collect();
    }
    let Some((kinds, names)) = words.split_first() else { return Vec::new() };
    let kinds: Vec<&str> = kinds.split(',').filter(|one| !one.is_empty()).collect();
    if names.is_empty() {
        return kinds.into_iter().flat_map(|one| of_type(one, "")).collect();
    }
    kinds.iter().flat_map(|one| names.iter().flat_map(|name| of_type(one, name))).collect()
}

/// Objects of one kind, of which the operands are the names.
pub(super) fn named(kind: &str, operands: &[OsString]) -> Vec<Object> {
    if operands.is_empty() {
        return vec![object(kind, "")];
    }
    operands
        .iter()
        .map(|name| {
            let name = name.to_string_lossy();
            // `pod/web`, `deploy/web`.
            name.split_once('/').map_or_else(|| object(kind, &name), |(kind, name)| object(kind, name))
        })
        .collect()
}

fn of_type(word: &str, name: &str) -> Vec<Object> {
    let name = (!name.is_empty()).then(|| name.to_owned());
    kinds(word).into_iter().map(|kind| Object { kind, name: name.clone() }).collect()
}

fn object(word: &str, name: &str) -> Object {
    Object { kind: kind(word), name: (!name.is_empty()).then(|| name.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> Vec<String> {
        let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        shown_of(objects(&words))
    }

    fn shown_of(objects: Vec<Object>) -> Vec<String> {
        let shown = |object: Object| match object.name {
            Some(name) => format!("{}/{name}", object.kind),
            None => object.kind,
        };
        objects.into_iter().map(shown).collect()
    }

    #[test]
    fn kinds_have_one_name() {
        for (typed, plural) in [
            ("Secret", "secrets"),
            ("SECRETS", "secrets"),
            ("secret.", "secrets"),
            ("secret.v1.", "secrets"),
            ("deploy", "deployments"),
            ("deployments.v1.apps", "deployments"),
            ("crd", "customresourcedefinitions"),
            ("Widget.acme.io", "widget"),
        ] {
            assert_eq!(kind(typed), plural);
        }
    }

    #[test]
    fn operands_name_objects() {
        assert_eq!(shown("po,svc"), ["pods", "services"]);
        assert_eq!(shown("ns a b"), ["namespaces/a", "namespaces/b"]);
        assert_eq!(shown("deploy/web sts/db"), ["deployments/web", "statefulsets/db"]);
        assert_eq!(shown("pod,secret x"), ["pods/x", "secrets/x"]);
        assert_eq!(shown("ns x- a=b prod"), ["namespaces/x-", "namespaces/a=b", "namespaces/prod"]);
        assert!(shown("").is_empty());
    }

    #[test]
    fn a_pair_ends_the_objects_where_pairs_are_taken() {
        let before = |line: &str| {
            let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
            shown_of(objects_before_pairs(&words))
        };
        assert_eq!(before("pod web app/tier=db x"), ["pods/web"]);
        assert_eq!(before("secret/db cm/c x-"), ["secrets/db", "configmaps/c"]);
        assert_eq!(before("nodes n1 k:NoExecute-"), ["nodes/n1"]);
    }
}
