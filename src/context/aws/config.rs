//! aws' two files, found and merged as botocore does it.
//!
//! `config` has `[profile x]` and `[default]`, `credentials` has `[x]`, and for
//! a profile in both the credentials file wins, key by key. Any name that begins
//! with `profile` and has two words is a profile's, and of `[default]` and
//! `[profile default]` the later counts.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use super::ini::{self, Section, Value};
use crate::files;
use crate::process::{Environment, absolute};

/// The largest file that is read, in bytes. One with a thousand profiles has a
/// quarter of a megabyte.
const FILE_LIMIT: u64 = 4 << 20;

/// Where the files are, with the variables that say otherwise.
const CONFIG: (&str, &str) = ("AWS_CONFIG_FILE", "~/.aws/config");
const CREDENTIALS: (&str, &str) = ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials");

/// What both files say.
#[derive(Debug, Default)]
pub(super) struct Config {
    /// Both files' sections of each profile, merged.
    merged: BTreeMap<String, Section>,
    /// The profiles of `config` alone.
    configured: BTreeMap<String, Section>,
    /// The sections of `credentials` alone, under their own names.
    credentials: BTreeMap<String, Section>,
    sso_sessions: BTreeMap<String, Section>,
    services: BTreeMap<String, Section>,
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
        this.merged = this.configured.clone();
        for (name, section) in this.file(CREDENTIALS, environment, directory) {
            this.merged.entry(name.clone()).or_default().extend(section.clone());
            this.credentials.insert(name, section);
        }
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
            None => self.plugins |= name == "plugins",
        }
    }

    /// The profile of this name.
    pub(super) fn profile(&self, name: &str) -> Option<Profile<'_>> {
        let merged = self.merged.get(name)?;
        Some(Profile { merged, config: self.configured.get(name), credentials: self.credentials.get(name) })
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
    merged: &'a Section,
    config: Option<&'a Section>,
    credentials: Option<&'a Section>,
}

impl<'a> Profile<'a> {
    /// An option, wherever it stands.
    pub(super) fn get(&self, option: &str) -> Option<&'a str> {
        text(self.merged, option)
    }

    /// Whether an option is given, as a block too.
    pub(super) fn has(&self, option: &str) -> bool {
        self.merged.contains_key(option)
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
    match section.get(option)? {
        Value::Text(text) => Some(text),
        Value::Block(_) => None,
    }
}

/// Where `written` leads: variables, then `~`, then the working directory.
fn path(written: &OsStr, environment: &Environment, directory: Option<&Path>) -> Option<PathBuf> {
    let path = PathBuf::from(with_home(with_variables(written, environment), environment));
    match directory {
        Some(directory) => Some(absolute(directory, &path)),
        None => Some(path).filter(|path| path.is_absolute()),
    }
}

/// Python's `expandvars`: `$NAME` and `${NAME}`; one that is not set stays.
fn with_variables(written: &OsStr, environment: &Environment) -> OsString {
    let mut out = Vec::new();
    let mut rest = written.as_bytes();
    while let Some(at) = rest.iter().position(|byte| *byte == b'$') {
        let (before, from) = rest.split_at(at);
        out.extend_from_slice(before);
        let (name, length) = variable(from.get(1..).unwrap_or_default());
        let value =
            std::str::from_utf8(name).ok().filter(|_| length > 0).and_then(|name| environment.get(name));
        let (whole, after) = from.split_at(1 + length);
        out.extend_from_slice(value.map_or(whole, |value| value.as_bytes()));
        rest = after;
    }
    out.extend_from_slice(rest);
    OsString::from_vec(out)
}

/// The name that begins `bytes`, and how many bytes it takes; none is 0.
fn variable(bytes: &[u8]) -> (&[u8], usize) {
    if let Some(braced) = bytes.strip_prefix(b"{") {
        let end = braced.iter().position(|byte| *byte == b'}');
        return end.and_then(|end| Some((braced.get(..end)?, end + 2))).unwrap_or_default();
    }
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let end = bytes.iter().position(|byte| !is_word(byte)).unwrap_or(bytes.len());
    (bytes.get(..end).unwrap_or_default(), end)
}

/// Python's `expanduser`: an unset HOME, and another user's, are the password
/// database's.
fn with_home(path: OsString, environment: &Environment) -> OsString {
    let bytes = path.as_bytes();
    let Some(rest) = bytes.strip_prefix(b"~") else { return path };
    let end = rest.iter().position(|byte| *byte == b'/').unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    let entry = || match std::str::from_utf8(name) {
        Ok("") => nix::unistd::User::from_uid(nix::unistd::getuid()).ok().flatten(),
        Ok(name) => nix::unistd::User::from_name(name).ok().flatten(),
        Err(_) => None,
    };
    let own = environment.get("HOME").filter(|_| name.is_empty()).map(OsStr::to_owned);
    let Some(home) = own.or_else(|| entry().map(|entry| entry.dir.into_os_string())) else { return path };
    let home = home.as_bytes();
    let kept = home.len() - home.iter().rev().take_while(|byte| **byte == b'/').count();
    let joined = [home.get(..kept).unwrap_or_default(), rest].concat();
    OsString::from_vec(if joined.is_empty() { b"/".to_vec() } else { joined })
}

#[cfg(test)]
mod tests {
    use super::*;

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
