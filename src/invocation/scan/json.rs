//! JSON, with the places of its strings.

use jsonc_parser::ast::{self, StringLit};
use jsonc_parser::errors::ParseError;
use jsonc_parser::{CollectOptions, parse_to_ast};

use super::{Passage, Unread};
use crate::json::lenient;

/// What some programs write in front of a text, and others skip.
const MARK: char = '\u{feff}';

/// How many bytes stand in front of the text proper.
pub(super) fn skipped(text: &str) -> usize {
    if text.starts_with(MARK) { MARK.len_utf8() } else { 0 }
}

/// The value that a text holds, with places counted from behind [`skipped`].
///
/// # Errors
/// Where it is no JSON. Comments and commas too many are forgiven.
pub(super) fn parse(text: &str) -> Result<ast::Value<'_>, Unread> {
    let skipped = skipped(text);
    let parsed =
        parse_to_ast(text.get(skipped..).unwrap_or_default(), &CollectOptions::default(), &lenient())
            .map_err(|error| unread(&error, skipped))?;
    parsed.value.ok_or_else(|| Unread { at: 0, why: "it is empty, so it is no JSON".to_owned() })
}

/// A parser's error as ours.
pub(super) fn unread(error: &ParseError, skipped: usize) -> Unread {
    let what = error.kind().to_string();
    let mut letters = what.chars();
    let what: String =
        letters.next().into_iter().flat_map(char::to_lowercase).chain(letters.as_str().chars()).collect();
    Unread { at: skipped + error.range().start, why: format!("it is no JSON: {what}") }
}

/// What a string of `text` says, each part with its place.
pub(super) fn decoded(text: &str, literal: &StringLit<'_>) -> Passage {
    let mut passage = Passage::default();
    let skipped = skipped(text);
    let (start, end) = (skipped + literal.range.start + 1, skipped + literal.range.end);
    let raw = text.get(start..end.saturating_sub(1)).unwrap_or_default();
    let mut at = 0;
    while let Some(rest) = raw.get(at..).filter(|rest| !rest.is_empty()) {
        let plain = rest.find('\\').unwrap_or(rest.len());
        if plain > 0 {
            passage.push(rest.get(..plain).unwrap_or_default(), start + at);
            at += plain;
            continue;
        }
        // A pair of escapes may be one character.
        let pair = rest.get(..12).filter(|pair| pair.get(6..8) == Some("\\u"));
        let length = if rest.get(1..2) == Some("u") { 6 } else { 2 };
        let readings = [pair.filter(|_| length == 6), rest.get(..length)];
        let read = readings.into_iter().flatten().find_map(|escape| Some((unescaped(escape)?, escape.len())));
        let Some((character, length)) = read else { break };
        passage.push_made(&character, start + at);
        at += length;
    }
    // What this cannot take apart, the parser could.
    if passage.text != literal.value {
        passage = Passage::default();
        passage.push_made(&literal.value, start);
    }
    passage
}

/// The one character that an escape stands for.
fn unescaped(escape: &str) -> Option<String> {
    let character: String = serde_json::from_str(&format!("\"{escape}\"")).ok()?;
    (character.chars().count() == 1).then_some(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_string_has_its_place() {
        let text = "\u{feff}[\"a\\nb \\ud83d\\ude00 \\u0041\\\"z\"]";
        let value = parse(text).unwrap();
        let literal = value.as_array().unwrap().elements[0].as_string_lit().unwrap();
        let passage = decoded(text, literal);
        assert_eq!(passage.text, "a\nb 😀 A\"z");
        let place = |of: &str| passage.origin(passage.text.find(of).unwrap());
        for (of, escape) in [("a", "a"), ("\n", "\\n"), ("b", "b"), ("😀", "\\ud83d"), ("A", "\\u0041")] {
            assert_eq!(place(of), text.find(escape).unwrap(), "{of}");
        }
        assert_eq!(place("z"), text.find('z').unwrap());
    }

    #[test]
    fn what_is_no_json_says_where() {
        for (text, at) in [("", 0), ("{\"a\": }", 6), ("\u{feff}[1 2]", 5), ("[\"\\x\"]", 2)] {
            assert_eq!(parse(text).map(drop).unwrap_err().at, at, "{text}");
        }
    }
}
