//! Whether the built-in rules speak of a bare command.

use std::ffi::OsString;

use tollgate::command::{Command, parse};
use tollgate::context::target::Target;
use tollgate::process::Environment;
use tollgate::rules::book::Rulebook;
use tollgate::rules::builtin;
use tollgate::rules::environment::Place;
use tollgate::rules::judge::judge;
use tollgate::rules::matching::Situation;
use tollgate::verdict::PrincipalKind;

/// The command that these words are, by themselves.
pub(crate) fn bare(tool: &str, name: &str) -> Command {
    let words: Vec<OsString> = name.split(' ').map(OsString::from).collect();
    parse(tool, &words, &Environment::default()).unwrap()
}

/// Those of `commands` that do something, and for which an agent or a human is
/// told nothing but that no rule knows them.
pub(crate) fn without_rule<'a>(commands: impl IntoIterator<Item = &'a Command>) -> Vec<String> {
    let book = Rulebook { layers: vec![builtin::layer(&[]).unwrap()] };
    let (target, place) = (Target::default(), Place::default());
    let has_rule = |command: &Command| {
        [PrincipalKind::Human, PrincipalKind::Agent].into_iter().all(|principal| {
            let situation = Situation { principal, target: &target, place: &place };
            let judgement = judge(&book, command, &Environment::default(), situation, "1970-01-01");
            !judgement.contributions.is_empty()
                && !judgement.contributions.iter().any(tollgate::rules::judge::Contribution::is_unknown)
        })
    };
    let acting = commands.into_iter().filter(|command| command.inert.is_none());
    acting.filter(|command| !has_rule(command)).map(Command::name).collect()
}
