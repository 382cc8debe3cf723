//! The cases of a rule that do not come out as its file says.

use std::path::Path;

use super::read;
use crate::rules::book::Rulebook;
use crate::rules::load::Diagnostic;
use crate::rules::schema::{Rule, RuleFile};
use crate::ui::sanitize;

/// A case that fails.
#[derive(Clone, Debug)]
pub struct Failing<'a> {
    /// The rule that it proves.
    pub rule: &'a Rule,
    /// The line of the case.
    pub line: &'a str,
    /// Whether the rule ought to match it.
    pub wanted: bool,
    /// What came instead, in one line, and where it stands.
    pub finding: Diagnostic,
    /// Why, a condition in each line.
    pub why: Vec<String>,
    /// What the rest of the rulebook says of the line.
    pub others: Vec<String>,
}

/// The cases of `rule` that fail; `text` is that of the file at `path`.
pub fn failing<'a>(
    path: &'a Path,
    text: &'a str,
    book: &'a Rulebook,
    file: &'a RuleFile,
    rule: &'a Rule,
) -> impl Iterator<Item = Failing<'a>> {
    let expected = rule.cases.matches.iter().map(|line| (line, true));
    let all = expected.chain(rule.cases.no_match.iter().map(|line| (line, false)));
    all.filter_map(move |(line, wanted)| {
        let (message, why, others) = match read(line, &file.tools, book) {
            Err(reason) => (format!("this case cannot be read: {reason}"), Vec::new(), Vec::new()),
            Ok(case) if case.matches(book, rule) == wanted => return None,
            Ok(case) => {
                let judgement = case.judge(book);
                let others = judgement.contributions.iter().filter(|one| one.rule != rule.id);
                let others =
                    others.map(|one| format!("{} → {}", sanitize::text(&one.rule), one.decision)).collect();
                if wanted {
                    ("the rule does not match this case".to_owned(), case.why_not(book, rule), others)
                } else {
                    ("the rule matches this case".to_owned(), case.why(book, rule), others)
                }
            }
        };
        let id = format!("id: {}", rule.id);
        let heading = if wanted { " match:" } else { "no_match:" };
        let finding = Diagnostic::at(path, text, &[&id, "cases:", heading, line], message);
        let finding = finding.with_help(why.first().cloned());
        Some(Failing { rule, line, wanted, finding, why, others })
    })
}
