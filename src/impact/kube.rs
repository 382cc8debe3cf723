//! What kubectl would do, and to which objects: asked of the server by the user's own
//! kubectl, with the user's own words.
//!
//! A delete is asked for once more as a rehearsal (`--dry-run=client`), which reads the
//! line as the real one does, and what it names is looked up. Where a selector chose the
//! objects, and they are few, their names run in its place (`names`): what is created
//! while somebody thinks about it stays.
//!
//! What cannot be found out is said, and is a change that rules raise on.

mod changed;
mod deleted;
mod drained;
pub mod fed;
mod inside;
pub mod kept;
mod looks;
mod names;
pub mod objects;
mod owned;
mod raw;
mod refused;
mod report;
pub mod stated;
mod words;

use super::{Found, Impact, ImpactError, Subject};
use crate::context::kube::{manifests, manifests_anywhere};
use crate::context::target::Target;
use crate::rules::environment::classify;
use crate::verdict::Decision;
use looks::Looks;
use objects::Object;
use report::Report;
use stated::Stated;
use words::Words;

/// Finds out what `subject` would do.
///
/// # Errors
/// Where nothing may run.
pub fn find(subject: &Subject<'_>) -> Result<Found, ImpactError> {
    let looks = Looks::new(subject);
    let fed = fed::feed(subject, &looks)?;
    let seen = Subject { command: fed.command.as_ref().unwrap_or(subject.command), ..*subject };
    // Of what cannot be read, the target says so.
    let stated = stated::of(seen.command, seen.directory);
    let says_nothing = stated.as_ref().is_some_and(Vec::is_empty);
    let mut place = Target::default();
    if let Some(command) = &fed.command {
        manifests_anywhere(command, &mut place);
    }
    let is_unread = [subject.target, &place].iter().any(|one| !one.unreadable().is_empty());
    let is_odd = stated.as_ref().is_none_or(|all| all.iter().any(|one| !one.is_taken()));
    if manifests::act(seen.command) && (fed.is_unknown || is_odd || is_unread) {
        let words = Words::of(seen.command);
        if let Some(ended) = refused::refused(words, &looks, fed.named.as_ref()) {
            return Ok(Found::Ended(ended));
        }
    }
    let stated = stated.unwrap_or_default();
    if fed.is_unknown {
        let mut found = unseen("what it would send is not known", stated);
        if let Found::Impact(impact) = &mut found {
            fed.add_to(impact);
        }
        return Ok(found);
    }
    let words = Words::of(subject.command);
    if words.reads_another_stream(subject.directory)
        || (fed.command.is_none() && words.reads_a_stream(subject.directory))
    {
        return Ok(unseen(
            "what is read from a pipe or a device is not looked at: save it to a file",
            stated,
        ));
    }
    // Where the words may pass, only what is said in what it is fed counts.
    let may_pass = subject.judgement.decision <= Decision::Allow
        && fed.command.is_some()
        && !is_guarded(subject, &place);
    let mut found =
        if may_pass && says_nothing { Impact::default().into() } else { look(&seen, &looks, stated) };
    if let Found::Impact(impact) = &mut found {
        if fed.command.is_some() {
            // What was read is what runs; only the line before that could be asked again.
            impact.deletes = None;
        }
        impact.target.add_all(&place);
        fed.add_to(impact);
        kept::foresee(subject, impact, looks.until());
    }
    Ok(found)
}

/// Looks whether a deletion is still about nothing but what it was found to be about.
///
/// # Errors
/// What it would delete beside, or why that is not known.
pub fn recheck(subject: &Subject<'_>, impact: &Impact) -> Result<(), String> {
    let Some(before) = &impact.deletes else { return Ok(()) };
    let now = deleted::objects(Words::of(subject.command), &Looks::new(subject))
        .map_err(|why| format!("which objects it deletes could not be found out again: {why}"))?;
    // What is gone meanwhile is in no namespace any more.
    let is_known = |object: &Object| {
        let same = |one: &Object| one.word() == object.word();
        before.contains(object) || (object.namespace.is_none() && before.iter().any(same))
    };
    match now.iter().find(|object| !is_known(object)) {
        Some(other) => {
            Err(format!("it would delete something else than while this waited: {}", other.shown()))
        }
        None => Ok(()),
    }
}

/// Whether the command acts in a guarded place, where it acts in `place` as well.
fn is_guarded(subject: &Subject<'_>, place: &Target) -> bool {
    let mut target = subject.target.clone();
    target.add_all(place);
    classify(subject.book, &target, subject.principal).guarded_for(subject.principal)
}

/// What nobody looks at, for this reason, and what it states.
fn unseen(why: &str, stated: Vec<Stated>) -> Found {
    let mut report = Report::default();
    report.unknown("count", why);
    for one in stated {
        one.add_to(&mut report);
    }
    report.impact().into()
}

/// Asks the server about a command. What its manifests state counts beside that, wherever the
/// server says nothing of the object: kubectl may go on all the same.
fn look(subject: &Subject<'_>, looks: &Looks<'_>, stated: Vec<Stated>) -> Found {
    let command = subject.command;
    if command.inert.is_some() || command.rehearsed {
        return Impact::default().into();
    }
    let words = Words::of(command);
    let path: Vec<&str> = command.path.iter().map(String::as_str).collect();
    if manifests::act(command) && words.reads_once() {
        return unseen("what is read from standard input or from a URL is not looked at", stated);
    }
    let looked_at = ["delete", "drain", "apply", "create", "replace", "patch", "scale"];
    if !matches!(path.as_slice(), [one] if looked_at.contains(one)) {
        return Impact::default().into();
    }
    if !words.are_whole() {
        return unseen("tollgate does not know every flag of this line, so it was not asked", stated);
    }
    let mut report = Report::default();
    match path.as_slice() {
        ["delete"] if words.has("--raw") => raw::find(words, looks, &mut report),
        ["delete"] => return deleted::find(subject, words, looks),
        ["drain"] => drained::find(words, looks, &mut report),
        _ => {
            let told = changed::find(words, looks, &mut report);
            let untold = stated.into_iter().filter(|one| !one.is_told_by(&told));
            untold.for_each(|one| one.add_to(&mut report));
        }
    }
    report.impact().into()
}

/// Keeps what a delete would lose.
///
/// # Errors
/// Why it could not be kept.
pub fn keep(subject: &Subject<'_>, impact: &Impact, request: &str) -> Result<Option<String>, String> {
    if impact.run.is_none() && Words::of(subject.command).reads_a_stream(subject.directory) {
        return Err(
            "what this deletes is not kept, so undo will not bring it back: it is named by a pipe".to_owned()
        );
    }
    kept::keep(subject, impact, request)
}
