//! A Dockerfile's instructions: lines that go on, comments within them, and the
//! here-documents behind them.

use super::super::{Passage, Unread};
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
pub(super) fn instructions(text: &str) -> Result<Vec<Instruction>, Unread> {
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
                documents.push(document(&mut lines, &end, tabs).ok_or_else(|| Unread {
                    at,
                    why: format!("the here-document is never closed: no line reads `{end}`"),
                })?);
            }
        }
        all.push(Instruction { name, rest, documents });
    }
    Ok(all)
}

/// The lines up to the one that is `end`; `None` where there is no such line.
fn document<'a>(
    lines: &mut impl Iterator<Item = (usize, &'a str)>,
    end: &str,
    tabs: bool,
) -> Option<Passage> {
    let mut document = Passage::at(Place::Container);
    for (at, line) in lines {
        document.push(line, at);
        document.push_made("\n", at + line.len());
        if (if tabs { line.trim_start_matches('\t') } else { line }) == end {
            return Some(document);
        }
    }
    None
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
/// them: a word of the line is one that begins with `<<`, or a number before that, and
/// holds no `<` besides. Quotes and escapes count as they stand there, and a line with a
/// quote that is not closed has none.
fn delimiters(text: &str) -> Vec<(String, bool)> {
    words(text).unwrap_or_default().into_iter().filter_map(delimiter).collect()
}

/// What ends the here-document that a word opens.
fn delimiter(word: &str) -> Option<(String, bool)> {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<")?;
    let (tabs, rest) = rest.strip_prefix('-').map_or((false, rest), |rest| (true, rest));
    if rest.is_empty() || rest.contains('<') {
        return None;
    }
    let (mut end, mut quote) = (String::new(), None);
    let mut chars = rest.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' if quote != Some('\'') => end.extend(chars.next()),
            '\'' | '"' if quote.is_none() => quote = Some(c),
            _ if quote == Some(c) => quote = None,
            _ => end.push(c),
        }
    }
    Some((end, tabs))
}

/// The words of a line with their quotes; `None` where a quote is not closed.
fn words(text: &str) -> Option<Vec<&str>> {
    let (mut words, mut from) = (Vec::new(), None);
    let (mut quote, mut escaped) = (None, false);
    for (at, c) in text.char_indices() {
        if c.is_whitespace() && quote.is_none() && !escaped {
            words.extend(from.take().and_then(|from| text.get(from..at)));
            continue;
        }
        from = from.or(Some(at));
        match c {
            _ if escaped => {}
            '\'' | '"' if quote.is_none() => quote = Some(c),
            _ if quote == Some(c) => quote = None,
            _ => {}
        }
        escaped = c == '\\' && !escaped && quote != Some('\'');
    }
    words.extend(from.and_then(|from| text.get(from..)));
    quote.is_none().then_some(words)
}
