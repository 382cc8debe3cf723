//! What stands behind the ids of an operation of aws, and as whom it would act.
//!
//! The rulebook declares what is asked ([`Preview`]); the real aws asks it, with the
//! profile, region, endpoint and variables of the command itself, and only where the
//! grammar is sure that the question does nothing but read. All questions run at once.
//! What is found adds to what the words say; what could not be found out is a change too,
//! for rules to raise on.

mod given;
mod listed;
mod nothing;
mod question;
mod rows;
mod tell;

use super::identity::aws as identity;
use super::probe::{Answer, ProbeError};
use super::{Ended, Found, Impact, Subject};
use crate::rules::schema::previews::{Look, Preview};
use crate::verdict::Fact;
use given::Given;
use nothing::Instead;
pub(super) use question::{Question, Trouble, ask, ask_for, heard};
use rows::{Finding, Thing};

/// How many things are asked about one by one, where a look can only ask so.
const EACH: usize = 4;

/// A question that belongs to a look.
struct Asked<'a> {
    look: &'a Look,
    /// The thing that it is about, where it is about one.
    id: Option<String>,
    question: Result<Question, Trouble>,
}

/// What a question is about.
#[derive(Clone, Copy)]
enum About<'a> {
    /// All that the line names.
    All,
    /// One of those.
    One(&'a str),
    /// Something that was found.
    Found(&'a Thing),
}

/// Finds out what `subject` would do. What cannot be found out is a change that rules speak of.
pub fn find(subject: &Subject<'_>) -> Found {
    let mut impact = Impact::default();
    let preview = preview(subject);
    let given = preview.map(|preview| Given::of(subject.command, preview));
    let asked = match (preview, &given) {
        (Some(preview), Some(Given::Ids(ids))) => looks(subject, preview, ids),
        _ => Vec::new(),
    };
    let who = identity::question(subject);
    let listed = match (preview.and_then(|preview| preview.listed.as_ref()), &given) {
        (Some(listed), Some(Given::Ids(_))) => listed::question(subject, listed),
        _ => None,
    };
    let questions = who.iter().chain(&listed).chain(asked.iter().map(|asked| &asked.question));
    let mut answers = ask(subject, questions.filter_map(|question| question.as_ref().ok())).into_iter();
    if let Some(who) = who {
        let place = who.as_ref().ok().map(|question| identity::place(subject, question));
        let answer = who.and_then(|question| identity::heard_in_time(subject, &question, answers.next()));
        identity::tell(subject, place, answer, &mut impact);
    }
    match (preview, given) {
        (Some(preview), Some(Given::Ids(ids))) => {
            let listing = listed.map(|question| question.map(|_| answers.next()));
            let heard = all_heard(asked, answers);
            let mut found = match &preview.listed {
                Some(listed) => listed::found(subject.command, listed, ids.join(" "), listing, heard),
                None => rows::found(&ids, heard),
            };
            if found.names_nothing || nothing::has_no_source(subject) {
                match nothing::instead(subject, &found) {
                    Some(Instead::Nothing) => return Found::Ended(Ended::default()),
                    Some(Instead::Run(run)) => {
                        tell::nothing(&found, &mut impact);
                        impact.run = Some(run);
                        return impact.into();
                    }
                    None if found.absent.is_empty() => impact.notes.push(nothing::ASKED.to_owned()),
                    None => {}
                }
            }
            look_again(subject, preview, &mut found);
            tell::all(preview, &found, &mut impact);
            // It gets the command as well; but what it tells is no more than it says.
            for endpoint in subject.target.values(Fact::Endpoint) {
                impact.notes.push(format!(
                    "what is told of it is what {endpoint} answers, which whoever asks may have chosen"
                ));
            }
        }
        (Some(preview), Some(Given::Hidden(why))) => tell::hidden(preview, why, &mut impact),
        _ => {}
    }
    impact.into()
}

/// Looks whether it would still act on what `impact` was found to be about.
///
/// # Errors
/// What there is now, or that this is not known.
pub fn recheck(subject: &Subject<'_>, impact: &Impact) -> Result<(), String> {
    if impact.found.is_none() || subject.command.tool != "aws" {
        return Ok(());
    }
    let is_same = |now: &Found| matches!(now, Found::Impact(now) if now.found == impact.found);
    let mut now = find(subject);
    // An answer may come late once.
    if matches!(&now, Found::Impact(now) if now.found.is_none()) {
        now = find(subject);
    }
    if is_same(&now) {
        return Ok(());
    }
    let told = match &now {
        Found::Impact(now) => now.lines.first().map(|line| format!(": {line}")).unwrap_or_default(),
        Found::Ended(_) => ": nothing of it is there any more".to_owned(),
    };
    Err(format!("what it would act on is not what it was while this waited{told}"))
}

/// What the rulebook has for the command.
fn preview<'a>(subject: &Subject<'a>) -> Option<&'a Preview> {
    let command = subject.command;
    if command.rehearsed || command.inert.is_some() {
        return None;
    }
    let has = |flag: &String| {
        command.uncertain
            || command
                .flags
                .iter()
                .any(|given| given.name == *flag || command.may_stand_for(&given.name, flag))
    };
    let applies = |preview: &Preview| {
        preview.only_with.as_ref().is_none_or(has) && !preview.not_with.as_ref().is_some_and(has)
    };
    subject.book.preview(&command.name(), subject.principal, applies)
}

/// The questions of every look that needs no other's answer.
fn looks<'a>(subject: &Subject<'_>, preview: &'a Preview, ids: &[String]) -> Vec<Asked<'a>> {
    let mut all = Vec::new();
    for (at, look) in preview.looks.iter().enumerate().filter(|(_, look)| !look.is_second()) {
        if look.each {
            all.extend(ids.iter().take(EACH).map(|id| Asked {
                look,
                id: Some(id.clone()),
                question: Question::of(subject, look, About::One(id)),
            }));
            // Of what nobody asks about, nobody can say that it is not there.
            if at == 0 {
                all.extend(ids.iter().skip(EACH).map(|id| Asked {
                    look,
                    id: Some(id.clone()),
                    question: Err(Trouble::of(format!("no more than {EACH} are looked at"))),
                }));
            }
        } else if preview.listed.is_some() && has_nothing(subject, look) {
            // The place is on this machine.
        } else {
            let id = if let [only] = ids { Some(only.clone()) } else { None };
            let question = Question::of(subject, look, About::All);
            // From and to may be the same.
            if !all.iter().any(|asked: &Asked<'_>| asked.question == question) {
                all.push(Asked { look, id, question });
            }
        }
    }
    all
}

/// Whether the line gives a look nothing to ask about.
fn has_nothing(subject: &Subject<'_>, look: &Look) -> bool {
    look.with
        .values()
        .all(|source| given::values(subject.command, source).is_some_and(|values| values.is_empty()))
}

/// Asks what only what was found tells how to ask.
fn look_again(subject: &Subject<'_>, preview: &Preview, found: &mut Finding) {
    let mut asked = Vec::new();
    for look in preview.looks.iter().filter(|look| look.is_second()) {
        asked.extend(found.things.iter().take(EACH).map(|thing| Asked {
            look,
            id: Some(thing.id.clone()),
            question: Question::of(subject, look, About::Found(thing)),
        }));
    }
    let questions = asked.iter().filter_map(|asked| asked.question.as_ref().ok());
    let answers = ask(subject, questions).into_iter();
    found.add(all_heard(asked, answers));
}

/// The questions with their answers.
fn all_heard(
    asked: Vec<Asked<'_>>,
    mut answers: impl Iterator<Item = Result<Answer, ProbeError>>,
) -> Vec<rows::Heard<'_>> {
    let heard = |Asked { look, id, question }| (look, id, answered(question, &mut answers));
    asked.into_iter().map(heard).collect()
}

/// The answer to a question, if it was asked.
fn answered(
    question: Result<Question, Trouble>,
    answers: &mut impl Iterator<Item = Result<Answer, ProbeError>>,
) -> Result<serde_json::Value, Trouble> {
    question.and_then(|_| heard(answers.next()))
}
