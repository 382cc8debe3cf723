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
const CREDENTIALS: &str = "~/.aws/credentials";
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

fn config_file(outside: &Outside<'_>) -> Option<PathBuf> {
    path(outside.environment.get("AWS_CONFIG_FILE").unwrap_or(OsStr::new(CONFIG)), outside)
}

fn credentials_file(outside: &Outside<'_>) -> Option<PathBuf> {
    let named = outside.environment.get("AWS_SHARED_CREDENTIALS_FILE");
    path(named.unwrap_or(OsStr::new(CREDENTIALS)), outside)
}

/// What was found of the user's.
#[derive(Debug, Default)]
pub(super) struct Own {
    /// Why something of it is not known.
    unread: Option<String>,
    /// The first plugin that the configuration loads.
    plugin: Option<String>,
    /// Whether v2 may ask for the command.
    pub(super) prompts: bool,
    /// Whether aws may be told not to ask of what kind a value is: a zero is then
    /// as good as a no.
    pub(super) lax: bool,
    /// The directories in which aws looks for models before its own.
    models: Vec<PathBuf>,
    /// The aliases, by section: `toplevel`, or `command ec2`.
    aliases: Vec<(String, Vec<(String, String)>)>,
    /// Why they cannot be read as aws reads them.
    unread_aliases: Option<String>,
}

impl Own {
    /// What was found of it.
    pub(super) fn read(outside: &Outside<'_>) -> Self {
        let mut own = Self::default();
        own.read_config(config_file(outside), "AWS_CONFIG_FILE", outside);
        own.read_config(credentials_file(outside), "AWS_SHARED_CREDENTIALS_FILE", outside);
        own.read_aliases(outside);
        // aws expands the list, and botocore what comes of that. An empty path in it
        // is the working directory.
        let listed = outside.environment.get("AWS_DATA_PATH").map(OsStr::to_owned);
        let once = listed.map(|list| own.expanded(&list, outside)).unwrap_or_default();
        let again = once.iter().flat_map(|path| own.expanded(path.as_os_str(), outside)).collect();
        let models = path(OsStr::new(MODELS), outside);
        own.models = [again, models.into_iter().collect::<Vec<_>>()].concat();
        own
    }

    /// The paths of a list, each expanded.
    fn expanded(&mut self, list: &OsStr, outside: &Outside<'_>) -> Vec<PathBuf> {
        let mut expanded = Vec::new();
        for one in std::env::split_paths(list) {
            match path(one.as_os_str(), outside) {
                Some(path) => expanded.push(path),
                None => self.unread = elsewhere(&one, outside).or(self.unread.take()),
            }
        }
        expanded
    }

    /// The files that have to be read whatever the arguments are.
    pub(super) fn reads(&self, outside: &Outside<'_>) -> Vec<Wanted> {
        let files = [alias_file(outside), config_file(outside), credentials_file(outside)];
        let files = files.into_iter().flatten().map(Wanted::File);
        files.chain(self.models.iter().cloned().map(Wanted::Directory)).collect()
    }

    fn read_config(&mut self, path: Option<PathBuf>, variable: &str, outside: &Outside<'_>) {
        let Some(path) = path else {
            let named = outside.environment.get(variable);
            self.unread = named.and_then(|path| elsewhere(Path::new(path), outside)).or(self.unread.take());
            return;
        };
        let unreadable = |reason: &dyn std::fmt::Display| {
            Some(format!("the configuration in {} cannot be read: {reason}", path.display()))
        };
        let sections = match outside.files.file(&path) {
            Some(Found::Text(bytes)) if may_matter(bytes) => match ini::parse(bytes) {
                Ok(sections) => sections,
                Err(reason) => {
                    self.unread = unreadable(&reason);
                    return;
                }
            },
            // What turns a file off.
            Some(Found::Unreadable(reason)) if path != Path::new("/dev/null") => {
                self.unread = unreadable(reason);
                return;
            }
            _ => return,
        };
        for (name, settings) in sections {
            if name == "plugins" && variable == "AWS_CONFIG_FILE" {
                let mut names = settings.keys().filter(|name| *name != "cli_legacy_plugin_path");
                self.plugin = names.next().cloned();
            }
            // Which profile counts is not asked: any may be chosen.
            let validates = settings.get("parameter_validation");
            self.lax |= validates.is_some_and(|value| *value != Value::Text("true".to_owned()));
            let prompt = settings.get("cli_auto_prompt");
            self.prompts |= prompt.is_some_and(|value| *value != Value::Text("off".to_owned()));
        }
    }

    fn read_aliases(&mut self, outside: &Outside<'_>) {
        let Some(path) = alias_file(outside) else { return };
        let read = match outside.files.file(&path) {
            None | Some(Found::Nothing) => return,
            Some(Found::Text(bytes)) => ini::parse_flat(bytes).map_err(|reason| reason.to_string()),
            Some(Found::Unreadable(reason)) => Err(reason.clone()),
            Some(Found::Names(_)) => Err("it is a directory".to_owned()),
        };
        let text = |(name, value)| match value {
            Value::Text(text) => Some((name, text)),
            Value::Block(_) => None,
        };
        match read {
            Ok(sections) => {
                let sections = sections.into_iter();
                self.aliases =
                    sections.map(|(name, all)| (name, all.into_iter().filter_map(text).collect())).collect();
            }
            Err(reason) => {
                let path = path.display();
                self.unread_aliases = Some(format!("the aliases in {path} cannot be read: {reason}"));
            }
        }
    }

    /// The aliases of one section: `toplevel`, or `command ec2`.
    ///
    /// # Errors
    /// Why the file cannot be read as aws reads it.
    pub(super) fn aliases(&self, section: &str) -> Result<&[(String, String)], &str> {
        if let Some(reason) = &self.unread_aliases {
            return Err(reason);
        }
        // v2 takes the name of a section apart into words.
        let named = |name: &str| name.split_whitespace().eq(section.split_whitespace());
        let section = self.aliases.iter().find(|(name, _)| named(name));
        Ok(section.map(|(_, aliases)| aliases.as_slice()).unwrap_or_default())
    }

    /// Whether `word` is an alias in front of any command.
    pub(super) fn is_alias(&self, word: &OsStr) -> bool {
        self.aliases("toplevel").is_ok_and(|aliases| aliases.iter().any(|(name, _)| word == name.as_str()))
    }

    /// Why `service` may not be what aws ships, in words.
    pub(super) fn doubt(&self, service: &str, outside: &Outside<'_>) -> Option<String> {
        if let Some(name) = &self.plugin {
            return Some(format!("the plugin `{name}` that the configuration names may change any command"));
        }
        let modelled = || self.models.iter().find_map(|directory| modelled(service, directory, outside));
        self.unread.clone().or_else(modelled)
    }
}

/// That a path leads to where another user's home is, which is not known here.
/// Nothing where there is no home at all.
fn elsewhere(path: &Path, outside: &Outside<'_>) -> Option<String> {
    let has_home = outside.files.home().is_some() || outside.environment.get("HOME").is_some();
    has_home.then(|| format!("{} leads to another user's home, which is not read", path.display()))
}

/// Whether a configuration has a word that is looked for here. Most have not, and
/// some have hundreds of profiles.
fn may_matter(bytes: &[u8]) -> bool {
    let has = |word: &[u8]| bytes.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    has(b"[plugins") || has(b"cli_auto_prompt") || has(b"parameter_validation")
}

/// Whether `directory` holds a model that has a say in `service`.
fn modelled(service: &str, directory: &Path, outside: &Outside<'_>) -> Option<String> {
    let shown = directory.display();
    let names = match outside.files.get(&Wanted::Directory(directory.to_path_buf()))? {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Files;
    use crate::process::Environment;

    fn doubts(variables: &[(&str, &str)], found: &[(&str, Found)], service: &str) -> Option<String> {
        let environment: Environment = [&[("HOME", "/h")], variables].concat().into_iter().collect();
        let mut files = Files::default();
        for (path, found) in found {
            let path = PathBuf::from(path);
            let wanted = match found {
                Found::Names(_) => Wanted::Directory(path),
                _ => Wanted::File(path),
            };
            files.insert(wanted, found.clone());
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
        let unreadable = [("/h/.aws/config", Found::Unreadable("too large".to_owned()))];
        assert!(doubts(&[], &unreadable, "iam").unwrap().contains("too large"));
        let config = |text: &str| [("/h/.aws/config", Found::Text(text.into()))];
        let said = doubts(&[], &config("[plugins]\nx = y\n"), "iam").unwrap();
        assert!(said.contains("the plugin `x`"), "{said}");
        assert_eq!(doubts(&[], &config("[plugins]\ncli_legacy_plugin_path = /x\n"), "iam"), None);
        assert_eq!(doubts(&[], &config("[profile plugins]\nx = y\n"), "iam"), None);
    }

    #[test]
    fn what_cannot_be_read_is_no_proof_that_there_is_nothing() {
        let odd = [("/h/.aws/config", Found::Text("[plugins]\nx = a\u{b}b\n".into()))];
        assert!(doubts(&[], &odd, "iam").unwrap().contains("cannot be read"));
        for (variable, value) in [("AWS_CONFIG_FILE", "~root/c"), ("AWS_DATA_PATH", "/a:~root/m")] {
            let said = doubts(&[(variable, value)], &[], "iam").unwrap();
            assert!(said.contains("another user's home"), "{said}");
        }
        let off = [("/dev/null", Found::Unreadable("not a regular file".to_owned()))];
        assert_eq!(doubts(&[("AWS_CONFIG_FILE", "/dev/null")], &off, "iam"), None);
    }

    #[test]
    fn the_working_directory_holds_no_models_unless_it_is_named() {
        let environment: Environment = [("HOME", "/h")].into_iter().collect();
        let files = Files::default();
        let outside = Outside { environment: &environment, files: &files };
        let wanted = Own::read(&outside).reads(&outside);
        assert!(wanted.contains(&Wanted::Directory("/h/.aws/models".into())));
        assert!(!wanted.contains(&Wanted::Directory("".into())), "{wanted:?}");
        let listed = [("AWS_DATA_PATH", "/m:")];
        assert!(doubts(&listed, &[("", names(&["iam"]))], "iam").is_some());
    }

    #[test]
    fn a_list_of_paths_is_expanded_twice() {
        let variables = [("AWS_DATA_PATH", "$X"), ("X", "$Y"), ("Y", "/m")];
        assert!(doubts(&variables, &[("/m", names(&["iam"]))], "iam").is_some());
        let colon = [("AWS_DATA_PATH", "$X"), ("X", "/nowhere:/m")];
        assert!(doubts(&colon, &[("/m", names(&["iam"]))], "iam").is_some());
    }

    #[test]
    fn one_path_may_be_a_file_and_a_directory_to_aws() {
        let path = "/h/.aws/config";
        let found = [(path, Found::Text("[plugins]\nx = y\n".into())), (path, names(&[]))];
        assert!(doubts(&[("AWS_DATA_PATH", path)], &found, "iam").is_some());
    }
}
