//! `${…}`: what a variable's value becomes.

use std::os::unix::ffi::OsStrExt as _;

use super::expand::{How, Piece, loose, whole};
use super::state::{State, Variable};
use super::{Walk, look_up};
use crate::shell::syntax::{Operation, Parameter, Part, Word};
use crate::shell::value::{HOLE, HOLES, Value};

/// The values of a parameter: each a list of elements.
type Lists = Vec<Vec<Vec<u8>>>;

impl Walk<'_> {
    /// What `${…}` may contribute to a word.
    pub(super) fn parameter(&mut self, state: &mut State, parameter: &Parameter, how: How) -> Vec<Piece> {
        let splits = !parameter.quoted;
        if let Some(index) = &parameter.index {
            state.settles(look_up::is_number(&index.source));
            self.expand(state, index, false);
        }
        let operation = parameter.operation.as_ref();
        let computes =
            operation.is_some_and(|one| one.operator == ":" && !look_up::is_number(&one.word.source));
        state.settles(!parameter.indirect && !computes);
        let (mut lists, mut maybe_unset) = Self::looked_up(state, parameter);
        if parameter.indirect || parameter.operation.as_ref().is_some_and(|one| one.operator == "@") {
            // `${x@P}` and zsh's `${(e)x}` run what the text substitutes.
            let texts = lists.iter().flatten().cloned().collect::<Vec<_>>();
            let operand =
                parameter.operation.iter().flat_map(|one| self.operand(state, one)).collect::<Vec<_>>();
            for text in texts.iter().chain(&operand) {
                self.substitutions(state, text);
            }
        }
        // In a program's name, a variable that nobody set is mostly nothing.
        let known =
            state.variables.contains_key(&parameter.name) || (self.surroundings.inherited)(&parameter.name);
        if how.matches && !known && lists == [vec![vec![HOLES]]] {
            lists.push(vec![Vec::new()]);
        }
        if parameter.length {
            return vec![Piece::Text(vec![HOLE])];
        }
        if let Some(operation) = &parameter.operation {
            let word = self.operand(state, operation);
            let all = matches!(parameter.name.as_str(), "@" | "*")
                || parameter
                    .index
                    .as_ref()
                    .is_some_and(|index| matches!(index.source.as_slice(), b"@" | b"*"));
            let name = &parameter.name;
            self.operate(state, (name, all), operation, &word, &mut lists, &mut maybe_unset);
        }
        // Fields of their own only for "$@" and "${a[@]}".
        let index = parameter.index.as_ref().map(|word| word.source.as_slice());
        let each = parameter.name == "@" || index == Some(b"@");
        lists
            .into_iter()
            .map(|elements| match (parameter.quoted, each) {
                (true, true) => Piece::Fields(elements.iter().map(|one| whole_unless_all(one)).collect()),
                (false, _) if splits => Piece::Split(loose(&elements.join(&b' '))),
                _ => Piece::Text(whole(&elements.join(&b' '))),
            })
            .collect()
    }

    /// The values, and whether the variable may be unset or empty.
    fn looked_up(state: &State, parameter: &Parameter) -> (Lists, bool) {
        let unknown = || (vec![vec![vec![HOLES]]], true);
        let mut name = parameter.name.clone();
        if parameter.indirect {
            let Some(Variable { values, .. }) = state.variables.get(&name) else { return unknown() };
            let [elements] = values.as_slice() else { return unknown() };
            let Some(known) = elements.first().and_then(Value::text) else { return unknown() };
            name = known.to_owned();
        }
        let variable = match name.as_str() {
            "@" | "*" => match &state.positional {
                Some(lists) => {
                    let (one, more) = lists.iter().fold((Vec::new(), false), |(mut list, more), values| {
                        list.push(values.first().map(|value| value.bytes.clone()).unwrap_or_default());
                        (list, more || values.len() > 1)
                    });
                    return if more { unknown() } else { (vec![one.clone()], one.is_empty()) };
                }
                None => return unknown(),
            },
            "#" | "?" | "$" | "!" | "-" => return (vec![vec![vec![HOLE]]], false),
            number if number.parse::<usize>().is_ok_and(|number| number > 0) => {
                let at = number.parse::<usize>().unwrap_or_default();
                match &state.positional {
                    Some(lists) => {
                        let values = at.checked_sub(1).and_then(|at| lists.get(at));
                        let values: Lists = values.map_or_else(
                            || vec![vec![Vec::new()]],
                            |values| values.iter().map(|value| vec![value.bytes.clone()]).collect(),
                        );
                        let empty = values.iter().flatten().any(Vec::is_empty);
                        return (values, empty);
                    }
                    None => return unknown(),
                }
            }
            _ => state.variables.get(&name),
        };
        let Some(variable) = variable else {
            return environment(state, &name).map_or_else(unknown, |value| (vec![vec![value]], false));
        };
        let index = parameter.index.as_ref().map(|word| word.source.clone());
        let mut lists: Lists = Vec::new();
        for elements in &variable.values {
            let elements: Vec<Vec<u8>> = elements.iter().map(|value| value.bytes.clone()).collect();
            lists.extend(indexed(&elements, index.as_deref()));
        }
        if variable.maybe_unset {
            lists.push(vec![vec![HOLES]]);
        }
        lists.dedup();
        let empty = variable.maybe_unset || lists.iter().any(|list| list.iter().all(Vec::is_empty));
        (lists, empty)
    }

    /// The word behind the operator: every text that it may be.
    fn operand(&mut self, state: &mut State, operation: &Operation) -> Vec<Vec<u8>> {
        let values = self.expand_as(state, &operation.word, How { splits: false, matches: false });
        values
            .into_iter()
            .map(|fields| fields.into_iter().map(|value| value.bytes).collect::<Vec<_>>().join(&b' '))
            .collect()
    }

    fn operate(
        &mut self,
        state: &mut State,
        (name, all): (&str, bool),
        operation: &Operation,
        word: &[Vec<u8>],
        lists: &mut Lists,
        maybe_unset: &mut bool,
    ) {
        let texts = || word.iter().map(|text| vec![text.clone()]);
        let unknown =
            |lists: &Lists| lists.iter().flatten().flatten().any(|byte| matches!(*byte, HOLE | HOLES));
        match operation.operator.as_str() {
            ":-" | "-" | ":=" | "=" => {
                let colon = operation.operator.starts_with(':');
                let absent = |list: &Vec<Vec<u8>>| colon && list.iter().all(Vec::is_empty);
                if *maybe_unset || unknown(lists) || lists.iter().any(absent) {
                    lists.retain(|list| !absent(list));
                    // Nobody gave it a value before.
                    let is_set = state.variables.contains_key(name) || (self.surroundings.inherited)(name);
                    if !is_set
                        && *lists == [vec![vec![HOLES]]]
                        && !name.bytes().all(|byte| byte.is_ascii_digit())
                    {
                        lists.clear();
                    }
                    lists.extend(texts());
                }
                if operation.operator.ends_with('=') {
                    let values = lists.iter().flatten().map(|one| Value::known(one.clone())).collect();
                    self.assign(state, name, Variable::any_of(values));
                }
            }
            ":+" | "+" => {
                let set = !*maybe_unset && !unknown(lists);
                *lists = texts().collect();
                if !set {
                    lists.push(vec![Vec::new()]);
                }
            }
            ":?" | "?" => {}
            // Of all elements, those from one on.
            ":" if all => {
                for list in lists.iter_mut() {
                    *list = sliced(list, word, name).unwrap_or_else(|| vec![vec![HOLES]]);
                }
            }
            operator => {
                for one in lists.iter_mut().flatten() {
                    *one = match word {
                        [word] => {
                            transformed(one, operator, word, &operation.word).unwrap_or_else(|| vec![HOLES])
                        }
                        _ => vec![HOLES],
                    };
                }
            }
        }
    }
}

/// `"$@"` of which nothing is known is any number of words.
fn whole_unless_all(text: &[u8]) -> Vec<u8> {
    if text == [HOLES] { text.to_vec() } else { whole(text) }
}

/// What an array's name stands for: bash has its first element, zsh all of them,
/// and they do not count from the same number.
fn indexed(elements: &[Vec<u8>], index: Option<&[u8]>) -> Lists {
    let at = |at: usize| elements.get(at).map(|one| vec![one.clone()]);
    match index {
        Some(b"@" | b"*") => vec![elements.to_vec()],
        Some(number) => match std::str::from_utf8(number).ok().and_then(|text| text.parse::<usize>().ok()) {
            Some(number) => {
                let mut lists: Lists = at(number).into_iter().collect();
                lists.extend(number.checked_sub(1).and_then(at));
                if lists.is_empty() { vec![vec![Vec::new()]] } else { lists }
            }
            None => elements.iter().map(|one| vec![one.clone()]).chain([vec![vec![HOLE]]]).collect(),
        },
        None if elements.len() > 1 => at(0).into_iter().chain([elements.to_vec()]).collect(),
        None => vec![elements.to_vec()],
    }
}

/// Variables that are known although no text assigned them.
fn environment(state: &State, name: &str) -> Option<Vec<u8>> {
    let path = match name {
        "HOME" => state.home.clone(),
        "PWD" => match state.directories.as_slice() {
            [one] => one.clone(),
            _ => None,
        },
        "OLDPWD" => match state.previous.as_slice() {
            [one] => one.clone(),
            _ => None,
        },
        "IFS" => return Some(b" \t\n".to_vec()),
        _ => None,
    };
    path.map(|path| path.as_os_str().as_bytes().to_vec())
}

/// `${a[@]:1:2}`; of the positional parameters the first has the number 1.
fn sliced(list: &[Vec<u8>], word: &[Vec<u8>], name: &str) -> Option<Vec<Vec<u8>>> {
    let [word] = word else { return None };
    if list.iter().flatten().any(|byte| *byte == HOLES) {
        return None;
    }
    let text = std::str::from_utf8(word).ok()?;
    let (offset, length) =
        text.split_once(':').map_or((text, None), |(offset, length)| (offset, Some(length)));
    let offset: i64 = offset.trim().parse().ok()?;
    let size = i64::try_from(list.len()).ok()?;
    let first = i64::from(matches!(name, "@" | "*"));
    let start = if offset < 0 { size + offset } else { (offset - first).max(0) }.clamp(0, size);
    let end = match length {
        None => size,
        Some(length) => (start + length.trim().parse::<i64>().ok()?).clamp(start, size),
    };
    list.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?).map(<[_]>::to_vec)
}

/// A value after `${x#…}`, `${x/…/…}`, `${x^^}` and the like; `None` where it is
/// not known.
fn transformed(value: &[u8], operator: &str, word: &[u8], raw: &Word) -> Option<Vec<u8>> {
    let known = |text: &[u8]| !text.iter().any(|byte| matches!(*byte, HOLE | HOLES));
    if !known(value) || !known(word) {
        return None;
    }
    let pattern = raw.parts.iter().any(|part| matches!(part, Part::Glob(_)));
    match operator {
        "^^" | "," | ",," | "^" if word.is_empty() => Some(cased(value, operator)),
        ":" => substring(value, word),
        "#" | "##" | "%" | "%%" if !pattern => {
            let cut =
                if operator.starts_with('#') { value.strip_prefix(word) } else { value.strip_suffix(word) };
            Some(cut.unwrap_or(value).to_vec())
        }
        "#" | "##" | "%" | "%%" => trimmed(value, operator, word),
        "/" | "//" | "/#" | "/%" if !pattern => {
            let at = word.iter().position(|byte| *byte == b'/');
            let (from, to) = match at {
                Some(at) => (word.get(..at)?, word.get(at + 1..)?),
                None => (word, &b""[..]),
            };
            replaced(value, from, to, operator)
        }
        _ => None,
    }
}

fn cased(value: &[u8], operator: &str) -> Vec<u8> {
    let change = |byte: &u8| {
        if operator.starts_with('^') { byte.to_ascii_uppercase() } else { byte.to_ascii_lowercase() }
    };
    match (operator.len(), value.split_first()) {
        (1, Some((first, rest))) => [&[change(first)], rest].concat(),
        (1, None) => Vec::new(),
        _ => value.iter().map(change).collect(),
    }
}

/// `offset` or `offset:length`; negative ones count from the end.
fn substring(value: &[u8], word: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(word).ok()?;
    let (offset, length) =
        text.split_once(':').map_or((text, None), |(offset, length)| (offset, Some(length)));
    let offset: i64 = offset.trim().parse().ok()?;
    let size = i64::try_from(value.len()).ok()?;
    let start = if offset < 0 { size + offset } else { offset }.clamp(0, size);
    let end = match length {
        None => size,
        Some(length) => {
            let length: i64 = length.trim().parse().ok()?;
            if length < 0 { size + length } else { start + length }.clamp(start, size)
        }
    };
    value.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?).map(<[u8]>::to_vec)
}

/// A pattern of one `*` next to a text that stands for itself: `${x%/*}`, `${x##*/}`.
fn trimmed(value: &[u8], operator: &str, pattern: &[u8]) -> Option<Vec<u8>> {
    let special = |text: &[u8]| text.iter().any(|byte| matches!(byte, b'*' | b'?' | b'[' | b'(' | b'\\'));
    let find = |text: &[u8], first: bool| {
        let mut places = value.windows(text.len()).enumerate().filter(|(_, window)| *window == text);
        if first { places.next() } else { places.next_back() }.map(|(at, _)| at)
    };
    let kept = match operator {
        "#" | "##" => {
            let text = pattern.strip_prefix(b"*").filter(|text| !text.is_empty() && !special(text))?;
            find(text, operator == "#").map(|at| value.get(at + text.len()..))
        }
        _ => {
            let text = pattern.strip_suffix(b"*").filter(|text| !text.is_empty() && !special(text))?;
            find(text, operator == "%%").map(|at| value.get(..at))
        }
    };
    Some(kept.unwrap_or(Some(value))?.to_vec())
}

fn replaced(value: &[u8], from: &[u8], to: &[u8], operator: &str) -> Option<Vec<u8>> {
    if from.is_empty() {
        return Some(value.to_vec());
    }
    match operator {
        "/#" => {
            return Some(value.strip_prefix(from).map_or_else(|| value.to_vec(), |rest| [to, rest].concat()));
        }
        "/%" => {
            return Some(value.strip_suffix(from).map_or_else(|| value.to_vec(), |rest| [rest, to].concat()));
        }
        _ => {}
    }
    let (mut out, mut at) = (Vec::new(), 0);
    while let Some(rest) = value.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(from) && (operator == "//" || at == out.len()) {
            out.extend_from_slice(to);
            at += from.len();
            if operator == "/" {
                out.extend_from_slice(value.get(at..)?);
                return Some(out);
            }
        } else {
            out.push(*rest.first()?);
            at += 1;
        }
    }
    Some(out)
}
