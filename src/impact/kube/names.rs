//! The names that were found, in place of the selector that found them: what runs is
//! what was looked at, whatever was created meanwhile.

use std::collections::{BTreeSet, HashSet};
use std::ffi::OsString;

use super::deleted::{Deletion, selects};
use super::looks::Looks;
use super::objects::{Item, Object};
use super::report::Report;
use super::words::{SELECTION, Words};
use crate::command;
use crate::impact::{Run, Subject};
use crate::process::Environment;

/// Up to how many names are written out.
const FEW: usize = 200;

/// What is said where names run. It is bound to an approval, and so the same each time.
const BY_NAME: &str = "the objects are deleted by the names that were found: what is created meanwhile stays";

/// What runs in place of the line, and the request that waits with it.
#[derive(Debug)]
pub(super) struct Instead {
    pub(super) run: Run,
    pub(super) earlier: Option<String>,
}

/// The line with names for its selector, and what of `found` it is about. Where names
/// wait for an approval already, and still are of what was found, those.
pub(super) fn instead(
    subject: &Subject<'_>,
    words: Words<'_>,
    looks: &Looks<'_>,
    found: Deletion,
    report: &mut Report,
) -> (Deletion, Option<Instead>) {
    if !selects(words) {
        return (found, None);
    }
    if let Some((kept, run)) = approved(subject, words, looks, &found) {
        report.note(BY_NAME);
        let earlier = subject.earlier.map(|earlier| earlier.id.clone());
        return (kept, Some(Instead { run, earlier }));
    }
    let seen: HashSet<Object> = found.items.iter().map(Item::object).collect();
    let written = if found.objects.iter().all(|object| seen.contains(object)) {
        named(words, &found.objects)
    } else {
        Err("it was not found out which namespaces they are in, so the selector runs")
    };
    match written {
        Ok(arguments) => {
            report.note(BY_NAME);
            let run = Run { approved: arguments.clone(), arguments, given: None };
            (found, Some(Instead { run, earlier: None }))
        }
        Err(why) => {
            report.note(why);
            (found, None)
        }
    }
}

/// The line with these names for its selector, or why not.
fn named(words: Words<'_>, objects: &[Object]) -> Result<Vec<OsString>, &'static str> {
    let places: BTreeSet<&str> = objects.iter().filter_map(|object| object.namespace.as_deref()).collect();
    if objects.len() > FEW {
        return Err("more than 200 objects, so the selector runs: what matches then is deleted too");
    }
    if places.len() > 1 {
        return Err("more than one namespace, so the selector runs: what matches then is deleted too");
    }
    let mut arguments = vec![OsString::from("delete")];
    arguments.extend(objects.iter().map(|object| object.word().into()));
    if let Some(place) = places.first() {
        arguments.push(format!("--namespace={place}").into());
    }
    arguments.extend(words.flags_but(&[SELECTION, &["all", "ignore-not-found"]].concat()));
    arguments.push("--ignore-not-found".into());
    if reads_as(&arguments, objects) {
        Ok(arguments)
    } else {
        Err("the names cannot be written for kubectl, so the selector runs: what matches then is deleted too")
    }
}

/// Whether the grammar reads these arguments as a delete of these objects and no others.
fn reads_as(arguments: &[OsString], objects: &[Object]) -> bool {
    let Some((place, read)) = read(arguments) else { return false };
    let same = |(object, read): (&Object, &Object)| object.word() == read.word();
    let inside = objects.iter().all(|object| object.namespace.is_none() || object.namespace == place);
    read.len() == objects.len() && inside && objects.iter().zip(&read).all(same)
}

/// The namespace and the objects that a line of names is about.
fn read(arguments: &[OsString]) -> Option<(Option<String>, Vec<Object>)> {
    let line = command::parse("kubectl", arguments, &Environment::default()).ok()?;
    let words = Words::of(&line);
    if line.path != ["delete"]
        || line.inert.is_some()
        || line.rehearsed
        || !words.are_whole()
        || selects(words)
    {
        return None;
    }
    let objects: Option<Vec<Object>> =
        line.operands.iter().map(|operand| Object::of_line(operand.to_str()?)).collect();
    Some((words.value("--namespace").map(str::to_owned), objects?))
}

/// What waits for an approval: names that the same line would have found, of which
/// each was found again now, or is gone.
fn approved(
    subject: &Subject<'_>,
    words: Words<'_>,
    looks: &Looks<'_>,
    found: &Deletion,
) -> Option<(Deletion, Run)> {
    let arguments = subject.earlier?.runs.as_ref()?;
    let (place, names) = read(arguments)?;
    let is_there = |name: &Object, object: &Object| {
        object.word() == name.word() && (object.namespace.is_none() || object.namespace == place)
    };
    let (mut objects, mut missing) = (Vec::new(), Vec::new());
    for name in &names {
        match found.objects.iter().find(|object| is_there(name, object)) {
            Some(object) => objects.push(object.clone()),
            None => missing.push(name),
        }
    }
    // The names may be those of another line: with them, this one has to be the same.
    let placed = |name: &Object| Object { namespace: place.clone(), ..name.clone() };
    let again = named(words, &names.iter().map(placed).collect::<Vec<_>>()).ok()?;
    if again != *arguments || objects.is_empty() || !are_gone(words, looks, &missing, place.as_deref(), found)
    {
        return None;
    }
    let items = found.items.iter().filter(|item| objects.contains(&item.object())).cloned().collect();
    let run = Run { approved: arguments.clone(), arguments: arguments.clone(), given: None };
    Some((Deletion { objects, items }, run))
}

/// Whether these are of the kinds that are deleted, and there is none of them any more:
/// one that is there, but was not found, is not what the line is about.
fn are_gone(
    words: Words<'_>,
    looks: &Looks<'_>,
    missing: &[&Object],
    place: Option<&str>,
    found: &Deletion,
) -> bool {
    if missing.is_empty() {
        return true;
    }
    let meant = |name: &&Object| {
        let same = |object: &Object| object.resource == name.resource;
        found.objects.iter().any(same)
            || words.command().objects.iter().any(|object| object.kind == name.kind)
    };
    let inside = place.map(|place| format!("--namespace={place}"));
    let flags: Vec<&str> =
        inside.as_deref().into_iter().chain(["--ignore-not-found", "--output=name"]).collect();
    let operands: Vec<OsString> = missing.iter().map(|name| name.word().into()).collect();
    missing.iter().all(meant)
        && looks.names(words.question(&["get"], &[], &flags, &operands)).is_ok_and(|there| there.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_of(line: &str, objects: &[(&str, Option<&str>, &str)]) -> Result<String, &'static str> {
        let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        let command = command::parse("kubectl", &words, &Environment::default()).unwrap();
        let objects: Vec<Object> =
            objects.iter().map(|(resource, place, name)| Object::new(resource, *place, name)).collect();
        let named = named(Words::of(&command), &objects)?;
        Ok(named.iter().map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn names_stand_for_the_selector_and_the_rest_stays() {
        let web = [("pod", Some("dev"), "web-1"), ("pod", Some("dev"), "web-2")];
        let named = |line: &str| words_of(line, &web).unwrap();
        assert_eq!(
            named("-n dev delete pods -l app=web --grace-period 0 --force"),
            "delete pod/web-1 pod/web-2 --namespace=dev --grace-period=0 --force --ignore-not-found"
        );
        assert_eq!(
            named("--context c delete pods --all -A --cascade=orphan --wait=false --as someone -o name"),
            "delete pod/web-1 pod/web-2 --namespace=dev --context=c --cascade=orphan --wait=false --as=someone \
             --output=name --ignore-not-found"
        );
        assert_eq!(
            words_of("delete pv --all", &[("persistentvolume", None, "a")]).unwrap(),
            "delete persistentvolume/a --ignore-not-found"
        );
    }

    #[test]
    fn what_cannot_be_named_at_once_is_selected() {
        let two = [("pod", Some("a"), "x"), ("pod", Some("b"), "x")];
        assert!(words_of("delete pods -A -l a=b", &two).is_err());
        let many: Vec<String> = (0..201).map(|number| format!("web-{number}")).collect();
        let many: Vec<_> = many.iter().map(|name| ("pod", Some("a"), name.as_str())).collect();
        assert!(words_of("delete pods --all", &many).is_err());
        assert!(words_of("delete pods --all", &many[..200]).is_ok());
        assert!(words_of("delete pods --all", &[("--all", Some("a"), "x")]).is_err());
    }
}
