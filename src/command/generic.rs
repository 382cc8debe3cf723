//! Tools that a rulebook names without a grammar of their own here.
//!
//! Nothing is known about which flags take a value, so a flag before the
//! command leaves open which word the command is: the result is then
//! [`Command::uncertain`] and rules assume the worst reading.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;

use super::{Command, Flag};

/// Parses by convention only: words before the first flag are the command,
/// `--name=value` and `-x` are flags, everything after `--` is an operand.
pub fn parse(tool: &str, arguments: &[OsString]) -> Command {
    let mut command = Command { conventional: true, ..Command::unread(tool, arguments.to_vec()) };
    let mut rest = arguments.iter();
    let mut flags_may_be_over = false;
    for argument in rest.by_ref() {
        let bytes = argument.as_bytes();
        if bytes == b"--" {
            if !command.uncertain {
                break;
            }
            // It may be the value of the flag before it: what follows is then
            // read as if there were none, and as an operand too.
            flags_may_be_over = true;
        }
        if flags_may_be_over {
            command.operands.push(argument.clone());
        }
        if bytes.len() > 1 && bytes.starts_with(b"-") {
            let (name, value) = split_value(bytes);
            command.flags.push(Flag {
                name: String::from_utf8_lossy(name).into_owned(),
                value: value.map(|value| std::ffi::OsStr::from_bytes(value).to_owned()),
            });
            command.uncertain = true;
        } else if !flags_may_be_over {
            // Until a flag has been seen the words are surely the command.
            if !command.uncertain {
                command.path.push(argument.to_string_lossy().into_owned());
            }
            command.operands.push(argument.clone());
        }
    }
    command.operands.extend(rest.cloned());
    command
}

/// Splits `--name=value` at the first equals sign.
pub(super) fn split_value(bytes: &[u8]) -> (&[u8], Option<&[u8]>) {
    match bytes.iter().position(|byte| *byte == b'=') {
        Some(at) => (bytes.get(..at).unwrap_or(bytes), bytes.get(at + 1..)),
        None => (bytes, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn leading_words_are_the_command() {
        let command = parse("dropdb", &words("cluster delete --name=x y"));
        assert_eq!(command.path, ["cluster", "delete"]);
        assert!(command.uncertain, "`y` may belong to the flag");
        assert_eq!(command.flag("--name"), Some(Some("x".as_ref())));
    }

    #[test]
    fn dashes_behind_a_flag_may_be_its_value() {
        let command = parse("curl", &words("-H -- -X DELETE http://x"));
        assert!(command.flags.iter().any(|flag| flag.name == "-X"));
        let command = parse("tool", &words("run -- -x y"));
        assert_eq!((command.flags.len(), command.operands.len()), (0, 3));
    }

    #[test]
    fn a_flag_first_leaves_the_command_open() {
        let command = parse("dropdb", &words("--context a delete"));
        assert!(command.path.is_empty());
        assert!(command.uncertain);
        assert_eq!(command.operands, ["a", "delete"]);
    }
}
