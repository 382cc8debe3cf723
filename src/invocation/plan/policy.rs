//! Policies that refer to resources of the same plan, and so are known only when it is
//! applied: what of them the configuration, and data that is read then, tell for certain.
//!
//! A policy counts as told where all is known that says who may do what: what is not
//! known in it is only which resources it is about, or what a condition compares with.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::expr::{Expression, TraversalOperator};
use hcl_edit::structure::Body;
use serde_json::Value;

use super::Change;
use super::configured::{Configured, bare};
use super::document;
use super::evaluated::{Evaluation, is_known};
use super::source::{Modules, Source};

/// The attributes that hold policies.
const ATTRIBUTES: [&str; 2] = ["policy", "assume_role_policy"];

/// The blocks that hold a policy each, and what is told of one that is not known.
const INLINE: &str = "inline_policy";
const INLINE_POLICY: &str = "inline_policy.policy";
const NOT_KNOWN: [&str; 2] = ["inline_policy.policy=$", "inline_policy.policy:now=$"];

/// The type of data that writes policies.
pub(super) const DOCUMENT: &str = "aws_iam_policy_document";

/// The members of a statement that may hold what is not known.
const OPEN: [&str; 3] = ["Resource", "Condition", "Sid"];

/// What policies of a plan are made from.
pub(super) struct Policies<'a> {
    configured: &'a Configured<'a>,
    modules: Modules,
    /// Data that is read when the plan is applied: what is known of it, and what is not.
    documents: BTreeMap<String, (Value, Value)>,
}

/// Whether `change` makes something with a policy that the plan does not tell, and the
/// configuration might.
pub(super) fn is_missing(change: &Change, configured: &Configured<'_>) -> bool {
    let is_open = |name: &str| is_pending(change, name) && !configured.leaves_unset(&change.address, name);
    change.action == "create" && (ATTRIBUTES.iter().any(|name| is_open(name)) || has_inline(change))
}

/// Whether a block of it holds a policy that is not known.
fn has_inline(change: &Change) -> bool {
    change.members.iter().flatten().any(|word| NOT_KNOWN.contains(&word.as_str()))
}

fn is_pending(change: &Change, attribute: &str) -> bool {
    change.pending.iter().any(|one| one.name == attribute && !one.is_hidden)
}

impl<'a> Policies<'a> {
    /// Those of the plan whose configuration is `sources`, for what the modules of `changes` make.
    pub(super) fn of<'c>(
        configured: &'a Configured<'a>,
        sources: &[Source],
        changes: impl Iterator<Item = &'c Change>,
        documents: BTreeMap<String, (Value, Value)>,
    ) -> Self {
        let wanted: BTreeSet<String> = changes.map(|change| bare(place(change).0)).collect();
        Self { configured, modules: Modules::of(sources, &wanted), documents }
    }

    /// Tells of the policies of `change` what is known of them.
    pub(super) fn tell(&self, change: &mut Change) {
        if !is_missing(change, self.configured) {
            return;
        }
        for name in ATTRIBUTES {
            if is_pending(change, name)
                && let Some(policy) = self.policy(change, name)
            {
                change.set(name, policy);
            }
        }
        if has_inline(change)
            && let Some(policies) = self.inline(change)
        {
            let words = change.members.iter_mut();
            words.for_each(|member| member.retain(|word| !NOT_KNOWN.contains(&word.as_str())));
            for policy in policies {
                if !change.set(INLINE_POLICY, policy) {
                    change.members.push(NOT_KNOWN.map(str::to_owned).to_vec());
                }
            }
        }
    }

    /// The policy that `change` gives `attribute`, if it is told.
    fn policy(&self, change: &Change, attribute: &str) -> Option<Value> {
        self.told(change, self.body(change)?, attribute)
    }

    /// The policies in the blocks of `change`, if all of them are told.
    fn inline(&self, change: &Change) -> Option<Vec<Value>> {
        let body = self.body(change)?;
        if body.get_blocks("dynamic").next().is_some() {
            return None;
        }
        body.get_blocks(INLINE).map(|block| self.told(change, &block.body, "policy")).collect()
    }

    /// How the configuration writes what `change` makes.
    fn body(&self, change: &Change) -> Option<&Body> {
        let (prefix, own) = place(change);
        let labels = bare(own);
        let (kind, name) = labels.split_once('.')?;
        self.modules.block(&bare(prefix), "resource", &[kind, name]).map(|block| &block.body)
    }

    /// The policy that `attribute` of `body` is, if it is told.
    fn told(&self, change: &Change, body: &Body, attribute: &str) -> Option<Value> {
        let (prefix, own) = place(change);
        let module = bare(prefix);
        let expression = &body.get_attribute(attribute)?.value;
        let evaluation = Evaluation { configured: self.configured, module: &module };
        let policy = match document_of(expression, own) {
            Some((name, index)) => {
                let (after, unknown) =
                    self.documents.get(&format!("{prefix}data.{DOCUMENT}.{name}{index}"))?;
                let written = self.modules.block(&module, "data", &[DOCUMENT, name]);
                document::read(after, unknown, written.map(|block| &block.body), &evaluation)?
            }
            None => match evaluation.value(expression)? {
                Value::String(text) => crate::json::value(text.as_bytes()).ok()?,
                other => other,
            },
        };
        is_told(&policy).then_some(policy)
    }
}

/// The address of what `change` makes, in two: its module, and what it is there.
pub(super) fn place(change: &Change) -> (&str, &str) {
    parted(&change.address)
}

/// An address in two: its module, and what it is there; of a module's own, the one around it.
pub(super) fn parted(address: &str) -> (&str, &str) {
    let (mut quoted, mut escaped, mut depth) = (false, false, 0_usize);
    // The type and the name are the last two steps that are no index.
    let mut dots = Vec::new();
    for (at, c) in address.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if depth > 0 => quoted = !quoted,
            _ if quoted => {}
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '.' if depth == 0 => dots.push(at),
            _ => {}
        }
    }
    let module = dots.iter().rev().nth(1).map_or(0, |at| at + 1);
    address.split_at_checked(module).unwrap_or(("", address))
}

/// The data whose text `expression` is, as its name and its index; `own` is the resource that
/// it stands in.
fn document_of<'e>(expression: &'e Expression, own: &str) -> Option<(&'e str, String)> {
    let expression = match expression {
        Expression::Parenthesis(inner) => inner.inner(),
        other => other,
    };
    let traversal = expression.as_traversal()?;
    if traversal.expr.as_variable()?.as_str() != "data" {
        return None;
    }
    let mut steps = traversal.operators.iter().map(hcl_edit::Decorated::value);
    let mut name = || match steps.next() {
        Some(TraversalOperator::GetAttr(name)) => Some(name.as_str()),
        _ => None,
    };
    let (kind, found) = (name()?, name()?);
    let (index, attribute) = match (steps.next()?, steps.next()) {
        (TraversalOperator::GetAttr(attribute), None) => (String::new(), attribute),
        (TraversalOperator::Index(index), Some(TraversalOperator::GetAttr(attribute))) => {
            (index_of(index, own)?, attribute)
        }
        (TraversalOperator::LegacyIndex(index), Some(TraversalOperator::GetAttr(attribute))) => {
            (format!("[{}]", index.value()), attribute)
        }
        _ => return None,
    };
    let is_text = matches!(attribute.as_str(), "json" | "minified_json");
    (kind == DOCUMENT && is_text && steps.next().is_none()).then_some((found, index))
}

/// An index as addresses have it.
fn index_of(index: &Expression, own: &str) -> Option<String> {
    match index {
        Expression::Number(number) => Some(format!("[{}]", number.value())),
        Expression::String(key) => serde_json::to_string(key.value()).ok().map(|key| format!("[{key}]")),
        Expression::Traversal(traversal) => {
            let root = traversal.expr.as_variable()?.as_str();
            let [step] = traversal.operators.as_slice() else { return None };
            let TraversalOperator::GetAttr(step) = step.value() else { return None };
            let is_own = matches!((root, step.as_str()), ("count", "index") | ("each", "key"));
            own.find('[').filter(|_| is_own).and_then(|at| own.get(at..)).map(str::to_owned)
        }
        _ => None,
    }
}

/// Whether all of `policy` is known that says who may do what.
fn is_told(policy: &Value) -> bool {
    let Some(policy) = policy.as_object() else { return false };
    let (statements, rest): (Vec<_>, Vec<_>) = policy.iter().partition(|(name, _)| *name == "Statement");
    let [(_, statements)] = statements.as_slice() else { return false };
    let statements = match statements {
        Value::Array(list) => list.as_slice(),
        one => std::slice::from_ref(*one),
    };
    let told = |statement: &Value| {
        let Some(statement) = statement.as_object() else { return false };
        let is_rule = ["Action", "NotAction"].iter().any(|name| statement.contains_key(*name));
        let is_effect = matches!(statement.get("Effect").and_then(Value::as_str), Some("Allow" | "Deny"));
        let is_known = |(name, value): (&String, &Value)| OPEN.contains(&name.as_str()) || is_known(value);
        is_rule && is_effect && statement.iter().all(is_known)
    };
    !statements.is_empty() && statements.iter().all(told) && rest.iter().all(|(_, value)| is_known(value))
}
