use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn change(action: &[&str], before: &Value, after: &Value) -> Value {
    json!({"address": "a_b.c", "mode": "managed", "type": "a_b", "name": "c", "change": {
        "actions": action, "before": before, "after": after, "after_unknown": {},
        "before_sensitive": {}, "after_sensitive": {}}})
}

fn plan(changes: &[Value]) -> Value {
    json!({"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": changes})
}

fn read(plan: &Value) -> Plan {
    Plan::read(plan.to_string().as_bytes()).unwrap()
}

/// Every word of an update, without what only says how it is after it.
fn words(changed: &Value) -> Vec<String> {
    let plan = read(&plan(std::slice::from_ref(changed)));
    let change = plan.changes.first().unwrap();
    let mut words: Vec<String> =
        change.fields.iter().chain(change.members.iter().flatten()).cloned().collect();
    words.retain(|word| !word.contains(":now="));
    words.sort();
    words
}

#[test]
fn what_an_update_changes_is_told_by_path() {
    for (before, after, expected) in [
        (json!({"a": true, "b": 1}), json!({"a": false, "b": 1}), vec!["a:was=true", "a=false"]),
        (json!({"n": 7}), json!({"n": 1.5}), vec!["n:less=true", "n:was=7", "n=1.5"]),
        (json!({"n": "7"}), json!({"n": "8"}), vec!["n:was=7", "n=8"]),
        (json!({"n": null}), json!({"n": 3}), vec!["n=3"]),
        (json!({"n": 3}), json!({"n": null}), vec!["n:was=3", "n=null"]),
        (
            json!({"l": ["x", "y", "y"]}),
            json!({"l": ["y", "z"]}),
            vec!["l:added=z", "l:changed=true", "l:removed=x", "l:removed=y", "l=z"],
        ),
        (json!({"l": ["x"]}), json!({"l": null}), vec!["l:changed=true", "l:removed=x"]),
        (
            json!({"t": {"k": "1", "z": "2"}}),
            json!({"t": {"k": "1", "n": "3"}}),
            vec!["t.n=3", "t.z:removed=2", "t:added=n", "t:changed=true", "t:removed=z"],
        ),
        (
            json!({"t": {"a=b": "1"}}),
            json!({"t": {}}),
            vec!["t.a%3db:removed=1", "t:changed=true", "t:removed=a%3db"],
        ),
        // A block that stands once is a list of one.
        (
            json!({"v": [{"enabled": true, "x": 1}]}),
            json!({"v": [{"enabled": false, "x": 1}]}),
            vec!["v.enabled:was=true", "v.enabled=false", "v:changed=true"],
        ),
        (
            json!({"v": [{"enabled": true}]}),
            json!({"v": []}),
            vec!["v.enabled:removed=true", "v:changed=true", "v:removed=member"],
        ),
        (json!({"v": []}), json!({"v": [{"days": 3}]}), vec!["v.days=3", "v:added=member", "v:changed=true"]),
        // Objects are known by their names, and else by their places.
        (
            json!({"c": [{"name": "a", "v": 1}, {"name": "b", "v": 2}]}),
            json!({"c": [{"name": "b", "v": 3}, {"name": "z", "v": 1}]}),
            vec![
                "c.name:removed=a",
                "c.name=z",
                "c.v:removed=1",
                "c.v:was=2",
                "c.v=1",
                "c.v=3",
                "c:added=member",
                "c:changed=true",
                "c:removed=member",
            ],
        ),
        (
            json!({"e": [{"variables": {"A": "1", "B": "2"}}]}),
            json!({"e": [{"variables": {"B": "2"}}]}),
            vec!["e.variables.A:removed=1", "e.variables:removed=A", "e:changed=true"],
        ),
        // Policies are texts.
        (
            json!({"policy": "{\"Statement\":{\"Action\":\"a:Get\",\"Sid\":\"\"}}"}),
            json!({"policy": "{\"Statement\": [{\"Action\": [\"a:Get\", \"*\"], \"Sid\": \"\"}]}"}),
            vec!["policy.Statement.Action:added=*", "policy.Statement.Action=*", "policy:changed=true"],
        ),
        (
            json!({"policy": "{\"a\":1}"}),
            json!({"policy": "{\"a\":1,\"a\":2}"}),
            vec!["policy.a:removed=1", "policy:changed=true", "policy:removed=a", "policy={\"a\":1,\"a\":2}"],
        ),
        (json!({"policy": "{\"a\":1}"}), json!({"policy": "{ \"a\": 1 }"}), vec![]),
    ] {
        assert_eq!(words(&change(&["update"], &before, &after)), expected, "{before} {after}");
    }
}

#[test]
fn members_are_told_one_by_one_with_what_stands_around_them() {
    let after = json!({"vpc": "v", "ingress": [
        {"from_port": 443, "cidr_blocks": ["0.0.0.0/0"]}, {"from_port": 22, "cidr_blocks": ["10.0.0.0/8"]}]});
    let plan = read(&plan(&[change(&["create"], &Value::Null, &after)]));
    let commands = plan.commands();
    let told = |command: &Command| {
        let set = command.fields.set.iter().filter(|field| !field.path.ends_with(":now"));
        set.map(|field| format!("{}={}", field.path, field.value)).collect::<Vec<_>>()
    };
    let told: Vec<Vec<String>> = commands.iter().map(told).collect();
    assert_eq!(
        told,
        [
            vec!["vpc=v"],
            vec!["vpc=v", "ingress.cidr_blocks=0.0.0.0/0", "ingress.from_port=443"],
            vec!["vpc=v", "ingress.cidr_blocks=10.0.0.0/8", "ingress.from_port=22"],
        ]
    );
}

#[test]
fn what_is_sensitive_is_never_told() {
    let secret = "hunter2";
    let before = json!({"p": secret, "flag": true, "n": 22, "env": {"A": secret, "B": secret}, "l": [{"v": secret}], "same": secret});
    let after = json!({"p": format!("{secret}!"), "flag": false, "n": 11, "env": {"B": secret}, "l": [{"v": "hunter2-3"}], "same": secret});
    let marks = json!({"p": true, "flag": true, "n": true, "env": true, "l": [{"v": true}], "same": true});
    let mut changed = change(&["update"], &before, &after);
    changed["change"]["before_sensitive"] = marks.clone();
    changed["change"]["after_sensitive"] = marks.clone();
    let mut gone = change(&["update"], &before, &json!({}));
    gone["change"]["before_sensitive"] = marks.clone();
    let mut made = change(&["create"], &Value::Null, &after);
    made["change"]["after_sensitive"] = marks;
    let plan = read(&plan(&[changed, gone, made]));
    let told = format!("{:?} {:?} {:?}", plan, plan.commands(), plan.lines());
    assert!(!told.contains("hunter") && !told.contains("22"), "{told}");
    let update = plan.changes.first().unwrap();
    for word in [
        "p=(sensitive)",
        "flag=(sensitive)",
        "flag:was=(sensitive)",
        "n:less=true",
        "env:removed=(sensitive)",
    ] {
        assert!(update.fields.iter().any(|one| one == word), "{word}: {:?}", update.fields);
    }
    let unsure = plan.commands().iter().flat_map(|one| one.fields.set.clone()).find(|one| one.path == "flag");
    assert!(unsure.unwrap().unsure, "nobody has looked at it");
}

#[test]
fn values_that_nobody_marked_are_not_shown_either() {
    let before = json!({"s": "hunter2", "l": ["hunter2"], "m": {"K": "hunter2"}, "b": true, "n": 9});
    let after = json!({"s": "hunter3", "l": [], "m": {}, "b": false, "n": 2});
    let lines = read(&plan(&[change(&["update"], &before, &after)])).lines();
    assert_eq!(lines, ["1 to change", "change a_b.c: turns b off, removes from l, removes m.K, lowers n"]);
}

#[test]
fn what_is_unknown_counts_where_it_is_configured() {
    let mut made = change(&["create"], &Value::Null, &json!({"role": "r"}));
    made["address"] = json!("module.m[\"a.b\\\"]\"].a_b.c[0]");
    made["change"]["after_unknown"] =
        json!({"policy": true, "arn": true, "policy_arn": true, "list": [{"x": true}]});
    let mut whole = plan(&[made]);
    let told = |plan: &Value| {
        let mut words = read(plan).changes.first().unwrap().fields.clone();
        words.retain(|word| !word.contains(":now="));
        words
    };
    // Without a configuration, nobody knows whose it is.
    assert_eq!(told(&whole), ["role=r", "arn=$", "policy=$", "policy_arn=$"]);
    whole["configuration"] = json!({"root_module": {"module_calls": {"m": {"module": {"resources": [
        {"address": "a_b.c", "mode": "managed", "type": "a_b", "expressions": {"policy": {"references": ["x.a", "y.b"]},
        "policy_arn": {"references": ["aws_iam_policy.p.arn", "aws_iam_policy.p"]}}}]}}}}});
    assert_eq!(told(&whole), ["role=r", "policy=$", "policy_arn:from=aws_iam_policy.p.arn", "policy_arn=$"]);
}

#[test]
fn each_action_has_its_name() {
    for (actions, expected) in [
        (&["no-op"][..], None),
        (&["read"], None),
        (&["create"], Some("create")),
        (&["update"], Some("update")),
        (&["delete"], Some("delete")),
        (&["delete", "create"], Some("replace")),
        (&["create", "delete"], Some("replace")),
        (&["forget"], Some("forget")),
        (&["create", "forget"], Some("forget")),
    ] {
        let plan = read(&plan(&[change(actions, &json!({"a": 1}), &json!({"a": 2}))]));
        assert_eq!(plan.changes.first().map(|change| change.action), expected, "{actions:?}");
    }
    let mut moved = change(&["no-op"], &Value::Null, &Value::Null);
    moved["previous_address"] = json!("a_b.old");
    let mut imported = change(&["no-op"], &Value::Null, &Value::Null);
    imported["change"]["importing"] = json!({"id": "i-1"});
    let plan = read(&plan(&[moved, imported]));
    assert_eq!(plan.changes.iter().map(|change| change.action).collect::<Vec<_>>(), ["move", "import"]);
    assert_eq!(plan.lines(), ["1 to import, 1 to move"]);
}

#[test]
fn what_nobody_knows_is_an_error() {
    let update = change(&["update"], &json!({"a": 1}), &json!({"a": 2}));
    let odd = [
        json!({"format_version": "2.0", "resource_changes": []}),
        json!({"format_version": "10", "resource_changes": []}),
        json!({"resource_changes": []}),
        json!({"format_version": "1.2", "resource_changes": null}),
        json!({"format_version": "1.2", "resource_changes": {}}),
        plan(&[change(&["obliterate"], &Value::Null, &Value::Null)]),
        plan(&[change(&["create", "update"], &Value::Null, &Value::Null)]),
        plan(&[change(&[], &Value::Null, &Value::Null)]),
        plan(&[json!({"address": "a.b", "change": {"actions": ["delete"]}})]),
        plan(&[json!([]), update.clone()]),
    ];
    for text in odd {
        assert!(Plan::read(text.to_string().as_bytes()).is_err(), "{text}");
    }
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let of = |text: &str| text.replace("\"DEEP\"", &deep);
    let deep_update = plan(&[change(&["update"], &json!({"a": "DEEP"}), &json!({"a": 1}))]).to_string();
    assert!(matches!(Plan::read(of(&deep_update).as_bytes()), Err(PlanError::Form(_))));
    // What is not looked at may be as deep as it likes.
    let deep_delete = plan(&[change(&["delete"], &json!({"a": "DEEP"}), &Value::Null)]).to_string();
    assert_eq!(Plan::read(of(&deep_delete).as_bytes()).unwrap().changes.len(), 1);
    let twice = plan(&[update]).to_string().replace("\"actions\":", "\"actions\":[\"no-op\"],\"actions\":");
    assert!(Plan::read(twice.as_bytes()).is_err());
    let long = json!({"k".repeat(2000): {"a": 1}});
    assert!(
        read(&plan(&[change(&["create"], &Value::Null, &long)]))
            .commands()
            .iter()
            .any(|one| one.fields.unread)
    );
}

#[test]
fn what_it_does_beside_is_told() {
    let mut gone = change(&["delete"], &json!({}), &Value::Null);
    gone["address"] = json!("module.m[0].a_b.c[\"x\"]");
    gone["action_reason"] = json!("delete_because_no_resource_config");
    let mut replaced = change(&["delete", "create"], &json!({"ami": "a"}), &json!({"ami": "b"}));
    replaced["action_reason"] = json!("replace_because_cannot_update");
    replaced["change"]["replace_paths"] = json!([["ami"]]);
    let mut stays = change(&["no-op"], &json!({}), &json!({}));
    stays["address"] = json!("a_b.quiet");
    let mut whole = plan(&[gone, replaced, stays]);
    whole["configuration"] = json!({"root_module": {
        "resources": [
            {"address": "a_b.quiet", "mode": "managed", "type": "a_b", "provisioners": [{"type": "local-exec"}]},
            {"address": "a_b.c", "mode": "managed", "type": "a_b", "provisioners": [{"type": "remote-exec"}, {"type": "remote-exec"}]}],
        "module_calls": {"m": {"module": {"resources": [
            {"address": "a_b.c", "mode": "managed", "type": "a_b", "provisioners": [{"type": "local-exec"}]},
            {"address": "data.aws_lambda_invocation.l", "mode": "data", "type": "aws_lambda_invocation"},
            {"address": "data.http.get", "mode": "data", "type": "http", "expressions": {"url": {"constant_value": "https://x"}}},
            {"address": "data.http.head", "mode": "data", "type": "http", "expressions": {"method": {"constant_value": "HEAD"}}},
            {"address": "data.http.post", "mode": "data", "type": "http", "expressions": {"method": {"constant_value": "POST"}}},
            {"address": "data.http.var", "mode": "data", "type": "http", "expressions": {"method": {"references": ["var.m"]}}},
            {"address": "data.aws_lambda_function.l", "mode": "data", "type": "aws_lambda_function"},
            {"address": "data.external.e", "mode": "data", "type": "external"}]}}}}});
    whole["prior_state"] = json!({"values": {"root_module": {
        "resources": [{"address": "a_b.c", "mode": "managed", "type": "a_b"}, {"address": "data.external.f", "mode": "data", "type": "external"}],
        "child_modules": [{"resources": [{"address": "x", "mode": "managed"}, {"address": "y", "mode": "managed"}]}]}}});
    whole["output_changes"] =
        json!({"url": {"actions": ["update"], "before": 1}, "same": {"actions": ["no-op"]}});
    whole["action_invocations"] = json!([{"address": "action.x.y", "type": "x"}]);
    whole["deferred_changes"] = json!([{}]);
    whole["errored"] = json!(true);
    let plan = read(&whole);
    let beside = plan
        .beside
        .iter()
        .map(|one| format!("{} {} {} {}", one.action, one.kind, one.address, one.fields.join(" ")));
    assert_eq!(
        beside.collect::<Vec<_>>(),
        [
            "share destroyed 2 deleted=2 of=3 percent=66 removed=33",
            "provision local-exec module.m[0].a_b.c[\"x\"] ",
            "provision remote-exec a_b.c ",
            "external external data.external.f ",
            "external aws_lambda_invocation module.m.data.aws_lambda_invocation.l ",
            "external external module.m.data.external.e ",
            "external http module.m.data.http.post ",
            "external http module.m.data.http.var ",
            "invoke x action.x.y ",
            "output output url ",
        ]
    );
    assert_eq!(
        plan.lines(),
        [
            "1 to destroy, 1 to replace",
            "making the plan failed, it is not all that was meant",
            "1 changes are put off to a later plan",
            "2 of the 3 objects in the state are deleted or replaced",
            "destroy module.m[0].a_b.c[\"x\"]: it is not in the configuration any more",
            "replace a_b.c: ami cannot be changed in its place",
            "run local-exec with module.m[0].a_b.c[\"x\"]",
            "run remote-exec with a_b.c",
            "run the program of data.external.f",
            "run aws_lambda_invocation to read module.m.data.aws_lambda_invocation.l",
            "run the program of module.m.data.external.e",
            "run http to read module.m.data.http.post",
            "run http to read module.m.data.http.var",
            "invoke action.x.y (x)",
        ]
    );
}

#[test]
fn what_is_lost_has_what_it_was() {
    let before = json!({"a": 1, "l": ["x", {"b": true}], "t": {"k=": "v"}, "p": "hunter2", "n": null});
    for (actions, after) in
        [(&["delete"][..], Value::Null), (&["forget"], Value::Null), (&["delete", "create"], before.clone())]
    {
        let mut lost = change(actions, &before, &after);
        lost["change"]["before_sensitive"] = json!({"p": true});
        let plan = read(&plan(&[lost]));
        let commands = plan.commands();
        let fields = &commands.first().unwrap().fields;
        let was = fields.set.iter().filter(|field| field.path.ends_with(":was"));
        let was: Vec<String> = was.map(|field| format!("{}={}", field.path, field.value)).collect();
        let expected = ["a:was=1", "l:was=x", "l.b:was=true", "p:was=(sensitive)", "t.k%3d:was=v"];
        assert_eq!(was, expected, "{actions:?}");
        assert!(!fields.unread && !format!("{plan:?}").contains("hunter"));
    }
    // What is too much to be told may be anything.
    let many: serde_json::Map<String, Value> =
        (0..20_000).map(|at| (format!("{}{at}", "k".repeat(90)), json!({"v": at}))).collect();
    let text = plan(&[change(&["delete"], &json!({"deep": many}), &Value::Null)]);
    let deep = text.to_string().replace(":0}", &format!(":{}1{}}}", "[".repeat(200), "]".repeat(200)));
    for (text, is_unread) in [(text.to_string(), false), (deep, true)] {
        let commands = Plan::read(text.as_bytes()).unwrap().commands();
        assert_eq!(commands.first().unwrap().fields.unread, is_unread);
    }
}

#[test]
fn what_is_found_gone_is_told() {
    let mut gone = change(&["delete"], &json!({"a": 1}), &Value::Null);
    gone["address"] = json!("a_b.gone");
    let other = change(&["update"], &json!({"a": 1}), &json!({"a": 2}));
    let mut whole = plan(&[]);
    whole["resource_drift"] = json!([gone, other]);
    whole["prior_state"] = json!({"values": {"root_module": {"resources": [
        {"address": "a_b.c", "mode": "managed", "type": "a_b"}]}}});
    let told = |plan: &Plan| {
        let told = plan.changes.iter().chain(&plan.beside);
        told.map(|one| format!("{} {} {}", one.action, one.address, one.fields.join(" "))).collect::<Vec<_>>()
    };
    let plan_of = read(&whole);
    assert_eq!(told(&plan_of), ["drift a_b.gone ", "record a_b.c ", "share 1 lost=1 of=2 percent=50"]);
    assert_eq!(
        plan_of.lines(),
        [
            "1 reported as gone, 1 to write into the state as it is found",
            "1 of the 2 objects in the state are reported as gone, and dropped from it",
            "drop from the state a_b.gone",
        ]
    );
    // What is changed anyway is told as that.
    whole["resource_changes"] = json!([change(&["update"], &json!({"a": 2}), &json!({"a": 1}))]);
    assert_eq!(
        told(&read(&whole)),
        ["update a_b.c a=1 a:was=2 a:now=1 a:less=true", "drift a_b.gone ", "share 1 lost=1 of=2 percent=50"]
    );
    whole["resource_drift"] = json!([{"address": "a_b.c"}]);
    assert!(Plan::read(whole.to_string().as_bytes()).is_err());
}

#[test]
fn much_is_bounded() {
    let lots: Vec<Value> = (0..3000).map(|_| change(&["delete"], &json!({}), &Value::Null)).collect();
    let lines = read(&plan(&lots)).lines();
    assert_eq!((lines.len(), lines.last().map(String::as_str)), (1002, Some("and 2000 more")));
    // Members repeat what stands around them.
    let wide: serde_json::Map<String, Value> =
        (0..2000).map(|at| (format!("k{at}"), json!("v".repeat(100)))).collect();
    let mut wide = Value::Object(wide);
    wide["l"] = (0..20_000).map(|at| json!({"name": at})).collect();
    let text = plan(&[change(&["create"], &Value::Null, &wide)]).to_string();
    let plan = Plan::read(text.as_bytes()).unwrap();
    let [command] = plan.commands().try_into().unwrap();
    assert!(command.fields.unread && plan.changes.iter().all(|change| change.members.is_empty()));
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-c\\[\\]{}\":=$. é]{0,8}".prop_map(Value::from),
        Just(json!("{\"Statement\":[{\"Action\":\"*\"}]}")),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-c=.:\"\\[]{0,3}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn reading_never_panics(text in any::<Vec<u8>>()) {
        let read = Plan::read(&text);
        prop_assert!(read.is_err());
    }

    #[test]
    fn any_values_can_be_compared(
        before in any_value(), after in any_value(), unknown in any_value(), was in any_value(), is in any_value(),
    ) {
        let mut changed = change(&["update"], &before, &after);
        changed["change"]["after_unknown"] = unknown;
        changed["change"]["before_sensitive"] = was;
        changed["change"]["after_sensitive"] = is;
        let plan = read(&plan(&[changed]));
        prop_assert_eq!(plan.changes.len(), 1);
        prop_assert!(!plan.commands().is_empty() && !plan.lines().is_empty());
    }

    /// A secret in any place is told nowhere.
    #[test]
    fn marked_values_are_told_nowhere(before in any_value(), after in any_value()) {
        let secret = |value: &Value| json!({"deep": [{"s": format!("hunter2{value}")}], "whole": {"hunter2": value}});
        let mut changed = change(&["update"], &secret(&before), &secret(&after));
        let marks = json!({"deep": [{"s": true}], "whole": true});
        changed["change"]["before_sensitive"] = marks.clone();
        changed["change"]["after_sensitive"] = marks;
        let plan = read(&plan(&[changed]));
        let told = format!("{:?}{:?}", plan.lines(), plan.commands());
        prop_assert!(!told.contains("hunter2"), "{}", told);
    }
}
