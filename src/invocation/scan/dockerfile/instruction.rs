//! A Dockerfile's instructions: lines that go on, comments within them, and the
//! here-documents behind them.

use super::super::Passage;
use crate::shell::inner::Place;

/// One instruction.
pub(super) struct Instruction {
    /// Its name, in capitals.
    pub(super) name: String,
    /// What stands behind the name, its lines joined.
    pub(super) rest: Passage,
    /// The here-documents that it reads, each with the line that ends it.
    pub(super) documents: Vec<Passage>,
}

/// The instructions of `text`.
pub(super) fn instructions(text: &str) -> Vec<Instruction> {
    let escape = escape(text);
    let mut lines = lines(text).peekable();
    let mut all = Vec::new();
    while let Some((at, line)) = lines.next() {
        let blank = line.len() - line.trim_start().len();
        let shown = line.trim();
        if shown.is_empty() || shown.starts_with('#') {
            continue;
        }
        let length = shown.find(|c: char| c.is_whitespace()).unwrap_or(shown.len());
        let name = shown.get(..length).unwrap_or_default().to_ascii_uppercase();
        let mut rest = Passage::at(Place::Container);
        let (mut from, mut line) = (at, line);
        let mut skipped = blank + length;
        loop {
            let part = line.get(skipped..).unwrap_or_default();
            let told = part.trim_end().strip_suffix(escape);
            rest.push(told.unwrap_or(part), from + skipped);
            if told.is_none() {
                break;
            }
            // Comments and empty lines do not end it.
            let idle =
                |(_, line): &(usize, &str)| line.trim().is_empty() || line.trim_start().starts_with('#');
            while lines.next_if(idle).is_some() {}
            let Some(next) = lines.next() else { break };
            (from, line) = next;
            skipped = 0;
        }
        let blank = rest.text.len() - rest.text.trim_start().len();
        let rest = rest.part(blank..rest.text.len());
        let mut documents = Vec::new();
        if matches!(name.as_str(), "RUN" | "COPY" | "ADD" | "ONBUILD") && rest.text.contains("<<") {
            for (end, tabs) in delimiters(&rest.text) {
                let mut document = Passage::at(Place::Container);
                for (at, line) in lines.by_ref() {
                    document.push(line, at);
                    document.push_made("\n", at + line.len());
                    if (if tabs { line.trim_start_matches('\t') } else { line }) == end {
                        break;
                    }
                }
                documents.push(document);
            }
        }
        all.push(Instruction { name, rest, documents });
    }
    all
}

/// The lines with their places, without what ends them.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    text.split_inclusive('\n').map(move |line| {
        let here = at;
        at += line.len();
        let line = line.strip_suffix('\n').unwrap_or(line);
        let line = line.strip_suffix('\r').unwrap_or(line);
        // A mark of the byte order is none of the text.
        match line.strip_prefix('\u{feff}').filter(|_| here == 0) {
            Some(rest) => ('\u{feff}'.len_utf8(), rest),
            None => (here, line),
        }
    })
}

/// What makes a line go on: a directive at the head of the file may change it.
fn escape(text: &str) -> char {
    for (_, line) in lines(text) {
        let Some(directive) = line.trim().strip_prefix('#') else { break };
        let Some((name, value)) = directive.split_once('=') else { break };
        if name.trim().eq_ignore_ascii_case("escape") {
            return if value.trim() == "`" { '`' } else { '\\' };
        }
    }
    '\\'
}

/// The words that end the here-documents of a line, and whether tabs may stand before
/// them.
fn delimiters(text: &str) -> Vec<(String, bool)> {
    let mut all = Vec::new();
    for (at, _) in text.match_indices("<<") {
        let before = text.get(..at).unwrap_or_default();
        let rest = text.get(at + 2..).unwrap_or_default();
        if rest.starts_with('<') || before.ends_with('<') {
            continue;
        }
        let (tabs, rest) = rest.strip_prefix('-').map_or((false, rest), |rest| (true, rest));
        let (quote, rest) = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => (Some(quote), rest.get(1..).unwrap_or_default()),
            _ => (None, rest),
        };
        let ends = |c: char| match quote {
            Some(quote) => c == quote,
            None => !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.')),
        };
        let word = rest.get(..rest.find(ends).unwrap_or(rest.len())).unwrap_or_default();
        // `1 << 2` shifts.
        if word.starts_with(|c: char| c.is_alphabetic() || c == '_') {
            all.push((word.to_owned(), tabs));
        }
    }
    all
}
