//! The shape of `approvers.yaml`. What is wrong in one value is told while it
//! is read, so that the parser knows its place.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::authorization::request::Presence;
use crate::authorization::signature::PublicKey;

/// The version of the format.
pub(super) const VERSION: u32 = 1;

/// How long a request may wait where nothing else is said.
pub(super) const MAX_TTL: SignedDuration = SignedDuration::from_mins(15);

/// The shortest and the longest time that may be said.
const TTL_RANGE: (SignedDuration, SignedDuration) =
    (SignedDuration::from_mins(1), SignedDuration::from_hours(24));

/// The most approvals that one command may need.
const MOST_APPROVALS: u32 = 100;

/// Who may approve what.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "tollgate approvers file")]
pub(crate) struct File {
    /// The version of this format: 1.
    pub(super) version: u32,
    /// That whoever asks for an approval may be able to write this file. It has to be said
    /// everywhere but in /etc/tollgate, and every prompt and record repeats it.
    #[serde(default)]
    pub(super) mode: Option<Mode>,
    /// Everybody who asks or approves.
    #[serde(default)]
    pub(super) people: Vec<PersonEntry>,
    /// What an approval takes in an environment of the rulebook; `default` stands for the rest. Without
    /// this section, one approval of anybody listed will do.
    #[serde(default, deserialize_with = "environments")]
    #[schemars(with = "BTreeMap<String, EnvironmentEntry>")]
    pub(super) environments: Option<BTreeMap<String, EnvironmentEntry>>,
    /// Keys that count no more: their fingerprints (SHA256:…), or the keys.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub(super) revoked: Vec<Fingerprint>,
}

/// How far the file is to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mode {
    /// Whoever asks may have written it.
    Advisory,
}

/// A person.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonEntry {
    /// The name in requests and records, such as a mail address.
    pub(super) id: Name,
    /// The groups that the person is in.
    #[serde(default)]
    pub(super) groups: Vec<Name>,
    /// The person's login names: under these nobody approves their own commands.
    #[serde(default)]
    pub(super) os_users: Vec<Login>,
    /// The keys that the person approves with.
    #[serde(default)]
    pub(super) keys: Vec<KeyEntry>,
}

/// A key.
#[derive(Clone, Debug)]
pub(super) struct KeyEntry {
    pub(super) key: PublicKey,
    pub(super) valid_after: Option<Timestamp>,
    pub(super) valid_before: Option<Timestamp>,
    pub(super) require: Presence,
}

/// What an approval takes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EnvironmentEntry {
    /// How many different people have to approve.
    #[serde(default = "one", deserialize_with = "quorum")]
    pub(super) quorum: u32,
    /// The groups of which each of them has to be in one; none is anybody listed.
    #[serde(default)]
    pub(super) groups: Vec<Name>,
    /// What their keys have to vouch for: none, touch, or touch+pin (also written pin).
    #[serde(default, deserialize_with = "presence")]
    #[schemars(with = "String")]
    pub(super) require: Presence,
    /// How long a request may wait for its approval: `15m`, between 1m and 24h.
    #[serde(default = "max_ttl", deserialize_with = "duration")]
    #[schemars(with = "String")]
    pub(super) max_ttl: SignedDuration,
}

/// A name that may also stand in an `allowed_signers` file.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(transparent)]
pub(super) struct Name(String);

/// The name of a user of the system's.
#[derive(Clone, Debug, PartialEq, Eq, JsonSchema)]
#[schemars(transparent)]
pub(super) struct Login(String);

/// The fingerprint of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint(String);

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Deref for Login {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Deref for Fingerprint {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// Why `text` cannot name a person or a group.
pub(crate) fn bad_name(text: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "@._+-".contains(c);
    let sound =
        text.chars().all(plain) && text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.len() <= 128;
    (!sound).then(|| format!("`{text}` cannot be a name: letters, digits and @ . _ + - only, a letter or digit first, at most 128"))
}

/// Why `text` cannot be a login name.
pub(crate) fn bad_login(text: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_graphic() && !"\"'`,:/".contains(c);
    let sound = !text.is_empty() && text.chars().all(plain) && text.len() <= 128;
    (!sound).then(|| format!("`{text}` cannot be a login name"))
}

fn name(text: &str) -> Result<Name, String> {
    bad_name(text).map_or_else(|| Ok(Name(text.to_owned())), Err)
}

fn login(text: &str) -> Result<Login, String> {
    bad_login(text).map_or_else(|| Ok(Login(text.to_owned())), Err)
}

fn key(text: &str) -> Result<PublicKey, String> {
    PublicKey::parse(text).map_err(|error| error.to_string())
}

fn fingerprint(text: &str) -> Result<Fingerprint, String> {
    if let Some(digest) = text.strip_prefix("SHA256:") {
        let base64 = |c: char| c.is_ascii_alphanumeric() || c == '+' || c == '/';
        if digest.len() == 43 && digest.chars().all(base64) {
            return Ok(Fingerprint(text.to_owned()));
        }
        return Err(format!(
            "`{text}` is no fingerprint: SHA256: and 43 characters, as `ssh-keygen -lf KEY.pub` prints it"
        ));
    }
    if text.contains(' ') {
        return Ok(Fingerprint(key(text)?.fingerprint()));
    }
    Err(format!("`{text}` is neither a fingerprint (SHA256:…) nor a public key"))
}

/// Reads what has to be vouched for.
///
/// # Errors
/// Where it is none of the words.
pub(crate) fn presence_of(text: &str) -> Result<Presence, String> {
    match text {
        "none" => Ok(Presence::None),
        "touch" => Ok(Presence::Touch),
        "pin" | "touch+pin" => Ok(Presence::TouchAndPin),
        _ => Err(format!("unknown word `{text}`, expected one of `none`, `touch`, `pin`, `touch+pin`")),
    }
}

fn time(text: &str) -> Result<Timestamp, String> {
    // What OpenSSH cannot write is not taken: it knows whole seconds after 1970.
    match text.parse::<Timestamp>() {
        Ok(time) if time.as_second() > 0 && time.subsec_nanosecond() == 0 => Ok(time),
        Ok(_) => Err(format!("`{text}` is out of range: whole seconds after 1970")),
        Err(_) => Err(format!("`{text}` is no time: write it like 2026-01-31T00:00:00Z")),
    }
}

fn ttl(text: &str) -> Result<SignedDuration, String> {
    let (shortest, longest) = TTL_RANGE;
    match text.parse::<SignedDuration>() {
        Ok(time) if time >= shortest && time <= longest => Ok(time),
        Ok(_) => Err(format!("`{text}` is out of range: between 1m and 24h")),
        Err(_) => Err(format!("`{text}` is no length of time: write it like 15m or 1h")),
    }
}

fn one() -> u32 {
    1
}

fn max_ttl() -> SignedDuration {
    MAX_TTL
}

/// Reads a scalar and judges it at once, so that a fault has its place.
struct Word<T> {
    expected: &'static str,
    read: fn(&str) -> Result<T, String>,
}

impl<T> Visitor<'_> for Word<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.read)(text).map_err(E::custom)
    }
}

macro_rules! read_as {
    ($($type:ty, $expected:literal, $read:expr;)*) => {$(
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(Word { expected: $expected, read: $read })
            }
        }
    )*};
}

read_as! {
    Name, "a name", name;
    Login, "a login name", login;
    Fingerprint, "a fingerprint", fingerprint;
    Key, "a public key", |text| key(text).map(Key);
    Time, "a time", |text| time(text).map(Time);
}

struct Key(PublicKey);
struct Time(Timestamp);

fn presence<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Presence, D::Error> {
    deserializer.deserialize_str(Word { expected: "none, touch or touch+pin", read: presence_of })
}

fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SignedDuration, D::Error> {
    deserializer.deserialize_str(Word { expected: "a length of time", read: ttl })
}

fn quorum<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    deserializer.deserialize_str(Word {
        expected: "a number",
        read: |text| match text.parse() {
            Ok(0) => Err("a quorum of 0 would let everything through: at least 1".to_owned()),
            Ok(number) if number <= MOST_APPROVALS => Ok(number),
            Ok(_) => Err(format!("`{text}` is out of range: at most {MOST_APPROVALS}")),
            Err(_) => Err(format!("`{text}` is no number of people")),
        },
    })
}

fn environments<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<BTreeMap<String, EnvironmentEntry>>, D::Error> {
    crate::unique_keys::map(deserializer).map(Some)
}

/// The long form of a key.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct KeyMapping {
    /// The public key: `ssh-ed25519 AAAA…`.
    #[schemars(with = "String")]
    key: Key,
    /// From when it counts: `2026-01-31T00:00:00Z`.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    valid_after: Option<Time>,
    /// Until when it counts.
    #[serde(default)]
    #[schemars(with = "Option<String>")]
    valid_before: Option<Time>,
    /// What it has to vouch for in any environment: none, touch, or touch+pin (also written pin).
    #[serde(default, deserialize_with = "presence")]
    #[schemars(with = "String")]
    require: Presence,
}

/// What a key looks like in the schema.
#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "only its schema is wanted")]
enum KeyForms {
    /// The public key.
    Short(String),
    /// The public key, and when it counts.
    Long(Box<KeyMapping>),
}

impl JsonSchema for KeyEntry {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Key".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        KeyForms::json_schema(generator)
    }
}

struct EitherForm(PhantomData<KeyEntry>);

impl<'de> Visitor<'de> for EitherForm {
    type Value = KeyEntry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a public key, or `key:` with more about it")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<KeyEntry, E> {
        let key = key(text).map_err(E::custom)?;
        Ok(KeyEntry { key, valid_after: None, valid_before: None, require: Presence::None })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<KeyEntry, A::Error> {
        let long = KeyMapping::deserialize(MapAccessDeserializer::new(map))?;
        Ok(KeyEntry {
            key: long.key.0,
            valid_after: long.valid_after.map(|Time(time)| time),
            valid_before: long.valid_before.map(|Time(time)| time),
            require: long.require,
        })
    }
}

impl<'de> Deserialize<'de> for KeyEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EitherForm(PhantomData))
    }
}
