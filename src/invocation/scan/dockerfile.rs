//! Dockerfiles: each RUN is a shell of its own, in an image that is being built; what
//! the image starts later counts, too.

mod instruction;
mod variables;

use std::collections::HashMap;
use std::path::Path;

use super::placed::{json_strings, quoted};
use super::shell::{interpreter, is_shell};
use super::{Format, Passage, Piece, Unread};
use crate::shell::inner::Place;
use instruction::{Instruction, instructions};
use variables::Variables;

/// Dockerfiles.
pub(super) struct Dockerfile;

/// Endings of files that are named for a Dockerfile and are something else.
const OTHERS: [&str; 13] =
    ["adoc", "dockerignore", "go", "html", "j2", "js", "json", "md", "py", "rb", "rst", "ts", "txt"];

/// How many bytes of variables stages may get from others, in all.
const INHERITED: usize = 16 << 20;

impl Format for Dockerfile {
    fn name(&self) -> &'static str {
        "Dockerfile"
    }

    fn is(&self, path: &Path, _: &str) -> bool {
        let Some(name) = path.file_name().and_then(std::ffi::OsStr::to_str) else { return false };
        let is_name =
            |name: &str| matches!(name.to_ascii_lowercase().as_str(), "dockerfile" | "containerfile");
        let ends = |name: &str| name.rsplit_once('-').is_some_and(|(_, last)| is_name(last));
        match name.rsplit_once('.') {
            None => {
                name.split_once(['-', '_']).map_or(is_name(name), |(first, _)| is_name(first)) || ends(name)
            }
            Some((_, last)) if is_name(last) => true,
            Some((first, last)) => {
                is_name(first.split(['.', '-', '_']).next().unwrap_or(first)) && !OTHERS.contains(&last)
            }
        }
    }

    fn read(&self, text: &str) -> Result<Vec<Piece>, Unread> {
        let mut build = Build::default();
        for instruction in instructions(text)? {
            build.instruction(instruction);
        }
        build.end_stage();
        if let Some(at) = build.overflows {
            return Err(Unread { at, why: "its stages hand on too many variables".to_owned() });
        }
        let passages = build.passages.into_iter().filter(|passage| !passage.is_idle());
        Ok(passages.map(Piece::Passage).collect())
    }
}

/// A build, as far as it was read.
#[derive(Default)]
struct Build {
    passages: Vec<Passage>,
    variables: Variables,
    /// The variables of stages that have a name, and what their images start.
    stages: HashMap<String, (Variables, Option<Passage>)>,
    stage: Option<String>,
    /// What SHELL names; the image's own where it is empty.
    shell: Vec<String>,
    /// What the image starts, as words that CMD's follow.
    entrypoint: Option<Passage>,
    /// Whether the stage says so itself.
    entrypoint_own: bool,
    command: Option<Passage>,
    /// How many bytes of variables stages got from others.
    inherited: usize,
    /// Where they became too many.
    overflows: Option<usize>,
}

impl Build {
    fn instruction(&mut self, instruction: Instruction) {
        let Instruction { name, rest, documents } = instruction;
        match name.as_str() {
            "FROM" => self.from(&rest.text, rest.origin(0)),
            "ARG" => self.variables.argument(&rest.text),
            "ENV" => self.variables.environment(&rest.text),
            "SHELL" => {
                let words = json_strings(&rest.text).map(|(words, _)| words).unwrap_or_default();
                self.shell = words.into_iter().map(|(_, word)| word).collect();
            }
            "RUN" => {
                let rest = without_flags(&rest);
                let passage = match documents.as_slice() {
                    [document] if is_document_alone(&rest.text) => Some(self.document(document)),
                    _ => self.command(&rest, &documents),
                };
                self.add(passage);
            }
            "HEALTHCHECK" => {
                let rest = without_flags(&rest);
                let (word, _) = rest.text.split_once(char::is_whitespace).unwrap_or_default();
                if word.eq_ignore_ascii_case("CMD") {
                    let command = rest.part(word.len()..rest.text.len());
                    let passage = self.command(&trimmed(&command), &[]);
                    self.add(passage);
                }
            }
            // They are run by the image, not while it is built; the last one counts.
            "CMD" => self.command = self.command(&rest, &[]),
            "ENTRYPOINT" => {
                self.entrypoint = self.command(&rest, &[]);
                self.entrypoint_own = true;
                let is_words = json_strings(&rest.text).is_some();
                if !is_words {
                    self.command = None;
                    let passage = self.entrypoint.take();
                    self.add(passage);
                }
            }
            "ONBUILD" => {
                let (word, _) = rest.text.split_once(char::is_whitespace).unwrap_or_default();
                let name = word.to_ascii_uppercase();
                let rest = trimmed(&rest.part(word.len()..rest.text.len()));
                match name.as_str() {
                    "RUN" => self.instruction(Instruction { name, rest, documents }),
                    "CMD" | "ENTRYPOINT" => {
                        let passage = self.command(&rest, &[]);
                        self.add(passage);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    fn from(&mut self, rest: &str, at: usize) {
        self.end_stage();
        let mut words = rest.split_whitespace().filter(|word| !word.starts_with("--"));
        let image = words.next().unwrap_or_default().to_ascii_lowercase();
        let named = words.next().is_some_and(|word| word.eq_ignore_ascii_case("as"));
        self.stage = words.next().filter(|_| named).map(str::to_ascii_lowercase);
        let none = (Variables::default(), None);
        let (variables, entrypoint) = self.stages.get(&image).unwrap_or(&none);
        self.inherited += variables.size();
        if self.inherited <= INHERITED {
            self.variables.next_stage(variables);
        } else {
            self.variables.next_stage(&none.0);
            self.overflows = self.overflows.or(Some(at));
        }
        self.entrypoint.clone_from(entrypoint);
        self.entrypoint_own = false;
        self.shell = Vec::new();
    }

    fn end_stage(&mut self) {
        let own = self.entrypoint_own || self.command.is_some();
        let entrypoint = self.entrypoint.take();
        let handed_on = entrypoint.clone();
        let started = match (entrypoint.filter(|_| own), self.command.take()) {
            (Some(mut entrypoint), Some(command)) => {
                entrypoint.push_made(" ", command.origin(0));
                entrypoint.append(&command, 0..command.text.len());
                Some(entrypoint)
            }
            (one, other) => one.or(other),
        };
        self.add(started);
        if let Some(stage) = self.stage.take() {
            self.stages.insert(stage, (self.variables.clone(), handed_on));
        }
    }

    fn add(&mut self, passage: Option<Passage>) {
        self.passages.extend(passage.map(|passage| passage.given(self.variables.known())));
    }

    /// What a shell, or the image by itself, runs; `None` where no shell that is known
    /// reads it.
    fn command(&self, rest: &Passage, documents: &[Passage]) -> Option<Passage> {
        if let Some((words, end)) = json_strings(&rest.text)
            && rest.text.get(end..).is_some_and(|behind| behind.trim().is_empty())
        {
            let mut passage = Passage::at(Place::Container);
            for (at, word) in words {
                passage.push_made(&quoted(&word), rest.origin(at));
                passage.push_made(" ", rest.origin(at));
            }
            return Some(passage);
        }
        let mut passage = Passage::at(Place::Container);
        passage.append(rest, 0..rest.text.len());
        for document in documents {
            passage.push_made("\n", rest.origin(rest.text.len()));
            passage.append(document, 0..document.text.len());
        }
        let program = self.shell.first().map_or("sh", String::as_str);
        let program = program.rsplit(['/', '\\']).next().unwrap_or(program);
        let windows = ["cmd", "powershell", "pwsh"]
            .iter()
            .any(|shell| program.to_ascii_lowercase().trim_end_matches(".exe") == *shell);
        (!windows).then(|| Passage::script(program, &passage))
    }

    /// A here-document that is the whole command.
    fn document(&self, document: &Passage) -> Passage {
        // Behind its text stands the line that ends it.
        let text = document.text.trim_end_matches('\n');
        let length = text.rfind('\n').map_or(0, |at| at + 1);
        let mut body = Passage::at(Place::Container);
        body.append(document, 0..length);
        let program = interpreter(&body.text)
            .map_or_else(|| self.shell.first().cloned().unwrap_or_else(|| "sh".to_owned()), str::to_owned);
        if is_shell(&program) { body } else { Passage::script(&program, &body) }
    }
}

/// Whether a here-document is all that is run: its text is a script then.
fn is_document_alone(text: &str) -> bool {
    let Some(word) = text.trim().strip_prefix("<<") else { return false };
    let word = word.strip_prefix('-').unwrap_or(word);
    !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '"' | '\''))
}

/// What stands behind the flags of an instruction.
fn without_flags(rest: &Passage) -> Passage {
    let mut at = 0;
    let behind = |at: usize| rest.text.get(at..).unwrap_or_default();
    loop {
        at += behind(at).len() - behind(at).trim_start().len();
        if !behind(at).starts_with("--") {
            return rest.part(at..rest.text.len());
        }
        at += behind(at).find(char::is_whitespace).unwrap_or(behind(at).len());
    }
}

/// What is left without the blanks before it.
fn trimmed(rest: &Passage) -> Passage {
    rest.part(rest.text.len() - rest.text.trim_start().len()..rest.text.len())
}

#[cfg(test)]
mod tests;
