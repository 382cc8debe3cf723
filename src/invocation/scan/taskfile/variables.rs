//! What Task's templates are known to stand for.

use std::cell::Cell;
use std::rc::Rc;

use super::super::template::{Known, Marks};
use super::super::yaml::{Content, Node, Scalar};

/// How templates are marked.
pub(super) const MARKS: Marks = Marks { open: "{{", close: "}}" };

/// What of a condition is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Branch {
    /// What it leaves in where it holds.
    Then,
    /// What it leaves in where it does not.
    Else,
}

/// What surrounds a command.
#[derive(Clone, Debug)]
pub(super) struct Variables<'a> {
    /// The variables of the environment, in the order in which they are set.
    pub(super) environment: Vec<(&'a str, &'a Scalar)>,
    /// The directory that it runs in.
    pub(super) directory: Option<&'a Scalar>,
    /// Variables, the outermost first; those that are not known have no value.
    known: Vec<(&'a str, Option<&'a str>)>,
    /// What tasks are called with, somewhere in the file.
    given: Rc<Vec<(&'a str, &'a str)>>,
    /// What a command is run for.
    items: Vec<&'a str>,
}

impl<'a> Variables<'a> {
    /// Those of a whole file.
    pub(super) fn of(root: &'a Node) -> Self {
        let mut given = Vec::new();
        for (_, task) in root.get("tasks").map(|tasks| tasks.entries()).unwrap_or_default() {
            for key in ["cmds", "deps"] {
                for call in task.get(key).map(|calls| calls.items()).unwrap_or_default() {
                    let call = call.get("defer").unwrap_or(call);
                    let all = call.get("vars").filter(|_| call.get("task").is_some());
                    let all = all.map(|all| all.entries()).unwrap_or_default();
                    given.extend(
                        all.into_iter()
                            .filter_map(|(name, value)| Some((name.value.as_str(), value.text()?))),
                    );
                }
            }
        }
        let empty = Self {
            environment: Vec::new(),
            directory: None,
            known: Vec::new(),
            given: Rc::new(given),
            items: Vec::new(),
        };
        empty.within(root)
    }

    /// Those of a task.
    pub(super) fn within(&self, node: &'a Node) -> Self {
        let mut own = self.clone();
        for (name, value) in node.get("vars").map(|all| all.entries()).unwrap_or_default() {
            let text = value.text().filter(|text| !text.contains(MARKS.open));
            own.known.push((&name.value, text));
        }
        for (name, value) in node.get("env").map(|all| all.entries()).unwrap_or_default() {
            own.environment.extend(value.scalar().map(|value| (name.value.as_str(), value)));
        }
        own.directory = node.get("dir").and_then(|directory| directory.scalar()).or(self.directory);
        own
    }

    /// Those of a command that is run for each of a list.
    pub(super) fn over(&self, command: &'a Node) -> Self {
        let mut own = self.clone();
        if let Some(items) = command.get("for") {
            let listed = match &items.content {
                Content::Sequence(items) => items.iter().filter_map(|item| item.text()).collect(),
                _ => Vec::new(),
            };
            own.items = listed;
        }
        own
    }

    /// What an expression stands for. `hidden` counts the conditions around it that
    /// leave it out.
    pub(super) fn known(&self, expression: &str, branch: Branch, hidden: &Cell<usize>) -> Known {
        let expression = expression.trim_start_matches("- ").trim_end_matches(" -").trim();
        let word = expression.split_whitespace().next().unwrap_or_default();
        let depth = hidden.get();
        match word {
            "if" | "with" | "range" | "block" => {
                let leaves_out = depth > 0 || word != "range" && branch == Branch::Else;
                hidden.set(if leaves_out { depth + 1 } else { 0 });
            }
            "else" if depth <= 1 => hidden.set(usize::from(branch == Branch::Then)),
            "else" => {}
            "end" => hidden.set(depth.saturating_sub(1)),
            _ if expression.starts_with("/*") => return Known::Text(String::new()),
            _ => return self.value(expression),
        }
        Known::Hides(hidden.get() > 0)
    }

    fn value(&self, expression: &str) -> Known {
        let quoted = |mark: char| expression.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
        if let Some(text) = quoted('"').or_else(|| quoted('`')).filter(|text| !text.contains(['"', '\\'])) {
            return Known::Text(text.to_owned());
        }
        let Some(name) = expression.strip_prefix('.') else { return Known::Nothing };
        let mut values: Vec<&str> = match self.known.iter().rev().find(|(known, _)| *known == name) {
            Some((_, Some(value))) => vec![value],
            Some((_, None)) => Vec::new(),
            None if name == "ITEM" => self.items.clone(),
            None => self.given.iter().filter(|(given, _)| *given == name).map(|(_, value)| *value).collect(),
        };
        values.retain(|value| !value.contains(MARKS.open));
        values.sort_unstable();
        values.dedup();
        match values.as_slice() {
            [] => Known::Nothing,
            [one] => Known::Text((*one).to_owned()),
            several => Known::OneOf(several.iter().map(|value| (*value).to_owned()).collect()),
        }
    }
}
