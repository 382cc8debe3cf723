//! Lines, comments, and what stands around the code.

use super::token::{Lexer, Token};
use crate::shell::inner::Language;

impl Lexer<'_> {
    /// Skips what stands before the code: the first line of a script, the text
    /// of a page before its `<?php`, how far the first line is indented.
    pub(super) fn start(&mut self) {
        if self.rest().starts_with(b"\xEF\xBB\xBF") {
            self.at += 3;
        }
        if self.rest().starts_with(b"#!") {
            self.skip_line();
        }
        // Code of `php -r` has no tags; no code begins with an angle bracket.
        let tagged = || self.code.windows(2).any(|pair| pair == b"<?");
        if self.language == Language::Php && (tagged() || self.rest().trim_ascii_start().starts_with(b"<")) {
            self.leave_page();
        }
        let indent = self.rest().iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        self.tokens.push(Token::Line(indent));
        if self.is(&[Language::Perl, Language::Ruby]) {
            self.documentation();
        }
    }

    /// Goes on behind the next `<?php`, `<?=` or `<?`.
    pub(super) fn leave_page(&mut self) {
        let found = self.rest().windows(2).position(|pair| pair == b"<?");
        self.at = found.map_or(self.end, |found| self.at + found + 2);
        if self.rest().starts_with(b"php") {
            self.at += 3;
        } else if self.peek(0) == Some(b'=') {
            self.at += 1;
        }
    }

    pub(super) fn skip_line(&mut self) {
        let length = self.rest().iter().position(|byte| *byte == b'\n');
        self.at = length.map_or(self.end, |length| self.at + length);
    }

    /// Skips to behind `text`.
    pub(super) fn skip_past(&mut self, text: &[u8]) {
        let found = self.rest().windows(text.len()).position(|window| window == text);
        self.at = found.map_or(self.end, |found| self.at + found + text.len());
    }

    pub(super) fn line(&mut self) {
        self.at = self.resume.take().map_or(self.at + 1, |resume| resume.max(self.at + 1));
        let indent = self.rest().iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let means = match self.language {
            Language::Python => self.brackets.is_empty() && self.nesting == 0,
            Language::Ruby | Language::Awk => self.brackets.last().is_none_or(|open| *open == b'{'),
            _ => false,
        };
        if means {
            self.tokens.push(Token::Line(indent));
        }
        if self.is(&[Language::Perl, Language::Ruby]) && self.rest().starts_with(b"=") {
            self.documentation();
        }
        if self.is(&[Language::Perl, Language::Ruby]) && self.rest().starts_with(b"__") {
            let line = self.rest().split(|byte| *byte == b'\n').next().unwrap_or_default();
            if matches!(line.trim_ascii_end(), b"__END__" | b"__DATA__") {
                self.at = self.end;
            }
        }
    }

    /// `=begin … =end` of Ruby, `=pod … =cut` of Perl.
    fn documentation(&mut self) {
        let rest = self.rest();
        let (begins, end): (bool, &[u8]) = if self.language == Language::Ruby {
            (rest.starts_with(b"=begin"), b"\n=end")
        } else {
            (rest.starts_with(b"=") && rest.get(1).is_some_and(u8::is_ascii_alphabetic), b"\n=cut")
        };
        if begins {
            self.skip_past(end);
            self.skip_line();
        }
    }

    /// Skips a comment, where one begins.
    pub(super) fn comment(&mut self, byte: u8) -> bool {
        let next = self.peek(1);
        let slashes = self.is(&[Language::JavaScript, Language::Php]);
        match byte {
            b'#' if self.language == Language::JavaScript => return false,
            b'#' if self.language == Language::Php && next == Some(b'[') => return false,
            b'#' => self.skip_line(),
            b'/' if slashes && next == Some(b'/') => self.skip_line(),
            b'/' if slashes && next == Some(b'*') => {
                self.at += 2;
                self.skip_past(b"*/");
            }
            b'?' if self.language == Language::Php && next == Some(b'>') => {
                self.tokens.push(Token::Sign(";"));
                self.leave_page();
            }
            _ => return false,
        }
        true
    }
}
