//! Compound commands.

use super::word::Context;
use super::{Read, Reader, is_meta};
use crate::shell::syntax::{Item, Join, Kind, Script, Stage, Word};

impl Reader<'_> {
    /// The compound command that a reserved word begins, which stands here.
    pub(super) fn compound(&mut self, word: &'static str) -> Read<Kind> {
        let opened = self.at;
        match word {
            "{" => self.braced(opened).map(Kind::Group),
            "if" => self.conditions(opened),
            "while" | "until" => {
                self.take(word);
                let condition = self.script()?;
                let body = self.loop_body(opened)?;
                Ok(Kind::While { condition, body })
            }
            "for" | "select" => {
                self.take(word);
                self.loop_over(opened, word == "for")
            }
            "case" => self.case(opened),
            "[[" => self.conditional(opened),
            _ => self.unexpected(),
        }
    }

    /// `{ … }`.
    fn braced(&mut self, opened: usize) -> Read<Script> {
        self.take("{");
        let script = self.script()?;
        self.expect("}", opened)?;
        Ok(script)
    }

    /// `do … done`, or `{ … }`.
    fn loop_body(&mut self, opened: usize) -> Read<Script> {
        self.breaks()?;
        if self.reserved() == Some("{") {
            return self.braced(opened);
        }
        self.expect("do", opened)?;
        let script = self.script()?;
        self.expect("done", opened)?;
        Ok(script)
    }

    /// `if … then … elif … else … fi`.
    fn conditions(&mut self, opened: usize) -> Read<Kind> {
        let mut branches = Vec::new();
        self.take("if");
        loop {
            let condition = self.script()?;
            self.expect("then", opened)?;
            branches.push((Some(condition), self.script()?));
            if !self.take("elif") {
                break;
            }
        }
        if self.take("else") {
            branches.push((None, self.script()?));
        }
        self.expect("fi", opened)?;
        Ok(Kind::If(branches))
    }

    /// Behind `for` and `select`.
    fn loop_over(&mut self, opened: usize, arithmetic: bool) -> Read<Kind> {
        self.blanks();
        if arithmetic && self.eat(b"((") {
            let Some(header) = self.arithmetic()? else { return self.fail("`for ((` without `))`") };
            self.blanks();
            self.semicolon();
            let body = self.loop_body(opened)?;
            return Ok(Kind::ForArithmetic { header, body });
        }
        let mut names = vec![self.loop_name()?];
        loop {
            self.blanks();
            if matches!(self.peek(), None | Some(b'(' | b';' | b'\n')) || self.sees_word(b"in") {
                break;
            }
            if matches!(self.reserved(), Some("do" | "{")) {
                break;
            }
            names.push(self.loop_name()?);
        }
        if self.peek() == Some(b'(') {
            return self.loop_in_parentheses(names, opened);
        }
        self.semicolon();
        self.breaks()?;
        let words = if self.sees_word(b"in") { Some(self.loop_words()?) } else { None };
        let body = self.loop_body(opened)?;
        Ok(Kind::For { names, words, body })
    }

    fn semicolon(&mut self) {
        if self.peek() == Some(b';') && self.look(1) != Some(b';') {
            self.step();
        }
    }

    /// Whether this is the next word, unquoted.
    fn sees_word(&self, word: &[u8]) -> bool {
        self.sees(word) && self.look(word.len()).is_none_or(is_meta)
    }

    fn loop_name(&mut self) -> Read<String> {
        let mut name = Vec::new();
        while let Some(byte) = self.peek().filter(|byte| !is_meta(*byte)) {
            if matches!(byte, b'$' | b'`' | b'\'' | b'"' | b'\\') {
                return self.fail("a loop's variable with quotes or substitutions");
            }
            name.push(byte);
            self.step();
        }
        if name.is_empty() {
            return self.unexpected();
        }
        Ok(String::from_utf8_lossy(&name).into_owned())
    }

    /// The words behind `in`, with the line's end.
    fn loop_words(&mut self) -> Read<Vec<Word>> {
        self.eat(b"in");
        let mut words = Vec::new();
        loop {
            self.blanks();
            match self.word(Context::Argument)? {
                Some(word) => words.push(word),
                None if matches!(self.peek(), Some(b';' | b'\n')) => break,
                None => return self.unexpected(),
            }
        }
        self.semicolon();
        Ok(words)
    }

    /// zsh's `for NAME (…) …`, of which the body may be one pipeline.
    fn loop_in_parentheses(&mut self, names: Vec<String>, opened: usize) -> Read<Kind> {
        let parenthesis = self.at;
        self.step();
        let mut words = Vec::new();
        loop {
            self.breaks()?;
            match self.word(Context::Argument)? {
                Some(word) => words.push(word),
                None => break,
            }
        }
        self.close(b")", parenthesis, "`(`")?;
        self.blanks();
        self.semicolon();
        self.breaks()?;
        let body = if matches!(self.reserved(), Some("do" | "{")) {
            self.loop_body(opened)?
        } else {
            let pipeline = self.pipeline()?;
            Script { items: vec![Item { join: Join::Then, pipeline, background: false }] }
        };
        Ok(Kind::For { names, words: Some(words), body })
    }

    /// `case … in … esac`.
    fn case(&mut self, opened: usize) -> Read<Kind> {
        self.take("case");
        self.blanks();
        let Some(subject) = self.word(Context::Pattern)? else { return self.unexpected() };
        self.breaks()?;
        if !self.sees_word(b"in") {
            return self.unexpected();
        }
        self.eat(b"in");
        let mut arms = Vec::new();
        loop {
            self.breaks()?;
            if self.take("esac") {
                return Ok(Kind::Case { subject, arms });
            }
            let patterns = self.patterns(opened)?;
            let body = self.script()?;
            arms.push((patterns, body));
            if self.reserved() == Some("esac") {
                continue;
            }
            if ![b";;&".as_slice(), b";;", b";&", b";|"].into_iter().any(|end| self.eat(end)) {
                return self.expect("esac", opened).map(|()| Kind::Case { subject, arms });
            }
        }
    }

    /// The patterns of an arm, with their `)`.
    fn patterns(&mut self, opened: usize) -> Read<Vec<Word>> {
        if self.peek() == Some(b'(') {
            self.step();
        }
        let mut patterns = Vec::new();
        loop {
            self.blanks();
            match self.word(Context::Pattern)? {
                Some(word) => patterns.push(word),
                None => return self.unexpected(),
            }
            self.blanks();
            if self.peek() == Some(b'|') {
                self.step();
            } else {
                self.close(b")", opened, "`case`")?;
                return Ok(patterns);
            }
        }
    }

    /// `coproc …`, of which the name is left out.
    pub(super) fn coprocess(&mut self) -> Read<Stage> {
        self.take("coproc");
        self.blanks();
        let start = self.at;
        if self.reserved().is_none() && !self.name().is_empty() {
            self.blanks();
            if self.peek() != Some(b'(') && self.reserved().is_none() {
                self.at = start;
            }
        }
        self.stage()
    }
}
