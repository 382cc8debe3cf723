//! Text for the shells of Windows, `PowerShell` and cmd, read line by line.
//!
//! Their grammars are not known here. A plain command line looks much the same in every
//! shell, though: such a line is read, and every other is passed over. This can miss a
//! command, and must not take what is none for one.

use std::ops::Range;

use super::Passage;
use crate::shell::parse::parse;

/// Words in front of a command, of `PowerShell` and cmd.
const BEFORE: [&str; 5] = ["& ", "@", "call ", "else ", "try "];

/// Words behind which a text may say anything, or nothing more is run.
const PASSED: [&str; 19] = [
    "::", "break", "catch", "finally", "continue", "do", "else", "exec", "exit", "for", "foreach",
    "function", "if", "param", "rem", "return", "throw", "trap", "while",
];

/// What of `text` can be told to be commands, each on a line of its own.
pub(super) fn lines(text: &Passage) -> Passage {
    let mut made = text.clone();
    made.text = alike(&text.text);
    let mut commands = Passage::at(text.place);
    for line in physical(&made.text) {
        for part in parts(&made.text, line) {
            if let Some(command) = command(&made.text, part) {
                let at = made.origin(command.start);
                commands.append(&made, command);
                commands.push_made("\n", at);
            }
        }
    }
    commands
}

/// The text with what only looks different put as sh does, each byte for one byte: what
/// escapes, what parts the names of a path, and what carries a line on.
fn alike(text: &str) -> String {
    let mut characters = text.chars().peekable();
    let mut alike = String::with_capacity(text.len());
    while let Some(c) = characters.next() {
        let next = characters.peek().copied();
        alike.push(match c {
            '\\' if next != Some('"') => '/',
            '`' => '\\',
            '^' if matches!(next, Some('\n')) => '\\',
            other => other,
        });
    }
    alike
}

/// The lines, those that go on as one, without comments and texts of many lines.
fn physical(text: &str) -> Vec<Range<usize>> {
    let mut lines: Vec<Range<usize>> = Vec::new();
    let (mut at, mut goes_on) = (0, false);
    let mut until: Option<&str> = None;
    for line in text.split_inclusive('\n') {
        let (start, end) = (at, at + line.trim_end().len());
        at += line.len();
        let rest = text.get(at..).unwrap_or_default();
        if let Some(mark) = until {
            if line.contains(mark) {
                until = None;
            }
            continue;
        }
        // Only what ends: the rest of the text must not be lost.
        let opens = [("@'", "\n'@"), ("@\"", "\n\"@")].into_iter();
        let here = opens.filter(|(open, _)| line.trim_end().ends_with(open)).find_map(|(_, close)| {
            let behind = text.get(at.saturating_sub(1)..).unwrap_or_default();
            behind.contains(close).then(|| close.trim_start())
        });
        let remark = line.trim_start().starts_with("<#") && !line.contains("#>") && rest.contains("#>");
        until = here.or(remark.then_some("#>"));
        if until.is_some() {
            goes_on = false;
            continue;
        }
        match lines.last_mut() {
            Some(last) if goes_on => last.end = end,
            _ => lines.push(start..end),
        }
        goes_on = line.trim_end_matches(['\r', '\n']).ends_with('\\');
    }
    lines
}

/// The parts of a line that braces of blocks part from each other.
fn parts(text: &str, line: Range<usize>) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let (mut start, mut quote, mut before) = (line.start, None, ' ');
    for (offset, c) in text.get(line.clone()).unwrap_or_default().char_indices() {
        let at = line.start + offset;
        match c {
            '"' | '\'' if quote == Some(c) && before != '\\' => quote = None,
            '"' | '\'' if quote.is_none() => quote = Some(c),
            '{' | '}'
                if quote.is_none() && (before.is_whitespace() || matches!(before, ')' | '{' | '}' | ';')) =>
            {
                parts.push(start..at);
                start = at + 1;
            }
            _ => {}
        }
        before = c;
    }
    parts.push(start..line.end);
    parts
}

/// The command in a part of a line, where it is one in any shell.
fn command(text: &str, part: Range<usize>) -> Option<Range<usize>> {
    let mut start = part.start;
    let rest = |start: usize| text.get(start..part.end).unwrap_or_default();
    loop {
        start += rest(start).len() - rest(start).trim_start_matches([' ', '\t', ';', '(']).len();
        let lower = rest(start).to_ascii_lowercase();
        if let Some(before) = BEFORE.iter().find(|before| lower.starts_with(**before)) {
            start += before.len();
        } else if let Some(length) = assigned(rest(start)).or_else(|| condition(&lower)) {
            start += length;
        } else {
            break;
        }
    }
    let end = start + rest(start).trim_end_matches([' ', '\t', ')', '\\']).len();
    let command = text.get(start..end)?;
    let word = command.split_whitespace().next()?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ':');
    let plain =
        word.trim_matches('"').chars().all(is_plain) && word.contains(|c: char| c.is_ascii_alphabetic());
    let passed = PASSED.contains(&word.to_ascii_lowercase().as_str()) || word.starts_with("::");
    let reads = plain && !passed && !command.contains("<<") && parse(command.as_bytes()).is_ok();
    reads.then_some(start..end)
}

/// How long `$name = ` in front of a command is.
fn assigned(text: &str) -> Option<usize> {
    let (name, rest) = text.strip_prefix('$')?.split_once('=')?;
    let plain = name.trim_end().chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':'));
    (plain && !rest.starts_with('=')).then(|| text.len() - rest.len())
}

/// How long `if exist NAME ` of cmd is.
fn condition(lower: &str) -> Option<usize> {
    let rest = lower.strip_prefix("if ")?;
    let rest = rest.strip_prefix("/i ").unwrap_or(rest);
    let rest = rest.strip_prefix("not ").unwrap_or(rest);
    let rest = ["exist ", "defined ", "errorlevel "].iter().find_map(|test| rest.strip_prefix(test))?;
    let behind = if let Some(quoted) = rest.strip_prefix('"') {
        quoted.split_once('"')?.1
    } else {
        rest.split_once(' ')?.1
    };
    Some(lower.len() - behind.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_commands_are_read_and_nothing_else() {
        for (text, expected) in [
            ("terraform destroy -auto-approve", "terraform destroy -auto-approve\n"),
            ("& C:\\tools\\terraform.exe destroy", "C:/tools/terraform.exe destroy\n"),
            (
                "terraform `\n  destroy `\n  -auto-approve\nls",
                "terraform \\\n  destroy \\\n  -auto-approve\nls\n",
            ),
            ("terraform ^\n  destroy\n", "terraform \\\n  destroy\n"),
            ("$out = terraform destroy\n$x = 1", "terraform destroy\n"),
            ("if ($env:A -eq 'b') { terraform destroy }", "terraform destroy\n"),
            ("if ($a) {\n  exit 1\n}\nkubectl delete ns a", "kubectl delete ns a\n"),
            ("if not exist \"a b\" call terraform destroy", "terraform destroy\n"),
            ("if exist dist rmdir /s /q dist", "rmdir /s /q dist\n"),
            ("try { aws s3 rb s3://a --force } catch { throw }", "aws s3 rb s3://a --force\n"),
            ("<#\nterraform destroy\n#>\nls", "ls\n"),
            ("$text = @'\nterraform destroy\n'@\nls", "ls\n"),
            ("Set-Content a @'\nls", "ls\n"),
            ("rem terraform destroy\n:: terraform destroy\n# terraform destroy", ""),
            ("$action = 'destroy'\n[string]$b = \"delete\"\n$a | % { $_ delete }", ""),
            (
                "Get-ChildItem | Where-Object { $_.Name -like \"*.dll\" }\nWrite-Host \"it's",
                "Get-ChildItem | Where-Object\n",
            ),
            ("", ""),
        ] {
            assert_eq!(lines(&Passage::standing(text, 0)).text, expected, "{text}");
        }
    }

    #[test]
    fn lines_stand_where_they_stood() {
        let text = "$a = 1\r\nif ($b) { C:\\terraform.exe destroy }\r\n  aws `\r\n";
        let lines = lines(&Passage::standing(text, 100));
        let at = lines.origin(lines.text.find("destroy").unwrap_or_default());
        assert_eq!(at, 100 + text.find("destroy").unwrap_or_default());
    }
}
