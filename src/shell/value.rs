//! What is known of a word after expansion.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

/// Stands in a value for text that is not known. The byte occurs in no UTF-8
/// text; where a caller's bytes hold it, they are not known either.
pub const HOLE: u8 = 0xFF;

/// Stands in a value for text that is not known and may be several words, or none.
pub const HOLES: u8 = 0xFE;

/// A word as far as it is known: bytes, with [`HOLE`] or [`HOLES`] for what is not.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value {
    /// What it is.
    pub bytes: Vec<u8>,
    /// How it was written, where that differs: for people.
    pub source: Option<Vec<u8>>,
}

impl Value {
    /// A value that is known.
    pub fn known(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), source: None }
    }

    /// One word of which nothing is known.
    pub fn unknown() -> Self {
        Self::known([HOLE])
    }

    /// Whether all of it is known.
    pub fn is_known(&self) -> bool {
        !self.bytes.iter().any(|byte| matches!(*byte, HOLE | HOLES))
    }

    /// The text, where all of it is known and it is UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok().filter(|_| self.is_known())
    }

    /// Whether it may be another number of words than one.
    pub fn may_split(&self) -> bool {
        self.bytes.contains(&HOLES)
    }

    /// The bytes as an argument.
    pub fn to_os_string(&self) -> OsString {
        OsString::from_vec(self.bytes.clone())
    }

    /// How it was written.
    pub fn shown(&self) -> &[u8] {
        self.source.as_deref().unwrap_or(&self.bytes)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::known(text)
    }
}
