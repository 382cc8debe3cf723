//! The command of a provisioner as a plan tells it: what is constant in it.

use serde_json::Value;

use super::placed::Text;
use super::{Parts, Passage};

/// What is not known of a command, as a name for people.
const NOT_KNOWN: &str = "not_known";

/// What a shell is to run for `expressions`, as the configuration in a plan has them, of which
/// `words` holds the interpreter, or the whole program. Nothing where that is known only when it runs.
pub fn planned(expressions: &Value, words: &str) -> Option<Passage> {
    let constant = |name: &str| expressions.get(name)?.get("constant_value").filter(|value| !value.is_null());
    let is_open = |name: &str| expressions.get(name).is_some_and(|one| one.get("references").is_some());
    let command = constant("command").map(text);
    let interpreter = constant(words).and_then(Value::as_array).into_iter().flatten().map(text).collect();
    let environment = constant("environment").and_then(Value::as_object).into_iter().flatten();
    let directory = constant("working_dir").map(text);
    let directory =
        directory.or_else(|| is_open("working_dir").then(|| Text::unknown(NOT_KNOWN.to_owned(), 0)));
    let parts = Parts {
        environment: environment.map(|(name, value)| (name.clone(), text(value))).collect(),
        directory,
        interpreter,
        command,
    };
    if is_open("command") {
        return None;
    }
    let text = parts.into_text();
    text.tells().then(|| text.into_passage())
}

/// A value as a word: terraform makes text of numbers and booleans.
fn text(value: &Value) -> Text {
    match value {
        Value::String(text) => Text::made(text, 0),
        Value::Number(_) | Value::Bool(_) => Text::made(&value.to_string(), 0),
        _ => Text::unknown(NOT_KNOWN.to_owned(), 0),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_constant_is_read() {
        let open = json!({"references": ["var.a"]});
        for (expressions, words, expected) in [
            (json!({"command": {"constant_value": "a b"}}), "interpreter", Some("a b")),
            (
                json!({"command": {"constant_value": "a"}, "interpreter": {"constant_value": ["bash", "-ec"]}}),
                "interpreter",
                Some("a"),
            ),
            (
                json!({"command": {"constant_value": "a 'b'"}, "interpreter": {"constant_value": ["python3", "-c"]}}),
                "interpreter",
                Some("'python3' '-c' 'a '\\''b'\\'''"),
            ),
            (
                json!({"command": {"constant_value": "a"}, "working_dir": {"constant_value": "x y"},
                    "environment": {"constant_value": {"B": "c", "N": 1}}}),
                "interpreter",
                Some("export B='c'\nexport N='1'\ncd 'x y'\na"),
            ),
            (
                json!({"command": {"constant_value": "a"}, "working_dir": open, "environment": open}),
                "interpreter",
                Some("cd ''\"${not_known}\"''\na"),
            ),
            (json!({"program": {"constant_value": ["a", "b c"]}}), "program", Some("'a' 'b c'")),
            (json!({"command": open}), "interpreter", None),
            (json!({"command": open, "interpreter": {"constant_value": ["sh", "-c"]}}), "interpreter", None),
            (json!({"program": open}), "program", None),
            (json!({}), "interpreter", None),
        ] {
            let found = planned(&expressions, words);
            assert_eq!(found.as_ref().map(|passage| passage.text.as_str()), expected, "{expressions}");
        }
    }
}
