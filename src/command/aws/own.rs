//! What of the user's takes part in an aws command: aliases, models of services,
//! plugins.
//!
//! Any of them can make a harmless name do something else: an alias shadows a
//! command, a model in `~/.aws/models` gives `describe-things` the wire name
//! `TerminateInstances`, and a plugin is code. Only an alias can be read as aws
//! reads it; of the others it is only known that they are there.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::python;
use crate::command::{Found, Outside, Wanted};
use crate::ini::{self, Section};

/// Where aws looks for aliases; no variable moves it.
const ALIASES: &str = ".aws/cli/alias";
const CONFIG: &str = ".aws/config";
const MODELS: &str = ".aws/models";

/// The file of aliases, where a home directory is known.
fn alias_file(outside: &Outside<'_>) -> Option<PathBuf> {
    Some(python::home(outside)?.join(ALIASES))
}

fn config_file(outside: &Outside<'_>) -> Option<PathBuf> {
    match outside.environment.non_empty("AWS_CONFIG_FILE") {
        Some(named) => python::path(named, outside),
        None => Some(python::home(outside)?.join(CONFIG)),
    }
}

/// The files that have to be read whatever the arguments are.
pub(super) fn reads(outside: &Outside<'_>) -> Vec<Wanted> {
    let files = [alias_file(outside), config_file(outside)].into_iter().flatten().map(Wanted::File);
    files.chain(model_directories(outside).into_iter().map(Wanted::Directory)).collect()
}

/// The directories in which aws looks for models before its own.
fn model_directories(outside: &Outside<'_>) -> Vec<PathBuf> {
    let mut listed: Vec<OsString> =
        outside.environment.get("AWS_DATA_PATH").map(OsStr::to_owned).into_iter().collect();
    // Which profile counts is not asked: any may be chosen.
    for (_, settings) in config(outside).unwrap_or_default() {
        listed.extend(
            settings.into_iter().filter(|(name, _)| name == "data_path").map(|(_, path)| path.into()),
        );
    }
    let named = listed.iter().flat_map(|list| std::env::split_paths(list).collect::<Vec<_>>());
    let named = named.filter_map(|path| python::path(path.as_os_str(), outside));
    named.chain(python::home(outside).map(|home| home.join(MODELS))).collect()
}

/// The configuration's sections; `None` where there is no file.
fn config(outside: &Outside<'_>) -> Option<Vec<Section>> {
    match outside.files.get(&config_file(outside)?)? {
        Found::Text(bytes) => ini::parse(bytes).ok(),
        _ => None,
    }
}

/// Why `service` may not be what aws ships, in words.
pub(super) fn doubt(service: &str, outside: &Outside<'_>) -> Option<String> {
    if let Some(name) = config(outside).and_then(plugin) {
        return Some(format!("the plugin `{name}` that the configuration names may change any command"));
    }
    model_directories(outside).into_iter().find_map(|directory| modelled(service, &directory, outside))
}

/// The first plugin that the configuration loads.
fn plugin(sections: Vec<Section>) -> Option<String> {
    let (_, settings) = sections.into_iter().find(|(name, _)| name == "plugins")?;
    settings.into_iter().map(|(name, _)| name).find(|name| name != "cli_legacy_plugin_path")
}

/// Whether `directory` holds a model that has a say in `service`.
fn modelled(service: &str, directory: &Path, outside: &Outside<'_>) -> Option<String> {
    let shown = directory.display();
    let names = match outside.files.get(directory)? {
        Found::Names(names) => names,
        Found::Nothing => return None,
        Found::Text(_) | Found::Unreadable(_) => {
            return Some(format!("the models in {shown} cannot be read"));
        }
    };
    let model = match service {
        "s3api" => "s3",
        "deploy" => "codedeploy",
        "configservice" => "config",
        "runtime.sagemaker" => "sagemaker-runtime",
        other => other,
    };
    // What every command is made of.
    let shared = |name: &OsStr| name == "cli.json" || name == "cli.json.gz";
    let found = names.iter().find(|name| name.as_os_str() == model || shared(name))?;
    Some(format!("`{}` comes from {shown}, not from what aws ships", found.to_string_lossy()))
}

/// The aliases of one section: `toplevel`, or `command ec2`.
///
/// # Errors
/// Why the file cannot be read as aws reads it.
pub(super) fn aliases(section: &str, outside: &Outside<'_>) -> Result<Vec<(String, String)>, String> {
    let Some(path) = alias_file(outside) else { return Ok(Vec::new()) };
    let unreadable = |reason: &str| format!("the aliases in {} cannot be read: {reason}", path.display());
    match outside.files.get(&path) {
        None | Some(Found::Nothing) => Ok(Vec::new()),
        Some(Found::Text(bytes)) => {
            let sections = ini::parse(bytes).map_err(|reason| unreadable(&reason))?;
            let section = sections.into_iter().find(|(name, _)| name == section);
            Ok(section.map(|(_, aliases)| aliases).unwrap_or_default())
        }
        Some(Found::Unreadable(reason)) => Err(unreadable(reason)),
        Some(Found::Names(_)) => Err(unreadable("it is a directory")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Files;
    use crate::process::Environment;

    fn doubts(variables: &[(&str, &str)], found: &[(&str, Found)], service: &str) -> Option<String> {
        let environment: Environment = [&[("HOME", "/h")], variables].concat().into_iter().collect();
        let mut files = Files::default();
        for (path, found) in found {
            files.insert(PathBuf::from(path), found.clone());
        }
        doubt(service, &Outside { environment: &environment, files: &files })
    }

    fn names(names: &[&str]) -> Found {
        Found::Names(names.iter().map(OsString::from).collect())
    }

    #[test]
    fn a_model_of_the_users_makes_its_service_doubtful() {
        let models = [("/h/.aws/models", names(&["ec2", "s3", "foo"]))];
        for service in ["ec2", "s3", "s3api", "foo"] {
            assert!(doubts(&[], &models, service).unwrap().contains("/h/.aws/models"), "{service}");
        }
        assert_eq!(doubts(&[], &models, "iam"), None);
        let path = [("AWS_DATA_PATH", "/a:~/b:$HOME/c")];
        for directory in ["/a", "/h/b", "/h/c"] {
            assert!(doubts(&path, &[(directory, names(&["codedeploy"]))], "deploy").is_some(), "{directory}");
        }
        assert_eq!(doubts(&path, &[("/h/d", names(&["codedeploy"]))], "deploy"), None);
    }

    #[test]
    fn what_every_command_is_made_of_makes_every_one_doubtful() {
        assert!(doubts(&[], &[("/h/.aws/models", names(&["cli.json"]))], "iam").is_some());
        let unreadable = [("/h/.aws/models", Found::Unreadable("denied".to_owned()))];
        assert!(doubts(&[], &unreadable, "iam").is_some());
        let config = |text: &str| [("/h/.aws/config", Found::Text(text.into()))];
        let said = doubts(&[], &config("[plugins]\nx = y\n"), "iam").unwrap();
        assert!(said.contains("the plugin `x`"), "{said}");
        assert_eq!(doubts(&[], &config("[plugins]\ncli_legacy_plugin_path = /x\n"), "iam"), None);
        assert_eq!(doubts(&[], &config("[profile plugins]\nx = y\n"), "iam"), None);
    }

    #[test]
    fn a_path_in_the_configuration_is_looked_in() {
        let config = Found::Text("[profile x]\ndata_path = /m\n".into());
        assert!(doubts(&[], &[("/h/.aws/config", config), ("/m", names(&["iam"]))], "iam").is_some());
    }
}
