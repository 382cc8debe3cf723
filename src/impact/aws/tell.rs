//! What was found, as lines for people, changes for rules, and facts of the target.

use super::Trouble;
use super::rows::{Finding, Member, Thing, Value};
use crate::command::declared::{RESOURCE, change};
use crate::impact::Impact;
use crate::rules::schema::previews::Preview;
use crate::verdict::Fact;

/// How many tags of one thing stand on its line.
const TAGS: usize = 6;

/// How many tags are facts of the target.
const FACTS: usize = 100;

/// How many things that go with another are told, and judged.
const MEMBERS: usize = 500;

/// How many of those that a line lists are told; all of them are judged.
const LISTED: usize = 10;

/// The kind under which rules know the place whose objects a line lists.
const PLACE: &str = "listed-objects";

/// Tells all of it.
pub(super) fn all(preview: &Preview, finding: &Finding, impact: &mut Impact) {
    let verb = preview.verb.as_ref().unwrap_or(&preview.action);
    for (about, trouble) in &finding.troubles {
        unknown(preview, about, trouble, impact);
    }
    let mut things: Vec<&Thing> = finding.things.iter().collect();
    things.sort_by_key(|thing| thing.protected != Some(true));
    for thing in things {
        impact.lines.push(line(preview, verb, thing));
        impact.changes.push(change(RESOURCE, words(preview, thing, finding.things.len())));
    }
    // What the line lists is what it acts on; the rest goes with that.
    let (with, told) = if preview.listed.is_some() { ("", LISTED) } else { (" with it", MEMBERS) };
    for (at, member) in finding.members.iter().take(MEMBERS).enumerate() {
        let Member { kind, id } = member;
        if at < told {
            impact.lines.push(format!("{verb}{with} {kind} {id}"));
        }
        impact.changes.push(change(
            RESOURCE,
            [preview.action.clone(), kind.clone(), id.clone(), "member=true".to_owned()],
        ));
    }
    if let Some(more) = finding.members.len().checked_sub(told).filter(|more| *more > 0) {
        impact.lines.push(format!("{verb}{with} {more} more"));
    }
    if finding.members.len() > MEMBERS {
        let fields = [format!("action={}", preview.action), format!("why=more than {MEMBERS} go with it")];
        let words = ["unknown".to_owned(), preview.kind.clone(), String::new()];
        impact.changes.push(change(RESOURCE, words.into_iter().chain(fields)));
    }
    for id in &finding.absent {
        let what = if preview.kind == PLACE { id.clone() } else { format!("{} {id}", preview.kind) };
        impact.lines.push(format!("{what} is not there: nothing of it is lost"));
    }
    tags(finding, impact);
    impact.found = finding.digest();
}

/// Tells that a line that would delete nothing runs so that it cannot.
pub(super) fn nothing(finding: &Finding, impact: &mut Impact) {
    impact.lines.push("delete nothing: there is nothing to delete, so it runs without --delete".to_owned());
    tags(finding, impact);
}

/// Tells that it is not known what the line acts on.
pub(super) fn hidden(preview: &Preview, why: &str, impact: &mut Impact) {
    unknown(preview, "", &Trouble::of(why), impact);
}

fn unknown(preview: &Preview, about: &str, trouble: &Trouble, impact: &mut Impact) {
    let Preview { kind, action, .. } = preview;
    let what = match (about, kind.as_str()) {
        ("", PLACE) => "which objects it is about".to_owned(),
        ("", kind) => format!("which {kind} it is"),
        (about, PLACE) => format!("which objects below {about} it is about"),
        (about, kind) => format!("what {kind} {about} is"),
    };
    let why = if trouble.full.starts_with(&trouble.short) { "" } else { trouble.short.as_str() };
    let colon = if why.is_empty() { "" } else { ": " };
    impact.lines.push(format!("{what}, is not known: {why}{colon}{}", trouble.full));
    let fields = [format!("action={action}"), format!("why={}", trouble.short)];
    let words = ["unknown".to_owned(), kind.clone(), about.to_owned()];
    impact.changes.push(change(RESOURCE, words.into_iter().chain(fields)));
}

/// A thing for people.
fn line(preview: &Preview, verb: &str, thing: &Thing) -> String {
    let mut told: Vec<String> = thing.name.iter().cloned().collect();
    for name in &preview.columns {
        let spaced = name.replace('_', " ");
        match thing.columns.get(name) {
            Some(Value::Text(text)) => told.push(text.clone()),
            Some(Value::Number(1)) => told.push(format!("1 {}", spaced.strip_suffix('s').unwrap_or(&spaced))),
            Some(Value::Number(number)) => told.push(format!("{number} {spaced}")),
            Some(Value::MoreThan(most)) => told.push(format!("more than {most} {spaced}")),
            Some(Value::Yes(true)) => told.push(spaced),
            Some(Value::Yes(false)) => told.push(format!("not {spaced}")),
            None => {}
        }
    }
    let tags = thing.tags.iter().filter(|(key, _)| *key != "name");
    told.extend(tags.clone().take(TAGS).map(|(key, value)| format!("{key}={value}")));
    if let Some(more) = tags.count().checked_sub(TAGS).filter(|more| *more > 0) {
        told.push(format!("{more} more tags"));
    }
    if let (Some(protection), Some(on)) = (&preview.protection, thing.protected) {
        told.push(format!("{protection} {}", if on { "on" } else { "off" }));
    }
    let told = if told.is_empty() { String::new() } else { format!(" ({})", told.join(", ")) };
    let kind = if preview.kind == PLACE { "objects below" } else { preview.kind.as_str() };
    format!("{verb} {kind} {}{told}", thing.id)
}

/// A thing for rules.
fn words(preview: &Preview, thing: &Thing, of: usize) -> Vec<String> {
    let mut words = vec![preview.action.clone(), preview.kind.clone(), thing.id.clone(), format!("of={of}")];
    words.extend(thing.name.iter().map(|name| format!("name={name}")));
    words.extend(thing.protected.map(|on| format!("protected={on}")));
    let own = |name: &str| Preview::FIELDS.contains(&name);
    for (name, value) in thing.columns.iter().filter(|(name, _)| !own(name)) {
        let value = match value {
            Value::Text(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::MoreThan(most) => most.saturating_add(1).to_string(),
            Value::Yes(on) => on.to_string(),
        };
        words.push(format!("{name}={value}"));
    }
    words.extend(thing.tags.iter().map(|(key, value)| format!("tag.{}={value}", key.replace('=', "_"))));
    words
}

/// What people wrote on the things. Whoever may write there could write anything: it can
/// make a target guarded, and proves nothing.
fn tags(finding: &Finding, impact: &mut Impact) {
    let own = finding.things.iter().flat_map(|thing| &thing.tags);
    let beside = finding.beside.iter().map(|(key, value)| (key, value));
    let all: std::collections::BTreeSet<String> =
        own.chain(beside).map(|(key, value)| format!("{key}={value}")).collect();
    if all.len() > FACTS {
        impact.target.cannot_read(format!("the things have more than {FACTS} different tags"));
    }
    for tag in all.into_iter().take(FACTS) {
        impact.target.claim(Fact::Tag, tag);
    }
}
