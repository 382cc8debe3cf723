//! A job with what it takes from elsewhere in its file.

use std::rc::Rc;

use super::super::Unread;
use super::super::yaml::{Content, Node, Scalar};
use super::{place, variable};
use crate::shell::inner::Place;

/// How many templates a job may be made of.
const TEMPLATES: usize = 64;

/// How deep lists and references may stand in each other, and templates extend others:
/// more than GitLab takes.
const DEPTH: usize = 24;

/// A job, put together.
pub(super) struct Job<'a> {
    /// Where it runs.
    pub(super) place: Place,
    /// The variables of its environment, in the order in which they are set.
    pub(super) variables: Vec<(&'a str, &'a Scalar)>,
    /// Variables that each run of it gives another value, and where that is said.
    pub(super) matrix: Vec<(&'a str, Vec<String>, usize)>,
    /// What each of its shells runs.
    pub(super) shells: Vec<Vec<&'a Scalar>>,
    /// Where something of it is left out, as too deep or too much.
    pub(super) cut: Option<usize>,
}

/// A file.
pub(super) struct Pipeline<'a> {
    root: &'a Rc<Node>,
    /// How many values may still be looked at: references can stand for very many.
    left: usize,
    /// Where something of the job was left out.
    cut: Option<usize>,
}

impl<'a> Pipeline<'a> {
    /// That of a document in a file of so many bytes.
    pub(super) fn of(root: &'a Rc<Node>, length: usize) -> Self {
        Self { root, left: length.saturating_mul(16) + 100_000, cut: None }
    }

    /// A job of it.
    pub(super) fn job(&mut self, job: &'a Rc<Node>) -> Result<Job<'a>, Unread> {
        let mut made_of = vec![job];
        self.extended(job, &mut made_of, 0);
        let own = |key: &str| made_of.iter().find_map(|part| part.get(key));
        let script = own("script");
        let after = own("after_script").or_else(|| self.default("after_script"));
        let before = own("before_script").or_else(|| self.default("before_script"));
        let image = own("image").or_else(|| self.default("image"));
        let hooks = own("hooks").and_then(|hooks| hooks.get("pre_get_sources_script"));
        let steps = own("run").map(|steps| steps.items()).unwrap_or_default();
        let matrix = own("parallel").and_then(|parallel| parallel.get("matrix"));

        let mut variables = self.root.get("variables").map(|all| self.variables(all)).unwrap_or_default();
        for part in made_of.iter().rev() {
            variables.extend(part.get("variables").map(|all| self.variables(all)).unwrap_or_default());
        }
        let mut first = Vec::new();
        for script in [before, script].into_iter().flatten() {
            self.lines(script, 0, &mut first)?;
        }
        let mut shells = vec![first];
        let others = steps.iter().filter_map(|step| step.get("script")).chain(hooks).chain(after);
        for script in others {
            let mut lines = Vec::new();
            self.lines(script, 0, &mut lines)?;
            shells.push(lines);
        }
        Ok(Job {
            place: place(image.is_some()),
            variables,
            matrix: given(matrix),
            shells,
            cut: self.cut.take(),
        })
    }

    /// What every job begins with, as a job of its own.
    pub(super) fn defaults(&mut self) -> Result<Job<'a>, Unread> {
        self.job(self.root.get("default").unwrap_or(self.root))
    }

    fn default(&self, key: &str) -> Option<&'a Rc<Node>> {
        self.root.get("default").and_then(|default| default.get(key)).or_else(|| self.root.get(key))
    }

    /// The templates that a job extends: the last one counts most.
    fn extended(&mut self, job: &'a Rc<Node>, made_of: &mut Vec<&'a Rc<Node>>, depth: usize) {
        let Some(extends) = job.get("extends") else { return };
        if depth >= DEPTH {
            self.cut = self.cut.or(Some(extends.at));
            return;
        }
        for name in extends.one_or_many().iter().rev() {
            self.left = self.left.saturating_sub(1);
            let template = name.text().and_then(|name| self.root.get(name));
            let Some(template) = template else { continue };
            if self.left == 0 || made_of.len() >= TEMPLATES {
                self.cut = self.cut.or(Some(extends.at));
                return;
            }
            if !made_of.iter().any(|part| Rc::ptr_eq(part, template)) {
                made_of.push(template);
                self.extended(template, made_of, depth + 1);
            }
        }
    }

    fn variables(&self, all: &'a Rc<Node>) -> Vec<(&'a str, &'a Scalar)> {
        let all = self.referred(all).unwrap_or(all);
        let named = |(name, value): (&'a Scalar, &'a Rc<Node>)| {
            let value = self.referred(value).unwrap_or(value);
            Some((name.value.as_str(), variable(value)?))
        };
        all.entries().into_iter().filter_map(named).collect()
    }

    /// What `!reference [job, key]` stands for in this file.
    fn referred(&self, node: &Node) -> Option<&'a Rc<Node>> {
        let keys = node.items().iter().filter(|_| node.tag.as_deref() == Some("reference"));
        keys.map(|key| key.text())
            .try_fold(self.root, |at, key| at.get(key?))
            .ok_or(())
            .ok()
            .filter(|found| !Rc::ptr_eq(found, self.root))
    }

    /// The lines of a script, which may be lists in lists.
    fn lines(&mut self, node: &'a Rc<Node>, depth: usize, lines: &mut Vec<&'a Scalar>) -> Result<(), Unread> {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            return Err(too_much(node.at));
        }
        if depth > DEPTH {
            self.cut = self.cut.or(Some(node.at));
            return Ok(());
        }
        match &node.content {
            Content::Scalar(scalar) => lines.push(scalar),
            Content::Sequence(_) if node.tag.as_deref() == Some("reference") => {
                if let Some(found) = self.referred(node) {
                    self.lines(found, depth + 1, lines)?;
                }
            }
            Content::Sequence(items) => {
                for item in items {
                    self.lines(item, depth + 1, lines)?;
                }
            }
            Content::Mapping(_) => {}
        }
        Ok(())
    }
}

/// The values that `parallel: matrix:` gives variables.
fn given(matrix: Option<&Rc<Node>>) -> Vec<(&str, Vec<String>, usize)> {
    let mut all: Vec<(&str, Vec<String>, usize)> = Vec::new();
    for (name, values) in
        matrix.map(|all| all.items()).unwrap_or_default().iter().flat_map(|one| one.entries())
    {
        let texts = values.one_or_many().iter().filter_map(|value| value.text()).map(str::to_owned);
        if !super::is_name(&name.value) || all.len() >= TEMPLATES {
            continue;
        }
        match all.iter_mut().find(|(other, ..)| *other == name.value) {
            Some((_, known, _)) => known.extend(texts),
            None => all.push((&name.value, texts.collect(), name.at)),
        }
    }
    all.retain(|(_, values, _)| !values.is_empty());
    all
}

pub(super) fn too_much(at: usize) -> Unread {
    Unread { at, why: "its scripts hold too much to read".to_owned() }
}
