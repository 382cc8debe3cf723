//! What does damage is refused, and nothing of it reaches the server.

use super::{Caller, Desk};
use crate::support::world::is_human;

/// What a human is asked about too, and so refused without a terminal.
const DESTROYS: &[&str] = &[
    "-l app=web delete pods",
    "delete ns default",
    "delete pods --all -A",
    "delete pod x --dry-run=client --dry-run=none",
    "delete pod x --dry-run=client --dry_run=none",
    "delete -- pod x",
    "replace --force -f settings.yaml",
    "scale deploy --all --replicas=0",
    "delete --raw /api/v1/namespaces/default/secrets",
    "delete --raw /api/v1/namespaces/default/secrets --dry-run=client",
    "drain n1 --force",
    "create clusterrolebinding x --clusterrole=cluster-admin --user=a",
    "-n=prod delete deploy web",
    "taint nodes n1 k=v:NoExecute",
    r#"patch deploy web -p '{"spec":{"replicas":0}}'"#,
    "apply --prune -l app=web -f x.yaml",
    "certificate approve x",
];

/// What only an agent has to ask for.
const RUNS: &[&str] = &["exec web -- sh -c 'rm -rf /'", "create token default"];

/// What shows a secret, or opens the cluster, and changes nothing.
const DISCLOSES: &[&str] = &[
    "get secret db -o yaml",
    "label secret db a=b --dry-run=client -o yaml",
    "config view --raw",
    "proxy --address=0.0.0.0",
];

#[test]
fn an_agent_does_no_damage() {
    let Some(desk) = Desk::new() else { return };
    for line in [DESTROYS, RUNS, DISCLOSES].concat() {
        desk.assert_refused(line, Caller::Agent);
    }
    desk.world.assert_intact();
    assert!(desk.world.recorded("exec").is_empty());
}

#[test]
fn a_human_without_a_terminal_does_no_damage() {
    let Some(desk) = Desk::new() else { return };
    if !is_human() {
        return;
    }
    for line in DESTROYS {
        desk.assert_refused(line, Caller::Human);
    }
    assert!(desk.world.recorded("exec").is_empty());
}

/// Else the other tests would show nothing.
#[test]
fn the_real_kubectl_would_have_done_it() {
    for line in [DESTROYS, RUNS].concat() {
        let Some(desk) = Desk::new() else { return };
        let changes = desk.really_changes(line);
        assert!(!changes.is_empty(), "{line} changes nothing");
    }
    let Some(desk) = Desk::new() else { return };
    for line in ["get secret db -o yaml", "label secret db a=b --dry-run=client -o yaml"] {
        assert!(desk.real(line).stdout.contains("aHVudGVyMg=="), "{line}");
    }
    assert!(desk.real("config view --raw").stdout.contains("sesame"));
}
