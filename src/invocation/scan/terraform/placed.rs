//! Text that is made of parts, each with its place in the file or not known.

use hcl_edit::template::Strip;

use crate::invocation::scan::Passage;

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Text; `verbatim` where it stands so at `at`.
    Known { text: String, at: usize, verbatim: bool },
    /// Something that is not known, with a name for people.
    Unknown { name: String, at: usize },
}

/// Text, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    parts: Vec<Part>,
    /// Set where the white space that comes next is left out.
    trims: bool,
    /// Set where the indentation of the line has been left out already.
    line_begun: bool,
}

impl Text {
    /// Text that was made of what stands at `at`.
    pub(super) fn made(text: &str, at: usize) -> Self {
        let mut made = Self::default();
        made.push(text, at, false);
        made
    }

    /// Something that stands at `at` and is not known.
    pub(super) fn unknown(name: String, at: usize) -> Self {
        Self { parts: vec![Part::Unknown { name, at }], ..Self::default() }
    }

    pub(super) fn push(&mut self, text: &str, at: usize, verbatim: bool) {
        if self.trims {
            if text.starts_with(char::is_whitespace) {
                // The end of the line is the last that is left out.
                self.trims = !text.contains('\n');
                return;
            }
            self.trims = false;
        }
        self.line_begun = false;
        match self.parts.last_mut() {
            Some(Part::Known { text: before, at: from, verbatim: true })
                if verbatim && *from + before.len() == at =>
            {
                before.push_str(text);
            }
            _ => self.parts.push(Part::Known { text: text.to_owned(), at, verbatim }),
        }
    }

    pub(super) fn append(&mut self, other: Self) {
        for part in other.parts {
            match part {
                Part::Known { text, at, verbatim } => self.push(&text, at, verbatim),
                unknown @ Part::Unknown { .. } => {
                    self.trims = false;
                    self.parts.push(unknown);
                }
            }
        }
    }

    /// Has everything stand at `place`.
    pub(super) fn move_to(&mut self, place: usize) {
        for part in &mut self.parts {
            match part {
                Part::Known { at, verbatim, .. } => (*at, *verbatim) = (place, false),
                Part::Unknown { at, .. } => *at = place,
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Known { text, .. } if text.is_empty()))
    }

    /// Whether anything of it is known.
    pub(super) fn tells(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Known { text, .. } if !text.trim().is_empty()))
    }

    /// The whole of it, where all is known.
    pub(super) fn known(&self) -> Option<String> {
        let parts = self.parts.iter().map(|part| match part {
            Part::Known { text, .. } => Some(text.as_str()),
            Part::Unknown { .. } => None,
        });
        parts.collect()
    }

    /// Where it begins.
    pub(super) fn at(&self) -> usize {
        match self.parts.first() {
            Some(Part::Known { at, .. } | Part::Unknown { at, .. }) => *at,
            None => 0,
        }
    }

    pub(super) fn is_at_line_start(&self) -> bool {
        !self.line_begun
            && match self.parts.last() {
                None => true,
                Some(Part::Known { text, .. }) => text.ends_with('\n'),
                Some(Part::Unknown { .. }) => false,
            }
    }

    pub(super) fn set_line_begun(&mut self, begun: bool) {
        self.line_begun = begun;
    }

    /// Leaves out the white space in front of a marker that says so: on its line,
    /// or else the end of the line before.
    pub(super) fn before(&mut self, strip: Strip) {
        if !strip.strip_start() {
            return;
        }
        if let Some(Part::Known { text, .. }) = self.parts.last_mut() {
            let kept = text.trim_end_matches([' ', '\t']).len();
            let alone = kept == text.len() && !self.line_begun;
            let kept = if alone { text.trim_end().len() } else { kept };
            text.truncate(kept);
        }
    }

    /// Leaves out the white space behind a marker that says so.
    pub(super) fn behind(&mut self, strip: Strip) {
        self.trims = strip.strip_end();
    }

    /// What `format` makes of it; `None` where it cannot be told.
    pub(super) fn formatted(self, values: &[Self]) -> Option<Self> {
        let mut formatted = Self::default();
        let mut next = values.iter();
        for part in self.parts {
            let Part::Known { text, at, verbatim } = part else {
                formatted.parts.push(part);
                continue;
            };
            let mut rest = text.as_str();
            while let Some(sign) = rest.find('%') {
                let place = |text: &str, rest: &str| at + if verbatim { text.len() - rest.len() } else { 0 };
                formatted.push(rest.get(..sign)?, place(&text, rest), verbatim);
                rest = rest.get(sign + 1..)?;
                let length = rest.find(|c: char| c == '%' || c.is_ascii_alphabetic())?;
                let verb = rest.get(..length)?;
                if rest.get(length..)?.starts_with('%') {
                    formatted.push("%", at, false);
                } else if let Some(number) = verb.strip_prefix('[') {
                    let number: usize = number.strip_suffix(']')?.parse().ok()?;
                    formatted.append(values.get(number.checked_sub(1)?)?.clone());
                } else {
                    formatted.append(next.next()?.clone());
                }
                rest = rest.get(length + 1..)?;
            }
            let behind = text.len() - rest.len();
            formatted.push(rest, if verbatim { at + behind } else { at }, verbatim);
        }
        Some(formatted)
    }

    /// It as one word of a shell.
    pub(super) fn quoted(self) -> Self {
        let at = self.at();
        let mut quoted = Self::made("'", at);
        for part in self.parts {
            match part {
                Part::Known { text, at, verbatim } => {
                    for (number, piece) in text.split('\'').enumerate() {
                        if number > 0 {
                            quoted.push("'\\''", at, false);
                        }
                        let behind =
                            text.split('\'').take(number).map(|piece| piece.len() + 1).sum::<usize>();
                        quoted.push(piece, if verbatim { at + behind } else { at }, verbatim);
                    }
                }
                Part::Unknown { at, .. } => {
                    quoted.push("'\"", at, false);
                    quoted.parts.push(part);
                    quoted.push("\"'", at, false);
                }
            }
        }
        quoted.push("'", at, false);
        quoted
    }

    /// Adds a line: `before`, and a word.
    pub(super) fn add_line(&mut self, before: &str, word: Self) {
        let at = word.at();
        self.push(before, at, false);
        self.append(word.quoted());
        self.push("\n", at, false);
    }

    /// It as text for a shell: what is not known is a variable that nobody sets.
    pub(super) fn into_passage(self) -> Passage {
        let mut passage = Passage::default();
        for part in self.parts {
            match part {
                Part::Known { text, at, verbatim: true } => passage.push(&text, at),
                Part::Known { text, at, verbatim: false } => passage.push_made(&text, at),
                Part::Unknown { name, at } => passage.push_made(&format!("${{{name}}}"), at),
            }
        }
        passage
    }
}
