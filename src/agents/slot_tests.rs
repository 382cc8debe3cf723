use serde_json::json;

use super::*;

fn grouped() -> Slot {
    Slot {
        event: "PreToolUse",
        path: &["hooks", "PreToolUse"],
        group: Some(vec![("matcher", "*".into())]),
        entry: vec![
            ("type", "command".into()),
            ("command", "/x/tollgate hook".into()),
            ("onFailure", "block".into()),
        ],
    }
}

fn flat() -> Slot {
    Slot {
        event: "preToolUse",
        path: &["hooks", "preToolUse"],
        group: None,
        entry: vec![("bash", "/x/tollgate hook".into()), ("timeoutSec", 20.into())],
    }
}

fn installed(slot: &Slot, before: &Value) -> Value {
    let mut document = Document::read(&before.to_string()).unwrap();
    slot.install(&mut document).unwrap();
    let once = document.text();
    slot.install(&mut document).unwrap();
    assert_eq!(document.text(), once, "a second time changes nothing");
    document.value().clone()
}

fn right() -> Value {
    grouped().element().value()
}

#[test]
fn there_is_one_entry_and_it_is_right() {
    let entry = |value: Value| json!({ "type": "command", "command": value, "onFailure": "block" });
    let other = || json!({ "type": "command", "command": "other" });
    for (before, after) in [
        (json!([]), json!([right()])),
        (
            json!([{ "matcher": "Bash", "hooks": [other()] }]),
            json!([{ "matcher": "Bash", "hooks": [other()] }, right()]),
        ),
        // An old path, a missing switch, the form without a shell, a narrow matcher.
        (json!([{ "hooks": [entry("/old/tollgate hook".into())] }, 7]), json!([right(), 7])),
        (
            json!([{ "matcher": "*", "hooks": [{ "type": "command", "command": "/x/tollgate hook" }] }]),
            json!([right()]),
        ),
        (
            json!([{ "matcher": "*", "hooks": [{ "type": "command", "command": "/x/tollgate", "args": ["hook"], "onFailure": "block" }] }]),
            json!([right()]),
        ),
        (json!([{ "matcher": "Bash", "hooks": [entry("/x/tollgate hook".into())] }]), json!([right()])),
        // In a group with others it is changed alone, or leaves the group.
        (
            json!([{ "matcher": "*", "hooks": [other(), entry("/old/tollgate hook".into())] }]),
            json!([{ "matcher": "*", "hooks": [other(), entry("/x/tollgate hook".into())] }]),
        ),
        (
            json!([{ "matcher": "Bash", "hooks": [entry("/x/tollgate hook".into()), other()] }]),
            json!([{ "matcher": "Bash", "hooks": [other()] }, right()]),
        ),
        // Several become one, the right one where there is one.
        (
            json!([{ "hooks": [entry("tollgate hook".into())] }, right(), { "hooks": [entry("/y/tollgate hook".into())] }]),
            json!([right()]),
        ),
        (
            json!([{ "hooks": [entry("tollgate hook".into()), other()] }, { "hooks": [entry("/y/tollgate hook".into())] }]),
            json!([{ "hooks": [entry("/x/tollgate hook".into()), other()] }]),
        ),
        // What would weaken it goes; what was added to it stays.
        (
            json!([{ "matcher": "*", "hooks": [{ "type": "command", "command": "/x/tollgate hook", "onFailure": "block", "async": true }] }]),
            json!([right()]),
        ),
        (
            json!([{ "matcher": "", "hooks": [{ "type": "command", "command": "/x/tollgate hook", "onFailure": "block", "statusMessage": "x" }] }]),
            json!([{ "matcher": "", "hooks": [{ "type": "command", "command": "/x/tollgate hook", "onFailure": "block", "statusMessage": "x" }] }]),
        ),
    ] {
        let found = installed(&grouped(), &json!({ "a": 1, "hooks": { "PreToolUse": before.clone() } }));
        assert_eq!(found["hooks"]["PreToolUse"], after, "{before}");
    }
    let right = || flat().element().value();
    for (before, after) in [
        (json!([]), json!([right()])),
        (json!([{ "bash": "/old/tollgate hook", "timeoutSec": 20 }]), json!([right()])),
        // To this agent a star is no regular expression.
        (json!([{ "bash": "/x/tollgate hook", "timeoutSec": 20, "matcher": "*" }]), json!([right()])),
        (json!([{ "command": "/x/tollgate hook", "timeoutSec": 20 }]), json!([right()])),
    ] {
        let found = installed(&flat(), &json!({ "hooks": { "preToolUse": before.clone() } }));
        assert_eq!(found["hooks"]["preToolUse"], after, "{before}");
    }
}

#[test]
fn ours_come_out_and_others_stay() {
    let other = || json!({ "type": "command", "command": "other" });
    let ours = || json!({ "type": "command", "command": "/old/tollgate hook" });
    for (hooks, kept, after) in [
        (json!({ "PreToolUse": [right()] }), None, json!({})),
        (json!({ "PreToolUse": [right()], "Stop": [] }), None, json!({ "hooks": { "Stop": [] } })),
        (json!({ "PreToolUse": [right()] }), Some(json!({ "hooks": {} })), json!({ "hooks": {} })),
        (
            json!({ "PreToolUse": [{ "hooks": [ours(), other(), ours()] }, right()] }),
            None,
            json!({ "hooks": { "PreToolUse": [{ "hooks": [other()] }] } }),
        ),
    ] {
        let mut document = Document::read(&json!({ "hooks": hooks }).to_string()).unwrap();
        let before = kept.map(|kept| Document::read(&kept.to_string()).unwrap());
        grouped().remove(&mut document, before.as_ref()).unwrap();
        assert_eq!(*document.value(), after, "{hooks}");
    }
}

#[test]
fn a_time_out_that_is_too_short_is_told_and_mended() {
    let slot = |name: &'static str, time: u32| Slot {
        entry: vec![("command", "/x/tollgate hook".into()), (name, time.into())],
        ..flat()
    };
    let (seconds, milliseconds) = (slot("timeout", 20), slot("timeout", 20_000));
    let (named, copilot) = (slot("timeout_ms", 20_000), slot("timeoutSec", 20));
    for (slot, name, time, expected) in [
        (&seconds, "timeout", json!(5), None),
        (&seconds, "timeout", json!(4.9), Some("4.9, and has to be 5 s or more")),
        (&seconds, "timeout", json!("20"), Some("\"20\", and has to be 5 s or more")),
        (&seconds, "timeout", json!(0), Some("0, and has to be 5 s or more")),
        (&seconds, "timeout", json!(-1), Some("-1, and has to be 5 s or more")),
        (&seconds, "timeout", Value::Null, Some("null, and has to be 5 s or more")),
        (&milliseconds, "timeout", json!(5_000), None),
        (&milliseconds, "timeout", json!(20), Some("20, and has to be 5000 ms or more")),
        (&named, "timeout_ms", json!(20), Some("20, and has to be 5000 ms or more")),
        (&copilot, "timeoutSec", json!(1), Some("1, and has to be 5 s or more")),
        (&copilot, "timeout", json!(1), Some("1, and has to be 5 s or more")),
    ] {
        let entry = json!({ "command": "/x/tollgate hook", name: time.clone() });
        let before = json!({ "hooks": { "preToolUse": [entry] } });
        let document = Document::read(&before.to_string()).unwrap();
        let found = slot.find(&document);
        let expected = expected.map(|rest| format!("its time-out `{name}` is {rest}"));
        assert_eq!(slot.weakness(&found[0]), expected, "{name} {time}");
        let after = installed(slot, &before);
        assert_eq!(after["hooks"]["preToolUse"], json!([slot.element().value()]), "{name} {time}");
    }
    // Where an agent has none, a field of that name says nothing.
    let document = json!({ "hooks": { "preToolUse": [{ "bash": "/x/tollgate hook", "timeout": 1 }] } });
    let without = Slot { entry: vec![("bash", "/x/tollgate hook".into())], ..flat() };
    let found = without.find(&Document::read(&document.to_string()).unwrap());
    assert_eq!(without.weakness(&found[0]), None);
}

#[test]
fn what_does_not_count_is_told() {
    for (group, expected) in [
        (right(), None),
        (
            json!({ "matcher": "Bash", "hooks": [{ "command": "tollgate hook" }] }),
            Some("its matcher \"Bash\" is not for all tools"),
        ),
        (json!({ "hooks": [{ "command": "tollgate hook", "if": "Bash(rm *)" }] }), Some("`if` is set on it")),
        (json!({ "hooks": [{ "command": "tollgate hook", "async": false }] }), None),
        (
            json!({ "hooks": [{ "command": "tollgate hook", "enabled": false }] }),
            Some("`enabled` is false on it"),
        ),
        (
            json!({ "hooks": [{ "command": "tollgate hook", "type": "prompt" }] }),
            Some("its `type` is not `command`"),
        ),
        (
            json!({ "hooks": [{ "command": "tollgate hook", "cache_ttl_seconds": 9 }] }),
            Some("`cache_ttl_seconds` lets"),
        ),
        (
            json!({ "hooks": [{ "command": "tollgate hook || true" }] }),
            Some("`'||' true` behind `hook` can change"),
        ),
    ] {
        let document = Document::read(&json!({ "hooks": { "PreToolUse": [group] } }).to_string()).unwrap();
        let found = grouped().find(&document);
        let weakness = found.first().and_then(|one| grouped().weakness(one));
        match expected {
            None => assert_eq!((found.len(), weakness), (1, None), "{group}"),
            Some(start) => {
                assert!(weakness.as_ref().is_some_and(|why| why.starts_with(start)), "{group}: {weakness:?}");
            }
        }
    }
}
