//! Where code runs once for each of several things.

use super::token::Token;
use crate::shell::inner::Language;

/// Which tokens stand where they run once for each of several things.
pub(super) fn loops(tokens: &[Token], language: Language) -> Vec<bool> {
    let mut marks = vec![false; tokens.len()];
    let mut indent = 0;
    // Where the brackets around this token began, and the indents of the loops.
    let mut brackets: Vec<usize> = Vec::new();
    let mut blocks: Vec<usize> = Vec::new();
    // Depths of brackets below which a loop has ended.
    let mut depths: Vec<usize> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token {
            Token::Line(columns) => {
                indent = *columns;
                if language == Language::Python {
                    blocks.retain(|block| *block < indent);
                }
            }
            Token::Sign("(" | "[" | "{") => brackets.push(index),
            Token::Sign(sign @ (")" | "]" | "}")) => {
                let open = brackets.pop();
                while depths.last().is_some_and(|depth| brackets.len() < *depth) {
                    depths.pop();
                }
                if *sign == "}" && depths.last() == Some(&brackets.len()) && open.is_some() {
                    depths.pop();
                }
            }
            Token::Sign(";") if depths.last() == Some(&brackets.len()) => {
                depths.pop();
            }
            Token::Name(name) if is_loop(name) => {
                if language == Language::Python && brackets.is_empty() {
                    blocks.push(indent);
                } else {
                    depths.push(brackets.len());
                }
                // In a comprehension, and in front of a statement's `for`, it stands behind.
                let from = brackets.last().copied().unwrap_or_else(|| {
                    let ends = |token: &Token| matches!(token, Token::Sign(";" | "}") | Token::Line(_));
                    let back =
                        tokens.iter().take(index).rev().take(64).take_while(|token| !ends(token)).count();
                    index - back
                });
                if let Some(marks) = marks.get_mut(from.max(index.saturating_sub(512))..index) {
                    marks.fill(true);
                }
            }
            _ => {}
        }
        if let Some(mark) = marks.get_mut(index) {
            *mark |= !blocks.is_empty() || !depths.is_empty();
        }
    }
    marks
}

fn is_loop(name: &str) -> bool {
    matches!(
        name,
        "for"
            | "foreach"
            | "while"
            | "until"
            | "forEach"
            | "map"
            | "each"
            | "walk"
            | "glob"
            | "iglob"
            | "rglob"
            | "find"
            | "opendir"
            | "each_child"
            | "xargs"
            | "readdir"
            | "readdirSync"
            | "iterdir"
            | "scandir"
    )
}
