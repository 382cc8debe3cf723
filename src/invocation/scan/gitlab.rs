//! GitLab's pipelines: the scripts of each job.
//!
//! A job's `before_script` and `script` are run by one shell, its `after_script` by
//! another. What a job takes from `default`, `extends` or `!reference` is read with it,
//! where it stands in the same file.

mod job;

use std::collections::HashSet;
use std::path::Path;

use super::github::has_extension;
use super::template::{Draft, Growth, Known, Marks, Reading, is_name, quoted};
use super::yaml::{Node, Scalar, documents};
use super::{Format, Piece, Unread};
use crate::shell::inner::Place;
use job::{Job, Pipeline};

/// Pipelines.
pub(super) struct GitLab;

/// How the inputs of a component are marked.
const MARKS: Marks = Marks { open: "$[[", close: "]]" };

/// What is no job at the top of a pipeline.
const KEYWORDS: [&str; 11] = [
    "cache",
    "default",
    "image",
    "include",
    "services",
    "spec",
    "stages",
    "types",
    "variables",
    "workflow",
    "<<",
];

impl Format for GitLab {
    fn name(&self) -> &'static str {
        "GitLab pipeline"
    }

    fn is(&self, path: &Path, _: &str) -> bool {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let directory = path.parent().map(|directory| directory.to_string_lossy()).unwrap_or_default();
        let directory = format!("/{directory}/");
        has_extension(path)
            && (name.contains(".gitlab-ci.")
                || directory.contains("/.gitlab/ci/")
                || directory.contains("/.gitlab-ci/"))
    }

    fn read(&self, text: &str) -> Result<Vec<Piece>, Unread> {
        let mut reader =
            Reader { source: text, pieces: Vec::new(), growth: Growth::of(text), used: HashSet::new() };
        for document in documents(text)? {
            let mut pipeline = Pipeline::of(&document, text.len());
            let jobs = document.entries().into_iter();
            let jobs =
                jobs.filter(|(name, job)| !KEYWORDS.contains(&name.value.as_str()) && job.is_mapping());
            let (templates, jobs): (Vec<_>, Vec<_>) = jobs.partition(|(name, _)| name.value.starts_with('.'));
            for (_, job) in jobs {
                reader.job(&pipeline.job(job)?)?;
            }
            // What jobs took of a template was read with them.
            for (_, template) in templates {
                reader.template(&pipeline.job(template)?)?;
            }
            reader.template(&pipeline.defaults()?)?;
        }
        Ok(reader.pieces)
    }
}

struct Reader<'a> {
    source: &'a str,
    pieces: Vec<Piece>,
    growth: Growth,
    /// Where the lines stand that were read.
    used: HashSet<usize>,
}

impl Reader<'_> {
    fn job(&mut self, job: &Job<'_>) -> Result<(), Unread> {
        for lines in &job.shells {
            self.shell(job, lines)?;
        }
        Ok(())
    }

    /// What no job took of a template.
    fn template(&mut self, job: &Job<'_>) -> Result<(), Unread> {
        for lines in &job.shells {
            if lines.iter().any(|line| !self.used.contains(&line.at)) {
                self.shell(job, lines)?;
            }
        }
        Ok(())
    }

    /// Lines that one shell runs.
    fn shell(&mut self, job: &Job<'_>, lines: &[&Scalar]) -> Result<(), Unread> {
        let Some(first) = lines.first() else { return Ok(()) };
        let mut draft = Draft::default();
        for (name, values, at) in &job.matrix {
            draft.one_of((*name).to_owned(), values.clone(), *at);
            draft.made(format!("export {name}\n"), *at);
        }
        for (name, value) in &job.variables {
            let given = job.matrix.iter().any(|(other, ..)| other == name);
            if is_name(name) && !given && !value.value.contains(MARKS.open) {
                draft.made(format!("export {name}={}\n", expanded(&value.value)), value.at);
            }
        }
        for line in lines {
            self.used.insert(line.at);
            draft.scalar(self.source, line, (MARKS, Reading::Shell), &|_| Known::Nothing);
            if !line.value.ends_with('\n') {
                draft.made("\n", line.at);
            }
        }
        let passage = draft.passage(job.place);
        if !self.growth.take(&passage) {
            return Err(job::too_much(first.at));
        }
        let piece = Piece::Passage(passage);
        // Jobs that take everything from a template are the same.
        if self.pieces.last() != Some(&piece) {
            self.pieces.push(piece);
        }
        Ok(())
    }
}

/// A variable's value as a word of a shell: GitLab puts in other variables itself, and
/// runs nothing.
fn expanded(value: &str) -> String {
    let mut word = String::new();
    let mut rest = value;
    while let Some((text, behind)) = rest.split_once('$') {
        if !text.is_empty() {
            word += &quoted(text);
        }
        let braced = behind.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        let end = behind.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(behind.len());
        let (name, left) = braced.unwrap_or_else(|| behind.split_at(end));
        if is_name(name) {
            word.extend(["\"${", name, "}\""]);
            rest = left;
        } else {
            word += "'$'";
            rest = behind.strip_prefix('$').unwrap_or(behind);
        }
    }
    if !rest.is_empty() || word.is_empty() {
        word += &quoted(rest);
    }
    word
}

/// Where a job runs. An image is thrown away afterwards. A job that names none is left
/// to its runner: many have an image of their own, but one with the shell executor runs
/// it on a machine that stays, and the file does not tell.
fn place(image: bool) -> Place {
    if image { Place::Container } else { Place::Here }
}

/// The text of a variable, which may have a description.
fn variable(value: &Node) -> Option<&Scalar> {
    value.scalar().or_else(|| value.get("value").and_then(|value| value.scalar()))
}

#[cfg(test)]
mod tests;
