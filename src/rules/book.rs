//! The rulebook as a whole: layers, and what each may do.

use std::path::PathBuf;

use super::schema::{EnvironmentRule, Exemption, PolicyCells, Rule, RuleFile};
use crate::verdict::{Decision, Effect, PrincipalKind};

/// What a layer may do to the layers before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Power {
    /// It does not count.
    Absent,
    /// It adds rules and raises cells.
    Tightens,
    /// It also lowers cells, redefines environments, and makes commands known.
    Loosens,
}

/// Where a layer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Compiled into the binary.
    BuiltIn,
    /// `/etc/tollgate/rules`.
    Administrator,
    /// The user's configuration directory.
    User,
    /// A project's `.tollgate.yaml`.
    Project,
}

impl Origin {
    /// The layer's name, for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BuiltIn => "built in",
            Self::Administrator => "administrator",
            Self::User => "user",
            Self::Project => "project",
        }
    }
}

/// One layer of the rulebook.
#[derive(Clone, Debug)]
pub struct Layer {
    /// Where it comes from.
    pub origin: Origin,
    /// The files with their contents, in order.
    pub files: Vec<(PathBuf, RuleFile)>,
    /// What it may do when a human asks.
    pub for_human: Power,
    /// What it may do when an agent asks.
    pub for_agent: Power,
}

impl Layer {
    /// What the layer may do for this principal.
    pub const fn power(&self, principal: PrincipalKind) -> Power {
        match principal {
            PrincipalKind::Human => self.for_human,
            PrincipalKind::Agent => self.for_agent,
        }
    }

    /// The files that hold rules for `tool`.
    pub fn files_for<'a>(&'a self, tool: &'a str) -> impl Iterator<Item = &'a RuleFile> {
        self.files.iter().map(|(_, file)| file).filter(move |file| file.tools.has(tool))
    }
}

/// Every layer, the strongest foundation first: built in, administrator, user,
/// project.
#[derive(Clone, Debug, Default)]
pub struct Rulebook {
    /// The layers in order.
    pub layers: Vec<Layer>,
}

impl Rulebook {
    /// The rules for `tool`, each with the layer it comes from.
    pub fn rules<'a>(&'a self, tool: &'a str) -> impl Iterator<Item = (&'a Layer, &'a Rule)> {
        self.layers.iter().flat_map(move |layer| {
            layer.files_for(tool).flat_map(|file| &file.rules).map(move |rule| (layer, rule))
        })
    }

    /// Whether any layer's rules speak of `tool`.
    pub fn names(&self, tool: &str) -> bool {
        self.layers.iter().any(|layer| layer.files_for(tool).next().is_some())
    }

    /// Every tool that a rule speaks of, sorted.
    pub fn tools(&self) -> Vec<String> {
        let mut tools: Vec<String> = self
            .layers
            .iter()
            .flat_map(|layer| &layer.files)
            .flat_map(|(_, file)| file.tools.iter().map(str::to_owned))
            .collect();
        tools.sort_unstable();
        tools.dedup();
        tools
    }

    /// What `effect` asks of `principal`. A cell that no layer names, which
    /// the shipped policy rules out, is denied.
    pub fn cell(&self, effect: Effect, principal: PrincipalKind, guarded: bool) -> Decision {
        let mut decision = None;
        for layer in &self.layers {
            let power = layer.power(principal);
            for row in layer.files.iter().filter_map(|(_, file)| file.policy.get(&effect)) {
                let cells: PolicyCells = match principal {
                    PrincipalKind::Human => row.human,
                    PrincipalKind::Agent => row.agent,
                };
                let Some(cell) = (if guarded { cells.guarded } else { cells.ordinary }) else { continue };
                decision = match power {
                    Power::Absent => decision,
                    Power::Tightens => decision.max(Some(cell)),
                    Power::Loosens => Some(cell),
                };
            }
        }
        decision.unwrap_or(Decision::Deny)
    }

    /// The environments that count for `principal`. In a layer that may
    /// loosen, a name defined before is redefined; in one that may only
    /// tighten, guarded patterns are added and anything else is dropped.
    pub fn environments(&self, principal: PrincipalKind) -> Vec<&EnvironmentRule> {
        let mut environments: Vec<&EnvironmentRule> = Vec::new();
        for layer in &self.layers {
            let power = layer.power(principal);
            for (_, file) in &layer.files {
                match power {
                    Power::Absent => {}
                    Power::Tightens => {
                        environments.extend(file.environments.iter().filter(|rule| !rule.sandbox));
                    }
                    Power::Loosens => {
                        let may_sandbox = layer.origin != Origin::Project;
                        environments.retain(|old| file.environments.iter().all(|new| new.name != old.name));
                        environments
                            .extend(file.environments.iter().filter(|rule| may_sandbox || !rule.sandbox));
                    }
                }
            }
        }
        environments
    }

    /// The exemptions that count for `principal`.
    pub fn exemptions(&self, principal: PrincipalKind) -> impl Iterator<Item = &Exemption> {
        self.layers
            .iter()
            .filter(move |layer| layer.power(principal) == Power::Loosens && layer.origin != Origin::Project)
            .flat_map(|layer| &layer.files)
            .flat_map(|(_, file)| &file.exempt)
    }
}
