//! Source code of other languages to what it runs.
//!
//! Meant for the one-liners and short scripts that agents write: calls that start
//! commands or remove things by an interface are found with their literal
//! arguments, through the names that imports and assignments give them. It is no
//! full parser: what has no known value is a hole, and text that nothing runs is
//! nothing.
//!
//! One file says for each language which calls run something; the rest is shared:
//! `token`, `quote` and `escape` make tokens, `reader` and `expression` evaluate
//! them, `bind` finds what names stand for, `text` knows what is done with text.

mod api;
mod awk;
mod aws;
mod bind;
mod call;
mod editor;
mod escape;
mod expression;
mod javascript;
mod known;
mod other;
mod perl;
mod php;
mod print;
mod python;
mod quote;
mod reader;
mod ruby;
mod text;
mod token;

#[cfg(test)]
mod tests;

pub(super) use print::literal_print;

use super::inner::Language;
use super::value::Value;

/// How deep code may be evaluated by code.
const MAX_EVALUATION: usize = 4;

/// Something that code does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Shell text that it runs.
    Shell(Vec<u8>),
    /// A program that it starts with these arguments.
    Words(Vec<Value>),
    /// A call of an interface that acts by itself.
    Call {
        /// What is called, in one spelling for all languages: `remove-tree`,
        /// `aws ec2 terminate-instances`, `sql`.
        name: String,
        /// The path, the statement or the address.
        arguments: Vec<u8>,
    },
    /// It runs something that cannot be told.
    Opaque(String),
}

/// What `code` may run, in its order.
pub fn read(code: &[u8], language: Language) -> Vec<Finding> {
    read_at(code, language, 0)
}

/// The same, within `depth` other codes.
fn read_at(code: &[u8], language: Language, depth: usize) -> Vec<Finding> {
    if code.len() > super::MAX_LENGTH {
        return vec![Finding::Opaque("the code is too long".to_owned())];
    }
    if depth > MAX_EVALUATION {
        return vec![Finding::Opaque("code evaluates code too deep".to_owned())];
    }
    match language {
        Language::Shell => vec![Finding::Shell(code.to_vec())],
        Language::OtherShell => other::read(code),
        Language::Editor => editor::read(code),
        _ => {
            let Some(tokens) = token::tokens(code, language) else {
                return vec![Finding::Opaque("the code is nested too deep".to_owned())];
            };
            reader::Reader::new(code, &tokens, language, depth).read()
        }
    }
}
