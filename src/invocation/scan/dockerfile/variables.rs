//! The variables of a build: ARG and ENV, as far as their values stand in the file.

use std::collections::BTreeMap;

use super::super::placed::is_name;

/// The longest value that is followed.
const LONGEST: usize = 16 << 10;

/// What is known of variables in a stage.
#[derive(Clone, Debug, Default)]
pub(super) struct Variables {
    values: BTreeMap<String, Option<String>>,
    /// Those that ARG sets before the first stage: a stage has them where it asks.
    global: BTreeMap<String, Option<String>>,
    in_stage: bool,
}

impl Variables {
    /// Begins a stage on top of one that has `inherited`.
    pub(super) fn next_stage(&mut self, inherited: &Self) {
        if !self.in_stage {
            self.global = std::mem::take(&mut self.values);
        }
        self.in_stage = true;
        self.values.clone_from(&inherited.values);
    }

    /// `ARG a b=c`.
    pub(super) fn argument(&mut self, text: &str) {
        for word in words(text) {
            if let Some((name, value)) = word.split_once('=') {
                self.set(name, value);
            } else {
                let value = self.global.get(&word).cloned().flatten();
                self.values.insert(word, value);
            }
        }
    }

    /// `ENV a=b c=d`, or `ENV a b`.
    pub(super) fn environment(&mut self, text: &str) {
        let words = words(text);
        if words.first().is_some_and(|word| word.contains('=')) {
            for (name, value) in words.iter().filter_map(|word| word.split_once('=')) {
                self.set(name, value);
            }
        } else if let Some((name, value)) = text.trim().split_once(char::is_whitespace) {
            self.set(name, value.trim());
        }
    }

    /// How many bytes they take, about.
    pub(super) fn size(&self) -> usize {
        let size =
            |(name, value): (&String, &Option<String>)| name.len() + value.as_ref().map_or(0, String::len);
        self.values.iter().map(|one| 64 + size(one)).sum()
    }

    /// Those of which the value is known.
    pub(super) fn known(&self) -> impl Iterator<Item = (&str, &str)> {
        let known = self.values.iter().filter_map(|(name, value)| Some((name.as_str(), value.as_deref()?)));
        known.filter(|(name, _)| is_name(name))
    }

    fn set(&mut self, name: &str, value: &str) {
        let value = self.value(value).filter(|value| value.len() <= LONGEST);
        self.values.insert(name.to_owned(), value);
    }

    /// What a value is once quotes and variables in it are resolved.
    fn value(&self, text: &str) -> Option<String> {
        let mut out = String::new();
        let mut quote = None;
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            rest = rest.get(c.len_utf8()..)?;
            match c {
                '\'' | '"' if quote.is_none() => quote = Some(c),
                _ if quote == Some(c) => quote = None,
                '\\' if quote != Some('\'') => {
                    let next = rest.chars().next()?;
                    out.push(next);
                    rest = rest.get(next.len_utf8()..)?;
                }
                '$' if quote != Some('\'') => {
                    let (value, behind) = self.reference(rest)?;
                    out.push_str(&value);
                    rest = behind;
                }
                _ => out.push(c),
            }
        }
        Some(out)
    }

    /// The value of the variable that `text`, which stands behind a dollar, names.
    fn reference<'a>(&self, text: &'a str) -> Option<(String, &'a str)> {
        let (inside, behind) = if let Some(inside) = text.strip_prefix('{') {
            inside.split_once('}')?
        } else {
            let ends = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
            text.split_at(text.find(ends).unwrap_or(text.len()))
        };
        let known = |name: &str| self.values.get(name).cloned();
        if let Some((name, default)) = inside.split_once(":-") {
            let value = known(name).flatten().unwrap_or_else(|| default.to_owned());
            return Some((value, behind));
        }
        Some((known(inside)??, behind))
    }
}

/// The words of a line; quotes and backslashes keep blanks in a word.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut quote, mut escaped) = (None, false);
    for c in text.chars() {
        if c.is_whitespace() && quote.is_none() && !escaped {
            words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()));
            continue;
        }
        match c {
            _ if escaped => {}
            '\'' | '"' if quote.is_none() => quote = Some(c),
            _ if quote == Some(c) => quote = None,
            _ => {}
        }
        escaped = c == '\\' && !escaped && quote != Some('\'');
        word.push(c);
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}
