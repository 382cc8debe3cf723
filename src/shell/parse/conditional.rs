//! `[[ … ]]`.

use super::word::Context;
use super::{Read, Reader, is_meta};
use crate::shell::syntax::{Item, Join, Kind, Part, Pipeline, Script, Stage, Word};

/// What sh runs where an operand stands behind `&&`, `||` or a line's end: a word of its own,
/// so that it is found. Of known words only: of others this would be a guess.
fn in_sh(operand: &[Word]) -> Option<Word> {
    let plain = |part: &Part| matches!(part, Part::Literal { .. });
    let known = operand.iter().all(|word| word.parts.iter().all(plain));
    let program = operand.first().and_then(|word| word.source.first()).filter(|byte| **byte != b'-');
    program.filter(|_| known)?;
    let close =
        Word { parts: vec![Part::Literal { text: b"]]".to_vec(), quoted: false }], source: b"]]".to_vec() };
    let words = operand.iter().cloned().chain([close]).collect();
    let stage =
        Stage { at: None, kind: Kind::Simple { assignments: Vec::new(), words }, redirections: Vec::new() };
    let pipeline = Pipeline { stages: vec![stage] };
    let script = Script { items: vec![Item { join: Join::Then, pipeline, background: false }] };
    Some(Word { parts: vec![Part::Command { script, quoted: true }], source: Vec::new() })
}

impl Reader<'_> {
    /// `[[ … ]]`: its words, with the operators among them.
    ///
    /// sh knows no such thing: it takes `&&` and `||` in it for its own, and runs
    /// what stands behind. So only what is an operand here may stand there.
    pub(super) fn conditional(&mut self, opened: usize) -> Read<Kind> {
        self.take("[[");
        let mut words = Vec::new();
        self.condition(&mut words)?;
        self.breaks()?;
        if self.reserved_end() {
            self.eat(b"]]");
            return Ok(Kind::Test(words));
        }
        self.close(b"]]", opened, "`[[`").and_then(|()| self.unexpected())
    }

    fn reserved_end(&self) -> bool {
        self.sees(b"]]") && self.look(2).is_none_or(is_meta)
    }

    /// Operands joined by `&&` and `||`.
    fn condition(&mut self, words: &mut Vec<Word>) -> Read<()> {
        loop {
            self.operand(words)?;
            self.breaks()?;
            let Some(operator) = [b"&&", b"||"].into_iter().find(|operator| self.sees(*operator)) else {
                return Ok(());
            };
            self.operator(operator, words);
        }
    }

    fn operator(&mut self, operator: &[u8], words: &mut Vec<Word>) {
        self.eat(operator);
        let parts = vec![Part::Literal { text: operator.to_vec(), quoted: false }];
        words.push(Word { parts, source: operator.to_vec() });
    }

    /// `! …`, `( … )`, or up to three words.
    fn operand(&mut self, words: &mut Vec<Word>) -> Read<()> {
        let from = self.at;
        self.breaks()?;
        while self.sees(b"!") && self.look(1).is_none_or(is_meta) {
            self.operator(b"!", words);
            self.breaks()?;
        }
        if self.peek() == Some(b'(') {
            let opened = self.at;
            self.operator(b"(", words);
            self.nested(|reader| reader.condition(words))?;
            self.breaks()?;
            self.close(b")", opened, "`(`")?;
            words.push(Word {
                parts: vec![Part::Literal { text: b")".to_vec(), quoted: false }],
                source: b")".to_vec(),
            });
            return Ok(());
        }
        let start = words.len();
        let apart = start > 0 || self.slice(from, self.at).contains(&b'\n');
        let mut context = Context::Test;
        loop {
            self.blanks();
            if self.reserved_end() {
                break;
            }
            if let Some(word) = self.word(context)? {
                context = if word.source == b"=~" { Context::Regex } else { Context::Test };
                words.push(word);
            } else if let Some(operator) = [b"<", b">"].into_iter().find(|operator| self.sees(*operator)) {
                self.operator(operator, words);
            } else {
                break;
            }
        }
        let sources: Vec<&[u8]> = words.iter().skip(start).map(|word| word.source.as_slice()).collect();
        let fits = match sources.as_slice() {
            [_] => true,
            [operator, _] => operator.starts_with(b"-"),
            [_, operator, _] => {
                operator.starts_with(b"-") || matches!(*operator, b"=" | b"==" | b"!=" | b"=~" | b"<" | b">")
            }
            _ => false,
        };
        if !fits {
            return self.unexpected();
        }
        let apart = apart && self.shared.dialect.may_be_plain();
        if let Some(word) = words.get(start..).filter(|_| apart).and_then(in_sh) {
            words.push(word);
        }
        Ok(())
    }
}
