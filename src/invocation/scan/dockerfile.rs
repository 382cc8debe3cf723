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

impl Format for Dockerfile {
    fn name(&self) -> &'static str {
        "Dockerfile"
    }

    fn is(&self, path: &Path, _: &str) -> bool {
        let Some(name) = path.file_name().and_then(std::ffi::OsStr::to_str) else { return false };
        let is_name =
            |name: &str| matches!(name.to_ascii_lowercase().as_str(), "dockerfile" | "containerfile");
        match name.rsplit_once('.') {
            None => is_name(name),
            Some((_, last)) if is_name(last) => true,
            Some((first, last)) => {
                is_name(first.split('.').next().unwrap_or(first)) && !OTHERS.contains(&last)
            }
        }
    }

    fn read(&self, text: &str) -> Result<Vec<Piece>, Unread> {
        let mut build = Build::default();
        for instruction in instructions(text)? {
            build.instruction(instruction);
        }
        build.end_stage();
        let passages = build.passages.into_iter().filter(|passage| !passage.is_idle());
        Ok(passages.map(Piece::Passage).collect())
    }
}

/// A build, as far as it was read.
#[derive(Default)]
struct Build {
    passages: Vec<Passage>,
    variables: Variables,
    /// The variables of stages that have a name.
    stages: HashMap<String, Variables>,
    stage: Option<String>,
    /// What SHELL names; the image's own where it is empty.
    shell: Vec<String>,
    /// What the image starts, as words that CMD's follow.
    entrypoint: Option<Passage>,
    command: Option<Passage>,
}

impl Build {
    fn instruction(&mut self, instruction: Instruction) {
        let Instruction { name, rest, documents } = instruction;
        match name.as_str() {
            "FROM" => self.from(&rest.text),
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
                self.command = None;
                let is_words = json_strings(&rest.text).is_some();
                if !is_words {
                    let passage = self.entrypoint.take();
                    self.add(passage);
                }
            }
            "ONBUILD" => {
                let (word, _) = rest.text.split_once(char::is_whitespace).unwrap_or_default();
                let name = word.to_ascii_uppercase();
                if name == "RUN" {
                    let rest = trimmed(&rest.part(word.len()..rest.text.len()));
                    self.instruction(Instruction { name, rest, documents });
                }
            }
            _ => {}
        }
    }

    fn from(&mut self, rest: &str) {
        self.end_stage();
        let mut words = rest.split_whitespace().filter(|word| !word.starts_with("--"));
        let image = words.next().unwrap_or_default().to_ascii_lowercase();
        let named = words.next().is_some_and(|word| word.eq_ignore_ascii_case("as"));
        self.stage = words.next().filter(|_| named).map(str::to_ascii_lowercase);
        let inherited = self.stages.get(&image).cloned().unwrap_or_default();
        self.variables.next_stage(&inherited);
        self.shell = Vec::new();
    }

    fn end_stage(&mut self) {
        let started = match (self.entrypoint.take(), self.command.take()) {
            (Some(mut entrypoint), Some(command)) => {
                entrypoint.push_made(" ", command.origin(0));
                entrypoint.append(&command, 0..command.text.len());
                Some(entrypoint)
            }
            (one, other) => one.or(other),
        };
        self.add(started);
        if let Some(stage) = self.stage.take() {
            self.stages.insert(stage, self.variables.clone());
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
