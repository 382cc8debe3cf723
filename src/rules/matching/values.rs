//! Conditions on one value, and regular expressions.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::OsStr;

use regex::{Regex, RegexBuilder};

use crate::rules::schema::{Strings, ValueMatch};

/// The compiled size that a rule's regular expression may have, in bytes.
const REGEX_LIMIT: usize = 512 << 10;

/// How many compiled patterns are kept. A rulebook has fewer, and the memory
/// that they take stays within reason.
const KEPT: usize = 256;

thread_local! {
    /// Every case of a rule file is judged, and each asks the same patterns.
    static COMPILED: RefCell<HashMap<String, Regex>> = RefCell::new(HashMap::new());
}

pub(super) fn os_value_holds(condition: &ValueMatch, value: &OsStr) -> bool {
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
/// Where the pattern is none, or compiles to more than 512 KiB.
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
