//! What the shipped rules say of changes as real providers' plans have them: those that
//! take away or open, and everyday ones that must pass.

/// An everyday policy, as a string in JSON.
macro_rules! narrow {
    () => {
        r#""{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\"],\"Resource\":\"arn:aws:s3:::app/*\"},{\"Effect\":\"Allow\",\"Action\":\"logs:*\",\"Resource\":\"*\"}]}""#
    };
}

mod beside;
mod cut;
mod everyday;
mod lost;
mod made;
mod opened;
mod unguarded;

use serde_json::{Value, json};

use crate::context::target::Target;
use crate::invocation::plan::{Plan, Source, VERSIONS};
use crate::process::Environment;
use crate::rules::book::Rulebook;
use crate::rules::builtin;
use crate::rules::environment::classify;
use crate::rules::judge::{Judgement, judge_changes};
use crate::rules::matching::Situation;
use crate::verdict::{Decision, PrincipalKind, Risk};

fn judged(book: &Rulebook, plan: &Value) -> Judgement {
    judged_by(book, &Plan::read(plan.to_string().as_bytes()).unwrap())
}

/// What an agent's apply of `plan` is answered in an ordinary place.
pub(super) fn judged_by(book: &Rulebook, plan: &Plan) -> Judgement {
    judged_with(book, plan, &["apply"])
}

fn judged_with(book: &Rulebook, plan: &Plan, words: &[&str]) -> Judgement {
    let changes = plan.commands();
    let words: Vec<std::ffi::OsString> = words.iter().map(Into::into).collect();
    let mut apply = crate::command::parse("terraform", &words, &Environment::default()).unwrap();
    apply.planned = true;
    let target = Target::default();
    let place = classify(book, &target, PrincipalKind::Agent);
    let situation = Situation { principal: PrincipalKind::Agent, target: &target, place: &place };
    judge_changes(book, &apply, &changes, &Environment::default(), situation, "2026-06-15")
}

/// A plan of one change of a type, or with `replace ` before the type one that replaces: from `before` to `after`, either of which may be `null`. A value
/// `"$"` in `after` is known after the apply.
fn plan(kind: &str, before: &str, after: &str) -> Value {
    let before: Value = serde_json::from_str(before).unwrap_or_else(|error| panic!("{before}: {error}"));
    let mut after: Value = serde_json::from_str(after).unwrap_or_else(|error| panic!("{after}: {error}"));
    let (replaces, kind) =
        kind.strip_prefix("replace ").map_or((&["update"][..], kind), |kind| (&["delete", "create"], kind));
    let actions = match (before.is_null(), after.is_null()) {
        (true, _) => &["create"],
        (_, true) => &["delete"],
        _ => replaces,
    };
    let unknown: Vec<String> = after
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, value)| *value == "$")
        .map(|(key, _)| key.clone())
        .collect();
    let mut marks = serde_json::Map::new();
    for key in unknown {
        after.as_object_mut().unwrap().remove(&key);
        marks.insert(key, json!(true));
    }
    let mut set = marks.clone();
    // What the provider computes is known after the apply as well, and nobody configured it.
    marks.insert("arn".to_owned(), json!(true));
    if after.get("acl").is_none() {
        marks.insert("acl".to_owned(), json!(true));
    }
    set.retain(|_, mark| {
        *mark = json!({"references": ["aws_iam_policy.app.arn", "aws_iam_policy.app"]});
        true
    });
    json!({"format_version": "1.2", "resource_changes": [{
        "address": format!("{kind}.x"), "mode": "managed", "type": kind, "name": "x",
        "change": {"actions": actions, "before": before, "after": after, "after_unknown": marks,
            "before_sensitive": {}, "after_sensitive": {}}}],
        "prior_state": {"values": {"root_module": {"resources": [
            {"address": "a.a", "mode": "managed"}, {"address": "a.b", "mode": "managed"}]}}},
        "configuration": {"root_module": {"resources": [
            {"address": format!("{kind}.x"), "mode": "managed", "type": kind, "expressions": set}]}}})
}
/// A type, its values before and after: a change that passes.
type Passes = (&'static str, &'static str, &'static str);

/// The same of a change that is stopped, and the rule that has to be among those that stop it.
type Stopped = (&'static str, &'static str, &'static str, &'static str);

#[test]
fn everyday_changes_pass() {
    let book = Rulebook { layers: vec![builtin::layer(&[]).unwrap()] };
    for (kind, before, after) in everyday::TABLES.into_iter().flatten() {
        let judgement = judged(&book, &plan(kind, before, after));
        let leading = judgement.leading();
        assert_eq!(judgement.decision, Decision::Allow, "{kind} {before} -> {after}: {leading:?}");
    }
}

#[test]
fn what_takes_away_is_stopped() {
    let book = Rulebook { layers: vec![builtin::layer(&[]).unwrap()] };
    let tables = [cut::ROWS, lost::ROWS, opened::ROWS, unguarded::ROWS];
    for (kind, before, after, rule) in tables.into_iter().flatten() {
        let judgement = judged(&book, &plan(kind, before, after));
        let id = format!("plan/{rule}");
        let said: Vec<&str> = judgement.contributions.iter().map(|one| one.rule.as_str()).collect();
        assert!(said.contains(&&*id), "{kind} {before} -> {after}: {rule} is not among {said:?}");
        assert!(judgement.decision >= Decision::Confirm, "{kind} {before} -> {after}");
    }
}

/// A plan in which so many of so many objects are reported as gone, and something is made.
fn drifted(gone: usize, of: usize) -> Value {
    let object = |at: usize| json!({"address": format!("aws_instance.x[{at}]"), "mode": "managed"});
    let drift = |at: usize| {
        json!({"address": format!("aws_instance.x[{at}]"), "mode": "managed", "type": "aws_instance",
            "change": {"actions": ["delete"], "before": {"ami": "a"}, "after": null}})
    };
    let mut plan = plan("aws_sns_topic", "null", r#"{"name":"t"}"#);
    plan["resource_drift"] = (0..gone).map(drift).collect();
    plan["prior_state"]["values"]["root_module"]["resources"] = (gone..of).map(object).collect();
    plan
}

#[test]
fn a_state_that_loses_most_is_stopped() {
    let book = Rulebook { layers: vec![builtin::layer(&[]).unwrap()] };
    for (gone, of, stops) in
        [(1, 1, true), (3, 3, true), (4, 8, true), (8, 10, true), (1, 2, false), (1, 9, false), (4, 9, false)]
    {
        let judgement = judged(&book, &drifted(gone, of));
        let expected = if stops { Decision::Confirm } else { Decision::Allow };
        assert_eq!(judgement.decision, expected, "{gone} of {of}: {:?}", judgement.leading());
    }
}

/// What is made anew with every change is none of what a plan destroys.
#[test]
fn the_next_version_is_no_loss() {
    let book = Rulebook { layers: vec![builtin::layer(&[]).unwrap()] };
    for kind in VERSIONS {
        let mut all = plan(&format!("replace {kind}"), r#"{"a":1}"#, r#"{"a":2}"#);
        let one = all["resource_changes"][0].clone();
        all["resource_changes"] = std::iter::repeat_n(one, 9).collect();
        assert_eq!(judged(&book, &all).decision, Decision::Allow, "{kind}");
    }
}

#[test]
fn without_its_lock_an_apply_destroys_what_its_plan_says() {
    let book = Rulebook { layers: vec![builtin::layer(&[]).unwrap()] };
    for (plan, risk) in [
        (plan("aws_sqs_queue", "null", r#"{"name":"x"}"#), Risk::High),
        (plan("aws_db_instance", r#"{"identifier":"x"}"#, "null"), Risk::Critical),
    ] {
        let plan = Plan::read(plan.to_string().as_bytes()).unwrap();
        let found = judged_with(&book, &plan, &["apply", "-lock=false"]);
        assert!(
            found.contributions.iter().any(|one| one.rule == "terraform/write-without-lock"),
            "{found:?}"
        );
        assert_eq!((found.decision > Decision::Allow, found.risk), (true, risk), "{found:?}");
    }
}

/// What the JSON leaves out of a block that is not known, the configuration's own text tells.
#[test]
fn a_block_that_is_not_known_may_be_written_all_the_same() {
    let book = Rulebook { layers: vec![builtin::layer(&[]).unwrap()] };
    let mut plan = plan("aws_security_group", "null", r#"{"name":"x","ingress":"$"}"#);
    plan["configuration"]["root_module"]["resources"][0]["expressions"] = json!({"name": {}});
    let text = plan.to_string();
    let block = |inner: &str| format!("resource \"aws_security_group\" \"x\" {{\n{inner}\n}}\n");
    let dynamic = "dynamic \"ingress\" {\n for_each = a.b.c\n content {}\n}";
    let json = r#"{"resource": {"aws_security_group": {"x": {"dynamic": {"ingress": {}}}}}}"#;
    for (name, written, stops) in [
        ("main.tf", block("name = \"ingress\""), false),
        ("main.tf", block("dynamic \"egress\" {\n for_each = a.b\n}"), false),
        ("main.tf", block(dynamic), true),
        ("main.tf", block("ingress = [for a in b.c.d : {}]"), true),
        ("main.tf", block("ingress {\n}"), true),
        ("main.tf", format!("{}{}", block(""), block("")), false),
        ("main.tf.json", json.to_owned(), true),
        ("main.tf.json", json.replace("ingress", "\\u0069ngress"), true),
        ("main.tf.json", json.replace("ingress", "egress"), false),
    ] {
        let source = Source { module: String::new(), name: name.to_owned(), text: written.clone() };
        let read = Plan::read_with(text.as_bytes(), &|| Ok(vec![source.clone()])).unwrap();
        let expected = if stops { Decision::Confirm } else { Decision::Allow };
        assert_eq!(judged_by(&book, &read).decision, expected, "{name} {written}");
    }
    let read = Plan::read_with(text.as_bytes(), &|| Err("it is broken".to_owned())).unwrap();
    assert_eq!(judged_by(&book, &read).decision, Decision::Confirm);
    assert_eq!(judged(&book, &plan).decision, Decision::Allow);
}

/// One change that is too large leaves the others what they are, and is taken for what it may be.
#[test]
fn what_is_too_large_hides_nothing_beside_it() {
    let book = Rulebook { layers: vec![builtin::layer(&[]).unwrap()] };
    let many: Vec<Value> = (0..2000).map(|at| json!({"a": at, "b": [{"c": at}]})).collect();
    let long = format!(r#"{{"d":"{}","e":{}}}"#, "x".repeat(60_000), Value::from(many));
    let mut large = plan("acme_thing", "null", &long);
    let read = Plan::read(large.to_string().as_bytes()).unwrap();
    assert!(judged_by(&book, &read).decision >= Decision::Confirm);
    let gone = plan("aws_db_instance", r#"{"a":1}"#, "null")["resource_changes"][0].clone();
    large["resource_changes"].as_array_mut().unwrap().push(gone);
    let judgement = judged(&book, &large);
    assert_eq!(judgement.decision, Decision::Peer, "{:?}", judgement.leading());
    assert!(judgement.contributions.iter().any(|one| one.rule == "plan/delete-data"));
}
