//! `drain`: the pods that would have to go, and those that nobody brings back.

use std::ffi::OsString;

use super::looks::Looks;
use super::objects::{Item, Object};
use super::report::Report;
use super::words::Words;

pub(super) fn find(words: Words<'_>, looks: &Looks<'_>, report: &mut Report) {
    match nodes(words, looks) {
        Ok(nodes) => {
            for node in nodes {
                one(words, looks, &node, report);
            }
        }
        Err(why) => report.unknown("count", &why),
    }
}

/// The nodes that are named, or that a selector chooses.
fn nodes(words: Words<'_>, looks: &Looks<'_>) -> Result<Vec<String>, String> {
    if words.has("--selector") {
        let question = words.question(&["get", "nodes"], &["selector"], &["--output=name"], []);
        return Ok(looks.names(question)?.into_iter().map(|node| node.name).collect());
    }
    let name = |operand: &OsString| {
        // `node/n1`, `no/n1`, `nodes.v1/n1`.
        let name = operand.to_string_lossy();
        name.rsplit('/').next().unwrap_or(&name).to_owned()
    };
    Ok(words.command().operands.iter().map(name).collect())
}

fn one(words: Words<'_>, looks: &Looks<'_>, node: &str, report: &mut Report) {
    if !is_name(node) {
        return report.unknown(&format!("pods on node {node}"), "it is no name that a node can have");
    }
    let on_node = format!("--field-selector=spec.nodeName={node}");
    let chosen = words.value("--pod-selector").map(|selector| format!("--selector={selector}"));
    let flags: Vec<&str> =
        ["--all-namespaces", &on_node, "--output=json"].into_iter().chain(chosen.as_deref()).collect();
    let pods = match looks.items(words.question(&["get", "pods"], &[], &flags, [])) {
        Ok(pods) => pods,
        Err(why) => return report.unknown(&format!("pods on node {node}"), &why),
    };
    // A pod of the node's own is not touched, and one of a daemon set comes back at once.
    let stays = |pod: &&Item| matches!(pod.controller(), Some("DaemonSet" | "Node"));
    let (staying, going): (Vec<&Item>, Vec<&Item>) = pods.iter().partition(stays);
    let (mut alone, mut losing) = (0, 0);
    for pod in &going {
        let (is_alone, loses) = (pod.controller().is_none(), keeps_in_node(pod));
        alone += usize::from(is_alone);
        losing += usize::from(loses);
        tell(words, &pod.object(), (is_alone, loses), report);
    }
    report.first(format!(
        "evicts {} from node {node}: {alone} without a controller, {losing} with an emptyDir; {} of daemon sets or of the node itself stay",
        if going.len() == 1 { "1 pod".to_owned() } else { format!("{} pods", going.len()) },
        staying.len()
    ));
}

/// Whether a node can have this name: nothing else may stand in a field selector.
fn is_name(node: &str) -> bool {
    !node.is_empty() && node.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte))
}

/// Whether it keeps something that ends with it.
fn keeps_in_node(pod: &Item) -> bool {
    let volumes = pod.at("spec/volumes").and_then(|volumes| volumes.as_array());
    volumes.is_some_and(|volumes| volumes.iter().any(|volume| volume.get("emptyDir").is_some()))
}

fn tell(words: Words<'_>, pod: &Object, (alone, loses): (bool, bool), report: &mut Report) {
    let mut fields = Vec::new();
    // Without these flags kubectl refuses to go on at such a pod.
    if alone && words.is_on("--force") {
        fields.push(("unmanaged", "true".to_owned()));
    }
    if loses && (words.is_on("--delete-emptydir-data") || words.is_on("--delete-local-data")) {
        fields.push(("emptydir", "true".to_owned()));
    }
    report.happens("evict", pod, &fields);
    let mut line = pod.shown();
    if alone {
        line.push_str(": no controller, so it does not come back");
    }
    if loses {
        line.push_str(": what is in its emptyDir is lost");
    }
    if alone || loses { report.grave(line) } else { report.line(line) }
}
