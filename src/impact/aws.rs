//! What stands behind the ids of an operation of aws, and as whom it would act.
//!
//! The rulebook declares what is asked ([`Preview`]); the real aws asks it, with the
//! profile, region, endpoint and variables of the command itself, and only where the
//! grammar is sure that the question does nothing but read. All questions run at once.
//! What is found adds to what the words say; what could not be found out is a change too,
//! for rules to raise on.

mod given;
mod question;
mod rows;
mod tell;

use super::identity::aws as identity;
use super::probe::{Answer, ProbeError};
use super::{Impact, Subject};
use crate::rules::schema::previews::{Look, Preview};
use given::Given;
pub(super) use question::{Question, Trouble, ask, heard};

/// How many things are asked about one by one, where a look can only ask so.
const EACH: usize = 4;

/// A question that belongs to a look.
struct Asked<'a> {
    look: &'a Look,
    /// The thing that it is about, where it is about one.
    id: Option<String>,
    question: Result<Question, Trouble>,
}

/// Finds out what `subject` would do. What cannot be found out is a change that rules speak of.
pub fn find(subject: &Subject<'_>) -> Impact {
    let mut impact = Impact::default();
    let preview = preview(subject);
    let given = preview.map(|preview| Given::of(subject.command, preview));
    let asked = match (preview, &given) {
        (Some(preview), Some(Given::Ids(ids))) => looks(subject, preview, ids),
        _ => Vec::new(),
    };
    let who = identity::question(subject);
    let questions = who.iter().chain(asked.iter().map(|asked| &asked.question));
    let mut answers = ask(subject, questions.filter_map(|question| question.as_ref().ok())).into_iter();
    if let Some(who) = who {
        let place = who.as_ref().ok().map(|question| identity::place(subject, question));
        let answer = answered(who, &mut answers);
        identity::tell(subject, place, answer, &mut impact);
    }
    match (preview, given) {
        (Some(preview), Some(Given::Ids(ids))) => {
            let heard = asked
                .into_iter()
                .map(|Asked { look, id, question }| (look, id, answered(question, &mut answers)))
                .collect();
            let found = rows::found(&ids, heard);
            tell::all(preview, &found, &mut impact);
        }
        (Some(preview), Some(Given::Hidden(why))) => tell::hidden(preview, why, &mut impact),
        _ => {}
    }
    impact
}

/// What the rulebook has for the command.
fn preview<'a>(subject: &Subject<'a>) -> Option<&'a Preview> {
    let command = subject.command;
    let preview = subject.book.preview(&command.name(), subject.principal)?;
    let has = |flag: &String| {
        command.uncertain
            || command
                .flags
                .iter()
                .any(|given| given.name == *flag || command.may_stand_for(&given.name, flag))
    };
    let does = !command.rehearsed && command.inert.is_none();
    (does && preview.only_with.as_ref().is_none_or(has)).then_some(preview)
}

/// The questions of every look.
fn looks<'a>(subject: &Subject<'_>, preview: &'a Preview, ids: &[String]) -> Vec<Asked<'a>> {
    let mut all = Vec::new();
    for look in &preview.looks {
        if look.each {
            all.extend(ids.iter().take(EACH).map(|id| Asked {
                look,
                id: Some(id.clone()),
                question: Question::of(subject, look, Some(id)),
            }));
        } else {
            let id = if let [only] = ids { Some(only.clone()) } else { None };
            all.push(Asked { look, id, question: Question::of(subject, look, None) });
        }
    }
    all
}

/// The answer to a question, if it was asked.
fn answered(
    question: Result<Question, Trouble>,
    answers: &mut impl Iterator<Item = Result<Answer, ProbeError>>,
) -> Result<serde_json::Value, Trouble> {
    question.and_then(|_| heard(answers.next()))
}
