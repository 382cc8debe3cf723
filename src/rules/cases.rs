//! The command lines in a rulebook that prove its rules, judged through the
//! same path as real ones.

use std::ffi::OsString;

use super::book::Rulebook;
use super::carried::carried;
use super::environment::{Place, classify};
use super::judge::{Judgement, judge, matched, rehearses};
use super::matching::{Facts, Sense, Situation};
use super::schema::{Rule, Strings};
use crate::command::{self, Command};
use crate::context::principal::principal;
use crate::context::target::Target;
use crate::process::Environment;
use crate::verdict::PrincipalKind;

/// A case, read: its command in the environment that it names, and nothing else.
#[derive(Debug)]
pub struct Case {
    /// The parsed command.
    pub command: Command,
    /// The variables that stand before the command.
    pub environment: Environment,
    /// The tools of the file that the case stands in.
    tools: Strings,
    target: Target,
    principal: PrincipalKind,
}

/// Reads a case: `NAME=value … TOOL ARGS…`, quoted as in a shell. The tool may
/// be another than the file's where it carries one of those elsewhere.
///
/// # Errors
/// Why the line cannot be a case of a file that speaks of `tools`.
pub fn read(line: &str, tools: &Strings) -> Result<Case, String> {
    let words = shell_words::split(line).map_err(|error| error.to_string())?;
    let mut environment = Environment::default();
    let mut words = words.into_iter().peekable();
    while let Some((name, value)) = words.peek().and_then(|word| word.split_once('=')) {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(is_name) {
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
    let target = crate::context::target_of(&command, &environment, None);
    let principal = principal(&environment, &[], true).kind;
    Ok(Case { command, environment, tools: tools.clone(), target, principal })
}

impl Case {
    fn place(&self, book: &Rulebook) -> Place {
        classify(book, &self.target, self.principal)
    }

    /// Whether `rule` matches this case.
    pub fn matches(&self, book: &Rulebook, rule: &Rule) -> bool {
        let place = self.place(book);
        let situation = Situation { principal: self.principal, target: &self.target, place: &place };
        let speaks = |command: &Command, environment: &Environment| {
            let facts = Facts { command, environment, situation: Some(situation) };
            let changes = command.inert.is_none() && !rehearses(rule, command);
            self.tools.has(&command.tool) && changes && matched(rule, &facts, Sense::Possibly)
        };
        let none = Environment::default();
        let carried = carried(book, &self.command);
        speaks(&self.command, &self.environment) || carried.iter().any(|inner| speaks(inner, &none))
    }

    /// The judgement of the whole rulebook.
    pub fn judge(&self, book: &Rulebook) -> Judgement {
        let place = self.place(book);
        let situation = Situation { principal: self.principal, target: &self.target, place: &place };
        judge(book, &self.command, &self.environment, situation, "1970-01-01")
    }
}
