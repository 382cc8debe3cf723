//! Tokens: an approval in the forms in which it comes back.

use std::ffi::OsStr;
use std::path::Path;

use super::signature::Signature;

/// A token.
#[derive(Clone, Debug)]
pub struct Token {
    /// The request that it says it is for.
    pub id: Option<String>,
    /// The signature.
    pub signature: Signature,
}

/// Why a text is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Nothing of the sort.
    #[error("not a token")]
    Form,
}

impl Token {
    /// One line.
    pub fn one_line(id: &str, _: &Signature) -> String {
        id.to_owned()
    }
    /// Reads.
    ///
    /// # Errors
    /// Where it is none.
    pub fn parse(_: &[u8]) -> Result<Vec<Self>, TokenError> {
        Err(TokenError::Form)
    }
    /// Reads.
    ///
    /// # Errors
    /// Where it is none.
    pub fn load(_: &OsStr, _: Option<&Path>) -> Result<Vec<Self>, TokenError> {
        Err(TokenError::Form)
    }
}
