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
    ("configmaps", "configmap cm"),
    ("controllerrevisions", "controllerrevision"),
    ("cronjobs", "cronjob cj"),
    ("csidrivers", "csidriver"),
    ("csinodes", "csinode"),
    ("customresourcedefinitions", "customresourcedefinition crd crds"),
    ("daemonsets", "daemonset ds"),
    ("deployments", "deployment deploy"),
    ("endpoints", "endpoint ep"),
    ("endpointslices", "endpointslice"),
    ("events", "event ev"),
    ("horizontalpodautoscalers", "horizontalpodautoscaler hpa"),
    ("ingressclasses", "ingressclass"),
    ("ingresses", "ingress ing"),
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
    ("replicasets", "replicaset rs"),
    ("replicationcontrollers", "replicationcontroller rc"),
    ("resourcequotas", "resourcequota quota"),
    ("rolebindings", "rolebinding"),
    ("roles", "role"),
    ("runtimeclasses", "runtimeclass"),
    ("secrets", "secret"),
    ("serviceaccounts", "serviceaccount sa"),
    ("services", "service svc"),
    ("statefulsets", "statefulset sts"),
    ("storageclasses", "storageclass sc"),
    ("validatingadmissionpolicies", "validatingadmissionpolicy"),
    ("validatingadmissionpolicybindings", "validatingadmissionpolicybinding"),
    ("validatingwebhookconfigurations", "validatingwebhookconfiguration"),
    ("volumeattachments", "volumeattachment"),
    ("volumesnapshotclasses", "volumesnapshotclass vsclass vsclasses"),
    ("volumesnapshotcontents", "volumesnapshotcontent vsc vscs"),
    ("volumesnapshots", "volumesnapshot vs"),
];

/// The plural, lower-case name of a kind: `Secret`, `secret.v1.` and `secrets`
/// are `secrets`.
pub(super) fn kind(word: &str) -> String {
    let lower = word.to_lowercase();
    // `deployments.v1.apps`, `secrets.v1.`: the group and version do not matter
    // to a rule, and a kind of another group with the same name is rather taken
    // for the graver one.
    let name = lower.split('.').next().unwrap_or_default();
    let known =
        KINDS.iter().find(|(plural, others)| *plural == name || others.split(' ').any(|one| one == name));
    known.map_or_else(|| name.to_owned(), |(plural, _)| (*plural).to_owned())
}

/// The objects that operands name: `TYPE NAME…`, `TYPE/NAME…`, `T1,T2`. Words
/// that assign (`key=value`, `key-`) end the list.
pub(super) fn objects(operands: &[OsString]) -> Vec<Object> {
    let words: Vec<String> = operands
        .iter()
        .map(|word| word.to_string_lossy().into_owned())
        .take_while(|word| !word.contains('=') && !word.ends_with('-'))
        .collect();
    if words.iter().any(|word| word.contains('/')) {
        let pairs = words.iter().flat_map(|word| {
            let (kinds, name) = word.split_once('/').unwrap_or((word, ""));
            kinds.split(',').map(move |one| object(one, name))
        });
        return pairs.collect();
    }
    let Some((kinds, names)) = words.split_first() else { return Vec::new() };
    let kinds: Vec<&str> = kinds.split(',').filter(|one| !one.is_empty()).collect();
    if names.is_empty() {
        return kinds.into_iter().map(|one| object(one, "")).collect();
    }
    kinds.iter().flat_map(|one| names.iter().map(|name| object(one, name))).collect()
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

fn object(word: &str, name: &str) -> Object {
    Object { kind: kind(word), name: (!name.is_empty()).then(|| name.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> Vec<String> {
        let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        let shown = |object: Object| match object.name {
            Some(name) => format!("{}/{name}", object.kind),
            None => object.kind,
        };
        objects(&words).into_iter().map(shown).collect()
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
        assert_eq!(shown("pod web app/tier=db x"), ["pods/web"]);
        assert!(shown("").is_empty());
    }
}
