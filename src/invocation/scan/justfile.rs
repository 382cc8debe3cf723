//! justfiles: each line of a recipe is a shell of its own, unless the recipe is a
//! script. What they import is not read.

mod expression;
mod reader;

use std::path::Path;

use super::placed::unknown;
use super::shell::{interpreter, is_shell};
use super::{Format, Passage, Piece, Unread};
use crate::shell::inner::Place;
use expression::Values;
use reader::{Justfile as Read, Recipe};

/// justfiles.
pub(super) struct Justfile;

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
        matches!(name.as_str(), "justfile" | ".justfile") || name.ends_with(".just")
    }

    fn read(&self, text: &str) -> Result<Vec<Piece>, Unread> {
        let file = Read::read(text);
        let mut values = Values::of(&file.assignments, text);
        let mut passages = std::mem::take(&mut values.run);
        for recipe in &file.recipes {
            values.parameters.clear();
            for (name, default) in &recipe.parameters {
                let value = default.clone().and_then(|range| values.evaluate(text, range));
                values.parameters.push((name.clone(), value));
            }
            let found = body(text, &file, recipe, &mut values);
            passages.extend(std::mem::take(&mut values.run));
            let exported = |name: &str| file.exports_all || file.exports.iter().any(|export| export == name);
            let given = values.known.iter().filter(|(name, _)| exported(name));
            let given: Vec<(String, String)> =
                given.filter_map(|(name, value)| Some((name.clone(), value.clone()?))).collect();
            let given = || given.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            passages.extend(found.into_iter().map(|passage| passage.given(given())));
        }
        passages.retain(|passage| !passage.is_idle());
        Ok(passages.into_iter().map(Piece::Passage).collect())
    }
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
