//! A directory with real states, made once and copied for each run.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tollgate::process::Environment;

use super::real::{os, run, surroundings};

/// `two` depends on `one`, so that terraform reports them in one order.
const CONFIGURATION: &str = r#"
resource "terraform_data" "one" {
  input = "1"
}
resource "terraform_data" "two" {
  input      = "2"
  depends_on = [terraform_data.one]
}
output "one" {
  value = terraform_data.one.output
}
"#;

/// What an apply would change: one resource goes, one changes, one is new.
const LATER: &str = r#"
resource "terraform_data" "one" {
  input = "changed"
}
resource "terraform_data" "three" {
  input = "3"
}
"#;

/// An initialised project with a second workspace and a second root module.
pub(super) struct Project {
    root: tempfile::TempDir,
}

impl Project {
    /// Two resources in `default`, in the workspace `other`, and in the root
    /// module `sub`; nothing to change.
    pub(super) fn applied(terraform: &Path) -> Self {
        let root = tempfile::tempdir().unwrap();
        let sub = root.path().join("sub");
        fs::create_dir(&sub).unwrap();
        for directory in [root.path(), &sub] {
            fs::write(directory.join("main.tf"), CONFIGURATION).unwrap();
            let call = |line: &str| {
                let arguments = os(&line.split(' ').collect::<Vec<_>>());
                let outcome = run(terraform, directory, &arguments, &surroundings(root.path()), b"");
                assert_eq!(outcome.code, Some(0), "{line}: {outcome:?}");
            };
            call("init -input=false");
            call("apply -auto-approve -parallelism=1");
            if directory == root.path() {
                call("workspace new other");
                call("apply -auto-approve -parallelism=1");
                call("workspace new empty");
                call("workspace select default");
                call("plan -destroy -out=destroy.tfplan");
            }
        }
        Self { root }
    }

    /// The same, with a configuration that differs from the state, files that
    /// hostile command lines name, and a root module `moved` whose backend has
    /// not been initialised.
    pub(super) fn changed(terraform: &Path) -> Self {
        let project = Self::applied(terraform);
        let root = project.path();
        fs::write(root.join("main.tf"), LATER).unwrap();
        // The same lineage without resources and with a higher serial, so that
        // a push of it is accepted.
        let mut state: Value =
            serde_json::from_slice(&fs::read(root.join("terraform.tfstate")).unwrap()).unwrap();
        state["resources"] = Value::Array(Vec::new());
        state["serial"] = 99.into();
        fs::write(root.join("hollow.json"), state.to_string()).unwrap();
        fs::copy(root.join("terraform.tfstate"), root.join("copy.tfstate")).unwrap();
        // Plans under names that look like commands.
        for name in ["apply", "xapply"] {
            fs::copy(root.join("destroy.tfplan"), root.join(name)).unwrap();
        }
        let moved = root.join("moved");
        fs::create_dir(&moved).unwrap();
        let backend = "terraform {\n  backend \"local\" {\n    path = \"../copy.tfstate\"\n  }\n}\n";
        fs::write(moved.join("main.tf"), format!("{backend}{CONFIGURATION}")).unwrap();
        fs::copy(root.join("sub/terraform.tfstate"), moved.join("terraform.tfstate")).unwrap();
        project
    }

    pub(super) fn path(&self) -> &Path {
        self.root.path()
    }

    /// A copy to do with as one likes.
    pub(super) fn copy(&self) -> tempfile::TempDir {
        let copy = tempfile::tempdir().unwrap();
        copy_tree(self.path(), copy.path());
        copy
    }
}

fn copy_tree(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            copy_tree(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
}

/// Every state below a directory: what it holds, byte by byte and instance by
/// instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct States(BTreeMap<PathBuf, (Vec<u8>, BTreeSet<String>)>);

impl States {
    pub(super) fn below(root: &Path) -> Self {
        let mut files = Vec::new();
        collect(root, &mut files);
        let read = |path: PathBuf| {
            let bytes = fs::read(&path).ok()?;
            let document: Value = serde_json::from_slice(&bytes).ok()?;
            document.get("lineage").and_then(|_| document.get("resources"))?;
            let instances = instances(&document);
            Some((path.strip_prefix(root).unwrap().to_path_buf(), (bytes, instances)))
        };
        Self(files.into_iter().filter_map(read).collect())
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// What is not in `after` any more: instances, by state, and states that
    /// held something. A backup's loss is a change, no loss.
    pub(super) fn lost(&self, after: &Self) -> Vec<String> {
        let mut lost = Vec::new();
        for (path, (_, before)) in &self.0 {
            if path.to_string_lossy().ends_with(".backup") {
                continue;
            }
            match after.0.get(path) {
                None => lost.push(format!("{} is gone", path.display())),
                Some((_, after)) => {
                    lost.extend(before.difference(after).map(|one| format!("{one} of {}", path.display())));
                }
            }
        }
        lost
    }
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let kind = entry.file_type().unwrap();
        // The data directory holds the pointer to the workspace, no state.
        if kind.is_dir() && entry.file_name() != ".terraform" {
            collect(&entry.path(), files);
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
}

/// Each instance by its address and its id: a replaced one is another.
fn instances(state: &Value) -> BTreeSet<String> {
    let none = Vec::new();
    let array = |value: &Value, key: &str| value.get(key).and_then(Value::as_array).unwrap_or(&none).clone();
    let mut found = BTreeSet::new();
    for resource in array(state, "resources") {
        for instance in array(&resource, "instances") {
            found.insert(format!(
                "{}.{}[{}] id {}",
                resource["type"], resource["name"], instance["index_key"], instance["attributes"]["id"]
            ));
        }
    }
    found
}

/// The variables of a case upon those that every run has.
pub(super) fn environment(home: &Path, variables: &Environment) -> Environment {
    let mut environment = surroundings(home);
    for (name, value) in variables.iter() {
        environment.set(name, value);
    }
    environment
}
