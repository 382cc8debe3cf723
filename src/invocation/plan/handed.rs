//! Whether a value that only applying tells is certainly the name of something that the same plan makes: the text
//! of the configuration is followed from one expression to the next, as long as each only hands on.
//!
//! What chooses hands on nothing: a condition, and what functions make of their arguments, may be unknown
//! until the plan is applied, and choose what is there already, or nothing, which leaves room for a default.

use std::collections::HashMap;

use hcl_edit::expr::{Expression, FuncCall, Object, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::structure::Body;
use hcl_edit::template::{Element, StringTemplate, Strip};

use super::configured::bare;
use super::made::Target;
use super::policy::parted;
use super::source::Modules;

/// How many expressions are followed for one value.
const MOST: usize = 64;

/// What makes several resources of one block.
const FOR_EACH: &str = "for_each";

/// What an output may say that hands on its value as it is.
const OUTPUT: [&str; 4] = ["depends_on", "description", "sensitive", "value"];

/// The instances of the plan's resources, by their address without their own index: the address, and whether
/// the plan certainly makes them.
#[derive(Debug, Default)]
pub(super) struct Instances<'a>(HashMap<String, Vec<(&'a str, bool)>>);

impl<'a> Instances<'a> {
    /// Those of `made`, and of `others`, which are there already or may be.
    pub(super) fn of(made: impl Iterator<Item = &'a str>, others: impl Iterator<Item = &'a str>) -> Self {
        let mut all: HashMap<String, Vec<(&str, bool)>> = HashMap::new();
        for (address, is_made) in made.map(|one| (one, true)).chain(others.map(|one| (one, false))) {
            let (module, own) = parted(address);
            all.entry(format!("{module}{}", bare(own))).or_default().push((address, is_made));
        }
        Self(all)
    }

    /// The instance at `address` with this index, if the plan makes it.
    fn at(&self, address: &str, index: &str) -> Option<&'a str> {
        let whole = format!("{address}{index}");
        let mut found = self.0.get(address)?.iter().filter(|(one, _)| *one == whole).peekable();
        let (first, _) = found.peek().copied()?;
        found.all(|(_, is_made)| *is_made).then_some(*first)
    }

    /// The only instance at `address`, if the plan makes it.
    fn only(&self, address: &str) -> Option<&'a str> {
        match self.0.get(address)?.as_slice() {
            [(one, true)] => Some(one),
            _ => None,
        }
    }
}

/// What is handed on: the address of what the plan makes, and which of its attributes.
pub(super) struct Handed<'i> {
    pub(super) address: &'i str,
    pub(super) attribute: String,
}

/// The text of a configuration, beside what its plan makes.
pub(super) struct Text<'a> {
    pub(super) modules: &'a Modules,
    pub(super) instances: &'a Instances<'a>,
}

/// Where an expression stands: its module, as addresses begin in it, and the index of its block with what
/// that is made for each of.
#[derive(Clone)]
struct Scope<'t> {
    module: String,
    key: String,
    each: Option<&'t Expression>,
}

impl Scope<'_> {
    fn of_module(module: &str) -> Self {
        Self { module: module.to_owned(), key: String::new(), each: None }
    }
}

/// A step of a name.
enum Step<'t> {
    Attribute(&'t str),
    Index(&'t Expression),
    All,
}

impl<'a> Text<'a> {
    /// What `attribute` of the resource at `address` hands on, which is one of `names` of what is of this type.
    pub(super) fn handed(
        &self,
        address: &str,
        attribute: &str,
        target: &Target,
        names: &[&str],
    ) -> Option<Handed<'a>> {
        let (module, own) = parted(address);
        let (at, body) = (own.find('[').unwrap_or(own.len()), self.body(address)?);
        let key = own.get(at..)?.to_owned();
        let each = body.get_attribute(FOR_EACH).map(|one| &one.value);
        let scope = Scope { module: module.to_owned(), key, each };
        let written = &body.get_attribute(attribute)?.value;
        let handed = self.follow(&scope, written, &[], target, MOST)?;
        names.contains(&handed.attribute.as_str()).then_some(handed)
    }

    /// Whether two resources of one module are given the same for `attribute`, by one plain name.
    pub(super) fn is_alike(&self, address: &str, other: &str, attribute: &str) -> bool {
        let written = |address: &str| {
            let body = self.body(address)?;
            let mut steps = Vec::new();
            let root = named(body.get_attribute(attribute)?.value.as_traversal()?, &mut steps)?;
            let steps: Option<Vec<&'a str>> = steps.iter().map(attribute_of).collect();
            (root != "each" && root != "count").then_some((root, steps?))
        };
        let is_near = parted(address).0 == parted(other).0;
        is_near && written(address).is_some_and(|one| written(other) == Some(one))
    }

    /// Whether the provider of a resource is one of several that one block configures; nothing where the
    /// text does not tell.
    pub(super) fn is_of_many(&self, address: &str) -> Option<bool> {
        let chooses = |body: &Body, name: &str| {
            // In an attribute that names providers, only an index has brackets.
            body.get_attribute(name).is_some_and(|one| one.value.to_string().contains('['))
        };
        let mut told = vec![self.body(address).map(|body| chooses(body, "provider"))];
        let mut module = parted(address).0;
        while let Some((around, own, _)) = outwards(module) {
            let call = self.modules.block(&bare(around), "module", &[&own]);
            told.push(call.map(|call| chooses(&call.body, "providers")));
            module = around;
        }
        if told.contains(&Some(true)) { Some(true) } else { (!told.contains(&None)).then_some(false) }
    }

    fn body(&self, address: &str) -> Option<&'a Body> {
        let (module, own) = parted(address);
        let own = bare(own);
        let (kind, name) = own.split_once('.')?;
        self.modules.block(&bare(module), "resource", &[kind, name]).map(|block| &block.body)
    }

    /// What `rest` of `expression` hands on.
    fn follow(
        &self,
        scope: &Scope<'_>,
        expression: &Expression,
        rest: &[&str],
        target: &Target,
        left: usize,
    ) -> Option<Handed<'a>> {
        let left = left.checked_sub(1)?;
        match expression {
            Expression::Parenthesis(inner) => self.follow(scope, inner.inner(), rest, target, left),
            Expression::StringTemplate(template) if rest.is_empty() => {
                self.follow(scope, alone(template)?, rest, target, left)
            }
            Expression::Object(object) => {
                let (first, rest) = rest.split_first()?;
                self.follow(scope, member(object, first)?, rest, target, left)
            }
            Expression::FuncCall(call) if rest.is_empty() => self.call(scope, call, target, left),
            Expression::Traversal(traversal) => self.name(scope, traversal, rest, target, left),
            _ => None,
        }
    }

    /// What is left of something of which there is one or none: what is made is never nothing, nor an error.
    fn call(&self, scope: &Scope<'_>, call: &FuncCall, target: &Target, left: usize) -> Option<Handed<'a>> {
        let arguments: Vec<&Expression> = call.args.iter().collect();
        let is_nothing = |one: &Expression| match one {
            Expression::String(text) => text.value().is_empty(),
            other => matches!(other, Expression::Null(_)),
        };
        if call.name.is_namespaced() || call.args.expand_final() {
            return None;
        }
        let all = match (call.name.name.as_str(), arguments.as_slice()) {
            ("try", [one, nothing]) if is_nothing(nothing) => {
                return self.follow(scope, one, &[], target, left);
            }
            ("one", [all]) => all,
            ("join", [between, all]) if is_nothing(between) => all,
            _ => return None,
        };
        let mut steps = Vec::new();
        let kind = named(all.as_traversal()?, &mut steps)?;
        let [Step::Attribute(name), Step::All, Step::Attribute(attribute)] = steps.as_slice() else {
            return None;
        };
        let address = self.instances.only(&format!("{}{kind}.{name}", scope.module))?;
        (kind == target.of).then(|| Handed { address, attribute: (*attribute).to_owned() })
    }

    /// What `rest` of a name hands on.
    fn name(
        &self,
        scope: &Scope<'_>,
        traversal: &Traversal,
        rest: &[&str],
        target: &Target,
        left: usize,
    ) -> Option<Handed<'a>> {
        let mut steps = Vec::new();
        let root = named(traversal, &mut steps)?;
        let and_rest = |steps: &[Step<'_>]| {
            // Lifetimes apart, it is one list of attributes.
            let own: Option<Vec<String>> =
                steps.iter().map(|step| attribute_of(step).map(str::to_owned)).collect();
            Some(own?.into_iter().chain(rest.iter().map(|one| (*one).to_owned())).collect::<Vec<String>>())
        };
        let module = &scope.module;
        match (root, steps.as_slice()) {
            ("each", [Step::Attribute("value"), more @ ..]) => {
                self.each(scope, scope.each?, &texts(&and_rest(more)?), target, left)
            }
            ("var", [Step::Attribute(name), more @ ..]) => {
                let more = and_rest(more)?;
                let (around, own, key) = outwards(module)?;
                // What is made is never nothing, so no default takes its place; a type may change it.
                let declared = self.modules.block(&bare(module), "variable", &[name])?;
                let is_kept = declared.body.get_attribute("type").is_none_or(|one| {
                    let name = one.value.as_variable().map(hcl_edit::Ident::as_str);
                    name == Some("any") || name == Some("string") && more.is_empty()
                });
                let call = &self.modules.block(&bare(around), "module", &[&own])?.body;
                let given = &call.get_attribute(name)?.value;
                let each = call.get_attribute(FOR_EACH).map(|one| &one.value);
                let scope = Scope { module: around.to_owned(), key: key.to_owned(), each };
                is_kept.then(|| self.follow(&scope, given, &texts(&more), target, left))?
            }
            ("local", [Step::Attribute(name), more @ ..]) => {
                let value = self.modules.local(&bare(module), name)?;
                self.follow(&Scope::of_module(module), value, &texts(&and_rest(more)?), target, left)
            }
            ("module", [Step::Attribute(name), more @ ..]) => {
                let (index, more) = index(scope, more)?;
                let (Step::Attribute(output), more) = more.split_first()? else { return None };
                let inner = format!("{module}module.{name}{index}.");
                let body = &self.modules.block(&bare(&inner), "output", &[output])?.body;
                let is_plain = body.attributes().all(|one| OUTPUT.contains(&one.key.as_str()));
                let value = &body.get_attribute("value").filter(|_| is_plain)?.value;
                self.follow(&Scope::of_module(&inner), value, &texts(&and_rest(more)?), target, left)
            }
            (kind, [Step::Attribute(name), more @ ..]) if kind == target.of => {
                let (index, more) = index(scope, more)?;
                let [attribute] = and_rest(more)?.try_into().ok()?;
                let address = self.instances.at(&format!("{module}{kind}.{name}"), &index)?;
                Some(Handed { address, attribute })
            }
            _ => None,
        }
    }

    /// What `rest` of that member of `all` hands on which a block is made for.
    fn each(
        &self,
        scope: &Scope<'_>,
        all: &Expression,
        rest: &[&str],
        target: &Target,
        left: usize,
    ) -> Option<Handed<'a>> {
        let left = left.checked_sub(1)?;
        match all {
            Expression::Parenthesis(inner) => self.each(scope, inner.inner(), rest, target, left),
            Expression::Object(object) => {
                let key: String =
                    serde_json::from_str(scope.key.strip_prefix('[')?.strip_suffix(']')?).ok()?;
                self.follow(&Scope::of_module(&scope.module), member(object, &key)?, rest, target, left)
            }
            Expression::Traversal(traversal) => {
                let mut steps = Vec::new();
                match (named(traversal, &mut steps)?, steps.as_slice(), rest) {
                    ("local", [Step::Attribute(name)], _) => {
                        let value = self.modules.local(&bare(&scope.module), name)?;
                        self.each(scope, value, rest, target, left)
                    }
                    (kind, [Step::Attribute(name)], [attribute]) if kind == target.of => {
                        let address = format!("{}{kind}.{name}", scope.module);
                        let address = self.instances.at(&address, &scope.key)?;
                        Some(Handed { address, attribute: (*attribute).to_owned() })
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

fn texts(all: &[String]) -> Vec<&str> {
    all.iter().map(String::as_str).collect()
}

fn attribute_of<'t>(step: &Step<'t>) -> Option<&'t str> {
    match step {
        Step::Attribute(name) => Some(name),
        _ => None,
    }
}

/// The first word of a name, with its steps.
fn named<'t>(traversal: &'t Traversal, steps: &mut Vec<Step<'t>>) -> Option<&'t str> {
    for operator in &traversal.operators {
        steps.push(match operator.value() {
            TraversalOperator::GetAttr(name) => Step::Attribute(name.as_str()),
            TraversalOperator::Index(index) => Step::Index(index),
            TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => Step::All,
            TraversalOperator::LegacyIndex(_) => return None,
        });
    }
    traversal.expr.as_variable().map(hcl_edit::Ident::as_str)
}

/// The index with which `steps` begin, as addresses have it, and those behind it.
fn index<'s, 't>(scope: &Scope<'_>, steps: &'s [Step<'t>]) -> Option<(String, &'s [Step<'t>])> {
    let [Step::Index(index), rest @ ..] = steps else { return Some((String::new(), steps)) };
    let index = match index {
        Expression::Number(number) => format!("[{}]", number.value()),
        Expression::String(key) => format!("[{}]", serde_json::to_string(key.value()).ok()?),
        Expression::Traversal(traversal) => {
            let mut steps = Vec::new();
            let is_own = match (named(traversal, &mut steps)?, steps.as_slice()) {
                ("count", [Step::Attribute("index")]) | ("each", [Step::Attribute("key")]) => true,
                // The values of a set are its keys.
                ("each", [Step::Attribute("value")]) => scope.each.is_some_and(is_set),
                _ => false,
            };
            Some(scope.key.clone()).filter(|key| is_own && !key.is_empty())?
        }
        _ => return None,
    };
    Some((index, rest))
}

/// The module around the one at a path, what it calls that, and with which index.
fn outwards(module: &str) -> Option<(&str, String, &str)> {
    let (around, own) = parted(module.strip_suffix('.')?);
    let name = bare(own.strip_prefix("module.")?);
    let key = own.find('[').and_then(|at| own.get(at..)).unwrap_or_default();
    Some((around, name, key))
}

/// The one value of an object under a key.
fn member<'o>(object: &'o Object, key: &str) -> Option<&'o Expression> {
    let mut found = None;
    for (name, value) in object {
        let name = match name {
            ObjectKey::Ident(name) => name.as_str(),
            ObjectKey::Expression(Expression::String(name)) => name.value(),
            // It may be any, and the last one counts.
            ObjectKey::Expression(_) => return None,
        };
        if name == key && found.replace(value.expr()).is_some() {
            return None;
        }
    }
    found
}

/// The one value that a text is.
fn alone(template: &StringTemplate) -> Option<&Expression> {
    let mut elements = template.iter();
    match (elements.next(), elements.next()) {
        (Some(Element::Interpolation(inner)), None) if inner.strip == Strip::None => Some(&inner.expr),
        _ => None,
    }
}

/// Whether it is certainly a set.
fn is_set(all: &Expression) -> bool {
    let Expression::FuncCall(call) = all else { return false };
    call.name.name.as_str() == "toset" && !call.name.is_namespaced()
}
