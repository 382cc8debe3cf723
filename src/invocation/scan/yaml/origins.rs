//! Where the parts of a scalar stand: its value is not what is written where lines are
//! indented or folded, or where characters are escaped.

use saphyr_parser::ScalarStyle;

/// A part of a scalar's value, up to the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Part {
    /// Where it begins in the value.
    pub(in super::super) from: usize,
    /// Where it stands in the file.
    pub(in super::super) at: usize,
    /// Whether it stands there as it is.
    pub(in super::super) verbatim: bool,
}

/// The parts of `value`, which is written at `at` of `source` in this style.
pub(super) fn parts(source: &str, at: usize, style: ScalarStyle, value: &str) -> Vec<Part> {
    match style {
        ScalarStyle::Literal | ScalarStyle::Folded => block(source, at, value),
        ScalarStyle::Plain => flow(source, at, value, None),
        ScalarStyle::SingleQuoted => flow(source, at + 1, value, Some('\'')),
        ScalarStyle::DoubleQuoted => flow(source, at + 1, value, Some('"')),
    }
}

/// A block: its lines stand behind an indentation.
fn block(source: &str, at: usize, value: &str) -> Vec<Part> {
    let mut parts = vec![Part { from: 0, at, verbatim: false }];
    let before = source.get(..at).unwrap_or_default();
    let mut start = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
    let indent = at - start;
    let mut from = 0;
    for line in source.get(start..).unwrap_or_default().split_inclusive('\n') {
        let rest = value.get(from..).unwrap_or_default();
        if rest.is_empty() {
            break;
        }
        // A line that is shorter than the indentation is blank.
        let content = line.get(indent..).unwrap_or_default().trim_end_matches(['\n', '\r']);
        if !content.is_empty() {
            let breaks = |left: &&str| !left.starts_with(content) && left.starts_with(['\n', ' ']);
            let mut left = rest;
            while breaks(&left) {
                left = left.get(1..).unwrap_or_default();
            }
            if !left.starts_with(content) {
                break;
            }
            from = value.len() - left.len();
            parts.push(Part { from, at: start + indent, verbatim: true });
            from += content.len();
        }
        start += line.len();
    }
    parts
}

/// A plain scalar or a quoted one: lines are folded, characters may be escaped.
fn flow(source: &str, at: usize, value: &str, quote: Option<char>) -> Vec<Part> {
    let mut parts = vec![Part { from: 0, at, verbatim: true }];
    let (mut rest, mut left) = (source.get(at..).unwrap_or_default(), value);
    let mut known = true;
    while let (Some(written), Some(meant), true) = (rest.chars().next(), left.chars().next(), known) {
        let (from, at) = (value.len() - left.len(), source.len() - rest.len());
        let behind = rest.trim_start_matches([' ', '\t', '\n', '\r']);
        let blank = rest.get(..rest.len() - behind.len()).unwrap_or_default();
        let breaks = blank.matches('\n').count();
        let (taken, gives) = if breaks > 0 {
            // One break is a space, each further one is a break.
            (blank.len(), breaks.max(2) - 1)
        } else if let Some((taken, gives)) = escaped(rest, meant, quote) {
            parts.push(Part { from, at, verbatim: false });
            (taken, gives)
        } else if !blank.is_empty() && left.starts_with(blank) {
            (blank.len(), blank.len())
        } else {
            known = written == meant;
            (written.len_utf8(), written.len_utf8())
        };
        rest = rest.get(taken..).unwrap_or_default();
        left = left.get(gives..).unwrap_or_default();
        if !known {
            parts.push(Part { from, at, verbatim: false });
        } else if taken != gives || !parts.last().is_some_and(|part| part.verbatim) {
            let (from, at) = (value.len() - left.len(), source.len() - rest.len());
            parts.push(Part { from, at, verbatim: true });
        }
    }
    parts
}

/// How long an escape at the beginning of `rest` is, and what it gives.
fn escaped(rest: &str, meant: char, quote: Option<char>) -> Option<(usize, usize)> {
    if quote? == '\'' {
        return rest.starts_with("''").then_some((2, 1));
    }
    let behind = rest.strip_prefix('\\')?;
    let first = behind.chars().next()?;
    if matches!(first, '\n' | '\r') {
        let blank = behind.trim_start_matches([' ', '\t', '\n', '\r']);
        return Some((rest.len() - blank.len(), 0));
    }
    let digits = match first {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => 0,
    };
    Some((1 + first.len_utf8() + digits, meant.len_utf8()))
}
