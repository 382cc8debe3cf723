//! Makefiles: each line of a recipe is a shell of its own.
//!
//! What make puts into a line (variables, functions) is put in as far as the file
//! itself tells; both branches of its conditions count. What it includes is not read.

mod expand;
mod functions;
mod reader;
mod references;
mod variables;

use std::collections::HashSet;
use std::path::Path;

use super::placed::quoted;
use super::shell::{interpreter, is_shell};
use super::{Format, Passage, Piece, Unread};
use crate::shell::inner::Place;
use expand::{Expander, Target};
use functions::stem;
use reader::{Reader, Recipe};
use references::balanced;
use variables::Variables;

/// Makefiles.
pub(super) struct Makefile;

const NAMES: [&str; 4] = ["BSDmakefile", "GNUmakefile", "Makefile", "makefile"];

/// Endings of files that are named for a Makefile and are something else.
const OTHERS: [&str; 21] = [
    "adoc", "c", "go", "h", "html", "js", "json", "lua", "md", "pl", "pm", "py", "rb", "rs", "rst", "toml",
    "ts", "txt", "w32", "yaml", "yml",
];

/// Words that begin a command of the shell's own.
const KEYWORDS: [&str; 7] = ["!", "[[", "case", "for", "if", "until", "while"];

/// How many readings of one line are told apart.
const READINGS: usize = 8;

/// How many targets of one rule are told apart.
const TARGETS: usize = 64;

impl Format for Makefile {
    fn name(&self) -> &'static str {
        "Makefile"
    }

    fn is(&self, path: &Path, text: &str) -> bool {
        if let Some(program) = interpreter(text) {
            return matches!(program, "make" | "gmake");
        }
        let Some(name) = path.file_name().and_then(std::ffi::OsStr::to_str) else { return false };
        match name.rsplit_once('.') {
            None => NAMES.contains(&name.split('-').next().unwrap_or(name)),
            Some((_, "mk" | "mak" | "make")) => true,
            Some((_, last)) if NAMES.contains(&last) => true,
            Some((first, last)) => {
                let first = first.split(['.', '-']).next().unwrap_or(first);
                NAMES.contains(&first) && !OTHERS.contains(&last.to_ascii_lowercase().as_str())
            }
        }
    }

    fn read(&self, text: &str) -> Result<Vec<Piece>, Unread> {
        let whole = Passage::standing(text, 0);
        let mut makefile = Reader::read(&whole);
        let mut found = Passages::default();
        shell_functions(&whole, &makefile.variables, &mut found);
        for command in &makefile.commands {
            found.all(&makefile.variables, None, command, Passages::add);
        }
        let recipes = std::mem::take(&mut makefile.recipes);
        for recipe in &recipes {
            found.recipe(&makefile, recipe);
        }
        Ok(found.passages.into_iter().map(Piece::Passage).collect())
    }
}

/// What was found, each text at each place once.
#[derive(Default)]
struct Passages {
    passages: Vec<Passage>,
    seen: HashSet<(usize, String)>,
}

impl Passages {
    fn add(&mut self, passage: Passage) {
        if !passage.is_idle() && self.seen.insert((passage.origin(0), passage.text.clone())) {
            self.passages.push(passage);
        }
    }

    /// Every reading of a text that make expands.
    fn all(
        &mut self,
        variables: &Variables,
        target: Option<Target>,
        text: &Passage,
        mut take: impl FnMut(&mut Self, Passage),
    ) {
        let mut pick = 0;
        loop {
            let mut expander = Expander::new(variables, target, pick);
            let passage = expander.placed(text);
            let widest = expander.widest.min(READINGS);
            for run in std::mem::take(&mut expander.run) {
                self.add(run);
            }
            take(self, passage);
            pick += 1;
            if pick >= widest {
                return;
            }
        }
    }

    /// What the lines of a recipe run.
    fn recipe(&mut self, makefile: &Reader, recipe: &Recipe) {
        if recipe.lines.is_empty() {
            return;
        }
        let targets = targets(makefile, recipe);
        for (name, stem) in &targets {
            self.recipe_for(makefile, recipe, Some(Target { name, stem: stem.as_deref() }));
        }
        if targets.is_empty() {
            self.recipe_for(makefile, recipe, None);
        }
    }

    /// What they run for one target.
    fn recipe_for(&mut self, makefile: &Reader, recipe: &Recipe, target: Option<Target>) {
        let variables = &makefile.variables;
        let shell = Expander::new(variables, None, 0).value("SHELL");
        let shell = shell.rsplit('/').next().unwrap_or_default().trim().to_owned();
        let finish = |passage: Passage| {
            let passage = if is_shell(&shell) || shell.is_empty() || shell.contains('$') {
                passage
            } else {
                as_argument(&shell, &passage)
            };
            passage.given(variables.exported())
        };
        if makefile.one_shell {
            let mut body = Passage::at(Place::Here);
            for line in &recipe.lines {
                body.append(line, 0..line.text.len());
                body.push_made("\n", line.origin(line.text.len()));
            }
            return self.all(variables, target, &body, |found, passage| {
                let mut script = Passage::at(Place::Here);
                for line in lines(&passage) {
                    if !script.text.is_empty() {
                        script.push_made("\n", line.origin(0));
                    }
                    script.append(&line, 0..line.text.len());
                }
                found.add(finish(script));
            });
        }
        for line in &recipe.lines {
            self.all(variables, target, line, |found, passage| {
                lines(&passage).for_each(|line| found.add(finish(line)));
            });
        }
    }
}

/// The targets for which a recipe is run, as far as the file names them, each with what
/// stands for `%`.
fn targets(makefile: &Reader, recipe: &Recipe) -> Vec<(String, Option<String>)> {
    let mut all = Vec::new();
    for target in &recipe.targets {
        if target.contains('%') && recipe.pattern.is_none() {
            let fits = |name: &String| Some((name.clone(), Some(stem(name, target)?.to_owned())));
            all.extend(makefile.named.iter().filter_map(fits).take(TARGETS));
        } else if !target.contains('$') {
            let own = recipe.pattern.as_deref().and_then(|pattern| stem(target, pattern));
            all.push((target.clone(), own.map(str::to_owned)));
        }
        if all.len() >= TARGETS {
            break;
        }
    }
    all
}

/// The text of a recipe as the argument that a program other than a shell gets.
fn as_argument(program: &str, text: &Passage) -> Passage {
    let option = if program.starts_with("perl") || program.starts_with("ruby") { "-e" } else { "-c" };
    Passage::made(&format!("{program} {option} {}", quoted(&text.text)), text.origin(0))
}

/// The lines of an expanded recipe line (a canned recipe has many), without what tells
/// make how to run them.
fn lines(expanded: &Passage) -> impl Iterator<Item = Passage> {
    let text = expanded.text.as_str();
    let mut ranges = Vec::new();
    let mut from = 0;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if c == '\n' && !escaped {
            ranges.push(from..at);
            from = at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    ranges.push(from..text.len());
    ranges.into_iter().filter_map(|range| {
        let line = text.get(range.clone())?;
        let bare = untold(line);
        let bare = silencer(bare).map_or(bare, untold);
        Some(expanded.part(range.start + line.len() - bare.len()..range.end))
    })
}

/// A line without what tells make how to run it.
fn untold(line: &str) -> &str {
    line.trim_start_matches([' ', '\t', '@', '-', '+'])
}

/// What follows a variable that the file does not set, in front of a command that
/// could not stand behind a program's name: such a variable holds `@`, or nothing.
fn silencer(line: &str) -> Option<&str> {
    let (_, rest) = line.strip_prefix("${")?.split_once('}')?;
    let word = rest.trim_start().split([' ', '\t', '\n', ';']).next()?;
    let begins = word.starts_with(['(', '{']) || KEYWORDS.contains(&word);
    let attached = rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '/'));
    (begins || attached).then_some(rest)
}

/// What the functions `$(shell …)` run, wherever they stand in the file.
fn shell_functions(whole: &Passage, variables: &Variables, found: &mut Passages) {
    let text = whole.text.as_str();
    // Functions that stand in each other are not followed for ever.
    let mut steps = (1 << 20) + 64 * text.len();
    for opening in ["$(shell", "${shell"] {
        for (at, _) in text.match_indices(opening) {
            let before = text.get(..at).unwrap_or_default();
            let line = before.rsplit('\n').next().unwrap_or_default();
            let dollars = before.len() - before.trim_end_matches('$').len();
            let end = balanced(text, at + 1);
            steps = steps.saturating_sub(end.unwrap_or(text.len()) - at);
            if steps == 0 {
                return;
            }
            let Some(end) = end.filter(|_| dollars % 2 == 0) else { continue };
            let inside = at + opening.len()..end - 1;
            let argument = text.get(inside.clone()).unwrap_or_default();
            if line.trim_start().starts_with('#') || !argument.starts_with([' ', '\t', '\n', '\\']) {
                continue;
            }
            let blank = argument.len() - argument.trim_start().len();
            let argument = whole.part(inside.start + blank..inside.end);
            found.all(variables, None, &argument, Passages::add);
        }
    }
}

#[cfg(test)]
mod tests;
