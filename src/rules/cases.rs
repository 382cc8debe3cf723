//! The command lines in a rulebook that prove its rules, judged through the
//! same path as real ones.

use std::ffi::OsString;

use super::book::Rulebook;
use super::environment::{Place, classify};
use super::judge::{Judgement, judge, matched};
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
    target: Target,
    principal: PrincipalKind,
}

/// Reads a case: `NAME=value … TOOL ARGS…`, quoted as in a shell.
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
    if !tools.has(&tool) {
        return Err(format!("`{tool}` is not a tool of this file"));
    }
    let arguments: Vec<OsString> = words.map(OsString::from).collect();
    let command = command::parse(&tool, &arguments, &environment).map_err(|error| error.to_string())?;
    let target = crate::context::target_of(&command, &environment, None);
    let principal = principal(&environment, &[], true).kind;
    Ok(Case { command, environment, target, principal })
}

impl Case {
    fn place(&self, book: &Rulebook) -> Place {
        classify(book, &self.target, self.principal)
    }

    /// Whether `rule` matches this case.
    pub fn matches(&self, book: &Rulebook, rule: &Rule) -> bool {
        let place = self.place(book);
        let facts = Facts {
            command: &self.command,
            environment: &self.environment,
            situation: Some(Situation { principal: self.principal, target: &self.target, place: &place }),
        };
        self.command.inert.is_none() && matched(rule, &facts, Sense::Possibly)
    }

    /// The judgement of the whole rulebook.
    pub fn judge(&self, book: &Rulebook) -> Judgement {
        let place = self.place(book);
        let situation = Situation { principal: self.principal, target: &self.target, place: &place };
        judge(book, &self.command, &self.environment, situation, "1970-01-01")
    }
}
