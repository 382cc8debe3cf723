//! `tollgate approvers list`.

use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::authorization::approvers::{Approvers, Environment, Key, Person, Requirement};
use crate::authorization::request::Presence;
use crate::ui::sanitize;

/// What an approval takes in each environment that the list names, or
/// everywhere where it names none.
pub(super) fn environments(list: &Approvers) -> Vec<(String, Requirement)> {
    let names: Vec<&str> = match list.environments() {
        Some(all) => all.keys().map(String::as_str).collect(),
        None => vec!["default"],
    };
    let requirement = |name: &str| Some((name.to_owned(), list.requirement(&[name]).ok()?));
    names.into_iter().filter_map(requirement).collect()
}

/// What a key has to vouch for, in a word.
pub(super) const fn presence(presence: Presence) -> &'static str {
    match presence {
        Presence::None => "none",
        Presence::Touch => "touch",
        Presence::TouchAndPin => "touch+pin",
    }
}

/// Whether a key counts, and until when.
fn state(list: &Approvers, key: &Key, now: Timestamp) -> String {
    if list.is_revoked(&key.key) {
        return "revoked".to_owned();
    }
    let time = |time: Timestamp| time.strftime("%Y-%m-%d %H:%MZ").to_string();
    match (key.valid_after, key.valid_before) {
        (_, Some(before)) if before <= now => format!("ended {}", time(before)),
        (Some(after), _) if after > now => format!("not before {}", time(after)),
        (_, Some(before)) => format!("until {}", time(before)),
        (_, None) => "yes".to_owned(),
    }
}

/// Lines of columns, each as wide as its widest cell.
fn table(rows: &[Vec<String>], coloured: bool) -> String {
    use colored::Colorize as _;
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let cell_width =
        |row: &Vec<String>, column: usize| row.get(column).map_or(0, |cell| cell.chars().count());
    let widths: Vec<usize> = (0..columns)
        .map(|column| rows.iter().map(|row| cell_width(row, column)).max().unwrap_or(0))
        .collect();
    let mut text = String::new();
    for (at, row) in rows.iter().enumerate() {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        let line = cells.join("  ").trim_end().to_owned();
        let line = if at == 0 && coloured { line.bold().to_string() } else { line };
        text.push_str(&line);
        text.push('\n');
    }
    text
}

fn words(words: &[String]) -> String {
    if words.is_empty() { "-".to_owned() } else { sanitize::text(&words.join(", ")).into_owned() }
}

/// A person's lines: one for each key.
fn person(list: &Approvers, person: &Person, now: Timestamp) -> Vec<Vec<String>> {
    let mut who = [person.id.clone(), words(&person.groups), words(&person.os_users)];
    let mut rows = Vec::new();
    for key in &person.keys {
        let mut row = who.to_vec();
        row.extend([
            key.key.fingerprint(),
            key.key.algorithm().to_owned(),
            presence(key.require).to_owned(),
            state(list, key, now),
        ]);
        rows.push(row);
        who = Default::default();
    }
    if rows.is_empty() {
        rows.push([&who[..], &["no keys".to_owned()]].concat());
    }
    rows
}

fn environment(list: &Approvers, name: &str, requirement: &Requirement, now: Timestamp) -> Vec<String> {
    let able = list.able(requirement, &[], now).len();
    let enough = able >= requirement.quorum as usize;
    let groups: Vec<String> = requirement.groups.concat();
    vec![
        sanitize::text(name).into_owned(),
        requirement.quorum.to_string(),
        if groups.is_empty() { "anybody".to_owned() } else { words(&groups) },
        presence(requirement.require).to_owned(),
        format!("{:#}", requirement.max_ttl),
        format!("{able} of {}{}", list.people().len(), if enough { "" } else { ": not enough" }),
    ]
}

/// The list for people.
pub(super) fn text(list: &Approvers, now: Timestamp, coloured: bool, out: &mut dyn Write) -> io::Result<()> {
    let path = sanitize::os(list.path().as_os_str());
    let trust = if list.advisory() {
        "advisory: whoever asks for an approval may be able to write it"
    } else {
        "only root can change it"
    };
    writeln!(out, "{path} ({trust})\n")?;
    let heading = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let mut rows = vec![heading(&["PERSON", "GROUPS", "OS USERS", "KEY", "ALGORITHM", "REQUIRE", "COUNTS"])];
    rows.extend(list.people().iter().flat_map(|one| person(list, one, now)));
    write!(out, "{}", table(&rows, coloured))?;
    let mut rows = vec![heading(&["ENVIRONMENT", "QUORUM", "GROUPS", "REQUIRE", "WITHIN", "CAN APPROVE"])];
    for (name, requirement) in environments(list) {
        let shown = if list.environments().is_some() { name.as_str() } else { "(any)" };
        rows.push(environment(list, shown, &requirement, now));
    }
    write!(out, "\n{}", table(&rows, coloured))?;
    if !list.revoked().is_empty() {
        writeln!(out, "\nRevoked:")?;
        for fingerprint in list.revoked() {
            writeln!(out, "  {fingerprint}")?;
        }
    }
    writeln!(out, "\nWhoever asks for an approval does not count for it.")
}

/// The list for programs.
pub(super) fn json(list: Option<&Approvers>, now: Timestamp, out: &mut dyn Write) -> anyhow::Result<()> {
    let object = list.map_or_else(
        || json!({ "schema": 1, "path": null, "people": [], "environments": [], "revoked": [] }),
        |list| {
            let key = |key: &Key| {
                json!({
                    "fingerprint": key.key.fingerprint(), "algorithm": key.key.algorithm(),
                    "security_key": key.key.is_security_key(), "require": presence(key.require),
                    "valid_after": key.valid_after, "valid_before": key.valid_before,
                    "revoked": list.is_revoked(&key.key),
                    "counts": key.is_valid_at(now) && !list.is_revoked(&key.key),
                })
            };
            let person = |person: &Person| {
                json!({
                    "id": person.id, "groups": person.groups, "os_users": person.os_users,
                    "keys": person.keys.iter().map(key).collect::<Vec<_>>(),
                })
            };
            json!({
                "schema": 1, "path": list.path().to_string_lossy(), "digest": list.digest(), "advisory": list.advisory(),
                "people": list.people().iter().map(person).collect::<Vec<_>>(),
                "environments": named(list, now), "revoked": list.revoked(),
            })
        },
    );
    let text = serde_json::to_string_pretty(&object)?;
    writeln!(out, "{}", sanitize::json(&text))?;
    Ok(())
}

/// The environments with who could approve there. Without that section there
/// is one without a name.
fn named(list: &Approvers, now: Timestamp) -> Vec<Value> {
    let one = |(name, requirement): (String, Requirement)| {
        let entry: Option<&Environment> = list.environments().and_then(|all| all.get(&name));
        let able: Vec<&str> =
            list.able(&requirement, &[], now).iter().map(|person| person.id.as_str()).collect();
        json!({
            "name": entry.map(|_| name), "quorum": requirement.quorum, "groups": requirement.groups.concat(),
            "require": presence(requirement.require), "max_ttl": format!("{:#}", requirement.max_ttl),
            "able": able,
        })
    };
    environments(list).into_iter().map(one).collect()
}
