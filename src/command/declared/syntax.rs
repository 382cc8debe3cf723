//! How a tool reads its command line, as a rule file declares it.
//!
//! build.rs compiles this module too, and stores what it reads as postcard.

use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::verdict::Fact;

/// How tools without a grammar of their own read their command lines.
///
/// A flag that is listed nowhere is taken for one without a value. What no rule
/// matches is allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of its own in YAML")]
pub struct Syntax {
    /// Flags that take the next word for their value; of a letter, the rest of its word.
    #[serde(default)]
    pub values: Vec<String>,
    /// Flags that take no value, where they may stand in front of the command's words.
    #[serde(default)]
    pub switches: Vec<String>,
    /// Flags that take a value with one command only, by the command's words.
    #[serde(default, deserialize_with = "crate::unique_keys::map")]
    pub command_values: BTreeMap<String, Vec<String>>,
    /// Other names of flags, each with the one that rules have for it: `-f: --force`.
    #[serde(default, deserialize_with = "crate::unique_keys::map")]
    pub aliases: BTreeMap<String, String>,
    /// The same, with one command only.
    #[serde(default, deserialize_with = "crate::unique_keys::map")]
    pub command_aliases: BTreeMap<String, BTreeMap<String, String>>,
    /// What stands behind one dash is one flag: `-name value`, `-name=value`.
    #[serde(default)]
    pub single_dash: bool,
    /// Flags end at the first word that is none.
    #[serde(default)]
    pub stops: bool,
    /// The beginning of a long flag's name may stand for it.
    #[serde(default)]
    pub abbreviates: bool,
    /// Operands are paths, which rules see in their normal form.
    #[serde(default)]
    pub paths: bool,
    /// Flags whose values are paths. `of=` stands for operands that begin so.
    #[serde(default)]
    pub path_flags: Vec<String>,
    /// Where the tool is given statements of a database.
    #[serde(default)]
    pub sql: Option<Sql>,
    /// What tells where the tool acts: flags, and variables with `$` in front.
    #[serde(default, deserialize_with = "crate::unique_keys::map")]
    pub target: BTreeMap<Fact, Vec<String>>,
}

/// Where a tool is given statements of a database. Rules see each in its normal
/// form, as a field named `statement`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sql {
    /// Flags whose values are statements.
    #[serde(default)]
    pub flags: Vec<String>,
    /// Operands that are: `true` for every one from the second on, or `all`.
    #[serde(default)]
    pub operands: StatementOperands,
    /// Whether statements are read from standard input.
    #[serde(default)]
    pub input: bool,
    /// The language.
    #[serde(default)]
    pub dialect: Dialect,
}

/// Which operands are statements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum StatementOperands {
    /// None.
    #[default]
    None,
    /// Every one but the first, which names the database.
    Rest,
    /// Every one; those that make up one command where the language is one of commands.
    All,
}

/// A language of statements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// SQL of any database: each way to read quotes and comments counts.
    #[default]
    Sql,
    /// SQL as `PostgreSQL` reads it.
    Postgres,
    /// SQL as `MySQL` and `MariaDB` read it.
    Mysql,
    /// The shell of `MongoDB`.
    Mongo,
    /// The commands of Redis.
    Redis,
    /// CQL of Cassandra.
    Cql,
}

/// The stored form of [`StatementOperands`].
#[derive(Deserialize)]
enum Stored {
    None,
    Rest,
    All,
}

struct OperandsVisitor;

impl Visitor<'_> for OperandsVisitor {
    type Value = StatementOperands;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("true, false or `all`")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(if value { StatementOperands::Rest } else { StatementOperands::None })
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Self::Value, E> {
        match value {
            "all" => Ok(StatementOperands::All),
            _ => Err(E::invalid_value(de::Unexpected::Str(value), &self)),
        }
    }
}

impl<'de> Deserialize<'de> for StatementOperands {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            return deserializer.deserialize_any(OperandsVisitor);
        }
        Ok(match Stored::deserialize(deserializer)? {
            Stored::None => Self::None,
            Stored::Rest => Self::Rest,
            Stored::All => Self::All,
        })
    }
}

impl JsonSchema for StatementOperands {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "StatementOperands".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "boolean" }, { "type": "string", "enum": ["all"] }] })
    }
}
