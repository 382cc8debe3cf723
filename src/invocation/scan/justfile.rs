//! justfiles: each line of a recipe is a shell of its own, unless the recipe is a
//! script. What they import is not read.

mod expression;
mod reader;

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::placed::{quoted, unknown};
use super::shell::{interpreter, is_shell};
use super::{Format, Passage, Piece, Unread};
use crate::shell::inner::Place;
use expression::Values;
use reader::{Justfile as Read, Recipe};

/// justfiles.
pub(super) struct Justfile;

/// How many readings of a file are told apart.
const READINGS: usize = 6;

/// How many calls of recipes are followed.
const CALLS: usize = 512;

impl Format for Justfile {
    fn name(&self) -> &'static str {
        "justfile"
    }

    fn is(&self, path: &Path, text: &str) -> bool {
        if let Some(program) = interpreter(text) {
            return program == "just";
        }
        let name = path.file_name().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
        let name = name.to_ascii_lowercase();
        matches!(name.as_str(), "justfile" | ".justfile")
            || path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("just"))
    }

    fn read(&self, text: &str) -> Result<Vec<Piece>, Unread> {
        let file = Read::read(text);
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        let (mut pick, mut widest) = (0, 1);
        while pick < widest {
            let mut values = Values::of(&file.assignments, text, pick);
            let mut passages = std::mem::take(&mut values.run);
            recipes(text, &file, &mut values, &mut passages);
            passages.retain(|passage| {
                !passage.is_idle() && seen.insert((passage.origin(0), passage.text.clone()))
            });
            found.extend(passages);
            widest = values.widest.min(READINGS);
            pick += 1;
        }
        Ok(found.into_iter().map(Piece::Passage).collect())
    }
}

/// What the recipes run: each by itself, and as others call it.
fn recipes(text: &str, file: &Read, values: &mut Values, passages: &mut Vec<Passage>) {
    let mut calls: Vec<(usize, Vec<Option<String>>)> =
        (0..file.recipes.len()).map(|number| (number, Vec::new())).collect();
    let named: HashMap<&str, usize> =
        file.recipes.iter().enumerate().map(|(number, recipe)| (recipe.name.as_str(), number)).collect();
    let mut known: HashSet<(usize, Vec<Option<String>>)> = HashSet::new();
    let mut next = 0;
    while let Some((number, arguments)) = calls.get(next).cloned() {
        next += 1;
        let Some(recipe) = file.recipes.get(number) else { continue };
        bind(text, recipe, &arguments, values);
        let found = body(text, file, recipe, values);
        passages.extend(std::mem::take(&mut values.run));
        let exported = |name: &String| file.exports_all || file.exports.contains(name);
        let own = |name: &String| file.exports_all || recipe.exports.contains(name);
        let given = values.known.iter().filter(|(name, _)| exported(name));
        let parameters = values.parameters.iter().filter(|(name, _)| own(name));
        let given = given.chain(parameters.map(|(name, value)| (name, value)));
        let given: Vec<(String, String)> =
            given.filter_map(|(name, value)| Some((name.clone(), value.clone()?))).collect();
        let given = || given.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        passages.extend(found.into_iter().map(|passage| passage.given(given())));
        for (name, range) in &recipe.needs {
            let Some(called) = named.get(name.as_str()) else { continue };
            let arguments = values.evaluate_all(text, range.clone());
            let call = (*called, arguments);
            if call.1.iter().any(Option::is_some) && known.len() < CALLS && known.insert(call.clone()) {
                calls.push(call);
            }
        }
    }
}

/// Gives the parameters of a recipe their values: what it is called with, or else their
/// defaults.
fn bind(text: &str, recipe: &Recipe, arguments: &[Option<String>], values: &mut Values) {
    values.parameters.clear();
    for (at, (name, default)) in recipe.parameters.iter().enumerate() {
        let given = arguments.get(at..).filter(|rest| !rest.is_empty());
        let value = match given {
            Some(rest) if recipe.variadic.as_ref() == Some(name) => {
                rest.iter().cloned().collect::<Option<Vec<_>>>().map(|words| words.join(" "))
            }
            Some(rest) => rest.first().cloned().flatten(),
            None => default.clone().and_then(|range| values.evaluate(text, range)),
        };
        values.parameters.push((name.clone(), value));
    }
    values.arguments = arguments.iter().cloned().collect::<Option<Vec<_>>>().filter(|_| recipe.positional);
}

/// What a recipe runs.
fn body(text: &str, file: &Read, recipe: &Recipe, values: &mut Values) -> Vec<Passage> {
    let first = recipe.lines.first().and_then(|range| text.get(range.clone())).unwrap_or_default();
    let program = match &recipe.script {
        Some(program) => Some(program.clone()),
        None => first.strip_prefix("#!").map(|_| command_of(first)),
    };
    if let Some(program) = program {
        let shell =
            is_shell(program.split(' ').next().and_then(|path| path.rsplit('/').next()).unwrap_or(""));
        let mut script = Passage::at(Place::Here);
        for range in &recipe.lines {
            interpolated(&mut script, text, range.clone(), values, shell);
            script.push_made("\n", range.end);
        }
        return vec![Passage::script(&program, &script)];
    }
    let mut passages = Vec::new();
    let mut lines = recipe.lines.iter().peekable();
    while let Some(range) = lines.next() {
        let line = text.get(range.clone()).unwrap_or_default();
        let told = line.len() - line.trim_start_matches(['@', '-', '?', ' ', '\t']).len();
        let mut passage = Passage::at(Place::Here);
        if let Some(arguments) = values.arguments.as_ref().filter(|arguments| !arguments.is_empty()) {
            let words: Vec<String> = arguments.iter().map(|word| quoted(word)).collect();
            passage.push_made(&format!("set -- {}\n", words.join(" ")), range.start + told);
        }
        let (mut from, mut range) = (range.start + told, range.clone());
        loop {
            let line = text.get(from..range.end).unwrap_or_default();
            let goes_on = line.ends_with('\\') && lines.peek().is_some();
            interpolated(&mut passage, text, from..range.end - usize::from(goes_on), values, true);
            let Some(next) = lines.next_if(|_| goes_on) else { break };
            (from, range) = (next.start, next.clone());
        }
        passages.push(match &file.shell {
            Some(shell) if !is_shell(shell.rsplit('/').next().unwrap_or(shell)) => {
                Passage::script(shell, &passage)
            }
            _ => passage,
        });
    }
    passages
}

/// The command that a first line `#!…` names, its options left out.
fn command_of(line: &str) -> String {
    interpreter(line).unwrap_or("sh").to_owned()
}

/// Adds a part of a recipe with its `{{…}}` put in.
fn interpolated(
    passage: &mut Passage,
    text: &str,
    range: std::ops::Range<usize>,
    values: &mut Values,
    shell: bool,
) {
    let mut from = range.start;
    while let Some(open) = text.get(from..range.end).and_then(|rest| rest.find("{{")).map(|at| from + at) {
        passage.push(text.get(from..open).unwrap_or_default(), from);
        let rest = text.get(open..range.end).unwrap_or_default();
        if rest.starts_with("{{{{") {
            passage.push_made("{{", open);
            from = open + 4;
            continue;
        }
        let Some(length) = expression::closing(rest) else {
            from = open;
            break;
        };
        let inside = open + 2..open + length;
        let name = text.get(inside.clone()).unwrap_or_default().trim();
        let value = values.evaluate(text, inside);
        let unknown = || if shell { unknown(name) } else { "unknown".to_owned() };
        passage.push_made(&value.unwrap_or_else(unknown), open);
        from = open + length + 2;
    }
    passage.push(text.get(from..range.end).unwrap_or_default(), from);
}

#[cfg(test)]
mod tests;
