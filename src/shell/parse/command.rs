//! Simple commands, and functions.

use super::word::Context;
use super::{Read, Reader};
use crate::shell::syntax::{
    Assigned, Assignment, Item, Join, Kind, Part, Pipeline, Redirection, Script, Stage, Word,
};

/// A simple command so far.
#[derive(Default)]
struct Simple {
    assignments: Vec<Assignment>,
    words: Vec<Word>,
    redirections: Vec<Redirection>,
    /// How many words stand in front of `&>`, which sh takes for `&` and `>`.
    split: Option<usize>,
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
                if ampersand {
                    simple.split.get_or_insert(simple.words.len());
                }
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
        let dialect = self.shared.dialect;
        let split = simple.split.filter(|at| *at < simple.words.len() && dialect.may_be_plain());
        let repeats = dialect.may_be_zsh() && repeats(&simple.words);
        if split.is_none() && !repeats {
            let Simple { assignments, words, redirections, .. } = simple;
            return Ok(Stage { at: None, kind: Kind::Simple { assignments, words }, redirections });
        }
        if !simple.words.iter().all(is_plain) || !simple.assignments.iter().all(assigns_plain) {
            return self.fail("substitutions in a command that shells read differently");
        }
        let words = simple.words.clone();
        let (before, behind) = words.split_at_checked(split.unwrap_or(0)).unwrap_or_default();
        let behind = if split.is_some() { behind } else { &[] };
        let repeated = if repeats { repeated(&words) } else { &[] };
        Ok(readings(simple, &[before, behind, repeated]))
    }

    /// Takes an assignment or a word, where one stands here.
    fn simple_word(&mut self, simple: &mut Simple) -> Read<bool> {
        if simple.words.is_empty() {
            if let Some(assignment) = self.assignment()? {
                simple.assignments.push(assignment);
                return Ok(true);
            }
            let behind = !simple.redirections.is_empty() || !simple.assignments.is_empty();
            if behind
                && self.shared.dialect.may_be_zsh()
                && self.reserved().is_some_and(|word| !matches!(word, "time" | "!" | "}"))
            {
                return self.fail("a reserved word behind a redirection or an assignment, which zsh heeds");
            }
        } else if let Some(word) = self.array_argument()? {
            simple.words.push(word);
            return Ok(true);
        }
        let context = if simple.words.is_empty() { Context::Command } else { Context::Argument };
        let Some(word) = self.word(context)? else { return Ok(false) };
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
        Ok(Stage { at: None, kind: Kind::Function { name, body }, redirections: Vec::new() })
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

/// `1=x`, an assignment for zsh.
fn assigns_number(word: &Word) -> bool {
    let digits = word.source.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let behind = word.source.get(digits..).unwrap_or_default();
    digits > 0 && (behind.starts_with(b"=") || behind.starts_with(b"+="))
}

/// Whether zsh runs what stands behind the first of these words.
fn repeats(words: &[Word]) -> bool {
    is(words.first(), b"repeat") && words.len() > 2
        || words.first().is_some_and(assigns_number) && words.len() > 1
}

/// The command of zsh's `repeat COUNT COMMAND …` and `1=x COMMAND …`.
fn repeated(words: &[Word]) -> &[Word] {
    let numbers = words.iter().take_while(|word| assigns_number(word)).count();
    let mut rest = words.get(numbers..).unwrap_or_default();
    while let [first, _, behind @ ..] = rest {
        if !is(Some(first), b"repeat") || behind.is_empty() {
            break;
        }
        rest = match behind {
            [brace, body @ ..] if is(Some(brace), b"{") && !body.is_empty() => body,
            _ => behind,
        };
    }
    rest
}

/// Several readings of the same words: the command as it stands, and others.
fn readings(simple: Simple, others: &[&[Word]]) -> Stage {
    let Simple { assignments, words, redirections, .. } = simple;
    let mut kinds = Vec::new();
    for other in others.iter().filter(|other| !other.is_empty()) {
        kinds.push(Kind::Simple { assignments: assignments.clone(), words: other.to_vec() });
    }
    kinds.insert(0, Kind::Simple { assignments, words });
    let stage = |kind| Stage { at: None, kind, redirections: Vec::new() };
    let item =
        |kind| Item { join: Join::Then, pipeline: Pipeline { stages: vec![stage(kind)] }, background: false };
    let script = Script { items: kinds.into_iter().map(item).collect() };
    Stage { at: None, kind: Kind::Group(script), redirections }
}

fn assigns_plain(assignment: &Assignment) -> bool {
    assignment.index.as_ref().is_none_or(is_plain)
        && match &assignment.value {
            Assigned::Word(word) => is_plain(word),
            Assigned::Array(words) => words.iter().all(is_plain),
        }
}

/// Whether a word holds no commands: then it may stand in the tree twice, and
/// the tree stays as long as the text.
fn is_plain(word: &Word) -> bool {
    word.parts.iter().all(|part| match part {
        Part::Literal { .. } | Part::Glob(_) | Part::Tilde(_) => true,
        Part::Brace(words) => words.iter().all(is_plain),
        Part::Parameter(parameter) => {
            parameter.index.as_ref().is_none_or(is_plain)
                && parameter.operation.as_ref().is_none_or(|operation| is_plain(&operation.word))
        }
        Part::Command { .. } | Part::Process { .. } | Part::Arithmetic { .. } => false,
    })
}
