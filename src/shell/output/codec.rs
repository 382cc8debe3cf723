//! Encodings and compression.

use std::io::Read as _;

use super::MAX_OUTPUT;
use crate::shell::value::{HOLE, HOLES};

/// What `base64`, `base32`, `xxd` and `openssl` make of their input.
pub(super) fn coded(name: &str, arguments: &[&[u8]], input: &[u8]) -> Option<Vec<u8>> {
    if input.iter().any(|byte| matches!(*byte, HOLE | HOLES)) {
        return None;
    }
    let has = |flags: &[&[u8]]| arguments.iter().any(|argument| flags.contains(argument));
    let decodes = has(&[b"-d", b"-D", b"--decode", b"-di", b"-id"]);
    // A file as an operand is read in place of the input.
    let mut operands = arguments.iter().enumerate().filter(|(index, argument)| {
        let value = index.checked_sub(1).and_then(|before| arguments.get(before));
        let of_flag = value.is_some_and(|flag| matches!(*flag, b"-w" | b"--wrap" | b"-c" | b"-l" | b"-s"));
        !(argument.starts_with(b"-") || of_flag)
    });
    match name {
        "base64" | "gbase64" | "basenc" if operands.next().is_none() => {
            if decodes {
                return decode_base64(input);
            }
            let plain = has(&[b"-w0", b"--wrap=0"]) || arguments == [&b"-w"[..], b"0"];
            Some(encode_base64(input, if plain { None } else { Some(76) }))
        }
        "base32" if decodes && operands.next().is_none() => decode_base32(input),
        "xxd" if operands.next().is_none() => {
            let reverse = arguments.iter().any(|flag| flag.starts_with(b"-r"));
            let plain = has(&[b"-p", b"-ps", b"-plain", b"-rp"]) || has(&[b"-r -p"]);
            match (reverse, plain) {
                (true, true) => decode_hex(input),
                (false, true) => Some(encode_hex(input)),
                _ => None,
            }
        }
        "openssl" => {
            let base64 = arguments.first() == Some(&&b"base64"[..]) || has(&[b"-base64", b"-a"]);
            let plain = arguments
                .iter()
                .all(|argument| matches!(*argument, b"base64" | b"enc" | b"-d" | b"-base64" | b"-a" | b"-A"));
            match (base64 && plain, decodes) {
                (true, true) => decode_base64(input),
                (true, false) => Some(encode_base64(input, if has(&[b"-A"]) { None } else { Some(64) })),
                _ => None,
            }
        }
        _ => None,
    }
}

/// What gzip or zlib packed, up to the limit.
pub(super) fn unpack(input: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let limit = u64::try_from(MAX_OUTPUT).ok()? + 1;
    let read = if input.starts_with(&[0x1F, 0x8B]) {
        flate2::read::MultiGzDecoder::new(input).take(limit).read_to_end(&mut out)
    } else {
        flate2::read::ZlibDecoder::new(input).take(limit).read_to_end(&mut out)
    };
    (read.is_ok() && out.len() <= MAX_OUTPUT).then_some(out)
}

/// The bytes of base64, line ends and padding left out.
pub(crate) fn decode_base64(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    decode(text, 6, digit)
}

fn decode_base32(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'2'..=b'7' => Some(byte - b'2' + 26),
        _ => None,
    };
    decode(text, 5, digit)
}

fn decode(text: &[u8], width: u32, digit: impl Fn(u8) -> Option<u8>) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bits = 0_u32;
    let mut count = 0;
    for byte in text {
        if matches!(*byte, b'=' | b'\n' | b'\r' | b' ' | b'\t') {
            continue;
        }
        bits = (bits << width) | u32::from(digit(*byte)?);
        count += width;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from((bits >> count) & 0xFF).ok()?);
            bits &= (1 << count) - 1;
        }
    }
    Some(out)
}

fn encode_base64(bytes: &[u8], wrap: Option<usize>) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::new();
    for chunk in bytes.chunks(3) {
        let value = (0..3).fold(0_usize, |value, index| {
            (value << 8) | chunk.get(index).map_or(0, |byte| usize::from(*byte))
        });
        for place in 0..4 {
            let digit = DIGITS.get((value >> (18 - 6 * place)) & 63).copied().unwrap_or(b'=');
            out.push(if place <= chunk.len() { digit } else { b'=' });
        }
    }
    let Some(wrap) = wrap else { return out };
    let mut lines = out.chunks(wrap).collect::<Vec<_>>().join(&b'\n');
    if !lines.is_empty() {
        lines.push(b'\n');
    }
    lines
}

/// The bytes of hexadecimal digits, white space left out.
pub(crate) fn decode_hex(text: &[u8]) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text
        .iter()
        .filter(|byte| !byte.is_ascii_whitespace())
        .map(|byte| char::from(*byte).to_digit(16))
        .collect();
    digits?.chunks_exact(2).map(|pair| u8::try_from(pair.first()? * 16 + pair.get(1)?).ok()).collect()
}

fn encode_hex(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for line in bytes.chunks(30) {
        out.extend(line.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()));
        out.push(b'\n');
    }
    out
}
