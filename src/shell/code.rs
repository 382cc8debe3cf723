//! Source code of other languages to what it runs.
//!
//! Meant for the one-liners and short scripts that agents write: calls that start
//! commands or remove things by an interface are found with their literal
//! arguments, through the names that imports and assignments give them. It is no
//! full parser: what has no known value is a hole, and text that nothing runs is
//! nothing.
//!
//! One file says for each language which calls run something; the rest is shared:
//! `token` and what stands beside it make tokens, `reader` and `expression` evaluate
//! them, `bind` finds what names stand for, `text` knows what is done with text.
//! Reading takes a number of steps that grows with the code, and ends where they
//! are used up.

mod api;
mod arguments;
mod assignment;
mod awk;
mod aws;
mod bind;
mod call;
mod database;
mod delimiter;
mod editor;
mod escape;
mod expression;
mod here;
mod http;
mod idle;
mod import;
mod invoke;
mod items;
mod javascript;
mod known;
mod layout;
mod listing;
mod loops;
mod operand;
mod other;
mod pattern;
mod perl;
mod php;
mod places;
mod print;
mod python;
mod quote;
mod reader;
mod removal;
mod ruby;
mod services;
mod text;
mod token;
mod writing;

#[cfg(test)]
mod tests;

pub(super) use print::literal_print;

use super::inner::Language;
use super::value::Value;

/// How deep code may be evaluated by code.
const MAX_EVALUATION: usize = 4;

/// Something that code does.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Finding {
    /// Shell text that it runs.
    Shell(Vec<u8>),
    /// A program that it starts with these arguments.
    Words(Vec<Value>),
    /// A call of an interface that acts by itself.
    Call {
        /// What is called, in one spelling for all languages: `remove-tree`, `write-file`,
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
    read_at(code, language, 0, reader::steps(code.len())).0
}

/// The same, within `depth` other codes and with so many steps; and how many are left.
fn read_at(code: &[u8], language: Language, depth: usize, steps: usize) -> (Vec<Finding>, usize) {
    let opaque = |why: &str| (vec![Finding::Opaque(why.to_owned())], steps);
    if code.len() > super::MAX_LENGTH {
        return opaque("the code is too long");
    }
    if depth > MAX_EVALUATION {
        return opaque("code evaluates code too deep");
    }
    match language {
        Language::Shell => (vec![Finding::Shell(code.to_vec())], steps),
        Language::OtherShell => (other::read(code), steps),
        Language::Editor => (editor::read(code), steps),
        _ => match token::tokens(code, language) {
            Some(tokens) => reader::Reader::new(code, &tokens, language).within(depth, steps).read(),
            None => opaque("the code is nested too deep"),
        },
    }
}
