//! The CLI's short way to write a structure: `Key=Value,List=[a,b],Map={k=v}`.
//!
//! It needs no model of the parameter: what a value means to the service, a
//! number or a boolean, is decided later.

use std::collections::BTreeSet;

/// A value, as far as the text tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Text, with `@=` in front of it: text that names a file.
    Text(String, bool),
    List(Vec<Value>),
    Map(Vec<(String, Value)>),
}

/// How deep values may nest.
const DEPTH: usize = 32;

/// Reads one parameter; `None` where aws would refuse it or it nests too deep.
pub(super) fn parse(text: &str) -> Option<Value> {
    let mut reader = Reader { rest: text, file: false };
    let mut pairs = vec![reader.pair()?];
    while !reader.rest.is_empty() {
        reader.expect(',')?;
        pairs.push(reader.pair()?);
    }
    let keys: BTreeSet<&str> = pairs.iter().map(|(key, _)| key.as_str()).collect();
    if keys.len() < pairs.len() {
        return None;
    }
    Some(Value::Map(pairs))
}

struct Reader<'a> {
    rest: &'a str,
    /// Whether the values of this key name files.
    file: bool,
}

impl Reader<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '\u{b}');
    }

    fn next_is(&self, c: char) -> bool {
        self.rest.starts_with(c)
    }

    fn expect(&mut self, c: char) -> Option<()> {
        self.space();
        self.rest = self.rest.strip_prefix(c)?;
        self.space();
        Some(())
    }

    fn key(&mut self) -> Option<String> {
        let valid = |c: char| c.is_ascii_alphanumeric() || "-_.#/:".contains(c);
        let end = self.rest.find(|c| !valid(c)).unwrap_or(self.rest.len());
        let (key, rest) = self.rest.split_at_checked(end)?;
        let key = key.to_owned();
        self.rest = rest;
        self.space();
        self.file = self.next_is('@');
        if self.file {
            self.expect('@')?;
        }
        self.expect('=')?;
        Some(key)
    }

    fn pair(&mut self) -> Option<(String, Value)> {
        let key = self.key()?;
        let value = if self.next_is('[') || self.next_is('{') { self.nested(0)? } else { self.list()? };
        Some((key, value))
    }

    /// `a`, or `a,b,c` up to where the next key begins.
    fn list(&mut self) -> Option<Value> {
        let first = self.value(false)?;
        let mut values = vec![first];
        loop {
            self.space();
            let before = self.rest;
            if !self.next_is(',') {
                break;
            }
            self.expect(',')?;
            let value = self.value(true);
            self.space();
            match value {
                Some(value) if self.rest.is_empty() || self.next_is(',') => values.push(value),
                // That was the next key.
                _ => {
                    self.rest = before;
                    break;
                }
            }
        }
        if values.len() == 1 { values.pop() } else { Some(Value::List(values)) }
    }

    fn nested(&mut self, depth: usize) -> Option<Value> {
        if depth > DEPTH {
            return None;
        }
        if self.next_is('[') {
            self.expect('[')?;
            let mut members = Vec::new();
            while !self.next_is(']') {
                members.push(self.nested(depth + 1)?);
                self.separator(']')?;
            }
            self.rest = self.rest.strip_prefix(']')?;
            return Some(Value::List(members));
        }
        if self.next_is('{') {
            self.expect('{')?;
            let mut pairs = Vec::new();
            while !self.next_is('}') {
                let key = self.key()?;
                pairs.push((key, self.nested(depth + 1)?));
                self.separator('}')?;
            }
            self.rest = self.rest.strip_prefix('}')?;
            return Some(Value::Map(pairs));
        }
        self.value(false)
    }

    /// A comma, unless the end follows.
    fn separator(&mut self, end: char) -> Option<()> {
        self.space();
        if self.rest.is_empty() {
            return None;
        }
        if self.next_is(end) { Some(()) } else { self.expect(',') }
    }

    /// One word, quoted or not. Behind the first of a list `=` ends it, and it
    /// cannot be empty.
    fn value(&mut self, later: bool) -> Option<Value> {
        if let Some(quote) = self.rest.chars().next().filter(|c| matches!(c, '\'' | '"')) {
            return self.quoted(quote);
        }
        let mut text = String::new();
        while let Some(c) = self.rest.chars().next() {
            if let Some(behind) = self.rest.strip_prefix("\\,") {
                text.push(',');
                self.rest = behind;
            } else if takes(c, text.is_empty(), later) {
                text.push(c);
                self.rest = self.rest.get(c.len_utf8()..)?;
            } else {
                break;
            }
        }
        if later && text.is_empty() {
            return None;
        }
        text.truncate(text.trim_end().len());
        Some(Value::Text(text, self.file))
    }

    fn quoted(&mut self, quote: char) -> Option<Value> {
        let inside = self.rest.get(1..)?;
        let end = inside.find(quote)?;
        let (text, rest) = (inside.get(..end)?, inside.get(end + 1..)?);
        // What is escaped how is not worth knowing exactly.
        if text.contains('\\') {
            return None;
        }
        let text = text.to_owned();
        self.rest = rest;
        Some(Value::Text(text, self.file))
    }
}

/// Whether `c` may stand in a word that is not quoted.
fn takes(c: char, first: bool, later: bool) -> bool {
    let space = matches!(c, ' ' | '\t'..='\r');
    let never = matches!(c, '"' | '\'' | ',') || c > '\u{ffff}' || (c < ' ' && !space);
    let here = match c {
        '=' => later || first,
        '[' | '{' => first,
        ']' | '}' => !first && !later,
        _ => space && first,
    };
    !never && !here
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: &Value) -> String {
        let list = |values: Vec<String>| values.join(",");
        match value {
            Value::Text(text, false) => text.clone(),
            Value::Text(text, true) => format!("@{text}"),
            Value::List(values) => format!("[{}]", list(values.iter().map(shown).collect())),
            Value::Map(pairs) => {
                let pairs = pairs.iter().map(|(key, value)| format!("{key}:{}", shown(value)));
                format!("{{{}}}", list(pairs.collect()))
            }
        }
    }

    #[test]
    fn structures_are_read() {
        for (text, value) in [
            ("a=b", "{a:b}"),
            ("a=", "{a:}"),
            ("a=b,c=d", "{a:b,c:d}"),
            ("a=b,c,d=e", "{a:[b,c],d:e}"),
            ("Name=tag:Env,Values=prod,dev", "{Name:tag:Env,Values:[prod,dev]}"),
            ("a=[b,c],d={e=f,g=[h]}", "{a:[b,c],d:{e:f,g:[h]}}"),
            ("a = b , c = d", "{a:b,c:d}"),
            ("a='b,c',d=\"e=f\"", "{a:b,c,d:e=f}"),
            ("a=b\\,c", "{a:b,c}"),
            ("a=b=c", "{a:b=c}"),
            ("a@=file://x,b=file://y", "{a:@file://x,b:file://y}"),
            ("Changes=[{Action=DELETE,R={N=x}}]", "{Changes:[{Action:DELETE,R:{N:x}}]}"),
        ] {
            assert_eq!(parse(text).as_ref().map(shown).as_deref(), Some(value), "{text}");
        }
    }

    #[test]
    fn anything_doubtful_is_none() {
        for text in ["a", "a=b,a=c", "a=[b", "a={b", "a='b", "a=b,c\\,d=e", "a='b\\'c'", "a=[b]c", "a b=c"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&format!("a={}", "[".repeat(100_000))), None);
    }
}
