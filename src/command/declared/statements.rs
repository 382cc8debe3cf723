//! Statements of a database in the form that rules compare.
//!
//! Comments are gone, strings are empty, white space is single and letters are
//! small. Databases read the same text differently (a backslash in a string, `#`,
//! `--`), and which one will is not known here: each reading counts.

mod mongo;
mod redis;
mod tokens;

use std::collections::HashSet;

use super::syntax::Dialect;
use tokens::{Reading, Token};

/// How often a statement may hold the text of another.
const DEPTH: usize = 4;

/// How many words of a statement are shown that stands within another.
const WITHIN: usize = 64;

/// The most statements that are told apart.
const STATEMENTS: usize = 10_000;

/// Verbs that change something, where one begins a statement within another.
const VERBS: [&str; 10] =
    ["alter", "delete", "drop", "execute", "grant", "insert", "merge", "revoke", "truncate", "update"];

/// The statements of `text`.
pub(super) fn of(text: &str, dialect: Dialect) -> Vec<String> {
    // What is not known is one of which nothing is known.
    if text.trim() == "$" {
        return vec!["$".to_owned()];
    }
    match dialect {
        Dialect::Mongo => mongo::statements(text),
        Dialect::Redis => redis::statements(text),
        Dialect::Sql | Dialect::Postgres | Dialect::Mysql | Dialect::Cql => {
            let mut all = Vec::new();
            sql(text, dialect, DEPTH, &mut all);
            all
        }
    }
}

/// How databases of a dialect may read a text.
fn readings(text: &str, dialect: Dialect) -> Vec<Reading> {
    match dialect {
        Dialect::Postgres => vec![Reading::Standard],
        Dialect::Mysql => vec![Reading::MySql],
        Dialect::Cql => vec![Reading::Slashes],
        _ if text.contains("//") => vec![Reading::Standard, Reading::MySql, Reading::Slashes],
        _ => vec![Reading::Standard, Reading::MySql],
    }
}

fn sql(text: &str, dialect: Dialect, depth: usize, all: &mut Vec<String>) {
    let mut seen = HashSet::new();
    for reading in readings(text, dialect) {
        let mut found = Vec::new();
        for statement in tokens::statements(text, reading) {
            if found.len() < STATEMENTS {
                one(&statement, dialect, depth, &mut found);
            }
        }
        all.extend(found.into_iter().filter(|statement| seen.insert(statement.clone())));
    }
}

/// Adds one statement, and those that it holds.
fn one(statement: &[Token], dialect: Dialect, depth: usize, all: &mut Vec<String>) {
    let word = |at: usize| statement.get(at).and_then(Token::word).unwrap_or_default();
    if statement.is_empty() {
        return;
    }
    all.push(shown(statement));
    let Some(inner) = depth.checked_sub(1) else { return };
    // What runs text does what the text says.
    if runs_text(statement) {
        contents(statement, dialect, inner, all);
    }
    let explains = ["explain", "describe", "desc", "analyze"].contains(&word(0));
    if explains {
        let runs = statement.iter().take(12).any(|token| token.word() == Some("analyze"));
        let verb = statement.iter().skip(1).position(|token| {
            token.word().is_some_and(|word| VERBS.contains(&word) || word == "with" || word == "select")
        });
        if let Some(rest) = verb.and_then(|at| statement.get(at + 1..)).filter(|_| runs) {
            one(rest, dialect, inner, all);
        }
        return;
    }
    match word(0) {
        "with" => {
            if let Some(rest) = behind_tables(statement) {
                one(rest, dialect, inner, all);
            }
        }
        "prepare" | "declare" => {
            let at = statement.iter().position(|token| token.word() == Some("as"));
            if let Some(rest) = at.and_then(|at| statement.get(at + 1..)) {
                one(rest, dialect, inner, all);
            }
        }
        _ => {}
    }
    within(statement, dialect, inner, all);
}

/// Whether a statement runs what its strings say.
fn runs_text(statement: &[Token]) -> bool {
    let first = statement.first().and_then(Token::word);
    first.is_some_and(|first| ["do", "exec", "execute", "prepare"].contains(&first))
}

/// Adds the statements in the strings of one that runs them.
fn contents(statement: &[Token], dialect: Dialect, depth: usize, all: &mut Vec<String>) {
    for content in statement.iter().filter_map(Token::content) {
        sql(content, dialect, depth, all);
    }
}

/// What stands behind the tables of `with`.
fn behind_tables(statement: &[Token]) -> Option<&[Token]> {
    let mut open = 0_usize;
    let at = statement.iter().skip(1).position(|token| {
        match token.sign() {
            Some('(') => open += 1,
            Some(')') => open = open.saturating_sub(1),
            _ => {}
        }
        let begins = |word: &str| VERBS.contains(&word) || ["replace", "select", "values"].contains(&word);
        open == 0 && token.word().is_some_and(begins)
    })?;
    statement.get(at + 1..)
}

/// Adds the statements that change something within another: of a table that
/// `with` names, and in the branches of a procedure.
fn within(statement: &[Token], dialect: Dialect, depth: usize, all: &mut Vec<String>) {
    let mut open = 0_usize;
    // The strings before this token were run.
    let mut run = if runs_text(statement) { statement.len() } else { 0 };
    let verb = |at: usize| statement.get(at).and_then(Token::word).filter(|word| VERBS.contains(word));
    for (at, token) in statement.iter().enumerate() {
        match token.sign() {
            Some('(') => {
                open += 1;
                let before = at.checked_sub(1).and_then(|at| statement.get(at)).and_then(Token::word);
                let named = matches!(before, Some("as" | "materialized"));
                if named && open == 1 && verb(at + 1).is_some() {
                    one(upto_close(statement.get(at + 1..).unwrap_or_default()), dialect, depth, all);
                }
            }
            Some(')') => open = open.saturating_sub(1),
            _ => {
                let begins = matches!(token.word(), Some("then" | "else" | "loop" | "begin" | "do"));
                let next = verb(at + 1).filter(|_| begins);
                let after = statement.get(at + 2).and_then(Token::word);
                // `merge … when matched then update set …` names no table.
                let merges = matches!((next, after), (Some("delete"), None) | (Some("update"), Some("set")));
                if next.is_some() && !merges {
                    let rest = statement.get(at + 1..).unwrap_or_default();
                    let rest = rest.get(..WITHIN).unwrap_or(rest);
                    all.push(shown(rest));
                    if next == Some("execute") {
                        // Each string once, or nested ones take forever.
                        let from = run.max(at + 1);
                        run = run.max(at + 1 + rest.len());
                        contents(statement.get(from..run).unwrap_or_default(), dialect, depth, all);
                    }
                }
            }
        }
    }
}

/// The tokens before the parenthesis that closes.
fn upto_close(tokens: &[Token]) -> &[Token] {
    let mut open = 1_usize;
    let close = tokens.iter().position(|token| {
        match token.sign() {
            Some('(') => open += 1,
            Some(')') => open -= 1,
            _ => {}
        }
        open == 0
    });
    close.and_then(|close| tokens.get(..close)).unwrap_or(tokens)
}

/// A statement in its normal form.
fn shown(statement: &[Token]) -> String {
    let text = tokens::joined(statement);
    let word = statement.first().and_then(Token::word);
    match word {
        Some(verb @ ("delete" | "update")) if concerns_all(statement) => {
            let rest = text.get(verb.len()..).unwrap_or_default();
            let names_no_table =
                verb == "delete" && !statement.iter().any(|token| token.word() == Some("from"));
            if names_no_table { format!("delete-all from{rest}") } else { format!("{verb}-all{rest}") }
        }
        _ => text,
    }
}

/// Whether no condition, or one that always holds, says which rows are meant.
fn concerns_all(statement: &[Token]) -> bool {
    let mut open = 0_usize;
    let condition = statement.iter().position(|token| {
        match token.sign() {
            Some('(') => open += 1,
            Some(')') => open = open.saturating_sub(1),
            _ => {}
        }
        open == 0 && token.word() == Some("where")
    });
    let Some(condition) = condition.and_then(|at| statement.get(at + 1..)) else { return true };
    let end = condition
        .iter()
        .position(|token| matches!(token.word(), Some("limit" | "order" | "returning" | "option")));
    let condition = end.and_then(|end| condition.get(..end)).unwrap_or(condition);
    let bare: Vec<&Token> =
        condition.iter().filter(|token| !matches!(token.sign(), Some('(' | ')'))).collect();
    match bare.as_slice() {
        [] => true,
        [one] => one.word().is_some_and(|word| word == "true" || word.parse::<i64>().is_ok_and(|n| n != 0)),
        [a, is, b] => is.sign() == Some('=') && a.same(b),
        [not, one] => not.word() == Some("not") && matches!(one.word(), Some("false" | "0")),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
