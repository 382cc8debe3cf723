//! What stands in the file: `kind: Preference`, in several versions that
//! differ in names only.

use std::ffi::OsString;

use serde::Deserialize;
use serde_yaml::Value;

use super::TABLE;

/// The group that every version is of.
const GROUP: &str = "kubectl.config.k8s.io/";

/// A file of preferences.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct File {
    aliases: Vec<Alias>,
    pub(super) defaults: Vec<Defaults>,
    /// It says which credential plugins may run.
    pub(super) has_policy: bool,
}

/// A name for a command with some arguments.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Alias {
    pub(super) name: String,
    command: String,
    pub(super) prepended: Vec<String>,
    pub(super) appended: Vec<String>,
    pub(super) settings: Vec<Setting>,
}

/// Flags that a command has where they are not given.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Defaults {
    command: String,
    pub(super) settings: Vec<Setting>,
}

/// A flag's value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Setting {
    /// Without dashes.
    pub(super) name: String,
    pub(super) value: String,
}

impl File {
    /// The alias of this name; of several the first.
    pub(super) fn alias(&self, name: &str) -> Option<&Alias> {
        self.aliases.iter().find(|alias| alias.name == name)
    }
}

impl Alias {
    /// The command that it stands for; further words of it mean nothing.
    pub(super) fn path(&self) -> Vec<String> {
        path(&self.command)
    }
}

impl Defaults {
    /// The command that they are for.
    pub(super) fn path(&self) -> Vec<String> {
        path(&self.command)
    }
}

fn path(command: &str) -> Vec<String> {
    TABLE.parse(&command.split_whitespace().map(OsString::from).collect::<Vec<_>>()).path
}

/// The first document that can be read, as kubectl takes it; `None` where
/// there is none, and kubectl goes on without.
pub(super) fn read(bytes: &[u8]) -> Option<File> {
    let text = std::str::from_utf8(bytes).ok()?;
    let found = documents(text).iter().find_map(|document| {
        let raw: Raw = serde_yaml::from_str(document).ok()?;
        let version = raw.api_version.strip_prefix(GROUP)?;
        let known = raw.kind == "Preference" && matches!(version, "v1alpha1" | "v1beta1" | "v1");
        known.then_some(raw)
    })?;
    Some(File::from(found))
}

/// The text between lines of three dashes, without what is empty.
fn documents(text: &str) -> Vec<String> {
    let mut documents = vec![String::new()];
    for line in text.split_inclusive('\n') {
        let rest = line.strip_prefix("---").map(str::trim);
        if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('#')) {
            documents.push(String::new());
        } else if let Some(last) = documents.last_mut() {
            last.push_str(line);
        }
    }
    documents.retain(|document| !document.trim().is_empty());
    documents
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    api_version: String,
    kind: String,
    aliases: Option<Vec<RawEntry>>,
    /// The name in the first version.
    overrides: Option<Vec<RawEntry>>,
    defaults: Option<Vec<RawEntry>>,
    credential_plugin_policy: Option<Value>,
    credential_plugin_allowlist: Option<Value>,
}

/// An alias, or a command's defaults.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawEntry {
    name: Option<String>,
    command: Option<String>,
    prepend_args: Option<Vec<String>>,
    append_args: Option<Vec<String>>,
    /// The name in the first version.
    flags: Option<Vec<RawSetting>>,
    options: Option<Vec<RawSetting>>,
}

#[derive(Deserialize)]
struct RawSetting {
    name: Option<String>,
    default: Option<String>,
}

impl RawEntry {
    fn settings(flags: Option<Vec<RawSetting>>, options: Option<Vec<RawSetting>>) -> Vec<Setting> {
        let both = flags.into_iter().chain(options).flatten();
        let settings = both.map(|raw| Setting {
            name: raw.name.unwrap_or_default(),
            value: raw.default.unwrap_or_default(),
        });
        // kubectl refuses the others.
        settings.filter(|setting| !setting.name.is_empty() && !setting.name.starts_with('-')).collect()
    }
}

impl From<RawEntry> for Alias {
    fn from(raw: RawEntry) -> Self {
        Self {
            name: raw.name.unwrap_or_default(),
            command: raw.command.unwrap_or_default(),
            prepended: raw.prepend_args.unwrap_or_default(),
            appended: raw.append_args.unwrap_or_default(),
            settings: RawEntry::settings(raw.flags, raw.options),
        }
    }
}

impl From<RawEntry> for Defaults {
    fn from(raw: RawEntry) -> Self {
        Self {
            command: raw.command.unwrap_or_default(),
            settings: RawEntry::settings(raw.flags, raw.options),
        }
    }
}

impl From<Raw> for File {
    fn from(raw: Raw) -> Self {
        let aliases = raw.aliases.into_iter().flatten().map(Alias::from);
        // kubectl allows letters only.
        let is_name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphabetic());
        Self {
            aliases: aliases.filter(|alias| is_name(&alias.name)).collect(),
            defaults: raw.overrides.into_iter().chain(raw.defaults).flatten().map(Defaults::from).collect(),
            has_policy: raw.credential_plugin_policy.is_some() || raw.credential_plugin_allowlist.is_some(),
        }
    }
}
