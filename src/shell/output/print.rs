//! Commands that write their arguments.

use crate::shell::code::literal_print;
use crate::shell::value::{HOLE, HOLES, Value};

/// Both readings of `echo`: bash's, and that of sh and zsh, which undo escapes.
pub(super) fn echo(arguments: &[Value]) -> Vec<Vec<u8>> {
    let mut rest = arguments;
    let (mut newline, mut escapes) = (true, false);
    while let Some((first, after)) = rest.split_first() {
        let flags = first.bytes.strip_prefix(b"-").unwrap_or_default();
        if flags.is_empty() || !flags.iter().all(|flag| b"neE".contains(flag)) {
            break;
        }
        for flag in flags {
            match flag {
                b'n' => newline = false,
                b'e' => escapes = true,
                _ => escapes = false,
            }
        }
        rest = after;
    }
    let words: Vec<&[u8]> = rest.iter().map(|value| value.bytes.as_slice()).collect();
    let mut plain = words.join(&b' ');
    let (mut undone, stopped) = unescape(&plain, true);
    if newline {
        plain.push(b'\n');
        if !stopped {
            undone.push(b'\n');
        }
    }
    if escapes || undone == plain { vec![undone] } else { vec![plain, undone] }
}

/// Text with its escapes undone, and whether `\c` ended it.
fn unescape(text: &[u8], zero: bool) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        let (b'\\', Some(next)) = (*byte, after.first().copied()) else {
            out.push(*byte);
            continue;
        };
        let mut length = 1;
        match next {
            b'n' => out.push(b'\n'),
            b't' => out.push(b'\t'),
            b'r' => out.push(b'\r'),
            b'a' => out.push(7),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'v' => out.push(11),
            b'e' | b'E' => out.push(27),
            b'\\' => out.push(b'\\'),
            b'c' => return (out, true),
            b'"' | b'\'' if !zero => out.push(next),
            // `%b` takes octal digits with and without a nought in front.
            b'0'..=b'7' => {
                let skip = usize::from(zero && next == b'0');
                let (digits, value) = number(after.get(skip..).unwrap_or_default(), 3, 8);
                length = skip + digits;
                out.push(u8::try_from(value & 0xFF).unwrap_or(HOLE));
            }
            b'x' | b'u' | b'U' => {
                let most = match next {
                    b'x' => 2,
                    b'u' => 4,
                    _ => 8,
                };
                let (digits, value) = number(after.get(1..).unwrap_or_default(), most, 16);
                length = 1 + digits;
                match char::from_u32(value) {
                    _ if digits == 0 => out.extend([b'\\', next]),
                    _ if next == b'x' => out.push(u8::try_from(value).unwrap_or(HOLE)),
                    Some(sign) => out.extend(sign.to_string().into_bytes()),
                    None => out.push(HOLE),
                }
            }
            other => out.extend([b'\\', other]),
        }
        rest = after.get(length..).unwrap_or_default();
    }
    (out, false)
}

/// How many digits stand in front, and their number.
fn number(text: &[u8], most: usize, base: u32) -> (usize, u32) {
    let digits = text.iter().take(most).map_while(|byte| char::from(*byte).to_digit(base));
    digits.fold((0, 0), |(count, value), digit| (count + 1, value * base + digit))
}

/// `printf FORMAT …`, the format as often as there are arguments.
pub(super) fn printf(arguments: &[&[u8]]) -> Option<Vec<u8>> {
    let arguments = arguments.strip_prefix(&[&b"--"[..]]).unwrap_or(arguments);
    let (format, mut values) = arguments.split_first()?;
    if format.starts_with(b"-") || format.iter().any(|byte| matches!(*byte, HOLE | HOLES)) {
        return None;
    }
    let mut out = Vec::new();
    loop {
        let before = values.len();
        if once(format, &mut values, &mut out)? || values.is_empty() || values.len() == before {
            return Some(out);
        }
        if out.len() > super::MAX_OUTPUT {
            return None;
        }
    }
}

/// The format once; true where `\c` ends it all.
fn once(format: &[u8], values: &mut &[&[u8]], out: &mut Vec<u8>) -> Option<bool> {
    for (index, piece) in format.split(|byte| *byte == b'%').enumerate() {
        if index == 0 {
            let (text, stopped) = unescape(piece, false);
            out.extend(text);
            if stopped {
                return Some(true);
            }
        }
    }
    let mut rest =
        format.iter().position(|byte| *byte == b'%').and_then(|at| format.get(at..)).unwrap_or_default();
    while let Some((_, after)) = rest.split_first() {
        let length = after.iter().take_while(|byte| b"-+ #0123456789.".contains(byte)).count();
        let kind = *after.get(length)?;
        let plain = length == 0;
        if kind == b'%' {
            out.push(b'%');
        } else {
            let value = values.split_first().map(|(value, left)| {
                *values = left;
                *value
            });
            out.extend(converted(kind, plain, value)?);
        }
        let text = after.get(length + 1..).unwrap_or_default();
        let end = text.iter().position(|byte| *byte == b'%').unwrap_or(text.len());
        let (text, left) = text.split_at(end);
        let (text, stopped) = unescape(text, false);
        out.extend(text);
        if stopped {
            return Some(true);
        }
        rest = left;
    }
    Some(false)
}

fn converted(kind: u8, plain: bool, value: Option<&[u8]>) -> Option<Vec<u8>> {
    let text = value.unwrap_or_default();
    let digits = || std::str::from_utf8(text).ok()?.parse::<i64>().ok();
    Some(match kind {
        _ if !plain => vec![HOLE],
        b's' => text.to_vec(),
        b'b' => unescape(text, true).0,
        b'c' => text.iter().take(1).copied().collect(),
        b'd' | b'i' | b'u' if text.is_empty() => b"0".to_vec(),
        b'd' | b'i' | b'u' => digits().map_or_else(|| vec![HOLE], |number| number.to_string().into_bytes()),
        b'x' => digits().map_or_else(|| vec![HOLE], |number| format!("{number:x}").into_bytes()),
        b'X' => digits().map_or_else(|| vec![HOLE], |number| format!("{number:X}").into_bytes()),
        b'o' => digits().map_or_else(|| vec![HOLE], |number| format!("{number:o}").into_bytes()),
        b'q' | b'f' | b'g' | b'e' => vec![HOLE],
        _ => return None,
    })
}

/// `seq [FIRST [STEP]] LAST`.
pub(super) fn sequence(arguments: &[&[u8]]) -> Option<Vec<u8>> {
    let numbers: Option<Vec<i64>> =
        arguments.iter().map(|number| std::str::from_utf8(number).ok()?.parse().ok()).collect();
    let (first, step, last) = match numbers?.as_slice() {
        [last] => (1, 1, *last),
        [first, last] => (*first, 1, *last),
        [first, step, last] if *step != 0 => (*first, *step, *last),
        _ => return None,
    };
    let mut out = Vec::new();
    let mut number = first;
    while (step > 0 && number <= last) || (step < 0 && number >= last) {
        out.extend(format!("{number}\n").into_bytes());
        if out.len() > super::MAX_OUTPUT {
            return None;
        }
        number = number.checked_add(step)?;
    }
    Some(out)
}

/// `basename` and `dirname` of one path.
pub(super) fn path_part(name: &str, arguments: &[&[u8]]) -> Option<Vec<u8>> {
    let (path, suffix) = match arguments {
        [path] => (*path, None),
        [path, suffix] if name == "basename" => (*path, Some(*suffix)),
        _ => return None,
    };
    if path.starts_with(b"-") || path.iter().any(|byte| matches!(*byte, HOLE | HOLES)) {
        return None;
    }
    let end = path.iter().rposition(|byte| *byte != b'/').map_or(0, |at| at + 1);
    let trimmed = path.get(..end).unwrap_or_default();
    let slash = trimmed.iter().rposition(|byte| *byte == b'/');
    let part = match (name, slash) {
        _ if trimmed.is_empty() && !path.is_empty() => b"/",
        ("basename", Some(slash)) => trimmed.get(slash + 1..)?,
        ("basename", None) => trimmed,
        (_, None) => b".",
        (_, Some(slash)) => match trimmed.get(..slash)? {
            b"" => b"/",
            front => front,
        },
    };
    let cut =
        suffix.and_then(|suffix| part.strip_suffix(suffix)).filter(|cut| !cut.is_empty()).unwrap_or(part);
    Some([cut, b"\n"].concat())
}

/// `python -c "print('…')"` and its like: one literal that is printed.
pub(super) fn interpreted(name: &str, arguments: &[&[u8]]) -> Option<Vec<u8>> {
    let (flag, code) = match arguments {
        [flag, code] => (*flag, *code),
        _ => return None,
    };
    let takes = match name {
        "python" | "python3" => flag == b"-c",
        "php" => flag == b"-r",
        "perl" => matches!(flag, b"-e" | b"-E"),
        _ => flag == b"-e",
    };
    if !takes {
        return None;
    }
    literal_print(code, super::language(name)?)
}
