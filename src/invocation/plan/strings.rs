//! Strings that hold something with parts of its own: policies in JSON, manifests and a chart's
//! values in YAML. Rules speak of the parts.

use serde::Deserialize as _;
use serde_json::Value;

/// JSON in strings in JSON: how deep it is looked into.
const STRINGS: usize = 3;

/// The longest YAML that is read, in bytes: longer than a definition of resources.
const LONGEST: usize = 1 << 20;

/// The type whose `values` are YAML.
const CHART: &str = "helm_release";

/// Reads strings in `value`, of a resource of type `kind`, in their place.
pub(super) fn open(value: &mut Value, kind: &str) {
    if kind == CHART
        && let Some(Value::Array(values)) = value.get_mut("values")
    {
        for one in values {
            replace(one, yaml);
        }
    }
    strings(value, STRINGS);
}

fn strings(value: &mut Value, deep: usize) {
    match value {
        Value::String(text) if deep > 0 && text.trim_start().starts_with(['{', '[']) => {
            // One that can be read in two ways stays text.
            replace(value, |text| crate::json::value(text.as_bytes()).ok());
            if !value.is_string() {
                strings(value, deep - 1);
            }
        }
        Value::String(_) => replace(value, manifest),
        Value::Array(list) => list.iter_mut().for_each(|one| strings(one, deep)),
        Value::Object(map) => map.values_mut().for_each(|one| strings(one, deep)),
        _ => {}
    }
}

fn replace(value: &mut Value, read: impl Fn(&str) -> Option<Value>) {
    if let Some(inner) = value.as_str().and_then(read) {
        *value = inner;
    }
}

/// An object of Kubernetes, or several.
fn manifest(text: &str) -> Option<Value> {
    let begins = |key: &str| text.lines().any(|line| line.trim_start_matches(['"', '\'']).starts_with(key));
    let read = (begins("apiVersion") && begins("kind")).then(|| yaml(text)).flatten()?;
    let is_object = |one: &Value| one.get("kind").is_some_and(Value::is_string);
    let is_one = read.as_array().map_or_else(|| is_object(&read), |all| all.iter().all(is_object));
    is_one.then_some(read)
}

/// YAML that has parts: its one document, or a list of them. No key stands twice in a map.
fn yaml(text: &str) -> Option<Value> {
    if text.len() > LONGEST {
        return None;
    }
    let mut all = Vec::new();
    for document in serde_yaml::Deserializer::from_str(text) {
        let read = serde_yaml::Value::deserialize(document).ok()?;
        if !read.is_null() {
            all.push(serde_json::to_value(read).ok().filter(Value::is_object)?);
        }
    }
    if all.len() > 1 { Some(Value::Array(all)) } else { all.pop() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_string_holds_is_read_in_its_place() {
        let one = "# a comment\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: x\n";
        let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}});
        let two = format!("{one}---\n{one}");
        for (kind, given, expected) in [
            ("a", json!({"policy": "{\"a\":[\"{\\\"b\\\":1}\"]}"}), json!({"policy": {"a": [{"b": 1}]}})),
            ("a", json!({"policy": "{\"a\":1,\"a\":2}"}), json!({"policy": "{\"a\":1,\"a\":2}"})),
            ("kubectl_manifest", json!({"yaml_body": one}), json!({"yaml_body": object})),
            ("kubectl_manifest", json!({"yaml_body": two}), json!({"yaml_body": [object, object]})),
            ("a", json!({"user_data": "kind: x\n"}), json!({"user_data": "kind: x\n"})),
            ("a", json!({"t": "kind: x\napiVersion: [\n"}), json!({"t": "kind: x\napiVersion: [\n"})),
            (
                "a",
                json!({"t": "kind: x\nkind: y\napiVersion: v1\n"}),
                json!({"t": "kind: x\nkind: y\napiVersion: v1\n"}),
            ),
            (
                "helm_release",
                json!({"values": ["a: {b: true}\n", "text"]}),
                json!({"values": [{"a": {"b": true}}, "text"]}),
            ),
            ("a", json!({"values": ["a: 1"]}), json!({"values": ["a: 1"]})),
        ] {
            let mut value = given.clone();
            open(&mut value, kind);
            assert_eq!(value, expected, "{kind} {given}");
        }
    }
}
