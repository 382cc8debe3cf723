//! What a change would do to a file, as `diff -u` shows it.

use std::fmt::Write as _;

use super::files::Change;
use crate::ui::sanitize;

/// How many lines around a change are shown.
const CONTEXT: usize = 3;

/// The most pairs of lines that are compared; beyond, all between is shown.
const MOST: usize = 4_000_000;

/// A line, and what becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line<'a> {
    Same(&'a str),
    Gone(&'a str),
    New(&'a str),
}

impl Change {
    /// What it would do, for people.
    pub fn diff(&self) -> String {
        let name = sanitize::os(self.file.as_os_str());
        let side = |text: &Option<String>| if text.is_some() { name.clone() } else { "/dev/null".to_owned() };
        let mut shown = format!("--- {}\n+++ {}\n", side(&self.before), side(&self.after));
        let before: Vec<&str> = self.before.as_deref().unwrap_or_default().split_inclusive('\n').collect();
        let after: Vec<&str> = self.after.as_deref().unwrap_or_default().split_inclusive('\n').collect();
        let lines = compare(&before, &after);
        let is_near = |at: usize| {
            let near = at.saturating_sub(CONTEXT)..(at + CONTEXT + 1).min(lines.len());
            lines.get(near).is_some_and(|near| near.iter().any(|line| !matches!(line, Line::Same(_))))
        };
        let mut counts = (0, 0);
        let mut in_hunk = false;
        for (at, line) in lines.iter().enumerate() {
            if is_near(at) {
                if !in_hunk {
                    let _ = writeln!(shown, "@@ line {} @@", counts.1 + 1);
                }
                let (sign, text) = match line {
                    Line::Same(text) => (' ', text),
                    Line::Gone(text) => ('-', text),
                    Line::New(text) => ('+', text),
                };
                let text = text.trim_end_matches(['\n', '\r']);
                let _ = writeln!(shown, "{sign}{}", sanitize::text(&text.replace('\t', "    ")));
            }
            in_hunk = is_near(at);
            counts.0 += usize::from(!matches!(line, Line::New(_)));
            counts.1 += usize::from(!matches!(line, Line::Gone(_)));
        }
        shown
    }
}

/// The lines of both, those in common once.
fn compare<'a>(before: &[&'a str], after: &[&'a str]) -> Vec<Line<'a>> {
    let start = before.iter().zip(after).take_while(|(one, other)| one == other).count();
    let (head, before) = before.split_at(start);
    let after = after.get(start..).unwrap_or_default();
    let end = before.iter().rev().zip(after.iter().rev()).take_while(|(one, other)| one == other).count();
    let (before, tail) = before.split_at(before.len() - end);
    let after = after.get(..after.len() - end).unwrap_or_default();
    let mut lines: Vec<_> = head.iter().map(|line| Line::Same(line)).collect();
    lines.extend(between(before, after));
    lines.extend(tail.iter().map(|line| Line::Same(line)));
    lines
}

/// The longest common sequence, and what is not in it.
fn between<'a>(before: &[&'a str], after: &[&'a str]) -> Vec<Line<'a>> {
    let width = after.len() + 1;
    if before.len().saturating_mul(width) > MOST {
        let gone = before.iter().map(|line| Line::Gone(line));
        return gone.chain(after.iter().map(|line| Line::New(line))).collect();
    }
    // How many lines the rests from each pair on have in common.
    let mut common = vec![0_usize; (before.len() + 1) * width];
    let get =
        |common: &[usize], one: usize, other: usize| common.get(one * width + other).copied().unwrap_or(0);
    for (one, old) in before.iter().enumerate().rev() {
        for (other, new) in after.iter().enumerate().rev() {
            let best = if old == new {
                get(&common, one + 1, other + 1) + 1
            } else {
                get(&common, one + 1, other).max(get(&common, one, other + 1))
            };
            if let Some(place) = common.get_mut(one * width + other) {
                *place = best;
            }
        }
    }
    let (mut one, mut other, mut lines) = (0, 0, Vec::new());
    loop {
        match (before.get(one), after.get(other)) {
            (Some(old), Some(new)) if old == new => {
                lines.push(Line::Same(old));
                (one, other) = (one + 1, other + 1);
            }
            (Some(old), new)
                if new.is_none() || get(&common, one + 1, other) >= get(&common, one, other + 1) =>
            {
                lines.push(Line::Gone(old));
                one += 1;
            }
            (_, Some(new)) => {
                lines.push(Line::New(new));
                other += 1;
            }
            (_, None) => return lines,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::files::Original;

    #[test]
    fn shows_what_changes_and_what_is_around() {
        let text = |lines: &[&str]| Some(format!("{}\n", lines.join("\n")));
        let shown = |before, after| {
            let change = Change {
                file: "/h/a.json".into(),
                before,
                after,
                by_hand: String::new(),
                original: Original::Leave,
                mode: 0o600,
                own_directory: None,
            };
            change.diff()
        };
        for (before, after, expected) in [
            (None, text(&["{}"]), "--- /dev/null\n+++ /h/a.json\n@@ line 1 @@\n+{}\n"),
            (text(&["{}"]), None, "--- /h/a.json\n+++ /dev/null\n@@ line 1 @@\n-{}\n"),
            (
                text(&["1", "2", "3", "4", "5", "6", "7", "8", "9"]),
                text(&["1", "2", "3", "4", "new\u{1b}", "5", "6", "7", "8", "nine"]),
                "--- /h/a.json\n+++ /h/a.json\n@@ line 2 @@\n 2\n 3\n 4\n+new\\u{1b}\n 5\n 6\n 7\n 8\n-9\n+nine\n",
            ),
        ] {
            assert_eq!(shown(before, after), expected);
        }
    }
}
