//! awk: `system(…)`, `"…" | getline`, `print | "…"`.

use super::Finding;
use super::arguments::shell;
use super::call::Call;
use super::known::Known;
use super::reader::Reader;
use super::token::Token;
use super::writing;
use crate::shell::value::{HOLE, HOLES};

/// What a call runs.
pub(super) fn runs(call: &Call<'_>) -> Vec<Finding> {
    if call.path == "system" { shell(call.arguments.first()) } else { Vec::new() }
}

impl Reader<'_> {
    /// `value | getline`, or a print into a program within brackets.
    pub(super) fn awk_pipe(&mut self, start: usize, at: &mut usize, value: &Known) -> Known {
        *at += 1;
        if self.name(*at) == Some("getline") {
            *at += 1;
            self.add_all(shell(Some(value)));
            return Known::Unknown;
        }
        let _ = start;
        let command = self.expression(at);
        self.add_all(shell(Some(&command)));
        Known::Unknown
    }

    /// `print …`, which may stand before a pipe.
    pub(super) fn awk_print(&mut self, at: &mut usize) -> Known {
        let mut text: Option<Known> = None;
        while let Some(token) = self.tokens.get(*at) {
            match token {
                Token::Line(_) | Token::Sign(";" | "}" | "|" | "|&" | ">" | ">>") => break,
                Token::Sign(",") => *at += 1,
                _ => {
                    let before = *at;
                    let value = self.operand_run(at);
                    if *at == before {
                        break;
                    }
                    let value = match &value {
                        Known::List(items) => super::text::join(items, b" "),
                        _ => value,
                    };
                    text = Some(match text {
                        Some(text) => {
                            let text = self.concat(text, &Known::text(" "));
                            self.concat(text, &value)
                        }
                        None => value,
                    });
                }
            }
        }
        if let Some(sign @ (">" | ">>")) = self.sign(*at) {
            let name = if sign == ">>" { "append-file" } else { "write-file" };
            *at += 1;
            let path = self.operand_run(at);
            self.add_all(writing::touched(name, Some(&path), self.language));
            return Known::Unknown;
        }
        if !matches!(self.sign(*at), Some("|" | "|&")) {
            return Known::Unknown;
        }
        *at += 1;
        let command = self.expression(at);
        let printed = text.map_or_else(|| vec![HOLE], |text| text.as_text());
        for command in command.texts() {
            let text = if is_shell(&command) { fed(&printed, &command) } else { command };
            self.add(Finding::Shell(text));
        }
        Known::Unknown
    }

    /// Values next to each other are one text.
    fn operand_run(&mut self, at: &mut usize) -> Known {
        let mut value = self.operand(at);
        while matches!(self.tokens.get(*at), Some(Token::Open(_) | Token::Number(_) | Token::Name(_)))
            || matches!(self.sign(*at), Some("$"))
        {
            let before = *at;
            let next = self.operand(at);
            if *at == before {
                break;
            }
            value = self.concat(value, &next);
        }
        value
    }
}

fn is_shell(command: &[u8]) -> bool {
    let first = command.split(u8::is_ascii_whitespace).find(|word| !word.is_empty()).unwrap_or_default();
    let name = first.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    matches!(name, b"sh" | b"bash" | b"zsh" | b"dash" | b"ksh" | b"xargs")
}

/// Shell text in which `command` reads what was printed.
fn fed(printed: &[u8], command: &[u8]) -> Vec<u8> {
    let mut text = b"printf '%s\\n' ".to_vec();
    let mut quoted = Vec::new();
    for byte in printed {
        match *byte {
            b'\'' => quoted.extend_from_slice(b"'\\''"),
            HOLES => quoted.push(HOLE),
            other => quoted.push(other),
        }
    }
    text.push(b'\'');
    text.extend(quoted);
    text.extend_from_slice(b"' | ");
    text.extend_from_slice(command);
    text
}
