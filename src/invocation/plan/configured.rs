//! What the configuration that a plan carries says of its resources: which attributes somebody
//! set, and which programs run beside them; and what the state held before.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{EXTERNAL, LOCAL};
use crate::invocation::scan::{Passage, planned};

/// Types of data that run something when they are read.
pub(super) const ACTING: [&str; 6] = [
    "aws_ecs_task_execution",
    "aws_lambda_invocation",
    EXTERNAL,
    "local_command",
    "shell_script",
    "terracurl_request",
];

/// The type of data that is asked of any address, and the methods that change nothing there.
const HTTP: &str = "http";
const READING: [&str; 2] = ["GET", "HEAD"];

/// The type of data that has Azure do something, the method where none is said, and how the names of
/// actions begin that only tell something.
const AZURE_ACTION: &str = "azapi_resource_action";
const POST: &str = "POST";
const TELLING: [&str; 3] = ["check", "get", "list"];

/// Where `OpenTofu` looks for providers, of which one block may configure several.
const TOFU: &str = "registry.opentofu.org/";

/// The resources of a configuration, by their address without indexes.
#[derive(Debug, Default)]
pub struct Configured<'a> {
    resources: HashMap<String, Resource<'a>>,
    /// What the outputs of modules refer to, by their module and their name.
    outputs: HashMap<String, HashMap<String, Output>>,
    /// What modules are given, by their path.
    arguments: HashMap<String, &'a RawValue>,
    /// Whether a provider of it is one that only `OpenTofu` knows.
    pub(super) is_of_tofu: bool,
}

#[derive(Deserialize)]
struct Shown<'a> {
    #[serde(borrow, default)]
    root_module: Module<'a>,
    #[serde(default)]
    provider_config: HashMap<String, Provider>,
}

#[derive(Deserialize)]
struct Provider {
    #[serde(default)]
    full_name: String,
}

#[derive(Default, Deserialize)]
struct Module<'a> {
    #[serde(borrow, default)]
    resources: Vec<Resource<'a>>,
    #[serde(borrow, default, rename = "module_calls")]
    calls: BTreeMap<String, Call<'a>>,
    #[serde(default)]
    outputs: HashMap<String, Output>,
}

#[derive(Debug, Deserialize)]
struct Output {
    #[serde(default)]
    expression: Option<Expression>,
}

#[derive(Deserialize)]
struct Call<'a> {
    #[serde(borrow, default)]
    module: Option<Module<'a>>,
    #[serde(borrow, default)]
    expressions: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
struct Resource<'a> {
    address: String,
    #[serde(default)]
    mode: String,
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(borrow, default)]
    provisioners: Vec<Provisioner<'a>>,
    #[serde(borrow, default)]
    expressions: Option<&'a RawValue>,
    #[serde(default)]
    for_each_expression: Option<Expression>,
    #[serde(default)]
    provider_config_key: Option<String>,
    #[serde(default)]
    depends_on: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Provisioner<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow, default)]
    expressions: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
struct Expression {
    #[serde(default)]
    references: Vec<String>,
    #[serde(default)]
    constant_value: Option<Value>,
}

impl Resource<'_> {
    /// Whether reading it runs something.
    fn acts(&self) -> bool {
        let method = self.expression("method");
        let reads = || method.as_ref().and_then(Expression::text).is_some_and(|name| READING.contains(&name));
        match self.kind.as_str() {
            HTTP => method.is_some() && !reads(),
            AZURE_ACTION => {
                let posts = method.as_ref().is_none_or(|one| one.text() == Some(POST));
                let action = self.expression("action");
                let tells = action.as_ref().and_then(Expression::text).is_some_and(only_tells);
                !(reads() || posts && tells)
            }
            kind => ACTING.contains(&kind),
        }
    }

    /// What is set for `attribute`.
    fn expression(&self, attribute: &str) -> Option<Expression> {
        one(self.expressions?, attribute)
    }
}

impl Expression {
    /// What it says, where that is constant.
    fn text(&self) -> Option<&str> {
        self.constant_value.as_ref()?.as_str()
    }
}

/// Whether an action of Azure's is named like one that changes nothing: `listKeys`.
fn only_tells(action: &str) -> bool {
    let rest = TELLING.iter().find_map(|verb| action.strip_prefix(verb));
    rest.is_some_and(|rest| {
        !rest.starts_with(|first: char| first.is_ascii_lowercase())
            && rest.chars().all(|one| one.is_ascii_alphabetic())
    })
}

impl<'a> Configured<'a> {
    /// Reads the `configuration` of a plan.
    ///
    /// # Errors
    /// Where it is none.
    pub fn read(text: Option<&'a str>) -> serde_json::Result<Self> {
        let mut configured = Self::default();
        let Some(text) = text else { return Ok(configured) };
        let shown: Shown<'a> = serde_json::from_str(text)?;
        configured.is_of_tofu = shown.provider_config.values().any(|one| one.full_name.starts_with(TOFU));
        let mut modules = vec![(String::new(), shown.root_module)];
        while let Some((path, module)) = modules.pop() {
            for resource in module.resources {
                configured.resources.insert(format!("{path}{}", bare(&resource.address)), resource);
            }
            configured.outputs.insert(path.clone(), module.outputs);
            for (name, call) in module.calls {
                let inner = format!("{path}module.{name}.");
                configured.arguments.extend(call.expressions.map(|given| (inner.clone(), given)));
                modules.extend(call.module.map(|module| (inner, module)));
            }
        }
        Ok(configured)
    }

    fn resource(&self, address: &str) -> Option<&Resource<'a>> {
        self.resources.get(&bare(address))
    }

    /// Whether the configuration has the resource at `address`.
    pub(super) fn has(&self, address: &str) -> bool {
        self.resource(address).is_some()
    }

    /// The kinds of the programs that run when the resource at `address` is made or deleted.
    pub(super) fn provisioners(&self, address: &str) -> impl Iterator<Item = &str> {
        let resource = self.resource(address).into_iter();
        resource.flat_map(|one| one.provisioners.iter().map(|provisioner| provisioner.kind.as_str()))
    }

    /// What the programs run that are started with the resource at `address`, as far as that is
    /// constant.
    pub(super) fn texts(&self, address: &str) -> impl Iterator<Item = Passage> {
        let resource = self.resource(address).into_iter();
        resource.flat_map(|one| {
            let local = one.provisioners.iter().filter(|provisioner| provisioner.kind == LOCAL);
            let local = local.filter_map(|provisioner| text(provisioner.expressions, "interpreter"));
            let reads = one.mode == "data" && one.kind == EXTERNAL;
            let own = reads.then(|| text(one.expressions, "program")).flatten();
            local.chain(own).collect::<Vec<_>>()
        })
    }

    /// The data that runs something when it is read, with its type.
    pub(super) fn programs(&self) -> impl Iterator<Item = (String, String)> {
        let found = self.resources.iter().filter(|(_, one)| one.mode != "managed" && one.acts());
        found.map(|(address, one)| (address.clone(), one.kind.clone()))
    }

    /// Whether the configuration has this resource, and certainly nothing for the attribute.
    pub(super) fn leaves_unset(&self, address: &str, attribute: &str) -> bool {
        let Some(resource) = self.resource(address) else { return false };
        let Some(text) = resource.expressions else { return true };
        serde_json::from_str::<HashMap<String, &RawValue>>(text.get())
            .is_ok_and(|set| !set.contains_key(attribute))
    }

    /// The one attribute that the expression for `attribute` refers to. What it makes of that
    /// is not told.
    pub(super) fn reference(&self, address: &str, attribute: &str) -> Option<String> {
        let expression = one(self.resource(address)?.expressions?, attribute)?;
        let (first, rest) = expression.references.split_first()?;
        let is_part = |other: &String| first.starts_with(other.as_str());
        rest.iter().all(is_part).then(|| first.clone())
    }

    /// All that the expression for `attribute` of a resource refers to, without indexes; `for_each` among
    /// the attributes.
    pub(super) fn references(&self, address: &str, attribute: &str) -> BTreeSet<String> {
        let Some(resource) = self.resource(address) else { return BTreeSet::new() };
        match attribute {
            "for_each" => named(resource.for_each_expression.as_ref()),
            _ => named(resource.expressions.and_then(|text| one(text, attribute)).as_ref()),
        }
    }

    /// All that an output of the module at `path` refers to.
    pub(super) fn output(&self, path: &str, name: &str) -> BTreeSet<String> {
        let output = self.outputs.get(path).and_then(|outputs| outputs.get(name));
        named(output.and_then(|output| output.expression.as_ref()))
    }

    /// All that the expression refers to which the module at `path` is given for a variable.
    pub(super) fn argument(&self, path: &str, name: &str) -> BTreeSet<String> {
        named(self.arguments.get(path).and_then(|given| one(given, name)).as_ref())
    }

    /// Whether the configuration says of a resource that it waits for `other`, of the same module.
    pub(super) fn waits_for(&self, address: &str, other: &str) -> bool {
        self.resource(address).is_some_and(|one| one.depends_on.iter().any(|name| bare(name) == other))
    }

    /// Whether two resources are made by one provider, with one configuration.
    pub(super) fn is_of_one_provider(&self, address: &str, other: &str) -> bool {
        let key = |address| self.resource(address).and_then(|one| one.provider_config_key.as_ref());
        key(address).is_some_and(|own| key(other) == Some(own))
    }
}

/// The expression for `attribute` among others.
fn one(expressions: &RawValue, attribute: &str) -> Option<Expression> {
    let set: HashMap<String, &RawValue> = serde_json::from_str(expressions.get()).ok()?;
    serde_json::from_str(set.get(attribute)?.get()).ok()
}

fn named(expression: Option<&Expression>) -> BTreeSet<String> {
    expression.into_iter().flat_map(|one| one.references.iter().map(|reference| bare(reference))).collect()
}

/// What `expressions` run on this machine.
fn text(expressions: Option<&RawValue>, words: &str) -> Option<Passage> {
    planned(&serde_json::from_str(expressions?.get()).ok()?, words)
}

/// What a state holds: the addresses of its objects, and the data in it that ran something, with its type.
///
/// # Errors
/// Where it is none.
pub(super) fn held(text: Option<&str>) -> serde_json::Result<(Vec<String>, BTreeMap<String, String>)> {
    let (mut objects, mut programs) = (Vec::new(), BTreeMap::new());
    let Some(text) = text else { return Ok((objects, programs)) };
    let state: State = serde_json::from_str(text)?;
    let mut modules: Vec<Held> = state.values.and_then(|values| values.root_module).into_iter().collect();
    while let Some(module) = modules.pop() {
        let runs = |one: &&HeldResource| one.mode == "data" && ACTING.contains(&one.kind.as_str());
        programs
            .extend(module.resources.iter().filter(runs).map(|one| (bare(&one.address), one.kind.clone())));
        let managed = module.resources.into_iter().filter(|one| one.mode == "managed");
        objects.extend(managed.map(|one| one.address));
        modules.extend(module.child_modules);
    }
    Ok((objects, programs))
}

#[derive(Deserialize)]
struct State {
    #[serde(default)]
    values: Option<Values>,
}

#[derive(Deserialize)]
struct Values {
    #[serde(default)]
    root_module: Option<Held>,
}

#[derive(Deserialize)]
struct Held {
    #[serde(default)]
    resources: Vec<HeldResource>,
    #[serde(default)]
    child_modules: Vec<Held>,
}

#[derive(Deserialize)]
struct HeldResource {
    #[serde(default)]
    address: String,
    #[serde(default)]
    mode: String,
    #[serde(rename = "type", default)]
    kind: String,
}

/// An address without the indexes of `count` and `for_each`.
pub fn bare(address: &str) -> String {
    let (mut bare, mut depth, mut quoted, mut escaped) = (String::new(), 0_usize, false, false);
    for c in address.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' if depth > 0 => quoted = !quoted,
            _ if quoted => {}
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => bare.push(c),
            _ => {}
        }
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_loses_its_indexes() {
        for (address, expected) in [
            ("a.b", "a.b"),
            ("a.b[0]", "a.b"),
            ("module.m[\"x]\\\"[\"].module.n[1].a.b[\"c.d\"]", "module.m.module.n.a.b"),
            ("a.b[", "a.b"),
            ("]]a", "a"),
        ] {
            assert_eq!(bare(address), expected, "{address}");
        }
    }

    #[test]
    fn data_that_acts_is_told_from_data_that_looks() {
        let constant = |value: &str| serde_json::json!({"constant_value": value});
        let open = serde_json::json!({"references": ["var.x"]});
        let none = Value::Null;
        for (method, action, acts) in [
            (&none, &constant("powerOff"), true),
            (&none, &constant("listKeys"), false),
            (&constant("POST"), &constant("list"), false),
            (&constant("POST"), &constant("listen"), true),
            (&constant("POST"), &constant("list/../powerOff"), true),
            (&constant("POST"), &none, true),
            (&constant("GET"), &open, false),
            (&constant("PUT"), &constant("listKeys"), true),
            (&open, &constant("listKeys"), true),
            (&none, &open, true),
        ] {
            let mut set = serde_json::json!({"method": method, "action": action});
            set.as_object_mut().unwrap().retain(|_, value| !value.is_null());
            for (mode, expected) in [("data", acts), ("ephemeral", acts), ("managed", false)] {
                let text = serde_json::json!({"root_module": {"resources": [
                    {"address": "x", "mode": mode, "type": AZURE_ACTION, "expressions": set}]}});
                let text = text.to_string();
                let configured = Configured::read(Some(&text)).unwrap();
                assert_eq!(configured.programs().count() == 1, expected, "{mode} {set}");
            }
        }
    }
}
