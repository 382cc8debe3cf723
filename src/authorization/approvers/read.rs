//! From the text of a list of approvers to what it says, or to all that is
//! wrong with it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use super::file::{self, File, Mode, PersonEntry, VERSION};
use super::outline::{Node, outline};
use super::{Approvers, Environment, Key, Person};
use crate::digest;
use crate::rules::load::{self, Diagnostic, nearest};

/// The name that stands for environments that have none of their own.
pub(super) const DEFAULT: &str = "default";

/// The faults of a file, each with its place.
struct Faults<'a> {
    path: &'a Path,
    text: &'a str,
    outline: Option<Node>,
    found: Vec<Diagnostic>,
}

/// One step to a part of the file.
#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Item(usize),
}

use Step::{Item, Key as At};

impl Faults<'_> {
    fn push(&mut self, steps: &[Step<'_>], message: String, help: Option<String>) {
        let mut finding = Diagnostic::whole_file(self.path, message).with_help(help);
        if let Some(node) = self.outline.as_ref().and_then(|root| self::follow(root, steps)) {
            let before = self.text.get(..node.start).unwrap_or_default();
            let start = before.rfind('\n').map_or(0, |at| at + 1);
            let column = before.get(start..).unwrap_or_default().chars().count() + 1;
            finding.place = Some((before.matches('\n').count() + 1, column));
            let line = self.text.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
            line.clone_into(&mut finding.line);
            let shown = self.text.get(node.start..node.end).unwrap_or_default().lines().next();
            finding.width = shown.unwrap_or_default().chars().count();
        }
        self.found.push(finding);
    }
}

fn follow<'a>(root: &'a Node, steps: &[Step<'_>]) -> Option<&'a Node> {
    let mut node = root;
    let mut steps = steps.iter().peekable();
    while let Some(step) = steps.next() {
        node = match step {
            // The last key itself is shown, where it has a value in lines.
            At(name) => {
                let (key, value) = node.entry(name)?;
                if steps.peek().is_none() && value.text().is_none() { key } else { value }
            }
            Item(at) => node.items().get(*at)?,
        };
    }
    Some(node)
}

/// Reads it.
///
/// # Errors
/// All that is wrong, each with its place.
pub(super) fn read(path: &Path, text: &str) -> Result<Approvers, Vec<Diagnostic>> {
    let file: File = load::document(path, text, "a list of approvers").map_err(|fault| vec![fault])?;
    let mut faults = Faults { path, text, outline: outline(text), found: Vec::new() };
    if file.version != VERSION {
        let message = format!("version {} of the format is not known, only {VERSION}", file.version);
        faults.push(&[At("version")], message, None);
    }
    people(&file.people, &mut faults);
    environments(&file, &mut faults);
    if !faults.found.is_empty() {
        return Err(faults.found);
    }
    Ok(Approvers {
        path: path.to_path_buf(),
        digest: format!("sha256:{}", digest::sha256(text.as_bytes())),
        advisory: file.mode == Some(Mode::Advisory),
        people: file.people.into_iter().map(person).collect(),
        environments: file.environments.map(|all| all.into_iter().map(environment).collect()),
        revoked: file.revoked.iter().map(|fingerprint| fingerprint.to_string()).collect(),
    })
}

fn person(entry: PersonEntry) -> Person {
    let key = |key: file::KeyEntry| Key {
        key: key.key,
        valid_after: key.valid_after,
        valid_before: key.valid_before,
        require: key.require,
    };
    Person {
        id: entry.id.to_string(),
        groups: entry.groups.iter().map(|group| group.to_string()).collect(),
        os_users: entry.os_users.iter().map(|user| user.to_string()).collect(),
        keys: entry.keys.into_iter().map(key).collect(),
    }
}

fn environment((name, entry): (String, file::EnvironmentEntry)) -> (String, Environment) {
    let groups = entry.groups.iter().map(|group| group.to_string()).collect();
    let file::EnvironmentEntry { quorum, require, max_ttl, .. } = entry;
    (name, Environment { quorum, groups, require, max_ttl })
}

/// No person, and no key, stands twice.
fn people(people: &[PersonEntry], faults: &mut Faults<'_>) {
    let mut ids: BTreeMap<String, usize> = BTreeMap::new();
    let mut holders: HashMap<String, usize> = HashMap::new();
    for (at, person) in people.iter().enumerate() {
        let here = [At("people"), Item(at)];
        // Names that differ in case only would be two people to us and one to readers.
        if ids.insert(person.id.to_ascii_lowercase(), at).is_some() {
            let help = "give both keys to one entry".to_owned();
            faults.push(
                &[&here[..], &[At("id")]].concat(),
                format!("the person `{}` stands twice", &*person.id),
                Some(help),
            );
        }
        for (number, key) in person.keys.iter().enumerate() {
            let steps = [&here[..], &[At("keys"), Item(number)]].concat();
            let fingerprint = key.key.fingerprint();
            match holders.insert(fingerprint.clone(), at) {
                Some(other) if other == at => {
                    faults.push(&steps, format!("the key {fingerprint} stands twice"), None);
                }
                Some(other) => {
                    let other = people.get(other).map_or("somebody else", |other| &*other.id);
                    let help = "a key belongs to one person: who signs with it has to be certain".to_owned();
                    faults.push(
                        &steps,
                        format!("the key {fingerprint} is already that of `{other}`"),
                        Some(help),
                    );
                }
                None => {}
            }
            if let (Some(after), Some(before)) = (key.valid_after, key.valid_before)
                && after >= before
            {
                faults.push(
                    &steps,
                    format!("the key {fingerprint} would never be valid: {after} is not before {before}"),
                    None,
                );
            }
        }
    }
}

/// Every group that is demanded has somebody in it.
fn environments(file: &File, faults: &mut Faults<'_>) {
    let known: BTreeSet<&str> =
        file.people.iter().flat_map(|person| &person.groups).map(|group| &**group).collect();
    for (name, entry) in file.environments.iter().flatten() {
        for (at, group) in entry.groups.iter().enumerate() {
            if known.contains(&**group) {
                continue;
            }
            let near = nearest(group, known.iter().copied()).map(|near| format!("did you mean `{near}`?"));
            let help = near.unwrap_or_else(|| "add it to the `groups` of a person".to_owned());
            let steps = [At("environments"), At(name), At("groups"), Item(at)];
            faults.push(&steps, format!("nobody is in the group `{}`", &**group), Some(help));
        }
    }
    if file.environments.as_ref().is_some_and(BTreeMap::is_empty) {
        faults.push(
            &[At("environments")],
            "the section is empty".to_owned(),
            Some("leave it out: then one approval of anybody listed will do".to_owned()),
        );
    }
}
