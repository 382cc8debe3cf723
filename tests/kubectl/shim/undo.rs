//! What was deleted is made again by `tollgate undo`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::Value;

use super::{Caller, Desk};
use crate::support::cluster::{Cluster, Request};
use crate::support::pty::{Pty, PtyCommand};
use crate::support::world::{REFUSED, is_human, text, tollgate};

/// What a namespace holds beside what the double begins with.
const MORE: &str = r#"{"apiVersion": "v1", "kind": "PersistentVolumeClaim",
    "metadata": {"name": "disk", "namespace": "default", "finalizers": ["kubernetes.io/pvc-protection"],
        "annotations": {"pv.kubernetes.io/bind-completed": "yes"}},
    "spec": {"volumeName": "pv-1", "accessModes": ["ReadWriteOnce"]}, "status": {"phase": "Bound"}}
{"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "web-1", "namespace": "default",
    "ownerReferences": [{"apiVersion": "apps/v1", "kind": "Deployment", "name": "web",
        "uid": "deployments/default/web", "controller": true}]}, "spec": {}}
{"apiVersion": "v1", "kind": "Event", "metadata": {"name": "e", "namespace": "default"}}"#;

fn human(desk: &Desk, words: &[&str]) -> PtyCommand {
    started(desk, PtyCommand::new(desk.shim()).args(words))
}

fn started(desk: &Desk, command: PtyCommand) -> PtyCommand {
    desk.world
        .in_terminal(command)
        .env("PATH", desk.search_path(&[]))
        .env("KUBECONFIG", desk.world.path("kubeconfig"))
}

fn undo(desk: &Desk, words: &[&str]) -> Pty {
    started(desk, PtyCommand::new(tollgate()).args(["undo"]).args(words)).start()
}

/// Runs tollgate without a terminal; its exit code and all that it said.
fn said(desk: &Desk, line: &str, caller: Caller) -> (Option<i32>, String) {
    let output = desk.command(tollgate(), line, caller).output().unwrap();
    (output.status.code(), text(&output.stdout) + &text(&output.stderr))
}

fn id_of(told: &str) -> String {
    let (_, rest) = told.split_once("tollgate undo ").unwrap();
    rest.split('`').next().unwrap().to_owned()
}

/// Types the name that is asked for; what was said before, and after.
fn agreed(mut terminal: Pty) -> (String, String) {
    let asked = terminal.expect("` to ");
    let (before, name) = asked.rsplit_once('`').unwrap();
    terminal.expect(": ");
    terminal.send_line(name);
    let (rest, code) = terminal.wait();
    assert_eq!(code, 0, "{rest}");
    (before.to_owned(), rest)
}

/// Deletes as a person does, and returns the id and what was said last.
fn deleted(desk: &Desk, words: &[&str]) -> (String, String) {
    let (asked, rest) = agreed(human(desk, words).start());
    assert!(asked.contains("undo: "), "{asked}");
    (id_of(&rest), rest)
}

/// What was made: by its line, what was sent.
fn made(desk: &Desk) -> Vec<(String, Value)> {
    let made = desk.cluster.take().into_iter().filter(Request::changes);
    let object = |request: Request| {
        let body = request.body.clone().unwrap();
        (format!("{} {}", request.line(), body["metadata"]["name"].as_str().unwrap()), body)
    };
    made.map(object).collect()
}

fn kept(desk: &Desk, id: &str) -> PathBuf {
    desk.world.state().join(format!("kept/{id}.json"))
}

#[test]
fn a_namespace_comes_back_with_what_was_in_it() {
    let Some(desk) = Desk::new() else { return };
    if !is_human() {
        return;
    }
    desk.world.write("network/more.json", MORE);
    assert_eq!(desk.real("create -f more.json").code, Some(0));
    let (id, told) = deleted(&desk, &["delete", "ns", "default"]);
    // web, its pods by hand, x, db, settings, disk and the namespace: not what others make.
    assert!(
        told.contains("brings back 7 objects (without the data of 1 secret and what is on volumes), until "),
        "{told}"
    );
    assert_eq!(desk.real("get deploy web -n default").code, Some(1));
    let file = fs::read_to_string(kept(&desk, &id)).unwrap();
    assert!(!file.contains("aHVudGVyMg"), "{file}");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&kept(&desk, &id)), mode(kept(&desk, &id).parent().unwrap())), (0o600, 0o700));

    let (code, shown) = said(&desk, &format!("undo --dry-run {id}"), Caller::Agent);
    assert_eq!(code, Some(0), "{shown}");
    for part in [
        "namespace default",
        "deployment default/web",
        "secret default/db: the values of password, which were not kept",
        "persistentvolumeclaim default/disk: the claim is made again, its data is not back",
        "context fake, server http://127.0.0.1:",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    desk.cluster.take();
    let mut terminal = undo(&desk, &[id.split_at(6).0]);
    terminal.expect("Make them again? [y/N] ");
    assert!(made(&desk).is_empty());
    terminal.send_line("y");
    let (rest, code) = terminal.wait();
    assert_eq!(code, 0, "{rest}");
    assert!(rest.contains("7 of 7 objects made again"), "{rest}");
    let sent = made(&desk);
    let lines: Vec<&str> = sent.iter().map(|(line, _)| line.as_str()).collect();
    let all = "/api/v1/namespaces";
    assert_eq!(
        lines,
        [
            format!("POST {all} default"),
            format!("POST {all}/default/secrets db"),
            format!("POST {all}/default/configmaps settings"),
            format!("POST {all}/default/persistentvolumeclaims disk"),
            format!("POST {all}/default/pods web"),
            format!("POST {all}/default/pods x"),
            "POST /apis/apps/v1/namespaces/default/deployments web".to_owned(),
        ]
    );
    for (line, body) in &sent {
        assert!(body["metadata"]["uid"].is_null() && body["status"].is_null(), "{line}: {body}");
        assert!(body["metadata"]["resourceVersion"].is_null(), "{line}: {body}");
    }
    assert!(sent[1].1["data"].is_null(), "{:?}", sent[1]);
    assert_eq!(sent[2].1["metadata"]["annotations"]["by"], "hand");
    assert_eq!(sent[3].1["metadata"]["finalizers"][0], "kubernetes.io/pvc-protection");
    assert!(sent[3].1["spec"]["volumeName"].is_null(), "{:?}", sent[3]);
    assert!(sent[4].1["spec"]["nodeName"].is_null(), "{:?}", sent[4]);

    let (code, again) = said(&desk, &format!("undo {id}"), Caller::Human);
    assert_eq!(code, Some(0), "{again}");
    assert!(again.contains("nothing is to be made"), "{again}");
    let record = desk.world.record();
    let kinds: Vec<_> = record.iter().map(|entry| entry["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["decision", "kept", "exec", "exit", "undo", "undo"]);
    assert_eq!((&record[1]["objects"], &record[5]["made"]), (&7.into(), &7.into()));
    desk.world.assert_intact();
}

#[test]
fn nothing_is_made_unless_a_person_says_so_and_the_rest_once_more() {
    let Some(desk) = Desk::new() else { return };
    if !is_human() {
        return;
    }
    let (id, told) = deleted(&desk, &["delete", "cm,deploy", "-l", "app=web", "-n", "default"]);
    assert!(told.contains("brings back 1 object, until "), "{told}");
    let mut terminal = undo(&desk, &[&id]);
    terminal.expect("Make them again? [y/N] ");
    terminal.send_line("n");
    assert_eq!(terminal.wait().1, REFUSED);
    assert_eq!(desk.real("get deploy web").code, Some(1));
    // An agent may make again what it may create.
    let (code, shown) = said(&desk, &format!("undo {id}"), Caller::Agent);
    assert_eq!(code, Some(0), "{shown}");
    assert!(
        shown.contains("deployment.apps/web created") && shown.contains("1 of 1 object made again"),
        "{shown}"
    );
    assert_eq!(desk.real("get deploy web").code, Some(0));
    assert_eq!(desk.world.recorded("undo")[0]["agent"], "claude-code");
}

#[test]
fn an_agent_asks_before_it_makes_anything_in_production() {
    let Some(desk) = Desk::new() else { return };
    if !is_human() {
        return;
    }
    let (id, _) = deleted(&desk, &["--context", "fake-prod", "delete", "cm", "settings"]);
    let (code, shown) = said(&desk, &format!("undo {id}"), Caller::Agent);
    assert_eq!(code, Some(REFUSED), "{shown}");
    assert!(shown.contains("tollgate: refused: ") && shown.contains("configmap prod/settings"), "{shown}");
    assert!(shown.contains(&format!("once that is approved, `tollgate undo {id}` goes on")), "{shown}");
    assert_eq!(desk.real("--context fake-prod get cm settings").code, Some(1));
    // A person confirms it, and the same undo uses that.
    let request = desk.world.recorded("requested")[0]["req"].as_str().unwrap().to_owned();
    agreed(started(&desk, PtyCommand::new(tollgate()).args(["approve", &request])).start());
    let (code, shown) = said(&desk, &format!("undo {id}"), Caller::Agent);
    assert_eq!(code, Some(0), "{shown}");
    assert_eq!(desk.real("--context fake-prod get cm settings").code, Some(0));
}

#[test]
fn nothing_is_made_elsewhere_or_of_what_was_changed() {
    let Some(desk) = Desk::new() else { return };
    if !is_human() {
        return;
    }
    let (id, _) = deleted(&desk, &["delete", "cm", "settings"]);
    let other = Cluster::start();
    desk.configure(&other.kubeconfig());
    let (code, shown) = said(&desk, &format!("undo {id}"), Caller::Human);
    assert_eq!(code, Some(REFUSED), "{shown}");
    assert!(
        shown.contains("that is not the cluster where it was deleted: the server was http://"),
        "{shown}"
    );
    assert!(!other.requests().iter().any(Request::changes));
    desk.configure(&desk.cluster.kubeconfig());
    let path = kept(&desk, &id);
    let file = fs::read_to_string(&path).unwrap();
    fs::write(&path, file.replace("blue", "red")).unwrap();
    let (code, shown) = said(&desk, &format!("undo {id}"), Caller::Human);
    assert_ne!(code, Some(0), "{shown}");
    assert!(shown.contains("was changed since, so nothing is made of it"), "{shown}");
    let (code, shown) = said(&desk, "undo AAAA-AAAA-AAAA", Caller::Human);
    assert_ne!(code, Some(0), "{shown}");
    assert!(shown.contains("nothing is kept of AAAA-AAAA-AAAA"), "{shown}");
}

#[test]
fn what_cannot_be_kept_is_said_before_and_deleted_all_the_same() {
    let Some(desk) = Desk::new() else { return };
    if !is_human() {
        return;
    }
    let real = desk.kubectl.display();
    desk.world.script(
        "bin/kubectl",
        &format!("case \" $* \" in *' get '*) echo 'Error from server (Forbidden): not yours' >&2; exit 1;; esac\nexec {real} \"$@\""),
    );
    let (asked, rest) = agreed(human(&desk, &["delete", "cm", "settings"]).start());
    let why = "undo would not bring it back: Error from server (Forbidden): not yours";
    assert!(asked.contains(why), "{asked}");
    assert!(
        rest.contains("warning: what this deletes could not be kept, so undo will not bring it back"),
        "{rest}"
    );
    assert!(rest.contains("configmap \"settings\" deleted"), "{rest}");
    assert_eq!(said(&desk, "undo --list", Caller::Human), (Some(0), "nothing is kept\n".to_owned()));
}

#[test]
fn a_person_may_have_secrets_kept_whole() {
    let Some(desk) = Desk::new() else { return };
    if !is_human() {
        return;
    }
    let words = ["exec", "--keep-secrets", "--", "kubectl", "delete", "secret", "db"];
    let (_, rest) = agreed(started(&desk, PtyCommand::new(tollgate()).args(words)).start());
    let id = id_of(&rest);
    let (code, listed) = said(&desk, "undo --list --json", Caller::Human);
    assert_eq!(code, Some(0), "{listed}");
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed[0]["id"], id);
    assert_eq!(listed[0]["objects"], serde_json::json!(["secret default/db"]));
    assert_eq!((&listed[0]["secrets_without_data"], &listed[0]["context"]), (&0.into(), &"fake".into()));
    let (code, shown) = said(&desk, &format!("undo {id}"), Caller::Agent);
    assert_eq!(code, Some(0), "{shown}");
    let back = desk.real("get secret db -o jsonpath={.data.password}");
    assert_eq!(back.stdout, "aHVudGVyMg==");
}

#[test]
fn kinds_come_before_their_objects_and_what_may_forbid_others_last() {
    let Some(desk) = Desk::new() else { return };
    if !is_human() {
        return;
    }
    let widgets = "widgets.acme.io";
    let put = |api: &str, kind: &str, metadata: Value| {
        desk.cluster.put(serde_json::json!({"apiVersion": api, "kind": kind, "metadata": metadata}));
    };
    put("apiextensions.k8s.io/v1", "CustomResourceDefinition", serde_json::json!({"name": widgets}));
    put("acme.io/v1", "Widget", serde_json::json!({"name": "shop", "namespace": "default"}));
    put("v1", "ServiceAccount", serde_json::json!({"name": "ci", "namespace": "default"}));
    let admission = "admissionregistration.k8s.io/v1";
    put(admission, "ValidatingWebhookConfiguration", serde_json::json!({"name": "policy"}));
    let (kinds, told) = deleted(&desk, &["delete", "crd", widgets]);
    assert!(told.contains("brings back 2 objects"), "{told}");
    let (others, _) = deleted(&desk, &["delete", "validatingwebhookconfiguration/policy", "sa/ci"]);
    desk.cluster.take();
    let lines = |id: &str| {
        let mut terminal = undo(&desk, &[id]);
        terminal.expect("Make them again? [y/N] ");
        terminal.send_line("y");
        let (rest, code) = terminal.wait();
        assert_eq!(code, 0, "{rest}");
        made(&desk).into_iter().map(|(line, _)| line).collect::<Vec<_>>()
    };
    assert_eq!(
        lines(&kinds),
        [
            format!("POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions {widgets}"),
            "POST /apis/acme.io/v1/namespaces/default/widgets shop".to_owned(),
        ]
    );
    assert_eq!(
        lines(&others),
        [
            "POST /api/v1/namespaces/default/serviceaccounts ci".to_owned(),
            format!("POST /apis/{admission}/validatingwebhookconfigurations policy"),
        ]
    );
}

#[test]
fn what_only_waits_for_its_finalizers_is_neither_there_nor_gone() {
    let Some(desk) = Desk::new() else { return };
    if !is_human() {
        return;
    }
    let (id, _) = deleted(&desk, &["delete", "cm", "settings"]);
    desk.cluster.put(serde_json::json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {
        "name": "settings", "namespace": "default", "deletionTimestamp": "2026-01-01T00:00:00Z"}}));
    let (code, shown) = said(&desk, &format!("undo {id}"), Caller::Human);
    assert_eq!(code, Some(0), "{shown}");
    assert!(
        shown.contains("configmap default/settings is still being deleted: undo makes it again"),
        "{shown}"
    );
    // Kept for 30 days, and no longer.
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(31 * 24 * 3600);
    fs::File::options().write(true).open(kept(&desk, &id)).unwrap().set_modified(old).unwrap();
    let (code, shown) = said(&desk, &format!("undo {id}"), Caller::Human);
    assert_ne!(code, Some(0), "{shown}");
    assert!(shown.contains("nothing is kept of "), "{shown}");
}

/// Only a person has secrets written down.
#[test]
fn an_agent_has_no_secret_kept() {
    let Some(desk) = Desk::new() else { return };
    if !is_human() {
        return;
    }
    let line = "exec --keep-secrets -- kubectl delete secret db";
    assert_eq!(said(&desk, line, Caller::Agent).0, Some(REFUSED));
    let request = desk.world.recorded("requested")[0]["req"].as_str().unwrap().to_owned();
    agreed(started(&desk, PtyCommand::new(tollgate()).args(["approve", &request])).start());
    let (code, shown) = said(&desk, line, Caller::Agent);
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("--keep-secrets is a person's to ask for"), "{shown}");
    let file = fs::read_to_string(kept(&desk, &id_of(&shown))).unwrap();
    assert!(!file.contains("aHVudGVyMg"), "{file}");
}
