//! `delete`: which objects, what goes with them, and what of it nobody brings back.

use std::collections::BTreeMap;

use super::inside;
use super::looks::{Looks, MOST, NONE};
use super::names;
use super::objects::{Item, Object};
use super::owned;
use super::report::{Report, counted};
use super::words::{SELECTION, Words};
use crate::impact::{Ended, Found, Subject};

/// The objects that are deleted, and as the server has them.
#[derive(Debug, Default)]
pub(super) struct Deletion {
    pub(super) objects: Vec<Object>,
    pub(super) items: Vec<Item>,
    /// Whether the server said what is there.
    pub(super) is_looked_up: bool,
}

/// Whether the objects are chosen by what they are, and not by their names.
pub(super) fn selects(words: Words<'_>) -> bool {
    let files = words.has("--filename") || words.has("--kustomize");
    let chosen = ["--selector", "--field-selector"].iter().any(|name| words.has(name));
    !files && (chosen || words.is_on("--all") || words.is_on("--all-namespaces"))
}

pub(super) fn find(subject: &Subject<'_>, words: Words<'_>, looks: &Looks<'_>) -> Found {
    let mut report = Report::default();
    let found = match look(words, looks, &mut report) {
        Ok(found) => found,
        Err(why) => {
            report.unknown("count", &why);
            return report.impact().into();
        }
    };
    if found.objects.is_empty() && selects(words) {
        // As kubectl ends there.
        return Found::Ended(Ended {
            code: 0,
            printed: format!("{NONE}\n").into_bytes(),
            ..Ended::default()
        });
    }
    if is_absent(words, &found) {
        return Found::Ended(Ended::default());
    }
    let all = found.objects.len();
    let listed = found.objects.clone();
    let (mut found, run) = names::instead(subject, words, looks, found, &mut report);
    found.objects.truncate(MOST);
    tell(words, looks, &found, &mut report);
    if all > MOST {
        report.unknown("count", &format!("more than {MOST} objects"));
    }
    let mut impact = report.impact();
    match run {
        Some(names::Instead { run, earlier }) => (impact.run, impact.earlier) = (Some(run), earlier),
        None => impact.deletes = may_change(words).then_some(listed),
    }
    impact.into()
}

/// Whether the objects that the line names are not there, and it says that this is well: it would
/// delete nothing. Without that, who names an object means one that will be there.
fn is_absent(words: Words<'_>, found: &Deletion) -> bool {
    let is_nothing = !found.objects.is_empty() && found.items.is_empty() && found.is_looked_up;
    is_nothing && !may_change(words) && words.is_on("--ignore-not-found")
}

/// Whether the line may come to mean other objects: it names them by a file, or chooses.
fn may_change(words: Words<'_>) -> bool {
    selects(words) || words.has("--filename") || words.has("--kustomize")
}

/// The objects that it deletes, looked up once more.
///
/// # Errors
/// Why they are not known.
pub(super) fn objects(words: Words<'_>, looks: &Looks<'_>) -> Result<Vec<Object>, String> {
    look(words, looks, &mut Report::default()).map(|found| found.objects)
}

/// Asks which objects it would delete, and for these as they are.
fn look(words: Words<'_>, looks: &Looks<'_>, report: &mut Report) -> Result<Deletion, String> {
    let operands = &words.command().operands;
    let more = [SELECTION, &["all"]].concat();
    let rehearsal = ["--dry-run=client", "--output=name", "--ignore-not-found"];
    let mut objects = looks.names(words.question(&["delete"], &more, &rehearsal, operands))?;
    if objects.is_empty() {
        return Ok(Deletion::default());
    }
    let shown = ["--output=json", "--ignore-not-found"];
    let looked_up = looks.items(words.question(&["get"], SELECTION, &shown, operands));
    let is_looked_up = looked_up.is_ok();
    let items = looked_up.unwrap_or_else(|why| {
        report.unknown("details", &why);
        Vec::new()
    });
    place(&mut objects, &items);
    Ok(Deletion { objects, items, is_looked_up })
}

/// Tells each object the namespace that it was found in.
fn place(objects: &mut [Object], items: &[Item]) {
    let mut places: BTreeMap<String, Vec<Option<String>>> = BTreeMap::new();
    for item in items.iter().rev() {
        let object = item.object();
        places.entry(object.word()).or_default().push(object.namespace);
    }
    for object in objects {
        object.namespace = places.get_mut(&object.word()).and_then(Vec::pop).flatten();
    }
}

/// Says what is deleted.
fn tell(words: Words<'_>, looks: &Looks<'_>, found: &Deletion, report: &mut Report) {
    let Deletion { objects, items, .. } = found;
    let spaces: std::collections::BTreeSet<&str> =
        objects.iter().filter_map(|object| object.namespace.as_deref()).collect();
    let place = match spaces.len() {
        0 => String::new(),
        1 => format!(" in {}", spaces.iter().copied().collect::<String>()),
        count => format!(" in {count} namespaces"),
    };
    if !objects.is_empty() {
        report.first(format!("deletes {}{place}", counted(objects)));
    }
    let by_word: BTreeMap<(String, Option<String>), &Item> =
        items.iter().map(|item| (key(&item.object()), item)).collect();
    let volumes = inside::volumes(words, looks, items, report);
    let mut sorted: Vec<&Object> = objects.iter().collect();
    sorted.sort_by_key(|object| object.gravity());
    let mut owners = items.clone();
    for object in sorted {
        let item = by_word.get(&key(object)).copied();
        one(words, looks, object, item, &volumes, report);
        if object.kind == "customresourcedefinitions" {
            owners.extend(inside::definition(words, looks, &object.name, report));
        }
    }
    let dependents = owned::with(words, looks, &owners, report);
    report.share(objects.len(), dependents.len());
}

fn key(object: &Object) -> (String, Option<String>) {
    (object.word(), object.namespace.clone())
}

/// Says what is lost with one object.
fn one(
    words: Words<'_>,
    looks: &Looks<'_>,
    object: &Object,
    item: Option<&Item>,
    volumes: &inside::Volumes,
    report: &mut Report,
) {
    let mut fields = Vec::new();
    let mut told = None;
    match object.kind.as_str() {
        "namespaces" => inside::namespace(words, looks, &object.name, report),
        "persistentvolumes" => {
            let policy = item.and_then(|item| item.text("spec/persistentVolumeReclaimPolicy"));
            if let Some(policy) = policy {
                fields.push(("reclaim", policy.to_owned()));
                told = Some(format!("reclaim policy {policy}"));
            }
        }
        "persistentvolumeclaims" => {
            if let Some(volume) = volumes.of(object) {
                fields.extend([("volume", volume.name.clone()), ("reclaim", volume.policy.clone())]);
                told = Some(volume.told());
            }
        }
        "statefulsets" => {
            let templates =
                item.and_then(|item| item.at("spec/volumeClaimTemplates")?.as_array().map(Vec::len));
            if templates.is_some_and(|count| count > 0) {
                told =
                    Some("the persistentvolumeclaims of its pods stay, but for those named below".to_owned());
            }
        }
        "pods" => fields
            .extend(item.and_then(|item| item.text("status/phase")).map(|phase| ("phase", phase.to_owned()))),
        _ => {}
    }
    report.happens("delete", object, &fields);
    let line = match told {
        Some(told) => format!("{}: {told}", object.shown()),
        None => object.shown(),
    };
    if object.is_grave() { report.grave(line) } else { report.line(line) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::impact::kube::objects::items;

    #[test]
    fn objects_of_one_name_are_in_each_of_their_namespaces() {
        let found = items(
            br#"{"kind":"List","apiVersion":"v1","items":[{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x","namespace":"a"}},
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"x","namespace":"b"}}]}"#,
        )
        .unwrap();
        let mut objects: Vec<Object> =
            ["pod/x", "pod/x", "pod/y"].into_iter().filter_map(Object::of_line).collect();
        place(&mut objects, &found);
        let shown: Vec<String> = objects.iter().map(Object::shown).collect();
        assert_eq!(shown, ["pods a/x", "pods b/x", "pods y"]);
    }
}
