//! The part of a script that a shell reads before it is done with it: behind it may
//! stand another language, or an archive.

use super::{Dialect, Reader, Script, Shared};
use crate::shell::syntax::{Item, Join, Kind};

/// How many lines are tried: each is read from the beginning.
const TRIES: usize = 32;

/// The script up to a command that always ends it, where there is one in front of what
/// cannot be read.
pub(super) fn part(text: &[u8], dialect: Dialect) -> Option<Script> {
    let fuel = text.len().saturating_mul(8).saturating_add(4096);
    let mut from = 0;
    let mut tries = TRIES;
    while let Some(length) = text.get(from..)?.iter().position(|byte| *byte == b'\n') {
        let end = from + length + 1;
        if ends(text.get(from..end)?) && !may_stay(text.get(..end)?) {
            tries = tries.checked_sub(1)?;
            let mut shared = Shared::new(fuel, true, dialect);
            let script = Reader::read(text.get(..end)?, 0, &mut shared, super::whole).ok();
            // Not within an `if` or a function, and no part of a longer line.
            if let Some(script) = script.filter(|script| script.items.last().is_some_and(leaves)) {
                return Some(script);
            }
        }
        from = end;
    }
    None
}

/// Whether a line may begin with such a command.
fn ends(line: &[u8]) -> bool {
    let line = unquoted(line.trim_ascii_start());
    line.starts_with(b"exec") || line.starts_with(b"exit")
}

/// Whether `exit` and `exec` may be something else by then, or come back.
fn may_stay(text: &[u8]) -> bool {
    const WAYS: [&[u8]; 7] = [b"alias", b"execfail", b"enable", b"eval", b"function", b"source", b"\n. "];
    let holds = |way: &[u8]| text.windows(way.len()).any(|window| window == way);
    // `exit () { …; }`
    let is_defined = |name: &[u8]| {
        let places = text.windows(name.len()).enumerate().filter(|(_, window)| *window == name);
        let mut behind = places.filter_map(|(at, _)| text.get(at + name.len()..));
        behind.any(|rest| rest.trim_ascii_start().starts_with(b"("))
    };
    WAYS.into_iter().any(holds) || is_defined(b"exit") || is_defined(b"exec")
}

/// A word without quotes: Python's launchers begin with `'''exec' python "$0"`.
fn unquoted(word: &[u8]) -> Vec<u8> {
    word.iter().copied().filter(|byte| !matches!(byte, b'\'' | b'"')).collect()
}

/// Whether nothing behind this is run, or read.
fn leaves(item: &Item) -> bool {
    let [stage] = item.pipeline.stages.as_slice() else { return false };
    let Kind::Simple { words, .. } = &stage.kind else { return false };
    if item.join != Join::Then || item.background {
        return false;
    }
    match words.as_slice() {
        [program, rest @ ..] => match unquoted(&program.source).as_slice() {
            b"exit" => true,
            // Without a program it moves the shell's own streams.
            b"exec" => rest.first().is_some_and(|behind| !behind.source.starts_with(b"-")),
            _ => false,
        },
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::parse::parse_script;

    #[test]
    fn what_stands_behind_the_end_is_not_read() {
        let read = [
            "#!/bin/sh\nexec tclsh \"$0\" ${1+\"$@\"}\nif {$x} { puts }\n",
            "#!/bin/sh\n'''exec' /opt/python \"$0\" \"$@\"\n' '''\nmain(\"x\")\n",
            "unzip -q \"$0\"\nexit 0\nPK\0\x01(((\n",
        ];
        for text in read {
            assert!(parse_script(text.as_bytes(), Dialect::Sh).is_ok(), "{text}");
        }
        let broken = [
            "if x; then\nexit\n",
            "exec 3>log\n(((\n",
            "a && exit\n(((\n",
            "exit &\n(((\n",
            "f() {\nexit\n",
            "exit () { :; }\nexit 0\n(((\n",
            "alias exit=:\nexit\n(((\n",
            "shopt -s execfail\nexec x\n(((\n",
        ];
        for text in broken {
            assert!(parse_script(text.as_bytes(), Dialect::Sh).is_err(), "{text}");
        }
    }

    #[test]
    fn a_shell_that_is_known_is_read_by_its_own_grammar() {
        let bash = [
            "x=\"${x//'\\\"\\\"'/}\"",
            "echo \"${x//'\"\"'/}\"",
            "echo >!x",
            "for x in a; do </dev/null time x; done",
            "echo $'\\cA'",
        ];
        for text in bash {
            assert!(parse_script(text.as_bytes(), Dialect::Bash).is_ok(), "{text}");
        }
        let zsh = ["[[ $x == (a|b)* ]]", "echo >!x", "echo ${(j:,:)x} ${(s.'.)x}"];
        for text in zsh {
            assert!(parse_script(text.as_bytes(), Dialect::Zsh).is_ok(), "{text}");
        }
        // Which shell runs it is not known: a line is read as all of them do.
        assert!(crate::shell::parse::parse(b"echo >!x").is_err());
    }
}
