//! Finds values that a name beside them says are secret: `NAME=value` of a
//! shell or of aws's shorthand, `"name": "value"` of JSON, `name: value` of
//! YAML, and objects that hold a name and its value.
//!
//! The text may be none of these, or one inside the other, so this is no
//! parser: it walks to each `=` and `:`, and looks to both sides.

use std::ops::Range;

use super::names;
use super::value::{Place, Value};

/// A longer name is looked at to here.
const MOST_NAME: usize = 128;

/// The values in `text` that are secret by their names, in the order found.
/// With `every_value`, so is each that is called `value`.
pub(super) fn values(text: &[u8], every_value: bool) -> Vec<Range<usize>> {
    let mut scan = Scan {
        text,
        every_value,
        position: 0,
        found: Vec::new(),
        objects: vec![Object::default()],
        quote: None,
        braces: 0,
        brackets: 0,
        effort: 16 * text.len(),
    };
    scan.run();
    scan.found
}

/// What was seen of an object with a name and a value in it.
#[derive(Default)]
struct Object {
    labelled: bool,
    secret: bool,
    /// Where a value stands whose name did not come yet.
    value: Option<Place>,
    /// Whether it is the value of a secret name itself.
    inherited: bool,
}

struct Scan<'a> {
    text: &'a [u8],
    every_value: bool,
    position: usize,
    found: Vec<Range<usize>>,
    /// The objects that are open, the outermost first.
    objects: Vec<Object>,
    /// The quote that is open.
    quote: Option<u8>,
    braces: usize,
    brackets: usize,
    /// How many bytes of values may still be walked through. Values that
    /// stand inside each other would otherwise take quadratic time.
    effort: usize,
}

impl Scan<'_> {
    fn run(&mut self) {
        // Whether the object that opens next belongs to a secret name.
        let mut inherits = false;
        while let Some(byte) = self.text.get(self.position).copied() {
            let at = self.position;
            self.position += 1;
            match byte {
                b'{' => {
                    self.braces += 1;
                    if self.quote.is_none() {
                        self.objects.push(Object { inherited: inherits, ..Object::default() });
                    }
                    inherits = false;
                }
                b'}' => {
                    self.braces = self.braces.saturating_sub(1);
                    if self.quote.is_none() && self.objects.len() > 1 {
                        self.objects.pop();
                    }
                }
                b'[' => self.brackets += 1,
                b']' => self.brackets = self.brackets.saturating_sub(1),
                b'"' | b'\'' => self.toggle(byte, at),
                b'\\' => {
                    self.position += usize::from(matches!(self.text.get(at + 1), Some(b'"' | b'\'' | b'\\')));
                }
                b'=' | b':' => inherits = self.separator(at, byte == b':'),
                _ => {}
            }
        }
    }

    fn toggle(&mut self, byte: u8, at: usize) {
        // An apostrophe in a word is no quote.
        let apostrophe = byte == b'\''
            && at.checked_sub(1).and_then(|at| self.text.get(at)).is_some_and(u8::is_ascii_alphanumeric);
        match self.quote {
            Some(open) if open == byte => self.quote = None,
            None if !apostrophe => self.quote = Some(byte),
            _ => {}
        }
    }

    /// Looks at the name before and the value after a separator; whether an
    /// object follows that is secret.
    fn separator(&mut self, at: usize, colon: bool) -> bool {
        let Some((name, place)) = self.sides(at, colon) else { return false };
        let name = self.text.get(name).unwrap_or_default();
        if names::is_secret(name) {
            if self.text.get(place.value) == Some(&b'{') {
                return true;
            }
            self.redact(place);
            return false;
        }
        let every_value = self.every_value;
        let Some(object) = self.objects.last_mut() else { return false };
        if names::is_value(name) || (object.inherited && names::is_attribute_type(name)) {
            let secret = every_value || object.inherited || object.secret;
            if !secret && object.labelled && object.value.is_some() {
                *object = Object::default();
            }
            object.value = Some(place);
            if secret {
                self.redact(place);
            }
        } else if names::is_label(name) || name.eq_ignore_ascii_case(b"type") {
            self.label(place, names::is_label(name));
        }
        false
    }

    /// Takes a name (or a type) for the value that stands beside it.
    fn label(&mut self, place: Place, is_name: bool) {
        let until = self.text.len().min(place.value.saturating_add(MOST_NAME));
        let Some(range) = self.extent(place, until) else { return };
        let label = self.text.get(range).unwrap_or_default();
        let secret =
            if is_name { names::is_secret(label) } else { label.eq_ignore_ascii_case(b"SecureString") };
        let Some(object) = self.objects.last_mut() else { return };
        if is_name && object.labelled && object.value.is_some() {
            *object = Object { inherited: object.inherited, ..Object::default() };
        }
        object.labelled |= is_name || secret;
        object.secret |= secret;
        let earlier = object.value;
        if let (true, Some(value)) = (secret, earlier) {
            self.redact(value);
        }
    }

    /// Marks a value as secret, and goes on behind it.
    fn redact(&mut self, place: Place) {
        let Some(range) = self.extent(place, self.text.len()) else { return };
        if self.text.get(range.clone()).is_some_and(names::is_open) {
            return;
        }
        // The quote that opened the value was passed over, so is the one that
        // closes it, with the backslashes it has inside of another string.
        let quoted = range.start > place.value && self.text.get(place.value) != Some(&b'[');
        let after = self.text.get(range.end..).unwrap_or_default();
        let backslashes = after.iter().take_while(|byte| **byte == b'\\').count();
        let closing = if quoted { backslashes + 1 } else { 0 };
        self.position = self.position.max(range.end.saturating_add(closing));
        self.found.push(range);
    }

    /// Where a value stands; all of the text, where finding out takes too long.
    fn extent(&mut self, place: Place, until: usize) -> Option<Range<usize>> {
        let value = Value {
            text: self.text.get(..until)?,
            place,
            in_braces: self.braces > 0,
            in_brackets: self.brackets > 0,
        };
        let range = value.range()?;
        let Some(left) = self.effort.checked_sub(range.len()) else {
            self.found.push(0..self.text.len());
            self.position = self.text.len();
            return None;
        };
        self.effort = left;
        Some(range)
    }

    /// The name before the separator at `at`, and where the value after it is.
    fn sides(&self, at: usize, colon: bool) -> Option<(Range<usize>, Place)> {
        let before = self.text.get(..at)?.trim_ascii_end();
        let mut end = before.len();
        let quoted_name = matches!(before.last(), Some(b'"' | b'\''));
        if quoted_name {
            end -= 1;
            end -= before.get(..end)?.iter().rev().take_while(|byte| **byte == b'\\').count();
        }
        let length =
            before.get(..end)?.iter().rev().take(MOST_NAME).take_while(|byte| is_in_name(**byte)).count();
        let name = end - length..end;
        let after = self.text.get(at + 1..)?;
        let blank = |byte: &&u8| b" \t".contains(byte) || (quoted_name && byte.is_ascii_whitespace());
        let value = at + 1 + after.iter().take_while(blank).count();
        let place = Place { name: name.start, value, colon, quoted_name, quote: self.quote };
        let next = self.text.get(value);
        let separates = !colon
            || quoted_name
            || matches!(next, Some(b'"' | b'\'' | b'\\'))
            || (after.first().is_none_or(u8::is_ascii_whitespace) && starts_line(self.text, name.start));
        (length > 0 && separates).then_some((name, place))
    }
}

fn is_in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_.-".contains(&byte)
}

/// Whether a name of YAML may start at `at`.
fn starts_line(text: &[u8], at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    let last = before.iter().rev().find(|byte| !b" \t-?".contains(byte));
    last.is_none_or(|byte| b"\n{,[\\\"'".contains(byte))
}
