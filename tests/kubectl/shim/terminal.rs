//! A human at a terminal, who is asked.

use super::{Desk, NEW};
use crate::support::cluster::Request;
use crate::support::pty::PtyCommand;
use crate::support::world::{REFUSED, is_human};

fn at_terminal(desk: &Desk, words: &[&str]) -> PtyCommand {
    desk.world
        .in_terminal(PtyCommand::new(desk.shim()).args(words))
        .env("PATH", desk.search_path(&[]))
        .env("KUBECONFIG", desk.world.path("kubeconfig"))
}

fn changes(desk: &Desk) -> Vec<String> {
    desk.cluster.take().iter().filter(|request| request.changes()).map(Request::line).collect()
}

#[test]
fn the_right_name_deletes_the_namespace() {
    let Some(desk) = Desk::new() else { return };
    if !is_human() {
        return;
    }
    let mut terminal = at_terminal(&desk, &["delete", "ns", "default"]).start();
    terminal.expect("Type `default` to run it: ");
    assert_eq!(changes(&desk), [""; 0]);
    terminal.send_line("default");
    terminal.expect("namespace \"default\" deleted");
    assert_eq!(terminal.wait().1, 0);
    assert_eq!(changes(&desk), ["DELETE /api/v1/namespaces/default"]);

    let record = desk.world.record();
    let kinds: Vec<_> = record.iter().map(|entry| entry["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["decision", "kept", "exec", "exit"]);
    assert_eq!(record[2]["authorization"], "confirmed");
    assert_eq!(record[3]["exit"], 0);
    desk.world.assert_intact();
}

#[test]
fn a_failure_is_recorded_as_one() {
    let Some(desk) = Desk::new() else { return };
    if !is_human() {
        return;
    }
    let space = serde_json::json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "gone"}});
    desk.cluster.put(space.clone());
    let mut terminal = at_terminal(&desk, &["delete", "ns", "gone"]).start();
    terminal.expect("Type `gone` to run it: ");
    desk.cluster.remove(&space);
    terminal.send_line("gone");
    terminal.expect("\"gone\" not found");
    assert_eq!(terminal.wait().1, 1);
    assert_eq!(desk.world.recorded("exit")[0]["exit"], 1);
}

#[test]
fn a_file_that_is_swapped_while_it_is_asked_about_is_not_sent() {
    if !is_human() {
        return;
    }
    let other = NEW.replace("app: web", "app: other");
    for (line, swapped, told) in [
        ("apply -n prod -f x.yaml", "x.yaml", Some(" x.yaml changed while this waited")),
        (
            "patch cm settings -n prod --patch-file x.yaml",
            "x.yaml",
            Some(" x.yaml changed while this waited"),
        ),
        ("apply -n prod -f x.yaml", "y.yaml", None),
        ("apply -n prod -f 'x?yaml'", "x.yaml", Some(" x.yaml changed while this waited")),
        ("apply -n prod -f .", "x.log", None),
        ("apply -n prod -f .", "z.yaml", Some(" z.yaml changed while this waited")),
        ("label -n prod -f x.yaml a=b", "x.yaml", Some(" x.yaml changed while this waited")),
    ] {
        let Some(desk) = Desk::new() else { return };
        let line = line.replace('\'', "");
        let words: Vec<&str> = line.split(' ').collect();
        let mut terminal = at_terminal(&desk, &words).start();
        terminal.expect("Run it? [y/N] ");
        desk.world.write(&format!("network/{swapped}"), &other);
        desk.cluster.take();
        terminal.send_line("y");
        let (said, code) = terminal.wait();
        let sent = changes(&desk);
        match told {
            Some(told) => {
                assert!(said.contains(told) && code == REFUSED, "{line}: {said}");
                assert!(sent.is_empty(), "{line}: {sent:?}");
            }
            None => assert!(!sent.is_empty(), "{line}: {said}"),
        }
    }
}

/// A pipe by its path is none that a person types into; whoever asks at the terminal still has it.
#[test]
fn a_pipe_at_a_terminal_is_read_and_the_terminal_stays() {
    let Some(desk) = Desk::new() else { return };
    if !is_human() {
        return;
    }
    desk.world.write("network/prod.yaml", &NEW.replace("name: x,", "name: x, namespace: prod,"));
    let bash = |line: &str| {
        let asking = PtyCommand::new("bash").args(["-c", line]);
        let asking = desk.world.in_terminal(asking).env("PATH", desk.search_path(&[]));
        asking.env("KUBECONFIG", desk.world.path("kubeconfig")).env("KUBE_EDITOR", "test -t 0 -a")
    };
    let mut terminal = bash("kubectl label -f <(cat prod.yaml) a=b").start();
    terminal.expect("Run it? [y/N] ");
    terminal.send_line("n");
    assert_eq!(terminal.wait().1, REFUSED);
    let (said, _) = bash("kubectl edit -f <(cat settings.yaml)").start().wait();
    assert!(said.contains("Edit cancelled, no changes made."), "{said}");
}

#[test]
fn any_other_name_deletes_nothing() {
    let Some(desk) = Desk::new() else { return };
    if !is_human() {
        return;
    }
    for typed in ["prod", "yes", "fake", ""] {
        let mut terminal = at_terminal(&desk, &["delete", "ns", "default"]).start();
        terminal.expect("Type `default` to run it: ");
        terminal.send_line(typed);
        let (shown, code) = terminal.wait();
        assert_eq!(code, REFUSED, "{typed:?}: {shown}");
    }
    assert_eq!(changes(&desk), [""; 0]);
    assert!(desk.world.recorded("exec").is_empty());
}
