//! Assignments.

use super::quote::Until;
use super::word::Context;
use super::{Read, Reader, is_meta, is_name, starts_name};
use crate::shell::syntax::{Assigned, Assignment, Part, Word};

impl Reader<'_> {
    /// An assignment, where one begins here.
    pub(super) fn assignment(&mut self) -> Read<Option<Assignment>> {
        if !self.peek().is_some_and(starts_name) {
            return Ok(None);
        }
        let start = self.at;
        let name = self.name();
        let mut index = None;
        if self.peek() == Some(b'[') {
            index = Some(self.index(Until::Index)?);
        }
        let append = self.sees(b"+=");
        if !append && self.peek() != Some(b'=') {
            self.retry(start)?;
            return Ok(None);
        }
        self.eat(if append { b"+=" } else { b"=" });
        let value = if self.peek() == Some(b'(') {
            Assigned::Array(self.nested(Self::array)?)
        } else {
            Assigned::Word(self.word(Context::Value)?.unwrap_or_default())
        };
        Ok(Some(Assignment { name, index, append, value }))
    }

    /// `( … )` behind `=`.
    fn array(&mut self) -> Read<Vec<Word>> {
        let opened = self.at;
        self.step();
        let mut words = Vec::new();
        loop {
            self.array_breaks()?;
            match self.peek() {
                None | Some(b')') => break,
                Some(b'[') => self.element_key(&mut words)?,
                _ => {}
            }
            match self.word(Context::Argument)? {
                Some(word) => words.push(word),
                None if matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b')')) => {
                    words.push(Word::default());
                }
                None => return self.unexpected(),
            }
        }
        self.close(b")", opened, "an array's `(`")?;
        if self.peek().is_some_and(|byte| !is_meta(byte)) {
            return self.fail("text right behind an array, which shells read differently");
        }
        Ok(words)
    }

    fn array_breaks(&mut self) -> Read<()> {
        let waiting = !self.pending.is_empty();
        let start = self.at;
        self.breaks()?;
        if waiting && self.slice(start, self.at).contains(&b'\n') {
            return self.fail("an array of several lines between a here-document and its body");
        }
        Ok(())
    }

    /// Takes `[key]=`. A key with substitutions is one word more.
    fn element_key(&mut self, words: &mut Vec<Word>) -> Read<()> {
        let start = self.at;
        let key = self.index(Until::Index)?;
        if !self.eat(b"=") && !self.eat(b"+=") {
            return self.retry(start);
        }
        if key.parts.iter().any(|part| !matches!(part, Part::Literal { .. })) {
            words.push(key);
        }
        Ok(())
    }

    /// `NAME=(…)` as an argument of `declare` and its kin, as one word that holds
    /// the array's words.
    pub(super) fn array_argument(&mut self) -> Read<Option<Word>> {
        let start = {
            self.peek();
            self.at
        };
        if !self.begins_array() {
            return Ok(None);
        }
        let Some(assignment) = self.assignment()? else { return Ok(None) };
        let source = self.slice(start, self.at).to_vec();
        let mut parts = vec![Part::Literal { text: assignment.name.into_bytes(), quoted: false }];
        parts.push(Part::Literal { text: b"=(".to_vec(), quoted: false });
        match assignment.value {
            Assigned::Word(word) => parts.extend(word.parts),
            Assigned::Array(words) => {
                for word in words {
                    parts.extend(word.parts);
                    parts.push(Part::Literal { text: b" ".to_vec(), quoted: false });
                }
            }
        }
        parts.push(Part::Literal { text: b")".to_vec(), quoted: false });
        Ok(Some(Word { parts, source }))
    }

    /// Whether `NAME=(` or `NAME+=(` stands here.
    fn begins_array(&self) -> bool {
        let mut at = self.at;
        if !self.byte(at).is_some_and(starts_name) {
            return false;
        }
        while self.byte(at).is_some_and(is_name) {
            at = self.joined(at.saturating_add(1));
        }
        if self.byte(at) == Some(b'+') {
            at = self.joined(at.saturating_add(1));
        }
        self.byte(at) == Some(b'=') && self.byte(self.joined(at.saturating_add(1))) == Some(b'(')
    }
}
