//! Maps whose keys may stand only once. serde's own maps keep the last of two
//! entries and say nothing, so a reader would go by the first.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::StrDeserializer;
use serde::de::{self, DeserializeSeed, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Reads a map, refusing a key that stands twice.
pub(crate) fn map<'de, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
where
    K: Deserialize<'de> + Ord,
    V: Deserialize<'de>,
    D: Deserializer<'de>,
{
    if deserializer.is_human_readable() {
        deserializer.deserialize_map(UniqueKeys(PhantomData))
    } else {
        // Stored from a map that was read once.
        BTreeMap::deserialize(deserializer)
    }
}

/// Reads a list of such maps.
pub(crate) fn maps<'de, K, V, D>(deserializer: D) -> Result<Vec<BTreeMap<K, V>>, D::Error>
where
    K: Deserialize<'de> + Ord,
    V: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Vec::<Unique<K, V>>::deserialize(deserializer).map(|maps| maps.into_iter().map(|one| one.0).collect())
}

/// A map within a list.
struct Unique<K, V>(BTreeMap<K, V>);

impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Deserialize<'de> for Unique<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        map(deserializer).map(Self)
    }
}

struct UniqueKeys<K, V>(PhantomData<(K, V)>);

impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Visitor<'de> for UniqueKeys<K, V> {
    type Value = BTreeMap<K, V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some(key) = map.next_key_seed(NewKey(&entries))? {
            let value = map.next_value()?;
            entries.insert(key, value);
        }
        Ok(entries)
    }
}

/// A key that the map does not have yet. It is compared while it is read, so
/// that the parser knows the place of the second one.
struct NewKey<'a, K, V>(&'a BTreeMap<K, V>);

impl<'de, K: Deserialize<'de> + Ord, V> DeserializeSeed<'de> for NewKey<'_, K, V> {
    type Value = K;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<K, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de, K: Deserialize<'de> + Ord, V> Visitor<'de> for NewKey<'_, K, V> {
    type Value = K;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<K, E> {
        let key = K::deserialize(StrDeserializer::new(text))?;
        if self.0.contains_key(&key) {
            return Err(E::custom(format_args!("the key `{text}` stands twice")));
        }
        Ok(key)
    }
}
