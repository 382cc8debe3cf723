//! What the shipped rules say of policies that refer to resources of the same plan: what the
//! configuration tells of them is judged as if it were known, and everything else is asked about.

use serde_json::{Value, json};

use super::plan_tests::judged_by;
use crate::invocation::plan::{Plan, Source};
use crate::rules::book::Rulebook;
use crate::rules::builtin;
use crate::rules::judge::Judgement;
use crate::verdict::Decision;

/// What every module here has beside what is judged.
const AROUND: &str = r#"
resource "aws_s3_bucket" "b" { bucket = "b" }
resource "aws_iam_role" "r" { name = "r" }
resource "aws_sns_topic" "t" {}
resource "aws_kms_grant" "set" { arn = var.x }
data "aws_caller_identity" "me" {}
"#;

fn configured(address: &str, set: &[&str]) -> Value {
    let set: serde_json::Map<String, Value> =
        set.iter().map(|name| ((*name).to_owned(), json!({"references": ["x.y"]}))).collect();
    json!({"address": address, "mode": "managed", "expressions": set})
}

/// A plan that makes a `kind` whose `attribute` is known after the apply, in the module `m` of
/// which `text` is the configuration. `data` is what is known of the document `d`.
fn plan([kind, attribute]: [&str; 2], files: &[(&str, String)], data: Option<&(Value, Value)>) -> Plan {
    let address = format!("{kind}.x[\"k.1\"]");
    let unknown = json!({attribute: true, "id": true});
    let made = json!({"address": format!("module.m[0].{address}"), "mode": "managed", "type": kind,
        "change": {"actions": ["create"], "before": null, "after": {"name": "n"}, "after_unknown": unknown,
            "before_sensitive": false, "after_sensitive": {}}});
    let mut changes = vec![made];
    for index in ["", "[\"k.1\"]"] {
        let Some((after, unknown)) = data else { break };
        changes.push(json!({"address": format!("module.m[0].data.aws_iam_policy_document.d{index}"),
            "mode": "data", "type": "aws_iam_policy_document", "change": {"actions": ["read"],
            "before": null, "after": after, "after_unknown": unknown, "after_sensitive": {}}}));
    }
    let resources = json!([
        configured(&format!("{kind}.x"), &["name", attribute]),
        configured("aws_s3_bucket.b", &["bucket"]),
        configured("aws_iam_role.r", &["name"]),
        configured("aws_sns_topic.t", &[]),
        configured("aws_kms_grant.set", &["arn"])
    ]);
    let shown = json!({"format_version": "1.2", "resource_changes": changes,
        "configuration": {"root_module": {"module_calls": {"m": {"module": {"resources": resources}}}}}});
    let around = ("around.tf", AROUND.to_owned());
    let source = |(name, text): &(&str, String)| Source {
        module: "module.m.".to_owned(),
        name: (*name).to_owned(),
        text: text.clone(),
    };
    let sources: Vec<Source> = files.iter().chain([&around]).map(source).collect();
    Plan::read_with(shown.to_string().as_bytes(), &|| Ok(sources.clone())).unwrap()
}

fn resource(kind: &str, attribute: &str, value: &str) -> (&'static str, String) {
    (
        "main.tf",
        format!(
            "resource \"{kind}\" \"x\" {{\n  for_each = toset([\"k.1\"])\n  name = \"n\"\n  {attribute} = {value}\n}}\n"
        ),
    )
}

fn book() -> Rulebook {
    Rulebook { layers: vec![builtin::layer(&[]).unwrap()] }
}

#[track_caller]
fn said(judgement: &Judgement, rule: &str, what: &str) {
    let said: Vec<&str> = judgement.contributions.iter().map(|one| one.rule.as_str()).collect();
    if rule.is_empty() {
        assert_eq!(judgement.decision, Decision::Allow, "{what}: {said:?}");
    } else {
        assert!(judgement.decision >= Decision::Confirm, "{what}: {said:?}");
        assert!(said.contains(&&*format!("plan/{rule}")), "{what}: {rule} is not among {said:?}");
    }
}

const UNKNOWN: &str = "grant-unknown";

/// The first rows are everyday ones.
#[test]
fn what_the_configuration_tells_is_judged() {
    let book = book();
    let role = ["aws_iam_role_policy", "policy"];
    let trust = ["aws_iam_role", "assume_role_policy"];
    let queue = ["aws_sqs_queue_policy", "policy"];
    let allow = |rest: &str| {
        format!("jsonencode({{ Version = \"2012-10-17\", Statement = [{{ Effect = \"Allow\", {rest} }}] }})")
    };
    let read = "Action = [\"s3:GetObject\", \"s3:ListBucket\"]";
    for (at, value, rule) in [
        (role, allow(&format!("{read}, Resource = aws_s3_bucket.b.arn")), ""),
        (role, allow(&format!("{read}, Resource = [aws_s3_bucket.b.arn, \"${{aws_s3_bucket.b.arn}}/*\"]")), ""),
        (role, allow(&format!("{read}, Resource = \"arn:aws:s3:::${{var.name}}/*\"")), ""),
        (role, allow(&format!("{read}, Resource = local.names")), ""),
        (role, allow(&format!("Sid = var.sid, {read}, Resource = aws_s3_bucket.b[each.key].arn")), ""),
        (role, allow("Action = \"iam:PassRole\", Resource = aws_iam_role.r.arn"), ""),
        (role, allow("\"Action\" : \"*\", Resource = \"${aws_s3_bucket.b.arn}/*\""), ""),
        (role, allow(&format!("{read}, Resource = aws_s3_bucket.b.arn, Condition = {{ StringEquals = {{ \"aws:SourceVpce\" = var.x }} }}")), ""),
        (role, "<<-EOF\n  {\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"s3:GetObject\", \"Resource\": \"${aws_s3_bucket.b.arn}/*\"}]}\n  EOF".to_owned(), ""),
        (role, "(jsonencode({ Statement = { Effect = \"Deny\", Action = \"*\", Resource = aws_s3_bucket.b.arn } }))".to_owned(), ""),
        (trust, allow("Action = \"sts:AssumeRole\", Principal = { AWS = aws_iam_role.r.arn }"), ""),
        (trust, allow("Action = \"sts:AssumeRole\", Principal = { AWS = \"arn:aws:iam::${data.aws_caller_identity.me.account_id}:root\" }"), ""),
        (queue, allow("Action = \"sqs:SendMessage\", Principal = \"*\", Resource = var.q, Condition = { ArnEquals = { \"aws:SourceArn\" = aws_sns_topic.t.arn } }"), ""),
        (queue, allow("Action = \"sqs:SendMessage\", Principal = { Service = \"sns.amazonaws.com\" }, Resource = var.q"), ""),
        // Told, and too much.
        (role, allow("Action = \"*\", Resource = \"*\", Condition = { StringEquals = { x = aws_s3_bucket.b.arn } }"), "grant-all"),
        (role, allow("Action = \"*\", Resource = [aws_s3_bucket.b.arn, \"*\"]"), "grant-all"),
        (role, allow("Action = \"*\", Resource = var.resource"), "grant-all"),
        (role, allow("Action = \"*\", Resource = aws_kms_grant.set.arn"), "grant-all"),
        (role, allow("Action = \"*\", Resource = aws_none.b.arn"), "grant-all"),
        (role, allow("Action = \"*\", Resource = aws_s3_bucket.b.bucket"), "grant-all"),
        (role, allow("Action = \"*\", Resource = aws_s3_bucket.b[*].arn"), "grant-all"),
        (role, allow("Action = \"*\", Resource = replace(aws_s3_bucket.b.arn, \"a\", \"*\")"), "grant-all"),
        (role, allow("Action = \"*\", Resource = true ? \"*\" : aws_s3_bucket.b.arn"), "grant-all"),
        (role, allow("Action = \"iam:PassRole\", Resource = var.role"), "grant-all"),
        (role, allow("NotAction = \"iam:*\", Resource = aws_s3_bucket.b.arn"), "grant-all"),
        (queue, allow("Action = \"sqs:*\", Principal = \"*\", Resource = aws_s3_bucket.b.arn"), "trust-all"),
        (queue, allow("Action = \"sqs:*\", Principal = \"*\", Resource = var.q, Condition = { ArnEquals = { \"aws:SourceArn\" = var.arn } }"), "trust-all"),
        // Not told: who may do what is not known.
        (role, allow("Action = var.actions, Resource = aws_s3_bucket.b.arn"), UNKNOWN),
        (role, allow("Action = [\"s3:GetObject\", local.more], Resource = aws_s3_bucket.b.arn"), UNKNOWN),
        (role, allow("Action = \"s3:${var.what}\", Resource = aws_s3_bucket.b.arn"), UNKNOWN),
        (role, allow(&format!("{read}, NotResource = var.x")), UNKNOWN),
        (role, allow(&format!("{read}, Resource = aws_s3_bucket.b.arn, (var.key) = \"x\"")), UNKNOWN),
        (role, allow("Resource = aws_s3_bucket.b.arn"), UNKNOWN),
        (role, format!("jsonencode({{ Statement = [{{ Effect = var.e, {read}, Resource = aws_s3_bucket.b.arn }}] }})"), UNKNOWN),
        (role, "jsonencode({ Statement = var.statements })".to_owned(), UNKNOWN),
        (role, "jsonencode({ Statement = [] })".to_owned(), UNKNOWN),
        (role, "jsonencode(var.policy)".to_owned(), UNKNOWN),
        (role, "jsonencode({ Statement = [for a in var.all : { Effect = \"Allow\" }] })".to_owned(), UNKNOWN),
        (role, "jsonencode({ Statement = [], Statement = [] })".to_owned(), UNKNOWN),
        (role, format!("provider::x::{}", allow(&format!("{read}, Resource = aws_s3_bucket.b.arn"))), UNKNOWN),
        (role, format!("templatefile(\"x\", {{ a = {} }})", allow(read)), UNKNOWN),
        (role, "var.policy".to_owned(), UNKNOWN),
        (role, "<<EOF\n{\"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"${var.a}\", \"Resource\": \"${aws_s3_bucket.b.arn}\"}]}\nEOF".to_owned(), UNKNOWN),
        (role, "<<EOF\n{\"Statement\": [%{ if var.x }{\"Effect\": \"Allow\"}%{ endif }]}\nEOF".to_owned(), UNKNOWN),
        (queue, allow("Action = \"sqs:SendMessage\", Principal = { AWS = var.who }, Resource = var.q"), UNKNOWN),
        (trust, allow("Action = \"sts:AssumeRole\", Principal = { AWS = aws_kms_grant.set.arn }"), UNKNOWN),
    ] {
        let judgement = judged_by(&book, &plan(at, &[resource(at[0], at[1], &value)], None));
        said(&judgement, rule, &value);
    }
}

/// Another file may change what one says, or be read in its place.
#[test]
fn what_others_may_change_is_not_told() {
    let book = book();
    let at = ["aws_iam_role_policy", "policy"];
    let good = "jsonencode({ Statement = [{ Effect = \"Allow\", Action = \"s3:GetObject\", Resource = aws_s3_bucket.b.arn }] })";
    let own = resource(at[0], at[1], good);
    said(&judged_by(&book, &plan(at, std::slice::from_ref(&own), None)), "", "alone");
    for (name, text) in [
        ("main_override.tf", "resource \"aws_iam_role_policy\" \"x\" {\n policy = var.x\n}"),
        ("main.tf.json", "{}"),
        ("main.tofu", ""),
        ("broken.tf", "resource {"),
    ] {
        let plan = plan(at, &[own.clone(), (name, text.to_owned())], None);
        said(&judged_by(&book, &plan), UNKNOWN, name);
    }
    let plan = Plan::read_with(
        json!({"format_version": "1.2", "resource_changes": [{"address": "aws_iam_policy.x", "mode": "managed", "type": "aws_iam_policy",
            "change": {"actions": ["create"], "before": null, "after": {}, "after_unknown": {"policy": true}}}],
            "configuration": {"root_module": {"resources": [configured("aws_iam_policy.x", &["policy"])]}}})
        .to_string()
        .as_bytes(),
        &|| Err("it cannot be read".to_owned()),
    );
    said(&judged_by(&book, &plan.unwrap()), UNKNOWN, "no configuration");
}

#[test]
fn documents_that_are_read_later_are_told() {
    let book = book();
    let at = ["aws_iam_role_policy", "policy"];
    let statement = |one: Value, unknown: Value| {
        (
            json!({"statement": [one], "source_policy_documents": null}),
            json!({"id": true, "json": true, "statement": [unknown]}),
        )
    };
    let bucket = || {
        statement(
            json!({"effect": null, "actions": ["s3:GetObject"], "not_actions": null, "resources": [null], "principals": [], "condition": []}),
            json!({"actions": [false], "resources": [true], "principals": [], "condition": []}),
        )
    };
    let with = |pointer: &str, value: Value| {
        let (mut known, unknown) = bucket();
        known.pointer_mut("/statement/0").unwrap()[pointer] = value;
        (known, unknown)
    };
    let without = |pointer: &str, mark: Value| {
        let (known, mut unknown) = bucket();
        unknown.pointer_mut("/statement/0").unwrap()[pointer] = mark;
        (known, unknown)
    };
    let whole = |name: &str, value: Value| {
        let (mut known, unknown) = bucket();
        known[name] = value;
        (known, unknown)
    };
    let later = |name: &str| {
        let (known, mut unknown) = bucket();
        unknown[name] = json!(true);
        (known, unknown)
    };
    let pass_role = "statement {\n actions = [\"iam:PassRole\"]\n resources = [aws_iam_role.r.arn]\n }";
    let trust = "statement {\n principals {\n type = \"AWS\"\n identifiers = [aws_iam_role.r.arn]\n }\n }";
    let one = "data.aws_iam_policy_document.d.json";
    for (reference, data, written, rule) in [
        (one, bucket(), "", ""),
        ("data.aws_iam_policy_document.d[each.key].minified_json", bucket(), "", ""),
        ("data.aws_iam_policy_document.d[\"k.1\"].json", bucket(), "", ""),
        (one, with("actions", json!(["iam:PassRole"])), pass_role, ""),
        (one, without("principals", json!([{"identifiers": [true]}])), trust, ""),
        (one, with("actions", json!(["*"])), pass_role, ""),
        (
            one,
            without("condition", json!(true)),
            "statement {\n condition {\n test = \"StringEquals\"\n variable = \"x\"\n values = [var.x]\n }\n }",
            "",
        ),
        // Told, and too much.
        (one, with("actions", json!(["*"])), "", "grant-all"),
        (one, with("actions", json!(["iam:PassRole"])), "", "grant-all"),
        (one, with("actions", json!(["*"])), "statement {\n resources = [var.x]\n }", "grant-all"),
        (
            one,
            with("actions", json!(["*"])),
            "statement {\n resources = [aws_iam_role.r.arn]\n }\n dynamic \"statement\" {}",
            "grant-all",
        ),
        (one, with("not_actions", json!(["iam:*"])), "", "grant-all"),
        (one, with("principals", json!([{"type": "*", "identifiers": ["*"]}])), "", "trust-all"),
        (one, with("principals", json!([{"type": "AWS", "identifiers": ["a", "*"]}])), "", "trust-all"),
        // Not told.
        (one, without("principals", json!(true)), "", UNKNOWN),
        (
            one,
            without("principals", json!(true)),
            "statement {\n principals {\n type = \"AWS\"\n identifiers = [var.x]\n }\n }",
            UNKNOWN,
        ),
        (one, without("actions", json!([false, true])), "", UNKNOWN),
        (one, without("effect", json!(true)), "", UNKNOWN),
        (one, without("not_resources", json!([true])), "", UNKNOWN),
        (one, whole("source_policy_documents", json!(["{}"])), "", UNKNOWN),
        (one, later("override_json"), "", UNKNOWN),
        (one, later("statement"), "", UNKNOWN),
        (one, whole("statement", json!([])), "", UNKNOWN),
        ("data.aws_iam_policy_document.other.json", bucket(), "", UNKNOWN),
        ("data.aws_iam_policy_document.d[0].json", bucket(), "", UNKNOWN),
        ("data.aws_iam_policy_document.d[var.x].json", bucket(), "", UNKNOWN),
        ("replace(data.aws_iam_policy_document.d.json, \"Get\", \"*\")", bucket(), "", UNKNOWN),
        ("\"${data.aws_iam_policy_document.d.json}\"", bucket(), "", UNKNOWN),
    ] {
        let written = ("data.tf", format!("data \"aws_iam_policy_document\" \"d\" {{\n {written}\n}}"));
        let plan = plan(at, &[resource(at[0], at[1], reference), written.clone()], Some(&data));
        said(&judged_by(&book, &plan), rule, &format!("{reference} {data:?} {}", written.1));
    }
}

/// A role with policies in its own blocks.
#[test]
fn blocks_with_policies_are_told() {
    let book = book();
    let resource = |blocks: &str| {
        format!("resource \"aws_iam_role\" \"x\" {{\n assume_role_policy = \"{{}}\"\n {blocks}\n}}")
    };
    let inline = |rest: &str| {
        format!(
            "inline_policy {{\n name = \"n\"\n policy = jsonencode({{ Statement = [{{ Effect = \"Allow\", Resource = aws_s3_bucket.b.arn, {rest} }}] }})\n }}\n"
        )
    };
    let (narrow, open) = (inline("Action = \"s3:GetObject\""), inline("Action = var.x"));
    let all = inline("Action = \"*\"").replace("aws_s3_bucket.b.arn", "[\"*\", var.x]");
    for (blocks, rule) in [
        (narrow.clone(), ""),
        (format!("{narrow}{narrow}"), ""),
        (open.clone(), UNKNOWN),
        (format!("{narrow}{open}"), UNKNOWN),
        (format!("{narrow}{all}"), "grant-all"),
        (format!("{narrow}dynamic \"inline_policy\" {{\n for_each = var.x\n content {{}}\n}}"), UNKNOWN),
    ] {
        let text = resource(&blocks);
        let sources = [("main.tf", text.clone()), ("around.tf", AROUND.to_owned())];
        let sources =
            sources.map(|(name, text)| Source { module: String::new(), name: name.to_owned(), text });
        let shown = json!({"format_version": "1.2", "resource_changes": [{"address": "aws_iam_role.x", "mode": "managed",
            "type": "aws_iam_role", "change": {"actions": ["create"], "before": null,
            "after": {"assume_role_policy": "{}", "inline_policy": [{"name": "n"}, {"name": "n"}]},
            "after_unknown": {"arn": true, "inline_policy": [{"policy": true}, {"policy": true}]}}}],
            "configuration": {"root_module": {"resources": [
                configured("aws_iam_role.x", &["assume_role_policy", "inline_policy"]), configured("aws_s3_bucket.b", &["bucket"])]}}});
        let shown = shown.to_string();
        let told = Plan::read_with(shown.as_bytes(), &|| Ok(sources.to_vec())).unwrap();
        said(&judged_by(&book, &told), rule, &text);
        said(&judged_by(&book, &Plan::read(shown.as_bytes()).unwrap()), UNKNOWN, "without its configuration");
    }
}
