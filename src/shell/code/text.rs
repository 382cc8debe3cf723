//! What programs do with text and lists before they run it.

use super::arguments::Arguments;
use super::call::last;
use super::known::{Known, is_known};
use crate::shell::inner::Language;
use crate::shell::value::{HOLE, HOLES};

/// The words between white space.
pub(super) fn split(value: &Known) -> Known {
    let Known::Text(text) = value else { return Known::Unknown };
    let words = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    Known::List(words.map(Known::text).collect())
}

/// The words of shell text.
fn shell_split(value: &Known) -> Known {
    let Known::Text(text) = value else { return Known::Unknown };
    let words = std::str::from_utf8(text).ok().and_then(|text| shell_words::split(text).ok());
    words.map_or_else(|| split(value), |words| Known::List(words.into_iter().map(Known::text).collect()))
}

/// The texts with `between` between each two.
pub(super) fn join(items: &[Known], between: &[u8]) -> Known {
    let mut text = Vec::new();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.extend_from_slice(between);
        }
        match item {
            Known::Spread(_) => text.push(HOLES),
            Known::Choice(_) => text.push(HOLE),
            other => text.extend(other.as_text()),
        }
    }
    Known::short(text)
}

/// `"%s …" % values`.
pub(super) fn percent(format: &Known, values: &[Known]) -> Known {
    let Known::Text(format) = format else { return Known::Unknown };
    let mut out = Vec::new();
    let mut values = values.iter();
    let mut bytes = format.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut kind = bytes.next();
        let plain = kind == Some(b's') || kind == Some(b'd');
        if kind == Some(b'(') {
            bytes.by_ref().find(|byte| *byte == b')');
            kind = Some(b'(');
        }
        while kind.is_some_and(|kind| !kind.is_ascii_alphabetic() && kind != b'%') {
            kind = bytes.next();
        }
        if let Some(b'%') = kind {
            out.push(b'%');
        } else {
            let value = values.next().map_or_else(|| vec![HOLE], Known::as_text);
            out.extend(if plain { value } else { vec![HOLE] });
        }
    }
    Known::short(out)
}

/// `"{} {name}".format(…)`.
fn format(text: &[u8], arguments: &Arguments) -> Known {
    let mut out = Vec::new();
    let mut next = 0;
    let mut rest = text;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte != b'{' && *byte != b'}' {
            out.push(*byte);
            continue;
        }
        if rest.first() == Some(byte) {
            out.push(*byte);
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let end = rest.iter().position(|byte| *byte == b'}').unwrap_or(rest.len());
        let field = rest.get(..end).and_then(|field| std::str::from_utf8(field).ok()).unwrap_or("?");
        rest = rest.get(end + 1..).unwrap_or_default();
        let name = field.split([':', '!', '.', '[']).next().unwrap_or_default();
        let value = if name.is_empty() {
            next += 1;
            arguments.at(next - 1)
        } else if let Ok(index) = name.parse::<usize>() {
            arguments.at(index)
        } else {
            arguments.named(name)
        };
        let exact = name.len() == field.len();
        out.extend(value.filter(|_| exact).map_or_else(|| vec![HOLE], Known::as_text));
    }
    Known::short(out)
}

/// What a method of a text or a list gives.
pub(super) fn method(value: &Known, name: &str, arguments: &Arguments) -> Known {
    match value {
        Known::Text(text) => of_text(text, value, name, arguments),
        Known::List(items) => match name {
            "join" => {
                let between = arguments.first().map_or_else(|| b",".to_vec(), Known::as_text);
                join(items, if arguments.is_empty() { b"" } else { &between })
            }
            "concat" => arguments.unnamed().fold(value.clone(), |list, more| list.concat(more)),
            "each" | "forEach" | "map" | "copy" | "to_a" | "freeze" | "flatten" | "slice"
            | "each_with_index" | "filter" | "select" | "compact" | "flat_map" | "flatMap" | "values"
            | "entries" => value.clone(),
            "first" => items.first().cloned().unwrap_or(Known::Unknown),
            _ => Known::Unknown,
        },
        _ => Known::Unknown,
    }
}

fn of_text(text: &[u8], value: &Known, name: &str, arguments: &Arguments) -> Known {
    let first = arguments.first();
    match name {
        "split" => match first {
            None => split(value),
            Some(separator) => separator.literal().map_or(Known::Unknown, |separator| {
                if separator == " " { split(value) } else { pieces(text, separator.as_bytes()) }
            }),
        },
        "shellsplit" => shell_split(value),
        "join" => match first {
            Some(Known::List(items)) => join(items, text),
            _ => Known::hole(),
        },
        "format" => format(text, arguments),
        "strip" | "trim" | "rstrip" | "lstrip" | "chomp" | "chop" | "trimEnd" | "trimStart" | "squish" => {
            if arguments.is_empty() {
                Known::text(text.trim_ascii())
            } else {
                Known::hole()
            }
        }
        "encode" | "decode" | "toString" | "to_s" | "freeze" | "dup" | "as_posix" | "resolve"
        | "absolute" | "expanduser" | "valueOf" | "b" | "force_encoding" | "raw" | "dedent" | "to_str"
        | "read" => {
            if is_codec(first) {
                Known::hole()
            } else {
                value.clone()
            }
        }
        "lower" | "toLowerCase" | "downcase" => Known::text(text.to_ascii_lowercase()),
        "upper" | "toUpperCase" | "upcase" => Known::text(text.to_ascii_uppercase()),
        "concat" => arguments.unnamed().fold(value.clone(), |text, more| text.concat(more)),
        "replace" | "replaceAll" | "gsub" | "sub" => {
            match (first.and_then(Known::literal), arguments.at(1)) {
                (Some(from), Some(to)) if is_known(text) && !from.is_empty() => {
                    replace(text, from.as_bytes(), &to.as_text())
                }
                _ => Known::hole(),
            }
        }
        "reverse" => Known::text(text.iter().rev().copied().collect::<Vec<u8>>()),
        "unpack1" if first.and_then(Known::literal).is_some_and(|format| format.starts_with('m')) => {
            base64(value)
        }
        // A pattern may lead up.
        "glob" | "rglob"
            if first.is_some_and(|pattern| {
                pattern.literal().is_none_or(|text| super::listing::climbs(text.as_bytes()))
            }) =>
        {
            Known::hole()
        }
        "glob" | "iterdir" | "rglob" | "children" | "each_child" => {
            super::places::join(&[value.clone(), Known::hole()], false)
        }
        "joinpath" => {
            let parts: Vec<Known> = std::iter::once(value).chain(arguments.unnamed()).cloned().collect();
            super::places::join(&parts, true)
        }
        "parent" => Known::hole(),
        _ => Known::Unknown,
    }
}

fn is_codec(value: Option<&Known>) -> bool {
    value
        .and_then(Known::literal)
        .is_some_and(|name| !name.to_ascii_lowercase().starts_with("utf") && name != "ascii")
}

fn pieces(text: &[u8], separator: &[u8]) -> Known {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = (!separator.is_empty())
        .then(|| rest.windows(separator.len()).position(|found| found == separator))
        .flatten()
    {
        pieces.push(Known::text(rest.get(..at).unwrap_or_default()));
        rest = rest.get(at + separator.len()..).unwrap_or_default();
    }
    pieces.push(Known::text(rest));
    Known::List(pieces)
}

fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Known {
    let Known::List(pieces) = pieces(text, from) else { return Known::hole() };
    if pieces.len().saturating_mul(to.len()) > super::super::MAX_LENGTH {
        return Known::hole();
    }
    join(&pieces, to)
}

/// What a function of a library gives, where it is text, a list or a module.
pub(super) fn function(path: &str, arguments: &Arguments, language: Language) -> Option<Known> {
    let first = arguments.first();
    let value = || first.cloned().unwrap_or(Known::Unknown);
    match path {
        "getattr" | "Reflect.get" => Some(match (first, arguments.at(1)) {
            (Some(Known::Path(path)), Some(name)) => {
                Known::Path(format!("{path}.{}", name.literal().unwrap_or("?")))
            }
            _ => Known::Unknown,
        }),
        "text" | "sqlalchemy.text" | "vars" | "promisify" | "util.promisify" | "compile" | "str"
        | "bytes" | "String" | "bytearray" | "repr" | "list" | "tuple" | "textwrap.dedent"
        | "decodeURIComponent" | "sorted" | "reversed" | "set" | "Array.from" | "Object.freeze"
        | "os.fspath" | "os.path.expanduser" | "os.path.abspath" | "os.path.realpath" | "os.fsencode"
        | "os.fsdecode" | "iter" | "escapeshellcmd" | "File.expand_path" | "trim" => Some(value()),
        "strrev" => Some(value().map(|value| method(value, "reverse", &Arguments::default()))),
        "shlex.split" | "Shellwords.split" | "Shellwords.shellwords" | "Shellwords.shellsplit" => {
            Some(value().map(shell_split))
        }
        "shlex.join" | "Shellwords.join" => match first {
            Some(Known::List(items)) => Some(join(items, b" ")),
            _ => Some(Known::hole()),
        },
        "shlex.quote" | "pipes.quote" | "escapeshellarg" | "Shellwords.escape" => {
            Some(value().map(|value| {
                let plain = value.literal().is_some_and(|text| {
                    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:=@,".contains(&byte))
                });
                if plain { value.clone() } else { Known::hole() }
            }))
        }
        "os.path.join" | "path.join" | "path.resolve" | "File.join" | "Path" | "pathlib.Path"
        | "PosixPath" | "pathlib.PosixPath" | "Pathname.new" | "Pathname" | "posixpath.join" => {
            let items: Vec<Known> = arguments.unnamed().cloned().collect();
            Some(super::places::join(&items, !matches!(path, "path.join" | "File.join")))
        }
        "implode" | "join" if language != Language::JavaScript => {
            let items: Vec<Known> = arguments.unnamed().skip(1).cloned().collect();
            let between = first.map_or_else(Vec::new, Known::as_text);
            Some(match items.as_slice() {
                [Known::List(items)] => join(items, &between),
                items => join(items, &between),
            })
        }
        "sprintf" | "format" if language != Language::Python => {
            let values: Vec<Known> = arguments.unnamed().skip(1).cloned().collect();
            Some(value().map(|value| percent(value, &values)))
        }
        "String.fromCharCode" | "chr" => Some(characters(arguments)),
        "explode" => Some(arguments.at(1).map_or(Known::Unknown, |text| {
            let separator = first.and_then(Known::literal).unwrap_or(" ");
            text.map(|text| pieces(&text.as_text(), separator.as_bytes()))
        })),
        "array" => Some(arguments.list_from(0)),
        _ => module(path, arguments, language).or_else(|| decoded(path, arguments, language)),
    }
}

/// The module that a function loads.
fn module(path: &str, arguments: &Arguments, language: Language) -> Option<Known> {
    let loads = matches!(
        path,
        "__import__"
            | "importlib.import_module"
            | "import_module"
            | "require"
            | "import"
            | "createRequire().require"
    );
    let name = arguments.first().and_then(Known::literal).map(|name| match language {
        Language::JavaScript => super::javascript::module(name),
        _ => name.to_owned(),
    });
    loads.then(|| Known::Path(name.unwrap_or_else(|| "?".to_owned())))
}

/// What a function gives that undoes an encoding.
fn decoded(path: &str, arguments: &Arguments, language: Language) -> Option<Known> {
    let value = || arguments.first().cloned().unwrap_or(Known::Unknown);
    match path {
        "base64.b64decode"
        | "binascii.a2b_base64"
        | "b64decode"
        | "atob"
        | "base64_decode"
        | "decode_base64"
        | "MIME.Base64.decode_base64"
        | "Base64.decode64"
        | "Base64.strict_decode64"
        | "base64.standard_b64decode"
        | "base64.decodebytes"
        | "base64.urlsafe_b64decode"
        | "Base64.urlsafe_decode64" => Some(value().map(base64)),
        "Buffer.from" | "Buffer" => Some(match arguments.at(1).and_then(Known::literal) {
            Some("base64" | "base64url") => value().map(base64),
            Some("hex") => value().map(hex),
            _ => value(),
        }),
        "bytes.fromhex" | "bytearray.fromhex" | "binascii.unhexlify" | "binascii.a2b_hex" | "hex2bin" => {
            Some(value().map(hex))
        }
        _ if last(path) == "b64decode" && language == Language::Python => Some(value().map(base64)),
        _ => None,
    }
}

fn characters(arguments: &Arguments) -> Known {
    let mut text = String::new();
    for value in arguments.unnamed() {
        let sign = value.literal().and_then(|digits| digits.parse::<u32>().ok()).and_then(char::from_u32);
        let Some(sign) = sign else { return Known::hole() };
        text.push(sign);
    }
    Known::text(text)
}

/// The bytes that base64 stands for.
fn base64(value: &Known) -> Known {
    let Known::Text(text) = value else { return Known::hole() };
    crate::shell::output::decode_base64(text).map_or_else(Known::hole, Known::short)
}

fn hex(value: &Known) -> Known {
    let Known::Text(text) = value else { return Known::hole() };
    crate::shell::output::decode_hex(text).map_or_else(Known::hole, Known::short)
}
