//! What the configuration that a plan carries says of its resources: which attributes somebody
//! set, and which programs run beside them; and what the state held before.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{EXTERNAL, LOCAL};
use crate::invocation::scan::{Passage, planned};

/// The resources of a configuration, by their address without indexes.
#[derive(Debug, Default)]
pub struct Configured<'a> {
    resources: HashMap<String, Resource<'a>>,
}

#[derive(Deserialize)]
struct Shown<'a> {
    #[serde(borrow, default)]
    root_module: Module<'a>,
}

#[derive(Default, Deserialize)]
struct Module<'a> {
    #[serde(borrow, default)]
    resources: Vec<Resource<'a>>,
    #[serde(borrow, default)]
    module_calls: BTreeMap<String, Call<'a>>,
}

#[derive(Deserialize)]
struct Call<'a> {
    #[serde(borrow, default)]
    module: Option<Module<'a>>,
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
}

#[derive(Debug, Deserialize)]
struct Provisioner<'a> {
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow, default)]
    expressions: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Expression {
    #[serde(default)]
    references: Vec<String>,
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
        let mut modules = vec![(String::new(), shown.root_module)];
        while let Some((path, module)) = modules.pop() {
            for resource in module.resources {
                configured.resources.insert(format!("{path}{}", bare(&resource.address)), resource);
            }
            for (name, call) in module.module_calls {
                modules.extend(call.module.map(|module| (format!("{path}module.{name}."), module)));
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

    /// The data that runs a program.
    pub(super) fn programs(&self) -> impl Iterator<Item = String> {
        let runs = |resource: &Resource<'_>| resource.mode == "data" && resource.kind == EXTERNAL;
        self.resources.iter().filter(move |(_, one)| runs(one)).map(|(address, _)| address.clone())
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
        let text = self.resource(address)?.expressions?;
        let set: HashMap<String, &RawValue> = serde_json::from_str(text.get()).ok()?;
        let expression: Expression = serde_json::from_str(set.get(attribute)?.get()).ok()?;
        let (first, rest) = expression.references.split_first()?;
        let is_part = |other: &String| first.starts_with(other.as_str());
        rest.iter().all(is_part).then(|| first.clone())
    }
}

/// What `expressions` run on this machine.
fn text(expressions: Option<&RawValue>, words: &str) -> Option<Passage> {
    planned(&serde_json::from_str(expressions?.get()).ok()?, words)
}

/// How many objects a state holds, and the data in it that ran a program.
///
/// # Errors
/// Where it is none.
pub(super) fn held(text: Option<&str>) -> serde_json::Result<(usize, BTreeSet<String>)> {
    let (mut count, mut programs) = (0, BTreeSet::new());
    let Some(text) = text else { return Ok((count, programs)) };
    let state: State = serde_json::from_str(text)?;
    let mut modules: Vec<Held> = state.values.and_then(|values| values.root_module).into_iter().collect();
    while let Some(module) = modules.pop() {
        count += module.resources.iter().filter(|one| one.mode == "managed").count();
        let runs = module.resources.iter().filter(|one| one.mode == "data" && one.kind == EXTERNAL);
        programs.extend(runs.map(|one| bare(&one.address)));
        modules.extend(module.child_modules);
    }
    Ok((count, programs))
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
