//! Where a text of make's refers to variables and functions.

use std::ops::Range;

/// A part of a text of make's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// What stands there as it is.
    Literal(Range<usize>),
    /// `$$`: a dollar, at this place.
    Dollar(usize),
    /// A reference at this place, and what stands between its brackets.
    Reference(usize, Range<usize>),
}

/// The parts of `text`.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find('$')).map(|at| from + at) {
        let Some(next) = text.get(at + 1..).and_then(|rest| rest.chars().next()) else { break };
        if at > from {
            tokens.push(Token::Literal(from..at));
        }
        from = match next {
            '$' => {
                tokens.push(Token::Dollar(at));
                at + 2
            }
            '(' | '{' => {
                let Some(end) = balanced(text, at + 1) else {
                    // Never closed: make stops there.
                    tokens.push(Token::Literal(at..text.len()));
                    return tokens;
                };
                tokens.push(Token::Reference(at, at + 2..end - 1));
                end
            }
            single => {
                let end = at + 1 + single.len_utf8();
                tokens.push(Token::Reference(at, at + 1..end));
                end
            }
        };
    }
    if from < text.len() {
        tokens.push(Token::Literal(from..text.len()));
    }
    tokens
}

/// Behind the bracket that closes the one at `open`; make counts its own kind alone.
pub(super) fn balanced(text: &str, open: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let (begins, ends) = match bytes.get(open)? {
        b'(' => (b'(', b')'),
        _ => (b'{', b'}'),
    };
    let mut depth = 0_usize;
    for (at, byte) in bytes.iter().enumerate().skip(open) {
        if *byte == begins {
            depth += 1;
        } else if *byte == ends {
            depth -= 1;
            if depth == 0 {
                return Some(at + 1);
            }
        }
    }
    None
}

/// The places of `text` that stand in no reference, each with its character.
pub(super) fn outside(text: &str) -> impl Iterator<Item = (usize, char)> {
    let literals = tokens(text).into_iter().filter_map(|token| match token {
        Token::Literal(range) => Some(range),
        _ => None,
    });
    literals.flat_map(move |range| {
        let part = text.get(range.clone()).unwrap_or_default();
        part.char_indices().map(move |(at, c)| (range.start + at, c))
    })
}

/// `text` at its commas, at most `most` parts: those in brackets part nothing.
pub(super) fn arguments(text: &str, most: usize) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut from, mut depth) = (0, 0_usize);
    for (at, c) in text.char_indices() {
        match c {
            '(' | '{' => depth += 1,
            ')' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 && parts.len() + 1 < most => {
                parts.push(text.get(from..at).unwrap_or_default());
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(from..).unwrap_or_default());
    parts
}
