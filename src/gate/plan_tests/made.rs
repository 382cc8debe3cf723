//! What would take something away from what is there, of something that the same plan makes.

use serde_json::{Value, json};

use super::judged_by;
use crate::invocation::plan::{Plan, Source};
use crate::rules::book::Rulebook;
use crate::rules::builtin;
use crate::verdict::Decision;

/// The configuration around what is asked about: what only the text of an expression tells is not
/// in the JSON of a plan.
const AROUND: &str = r#"
resource "aws_s3_bucket" "a" {}
resource "aws_s3_bucket" "named" { bucket = "named" }
resource "aws_s3_bucket" "each" { for_each = toset(["x"]) }
module "m" {
  source = "./m"
  given = aws_s3_bucket.a.id
}
module "n" {
  source = "./m"
  given = aws_s3_bucket.a.id == "" ? "" : "prod"
}
"#;

/// The module `m`.
const INNER: &str = r#"
resource "aws_s3_bucket" "this" { count = 1 }
output "id" { value = try(aws_s3_bucket.this[0].id, "") }
output "odd" { value = aws_s3_bucket.this[0].id == "" ? "" : "prod" }
output "given" { value = var.given }
"#;

fn references(all: &[&str]) -> Value {
    json!({"references": all})
}

fn made(address: &str, kind: &str, after: &Value, unknown: &Value) -> Value {
    json!({"address": address, "mode": "managed", "type": kind, "change": {"actions": ["create"],
        "before": null, "after": after, "after_unknown": unknown, "before_sensitive": {}, "after_sensitive": {}}})
}

/// A plan that makes four buckets, and the rules by which one deletes its objects: `bucket` is its name, where
/// that is known, `named` what its expression refers to, and `each` what `for_each` does.
fn plan(bucket: Option<&str>, named: &[&str], each: &[&str], depends_on: &[&str]) -> Value {
    let kind = "aws_s3_bucket_lifecycle_configuration";
    let rule = json!([{"id": "a", "status": "Enabled", "expiration": [{"days": 30}]}]);
    let unknown = json!({"bucket": true, "id": true});
    let last = match bucket {
        Some(bucket) => {
            made(&format!("{kind}.l"), kind, &json!({"bucket": bucket, "rule": rule}), &json!({"id": true}))
        }
        None => made(&format!("{kind}.l[\"x\"]"), kind, &json!({"rule": rule}), &unknown),
    };
    let bucket_of = |address: &str| made(address, "aws_s3_bucket", &json!({}), &unknown);
    let configured = |address: &str| json!({"address": address, "mode": "managed", "type": "aws_s3_bucket", "provider_config_key": "aws"});
    let call = |given: &[&str]| {
        json!({"expressions": {"given": references(given)}, "module": {
        "resources": [configured("aws_s3_bucket.this")], "outputs": {
            "id": {"expression": references(&["aws_s3_bucket.this[0].id", "aws_s3_bucket.this[0]", "aws_s3_bucket.this"])},
            "odd": {"expression": references(&["aws_s3_bucket.this[0].id", "aws_s3_bucket.this[0]", "aws_s3_bucket.this"])},
            "given": {"expression": references(&["var.given"])}}}})
    };
    json!({"format_version": "1.2",
        "resource_changes": [
            bucket_of("aws_s3_bucket.a"), bucket_of("aws_s3_bucket.each[\"x\"]"),
            bucket_of("module.m[0].aws_s3_bucket.this[0]"), bucket_of("module.n.aws_s3_bucket.this[0]"),
            made("aws_s3_bucket.named", "aws_s3_bucket", &json!({"bucket": "named"}), &json!({"id": true})), last],
        "configuration": {"root_module": {
            "resources": [configured("aws_s3_bucket.a"), configured("aws_s3_bucket.each"), configured("aws_s3_bucket.named"),
                {"address": format!("{kind}.l"), "mode": "managed", "type": kind, "provider_config_key": "aws", "depends_on": depends_on,
                    "for_each_expression": references(each), "expressions": {"bucket": references(named), "rule": [{}]}}],
            "module_calls": {"m": call(&["aws_s3_bucket.a.id", "aws_s3_bucket.a"]), "n": call(&["aws_s3_bucket.a.id", "aws_s3_bucket.a"])}}}})
}

/// The expression for a bucket, what else stands in its block, what the two refer to, and whether a plan of that
/// passes with the text of its configuration, and without.
type Row = (&'static str, &'static str, &'static [&'static str], &'static [&'static str], (bool, bool));

/// What expressions refer to.
const OWN: &[&str] = &["aws_s3_bucket.a.id", "aws_s3_bucket.a"];
const EACH: &[&str] = &["aws_s3_bucket.each", "each.key"];

#[test]
fn what_the_plan_makes_has_nothing_to_lose() {
    let book = Rulebook { layers: vec![builtin::layer(&[]).unwrap()] };
    let rows: &[Row] = &[
        ("aws_s3_bucket.a.id", "", OWN, &[], (true, true)),
        ("(aws_s3_bucket.a.bucket)", "", &["aws_s3_bucket.a.bucket", "aws_s3_bucket.a"], &[], (true, true)),
        ("\"${aws_s3_bucket.a.id}\"", "", OWN, &[], (true, true)),
        ("one(aws_s3_bucket.a[*].id)", "", &["aws_s3_bucket.a"], &[], (true, true)),
        ("aws_s3_bucket.each[each.key].id", "", EACH, &[], (true, true)),
        (
            "each.value.id",
            "for_each = aws_s3_bucket.each",
            &["each.value.id", "each.value"],
            &["aws_s3_bucket.each"],
            (true, true),
        ),
        (
            "aws_s3_bucket.each[each.value].id",
            "for_each = toset([\"x\"])",
            &["aws_s3_bucket.each", "each.value"],
            &[],
            (true, true),
        ),
        ("module.m[0].id", "", &["module.m[0].id", "module.m[0]", "module.m"], &[], (true, true)),
        ("module.m.given", "", &["module.m.given", "module.m"], &[], (true, true)),
        // What is made of it is another name.
        ("aws_s3_bucket.a.id == \"\" ? \"\" : \"prod\"", "", OWN, &[], (false, true)),
        ("coalesce(null, aws_s3_bucket.a.id)", "", OWN, &[], (false, true)),
        ("\"prod${substr(aws_s3_bucket.a.id, 0, 0)}\"", "", OWN, &[], (false, true)),
        (
            "aws_s3_bucket.a.tags_all[\"x\"]",
            "",
            &["aws_s3_bucket.a.tags_all[\"x\"]", "aws_s3_bucket.a"],
            &[],
            (false, true),
        ),
        (
            "aws_s3_bucket.each[aws_s3_bucket.a.id].id",
            "",
            &["aws_s3_bucket.each", "aws_s3_bucket.a.id"],
            &[],
            (false, true),
        ),
        (
            "aws_s3_bucket.each[each.value].id",
            "for_each = { x = aws_s3_bucket.a.id }",
            &["aws_s3_bucket.each", "each.value"],
            &[],
            (false, true),
        ),
        ("module.m.odd", "", &["module.m.odd", "module.m"], &[], (false, true)),
        ("module.n.given", "", &["module.n.given", "module.n"], &[], (false, true)),
        // It names something else, or nobody knows what.
        (
            "data.aws_s3_bucket.p.id",
            "",
            &["data.aws_s3_bucket.p.id", "data.aws_s3_bucket.p"],
            &[],
            (false, false),
        ),
        ("aws_s3_bucket.gone.id", "", &["aws_s3_bucket.gone.id", "aws_s3_bucket.gone"], &[], (false, false)),
        (
            "try(data.x.p.id, aws_s3_bucket.a.id)",
            "",
            &["data.x.p.id", "aws_s3_bucket.a.id", "aws_s3_bucket.a"],
            &[],
            (false, false),
        ),
        ("var.name", "", &["var.name"], &[], (false, false)),
        ("local.name", "", &["local.name"], &[], (false, false)),
        ("each.value", "for_each = var.names", &["each.value"], &["var.names"], (false, false)),
        ("module.m.none", "", &["module.m.none", "module.m"], &[], (false, false)),
    ];
    for (expression, more, named, each, (with, without)) in rows {
        let text = plan(None, named, each, &[]).to_string();
        let own = format!(
            "resource \"aws_s3_bucket_lifecycle_configuration\" \"l\" {{\n{more}\nbucket = {expression}\n}}\n"
        );
        let source = |module: &str, text: String| Source {
            module: module.to_owned(),
            name: "main.tf".to_owned(),
            text,
        };
        let sources = vec![
            source("", format!("{AROUND}{own}")),
            source("module.m.", INNER.to_owned()),
            source("module.n.", INNER.to_owned()),
        ];
        let told = Plan::read_with(text.as_bytes(), &|| Ok(sources.clone())).unwrap();
        let judged = judged_by(&book, &told);
        assert_eq!(judged.decision == Decision::Allow, *with, "{expression}: {:?}", judged.leading());
        let judged = judged_by(&book, &Plan::read(text.as_bytes()).unwrap());
        assert_eq!(judged.decision == Decision::Allow, *without, "{expression}: {:?}", judged.leading());
        let unread = Plan::read_with(text.as_bytes(), &|| Err("it is broken".to_owned())).unwrap();
        assert_ne!(judged_by(&book, &unread).decision, Decision::Allow, "{expression}");
    }
}

#[test]
fn a_known_name_is_that_of_what_it_waits_for() {
    let book = Rulebook { layers: vec![builtin::layer(&[]).unwrap()] };
    let own: &[&str] = &["aws_s3_bucket.named.bucket", "aws_s3_bucket.named"];
    for (bucket, named, depends_on, passes) in [
        ("named", own, &[][..], true),
        ("named", &["var.name"], &["aws_s3_bucket.named"], true),
        // One that is there already cannot be made, and what does not wait for that is done all the same.
        ("named", &["var.name"], &[], false),
        ("named", &[], &["aws_s3_bucket.a"], false),
        ("prod", own, &["aws_s3_bucket.named"], false),
    ] {
        let mut plan = plan(Some(bucket), named, &[], depends_on);
        let judged =
            |plan: &Value| judged_by(&book, &Plan::read(plan.to_string().as_bytes()).unwrap()).decision;
        assert_eq!(judged(&plan) == Decision::Allow, passes, "{bucket} {named:?} {depends_on:?}");
        // The same name elsewhere is another thing.
        plan["configuration"]["root_module"]["resources"][2]["provider_config_key"] = json!("aws.other");
        assert_ne!(judged(&plan), Decision::Allow, "{bucket} {named:?}");
    }
}

/// Others that take something from what is there: the type, its target's, the attribute that names that,
/// and what else it has.
#[test]
fn every_target_may_be_made_with_it() {
    let book = Rulebook { layers: vec![builtin::layer(&[]).unwrap()] };
    for (kind, of, attribute, name, more) in [
        (
            "aws_ecr_lifecycle_policy",
            "aws_ecr_repository",
            "repository",
            "name",
            json!({"policy": "{\"rules\":[{\"selection\":{\"tagStatus\":\"any\",\"countNumber\":30}}]}"}),
        ),
        (
            "azurerm_storage_management_policy",
            "azurerm_storage_account",
            "storage_account_id",
            "id",
            json!({"rule": [{"enabled": true, "actions": [{"base_blob": [{"delete_after_days_since_modification_greater_than": 30}]}]}]}),
        ),
        ("aws_iam_policy_attachment", "aws_iam_policy", "policy_arn", "arn", json!({"roles": ["app"]})),
        (
            "aws_iam_role_policies_exclusive",
            "aws_iam_role",
            "role_name",
            "name",
            json!({"policy_names": ["a"]}),
        ),
        (
            "google_storage_bucket_iam_binding",
            "google_storage_bucket",
            "bucket",
            "name",
            json!({"role": "roles/storage.objectViewer", "members": ["group:a@example.com"]}),
        ),
        (
            "google_pubsub_topic_iam_binding",
            "google_pubsub_topic",
            "topic",
            "id",
            json!({"role": "roles/pubsub.publisher", "members": ["group:a@example.com"]}),
        ),
        (
            "google_service_account_iam_binding",
            "google_service_account",
            "service_account_id",
            "name",
            json!({"role": "roles/iam.workloadIdentityUser", "members": ["group:a@example.com"]}),
        ),
    ] {
        let reference = format!("{of}.t.{name}");
        let target = format!("{of}.t");
        let plan = |action: &str| {
            let mut target_of = made(&target, of, &json!({}), &json!({name: true}));
            target_of["change"]["actions"] = json!([action]);
            json!({"format_version": "1.2",
                "resource_changes": [target_of, made(&format!("{kind}.x"), kind, &more, &json!({attribute: true}))],
                "configuration": {"root_module": {"resources": [
                    {"address": target, "mode": "managed", "type": of},
                    {"address": format!("{kind}.x"), "mode": "managed", "type": kind, "expressions": {attribute: references(&[&reference, &target])}}]}}})
        };
        let judged =
            |action: &str| judged_by(&book, &Plan::read(plan(action).to_string().as_bytes()).unwrap());
        let new = judged("create");
        assert_eq!(new.decision, Decision::Allow, "{kind}: {:?}", new.leading());
        let old = judged("no-op");
        let said: Vec<&str> = old.contributions.iter().map(|one| one.rule.as_str()).collect();
        let expected = if more.get("policy").or(more.get("rule")).is_some() {
            "plan/expiry"
        } else {
            "plan/grant-authoritative"
        };
        assert!(old.decision > Decision::Allow && said.contains(&expected), "{kind}: {said:?}");
    }
}
