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
        if ends(text.get(from..end)?) {
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
    let line = line.trim_ascii_start();
    line.starts_with(b"exec") || line.starts_with(b"exit")
}

/// Whether nothing behind this is run, or read.
fn leaves(item: &Item) -> bool {
    let [stage] = item.pipeline.stages.as_slice() else { return false };
    let Kind::Simple { words, .. } = &stage.kind else { return false };
    let certain = item.join == Join::Then && !item.background;
    certain
        && match words.as_slice() {
            [program] => program.source == b"exit",
            [program, behind, ..] => {
                program.source == b"exit" || program.source == b"exec" && !behind.source.starts_with(b"-")
            }
            [] => false,
        }
}
