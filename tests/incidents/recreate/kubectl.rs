//! By kubectl: a replacement by force, and a delete with a create to follow.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::super::desk::Desk;
use crate::support::cluster::Cluster;
use crate::support::tools;

/// The manifest of the deployment that is there, with one setting changed.
const WEB: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: prod, labels: {app: web}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: nginx, env: [{name: TIMEOUT, value: 60s}]}]}
";

/// A shim before the real kubectl, which speaks to a cluster of its own.
struct Kube {
    desk: Desk,
    cluster: Cluster,
}

impl Kube {
    fn new() -> Option<Self> {
        let kubectl = tools::kubectl()?;
        let mut desk = Desk::new()?;
        desk.install("kubectl", kubectl);
        let cluster = Cluster::start();
        let kubeconfig = desk.world().write("kubeconfig", &cluster.kubeconfig().to_string());
        desk.set("KUBECONFIG", kubeconfig);
        desk.write("web.yaml", WEB);
        Some(Self { desk, cluster })
    }

    /// The changes that were asked of the server since the last time.
    fn changes(&self) -> Vec<String> {
        let taken = self.cluster.take();
        taken.iter().filter(|request| request.changes()).map(crate::support::cluster::Request::line).collect()
    }

    /// Whether the deployment is there, by a question of the real kubectl.
    fn uid(&self) -> String {
        let said = self
            .desk
            .real("kubectl -n prod get deploy web -o jsonpath={.metadata.uid}/{.metadata.resourceVersion}");
        self.cluster.take();
        said
    }
}

#[test]
fn no_guise_of_it_passes() {
    let Some(kube) = Kube::new() else { return };
    let before = kube.uid();
    for line in [
        "kubectl replace --force -f web.yaml",
        "kubectl -n prod delete deploy web",
        "kubectl -n prod delete deploy web --cascade=foreground --wait=false",
        "kubectl delete -f web.yaml",
        "kubectl -n prod delete deploy -l app=web",
        "kubectl -n prod delete all --all",
        "kubectl delete namespace prod",
        "kubectl -n prod scale deploy web --replicas=0",
    ] {
        let refusal = kube.desk.refused(line);
        refusal.says(&["prod", &kube.cluster.url()]);
        assert_eq!(kube.changes(), [""; 0], "{line}");
    }
    assert_eq!(kube.uid(), before);
    // A pipe is read, judged, and not let through either.
    let mut command = kube.desk.agent("/bin/sh -c 'cat web.yaml | kubectl replace --force -f -'");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(77), "{output:?}");
    assert_eq!(kube.changes(), [""; 0]);
    kube.desk.world().assert_intact();
    assert!(kube.desk.world().recorded("exec").is_empty());
}

#[test]
fn a_replacement_by_force_is_approved_once() {
    let Some(kube) = Kube::new() else { return };
    let line = "kubectl replace --force -f web.yaml";
    let refusal = kube.desk.refused(line);
    refusal.says(&["deployment", "web", "environment prod", &kube.cluster.url()]);
    assert_eq!(kube.changes(), [""; 0]);
    let (signature, _) = kube.desk.approved(line, &refusal);
    let changes = kube.changes();
    assert!(
        changes.iter().any(|change| change == "DELETE /apis/apps/v1/namespaces/prod/deployments/web"),
        "{changes:?}"
    );
    assert!(
        changes.iter().any(|change| change == "POST /apis/apps/v1/namespaces/prod/deployments"),
        "{changes:?}"
    );
    kube.desk.assert_spent(line, &signature);
    assert_eq!(kube.changes(), [""; 0]);
}

/// Changed where it is, it is never gone; in production that is a peer's too, and in
/// an ordinary namespace nobody's.
#[test]
fn changed_in_place_it_is_never_gone() {
    let Some(kube) = Kube::new() else { return };
    let line = "kubectl -n prod apply -f web.yaml";
    let refusal = kube.desk.refused(line);
    refusal.says(&["environment prod"]);
    assert_eq!(kube.changes(), [""; 0]);
    kube.desk.approved(line, &refusal);
    let changes = kube.changes();
    assert!(changes.iter().any(|change| change.starts_with("PATCH ")), "{changes:?}");
    assert!(!changes.iter().any(|change| change.starts_with("DELETE ")), "{changes:?}");

    let ordinary = WEB.replace("namespace: prod", "namespace: default");
    kube.desk.write("ordinary.yaml", &ordinary);
    kube.desk.passes("kubectl apply -f ordinary.yaml");
    kube.desk.passes("kubectl -n prod get deploy web -o yaml");
}

/// A delete, and a create of the same: the delete alone is approved, for the objects
/// that were named, and the create is a write like any other.
#[test]
fn a_delete_and_its_create_are_two_requests() {
    let Some(kube) = Kube::new() else { return };
    let line = "kubectl -n prod delete deploy -l app=web";
    let refusal = kube.desk.refused(line);
    refusal.says(&["web"]);
    let (signature, said) = kube.desk.approved(line, &refusal);
    assert!(said.contains("\"web\" deleted"), "{said}");
    let changes = kube.changes();
    assert_eq!(changes, ["DELETE /apis/apps/v1/namespaces/prod/deployments/web"], "by its name");
    let create = "kubectl -n prod create -f web.yaml";
    let refusal = kube.desk.refused(create);
    assert_eq!(kube.changes(), [""; 0]);
    kube.desk.approved(create, &refusal);
    assert!(!kube.uid().is_empty());
    kube.desk.assert_spent(line, &signature);
    assert_eq!(kube.changes(), [""; 0]);
}

/// Where a manifest goes is written in it.
#[test]
fn a_namespace_in_the_manifest_is_where_it_acts() {
    let Some(kube) = Kube::new() else { return };
    kube.desk.write("all/below/web.yml", &format!("kind: List\n---\n{WEB}"));
    kube.desk.write("all/none.yaml", "");
    kube.desk.write("overlay/kustomization.yaml", "namespace: prod\nresources: [web.yaml]\n");
    kube.desk.write("overlay/web.yaml", &WEB.replace("namespace: prod, ", ""));
    for line in [
        "kubectl apply -f web.yaml",
        "kubectl create -f web.yaml",
        "kubectl replace -f web.yaml",
        "kubectl apply -f all -R",
        "kubectl apply -f all/none.yaml,web.yaml",
        "kubectl apply -f '*.yaml'",
        "kubectl apply -k overlay",
    ] {
        kube.desk.refused(line).says(&["environment prod"]);
        assert_eq!(kube.changes(), [""; 0], "{line}");
    }
}

/// What is written for any other place passes, wherever prod's manifests lie.
#[test]
fn a_manifest_for_an_ordinary_place_passes() {
    let Some(kube) = Kube::new() else { return };
    let ordinary = WEB.replace("namespace: prod", "namespace: default");
    kube.desk.write("all/web.yaml", &ordinary);
    kube.desk.write("all/below/web.yml", WEB);
    kube.desk.write("overlay/kustomization.yaml", "namespace: default\nresources: [base.yaml]\n");
    kube.desk.write("overlay/base.yaml", WEB);
    for line in ["kubectl apply -f all", "kubectl apply -f all/web.yaml", "kubectl apply -k overlay"] {
        kube.desk.passes(line);
        assert!(kube.changes().iter().all(|change| change.contains("/namespaces/default/")), "{line}");
    }
    let output = kube.desk.agent("kubectl apply -f none.yaml").output().unwrap();
    assert_eq!(output.status.code(), Some(1), "kubectl's own complaint: {output:?}");
}

/// What was approved on one cluster does not run on another of the same name.
#[test]
fn an_approval_is_bound_to_the_cluster() {
    let (Some(kube), other) = (Kube::new(), Cluster::start()) else { return };
    let line = "kubectl -n prod delete deploy web";
    let refusal = kube.desk.refused(line);
    let signature = kube.desk.room.sign("bob", &refusal.request);
    let mut kubeconfig = kube.cluster.kubeconfig();
    kubeconfig["clusters"][0]["cluster"]["server"] = json!(other.url());
    fs::write(kube.desk.world().path("kubeconfig"), kubeconfig.to_string()).unwrap();
    let told = kube.desk.refuses(line, &mut kube.desk.with(line, &signature));
    told.says(&["it would act elsewhere: ", &other.url()]);
    let changed: Vec<_> =
        other.take().into_iter().filter(crate::support::cluster::Request::changes).collect();
    assert!(changed.is_empty(), "{changed:?}");
    assert_eq!(kube.changes(), [""; 0]);
    assert!(Path::new(&kube.desk.world().path("kubeconfig")).exists());
}
