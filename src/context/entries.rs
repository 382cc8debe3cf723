//! What a command reads of configurations and beside its arguments, as far as it decides
//! where and as whom it acts: what an approval has to be bound to.
//!
//! Only what is used: an edit of another context or profile changes nothing here, and one
//! that leads this one elsewhere does.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::command::Command;
use crate::context::target::Target;
use crate::process::Environment;

/// What was found.
#[derive(Debug, Default)]
pub struct Entries {
    /// Parts of configurations by name, written in one way. They may hold secrets.
    pub parts: BTreeMap<String, String>,
    /// Files that are read whole. One that is missing is known to be.
    pub files: BTreeSet<PathBuf>,
    /// The states that a tool keeps on this machine, each read whole.
    pub states: BTreeSet<PathBuf>,
    /// Files that are read together, by what they are.
    pub groups: BTreeMap<String, BTreeSet<PathBuf>>,
    /// What files come to of which the bytes do not count, in a spelling of its own; empty
    /// where that is the same as no file.
    pub meanings: BTreeMap<PathBuf, String>,
    /// Files of which only the parts above count.
    pub partly: BTreeSet<PathBuf>,
    /// What is read as well and cannot be found, in words.
    pub notes: BTreeSet<&'static str>,
    /// Why something cannot be told.
    pub unread: Vec<String>,
}

impl Entries {
    /// Adds a part of a configuration.
    pub(super) fn put(&mut self, name: impl Into<String>, value: &Value) {
        self.parts.insert(name.into(), sorted(value).to_string());
    }
}

/// `value` with the names of every object in order, whatever the build made of maps.
pub(super) fn sorted(value: &Value) -> Value {
    let mut value = value.clone();
    value.sort_all_objects();
    value
}

/// Where a command is started.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The variables that it is started with.
    pub environment: &'a Environment,
    /// The working directory.
    pub directory: &'a Path,
}

/// What `command`, which acts on `target`, reads. `variables` are those that the tool is
/// known to heed, by name: they tell of a tool without a grammar what it may read.
pub fn of(
    command: &Command,
    target: &Target,
    here: Surroundings<'_>,
    heeds: &dyn Fn(&str) -> bool,
) -> Entries {
    let mut entries = Entries::default();
    let tool = command.tool.as_str();
    match tool {
        "terraform" | "tofu" | "terragrunt" => super::terraform::entries(command, target, here, &mut entries),
        "kubectl" | "helm" => super::kube::entries(command, here, &mut entries),
        "aws" => super::aws::entries(command, here, &mut entries),
        _ => {
            if heeds("KUBECONFIG") {
                super::kube::entries(command, here, &mut entries);
            }
            if heeds("AWS_PROFILE") {
                super::aws::entries_of([], here, &mut entries);
            }
        }
    }
    entries
}
