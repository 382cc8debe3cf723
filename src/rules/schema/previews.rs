//! What is looked at before somebody is asked about one of aws's operations.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Strings;

/// What stands behind the ids of an operation of aws, and how it is looked at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Preview {
    /// The operation as the CLI has it, or several alike: `ec2 terminate-instances`.
    pub command: Strings,
    /// Only where this flag is given.
    #[serde(default)]
    pub only_with: Option<String>,
    /// Only where this flag is not given.
    #[serde(default)]
    pub not_with: Option<String>,
    /// What it does to each thing, as rules have it: `delete`.
    pub action: String,
    /// What such a thing is, as rules have it: `ec2-instance`.
    pub kind: String,
    /// The looks, asked all at once. The first tells which things there are, but where `listed` does.
    pub looks: Vec<Look>,
    /// Where the line itself tells what it acts on, one by one.
    #[serde(default)]
    pub listed: Option<Listed>,
    /// The columns to show, in order, by their names in the answers.
    #[serde(default)]
    pub columns: Vec<String>,
    /// The word for people, where `action` is not the one: `terminate`.
    #[serde(default)]
    pub verb: Option<String>,
    /// What `protected` means of such a thing: `termination protection`.
    #[serde(default)]
    pub protection: Option<String>,
}

/// What a line lists by itself: the thing is where that is, with their number in the column `objects`, and they
/// go with it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// What such a thing is: `s3-object`.
    pub kind: String,
    /// Asks the line itself, with `--dryrun`, what it would do: which of that counts. Only of commands of `aws s3`.
    #[serde(default)]
    pub rehearsed: Option<Rehearsed>,
    /// The field of the line that has them: `delete.Objects.Key`.
    #[serde(default)]
    pub field: Option<String>,
}

/// What counts of what a dry run says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Rehearsed {
    /// What is deleted: at the last place that the line names.
    Delete,
    /// What is moved: away from the first.
    Move,
}

/// One question to aws.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// The operation that answers. It has to be one that only reads.
    pub read: String,
    /// Its flags, each with where the value comes from: a flag of the operation that is asked about, or `bucket`
    /// or `prefix` of the first `s3://` address on the line, or `to-bucket` of its last place, where that is one.
    /// What the line does not give is left out. `.arn` is the
    /// column `arn` of what the first look found: such a look is asked of each of those, when that has answered.
    #[serde(default, deserialize_with = "crate::unique_keys::map")]
    pub with: BTreeMap<String, String>,
    /// The same of flags that say where the things are, and name none: `--cluster` of a service.
    #[serde(default, deserialize_with = "crate::unique_keys::map")]
    pub within: BTreeMap<String, String>,
    /// Further words: `[--attribute, disableApiTermination]`.
    #[serde(default)]
    pub and: Vec<String>,
    /// The expression for `--query` that makes rows of the answer: one object, or a list of them. `id` says which
    /// thing a row is about (the only one where it is missing), `tags` are its tags, `protected` whether it is
    /// protected; the others are columns.
    pub query: String,
    /// Whether it is asked of each thing by itself.
    #[serde(default)]
    pub each: bool,
    /// Whether the rows are things that go with it, by `kind` and `id`.
    #[serde(default)]
    pub members: bool,
    /// What aws answers where there is nothing to be told: the code of the error.
    #[serde(default)]
    pub none: Strings,
    /// Whether only rows count whose `id` the line names: of an operation that answers with all that begin so.
    #[serde(default)]
    pub exact: bool,
    /// The most that is counted: a number above it is told as more than this.
    #[serde(default)]
    pub most: Option<u64>,
}

impl Preview {
    /// What every change says in a field of its own, and no column may.
    pub const FIELDS: [&str; 5] = ["of", "protected", "name", "action", "why"];
}

impl Look {
    /// What marks the name of a column in [`Look::with`].
    pub const COLUMN: char = '.';

    /// Whether it asks about what the first look found.
    pub fn is_second(&self) -> bool {
        self.with.values().any(|source| source.starts_with(Self::COLUMN))
    }
}
