//! Filters of lines and bytes.

use crate::shell::value::{HOLE, HOLES};

/// What a filter makes of its input. Bytes that are not known pass only through
/// those that look at none.
pub(super) fn filtered(name: &str, arguments: &[&[u8]], input: &[u8]) -> Option<Vec<u8>> {
    if input.iter().any(|byte| matches!(*byte, HOLE | HOLES)) {
        return None;
    }
    match (name, arguments) {
        ("rev", []) => Some(by_line(input, |line| line.iter().rev().copied().collect())),
        ("tac", []) => Some(joined(lines(input).into_iter().rev().map(<[u8]>::to_vec).collect())),
        ("sort", []) => {
            let mut sorted = lines(input);
            sorted.sort_unstable();
            Some(joined(sorted.into_iter().map(<[u8]>::to_vec).collect()))
        }
        ("sort", [b"-u"]) => {
            let mut sorted = lines(input);
            sorted.sort_unstable();
            sorted.dedup();
            Some(joined(sorted.into_iter().map(<[u8]>::to_vec).collect()))
        }
        ("uniq", []) => {
            let mut kept = lines(input);
            kept.dedup();
            Some(joined(kept.into_iter().map(<[u8]>::to_vec).collect()))
        }
        ("tr", arguments) => translated(arguments, input),
        ("head" | "tail", arguments) => ends(name == "head", arguments, input),
        ("cut", arguments) => cut(arguments, input),
        ("sed", [script] | [b"-e", script]) => replaced(script, input),
        _ => None,
    }
}

fn lines(input: &[u8]) -> Vec<&[u8]> {
    let body = input.strip_suffix(b"\n").unwrap_or(input);
    if input.is_empty() { Vec::new() } else { body.split(|byte| *byte == b'\n').collect() }
}

fn joined(lines: Vec<Vec<u8>>) -> Vec<u8> {
    lines.into_iter().flat_map(|line| [line, vec![b'\n']].concat()).collect()
}

fn by_line(input: &[u8], change: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut out = joined(lines(input).into_iter().map(change).collect());
    if !input.ends_with(b"\n") {
        out.pop();
    }
    out
}

fn translated(arguments: &[&[u8]], input: &[u8]) -> Option<Vec<u8>> {
    match arguments {
        [b"-d", set] => {
            let set = members(set)?;
            Some(input.iter().copied().filter(|byte| !set.contains(byte)).collect())
        }
        [b"-s", set] => {
            let set = members(set)?;
            let mut out = input.to_vec();
            out.dedup_by(|next, before| next == before && set.contains(next));
            Some(out)
        }
        [from, to] if !from.starts_with(b"-") => {
            let (from, to) = (members(from)?, members(to)?);
            let last = *to.last()?;
            let of = |byte: &u8| {
                let place = from.iter().rposition(|member| member == byte);
                place.map_or(*byte, |place| to.get(place).copied().unwrap_or(last))
            };
            Some(input.iter().map(of).collect())
        }
        _ => None,
    }
}

/// The bytes of a set of `tr`, in order.
fn members(set: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = set;
    while let Some((first, after)) = rest.split_first() {
        if rest.starts_with(b"[:") {
            let end = rest.windows(2).position(|pair| pair == b":]")?;
            out.extend(class(rest.get(2..end)?)?);
            rest = rest.get(end + 2..)?;
            continue;
        }
        let (start, after) = if *first == b'\\' { escaped(after)? } else { (*first, after) };
        rest = after;
        if let [b'-', last, behind @ ..] = rest {
            if *last < start {
                return None;
            }
            out.extend(start..=*last);
            rest = behind;
        } else {
            out.push(start);
        }
    }
    Some(out)
}

fn escaped(after: &[u8]) -> Option<(u8, &[u8])> {
    let (sign, rest) = after.split_first()?;
    let digits = after.iter().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
    if digits > 0 {
        let value = after.iter().take(digits).fold(0_u32, |value, byte| value * 8 + u32::from(byte - b'0'));
        return Some((u8::try_from(value).ok()?, after.get(digits..)?));
    }
    let byte = match sign {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        other => *other,
    };
    Some((byte, rest))
}

fn class(name: &[u8]) -> Option<Vec<u8>> {
    let holds: fn(&u8) -> bool = match name {
        b"lower" => u8::is_ascii_lowercase,
        b"upper" => u8::is_ascii_uppercase,
        b"digit" => u8::is_ascii_digit,
        b"alpha" => u8::is_ascii_alphabetic,
        b"alnum" => u8::is_ascii_alphanumeric,
        b"space" => |byte| byte.is_ascii_whitespace() || *byte == 11,
        b"punct" => u8::is_ascii_punctuation,
        _ => return None,
    };
    Some((0..=127).filter(holds).collect())
}

/// `head` and `tail` with `-n N`, `-N` and `-c N`.
fn ends(head: bool, arguments: &[&[u8]], input: &[u8]) -> Option<Vec<u8>> {
    let (bytes, count) = match arguments {
        [] => (false, &b"10"[..]),
        [b"-n", count] => (false, *count),
        [b"-c", count] => (true, *count),
        [flag] if flag.starts_with(b"-n") => (false, flag.get(2..)?),
        [flag] if flag.starts_with(b"-c") => (true, flag.get(2..)?),
        [flag] => (false, flag.strip_prefix(b"-")?),
        _ => return None,
    };
    let from = if head { None } else { count.strip_prefix(b"+") };
    let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse::<usize>().ok();
    let pieces: Vec<&[u8]> = if bytes {
        input.chunks(1).collect()
    } else {
        input.split_inclusive(|byte| *byte == b'\n').collect()
    };
    let kept = match from {
        Some(from) => pieces.get(number(from)?.saturating_sub(1).min(pieces.len())..)?,
        None if count.starts_with(b"+") => return None,
        None => {
            let count = number(count)?.min(pieces.len());
            if head { pieces.get(..count)? } else { pieces.get(pieces.len() - count..)? }
        }
    };
    Some(kept.concat())
}

/// `cut -c LIST` and `cut -d X -f LIST`.
fn cut(arguments: &[&[u8]], input: &[u8]) -> Option<Vec<u8>> {
    let mut delimiter = b'\t';
    let mut fields = None;
    let mut signs = None;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let flag = argument.get(..2)?;
        let value: &[u8] = if argument.len() > 2 { argument.get(2..)? } else { rest.next()? };
        match flag {
            b"-d" => delimiter = *value.first().filter(|_| value.len() == 1)?,
            b"-f" => fields = Some(ranges(value)?),
            b"-c" | b"-b" => signs = Some(ranges(value)?),
            _ => return None,
        }
    }
    let chosen = |ranges: &[(usize, usize)], place: usize| {
        ranges.iter().any(|(from, to)| (*from..=*to).contains(&(place + 1)))
    };
    let pick = |line: &[u8]| -> Vec<u8> {
        if let Some(ranges) = &signs {
            return line
                .iter()
                .enumerate()
                .filter(|(place, _)| chosen(ranges, *place))
                .map(|(_, byte)| *byte)
                .collect();
        }
        if !line.contains(&delimiter) {
            return line.to_vec();
        }
        let ranges = fields.as_deref().unwrap_or_default();
        let parts = line.split(|byte| *byte == delimiter).enumerate();
        let kept: Vec<&[u8]> =
            parts.filter(|(place, _)| chosen(ranges, *place)).map(|(_, part)| part).collect();
        kept.join(&delimiter)
    };
    (fields.is_some() != signs.is_some()).then(|| joined(lines(input).into_iter().map(pick).collect()))
}

fn ranges(list: &[u8]) -> Option<Vec<(usize, usize)>> {
    let text = std::str::from_utf8(list).ok()?;
    let parts: Vec<&str> = text.split(',').collect();
    if parts.len() > 64 {
        return None;
    }
    let range = |part: &str| match part.split_once('-') {
        None => part.parse().ok().map(|place| (place, place)),
        Some(("", to)) => Some((1, to.parse().ok()?)),
        Some((from, "")) => Some((from.parse().ok()?, usize::MAX)),
        Some((from, to)) => Some((from.parse().ok()?, to.parse().ok()?)),
    };
    parts.into_iter().map(range).collect()
}

/// `s/a/b/` and `s/a/b/g` without patterns.
fn replaced(script: &[u8], input: &[u8]) -> Option<Vec<u8>> {
    let body = script.strip_prefix(b"s")?;
    let delimiter = *body.first()?;
    let parts: Vec<&[u8]> = body.get(1..)?.split(|byte| *byte == delimiter).collect();
    let [from, to, flags] = parts.as_slice() else { return None };
    let plain = |text: &[u8]| !text.iter().any(|byte| b"\\.*[]^$&+?(){}|\n".contains(byte));
    if from.is_empty() || !plain(from) || !plain(to) || !matches!(*flags, b"" | b"g") {
        return None;
    }
    let change = |line: &[u8]| {
        let mut out = Vec::new();
        let mut rest = line;
        while let Some(at) = rest.windows(from.len()).position(|found| found == *from) {
            out.extend_from_slice(rest.get(..at).unwrap_or_default());
            out.extend_from_slice(to);
            rest = rest.get(at + from.len()..).unwrap_or_default();
            if flags.is_empty() {
                break;
            }
        }
        out.extend_from_slice(rest);
        out
    };
    Some(by_line(input, change))
}
