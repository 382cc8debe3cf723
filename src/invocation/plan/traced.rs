//! Where a value comes from that only applying tells: through variables and outputs of modules, to
//! the resources that it is a name of.

use std::collections::BTreeSet;

use hcl_edit::expr::{Expression, Traversal, TraversalOperator};
use hcl_edit::structure::Body;
use hcl_edit::template::{Element, StringTemplate};

use super::Change;
use super::configured::{Configured, bare};
use super::made::Target;
use super::policy::place;
use super::source::Modules;

/// How many expressions are followed for one value.
const MOST: usize = 64;

/// Functions that give back a part of what they are given.
const CHOOSING: [&str; 9] =
    ["coalesce", "compact", "concat", "element", "flatten", "nonsensitive", "one", "tostring", "try"];

/// What makes several resources of one block.
const FOR_EACH: &str = "for_each";

/// The block of a resource.
const RESOURCE: &str = "resource";

/// What the value of an attribute is made from.
pub(super) struct Trace {
    /// What makes the resource that it names.
    pub(super) made: String,
    steps: Vec<Step>,
}

/// An expression on the way.
struct Step {
    /// The module that it stands in, without indexes.
    module: String,
    block: &'static str,
    labels: Vec<String>,
    attribute: String,
    /// Whether `each.value` in it was followed.
    is_each: bool,
}

impl Trace {
    /// That of the target of `change`, where all that it refers to stands at `made`, the addresses of
    /// what is made.
    pub(super) fn of(
        change: &Change,
        target: &Target,
        made: &BTreeSet<String>,
        configured: &Configured<'_>,
    ) -> Option<Self> {
        let (module, own) = place(change);
        let (module, own) = (bare(module), bare(own));
        let (kind, name) = own.split_once('.')?;
        let first = Step {
            module,
            block: RESOURCE,
            labels: vec![kind.to_owned(), name.to_owned()],
            attribute: target.attribute.to_owned(),
            is_each: false,
        };
        let (mut waiting, mut steps, mut found) = (vec![first], Vec::new(), None);
        while let Some(mut step) = waiting.pop() {
            let references = step.references(configured);
            if references.is_empty() || steps.len() > MOST {
                return None;
            }
            // An index is no part of the value, and the text tells which it is.
            let is_alone = references.iter().all(|one| one.starts_with("each."));
            for reference in &references {
                let words: Vec<&str> = reference.split('.').collect();
                let module = &step.module;
                match words.as_slice() {
                    ["each", "key"] | ["count", "index"] => {}
                    ["each", "value", ..] if !is_alone => {}
                    ["each", "value", ..] if step.block == RESOURCE && step.attribute != FOR_EACH => {
                        step.is_each = true;
                        waiting.push(step.for_each());
                    }
                    ["var", name, ..] => {
                        let (around, own) = module.strip_suffix('.')?.rsplit_once("module.")?;
                        waiting.push(Step::new(around.to_owned(), "module", own, name));
                    }
                    ["module", inner, name, ..] => {
                        waiting.push(Step::new(format!("{module}module.{inner}."), "output", name, "value"));
                    }
                    [kind, name, ..] if *kind == target.of => {
                        let address = format!("{module}{kind}.{name}");
                        found = Some(made.get(&address)?);
                    }
                    _ => return None,
                }
            }
            steps.push(step);
        }
        found.map(|made| Self { made: made.clone(), steps })
    }

    /// The modules whose text it stands in.
    pub(super) fn modules(&self) -> impl Iterator<Item = String> {
        self.steps.iter().map(|step| step.module.clone())
    }

    /// Whether every expression on its way only hands on what it refers to.
    pub(super) fn is_plain(&self, target: &Target, modules: &Modules) -> bool {
        self.steps.iter().all(|step| {
            let labels: Vec<&str> = step.labels.iter().map(String::as_str).collect();
            let body: Option<&Body> =
                modules.block(&step.module, step.block, &labels).map(|block| &block.body);
            body.is_some_and(|body| {
                let written = body.get_attribute(&step.attribute);
                written.is_some_and(|one| step.hands_on(&one.value, target, is_set(body)))
            })
        })
    }
}

impl Step {
    fn new(module: String, block: &'static str, label: &str, attribute: &str) -> Self {
        let labels = vec![label.to_owned()];
        Self { module, block, labels, attribute: attribute.to_owned(), is_each: false }
    }

    fn for_each(&self) -> Self {
        let (module, labels) = (self.module.clone(), self.labels.clone());
        Self { module, block: RESOURCE, labels, attribute: FOR_EACH.to_owned(), is_each: false }
    }

    /// What its expression refers to, without indexes, and each as far as it goes.
    fn references(&self, configured: &Configured<'_>) -> Vec<String> {
        let label = self.labels.last().map(String::as_str).unwrap_or_default();
        let address = || format!("{}{}", self.module, self.labels.join("."));
        let all: BTreeSet<String> = match self.block {
            "output" => configured.output(&self.module, label),
            "module" => configured.argument(&format!("{}module.{label}.", self.module), &self.attribute),
            _ => configured.references(&address(), &self.attribute),
        };
        let goes_on = |one: &String| {
            all.range(format!("{one}.")..).next().is_some_and(|next| next.starts_with(&format!("{one}.")))
        };
        all.iter().filter(|one| !goes_on(one)).cloned().collect()
    }

    /// Whether `expression` only hands on what it refers to, in a block that is made for each of a set or not.
    fn hands_on(&self, expression: &Expression, target: &Target, of_set: bool) -> bool {
        let inside = |one: &Expression| self.hands_on(one, target, of_set);
        match expression {
            // Nothing has no name; a number chooses.
            Expression::String(text) => text.value().is_empty(),
            Expression::Number(_) => true,
            Expression::Parenthesis(inner) => inside(inner.inner()),
            Expression::Array(list) => list.iter().all(inside),
            Expression::Conditional(chosen) => inside(&chosen.true_expr) && inside(&chosen.false_expr),
            Expression::FuncCall(call) => {
                let is_choosing = CHOOSING.contains(&call.name.name.as_str()) && !call.name.is_namespaced();
                is_choosing && call.args.iter().all(inside)
            }
            Expression::StringTemplate(template) => alone(template).is_some_and(inside),
            Expression::Traversal(traversal) => self.is_name(traversal, target, of_set),
            _ => false,
        }
    }

    /// Whether what it names is one of what it refers to, or the name of that.
    fn is_name(&self, traversal: &Traversal, target: &Target, of_set: bool) -> bool {
        let Expression::Variable(root) = &traversal.expr else { return false };
        let mut steps = Vec::new();
        for operator in &traversal.operators {
            match operator.value() {
                TraversalOperator::GetAttr(name) => steps.push(name.as_str()),
                TraversalOperator::Index(index) if !is_index(index, of_set) => return false,
                _ => {}
            }
        }
        let rest = match (root.as_str(), steps.as_slice()) {
            ("each", ["value", rest @ ..]) if self.is_each => rest,
            ("var", [_, rest @ ..]) | ("module", [_, _, rest @ ..]) => rest,
            (kind, [_, rest @ ..]) if kind == target.of => rest,
            _ => return false,
        };
        rest.iter().all(|name| target.names.contains(name))
    }
}

/// The one value that a text is.
fn alone(template: &StringTemplate) -> Option<&Expression> {
    let mut elements = template.iter();
    match (elements.next(), elements.next()) {
        (Some(Element::Interpolation(inner)), None) => Some(&inner.expr),
        _ => None,
    }
}

/// Whether an index is known when the plan is made: one that is not may choose what is there already.
fn is_index(index: &Expression, of_set: bool) -> bool {
    match index {
        Expression::Number(_) | Expression::String(_) => true,
        Expression::Traversal(traversal) => {
            let root = traversal.expr.as_variable().map(hcl_edit::Ident::as_str);
            let step = traversal.operators.first().map(hcl_edit::Decorated::value);
            let Some(TraversalOperator::GetAttr(step)) = step else { return false };
            match (root, step.as_str(), traversal.operators.len()) {
                (Some("count"), "index", 1) | (Some("each"), "key", 1) => true,
                // The values of a set are its keys.
                (Some("each"), "value", 1) => of_set,
                _ => false,
            }
        }
        _ => false,
    }
}

/// Whether a block is made for each of what is certainly a set.
fn is_set(body: &Body) -> bool {
    let all = body.get_attribute(FOR_EACH).map(|one| &one.value);
    let Some(Expression::FuncCall(call)) = all else { return false };
    call.name.name.as_str() == "toset" && !call.name.is_namespaced()
}
