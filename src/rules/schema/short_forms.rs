//! The short forms that YAML offers: one string for a list, `true` for a
//! flag's value, a number for a count.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Effects, FlagMatch, Match, Matches, NumberMatch, Strings, ValueMatch};
use crate::verdict::Effect;

/// Reads a list, or a single element where the format is for humans.
struct OneOrMany<T> {
    what: &'static str,
    single: fn(&str) -> Result<T, String>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrMany<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} or a list of them", self.what)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Self::Value, E> {
        (self.single)(value).map(|element| vec![element]).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = sequence.next_element()? {
            elements.push(element);
        }
        Ok(elements)
    }
}

impl<'de> Deserialize<'de> for Strings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return Vec::deserialize(deserializer).map(Self);
        }
        let visitor = OneOrMany { what: "a string", single: |text| Ok(text.to_owned()) };
        deserializer.deserialize_any(visitor).map(Self)
    }
}

impl<'de> Deserialize<'de> for Effects {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            return Vec::deserialize(deserializer).map(Self);
        }
        let single = |text: &str| {
            Effect::ALL.into_iter().find(|effect| effect.name() == text).ok_or_else(|| {
                let names: Vec<String> = Effect::ALL.iter().map(|effect| format!("`{effect}`")).collect();
                format!("unknown variant `{text}`, expected one of {}", names.join(", "))
            })
        };
        deserializer.deserialize_any(OneOrMany { what: "an effect", single }).map(Self)
    }
}

struct MatchesVisitor;

impl<'de> Visitor<'de> for MatchesVisitor {
    type Value = Matches;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a match or a list of them")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Matches, A::Error> {
        Match::deserialize(de::value::MapAccessDeserializer::new(map)).map(|one| Matches(vec![one]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Matches, A::Error> {
        let mut any = Vec::new();
        while let Some(one) = sequence.next_element()? {
            any.push(one);
        }
        if any.is_empty() {
            return Err(de::Error::invalid_length(0, &"at least one match"));
        }
        Ok(Matches(any))
    }
}

impl<'de> Deserialize<'de> for Matches {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_any(MatchesVisitor)
        } else {
            Vec::deserialize(deserializer).map(Self)
        }
    }
}

/// The long form of [`ValueMatch`].
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ValueKeys {
    /// Exactly one of these.
    #[serde(default)]
    equals: Strings,
    /// A regular expression for the whole value.
    #[serde(default)]
    regex: Option<String>,
    /// One of these words, whole, among the parts of the value.
    #[serde(default)]
    tokens: Strings,
    /// Words that a token does not count behind.
    #[serde(default)]
    unless_after: Strings,
    /// A number of at least this.
    #[serde(default)]
    at_least: Option<i64>,
    /// A number of at most this.
    #[serde(default)]
    at_most: Option<i64>,
}

impl From<ValueKeys> for ValueMatch {
    fn from(keys: ValueKeys) -> Self {
        let ValueKeys { equals, regex, tokens, unless_after, at_least, at_most } = keys;
        Self { equals, regex, tokens, unless_after, at_least, at_most }
    }
}

/// The long form of [`FlagMatch`].
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct FlagKeys {
    /// The flag is given, and its boolean value is this.
    #[serde(default)]
    is: Option<bool>,
    /// Whether the flag is given at all.
    #[serde(default)]
    present: Option<bool>,
    /// Any of its values is exactly one of these; under `unless` and `not`,
    /// every one.
    #[serde(default)]
    equals: Strings,
    /// Any of its values matches this regular expression whole; under `unless`
    /// and `not`, every one.
    #[serde(default)]
    regex: Option<String>,
    /// Its last value is a number of at least this.
    #[serde(default)]
    at_least: Option<i64>,
    /// Its last value is a number of at most this.
    #[serde(default)]
    at_most: Option<i64>,
}

impl From<FlagKeys> for FlagMatch {
    fn from(keys: FlagKeys) -> Self {
        let FlagKeys { is, present, equals, regex, at_least, at_most } = keys;
        Self { is, present, equals, regex, at_least, at_most }
    }
}

/// The long form of [`NumberMatch`].
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NumberKeys {
    /// Exactly this many.
    #[serde(default)]
    equals: Option<u64>,
    /// This many or more.
    #[serde(default)]
    at_least: Option<u64>,
    /// This many or fewer.
    #[serde(default)]
    at_most: Option<u64>,
}

impl From<NumberKeys> for NumberMatch {
    fn from(keys: NumberKeys) -> Self {
        let NumberKeys { equals, at_least, at_most } = keys;
        Self { equals, at_least, at_most }
    }
}

/// What a condition becomes from each short form; `None` where it has no such form.
trait ShortForm<'de>: Sized {
    type Keys: Deserialize<'de> + Into<Self>;
    const EXPECTING: &'static str;
    fn from_bool(_: bool) -> Option<Self> {
        None
    }
    fn from_number(_: u64) -> Option<Self> {
        None
    }
    fn from_strings(_: Strings) -> Option<Self> {
        None
    }
}

impl ShortForm<'_> for ValueMatch {
    type Keys = ValueKeys;
    const EXPECTING: &'static str =
        "a string, a list of strings, or a map with equals, regex, tokens, at_least or at_most";
    fn from_strings(equals: Strings) -> Option<Self> {
        Some(Self { equals, ..Self::default() })
    }
}

impl ShortForm<'_> for FlagMatch {
    type Keys = FlagKeys;
    const EXPECTING: &'static str = "true, false, a string, a list of strings, or a map with is, present, equals, regex, at_least or at_most";
    fn from_bool(is: bool) -> Option<Self> {
        Some(Self { is: Some(is), ..Self::default() })
    }
    fn from_strings(equals: Strings) -> Option<Self> {
        Some(Self { equals, ..Self::default() })
    }
}

impl ShortForm<'_> for NumberMatch {
    type Keys = NumberKeys;
    const EXPECTING: &'static str = "a number, or a map with equals, at_least or at_most";
    fn from_number(equals: u64) -> Option<Self> {
        Some(Self { equals: Some(equals), ..Self::default() })
    }
}

struct ShortFormVisitor<T>(std::marker::PhantomData<T>);

impl<'de, T: ShortForm<'de>> Visitor<'de> for ShortFormVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTING)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<T, E> {
        T::from_bool(value).ok_or_else(|| E::invalid_type(de::Unexpected::Bool(value), &self))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<T, E> {
        T::from_number(value).ok_or_else(|| E::invalid_type(de::Unexpected::Unsigned(value), &self))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<T, E> {
        T::from_strings(Strings(vec![value.to_owned()]))
            .ok_or_else(|| E::invalid_type(de::Unexpected::Str(value), &self))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<T, A::Error> {
        let mut strings = Vec::new();
        while let Some(string) = sequence.next_element()? {
            strings.push(string);
        }
        T::from_strings(Strings(strings)).ok_or_else(|| de::Error::invalid_type(de::Unexpected::Seq, &self))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::Keys::deserialize(de::value::MapAccessDeserializer::new(map)).map(Into::into)
    }
}

/// Reads the long form where the format stores structs by position.
fn deserialize<'de, T: ShortForm<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    if deserializer.is_human_readable() {
        deserializer.deserialize_any(ShortFormVisitor(std::marker::PhantomData))
    } else {
        T::Keys::deserialize(deserializer).map(Into::into)
    }
}

impl<'de> Deserialize<'de> for ValueMatch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer)
    }
}

impl<'de> Deserialize<'de> for FlagMatch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer)
    }
}

impl<'de> Deserialize<'de> for NumberMatch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer)
    }
}

/// A schema that admits the short forms given, or the long one.
fn any_of<Keys: JsonSchema>(generator: &mut SchemaGenerator, short: &[Schema]) -> Schema {
    let mut forms: Vec<Schema> = short.to_vec();
    forms.push(generator.subschema_for::<Keys>());
    json_schema!({ "anyOf": forms })
}

fn string_or_list() -> [Schema; 2] {
    [json_schema!({ "type": "string" }), json_schema!({ "type": "array", "items": { "type": "string" } })]
}

impl JsonSchema for Strings {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Strings".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": string_or_list() })
    }
}

impl JsonSchema for Effects {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Effects".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<Effect>();
        json_schema!({ "anyOf": [one.clone(), { "type": "array", "items": one, "minItems": 1 }] })
    }
}

impl JsonSchema for Matches {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Matches".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<Match>();
        json_schema!({ "anyOf": [one.clone(), { "type": "array", "items": one, "minItems": 1 }] })
    }
}

impl JsonSchema for ValueMatch {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ValueMatch".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        any_of::<ValueKeys>(generator, &string_or_list())
    }
}

impl JsonSchema for FlagMatch {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "FlagMatch".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let [string, list] = string_or_list();
        any_of::<FlagKeys>(generator, &[json_schema!({ "type": "boolean" }), string, list])
    }
}

impl JsonSchema for NumberMatch {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "NumberMatch".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        any_of::<NumberKeys>(generator, &[json_schema!({ "type": "integer", "minimum": 0 })])
    }
}
