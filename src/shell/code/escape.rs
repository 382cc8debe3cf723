//! What stands behind a backslash in a string.

use crate::shell::inner::Language;
use crate::shell::value::HOLE;

/// How many bytes behind the backslash an escape takes, and what it stands for.
pub(super) fn escape(rest: &[u8], language: Language) -> (usize, Vec<u8>) {
    let Some(first) = rest.first().copied() else { return (0, vec![b'\\']) };
    let text = match first {
        b'n' => b"\n".to_vec(),
        b't' => b"\t".to_vec(),
        b'r' => b"\r".to_vec(),
        b'a' if language != Language::JavaScript => b"\x07".to_vec(),
        b'b' => b"\x08".to_vec(),
        b'f' => b"\x0C".to_vec(),
        b'v' => b"\x0B".to_vec(),
        b'e' if language != Language::Python && language != Language::JavaScript => b"\x1B".to_vec(),
        b's' if language == Language::Ruby => b" ".to_vec(),
        b'\n' if language == Language::Perl || language == Language::Php => b"\n".to_vec(),
        b'\n' => Vec::new(),
        b'0'..=b'7' => return octal(rest),
        b'x' => return hexadecimal(rest, 2, language == Language::Python),
        b'u' => return hexadecimal(rest, 4, false),
        b'U' => return hexadecimal(rest, 8, false),
        b'N' if rest.get(1) == Some(&b'{') => {
            let length = rest.iter().position(|byte| *byte == b'}').map_or(rest.len(), |end| end + 1);
            return (length, vec![HOLE]);
        }
        // What is no escape stays in these two.
        other if language == Language::Python && !matches!(other, b'\\' | b'\'' | b'"') => vec![b'\\', other],
        other if language == Language::Php && !matches!(other, b'\\' | b'$' | b'"' | b'`') => {
            vec![b'\\', other]
        }
        other => vec![other],
    };
    (1, text)
}

fn octal(rest: &[u8]) -> (usize, Vec<u8>) {
    let digits = rest.iter().take(3).take_while(|byte| (b'0'..=b'7').contains(byte));
    let (length, value) =
        digits.fold((0, 0_u32), |(length, value), byte| (length + 1, value * 8 + u32::from(byte - b'0')));
    (length, sign(value))
}

/// `xHH`, `uHHHH`, `u{…}`.
fn hexadecimal(rest: &[u8], digits: usize, exact: bool) -> (usize, Vec<u8>) {
    let braced = rest.get(1) == Some(&b'{');
    let from = if braced { 2 } else { 1 };
    let most = if braced { 8 } else { digits };
    let found = rest.iter().skip(from).take(most).take_while(|byte| byte.is_ascii_hexdigit()).count();
    let text = rest.get(from..from + found).and_then(|digits| std::str::from_utf8(digits).ok());
    let value = text.and_then(|text| u32::from_str_radix(text, 16).ok());
    let length = from + found + usize::from(braced && rest.get(from + found) == Some(&b'}'));
    match value {
        Some(_) if exact && found < digits => (length, vec![HOLE]),
        Some(value) => (length, sign(value)),
        None => (1, vec![HOLE]),
    }
}

fn sign(value: u32) -> Vec<u8> {
    char::from_u32(value).map_or_else(|| vec![HOLE], |sign| sign.to_string().into_bytes())
}
