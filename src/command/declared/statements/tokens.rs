//! SQL to tokens, statement by statement.

/// Which database's reading of quotes and comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// The standard's, with the dollar quotes of `PostgreSQL`.
    Standard,
    /// The same with comments behind `//`: Cassandra's, Snowflake's.
    Slashes,
    /// `MySQL`'s and `MariaDB`'s.
    MySql,
}

/// A part of a statement.
#[derive(Clone, Debug)]
pub(super) struct Token {
    kind: Kind,
    /// Whether white space, or a comment, stands before it.
    spaced: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    /// A keyword, name or number, in small letters.
    Word(String),
    /// A quoted name.
    Name(String),
    /// A string.
    Text(String),
    /// Anything else.
    Sign(char),
    /// A line for the client: `\! …`, `.shell …`.
    Client(String),
}

impl Token {
    /// The word, unless it is quoted.
    pub(super) fn word(&self) -> Option<&str> {
        if let Kind::Word(word) = &self.kind { Some(word) } else { None }
    }

    /// What a string holds.
    pub(super) fn content(&self) -> Option<&str> {
        if let Kind::Text(content) = &self.kind { Some(content) } else { None }
    }

    /// The sign.
    pub(super) fn sign(&self) -> Option<char> {
        if let Kind::Sign(sign) = &self.kind { Some(*sign) } else { None }
    }

    /// Whether both are the same, wherever they stand.
    pub(super) fn same(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

/// The tokens as one text.
pub(super) fn joined(tokens: &[Token]) -> String {
    let mut text = String::new();
    let mut before = None;
    for Token { kind, spaced } in tokens {
        let point = |kind: &Kind| matches!(kind, Kind::Sign('.'));
        let wordlike = |kind: &Kind| !matches!(kind, Kind::Sign(_));
        let apart = before.is_some_and(|before| {
            !point(before) && !point(kind) && (*spaced || (wordlike(before) && wordlike(kind)))
        });
        if apart {
            text.push(' ');
        }
        match kind {
            Kind::Word(word) | Kind::Client(word) => text.push_str(word),
            Kind::Name(name) => {
                let plain = |c: char| c.is_alphanumeric() || "_-$.*".contains(c);
                let plain = !name.is_empty() && name.chars().all(plain);
                text.push_str(if plain { name } else { "\"\"" });
            }
            Kind::Text(_) => text.push_str("''"),
            Kind::Sign(sign) => text.push(*sign),
        }
        before = Some(kind);
    }
    text
}

/// The statements of `text`.
pub(super) fn statements(text: &str, reading: Reading) -> Vec<Vec<Token>> {
    let mut lexer = Lexer {
        rest: text,
        reading,
        spaced: false,
        line_start: true,
        versioned: false,
        delimiter: None,
        current: Vec::new(),
        done: Vec::new(),
    };
    while let Some(c) = lexer.rest.chars().next() {
        lexer.step(c);
    }
    lexer.end();
    lexer.done
}

struct Lexer<'a> {
    rest: &'a str,
    reading: Reading,
    spaced: bool,
    /// Whether only white space stands before on this line.
    line_start: bool,
    /// Whether this is within `/*! … */`, which `MySQL` runs.
    versioned: bool,
    /// What ends a statement beside `;`.
    delimiter: Option<&'a str>,
    current: Vec<Token>,
    done: Vec<Vec<Token>>,
}

impl<'a> Lexer<'a> {
    /// Takes `length` bytes.
    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    /// Takes everything before `end`, and that; all where it does not occur.
    fn upto(&mut self, end: &str) -> &'a str {
        let at = self.rest.find(end);
        let taken = self.take(at.unwrap_or(self.rest.len()));
        if at.is_some() {
            self.take(end.len());
        }
        taken
    }

    fn push(&mut self, kind: Kind) {
        self.current.push(Token { kind, spaced: std::mem::take(&mut self.spaced) });
        self.line_start = false;
    }

    fn end(&mut self) {
        if !self.current.is_empty() {
            self.done.push(std::mem::take(&mut self.current));
        }
        self.spaced = false;
    }

    fn step(&mut self, c: char) {
        let mysql = self.reading == Reading::MySql;
        let rest = self.rest;
        if let Some(delimiter) = self.delimiter.filter(|one| rest.starts_with(one)) {
            self.take(delimiter.len());
            self.end();
            return;
        }
        match c {
            c if c.is_whitespace() => {
                self.take(c.len_utf8());
                self.spaced = true;
                self.line_start |= c == '\n';
            }
            ';' => {
                self.take(1);
                self.end();
            }
            '-' if rest.starts_with("--") && (!mysql || self.comments()) => self.comment("\n"),
            '#' if mysql => self.comment("\n"),
            '/' if self.reading == Reading::Slashes && rest.starts_with("//") => self.comment("\n"),
            '/' if rest.starts_with("/*") => self.block_comment(),
            '*' if self.versioned && rest.starts_with("*/") => {
                self.take(2);
                self.versioned = false;
                self.spaced = true;
            }
            '\'' => {
                let escapes = mysql || self.is_escaped();
                let content = self.quoted('\'', escapes);
                self.push(Kind::Text(content));
            }
            '"' if mysql => {
                let content = self.quoted('"', true);
                self.push(Kind::Name(content.to_lowercase()));
            }
            '"' | '`' => {
                let content = self.quoted(c, false);
                self.push(Kind::Name(content.to_lowercase()));
            }
            '$' if !mysql && dollar_quote(rest).is_some() => {
                let tag = self.take(dollar_quote(rest).unwrap_or(1));
                let content = self.upto(tag).to_owned();
                self.push(Kind::Text(content));
            }
            '\\' => self.client(),
            '.' if self.line_start && self.current.is_empty() => self.client(),
            c if is_word(c) => self.word(),
            c => {
                self.take(c.len_utf8());
                self.push(Kind::Sign(c));
            }
        }
    }

    /// Whether `--` begins a comment for `MySQL`, too: white space has to follow.
    fn comments(&self) -> bool {
        self.rest.chars().nth(2).is_none_or(|c| c.is_whitespace() || c.is_control())
    }

    fn comment(&mut self, end: &str) {
        self.upto(end);
        self.spaced = true;
        self.line_start = true;
    }

    fn block_comment(&mut self) {
        self.spaced = true;
        let mysql = self.reading == Reading::MySql;
        let marks = ["/*!", "/*M!"];
        if let Some(mark) = marks.into_iter().find(|mark| mysql && self.rest.starts_with(mark)) {
            self.take(mark.len());
            let digits = self.rest.len() - self.rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            self.take(digits);
            self.versioned = true;
            return;
        }
        self.take(2);
        if mysql {
            self.upto("*/");
            return;
        }
        // They nest in `PostgreSQL`.
        let mut open = 1;
        while open > 0 {
            let next = self.rest.find(['*', '/']);
            let Some(at) = next else {
                self.rest = "";
                return;
            };
            self.take(at);
            if self.rest.starts_with("*/") {
                open -= 1;
                self.take(2);
            } else if self.rest.starts_with("/*") {
                open += 1;
                self.take(2);
            } else {
                self.take(1);
            }
        }
    }

    /// Whether the string that begins here has backslashes that count: `E'…'`.
    fn is_escaped(&mut self) -> bool {
        let is_mark = self.current.last().is_some_and(|last| last.word() == Some("e")) && !self.spaced;
        if is_mark && let Some(mark) = self.current.pop() {
            self.spaced = mark.spaced;
        }
        is_mark
    }

    /// Reads a string or a quoted name. The quote twice stands for itself.
    fn quoted(&mut self, quote: char, escapes: bool) -> String {
        self.take(1);
        let mut content = String::new();
        loop {
            let Some(at) = self.rest.find([quote, '\\']) else {
                content.push_str(self.take(self.rest.len()));
                return content;
            };
            content.push_str(self.take(at));
            if self.rest.starts_with('\\') {
                self.take(1);
                if escapes {
                    let next = self.rest.chars().next().map_or(0, char::len_utf8);
                    content.push_str(self.take(next));
                } else {
                    content.push('\\');
                }
                continue;
            }
            self.take(1);
            if !self.rest.starts_with(quote) {
                return content;
            }
            self.take(1);
            content.push(quote);
        }
    }

    /// Reads a line for the client, which is a statement of its own. Behind `\g`,
    /// which sends what stands before it, the line goes on.
    fn client(&mut self) {
        self.end();
        let length = self.rest.find(char::is_whitespace).unwrap_or(self.rest.len());
        let first = self.rest.get(..length).unwrap_or_default();
        let sends = first == "\\\\" || first.starts_with("\\g") || first.starts_with("\\G");
        let line = if sends { self.take(length) } else { self.upto("\n") };
        let words: Vec<&str> = line.split_whitespace().collect();
        self.push(Kind::Client(words.join(" ")));
        self.end();
        self.line_start = !sends;
    }

    fn word(&mut self) {
        let length = self.rest.find(|c| !is_word(c)).unwrap_or(self.rest.len());
        let word = self.take(length).to_lowercase();
        // `go` on a line by itself ends a batch of SQL Server's.
        let alone = self.line_start && self.rest.lines().next().is_none_or(|rest| rest.trim().is_empty());
        if word == "go" && alone {
            self.end();
            return;
        }
        if word == "delimiter" && self.current.is_empty() {
            self.delimiter = self.upto("\n").split_whitespace().next().filter(|one| *one != ";");
            self.line_start = true;
            return;
        }
        self.push(Kind::Word(word));
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$' || c == '@'
}

/// The length of `$$` or `$tag$` at the start of `text`.
fn dollar_quote(text: &str) -> Option<usize> {
    let tag = text.strip_prefix('$')?;
    let length = tag.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(tag.len());
    let first_is_digit = tag.starts_with(|c: char| c.is_ascii_digit());
    tag.get(length..).filter(|rest| rest.starts_with('$') && !first_is_digit).map(|_| length + 2)
}
