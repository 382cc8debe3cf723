//! Names that a directory has: what they are called is not known, but where they are.

use super::arguments::Arguments;
use super::known::Known;
use super::reader::Reader;
use crate::shell::inner::Language;
use crate::shell::value::HOLE;

/// The names that a call gives. A list with one element stands for all of them.
pub(super) fn of_call(path: &str, arguments: &Arguments, reader: &Reader<'_>) -> Option<Known> {
    let here = Known::text(".");
    let directory = |name| if arguments.is_empty() { Some(&here) } else { arguments.get(0, name) };
    let place = match (reader.language, path) {
        (Language::Python, "glob.glob" | "glob.iglob")
            if arguments.named("root_dir").is_none() && arguments.named("dir_fd").is_none() =>
        {
            each(arguments.get(0, "pathname")?, matching)?
        }
        (Language::Python, "os.listdir" | "posix.listdir") => each(directory("path")?, below)?,
        (Language::Python, "os.walk") => each(arguments.get(0, "top")?, |top| Some(top.to_vec()))?,
        (
            Language::JavaScript,
            "fs.readdirSync"
            | "fs.readdir"
            | "fs.promises.readdir"
            | "fs-extra.readdirSync"
            | "fs-extra.readdir",
        ) => each(arguments.first()?, below)?,
        (Language::JavaScript, "fs.globSync" | "glob.sync" | "glob.globSync")
            if arguments.named("cwd").is_none() =>
        {
            each(arguments.first()?, matching)?
        }
        _ => return None,
    };
    if reader.mentions("chdir") && !place.alternatives().iter().all(super::places::is_rooted) {
        return None;
    }
    if path == "os.walk" {
        let names = || Known::List(vec![Known::hole()]);
        return Some(Known::List(vec![Known::List(vec![place, names(), names()])]));
    }
    Some(Known::List(vec![place]))
}

fn each(value: &Known, of: impl Fn(&[u8]) -> Option<Vec<u8>>) -> Option<Known> {
    let places: Option<Vec<Known>> = value
        .alternatives()
        .iter()
        .map(|value| value.literal().and_then(|text| of(text.as_bytes())).map(Known::text))
        .collect();
    places.map(Known::one_of)
}

/// Something in a directory; in one below this, something below this.
fn below(directory: &[u8]) -> Option<Vec<u8>> {
    let away = directory.starts_with(b"/") || directory.starts_with(b"~") || climbs(directory);
    let place = if away { directory } else { b"." };
    let joint: &[u8] = if place.ends_with(b"/") { b"" } else { b"/" };
    (!directory.is_empty()).then(|| [place, joint, &[HOLE]].concat())
}

/// What a pattern matches: something in the directory that it names before its first sign.
fn matching(pattern: &[u8]) -> Option<Vec<u8>> {
    // Alternatives in braces may be anywhere.
    if pattern.iter().any(|byte| matches!(*byte, b'{' | b'(')) {
        return None;
    }
    let Some(sign) = pattern.iter().position(|byte| matches!(*byte, b'*' | b'?' | b'[')) else {
        return Some(pattern.to_vec());
    };
    let (front, rest) = pattern.split_at_checked(sign)?;
    let directory = front.iter().rposition(|byte| *byte == b'/').and_then(|slash| front.get(..=slash));
    match directory {
        _ if climbs(rest) => None,
        None => below(b"."),
        Some(directory) => below(directory),
    }
}

/// Whether a path may lead up.
pub(super) fn climbs(path: &[u8]) -> bool {
    path.windows(2).any(|signs| signs == b"..")
}
