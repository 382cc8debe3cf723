//! What a command would do, found out by the real kubectl before anybody is asked: what
//! is asked of the server for that, what people are told, and what runs in the end.

mod approved;
mod counted;
mod server;
mod waiting;

use serde_json::{Value, json};

use super::shim::{Caller, Desk};
use crate::support::cluster::Request;
use crate::support::pty::{Pty, PtyCommand};
use crate::support::world::tollgate;

/// An object of the core group, or of `group/v1`.
fn object(api: &str, kind: &str, namespace: &str, name: &str, more: &Value) -> Value {
    let mut object = json!({"apiVersion": api, "kind": kind, "metadata": {"name": name}});
    if !namespace.is_empty() {
        object["metadata"]["namespace"] = json!(namespace);
    }
    for (key, value) in more.as_object().unwrap() {
        if key == "metadata" {
            for (key, value) in value.as_object().unwrap() {
                object["metadata"][key] = value.clone();
            }
        } else {
            object[key] = value.clone();
        }
    }
    object
}

/// A pod with the label `app=NAME`.
fn pod(namespace: &str, name: &str, app: &str) -> Value {
    let more = json!({
        "metadata": {"labels": {"app": app}},
        "spec": {"nodeName": "n1", "containers": [{"name": "c", "image": "nginx"}]},
        "status": {"phase": "Running"},
    });
    object("v1", "Pod", namespace, name, &more)
}

/// That it belongs to what has this uid.
fn owned(mut object: Value, kind: &str, uid: &str) -> Value {
    object["metadata"]["ownerReferences"] =
        json!([{"apiVersion": "v1", "kind": kind, "name": "x", "uid": uid, "controller": true}]);
    object
}

/// What of these asks the server to change something.
fn changes(requests: &[Request]) -> Vec<String> {
    let mut lines: Vec<String> =
        requests.iter().filter(|request| request.changes()).map(Request::line).collect();
    lines.sort();
    lines
}

impl Desk {
    /// The decision and the risk that were recorded last.
    #[track_caller]
    fn last(&self) -> (String, String) {
        let decisions = self.world.recorded("decision");
        let last = decisions.last().unwrap();
        let text = |key: &str| last[key].as_str().unwrap().to_owned();
        (text("decision"), text("risk"))
    }

    /// The requests that wait, by their ids.
    fn waiting(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.world.state().join("pending")).into_iter().flatten();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter_map(|name| name.strip_suffix(".request").map(str::to_owned)).collect()
    }

    /// A program of a human at a terminal.
    fn at_terminal(&self, program: &std::path::Path, words: &[&str]) -> Pty {
        let command = PtyCommand::new(program).args(words);
        let command = self.world.in_terminal(command).env("PATH", self.search_path(&[]));
        command.env("KUBECONFIG", self.world.path("kubeconfig")).start()
    }

    /// Has a human agree to the one request that waits; what was shown.
    #[track_caller]
    fn agree(&self) -> String {
        let waiting = self.waiting();
        let [id] = waiting.as_slice() else { panic!("{waiting:?}") };
        let mut terminal = self.at_terminal(tollgate(), &["approve", id]);
        let mut shown = terminal.expect("Type `");
        let word = terminal.expect("` to let it run once: ");
        terminal.send_line(&word);
        let (rest, code) = terminal.wait();
        assert_eq!(code, 0, "{shown}{rest}");
        shown.push_str(&rest);
        shown
    }

    /// What an agent is told that asks for it, and its decision and risk.
    #[track_caller]
    fn asked(&self, line: &str) -> (String, String, String) {
        let told = self.assert_refused(line, Caller::Agent);
        let (decision, risk) = self.last();
        (told, decision, risk)
    }
}
