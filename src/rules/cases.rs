//! The command lines in a rulebook that prove its rules, judged through the
//! same path as real ones.

mod line;

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::book::Rulebook;
use super::carried::{REMOTE, carried, is_pseudo};
use super::environment::{Place, classify};
use super::judge::{Judgement, judge, matched, rehearses};
use super::matching::{Facts, Sense, Situation};
use super::schema::{Rule, Strings};
use crate::command::declared::{self, Surroundings};
use crate::command::{self, Command, grammar};
use crate::context::principal::principal;
use crate::context::target::Target;
use crate::process::Environment;
use crate::verdict::PrincipalKind;
use line::Simple;

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

/// Reads a case: a line as it is typed into a shell. The tool may be another
/// than the file's where it carries one of those elsewhere.
///
/// # Errors
/// Why the line cannot be a case of a file that speaks of `tools`.
pub fn read(line: &str, tools: &Strings, book: &Rulebook) -> Result<Case, String> {
    let declared = |tool: &str| book.syntax(tool).is_some() || (is_pseudo(tool) && tool != REMOTE);
    let commands =
        if tools.iter().any(declared) { read_line(line, book)? } else { vec![read_one(line, tools)?] };
    Ok(Case { commands, tools: tools.clone() })
}

/// Reads a line that is a single command: of a tool with a grammar, or of none
/// whose words could be a shell's.
fn read_one(line: &str, tools: &Strings) -> Result<One, String> {
    let words = shell_words::split(line).map_err(|error| error.to_string())?;
    let mut environment = Environment::default();
    let mut words = words.into_iter().peekable();
    while let Some((name, value)) = words.peek().and_then(|word| word.split_once('=')) {
        if !line::is_name(name) {
            break;
        }
        environment.set(name, value);
        words.next();
    }
    let tool = words.next().ok_or("the case names no command")?;
    let arguments: Vec<OsString> = words.map(OsString::from).collect();
    let command = command::parse(&tool, &arguments, &environment).map_err(|error| error.to_string())?;
    if !tools.has(&tool) && command.carried.is_none() {
        return Err(format!("`{tool}` is not a tool of this file"));
    }
    Ok(One::of(command, environment))
}

/// Reads a line as a shell would, as far as cases need it.
fn read_line(line: &str, book: &Rulebook) -> Result<Vec<One>, String> {
    let mut commands = Vec::new();
    for Simple { environment, words, redirections, input } in line::split(line, DIRECTORY, HOME)? {
        let surroundings = Surroundings {
            directory: Some(Path::new(DIRECTORY)),
            home: Some(Path::new(HOME)),
            environment: &environment,
            input: input.as_deref(),
        };
        for (what, file) in redirections {
            let command = declared::redirection(what, OsStr::from_bytes(&file), &surroundings);
            commands.push(One::of(command, environment.clone()));
        }
        let mut words = words.iter().map(|word| OsStr::from_bytes(word).to_owned());
        let Some(tool) = words.next() else { continue };
        let arguments: Vec<OsString> = words.collect();
        let name = Path::new(&tool).file_name().unwrap_or(&tool).to_string_lossy().into_owned();
        let command = match book.syntax(&name) {
            Some(syntax) => declared::parse(syntax, &name, &arguments, &surroundings),
            None if grammar(&name).is_none() && name.contains('.') => declared::script(&tool),
            None => command::parse(&name, &arguments, &environment).map_err(|error| error.to_string())?,
        };
        commands.push(One::of(command, environment));
    }
    if commands.is_empty() { Err("the case names no command".to_owned()) } else { Ok(commands) }
}

impl Case {
    /// Whether `rule` matches this case.
    pub fn matches(&self, book: &Rulebook, rule: &Rule) -> bool {
        self.commands.iter().any(|one| {
            let place = one.place(book);
            let situation = one.situation(&place);
            let speaks = |command: &Command, environment: &Environment| {
                let facts = Facts { command, environment, situation: Some(situation) };
                let changes = command.inert.is_none() && !rehearses(rule, command);
                self.tools.has(&command.tool) && changes && matched(rule, &facts, Sense::Possibly)
            };
            let none = Environment::default();
            let carried = carried(book, &one.command);
            speaks(&one.command, &one.environment) || carried.iter().any(|inner| speaks(inner, &none))
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
