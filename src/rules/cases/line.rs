//! A case's line to its commands: quotes, variables of the same line, lists,
//! pipes and redirections, but no other syntax of a shell's.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

use crate::process::Environment;
use crate::shell::value::HOLE;

/// One command of a line.
#[derive(Debug, Default)]
pub(super) struct Simple {
    /// The variables that stand before it, and those of every shell.
    pub(super) environment: Environment,
    pub(super) words: Vec<Vec<u8>>,
    /// `write`, `append` or `read`, and the file.
    pub(super) redirections: Vec<(&'static str, Vec<u8>)>,
    pub(super) input: Option<Vec<u8>>,
}

/// What a line is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// A word, and how much of it at its start is not quoted.
    Word(Vec<u8>),
    /// `;`, `&`, `&&`, `||`, `|` or a line's end.
    End(char),
    Redirection(&'static str),
    /// `<<<`.
    Text,
}

/// Whether `name` is one that a variable can have.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The commands of `line`, typed in `directory` by somebody who is at home in `home`.
pub(super) fn split(line: &str, directory: &str, home: &str) -> Result<Vec<Simple>, String> {
    let variables = [("HOME", home), ("PWD", directory)];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()));
    let mut lexer = Lexer { rest: line.chars().peekable(), variables: variables.into_iter().collect() };
    let mut environment = Environment::default();
    environment.set("HOME", home);
    environment.set("PWD", directory);
    let fresh = || Simple { environment: environment.clone(), ..Simple::default() };
    let (mut commands, mut current) = (Vec::new(), fresh());
    let mut redirection: Option<Token> = None;
    while let Some(token) = lexer.next()? {
        match (token, redirection.take()) {
            (Token::Word(file), Some(Token::Redirection(what))) if !what.is_empty() => {
                current.redirections.push((what, file));
            }
            (Token::Word(text), Some(Token::Text)) => current.input = Some(text),
            (Token::Word(_), Some(_)) => {}
            (Token::Word(word), None) => {
                let text = String::from_utf8_lossy(&word).into_owned();
                match text.split_once('=').filter(|(name, _)| is_name(name) && current.words.is_empty()) {
                    Some((name, value)) => {
                        lexer.variables.insert(name.to_owned(), value.as_bytes().to_vec());
                        current.environment.set(name, value);
                    }
                    None => current.words.push(word),
                }
            }
            (Token::End(end), _) => {
                let echoed = current.words.split_first().filter(|(first, _)| *first == b"echo");
                let input = echoed.filter(|_| end == '|').map(|(_, words)| words.join(&b' '));
                commands.push(std::mem::replace(&mut current, Simple { input, ..fresh() }));
            }
            (other, _) => redirection = Some(other),
        }
    }
    commands.push(current);
    commands.retain(|one| !one.words.is_empty() || !one.redirections.is_empty());
    Ok(commands)
}

struct Lexer<'a> {
    rest: Peekable<Chars<'a>>,
    variables: BTreeMap<String, Vec<u8>>,
}

impl Lexer<'_> {
    fn eat(&mut self, wanted: char) -> bool {
        self.rest.next_if_eq(&wanted).is_some()
    }

    fn next(&mut self) -> Result<Option<Token>, String> {
        while self.rest.next_if(|c| *c == ' ' || *c == '\t').is_some() {}
        let Some(first) = self.rest.peek().copied() else { return Ok(None) };
        Ok(Some(match first {
            ';' | '\n' | '(' | ')' => {
                self.rest.next();
                Token::End(';')
            }
            '|' => {
                self.rest.next();
                if self.eat('|') { Token::End(';') } else { Token::End('|') }
            }
            '&' => {
                self.rest.next();
                match (self.eat('&'), self.rest.peek() == Some(&'>')) {
                    (false, true) => self.redirection(),
                    _ => Token::End(';'),
                }
            }
            '<' | '>' => self.redirection(),
            _ => return self.word(),
        }))
    }

    /// Reads `<`, `>` and what is made of them. Copies of descriptors are dropped.
    fn redirection(&mut self) -> Token {
        let reads = self.rest.next() == Some('<');
        if reads && self.eat('<') {
            return if self.eat('<') { Token::Text } else { Token::Redirection("") };
        }
        if self.eat('&') {
            return Token::Redirection("");
        }
        let appends = self.eat('>');
        let _clobbers = self.eat('|');
        Token::Redirection(match (reads, appends) {
            (true, false) => "read",
            (false, true) => "append",
            _ => "write",
        })
    }

    fn word(&mut self) -> Result<Option<Token>, String> {
        let mut word = Vec::new();
        if self.eat('~') {
            let own = self.rest.peek().is_none_or(|c| "/ \t;|&<>)".contains(*c));
            let home = self.variables.get("HOME").filter(|_| own);
            word.extend(home.map_or(b"~".as_slice(), Vec::as_slice));
        }
        while let Some(c) = self.rest.peek().copied() {
            match c {
                ' ' | '\t' | '\n' | ';' | '|' | '&' | ')' | '(' => break,
                '<' | '>' => {
                    // A number in front is the descriptor.
                    if !word.is_empty() && word.iter().all(u8::is_ascii_digit) {
                        return Ok(Some(self.redirection()));
                    }
                    break;
                }
                _ => {
                    self.rest.next();
                }
            }
            match c {
                '\'' => self.until('\'', &mut word, false)?,
                '"' => self.until('"', &mut word, true)?,
                '\\' => {
                    let mut buffer = [0; 4];
                    let next = self.rest.next().map(|next| &*next.encode_utf8(&mut buffer));
                    word.extend(next.unwrap_or("\\").bytes());
                }
                '$' => self.variable(&mut word)?,
                '`' => {
                    let mut code = Vec::new();
                    self.until('`', &mut code, false)?;
                    word.push(HOLE);
                }
                c => word.extend(c.encode_utf8(&mut [0; 4]).bytes()),
            }
        }
        Ok(Some(Token::Word(word)))
    }

    fn until(&mut self, end: char, word: &mut Vec<u8>, expands: bool) -> Result<(), String> {
        loop {
            match self.rest.next() {
                None => return Err(format!("there is no closing {end}")),
                Some(c) if c == end => return Ok(()),
                Some('\\') if expands => match self.rest.next() {
                    Some(c) if "\"\\$`\n".contains(c) => word.extend(c.encode_utf8(&mut [0; 4]).bytes()),
                    Some(c) => {
                        word.push(b'\\');
                        word.extend(c.encode_utf8(&mut [0; 4]).bytes());
                    }
                    None => word.push(b'\\'),
                },
                Some('$') if expands => self.variable(word)?,
                Some(c) => word.extend(c.encode_utf8(&mut [0; 4]).bytes()),
            }
        }
    }

    /// Reads what stands behind `$`.
    fn variable(&mut self, word: &mut Vec<u8>) -> Result<(), String> {
        if self.eat('(') {
            let mut depth = 1;
            while depth > 0 {
                match self.rest.next().ok_or("there is no closing )")? {
                    '(' => depth += 1,
                    ')' => depth -= 1,
                    _ => {}
                }
            }
            word.push(HOLE);
            return Ok(());
        }
        let braced = self.eat('{');
        let mut name = String::new();
        while let Some(c) = self.rest.next_if(|c| c.is_ascii_alphanumeric() || *c == '_') {
            name.push(c);
        }
        let mut plain = true;
        if braced {
            let mut operation = Vec::new();
            self.until('}', &mut operation, false)?;
            plain = operation.is_empty();
        }
        match self.variables.get(&name) {
            Some(value) if plain => word.extend(value),
            _ if name.is_empty() && !braced => {
                // `$@` and the like; a `$` by itself stands for itself.
                match self.rest.next_if(|c| "@*#?-!".contains(*c)) {
                    Some(_) => word.push(HOLE),
                    None => word.push(b'$'),
                }
            }
            _ => word.push(HOLE),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_split_into_commands() {
        for (line, expected) in [
            ("rm -rf ~ '~' ~/x ~root", "rm -rf /home/dev ~ /home/dev/x ~root"),
            ("A=1 x $A \"$B/y\" $(ls | wc)", "x 1 $/y $"),
            ("D=/tmp; rm $D ${D}/x ${D:-y} && ls", "rm /tmp /tmp/x $ | ls"),
            (
                "echo 'a b' > /dev/sda 2>&1 | cat 2>/dev/null <in",
                "echo a b write:/dev/sda | cat write:/dev/null read:in",
            ),
            ("> x", " write:x"),
            ("x >> y &> z >| w", "x append:y write:z write:w"),
            ("x \"a\\\"b\" c\\ d", "x a\"b c d"),
        ] {
            let commands = split(line, "/home/dev/project", "/home/dev").unwrap();
            let shown = commands.iter().map(|one| {
                let mut text: Vec<String> = vec![shown(&one.words.join(&b' '))];
                text.extend(one.redirections.iter().map(|(what, file)| format!("{what}:{}", shown(file))));
                text.join(" ")
            });
            assert_eq!(shown.collect::<Vec<_>>().join(" | "), expected, "{line}");
        }
        assert!(split("x 'y", "/", "/").is_err());
    }

    fn shown(bytes: &[u8]) -> String {
        crate::command::declared::text(std::os::unix::ffi::OsStrExt::from_bytes(bytes))
    }

    #[test]
    fn what_is_echoed_into_a_pipe_is_known() {
        let commands = split("echo drop table x | psql; psql <<< 'select 1'", "/", "/").unwrap();
        let inputs: Vec<_> = commands.iter().map(|one| one.input.as_deref()).collect();
        assert_eq!(inputs, [None, Some(b"drop table x".as_slice()), Some(b"select 1")]);
    }
}
