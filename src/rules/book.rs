//! The rulebook as a whole: layers, and what each may do.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use super::carried::is_pseudo;
use super::schema::previews::Preview;
use super::schema::{EnvironmentRule, Exemption, Rule, RuleFile};
use crate::command::declared::RESOURCE;
use crate::command::declared::syntax::Syntax;
use crate::command::grammar;
use crate::ui::sanitize;
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
    /// What it may do when a human asks.
    pub for_human: Power,
    /// What it may do when an agent asks.
    pub for_agent: Power,
    files: Vec<(PathBuf, RuleFile)>,
    /// What the files hold, in the same order; none where they are built in.
    texts: Vec<String>,
    /// Made of the files once they are asked about.
    index: OnceLock<Index>,
}

/// Which files of a layer speak of what, by their number.
#[derive(Clone, Debug, Default)]
struct Index {
    tools: HashMap<String, Vec<usize>>,
    policies: Vec<usize>,
    environments: Vec<usize>,
}

impl Index {
    fn of(files: &[(PathBuf, RuleFile)]) -> Self {
        let mut index = Self::default();
        for (at, (_, file)) in files.iter().enumerate() {
            for tool in file.tools.iter() {
                let listed = index.tools.entry(tool.to_owned()).or_default();
                // A file may name a tool twice.
                if listed.last() != Some(&at) {
                    listed.push(at);
                }
            }
            index.policies.extend((!file.policy.is_empty()).then_some(at));
            index.environments.extend((!file.environments.is_empty()).then_some(at));
        }
        index
    }
}

impl Layer {
    /// A layer of these files, in order, and what it may do when a human and when an
    /// agent asks.
    pub fn new(origin: Origin, files: Vec<(PathBuf, RuleFile)>, for_human: Power, for_agent: Power) -> Self {
        Self { origin, for_human, for_agent, files, texts: Vec::new(), index: OnceLock::new() }
    }

    /// Keeps what the files hold, in their order.
    pub fn keep_texts(&mut self, texts: Vec<String>) {
        self.texts = texts;
    }

    /// What the files hold, in their order; none where they are built in.
    pub fn texts(&self) -> &[String] {
        &self.texts
    }

    /// The files with their contents, in order.
    pub fn files(&self) -> &[(PathBuf, RuleFile)] {
        &self.files
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::of(&self.files))
    }

    fn numbered<'a>(&'a self, numbers: &'a [usize]) -> impl Iterator<Item = &'a (PathBuf, RuleFile)> {
        numbers.iter().filter_map(|at| self.files.get(*at))
    }

    /// What the layer may do for this principal.
    pub const fn power(&self, principal: PrincipalKind) -> Power {
        match principal {
            PrincipalKind::Human => self.for_human,
            PrincipalKind::Agent => self.for_agent,
        }
    }

    /// The files that hold rules for `tool`.
    pub fn files_for(&self, tool: &str) -> impl Iterator<Item = &RuleFile> {
        let numbers = self.index().tools.get(tool).map(Vec::as_slice).unwrap_or_default();
        self.numbered(numbers).map(|(_, file)| file)
    }

    /// The files that hold cells of the policy.
    fn policies(&self) -> impl Iterator<Item = &(PathBuf, RuleFile)> {
        self.numbered(&self.index().policies)
    }

    /// The files that define environments.
    fn environments(&self) -> impl Iterator<Item = &(PathBuf, RuleFile)> {
        self.numbered(&self.index().environments)
    }
}

/// Something that stands in a rule file, and where.
#[derive(Debug)]
pub struct Placed<'a, T> {
    /// The layer.
    pub layer: &'a Layer,
    /// The file.
    pub path: &'a Path,
    /// What stands there.
    pub value: &'a T,
}

impl<T> Placed<'_, T> {
    /// Where it stands, to keep.
    pub fn source(&self) -> Source {
        Source { origin: self.layer.origin, path: self.path.to_path_buf() }
    }
}

/// The layer and the file that something comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The layer.
    pub origin: Origin,
    /// The file.
    pub path: PathBuf,
}

impl Source {
    /// ` [user: /path/own.yaml]` to stand behind a line for people; nothing
    /// where it is built in.
    pub fn mark(&self) -> String {
        match self.origin {
            Origin::BuiltIn => String::new(),
            origin => format!(" [{}: {}]", origin.name(), sanitize::os(self.path.as_os_str())),
        }
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
    pub fn rules<'a>(&'a self, tool: &str) -> impl Iterator<Item = (&'a Layer, &'a Rule)> {
        self.layers.iter().flat_map(move |layer| {
            layer.files_for(tool).flat_map(|file| &file.rules).map(move |rule| (layer, rule))
        })
    }

    /// Whether any layer's rules speak of `tool`.
    pub fn names(&self, tool: &str) -> bool {
        self.layers.iter().any(|layer| layer.files_for(tool).next().is_some())
    }

    /// Every tool that a rule speaks of and that can be called by its name, sorted.
    pub fn tools(&self) -> Vec<String> {
        let mut tools: Vec<String> = self
            .layers
            .iter()
            .flat_map(|layer| &layer.files)
            .flat_map(|(_, file)| file.tools.iter().map(str::to_owned))
            .filter(|tool| !is_pseudo(tool))
            .collect();
        tools.sort_unstable();
        tools.dedup();
        tools
    }

    /// Those of [`Rulebook::tools`] that a link is made for unasked: they have a
    /// grammar, or somebody wrote rules for them here. The others are judged where
    /// a shell line is.
    pub fn guarded_tools(&self) -> Vec<String> {
        let own = |tool: &str| {
            let mut layers = self.layers.iter().filter(|layer| layer.origin != Origin::BuiltIn);
            layers.any(|layer| layer.files_for(tool).next().is_some())
        };
        let mut tools = self.tools();
        tools.retain(|tool| grammar(tool).is_some() || own(tool));
        tools
    }

    /// How `tool` reads its command line, as a rule file declares it. The first
    /// layer that does counts, unless a stronger one names the tool without.
    pub fn syntax(&self, tool: &str) -> Option<&Syntax> {
        if grammar(tool).is_some() {
            return None;
        }
        let naming: Vec<&Layer> =
            self.layers.iter().filter(|layer| layer.files_for(tool).next().is_some()).collect();
        let strengths: [fn(&Layer) -> bool; 4] = [
            |layer| layer.for_human == Power::Loosens && layer.for_agent == Power::Loosens,
            |layer| layer.for_agent == Power::Loosens,
            |layer| layer.for_human == Power::Loosens,
            |_| true,
        ];
        let strong = |is: &fn(&Layer) -> bool| naming.iter().any(|layer| is(layer));
        let strength = strengths.into_iter().find(strong)?;
        let those = naming.into_iter().filter(|layer| strength(layer));
        those.flat_map(|layer| layer.files_for(tool)).find_map(|file| file.syntax.as_ref())
    }

    /// What is looked at before somebody is asked about `command` of aws, of what `applies`. A later
    /// layer's replaces an earlier one's; a project's and what may only tighten do not count: who
    /// writes a look decides what is asked, and what is heard.
    pub fn preview(
        &self,
        command: &str,
        principal: PrincipalKind,
        applies: impl Fn(&Preview) -> bool,
    ) -> Option<&Preview> {
        let counts =
            |layer: &&Layer| layer.origin != Origin::Project && layer.power(principal) == Power::Loosens;
        let layers = self.layers.iter().filter(counts);
        let files = layers.flat_map(|layer| layer.files_for(RESOURCE));
        let speaks = |preview: &&Preview| preview.command.has(command) && applies(preview);
        files.flat_map(|file| &file.previews).filter(speaks).last()
    }

    /// How long aws has to answer. Whatever a layer says here, what is not known in time is
    /// judged as unknown; so the last one counts, but for a project's.
    pub fn patience(&self) -> Option<Duration> {
        let layers = self.layers.iter().filter(|layer| layer.origin != Origin::Project);
        let said = layers.flat_map(|layer| &layer.files).filter_map(|(_, file)| file.patience);
        said.last().map(|seconds| Duration::from_secs(seconds.into()))
    }

    /// The variables that `tool` reads, as the rule files that speak of it name them.
    pub fn variables<'a>(&'a self, tool: &str) -> impl Iterator<Item = &'a str> {
        self.layers.iter().flat_map(move |layer| layer.files_for(tool)).flat_map(|file| file.variables.iter())
    }

    /// The variables that every program may read.
    pub fn variables_of_all(&self) -> impl Iterator<Item = &str> {
        let files = self.layers.iter().flat_map(|layer| &layer.files).map(|(_, file)| file);
        files.filter(|file| file.tools.is_empty()).flat_map(|file| file.variables.iter())
    }

    /// What `effect` asks of `principal`. A cell that no layer names, which
    /// the shipped policy rules out, is denied.
    pub fn cell(&self, effect: Effect, principal: PrincipalKind, guarded: bool) -> Decision {
        self.deciding_cell(effect, principal, guarded).map_or(Decision::Deny, |cell| *cell.value)
    }

    /// The cell that decides what `effect` asks of `principal`, with where it
    /// stands. `None` where no layer names it.
    pub fn deciding_cell(
        &self,
        effect: Effect,
        principal: PrincipalKind,
        guarded: bool,
    ) -> Option<Placed<'_, Decision>> {
        let mut deciding: Option<Placed<'_, Decision>> = None;
        for layer in &self.layers {
            let power = layer.power(principal);
            for (path, file) in layer.policies() {
                let Some(value) =
                    file.policy.get(&effect).and_then(|row| row.cells(principal).column(guarded))
                else {
                    continue;
                };
                let counts = match power {
                    Power::Absent => false,
                    Power::Tightens => deciding.as_ref().is_none_or(|before| value > before.value),
                    Power::Loosens => true,
                };
                if counts {
                    deciding = Some(Placed { layer, path, value });
                }
            }
        }
        deciding
    }

    /// The environments that count for `principal`, in order. In a layer that
    /// may loosen, a name defined before is redefined; of one that may only
    /// tighten, the guarded ones are added and anything else is dropped: a name
    /// by itself could be what an exemption rests on.
    pub fn environments(&self, principal: PrincipalKind) -> Vec<Placed<'_, EnvironmentRule>> {
        let mut environments: Vec<Placed<'_, EnvironmentRule>> = Vec::new();
        for layer in &self.layers {
            let power = layer.power(principal);
            for (path, file) in layer.environments() {
                let counts = |rule: &&EnvironmentRule| match power {
                    Power::Absent => false,
                    Power::Tightens => rule.guarded && !rule.sandbox,
                    Power::Loosens => layer.origin != Origin::Project || !rule.sandbox,
                };
                if power == Power::Loosens {
                    let redefined = |name: &str| file.environments.iter().any(|new| new.name == name);
                    environments.retain(|old| !redefined(&old.value.name));
                }
                let added = file.environments.iter().filter(counts);
                environments.extend(added.map(|value| Placed { layer, path, value }));
            }
        }
        environments
    }

    /// The exemptions that count for `principal`.
    pub fn exemptions(&self, principal: PrincipalKind) -> impl Iterator<Item = Placed<'_, Exemption>> {
        self.layers
            .iter()
            .filter(move |layer| layer.power(principal) == Power::Loosens && layer.origin != Origin::Project)
            .flat_map(|layer| layer.files.iter().map(move |(path, file)| (layer, path, file)))
            .flat_map(|(layer, path, file)| {
                file.exempt.iter().map(move |value| Placed { layer, path, value })
            })
    }
}
