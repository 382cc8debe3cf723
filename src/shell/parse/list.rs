//! Lists, pipelines, and the words that have a meaning where a command begins.

use super::{Read, Reader, is_meta};
use crate::shell::syntax::{
    Item, Join, Kind, Part, Pipeline, Redirection, RedirectionKind, Script, Stage, Word,
};

/// The words that mean something where a command begins, unquoted.
const RESERVED: [&str; 20] = [
    "!", "[[", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if",
    "select", "then", "time", "until", "while", "{", "}",
];

/// Those of them that end a list.
const CLOSING: [&str; 8] = ["then", "else", "elif", "fi", "do", "done", "esac", "}"];

impl Reader<'_> {
    /// The reserved word that stands here, if one does.
    pub(super) fn reserved(&self) -> Option<&'static str> {
        let first = self.look(0)?;
        RESERVED
            .into_iter()
            .filter(|word| word.as_bytes().first() == Some(&first))
            .find(|word| self.sees(word.as_bytes()) && self.look(word.len()).is_none_or(is_meta))
    }

    /// Takes a reserved word, where it stands here.
    pub(super) fn take(&mut self, word: &'static str) -> bool {
        self.reserved() == Some(word) && self.eat(word.as_bytes())
    }

    /// Takes a reserved word, which has to stand here.
    pub(super) fn expect(&mut self, word: &'static str, opened: usize) -> Read<()> {
        if self.take(word) {
            Ok(())
        } else if self.peek().is_none() {
            self.at = opened;
            self.fail(format!("`{word}` is missing"))
        } else {
            self.unexpected()
        }
    }

    /// Whether no command can begin here.
    fn ends(&mut self) -> bool {
        matches!(self.peek(), None | Some(b')'))
            || self.sees(b";;")
            || self.sees(b";&")
            || self.sees(b";|")
            || (self.in_braces && self.peek() == Some(b'}'))
            || self.reserved().is_some_and(|word| CLOSING.contains(&word))
    }

    /// Commands, up to something that closes what is around them.
    pub(super) fn script(&mut self) -> Read<Script> {
        let mut script = Script::default();
        self.script_into(&mut script)?;
        Ok(script)
    }

    /// Reads commands into a script, which keeps them where reading fails.
    pub(super) fn script_into(&mut self, script: &mut Script) -> Read<()> {
        let mut join = Join::Then;
        loop {
            self.breaks()?;
            if self.ends() {
                if join != Join::Then {
                    return self.fail("nothing stands behind `&&` or `||`");
                }
                return Ok(());
            }
            let pipeline = self.pipeline()?;
            self.blanks();
            let joined = std::mem::take(&mut join);
            let mut background = false;
            if self.eat(b"&&") {
                join = Join::And;
            } else if self.eat(b"||") {
                join = Join::Or;
            } else if self.peek() == Some(b'&') {
                self.step();
                background = true;
                // zsh's `&|`; its `&!` reads like a background command before a `!`.
                if self.peek() == Some(b'|') {
                    self.step();
                }
            } else if self.peek() == Some(b';') && !self.ends() {
                self.step();
            } else if self.peek() != Some(b'\n') && !self.ends() {
                return self.unexpected();
            }
            script.items.push(Item { join: joined, pipeline, background });
        }
    }

    /// Commands that are joined by `|` and `|&`.
    pub(super) fn pipeline(&mut self) -> Read<Pipeline> {
        let mut stages = Vec::new();
        let prefixed = self.pipeline_prefix();
        if prefixed && (matches!(self.peek(), None | Some(b'\n' | b';' | b')')) || self.peek_background()) {
            return Ok(Pipeline { stages });
        }
        loop {
            let mut stage = self.stage()?;
            self.blanks();
            let both = self.sees(b"|&");
            if both {
                stage.redirections.push(both_outputs());
            }
            stages.push(stage);
            if both {
                self.eat(b"|&");
            } else if self.peek() == Some(b'|') && self.look(1) != Some(b'|') {
                self.step();
            } else {
                return Ok(Pipeline { stages });
            }
            self.breaks()?;
        }
    }

    fn peek_background(&mut self) -> bool {
        self.peek() == Some(b'&') && self.look(1) != Some(b'>')
    }

    /// Takes `!` and `time`, and tells whether there was any.
    fn pipeline_prefix(&mut self) -> bool {
        let mut any = false;
        loop {
            self.blanks();
            if self.reserved() == Some("time") {
                if !self.time_is_reserved() {
                    return any;
                }
            } else if !self.take("!") {
                return any;
            }
            any = true;
        }
    }

    /// Takes `time` and `time -p`. With another option it is the program of that
    /// name: bash would look for a command that is called like the option.
    fn time_is_reserved(&mut self) -> bool {
        let start = self.at;
        self.take("time");
        self.blanks();
        if self.sees(b"-p") && self.look(2).is_none_or(is_meta) {
            self.eat(b"-p");
            self.blanks();
        }
        if self.sees(b"--") && self.look(2).is_none_or(is_meta) {
            self.eat(b"--");
            self.blanks();
        }
        if self.peek() == Some(b'-') {
            self.at = start;
            return false;
        }
        true
    }

    /// One command with its redirections.
    pub(super) fn stage(&mut self) -> Read<Stage> {
        self.blanks();
        let at = self.at;
        let stage = self.unplaced()?;
        // In a text of its own, what is read has other places than the whole text.
        let placed = self.shared.placed && self.is_whole;
        Ok(Stage { at: placed.then_some(at), ..stage })
    }

    fn unplaced(&mut self) -> Read<Stage> {
        if self.peek() == Some(b'(') {
            let kind = self.nested(Self::parenthesis)?;
            return self.redirected(kind);
        }
        match self.reserved() {
            Some("time" | "!") | None => self.simple(),
            Some("coproc") => {
                let body = self.nested(Self::coprocess)?;
                Ok(Stage { at: None, kind: Kind::Coprocess(Box::new(body)), redirections: Vec::new() })
            }
            Some("function") => self.nested(Self::function),
            Some(word) => {
                let kind = self.nested(|reader| reader.compound(word))?;
                self.redirected(kind)
            }
        }
    }

    /// A compound command with the redirections behind it.
    fn redirected(&mut self, kind: Kind) -> Read<Stage> {
        let mut redirections = Vec::new();
        loop {
            self.blanks();
            match self.redirection()? {
                Some(redirection) => redirections.push(redirection),
                None => return Ok(Stage { at: None, kind, redirections }),
            }
        }
    }
}

/// What `|&` does: `2>&1`.
fn both_outputs() -> Redirection {
    let target =
        Word { parts: vec![Part::Literal { text: b"1".to_vec(), quoted: false }], source: b"1".to_vec() };
    Redirection { kind: RedirectionKind::Duplicate, descriptor: Some("2".to_owned()), target }
}
