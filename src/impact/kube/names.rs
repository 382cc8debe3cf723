//! The names that were found, in place of the selector that found them: what runs is
//! what was looked at, whatever was created meanwhile.
//!
//! A few names of one namespace are words of the line. A line has only one namespace, and
//! only so much room: more names are manifests that kubectl reads from a sealed file.

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsString;

use serde_json::json;

use super::deleted::{Deletion, selects};
use super::looks::Looks;
use super::objects::{Item, Object};
use super::report::Report;
use super::words::{SELECTION, Words};
use crate::command;
use crate::impact::sealed::Sealed;
use crate::impact::{Given, Run, Subject};
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
    match written(words, &found) {
        Ok(run) => {
            report.note(BY_NAME);
            (found, Some(Instead { run, earlier: None }))
        }
        Err(why) => {
            report.note(why);
            (found, None)
        }
    }
}

/// The line with the names of `found` for its selector, or why not.
fn written(words: Words<'_>, found: &Deletion) -> Result<Run, &'static str> {
    let Deletion { objects, items, .. } = found;
    let by_object: HashMap<Object, &Item> = items.iter().map(|item| (item.object(), item)).collect();
    let seen: Option<Vec<&Item>> = objects.iter().map(|object| by_object.get(object).copied()).collect();
    let Some(seen) = seen else {
        return Err("it was not found out which namespaces they are in, so the selector runs");
    };
    let places: BTreeSet<&str> = objects.iter().filter_map(|object| object.namespace.as_deref()).collect();
    if objects.len() > FEW || places.len() > 1 {
        return listed(words, &seen);
    }
    let arguments = named(words, objects, places.first().copied())?;
    Ok(Run { approved: arguments.clone(), arguments, command: None, given: None })
}

/// The line that reads the names from a list, which may be of many namespaces.
fn listed(words: Words<'_>, items: &[&Item]) -> Result<Run, &'static str> {
    if words.is_on("--interactive") {
        return Err(
            "kubectl asks once more, and reads the answer where it would read the names, so the selector \
                    runs: what matches then is deleted too",
        );
    }
    let list = json!({
        "apiVersion": "v1",
        "kind": "List",
        "items": items.iter().map(|item| item.reference()).collect::<Vec<_>>(),
    });
    let failed =
        |_| "the names cannot be handed over here, so the selector runs: what matches then is deleted too";
    let sealed = Sealed::of(list.to_string().as_bytes()).map_err(failed)?;
    let line = |file: &str| {
        let mut arguments = vec![OsString::from("delete"), format!("--filename={file}").into()];
        arguments.extend(rest(words));
        arguments
    };
    let approved = line(&format!("stdin:{}", sealed.sha256()));
    Ok(Run { arguments: line("-"), approved, command: None, given: Some(Given::Input(sealed)) })
}

/// The flags that stay beside names.
fn rest(words: Words<'_>) -> Vec<OsString> {
    let mut flags = words.flags_but(&[SELECTION, &["all", "ignore-not-found"]].concat());
    flags.push("--ignore-not-found".into());
    flags
}

/// The line that has the names among its words, or why not.
fn named(words: Words<'_>, objects: &[Object], place: Option<&str>) -> Result<Vec<OsString>, &'static str> {
    let mut arguments = vec![OsString::from("delete")];
    arguments.extend(objects.iter().map(|object| object.word().into()));
    arguments.extend(place.map(|place| format!("--namespace={place}").into()));
    arguments.extend(rest(words));
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
    let again = named(words, &names.iter().map(placed).collect::<Vec<_>>(), place.as_deref()).ok()?;
    if again != *arguments || objects.is_empty() || !are_gone(words, looks, &missing, place.as_deref(), found)
    {
        return None;
    }
    let items = found.items.iter().filter(|item| objects.contains(&item.object())).cloned().collect();
    let run = Run { approved: arguments.clone(), arguments: arguments.clone(), command: None, given: None };
    Some((Deletion { objects, items, is_looked_up: true }, run))
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
    use crate::impact::kube::objects::items;

    fn run_of(line: &str, objects: &[(&str, &str, &str)]) -> Result<Run, &'static str> {
        let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        let command = command::parse("kubectl", &words, &Environment::default()).unwrap();
        let manifests: Vec<String> = objects
            .iter()
            .map(|(kind, place, name)| {
                json!({"apiVersion": "v1", "kind": kind, "metadata": {"namespace": place, "name": name}})
                    .to_string()
            })
            .collect();
        let items = items(manifests.concat().as_bytes()).unwrap();
        let objects = items.iter().map(Item::object).collect();
        written(Words::of(&command), &Deletion { objects, items, is_looked_up: true })
    }

    fn words_of(line: &str, objects: &[(&str, &str, &str)]) -> Result<String, &'static str> {
        let run = run_of(line, objects)?;
        assert!(run.given.is_none());
        Ok(shown(&run.arguments))
    }

    fn shown(arguments: &[OsString]) -> String {
        arguments.iter().map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn names_stand_for_the_selector_and_the_rest_stays() {
        let web = [("Pod", "dev", "web-1"), ("Pod", "dev", "web-2")];
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
            words_of("delete pv --all", &[("PersistentVolume", "", "a")]).unwrap(),
            "delete persistentvolume/a --ignore-not-found"
        );
    }

    #[test]
    fn what_one_line_has_no_room_for_is_listed() {
        let two = [("Pod", "a", "x"), ("Pod", "b", "x")];
        let run = run_of("delete pods -A -l a=b --now", &two).unwrap();
        assert_eq!(shown(&run.arguments), "delete --filename=- --now --ignore-not-found");
        let Some(Given::Input(sealed)) = &run.given else { panic!("{run:?}") };
        assert_eq!(
            shown(&run.approved),
            format!("delete --filename=stdin:{} --now --ignore-not-found", sealed.sha256())
        );
        let list: serde_json::Value = serde_json::from_slice(&sealed.bytes().unwrap()).unwrap();
        let places: Vec<&str> = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["metadata"]["namespace"].as_str().unwrap())
            .collect();
        assert_eq!(places, ["a", "b"]);
        assert!(run_of("delete pods -A -l a=b --interactive", &two).is_err());
        let many: Vec<String> = (0..201).map(|number| format!("web-{number}")).collect();
        let many: Vec<_> = many.iter().map(|name| ("Pod", "a", name.as_str())).collect();
        assert!(run_of("delete pods --all", &many).unwrap().given.is_some());
        assert!(words_of("delete pods --all", &many[..200]).is_ok());
    }

    #[test]
    fn what_cannot_be_named_is_selected() {
        assert!(run_of("delete pods --all", &[("-x", "a", "x")]).is_err());
        let mut found = Deletion::default();
        found.objects.push(Object::new("pod", None, "x"));
        let command = command::parse(
            "kubectl",
            &["delete".into(), "pods".into(), "--all".into()],
            &Environment::default(),
        );
        assert!(written(Words::of(&command.unwrap()), &found).is_err());
    }
}
