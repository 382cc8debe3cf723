//! A plan as `terraform show -json` tells it: what it changes, as commands that the
//! rulebook speaks of, and as lines that people read.
//!
//! What stays as it is is passed over without being taken apart. Values go to the rules
//! only, and those that are marked sensitive not even there: lines hold names, numbers
//! and booleans.

mod configured;
mod difference;
mod document;
mod evaluated;
mod handed;
mod made;
mod policy;
mod removed;
mod scanned;
mod shown;
mod sides;
mod source;
mod strings;
mod told;
mod traced;
mod written;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use serde_json::value::RawValue;

use crate::command::Command;
use crate::command::declared::{self, PLAN};
use crate::invocation::scan::Passage;
use configured::{ACTING, held};
pub use configured::{Configured, bare};
use policy::Policies;
use removed::Removed;
pub use scanned::targets_made;
use shown::{Shown, ShownChange};
pub use source::Source;
pub use told::verb;
use written::BLOCKS;

/// What stands in the place of a value that is marked sensitive.
const SENSITIVE: &str = "(sensitive)";

/// What stands in the place of a value that is known only when the plan is applied.
const UNKNOWN: &str = "$";

/// Types of which every change is a new version, made in the place of the last: `plan/replace-version`
/// speaks of the same.
pub(crate) const VERSIONS: [&str; 12] = [
    "aws_api_gateway_deployment",
    "aws_appconfig_hosted_configuration_version",
    "aws_ecs_task_definition",
    "aws_imagebuilder_component",
    "aws_imagebuilder_container_recipe",
    "aws_imagebuilder_image_recipe",
    "aws_lambda_layer_version",
    "aws_launch_configuration",
    "aws_launch_template",
    "aws_secretsmanager_secret_version",
    "google_compute_instance_template",
    "google_compute_region_instance_template",
];

/// A plan.
#[derive(Debug, Default)]
pub struct Plan {
    /// Its changes to resources, in its order; what stays as it is is left out.
    pub changes: Vec<Change>,
    /// What else it does: what it starts (`provision`, `external`, `invoke`), outputs
    /// that it sets, and the `share` of the state that it takes away or loses.
    pub beside: Vec<Change>,
    /// What those programs run on this machine, as far as that is constant.
    pub programs: Vec<Program>,
    /// How many objects the state has that it was made from.
    pub held: usize,
    /// What a reader should know of the plan itself.
    pub remarks: Vec<String>,
}

/// What a program runs that a plan starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The resource that it is started with, or the data that is read from it.
    pub address: String,
    /// What a shell runs.
    pub text: Passage,
}

/// What happens to one resource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// What: `create`, `update`, `replace`, `delete`, `forget`; `import`, `move`, `drift` and
    /// `record` where only the state is written.
    pub action: &'static str,
    /// The type of the resource: `aws_db_instance`.
    pub kind: String,
    /// Where the resource stands in its configuration.
    pub address: String,
    /// What it sets, as `PATH=VALUE`, outside of lists of objects.
    pub fields: Vec<String>,
    /// The same for each object in a list that is new, gone or another one, with what stands
    /// around it in the list. Rules speak of one at a time: a port and the addresses
    /// that may reach it.
    pub members: Vec<Vec<String>>,
    /// What was set in what it takes away, as `PATH:was=VALUE`, and whether not all of that
    /// could be read.
    lost: Vec<String>,
    is_unread: bool,
    /// Why it is deleted or replaced, as the plan says.
    pub why: Option<String>,
    /// Attributes that are known only when the plan is applied, with what would be told of
    /// them. Those that nobody configured are the provider's to compute.
    pending: Vec<Pending>,
}

/// An attribute that is known only when the plan is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Pending {
    name: String,
    /// What is told of it as long as nothing more is known.
    told: Vec<String>,
    /// Whether it is marked sensitive.
    is_hidden: bool,
}

/// Why a text is no plan that can be judged.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// Not the JSON of a plan.
    #[error("it is not what `show -json` prints of a plan")]
    Form(#[from] serde_json::Error),
    /// A plan that says something of which nobody knows what it does.
    #[error("{0}")]
    Odd(String),
}

impl Plan {
    /// Reads what `show -json` printed, and nothing beside it.
    ///
    /// # Errors
    /// Where it is no plan, or one of a kind that nobody knows.
    pub fn read(text: &[u8]) -> Result<Self, PlanError> {
        Self::read_beside(text, None)
    }

    /// Reads what `show -json` printed, and where that does not tell enough the configuration that
    /// the plan was made from, which `sources` gives. Where it cannot, that is a change of its
    /// own, `unknown configuration`.
    ///
    /// # Errors
    /// Where it is no plan, or one of a kind that nobody knows.
    pub fn read_with(
        text: &[u8],
        sources: &dyn Fn() -> Result<Vec<Source>, String>,
    ) -> Result<Self, PlanError> {
        Self::read_beside(text, Some(sources))
    }

    fn read_beside(
        text: &[u8],
        sources: Option<&dyn Fn() -> Result<Vec<Source>, String>>,
    ) -> Result<Self, PlanError> {
        let shown: Shown<'_> = serde_json::from_slice(text)?;
        if shown.format_version != "1" && !shown.format_version.starts_with("1.") {
            return Err(PlanError::Odd(format!("its format is {}", shown.format_version)));
        }
        let configured = Configured::read(shown.configuration.map(RawValue::get))?;
        let (standing, mut programs) = held(shown.prior_state.map(RawValue::get))?;
        let mut plan = Self { held: standing.len(), remarks: told::remarks(&shown), ..Self::default() };
        for element in &shown.resource_changes {
            let Some(change) = Change::read(element.get())? else { continue };
            if change.action == EXTERNAL {
                programs.insert(change.address, change.kind);
            } else {
                plan.changes.push(change);
            }
        }
        let missing = |change: &Change| policy::is_missing(change, &configured);
        let orphan = |change: &Change| change.action == "delete" && !configured.has(&change.address);
        let open =
            |change: &Change| written::is_open(change, &configured) || made::is_open(change, &configured);
        let is_wanted = plan.changes.iter().any(|change| missing(change) || orphan(change) || open(change));
        let sources = sources.filter(|_| is_wanted).map(|sources| sources());
        if let Some(Ok(sources)) = &sources {
            let documents = documents(&shown)?;
            let changes = plan.changes.iter().filter(|change| missing(change));
            let policies = Policies::of(&configured, sources, changes, documents);
            plan.changes.iter_mut().for_each(|change| policies.tell(change));
        }
        // Without a plan's file there is nothing beside its JSON to ask.
        let written = sources.as_ref().map(|sources| {
            let sources = sources.as_deref().map_err(String::as_str);
            written::written(&plan.changes, &configured, sources)
        });
        let written = written.unwrap_or_default();
        let asked = sources.as_ref().map(|sources| sources.as_deref().map_err(String::as_str));
        made::tell(&mut plan.changes, &standing, &configured, asked);
        plan.changes.iter_mut().for_each(|change| change.settle(&configured, &written));
        programs.extend(configured.programs());
        plan.drift(&shown.resource_drift)?;
        plan.beside.extend(plan.share());
        plan.beside.extend(plan.lost());
        plan.beside.extend(plan.provisioners(&configured));
        let started = plan.beside.iter().filter(|one| one.action == PROVISION).map(|one| &one.address);
        plan.programs = texts(started.chain(programs.keys()), &configured);
        if plan.changes.iter().any(orphan) {
            plan.orphans(sources, &configured);
        }
        let acting = programs.iter().map(|(address, kind)| Change::of(EXTERNAL, kind, address));
        plan.beside.extend(acting);
        let invoked = shown.action_invocations.iter();
        plan.beside.extend(invoked.map(|one| Change::of("invoke", &one.kind, &one.address)));
        let outputs = shown.output_changes.iter().filter(|(_, change)| !change.stays());
        plan.beside.extend(outputs.map(|(name, _)| Change::of("output", "output", name)));
        Ok(plan)
    }

    /// Tells of the programs that run when what the configuration has no more is deleted.
    fn orphans(&mut self, sources: Option<Result<Vec<Source>, String>>, configured: &Configured<'_>) {
        let Some(sources) = sources else { return };
        let removed = match sources.and_then(|sources| Removed::all(&sources)) {
            Ok(removed) => removed,
            Err(why) => {
                self.beside.push(Change::of(NOT_TOLD, CONFIGURATION, NOTHING));
                self.remarks.push(format!(
                    "what its configuration runs when resources are deleted cannot be told: {why}"
                ));
                return;
            }
        };
        let mut told = BTreeSet::new();
        for change in &self.changes {
            if change.action != "delete" || configured.has(&change.address) {
                continue;
            }
            for kind in removed.iter().filter(|one| one.is_about(&change.address)).flat_map(|one| &one.kinds)
            {
                if told.insert((kind.as_str(), change.address.as_str())) {
                    self.beside.push(Change::of(PROVISION, kind, &change.address));
                }
            }
        }
    }

    /// What it does, as commands: for each change, and for each object in its lists.
    pub fn commands(&self) -> Vec<Command> {
        self.changes.iter().chain(&self.beside).flat_map(Change::commands).collect()
    }

    /// What the state drops, as it is reported as gone. Where nothing else happens to any resource, what
    /// was found to be another one is what the plan writes.
    fn drift(&mut self, shown: &[&RawValue]) -> Result<(), PlanError> {
        let is_all = self.changes.is_empty();
        for element in shown {
            let ShownChange { address, kind, deposed, change, .. } = serde_json::from_str(element.get())?;
            let action = match change.actions().as_slice() {
                ["delete"] => "drift",
                ["no-op"] => continue,
                _ if is_all => "record",
                _ => continue,
            };
            let why = told::why(None, None, deposed.as_deref());
            let mut drift = Change { action, kind, address, why, ..Change::default() };
            if action == "drift" {
                difference::read_lost(&mut drift, &change, element.get().len());
            }
            self.changes.push(drift);
        }
        Ok(())
    }

    /// How much of the state is dropped, as it is reported as gone.
    fn lost(&self) -> Option<Change> {
        let lost = self.changes.iter().filter(|change| change.action == "drift").count();
        // What the plan was made from is what is left.
        let all = self.held.saturating_add(lost);
        let percent = lost.saturating_mul(100).checked_div(all).unwrap_or_default();
        let fields = [("lost", lost), ("of", all), ("percent", percent)];
        let fields = fields.map(|(name, number)| format!("{name}={number}")).to_vec();
        let change = Change::of("share", "lost", &lost.to_string());
        (lost > 0).then_some(Change { fields, ..change })
    }

    /// How much of the state is deleted or replaced. What has versions and gets its next one is not.
    fn share(&self) -> Option<Change> {
        let gone = |change: &&Change| match change.action {
            "delete" => true,
            "replace" => !VERSIONS.contains(&change.kind.as_str()),
            _ => false,
        };
        let lost = self.changes.iter().filter(gone).count();
        let deleted = self.changes.iter().filter(|change| change.action == "delete").count();
        let all = self.held.max(lost);
        let percent = |part: usize| part.saturating_mul(100).checked_div(all).unwrap_or_default();
        let fields =
            [("deleted", lost), ("of", all), ("percent", percent(lost)), ("removed", percent(deleted))];
        let change = Change::of("share", "destroyed", &lost.to_string());
        let fields = fields.map(|(name, number)| format!("{name}={number}")).to_vec();
        (lost > 0).then_some(Change { fields, ..change })
    }

    /// The programs that run beside resources which are made or deleted.
    fn provisioners(&self, configured: &Configured<'_>) -> Vec<Change> {
        let runs = |change: &&Change| matches!(change.action, "create" | "replace" | "delete");
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        for change in self.changes.iter().filter(runs) {
            for kind in configured.provisioners(&change.address) {
                if seen.insert((kind, change.address.as_str())) {
                    found.push(Change::of(PROVISION, kind, &change.address));
                }
            }
        }
        found
    }
}

/// What those programs run that are started with what stands at `addresses`: once each, however many
/// indexes it has.
fn texts<'a>(addresses: impl Iterator<Item = &'a String>, configured: &Configured<'_>) -> Vec<Program> {
    let addresses: BTreeSet<String> = addresses.map(|address| bare(address)).collect();
    let programs = addresses.into_iter().flat_map(|address| {
        let texts: Vec<Passage> = configured.texts(&address).collect();
        texts.into_iter().map(move |text| Program { address: address.clone(), text })
    });
    programs.collect()
}

/// What the start of a program is called, and the kind that runs on this machine.
const PROVISION: &str = "provision";
const LOCAL: &str = "local-exec";

/// The type of data that runs a program, and what a read is called that runs anything.
const EXTERNAL: &str = "external";

/// What cannot be told, of which part, and of nothing in particular.
const NOT_TOLD: &str = "unknown";
const CONFIGURATION: &str = "configuration";
const NOTHING: &str = "-";

/// Policies that data makes when the plan is applied, by their address: what is known of them,
/// and what is not. Nothing that is marked sensitive is looked at.
fn documents(shown: &Shown<'_>) -> serde_json::Result<BTreeMap<String, (Value, Value)>> {
    let mut found = BTreeMap::new();
    for element in &shown.resource_changes {
        let one: ShownChange<'_> = serde_json::from_str(element.get())?;
        if one.mode != "data" || one.kind != policy::DOCUMENT || one.change.actions() != ["read"] {
            continue;
        }
        let value = |text: Option<&RawValue>| {
            text.map_or(Ok(Value::Null), |text| serde_json::from_str::<Value>(text.get()))
        };
        if !sides::holds_mark(&value(one.change.after_sensitive)?) {
            found.insert(one.address, (value(one.change.after)?, value(one.change.after_unknown)?));
        }
    }
    Ok(found)
}

impl Change {
    fn of(action: &'static str, kind: &str, address: &str) -> Self {
        Self { action, kind: kind.to_owned(), address: address.to_owned(), ..Self::default() }
    }

    /// Reads one element of a plan's `resource_changes`; nothing where it stays as it is.
    /// What is unknown counts only once the configuration was asked whether somebody set it.
    ///
    /// # Errors
    /// Where it is none, or nobody knows what it does.
    pub fn read(text: &str) -> Result<Option<Self>, PlanError> {
        let ShownChange { address, previous_address, mode, kind, deposed, change, action_reason } =
            serde_json::from_str(text)?;
        let actions = change.actions();
        let action = match actions.as_slice() {
            ["no-op"] if change.importing.is_some() => "import",
            ["no-op"] if previous_address.is_some_and(|previous| previous != address) => "move",
            ["read"] if mode == "data" && ACTING.contains(&kind.as_str()) => EXTERNAL,
            ["no-op" | "read" | "open"] => return Ok(None),
            ["create"] => "create",
            ["update"] => "update",
            ["delete"] => "delete",
            ["delete", "create"] | ["create", "delete"] => "replace",
            ["forget"] | ["create", "forget"] => "forget",
            [] => return Err(PlanError::Odd("a change names no action".to_owned())),
            _ => return Err(PlanError::Odd("nobody knows what an action of this change does".to_owned())),
        };
        let why = told::why(action_reason.as_deref(), change.replace_paths.as_ref(), deposed.as_deref());
        let mut read = Self { action, kind, address, why, ..Self::default() };
        if matches!(action, "create" | "update" | "replace") {
            difference::read(&mut read, &change, text.len())?;
        }
        if matches!(action, "delete" | "replace" | "forget") {
            difference::read_lost(&mut read, &change, text.len());
        }
        Ok(Some(read))
    }

    /// Takes what is unknown until the plan is applied where somebody configured it, as its JSON tells
    /// or `written` does, and where the configuration does not tell.
    fn settle(&mut self, configured: &Configured<'_>, written: &BTreeSet<(String, String)>) {
        for Pending { name, told: fields, .. } in std::mem::take(&mut self.pending) {
            let is_written = written.contains(&(self.address.clone(), name.clone()));
            if is_written || !configured.leaves_unset(&self.address, &name) {
                let from = configured.reference(&self.address, &name);
                self.fields.extend(from.map(|reference| format!("{name}:from={reference}")));
                self.fields.extend(fields);
            }
        }
    }

    /// Takes `value` for what `attribute` of what is made will be, as far as rules are told;
    /// says whether it did, as it does not where that is too much.
    fn set(&mut self, attribute: &str, value: Value) -> bool {
        difference::set(self, attribute, value)
    }

    /// The change as commands: by itself, with what was set in what it takes away, and with each of
    /// its members.
    pub fn commands(&self) -> Vec<Command> {
        let mut alone = self.command(&self.lost);
        alone.fields.unread |= self.is_unread;
        let members = self.members.iter().map(|member| self.command(member));
        std::iter::once(alone).chain(members).collect()
    }

    fn command(&self, more: &[String]) -> Command {
        let words = [self.action, &self.kind, &self.address].map(str::to_owned);
        let fields = self.fields.iter().chain(more).cloned();
        let mut command = declared::change(PLAN, words.into_iter().chain(fields));
        // What nobody may see, nobody has looked at.
        command.fields.set.iter_mut().filter(|field| field.value == SENSITIVE).for_each(|field| {
            field.unsure = true;
        });
        let unknown = self.fields.iter().filter_map(|word| word.strip_suffix(UNKNOWN)?.strip_suffix('='));
        let blocks = unknown.filter(|path| BLOCKS.contains(path));
        command.fields.unknown_inside = blocks.map(str::to_owned).collect();
        command
    }
}
