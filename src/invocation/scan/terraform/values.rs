//! What names stand for that expressions use: locals and defaults of variables that
//! the same file holds, and what a resource says of itself.

use std::collections::HashMap;

use hcl_edit::expr::{Expression, Object, ObjectKey, TraversalOperator};
use hcl_edit::structure::Body;

/// The longest name for something that is not known.
const NAME: usize = 60;

/// How many names may stand for each other.
const STEPS: usize = 16;

/// What a name stands for.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    /// The directory that all is in.
    Here,
    /// What an expression becomes.
    Expression(&'a Expression),
}

/// The names of a file.
#[derive(Debug, Default)]
pub(super) struct Names<'a> {
    locals: HashMap<&'a str, &'a Expression>,
    variables: HashMap<&'a str, &'a Expression>,
}

impl<'a> Names<'a> {
    /// Those that a file's body gives a value.
    pub(super) fn of(body: &'a Body) -> Self {
        let mut names = Self::default();
        for block in body.blocks() {
            match (block.ident.as_str(), block.labels.first()) {
                ("locals", _) => {
                    let all = block.body.attributes();
                    names.locals.extend(all.map(|local| (local.key.as_str(), &local.value)));
                }
                ("variable", Some(name)) => {
                    let default = block.body.get_attribute("default").map(|default| &default.value);
                    names.variables.extend(default.map(|default| (name.as_str(), default)));
                }
                _ => {}
            }
        }
        names
    }
}

/// What names stand for at one place of a file.
#[derive(Clone, Copy)]
pub(super) struct Values<'a> {
    pub(super) names: &'a Names<'a>,
    /// The resource that is `self` there.
    pub(super) own: Option<&'a Body>,
}

impl<'a> Values<'a> {
    /// What `expression` stands for, where it is a name.
    pub(super) fn find(&self, expression: &Expression) -> Option<Value<'a>> {
        let Expression::Traversal(traversal) = expression else { return None };
        let Expression::Variable(root) = &traversal.expr else { return None };
        let mut steps = traversal.operators.iter().map(hcl_edit::Decorated::value);
        let first = key(steps.next()?)?;
        let found = match root.as_str() {
            "path" => return Some(Value::Here),
            "local" => *self.names.locals.get(first.as_str())?,
            "var" => *self.names.variables.get(first.as_str())?,
            "self" => &self.own?.get_attribute(&first)?.value,
            _ => return None,
        };
        let found = steps.try_fold(found, |at, step| member(self.meant(at, 0)?, &key(step)?))?;
        Some(Value::Expression(found))
    }

    /// The expression that a name stands for, or the expression itself.
    pub(super) fn meant(&self, expression: &'a Expression, steps: usize) -> Option<&'a Expression> {
        if steps > STEPS {
            return None;
        }
        match expression {
            Expression::Parenthesis(inner) => self.meant(inner.inner(), steps + 1),
            // One step of another name at most: names that stand for each other end.
            Expression::Traversal(traversal) if traversal.operators.len() == 1 => match self.find(expression)
            {
                Some(Value::Expression(found)) => self.meant(found, steps + 1),
                _ => None,
            },
            _ => Some(expression),
        }
    }

    /// The members of an object, with those of all that it is merged of.
    pub(super) fn entries(&self, expression: &'a Expression) -> Vec<(String, &'a Expression)> {
        match self.meant(expression, 0) {
            Some(Expression::Object(object)) => members(object).collect(),
            Some(Expression::FuncCall(call)) if call.name.name.as_str() == "merge" => {
                let objects = call.args.iter().filter_map(|one| self.meant(one, 0)?.as_object());
                objects.flat_map(members).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn members(object: &Object) -> impl Iterator<Item = (String, &Expression)> {
    object.iter().filter_map(|(key, value)| {
        let name = match key {
            ObjectKey::Ident(name) => name.as_str(),
            ObjectKey::Expression(expression) => expression.as_str()?,
        };
        Some((name.to_owned(), value.expr()))
    })
}

fn member<'a>(expression: &'a Expression, name: &str) -> Option<&'a Expression> {
    match expression {
        Expression::Object(object) => members(object).find(|(own, _)| own == name).map(|(_, value)| value),
        Expression::Array(array) => array.get(name.parse().ok()?),
        _ => None,
    }
}

/// What a step asks for.
fn key(step: &TraversalOperator) -> Option<String> {
    match step {
        TraversalOperator::GetAttr(name) => Some(name.as_str().to_owned()),
        TraversalOperator::LegacyIndex(number) => Some(number.value().to_string()),
        TraversalOperator::Index(Expression::String(name)) => Some(name.value().clone()),
        TraversalOperator::Index(Expression::Number(number)) => Some(number.value().to_string()),
        _ => None,
    }
}

/// A name for what an expression becomes: `var.name` is `var_name`.
pub(super) fn name_of(expression: &str) -> String {
    let mut name = String::new();
    for character in expression.chars() {
        if name.len() >= NAME {
            break;
        }
        if character.is_ascii_alphanumeric() {
            name.push(character);
        } else if !name.ends_with('_') && !name.is_empty() {
            name.push('_');
        }
    }
    let name = name.trim_end_matches('_');
    // No shell has such a variable by itself, and no script would set it.
    if name.starts_with(|c: char| c.is_ascii_lowercase()) && name.contains('_') {
        name.to_owned()
    } else {
        format!("tf_{name}")
    }
}
