//! What a command uses of aws' two files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use super::config::{Config, places};
use super::{ORDERS, Place};
use crate::command::Command;
use crate::context::entries::{Entries, Surroundings};
use crate::ini::{Section, Value};
use crate::process::absolute;

/// Adds the profiles that `command` uses, each file's part by itself, with what they lead
/// to: source profiles, SSO sessions, sections of services.
pub(crate) fn entries(command: &Command, here: Surroundings<'_>, entries: &mut Entries) {
    let config = Config::read(here.environment, Some(here.directory));
    let place = Place { command, environment: here.environment, config: &config };
    let given: Vec<String> =
        command.values("--profile").flatten().map(|name| name.to_string_lossy().into_owned()).collect();
    let readings =
        ORDERS.iter().flat_map(|order| [true, false].map(|flags| place.reading(order, flags).profile));
    let sure = !command.conventional && !command.uncertain && !given.is_empty();
    let names: Vec<String> = if sure {
        given
    } else {
        readings.map(|profile| profile.unwrap_or_else(|| "default".to_owned())).chain(given).collect()
    };
    add(&config, names, here, entries);
}

/// The same of a program that is no aws, where variables name the profile, and of further
/// profiles.
pub(crate) fn entries_of(
    more: impl IntoIterator<Item = String>,
    here: Surroundings<'_>,
    entries: &mut Entries,
) {
    let config = Config::read(here.environment, Some(here.directory));
    let variables = ORDERS.iter().map(|order| {
        let name = order.profile.iter().find_map(|name| here.environment.non_empty(name));
        name.map_or_else(|| "default".to_owned(), |name| name.to_string_lossy().into_owned())
    });
    let names: Vec<String> = variables.chain(more).collect();
    add(&config, names, here, entries);
}

/// The names of every profile.
pub(crate) fn profiles(here: Surroundings<'_>) -> BTreeSet<String> {
    Config::read(here.environment, Some(here.directory)).names().map(str::to_owned).collect()
}

fn add(config: &Config, mut names: Vec<String>, here: Surroundings<'_>, entries: &mut Entries) {
    entries.unread.extend(config.unread.iter().cloned());
    entries.partly.extend(places(here.environment, here.directory));
    let mut seen = BTreeSet::new();
    while let Some(name) = names.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        for (file, section) in config.sections(&name) {
            entries.put(format!("aws.{file}.{name}"), &json(section));
            entries.files.extend(files(section, here.directory));
        }
        let Some(profile) = config.profile(&name) else { continue };
        names.extend(profile.get("source_profile").map(str::to_owned));
        for (key, kind) in [("sso_session", "sso-session"), ("services", "services")] {
            if let Some(name) = profile.get(key)
                && let Some(section) = config.section(kind, name)
            {
                entries.put(format!("aws.{kind}.{name}"), &json(section));
            }
        }
    }
    for (name, section) in &config.others {
        entries.put(format!("aws.config.[{name}]"), &json(section));
    }
}

fn json(section: &Section) -> Json {
    section
        .iter()
        .map(|(name, value)| {
            let value = match value {
                Value::Text(text) => json!(text),
                Value::Block(block) => json!(block),
            };
            (name.clone(), value)
        })
        .collect()
}

/// Files that a section names: whom to trust, and the program that fetches credentials.
fn files<'a>(section: &'a Section, directory: &'a Path) -> impl Iterator<Item = PathBuf> + 'a {
    let text = |name: &str| match section.get(name) {
        Some(Value::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    let trusted = text("ca_bundle").map(|path| absolute(directory, Path::new(path)));
    let words = text("credential_process").unwrap_or_default().split_whitespace();
    let words = words.map(|word| absolute(directory, Path::new(word.trim_matches(['"', '\'']))));
    trusted.into_iter().chain(words.filter(|path| path.is_file()))
}
