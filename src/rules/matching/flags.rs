//! Conditions on flags.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;

use super::values::number_holds;
use super::{Sense, compile};
use crate::command::{Command, Flag};
use crate::rules::schema::{FlagMatch, Strings};

/// Whether flags can be asked about so: not certainly, where the arity of one
/// of them is not known.
pub(super) fn flag_is_clear(command: &Command, sense: Sense) -> bool {
    !command.uncertain || sense.unknown()
}

/// Whether the flag `name` is given like this.
pub(super) fn flag_holds(name: &str, condition: &FlagMatch, command: &Command, sense: Sense) -> bool {
    // The beginning of a name may stand for it, or for another.
    let short = |flag: &Flag| command.may_stand_for(&flag.name, name);
    if sense == Sense::Certainly && command.flags.iter().any(short) {
        return false;
    }
    let numbered = command.flags.iter().enumerate();
    let (places, given): (Vec<usize>, Vec<&Flag>) =
        numbered.filter(|(_, flag)| flag.name == name || short(flag)).unzip();
    // Behind a flag that is not listed it may be that one's value.
    let unsure = |at: &usize| command.declared.as_ref().is_some_and(|declared| declared.is_unsure(*at));
    let sure = places.iter().rposition(|at| !unsure(at));
    let absent_suffices = condition.present == Some(false);
    if given.is_empty() {
        // Behind a flag of unknown arity it may have been read as a value.
        let hidden =
            command.fields.flags_unread || (command.uncertain && stands_in(&command.arguments, name));
        return match sense {
            Sense::Possibly => absent_suffices || hidden,
            Sense::Certainly => absent_suffices && !hidden,
        };
    }
    if absent_suffices {
        let may_be_absent = sure.is_none() || command.uncertain;
        return (may_be_absent || given.iter().all(|flag| flag.name != name)) && sense.unknown();
    }
    if sure.is_none() && sense == Sense::Certainly {
        return false;
    }
    // Those of which one is the last.
    let last = given.get(sure.unwrap_or_default()..).unwrap_or_default();
    if given.iter().any(|flag| command.fields.unread_flags.contains(&flag.name)) && asks_value(condition) {
        return sense.unknown();
    }
    if let Some(wanted) = condition.is {
        // A value that is no boolean makes the tool fail: it is neither.
        let is = |flag: &Flag| flag.boolean().map_or(sense.unknown(), |value| value == wanted);
        if !of_several(last, sense, is) {
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
    let number = |flag: &Flag| {
        let value = flag.value.as_ref().and_then(|value| value.to_str());
        number_holds(condition.at_least, condition.at_most, value, sense)
    };
    // The last counts, unless that may be another option's.
    if given.iter().copied().any(short) {
        of_several(&given, sense, number)
    } else {
        of_several(last, sense, number)
    }
}

/// Whether a condition is about more than that the flag is there.
fn asks_value(condition: &FlagMatch) -> bool {
    let presence = FlagMatch { present: condition.present, ..FlagMatch::default() };
    *condition != presence
}

/// Whether a condition holds for values of which the tool may heed only one.
fn of_several(given: &[&Flag], sense: Sense, holds: impl Fn(&Flag) -> bool) -> bool {
    match sense {
        Sense::Possibly => given.iter().any(|flag| holds(flag)),
        Sense::Certainly => given.iter().all(|flag| holds(flag)),
    }
}

/// Whether every flag given is one of those listed.
pub(super) fn only_flags_hold(listed: &Strings, command: &Command, sense: Sense) -> bool {
    if !command.conventional {
        let unsure = |at| command.declared.as_ref().is_some_and(|declared| declared.is_unsure(at));
        let mut flags = command.flags.iter().enumerate();
        return flags.all(|(at, flag)| listed.has(&flag.name) || (sense.unknown() && unsure(at)));
    }
    let words = command.arguments.iter().enumerate();
    let mut flags =
        words.filter(|(_, word)| word.len() > 1 && *word != "--" && word.as_bytes().starts_with(b"-"));
    flags.all(|(at, word)| {
        let (word, next) = (word.to_string_lossy(), command.arguments.get(at + 1));
        let with_next =
            |flag: &str| next.is_some_and(|next| listed.has(&format!("{flag} {}", next.to_string_lossy())));
        // A value behind `=` is allowed where `--flag=` is listed.
        let assigned = word.find('=').and_then(|at| word.get(..=at)).unwrap_or(&word);
        let together = || {
            let (last, others) =
                letters(&word)?.split_last().map(|(last, rest)| (last.clone(), rest.to_vec()))?;
            Some(others.iter().all(|one| listed.has(one)) && (listed.has(&last) || with_next(&last)))
        };
        // `-1` is a number, and with that a value.
        let number = word.bytes().skip(1).all(|byte| byte.is_ascii_digit());
        listed.has(assigned) || number || with_next(&word) || together().unwrap_or(false)
    })
}

/// The flags that may run together in one word: `-s` and `-S` in `-sS`.
fn letters(word: &str) -> Option<Vec<String>> {
    // `-n1`: a number is the value of the letter before it.
    let letters = word.strip_prefix('-')?.trim_end_matches(|c: char| c.is_ascii_digit());
    let letters =
        Some(letters).filter(|rest| !rest.starts_with('-') && word.len() > 2 && !rest.is_empty())?;
    Some(letters.chars().map(|letter| format!("-{letter}")).collect())
}

/// The command with flags that run together taken apart, where none of them is
/// listed as one.
pub(super) fn apart(listed: &Strings, command: &Command) -> Command {
    let flags = command.flags.iter().flat_map(|flag| {
        let together = letters(&flag.name).filter(|_| !listed.has(&flag.name));
        let apart = together.map(|names| names.into_iter().map(|name| Flag { name, value: None }).collect());
        apart.unwrap_or_else(|| vec![flag.clone()])
    });
    Command { flags: flags.collect(), ..command.clone() }
}

/// Whether `name` stands among the raw arguments, with one dash or two.
fn stands_in(arguments: &[OsString], name: &str) -> bool {
    arguments.iter().any(|argument| {
        let text = argument.to_string_lossy();
        let flag = text.split('=').next().unwrap_or_default();
        flag == name || flag.strip_prefix('-') == Some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Environment;

    #[test]
    fn the_beginning_of_a_flag_spoils_certainty() {
        let select = FlagMatch { regex: Some("SELECT.*".to_owned()), ..FlagMatch::default() };
        for (line, certainly) in [
            ("--query-string SELECT", true),
            ("--query-string SELECT --query-str DROP", false),
            ("--query-string SELECT --query-str SELECT", false),
            // A global option, in full.
            ("--query-string SELECT --query DROP", true),
            ("--query-string DROP", false),
        ] {
            let words = format!("athena start-query-execution {line}");
            let words: Vec<OsString> = words.split(' ').map(OsString::from).collect();
            let command = crate::command::parse("aws", &words, &Environment::default()).unwrap();
            assert_eq!(
                flag_holds("--query-string", &select, &command, Sense::Certainly),
                certainly,
                "{line}"
            );
        }
    }
}
