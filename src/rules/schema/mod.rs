//! The shape of a rule file.
//!
//! build.rs compiles this module too: it reads the shipped YAML with it and
//! stores the result in the binary as postcard. Hence no `untagged` and no
//! `flatten` (postcard cannot read them back); where YAML offers a short form,
//! a hand-written `Deserialize` tells the two formats apart.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::command::declared::syntax::Syntax;
use crate::verdict::{Decision, Effect, Fact, PrincipalKind, Risk};

pub mod previews;
mod short_forms;

use previews::Preview;

/// The version of the format.
pub const VERSION: u32 = 1;

/// One YAML file: rules for one tool or a few, policy cells, environments and
/// exemptions, each optional.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "tollgate rule file")]
pub struct RuleFile {
    /// The version of this format: 1.
    pub version: u32,
    /// The tool, or the tools, that this file's rules speak of.
    #[serde(default, alias = "tool")]
    pub tools: Strings,
    /// How these tools read their command lines, where tollgate has no grammar of theirs. What no rule
    /// matches is then allowed.
    #[serde(default)]
    pub syntax: Option<Syntax>,
    /// The environment variables that these tools read, without `tool` those that every program may: an
    /// approval holds for their values. `NAME`, or `PREFIX_*` for all that begin so. Every layer's are added.
    #[serde(default)]
    pub variables: Strings,
    /// What each effect asks for. A cell that is not named keeps its value.
    #[serde(default, deserialize_with = "crate::unique_keys::map")]
    pub policy: BTreeMap<Effect, PolicyRow>,
    /// Named places, by what is known about a command's target.
    #[serde(default)]
    pub environments: Vec<EnvironmentRule>,
    /// Rules that do not count, for a while and for a reason. Honoured from
    /// the administrator's and the user's layers only.
    #[serde(default)]
    pub exempt: Vec<Exemption>,
    /// What is looked at before somebody is asked about an operation of aws. In files of `tool: resource`, and never
    /// in a project's.
    #[serde(default)]
    pub previews: Vec<Preview>,
    /// How many seconds aws has to answer what it is asked before a question: 1 to 60, and 3 where no layer says. Not
    /// in a project's file.
    #[serde(default)]
    pub patience: Option<u8>,
    /// What the tool's commands do.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

/// The policy for one effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyRow {
    /// When a human asks.
    #[serde(default)]
    pub human: PolicyCells,
    /// When an agent asks.
    #[serde(default)]
    pub agent: PolicyCells,
}

/// A decision for each kind of environment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyCells {
    /// Everywhere that is not guarded, the unclassified included.
    #[serde(default)]
    pub ordinary: Option<Decision>,
    /// In an environment marked `guarded: true`.
    #[serde(default)]
    pub guarded: Option<Decision>,
}

impl RuleFile {
    /// Every cell that the file names: effect, who asks, whether guarded, and
    /// the decision.
    pub fn cells(&self) -> impl Iterator<Item = (Effect, PrincipalKind, bool, Decision)> {
        self.policy.iter().flat_map(|(effect, row)| {
            [PrincipalKind::Human, PrincipalKind::Agent].into_iter().flat_map(move |principal| {
                [false, true].into_iter().filter_map(move |guarded| {
                    row.cells(principal).column(guarded).map(|cell| (*effect, principal, guarded, *cell))
                })
            })
        })
    }
}

impl PolicyRow {
    /// The cells for `principal`.
    pub const fn cells(&self, principal: PrincipalKind) -> &PolicyCells {
        match principal {
            PrincipalKind::Human => &self.human,
            PrincipalKind::Agent => &self.agent,
        }
    }
}

impl PolicyCells {
    /// The cell of one column, where the file names it.
    pub const fn column(&self, guarded: bool) -> Option<&Decision> {
        if guarded { self.guarded.as_ref() } else { self.ordinary.as_ref() }
    }
}

/// A named place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnvironmentRule {
    /// The name, as verdicts show it.
    pub name: String,
    /// Whether the stricter column of the policy holds here.
    #[serde(default)]
    pub guarded: bool,
    /// Whether everything is allowed here but critical risk to an agent. Only
    /// by account, server or endpoint, never by a name, and only in the
    /// administrator's or the user's layer.
    #[serde(default)]
    pub sandbox: bool,
    /// What a target looks like that is here: any entry suffices; within an
    /// entry every key must hold.
    #[serde(rename = "match", deserialize_with = "crate::unique_keys::maps")]
    pub matches: Vec<BTreeMap<Fact, ValueMatch>>,
}

/// A rule that does not count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exemption {
    /// The rule's id.
    pub rule: String,
    /// Which commands are exempt; an empty match is every command.
    #[serde(rename = "match", default)]
    pub matches: Matches,
    /// Why, for whoever reads the verdict.
    pub reason: String,
    /// The last day on which it holds, `YYYY-MM-DD` in UTC.
    pub expires: String,
}

/// What one command, or a few alike, do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `TOOL/verb-object`, kebab case, never reused.
    pub id: String,
    /// One sentence: what the command does.
    pub summary: String,
    /// What it does to the world; several where it does several things.
    pub effect: Effects,
    /// How much is at stake.
    #[serde(default)]
    pub risk: Risk,
    /// When the rule speaks. Keys are all-of, lists are any-of.
    #[serde(rename = "match")]
    pub matches: Matches,
    /// When it does not, although `match` holds.
    #[serde(default)]
    pub unless: Option<Matches>,
    /// The least that is asked for, whatever the policy says.
    #[serde(default)]
    pub require: Option<Decision>,
    /// What is lost, in one line. Needed unless the effect is `read` or `local`.
    #[serde(default)]
    pub reason: Option<String>,
    /// A safer command, or what to do instead.
    #[serde(default)]
    pub safer: Option<String>,
    /// The tool's own page about it.
    #[serde(default)]
    pub docs: Option<String>,
    /// Command lines that prove the rule.
    #[serde(default)]
    pub cases: Cases,
}

/// Command lines that a rule must and must not match.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cases {
    /// Lines that the rule matches.
    #[serde(rename = "match", default)]
    pub matches: Vec<String>,
    /// Lines that look alike and are not matched.
    #[serde(default)]
    pub no_match: Vec<String>,
}

/// Conditions on parsed facts, never on raw text. Every key given must hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// The tool's own command path: `destroy`, `state rm`. Any of the list.
    #[serde(default)]
    pub command: Strings,
    /// Flags by name, with the dashes that the tool documents.
    #[serde(default, deserialize_with = "crate::unique_keys::map")]
    pub flags: BTreeMap<String, FlagMatch>,
    /// No flag but these is given; letters run together (`-sS`) are each by
    /// themselves. `-o /dev/null` allows a flag in front of that very word,
    /// `--depth=` one with its value behind `=`. A list for tools without a grammar, where a flag that is not
    /// known may do anything.
    #[serde(default)]
    pub only_flags: Strings,
    /// What is neither command nor flag.
    #[serde(default)]
    pub operands: Option<OperandMatch>,
    /// Fields that a body given with the command sets, by path: `spec.replicas`.
    /// `*.` at the start stands for any fields above, `.*` at the end for the field and what is below it.
    #[serde(default, deserialize_with = "crate::unique_keys::map")]
    pub fields: BTreeMap<String, ValueMatch>,
    /// Whether what the command would do was found out (the plan of an `apply`), and is judged in its stead.
    #[serde(default)]
    pub planned: Option<bool>,
    /// Environment variables by name.
    #[serde(default, deserialize_with = "crate::unique_keys::map")]
    pub env: BTreeMap<String, ValueMatch>,
    /// What is known about where the command acts.
    #[serde(default, deserialize_with = "crate::unique_keys::map")]
    pub target: BTreeMap<Fact, ValueMatch>,
    /// Who asks.
    #[serde(default)]
    pub principal: Option<PrincipalKind>,
    /// The environment that the target is classified as.
    #[serde(default)]
    pub environment: Option<EnvironmentMatch>,
    /// Conditions that must not hold.
    #[serde(default)]
    pub not: Option<Box<Match>>,
}

/// Any of these must hold. YAML may write a single one without a list.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Matches(pub Vec<Match>);

impl Default for Matches {
    /// The empty match, which holds for every command.
    fn default() -> Self {
        Self(vec![Match::default()])
    }
}

/// Conditions on the classified environment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EnvironmentMatch {
    /// Any of these names.
    #[serde(default)]
    pub name: Strings,
    /// Whether it is guarded.
    #[serde(default)]
    pub guarded: Option<bool>,
}

/// Conditions on a value. A plain string or list is `equals`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ValueMatch {
    /// Exactly one of these.
    pub equals: Strings,
    /// A regular expression for the whole value.
    pub regex: Option<String>,
    /// One of these words, whole, among the parts of the value between
    /// `-_./:@`, spaces, and changes from lower to upper case; in any case.
    pub tokens: Strings,
    /// Words that a token does not count behind: `non` in `non-prod`.
    pub unless_after: Strings,
    /// A number of at least this.
    pub at_least: Option<i64>,
    /// A number of at most this.
    pub at_most: Option<i64>,
}

/// Conditions on a flag. `true` and `false` are its boolean value, a plain
/// string or list is `equals`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct FlagMatch {
    /// The flag is given, and its boolean value is this.
    pub is: Option<bool>,
    /// Whether the flag is given at all.
    pub present: Option<bool>,
    /// Any of its values is exactly one of these; under `unless` and `not`,
    /// every one.
    pub equals: Strings,
    /// Any of its values matches this regular expression whole; under `unless`
    /// and `not`, every one.
    pub regex: Option<String>,
    /// Its last value is a number of at least this.
    pub at_least: Option<i64>,
    /// Its last value is a number of at most this.
    pub at_most: Option<i64>,
}

/// Conditions on operands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OperandMatch {
    /// How many there are.
    #[serde(default)]
    pub count: Option<NumberMatch>,
    /// At least one operand is like this.
    #[serde(default)]
    pub any: Option<ValueMatch>,
    /// Every operand is like this; of a tool without a grammar, its command's
    /// words too.
    #[serde(default)]
    pub all: Option<ValueMatch>,
    /// The last operand is like this.
    #[serde(default)]
    pub last: Option<ValueMatch>,
    /// An operand names an object of one of these kinds, by the plural in lower
    /// case (`persistentvolumeclaims`); under `unless` and `not`, every operand
    /// does.
    #[serde(default)]
    pub kind: Strings,
}

/// Conditions on a number. A plain number is `equals`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct NumberMatch {
    /// Exactly this many.
    pub equals: Option<u64>,
    /// This many or more.
    pub at_least: Option<u64>,
    /// This many or fewer.
    pub at_most: Option<u64>,
}

/// A list that YAML may write as a single string.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Strings(pub Vec<String>);

/// A list of effects that YAML may write as a single word.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Effects(pub Vec<Effect>);

impl Strings {
    /// Whether the list is empty, which as a condition means "anything".
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The strings.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether `value` is one of them.
    pub fn has(&self, value: &str) -> bool {
        self.0.iter().any(|candidate| candidate == value)
    }
}

/// A shipped file as it is stored in the binary: each rule by itself, so that
/// a call reads only those that speak of its command.
#[derive(Debug, Serialize, Deserialize)]
pub struct Stored<'a> {
    /// The file without its rules.
    pub file: RuleFile,
    /// Each rule's commands (none where it speaks of any) and the rule.
    #[serde(borrow)]
    pub rules: Vec<(Vec<&'a str>, &'a [u8])>,
}

impl Rule {
    /// The commands that the rule speaks of, none where it may speak of any.
    pub fn commands(&self) -> Vec<&str> {
        if self.matches.0.iter().any(|one| one.command.is_empty()) {
            return Vec::new();
        }
        self.matches.0.iter().flat_map(|one| one.command.iter()).collect()
    }
}
