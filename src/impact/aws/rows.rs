//! Answers to things: rows are put together by the id that they are about.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

use super::Trouble;
use crate::rules::schema::previews::Look;

/// The answer to one look, with the thing that it is about where it is about one.
pub(super) type Heard<'a> = (&'a Look, Option<String>, Result<Json, Trouble>);

/// A tag's name and value, as the services have them.
const TAGS: [(&str, &str); 3] = [("Key", "Value"), ("key", "value"), ("TagKey", "TagValue")];

/// The column that has the number of objects in it.
pub(super) const COUNT: &str = "objects";

/// Columns that say how much there is.
const COUNTS: [&str; 2] = [COUNT, "versions"];

/// What AWS itself puts on things.
const OF_AWS: &str = "aws:";

/// Something that would be changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Thing {
    pub(super) id: String,
    pub(super) name: Option<String>,
    /// Its tags; names in lower case.
    pub(super) tags: BTreeMap<String, String>,
    pub(super) protected: Option<bool>,
    /// Every column, as rules have its value.
    pub(super) columns: BTreeMap<String, Value>,
}

/// The value of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    Number(i64),
    /// More than is counted.
    MoreThan(u64),
    Yes(bool),
}

/// What goes with a thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) kind: String,
    pub(super) id: String,
}

/// All that was found.
#[derive(Debug, Default)]
pub(super) struct Finding {
    pub(super) things: Vec<Thing>,
    pub(super) members: Vec<Member>,
    /// Ids that nothing is known by.
    pub(super) absent: Vec<String>,
    /// What could not be found out, with what it is about.
    pub(super) troubles: Vec<(String, Trouble)>,
    /// Tags of where things are moved to, or are not now: they are of nothing that was found, and
    /// count all the same.
    pub(super) beside: BTreeSet<(String, String)>,
    /// Whether the line said what it acts on: more cannot be found out about that.
    pub(super) is_listed: bool,
    /// Whether a dry run that says all names nothing that the line would delete.
    pub(super) names_nothing: bool,
}

/// Puts the answers about `ids` together.
pub(super) fn found(ids: &[String], heard: Vec<Heard<'_>>) -> Finding {
    let mut finding = Finding::default();
    let first = heard.first().map(|(look, ..)| std::ptr::from_ref::<Look>(look));
    for (look, id, answer) in heard {
        let makes = first == Some(std::ptr::from_ref(look));
        let about = id.clone().unwrap_or_else(|| ids.join(" "));
        match answer {
            Ok(answer) => {
                let mut rows = rows(answer);
                if look.exact {
                    rows.retain(|row| text(row.get("id")).is_some_and(|id| ids.contains(&id)));
                }
                if look.members {
                    finding.members.extend(rows.iter().filter_map(member));
                } else {
                    take(&mut finding, look, id.as_deref(), rows, makes);
                }
            }
            // Of several, it is not known which one is not there.
            Err(trouble) if trouble.is_absence(&look.none) && (ids.len() == 1 || look.each || !makes) => {}
            Err(trouble) => finding.is_troubled(about, trouble),
        }
    }
    // What nobody answered for is there, as far as anybody knows.
    if finding.troubles.is_empty() {
        let known = |id: &&String| !finding.things.iter().any(|thing| thing.is(id));
        finding.absent = ids.iter().filter(known).cloned().collect();
        if finding.things.len() >= ids.len() {
            // They are known by other names.
            finding.absent.clear();
        }
    }
    finding.things.sort_by(|a, b| a.id.cmp(&b.id));
    finding
}

impl Finding {
    /// Adds answers about what was found.
    pub(super) fn add(&mut self, heard: Vec<Heard<'_>>) {
        for (look, id, answer) in heard {
            match answer {
                Ok(answer) if look.members => self.members.extend(rows(answer).iter().filter_map(member)),
                Ok(answer) => take(self, look, id.as_deref(), rows(answer), false),
                Err(trouble) if trouble.is_absence(&look.none) => {}
                Err(trouble) => self.is_troubled(id.unwrap_or_default(), trouble),
            }
        }
    }

    /// Adds answers about `place`, where nothing of what was found is.
    pub(super) fn add_beside(&mut self, place: &str, heard: Vec<Heard<'_>>) {
        for (look, _, answer) in heard {
            match answer {
                Ok(answer) => {
                    let all = rows(answer).into_iter().filter_map(|mut row| row.remove("tags"));
                    self.beside.extend(all.flat_map(|value| tags(&value)));
                }
                Err(trouble) if trouble.is_absence(&look.none) => {}
                Err(trouble) => self.is_troubled(place.to_owned(), trouble),
            }
        }
    }

    /// What it comes to for whoever agrees: what is there, not in what state. `None` where it is not known.
    pub(super) fn digest(&self) -> Option<String> {
        let is_known = self.is_listed || self.troubles.is_empty();
        if !is_known || self.things.is_empty() {
            return None;
        }
        let counted =
            |thing: &Thing| COUNTS.map(|name| thing.columns.get(name).map(|count| format!("{count:?}")));
        let mut all: Vec<String> = self.things.iter().map(|thing| thing.id.clone()).collect();
        all.extend(self.things.iter().flat_map(counted).flatten());
        all.extend(self.members.iter().map(|member| format!("{} {}", member.kind, member.id)));
        all.sort_unstable();
        // No id holds this letter.
        Some(format!("sha256:{}", crate::digest::sha256(all.join("\0").as_bytes())))
    }

    /// Notes a trouble, once where several looks have it.
    pub(super) fn is_troubled(&mut self, about: String, trouble: Trouble) {
        let same = |(known, noted): &(String, Trouble)| *known == about && noted.short == trouble.short;
        if !self.troubles.iter().any(same) {
            self.troubles.push((about, trouble));
        }
    }
}

impl Thing {
    /// Whether `id` is what it is called by.
    fn is(&self, id: &str) -> bool {
        self.id == id || self.name.as_deref() == Some(id) || id.ends_with(&format!("/{}", self.id))
    }
}

/// Adds rows to the things that they are about. Only the first look makes things.
fn take(finding: &mut Finding, look: &Look, id: Option<&str>, rows: Vec<Map<String, Json>>, makes: bool) {
    for row in rows {
        let own = text(row.get("id"));
        let about = own.or_else(|| id.map(str::to_owned));
        let at = match &about {
            Some(about) => finding.things.iter().position(|thing| thing.is(about)),
            None => None,
        };
        // With one thing there, a row by another name is about that one.
        let at = at.or_else(|| (!makes && finding.things.len() == 1).then_some(0));
        let at = match at {
            Some(at) => at,
            None if makes => {
                finding.things.push(Thing { id: about.unwrap_or_default(), ..Thing::default() });
                finding.things.len() - 1
            }
            None => continue,
        };
        if let Some(thing) = finding.things.get_mut(at) {
            fill(thing, row, look);
        }
    }
}

/// Adds what a row says.
fn fill(thing: &mut Thing, row: Map<String, Json>, look: &Look) {
    for (name, value) in row {
        match name.as_str() {
            "id" => {}
            "name" => thing.name = text(Some(&value)).or(thing.name.take()),
            "tags" => thing.tags.extend(tags(&value)),
            // Of two that answer, the one that protects counts.
            "protected" => {
                let on = truth(&value);
                thing.protected = thing.protected.max(on);
            }
            _ => {
                if let Some(value) = column(&value, look) {
                    thing.columns.insert(name, value);
                }
            }
        }
    }
    let named = thing.tags.get("name").filter(|name| !name.is_empty() && **name != thing.id);
    thing.name = thing.name.take().or_else(|| named.cloned()).filter(|name| *name != thing.id);
}

fn rows(answer: Json) -> Vec<Map<String, Json>> {
    match answer {
        Json::Array(rows) => rows.into_iter().flat_map(self::rows).collect(),
        Json::Object(row) => vec![row],
        _ => Vec::new(),
    }
}

fn member(row: &Map<String, Json>) -> Option<Member> {
    let id = text(row.get("id"))?;
    Some(Member { kind: text(row.get("kind")).unwrap_or_else(|| "resource".to_owned()), id })
}

fn text(value: Option<&Json>) -> Option<String> {
    match value? {
        Json::String(text) if !text.is_empty() => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// What a service writes for yes and no.
fn truth(value: &Json) -> Option<bool> {
    match value {
        Json::Bool(on) => Some(*on),
        Json::Number(number) => number.as_f64().map(|number| number > 0.0),
        Json::String(text) => Some(!matches!(
            text.to_ascii_lowercase().as_str(),
            "" | "false" | "no" | "none" | "disabled" | "inactive"
        )),
        Json::Array(members) => Some(!members.is_empty()),
        Json::Null | Json::Object(_) => None,
    }
}

fn column(value: &Json, look: &Look) -> Option<Value> {
    Some(match value {
        Json::Bool(on) => Value::Yes(*on),
        Json::Number(number) => match (number.as_i64(), look.most) {
            (Some(number), Some(most)) if u64::try_from(number).is_ok_and(|number| number > most) => {
                Value::MoreThan(most)
            }
            (Some(number), _) => Value::Number(number),
            (None, _) => Value::Text(number.to_string()),
        },
        Json::String(text) if !text.is_empty() => Value::Text(text.clone()),
        Json::Array(members) => {
            let texts: Vec<String> = members.iter().filter_map(|member| text(Some(member))).collect();
            if texts.is_empty() {
                return None;
            }
            Value::Text(texts.join(" "))
        }
        _ => return None,
    })
}

/// Tags as a list of pairs, in any service's spelling, or as a map.
fn tags(value: &Json) -> BTreeMap<String, String> {
    let text = |value: &Json| value.as_str().map(str::to_owned).unwrap_or_default();
    let pair = |row: &Json| {
        let (key, value) = TAGS.iter().find_map(|(key, value)| Some((row.get(key)?, row.get(value))))?;
        Some((text(key), value.map(text).unwrap_or_default()))
    };
    let pairs: Vec<(String, String)> = match value {
        Json::Array(rows) => rows.iter().filter_map(pair).collect(),
        Json::Object(map) => map.iter().map(|(key, value)| (key.clone(), text(value))).collect(),
        _ => Vec::new(),
    };
    let own = pairs.into_iter().filter(|(key, _)| !key.is_empty() && !key.starts_with(OF_AWS));
    own.map(|(key, value)| (key.to_lowercase(), value)).collect()
}

#[cfg(test)]
mod tests;
