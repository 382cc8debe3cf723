//! Standard input and URLs: read once, judged, bound to an approval, and handed over.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Output, Stdio};

use super::{Caller, Desk, NEW, SETTINGS};
use crate::support::cluster::Request;
use crate::support::pty::PtyCommand;
use crate::support::world::{REFUSED, is_human, text, tollgate};

/// Calls the shim with `input` on standard input.
pub(super) fn fed(desk: &Desk, line: &str, input: &str) -> Output {
    let mut command = desk.command(Path::new("kubectl"), line, Caller::Agent);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // What is refused may not read it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

pub(super) fn changes(desk: &Desk) -> Vec<String> {
    desk.cluster.take().iter().filter(|request| request.changes()).map(Request::line).collect()
}

/// Confirms the newest request, as a person in a terminal of their own.
fn confirm(desk: &Desk) {
    let requested = desk.world.recorded("requested");
    let id = requested.last().unwrap()["req"].as_str().unwrap();
    let command = PtyCommand::new(tollgate()).args(["approve", id]);
    let mut terminal = desk.world.in_terminal(command).start();
    let asked = terminal.expect("to let it run once: ");
    terminal.send_line(asked.rsplit('`').nth(1).unwrap());
    assert_eq!(terminal.wait().1, 0);
}

#[test]
fn what_is_piped_is_approved_by_its_hash() {
    let Some(desk) = Desk::new() else { return };
    if !is_human() {
        return;
    }
    for line in
        ["delete -f -", "delete --filename=- --wait=false", "delete -f x.yaml -f -", "replace --force -f-"]
    {
        let Some(desk) = Desk::new() else { return };
        let refused = fed(&desk, line, SETTINGS);
        let told = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(REFUSED), "{line}: {told}");
        assert!(told.contains("configmap settings"), "{line}: {told}");
        assert!(changes(&desk).is_empty(), "{line}");
        confirm(&desk);
        // Something else is not what was approved.
        let other = fed(&desk, line, NEW);
        assert_eq!(other.status.code(), Some(REFUSED), "{line}: {}", text(&other.stderr));
        assert!(changes(&desk).is_empty(), "{line}");
        desk.real("create -f x.yaml");
        desk.cluster.take();
        let ran = fed(&desk, line, SETTINGS);
        assert_eq!(ran.status.code(), Some(0), "{line}: {}", text(&ran.stderr));
        let changes = changes(&desk);
        let settings = "DELETE /api/v1/namespaces/default/configmaps/settings".to_owned();
        assert!(changes.contains(&settings), "{line}: {changes:?}");
        assert_eq!(fed(&desk, line, SETTINGS).status.code(), Some(REFUSED), "{line}: used up");
    }
    drop(desk);
}

#[test]
fn a_person_is_asked_while_a_pipe_feeds_it() {
    let Some(desk) = Desk::new() else { return };
    if !is_human() {
        return;
    }
    let script = format!("'{}' delete -f - <<'END'\n{SETTINGS}END\n", desk.shim().display());
    let mut terminal = desk
        .world
        .script_at_terminal(&script)
        .env("PATH", desk.search_path(&[]))
        .env("KUBECONFIG", desk.world.path("kubeconfig"))
        .start();
    let asked = terminal.expect("to run it: ");
    assert!(asked.contains("standard input (") && asked.contains("configmap settings"), "{asked}");
    terminal.send_line(asked.rsplit('`').nth(1).unwrap());
    terminal.expect("configmap \"settings\" deleted");
    let (rest, code) = terminal.wait();
    assert_eq!(code, 0, "{rest}");
    assert!(rest.contains("brings back 1 object, until "), "{rest}");
}

/// What may pass gets what it was fed, and nothing is waited for that a terminal would have to
/// give.
#[test]
fn what_may_pass_gets_what_it_was_fed() {
    let Some(desk) = Desk::new() else { return };
    let ran = fed(&desk, "apply -f -", NEW);
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
    assert_eq!(text(&ran.stdout), "configmap/x created\n");
    assert!(desk.world.record().is_empty());
    let nothing = fed(&desk, "delete -f -", "");
    let told = text(&nothing.stderr);
    assert_eq!(nothing.status.code(), Some(REFUSED), "{told}");
    assert!(told.contains("standard input (0 bytes): no objects"), "{told}");
    if !is_human() {
        return;
    }
    let command = PtyCommand::new(desk.shim()).args(["delete", "-f", "-"]);
    let mut terminal = desk
        .world
        .in_terminal(command)
        .env("PATH", desk.search_path(&[]))
        .env("KUBECONFIG", desk.world.path("kubeconfig"))
        .start();
    let asked = terminal.expect("to run it: ");
    assert!(!asked.contains("standard input ("), "{asked}");
    terminal.control('c');
    assert_ne!(terminal.wait().1, 0);
}

/// Serves `bodies`, one after the other, and the last for ever; the address.
pub(super) fn served(bodies: &[&str]) -> String {
    let bodies: Vec<String> = bodies.iter().map(|&body| body.to_owned()).collect();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/x.yaml", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for (at, stream) in listener.incoming().enumerate() {
            let Ok(mut stream) = stream else { return };
            let mut head = [0; 4096];
            let _ = stream.read(&mut head);
            let body = bodies.get(at).or(bodies.last()).unwrap();
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
        }
    });
    url
}

#[test]
fn what_a_url_holds_is_fetched_once_and_runs_as_it_was() {
    let Some(desk) = Desk::new() else { return };
    if !is_human() {
        return;
    }
    // Asked for, found changed, found as it was.
    let url = served(&[SETTINGS, NEW, SETTINGS]);
    let line = format!("delete -f {url}");
    let refused = fed(&desk, &line, "");
    let told = text(&refused.stderr);
    assert_eq!(refused.status.code(), Some(REFUSED), "{told}");
    assert!(told.contains("configmap settings"), "{told}");
    confirm(&desk);
    let changed = fed(&desk, &line, "");
    assert_eq!(changed.status.code(), Some(REFUSED), "{}", text(&changed.stderr));
    assert!(changes(&desk).is_empty());
    let ran = fed(&desk, &line, "");
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
    assert_eq!(changes(&desk), ["DELETE /api/v1/namespaces/default/configmaps/settings"]);
}
