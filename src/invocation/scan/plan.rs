//! A plan of terraform as JSON, as `terraform show -json` prints it: where each of its
//! changes stands. [`plan::Change`] reads them.
//!
//! Plans are long, and little of them counts: what does not is passed over token by
//! token.

use std::ops::Range;
use std::path::Path;

use jsonc_parser::errors::ParseError;
use jsonc_parser::tokens::Token;
use jsonc_parser::{Scanner, ScannerOptions};

use super::json::{skipped, unread};
use super::{Comments, Format, Piece, Unread};
use crate::invocation::plan;

/// The longest plan that is read, in bytes: those of whole organisations have hundreds
/// of megabytes.
const LONGEST: u64 = 512 << 20;

/// A plan.
pub(super) struct Plan;

/// A change of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where its address stands in the file.
    pub at: usize,
    /// Where all of it stands: the values are too many to be held for a whole plan.
    pub text: Range<usize>,
    /// What the rest of the plan tells of it.
    pub beside: Option<String>,
}

impl Change {
    /// What it changes, by the file's text; nothing where that stays as it is. What is known only
    /// when the plan is applied is left out.
    ///
    /// # Errors
    /// Where nobody knows what it does.
    pub fn read(&self, text: &str) -> Result<Option<plan::Change>, plan::PlanError> {
        let mut read = plan::Change::read(text.get(self.text.clone()).unwrap_or_default())?;
        if let (Some(change), Some(beside)) = (&mut read, &self.beside) {
            change.take(beside);
        }
        Ok(read)
    }
}

impl Format for Plan {
    fn name(&self) -> &'static str {
        "terraform plan"
    }

    fn comments(&self) -> Comments {
        Comments::None
    }

    fn is(&self, path: &Path, text: &str) -> bool {
        let is_json = path.extension().is_some_and(|extension| extension == "json");
        // The changes may begin behind what is looked at.
        let holds = |name: &str| text.contains(name);
        begins(text)
            || is_json
                && holds("\"format_version\"")
                && (holds("\"resource_changes\"") || holds("\"planned_values\""))
    }

    fn longest(&self) -> u64 {
        LONGEST
    }

    fn read(&self, text: &str) -> Result<Vec<Piece>, Unread> {
        let skipped = skipped(text);
        let mut tokens = Tokens::of(text, skipped);
        let mut found = Found::default();
        tokens.members(|tokens, name| match name {
            "format_version" => {
                found.is_plan = true;
                tokens.skip()
            }
            "resource_changes" => {
                let at = tokens.next_at()?;
                let mut place = 0_usize;
                let is_list = tokens.elements(|tokens| {
                    found.take(place, change(tokens)?);
                    place += 1;
                    Ok(())
                })?;
                found.pieces.extend((!is_list).then(|| odd(at, "its changes are no list")));
                Ok(())
            }
            _ => tokens.skip(),
        })?;
        tokens.end()?;
        found.complete(text.get(skipped..).unwrap_or_default());
        Ok(found.pieces.into_iter().filter(|_| found.is_plan).collect())
    }
}

/// Whether a text begins as `terraform show -json` writes a plan. A state begins alike,
/// and goes on with what it holds.
fn begins(text: &str) -> bool {
    let text = text.get(skipped(text)..).unwrap_or_default();
    let head: String = text.chars().take(400).filter(|c| !c.is_whitespace()).take(200).collect();
    let versions = head.strip_prefix("{\"format_version\":\"");
    let Some((_, behind)) = versions.and_then(|rest| rest.split_once("\",\"terraform_version\":\"")) else {
        return false;
    };
    let next = behind.split_once('"').map_or("", |(_, next)| next);
    !next.starts_with(",\"values\"") && !next.starts_with('}')
}

/// A change of a plan that is none that is known.
fn odd(at: usize, why: &str) -> Piece {
    Piece::Unread(Unread { at, why: format!("it is no plan that is known: {why}") })
}

#[derive(Default)]
struct Found {
    is_plan: bool,
    pieces: Vec<Piece>,
    /// Pieces that the rest of the plan may tell more of, and where they stand among its changes.
    open: Vec<(usize, usize)>,
}

impl Found {
    /// Takes what stands at `place` among the changes.
    fn take(&mut self, place: usize, (piece, is_open): (Option<Piece>, bool)) {
        if is_open {
            self.open.push((self.pieces.len(), place));
        }
        self.pieces.extend(piece);
    }

    /// Adds what the whole of a plan tells of its changes.
    fn complete(&mut self, text: &str) {
        if self.open.is_empty() {
            return;
        }
        let made = plan::targets_made(text);
        for (at, place) in &self.open {
            if let Some(Piece::Change(change)) = self.pieces.get_mut(*at) {
                change.beside = made.get(place).cloned();
            }
        }
    }
}

/// The next element of `resource_changes`, where it changes something or nobody can tell, and whether the rest
/// of the plan may tell more of it. Its values are taken apart once it is judged.
fn change(tokens: &mut Tokens<'_>) -> Result<(Option<Piece>, bool), Unread> {
    let from = tokens.next_at()?;
    let mut at = from;
    tokens.members(|tokens, name| match name {
        "address" => tokens.string().map(|(_, place)| at = place),
        _ => tokens.skip(),
    })?;
    let change = Change { at, text: from..tokens.end_of_last(), beside: None };
    Ok(match change.read(tokens.text) {
        Ok(Some(read)) => (Some(Piece::Change(change)), read.has_target()),
        Ok(None) => (None, false),
        Err(error) => (Some(odd(at, &error.to_string())), false),
    })
}

/// The tokens of a JSON text.
struct Tokens<'a> {
    text: &'a str,
    scanner: Scanner<'a>,
    skipped: usize,
    /// One that was looked at, but is not taken yet.
    peeked: Option<Token<'a>>,
    /// Whether there is none left.
    ended: bool,
}

impl<'a> Tokens<'a> {
    fn of(text: &'a str, skipped: usize) -> Self {
        let options = ScannerOptions {
            allow_single_quoted_strings: false,
            allow_hexadecimal_numbers: false,
            allow_unary_plus_numbers: false,
            allow_bare_decimal_point_numbers: false,
            allow_non_finite_numbers: false,
            allow_extended_string_escapes: false,
        };
        let scanner = Scanner::new(text.get(skipped..).unwrap_or_default(), &options);
        Self { text, scanner, skipped, peeked: None, ended: false }
    }

    fn peek(&mut self) -> Result<Option<&Token<'a>>, Unread> {
        if self.peeked.is_none() {
            let unread = |error: ParseError| unread(&error, self.skipped);
            self.peeked = loop {
                match self.scanner.scan().map_err(unread)? {
                    Some(Token::CommentLine(_) | Token::CommentBlock(_)) => {}
                    token => break token,
                }
            };
            self.ended = self.peeked.is_none();
        }
        Ok(self.peeked.as_ref())
    }

    fn next(&mut self) -> Result<Option<Token<'a>>, Unread> {
        self.peek()?;
        Ok(self.peeked.take())
    }

    /// Where the next token begins.
    fn next_at(&mut self) -> Result<usize, Unread> {
        self.peek()?;
        Ok(self.at())
    }

    /// Where the last token that was looked at begins.
    fn at(&self) -> usize {
        self.skipped + self.scanner.token_start()
    }

    /// Where the last token that was looked at ends.
    fn end_of_last(&self) -> usize {
        self.skipped + self.scanner.token_end()
    }

    fn wrong(&self, expected: &str) -> Unread {
        if self.ended {
            return Unread { at: self.at(), why: "it is no plan: the file ends too early".to_owned() };
        }
        Unread { at: self.at(), why: format!("it is no plan: {expected} should stand here") }
    }

    /// Calls `each` in front of the value of each member of the next value, which it
    /// has to take; takes the value where it is no object.
    fn members(&mut self, mut each: impl FnMut(&mut Self, &str) -> Result<(), Unread>) -> Result<(), Unread> {
        if self.peek()? != Some(&Token::OpenBrace) {
            return self.skip();
        }
        self.next()?;
        loop {
            match self.next()? {
                Some(Token::CloseBrace) => return Ok(()),
                Some(Token::Comma) => {}
                Some(Token::String(name)) => {
                    if self.next()? != Some(Token::Colon) {
                        return Err(self.wrong("a colon"));
                    }
                    each(self, &name)?;
                }
                _ => return Err(self.wrong("a name")),
            }
        }
    }

    /// The same for each element of the next value; whether it is a list.
    fn elements(&mut self, mut each: impl FnMut(&mut Self) -> Result<(), Unread>) -> Result<bool, Unread> {
        if self.peek()? != Some(&Token::OpenBracket) {
            return self.skip().map(|()| false);
        }
        self.next()?;
        loop {
            match self.peek()? {
                Some(Token::CloseBracket) => return self.next().map(|_| true),
                Some(Token::Comma) => drop(self.next()?),
                _ => each(self)?,
            }
        }
    }

    /// Takes the next value: what it says and where, where it is a string.
    fn string(&mut self) -> Result<(String, usize), Unread> {
        if let Some(Token::String(_)) = self.peek()? {
            let at = self.at() + 1;
            let Some(Token::String(text)) = self.next()? else { return Err(self.wrong("a string")) };
            return Ok((text.into_owned(), at));
        }
        let at = self.at();
        self.skip()?;
        Ok((String::new(), at))
    }

    /// Takes the next value.
    fn skip(&mut self) -> Result<(), Unread> {
        let mut depth = 0_usize;
        loop {
            match self.next()? {
                Some(Token::OpenBrace | Token::OpenBracket) => depth += 1,
                Some(Token::CloseBrace | Token::CloseBracket) if depth > 0 => depth -= 1,
                Some(Token::Comma | Token::Colon) if depth > 0 => {}
                Some(
                    Token::String(_) | Token::Number(_) | Token::Boolean(_) | Token::Null | Token::Word(_),
                ) => {}
                _ => return Err(self.wrong("a value")),
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    fn end(&mut self) -> Result<(), Unread> {
        if self.next()?.is_some() {
            Err(self.wrong("the end (other text is in front of or behind the JSON)"))
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(text: &str) -> Vec<(&'static str, String, String)> {
        let pieces = Plan.read(text).unwrap();
        let changes = pieces.into_iter().map(|piece| match piece {
            Piece::Change(place) => {
                let change = place.read(text).unwrap().unwrap();
                assert_eq!(text.get(place.at..place.at + change.address.len()), Some(&*change.address));
                (change.action, change.kind, change.address)
            }
            Piece::Passage(passage) => panic!("{passage:?}"),
            Piece::Unread(unread) => ("unread", unread.why, String::new()),
        });
        changes.collect()
    }

    #[test]
    fn what_is_taken_away_is_found() {
        for (actions, action) in [
            (r#"["delete"]"#, Some("delete")),
            (r#"["delete", "create"]"#, Some("replace")),
            (r#"["create", "delete"]"#, Some("replace")),
            (r#"["forget"]"#, Some("forget")),
            (r#"["create", "forget"]"#, Some("forget")),
            (r#"["no-op"]"#, None),
            (r#"["create"]"#, Some("create")),
            (r#"["update"]"#, Some("update")),
            (r#"["read"]"#, None),
            (r#"["open"]"#, None),
            (r#""delete""#, Some("delete")),
        ] {
            let text = format!(
                "\u{feff}{{\"format_version\": \"1.2\", \"x\": [{{\"a\": [1, -2.5e3, true, null]}}], \"resource_changes\": [{{
                  \"type\": \"a_b\", \"change\": {{\"before\": {{\"actions\": [\"delete\"]}}, \"actions\": {actions}}}, \"address\": \"a_b.c\"}}]}}"
            );
            let expected: Vec<_> =
                action.into_iter().map(|action| (action, "a_b".to_owned(), "a_b.c".to_owned())).collect();
            assert_eq!(changes(&text), expected, "{actions}");
        }
    }

    #[test]
    fn nothing_else_is_a_change() {
        for text in [
            r#"{"resource_changes": [{"address": "a.b", "change": {"actions": ["delete"]}}]}"#,
            r#"{"format_version": "1", "output_changes": {"a": {"actions": ["delete"]}}}"#,
            r#"{"format_version": "1", "prior_state": {"resource_changes": [{"change": {"actions": ["delete"]}}]}}"#,
            r#"{"format_version": "1", "resource_changes": []}"#,
            "[1]",
        ] {
            assert_eq!(changes(text), [], "{text}");
        }
    }

    #[test]
    fn what_is_odd_in_a_plan_is_not_passed_over() {
        for (changes_of, count) in [
            ("null", 1),
            ("{}", 1),
            (r#"[1, [], "x", {"change": []}]"#, 4),
            (r#"[{"address": "a.b"}, {"change": {"actions": []}}, {"change": {"actions": null}}]"#, 3),
            (r#"[{"change": {"actions": ["obliterate"]}}, {"change": {"actions": "Delete"}}]"#, 2),
        ] {
            let found = changes(&format!(r#"{{"resource_changes": {changes_of}, "format_version": "1"}}"#));
            assert_eq!(found.len(), count, "{changes_of}");
            assert!(found.iter().all(|(action, ..)| *action == "unread"), "{found:?}");
        }
    }

    #[test]
    fn a_broken_plan_says_where() {
        for (text, at) in [
            ("", 0),
            (r#"{"format_version": "1", "resource_changes": [{"address": "a"#, 57),
            (r#"{"format_version" "1"}"#, 18),
            (r#"{"a": }"#, 6),
            (r"{} {}", 3),
            (r#"{"a": [}"#, 8),
        ] {
            let read = Plan.read(text);
            assert_eq!(read.as_ref().map_err(|unread| unread.at).unwrap_err(), at, "{text}: {read:?}");
        }
    }

    #[test]
    fn deep_values_are_passed_over() {
        let deep =
            format!("{{\"format_version\": 1, \"a\": {}{}}}", "[".repeat(300_000), "]".repeat(300_000));
        assert_eq!(changes(&deep), []);
    }

    #[test]
    fn a_plan_is_known_by_what_it_holds() {
        let text = r#"{"format_version": "1", "resource_changes": []}"#;
        assert!(Plan.is(Path::new("out/plan.json"), text) && Plan.is(Path::new("x.tfplan.json"), text));
        assert!(!Plan.is(Path::new("plan.txt"), text) && !Plan.is(Path::new("plan.json"), "{}"));
        for (text, expected) in [
            (r#"{"format_version":"1.2","terraform_version":"1.9.0","resource_changes":[]}"#, true),
            ("{\n  \"format_version\": \"1.2\",\n  \"terraform_version\": \"1.9.0\",\n  \"vari", true),
            (r#"{"format_version":"1.2","terraform_version":"1.9"#, true),
            (r#"{"format_version":"1.0","terraform_version":"1.9.0","values":{}}"#, false),
            (r#"{"format_version":"1.0","provider_schemas":{}}"#, false),
            (r#"{"format_version":"1.0"}"#, false),
            ("", false),
        ] {
            assert_eq!(Plan.is(Path::new("plan"), text), expected, "{text}");
        }
    }
}
