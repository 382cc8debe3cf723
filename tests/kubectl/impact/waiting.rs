//! Where a command would lead while somebody is asked about it.

use serde_json::{Value, json};

use super::{Desk, changes};
use crate::kubectl::shim::Caller;
use crate::support::cluster::Cluster;
use crate::support::world::{REFUSED, is_human};

const LINE: [&str; 3] = ["delete", "pod", "web"];

/// What is done to the kubeconfig, and what is said where nothing runs for it.
type Edit = (fn(&mut Value), Option<&'static str>);

const EDITS: [Edit; 6] = [
    (|config| config["current-context"] = json!("fake-prod"), Some("context was fake, is fake-prod")),
    (
        |config| config["contexts"][0]["context"]["namespace"] = json!("prod"),
        Some("namespace was default, is prod"),
    ),
    (
        |config| config["clusters"][0]["cluster"]["server"] = json!("https://127.0.0.1:1"),
        Some("is https://127.0.0.1:1"),
    ),
    (
        |config| config["clusters"][0]["cluster"]["proxy-url"] = json!("http://127.0.0.1:1"),
        Some("kubeconfig.cluster was "),
    ),
    (|config| config["users"][0]["user"]["token"] = json!("other"), Some("kubeconfig.user was ")),
    (|config| config["users"][1]["user"]["token"] = json!("x"), None),
];

#[test]
fn where_it_leads_is_looked_at_again_before_it_runs() {
    if !is_human() {
        return;
    }
    for (edit, told) in EDITS {
        let Some(desk) = Desk::new() else { return };
        let mut kubeconfig = desk.cluster.kubeconfig();
        let someone = &kubeconfig["users"][0];
        kubeconfig["users"] = json!([someone, {"name": "else", "user": {"token": "y"}}]);
        desk.world.write("kubeconfig", &kubeconfig.to_string());
        let mut terminal = desk.at_terminal(&desk.shim(), &LINE);
        terminal.expect("Run it? [y/N] ");
        edit(&mut kubeconfig);
        desk.world.write("kubeconfig", &kubeconfig.to_string());
        desk.cluster.take();
        terminal.send_line("y");
        let (said, code) = terminal.wait();
        let Some(told) = told else {
            assert_eq!((code, changes(&desk.cluster.take()).len()), (0, 1), "{said}");
            continue;
        };
        assert_eq!((code, changes(&desk.cluster.take())), (REFUSED, Vec::new()), "{told}: {said}");
        assert!(
            said.contains("the identity changed while this waited") && said.contains(told),
            "{told}: {said}"
        );
    }
}

#[test]
fn a_cluster_that_is_trusted_otherwise_is_another_one() {
    if !is_human() {
        return;
    }
    let other = Cluster::start_with_tls().trusting();
    let Some(desk) = Desk::before(Cluster::start_with_tls()) else { return };
    let mut kubeconfig = desk.cluster.trusting();
    desk.world.write("kubeconfig", &kubeconfig.to_string());
    let asked = |kubeconfig: &mut Value| {
        let mut terminal = desk.at_terminal(&desk.shim(), &LINE);
        let shown = terminal.expect("Run it? [y/N] ");
        assert!(shown.contains("ca sha256:"), "{shown}");
        let data = &other["clusters"][0]["cluster"]["certificate-authority-data"];
        kubeconfig["clusters"][0]["cluster"]["certificate-authority-data"] = data.clone();
        desk.world.write("kubeconfig", &kubeconfig.to_string());
        terminal.send_line("y");
        terminal.wait()
    };
    let (said, code) = asked(&mut kubeconfig);
    assert_eq!((code, changes(&desk.cluster.take())), (REFUSED, Vec::new()), "{said}");
    assert!(said.contains("the identity changed while this waited: ca was sha256:"), "{said}");
    // What was approved for the one is not for the other.
    desk.world.write("kubeconfig", &desk.cluster.trusting().to_string());
    let line = LINE.join(" ");
    desk.asked(&line);
    desk.agree();
    desk.world.write("kubeconfig", &kubeconfig.to_string());
    desk.asked(&line);
    assert_eq!(desk.waiting().len(), 2);
    desk.world.write("kubeconfig", &desk.cluster.trusting().to_string());
    let (ran, requests) = desk.finish(desk.command("kubectl".as_ref(), &line, Caller::Agent));
    assert_eq!((ran.code, changes(&requests).len()), (Some(0), 1), "{ran:?}");
}

/// What is swapped before anybody is asked was not looked at either.
#[test]
fn a_file_that_is_swapped_while_it_is_looked_at_is_not_asked_about() {
    let Some(desk) = Desk::before(Cluster::start_with_tls()) else { return };
    // Whoever logs in for the looks swaps it.
    let script = "cp y.yaml x.yaml; echo '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\
        \"kind\":\"ExecCredential\",\"status\":{\"token\":\"t\"}}'";
    let mut kubeconfig = desk.cluster.kubeconfig();
    kubeconfig["users"][0]["user"] = json!({"exec": {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "sh",
        "args": ["-c", script],
        "interactiveMode": "Never",
    }});
    desk.world.write("kubeconfig", &kubeconfig.to_string());
    let manifest = |colour: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x}}\ndata: {{colour: {colour}}}\n")
    };
    for (swapped, told) in [(manifest("red"), true), (manifest("blue"), false)] {
        desk.world.write("network/x.yaml", &manifest("blue"));
        desk.world.write("network/y.yaml", &swapped);
        let line = "apply -n prod -f x.yaml";
        let (ran, requests) = desk.finish(desk.command("kubectl".as_ref(), line, Caller::Agent));
        assert_eq!((ran.code, changes(&requests)), (Some(REFUSED), Vec::new()), "{ran:?}");
        let said = ran.stderr.contains("x.yaml changed while it was looked at");
        assert_eq!(said, told, "{}", ran.stderr);
        assert_eq!(desk.waiting().len(), usize::from(!told), "{}", ran.stderr);
    }
}

#[test]
fn a_file_that_comes_to_name_something_else_is_not_deleted_by() {
    let manifest = |namespace: &str, names: &[&str]| {
        let one = |name: &&str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}});
        json!({"apiVersion": "v1", "kind": "List", "items": names.iter().map(one).collect::<Vec<_>>()})
            .to_string()
    };
    if !is_human() {
        return;
    }
    for (then, told) in [
        (
            manifest("default", &["settings", "other"]),
            Some("something else than while this waited: configmaps default/other"),
        ),
        (manifest("prod", &["settings"]), Some("namespace was default, is default, prod")),
        (manifest("default", &["settings"]), None),
    ] {
        let Some(desk) = Desk::new() else { return };
        desk.cluster.put(super::object("v1", "ConfigMap", "default", "other", &json!({})));
        desk.world.write("network/some.json", &manifest("default", &["settings"]));
        let mut terminal = desk.at_terminal(&desk.shim(), &["delete", "-f", "some.json"]);
        let asked = terminal.expect("to run it: ");
        desk.world.write("network/some.json", &then);
        desk.cluster.take();
        terminal.send_line(asked.rsplit('`').nth(1).unwrap());
        let (said, code) = terminal.wait();
        let changed = changes(&desk.cluster.take());
        match told {
            Some(told) => {
                assert_eq!((code, changed), (REFUSED, Vec::new()), "{said}");
                assert!(said.contains(told), "{said}");
            }
            None => assert_eq!((code, changed.len()), (0, 1), "{said}"),
        }
    }
}
