//! The backend that terraform's `init` wrote down, and its name for people.
//!
//! Terraform reads the file with Go's JSON decoder: it takes a key in any
//! case, and merges objects that stand twice. A reader that takes the exact and
//! the last key would see another backend than terraform. So a file in which
//! the two could differ is refused.

use std::collections::HashSet;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// JSON in which no two keys of an object are equal, not even in another case.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Strict(value)) = list.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        let mut folded = HashSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            if !folded.insert(fold(&key)) {
                return Err(de::Error::custom(format_args!("the key {key:?} stands twice")));
            }
            let Strict(value) = entries.next_value()?;
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

/// `key` so that keys which differ in case only are equal. It equates
/// everything that Unicode's simple folding does (`K` and the sign for kelvin)
/// and little more (`ß` and `ss`).
fn fold(key: &str) -> String {
    // Not `str::to_lowercase`, in which a sigma depends on where it stands.
    let lower = key.chars().flat_map(char::to_lowercase);
    lower.flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

/// Why a file says nothing certain about the backend.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unclear {
    #[error("no JSON that can be read in one way only: {0}")]
    Json(#[from] serde_json::Error),
    #[error("not an object")]
    NoObject,
    #[error("`{0}` is not of its type")]
    WrongType(&'static str),
    #[error("{0:?} is written in another case than `{1}`")]
    Case(String, &'static str),
}

/// The type and the configuration of the backend that `bytes` records; none
/// where it records no backend.
///
/// # Errors
/// Where terraform may read it otherwise, or not at all.
pub(super) fn recorded(bytes: &[u8]) -> Result<Option<(String, Value)>, Unclear> {
    let Strict(document) = serde_json::from_slice(bytes)?;
    let Value::Object(document) = document else { return Err(Unclear::NoObject) };
    let backend = match field(&document, "backend")? {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(backend)) => backend,
        Some(_) => return Err(Unclear::WrongType("backend")),
    };
    let config = field(backend, "config")?.cloned().unwrap_or_default();
    match field(backend, "type")? {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(kind)) if kind.is_empty() => Ok(None),
        Some(Value::String(kind)) => Ok(Some((kind.clone(), config))),
        Some(_) => Err(Unclear::WrongType("type")),
    }
}

/// The field `name`, which must not be written in another case.
fn field<'a>(map: &'a Map<String, Value>, name: &'static str) -> Result<Option<&'a Value>, Unclear> {
    match map.keys().find(|key| *key != name && fold(key) == name) {
        Some(other) => Err(Unclear::Case(other.clone(), name)),
        None => Ok(map.get(name)),
    }
}

/// What an address says of where it leads; never the user and the password.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Address {
    /// Host and path; for a Postgres server, host and database.
    pub(super) shown: String,
    /// Whether the tool may take another part of it for the host. What is
    /// shown is then rather too little than a password.
    pub(super) ambiguous: bool,
}

impl Address {
    /// Reads a URL, or the Postgres form `host=… dbname=…`.
    pub(super) fn of(text: &str) -> Self {
        let rest = match (scheme(text), text) {
            (Some((_, rest)), _) => rest,
            (None, text) if text.contains('=') => return Self::of_keywords(text),
            (None, text) => text,
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let last = rest.rfind('@');
        // A password may hold what else would end the authority.
        let ambiguous = last.is_some_and(|at| at > end);
        let place = last.and_then(|at| rest.get(at + 1..)).unwrap_or(rest);
        let (place, query) = place.split_once('?').unwrap_or((place, ""));
        let place = place.split(['#', ' ']).next().unwrap_or_default();
        let mut address = Self { shown: place.to_owned(), ambiguous };
        if text.starts_with("postgres") {
            address.overridden(query.split('#').next().unwrap_or_default());
        }
        address
    }

    /// Postgres takes a host and a database from the query as well.
    fn overridden(&mut self, query: &str) {
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            self.ambiguous |= name.contains('%');
            if matches!(name, "host" | "hostaddr" | "dbname") && !value.is_empty() {
                self.shown = format!("{}/{value}", self.shown);
            }
        }
    }

    fn of_keywords(text: &str) -> Self {
        let Some(pairs) = keywords(text) else { return Self { shown: String::new(), ambiguous: true } };
        let values = |wanted: &[&str]| -> Vec<String> {
            let wanted = pairs.iter().filter(|(name, _)| wanted.contains(&name.as_str()));
            wanted.map(|(_, value)| value.clone()).collect()
        };
        let mut parts = values(&["host", "hostaddr"]);
        parts.extend(values(&["dbname"]));
        Self { shown: parts.join("/"), ambiguous: false }
    }
}

/// The scheme of a URL, and what follows it.
pub(super) fn scheme(text: &str) -> Option<(&str, &str)> {
    let name = |scheme: &str| scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c));
    text.split_once("://").filter(|(scheme, _)| name(scheme))
}

/// The pairs of `name = 'value' …`, as Postgres clients read them; none
/// where that cannot be read.
fn keywords(text: &str) -> Option<Vec<(String, String)>> {
    let mut rest = text.chars().peekable();
    let mut pairs = Vec::new();
    loop {
        while rest.next_if(|c| c.is_whitespace()).is_some() {}
        if rest.peek().is_none() {
            return Some(pairs);
        }
        let mut name = String::new();
        while let Some(c) = rest.next_if(|c| *c != '=') {
            name.push(c);
        }
        rest.next()?;
        while rest.next_if(|c| c.is_whitespace()).is_some() {}
        let quoted = rest.next_if_eq(&'\'').is_some();
        let mut value = String::new();
        loop {
            match rest.next() {
                Some('\'') if quoted => break,
                Some('\\') => value.push(rest.next()?),
                Some(c) if !quoted && c.is_whitespace() => break,
                Some(c) => value.push(c),
                None if quoted => return None,
                None => break,
            }
        }
        pairs.push((name.trim().to_owned(), value));
    }
}

/// One line that says which state this is: `s3://bucket/key`. Values that may
/// hold a password are left out.
pub(super) fn identity(kind: &str, config: &Value) -> Address {
    let text = |key: &str| config.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut ambiguous = false;
    let mut address = |key: &str| {
        let address = Address::of(&text(key));
        ambiguous |= address.ambiguous;
        address.shown
    };
    let parts: Vec<String> = match kind {
        "s3" => vec![text("bucket"), text("workspace_key_prefix"), text("key")],
        "gcs" => vec![text("bucket"), text("prefix")],
        "azurerm" => vec![
            text("resource_group_name"),
            text("storage_account_name"),
            text("container_name"),
            text("key"),
        ],
        "cloud" | "remote" => vec![address("hostname"), text("organization")],
        "consul" => vec![address("address"), text("path")],
        "cos" | "oss" => vec![text("bucket"), text("prefix"), text("key")],
        "http" => vec![address("address")],
        "kubernetes" => {
            vec![address("host"), text("config_context"), text("namespace"), text("secret_suffix")]
        }
        "local" => vec![text("workspace_dir"), text("path")],
        "pg" => vec![address("conn_str"), text("schema_name")],
        _ => vec![text("bucket"), text("name"), text("key"), text("path")],
    };
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Address { shown: format!("{kind}://{}", parts.join("/")), ambiguous }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_go_reads_otherwise_is_unclear() {
        let dev = r#"{"type":"s3","config":{"bucket":"dev"}}"#;
        let prod = r#"{"type":"s3","config":{"bucket":"prod"}}"#;
        for text in [
            format!(r#"{{"backend":{dev},"BACKEND":{prod}}}"#),
            format!(r#"{{"backend":{dev},"backend":{prod}}}"#),
            format!(r#"{{"backend":{dev},"bac\u212aend":{prod}}}"#),
            format!(r#"{{"Backend":{prod}}}"#),
            r#"{"backend":{"type":"s3","config":{"bucket":"dev"},"Config":{"bucket":"prod"}}}"#.to_owned(),
            r#"{"backend":{"type":"s3","Config":{"bucket":"prod"}}}"#.to_owned(),
            r#"{"backend":{"TYPE":"s3","config":{"bucket":"prod"}}}"#.to_owned(),
            r#"{"backend":{"type":"s3","config":{"bucket":"dev","bucket":"prod"}}}"#.to_owned(),
            r#"{"backend":{"type":"cloud","config":{"workspaces":[{"name":"a","Name":"b"}]}}}"#.to_owned(),
            r#"{"backend":["s3"]}"#.to_owned(),
            r#"{"backend":{"type":3}}"#.to_owned(),
            "[]".to_owned(),
            format!(r#"{{"backend":{dev}}} {{}}"#),
        ] {
            assert!(recorded(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_file_that_terraform_wrote_is_read() {
        let text = r#"{"version":3,"terraform_version":"1.9.0","backend":{"type":"s3",
            "config":{"bucket":"b","max_retries":5,"x":1.5,"y":-1,"z":true,"n":null},"hash":4094967295}}"#;
        let (kind, config) = recorded(text.as_bytes()).unwrap().unwrap();
        assert_eq!(kind, "s3");
        assert_eq!(
            config,
            serde_json::json!({"bucket":"b","max_retries":5,"x":1.5,"y":-1,"z":true,"n":null})
        );
        for none in ["{}", r#"{"backend":null}"#, r#"{"backend":{}}"#, r#"{"backend":{"type":""}}"#] {
            assert_eq!(recorded(none.as_bytes()).unwrap(), None, "{none}");
        }
    }

    #[test]
    fn folding_equates_what_simple_folding_does() {
        for (a, b) in
            [("K", "\u{212a}"), ("s", "\u{17f}"), ("θ", "ϴ"), ("ϑ", "Θ"), ("σ", "ς"), ("ß", "ẞ"), ("µ", "Μ")]
        {
            assert_eq!(fold(a), fold(b), "{a} {b}");
        }
        assert_ne!(fold("type"), fold("typ"));
    }

    #[test]
    fn an_address_is_shown_without_its_password() {
        for (text, shown, ambiguous) in [
            ("https://u:pw@h/x", "h/x", false),
            ("https://h:8/x?token=t", "h:8/x", false),
            ("https://u:p@ss@h/x", "h/x", false),
            ("https://u:hunt/er2@h/x", "h/x", true),
            ("https://u:hunt#er2@h/x", "h/x", true),
            ("https://u:hunt?er2@h/x", "h/x", true),
            ("https://u:a@b/hunter2@h", "h", true),
            ("u:pw@consul:8500", "consul:8500", false),
            ("password=hunter2 host=db dbname=tf", "db/tf", false),
            ("host = 'd\\'b' password = 'x host=no' dbname=tf", "d'b/tf", false),
            ("password='hunter2 host=db", "", true),
            ("host=db password=a://hunter2", "db", false),
            ("postgres://u:pw@dev/tf?host=prod&sslmode=x", "dev/tf/prod", false),
            ("postgres://u:pw@dev/tf?h%6fst=prod", "dev/tf", true),
        ] {
            let expected = Address { shown: shown.to_owned(), ambiguous };
            assert_eq!(Address::of(text), expected, "{text}");
        }
    }
}
