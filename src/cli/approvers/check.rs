//! `tollgate approvers check`: what is wrong with a list, and what will not
//! work as it is meant.

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::list::{environments, presence};
use super::{NONE, here};
use crate::authorization::approvers::{
    Approvers, ApproversError, Person, Requirement, exposures, requesters,
};
use crate::authorization::request::Presence;
use crate::process::{Process, absolute};
use crate::rules::layers::Directories;
use crate::ui::sanitize;

/// How long before its end a key is told of.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Writes the findings; the exit code is 1 where there are any.
///
/// # Errors
/// Where they cannot be written, or there is no such file.
pub(super) fn run(file: Option<&Path>, process: &dyn Process, out: &mut dyn Write) -> anyhow::Result<u8> {
    let found = match file {
        None => here(process),
        Some(file) => {
            let file = absolute(&process.current_dir()?, file);
            if !file.exists() {
                anyhow::bail!("there is no file {}", sanitize::os(file.as_os_str()));
            }
            Approvers::load(&file).map(Some)
        }
    };
    let list = match found {
        Ok(Some(list)) => list,
        Ok(None) => {
            writeln!(out, "{NONE}")?;
            return Ok(0);
        }
        Err(error) => {
            writeln!(out, "{error}")?;
            return Ok(1);
        }
    };
    let mut findings = written_by(&list, file.is_some(), &Directories::of(process));
    findings.extend(people(&list));
    findings.extend(keys(&list, process.now()));
    findings.extend(quorums(&list, process.now()));
    // Whether it knows this user matters where it counts.
    if file.is_none() {
        findings.extend(this_user(&list, process));
    }
    let path = sanitize::os(list.path().as_os_str());
    if findings.is_empty() {
        writeln!(out, "{path}: sound: {}", counts(&list))?;
        return Ok(0);
    }
    writeln!(out, "{path}:")?;
    for finding in &findings {
        writeln!(out, "  - {}", sanitize::text(finding))?;
    }
    Ok(1)
}

fn counts(list: &Approvers) -> String {
    let counted =
        |number: usize, one: &str, many: &str| format!("{number} {}", if number == 1 { one } else { many });
    let keys = list.people().iter().map(|person| person.keys.len()).sum();
    let environments = list.environments().map_or(0, BTreeMap::len);
    [
        counted(list.people().len(), "person", "people"),
        counted(keys, "key", "keys"),
        counted(environments, "environment", "environments"),
    ]
    .join(", ")
}

/// Who besides those who should can change the file.
fn written_by(list: &Approvers, named: bool, places: &Directories) -> Vec<String> {
    let path = list.path();
    let real = |path: &Path| path.canonicalize().ok();
    let system =
        path.parent().and_then(real).is_some_and(|parent| real(&places.administrator) == Some(parent));
    // What is not in its place yet is written by whoever keeps it.
    if named && !system && !list.advisory() {
        return Vec::new();
    }
    if system && !list.advisory() {
        return match exposures(path) {
            Ok(exposures) => exposures.iter().map(ToString::to_string).collect(),
            Err(error) => vec![format!("who can change it cannot be told: {error}")],
        };
    }
    let word = sanitize::word(path.as_os_str());
    match path.metadata() {
        Ok(found) if found.mode() & 0o022 != 0 => {
            vec![format!("it can be written by others than its owner: chmod go-w {word}")]
        }
        Ok(_) => Vec::new(),
        Err(error) => vec![format!("who can change it cannot be told: {error}")],
    }
}

/// People who could not be told from others, or could not approve.
fn people(list: &Approvers) -> Vec<String> {
    let mut findings = Vec::new();
    let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let demanded: Vec<String> =
        list.environments().into_iter().flatten().flat_map(|(_, entry)| entry.groups.clone()).collect();
    for person in list.people() {
        let id = &person.id;
        if person.os_users.is_empty() {
            findings.push(format!(
                "{id} has no os_users, so nothing tells when {id} is the one who asks: name every login of theirs"
            ));
        }
        for user in &person.os_users {
            users.entry(user).or_default().push(id);
        }
        let group = person.groups.iter().find(|group| demanded.contains(*group));
        if let (true, Some(group)) = (person.keys.is_empty(), group) {
            findings.push(format!("{id} is in the group {group}, but has no key to approve with: tollgate approvers add {id} --key FILE"));
        }
    }
    for (user, ids) in users.iter().filter(|(_, ids)| ids.len() > 1) {
        findings.push(format!(
            "the login {user} is that of {}: none of them can approve what it asks for",
            ids.join(" and ")
        ));
    }
    findings
}

/// Keys that count no more, soon, or nowhere.
fn keys(list: &Approvers, now: Timestamp) -> Vec<String> {
    let mut findings = Vec::new();
    let environments = environments(list);
    for person in list.people() {
        for key in person.keys.iter().filter(|key| !list.is_revoked(&key.key)) {
            let whose = format!("the key {} of {}", key.key.fingerprint(), person.id);
            match key.valid_before {
                Some(before) if before <= now => findings.push(format!("{whose} ended {before}")),
                Some(before) if before.duration_since(now) <= SOON => {
                    findings.push(format!("{whose} ends {before}: add its successor before that"));
                }
                _ => {}
            }
            if key.key.is_security_key() {
                continue;
            }
            if key.require != Presence::None {
                findings.push(format!(
                    "{whose} is no security key and cannot vouch for {}: it counts nowhere",
                    presence(key.require)
                ));
                continue;
            }
            let asks = |requirement: &Requirement| {
                let in_groups =
                    list.eligible(requirement, &[]).iter().any(|eligible| eligible.id == person.id);
                requirement.require != Presence::None && in_groups
            };
            let names: Vec<&str> = environments
                .iter()
                .filter(|(_, requirement)| asks(requirement))
                .map(|(name, _)| name.as_str())
                .collect();
            if !names.is_empty() {
                findings.push(format!(
                    "{whose} is no security key, so it does not count in {}, where a touch is required",
                    names.join(", ")
                ));
            }
        }
    }
    findings
}

/// Environments where too few can approve.
fn quorums(list: &Approvers, now: Timestamp) -> Vec<String> {
    let mut findings = Vec::new();
    if list.requirement(&[]).is_err() {
        findings.push(
            "it has no `default` environment: nothing can be approved in those that it does not name"
                .to_owned(),
        );
    }
    for (name, requirement) in environments(list) {
        let able = list.able(&requirement, &[], now).len();
        let quorum = requirement.quorum as usize;
        let place =
            if list.environments().is_some() { format!("in {name}") } else { "everywhere".to_owned() };
        let left = |person: &Person| list.able(&requirement, std::slice::from_ref(&person.id), now).len();
        let mut askers = list.people().iter().filter(|person| !person.os_users.is_empty()).peekable();
        if able < quorum {
            findings.push(format!(
                "{place} it takes {quorum} to approve, and {able} can: nothing can be approved there"
            ));
        } else if askers.peek().is_some() && askers.all(|person| left(person) < quorum) {
            findings.push(format!(
                "{place} it takes {quorum} to approve, and {able} can: whoever of the listed asks, too few are left"
            ));
        }
    }
    findings
}

/// Whether the list knows who this is.
fn this_user(list: &Approvers, process: &dyn Process) -> Option<String> {
    match list.excluded(&requesters(process)) {
        Err(ApproversError::Stranger { user, .. }) => Some(format!(
            "it does not say who you are: add `{user}` to the os_users of everybody who can act under that name; until then nothing of yours can be approved"
        )),
        _ => None,
    }
}
