//! A word to the fields that it becomes, as far as they are known.

use super::state::{COMBINATIONS, State, Variable, Written};
use super::{Input, Io, Output, Walk, look_up};
use crate::shell::syntax::{Part, Script, Word};
use crate::shell::value::{HOLE, HOLES, Value};

/// What a part of a word contributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text that stays in one field.
    Text(Vec<u8>),
    /// Text that is split where it holds separators.
    Split(Vec<u8>),
    /// Fields of their own (`"$@"`).
    Fields(Vec<Vec<u8>>),
}

/// The fields that a word has so far.
#[derive(Clone, Debug, Default)]
struct Fields {
    done: Vec<Vec<u8>>,
    current: Option<Vec<u8>>,
}

impl Fields {
    fn add(&mut self, piece: &Piece, separators: &[u8]) {
        match piece {
            Piece::Text(text) => self.current.get_or_insert_default().extend_from_slice(text),
            Piece::Split(text) => self.split(text, separators),
            Piece::Fields(fields) => {
                let mut fields = fields.iter();
                if let Some(first) = fields.next() {
                    self.current.get_or_insert_default().extend_from_slice(first);
                }
                for field in fields {
                    self.done.extend(self.current.replace(field.clone()));
                }
            }
        }
    }

    fn split(&mut self, text: &[u8], separators: &[u8]) {
        for (at, field) in text.split(|byte| separators.contains(byte)).enumerate() {
            if at > 0 {
                self.done.extend(self.current.take());
            }
            if !field.is_empty() {
                self.current.get_or_insert_default().extend_from_slice(field);
            }
        }
    }

    fn finish(mut self) -> Vec<Vec<u8>> {
        self.done.extend(self.current.take());
        self.done
    }
}

/// How a word is expanded.
#[derive(Clone, Copy, Debug)]
pub(super) struct How {
    /// Whether what is substituted is split into fields.
    pub(super) splits: bool,
    /// Whether a pattern is not known, rather than itself.
    pub(super) matches: bool,
}

impl Walk<'_> {
    /// Every list of fields that `word` may become.
    pub(super) fn expand(&mut self, state: &mut State, word: &Word, splits: bool) -> Vec<Vec<Value>> {
        self.expand_as(state, word, How { splits, matches: false })
    }

    pub(super) fn expand_as(&mut self, state: &mut State, word: &Word, how: How) -> Vec<Vec<Value>> {
        let mut all: Vec<Vec<Value>> = vec![Vec::new()];
        for parts in braced(&word.parts) {
            let one = self.expand_parts(state, &parts, &word.source, how);
            all = if all.len() * one.len() <= COMBINATIONS {
                all.iter()
                    .flat_map(|before| {
                        one.iter().map(move |fields| [before.clone(), fields.clone()].concat())
                    })
                    .collect()
            } else {
                all.into_iter()
                    .map(|mut before| {
                        before.push(Value::known([HOLES]));
                        before
                    })
                    .collect()
            };
        }
        all
    }

    fn expand_parts(
        &mut self,
        state: &mut State,
        parts: &[&Part],
        source: &[u8],
        how: How,
    ) -> Vec<Vec<Value>> {
        let separators = separators(state);
        let mut all = vec![Fields::default()];
        for part in parts {
            if !self.spend(1, state) {
                break;
            }
            let mut pieces = self.pieces(state, part, how);
            if pieces.is_empty() || pieces.len() * all.len() > COMBINATIONS {
                pieces = vec![unknown(how.splits)];
            }
            all = all
                .iter()
                .flat_map(|before| {
                    pieces.iter().map(|piece| {
                        let mut fields = before.clone();
                        match piece {
                            Piece::Split(text) if !how.splits => {
                                fields.add(&Piece::Text(whole(text)), &separators);
                            }
                            piece => fields.add(piece, &separators),
                        }
                        fields
                    })
                })
                .collect();
        }
        let mut lists: Vec<Vec<Value>> = Vec::new();
        for fields in all {
            let fields = fields.finish();
            let shown = (fields.len() == 1).then(|| source.to_vec());
            let values = fields.into_iter().map(|bytes| {
                let value = Value::known(bytes);
                let source = shown.clone().filter(|_| !value.is_known());
                Value { source, ..value }
            });
            let mut values: Vec<Value> = values.collect();
            // Where nothing is split there is always one field.
            if !how.splits && values.is_empty() {
                values.push(Value::default());
            }
            if !lists.contains(&values) {
                lists.push(values);
            }
        }
        lists
    }

    /// What a part may contribute: any of these.
    fn pieces(&mut self, state: &mut State, part: &Part, how: How) -> Vec<Piece> {
        match part {
            Part::Glob(_) if how.matches => vec![Piece::Text(vec![HOLE])],
            Part::Literal { text, quoted: true } | Part::Glob(text) => vec![Piece::Text(text.clone())],
            // What was not known when this text was made may hold spaces.
            Part::Literal { text, quoted: false } => {
                vec![Piece::Text(text.iter().map(|byte| if *byte == HOLE { HOLES } else { *byte }).collect())]
            }
            Part::Tilde(user) => vec![Piece::Text(tilde(state, user))],
            Part::Brace(_) => vec![unknown(how.splits)],
            Part::Parameter(parameter) => self.parameter(state, parameter, how),
            Part::Command { script, quoted } => self.substituted(state, script, *quoted),
            Part::Process { script, reads } => vec![self.process(state, script, *reads)],
            Part::Arithmetic { word, quoted: _ } => {
                state.settles(look_up::is_number(&word.source));
                self.expand(state, word, false);
                vec![Piece::Text(vec![HOLE])]
            }
        }
    }

    /// `$(…)`.
    fn substituted(&mut self, state: &mut State, script: &Script, quoted: bool) -> Vec<Piece> {
        let mut own = self.own(state);
        let output = self.script(&mut own, script, &Io::default());
        state.take_files(&own);
        if output.is_empty() {
            return vec![unknown(!quoted)];
        }
        let trimmed = output.iter().map(|text| {
            let end = text.iter().rposition(|byte| *byte != b'\n').map_or(0, |at| at + 1);
            text.get(..end).unwrap_or_default().to_vec()
        });
        trimmed
            .map(|text| if quoted { Piece::Text(whole(&text)) } else { Piece::Split(loose(&text)) })
            .collect()
    }

    /// `<(…)` and `>(…)`: a file, of which it is known what stands in it.
    fn process(&mut self, state: &mut State, script: &Script, reads: bool) -> Piece {
        let mut own = self.own(state);
        let input = if reads { Input::Unknown("a command".to_owned()) } else { Input::Inherited };
        let output: Output = self.script(&mut own, script, &Io { input });
        state.take_files(&own);
        self.pipes += 1;
        let path = format!("/dev/fd/substituted-{}", self.pipes);
        state.files.insert(path.clone().into(), Written { text: output.into_iter().next_back() });
        Piece::Text(path.into_bytes())
    }

    /// Gives a variable a value.
    pub(super) fn assign(&mut self, state: &mut State, name: &str, variable: Variable) {
        if (self.surroundings.inherited)(name) {
            state.inherits(name);
        }
        state.assign(name, variable);
    }
}

/// Something that is not known.
fn unknown(splits: bool) -> Piece {
    if splits { Piece::Split(vec![HOLES]) } else { Piece::Text(vec![HOLE]) }
}

/// Unknown parts as they are within quotes.
pub(super) fn whole(text: &[u8]) -> Vec<u8> {
    text.iter().map(|byte| if *byte == HOLES { HOLE } else { *byte }).collect()
}

/// Unknown parts as they are without quotes.
pub(super) fn loose(text: &[u8]) -> Vec<u8> {
    text.iter().map(|byte| if *byte == HOLE { HOLES } else { *byte }).collect()
}

fn separators(state: &State) -> Vec<u8> {
    match state.variables.get("IFS").map(|variable| variable.values.as_slice()) {
        Some([elements]) => match elements.as_slice() {
            [one] if one.is_known() => one.bytes.clone(),
            _ => b" \t\n".to_vec(),
        },
        _ => b" \t\n".to_vec(),
    }
}

/// A path of code, where a leading `~` stands for the home that the code asked for.
pub(super) fn from_home(state: &State, path: &[u8]) -> Vec<u8> {
    match path.strip_prefix(b"~") {
        Some(rest) if rest.is_empty() || rest.starts_with(b"/") => [&tilde(state, b""), rest].concat(),
        _ => path.to_vec(),
    }
}

/// The directory that `~user` stands for.
fn tilde(state: &State, user: &[u8]) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt as _;
    let assigned = state.variables.get("HOME").filter(|_| user.is_empty());
    if let Some(variable) = assigned {
        return match variable.values.as_slice() {
            [elements] => elements.first().map(|one| one.bytes.clone()).unwrap_or_default(),
            _ => vec![HOLE],
        };
    }
    let path = match (user, state.directories.as_slice(), state.previous.as_slice()) {
        (b"", ..) => state.home.clone(),
        (b"+", [directory], _) => directory.clone(),
        (b"-", _, [previous]) => previous.clone(),
        (b"+" | b"-", ..) => None,
        _ => return [b"~", user].concat(),
    };
    path.map_or_else(|| vec![HOLE], |path| path.as_os_str().as_bytes().to_vec())
}

/// The words that braces make of these parts: each a list of parts.
fn braced(parts: &[Part]) -> Vec<Vec<&Part>> {
    let mut words: Vec<Vec<&Part>> = vec![Vec::new()];
    for part in parts {
        let Part::Brace(alternatives) = part else {
            for word in &mut words {
                word.push(part);
            }
            continue;
        };
        let alternatives: Vec<Vec<&Part>> =
            alternatives.iter().flat_map(|word| braced(&word.parts)).collect();
        if words.len() * alternatives.len() > 64 {
            for word in &mut words {
                word.push(part);
            }
            continue;
        }
        words = words
            .iter()
            .flat_map(|before| alternatives.iter().map(move |more| [before.clone(), more.clone()].concat()))
            .collect();
    }
    words
}
