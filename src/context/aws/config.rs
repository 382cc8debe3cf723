//! aws' two files, found and laid over each other as botocore does it.
//!
//! `config` has `[profile x]` and `[default]`, `credentials` has `[x]`, and for
//! a profile in both the credentials file wins, key by key. Any name that begins
//! with `profile` and has two words is a profile's, and of `[default]` and
//! `[profile default]` the later counts.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::ini::{self, Section, Value};
use crate::process::{Environment, absolute};
use crate::{files, python};

/// The largest file that is read, in bytes. One with a thousand profiles has a
/// quarter of a megabyte.
const FILE_LIMIT: u64 = 4 << 20;

/// Where the files are, with the variables that say otherwise.
const CONFIG: (&str, &str) = ("AWS_CONFIG_FILE", "~/.aws/config");
const CREDENTIALS: (&str, &str) = ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");

/// What both files say.
#[derive(Debug, Default)]
pub(super) struct Config {
    /// The profiles of `config`.
    configured: BTreeMap<String, Section>,
    /// The sections of `credentials`, under their own names.
    credentials: BTreeMap<String, Section>,
    sso_sessions: BTreeMap<String, Section>,
    services: BTreeMap<String, Section>,
    /// The sections of `config` that are of none of these kinds.
    pub(super) others: BTreeMap<String, Section>,
    /// Whether `config` names plugins, which aws 1 loads and which may change
    /// anything.
    pub(super) plugins: bool,
    /// Why a file was not read.
    pub(super) unread: Vec<String>,
}

impl Config {
    /// Reads both files. A relative path starts at `directory`; `None` means
    /// that it is gone.
    pub(super) fn read(environment: &Environment, directory: Option<&Path>) -> Self {
        let mut this = Self::default();
        for (name, section) in this.file(CONFIG, environment, directory) {
            this.place(name, section);
        }
        this.credentials = this.file(CREDENTIALS, environment, directory).into_iter().collect();
        this
    }

    fn file(
        &mut self,
        place: (&str, &str),
        environment: &Environment,
        directory: Option<&Path>,
    ) -> ini::File {
        let given = environment.get(place.0);
        let Some(path) = path(given.unwrap_or(OsStr::new(place.1)), environment, directory) else {
            return Vec::new();
        };
        // What turns a file off: to aws it is none.
        if path == Path::new("/dev/null") {
            return Vec::new();
        }
        let bytes = match files::read(&path, FILE_LIMIT) {
            Ok(bytes) => bytes.unwrap_or_default(),
            // No directory is a file to aws.
            Err(_) if path.is_dir() => Vec::new(),
            Err(cause) => {
                self.unread.push(cause);
                return Vec::new();
            }
        };
        ini::parse(&bytes).unwrap_or_else(|cause| {
            self.unread.push(format!("{}: {cause}", path.display()));
            Vec::new()
        })
    }

    /// Puts a section of `config` where its name says.
    fn place(&mut self, name: String, section: Section) {
        let kinds = [
            ("profile", &mut self.configured),
            ("sso-session", &mut self.sso_sessions),
            ("services", &mut self.services),
        ];
        let kind = kinds.into_iter().find(|(kind, _)| name.starts_with(kind));
        match kind {
            Some((_, sections)) => {
                // A name that is no two words is passed over.
                if let Some([_, second]) = ini::words(&name).as_deref() {
                    sections.insert(second.clone(), section);
                } else if name.contains('\\') {
                    let start: String = name.chars().take(60).collect();
                    self.unread.push(format!("aws' config: the section {start:?} may be read in two ways"));
                }
            }
            None if name == "default" => {
                self.configured.insert(name, section);
            }
            None => {
                self.plugins |= name == "plugins";
                self.others.insert(name, section);
            }
        }
    }

    /// The profile of this name, where either file has it.
    pub(super) fn profile(&self, name: &str) -> Option<Profile<'_>> {
        let profile = Profile { config: self.configured.get(name), credentials: self.credentials.get(name) };
        (profile.config.is_some() || profile.credentials.is_some()).then_some(profile)
    }

    /// The names of every profile.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.configured.keys().chain(self.credentials.keys()).map(String::as_str)
    }

    /// What each file has of a profile, with what the file is called.
    pub(super) fn sections(&self, profile: &str) -> impl Iterator<Item = (&'static str, &Section)> {
        let found =
            [("config", self.configured.get(profile)), ("credentials", self.credentials.get(profile))];
        found.into_iter().filter_map(|(file, section)| Some((file, section?)))
    }

    /// The section of this kind and name: `sso-session` or `services`.
    pub(super) fn section(&self, kind: &str, name: &str) -> Option<&Section> {
        match kind {
            "sso-session" => self.sso_sessions.get(name),
            _ => self.services.get(name),
        }
    }

    /// An option of the SSO session of this name.
    pub(super) fn sso_session(&self, name: &str, option: &str) -> Option<&str> {
        text(self.sso_sessions.get(name)?, option)
    }

    /// What the services section of this name says for one service.
    pub(super) fn service(&self, section: &str, service: &str, option: &str) -> Option<&str> {
        match self.services.get(section)?.get(service)? {
            Value::Block(block) => block.get(option).map(String::as_str),
            Value::Text(_) => None,
        }
    }
}

/// One profile.
#[derive(Clone, Copy, Debug)]
pub(super) struct Profile<'a> {
    config: Option<&'a Section>,
    credentials: Option<&'a Section>,
}

impl<'a> Profile<'a> {
    /// An option, wherever it stands.
    pub(super) fn get(&self, option: &str) -> Option<&'a str> {
        as_text(self.value(option)?)
    }

    /// Whether an option is given, as a block too.
    pub(super) fn has(&self, option: &str) -> bool {
        self.value(option).is_some()
    }

    /// A value, text or block: that of the credentials file where it has one.
    fn value(&self, option: &str) -> Option<&'a Value> {
        let of = |section: Option<&'a Section>| section?.get(option);
        of(self.credentials).or_else(|| of(self.config))
    }

    /// An option of the credentials file.
    pub(super) fn in_credentials(&self, option: &str) -> Option<&'a str> {
        text(self.credentials?, option)
    }

    /// An option of the config file.
    pub(super) fn in_config(&self, option: &str) -> Option<&'a str> {
        text(self.config?, option)
    }
}

fn text<'a>(section: &'a Section, option: &str) -> Option<&'a str> {
    as_text(section.get(option)?)
}

fn as_text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        Value::Block(_) => None,
    }
}

/// Where both files are.
pub(super) fn places(environment: &Environment, directory: &Path) -> impl Iterator<Item = PathBuf> {
    [CONFIG, CREDENTIALS].into_iter().filter_map(move |(variable, usual)| {
        path(environment.get(variable).unwrap_or(OsStr::new(usual)), environment, Some(directory))
    })
}

/// Where `written` leads: variables, then `~`, then the working directory.
fn path(written: &OsStr, environment: &Environment, directory: Option<&Path>) -> Option<PathBuf> {
    let path =
        PathBuf::from(python::with_home(python::with_variables(written, environment), environment, home_of));
    match directory {
        Some(directory) => Some(absolute(directory, &path)),
        None => Some(path).filter(|path| path.is_absolute()),
    }
}

/// The home directory of a user, or of this one where the name is empty, by the
/// password database.
fn home_of(name: &str) -> Option<OsString> {
    let entry = match name {
        "" => nix::unistd::User::from_uid(nix::unistd::getuid()),
        name => nix::unistd::User::from_name(name),
    };
    entry.ok().flatten().map(|entry| entry.dir.into_os_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_credentials_file_wins_key_by_key() {
        let sections = |written: &str| ini::parse(written.as_bytes()).unwrap().into_iter().collect();
        let config = Config {
            configured: sections("[a]\nregion = r\nrole_arn = c\ns3 = t\n[c]\nregion = c\n"),
            credentials: sections("[a]\nrole_arn = k\ns3 =\n  x = 1\n[k]\nregion = k\n"),
            ..Config::default()
        };
        let a = config.profile("a").unwrap();
        assert_eq!((a.get("region"), a.get("role_arn"), a.get("none")), (Some("r"), Some("k"), None));
        assert_eq!((a.in_config("role_arn"), a.in_credentials("role_arn")), (Some("c"), Some("k")));
        // A block is no text, and hides one.
        assert_eq!((a.get("s3"), a.has("s3"), a.has("region"), a.has("none")), (None, true, true, false));
        for name in ["c", "k"] {
            assert_eq!(config.profile(name).unwrap().get("region"), Some(name));
        }
        assert!(config.profile("b").is_none());
    }

    #[test]
    fn paths_are_expanded_as_python_does() {
        let environment: Environment =
            [("HOME", "/h/"), ("A", "/a"), ("B", "~"), ("EMPTY", "")].into_iter().collect();
        for (written, expected) in [
            ("~/.aws/config", "/h/.aws/config"),
            ("$A/x", "/a/x"),
            ("${A}b/$A$A", "/ab//a/a"),
            ("$B/x", "/h/x"),
            ("$NONE/x", "/w/$NONE/x"),
            ("${A/x", "/w/${A/x"),
            ("$/x", "/w/$/x"),
            ("x${EMPTY}", "/w/x"),
            ("~nobody-at-all/x", "/w/~nobody-at-all/x"),
            ("~root/x", "/root/x"),
            ("x~", "/w/x~"),
        ] {
            let path = path(written.as_ref(), &environment, Some(Path::new("/w")));
            assert_eq!(path.as_deref(), Some(Path::new(expected)), "{written}");
        }
        assert_eq!(path("x".as_ref(), &environment, None), None);
        let unset = path("~/x".as_ref(), &Environment::default(), None).unwrap();
        let own = nix::unistd::User::from_uid(nix::unistd::getuid()).unwrap().unwrap();
        assert_eq!(unset, own.dir.join("x"));
    }
}
