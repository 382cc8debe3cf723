//! Whether a rule's conditions hold for a command.
//!
//! Pure, and two-sided: where a fact is not known (a flag of unknown arity, a
//! target that has not been looked up), a condition may hold *possibly*
//! without holding *certainly*. What makes a command look worse is asked
//! possibly, what makes it look better is asked certainly, so that not
//! knowing never lowers a verdict.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::OsStr;

use regex::{Regex, RegexBuilder};

use super::environment::Place;
use super::schema::{FlagMatch, Match, Matches, NumberMatch, OperandMatch, Strings, ValueMatch};
use crate::command::{Command, Flag, grammar};
use crate::context::target::Target;
use crate::process::Environment;
use crate::verdict::PrincipalKind;

/// The compiled size that a rule's regular expression may have, in bytes.
pub const REGEX_LIMIT: usize = 512 << 10;

/// How many compiled patterns are kept. A rulebook has fewer, and the memory
/// that they take stays within reason.
const KEPT: usize = 256;

thread_local! {
    /// Every case of a rule file is judged, and each asks the same patterns.
    static COMPILED: RefCell<HashMap<String, Regex>> = RefCell::new(HashMap::new());
}

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
    matches.0.iter().any(|one| failing(one, facts, sense).is_none())
}

/// The first condition of `matches` that fails; of several alternatives, that
/// of the last. `None` where it holds.
pub fn why_not<'a>(matches: &'a Matches, facts: &Facts<'_>, sense: Sense) -> Option<Failure<'a>> {
    let mut last = None;
    for one in &matches.0 {
        last = Some(failing(one, facts, sense)?);
    }
    last
}

/// The first condition of `one` that does not hold.
fn failing<'a>(one: &'a Match, facts: &Facts<'_>, sense: Sense) -> Option<Failure<'a>> {
    let failure = |condition, detail| Some(Failure { condition, detail });
    if !one.command.is_empty() && !command_holds(one, facts.command, sense) {
        return failure("command", None);
    }
    for (name, condition) in &one.flags {
        // Who lists every flag that may stand there knows how each is read.
        let listed = !one.only_flags.is_empty();
        if !(listed || flag_is_clear(facts.command, sense))
            || !flag_holds(name, condition, facts.command, sense)
        {
            return failure("flags", Some(name));
        }
    }
    if !one.only_flags.is_empty() && !only_flags_hold(&one.only_flags, facts.command) {
        return failure("only_flags", None);
    }
    if let Some(condition) = &one.operands
        && !operands_hold(condition, facts.command, sense)
    {
        return failure("operands", None);
    }
    for (name, condition) in &one.fields {
        if !field_holds(name, condition, facts.command, sense) {
            return failure("fields", Some(name));
        }
    }
    for (name, condition) in &one.env {
        let holds = facts.environment.get(name).is_some_and(|value| os_value_holds(condition, value));
        if !holds {
            return failure("env", Some(name));
        }
    }
    if let Some(failure) = situation_failing(one, facts, sense) {
        return Some(failure);
    }
    if let Some(not) = &one.not
        && failing(not, facts, sense.flipped()).is_none()
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
        let mut values = situation.target.values(*fact).map(|value| value_holds(condition, value)).peekable();
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

/// Whether the command's path is one of those listed. Without a grammar, flags
/// before or among its words leave open which words they are.
fn command_holds(one: &Match, command: &Command, sense: Sense) -> bool {
    if !command.conventional {
        return one.command.iter().any(|path| path.split(' ').eq(command.path.iter().map(String::as_str)));
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
        let first = command.path.first().is_none_or(|word| wanted.first() == Some(&word.as_str()));
        let in_order = || {
            let mut words = command.operands.iter();
            wanted.iter().all(|wanted| words.any(|word| word == wanted))
        };
        surely || (sense == Sense::Possibly && command.uncertain && first && in_order())
    })
}

/// Whether flags can be asked about so: not certainly, where the arity of one
/// of them is not known.
fn flag_is_clear(command: &Command, sense: Sense) -> bool {
    !command.uncertain || sense.unknown()
}

fn flag_holds(name: &str, condition: &FlagMatch, command: &Command, sense: Sense) -> bool {
    let given: Vec<&Flag> = command.flags.iter().filter(|flag| flag.name == name).collect();
    let absent_suffices = condition.present == Some(false);
    let Some(last) = given.last() else {
        // Behind a flag of unknown arity it may have been read as a value.
        return absent_suffices
            || (sense.unknown() && command.uncertain && stands_in(&command.arguments, name));
    };
    if absent_suffices {
        return command.uncertain && sense.unknown();
    }
    if let Some(wanted) = condition.is {
        // A value that is no boolean makes the tool fail: it is neither.
        if last.boolean().map_or(!sense.unknown(), |value| value != wanted) {
            return false;
        }
    }
    if !condition.equals.is_empty() {
        let equal = |flag: &Flag| {
            flag.value.as_deref().is_some_and(|value| condition.equals.iter().any(|one| value == one))
        };
        if !of_several(&given, sense, equal) {
            return false;
        }
    }
    if let Some(pattern) = &condition.regex {
        let Ok(regex) = compile(pattern) else { return sense.unknown() };
        let matches =
            |flag: &Flag| flag.value.as_ref().is_some_and(|value| regex.is_match(&value.to_string_lossy()));
        if !of_several(&given, sense, matches) {
            return false;
        }
    }
    if condition.at_least.is_some() || condition.at_most.is_some() {
        let Some(number) = last.value.as_ref().and_then(|value| value.to_str()?.parse::<i64>().ok()) else {
            return sense.unknown();
        };
        return condition.at_least.is_none_or(|least| number >= least)
            && condition.at_most.is_none_or(|most| number <= most);
    }
    true
}

/// Whether a condition holds for values of which the tool may heed only one.
fn of_several(given: &[&Flag], sense: Sense, holds: impl Fn(&Flag) -> bool) -> bool {
    match sense {
        Sense::Possibly => given.iter().any(|flag| holds(flag)),
        Sense::Certainly => given.iter().all(|flag| holds(flag)),
    }
}

/// Whether every flag given is one of those listed.
fn only_flags_hold(listed: &Strings, command: &Command) -> bool {
    command.flags.iter().all(|flag| {
        let letters = flag.name.strip_prefix('-').filter(|rest| !rest.starts_with('-')).unwrap_or_default();
        listed.has(&flag.name)
            || (!letters.is_empty() && letters.chars().all(|letter| listed.has(&format!("-{letter}"))))
    })
}

/// Whether `name` stands among the raw arguments, with one dash or two.
fn stands_in(arguments: &[std::ffi::OsString], name: &str) -> bool {
    arguments.iter().any(|argument| {
        let text = argument.to_string_lossy();
        let flag = text.split('=').next().unwrap_or_default();
        flag == name || flag.strip_prefix('-') == Some(name)
    })
}

fn operands_hold(condition: &OperandMatch, command: &Command, sense: Sense) -> bool {
    // Behind a flag of unknown arity any word may be an operand, and none need be.
    let words = if command.uncertain { &command.arguments } else { &command.operands };
    let count = match condition.count {
        Some(_) if command.uncertain => sense.unknown(),
        count => count.is_none_or(|count| number_holds(count, command.operands.len() as u64)),
    };
    let any = condition.any.as_ref().is_none_or(|value| {
        (!command.uncertain || sense.unknown()) && words.iter().any(|word| os_value_holds(value, word))
    });
    let mut kinds = command.objects.iter().map(|object| condition.kind.has(&object.kind)).peekable();
    let kind = condition.kind.is_empty()
        || match sense {
            Sense::Possibly => kinds.any(|listed| listed),
            Sense::Certainly => !command.uncertain && kinds.peek().is_some() && kinds.all(|listed| listed),
        };
    count && any && kind
}

/// Whether a field is set like this. A name that starts with `*.` stands for
/// every field with that end. What was not read may be anything.
fn field_holds(name: &str, condition: &ValueMatch, command: &Command, sense: Sense) -> bool {
    let named = |path: &str| match name.strip_prefix("*.") {
        Some(end) => path == end || path.strip_suffix(end).is_some_and(|before| before.ends_with('.')),
        None => path == name,
    };
    let set =
        command.fields.set.iter().any(|field| named(&field.path) && value_holds(condition, &field.value));
    set || (command.fields.unread && sense.unknown())
}

fn number_holds(condition: NumberMatch, number: u64) -> bool {
    condition.equals.is_none_or(|equals| number == equals)
        && condition.at_least.is_none_or(|least| number >= least)
        && condition.at_most.is_none_or(|most| number <= most)
}

fn os_value_holds(condition: &ValueMatch, value: &OsStr) -> bool {
    value_holds(condition, &value.to_string_lossy())
}

/// Whether every condition given holds for `value`.
pub fn value_holds(condition: &ValueMatch, value: &str) -> bool {
    (condition.equals.is_empty() || condition.equals.has(value))
        && condition
            .regex
            .as_ref()
            .is_none_or(|pattern| compile(pattern).is_ok_and(|regex| regex.is_match(value)))
        && (condition.tokens.is_empty() || has_token(condition, value))
}

/// Whether a listed word stands whole in `value`, and not behind one that
/// reverses it.
fn has_token(condition: &ValueMatch, value: &str) -> bool {
    let listed = |list: &Strings, token: &str| list.iter().any(|word| word.eq_ignore_ascii_case(token));
    let tokens = tokens(value);
    tokens.iter().enumerate().any(|(at, token)| {
        // `prod2` is production too.
        let word = token.trim_end_matches(|c: char| c.is_ascii_digit());
        let reversed = at.checked_sub(1).and_then(|before| tokens.get(before));
        (listed(&condition.tokens, token) || listed(&condition.tokens, word))
            && !reversed.is_some_and(|before| listed(&condition.unless_after, before))
    })
}

/// Splits at everything that is no letter or digit, and where lower case turns
/// to upper case.
fn tokens(value: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut token = String::new();
    let mut previous_lower = false;
    for c in value.chars() {
        let boundary = !c.is_alphanumeric() || (previous_lower && c.is_uppercase());
        if boundary && !token.is_empty() {
            tokens.push(std::mem::take(&mut token));
        }
        if c.is_alphanumeric() {
            token.push(c);
        }
        previous_lower = c.is_lowercase();
    }
    if !token.is_empty() {
        tokens.push(token);
    }
    tokens
}

/// Compiles a rule's regular expression; it has to match the whole value.
///
/// # Errors
/// Where the pattern is none, or compiles to more than [`REGEX_LIMIT`].
pub fn compile(pattern: &str) -> Result<Regex, regex::Error> {
    if let Some(kept) = COMPILED.with_borrow(|kept| kept.get(pattern).cloned()) {
        return Ok(kept);
    }
    let regex = RegexBuilder::new(&format!("^(?:{pattern})$"))
        .dot_matches_new_line(true)
        .size_limit(REGEX_LIMIT)
        .build()?;
    COMPILED.with_borrow_mut(|kept| {
        if kept.len() < KEPT {
            kept.insert(pattern.to_owned(), regex.clone());
        }
    });
    Ok(regex)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::schema::Strings;

    fn production() -> ValueMatch {
        let words = |list: &[&str]| Strings(list.iter().map(ToString::to_string).collect());
        ValueMatch {
            tokens: words(&["prod", "prd", "production", "live"]),
            unless_after: words(&["non", "not", "no", "pre"]),
            ..ValueMatch::default()
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
        assert!(failing(&rule, &facts, Sense::Possibly).is_none());
        assert!(failing(&rule, &facts, Sense::Certainly).is_some());
        let listed = Match { only_flags: Strings(vec!["-novel".into(), "-dry-run".into()]), ..rule };
        assert!(failing(&listed, &facts, Sense::Certainly).is_none());
        let absent = FlagMatch { present: Some(false), ..FlagMatch::default() };
        assert!(flag_holds("-lock", &absent, &command, Sense::Possibly));
    }
}
