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
        for word in self.code.split(|byte| !is_name(*byte)) {
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
        let mut done = 0;
        for site in sites {
            // What stands in a function that is never called is never called either.
            if site < done {
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
    /// where something else may call it: a decorator, or whatever knows its class.
    fn body_end(&self, at: usize) -> usize {
        let lines = matches!(self.language, Language::Python | Language::Ruby);
        let mut depth = 0_usize;
        let mut braced = false;
        if lines && !self.stands_alone(at) {
            return at;
        }
        for (index, token) in self.tokens.iter().enumerate().skip(at) {
            match token {
                Token::Line(0) if lines && depth == 0 => return index,
                Token::Sign("(" | "[" | "{") => {
                    braced |= depth == 0 && *token == Token::Sign("{");
                    depth += 1;
                }
                Token::Sign(")" | "]" | "}") => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 && braced && !lines {
                        return index;
                    }
                }
                Token::Sign(";") if depth == 0 && !lines => return index,
                _ => {}
            }
        }
        self.tokens.len()
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
        Finding::Words(words) => words.iter().all(|word| unknown(&word.bytes)),
        Finding::Call { name, arguments } => {
            (name == "sql" || name.starts_with("remove-")) && unknown(arguments)
        }
        Finding::Opaque(_) => false,
    }
}
