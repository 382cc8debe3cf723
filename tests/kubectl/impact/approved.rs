//! What was looked at is what runs.

use super::{Desk, changes, pod};
use crate::kubectl::shim::Caller;
use crate::support::world::{REFUSED, is_human};

const LINE: &str = "delete pods -l app=batch --grace-period=3";

/// A desk with the pods `batch-1` and `batch-2`.
fn desk() -> Option<Desk> {
    let desk = Desk::new().filter(|_| is_human())?;
    for name in ["batch-1", "batch-2"] {
        desk.cluster.put(pod("default", name, "batch"));
    }
    Some(desk)
}

fn deletes(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("DELETE /api/v1/namespaces/default/pods/{name}")).collect()
}

#[test]
fn a_human_agrees_to_what_is_there_and_nothing_else_is_deleted() {
    let Some(desk) = desk() else { return };
    let words: Vec<&str> = LINE.split(' ').collect();
    let mut terminal = desk.at_terminal(&desk.shim(), &words);
    let shown = terminal.expect("Run it? [y/N] ");
    assert!(shown.contains("deletes 2 pods in default"), "{shown}");
    assert!(shown.contains("pods default/batch-1"), "{shown}");
    assert_eq!(changes(&desk.cluster.take()), [""; 0]);
    desk.cluster.put(pod("default", "batch-3", "batch"));
    terminal.send_line("y");
    let (rest, code) = terminal.wait();
    assert_eq!(code, 0, "{rest}");
    let requests = desk.cluster.take();
    assert_eq!(changes(&requests), deletes(&["batch-1", "batch-2"]));
    let graces: Vec<_> = requests.iter().filter(|one| one.changes()).map(|one| &one.body).collect();
    assert!(graces.iter().all(|body| body.as_ref().unwrap()["gracePeriodSeconds"] == 3), "{graces:?}");
}

/// However a file is named, what it holds is approved.
#[test]
fn a_file_that_is_named_in_an_odd_way_is_bound_as_well() {
    if !is_human() {
        return;
    }
    let manifest = |name: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: prod}}\n")
    };
    for (named, written, runs) in [
        ("g/*.yaml", "g/p1.yaml", false),
        ("g/*.yaml", "g/p2.yaml", false),
        ("g/p[1].yaml", "g/p1.yaml", false),
        ("\"g/p1.yaml\"", "g/p1.yaml", false),
        ("g", "g/p2.yml", false),
        ("g", "g/run.log", true),
        ("g/p1.yaml", "g/p2.yaml", true),
    ] {
        let Some(desk) = Desk::new() else { return };
        desk.world.write("network/g/p1.yaml", &manifest("first"));
        let line = format!("apply -f {named}");
        desk.asked(&line);
        desk.agree();
        desk.world.write(&format!("network/{written}"), &manifest("second"));
        let (ran, requests) = desk.finish(desk.command("kubectl".as_ref(), &line, Caller::Agent));
        let code = if runs { 0 } else { REFUSED };
        assert_eq!(
            (ran.code, changes(&requests).is_empty()),
            (Some(code), !runs),
            "{line}, {written}: {ran:?}"
        );
    }
}

#[test]
fn what_was_approved_is_deleted_and_nothing_that_came_since() {
    let Some(desk) = desk() else { return };
    let (told, decision, _) = desk.asked(LINE);
    assert_eq!(decision, "confirm", "{told}");
    assert!(told.contains("deletes 2 pods in default"), "{told}");
    desk.cluster.put(pod("default", "batch-3", "batch"));
    let shown = desk.agree();
    assert!(shown.contains("pod/batch-1 pod/batch-2"), "{shown}");
    // One of them ended by itself.
    desk.cluster.remove(&pod("default", "batch-2", "batch"));
    let (ran, requests) = desk.finish(desk.command("kubectl".as_ref(), LINE, Caller::Agent));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(changes(&requests), deletes(&["batch-1", "batch-2"]));
    let gone =
        requests.iter().find(|request| request.method == "DELETE" && request.path.ends_with("batch-2"));
    assert_eq!(gone.unwrap().status, 404);
    assert!(desk.waiting().is_empty());
    let (again, _, _) = desk.asked(LINE);
    assert!(again.contains("deletes 1 pod in default") && again.contains("batch-3"), "{again}");
}

/// What the line no longer means is not deleted by it, approved or not.
#[test]
fn an_object_that_left_the_selection_is_asked_about_anew() {
    let Some(desk) = desk() else { return };
    desk.asked(LINE);
    desk.agree();
    desk.cluster.put(pod("default", "batch-2", "kept"));
    let (told, _, _) = desk.asked(LINE);
    assert!(told.contains("deletes 1 pod in default"), "{told}");
    assert_eq!(desk.waiting().len(), 2);
}

#[test]
fn names_are_asked_about_as_they_were_typed() {
    let Some(desk) = desk() else { return };
    desk.asked("delete pod batch-1");
    desk.cluster.put(pod("default", "batch-3", "batch"));
    desk.agree();
    let line = "delete pod batch-1";
    let (ran, requests) = desk.finish(desk.command("kubectl".as_ref(), line, Caller::Agent));
    assert_eq!((ran.code, changes(&requests)), (Some(0), deletes(&["batch-1"])));
}

#[test]
fn what_matches_nothing_ends_as_kubectl_ends() {
    let Some(desk) = Desk::new() else { return };
    let real = desk.real("delete pods -l app=none");
    let (ran, requests) =
        desk.finish(desk.command("kubectl".as_ref(), "delete pods -l app=none", Caller::Agent));
    assert_eq!((ran.code, &ran.stdout, &ran.stderr), (real.code, &real.stdout, &real.stderr));
    assert_eq!(changes(&requests), [""; 0]);
}

const EVERYWHERE: &str = "delete pods -A -l app=batch";

#[test]
fn over_several_namespaces_what_was_approved_is_deleted_and_nothing_else() {
    let Some(desk) = desk() else { return };
    desk.cluster.put(pod("prod", "batch-1", "batch"));
    let (told, decision, _) = desk.asked(EVERYWHERE);
    assert_eq!(decision, "peer", "{told}");
    assert!(told.contains("deletes 3 pods in 2 namespaces"), "{told}");
    assert!(told.contains("deleted by the names that were found"), "{told}");
    assert!(told.contains("pods prod/batch-1"), "{told}");
    desk.agree();
    // Something came: that was never agreed to.
    desk.cluster.put(pod("prod", "batch-9", "batch"));
    let (told, _, _) = desk.asked(EVERYWHERE);
    assert!(told.contains("deletes 4 pods in 2 namespaces"), "{told}");
    desk.cluster.remove(&pod("prod", "batch-9", "batch"));
    let (ran, requests) = desk.finish(desk.command("kubectl".as_ref(), EVERYWHERE, Caller::Agent));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let mut expected = deletes(&["batch-1", "batch-2"]);
    expected.push("DELETE /api/v1/namespaces/prod/pods/batch-1".to_owned());
    assert_eq!(changes(&requests), expected);
}

#[test]
fn over_several_namespaces_it_prints_and_ends_as_kubectl_does() {
    let Some(desk) = desk() else { return };
    desk.cluster.put(pod("prod", "batch-1", "batch"));
    let words: Vec<&str> = EVERYWHERE.split(' ').collect();
    let mut terminal = desk.at_terminal(&desk.shim(), &words);
    let asked = terminal.expect("to run it: ");
    assert_eq!(changes(&desk.cluster.take()), [""; 0]);
    desk.cluster.put(pod("prod", "batch-9", "batch"));
    desk.cluster.remove(&pod("default", "batch-2", "batch"));
    terminal.send_line(asked.rsplit('`').nth(1).unwrap());
    let (rest, code) = terminal.wait();
    assert_eq!(code, 0, "{rest}");
    assert_eq!(rest.matches("pod \"batch-1\" deleted").count(), 2, "{rest}");
    assert!(desk.real("-n prod get pod batch-9").code == Some(0), "{rest}");
}
