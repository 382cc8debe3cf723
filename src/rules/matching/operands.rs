//! Conditions on operands, on the objects that they name, and on the fields
//! that a body sets.

use std::ffi::OsString;

use super::Sense;
use super::values::{os_value_holds, sensed_value_holds};
use crate::command::declared::Behind;
use crate::command::{Command, here};
use crate::rules::schema::{NumberMatch, OperandMatch, ValueMatch};

/// The first condition on the operands that does not hold, by its key.
pub(super) fn operands_failing(
    condition: &OperandMatch,
    command: &Command,
    behind: Behind,
    sense: Sense,
) -> Option<&'static str> {
    let OperandMatch { count, any, all, last, kind } = condition;
    let words = Words::of(command, behind);
    if count.is_some_and(|count| !numbers_hold(count, words.surely.len(), words.operands.len(), sense)) {
        return Some("count");
    }
    if any.as_ref().is_some_and(|value| !words.any(value, sense)) {
        return Some("any");
    }
    if all.as_ref().is_some_and(|value| !words.all(value, sense)) {
        return Some("all");
    }
    if last.as_ref().is_some_and(|value| !words.last(value, sense)) {
        return Some("last");
    }
    (!kind.is_empty() && !kinds_hold(|one| kind.has(one), command, sense)).then_some("kind")
}

/// The words that stand where an operand may.
pub(super) fn words(command: &Command, behind: Behind) -> &[OsString] {
    Words::of(command, behind).operands
}

/// The words that may be operands. Behind a flag of unknown arity a word may be
/// its value.
struct Words<'a> {
    uncertain: bool,
    /// Those that are operands in any case.
    surely: Vec<&'a OsString>,
    /// All that stand where an operand may.
    operands: &'a [OsString],
    /// All that may be one in any reading.
    anything: &'a [OsString],
    /// The last operand, and those behind it that may be one.
    last: &'a [OsString],
}

impl<'a> Words<'a> {
    fn of(command: &'a Command, behind: Behind) -> Self {
        let operands = command.operands.as_slice();
        if let Some(declared) = &command.declared {
            let operands = operands.get(behind.first..).unwrap_or_default();
            let numbered = command.operands.iter().enumerate().skip(behind.last);
            let surely: Vec<(usize, &OsString)> =
                numbered.filter(|(at, _)| !declared.is_arguable(*at)).collect();
            let last = surely.last().map_or(behind.first, |(at, _)| *at);
            return Self {
                uncertain: false,
                surely: surely.into_iter().map(|(_, word)| word).collect(),
                operands,
                anything: operands,
                last: command.operands.get(last..).unwrap_or_default(),
            };
        }
        // Of a tool without a grammar, the words before the first flag.
        let surely = match (command.uncertain, command.conventional) {
            (false, _) => operands.len(),
            (true, true) => command.path.len(),
            (true, false) => 0,
        };
        Self {
            uncertain: command.uncertain,
            surely: operands.iter().take(surely).collect(),
            operands,
            anything: if command.uncertain { &command.arguments } else { operands },
            last: operands.last().map(std::slice::from_ref).unwrap_or_default(),
        }
    }

    fn any(&self, value: &ValueMatch, sense: Sense) -> bool {
        let holds = |word: &OsString| os_value_holds(value, word, sense);
        match sense {
            Sense::Possibly => self.anything.iter().any(holds),
            Sense::Certainly => self.surely.iter().any(|word| holds(word)),
        }
    }

    fn all(&self, value: &ValueMatch, sense: Sense) -> bool {
        let holds = |word: &OsString| os_value_holds(value, word, sense);
        match sense {
            Sense::Possibly => self.surely.iter().all(|word| holds(word)),
            Sense::Certainly => self.operands.iter().all(holds),
        }
    }

    fn last(&self, value: &ValueMatch, sense: Sense) -> bool {
        if self.uncertain {
            return sense.unknown();
        }
        let holds = |word: &OsString| os_value_holds(value, word, sense);
        match sense {
            Sense::Possibly => self.last.iter().any(holds),
            Sense::Certainly => !self.last.is_empty() && self.last.iter().all(holds),
        }
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
/// name certainly. What was not read may be anything.
pub(super) fn field_holds(name: &str, condition: &ValueMatch, command: &Command, sense: Sense) -> bool {
    let wanted = Path::of(name, command);
    // Which of two bodies counts is not known where one's option may be the other's.
    if sense == Sense::Certainly && wanted.has_another() {
        return false;
    }
    let set = command.fields.set.iter().filter(|field| wanted.is(&field.path));
    let unread = !here::tells(name) && may_be_unread(&wanted, command);
    let mut set =
        set.map(|field| {
            if field.unsure { sense.unknown() } else { sensed_value_holds(condition, &field.value, sense) }
        })
        .peekable();
    match sense {
        Sense::Possibly => unread || set.any(|holds| holds),
        Sense::Certainly => !unread && set.peek().is_some() && set.all(|holds| holds),
    }
}

/// Whether one of the fields may be set by what was not read.
fn may_be_unread(wanted: &Path<'_>, command: &Command) -> bool {
    let fields = &command.fields;
    fields.unread
        || fields.unread_below.iter().any(|path| wanted.may_be_below(path))
        || fields.unknown_inside.iter().any(|path| wanted.is_inside(path))
}

/// The fields that a rule names: `*.` at the start stands for any fields above,
/// `.*` at the end for whatever is below, or the field itself.
struct Path<'a> {
    fields: &'a str,
    anywhere: bool,
    and_below: bool,
    command: &'a Command,
}

impl<'a> Path<'a> {
    fn of(name: &'a str, command: &'a Command) -> Self {
        let (anywhere, fields) = name.strip_prefix("*.").map_or((false, name), |rest| (true, rest));
        let (and_below, fields) = fields.strip_suffix(".*").map_or((false, fields), |rest| (true, rest));
        Self { fields, anywhere, and_below, command }
    }

    /// Whether `path` is one of them.
    fn is(&self, path: &str) -> bool {
        // Most are not: a plan's changes have many fields, and many rules ask.
        if self.anywhere && !self.and_below && !path.ends_with(self.fields) {
            return false;
        }
        let path = self.in_full(path);
        let (path, fields) = (format!(".{path}."), format!(".{}.", self.fields));
        match (self.anywhere, self.and_below) {
            (false, false) => path == fields,
            (false, true) => path.starts_with(&fields),
            (true, false) => path.ends_with(&fields),
            (true, true) => path.contains(&fields),
        }
    }

    /// Whether one of them may be `path`, or stand in it.
    fn may_be_below(&self, path: &str) -> bool {
        let path = self.in_full(path);
        let begins = |path: &str, with: &str| format!("{path}.").starts_with(&format!("{with}."));
        self.anywhere || begins(self.fields, &path) || begins(&path, self.fields)
    }

    /// Whether it stands in `path`, and is named in full.
    fn is_inside(&self, path: &str) -> bool {
        let inside = self.fields.strip_prefix(path);
        !self.anywhere && inside.is_some_and(|rest| rest.starts_with('.'))
    }

    /// `path` with its option as the rule has it, where that may be meant.
    fn in_full(&self, path: &str) -> String {
        let (given, rest) = path.split_once('.').unwrap_or((path, ""));
        let option = self.option();
        if self.anywhere || !self.command.may_stand_for(&format!("--{given}"), &format!("--{option}")) {
            return path.to_owned();
        }
        if rest.is_empty() { option.to_owned() } else { format!("{option}.{rest}") }
    }

    /// The first field: the option, where there are options.
    fn option(&self) -> &str {
        self.fields.split('.').next().unwrap_or_default()
    }

    /// Whether there is a body under what may be the beginning of the option.
    fn has_another(&self) -> bool {
        let fields = &self.command.fields;
        let set = fields.set.iter().map(|field| &field.path);
        set.chain(&fields.unread_below).any(|path| self.in_full(path) != *path)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Environment;
    use crate::rules::schema::Strings;

    fn command(line: &str) -> Command {
        let words: Vec<OsString> = shell_words::split(line).unwrap().into_iter().map(Into::into).collect();
        crate::command::parse("aws", &words, &Environment::default()).unwrap()
    }

    fn is(value: &str) -> ValueMatch {
        ValueMatch { equals: Strings(vec![value.to_owned()]), ..ValueMatch::default() }
    }

    #[test]
    fn fields_are_found_above_and_below() {
        let command = command(r#"x y --body '{"A":{"B":{"C":"1"}},"AB":"2"}'"#);
        for (name, value, holds) in [
            ("body.A.B.C", "1", true),
            ("body.A.B", "1", false),
            ("body.A.*", "1", true),
            ("body.A.B.C.*", "1", true),
            ("*.C", "1", true),
            ("*.B.*", "1", true),
            ("*.B", "1", false),
            ("body.A.*", "2", false),
            ("ody.A.*", "1", false),
        ] {
            assert_eq!(field_holds(name, &is(value), &command, Sense::Possibly), holds, "{name} {value}");
            assert_eq!(field_holds(name, &is(value), &command, Sense::Certainly), holds, "{name} {value}");
        }
    }

    #[test]
    fn a_body_under_the_beginning_of_its_option_may_count() {
        let both = command(r#"x y --body-of '{"A":"1"}' --body '{"A":"2"}'"#);
        assert!(field_holds("body-of.A", &is("2"), &both, Sense::Possibly));
        assert!(!field_holds("body-of.A", &is("1"), &both, Sense::Certainly));
        // A word is no body.
        let word = command(r#"x y --body-of '{"A":"1"}' --body 2"#);
        assert!(field_holds("body-of.A", &is("1"), &word, Sense::Certainly));
        let unread = command("x y --body file://missing");
        assert!(field_holds("body-of.A", &is("1"), &unread, Sense::Possibly));
    }
}
