//! Tokens: an approval in the forms in which it comes back.
//!
//! One line, `tg1.ID.SIGNATURE`, that goes through a chat; or the file that
//! `ssh-keygen -Y sign` writes. A token is no secret and grants nothing but
//! what was signed, so it is taken from anywhere. What chats do to white space
//! is undone; whatever else is in or around a token is refused, with words
//! that say what to copy.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};

use super::signature::{BEGIN, END, LIMIT, Signature, SignatureError};
use crate::files;
use crate::ui::sanitize;

/// How many tokens are read at once: no quorum is that large.
const MOST: usize = 16;
/// The longest text, in bytes: that many of the longest signatures, in base 64
/// and with some white space.
const TEXT_LIMIT: usize = MOST * LIMIT * 2;
/// What a one-line token begins with; the version of its form.
const PREFIX: &str = "tg1";
/// The longest id. Today's have 14 characters.
const ID_LIMIT: usize = 32;

/// A signature, and the request that it is said to approve.
#[derive(Clone, Debug)]
pub struct Token {
    /// The request's id, where the token names it: a hint, which the signature
    /// does not cover.
    pub id: Option<String>,
    /// The signature.
    pub signature: Signature,
}

/// How much of what is no token is told, in characters.
const TOLD: usize = 6;

/// Why a text holds no tokens.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Nothing but white space and commas.
    #[error("there is no token: it begins with `{PREFIX}.`, and `tollgate approve` prints it")]
    Missing,
    /// Longer than any number of tokens that are read.
    #[error("the text has more than {TEXT_LIMIT} bytes, and {MOST} tokens never have")]
    TooLong,
    /// More than a quorum.
    #[error("more than {MOST} tokens at once: give those that approve this request")]
    TooMany,
    /// In another encoding.
    #[error("it is not text in UTF-8: save it again as plain text")]
    NotText,
    /// Quotes, sentences, whatever a chat adds.
    #[error(
        "{0} is no part of a token: copy from `{PREFIX}.` to the last letter or digit, without quotes or a full stop"
    )]
    Around(String),
    /// Half of an armoured signature.
    #[error("the line `{0}` is missing: copy the whole signature, from BEGIN to END")]
    Cut(&'static str),
    /// A token without an id or without a signature.
    #[error("it is only part of a token, which has the form {PREFIX}.ID.SIGNATURE: copy it again, whole")]
    Part,
    /// An id that no request has.
    #[error("{0} is no request's id: copy the token again, whole")]
    Id(String),
    /// Letters are missing or were changed.
    #[error("the token is damaged: copy it again, all of it and nothing else")]
    Damaged,
    /// Something else in base 64, or a signature that is not taken.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// No token, and no file of that name.
    #[error("{0} is neither a whole token, `{PREFIX}.ID.SIGNATURE`, nor the path of a file")]
    NoFile(String),
    /// A file that cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// A file with something else in it.
    #[error("{path}: {cause}")]
    In {
        /// The file, fit to be shown.
        path: String,
        /// What is wrong with its content.
        cause: Box<TokenError>,
    },
}

impl Token {
    /// The form that goes through a chat.
    pub fn one_line(id: &str, signature: &Signature) -> String {
        format!("{PREFIX}.{id}.{}", Base64UrlUnpadded::encode_string(signature.bytes()))
    }

    /// Reads one or several tokens, of either form, with white space and commas
    /// between and white space within them.
    ///
    /// # Errors
    /// Where there is none, or anything else.
    pub fn parse(text: &[u8]) -> Result<Vec<Self>, TokenError> {
        if text.len() > TEXT_LIMIT {
            return Err(TokenError::TooLong);
        }
        let text = std::str::from_utf8(text).map_err(|_| TokenError::NotText)?;
        // What editors on Windows put in front.
        let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut tokens = Vec::new();
        loop {
            rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
            if rest.is_empty() {
                break;
            }
            if let Some(body) = rest.strip_prefix(BEGIN) {
                let (body, after) = body.split_once(END).ok_or(TokenError::Cut(END))?;
                push(&mut tokens, None, &bytes::<Base64>(&compact(body))?)?;
                rest = after;
                continue;
            }
            let end = [rest.find(','), rest.find(BEGIN)].into_iter().flatten().min().unwrap_or(rest.len());
            let (lines, after) = rest.split_at_checked(end).ok_or(TokenError::Damaged)?;
            one_lines(&mut tokens, &compact(lines))?;
            rest = after;
        }
        if tokens.is_empty() { Err(TokenError::Missing) } else { Ok(tokens) }
    }

    /// What `TOLLGATE_TOKEN` and `--token` hold: separated by commas, tokens of
    /// either form or the names of files with such.
    ///
    /// # Errors
    /// Where one of them is neither, or there is none.
    pub fn load(value: &OsStr, directory: &Path) -> Result<Vec<Self>, TokenError> {
        if value.len() > TEXT_LIMIT {
            return Err(TokenError::TooLong);
        }
        let mut tokens = Vec::new();
        for piece in value.as_bytes().split(|byte| *byte == b',') {
            let piece = piece.trim_ascii();
            if piece.is_empty() {
                continue;
            }
            if is_text(piece) {
                tokens.extend(Self::parse(piece)?);
            } else {
                tokens.extend(from_file(OsStr::from_bytes(piece), directory)?);
            }
            if tokens.len() > MOST {
                return Err(TokenError::TooMany);
            }
        }
        if tokens.is_empty() { Err(TokenError::Missing) } else { Ok(tokens) }
    }
}

/// Whether these are tokens rather than the name of a file: also where
/// something is in front of them, which [`Token::parse`] then says.
fn is_text(piece: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(piece) else { return false };
    let is_token = |text: &str| text.starts_with(PREFIX) && text.split('.').count() > 2;
    is_token(text)
        || text.contains("SSH SIGNATURE-----")
        // A quote, a bracket, a word and a space: no name of a file that exists.
        || text.contains(|c: char| "\"'`<>()[]“”‘’ ".contains(c)) && text.contains("tg1.")
}

fn from_file(name: &OsStr, directory: &Path) -> Result<Vec<Token>, TokenError> {
    let limit = u64::try_from(TEXT_LIMIT).unwrap_or(u64::MAX);
    match files::read(&directory.join(name), limit) {
        Ok(Some(text)) => Token::parse(&text)
            .map_err(|cause| TokenError::In { path: sanitize::os(name), cause: Box::new(cause) }),
        Ok(None) => Err(TokenError::NoFile(named(name))),
        Err(why) => Err(TokenError::Unreadable(sanitize::text(&why).into_owned())),
    }
}

fn push(tokens: &mut Vec<Token>, id: Option<String>, blob: &[u8]) -> Result<(), TokenError> {
    if tokens.len() >= MOST {
        return Err(TokenError::TooMany);
    }
    tokens.push(Token { id, signature: Signature::read(blob)? });
    Ok(())
}

/// Reads tokens of one line from which all white space was taken. Neither an id
/// nor base 64 holds a full stop, so where the next one begins is certain:
/// three letters before every other one.
fn one_lines(tokens: &mut Vec<Token>, text: &str) -> Result<(), TokenError> {
    let mut parts = text.split('.');
    let first = parts.next().unwrap_or_default();
    if first != PREFIX {
        return Err(TokenError::Around(outside(first)));
    }
    loop {
        let (Some(id), Some(body)) = (parts.next(), parts.next()) else { return Err(TokenError::Part) };
        let is_last = parts.clone().next().is_none();
        let body = if is_last {
            body
        } else {
            body.strip_suffix(PREFIX).ok_or_else(|| TokenError::Around(shown(".")))?
        };
        let is_id = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-';
        if id.is_empty() || id.len() > ID_LIMIT || !id.chars().all(is_id) {
            return Err(TokenError::Id(shown(id)));
        }
        if body.is_empty() {
            return Err(TokenError::Part);
        }
        push(tokens, Some(id.to_owned()), &bytes::<Base64UrlUnpadded>(body)?)?;
        if is_last {
            return Ok(());
        }
    }
}

/// What of the text before the first full stop does not belong there.
fn outside(first: &str) -> String {
    let front = first.strip_suffix(PREFIX).unwrap_or(first);
    shown(if front.is_empty() { "." } else { front })
}

/// The bytes behind base 64, in its one strict spelling.
fn bytes<E: base64ct::Encoding>(text: &str) -> Result<Vec<u8>, TokenError> {
    let is_foreign = |c: &char| !c.is_ascii_alphanumeric() && !"+/=-_".contains(*c);
    if let Some(foreign) = text.chars().find(is_foreign) {
        return Err(TokenError::Around(shown(&foreign.to_string())));
    }
    E::decode_vec(text).map_err(|_| TokenError::Damaged)
}

fn compact(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// A piece of somebody's text, fit to be shown. It may be a password that stands in
/// the wrong place, and what is said here is recorded: only a few letters are told.
fn shown(text: &str) -> String {
    if text.chars().count() > TOLD {
        "something in it".to_owned()
    } else {
        format!("`{}`", sanitize::text(text))
    }
}

/// The same of what may be a path.
fn named(name: &OsStr) -> String {
    let path = Path::new(name);
    let is_path = path.is_absolute() || path.starts_with(".") || path.starts_with("..");
    if is_path { format!("`{}`", sanitize::os(name)) } else { "it".to_owned() }
}

#[cfg(test)]
mod tests;
