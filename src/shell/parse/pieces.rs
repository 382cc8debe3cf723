//! The parts of a word while it is being read.

use crate::shell::syntax::Part;

/// A part, or a byte that may turn out to belong to a brace expansion.
pub(super) enum Piece {
    /// A part.
    Part(Part),
    /// An unquoted `{`, `,` or `}`, and where it stands.
    Mark(u8, usize),
}

/// The parts of a word so far.
#[derive(Default)]
pub(super) struct Pieces {
    pub(super) list: Vec<Piece>,
    /// Whether an unquoted `[` is open: all up to its `]` is a pattern.
    pub(super) bracket: bool,
    /// How many groups of an extended pattern are open.
    pub(super) groups: usize,
}

impl Pieces {
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(super) fn part(&mut self, part: Part) {
        self.list.push(Piece::Part(part));
    }

    pub(super) fn mark(&mut self, byte: u8, at: usize) {
        self.list.push(Piece::Mark(byte, at));
    }

    /// Adds text that stands for itself; in a pattern it is a part of it.
    pub(super) fn literal(&mut self, bytes: &[u8], quoted: bool) {
        if self.bracket || self.groups > 0 {
            return self.glob(bytes);
        }
        match self.list.last_mut() {
            Some(Piece::Part(Part::Literal { text, quoted: before })) if *before == quoted => {
                text.extend_from_slice(bytes);
            }
            _ => self.part(Part::Literal { text: bytes.to_vec(), quoted }),
        }
    }

    /// Adds the empty text that `""` is.
    pub(super) fn quoted_empty(&mut self) {
        self.literal(b"", true);
    }

    /// Adds bytes of a pattern.
    pub(super) fn glob(&mut self, bytes: &[u8]) {
        match self.list.last_mut() {
            Some(Piece::Part(Part::Glob(text))) => text.extend_from_slice(bytes),
            _ => self.part(Part::Glob(bytes.to_vec())),
        }
    }

    /// Adds a part; text joins the text before it.
    pub(super) fn join(&mut self, part: Part) {
        match part {
            Part::Literal { text, quoted } => self.literal(&text, quoted),
            Part::Glob(text) => self.glob(&text),
            part => self.part(part),
        }
    }

    /// The parts, where no braces were looked for.
    pub(super) fn plain(self) -> Vec<Part> {
        self.list
            .into_iter()
            .map(|piece| match piece {
                Piece::Part(part) => part,
                Piece::Mark(byte, _) => Part::Literal { text: vec![byte], quoted: false },
            })
            .collect()
    }
}
