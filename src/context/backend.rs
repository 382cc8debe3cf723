//! The backend that terraform's `init` wrote down, and its name for people.
//!
//! Terraform reads the file with Go's JSON decoder: it takes a key in any
//! case, and merges objects that stand twice. A reader that takes the exact and
//! the last key would see another backend than terraform. So a file in which
//! the two could differ is refused.

use serde_json::{Map, Value};

use super::address::Address;
use crate::json::{self, fold};

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
    let document = json::value_in_any_case(bytes)?;
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
}
