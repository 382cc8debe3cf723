//! What is known of an expression from the workflow itself.

use super::super::template::{Known, Marks, VALUES};
use super::super::yaml::{Node, Scalar};
use crate::shell::inner::Place;

/// How expressions are marked.
pub(super) const MARKS: Marks = Marks { open: "${{", close: "}}" };

/// What surrounds a step.
#[derive(Clone, Debug)]
pub(super) struct Context<'a> {
    /// Where it runs.
    pub(super) place: Place,
    /// The shell that is named for it.
    pub(super) shell: Option<&'a str>,
    /// The `env` around it, the outermost first.
    variables: Vec<(&'a str, &'a Scalar)>,
    job: Option<&'a Node>,
    root: &'a Node,
}

impl<'a> Context<'a> {
    /// What surrounds everything of a file.
    pub(super) fn of(root: &'a Node) -> Self {
        Self { place: Place::Here, shell: None, variables: Vec::new(), job: None, root }.with(root)
    }

    /// What surrounds what is in a job, or a step of it.
    pub(super) fn within(&self, inner: &'a Node, place: Place) -> Self {
        let job = self.job.or(Some(inner));
        Self { place, job, ..self.clone() }.with(inner)
    }

    /// The same in another place.
    pub(super) fn at(&self, place: Place) -> Self {
        Self { place, ..self.clone() }
    }

    fn with(mut self, node: &'a Node) -> Self {
        let env = node.get("env").map(|env| env.entries()).unwrap_or_default();
        let env = env.into_iter().filter_map(|(name, value)| Some((name.value.as_str(), value.scalar()?)));
        self.variables.extend(env);
        let shell = node.get("shell").map(AsRef::as_ref).or_else(|| node.path(&["defaults", "run", "shell"]));
        self.shell = shell.and_then(Node::text).or(self.shell);
        self
    }

    /// The variables of the environment, in the order in which they are set.
    pub(super) fn variables(&self) -> &[(&'a str, &'a Scalar)] {
        &self.variables
    }

    /// What is known of an expression.
    pub(super) fn known(&self, expression: &str) -> Known {
        self.known_within(&expression.replace("['", ".").replace("']", ""), 0)
    }

    fn known_within(&self, expression: &str, depth: usize) -> Known {
        if depth > DEPTH {
            return Known::Nothing;
        }
        if let Some(text) = literal(expression) {
            return Known::Text(text);
        }
        if let Some(name) = expression.strip_prefix("env.") {
            let last = self.variables.iter().rev().find(|(set, _)| *set == name);
            let value = last.map(|(_, value)| value.value.as_str()).filter(|text| !text.contains(MARKS.open));
            return value.map_or(Known::Nothing, |text| Known::Text(text.to_owned()));
        }
        let mut values = matrix(self.job, expression);
        if values.is_empty() {
            values = choices(self.root, expression);
        }
        if values.is_empty() {
            values = alternatives(expression).unwrap_or_default();
        }
        if values.is_empty() {
            values.extend(self.formatted(expression, depth));
        }
        // What is told where the rest says nothing.
        if let Some((_, other)) = expression.rsplit_once("||").filter(|_| values.is_empty()) {
            values.extend(literal(other.trim()));
        }
        match values.as_slice() {
            [] => Known::Nothing,
            [one] => Known::Text(one.clone()),
            _ => Known::OneOf(values),
        }
    }
}

impl Context<'_> {
    /// What `format('…', …)` makes of what is known.
    fn formatted(&self, expression: &str, depth: usize) -> Option<String> {
        let inner = expression.strip_prefix("format(")?.strip_suffix(')')?;
        let (mut words, mut quoted) = (vec![String::new()], false);
        for c in inner.chars() {
            quoted ^= c == '\'';
            match c {
                ',' if !quoted => words.push(String::new()),
                _ => words.last_mut()?.push(c),
            }
        }
        let mut words = words.iter().map(|word| match self.known_within(word.trim(), depth + 1) {
            Known::Text(text) => Some(text),
            _ => None,
        });
        let mut text = words.next()??;
        for (number, word) in words.enumerate() {
            text = text.replace(&format!("{{{number}}}"), &word?);
        }
        Some(text)
    }
}

/// How deep expressions may stand in each other.
const DEPTH: usize = 4;

/// The values that a job's matrix gives `matrix.…`; none where it gives others, too.
pub(super) fn matrix(job: Option<&Node>, expression: &str) -> Vec<String> {
    let Some(path) = expression.strip_prefix("matrix.") else { return Vec::new() };
    let Some(matrix) = job.and_then(|job| job.path(&["strategy", "matrix"])) else { return Vec::new() };
    let mut keys = path.split('.');
    let first = keys.next().unwrap_or_default();
    let rest: Vec<&str> = keys.collect();
    let listed = matrix.get(first).map(|values| values.items()).unwrap_or_default();
    let included = matrix.get("include").map(|entries| entries.items()).unwrap_or_default();
    let included = included.iter().filter_map(|entry| entry.get(first));
    if let Some(text) = matrix.get(first).and_then(|values| values.text()).filter(|_| rest.is_empty()) {
        return from_json(text);
    }
    let texts = listed.iter().chain(included).filter_map(|value| value.path(&rest)?.text());
    distinct(texts)
}

/// The texts of a literal list in `${{ fromJSON('[…]') }}`.
fn from_json(text: &str) -> Vec<String> {
    let inner = text.trim().strip_prefix(MARKS.open).and_then(|rest| rest.strip_suffix(MARKS.close));
    let call = inner.map(str::trim).and_then(|inner| inner.strip_prefix("fromJSON("));
    let json = call.and_then(|call| literal(call.strip_suffix(')')?.trim()));
    json.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default()
}

/// The values that a person may choose for an input of a workflow that is started by
/// hand, and what an input is where nobody gives it.
fn choices(root: &Node, expression: &str) -> Vec<String> {
    let name = expression.strip_prefix("github.event.").unwrap_or(expression).strip_prefix("inputs.");
    let Some(name) = name else { return Vec::new() };
    let started = ["on", "true"].iter().flat_map(|on| {
        ["workflow_dispatch", "workflow_call"].map(|how| root.path(&[on, how, "inputs", name]))
    });
    let inputs: Vec<&Node> = started.chain([root.path(&["inputs", name])]).flatten().collect();
    let options = inputs.iter().filter_map(|input| input.get("options")).flat_map(|options| options.items());
    let defaults = inputs.iter().filter_map(|input| input.get("default"));
    let told = options.chain(defaults).filter_map(|value| value.text());
    distinct(told.filter(|text| !text.is_empty()))
}

/// Either text of `… && 'one' || 'other'`.
fn alternatives(expression: &str) -> Option<Vec<String>> {
    let (left, other) = expression.rsplit_once("||")?;
    let (_, one) = left.rsplit_once("&&")?;
    Some(vec![literal(one.trim())?, literal(other.trim())?])
}

/// The text that a literal stands for.
fn literal(expression: &str) -> Option<String> {
    let inner = expression.strip_prefix('\'')?.strip_suffix('\'')?;
    (!inner.replace("''", "").contains('\'')).then(|| inner.replace("''", "'"))
}

/// Each text once, those alone that hold no expression.
fn distinct<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for text in texts.filter(|text| !text.contains(MARKS.open)) {
        if !all.iter().any(|known| known == text) && all.len() <= VALUES {
            all.push(text.to_owned());
        }
    }
    all
}
