//! What expressions of a configuration become, as far as that is certain.

use hcl_edit::expr::{Expression, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::template::{Element, Strip};
use serde_json::{Map, Number, Value};

use super::UNKNOWN;
use super::configured::Configured;

/// How deep values may stand in others.
const DEPTH: usize = 64;

/// Attributes that a provider of aws sets to the name of the very resource.
const ARNS: [&str; 4] = ["arn", "execution_arn", "iam_arn", "qualified_arn"];

/// What stands for the number of an account.
const ACCOUNT: &str = "000000000000";

/// What expressions of one module become.
pub(super) struct Evaluation<'a> {
    /// The resources of the configuration.
    pub(super) configured: &'a Configured<'a>,
    /// The path of the module, without indexes.
    pub(super) module: &'a str,
}

impl Evaluation<'_> {
    /// What `expression` becomes; nothing where that is not known. What is not known inside
    /// of it is [`UNKNOWN`], and the name of a resource that is not made yet is one that
    /// nothing else has: `arn:aws:(TYPE.NAME):`.
    pub(super) fn value(&self, expression: &Expression) -> Option<Value> {
        self.at_depth(expression, 0)
    }

    fn at_depth(&self, expression: &Expression, depth: usize) -> Option<Value> {
        if depth > DEPTH {
            return None;
        }
        let inside = |one: &Expression| self.at_depth(one, depth + 1);
        match expression {
            Expression::Null(_) => Some(Value::Null),
            Expression::Bool(value) => Some(Value::Bool(*value.value())),
            Expression::Number(number) => {
                number.value().to_string().parse::<Number>().ok().map(Value::Number)
            }
            Expression::String(text) => Some(Value::String(text.value().clone())),
            Expression::Parenthesis(inner) => inside(inner.inner()),
            Expression::Array(list) => {
                Some(list.iter().map(|one| inside(one).unwrap_or_else(|| UNKNOWN.into())).collect())
            }
            Expression::Object(object) => {
                let mut map = Map::new();
                for (key, value) in object {
                    let key = match key {
                        ObjectKey::Ident(name) => name.as_str().to_owned(),
                        ObjectKey::Expression(key) => text(inside(key)?)?,
                    };
                    let value = inside(value.expr()).unwrap_or_else(|| UNKNOWN.into());
                    if map.insert(key, value).is_some() {
                        return None;
                    }
                }
                Some(Value::Object(map))
            }
            Expression::StringTemplate(template) => self.template(template.iter(), depth),
            Expression::HeredocTemplate(heredoc) => self.template(heredoc.template.iter(), depth),
            Expression::FuncCall(call) => {
                let is_encoding = call.name.name.as_str() == "jsonencode" && !call.name.is_namespaced();
                let argument = call.args.get(0).filter(|_| call.args.len() == 1 && !call.args.expand_final());
                argument.filter(|_| is_encoding).and_then(inside)
            }
            Expression::Traversal(traversal) => self.named(traversal),
            Expression::Variable(_)
            | Expression::Conditional(_)
            | Expression::UnaryOp(_)
            | Expression::BinaryOp(_)
            | Expression::ForExpr(_) => None,
        }
    }

    /// Text with values in it, all of which are known.
    fn template<'e>(&self, elements: impl Iterator<Item = &'e Element>, depth: usize) -> Option<Value> {
        let mut whole = String::new();
        for element in elements {
            match element {
                Element::Literal(literal) => whole.push_str(literal.value()),
                Element::Interpolation(inner) if inner.strip == Strip::None => {
                    whole.push_str(&text(self.at_depth(&inner.expr, depth + 1)?)?);
                }
                Element::Interpolation(_) | Element::Directive(_) => return None,
            }
        }
        Some(Value::String(whole))
    }

    /// What a name stands for that only applying tells, where its form is certain.
    fn named(&self, traversal: &Traversal) -> Option<Value> {
        let Expression::Variable(root) = &traversal.expr else { return None };
        let mut steps = Vec::new();
        for operator in &traversal.operators {
            match operator.value() {
                TraversalOperator::GetAttr(name) => steps.push(name.as_str()),
                // An instance of it.
                TraversalOperator::Index(_) | TraversalOperator::LegacyIndex(_) => {
                    let is_first = matches!((root.as_str(), steps.len()), ("data", 2) | (_, 1));
                    is_first.then_some(())?;
                }
                TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => return None,
            }
        }
        match (root.as_str(), steps.as_slice()) {
            ("data", ["aws_caller_identity", _, "account_id"]) => Some(ACCOUNT.into()),
            (kind, [name, attribute]) if kind.starts_with("aws_") && ARNS.contains(attribute) => {
                // What the provider computes, and not what somebody wrote there.
                let address = format!("{}{kind}.{name}", self.module);
                let is_own = self.configured.leaves_unset(&address, attribute);
                is_own.then(|| format!("arn:aws:({kind}.{name}):").into())
            }
            _ => None,
        }
    }
}

/// The text that a value is, where it is one that is known.
fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) if text != UNKNOWN => Some(text),
        _ => None,
    }
}

/// Whether nothing in `value` is unknown.
pub(super) fn is_known(value: &Value) -> bool {
    match value {
        Value::String(text) => text != UNKNOWN,
        Value::Array(list) => list.iter().all(is_known),
        Value::Object(map) => map.values().all(is_known),
        _ => true,
    }
}
