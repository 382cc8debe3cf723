//! What a line for `MongoDB`'s shell calls.
//!
//! Every call is a statement: the method and the collection, `find users`. Which
//! object a method belongs to is not followed further than its name.

use std::iter::Peekable;
use std::str::Chars;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Name(String),
    Text(String),
    Sign(char),
}

/// The calls in `text`.
pub(super) fn statements(text: &str) -> Vec<String> {
    let tokens = tokens(text);
    let mut all = Vec::new();
    let mut first = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Sign('(') => all.extend(call(&tokens, at)),
            // `use shop`, `show dbs`.
            Token::Name(word) if at == first && ["use", "show"].contains(&word.as_str()) => {
                if let Some(Token::Name(what) | Token::Text(what)) = tokens.get(at + 1) {
                    all.push(format!("{word} {}", what.to_lowercase()));
                }
            }
            Token::Sign(';' | '\n') => first = at + 1,
            _ => {}
        }
    }
    all
}

/// The call whose parenthesis opens at `open`.
fn call(tokens: &[Token], open: usize) -> Option<String> {
    let (method, before) = member(tokens, open)?;
    let method = method.to_lowercase();
    let object = owner(tokens, before).unwrap_or_default().to_lowercase();
    let arguments = tokens.get(open + 1..).unwrap_or_default();
    let everything = match arguments {
        [Token::Sign('{'), Token::Sign('}'), ..] | [Token::Sign(')'), ..] | [] => true,
        [Token::Sign('{'), Token::Name(key) | Token::Text(key), Token::Sign(':'), value, ..] => {
            // `{ _id: { $exists: true } }` and its kin are not told from real ones.
            key.starts_with("$comment") && matches!(value, Token::Text(_))
        }
        _ => false,
    };
    let object = if object == "db" { String::new() } else { object };
    let verb = match (method.as_str(), everything) {
        ("deletemany" | "deleteone" | "remove" | "findoneanddelete", false) | ("deleteone", true) => "delete",
        ("deletemany" | "remove", true) => "delete-all",
        ("updatemany", true) => "update-all",
        ("runcommand" | "admincommand", _) => return Some(ran(arguments)),
        (method, _) => method,
    };
    Some(format!("{verb} {object}").trim_end().to_owned())
}

/// The method's name, and where the token in front of its point or bracket is.
fn member(tokens: &[Token], open: usize) -> Option<(&str, Option<usize>)> {
    let back = |by: usize| open.checked_sub(by).and_then(|at| tokens.get(at));
    match (back(1)?, back(2)) {
        (Token::Name(name), Some(Token::Sign('.'))) => Some((name, open.checked_sub(3))),
        (Token::Name(name), _) => Some((name, None)),
        (Token::Sign(']'), Some(Token::Text(name))) => Some((name, open.checked_sub(4))),
        _ => None,
    }
}

/// The name of the object that ends at `at`.
fn owner(tokens: &[Token], at: Option<usize>) -> Option<&str> {
    let at = at?;
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    match (tokens.get(at)?, before) {
        (Token::Name(name), _) => Some(name),
        // `db["users"]`, `getCollection("users")`; what a sibling database is called is no collection.
        (Token::Sign(']' | ')'), Some(Token::Text(name))) => {
            let of_database =
                tokens.get(at.saturating_sub(3)) == Some(&Token::Name("getSiblingDB".to_owned()));
            Some(name).filter(|_| !of_database).map(String::as_str)
        }
        _ => None,
    }
}

/// What `runCommand({ drop: "users" })` does.
fn ran(arguments: &[Token]) -> String {
    let (key, value) = match arguments {
        [Token::Sign('{'), Token::Name(key) | Token::Text(key), Token::Sign(':'), value, ..] => (key, value),
        [Token::Text(key), ..] => return key.to_lowercase(),
        _ => return "runcommand".to_owned(),
    };
    let of = match value {
        Token::Text(value) => value.to_lowercase(),
        _ => String::new(),
    };
    format!("{} {of}", key.to_lowercase()).trim_end().to_owned()
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' => tokens.push(Token::Sign('\n')),
            c if c.is_whitespace() => {}
            '/' if rest.peek() == Some(&'/') => while rest.next_if(|c| *c != '\n').is_some() {},
            '/' if rest.peek() == Some(&'*') => skip_comment(&mut rest),
            '"' | '\'' | '`' => tokens.push(Token::Text(quoted(&mut rest, c))),
            // `?.` reads like a point.
            '?' if rest.peek() == Some(&'.') => {}
            c if is_name(c) => {
                let mut name = String::from(c);
                while let Some(c) = rest.next_if(|c| is_name(*c)) {
                    name.push(c);
                }
                tokens.push(Token::Name(name));
            }
            c => tokens.push(Token::Sign(c)),
        }
    }
    // A line's end only matters where nothing is open; in front of a point it does not.
    let mut joined: Vec<Token> = Vec::new();
    for token in tokens {
        if token == Token::Sign('.') || token == Token::Sign('(') || token == Token::Sign('}') {
            while joined.last() == Some(&Token::Sign('\n')) {
                joined.pop();
            }
        }
        let joins = matches!(joined.last(), Some(Token::Sign('{' | '(' | '.' | '[' | ':')));
        if !(token == Token::Sign('\n') && joins) {
            joined.push(token);
        }
    }
    joined
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

fn skip_comment(rest: &mut Peekable<Chars<'_>>) {
    rest.next();
    let mut star = false;
    for c in rest.by_ref() {
        if star && c == '/' {
            return;
        }
        star = c == '*';
    }
}

fn quoted(rest: &mut Peekable<Chars<'_>>, quote: char) -> String {
    let mut text = String::new();
    while let Some(c) = rest.next() {
        match c {
            '\\' => text.extend(rest.next()),
            c if c == quote => break,
            c => text.push(c),
        }
    }
    text
}
