//! One record as a line: its canonical form and the hash that chains it.
//!
//! The canonical form is JSON with sorted keys, no white space, no numbers
//! but integers, and every character outside printable ASCII escaped, so that
//! a line can be shown on a terminal as it is. A line is accepted only if
//! writing what was read gives the same bytes again: no two lines mean the
//! same record.

use std::io;

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::digest::hex;
use crate::json;

/// The format that this version writes and accepts.
pub(super) const VERSION: u64 = 1;
/// What the first record links to.
pub(super) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// Separates these hashes from those of anything else.
const DOMAIN: &[u8] = b"tollgate-audit-v1\0";

/// The fields of one record.
pub(super) type Fields = Map<String, Value>;

/// A record whose hash is right.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) sequence: u64,
    pub(super) hash: String,
    pub(super) previous: String,
    pub(super) fields: Fields,
}

impl Record {
    /// The string field `name`, or nothing where there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        self.fields.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// The type of the record.
    pub(super) fn kind(&self) -> &str {
        self.text("type")
    }
}

/// Why a line is not a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Flaw {
    /// No JSON object with the fields of every record: what a torn write leaves.
    NotARecord,
    /// A record, but not as it was written; it claims this sequence number and hash.
    Altered { what: &'static str, sequence: u64, hash: String },
}

impl Flaw {
    /// The flaw in words.
    pub(super) fn what(&self) -> &'static str {
        match self {
            Self::NotARecord => "not a record",
            Self::Altered { what, .. } => what,
        }
    }
}

/// Turns `fields` into a line (with its line feed) and its hash. The caller
/// has set everything but `v` and `h`.
pub(super) fn seal(mut fields: Fields) -> io::Result<(Vec<u8>, String)> {
    fields.insert("v".into(), VERSION.into());
    let hash = chain_hash(&canonical(&fields)?);
    fields.insert("h".into(), hash.as_str().into());
    let mut line = canonical(&fields)?;
    line.push(b'\n');
    Ok((line, hash))
}

/// Reads a line without its line feed.
pub(super) fn read(line: &[u8]) -> Result<Record, Flaw> {
    let mut fields: Fields = serde_json::from_slice(line).map_err(|_| Flaw::NotARecord)?;
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let number = |name: &str| fields.get(name).and_then(Value::as_u64);
    let (Some(hash), Some(previous), Some(_), Some(sequence), Some(version)) =
        (text("h"), text("prev"), text("type"), number("seq"), number("v"))
    else {
        return Err(Flaw::NotARecord);
    };
    let altered = |what| Flaw::Altered { what, sequence, hash: hash.clone() };
    if version != VERSION {
        return Err(altered("a record of another format version"));
    }
    if has_float(fields.values()) || canonical(&fields).ok().as_deref() != Some(line) {
        return Err(altered("edited: not in the form that is written"));
    }
    fields.remove("h");
    if canonical(&fields).map(|bytes| chain_hash(&bytes)).ok().as_deref() != Some(hash.as_str()) {
        return Err(altered("edited: the hash does not match"));
    }
    fields.insert("h".into(), hash.as_str().into());
    Ok(Record { sequence, hash, previous, fields })
}

/// `fields` in the canonical form, without a line feed.
pub(super) fn canonical(fields: &Fields) -> io::Result<Vec<u8>> {
    json::ascii(Value::Object(fields.clone()))
}

fn chain_hash(line: &[u8]) -> String {
    hex(&Sha256::new().chain_update(DOMAIN).chain_update(line).finalize())
}

fn has_float<'v>(values: impl IntoIterator<Item = &'v Value>) -> bool {
    values.into_iter().any(|value| match value {
        Value::Number(number) => !number.is_i64() && !number.is_u64(),
        Value::Array(items) => has_float(items),
        Value::Object(fields) => has_float(fields.values()),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::sha256;

    fn example() -> Fields {
        let value = serde_json::json!({
            "type": "change", "seq": 3, "prev": GENESIS, "what": "a \u{1b}[2J \u{202e} é \u{1f600} \u{7f} \" \\",
            "actor": {"user": "zoe", "uid": 1000}
        });
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_line_is_sorted_printable_ascii_and_reads_back() {
        let (line, hash) = seal(example()).unwrap();
        let text = String::from_utf8(line.clone()).unwrap();
        assert!(text.starts_with(r#"{"actor":{"uid":1000,"user":"zoe"},"h":""#), "{text}");
        let body = line.strip_suffix(b"\n").unwrap();
        assert!(body.iter().all(|byte| (b' '..=b'~').contains(byte)), "{text}");
        let record = read(body).unwrap();
        assert_eq!((record.sequence, record.hash.as_str(), record.kind()), (3, hash.as_str(), "change"));
        assert_eq!(record.text("what"), example().get("what").unwrap().as_str().unwrap());
    }

    #[test]
    fn the_hash_is_the_documented_one() {
        let (line, hash) = seal(example()).unwrap();
        let text = String::from_utf8(line).unwrap();
        let without = text.trim_end().replace(&format!("\"h\":\"{hash}\","), "");
        let mut input = b"tollgate-audit-v1\0".to_vec();
        input.extend(without.as_bytes());
        assert_eq!(sha256(&input), hash);
    }

    #[test]
    fn another_spelling_of_the_same_record_is_not_accepted() {
        let (line, _) = seal(example()).unwrap();
        let text = String::from_utf8(line).unwrap().trim_end().to_owned();
        for other in [
            text.replace("\"seq\":3", "\"seq\": 3"),
            text.replace("\"seq\":3", "\"seq\":3,\"seq\":3"),
            text.replace("zoe", "\\u007aoe"),
            text.replace("\\u00e9", "é"),
            text.replace("\\u00e9", "\\u00E9"),
            format!("{text} "),
        ] {
            assert_ne!(other, text);
            assert!(matches!(read(other.as_bytes()), Err(Flaw::Altered { .. })), "{other}");
        }
    }

    #[test]
    fn floats_and_other_versions_are_not_accepted() {
        let mut fields = example();
        fields.insert("risk".into(), serde_json::json!({"score": [1.5]}));
        let (line, _) = seal(fields).unwrap();
        assert!(matches!(read(line.trim_ascii_end()), Err(Flaw::Altered { .. })));
        let (line, _) = seal(example()).unwrap();
        let other = String::from_utf8(line).unwrap().replace("\"v\":1", "\"v\":2");
        let Err(flaw) = read(other.trim_end().as_bytes()) else { panic!("accepted {other}") };
        assert_eq!(flaw.what(), "a record of another format version");
    }

    #[test]
    fn what_is_no_record_is_told_apart_from_what_was_altered() {
        for line in [&b""[..], b"{}", b"[]", b"\0\0\0", b"{\"v\":1", b"\xff", b"{\"v\":1,\"seq\":1}"] {
            assert_eq!(read(line).unwrap_err(), Flaw::NotARecord, "{line:?}");
        }
    }
}
