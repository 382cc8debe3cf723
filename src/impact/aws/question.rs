//! Questions to the real aws, and what came of them.

use std::ffi::{OsStr, OsString};
use std::time::Duration;

use serde_json::Value as Json;

use super::rows::{Thing, Value};
use super::{About, given};
use crate::command::declared::Surroundings;
use crate::command::{self, Command, Flag, Outside};
use crate::impact::Subject;
use crate::impact::probe::{Answer, PATIENCE, Probe, ProbeError};
use crate::invocation::{Invocation, files};
use crate::process::Environment;
use crate::rules::schema::Strings;
use crate::rules::schema::previews::{Look, Rehearsed};

/// The global options that decide who asks, and where.
const VALUED: [&str; 6] =
    ["--profile", "--region", "--endpoint-url", "--ca-bundle", "--cli-read-timeout", "--cli-connect-timeout"];
const SWITCHES: [&str; 2] = ["--no-verify-ssl", "--no-sign-request"];

/// What has commands of `aws s3` only say what they would do.
const REHEARSAL: &str = "--dryrun";

/// What has them say less, of a rehearsal too.
const SILENT: [&str; 2] = ["--quiet", "--only-show-errors"];

/// Variables that would have aws ask, or page.
const QUIET: [(&str, &str); 3] =
    [("AWS_PAGER", ""), ("AWS_CLI_AUTO_PROMPT", "off"), ("AWS_RETRY_MODE", "standard")];

/// Something to ask.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::impact) struct Question {
    /// The words, without `aws`.
    words: Vec<OsString>,
    /// The same as the grammar reads it.
    pub(in crate::impact) command: Command,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::impact) struct Trouble {
    /// In few words, which are the same the next time.
    pub(in crate::impact) short: String,
    /// As aws said it.
    pub(in crate::impact) full: String,
    /// The code of the error, where the service gave one.
    pub(in crate::impact) code: Option<String>,
}

impl Trouble {
    pub(in crate::impact) fn of(why: impl Into<String>) -> Self {
        let short = why.into();
        Self { full: short.clone(), short, code: None }
    }

    /// Whether the service says that there is no such thing, `none` being other codes that do.
    pub(super) fn is_absence(&self, none: &Strings) -> bool {
        let Some(code) = &self.code else { return false };
        let says = ["NotFound", "NoSuch", "NonExist", "NotExist"].iter().any(|part| code.contains(part));
        says || none.has(code) || (code == "ValidationError" && self.full.contains("does not exist"))
    }
}

impl Question {
    /// What `look` asks `about` something.
    pub(super) fn of(subject: &Subject<'_>, look: &Look, about: About<'_>) -> Result<Self, Trouble> {
        let mut words: Vec<OsString> = Vec::new();
        let naming = look.with.iter().map(|pair| (pair, true));
        for ((flag, source), names) in naming.chain(look.within.iter().map(|pair| (pair, false))) {
            let hidden = || Trouble::of("its name is in something that was not read");
            let mut values = match (about, source.strip_prefix(Look::COLUMN)) {
                (About::Found(thing), Some(column)) => vec![told(thing, column)?],
                (_, Some(column)) => {
                    return Err(Trouble::of(format!("nothing was found to tell its {column}")));
                }
                (_, None) => given::values(subject.command, source).ok_or_else(hidden)?,
            };
            if let (About::One(id), true) = (about, names) {
                values.retain(|value| value == id);
            }
            values.retain(|value| !value.is_empty());
            if !values.is_empty() {
                words.push(flag.into());
                words.extend(values.into_iter().map(OsString::from));
            }
        }
        words.extend(look.and.iter().map(OsString::from));
        Self::asking(subject, &look.read, words, &look.query)
    }

    /// The operation `read` with these words, where the grammar is sure that it is that.
    pub(in crate::impact) fn asking(
        subject: &Subject<'_>,
        read: &str,
        more: Vec<OsString>,
        query: &str,
    ) -> Result<Self, Trouble> {
        let mut words: Vec<OsString> = read.split(' ').map(OsString::from).collect();
        words.extend(more);
        for name in VALUED {
            if let Some(value) = subject.command.flag(name).flatten() {
                words.push([name.as_ref(), value].join("=".as_ref()));
            }
        }
        let on = SWITCHES.into_iter().filter(|name| subject.command.flag(name).is_some());
        words.extend(on.map(OsString::from));
        words.extend(["--query", query, "--output", "json"].map(OsString::from));
        let command = parsed(subject, &words)?;
        if command.name() != read || !is_sure(&command) {
            let why = command.doubt.as_deref().unwrap_or("it may be another command");
            return Err(Trouble::of(format!("it is not certain that aws {read} only reads: {why}")));
        }
        Ok(Self { words, command })
    }

    /// The line itself, made to say what it would do, where the grammar is sure that it
    /// does no more, and that it says all of it.
    pub(super) fn rehearsing(subject: &Subject<'_>) -> Result<Self, Trouble> {
        let given = &subject.program.arguments;
        let mut words: Vec<OsString> = given.iter().filter(|word| !silences(word)).cloned().collect();
        // Behind `--` it would be the name of a file.
        let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
        words.insert(end, REHEARSAL.into());
        let command = parsed(subject, &words)?;
        let own = |of: &Command| -> Vec<Flag> {
            let is_ours = |flag: &&Flag| flag.name != REHEARSAL && !SILENT.contains(&flag.name.as_str());
            of.flags.iter().filter(is_ours).cloned().collect()
        };
        let is_same = command.path == subject.command.path
            && command.operands == subject.command.operands
            && own(&command) == own(subject.command);
        let is_loud = !command.flags.iter().any(|flag| SILENT.contains(&flag.name.as_str()));
        if !is_same || !is_loud || !is_sure(&command) || !command.rehearsed {
            return Err(Trouble::of(format!("it is not certain what it means with {REHEARSAL}")));
        }
        let elsewhere = |flag: &&Flag| {
            let value = flag.value.as_deref().and_then(OsStr::to_str).unwrap_or_default();
            let is_fetched =
                ["file://", "fileb://", "http://", "https://"].iter().any(|at| value.starts_with(at));
            is_fetched && !command::aws::is_global(&flag.name)
        };
        if let Some(flag) = command.flags.iter().find(elsewhere) {
            return Err(Trouble::of(format!("what {} is stands elsewhere", flag.name)));
        }
        Ok(Self { words, command })
    }
}

/// Whether a word has commands of `aws s3` say less than all that they do.
fn silences(word: &OsStr) -> bool {
    let begins = |word: &str| word.len() > 2 && SILENT.iter().any(|name| name.starts_with(word));
    word.to_str().is_some_and(begins)
}

/// What the grammar makes of the words of a question.
pub(super) fn parsed(subject: &Subject<'_>, words: &[OsString]) -> Result<Command, Trouble> {
    let invocation = Invocation { tool: "aws".into(), program: None, arguments: words.to_vec() };
    let files = files::read(subject.process, &invocation, Some(subject.directory));
    let outside = Outside { environment: subject.environment(), files: &files };
    let (directory, environment) = (Some(subject.directory), subject.environment());
    let home = subject.process.user().home.as_deref();
    let surroundings = Surroundings { directory, base: None, home, environment, input: None };
    command::here::parse("aws", words, outside, &surroundings).map_err(|error| Trouble::of(error.to_string()))
}

/// Whether it is certain what aws does with it.
pub(super) fn is_sure(command: &Command) -> bool {
    command.known && command.doubt.is_none() && !command.uncertain && command.inert.is_none()
}

/// What was found says of a thing in `column`, where aws would take it for just that: whoever
/// answers chooses it.
fn told(thing: &Thing, column: &str) -> Result<String, Trouble> {
    match thing.columns.get(column) {
        Some(Value::Text(text)) if given::is_plain(text) => Ok(text.clone()),
        _ => Err(Trouble::of(format!("aws does not tell its {column}"))),
    }
}

/// Asks all at once; the answers come in the order of the questions.
pub(in crate::impact) fn ask<'q>(
    subject: &Subject<'_>,
    questions: impl Iterator<Item = &'q Question>,
) -> Vec<Result<Answer, ProbeError>> {
    ask_for(subject, questions, subject.book.patience().unwrap_or(PATIENCE))
}

/// The same for as long as `patience`.
pub(in crate::impact) fn ask_for<'q>(
    subject: &Subject<'_>,
    questions: impl Iterator<Item = &'q Question>,
    patience: Duration,
) -> Vec<Result<Answer, ProbeError>> {
    let mut environment: Environment = subject.environment().clone();
    for (name, value) in QUIET {
        environment.set(name, value);
    }
    let patience = subject.patience(patience);
    let probes: Vec<Probe<'_>> = questions
        .map(|question| Probe {
            program: &subject.program.path,
            arguments: question.words.clone(),
            environment: &environment,
            directory: subject.directory,
            patience,
        })
        .collect();
    std::thread::scope(|scope| {
        let asked: Vec<_> = probes.iter().map(|probe| scope.spawn(|| probe.ask())).collect();
        let lost = || Err(ProbeError::Run(std::io::Error::other("the question was lost")));
        asked.into_iter().map(|one| one.join().unwrap_or_else(|_| lost())).collect()
    })
}

/// What an answer says, or why there is none.
pub(in crate::impact) fn heard(answer: Option<Result<Answer, ProbeError>>) -> Result<Json, Trouble> {
    let answer = match answer {
        None => return Err(Trouble::of("it was not asked")),
        Some(Err(error)) => return Err(Trouble::of(error.to_string())),
        Some(Ok(answer)) => answer,
    };
    if answer.code != Some(0) {
        return Err(trouble(&answer.said));
    }
    if answer.printed.iter().all(u8::is_ascii_whitespace) {
        return Ok(Json::Null);
    }
    serde_json::from_slice(&answer.printed).map_err(|_| Trouble::of("the answer is no JSON"))
}

/// What a rehearsal names of what it would do: every line of it, for certain.
pub(super) fn rehearsed(
    answer: Option<Result<Answer, ProbeError>>,
    verb: Rehearsed,
) -> Result<Vec<String>, Trouble> {
    let answer = match answer {
        None => return Err(Trouble::of("it was not asked")),
        Some(Err(error)) => return Err(Trouble::of(error.to_string())),
        Some(Ok(answer)) => answer,
    };
    // What it would skip it says as a warning, and ends so.
    let warns = || answer.said.lines().all(|line| line.is_empty() || line.starts_with("warning: "));
    if !(answer.code == Some(0) || (answer.code == Some(2) && !answer.said.is_empty() && warns())) {
        return Err(trouble(&answer.said));
    }
    let printed = String::from_utf8_lossy(&answer.printed);
    let said = "(dryrun) ";
    if !printed.is_empty() && !printed.starts_with(said) {
        return Err(Trouble::of("the answer is no list"));
    }
    let mark = match verb {
        Rehearsed::Delete => "delete: ",
        Rehearsed::Move => "move: ",
    };
    // The rest of a name with a line break in it is no line of its own.
    let named = printed.lines().filter_map(|line| line.strip_prefix(said)?.strip_prefix(mark));
    Ok(named.map(str::to_owned).collect())
}

/// Reads what aws says when it fails. What differs from one time to the next, as the id
/// of a request, is in `full` only.
fn trouble(said: &str) -> Trouble {
    let last = said.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("it failed").to_owned();
    let behind = last.split_once("An error occurred (").map(|(_, rest)| rest);
    let code = behind.and_then(|rest| rest.split_once(')')).map(|(code, _)| code.to_owned());
    let plain = |code: &String| !code.is_empty() && code.len() < 80 && !code.contains(' ');
    let code = code.filter(plain);
    let has = |part: &str| last.contains(part);
    let short = match &code {
        Some(code) => format!("aws answers {code}"),
        None if has("Could not connect") || has("Connection was closed") || has("onnect timeout") => {
            "the endpoint cannot be reached".to_owned()
        }
        None if has("ead timeout") => "the endpoint does not answer".to_owned(),
        None if has("redentials") || has("SSO") => "there are no usable credentials".to_owned(),
        None if has("You must specify a region") => "no region is given".to_owned(),
        None => "aws fails at it".to_owned(),
    };
    Trouble { short, full: last, code }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rehearsal_counts_only_where_it_says_all() {
        let lost = "warning: Skipping file /x. File does not exist.\n";
        for (code, printed, said, names) in [
            (0, "(dryrun) delete: s3://b/a\n(dryrun) upload: x to s3://b/x\n", "", Some(vec!["s3://b/a"])),
            (
                0,
                "(dryrun) delete: s3://b/a\nb\n(dryrun) delete: s3://b/c\n",
                "",
                Some(vec!["s3://b/a", "s3://b/c"]),
            ),
            (0, "", "", Some(vec![])),
            (2, "(dryrun) delete: s3://b/a\n", lost, Some(vec!["s3://b/a"])),
            (2, "", "usage: aws [options]\naws: error: no\n", None),
            (2, "", "", None),
            (1, "(dryrun) delete: s3://b/a\n", "fatal error: An error occurred (AccessDenied) when\n", None),
            (0, "(\0d\0r\0y", "", None),
        ] {
            let printed = printed.as_bytes().to_vec();
            let answer = Answer { code: Some(code), printed, said: said.to_owned() };
            let heard = rehearsed(Some(Ok(answer)), Rehearsed::Delete);
            let names = names.map(|names| names.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(heard.ok(), names, "{code} {said}");
        }
        let late = rehearsed(Some(Err(ProbeError::Late(PATIENCE))), Rehearsed::Move);
        assert_eq!(late.unwrap_err().short, "there was no answer within 3 s");
    }

    #[test]
    fn what_aws_says_is_told_in_words_that_stay_the_same() {
        for (said, short, code) in [
            (
                "\nAn error occurred (UnauthorizedOperation) when calling the DescribeInstances operation: You are not. Encoded: xyz\n",
                "aws answers UnauthorizedOperation",
                Some("UnauthorizedOperation"),
            ),
            (
                "Could not connect to the endpoint URL: \"http://127.0.0.1:1/\"",
                "the endpoint cannot be reached",
                None,
            ),
            (
                "Unable to locate credentials. You can configure credentials by running \"aws configure\".",
                "there are no usable credentials",
                None,
            ),
            (
                "Error loading SSO Token: Token for https://x.awsapps.com/start does not exist",
                "there are no usable credentials",
                None,
            ),
            ("An error occurred (a b) when", "aws fails at it", None),
            ("", "aws fails at it", None),
        ] {
            let found = trouble(said);
            assert_eq!((found.short.as_str(), found.code.as_deref()), (short, code), "{said}");
        }
    }

    #[test]
    fn what_an_answer_names_is_asked_about_only_as_it_stands() {
        let thing = |text: &str| Thing {
            columns: [("arn".to_owned(), Value::Text(text.to_owned()))].into(),
            ..Thing::default()
        };
        let arn = "arn:aws:ecr:eu-central-2:123456789012:repository/web";
        assert_eq!(told(&thing(arn), "arn"), Ok(arn.to_owned()));
        for text in ["", "--profile=admin", "file:///etc/shadow", "http://h/", "@x", "[\"a\"]", "a\nb"] {
            assert!(told(&thing(text), "arn").is_err(), "{text}");
        }
        assert!(told(&Thing::default(), "arn").is_err());
    }

    #[test]
    fn only_the_service_itself_says_that_something_is_not_there() {
        let look = Look { none: crate::rules::schema::Strings(vec!["Odd".to_owned()]), ..Look::default() };
        for (said, absent) in [
            ("An error occurred (InvalidInstanceID.NotFound) when calling: x", true),
            ("An error occurred (NoSuchBucket) when calling: x", true),
            ("An error occurred (ValidationError) when calling: Stack with id x does not exist", true),
            ("An error occurred (ValidationError) when calling: x is too short", false),
            ("An error occurred (Odd) when calling: x", true),
            ("An error occurred (AccessDenied) when calling: NotFound", false),
            ("NotFound", false),
        ] {
            assert_eq!(trouble(said).is_absence(&look.none), absent, "{said}");
        }
    }
}
