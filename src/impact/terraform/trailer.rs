//! What `plan` says of the file it saved, taken out of what is shown: there is no file
//! that anybody could apply.
//!
//! ```text
//!
//! ─────────────────────────────
//!
//! Saved the plan to: PATH
//!
//! To perform exactly these actions, run the following command to apply:
//!     terraform apply "PATH"
//! ```
//!
//! Only these very lines are left out, with a rule above that begins them. Everything else is
//! passed on as it comes, a line that is not complete (a question) among it.

use std::path::Path;

use super::output::Filter;

/// What colours the rule.
const GREY: &[u8] = b"\x1b[90m";

/// What introduces the file's name.
const SAVED: &str = "Saved the plan to: ";

/// What comes behind it.
const HINT: &str = "To perform exactly these actions, run the following command to apply:";

/// What was read and not yet passed on.
#[derive(Debug)]
pub(super) struct Trailer {
    saved: String,
    quoted: String,
    /// Whole lines that may be the beginning of it.
    held: Vec<Vec<u8>>,
    /// The line that is not complete.
    line: Vec<u8>,
    /// Whether the beginning of that was passed on.
    is_within: bool,
    /// Whether the trailer has begun for certain.
    has_begun: bool,
}

impl Trailer {
    /// That of a plan which is saved to `path`.
    pub(super) fn of(path: &Path) -> Self {
        Self {
            saved: format!("{SAVED}{}", path.display()),
            quoted: format!(" apply \"{}\"", path.display()),
            held: Vec::new(),
            line: Vec::new(),
            is_within: false,
            has_begun: false,
        }
    }

    /// Decides about a whole line.
    fn complete(&mut self, shown: &mut Vec<u8>) {
        if self.is_within {
            self.is_within = false;
            return self.pass(shown);
        }
        let plain = plain(&self.line);
        if self.has_begun {
            if is_blank(&plain) || plain == HINT || plain.ends_with(&self.quoted) {
                self.line.clear();
                return;
            }
            self.has_begun = false;
            return self.pass(shown);
        }
        if is_blank(&plain) || is_rule(&plain) {
            return self.held.push(std::mem::take(&mut self.line));
        }
        if plain == self.saved && self.cut(shown) {
            return;
        }
        self.pass(shown);
    }

    /// Leaves out the three lines above, if they are those of the trailer, and this one.
    fn cut(&mut self, shown: &mut Vec<u8>) -> bool {
        let Some(at) = self.held.len().checked_sub(3) else { return false };
        let above: Vec<String> = self.held.iter().skip(at).map(|line| plain(line)).collect();
        // A terminal that is nothing wide has a rule of no length.
        if !matches!(above.as_slice(), [first, rule, last] if is_blank(first) && is_blank(last) && (is_rule(rule) || is_blank(rule)))
        {
            return false;
        }
        let trailer = self.held.split_off(at);
        shown.extend(self.held.drain(..).flatten());
        // What ends the colours of the text above stands in the same line.
        let first = trailer.first().map(Vec::as_slice).unwrap_or_default();
        let first = first.strip_suffix(b"\n").unwrap_or(first);
        shown.extend(first.strip_suffix(GREY).unwrap_or(first));
        self.line.clear();
        self.has_begun = true;
        true
    }

    /// Whether what there is of the line may become one that is held back.
    fn may_begin(&self) -> bool {
        let plain = plain(&self.line);
        let is_saved = !self.held.is_empty() && self.saved.starts_with(&plain);
        self.has_begun || is_saved || is_blank(&plain) || is_rule(&plain)
    }

    fn pass(&mut self, shown: &mut Vec<u8>) {
        shown.extend(self.held.drain(..).flatten());
        shown.append(&mut self.line);
    }
}

impl Filter for Trailer {
    fn shown(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut shown = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                self.complete(&mut shown);
            }
        }
        if !self.line.is_empty() && (self.is_within || !self.may_begin()) {
            self.pass(&mut shown);
            self.is_within = true;
        }
        shown
    }

    fn rest(&mut self) -> Vec<u8> {
        let mut shown = Vec::new();
        if !self.line.is_empty() {
            self.complete(&mut shown);
        }
        self.pass(&mut shown);
        shown
    }
}

fn is_blank(plain: &str) -> bool {
    plain.trim().is_empty()
}

/// The last character may not be there as a whole.
fn is_rule(plain: &str) -> bool {
    let line = plain.trim_end_matches(char::REPLACEMENT_CHARACTER);
    !plain.is_empty() && line.chars().all(|one| one == '─')
}

/// A line without its end and what colours it.
fn plain(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let mut plain = String::new();
    let mut rest = text.trim_end_matches(['\n', '\r']);
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        let after = after.strip_prefix('[').unwrap_or(after);
        // One that is cut off colours what comes next.
        rest = after.trim_start_matches(|one: char| one.is_ascii_digit() || one == ';');
        rest = rest.strip_prefix('m').unwrap_or(rest);
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "/proc/self/fd/5";

    fn through(text: &str, size: usize) -> String {
        let mut trailer = Trailer::of(Path::new(PATH));
        let mut shown = Vec::new();
        for chunk in text.as_bytes().chunks(size) {
            shown.extend(trailer.shown(chunk));
        }
        shown.extend(trailer.rest());
        String::from_utf8(shown).unwrap()
    }

    fn trailer(before: &str, after: &str, tool: &str) -> String {
        let rule = "─".repeat(40);
        format!(
            "{before}\n{rule}{after}\n\nSaved the plan to: {PATH}\n\n{HINT}\n    {tool} apply \"{PATH}\"\n"
        )
    }

    #[test]
    fn the_trailer_and_nothing_else_is_left_out() {
        let plan =
            "var.x\n  Enter a value: \n\nTerraform will\n\n  # one\n\u{1b}[1mPlan:\u{1b}[0m 1 to add.\n";
        for size in [1, 2, 3, 7, 4096] {
            let narrow = trailer("\u{1b}[90m", "", "terraform").replace('─', "");
            for whole in [trailer("", "", "terraform"), trailer("\u{1b}[90m", "\u{1b}[0m", "tofu"), narrow] {
                assert_eq!(through(&format!("{plan}{whole}"), size), plan, "{size}");
                assert_eq!(through(&format!("{plan}{whole}more\n"), size), format!("{plan}more\n"), "{size}");
            }
            let coloured = format!("{plan}\u{1b}[0m{}", trailer("\u{1b}[90m", "\u{1b}[0m", "tofu"));
            assert_eq!(through(&coloured, size), format!("{plan}\u{1b}[0m"), "{size}");
            for other in [
                plan.to_owned(),
                format!("{plan}\n{}\n\nNote: something\n", "─".repeat(9)),
                format!("{plan}Saved the plan to: {PATH}\nnot behind a rule\n"),
                format!("{plan}\n{}\n\nSaved the plan to: /elsewhere\n\n{HINT}\n", "─".repeat(9)),
                format!("  a = \"\"\"\n---\n\n{HINT}\n    terraform apply \"{PATH}\"\n"),
                "no end of line".to_owned(),
                "\n\n".to_owned(),
            ] {
                assert_eq!(through(&other, size), other, "{size}");
            }
        }
    }

    #[test]
    fn a_question_is_shown_before_it_is_answered() {
        let mut trailer = Trailer::of(Path::new(PATH));
        assert_eq!(trailer.shown(b"\nvar.x\n  Enter a value: "), b"\nvar.x\n  Enter a value: ");
        assert_eq!(trailer.shown(b"\n"), b"\n");
    }
}
