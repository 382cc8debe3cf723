//! What is harmless is as if there were no shim: the same exit code, the same
//! bytes, the same requests, and nothing is recorded.

use serde_json::Value;

use super::{Caller, Desk};

/// Each with the exit code that it has in these surroundings.
const READS: &[(&str, i32)] = &[
    ("get pods -A", 0),
    ("get pods", 0),
    ("get pods -o json", 0),
    ("get all", 0),
    ("get secrets", 0),
    ("get secrets -o name", 0),
    ("get nothing", 1),
    ("get configmap settings -o yaml", 0),
    ("api-resources", 0),
    ("api-versions", 0),
    ("version", 0),
    ("version --client", 0),
    ("delete --help", 0),
    ("help delete", 0),
    ("delete -h", 0),
    ("options", 0),
    ("delete pods --all --dry-run=client", 0),
    ("delete pods --all --dry-run=server", 0),
    ("config view", 0),
    ("config get-contexts", 0),
    ("config current-context", 0),
    ("auth can-i delete pods", 0),
    ("logs web", 0),
    ("rollout status deploy/web", 0),
    ("rollout history deploy/web", 0),
    ("describe pod web", 0),
    ("top pods", 1),
    ("explain pods", 1),
    ("diff -f settings.yaml", 0),
    ("wait --for=condition=Available deploy/web --timeout=20s", 0),
    ("events", 0),
    ("cluster-info", 0),
    ("__complete get ''", 0),
    ("completion bash", 0),
    ("create deployment x --image=y --dry-run=client -o yaml", 0),
    ("-n prod get deploy web", 0),
    ("--context fake-prod get pods", 0),
    ("-l app=web get pods", 0),
    ("get pods --frobnicate", 1),
    ("", 0),
];

#[test]
fn reads_pass_untouched() {
    let Some(desk) = Desk::new() else { return };
    for (line, code) in READS {
        let ran = desk.assert_untouched(line);
        assert_eq!(ran.code, Some(*code), "{line}: {ran:?}");
    }
    assert_eq!(desk.world.record(), Vec::<Value>::new());
}

/// The double refuses what would run in a pod, so it must have been asked.
#[test]
fn a_harmless_command_in_a_pod_passes_untouched() {
    let Some(desk) = Desk::new() else { return };
    let ran = desk.assert_untouched("exec x -- ls");
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let asked = "POST /api/v1/namespaces/default/pods/x/exec";
    assert!(ran.requests.iter().any(|line| line == asked), "{ran:?}");
}

/// As `watch kubectl get pods` does, also where production is guarded.
#[test]
fn reading_again_and_again_never_asks() {
    let Some(desk) = Desk::new() else { return };
    for _ in 0..5 {
        let ran = desk.shimmed("--context fake-prod get pods", Caller::Agent);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    }
    assert_eq!(desk.world.record(), Vec::<Value>::new());
}

#[test]
fn what_is_not_there_is_not_deleted_and_not_asked_about() {
    let Some(desk) = Desk::new() else { return };
    for line in [
        "delete cm nothere --ignore-not-found",
        "delete deploy/nothere --ignore-not-found=true",
        "delete pods -l app=nothing",
    ] {
        let (real, _) = desk.finish(desk.command(desk.kubectl, line, Caller::Agent));
        let (ran, requests) = desk.finish(desk.command(&desk.shim(), line, Caller::Agent));
        assert_eq!((ran.code, &ran.stdout, &ran.stderr), (real.code, &real.stdout, &real.stderr), "{line}");
        assert!(!requests.iter().any(crate::support::cluster::Request::changes), "{line}");
    }
    assert!(desk.world.record().is_empty());
}
