//! What an agent writes as JSON: of two values by one name it may run the one and we
//! judge the other, and what was cut off in the middle of a character it passes on.

use std::borrow::Cow;

use serde_json::Value;

use crate::json;

/// Reads one value.
pub(super) fn value(text: &[u8]) -> Result<Value, serde_json::Error> {
    json::value(&whole(text))
}

/// The text with U+FFFD in place of half of a pair: that is what whoever writes such a
/// half, cut off in the middle of a character, hands to a program.
fn whole(text: &[u8]) -> Cow<'_, [u8]> {
    let code = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix(b"\\u")?;
        u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
    };
    let mut mended: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(next) = text.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\\')) {
        at += next;
        let high = |code: u16| (0xd800..0xdc00).contains(&code);
        let low = |code: u16| (0xdc00..0xe000).contains(&code);
        match code(at) {
            Some(first) if high(first) && code(at + 6).is_some_and(low) => at += 12,
            Some(first) if high(first) || low(first) => {
                let mended = mended.get_or_insert_with(|| text.to_vec());
                if let Some(escape) = mended.get_mut(at..at + 6) {
                    escape.copy_from_slice(b"\\ufffd");
                }
                at += 6;
            }
            _ => at += 2,
        }
    }
    mended.map_or(Cow::Borrowed(text), Cow::Owned)
}
