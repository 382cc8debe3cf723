//! Passages that are put together from parts of other text, and what is put before them.

use std::ops::Range;

use super::Passage;
use super::shell::is_shell;
use crate::shell::inner::Place;

/// What ends a script that is handed to another program than a shell.
const END: &str = "END_OF_EMBEDDED_SCRIPT";

/// How variables begin that configure a tool although nothing names them.
const CONFIGURE: [&str; 8] = ["AWS_", "DOCKER_", "HELM_", "KUBE", "MYSQL_", "PG", "TF_", "VAULT_"];

impl Passage {
    /// Text that stands so at `at` in the file.
    pub(super) fn standing(text: &str, at: usize) -> Self {
        let mut passage = Self::at(Place::Here);
        passage.push(text, at);
        passage
    }

    /// Text that was made of what stands at `at` in the file.
    pub(super) fn made(text: &str, at: usize) -> Self {
        let mut passage = Self::at(Place::Here);
        passage.push_made(text, at);
        passage
    }

    /// Adds a part of `other`, each piece of it with the place that it has there.
    pub(super) fn append(&mut self, other: &Self, range: Range<usize>) {
        let mut from = range.start;
        let first = other.origins.partition_point(|origin| origin.from <= from).saturating_sub(1);
        let mut origins = other.origins.iter().skip(first).peekable();
        while let Some(origin) = origins.next() {
            let until = origins.peek().map_or(range.end, |next| next.from.min(range.end));
            let Some(text) = other.text.get(from..until) else { return };
            if !text.is_empty() {
                if origin.verbatim {
                    self.push(text, origin.at + from.saturating_sub(origin.from));
                } else {
                    self.push_made(text, origin.at);
                }
            }
            from = until;
            if from >= range.end {
                return;
            }
        }
    }

    /// A part of it.
    pub(super) fn part(&self, range: Range<usize>) -> Self {
        let mut part = Self::at(self.place);
        part.append(self, range);
        part
    }

    /// A text that `program` reads: as it is where that is a shell, else as what is
    /// written on the program's standard input.
    pub(super) fn script(program: &str, body: &Self) -> Self {
        let name = program.rsplit('/').next().unwrap_or(program);
        if is_shell(name) {
            return body.clone();
        }
        let at = body.origin(0);
        let mut passage = Self::at(body.place);
        passage.push_made(&format!("{program} <<'{END}'\n"), at);
        passage.append(body, 0..body.text.len());
        passage.push_made(&format!("\n{END}\n"), at);
        passage
    }

    /// Puts before it the variables that its shell finds in its environment, of those
    /// that it may look at.
    pub(super) fn given<'a>(self, variables: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut whole = Self::at(self.place);
        let at = self.origin(0);
        for (name, value) in variables {
            let counts = self.text.contains(name) || CONFIGURE.iter().any(|begin| name.starts_with(begin));
            if counts && is_name(name) {
                whole.push_made(&format!("export {name}={}\n", quoted(value)), at);
            }
        }
        if whole.text.is_empty() {
            return self;
        }
        whole.append(&self, 0..self.text.len());
        whole
    }

    /// Whether there is nothing in it to run.
    pub(super) fn is_idle(&self) -> bool {
        self.text.lines().all(|line| line.trim_start().is_empty() || line.trim_start().starts_with('#'))
    }
}

/// `word` as a shell reads it back.
pub(super) fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// Whether a shell takes `name` for a variable's.
pub(super) fn is_name(name: &str) -> bool {
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    begins && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A value that nobody knows, as a shell reads it: a variable that nobody sets.
pub(super) fn unknown(name: &str) -> String {
    let name: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if is_name(&name) { format!("${{{name}}}") } else { format!("${{_{name}}}") }
}

/// The strings of a JSON array that begins `text`, each with the place of its first
/// character, and where the array ends.
pub(super) fn json_strings(text: &str) -> Option<(Vec<(usize, String)>, usize)> {
    let (mut words, mut at) = (Vec::new(), text.len() - text.trim_start().len());
    let rest = |at: usize| text.get(at..).unwrap_or_default();
    at += rest(at).starts_with('[').then_some(1)?;
    loop {
        at += rest(at).len() - rest(at).trim_start_matches(|c: char| c.is_whitespace() || c == ',').len();
        match rest(at).chars().next()? {
            ']' => return Some((words, at + 1)),
            '"' => {
                let mut escaped = false;
                let ends = |c: char| {
                    let end = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    end
                };
                let length = rest(at + 1).find(ends)?;
                let word = serde_json::from_str(text.get(at..at + length + 2)?).ok()?;
                words.push((at + 1, word));
                at += length + 2;
            }
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_keep_their_places() {
        let mut whole = Passage::standing("echo ", 10);
        whole.push_made("$NAME", 15);
        whole.push(" a\n", 25);
        let part = whole.part(3..12);
        assert_eq!(part.text, "o $NAME a");
        assert_eq!([0, 2, 4, 7, 8].map(|at| part.origin(at)), [13, 15, 15, 25, 26]);
        assert_eq!(whole.part(5..5).text, "");
        assert_eq!(Passage::default().part(0..3).text, "");
    }

    #[test]
    fn other_programs_read_their_script() {
        let body = Passage::standing("print(1)", 7);
        assert_eq!(Passage::script("/bin/bash", &body), body);
        let script = Passage::script("python3", &body);
        assert_eq!(script.text, format!("python3 <<'{END}'\nprint(1)\n{END}\n"));
        assert_eq!(script.origin(script.text.find("print").unwrap_or_default() + 2), 9);
    }

    #[test]
    fn arrays_of_strings_have_places() {
        let strings = json_strings;
        assert_eq!(
            strings(r#" ["a", "b\"c" ] x"#),
            Some((vec![(3, "a".to_owned()), (8, "b\"c".to_owned())], 15))
        );
        assert_eq!(strings("[]"), Some((Vec::new(), 2)));
        for broken in ["", "x", "[", "[1]", "[\"a", "[\"\\x\"]", "[\"a\" b]"] {
            assert_eq!(strings(broken), None, "{broken}");
        }
    }

    #[test]
    fn what_nobody_knows_is_a_variable() {
        assert_eq!(unknown("A_b1"), "${A_b1}");
        assert_eq!([unknown("1"), unknown("a-b"), unknown("")], ["${_1}", "${a_b}", "${_}"]);
    }
}
