//! What a kustomization says of namespaces: the one that it puts everything in, else those
//! of its resources, and of what its patches and counts of replicas set. Before it is applied, what
//! kubectl makes of all of it is judged (`impact::kube::fed`); this is for who asks beforehand. What
//! comes from elsewhere, and what makes objects by other means, is said to be unread.

use std::path::Path;

use serde_yaml::Value;

use super::{DEPTH, FILES, Manifests, What, documents, single};

/// What its file may be called.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// Where it names others of its kind, and manifests.
const RESOURCES: [&str; 3] = ["resources", "bases", "components"];

/// What else may stand there: names, labels, values, and data that containers are given.
const HARMLESS: [&str; 23] = [
    "apiVersion",
    "buildMetadata",
    "commonAnnotations",
    "commonLabels",
    "configMapGenerator",
    "configurations",
    "crds",
    "generatorOptions",
    "imageTags",
    "images",
    "kind",
    "labels",
    "metadata",
    "namePrefix",
    "nameSuffix",
    "namespace",
    "openapi",
    "patches",
    "patchesJson6902",
    "patchesStrategicMerge",
    "replacements",
    "secretGenerator",
    "sortOptions",
];

/// The same where they are read here.
const READ: [&str; 2] = ["replicas", "vars"];

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
                if is_elsewhere(name) && !path.exists() {
                    if !self.is_built {
                        self.unread(&path, "what is fetched is not read");
                    }
                } else if path.is_dir() {
                    self.kustomization(&path, below, depth + 1);
                } else {
                    self.file(&path, below);
                }
                if self.files > FILES {
                    return;
                }
            }
            self.changes(document, directory);
        }
    }

    /// What it sets in the objects that others make.
    fn changes(&mut self, document: &Value, directory: &Path) {
        let is_known = |key: &&str| {
            let known = RESOURCES.iter().chain(&HARMLESS).chain(&READ);
            known.into_iter().any(|one| one == key)
        };
        let keys = document.as_mapping().into_iter().flat_map(|fields| fields.keys());
        for key in keys.filter_map(Value::as_str).filter(|key| !is_known(key)) {
            self.unread(directory, &format!("what `{key}` makes of it is not read"));
        }
        let list = |key: &str| document.get(key).and_then(Value::as_sequence).into_iter().flatten();
        for entry in list("replicas") {
            let (Some(name), Some(count)) = (entry.get("name"), entry.get("count")) else { continue };
            let of = |key: &str, value: Value| Value::Mapping([(key.into(), value)].into_iter().collect());
            let mut object = of("metadata", of("name", name.clone()));
            if let Some(fields) = object.as_mapping_mut() {
                fields
                    .extend([("apiVersion".into(), "apps/v1".into()), ("kind".into(), "Deployment".into())]);
                fields.insert("spec".into(), of("replicas", count.clone()));
            }
            self.objects.iter_mut().for_each(|objects| objects.push(object.clone()));
        }
        let said = list("patches").filter_map(|one| one.get("patch").or_else(|| one.get("path")));
        for patch in said.chain(list("patchesStrategicMerge")).filter_map(Value::as_str) {
            self.patch(patch, directory);
        }
    }

    /// A patch that is a part of an object, as it stands there or in a file. What a list of operations
    /// does is not read.
    fn patch(&mut self, patch: &str, directory: &Path) {
        let file = directory.join(patch);
        let found = if !patch.contains('\n') && file.is_file() {
            self.documents(&file)
        } else {
            documents(patch.as_bytes())
        };
        if let Some(objects) = &mut self.objects {
            let parts = found.into_iter().flatten().filter(|part| part.get("kind").is_some());
            parts.for_each(|part| single(part, objects));
        }
    }
}

/// Whether kustomize fetches it, where there is nothing of that name.
pub(super) fn is_elsewhere(name: &str) -> bool {
    let hosts = ["github.com/", "git@", "bitbucket.org/", "gitlab.com/"];
    name.contains("://")
        || name.contains("?ref=")
        || name.contains(".git/")
        || hosts.iter().any(|host| name.starts_with(host))
}
