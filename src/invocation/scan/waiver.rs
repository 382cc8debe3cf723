//! Waivers: comments by which somebody vouches for one command of a file.
//!
//! `# tollgate: allow RULE because REASON` stands on the command's line, or in the
//! block of comment lines directly above it. Which comments a file may have is its
//! format's to say; what stands in quotes or in a here-document is none, as far as
//! that can be told line by line.

use std::collections::HashMap;

use super::Lines;

/// Which comments a format has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Comments {
    /// `# …`, and quotes end where their line does.
    #[default]
    Hash,
    /// `# …` of a shell, of which the quotes go on over lines.
    Shell,
    /// `# …` and `// …`.
    Slashes,
    /// None.
    None,
}

/// A comment that waives, or is meant to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// Where the comment begins, in bytes.
    pub at: usize,
    /// The rule that it names; nothing where it names none.
    pub rule: String,
    /// Why the command may stay; nothing where it does not say.
    pub because: String,
    /// The lines of the commands that it may be meant for, the likeliest first.
    pub lines: Vec<usize>,
    /// Whether it stands in the block of comments that the file begins with.
    pub for_file: bool,
}

/// A comment of a file.
#[derive(Clone, Copy, Debug)]
struct Comment<'a> {
    at: usize,
    /// Its text, with the mark that begins it.
    text: &'a str,
    /// Whether nothing else stands on its line.
    alone: bool,
}

/// The waivers of a text, in order. `commands` are the places of the commands that
/// are known in it: a here-document that holds one is no mere text.
pub fn waivers(text: &str, comments: Comments, commands: &[usize]) -> Vec<Waiver> {
    if comments == Comments::None || !text.contains(MARK) {
        return Vec::new();
    }
    let bounds: Vec<(usize, &str)> = text
        .split('\n')
        .scan(0, |at, line| {
            let start = *at;
            *at += line.len() + 1;
            Some((start, line))
        })
        .collect();
    let found = found(&bounds, comments, commands);
    let first = (0..bounds.len()).take_while(|line| alone(&found, *line)).count();
    let lines = Lines::of(text);
    let waiver = |comment: &Comment<'_>| {
        let (rule, because) = named(comment.text)?;
        let line = lines.position(comment.at).line.saturating_sub(1);
        Some(Waiver {
            at: comment.at,
            rule: rule.to_owned(),
            because: because.to_owned(),
            lines: if comment.alone { below(&bounds, &found, line) } else { upwards(&bounds, line) },
            for_file: comment.alone && line < first,
        })
    };
    found.iter().flatten().filter_map(waiver).collect()
}

const MARK: &str = "tollgate:";

/// The rule and the reason that a comment names, where it is a waiver.
fn named(comment: &str) -> Option<(&str, &str)> {
    let at = comment.match_indices(MARK).map(|(at, _)| at).find(|at| {
        let before = comment.get(..*at).unwrap_or_default().trim_end();
        before.ends_with('#') || before == "//"
    })?;
    let rest = comment.get(at + MARK.len()..)?.trim_start().strip_prefix("allow")?;
    if rest.starts_with(|c: char| !c.is_whitespace()) {
        return None;
    }
    let (rule, rest) = word(rest);
    if rule == "because" {
        return Some(("", rest));
    }
    let (because, reason) = word(rest);
    // What says nothing is no reason.
    let says = because == "because" && reason.contains(char::is_alphanumeric);
    Some((rule, if says { reason } else { "" }))
}

/// The first word, and what follows it.
fn word(text: &str) -> (&str, &str) {
    let text = text.trim();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (word, rest.trim())
}

/// Whether a line holds a comment alone.
fn alone(found: &[Option<Comment<'_>>], line: usize) -> bool {
    found.get(line).copied().flatten().is_some_and(|comment| comment.alone)
}

/// Whether a line goes on in the next.
fn goes_on(bounds: &[(usize, &str)], line: usize) -> bool {
    bounds.get(line).is_some_and(|(_, text)| text.trim_end().ends_with('\\'))
}

/// How many lines of a command are looked at.
const MOST_LINES: usize = 200;

/// The lines, counted from 1, that a comment in a line of its own may be meant for.
fn below(bounds: &[(usize, &str)], found: &[Option<Comment<'_>>], line: usize) -> Vec<usize> {
    let Some(first) = (line..bounds.len()).take(MOST_LINES).find(|line| !alone(found, *line)) else {
        return Vec::new();
    };
    // A Dockerfile's command may have comments between its lines.
    let lines = (first..bounds.len()).take(MOST_LINES);
    let more = lines.take_while(|line| goes_on(bounds, *line) || alone(found, *line)).count();
    (first + 1..=first + 1 + more).collect()
}

/// The lines, counted from 1, that a comment behind a command may be meant for.
fn upwards(bounds: &[(usize, &str)], line: usize) -> Vec<usize> {
    let above = (0..line).rev().take(MOST_LINES).take_while(|line| goes_on(bounds, *line)).count();
    (line + 1 - above..=line + 1).rev().collect()
}

/// The comment of each line.
fn found<'a>(
    bounds: &[(usize, &'a str)],
    comments: Comments,
    commands: &[usize],
) -> Vec<Option<Comment<'a>>> {
    let marks: &[&str] = if comments == Comments::Slashes { &["#", "//"] } else { &["#"] };
    let mut found = vec![None; bounds.len()];
    let mut equal: HashMap<&str, Vec<usize>> = HashMap::new();
    for (line, (_, text)) in bounds.iter().enumerate() {
        equal.entry(text.trim()).or_default().push(line);
    }
    let mut quote = None;
    let mut line = 0;
    while let Some((start, text)) = bounds.get(line).copied() {
        let mut read = LineOf { text, marks, quote };
        let (at, delimiter) = read.read();
        quote = read.quote.filter(|_| comments == Comments::Shell);
        if let (Some(at), Some(place)) = (at, found.get_mut(line)) {
            let (before, text) = text.split_at(at);
            *place = Some(Comment { at: start + at, text, alone: before.trim().is_empty() });
        }
        line += 1;
        // What stands in a here-document is text, unless it is known to be run.
        let end = delimiter.and_then(|delimiter| {
            (line..bounds.len())
                .find(|end| bounds.get(*end).is_some_and(|(_, text)| text.trim() == delimiter))
        });
        let Some(end) = end else { continue };
        let until = bounds.get(end).map_or(0, |(at, _)| *at);
        let from = bounds.get(line).map_or(0, |(at, _)| *at);
        if !commands.iter().any(|at| (from..until).contains(at)) {
            line = end;
        }
    }
    // A quote that is never closed was none.
    if quote.is_some() {
        return self::found(bounds, Comments::Hash, commands);
    }
    found
}

/// Reads one line.
struct LineOf<'a> {
    text: &'a str,
    marks: &'a [&'a str],
    /// The quote that is open.
    quote: Option<char>,
}

impl<'a> LineOf<'a> {
    /// Where its comment begins, and the delimiter of the here-document behind it.
    fn read(&mut self) -> (Option<usize>, Option<&'a str>) {
        let mut delimiter = None;
        let mut before = ' ';
        let mut characters = self.text.char_indices();
        while let Some((at, c)) = characters.next() {
            match (self.quote, c) {
                (Some('\''), '\\') => {}
                (_, '\\') => drop(characters.next()),
                (Some(quote), c) if quote == c => self.quote = None,
                (None, '\'' | '"') => self.quote = Some(c),
                (None, '<') => delimiter = delimiter.or_else(|| here_document(self.text, at)),
                (None, _) if before.is_whitespace() && self.begins(at) => return (Some(at), delimiter),
                _ => {}
            }
            before = c;
        }
        (None, delimiter)
    }

    fn begins(&self, at: usize) -> bool {
        let rest = self.text.get(at..).unwrap_or_default();
        self.marks.iter().any(|mark| rest.starts_with(mark))
    }
}

/// The delimiter of a here-document of which the operator stands at `at`.
fn here_document(text: &str, at: usize) -> Option<&str> {
    let rest = text.get(at..)?.strip_prefix("<<")?;
    // `<<<` is none.
    if rest.starts_with('<') || text.get(..at)?.ends_with('<') {
        return None;
    }
    let rest = rest.strip_prefix(['-', '~']).unwrap_or(rest).trim_start();
    let rest = rest.strip_prefix(['\'', '"', '\\']).unwrap_or(rest);
    let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    rest.get(..end).filter(|word| word.starts_with(|c: char| c.is_alphabetic() || c == '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each as `RULE: REASON`, with its lines, `file` where it is for the file.
    fn all(text: &str, comments: Comments, commands: &[usize]) -> Vec<String> {
        let one = |waiver: Waiver| {
            let file = if waiver.for_file { " file" } else { "" };
            format!("{}: {} {:?}{file}", waiver.rule, waiver.because, waiver.lines)
        };
        waivers(text, comments, commands).into_iter().map(one).collect()
    }

    #[test]
    fn waivers_are_comments_of_their_file() {
        use Comments::{Hash, Shell, Slashes};
        for (text, comments, expected) in [
            ("x\na # tollgate: allow r because it is so", Hash, &["r: it is so [2]"][..]),
            ("x\n  # tollgate: allow r because x\n# more\na\n", Hash, &["r: x [4]"]),
            ("x\n# tollgate: allow r because x\n# tollgate: allow s\na\n", Hash, &["r: x [4]", "s:  [4]"]),
            // The block that a file begins with; what is not directly above a command.
            ("#!/bin/sh\n#\n# tollgate: allow r because x\n\na\n", Shell, &["r: x [4] file"]),
            ("x\n# tollgate: allow r because x", Shell, &["r: x []"]),
            // A command over several lines.
            ("x\n# tollgate: allow r because x\na \\\n  b\nc", Hash, &["r: x [3, 4]"]),
            ("x\na \\\n  b # tollgate: allow r because x\n", Hash, &["r: x [3, 2]"]),
            ("RUN a && \\\n# tollgate: allow r because x\n b && \\\n  c\n", Hash, &["r: x [3, 4]"]),
            // No rule, no reason.
            ("a # tollgate: allow", Hash, &[":  [1]"]),
            ("a # tollgate: allow because x", Hash, &[": x [1]"]),
            ("a # tollgate: allow r because -", Hash, &["r:  [1]"]),
            ("a # tollgate: allow r since x", Hash, &["r:  [1]"]),
            // Not its first mark; other comments; what stands in the middle of a word.
            ("a # shellcheck # tollgate: allow r because x", Hash, &["r: x [1]"]),
            ("a // tollgate: allow r because x", Slashes, &["r: x [1]"]),
            ("a // tollgate: allow r because x", Hash, &[]),
            ("a # see tollgate: allow r because x", Hash, &[]),
            ("a # tollgate: allowed r because x", Hash, &[]),
            ("a#tollgate: allow r because x", Hash, &[]),
        ] {
            assert_eq!(all(text, comments, &[]), expected, "{text}");
        }
        assert_eq!(all("# tollgate: allow r because x", Comments::None, &[]), [""; 0]);
    }

    #[test]
    fn text_is_no_waiver() {
        use Comments::{Hash, Shell};
        let waiver = "# tollgate: allow r because x";
        for (text, comments, number) in [
            (format!("echo '{waiver}'\n"), Hash, 0),
            (format!("echo \" {waiver}\"\n"), Hash, 0),
            (format!("echo it\\'s {waiver}\n"), Hash, 1),
            (format!("echo '\n{waiver}\n'\n"), Shell, 0),
            (format!("echo \"$(a \"b\")\" {waiver}\n"), Shell, 1),
            // A shell's quotes that are never closed are something else.
            (format!("a don't\n{waiver}\nb\n"), Shell, 1),
            (format!("cat <<EOF\n{waiver}\nEOF\n"), Shell, 0),
            (format!("cat <<-'EOF' >x\n\t{waiver}\n\tEOF\n{waiver}\na"), Shell, 1),
            (format!("cat <<<EOF\n{waiver}\nEOF\n"), Shell, 1),
            (format!("x=$((1 << n))\n{waiver}\na\n"), Shell, 1),
        ] {
            assert_eq!(waivers(&text, comments, &[]).len(), number, "{text}");
        }
        // A here-document in which commands are known.
        let text = format!("command = <<-EOT\n  {waiver}\n  rm\nEOT\n");
        assert_eq!(all(&text, Hash, &[text.find("rm").unwrap()]), ["r: x [3]"]);
    }
}
