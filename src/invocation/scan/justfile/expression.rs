//! just's expressions, as far as their value stands in the file.

use std::collections::HashMap;
use std::ops::Range;

use super::super::Passage;
use super::reader::outside;

/// How deep variables may refer to each other, and brackets stand in each other.
const DEPTH: usize = 16;

/// The longest value that is followed.
const LONGEST: usize = 64 << 10;

/// The longest string, in bytes: what is longer was not closed.
const LONGEST_STRING: usize = 8 << 10;

/// What is known of variables.
#[derive(Debug, Default)]
pub(super) struct Values {
    /// The file's own; `None` where one has a value that is not known.
    pub(super) known: HashMap<String, Option<String>>,
    /// Those of the recipe that is being read.
    pub(super) parameters: Vec<(String, Option<String>)>,
    /// What the recipe's shells get as their arguments.
    pub(super) arguments: Option<Vec<String>>,
    /// What backticks run.
    pub(super) run: Vec<Passage>,
    /// Which branch of conditionals is taken.
    pick: usize,
    /// How many branches there are, as far as was seen.
    pub(super) widest: usize,
}

impl Values {
    /// The values of a file's variables, which may come in any order.
    pub(super) fn of(assignments: &[(String, Range<usize>)], text: &str, pick: usize) -> Self {
        let mut values = Self { pick, widest: 1, ..Self::default() };
        // Each round knows at least one more, of what can be known.
        for round in 0..DEPTH {
            let before = values.known.values().filter(|value| value.is_some()).count();
            for (name, range) in assignments {
                if !matches!(values.known.get(name), Some(Some(_))) {
                    let value = values.evaluate(text, range.clone());
                    values.known.insert(name.clone(), value);
                }
            }
            let known = values.known.values().filter(|value| value.is_some()).count();
            if round > 0 && known == before {
                break;
            }
        }
        let mut seen = std::collections::HashSet::new();
        values.run.retain(|passage| seen.insert(passage.origin(0)));
        values
    }

    /// The value of the expression that stands there.
    pub(super) fn evaluate(&mut self, text: &str, range: Range<usize>) -> Option<String> {
        let inside = text.get(range.clone())?;
        self.evaluate_at(inside, range.start)
    }

    /// The values of the expressions that stand there one behind the other.
    pub(super) fn evaluate_all(&mut self, text: &str, range: Range<usize>) -> Vec<Option<String>> {
        let inside = text.get(range.clone()).unwrap_or_default();
        let mut expression = Expression { text: inside, at: 0, start: range.start, depth: 0, values: self };
        let mut all = Vec::new();
        while !expression.rest().trim().is_empty() && all.len() < DEPTH {
            let before = expression.at;
            all.push(expression.whole());
            if expression.at == before {
                break;
            }
        }
        all
    }

    fn evaluate_at(&mut self, inside: &str, start: usize) -> Option<String> {
        let mut expression = Expression { text: inside, at: 0, start, depth: 0, values: self };
        let value = expression.whole();
        let whole = expression.rest().trim().is_empty() || expression.rest().trim_start().starts_with('#');
        if !whole {
            expression.backticks();
        }
        value.filter(|value| whole && value.len() <= LONGEST)
    }

    fn variable(&self, name: &str) -> Option<String> {
        let parameter = self.parameters.iter().find(|(parameter, _)| parameter == name);
        parameter.map_or_else(|| self.known.get(name).cloned().flatten(), |(_, value)| value.clone())
    }
}

/// An expression that is being read.
pub(super) struct Expression<'a> {
    text: &'a str,
    at: usize,
    /// Where it stands in the file.
    start: usize,
    depth: usize,
    values: &'a mut Values,
}

impl<'a> Expression<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn blank(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t', '\n', '\r', '\\']).len();
    }

    fn takes(&mut self, token: &str) -> bool {
        self.blank();
        let takes = self.rest().starts_with(token);
        self.at += if takes { token.len() } else { 0 };
        takes
    }

    /// Sums with `||` and `&&` between them. What is not known is taken for what lets the
    /// other count.
    fn whole(&mut self) -> Option<String> {
        let mut value = self.sum();
        loop {
            let either = self.takes("||");
            if !either && !self.takes("&&") {
                return value;
            }
            let right = self.sum();
            if value.as_ref().is_none_or(|value| value.is_empty() == either) {
                value = right;
            }
        }
    }

    /// Terms with `+` and `/` between them.
    fn sum(&mut self) -> Option<String> {
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        let mut value =
            if self.takes("/") { self.term().map(|right| format!("/{right}")) } else { self.term() };
        loop {
            let (joint, right) = if self.takes("+") {
                ("", self.term())
            } else if self.takes("/") {
                ("/", self.term())
            } else {
                break;
            };
            value = value.zip(right).map(|(left, right)| format!("{left}{joint}{right}"));
        }
        self.depth -= 1;
        value
    }

    fn term(&mut self) -> Option<String> {
        self.blank();
        let rest = self.rest();
        match rest.chars().next()? {
            '(' => {
                self.at += 1;
                let value = self.whole();
                self.takes(")").then_some(value)?
            }
            '\'' | '"' => self.string(),
            '`' => {
                let length = strings_end(rest)?;
                self.backtick(length);
                None
            }
            c if c.is_alphabetic() || c == '_' => self.named(),
            _ => None,
        }
    }

    fn string(&mut self) -> Option<String> {
        let rest = self.rest();
        let length = strings_end(rest)?;
        let fence = fence(rest);
        let inside = rest.get(fence..length.checked_sub(fence)?)?;
        self.at += length;
        let inside = if fence == 3 { inside.strip_prefix('\n').unwrap_or(inside) } else { inside };
        Some(if rest.starts_with('"') { unescaped(inside) } else { inside.to_owned() })
    }

    fn backtick(&mut self, length: usize) {
        let fence = fence(self.rest());
        if let Some(inside) = self.rest().get(fence..length.saturating_sub(fence)) {
            self.values.run.push(Passage::standing(inside, self.start + self.at + fence));
        }
        self.at += length;
    }

    /// A variable, a call, a conditional, or a string with a letter before it.
    fn named(&mut self) -> Option<String> {
        let rest = self.rest();
        let ends = |c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-'));
        let name = rest.get(..rest.find(ends).unwrap_or(rest.len()))?;
        self.at += name.len();
        if name == "f" && self.rest().starts_with(['\'', '"']) {
            let start = self.start + self.at;
            let text = self.string()?;
            return self.formatted(&text, start);
        }
        if name == "x" && self.rest().starts_with(['\'', '"']) {
            return self.string().filter(|value| !value.contains(['$', '~', '{']));
        }
        if name == "if" {
            return self.conditional();
        }
        if !self.takes("(") {
            return self.values.variable(name);
        }
        let mut arguments = Vec::new();
        let start = self.start + self.at;
        while !self.takes(")") {
            arguments.push(self.whole());
            if !self.takes(",") && !self.rest().trim_start().starts_with(')') {
                self.backticks();
                return None;
            }
        }
        match (name, arguments.as_slice()) {
            // The value that stands there, whatever the environment holds.
            ("env" | "env_var_or_default", [_, default]) => default.clone(),
            ("quote", [Some(value)]) => Some(super::super::placed::quoted(value)),
            ("shell", [Some(command), rest @ ..]) => {
                let mut text = String::new();
                if !rest.is_empty() {
                    let words =
                        rest.iter().map(|word| super::super::placed::quoted(word.as_deref().unwrap_or("")));
                    text = format!("set -- {}\n", words.collect::<Vec<_>>().join(" "));
                }
                self.values.run.push(Passage::made(&(text + command), start));
                None
            }
            ("replace", [Some(value), Some(from), Some(to)]) if !from.is_empty() => {
                Some(value.replace(from, to))
            }
            ("trim", [Some(value)]) => Some(value.trim().to_owned()),
            ("lowercase", [Some(value)]) => Some(value.to_lowercase()),
            ("uppercase", [Some(value)]) => Some(value.to_uppercase()),
            _ => None,
        }
    }

    /// One branch of a conditional, of which the condition is not looked into.
    fn conditional(&mut self) -> Option<String> {
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        let mut values = Vec::new();
        let mut more = true;
        while more {
            self.condition();
            if !self.takes("{") {
                break;
            }
            values.push(self.whole());
            if !self.takes("}") || !self.takes("else") {
                break;
            }
            more = self.takes("if");
            if !more && self.takes("{") {
                values.push(self.whole());
                self.takes("}");
            }
        }
        self.depth -= 1;
        let (pick, last) = (self.values.pick, values.len().checked_sub(1)?);
        self.values.widest = self.values.widest.max(values.len());
        values.into_iter().nth(pick.min(last)).flatten()
    }

    /// Passes what stands before the brace of a branch.
    fn condition(&mut self) {
        while let Some(c) = self.rest().chars().next() {
            match c {
                '{' => return,
                '`' => match strings_end(self.rest()) {
                    Some(length) => self.backtick(length),
                    None => return,
                },
                '\'' | '"' => self.at += strings_end(self.rest()).unwrap_or(1),
                _ => self.at += c.len_utf8(),
            }
        }
    }

    /// A string with its `{{…}}` put in.
    fn formatted(&mut self, text: &str, start: usize) -> Option<String> {
        self.depth += 1;
        let (mut out, mut rest) = (String::new(), text);
        while let Some((before, behind)) = rest.split_once("{{") {
            let (inside, behind) = behind.split_once("}}").filter(|_| self.depth < 3)?;
            out.push_str(before);
            // Another string with such parts is not looked into.
            out.push_str(
                &Some(inside)
                    .filter(|inside| !inside.contains(['\'', '"']))
                    .and_then(|inside| self.values.evaluate_at(inside, start))?,
            );
            rest = behind;
        }
        self.depth -= 1;
        Some(out + rest)
    }

    /// Notes what backticks run in the rest of the expression, which is not followed.
    fn backticks(&mut self) {
        while let Some(c) = self.rest().chars().next() {
            match c {
                '`' => match strings_end(self.rest()) {
                    Some(length) => self.backtick(length),
                    None => return,
                },
                '\'' | '"' => self.at += strings_end(self.rest()).unwrap_or(1),
                _ => self.at += c.len_utf8(),
            }
        }
    }
}

/// How many marks a string begins with: one, or three.
fn fence(text: &str) -> usize {
    let triple = ["'''", "\"\"\"", "```"].iter().any(|fence| text.starts_with(fence));
    if triple { 3 } else { 1 }
}

/// How long the string is that `text` begins with; `None` where it is not closed.
pub(super) fn strings_end(text: &str) -> Option<usize> {
    let fence = fence(text);
    let mark = text.get(..fence)?;
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(fence) {
        if at > LONGEST_STRING {
            return None;
        }
        if !escaped && text.get(at..)?.starts_with(mark) {
            return Some(at + fence);
        }
        escaped = mark.starts_with('"') && c == '\\' && !escaped;
    }
    None
}

/// Where `{{…`, with which `text` begins, is closed.
pub(super) fn closing(text: &str) -> Option<usize> {
    let inside = text.get(2..)?;
    let mut last = None;
    for (at, c) in outside(inside) {
        if c == '}' && last == Some(at) {
            return Some(at + 1);
        }
        last = (c == '}').then_some(at + 1);
    }
    None
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            (_, Some('n')) => out.push('\n'),
            (_, Some('t')) => out.push('\t'),
            (_, Some('r')) => out.push('\r'),
            (_, Some('\n')) => {}
            (_, Some('u')) if chars.as_str().starts_with('{') => {
                let digits: String = chars.by_ref().skip(1).take_while(|c| *c != '}').collect();
                out.extend(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32));
            }
            (_, Some(other)) => out.push(other),
            (c, None) => out.push(c),
        }
    }
    out
}
