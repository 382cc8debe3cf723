//! Words outside of quotes.

use super::pieces::Pieces;
use super::quote::Quotes;
use super::{Dialect, Read, Reader, is_meta, is_name, starts_name};
use crate::shell::syntax::{Part, Word};

/// What a word is read for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    /// The first word of a command: `(` behind it makes a function.
    Command,
    /// An argument, a redirection's target, an element of a list.
    Argument,
    /// An assigned value.
    Value,
    /// What `case` compares, or a pattern of it.
    Pattern,
    /// An operand in `[[ … ]]`.
    Test,
    /// What stands behind `=~`.
    Regex,
    /// What stands behind the operator in an unquoted `${…}`, up to `}`.
    Brace,
}

impl Context {
    fn expands_braces(self) -> bool {
        matches!(self, Self::Command | Self::Argument)
    }
}

impl Reader<'_> {
    /// A word, where one begins here.
    pub(super) fn word(&mut self, context: Context) -> Read<Option<Word>> {
        self.peek();
        let start = self.at;
        let mut pieces = Pieces::default();
        while let Some(byte) = self.peek() {
            if self.stops(byte, context, &pieces) {
                break;
            }
            self.piece(byte, context, start, &mut pieces)?;
        }
        if self.at == start {
            return Ok(None);
        }
        let source = self.slice(start, self.at).to_vec();
        let parts = if context.expands_braces() { self.braces(pieces)? } else { pieces.plain() };
        Ok(Some(Word { parts, source }))
    }

    /// Whether a word of this context ends before this byte.
    fn stops(&self, byte: u8, context: Context, pieces: &Pieces) -> bool {
        let processes = matches!(byte, b'<' | b'>') && self.look(1) == Some(b'(');
        match context {
            Context::Brace => byte == b'}',
            Context::Regex if pieces.groups > 0 => false,
            Context::Regex => is_meta(byte) && !processes && !matches!(byte, b'(' | b'|') || self.sees(b"||"),
            _ if byte == b'(' => !self.begins_group(context, pieces),
            _ => is_meta(byte) && !processes,
        }
    }

    /// Whether the `(` here belongs to a pattern: `@(a|b)`, and in zsh `*.tf(.)`.
    fn begins_group(&self, context: Context, pieces: &Pieces) -> bool {
        let before = self.at.checked_sub(1).and_then(|at| self.byte(at));
        let extended = matches!(before, Some(b'?' | b'*' | b'+' | b'@' | b'!'));
        let empty =
            matches!(self.look(1), Some(b')')) || self.look(1) == Some(b' ') && self.look(2) == Some(b')');
        let within = matches!(context, Context::Argument | Context::Pattern | Context::Test);
        let in_zsh = self.shared.dialect == Dialect::Zsh && within;
        !empty && (in_zsh || !pieces.is_empty() && (extended || context == Context::Argument))
    }

    /// One piece of a word.
    pub(super) fn piece(
        &mut self,
        byte: u8,
        context: Context,
        start: usize,
        pieces: &mut Pieces,
    ) -> Read<()> {
        let at = self.at;
        match byte {
            b'\\' => {
                self.escaped(pieces);
                return Ok(());
            }
            b'\'' => return self.single(pieces),
            b'"' => return self.nested(|reader| reader.double(pieces)),
            b'$' => return self.dollar(Quotes::None, pieces),
            b'`' => return self.backtick(Quotes::None, pieces),
            b'<' | b'>' if self.look(1) == Some(b'(') => return self.process(byte, pieces),
            b'=' if at == start && self.look(1) == Some(b'(') => return self.process(byte, pieces),
            b'=' if at == start && self.names_program(context) => pieces.glob(b"="),
            b'(' if context == Context::Regex => pieces.regex_group(true),
            b')' if context == Context::Regex => pieces.regex_group(false),
            b'(' if context != Context::Brace => {
                return self.nested(|reader| reader.group(context, start, pieces));
            }
            b'~' if self.begins_tilde(context, start) && self.tilde(context, pieces) => return Ok(()),
            b'{' | b',' | b'}' if context.expands_braces() && pieces.groups == 0 && !pieces.bracket => {
                pieces.mark(byte, at);
            }
            b'*' | b'?' => pieces.glob(&[byte]),
            b'[' if self.begins_bracket() => {
                pieces.glob(b"[");
                pieces.bracket = true;
                self.step();
                self.bracket_start(pieces);
                return Ok(());
            }
            b']' if pieces.bracket => {
                pieces.glob(b"]");
                pieces.bracket = false;
            }
            b'+' | b'@' | b'!' if self.look(1) == Some(b'(') && context != Context::Brace => {
                pieces.glob(&[byte]);
            }
            _ => pieces.literal(&[byte], false),
        }
        self.step();
        Ok(())
    }

    /// Whether zsh replaces `=NAME` by the path of that program.
    fn names_program(&self, context: Context) -> bool {
        let words = matches!(context, Context::Command | Context::Argument);
        words && self.shared.dialect.may_be_zsh() && self.look(1).is_some_and(is_name)
    }

    /// `\x`: the next byte stands for itself.
    fn escaped(&mut self, pieces: &mut Pieces) {
        self.step_raw();
        match self.byte(self.at) {
            Some(byte) => pieces.literal(&[byte], true),
            None => pieces.literal(b"\\", true),
        }
        self.step_raw();
    }

    /// Whether a tilde here stands for a directory.
    fn begins_tilde(&self, context: Context, start: usize) -> bool {
        if self.at == start {
            return true;
        }
        match self.at.checked_sub(1).and_then(|at| self.byte(at)) {
            Some(b':') => context == Context::Value,
            // bash does so in arguments too: `make prefix=~/x`.
            Some(b'=') => {
                let name = self.slice(start, self.at.saturating_sub(1));
                context == Context::Argument && name.first().copied().is_some_and(starts_name)
            }
            _ => false,
        }
    }

    /// Takes `~user`, where it is one.
    fn tilde(&mut self, context: Context, pieces: &mut Pieces) -> bool {
        let mut to = self.joined(self.at.saturating_add(1));
        let from = to;
        while self.byte(to).is_some_and(|byte| is_name(byte) || matches!(byte, b'.' | b'-' | b'+')) {
            to = to.saturating_add(1);
        }
        let ends = match self.byte(to) {
            None | Some(b'/') => true,
            Some(b':') => context == Context::Value,
            Some(b'}') => context == Context::Brace,
            Some(byte) => is_meta(byte),
        };
        if ends {
            pieces.part(Part::Tilde(self.slice(from, to).to_vec()));
            self.at = to;
        }
        ends
    }

    /// Whether the `[` here may begin a pattern: a `]` stands behind it on the line.
    fn begins_bracket(&mut self) -> bool {
        if self.look(1).is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b';' | b'&' | b'|')) {
            return false;
        }
        let (scanned, found) = self.bracket;
        if self.at >= scanned || found.is_some_and(|found| found <= self.at) {
            let rest = self.slice(self.at, self.end);
            let length = rest.iter().skip(1).position(|byte| matches!(byte, b']' | b'\n'));
            let stop = length.map_or(self.end, |length| self.at.saturating_add(length).saturating_add(1));
            self.bracket = (stop, Some(stop).filter(|stop| self.byte(*stop) == Some(b']')));
        }
        self.bracket.1.is_some()
    }

    /// Behind `[`: `!`, `^` and a `]` that does not close.
    fn bracket_start(&mut self, pieces: &mut Pieces) {
        if let Some(byte @ (b'!' | b'^')) = self.peek() {
            pieces.glob(&[byte]);
            self.step();
        }
        if self.peek() == Some(b']') {
            pieces.glob(b"]");
            self.step();
        }
    }

    /// `( … )` of an extended pattern, or zsh's qualifiers.
    fn group(&mut self, context: Context, start: usize, pieces: &mut Pieces) -> Read<()> {
        let opened = self.at;
        let extended = opened.checked_sub(1).and_then(|at| self.byte(at));
        let extended = matches!(extended, Some(b'?' | b'*' | b'+' | b'@' | b'!'));
        pieces.glob(b"(");
        pieces.groups = pieces.groups.saturating_add(1);
        self.step();
        loop {
            match self.peek() {
                None => return self.close(b")", opened, "a pattern's `(`"),
                Some(b')') => break,
                Some(byte @ b'|') => {
                    pieces.glob(&[byte]);
                    self.step();
                }
                Some(byte @ (b' ' | b'\t')) if extended => {
                    pieces.glob(&[byte]);
                    self.step();
                }
                Some(b'(') => self.nested(|reader| reader.group(context, start, pieces))?,
                Some(byte)
                    if is_meta(byte) && !(matches!(byte, b'<' | b'>') && self.look(1) == Some(b'(')) =>
                {
                    return self.unexpected();
                }
                Some(byte) => self.piece(byte, context, start, pieces)?,
            }
        }
        if self.shared.dialect.may_be_zsh() && runs_code(self.slice(opened, self.at)) {
            return self.fail("zsh may run what stands in the parentheses behind a pattern");
        }
        pieces.groups = pieces.groups.saturating_sub(1);
        pieces.bracket = false;
        pieces.glob(b")");
        self.step();
        Ok(())
    }
}

/// Whether zsh's qualifiers `e` and `+` may stand in this, which run commands.
fn runs_code(qualifiers: &[u8]) -> bool {
    let evaluates = |pair: &[u8]| matches!(pair, [b'e', next] if !next.is_ascii_alphanumeric());
    !qualifiers.contains(&b'|') && (qualifiers.windows(2).any(evaluates) || qualifiers.contains(&b'+'))
}

impl Pieces {
    /// A parenthesis of a regular expression.
    fn regex_group(&mut self, opens: bool) {
        if opens {
            self.groups = self.groups.saturating_add(1);
            self.glob(b"(");
        } else {
            self.groups = self.groups.saturating_sub(1);
            self.glob(b")");
        }
    }
}
