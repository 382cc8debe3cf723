//! What an agent wants of the form of a whole file of its own: where one part is of
//! another, it passes over all of it, most of the time without a word, and our entry
//! with it.

use std::path::Path;

use serde_json::{Map, Value};

use super::json::Document;
use super::world::text;

/// Finds a fault in what a file says.
pub(super) type Form = fn(&Map<String, Value>) -> Result<(), String>;

/// Why the agent passes over the whole of `file`, if it does.
pub(super) fn fault(file: &Path, form: Form) -> Option<String> {
    let document = Document::read(&text(file).ok()??).ok()?;
    let why = form(document.value().as_object()?).err()?;
    Some(format!("the agent can pass over all of the file: {why}"))
}

/// Claude Code's settings, as far as people write them by hand. What was seen at
/// work to do no harm is no fault: a rule or a variable that is no string, an event
/// that is no list. A broken group of another event hurts in older versions only.
pub(super) fn claude_code(root: &Map<String, Value>) -> Result<(), String> {
    if let Some(permissions) = root.get("permissions") {
        let permissions = object(permissions, "permissions")?;
        for name in ["allow", "deny", "ask"] {
            let Some(rules) = permissions.get(name) else { continue };
            list(rules, &format!("permissions.{name}"))?;
        }
    }
    if root.get("model").is_some_and(|model| !model.is_string()) {
        return Err(is_no("model", "string"));
    }
    if root.get("disableAllHooks").is_some_and(|flag| !flag.is_boolean()) {
        return Err(is_no("disableAllHooks", "true or false"));
    }
    if let Some(env) = root.get("env") {
        object(env, "env")?;
    }
    grouped(root, Odd::IsPassedOver, |hook, path| {
        let command = hook.get("command");
        if hook.get("type").is_some_and(|kind| kind == "command") && !command.is_some_and(Value::is_string) {
            return Err(is_no(&format!("{path}.command"), "string"));
        }
        let is_long_enough = |timeout: &Value| timeout.as_f64().is_some_and(|timeout| timeout > 0.0);
        if !hook.get("timeout").is_none_or(is_long_enough) {
            return Err(is_no(&format!("{path}.timeout"), "number above 0"));
        }
        if hook.get("onFailure").is_some_and(|choice| choice != "block" && choice != "continue") {
            return Err(format!("`{path}.onFailure` is neither `block` nor `continue`"));
        }
        Ok(())
    })
}

/// Codex's `hooks.json`.
pub(super) fn codex(root: &Map<String, Value>) -> Result<(), String> {
    if let Some(name) = root.keys().find(|name| !["description", "hooks"].contains(&name.as_str())) {
        return Err(format!("`{name}` is none of its keys, `description` and `hooks`"));
    }
    grouped(root, Odd::IsFault, |hook, path| {
        if hook.get("timeout").is_some_and(|timeout| !timeout.is_u64() && !timeout.is_null()) {
            return Err(is_no(&format!("{path}.timeout"), "whole number"));
        }
        Ok(())
    })
}

/// A file of hooks of GitHub Copilot.
pub(super) fn copilot(root: &Map<String, Value>) -> Result<(), String> {
    match root.get("version") {
        Some(version) if version.as_f64() == Some(1.0) => {}
        Some(version) => return Err(format!("its `version` is {version}, and has to be 1")),
        None => return Err("it has no `version`, which has to be 1".to_owned()),
    }
    let Some(hooks) = root.get("hooks") else { return Ok(()) };
    for (event, entries) in object(hooks, "hooks")? {
        list(entries, &format!("hooks.{event}"))?;
    }
    Ok(())
}

/// What an event is that has no list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Odd {
    IsFault,
    IsPassedOver,
}

/// Events that have groups, which have a list `hooks` each.
fn grouped(
    root: &Map<String, Value>,
    odd: Odd,
    check: impl Fn(&Map<String, Value>, &str) -> Result<(), String>,
) -> Result<(), String> {
    let Some(hooks) = root.get("hooks") else { return Ok(()) };
    for (event, groups) in object(hooks, "hooks")? {
        if odd == Odd::IsPassedOver && !groups.is_array() {
            continue;
        }
        let path = format!("hooks.{event}");
        for (index, group) in list(groups, &path)?.iter().enumerate() {
            let path = format!("{path}[{index}]");
            let group = object(group, &path)?;
            if group.get("matcher").is_some_and(|matcher| !matcher.is_string()) {
                return Err(is_no(&format!("{path}.matcher"), "string"));
            }
            let path = format!("{path}.hooks");
            for (index, hook) in list(group.get("hooks").unwrap_or(&Value::Null), &path)?.iter().enumerate() {
                let path = format!("{path}[{index}]");
                let hook = object(hook, &path)?;
                if !hook.get("type").is_some_and(Value::is_string) {
                    return Err(is_no(&format!("{path}.type"), "string"));
                }
                check(hook, &path)?;
            }
        }
    }
    Ok(())
}

fn object<'a>(value: &'a Value, path: &str) -> Result<&'a Map<String, Value>, String> {
    value.as_object().ok_or_else(|| is_no(path, "object"))
}

fn list<'a>(value: &'a Value, path: &str) -> Result<&'a Vec<Value>, String> {
    value.as_array().ok_or_else(|| is_no(path, "list"))
}

fn is_no(path: &str, what: &str) -> String {
    format!("`{path}` is no {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_another_form_is_named() {
        let hook = |fields: &str| format!(r#"{{"hooks":{{"Stop":[{{"hooks":[{fields}]}}]}}}}"#);
        let fine = hook(r#"{"type":"command","command":"x","timeout":5,"onFailure":"block"}"#);
        for (form, text, expected) in [
            (claude_code as Form, "{}", None),
            (claude_code, r#"{"permissions":{"allow":["a"],"defaultMode":"x"},"env":{"A":"b"}}"#, None),
            (claude_code, r#"{"model":"m","unknown":7,"disableAllHooks":false}"#, None),
            (claude_code, &fine, None),
            (claude_code, &hook(r#"{"type":"prompt","prompt":"x"}"#), None),
            (claude_code, r#"{"permissions":{"allow":"Bash"}}"#, Some("`permissions.allow` is no list")),
            (claude_code, r#"{"permissions":{"deny":[1]},"env":{"A":1},"hooks":{"Stop":{}}}"#, None),
            (claude_code, r#"{"permissions":{"ask":null}}"#, Some("`permissions.ask` is no list")),
            (claude_code, r#"{"permissions":[]}"#, Some("`permissions` is no object")),
            (claude_code, r#"{"model":5}"#, Some("`model` is no string")),
            (claude_code, r#"{"disableAllHooks":"no"}"#, Some("`disableAllHooks` is no true or false")),
            (claude_code, r#"{"env":[]}"#, Some("`env` is no object")),
            (claude_code, r#"{"hooks":[]}"#, Some("`hooks` is no object")),
            (claude_code, r#"{"hooks":{"Stop":["x"]}}"#, Some("`hooks.Stop[0]` is no object")),
            (
                claude_code,
                r#"{"hooks":{"Stop":[{"matcher":"*"}]}}"#,
                Some("`hooks.Stop[0].hooks` is no list"),
            ),
            (
                claude_code,
                r#"{"hooks":{"Stop":[{"matcher":1,"hooks":[]}]}}"#,
                Some("`hooks.Stop[0].matcher` is no string"),
            ),
            (claude_code, &hook("\"x\""), Some("`hooks.Stop[0].hooks[0]` is no object")),
            (claude_code, &hook("{}"), Some("`hooks.Stop[0].hooks[0].type` is no string")),
            (
                claude_code,
                &hook(r#"{"type":"command"}"#),
                Some("`hooks.Stop[0].hooks[0].command` is no string"),
            ),
            (
                claude_code,
                &hook(r#"{"type":"command","command":"x","timeout":"20"}"#),
                Some("`hooks.Stop[0].hooks[0].timeout` is no number above 0"),
            ),
            (
                claude_code,
                &hook(r#"{"type":"command","command":"x","onFailure":"nope"}"#),
                Some("`hooks.Stop[0].hooks[0].onFailure` is neither `block` nor `continue`"),
            ),
            (codex, r#"{"description":"d","hooks":{}}"#, None),
            (codex, &fine, None),
            (codex, r#"{"$schema":"x"}"#, Some("`$schema` is none of its keys, `description` and `hooks`")),
            (codex, r#"{"hooks":{"Stop":1}}"#, Some("`hooks.Stop` is no list")),
            (codex, r#"{"hooks":{"Stop":[{"hooks":"x"}]}}"#, Some("`hooks.Stop[0].hooks` is no list")),
            (
                codex,
                &hook(r#"{"type":"command","timeout":1.5}"#),
                Some("`hooks.Stop[0].hooks[0].timeout` is no whole number"),
            ),
            (copilot, r#"{"version":1,"hooks":{"a":[]}}"#, None),
            (copilot, r#"{"version":2}"#, Some("its `version` is 2, and has to be 1")),
            (copilot, r#"{"version":"1"}"#, Some("its `version` is \"1\", and has to be 1")),
            (copilot, r#"{"hooks":{}}"#, Some("it has no `version`, which has to be 1")),
            (copilot, r#"{"version":1,"hooks":{"a":"x"}}"#, Some("`hooks.a` is no list")),
        ] {
            let value: Value = serde_json::from_str(text).unwrap();
            let found = form(value.as_object().unwrap());
            assert_eq!(found.err().as_deref(), expected, "{text}");
        }
    }
}
