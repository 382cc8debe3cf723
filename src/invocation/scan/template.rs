//! What a program puts into a text before a shell reads it: `${{ env.NAME }}` of a
//! workflow, `{{.NAME}}` of a Taskfile.
//!
//! It is put in here where it is known. Where it is not, it becomes a shell variable
//! that nobody sets, whose name tells what stood there.

use std::collections::BTreeMap;

use super::Passage;
use super::yaml::{Part, Scalar};
use crate::shell::inner::Place;

/// The most values of a variable that are told apart: no job of GitHub's has more.
pub(super) const VALUES: usize = 256;

/// The longest name of a variable.
const NAME: usize = 60;

/// How much text a file's commands may become, beyond so many times its own length.
const GROWTH: (usize, usize) = (16, 1 << 20);

/// What is put in for an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// This text.
    Text(String),
    /// One of these texts.
    OneOf(Vec<String>),
    /// Nobody knows.
    Nothing,
    /// It says of what follows whether it is left out.
    Hides(bool),
}

/// How expressions are marked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marks {
    /// How they begin.
    pub(super) open: &'static str,
    /// How they end.
    pub(super) close: &'static str,
}

/// A text for a shell that is being put together.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// What the shell is given: with where it stands, and whether it stands there so.
    chunks: Vec<(String, usize, bool)>,
    /// Variables that stand for what may be one of several, and where that was first.
    cases: BTreeMap<String, (Vec<String>, usize)>,
    /// How many of the chunks only prepare what follows.
    prepares: usize,
    /// Whether a variable has more values than are read.
    cut: bool,
}

/// How text that is not the shell's to read is put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// A shell reads it: where it stands in single quotes they end for a variable.
    Shell,
    /// Another program reads it.
    Other,
}

impl Draft {
    /// Adds text that was made of what stands at `at`.
    pub(super) fn made(&mut self, text: impl Into<String>, at: usize) {
        self.chunks.push((text.into(), at, false));
    }

    /// Adds a scalar with everything that is put into it.
    pub(super) fn scalar(
        &mut self,
        source: &str,
        scalar: &Scalar,
        (marks, reading): (Marks, Reading),
        known: &dyn Fn(&str) -> Known,
    ) {
        let parts = scalar.parts(source);
        let (mut from, mut quotes, mut hidden) = (0, Quotes::default(), false);
        while let Some((open, close)) = next(&scalar.value, from, marks) {
            if !hidden {
                self.slice(scalar, &parts, from, open);
                quotes.read(scalar.value.get(from..open).unwrap_or_default());
            }
            from = close;
            let inner = open + marks.open.len()..close - marks.close.len();
            let expression = scalar.value.get(inner).unwrap_or_default().trim();
            let at = origin(&parts, open, scalar.at);
            let single = reading == Reading::Shell && quotes.single;
            match known(expression) {
                Known::Hides(hides) => hidden = hides,
                _ if hidden => {}
                known => self.put_in(expression, known, at, single),
            }
        }
        if !hidden {
            self.slice(scalar, &parts, from, scalar.value.len());
        }
    }

    fn put_in(&mut self, expression: &str, known: Known, at: usize, single: bool) {
        if let Known::Text(text) = known {
            return self.made(text, at);
        }
        let name = variable(expression);
        self.made(if single { format!("'\"${{{name}}}\"'") } else { format!("${{{name}}}") }, at);
        if let Known::OneOf(values) = known {
            self.one_of(name, values, at);
        }
    }

    /// Sets a variable, at the beginning, to one of these values.
    pub(super) fn one_of(&mut self, name: String, mut values: Vec<String>, at: usize) {
        self.cut |= values.len() > VALUES;
        values.truncate(VALUES);
        self.cases.entry(name).or_insert((values, at));
    }

    /// Adds what stands in a scalar's value between two places.
    fn slice(&mut self, scalar: &Scalar, parts: &[Part], from: usize, to: usize) {
        let first = parts.partition_point(|part| part.from <= from).saturating_sub(1);
        for (index, part) in parts.iter().enumerate().skip(first).take_while(|(_, part)| part.from < to) {
            let end = parts.get(index + 1).map_or(scalar.value.len(), |next| next.from).min(to);
            let start = part.from.max(from);
            if start < end {
                let text = scalar.value.get(start..end).unwrap_or_default().to_owned();
                let ahead = if part.verbatim { start - part.from } else { 0 };
                self.chunks.push((text, part.at + ahead, part.verbatim));
            }
        }
    }

    /// Sets a variable for what follows, to a value that may hold expressions.
    pub(super) fn export(
        &mut self,
        source: &str,
        (name, value): (&str, &Scalar),
        marks: Marks,
        known: &dyn Fn(&str) -> Known,
    ) {
        if !is_name(name) {
            return;
        }
        let mut inner = Self::default();
        inner.scalar(source, value, (marks, Reading::Other), known);
        // What was put in is no text of the file's, but may hold quotes as well.
        let mut words = String::new();
        for (text, _, _) in &inner.chunks {
            match text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
                Some(name) if is_name(name) => words.extend(["\"${", name, "}\""]),
                _ => words += &quoted(text),
            }
        }
        self.cut |= inner.cut;
        for (name, case) in inner.cases {
            self.cases.entry(name).or_insert(case);
        }
        self.made(format!("export {name}={words}\n"), value.at);
    }

    /// Whether a variable has more values than are read.
    pub(super) fn is_cut(&self) -> bool {
        self.cut
    }

    /// Says that what follows is the text proper, and what was added before prepares it.
    pub(super) fn prepared(&mut self) {
        self.prepares = self.chunks.len();
    }

    /// The passage that it is.
    pub(super) fn passage(self, place: Place) -> Passage {
        self.passage_of(place, |text| text)
    }

    /// The same with its text proper changed by `text`.
    pub(super) fn passage_of(self, place: Place, text: impl FnOnce(Passage) -> Passage) -> Passage {
        let mut passage = Passage::at(place);
        for (name, (values, at)) in self.cases {
            // The first is set at once: what a `case` sets may be left unset.
            let mut all = values.iter().map(|value| format!("{name}={}", quoted(value)));
            let first = all.next().unwrap_or_default();
            passage.push_made(&format!("{first}\ncase ${{{name}_is}} in\n"), at);
            for (index, other) in all.enumerate() {
                passage.push_made(&format!("{index}) {other} ;;\n"), at);
            }
            passage.push_made("esac\n", at);
        }
        let add = |passage: &mut Passage, chunks: &[(String, usize, bool)]| {
            for (text, at, verbatim) in chunks {
                if *verbatim {
                    passage.push(text, *at);
                } else {
                    passage.push_made(text, *at);
                }
            }
        };
        let (before, proper) = self.chunks.split_at(self.prepares.min(self.chunks.len()));
        add(&mut passage, before);
        let mut own = Passage::at(place);
        add(&mut own, proper);
        let own = text(own);
        passage.append(&own, 0..own.text.len());
        passage
    }
}

/// How much text a file's commands may still become: aliases and variables of many
/// commands must not make a small file a long one.
#[derive(Debug)]
pub(super) struct Growth(usize);

impl Growth {
    /// For a file.
    pub(super) fn of(source: &str) -> Self {
        Self(source.len().saturating_mul(GROWTH.0) + GROWTH.1)
    }

    /// Takes a passage's share; false where nothing is left.
    pub(super) fn take(&mut self, passage: &Passage) -> bool {
        self.0 = self.0.saturating_sub(passage.text.len() + 1);
        self.0 > 0
    }
}

/// Where the next expression begins and ends, with its marks.
fn next(text: &str, from: usize, marks: Marks) -> Option<(usize, usize)> {
    let open = from + text.get(from..)?.find(marks.open)?;
    let inner = open + marks.open.len();
    // A text in it may hold what would end it.
    let mut quoted = false;
    for (at, c) in text.get(inner..)?.char_indices() {
        if c == '\'' {
            quoted = !quoted;
        } else if !quoted && text.get(inner + at..)?.starts_with(marks.close) {
            return Some((open, inner + at + marks.close.len()));
        }
    }
    None
}

fn origin(parts: &[Part], offset: usize, otherwise: usize) -> usize {
    let behind = parts.partition_point(|part| part.from <= offset);
    let part = behind.checked_sub(1).and_then(|last| parts.get(last));
    part.map_or(otherwise, |part| if part.verbatim { part.at + offset - part.from } else { part.at })
}

/// The name of a shell variable that tells of an expression.
pub(super) fn variable(expression: &str) -> String {
    let mut name = String::new();
    for c in expression.chars() {
        if name.len() >= NAME {
            break;
        }
        match c {
            _ if c.is_ascii_alphanumeric() => name.push(c),
            _ if name.ends_with('_') || name.is_empty() => {}
            _ => name.push('_'),
        }
    }
    let name = name.trim_end_matches('_');
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        name.to_owned()
    } else {
        format!("value_{name}")
    }
}

/// Whether a shell takes it for a variable's name.
pub(super) fn is_name(name: &str) -> bool {
    !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// A text as a word of a shell.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Where in a shell's text single quotes are open. It need not be exact: what is put in
/// keeps the quotes even in any case.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each says something else of where the text stands")]
struct Quotes {
    single: bool,
    double: bool,
    comment: bool,
    escaped: bool,
}

impl Quotes {
    fn read(&mut self, text: &str) {
        let mut before = ' ';
        for c in text.chars() {
            let escaped = std::mem::take(&mut self.escaped);
            match c {
                _ if self.comment => self.comment = c != '\n',
                '\'' if self.single => self.single = false,
                _ if self.single || escaped => {}
                '\\' => self.escaped = true,
                '"' => self.double = !self.double,
                '\'' => self.single = !self.double,
                '#' if !self.double => self.comment = before.is_whitespace(),
                _ => {}
            }
            before = c;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::scan::yaml::documents;

    const MARKS: Marks = Marks { open: "${{", close: "}}" };

    fn known(expression: &str) -> Known {
        match expression {
            "env.TOOL" => Known::Text("terraform".to_owned()),
            "matrix.do" => Known::OneOf(vec!["plan".to_owned(), "it's".to_owned()]),
            _ => Known::Nothing,
        }
    }

    fn passage(source: &str) -> Passage {
        let documents = documents(source).unwrap();
        let mut draft = Draft::default();
        draft.scalar(source, documents[0].scalar().unwrap(), (MARKS, Reading::Shell), &known);
        draft.passage(Place::Here)
    }

    #[test]
    fn what_is_known_is_put_in() {
        for (source, text) in [
            ("${{ env.TOOL }} x", "terraform x"),
            ("a ${{ github.ref }} b", "a ${github_ref} b"),
            (r#"a "${{ github.ref }}" b"#, r#"a "${github_ref}" b"#),
            ("a '${{ inputs.x }}' b", "a ''\"${inputs_x}\"'' b"),
            ("a ${{ format('}}', 1) }} b", "a ${format_1} b"),
            ("a ${{ open", "a ${{ open"),
            ("a ${{ '' }}", "a ${value_}"),
            (
                "${{ matrix.do }}",
                "matrix_do='plan'\ncase ${matrix_do_is} in\n0) matrix_do='it'\\''s' ;;\nesac\n${matrix_do}",
            ),
            // An apostrophe of a comment opens nothing.
            ("a \\' # don't ${{ x }}", "a \\'"),
        ] {
            assert_eq!(passage(source).text, text, "{source}");
        }
    }

    #[test]
    fn places_are_those_of_the_file() {
        let source = "|\n  a ${{ env.TOOL }} bc\n  '${{ x }}' d\n";
        let passage = passage(source);
        let at = |word: &str| passage.origin(passage.text.find(word).unwrap());
        for word in ["a ", "bc", "d"] {
            assert_eq!(at(word), source.rfind(word).unwrap(), "{word}");
        }
        assert_eq!(at("terraform"), source.find("${{").unwrap());
    }

    #[test]
    fn values_of_variables_are_quoted() {
        let source = "it's ${{ env.TOOL }} ${{ x }}";
        let documents = documents(source).unwrap();
        let mut draft = Draft::default();
        let value = documents[0].scalar().unwrap();
        draft.export(source, ("A", value), MARKS, &known);
        draft.export(source, ("no name", value), MARKS, &known);
        let text = draft.passage(Place::Here).text;
        assert_eq!(text, "export A='it'\\''s ''terraform'' '\"${x}\"\n");
    }
}
