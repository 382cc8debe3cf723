//! Conditions on one value, and regular expressions.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::rc::Rc;

use regex::{Regex, RegexBuilder};

use super::Sense;
use crate::rules::schema::{Strings, ValueMatch};

/// The compiled size that a rule's regular expression may have, in bytes.
const REGEX_LIMIT: usize = 512 << 10;

/// How many compiled patterns are kept. A rulebook has fewer, and the memory
/// that they take stays within reason.
const KEPT: usize = 4096;

thread_local! {
    /// Every case of a rule file is judged, and each asks the same patterns. They are
    /// shared, for what a copy of one learns while it searches is lost with it.
    static COMPILED: RefCell<HashMap<String, Rc<Regex>>> = RefCell::new(HashMap::new());
}

pub(super) fn os_value_holds(condition: &ValueMatch, value: &OsStr, sense: Sense) -> bool {
    sensed_value_holds(condition, &value.to_string_lossy(), sense)
}

/// Whether every condition given holds for `value`, whatever may be in doubt.
pub fn value_holds(condition: &ValueMatch, value: &str) -> bool {
    sensed_value_holds(condition, value, Sense::Certainly)
}

/// Whether every condition given holds for `value`: only of numbers may that be
/// in doubt.
pub(super) fn sensed_value_holds(condition: &ValueMatch, value: &str, sense: Sense) -> bool {
    (condition.equals.is_empty() || condition.equals.has(value))
        && condition
            .regex
            .as_ref()
            .is_none_or(|pattern| compile(pattern).is_ok_and(|regex| regex.is_match(value)))
        && (condition.tokens.is_empty() || has_token(condition, value))
        && number_holds(condition.at_least, condition.at_most, Some(value), sense)
}

/// Whether `value` is a number between two, each of which counts; either may be
/// left out. What is no plain number may still be one to the tool: Python takes
/// the digits of every script and lines between them.
pub(super) fn number_holds(least: Option<i64>, most: Option<i64>, value: Option<&str>, sense: Sense) -> bool {
    if least.is_none() && most.is_none() {
        return true;
    }
    let Some(text) = value.map(str::trim).filter(|text| is_plain(text)) else { return sense.unknown() };
    // Exactly where that can be: a fraction has too few digits for every count.
    if let Ok(number) = text.parse::<i64>() {
        return least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most);
    }
    #[expect(clippy::cast_precision_loss, reason = "limits in rules are small")]
    let near = |limit: i64| limit as f64;
    text.parse::<f64>().map_or(sense.unknown(), |number| {
        least.is_none_or(|least| number >= near(least)) && most.is_none_or(|most| number <= near(most))
    })
}

/// Whether a text has only what numbers are written with everywhere.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte))
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
/// Where the pattern is none, or compiles to more than 512 KiB.
pub fn compile(pattern: &str) -> Result<Rc<Regex>, regex::Error> {
    if let Some(kept) = COMPILED.with_borrow(|kept| kept.get(pattern).cloned()) {
        return Ok(kept);
    }
    let regex = RegexBuilder::new(&format!("^(?:{pattern})$"))
        .dot_matches_new_line(true)
        .size_limit(REGEX_LIMIT)
        .build()?;
    let regex = Rc::new(regex);
    COMPILED.with_borrow_mut(|kept| {
        if kept.len() < KEPT {
            kept.insert(pattern.to_owned(), Rc::clone(&regex));
        }
    });
    Ok(regex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_has_many_spellings() {
        let at_most_zero = |value: &str, sense| number_holds(None, Some(0), Some(value), sense);
        for zero in ["0", "00", "+0", "-0", "-0.0", "0.0", ".0", "0.", "0e0", "0E5", "1e-999", " 0\n", "-3"] {
            assert!(at_most_zero(zero, Sense::Possibly), "{zero:?}");
            assert!(at_most_zero(zero, Sense::Certainly), "{zero:?}");
        }
        for doubtful in ["0_0", "\u{660}", "\u{ff10}", "", "null", "nan", "-inf", "x", "0x0", "--0", "1e"] {
            assert!(at_most_zero(doubtful, Sense::Possibly), "{doubtful:?}");
            assert!(!at_most_zero(doubtful, Sense::Certainly), "{doubtful:?}");
        }
        for more in ["1", "0.5", "1e-3", "+10", "100000000000000000000", "1e999"] {
            assert!(!at_most_zero(more, Sense::Possibly), "{more:?}");
        }
    }

    #[test]
    fn both_ends_of_a_range_count() {
        let holds = |value: &str| number_holds(Some(1), Some(6), Some(value), Sense::Possibly);
        assert!(holds("1") && holds("6") && holds("2.5"));
        assert!(!holds("0") && !holds("7") && !holds("6.1"));
    }
}
