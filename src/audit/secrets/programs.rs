//! Options that are secret with some programs only: `-p` is a password of
//! mongosh and a port of ssh.
//!
//! Which word is the program is not known for sure (`sudo`, `docker exec` and
//! the like stand before it), so the last known name counts. A word that is
//! shell text itself is read as one, roughly: it may be cut, or no shell text.

use std::ops::Range;

use super::merged;

/// What an option's value is.
#[derive(Clone, Copy)]
enum Kind {
    /// A secret as a whole.
    Whole,
    /// The same, but only in the same word: what follows is no value.
    Attached,
    /// `user:password`, or a user alone.
    Login,
    /// `user:password`, or a token alone.
    Auth,
    /// `name=value`, or the name of a file.
    Cookie,
}

/// Some programs that share their options.
struct Program {
    names: &'static [&'static str],
    options: &'static [(&'static str, Kind)],
    /// Letters without a value, which others may run together with.
    switches: &'static [u8],
    /// The word that has to stand before the options.
    behind: Option<&'static str>,
    /// Whether the options end where the first other word stands.
    leading: bool,
}

const PLAIN: Program = Program { names: &[], options: &[], switches: &[], behind: None, leading: false };

const PROGRAMS: &[Program] = &[
    Program {
        names: &[
            "mysql",
            "mysqladmin",
            "mysqldump",
            "mysqlimport",
            "mysqlshow",
            "mysqlcheck",
            "mysqlsh",
            "mariadb",
            "mariadb-admin",
            "mariadb-dump",
            "mycli",
        ],
        options: &[("-p", Kind::Attached)],
        ..PLAIN
    },
    Program {
        names: &["curl"],
        options: &[
            ("-u", Kind::Login),
            ("--user", Kind::Login),
            ("-U", Kind::Login),
            ("--proxy-user", Kind::Login),
            ("-b", Kind::Cookie),
            ("--cookie", Kind::Cookie),
            ("--oauth2-bearer", Kind::Whole),
            ("--pass", Kind::Whole),
        ],
        switches: b"#012346aBfgGiIjJklLMnNOpqRsSvVZ",
        ..PLAIN
    },
    Program {
        names: &["http", "https", "xh", "xhs"],
        options: &[
            ("-a", Kind::Auth),
            ("--auth", Kind::Auth),
            ("-u", Kind::Login),
            ("--user", Kind::Login),
            ("--proxy-user", Kind::Login),
            ("--oauth2-bearer", Kind::Whole),
        ],
        switches: b"bdfFhIjvS",
        ..PLAIN
    },
    Program {
        names: &["redis-cli", "valkey-cli", "keydb-cli"],
        options: &[("-a", Kind::Whole), ("--pass", Kind::Whole)],
        ..PLAIN
    },
    Program {
        names: &["mongosh", "mongo", "mongodump", "mongorestore", "mongoexport", "mongoimport", "cqlsh"],
        options: &[("-p", Kind::Whole)],
        ..PLAIN
    },
    Program { names: &["sshpass"], options: &[("-p", Kind::Whole)], leading: true, ..PLAIN },
    Program { names: &["sqlcmd", "bcp"], options: &[("-P", Kind::Whole)], ..PLAIN },
    Program {
        names: &["ldapdelete", "ldapmodify", "ldapadd", "ldapsearch", "ldappasswd", "ldapmodrdn"],
        options: &[("-w", Kind::Whole)],
        ..PLAIN
    },
    Program { names: &["etcdctl"], options: &[("--user", Kind::Login)], ..PLAIN },
    Program { names: &["restic", "rclone"], options: &[("--password-command", Kind::Whole)], ..PLAIN },
    Program {
        names: &["docker", "podman", "nerdctl", "buildah", "skopeo", "helm", "oras", "npm", "az", "oc"],
        options: &[("-p", Kind::Whole)],
        behind: Some("login"),
        ..PLAIN
    },
    Program { names: &["openssl"], ..PLAIN },
];

/// The secret parts of each of `words`.
pub(super) fn secrets(words: &[&[u8]]) -> Vec<Vec<Range<usize>>> {
    let mut reader = Reader::default();
    words
        .iter()
        .map(|word| {
            let mut found: Vec<Range<usize>> = reader.next(word).into_iter().collect();
            found.extend(in_text(word));
            merged(found)
        })
        .collect()
}

/// The secret parts of what may be shell text, in order.
pub(super) fn in_text(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if text.iter().any(u8::is_ascii_whitespace) {
        read(text, 0, true, &mut found);
    }
    merged(found)
}

/// Reads `text`, which stands at `offset` of what `found` speaks of.
fn read(text: &[u8], offset: usize, quotes: bool, found: &mut Vec<Range<usize>>) {
    let mut reader = Reader::default();
    for token in tokens(text, quotes) {
        let word = text.get(token.clone()).unwrap_or_default();
        let at = offset + token.start;
        found.extend(reader.next(word).map(|range| at + range.start..at + range.end));
        if quotes && word.iter().any(u8::is_ascii_whitespace) {
            // What is in quotes may be shell text again; quotes that begin within
            // a word may as well be an apostrophe.
            let inner = unquoted(word, 0);
            let opened = inner.start > 0;
            let at = at + inner.start;
            read(word.get(inner).unwrap_or_default(), at, opened && word.len() < text.len(), found);
        }
    }
}

/// The words and signs of `text`. Without `quotes`, a quote separates words.
pub(super) fn tokens(text: &[u8], quotes: bool) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let mut start = None;
    let mut open = None;
    for (at, byte) in text.iter().copied().enumerate() {
        let is_quote = matches!(byte, b'"' | b'\'');
        if open.is_some() {
            open = open.filter(|quote| *quote != byte);
        } else if byte.is_ascii_whitespace() || b";|&()`".contains(&byte) || (is_quote && !quotes) {
            all.extend(start.take().map(|start| start..at));
            if b";|&()\n".contains(&byte) {
                all.push(at..at + 1);
            }
        } else {
            open = is_quote.then_some(byte);
            start.get_or_insert(at);
        }
    }
    all.extend(start.map(|start| start..text.len()));
    all
}

/// Reads words in their order.
#[derive(Default)]
struct Reader {
    program: Option<&'static Program>,
    /// Whether the word that the options need before them was read.
    ready: bool,
    /// What the next word is.
    expected: Option<Kind>,
}

impl Reader {
    /// The secret part of the next word.
    fn next(&mut self, word: &[u8]) -> Option<Range<usize>> {
        if matches!(word, b";" | b"|" | b"||" | b"&" | b"&&" | b"(" | b")" | b"\n") {
            *self = Self::default();
            return None;
        }
        let is_option = word.len() > 1 && word.starts_with(b"-");
        if let Some(kind) = self.expected.take().filter(|_| !is_option) {
            return secret(kind, word, 0);
        }
        if is_option {
            return self.option(word);
        }
        let plain = word.get(unquoted(word, 0)).unwrap_or_default();
        let name = plain.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        if let Some(program) =
            PROGRAMS.iter().find(|one| one.names.iter().any(|known| known.as_bytes() == name))
        {
            self.program = Some(program);
            self.ready = program.behind.is_none();
            return None;
        }
        let program = self.program?;
        self.ready |= program.behind.is_some_and(|behind| behind.as_bytes() == plain);
        if program.leading {
            self.program = None;
        }
        let openssl = program.names.contains(&"openssl") && plain.starts_with(b"pass:");
        openssl.then(|| secret(Kind::Login, word, 0)).flatten()
    }

    fn option(&mut self, word: &[u8]) -> Option<Range<usize>> {
        let program = self.program.filter(|_| self.ready)?;
        let kind_of = |name: &[u8]| {
            program.options.iter().find(|(known, _)| known.as_bytes() == name).map(|(_, kind)| *kind)
        };
        if word.starts_with(b"--") {
            let end = word.iter().position(|byte| *byte == b'=').unwrap_or(word.len());
            let kind = kind_of(word.get(..end)?)?;
            if end < word.len() {
                return secret(kind, word, end + 1);
            }
            self.expected = Some(kind);
            return None;
        }
        let at = word.iter().skip(1).position(|letter| !program.switches.contains(letter))? + 1;
        let kind = kind_of(&[b'-', *word.get(at)?])?;
        if at + 1 < word.len() {
            return secret(kind, word, at + 1);
        }
        self.expected = Some(kind).filter(|kind| !matches!(kind, Kind::Attached));
        None
    }
}

/// The secret part of the value that starts at `start` of `word`.
fn secret(kind: Kind, word: &[u8], start: usize) -> Option<Range<usize>> {
    let range = unquoted(word, start);
    let value = word.get(range.clone())?;
    let behind = |sign: u8| value.iter().position(|byte| *byte == sign).map(|at| at + 1);
    let from = match kind {
        Kind::Whole | Kind::Attached => Some(0),
        // The login in an address is known by its shape.
        Kind::Login | Kind::Auth if value.windows(3).any(|part| part == b"://") => None,
        Kind::Login => behind(b':'),
        Kind::Auth => behind(b':').or(Some(0)),
        Kind::Cookie => behind(b'='),
    }?;
    (!is_reference(value.get(from..)?)).then_some(range.start + from..range.end)
}

/// What stands from `start` of a word, without the quotes around it.
fn unquoted(word: &[u8], start: usize) -> Range<usize> {
    let value = word.get(start..).unwrap_or_default();
    let Some(quote) = value.first().filter(|first| matches!(first, b'"' | b'\'')) else {
        return start..word.len();
    };
    let closed = value.len() > 1 && value.last() == Some(quote);
    start + 1..word.len() - usize::from(closed)
}

/// Whether a value is nothing, or the name of a variable or a command that has it.
pub(super) fn is_reference(value: &[u8]) -> bool {
    let Some(rest) = value.strip_prefix(b"$") else { return value.is_empty() || value.starts_with(b"`") };
    let closes = |sign: u8| rest.iter().position(|byte| *byte == sign) == rest.len().checked_sub(1);
    match rest.first() {
        Some(b'{') => closes(b'}'),
        Some(b'(') => closes(b')'),
        _ => rest.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_'),
    }
}

#[cfg(test)]
#[path = "programs_tests.rs"]
mod tests;
