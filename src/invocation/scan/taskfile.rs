//! Taskfiles (taskfile.dev): the commands of each task.
//!
//! Every command has a shell of its own. Task puts `{{.NAME}}` into it before: literal
//! variables are put in here, and what conditions leave in or out is read either way.

mod variables;

use std::path::Path;
use std::rc::Rc;

use super::github::has_extension;
use super::template::{Draft, Growth, Reading, quoted};
use super::yaml::{Node, Scalar, documents};
use super::{Format, Piece, Unread};
use crate::shell::inner::Place;
use variables::{Branch, MARKS, Variables};

/// Taskfiles.
pub(super) struct Taskfile;

impl Format for Taskfile {
    fn name(&self) -> &'static str {
        "Taskfile"
    }

    fn is(&self, path: &Path, text: &str) -> bool {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !has_extension(path) {
            return false;
        }
        if matches!(name.split('.').next(), Some("Taskfile" | "taskfile")) {
            return true;
        }
        // Others are included by one, under any name.
        let begins = |key: &str| text.lines().any(|line| line.starts_with(key));
        let told = |root: &Rc<Node>| {
            let version = root.get("version").and_then(|version| version.text()).unwrap_or_default();
            version.starts_with(['2', '3']) && root.get("tasks").is_some_and(|tasks| tasks.is_mapping())
        };
        begins("version:") && begins("tasks:") && documents(text).is_ok_and(|all| all.iter().any(told))
    }

    fn read(&self, text: &str) -> Result<Vec<Piece>, Unread> {
        let mut reader = Reader { source: text, pieces: Vec::new(), growth: Growth::of(text) };
        for document in documents(text)? {
            let variables = Variables::of(&document);
            reader.variables(&document, &variables)?;
            for (_, included) in document.get("includes").map(|all| all.entries()).unwrap_or_default() {
                reader.variables(included, &variables)?;
            }
            for (_, task) in document.get("tasks").map(|tasks| tasks.entries()).unwrap_or_default() {
                let own = variables.within(task);
                reader.variables(task, &own)?;
                reader.task(task, &own)?;
            }
        }
        Ok(reader.pieces)
    }
}

struct Reader<'a> {
    source: &'a str,
    pieces: Vec<Piece>,
    growth: Growth,
}

impl Reader<'_> {
    /// Variables that are what a command writes.
    fn variables(&mut self, node: &Node, variables: &Variables<'_>) -> Result<(), Unread> {
        for key in ["vars", "env"] {
            for (_, value) in node.get(key).map(|all| all.entries()).unwrap_or_default() {
                self.optional(value.get("sh"), variables)?;
            }
        }
        Ok(())
    }

    fn task(&mut self, task: &Rc<Node>, variables: &Variables<'_>) -> Result<(), Unread> {
        // `task: command` and `task: [command, …]` are short for its `cmds`.
        if !task.is_mapping() {
            return self.commands(task, variables);
        }
        for key in ["preconditions", "status"] {
            for check in task.get(key).map(Node::one_or_many).unwrap_or_default() {
                self.optional(check.get("sh").or(Some(check)), variables)?;
            }
        }
        self.optional(task.get("if"), variables)?;
        for dependency in task.get("deps").map(|all| all.items()).unwrap_or_default() {
            self.variables(dependency, &variables.over(dependency))?;
        }
        for key in ["cmds", "cmd"] {
            if let Some(commands) = task.get(key) {
                self.commands(commands, variables)?;
            }
        }
        Ok(())
    }

    fn commands(&mut self, commands: &Rc<Node>, variables: &Variables<'_>) -> Result<(), Unread> {
        for command in commands.one_or_many() {
            let within = variables.over(command);
            // What a task is called with is a matter of that task, but what finds it out
            // runs here.
            self.variables(command, &within)?;
            let deferred = command.get("defer");
            for text in [Some(command), command.get("cmd"), deferred, command.get("if")] {
                self.optional(text, &within)?;
            }
        }
        Ok(())
    }

    fn optional(&mut self, text: Option<&Rc<Node>>, variables: &Variables<'_>) -> Result<(), Unread> {
        text.and_then(|text| text.scalar()).map_or(Ok(()), |text| self.command(text, variables))
    }

    fn command(&mut self, text: &Scalar, variables: &Variables<'_>) -> Result<(), Unread> {
        let branches: &[Branch] =
            if text.value.contains("else") { &[Branch::Then, Branch::Else] } else { &[Branch::Then] };
        for branch in branches {
            let mut draft = Draft::default();
            for (name, value) in &variables.environment {
                let known = |expression: &str| variables.known(expression, Branch::Then, &0.into());
                draft.export(self.source, (name, value), MARKS, &known);
            }
            if let Some(directory) = variables.directory.filter(|name| !name.value.contains(MARKS.open)) {
                draft.made(format!("cd {}\n", quoted(&directory.value)), directory.at);
            }
            let hidden = 0.into();
            let known = |expression: &str| variables.known(expression, *branch, &hidden);
            draft.scalar(self.source, text, (MARKS, Reading::Shell), &known);
            let cut = draft.is_cut();
            let passage = draft.passage(Place::Here);
            if !self.growth.take(&passage) {
                return Err(Unread { at: text.at, why: "its commands hold too much to read".to_owned() });
            }
            self.pieces.push(Piece::Passage(passage));
            if cut || variables.was_cut() {
                let why = "not all that its variables may stand for was read".to_owned();
                self.pieces.push(Piece::Unread(Unread { at: text.at, why }));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
