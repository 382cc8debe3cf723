//! Simple commands, and functions.

use super::word::Context;
use super::{Read, Reader};
use crate::shell::syntax::{Assignment, Item, Join, Kind, Part, Pipeline, Redirection, Script, Stage, Word};

/// A simple command so far.
#[derive(Default)]
struct Simple {
    assignments: Vec<Assignment>,
    words: Vec<Word>,
    redirections: Vec<Redirection>,
    /// Behind `&>`, which sh takes for `&` and `>`.
    split: bool,
}

impl Reader<'_> {
    /// A simple command, or a function that is defined as `NAME() …`.
    pub(super) fn simple(&mut self) -> Read<Stage> {
        let mut simple = Simple::default();
        if self.reserved() == Some("!") {
            return self.unexpected();
        }
        loop {
            self.blanks();
            let ampersand = self.peek() == Some(b'&');
            if let Some(redirection) = self.redirection()? {
                simple.split |= ampersand;
                simple.redirections.push(redirection);
                continue;
            }
            if self.peek() == Some(b'(') && !simple.words.is_empty() {
                return self.function_behind(simple);
            }
            if !self.simple_word(&mut simple)? {
                break;
            }
        }
        if simple.assignments.is_empty() && simple.words.is_empty() && simple.redirections.is_empty() {
            return self.unexpected();
        }
        let Simple { assignments, words, redirections, .. } = simple;
        if is(words.first(), b"repeat") && words.len() > 2 {
            return Ok(repeated(assignments, words, redirections));
        }
        Ok(Stage { kind: Kind::Simple { assignments, words }, redirections })
    }

    /// Takes an assignment or a word, where one stands here.
    fn simple_word(&mut self, simple: &mut Simple) -> Read<bool> {
        if simple.words.is_empty() {
            if let Some(assignment) = self.assignment()? {
                simple.assignments.push(assignment);
                return Ok(true);
            }
            let behind = !simple.redirections.is_empty() || !simple.assignments.is_empty();
            if behind && self.reserved().is_some_and(|word| !matches!(word, "time" | "!" | "}")) {
                return self.fail("a reserved word behind a redirection or an assignment, which zsh heeds");
            }
        } else if let Some(word) = self.array_argument()? {
            simple.words.push(word);
            return Ok(true);
        }
        let context = if simple.words.is_empty() { Context::Command } else { Context::Argument };
        let Some(word) = self.word(context)? else { return Ok(false) };
        if simple.split {
            return self.fail("a word behind `&>FILE`, where sh begins another command");
        }
        simple.words.push(word);
        Ok(true)
    }

    /// `() …` behind words, which are the function's names.
    fn function_behind(&mut self, simple: Simple) -> Read<Stage> {
        if !simple.assignments.is_empty() || !simple.redirections.is_empty() {
            return self.unexpected();
        }
        let opened = self.at;
        self.step();
        self.blanks();
        self.close(b")", opened, "`(`")?;
        self.nested(|reader| reader.function_body(names(simple.words)))
    }

    /// `function NAME …`.
    pub(super) fn function(&mut self) -> Read<Stage> {
        let opened = self.at;
        self.take("function");
        let mut words = Vec::new();
        loop {
            self.blanks();
            let body = self.reserved().is_some_and(|word| word == "{" || !words.is_empty());
            if body {
                break;
            }
            match self.word(Context::Command)? {
                Some(word) => words.push(word),
                None => break,
            }
        }
        if words.is_empty() {
            self.at = opened;
            return self.fail("a function without a name");
        }
        if self.peek() == Some(b'(') {
            let opened = self.at;
            self.step();
            self.blanks();
            if !self.eat(b")") {
                // `function NAME ( … )`: the body is a subshell.
                self.at = opened;
            }
        }
        self.function_body(names(words))
    }

    fn function_body(&mut self, name: Word) -> Read<Stage> {
        self.breaks()?;
        let body = Box::new(self.stage()?);
        Ok(Stage { kind: Kind::Function { name, body }, redirections: Vec::new() })
    }
}

/// Several names as one word.
fn names(words: Vec<Word>) -> Word {
    let mut all = Word::default();
    for word in words {
        if !all.source.is_empty() {
            all.source.push(b' ');
            all.parts.push(Part::Literal { text: b" ".to_vec(), quoted: false });
        }
        all.source.extend(word.source);
        all.parts.extend(word.parts);
    }
    all
}

/// Whether a word is this one, unquoted.
fn is(word: Option<&Word>, text: &[u8]) -> bool {
    word.is_some_and(|word| word.source == text)
}

/// zsh's `repeat COUNT COMMAND …`: the words as they stand, and the command.
fn repeated(assignments: Vec<Assignment>, words: Vec<Word>, redirections: Vec<Redirection>) -> Stage {
    let mut rest = words.as_slice();
    while let [first, _, behind @ ..] = rest {
        if !is(Some(first), b"repeat") || behind.is_empty() {
            break;
        }
        rest = behind;
        if let [brace, behind @ ..] = rest {
            if is(Some(brace), b"{") && !behind.is_empty() {
                rest = behind;
            }
        }
    }
    let inner = Kind::Simple { assignments: assignments.clone(), words: rest.to_vec() };
    let items = [Kind::Simple { assignments, words }, inner]
        .into_iter()
        .map(|kind| Item {
            join: Join::Then,
            pipeline: Pipeline { stages: vec![Stage { kind, redirections: Vec::new() }] },
            background: false,
        })
        .collect();
    Stage { kind: Kind::Group(Script { items }), redirections }
}
