//! What of the user's takes part in an aws command: aliases, models of services,
//! plugins.
//!
//! Any of them can make a harmless name do something else: an alias shadows a
//! command, a model in `~/.aws/models` gives `describe-things` the wire name
//! `TerminateInstances`, and a plugin is code. Only an alias can be read as aws
//! reads it; of the others it is only known that they are there.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::command::{Found, Outside, Wanted};
use crate::ini::{self, Value};
use crate::python;

/// Where aws looks for aliases; no variable moves it.
const ALIASES: &str = "~/.aws/cli/alias";
const CONFIG: &str = "~/.aws/config";
const MODELS: &str = "~/.aws/models";

/// `path` with `~` replaced. `None` where another user's home would have to be
/// known.
pub(super) fn with_home(path: OsString, outside: &Outside<'_>) -> Option<OsString> {
    let own = |name: &str| outside.files.home().filter(|_| name.is_empty()).map(OsString::from);
    let path = python::with_home(path, outside.environment, own);
    Some(path).filter(|path| !path.as_encoded_bytes().starts_with(b"~"))
}

/// Where a setting leads: variables first, then `~`.
fn path(written: &OsStr, outside: &Outside<'_>) -> Option<PathBuf> {
    with_home(python::with_variables(written, outside.environment), outside).map(PathBuf::from)
}

fn alias_file(outside: &Outside<'_>) -> Option<PathBuf> {
    with_home(ALIASES.into(), outside).map(PathBuf::from)
}

/// The files that have to be read whatever the arguments are.
pub(super) fn reads(outside: &Outside<'_>) -> Vec<Wanted> {
    let own = Own::read(outside);
    let files = [alias_file(outside), config_file(outside)].into_iter().flatten().map(Wanted::File);
    files.chain(own.models.into_iter().map(Wanted::Directory)).collect()
}

fn config_file(outside: &Outside<'_>) -> Option<PathBuf> {
    path(outside.environment.get("AWS_CONFIG_FILE").unwrap_or(OsStr::new(CONFIG)), outside)
}

/// What the configuration brings in.
#[derive(Debug, Default)]
pub(super) struct Own {
    /// The first plugin that it loads.
    plugin: Option<String>,
    /// Whether v2 may ask for the command.
    pub(super) prompts: bool,
    /// The directories in which aws looks for models before its own.
    models: Vec<PathBuf>,
}

impl Own {
    /// What was found of it.
    pub(super) fn read(outside: &Outside<'_>) -> Self {
        let mut own = Self::default();
        let variable = outside.environment.get("AWS_DATA_PATH").map(OsStr::to_owned);
        let mut listed: Vec<OsString> = variable.into_iter().collect();
        let config = config_file(outside).and_then(|path| outside.files.get(&path));
        // One that cannot be read stops aws; the target says so.
        let sections = match config {
            Some(Found::Text(bytes)) if may_matter(bytes) => ini::parse(bytes).unwrap_or_default(),
            _ => Vec::new(),
        };
        for (name, mut settings) in sections {
            if name == "plugins" {
                let mut names = settings.keys().filter(|name| *name != "cli_legacy_plugin_path");
                own.plugin = names.next().cloned();
            }
            // Which profile counts is not asked: any may be chosen.
            own.prompts |=
                settings.get("cli_auto_prompt").is_some_and(|value| *value != Value::Text("off".to_owned()));
            if let Some(Value::Text(path)) = settings.remove("data_path") {
                listed.push(path.into());
            }
        }
        let paths = listed.iter().flat_map(|list| std::env::split_paths(list).collect::<Vec<_>>());
        let paths = paths.chain([PathBuf::from(MODELS)]);
        own.models = paths.filter_map(|one| path(one.as_os_str(), outside)).collect();
        own
    }

    /// Why `service` may not be what aws ships, in words.
    pub(super) fn doubt(&self, service: &str, outside: &Outside<'_>) -> Option<String> {
        if let Some(name) = &self.plugin {
            return Some(format!("the plugin `{name}` that the configuration names may change any command"));
        }
        self.models.iter().find_map(|directory| modelled(service, directory, outside))
    }
}

/// Whether a configuration has a word that is looked for here. Most have not, and
/// some have hundreds of profiles.
fn may_matter(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    ["plugins", "data_path", "cli_auto_prompt"].iter().any(|word| text.contains(word))
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
    let unreadable = |reason: &dyn std::fmt::Display| {
        format!("the aliases in {} cannot be read: {reason}", path.display())
    };
    match outside.files.get(&path) {
        None | Some(Found::Nothing) => Ok(Vec::new()),
        Some(Found::Text(bytes)) => {
            let sections = ini::parse_flat(bytes).map_err(|reason| unreadable(&reason))?;
            let section = sections.into_iter().find(|(name, _)| name == section);
            let aliases = section.into_iter().flat_map(|(_, aliases)| aliases);
            Ok(aliases
                .filter_map(|(name, value)| match value {
                    Value::Text(text) => Some((name, text)),
                    Value::Block(_) => None,
                })
                .collect())
        }
        Some(Found::Unreadable(reason)) => Err(unreadable(reason)),
        Some(Found::Names(_)) => Err(unreadable(&"it is a directory")),
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
        let outside = Outside { environment: &environment, files: &files };
        Own::read(&outside).doubt(service, &outside)
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
