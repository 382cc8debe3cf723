//! Whether a rule's conditions hold for a command.
//!
//! Pure, and two-sided: where a fact is not known (a flag of unknown arity, a
//! target that has not been looked up), a condition may hold *possibly*
//! without holding *certainly*. What makes a command look worse is asked
//! possibly, what makes it look better is asked certainly, so that not
//! knowing never lowers a verdict.

mod flags;
mod operands;
mod told;
mod values;

use std::borrow::Cow;

use super::environment::Place;
use super::schema::{Match, Matches};
use crate::command::declared::Behind;
use crate::command::{Command, grammar};
use crate::context::target::{EVERY, Target};
use crate::process::Environment;
use crate::verdict::{Fact, PrincipalKind};
use flags::{apart, flag_holds, flag_is_clear, only_flags_hold};
use operands::{field_holds, operands_failing};
pub use told::conditions;
use values::os_value_holds;
pub use values::{compile, value_holds};

/// How a condition is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sense {
    /// Could it hold?
    Possibly,
    /// Does it hold whatever the unknown facts are?
    Certainly,
}

impl Sense {
    const fn flipped(self) -> Self {
        match self {
            Self::Possibly => Self::Certainly,
            Self::Certainly => Self::Possibly,
        }
    }

    /// The answer where nothing is known.
    const fn unknown(self) -> bool {
        matches!(self, Self::Possibly)
    }
}

/// Who asks, and where the command would act.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    /// Human or agent.
    pub principal: PrincipalKind,
    /// What is known about the target.
    pub target: &'a Target,
    /// What the rulebook calls that target.
    pub place: &'a Place,
}

/// Everything that conditions may speak of.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The parsed command.
    pub command: &'a Command,
    /// The variables it would be started with.
    pub environment: &'a Environment,
    /// `None` as long as nothing made it necessary to look.
    pub situation: Option<Situation<'a>>,
}

/// The first condition that did not hold, for explanations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure<'a> {
    /// The condition's key: `command`, `flags`, …
    pub condition: &'static str,
    /// The flag, variable or fact that it spoke of.
    pub detail: Option<&'a str>,
}

/// Whether any of `matches` holds.
pub fn holds(matches: &Matches, facts: &Facts<'_>, sense: Sense) -> bool {
    matches.0.iter().any(|one| failing(one, facts, &WHOLE, sense).is_none())
}

/// Whether any of `matches` holds and `unless` does not, which is asked the
/// other way round. Where `unless` names no command, its operands are those
/// behind the command that `matches` names.
pub fn speaks(matches: &Matches, unless: Option<&Matches>, facts: &Facts<'_>, sense: Sense) -> bool {
    speaking(matches, unless, facts, sense).is_some()
}

/// The first alternative of `matches` that speaks, as [`speaks`] has it.
pub fn speaking<'a>(
    matches: &'a Matches,
    unless: Option<&Matches>,
    facts: &Facts<'_>,
    sense: Sense,
) -> Option<&'a Match> {
    matches.0.iter().find(|one| {
        failing(one, facts, &WHOLE, sense).is_none() && exempting(one, unless, facts, sense).is_none()
    })
}

/// The first alternative of `unless` that takes back what `one` says.
fn exempting<'a>(
    one: &Match,
    unless: Option<&'a Matches>,
    facts: &Facts<'_>,
    sense: Sense,
) -> Option<&'a Match> {
    let alternatives = &unless?.0;
    let behind = behind(one, facts.command, &WHOLE, sense);
    alternatives.iter().find(|one| failing(one, facts, &behind, sense.flipped()).is_none())
}

/// Why one alternative does not speak.
#[derive(Clone, Copy, Debug)]
pub enum Silence<'a> {
    /// A condition of it fails.
    Fails {
        /// The alternative.
        one: &'a Match,
        /// What of it fails first.
        failure: Failure<'a>,
        /// The alternative that it would take back, where it is one of `unless`.
        of: Option<&'a Match>,
    },
    /// It holds, and so does this alternative of `unless`.
    Unless(&'a Match),
}

/// Why [`speaks`] says no: a reason for each alternative, in order. Empty where
/// it says yes.
pub fn silences<'a>(
    matches: &'a Matches,
    unless: Option<&'a Matches>,
    facts: &Facts<'_>,
    sense: Sense,
) -> Vec<Silence<'a>> {
    let silence = |one: &'a Match| match failing(one, facts, &WHOLE, sense) {
        Some(failure) => Some(Silence::Fails { one, failure, of: None }),
        None => exempting(one, unless, facts, sense).map(Silence::Unless),
    };
    matches.0.iter().map(silence).collect::<Option<_>>().unwrap_or_default()
}

/// Why no alternative of `unless` takes back what `of` says, which speaks.
pub fn unless_silences<'a>(
    of: &'a Match,
    unless: &'a Matches,
    facts: &Facts<'_>,
    sense: Sense,
) -> Vec<Silence<'a>> {
    let outer = behind(of, facts.command, &WHOLE, sense);
    let fails = |one: &'a Match| {
        let failure = failing(one, facts, &outer, sense.flipped())?;
        Some(Silence::Fails { one, failure, of: Some(of) })
    };
    unless.0.iter().filter_map(fails).collect()
}

/// Every word of a line may be an operand.
const WHOLE: [Behind; 1] = [Behind { first: 0, last: 0 }];

/// The first condition of `one` that does not hold. `outer` is where operands
/// begin if `one` names no command.
fn failing<'a>(one: &'a Match, facts: &Facts<'_>, outer: &[Behind], sense: Sense) -> Option<Failure<'a>> {
    let failure = |condition, detail| Some(Failure { condition, detail });
    let behind = behind(one, facts.command, outer, sense);
    if behind.is_empty() {
        return failure("command", None);
    }
    for (name, condition) in &one.flags {
        // Who lists every flag that may stand there knows how each is read.
        let holds = if one.only_flags.is_empty() || facts.command.declared.is_some() {
            flag_is_clear(facts.command, sense) && flag_holds(name, condition, facts.command, sense)
        } else {
            flag_holds(name, condition, &apart(&one.only_flags, facts.command), sense)
        };
        if !holds {
            return failure("flags", Some(name));
        }
    }
    if !one.only_flags.is_empty() && !only_flags_hold(&one.only_flags, facts.command, sense) {
        return failure("only_flags", None);
    }
    if let Some(condition) = &one.operands
        && !all_or_any(&behind, sense, |behind| {
            operands_failing(condition, facts.command, behind, sense).is_none()
        })
    {
        return failure("operands", None);
    }
    for (name, condition) in &one.fields {
        if !field_holds(name, condition, facts.command, sense) {
            return failure("fields", Some(name));
        }
    }
    if one.planned.is_some_and(|planned| planned != facts.command.planned) {
        return failure("planned", None);
    }
    for (name, condition) in &one.env {
        let holds = facts.environment.get(name).is_some_and(|value| os_value_holds(condition, value, sense));
        if !holds {
            return failure("env", Some(name));
        }
    }
    if let Some(failure) = situation_failing(one, facts, sense) {
        return Some(failure);
    }
    if let Some(not) = &one.not
        && failing(not, facts, &behind, sense.flipped()).is_none()
    {
        return failure("not", None);
    }
    None
}

fn situation_failing<'a>(one: &'a Match, facts: &Facts<'_>, sense: Sense) -> Option<Failure<'a>> {
    let failure = |condition, detail| Some(Failure { condition, detail });
    let Some(situation) = facts.situation else {
        let asked = !one.target.is_empty() || one.principal.is_some() || one.environment.is_some();
        return if asked && !sense.unknown() { failure("environment", None) } else { None };
    };
    for (fact, condition) in &one.target {
        let every = |value: &str| sense.unknown() && *fact == Fact::Namespace && value == EVERY;
        let values = situation.target.values(*fact);
        let mut values = values.map(|value| every(value) || value_holds(condition, value)).peekable();
        // Of several values nobody knows which one the tool will heed.
        let holds = match sense {
            Sense::Possibly => values.any(|holds| holds),
            Sense::Certainly => values.peek().is_some() && values.all(|holds| holds),
        };
        if !holds {
            return failure("target", Some(fact.name()));
        }
    }
    if one.principal.is_some_and(|kind| kind != situation.principal) {
        return failure("principal", None);
    }
    if let Some(condition) = &one.environment {
        let place = situation.place;
        let named = condition.name.is_empty() || place.is_in(&condition.name, sense);
        let guarded =
            condition.guarded.is_none_or(|wanted| place.is_guarded(wanted, situation.principal, sense));
        if !named || !guarded {
            return failure("environment", None);
        }
    }
    None
}

/// Where the operands begin behind each of the commands listed that holds. None
/// where none does.
fn behind<'a>(one: &Match, command: &Command, outer: &'a [Behind], sense: Sense) -> Cow<'a, [Behind]> {
    if one.command.is_empty() {
        return Cow::Borrowed(outer);
    }
    let Some(declared) = &command.declared else {
        return Cow::Borrowed(if command_holds(one, command, sense) { &WHOLE } else { &[] });
    };
    let meant = one.command.iter().filter(|path| sense.unknown() || declared.surely(&command.path, path));
    meant.filter_map(|path| declared.behind(&command.path, path)).collect()
}

/// Whether operands are like this behind one command possibly, behind each certainly.
fn all_or_any(behind: &[Behind], sense: Sense, holds: impl Fn(Behind) -> bool) -> bool {
    match sense {
        Sense::Possibly => behind.iter().any(|one| holds(*one)),
        Sense::Certainly => behind.iter().all(|one| holds(*one)),
    }
}

/// Whether `path` has these words, apart by blanks.
fn is_path(path: &str, words: &[String]) -> bool {
    let mut rest = path;
    for (at, word) in words.iter().enumerate() {
        let begun = if at == 0 { Some(rest) } else { rest.strip_prefix(' ') };
        let Some(behind) = begun.and_then(|rest| rest.strip_prefix(word.as_str())) else { return false };
        rest = behind;
    }
    rest.is_empty() && !words.is_empty() && !words.iter().any(|word| word.contains(' '))
}

/// Whether the command's path is one of those listed. Without a grammar, flags
/// before or among its words leave open which words they are.
fn command_holds(one: &Match, command: &Command, sense: Sense) -> bool {
    if !command.conventional {
        return one.command.iter().any(|path| is_path(path, &command.path));
    }
    // Where the tool has a grammar, a plugin was called: no command of its own.
    let grammar = grammar(&command.tool);
    let may_be_meant = |path: &&str| {
        let first = path.split(' ').next().unwrap_or_default();
        grammar.is_none_or(|grammar| grammar.may_be_plugin(first))
    };
    one.command.iter().filter(may_be_meant).any(|path| {
        let wanted: Vec<&str> = path.split(' ').collect();
        let surely = command.path.len() >= wanted.len()
            && command.path.iter().zip(&wanted).all(|(word, wanted)| word == wanted);
        // The words before the first flag are where they are.
        let begins = command.path.len() < wanted.len()
            && command.path.iter().zip(&wanted).all(|(word, wanted)| word == wanted);
        let in_order = || {
            let mut words = command.operands.iter();
            wanted.iter().all(|wanted| words.any(|word| word == wanted))
        };
        surely || (sense == Sense::Possibly && command.uncertain && begins && in_order())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::schema::{FlagMatch, Strings, ValueMatch};

    fn production() -> ValueMatch {
        let words = |list: &[&str]| Strings(list.iter().map(ToString::to_string).collect());
        ValueMatch {
            tokens: words(&["prod", "prd", "production", "live"]),
            unless_after: words(&["non", "not", "no", "pre"]),
            ..ValueMatch::default()
        }
    }

    #[test]
    fn a_path_is_its_words() {
        for (path, words, is) in [
            ("state rm", &["state", "rm"][..], true),
            ("plan", &["plan"], true),
            ("", &[""], true),
            ("", &[], false),
            ("state rm", &["state"], false),
            ("state", &["state", "rm"], false),
            ("state rm", &["state rm"], false),
            ("state rm", &["state", "r"], false),
            ("staterm", &["state", "rm"], false),
            ("state  rm", &["state", "", "rm"], true),
        ] {
            let words: Vec<String> = words.iter().map(ToString::to_string).collect();
            assert_eq!(is_path(path, &words), is, "{path} {words:?}");
            assert_eq!(path.split(' ').eq(words.iter().map(String::as_str)), is, "{path} {words:?}");
        }
    }

    #[test]
    fn production_is_a_whole_word() {
        for value in [
            "prod",
            "PROD",
            "acme-prod",
            "prod_eu",
            "eu.prod.example",
            "s3://acme-prod/state",
            "myProd",
            "prodEU",
            "team@production",
            "live:1",
            "prod2",
            "prd01",
            "non-live-prod-x",
            "x/prod/y",
        ] {
            assert!(value_holds(&production(), value), "{value}");
        }
        for value in [
            "product",
            "delivery",
            "nonprod",
            "non-prod",
            "nonProd",
            "preprod",
            "pre-prod",
            "reproduce",
            "dev",
            "",
            "olive",
        ] {
            assert!(!value_holds(&production(), value), "{value}");
        }
    }

    #[test]
    fn regexes_match_the_whole_value_and_have_a_limit() {
        let regex = |pattern: &str| ValueMatch { regex: Some(pattern.into()), ..ValueMatch::default() };
        assert!(value_holds(&regex("a|b+"), "bbb"));
        assert!(value_holds(&regex(r".*\.tfstate"), "x\n.tfstate"), "a line break hides nothing");
        assert!(!value_holds(&regex("a|b+"), "xa"));
        assert!(compile("(?:a{1000}){1000}").is_err());
        assert!(compile(r"\w{200}").is_err());
        assert!(compile(r"s3://[a-z0-9-]{3,63}/.*\.tfstate").is_ok());
    }

    #[test]
    fn what_is_unknown_never_lowers_a_verdict() {
        let command = crate::command::parse(
            "terraform",
            &["state".into(), "rm".into(), "-novel".into(), "-dry-run".into()],
            &Environment::default(),
        )
        .unwrap();
        let dry_run = FlagMatch { is: Some(true), ..FlagMatch::default() };
        assert!(flag_holds("-dry-run", &dry_run, &command, Sense::Possibly));
        assert!(!flag_is_clear(&command, Sense::Certainly));
        let rule = Match { flags: [("-dry-run".to_owned(), dry_run)].into(), ..Match::default() };
        let environment = Environment::default();
        let facts = Facts { command: &command, environment: &environment, situation: None };
        assert!(failing(&rule, &facts, &WHOLE, Sense::Possibly).is_none());
        assert!(failing(&rule, &facts, &WHOLE, Sense::Certainly).is_some());
        let listed = Match { only_flags: Strings(vec!["-novel".into(), "-dry-run".into()]), ..rule };
        assert!(failing(&listed, &facts, &WHOLE, Sense::Certainly).is_none());
        let absent = FlagMatch { present: Some(false), ..FlagMatch::default() };
        assert!(flag_holds("-lock", &absent, &command, Sense::Possibly));
    }

    #[test]
    fn only_the_flags_listed() {
        let environment = Environment::default();
        let holds = |tool: &str, line: &str, listed: &[&str]| {
            let words: Vec<_> = line.split(' ').map(Into::into).collect();
            let command = crate::command::parse(tool, &words, &environment).unwrap();
            let listed = listed.iter().map(ToString::to_string).collect();
            let one = Match { only_flags: Strings(listed), ..Match::default() };
            let facts = Facts { command: &command, environment: &environment, situation: None };
            failing(&one, &facts, &WHOLE, Sense::Certainly).is_none()
        };
        // By the grammar, however they are spelt.
        assert!(holds("kubectl", "get pods -nweb --output=json", &["--namespace", "--output"]));
        assert!(holds("kubectl", "get pods -l -x", &["--selector"]), "a value is no flag");
        assert!(!holds("kubectl", "get pods -nweb -w", &["--namespace"]));
        // By convention, word by word.
        assert!(holds("remote", "curl -sSm5 -o /dev/null x", &["-s", "-S", "-m", "-o /dev/null"]));
        assert!(holds("remote", "npm ls --depth=0", &["--depth="]));
        assert!(!holds("remote", "npm ls --depth=0", &["--depth"]));
        assert!(!holds("remote", "curl -s -o /etc/x x", &["-s", "-o /dev/null"]));
        assert!(!holds("remote", "curl -s -- -X", &["-s"]), "the dashes may be a value");
    }
}
