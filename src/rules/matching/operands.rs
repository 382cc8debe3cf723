//! Conditions on operands, on the objects that they name, and on the fields
//! that a body sets.

use std::ffi::OsString;

use super::Sense;
use super::values::{os_value_holds, value_holds};
use crate::command::Command;
use crate::rules::schema::{NumberMatch, OperandMatch, ValueMatch};

/// Whether the operands are like this.
pub(super) fn operands_hold(condition: &OperandMatch, command: &Command, sense: Sense) -> bool {
    let OperandMatch { count, any, all, last, kind } = condition;
    let words = Words::of(command);
    count.is_none_or(|count| numbers_hold(count, words.surely.len(), words.operands.len(), sense))
        && any.as_ref().is_none_or(|value| words.any(value, sense))
        && all.as_ref().is_none_or(|value| words.all(value, sense))
        && last.as_ref().is_none_or(|value| words.last(value, sense))
        && (kind.is_empty() || kinds_hold(|one| kind.has(one), command, sense))
}

/// The words that may be operands. Behind a flag of unknown arity a word may be
/// its value.
struct Words<'a> {
    uncertain: bool,
    /// Those that are operands in any case.
    surely: &'a [OsString],
    /// All that stand where an operand may.
    operands: &'a [OsString],
    /// All that may be one in any reading.
    anything: &'a [OsString],
}

impl<'a> Words<'a> {
    fn of(command: &'a Command) -> Self {
        let operands = command.operands.as_slice();
        // Of a tool without a grammar, the words before the first flag.
        let surely = match (command.uncertain, command.conventional) {
            (false, _) => operands.len(),
            (true, true) => command.path.len(),
            (true, false) => 0,
        };
        Self {
            uncertain: command.uncertain,
            surely: operands.get(..surely).unwrap_or_default(),
            operands,
            anything: if command.uncertain { &command.arguments } else { operands },
        }
    }

    fn any(&self, value: &ValueMatch, sense: Sense) -> bool {
        let words = match sense {
            Sense::Possibly => self.anything,
            Sense::Certainly => self.surely,
        };
        words.iter().any(|word| os_value_holds(value, word))
    }

    fn all(&self, value: &ValueMatch, sense: Sense) -> bool {
        let words = match sense {
            Sense::Possibly => self.surely,
            Sense::Certainly => self.operands,
        };
        words.iter().all(|word| os_value_holds(value, word))
    }

    fn last(&self, value: &ValueMatch, sense: Sense) -> bool {
        if self.uncertain {
            return sense.unknown();
        }
        self.operands.last().is_some_and(|word| os_value_holds(value, word))
    }
}

/// Whether the objects named are of a listed kind: one of them possibly, all of
/// them certainly.
fn kinds_hold(listed: impl Fn(&str) -> bool, command: &Command, sense: Sense) -> bool {
    let mut kinds = command.objects.iter().map(|object| listed(&object.kind)).peekable();
    match sense {
        Sense::Possibly => kinds.any(|listed| listed),
        Sense::Certainly => !command.uncertain && kinds.peek().is_some() && kinds.all(|listed| listed),
    }
}

/// Whether a field is set like this: one of that name possibly, all of that
/// name certainly. A name that starts with `*.` stands for
/// every field with that end. What was not read may be anything.
pub(super) fn field_holds(name: &str, condition: &ValueMatch, command: &Command, sense: Sense) -> bool {
    let named = |path: &str| match name.strip_prefix("*.") {
        Some(end) => path == end || path.strip_suffix(end).is_some_and(|before| before.ends_with('.')),
        None => path == name,
    };
    let set = command.fields.set.iter().filter(|field| named(&field.path));
    let begins = |path: &str, with: &str| path.strip_prefix(with).is_some_and(|end| end.starts_with('.'));
    let unread =
        command.fields.unread
            || command.fields.unread_below.iter().any(|path| {
                named(path) || name.starts_with("*.") || begins(name, path) || begins(path, name)
            });
    let mut set = set
        .map(|field| if field.unsure { sense.unknown() } else { value_holds(condition, &field.value) })
        .peekable();
    match sense {
        Sense::Possibly => unread || set.any(|holds| holds),
        Sense::Certainly => !unread && set.peek().is_some() && set.all(|holds| holds),
    }
}

/// Whether a number between `least` and `most` is one that is meant.
fn numbers_hold(condition: NumberMatch, least: usize, most: usize, sense: Sense) -> bool {
    let (least, most) = (least as u64, most as u64);
    let from = condition.equals.into_iter().chain(condition.at_least).max().unwrap_or(0);
    let to = condition.equals.into_iter().chain(condition.at_most).min().unwrap_or(u64::MAX);
    match sense {
        Sense::Possibly => least <= to && most >= from,
        Sense::Certainly => least >= from && most <= to,
    }
}
