//! The files in which terraform keeps a state on this machine. What is in one decides what
//! a command destroys, as much as the configuration does.

use std::path::{Path, PathBuf};

use crate::command::Command;
use crate::context::backend;
use crate::context::target::Target;
use crate::files;
use crate::process::absolute;
use crate::verdict::Fact;

/// What terraform calls the file, and the directory of those of other workspaces.
pub(super) const NAME: &str = "terraform.tfstate";
const WORKSPACES: &str = "terraform.tfstate.d";

/// The largest file that tells of the backend, in bytes.
const FILE_LIMIT: u64 = 1 << 20;

/// The states that `command` may use in `root`: those that it names, and where `data` tells
/// of no other backend than `local`, that of each workspace.
pub(super) fn of(command: &Command, target: &Target, root: &Path, data: &Path) -> Vec<PathBuf> {
    let named = ["-state", "-state-out"].into_iter().flat_map(|name| command.values(name)).flatten();
    let mut states: Vec<PathBuf> =
        named.filter(|path| !path.is_empty()).map(|path| absolute(root, Path::new(path))).collect();
    // What cannot be read is told with the target, and says nothing of another backend.
    let recorded = files::read(&data.join(NAME), FILE_LIMIT).ok().flatten().unwrap_or_default();
    let config = match backend::recorded(&recorded) {
        Ok(Some((kind, config))) if kind == "local" => Some(config),
        Ok(Some(_)) => return states,
        _ => None,
    };
    let text = |key: &str| {
        let text = config.as_ref()?.get(key)?.as_str();
        text.filter(|text| !text.is_empty())
    };
    let workspaces = root.join(text("workspace_dir").unwrap_or(WORKSPACES));
    states.push(root.join(text("path").unwrap_or(NAME)));
    let others = target.values(Fact::Workspace).filter(|name| *name != "default");
    states.extend(others.map(|name| workspaces.join(name).join(NAME)));
    states
}

/// The paths of states that a configuration names: of a backend `local`, and where it
/// reads another's state. `words` is its text, taken apart at the quotes.
pub(super) fn named<'a>(words: &[&'a str]) -> Vec<&'a str> {
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate().skip(1) {
        let before = |back: usize| at.checked_sub(back).and_then(|at| words.get(at));
        let is_backend = |text: &&str| text.trim_end_matches(['=', ' ', '\t']).ends_with("backend");
        // In JSON the name is in quotes of its own.
        if *word != "local" || ![before(1), before(2)].into_iter().flatten().any(is_backend) {
            continue;
        }
        let mut is_path = false;
        for word in words.iter().skip(at + 1) {
            if is_path && !word.trim_matches([':', ' ', '\t', '\n', '\r']).is_empty() {
                found.push(*word);
                is_path = false;
            } else if word.contains('}') && !word.contains("${") {
                break;
            } else if !is_path {
                is_path = word.trim_end_matches(['=', ' ', '\t']).ends_with("path");
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_paths_of_states_are_found_in_a_configuration() {
        for (text, expected) in [
            ("terraform {\n  backend \"local\" {\n    path = \"../x.state\"\n  }\n}\n", &["../x.state"][..]),
            (
                "backend \"local\" {\n workspace_dir = \"ws\"\n path=\"${path.module}/x\" }",
                &["${path.module}/x"],
            ),
            (
                "data \"terraform_remote_state\" \"n\" { backend = \"local\"\n config = { path = \"n/s\" } }",
                &["n/s"],
            ),
            (r#"{"terraform":{"backend":{"local":{"path": "a.state"}}}}"#, &["a.state"]),
            (r#"{"backend":"local","config":{"path":"b"}}"#, &["b"]),
            ("backend \"local\" {}\nmodule \"m\" { path = \"no\" }", &[]),
            ("backend \"s3\" { path = \"no\" }", &[]),
            ("x = \"local\"\npath = \"no\"", &[]),
        ] {
            let words: Vec<&str> = text.split('"').collect();
            assert_eq!(named(&words), expected, "{text}");
        }
    }
}
