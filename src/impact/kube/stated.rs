//! What manifests say by themselves, before any server is asked: rights that they grant, and
//! workloads that they leave without a replica. Where the server is asked, what it says of
//! the change is judged in place of this: what is there already is nothing new.
//!
//! What they expose is left to the server: a service that is reached from outside is what
//! most manifests are written for, and in a guarded place they are looked at anyway.

use std::path::Path;

use serde_json::Value;

use super::changed::exposing;
use super::objects::Item;
use crate::command::Command;
use crate::command::declared::{OBJECT, change};
use crate::context::kube::manifests;

/// The changes that the manifests of `command`, started in `directory`, make. `None` where some of
/// them cannot be read.
pub fn changes(command: &Command, directory: &Path) -> Option<Vec<Command>> {
    let is_new = command.path == ["create"];
    let mut changes = Vec::new();
    for object in manifests::objects(command, directory)? {
        let item = serde_json::to_value(&object).and_then(serde_json::from_value::<Item>);
        match item {
            Ok(item) => changes.extend(of(&item, is_new)),
            // No object, and nothing that kubectl would send.
            Err(_) if !object.is_mapping() => {}
            // The server takes none of these, nor does anybody know what it takes of the others.
            Err(_) => changes.push(change(OBJECT, ["unknown", "changes", "-"])),
        }
    }
    Some(changes)
}

fn of(item: &Item, is_new: bool) -> Vec<Command> {
    let object = item.object();
    let granted = exposing::findings(&object, None, item).into_iter().filter(|one| one.action == "grant");
    let mut changes: Vec<Command> =
        granted.map(|one| object.change(one.action, &[("by", one.by.clone())])).collect();
    let is_none = |replicas: &Value| replicas.as_f64() == Some(0.0);
    if !is_new && item.at("spec/replicas").is_some_and(is_none) {
        changes.push(object.change("scale-to-zero", &[]));
    }
    changes
}
