//! Arithmetic, and what stands in parentheses at a command's beginning.

use super::pieces::Pieces;
use super::quote::Until;
use super::{Read, Reader};
use crate::shell::syntax::{Kind, Part, Script, Word};

impl Reader<'_> {
    /// Behind the two parentheses: an expression with its `))`. `None` where it
    /// does not end so, and the parentheses hold commands.
    pub(super) fn arithmetic(&mut self) -> Read<Option<Word>> {
        let from = self.at;
        let mut pieces = Pieces::default();
        let around = std::mem::take(&mut self.pending);
        let in_braces = self.in_braces;
        let outcome = self.quoted(Until::Parenthesis, &mut pieces);
        self.pending = around;
        self.in_braces = in_braces;
        match outcome {
            Ok(()) => {}
            // What is well-formed as commands need not be so as an expression.
            Err(_) if !self.shared.limited => return Ok(None),
            Err(unread) => return Err(unread),
        }
        let source = self.slice(from, self.at).to_vec();
        Ok(self.eat(b"))").then(|| Word { parts: pieces.plain(), source }))
    }

    /// `((…))` or `(…)` where a command begins.
    pub(super) fn parenthesis(&mut self) -> Read<Kind> {
        let opened = self.at;
        self.step();
        if self.peek() == Some(b'(') {
            let inside = self.at;
            self.step();
            let from = self.at;
            if let Some(mut word) = self.arithmetic()? {
                if let Some(script) = self.commands_in(from, from.saturating_add(word.source.len()))? {
                    word.parts.push(Part::Command { script, quoted: true });
                }
                return Ok(Kind::Arithmetic(word));
            }
            self.retry(inside)?;
        }
        let script = self.script()?;
        self.close(b")", opened, "`(`")?;
        Ok(Kind::Subshell(script))
    }

    /// What sh makes of `((…))`, which it takes for two subshells.
    fn commands_in(&mut self, from: usize, to: usize) -> Read<Option<Script>> {
        let (after, end) = (self.at, self.end);
        self.retry(from)?;
        let around = std::mem::take(&mut self.pending);
        self.end = to;
        let in_braces = self.in_braces;
        let script = self.script();
        self.in_braces = in_braces;
        let whole = self.at >= to;
        self.end = end;
        self.at = after;
        let started = std::mem::replace(&mut self.pending, around);
        let script = match script {
            Ok(script) => script,
            Err(unread) if self.shared.limited => return Err(unread),
            Err(_) => return Ok(None),
        };
        if whole && !started.is_empty() {
            for pending in &started {
                self.bodies_empty(pending);
            }
            self.spend(self.end.saturating_sub(after))?;
            let rest = self.slice(after, self.end);
            if self.shared.dialect.may_be_plain() && started.iter().any(|pending| pending.ends_in(rest)) {
                return self.fail("`<<` in `((…))`, which sh takes for a here-document");
            }
        }
        Ok(Some(script).filter(|script| whole && !script.items.is_empty()))
    }
}
