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
use std::os::unix::ffi::OsStrExt as _;

use regex::{Regex, RegexBuilder};

use super::environment::Place;
use super::schema::{FlagMatch, Match, Matches, NumberMatch, OperandMatch, Strings, ValueMatch};
use crate::command::{Command, Flag, grammar};
use crate::context::target::{EVERY, Target};
use crate::process::Environment;
use crate::verdict::{Fact, PrincipalKind};

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
        let holds = if one.only_flags.is_empty() {
            flag_is_clear(facts.command, sense) && flag_holds(name, condition, facts.command, sense)
        } else {
            flag_holds(name, condition, &apart(&one.only_flags, facts.command), sense)
        };
        if !holds {
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
    let words = command.arguments.iter().enumerate();
    let mut flags =
        words.filter(|(_, word)| word.len() > 1 && *word != "--" && word.as_bytes().starts_with(b"-"));
    flags.all(|(at, word)| {
        let (word, next) = (word.to_string_lossy(), command.arguments.get(at + 1));
        let with_next =
            |flag: &str| next.is_some_and(|next| listed.has(&format!("{flag} {}", next.to_string_lossy())));
        let name = word.split('=').next().unwrap_or_default();
        let together = || {
            let (last, others) =
                letters(&word)?.split_last().map(|(last, rest)| (last.clone(), rest.to_vec()))?;
            Some(others.iter().all(|one| listed.has(one)) && (listed.has(&last) || with_next(&last)))
        };
        // `-1` is a number, and with that a value.
        let number = name.bytes().skip(1).all(|byte| byte.is_ascii_digit());
        listed.has(name) || number || with_next(&word) || together().unwrap_or(false)
    })
}

/// The flags that may run together in one word: `-s` and `-S` in `-sS`.
fn letters(word: &str) -> Option<Vec<String>> {
    // `-n1`: a number is the value of the letter before it.
    let letters = word.strip_prefix('-')?.trim_end_matches(|c: char| c.is_ascii_digit());
    let letters = Some(letters).filter(|rest| !rest.starts_with('-') && word.len() > 2 && !rest.is_empty())?;
    Some(letters.chars().map(|letter| format!("-{letter}")).collect())
}

/// The command with flags that run together taken apart, where none of them is
/// listed as one.
fn apart(listed: &Strings, command: &Command) -> Command {
    let flags = command.flags.iter().flat_map(|flag| {
        let together = letters(&flag.name).filter(|_| !listed.has(&flag.name));
        let apart = together.map(|names| names.into_iter().map(|name| Flag { name, value: None }).collect());
        apart.unwrap_or_else(|| vec![flag.clone()])
    });
    Command { flags: flags.collect(), ..command.clone() }
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
    // A word behind such a flag may be its value, so there are at most so many;
    // the words before the first flag are operands in any case.
    let most = command.operands.len() as u64;
    let least = match (command.uncertain, command.conventional) {
        (false, _) => most,
        (true, true) => command.path.len() as u64,
        (true, false) => 0,
    };
    let count = condition.count.is_none_or(|count| numbers_hold(count, least, most, sense));
    let any = condition.any.as_ref().is_none_or(|value| {
        (!command.uncertain || sense.unknown()) && words.iter().any(|word| os_value_holds(value, word))
    });
    let last = condition.last.as_ref().is_none_or(|value| {
        let last = command.operands.last().is_some_and(|word| os_value_holds(value, word));
        if command.uncertain { sense.unknown() } else { last }
    });
    let all = condition.all.as_ref().is_none_or(|value| {
        // Those before the first flag are operands in any case.
        let certain = if command.uncertain { least } else { most };
        let words = match sense {
            Sense::Possibly => command.operands.get(..usize::try_from(certain).unwrap_or(0)),
            Sense::Certainly => Some(command.operands.as_slice()),
        };
        words.unwrap_or_default().iter().all(|word| os_value_holds(value, word))
    });
    let mut kinds = command.objects.iter().map(|object| condition.kind.has(&object.kind)).peekable();
    let kind = condition.kind.is_empty()
        || match sense {
            Sense::Possibly => kinds.any(|listed| listed),
            Sense::Certainly => !command.uncertain && kinds.peek().is_some() && kinds.all(|listed| listed),
        };
    count && any && all && last && kind
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

/// Whether a number between `least` and `most` is one that is meant.
fn numbers_hold(condition: NumberMatch, least: u64, most: u64, sense: Sense) -> bool {
    let from = condition.equals.into_iter().chain(condition.at_least).max().unwrap_or(0);
    let to = condition.equals.into_iter().chain(condition.at_most).min().unwrap_or(u64::MAX);
    match sense {
        Sense::Possibly => least <= to && most >= from,
        Sense::Certainly => least >= from && most <= to,
    }
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
