//! Code that prints one literal.

use super::reader::Reader;
use super::token::{self, Token};
use crate::shell::inner::Language;

/// What code prints that is nothing but one print of one literal; also unknown
/// parts that stand in it.
pub(crate) fn literal_print(code: &[u8], language: Language) -> Option<Vec<u8>> {
    let tokens = token::tokens(code, language)?;
    let significant: Vec<&Token> =
        tokens.iter().filter(|token| !matches!(token, Token::Line(_) | Token::Sign(";"))).collect();
    let prints: &[&str] = match language {
        Language::Python => &["print"],
        Language::JavaScript => &["console", "log"],
        Language::Perl => &["print", "say"],
        Language::Ruby => &["puts", "print"],
        Language::Php => &["echo", "print"],
        _ => return None,
    };
    let mut names = significant.iter().filter_map(|token| match token {
        Token::Name(name) => Some(name.as_str()),
        _ => None,
    });
    let first = names.next().filter(|name| prints.contains(name))?;
    let rest = names.next();
    let allowed = if language == Language::JavaScript { rest == Some("log") } else { rest.is_none() };
    let texts = significant.iter().filter(|token| matches!(token, Token::Open(_))).count();
    let signs = significant
        .iter()
        .all(|token| !matches!(token, Token::Sign(sign) if !matches!(*sign, "(" | ")" | "->")));
    if !allowed || texts != 1 || !signs || significant.contains(&&Token::Inside) {
        return None;
    }
    let mut at = tokens.iter().position(|token| *token == Token::Open(token::Quote::Text))?;
    let (_, value) = Reader::new(code, &tokens, language).quoted(&mut at);
    let mut text = value.as_text();
    let line =
        matches!((language, first), (Language::Python | Language::JavaScript, _) | (_, "puts" | "say"));
    if line && !(first == "puts" && text.ends_with(b"\n")) {
        text.push(b'\n');
    }
    Some(text)
}
