//! The command lines in a rulebook that prove its rules, judged through the
//! same path as real ones.

use std::ffi::OsString;
use std::path::Path;

use super::book::Rulebook;
use super::carried::{carried, elsewhere};
use super::environment::{Place, classify};
use super::judge::{Judgement, judge, matched, rehearses};
use super::matching::{Facts, Sense, Situation};
use super::reason::{holding, reasons};
use super::schema::{Rule, Strings};
use crate::command::declared::{self, Surroundings};
use crate::command::{Command, grammar, here};
use crate::context::principal::principal;
use crate::context::target::Target;
use crate::process::Environment;
use crate::shell;
use crate::shell::value::Value;
use crate::shell::walk::{self, NoScripts, Run, What};
use crate::ui::sanitize;
use crate::verdict::PrincipalKind;

mod trial;

pub use trial::{Failing, failing};

/// The directory that cases start in.
const DIRECTORY: &str = "/home/dev/project";

/// The home directory of whoever types them.
const HOME: &str = "/home/dev";

/// A case, read: its commands in the environment that it names, and nothing else.
#[derive(Debug)]
pub struct Case {
    commands: Vec<One>,
    /// The tools of the file that the case stands in.
    tools: Strings,
}

/// One command of a case.
#[derive(Debug)]
struct One {
    command: Command,
    /// The variables that stand before the command.
    environment: Environment,
    target: Target,
    principal: PrincipalKind,
}

impl One {
    fn of(command: Command, environment: Environment) -> Self {
        let target = crate::context::target_of(&command, &environment, None);
        let principal = principal(&environment, &[], true).kind;
        Self { command, environment, target, principal }
    }
}

/// Reads a case: a line as it is typed into a shell. Other commands may stand in
/// it too, also one that carries a tool of the file elsewhere.
///
/// # Errors
/// Why the line cannot be a case of a file that speaks of `tools`.
pub fn read(line: &str, tools: &Strings, book: &Rulebook) -> Result<Case, String> {
    let surroundings = walk::Surroundings {
        directory: Some(Path::new(DIRECTORY)),
        home: Some(Path::new(HOME)),
        inherited: &|_| false,
        scripts: &NoScripts,
        place: shell::inner::Place::Here,
        typing: walk::Typing::Apart,
        form: walk::Form::Line,
    };
    let runs = walk::read(line.as_bytes(), surroundings);
    let mut commands = Vec::new();
    for run in &runs {
        let environment: Environment = run
            .environment
            .iter()
            .filter_map(|(name, value)| value.as_ref().map(|value| (name, value.to_os_string())))
            .collect();
        for command in read_run(run, &environment, tools, book)? {
            commands.push(One::of(command, environment.clone()));
        }
    }
    let own = |one: &One| tools.has(&one.command.tool) || one.command.carried.is_some();
    let has_grammar = tools.iter().any(|tool| grammar(tool).is_some());
    match runs.iter().find_map(program) {
        None if commands.is_empty() => Err("the case names no command".to_owned()),
        Some(program) if has_grammar && !commands.iter().any(own) => {
            Err(format!("`{program}` is not a tool of this file"))
        }
        _ => Ok(Case { commands, tools: tools.clone() }),
    }
}

/// The program that a line begins with.
fn program(run: &Run) -> Option<String> {
    match &run.what {
        What::Command(words) => words.first().map(|word| String::from_utf8_lossy(word.shown()).into_owned()),
        _ => None,
    }
}

/// The commands that are judged of one thing that a line runs.
fn read_run(
    run: &Run,
    environment: &Environment,
    tools: &Strings,
    book: &Rulebook,
) -> Result<Vec<Command>, String> {
    if run.place == shell::inner::Place::Remote {
        return Ok(elsewhere(book, run));
    }
    let surroundings = Surroundings {
        directory: run.directory.as_deref(),
        base: Some(Path::new(DIRECTORY)),
        home: Some(Path::new(HOME)),
        environment,
        input: run.input.as_deref(),
    };
    let command = match &run.what {
        What::Opaque(why) => return Err(why.clone()),
        What::Script(path) => declared::script(&path.to_os_string()),
        What::Redirection(kind, file) => {
            declared::redirection(kind.name(), &file.to_os_string(), &surroundings)
        }
        What::Command(words) => {
            let words: Vec<OsString> = words.iter().map(Value::to_os_string).collect();
            let Some((tool, arguments)) = words.split_first() else { return Ok(Vec::new()) };
            let name = Path::new(tool).file_name().unwrap_or(tool).to_string_lossy().into_owned();
            match book.syntax(&name) {
                None if declared::CHANGES.contains(&name.as_str()) && tools.has(&name) => {
                    declared::change(&name, arguments)
                }
                Some(syntax) => declared::parse(syntax, &name, arguments, &surroundings),
                None if grammar(&name).is_some() || tools.has(&name) => {
                    here::parse(&name, arguments, environment, &surroundings)
                        .map_err(|error| error.to_string())?
                }
                None => return Ok(Vec::new()),
            }
        }
    };
    Ok(vec![command])
}

impl Case {
    /// Whether `rule` matches this case.
    pub fn matches(&self, book: &Rulebook, rule: &Rule) -> bool {
        let speaks = |facts: &Facts<'_>| {
            let changes = facts.command.inert.is_none() && !rehearses(rule, facts.command);
            (changes && matched(rule, facts, Sense::Possibly)).then_some(())
        };
        self.of_each(book, speaks).next().is_some()
    }

    /// Why `rule` matches this case: of each command that it speaks of, the
    /// conditions that hold, and what of its `unless` does not.
    pub fn why(&self, book: &Rulebook, rule: &Rule) -> Vec<String> {
        let held = |facts: &Facts<'_>| {
            let changes = facts.command.inert.is_none() && !rehearses(rule, facts.command);
            changes.then(|| holding(rule, facts))
        };
        self.of_each(book, held).flatten().collect()
    }

    /// Why `rule` does not match this case: of each command of the file's tools,
    /// what fails.
    pub fn why_not(&self, book: &Rulebook, rule: &Rule) -> Vec<String> {
        let told = |facts: &Facts<'_>| Some((facts.command.name(), reasons(rule, facts)));
        let all: Vec<(String, Vec<String>)> = self.of_each(book, told).collect();
        let several = all.len() > 1;
        let line = |name: &str, reason: String| {
            if several { format!("{}: {reason}", sanitize::text(&format!("`{name}`"))) } else { reason }
        };
        let lines: Vec<String> = all
            .into_iter()
            .flat_map(|(name, reasons)| reasons.into_iter().map(move |reason| line(&name, reason)))
            .collect();
        if lines.is_empty() {
            let tools: Vec<&str> = self.tools.iter().collect();
            return vec![format!("no command in it is one of {}", sanitize::text(&tools.join(", ")))];
        }
        lines
    }

    /// What `answer` says of each command of the file's tools, also of one that
    /// another carries elsewhere.
    fn of_each<'a, T: 'a>(
        &'a self,
        book: &'a Rulebook,
        answer: impl Fn(&Facts<'_>) -> Option<T> + 'a,
    ) -> impl Iterator<Item = T> + 'a {
        self.commands.iter().flat_map(move |one| {
            let place = one.place(book);
            let situation = Some(one.situation(&place));
            let ask = |command: &Command, environment: &Environment| {
                self.tools.has(&command.tool).then(|| answer(&Facts { command, environment, situation }))?
            };
            let none = Environment::default();
            let carried = carried(book, &one.command);
            let own = ask(&one.command, &one.environment).into_iter();
            own.chain(carried.iter().filter_map(|inner| ask(inner, &none))).collect::<Vec<T>>()
        })
    }

    /// The judgement of the whole rulebook; of several commands, the strictest
    /// that is about a tool of the file.
    pub fn judge(&self, book: &Rulebook) -> Judgement {
        let own = |one: &&One| self.commands.len() == 1 || self.tools.has(&one.command.tool);
        let judgements = self.commands.iter().filter(own).map(|one| {
            let place = one.place(book);
            judge(book, &one.command, &one.environment, one.situation(&place), "1970-01-01")
        });
        judgements.max_by_key(|judgement| (judgement.decision, judgement.risk)).unwrap_or_default()
    }
}

impl One {
    fn place(&self, book: &Rulebook) -> Place {
        classify(book, &self.target, self.principal)
    }

    fn situation<'a>(&'a self, place: &'a Place) -> Situation<'a> {
        Situation { principal: self.principal, target: &self.target, place }
    }
}
