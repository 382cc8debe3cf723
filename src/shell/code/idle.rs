//! Functions that the code defines and never calls: what they would run with
//! arguments that nobody gives them is nothing.

use std::collections::HashMap;

use super::Finding;
use super::reader::Reader;
use super::token::{Token, is_name};
use crate::shell::inner::Language;
use crate::shell::value::{HOLE, HOLES};

impl Reader<'_> {
    /// Marks the tokens of functions that are named nowhere but where they are defined.
    pub(super) fn mark_idle(&mut self) {
        let mut counts: HashMap<&[u8], usize> = HashMap::new();
        let own = self.names.contains_key("subprocess");
        let mut at = 0;
        for word in self.code.split(|byte| !is_name(*byte)) {
            let before = self.code.get(..at).unwrap_or_default();
            at += word.len() + 1;
            // `subprocess.run` is no use of a function `run`.
            if !own && before.ends_with(b"subprocess.") {
                continue;
            }
            if self.functions.contains_key(std::str::from_utf8(word).unwrap_or_default()) {
                *counts.entry(word).or_default() += 1;
            }
        }
        let named_once = |name: &str, sites: usize| {
            !name.starts_with("__") && counts.get(name.as_bytes()).is_some_and(|count| *count <= sites)
        };
        let functions =
            self.functions.iter().filter(|(name, function)| named_once(name, function.sites.len()));
        let mut sites: Vec<usize> = functions.flat_map(|(_, function)| function.sites.clone()).collect();
        sites.sort_unstable();
        // What stands in brackets may be a class's, which others may know.
        let (mut depth, mut counted) = (0_usize, 0);
        let mut done = 0;
        for site in sites {
            // What stands in a function that is never called is never called either.
            if site < done {
                continue;
            }
            for token in self.tokens.get(counted..site).unwrap_or_default() {
                match token {
                    Token::Sign("(" | "[" | "{") => depth += 1,
                    Token::Sign(")" | "]" | "}") => depth = depth.saturating_sub(1),
                    _ => {}
                }
            }
            counted = site;
            if depth > 0 {
                continue;
            }
            let end = self.body_end(site);
            if let Some(marks) = self.idle.get_mut(site..end) {
                marks.fill(true);
            }
            done = end;
        }
    }

    /// Where the body of a function ends whose parameters stand at `at`; `at` itself
    /// where that is not sure, or something else may call it: a decorator, or
    /// whatever knows its class.
    fn body_end(&self, at: usize) -> usize {
        if matches!(self.language, Language::Python | Language::Ruby) {
            return if self.stands_alone(at) { self.lines_end(at) } else { at };
        }
        let mut behind = at;
        if self.sign(at) == Some("(") {
            behind = self.closing(at) + 1;
        } else if self.name(at).is_some() {
            behind += 1;
        }
        // The type of what it gives.
        if self.sign(behind) == Some(":") {
            behind += 1;
            while self.name(behind).is_some() {
                behind += 1;
            }
        }
        behind += usize::from(self.sign(behind) == Some("=>"));
        if self.sign(behind) == Some("{") { self.closing(behind) } else { at }
    }

    /// The bracket that closes the one at `at`, or the end.
    pub(super) fn closing(&self, at: usize) -> usize {
        let mut depth = 0_usize;
        for (index, token) in self.tokens.iter().enumerate().skip(at) {
            match token {
                Token::Sign("(" | "[" | "{") => depth += 1,
                Token::Sign(")" | "]" | "}") => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return index;
            }
        }
        self.tokens.len()
    }

    /// The next line that is not indented; `at` where all of it may stand on one.
    fn lines_end(&self, at: usize) -> usize {
        let behind = || self.tokens.iter().enumerate().skip(at);
        let first = behind().find(|(_, token)| matches!(token, Token::Line(_) | Token::Sign(";")));
        let joined = first.is_none_or(|(_, token)| *token == Token::Sign(";"));
        if joined && self.language == Language::Ruby {
            return at;
        }
        let end = behind().find(|(_, token)| **token == Token::Line(0));
        end.map_or(self.tokens.len(), |(index, _)| index)
    }

    /// Whether a definition stands at the beginning of a line, below no decorator.
    fn stands_alone(&self, at: usize) -> bool {
        let Some(mut line) = (at.saturating_sub(4)..at).rev().find(|at| self.line(*at).is_some()) else {
            return false;
        };
        if self.line(line) != Some(0) {
            return false;
        }
        // The line above, over empty ones.
        while line > 0 && self.line(line - 1).is_some() {
            line -= 1;
        }
        let before = (line.saturating_sub(64)..line).rev().find(|at| self.line(*at).is_some());
        before.is_none_or(|before| self.sign(before + 1) != Some("@"))
    }

    fn line(&self, at: usize) -> Option<usize> {
        match self.tokens.get(at) {
            Some(Token::Line(indent)) => Some(*indent),
            _ => None,
        }
    }

    /// The findings of a call, without those that only a caller could tell where
    /// nothing calls.
    pub(super) fn with_a_caller(&self, findings: Vec<Finding>, site: usize) -> Vec<Finding> {
        if !self.idle.get(site).copied().unwrap_or_default() {
            return findings;
        }
        findings.into_iter().filter(|finding| !is_unknown(finding)).collect()
    }
}

/// Whether nothing at all is known of what runs.
fn is_unknown(finding: &Finding) -> bool {
    let unknown = |text: &[u8]| text.iter().all(|byte| matches!(*byte, HOLE | HOLES | b' '));
    match finding {
        Finding::Shell(text) => unknown(text),
        Finding::Words(words) => {
            let known = words.iter().position(|word| !unknown(&word.bytes));
            let client = words.first().is_some_and(|word| word.bytes == b"sqlite3");
            known.is_none() || (client && words.get(2).is_some_and(|word| unknown(&word.bytes)))
        }
        Finding::Call { name, arguments } => {
            (name == "sql" || name.starts_with("remove-") || name == "write-file" || name == "append-file")
                && unknown(arguments)
        }
        Finding::Opaque(_) => false,
    }
}
