//! GitLab's pipelines: the scripts of each job.
//!
//! A job's `before_script` and `script` are run by one shell, its `after_script` by
//! another. What a job takes from `default`, `extends` or `!reference` is read with it,
//! where it stands in the same file.

mod job;

use std::collections::{HashMap, HashSet};
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
        let mut reader = Reader {
            source: text,
            pieces: Vec::new(),
            growth: Growth::of(text),
            used: HashSet::new(),
            inputs: HashMap::new(),
        };
        let documents = documents(text)?;
        for document in &documents {
            reader.inputs.extend(inputs(document));
        }
        for document in documents {
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
    /// What the inputs of a component may be.
    inputs: HashMap<String, Vec<String>>,
}

/// The inputs that `spec:` tells of, with their defaults and what may be chosen.
fn inputs(document: &Node) -> impl Iterator<Item = (String, Vec<String>)> {
    let all = document.path(&["spec", "inputs"]).map(Node::entries).unwrap_or_default();
    all.into_iter().map(|(name, input)| {
        let told = ["options", "default"].iter().filter_map(|key| input.get(key));
        let texts =
            told.flat_map(super::yaml::Node::one_or_many).filter_map(|one| one.text()).map(str::to_owned);
        let mut texts: Vec<String> = texts.filter(|text| !text.is_empty()).collect();
        texts.dedup();
        (name.value.clone(), texts)
    })
}

impl Reader<'_> {
    fn job(&mut self, job: &Job<'_>) -> Result<(), Unread> {
        self.cut(job.cut);
        for lines in &job.shells {
            self.shell(job, lines)?;
        }
        Ok(())
    }

    /// What no job took of a template.
    fn template(&mut self, job: &Job<'_>) -> Result<(), Unread> {
        self.cut(job.cut);
        for lines in &job.shells {
            if lines.iter().any(|line| !self.used.contains(&line.at)) {
                self.shell(job, lines)?;
            }
        }
        Ok(())
    }

    /// Tells where something was left out.
    fn cut(&mut self, at: Option<usize>) {
        let why = "not all that it is made of was read: it stands too deep, or is too much".to_owned();
        let unread = at.map(|at| Piece::Unread(Unread { at, why }));
        self.pieces.extend(unread.filter(|unread| !self.pieces.contains(unread)));
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
        let known = |expression: &str| {
            let name = expression.strip_prefix("inputs.").unwrap_or_default();
            match self.inputs.get(name).map(Vec::as_slice) {
                None | Some([]) => Known::Nothing,
                Some([one]) => Known::Text(one.clone()),
                Some(several) => Known::OneOf(several.to_vec()),
            }
        };
        for line in lines {
            self.used.insert(line.at);
            draft.scalar(self.source, line, (MARKS, Reading::Shell), &known);
            if !line.value.ends_with('\n') {
                draft.made("\n", line.at);
            }
        }
        self.cut(draft.is_cut().then_some(first.at));
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
