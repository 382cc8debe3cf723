//! What a kustomization says of namespaces: the one that it puts everything in, else those
//! of its resources. What its patches and generators make of them is not read.

use std::path::Path;

use serde_yaml::Value;

use super::{DEPTH, FILES, Manifests, What};

/// What its file may be called.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Where it names others of its kind, and manifests.
const RESOURCES: [&str; 3] = ["resources", "bases", "components"];

impl Manifests {
    /// What the kustomization in a directory says.
    pub(super) fn kustomization(&mut self, directory: &Path, what: What, depth: usize) {
        if depth > DEPTH {
            return self.unread(directory, "too deep to be read");
        }
        let file = NAMES.iter().map(|name| directory.join(name)).find(|file| file.is_file());
        let Some(documents) = file.and_then(|file| self.documents(&file)) else { return };
        for document in &documents {
            let place = document.get("namespace").and_then(Value::as_str).filter(|name| !name.is_empty());
            // Where everything is put, nothing stays where it was; a namespace keeps its name.
            let below = if place.is_some() { What::OwnName } else { what };
            if what == What::Everything {
                self.namespaces.extend(place.map(str::to_owned));
            }
            let lists = RESOURCES.iter().filter_map(|key| document.get(key)?.as_sequence());
            for name in lists.flatten().filter_map(Value::as_str) {
                let path = directory.join(name);
                if path.is_dir() {
                    self.kustomization(&path, below, depth + 1);
                } else {
                    self.file(&path, below);
                }
                if self.files > FILES {
                    return;
                }
            }
        }
    }
}
