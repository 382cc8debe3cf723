//! What a line lists by itself: the objects that its dry run names, or that stand in its body.

use std::path::Path;

use super::given::{ADDRESS, TO};
use super::question::{Question, rehearsed};
use super::rows::{COUNT, Finding, Heard, Member, Thing, Value};
use super::{Subject, Trouble};
use crate::command::Command;
use crate::impact::probe::{Answer, ProbeError};
use crate::rules::schema::Strings;
use crate::rules::schema::previews::{Listed, Rehearsed};

/// What a file of this machine is called, which an object is moved to or from.
const FILE: &str = "file";

/// The question to the line itself; `None` where the line's own words have it all.
pub(super) fn question(subject: &Subject<'_>, listed: &Listed) -> Option<Result<Question, Trouble>> {
    let verb = listed.rehearsed?;
    Some(to_where(subject, verb).and_then(|()| Question::rehearsing(subject)))
}

/// Fails where the dry run would make a directory, as those of all below an address do with the
/// one that is not there.
fn to_where(subject: &Subject<'_>, verb: Rehearsed) -> Result<(), Trouble> {
    let command = subject.command;
    let last = command.operands.last().filter(|last| !last.to_string_lossy().starts_with(ADDRESS));
    let is_of_all = command.name() == "s3 sync" || command.flag("--recursive").is_some();
    let Some(last) = last.filter(|_| is_of_all) else { return Ok(()) };
    match (subject.directory.join(Path::new(last)).try_exists(), verb) {
        (Ok(true), _) => Ok(()),
        (Ok(false), Rehearsed::Delete) => {
            let code = Some("NoSuchDirectory".to_owned());
            Err(Trouble { code, ..Trouble::of("there is no such directory") })
        }
        _ => Err(Trouble::of("its dry run would make the directory that it moves to")),
    }
}

/// What is listed, at `place`, with what looks `heard` of that.
pub(super) fn found(
    command: &Command,
    listed: &Listed,
    place: String,
    answer: Option<Result<Option<Result<Answer, ProbeError>>, Trouble>>,
    heard: Vec<Heard<'_>>,
) -> Finding {
    let names = match (listed.rehearsed, answer, &listed.field) {
        (Some(verb), Some(answer), _) => answer.and_then(|answer| rehearsed(answer, verb)),
        (_, _, Some(field)) => in_body(command, field),
        _ => Err(Trouble::of("nothing says how to look")),
    };
    let is_of_deleting = listed.rehearsed == Some(Rehearsed::Delete);
    let mut finding = Finding::default();
    let mut thing = Thing { id: place.clone(), ..Thing::default() };
    match names {
        // The code of a request without a body for an answer.
        Err(trouble) if trouble.is_absence(&Strings(vec!["404".to_owned()])) => {
            finding.absent.push(place);
            finding.names_nothing = is_of_deleting;
        }
        Err(trouble) => {
            finding.things.push(thing);
            finding.is_troubled(place, trouble);
        }
        Ok(names) => {
            finding.names_nothing = is_of_deleting && names.is_empty();
            finding.is_listed = true;
            let count = i64::try_from(names.len()).unwrap_or(i64::MAX);
            thing.columns.insert(COUNT.to_owned(), Value::Number(count));
            finding.things.push(thing);
            let is_file = |id: &str| listed.rehearsed.is_some() && !id.starts_with(ADDRESS);
            let kind = |id: &str| if is_file(id) { FILE.to_owned() } else { listed.kind.clone() };
            finding.members = names.into_iter().map(|id| Member { kind: kind(&id), id }).collect();
        }
    }
    let goes_there = |(look, ..): &Heard<'_>| look.with.values().any(|source| source == TO);
    let is_of_moving = listed.rehearsed == Some(Rehearsed::Move);
    let (beside, own) = heard.into_iter().partition(|one| is_of_moving && goes_there(one));
    if finding.things.is_empty() {
        // What is not there now may be there when it runs.
        let place = finding.absent.first().cloned().unwrap_or_default();
        finding.add_beside(&place, own);
    } else {
        finding.add(own);
    }
    let to = command.operands.last().map(|to| to.to_string_lossy()).unwrap_or_default();
    finding.add_beside(to.strip_prefix(ADDRESS).unwrap_or(&to), beside);
    finding
}

/// What stands at `field` of the line.
fn in_body(command: &Command, field: &str) -> Result<Vec<String>, Trouble> {
    let (flag, below) = field.split_once('.').unwrap_or((field, ""));
    let (flag, dashed) = (flag, format!("--{flag}"));
    let is_it = |path: &str| {
        let (name, rest) = path.split_once('.').unwrap_or((path, ""));
        (name == flag || command.may_stand_for(&format!("--{name}"), &dashed)).then(|| rest.to_owned())
    };
    let fields = &command.fields;
    let holds = |path: &String| is_it(path).is_some_and(|rest| is_above(&rest, below));
    let unread = fields.unread
        || fields.unread_below.iter().chain(&fields.unknown_inside).any(holds)
        || fields.unread_flags.iter().any(|name| *name == dashed || command.may_stand_for(name, &dashed));
    let set = fields.set.iter().filter(|set| is_it(&set.path).is_some_and(|rest| rest == below));
    let names: Vec<String> = set.map(|set| set.value.clone()).collect();
    if unread || names.is_empty() {
        return Err(Trouble::of("what it names is in something that was not read"));
    }
    Ok(names)
}

/// Whether `path` is `below` or what that stands in.
fn is_above(path: &str, below: &str) -> bool {
    path.is_empty() || below.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::process::Environment;

    #[test]
    fn every_name_in_a_body_is_found_or_none() {
        let both = Some(vec!["a".to_owned(), "b c".to_owned()]);
        for (words, names) in [
            (r#"--delete '{"Objects": [{"Key": "a"}, {"Key": "b c", "VersionId": "1"}]}'"#, both.clone()),
            ("--delete 'Objects=[{Key=a},{Key=b c}],Quiet=true'", both.clone()),
            (r#"--cli-input-json '{"Delete": {"Objects": [{"Key": "a"}, {"Key": "b c"}]}}'"#, both),
            ("--delete 'Objects=[{Key=a},{Key=a}]'", Some(vec!["a".to_owned(), "a".to_owned()])),
            ("--del 'Objects=[{Key=a}]'", Some(vec!["a".to_owned()])),
            (r#"--delete '{"Objects": []}'"#, None),
            ("--delete file://keys.json", None),
            ("--delete https://h/keys.json", None),
            ("--delete 'Objects=[{Key=a}]' --cli-input-json file://input.json", None),
            ("--delete 'Objects=[{Key=a},{Key'", None),
            ("", None),
        ] {
            let line = format!("s3api delete-objects --bucket b {words}");
            let line: Vec<OsString> =
                shell_words::split(&line).unwrap().into_iter().map(OsString::from).collect();
            let command = crate::command::parse("aws", &line, &Environment::default()).unwrap();
            assert_eq!(in_body(&command, "delete.Objects.Key").ok(), names, "{words}");
        }
    }
}
