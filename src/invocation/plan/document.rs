//! The policy that data of the type `aws_iam_policy_document` becomes when it is read, of
//! what is known of it before.

use hcl_edit::structure::{Block, Body};
use serde_json::{Map, Value};

use super::UNKNOWN;
use super::evaluated::{Evaluation, is_known};
use super::sides::{holds_mark, is_marked, marks};

/// Arguments that bring in other policies.
const OTHERS: [&str; 4] =
    ["source_json", "override_json", "source_policy_documents", "override_policy_documents"];

/// The policy of which `after` is known and `unknown` is not, as `written` in the configuration;
/// nothing where who may do what is not known.
pub(super) fn read(
    after: &Value,
    unknown: &Value,
    written: Option<&Body>,
    evaluation: &Evaluation<'_>,
) -> Option<Value> {
    let is_empty = |value: &Value| value.is_null() || value.as_array().is_some_and(Vec::is_empty);
    let is_alone =
        |name: &str| after.get(name).is_none_or(is_empty) && !holds_mark(marks(unknown, Some(name), 0));
    if !OTHERS.iter().all(|name| is_alone(name)) {
        return None;
    }
    let unknown = marks(unknown, Some("statement"), 0);
    if is_marked(unknown) {
        return None;
    }
    let statements = after.get("statement")?.as_array()?;
    // What is written by itself is what is read only where nothing else makes statements.
    let written = written.filter(|body| body.get_blocks("dynamic").next().is_none());
    let blocks: Vec<&Block> = written.into_iter().flat_map(|body| body.get_blocks("statement")).collect();
    let blocks = if blocks.len() == statements.len() { blocks } else { Vec::new() };
    let read = statements.iter().enumerate().map(|(at, known)| {
        let block = blocks.get(at).map(|block| &block.body);
        let written = block.filter(|body| body.get_blocks("dynamic").next().is_none());
        Statement { known, unknown: marks(unknown, None, at), written, evaluation }.read()
    });
    let read: Vec<Value> = read.collect::<Option<_>>()?;
    Some(Value::Object(Map::from_iter([("Statement".to_owned(), Value::Array(read))])))
}

/// A statement, as it is known and as it is written.
struct Statement<'a> {
    known: &'a Value,
    unknown: &'a Value,
    written: Option<&'a Body>,
    evaluation: &'a Evaluation<'a>,
}

impl Statement<'_> {
    fn read(&self) -> Option<Value> {
        let mut read = Map::new();
        let effect = match self.known.get("effect") {
            None | Some(Value::Null) => "Allow",
            Some(effect) => effect.as_str()?,
        };
        if is_marked(self.marks("effect")) {
            return None;
        }
        read.insert("Effect".to_owned(), effect.into());
        for (name, to) in
            [("actions", "Action"), ("not_actions", "NotAction"), ("not_resources", "NotResource")]
        {
            let list = self.list(name);
            if !is_known(&list) {
                return None;
            }
            insert(&mut read, to, list);
        }
        insert(&mut read, "Resource", self.list("resources"));
        for (name, to) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
            let principals = if holds_mark(self.marks(name)) {
                self.blocks(name)?.into_iter().map(|body| self.principal(body)).collect::<Option<Vec<_>>>()?
            } else {
                let known = self.known.get(name).and_then(Value::as_array).into_iter().flatten();
                let of = |one: &Value| {
                    Some((one.get("type")?.as_str()?.to_owned(), list(one.get("identifiers"), &Value::Null)))
                };
                known.map(of).collect::<Option<Vec<_>>>()?
            };
            let mut by_type = Map::new();
            for (kind, names) in principals {
                match by_type.get_mut(&kind) {
                    Some(Value::Array(all)) => all.extend(names),
                    _ => drop(by_type.insert(kind, Value::Array(names))),
                }
            }
            if by_type.contains_key("*") {
                // Anybody, whoever else is named.
                read.insert(to.to_owned(), "*".into());
            } else if !by_type.is_empty() {
                read.insert(to.to_owned(), Value::Object(by_type));
            }
        }
        self.conditions(&mut read)?;
        Some(Value::Object(read))
    }

    /// A list of texts, with what is not known of it as it is written.
    fn list(&self, name: &str) -> Value {
        let unknown = self.marks(name);
        let written = self.written.and_then(|body| body.get_attribute(name));
        let written =
            written.filter(|_| holds_mark(unknown)).and_then(|one| self.evaluation.value(&one.value));
        match written.filter(|value| value.is_array() && is_known(value)) {
            Some(value) => value,
            None => Value::Array(list(self.known.get(name), unknown)),
        }
    }

    /// A principal as it is written, where all of it is known.
    fn principal(&self, body: &Body) -> Option<(String, Vec<Value>)> {
        let value = |name: &str| self.evaluation.value(&body.get_attribute(name)?.value).filter(is_known);
        let Value::Array(names) = value("identifiers")? else { return None };
        Some((value("type")?.as_str()?.to_owned(), names))
    }

    fn conditions(&self, read: &mut Map<String, Value>) -> Option<()> {
        let unknown = self.marks("condition");
        let known = self.known.get("condition").and_then(Value::as_array);
        let mut conditions = Vec::new();
        if holds_mark(unknown) {
            for body in self.blocks("condition")? {
                let value = |name: &str| self.evaluation.value(&body.get_attribute(name)?.value);
                let values = value("values").unwrap_or_else(|| UNKNOWN.into());
                conditions.push((value("test")?, value("variable")?, values));
            }
        } else {
            for one in known.into_iter().flatten() {
                let value = |name: &str| one.get(name).cloned();
                conditions.push((value("test")?, value("variable")?, value("values")?));
            }
        }
        let mut all: Map<String, Value> = Map::new();
        for (test, variable, values) in conditions {
            let (test, variable) = (test.as_str()?.to_owned(), variable.as_str()?.to_owned());
            if test == UNKNOWN || variable == UNKNOWN {
                return None;
            }
            let tests = all.entry(test).or_insert_with(|| Value::Object(Map::new())).as_object_mut()?;
            // Which of two that compare the same is not worth telling.
            if tests.insert(variable, values).is_some() {
                return None;
            }
        }
        if !all.is_empty() {
            read.insert("Condition".to_owned(), Value::Object(all));
        }
        Some(())
    }

    /// The blocks of that name, as they are written.
    fn blocks(&self, name: &'static str) -> Option<Vec<&Body>> {
        let blocks = self.written?.get_blocks(name);
        let bodies: Vec<&Body> = blocks.map(|block| &block.body).collect();
        let is_plain = |body: &&Body| body.get_blocks("dynamic").next().is_none();
        bodies.iter().all(is_plain).then_some(bodies)
    }

    fn marks(&self, name: &str) -> &Value {
        marks(self.unknown, Some(name), 0)
    }
}

/// What a list has, and once what is not known of it.
fn list(known: Option<&Value>, unknown: &Value) -> Vec<Value> {
    let known = known.and_then(Value::as_array).into_iter().flatten();
    let mut all: Vec<Value> = known.filter(|one| !one.is_null()).cloned().collect();
    all.extend(holds_mark(unknown).then(|| UNKNOWN.into()));
    all
}

fn insert(map: &mut Map<String, Value>, name: &str, list: Value) {
    if list.as_array().is_some_and(|list| !list.is_empty()) {
        map.insert(name.to_owned(), list);
    }
}
