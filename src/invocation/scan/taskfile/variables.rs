//! What Task's templates are known to stand for.

use std::cell::Cell;
use std::rc::Rc;

use super::super::template::{Known, Marks};
use super::super::yaml::{Node, Scalar};

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
    /// Variables, the outermost first: each may be made of those before it.
    known: Vec<(&'a str, &'a Node)>,
    /// What tasks are called with, somewhere in the file.
    given: Rc<Vec<(&'a str, &'a str)>>,
    /// What a command is run for: the names, and what they may stand for.
    items: Vec<(String, Vec<String>)>,
    /// Whether something was left out because it is too much.
    cut: Rc<Cell<bool>>,
}

/// The most values of one variable.
const VALUES: usize = 256;

/// How much may be read for one expression: bytes, and some for each name.
const EFFORT: usize = 1 << 18;

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
            cut: Rc::default(),
        };
        empty.within(root)
    }

    /// Those of a task.
    pub(super) fn within(&self, node: &'a Node) -> Self {
        let mut own = self.clone();
        for (name, value) in node.get("vars").map(|all| all.entries()).unwrap_or_default() {
            own.known.push((&name.value, value));
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
        let Some(items) = command.get("for") else { return own };
        let texts = |node: &Node| -> Vec<String> {
            node.items().iter().filter_map(|item| Some(item.text()?.to_owned())).collect()
        };
        let name = items.get("as").and_then(|name| name.text()).unwrap_or("ITEM");
        if let Some(matrix) = items.get("matrix") {
            for (key, values) in matrix.entries() {
                own.items.push((format!("{name}.{}", key.value), self.listed(&texts(values))));
            }
        } else if let Some(list) = items.get("var").and_then(|var| var.text()) {
            let known = self.known.iter().rev().find(|(known, _)| *known == list);
            let listed: Vec<String> = known.map(|(_, node)| texts(node)).unwrap_or_default();
            let split = items.get("split").and_then(|split| split.text());
            let parts = |text: &String| -> Vec<String> {
                match split {
                    Some(mark) => text.split(mark).map(str::to_owned).collect(),
                    None => text.split_whitespace().map(str::to_owned).collect(),
                }
            };
            let whole = self.values(&format!(".{list}"));
            let listed = if listed.is_empty() { whole.iter().flat_map(parts).collect() } else { listed };
            own.items.push((name.to_owned(), self.listed(&listed)));
        } else {
            own.items.push((name.to_owned(), self.listed(&texts(items))));
        }
        own
    }

    /// Items with what is put into them.
    fn listed(&self, items: &[String]) -> Vec<String> {
        let effort = Cell::new(EFFORT);
        items.iter().flat_map(|item| self.expanded(item, self.known.len(), &effort)).collect()
    }

    /// Whether something was left out since this was asked last.
    pub(super) fn was_cut(&self) -> bool {
        self.cut.replace(false)
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
        let mut values = self.values(expression);
        values.sort_unstable();
        values.dedup();
        match values.as_slice() {
            [] => Known::Nothing,
            [one] => Known::Text(one.clone()),
            _ => Known::OneOf(values),
        }
    }

    /// What an expression may stand for; nothing where that is not known.
    fn values(&self, expression: &str) -> Vec<String> {
        self.piped(expression, self.known.len(), &Cell::new(EFFORT))
    }

    /// The values of `… | function …`, by the first so many of the variables.
    fn piped(&self, expression: &str, before: usize, effort: &Cell<usize>) -> Vec<String> {
        let mut steps = split(expression, '|').into_iter().map(str::trim);
        let mut values = self.called(steps.next().unwrap_or_default(), None, before, effort);
        for step in steps {
            values = self.called(step, Some(values), before, effort);
        }
        values
    }

    /// The values of a function's call, or of a name or a text.
    fn called(
        &self,
        call: &str,
        piped: Option<Vec<String>>,
        before: usize,
        effort: &Cell<usize>,
    ) -> Vec<String> {
        let words: Vec<&str> = split(call, ' ').into_iter().filter(|word| !word.is_empty()).collect();
        let operand = |word: &str| self.operand(word, before, effort);
        match (words.as_slice(), piped) {
            ([word], None) => operand(word),
            (["default", other], Some(values)) if values.is_empty() => operand(other),
            (["default", other, value], None) => {
                let values = operand(value);
                if values.is_empty() { operand(other) } else { values }
            }
            (["default", _] | ["trim" | "toString" | "lower" | "shellQuote" | "q"], Some(values)) => values,
            (["quote"], Some(values)) => values.iter().map(|value| format!("\"{value}\"")).collect(),
            (["trim" | "toString" | "lower" | "shellQuote" | "q", value], None) => operand(value),
            (["printf" | "print", format, rest @ ..], None) => operand(format)
                .into_iter()
                .map(|format| {
                    rest.iter().fold(format, |text, word| {
                        let value = operand(word).into_iter().next().unwrap_or_default();
                        if text.contains("%s") { text.replacen("%s", &value, 1) } else { text + &value }
                    })
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The values of a name or a text.
    fn operand(&self, word: &str, before: usize, effort: &Cell<usize>) -> Vec<String> {
        let word = word.strip_prefix('(').and_then(|word| word.strip_suffix(')')).map_or(word, str::trim);
        let quoted = |mark: char| word.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
        if let Some(text) = quoted('"').or_else(|| quoted('`')).filter(|text| !text.contains(['"', '\\'])) {
            return vec![text.to_owned()];
        }
        let Some(name) = word.strip_prefix('.') else { return Vec::new() };
        if let Some((_, items)) = self.items.iter().find(|(item, _)| item == name) {
            return items.clone();
        }
        let known = self.known.iter().take(before).enumerate().rev().find(|(_, (known, _))| *known == name);
        if let Some((at, (_, node))) = known {
            node.text().map(|text| self.expanded(text, at, effort)).unwrap_or_default()
        } else {
            let given = self.given.iter().filter(|(given, _)| *given == name).map(|(_, value)| *value);
            given.filter(|value| !value.contains(MARKS.open)).map(str::to_owned).collect()
        }
    }

    /// What a text may become with the first so many of the variables put in. What is
    /// not known is a variable that nobody sets.
    fn expanded(&self, text: &str, before: usize, effort: &Cell<usize>) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut rest = text;
        while let Some((literal, behind)) = rest.split_once(MARKS.open) {
            let Some((expression, behind)) = behind.split_once(MARKS.close) else { break };
            for one in &mut all {
                one.push_str(literal);
            }
            let expression = expression.trim_start_matches("- ").trim_end_matches(" -").trim();
            let mut values = self.piped(expression, before, effort);
            if values.is_empty() {
                values.push(format!("${{{}}}", super::super::template::variable(expression)));
            }
            let longest = values.iter().map(String::len).max().unwrap_or_default() + 16;
            let cost = all.iter().map(|one| one.len() + longest).sum::<usize>().saturating_mul(values.len());
            let Some(left) = effort.get().checked_sub(cost).filter(|_| all.len() * values.len() <= VALUES)
            else {
                self.cut.set(true);
                return Vec::new();
            };
            effort.set(left);
            all =
                all.iter().flat_map(|one| values.iter().map(move |value| format!("{one}{value}"))).collect();
            rest = behind;
        }
        for one in &mut all {
            one.push_str(rest);
        }
        all
    }
}

/// The parts of an expression between `mark`s that stand in no quotes and parentheses.
fn split(expression: &str, mark: char) -> Vec<&str> {
    let (mut parts, mut start, mut quote, mut depth) = (Vec::new(), 0, None, 0_usize);
    for (at, c) in expression.char_indices() {
        match c {
            '"' | '`' | '\'' if quote == Some(c) => quote = None,
            '"' | '`' | '\'' if quote.is_none() => quote = Some(c),
            _ if quote.is_some() => {}
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if c == mark && depth == 0 => {
                parts.push(expression.get(start..at).unwrap_or_default());
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(expression.get(start..).unwrap_or_default());
    parts
}
