//! What a command writes to standard output, where its arguments and its standard
//! input say it for certain.
//!
//! `echo … | base64 -d | sh` runs text that stands in no word. Where shells
//! differ, every reading is given.

mod codec;
mod print;
mod text;

#[cfg(test)]
mod tests;

pub(crate) use codec::{decode_base64, decode_hex};

use super::inner::Language;
use super::value::{HOLE, HOLES, Value};

/// The longest output that is followed, in bytes.
const MAX_OUTPUT: usize = super::MAX_LENGTH;

/// All that the command may write, given what it reads; none where it is not known.
/// Parts that are not known are [`HOLE`] and [`HOLES`].
pub fn outputs(words: &[Value], input: Option<&[u8]>) -> Vec<Vec<u8>> {
    let Some((program, arguments)) = words.split_first() else { return Vec::new() };
    let Some(path) = program.text() else { return Vec::new() };
    let name = path.rsplit('/').next().unwrap_or(path);
    if name == "echo" {
        return within_limit(print::echo(arguments));
    }
    let arguments: Vec<&[u8]> = arguments.iter().map(|value| value.bytes.as_slice()).collect();
    within_limit(one(name, &arguments, input).into_iter().collect())
}

fn within_limit(mut outputs: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    outputs.retain(|output| output.len() <= MAX_OUTPUT);
    outputs
}

fn one(name: &str, arguments: &[&[u8]], input: Option<&[u8]>) -> Option<Vec<u8>> {
    match name {
        "printf" => print::printf(arguments),
        "true" | ":" | "false" => Some(Vec::new()),
        "cat" | "tee" | "gunzip" | "zcat" | "gzip" | "pigz" | "gzcat" | "zlib-flate" => {
            passed(name, arguments, input)
        }
        "base64" | "gbase64" | "base32" | "xxd" | "openssl" | "basenc" => {
            codec::coded(name, arguments, input?)
        }
        "rev" | "tac" | "tr" | "head" | "tail" | "cut" | "sed" | "sort" | "uniq" => {
            text::filtered(name, arguments, input?)
        }
        "seq" => print::sequence(arguments),
        "basename" | "dirname" => print::path_part(name, arguments),
        "command" | "which" | "type" => match (name, arguments) {
            ("command", [b"-v", found]) | ("which", [found]) | ("type", [b"-p" | b"-P", found]) => {
                Some([*found, b"\n"].concat())
            }
            _ => None,
        },
        "mktemp" => Some(vec![b'/', b't', b'm', b'p', b'/', HOLE, b'\n']),
        "whoami" | "hostname" | "nproc" | "logname" | "arch" if arguments.is_empty() => {
            Some(vec![HOLE, b'\n'])
        }
        "date" | "id" | "uname" => Some(vec![HOLES, b'\n']),
        "git" if arguments == [&b"rev-parse"[..], b"--show-toplevel"] => Some(vec![HOLE, b'\n']),
        "python" | "python3" | "perl" | "node" | "ruby" | "php" => print::interpreted(name, arguments),
        _ => None,
    }
}

/// Programs that pass on what they read, or unpack it.
fn passed(name: &str, arguments: &[&[u8]], input: Option<&[u8]>) -> Option<Vec<u8>> {
    let is_flag = |argument: &&&[u8]| argument.starts_with(b"-") && argument.len() > 1;
    let flags: Vec<&[u8]> = arguments.iter().filter(is_flag).copied().collect();
    let files: Vec<&[u8]> = arguments.iter().filter(|argument| !is_flag(argument)).copied().collect();
    let reads_input = files.iter().all(|file| *file == b"-" || *file == b"/dev/stdin");
    let input = input?;
    match name {
        "tee" => Some(input.to_vec()),
        "cat" if flags.iter().all(|flag| matches!(*flag, b"-u" | b"--")) && reads_input => {
            Some(input.to_vec())
        }
        "gzip" | "pigz" => {
            let unpacks = flags
                .iter()
                .any(|flag| flag.contains(&b'd') && (!flag.starts_with(b"--") || *flag == b"--decompress"));
            (unpacks && reads_input).then(|| codec::unpack(input)).flatten()
        }
        "gunzip" | "zcat" | "gzcat" if reads_input => codec::unpack(input),
        "zlib-flate" if flags == [&b"-uncompress"[..]] => codec::unpack(input),
        _ => None,
    }
}

/// The language that an interpreter of this name reads.
fn language(name: &str) -> Option<Language> {
    Some(match name {
        "python" | "python3" => Language::Python,
        "perl" => Language::Perl,
        "ruby" => Language::Ruby,
        "node" => Language::JavaScript,
        "php" => Language::Php,
        _ => return None,
    })
}
