//! What would take something away from what is there, of something that the same plan makes.

use std::path::Path;

use serde_json::{Value, json};

use super::judged_by;
use crate::gate::scan::Scanner;
use crate::invocation::plan::{Plan, Source};
use crate::invocation::scan::format_of;
use crate::process::TestProcess;
use crate::rules::book::Rulebook;
use crate::rules::builtin;
use crate::verdict::Decision;

/// The configuration around what is asked about: what only the text of an expression tells is not
/// in the JSON of a plan. Of the buckets `some`, "old" is there already.
const AROUND: &str = r#"
resource "aws_s3_bucket" "a" {}
resource "aws_s3_bucket" "named" { bucket = "named" }
resource "aws_s3_bucket" "each" { for_each = toset(["x"]) }
resource "aws_s3_bucket" "some" { for_each = toset(["old", "x"]) }
locals {
  id    = aws_s3_bucket.a.id
  all   = { x = aws_s3_bucket.a.id, old = aws_s3_bucket.some["old"].id }
  odd   = aws_s3_bucket.a.id == "" ? "" : "prod"
  twice = aws_s3_bucket.a.id
}
locals { twice = "prod" }
module "m" {
  source = "./m"
  count  = 1
  given  = aws_s3_bucket.a.id
  typed  = aws_s3_bucket.a.id
  whole  = aws_s3_bucket.a
  number = aws_s3_bucket.a.id
}
module "n" {
  source = "./m"
  given  = aws_s3_bucket.a.id == "" ? aws_s3_bucket.a.id : one([])
  typed  = aws_s3_bucket.some["old"].id
}
"#;

/// The module `m`.
const INNER: &str = r#"
variable "given" {
  default  = "prod"
  nullable = false
}
variable "typed" { type = string }
variable "whole" {}
variable "number" { type = number }
resource "aws_s3_bucket" "this" { count = 1 }
locals { own = aws_s3_bucket.this[0].id }
output "id" { value = try(aws_s3_bucket.this[0].id, "") }
output "one" { value = one(aws_s3_bucket.this[*].id) }
output "join" { value = join("", aws_s3_bucket.this.*.id) }
output "local" { value = local.own }
output "all" { value = aws_s3_bucket.this }
output "odd" { value = aws_s3_bucket.this[0].id == "" ? "" : "prod" }
output "given" { value = var.given }
output "typed" { value = var.typed }
output "whole" { value = var.whole.id }
output "number" { value = var.number }
"#;

pub(super) fn references(all: &[&str]) -> Value {
    json!({"references": all})
}

pub(super) fn made(address: &str, kind: &str, after: &Value, unknown: &Value) -> Value {
    json!({"address": address, "mode": "managed", "type": kind, "change": {"actions": ["create"],
        "before": null, "after": after, "after_unknown": unknown, "before_sensitive": {}, "after_sensitive": {}}})
}

/// A plan that makes buckets, and the rules by which one deletes its objects: `bucket` is its name, where
/// that is known, and `named` what its expression refers to.
fn plan(bucket: Option<&str>, named: &[&str], depends_on: &[&str]) -> Value {
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
    let configured = |name: &str| {
        let address = format!("aws_s3_bucket.{name}");
        json!({"address": address, "mode": "managed", "type": "aws_s3_bucket", "provider_config_key": "aws"})
    };
    let call = json!({"module": {"resources": [configured("this")]}});
    json!({"format_version": "1.2",
        "resource_changes": [
            bucket_of("aws_s3_bucket.a"), bucket_of("aws_s3_bucket.each[\"x\"]"), bucket_of("aws_s3_bucket.some[\"x\"]"),
            bucket_of("module.m[0].aws_s3_bucket.this[0]"), bucket_of("module.n.aws_s3_bucket.this[0]"),
            made("aws_s3_bucket.named", "aws_s3_bucket", &json!({"bucket": "named"}), &json!({"id": true})), last],
        "prior_state": {"values": {"root_module": {"resources": [
            {"address": "aws_s3_bucket.some[\"old\"]", "mode": "managed", "type": "aws_s3_bucket"}]}}},
        "configuration": {"root_module": {
            "resources": [configured("a"), configured("each"), configured("named"), configured("some"),
                {"address": format!("{kind}.l"), "mode": "managed", "type": kind, "provider_config_key": "aws", "depends_on": depends_on,
                    "expressions": {"bucket": references(named), "rule": [{}]}}],
            "module_calls": {"m": call, "n": call}}}})
}

/// What a plan is told that is made from these files.
pub(super) fn told(plan: &Value, root: String) -> Plan {
    let source =
        |module: &str, text: String| Source { module: module.to_owned(), name: "main.tf".to_owned(), text };
    let inner = ["module.m.", "module.n."].map(|module| source(module, INNER.to_owned()));
    let sources: Vec<Source> = inner.into_iter().chain([source("", root)]).collect();
    Plan::read_with(plan.to_string().as_bytes(), &|| Ok(sources.clone())).unwrap()
}

#[test]
fn what_the_plan_makes_has_nothing_to_lose() {
    let book = Rulebook { layers: vec![builtin::layer(&[]).unwrap()] };
    // The expression for a bucket, what else stands in its block, and whether a plan of that passes.
    let rows: &[(&str, &str, bool)] = &[
        ("aws_s3_bucket.a.id", "", true),
        ("(aws_s3_bucket.a.bucket)", "", true),
        ("\"${aws_s3_bucket.a.id}\"", "", true),
        ("one(aws_s3_bucket.a[*].id)", "", true),
        ("try(aws_s3_bucket.a.id, null)", "", true),
        ("aws_s3_bucket.each[\"x\"].id", "", true),
        ("aws_s3_bucket.each[each.key].id", "", true),
        // The key that is new, beside one that is not.
        ("aws_s3_bucket.some[each.key].id", "", true),
        ("each.value.id", "for_each = aws_s3_bucket.each", true),
        ("each.value", "for_each = { x = aws_s3_bucket.a.id }", true),
        ("each.value", "for_each = local.all", true),
        ("aws_s3_bucket.each[each.value].id", "for_each = toset([\"x\"])", true),
        ("local.id", "", true),
        ("local.all.x", "", true),
        ("module.m[0].id", "", true),
        ("module.m[0].one", "", true),
        ("module.m[0].join", "", true),
        ("module.m[0].local", "", true),
        ("module.m[0].given", "", true),
        ("module.m[0].typed", "", true),
        ("module.m[0].whole", "", true),
        // It is there already, or may be.
        ("aws_s3_bucket.some[\"old\"].id", "", false),
        ("element(compact([aws_s3_bucket.some[\"x\"].id, aws_s3_bucket.some[\"old\"].id]), 1)", "", false),
        ("element([for one in aws_s3_bucket.some : one.id], 0)", "", false),
        ("one(values(aws_s3_bucket.some)[*].id)", "", false),
        ("one(aws_s3_bucket.some[*].id)", "", false),
        ("join(\"\", aws_s3_bucket.some.*.id)", "", false),
        ("aws_s3_bucket.some[each.value].id", "for_each = { x = \"old\" }", false),
        ("each.value", "for_each = { x = aws_s3_bucket.some[\"old\"].id }", false),
        ("each.value", "for_each = { x = aws_s3_bucket.a.id, (local.id) = \"prod\" }", false),
        ("each.value", "for_each = { x = aws_s3_bucket.a.id, \"x\" = \"prod\" }", false),
        ("local.all.old", "", false),
        ("module.n.typed", "", false),
        // What chooses may choose another.
        ("aws_s3_bucket.a.id == \"\" ? \"\" : \"prod\"", "", false),
        ("aws_s3_bucket.a.id == \"\" ? aws_s3_bucket.a.id : aws_s3_bucket.named.id", "", false),
        ("coalesce(aws_s3_bucket.a.id, null)", "", false),
        ("try(aws_s3_bucket.a.id, \"prod\")", "", false),
        ("try([aws_s3_bucket.a.id, null]...)", "", false),
        ("lookup(local.all, \"x\", \"prod\")", "", false),
        ("element(concat(aws_s3_bucket.a.*.id, [\"prod\"]), 0)", "", false),
        ("aws_s3_bucket.each[aws_s3_bucket.a.id].id", "", false),
        ("aws_s3_bucket.each[each.value].id", "for_each = { x = aws_s3_bucket.a.id }", false),
        ("local.odd", "", false),
        ("local.twice", "", false),
        ("module.m[0].odd", "", false),
        // Nothing, for which a default stands, and a type that changes it.
        ("module.n.given", "", false),
        ("module.m[0].number", "", false),
        // What is made of it is another name.
        ("\"prod${substr(aws_s3_bucket.a.id, 0, 0)}\"", "", false),
        ("\"${aws_s3_bucket.a.id}-prod\"", "", false),
        ("aws_s3_bucket.a.tags_all[\"x\"]", "", false),
        ("aws_s3_bucket.a.region", "", false),
        // It names something else, or nobody knows what.
        ("data.aws_s3_bucket.p.id", "", false),
        ("aws_s3_bucket.gone.id", "", false),
        ("module.m[1].id", "", false),
        ("module.m.id", "", false),
        ("var.name", "", false),
        ("local.name", "", false),
        ("each.value", "for_each = var.names", false),
        ("each.value", "for_each = toset([\"x\"])", false),
        ("module.m[0].none", "", false),
    ];
    let plan = plan(None, &["aws_s3_bucket.a.id", "aws_s3_bucket.a"], &[]);
    for (expression, more, passes) in rows {
        let own = format!(
            "resource \"aws_s3_bucket_lifecycle_configuration\" \"l\" {{\n{more}\nbucket = {expression}\n}}\n"
        );
        let judged = judged_by(&book, &told(&plan, format!("{AROUND}{own}")));
        assert_eq!(
            judged.decision == Decision::Allow,
            *passes,
            "{expression} {more}: {:?}",
            judged.leading()
        );
        let provided = own.replace("bucket =", "provider = aws.by[each.key]\nbucket =");
        let judged = judged_by(&book, &told(&plan, format!("{AROUND}{provided}")));
        assert_ne!(judged.decision, Decision::Allow, "{expression}");
    }
    let text = plan.to_string();
    let unread = Plan::read_with(text.as_bytes(), &|| Err("it is broken".to_owned())).unwrap();
    for told in [unread, Plan::read(text.as_bytes()).unwrap()] {
        assert_ne!(judged_by(&book, &told).decision, Decision::Allow);
    }
    let own = "resource \"aws_s3_bucket_lifecycle_configuration\" \"l\" {\nbucket = aws_s3_bucket.a.id\n}\n";
    // Whatever else adds to the block, and what another provider makes.
    let judged = judged_by(&book, &told(&plan, format!("{AROUND}{own}{own}")));
    assert_ne!(judged.decision, Decision::Allow);
    let mut plan = plan;
    plan["configuration"]["root_module"]["resources"][0]["provider_config_key"] = json!("aws.us");
    assert_ne!(judged_by(&book, &told(&plan, format!("{AROUND}{own}"))).decision, Decision::Allow);
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
        let mut plan = plan(Some(bucket), named, depends_on);
        let judged =
            |plan: &Value| judged_by(&book, &Plan::read(plan.to_string().as_bytes()).unwrap()).decision;
        assert_eq!(judged(&plan) == Decision::Allow, passes, "{bucket} {named:?} {depends_on:?}");
        // A scan knows as much, and tells of nothing else here.
        assert_eq!(
            scanned(&plan).is_empty(),
            passes,
            "{bucket} {named:?} {depends_on:?}: {:?}",
            scanned(&plan)
        );
        // The block of an OpenTofu provider may configure several, of which only the text tells.
        plan["configuration"]["provider_config"] =
            json!({"aws": {"full_name": "registry.opentofu.org/hashicorp/aws"}});
        assert_ne!(judged(&plan), Decision::Allow, "{bucket} {named:?}");
        assert!(!scanned(&plan).is_empty(), "{bucket} {named:?}");
        for (provider, is_one) in [("", true), ("provider = aws.by[\"x\"]\n", false)] {
            let own = format!(
                "{AROUND}resource \"aws_s3_bucket_lifecycle_configuration\" \"l\" {{\n{provider}}}\n"
            );
            let judged = judged_by(&book, &told(&plan, own)).decision;
            assert_eq!(judged == Decision::Allow, passes && is_one, "{bucket} {named:?} {provider}");
        }
        plan["configuration"]["provider_config"] =
            json!({"aws": {"full_name": "registry.terraform.io/hashicorp/aws"}});
        // The same name elsewhere is another thing.
        plan["configuration"]["root_module"]["resources"][2]["provider_config_key"] = json!("aws.other");
        assert_ne!(judged(&plan), Decision::Allow, "{bucket} {named:?}");
        assert!(!scanned(&plan).is_empty(), "{bucket} {named:?}");
    }
}

/// The rules of which a scan of `plan` tells.
fn scanned(plan: &Value) -> Vec<String> {
    let root = tempfile::tempdir().unwrap();
    let process = TestProcess::new(root.path(), &[]);
    let text = plan.to_string();
    let format = format_of(Path::new("plan.json"), &text).unwrap();
    let mut scanner = Scanner::new(&process).unwrap();
    let found = scanner.file(format, &text, None).unwrap();
    found.findings.into_iter().map(|one| one.rule).collect()
}

#[test]
fn a_scan_counts_no_reference_alone() {
    let (role, only) = ("aws_iam_role", "aws_iam_role_policies_exclusive");
    let configured = |kind: &str, expressions: &Value| json!({"address": format!("{kind}.x"), "mode": "managed", "type": kind, "provider_config_key": "aws", "expressions": expressions});
    for (name, found) in [(Some("app"), &[][..]), (None, &["plan/grant-authoritative"])] {
        let named = |attribute: &str| match name {
            Some(name) => (json!({attribute: name}), json!({"id": true})),
            None => (json!({}), json!({attribute: true, "id": true})),
        };
        let ((own, unknown), (of, open)) = (named("name"), named("role_name"));
        let plan = json!({"format_version": "1.2",
            "resource_changes": [made(&format!("{role}.x"), role, &own, &unknown), made(&format!("{only}.x"), only, &of, &open)],
            "configuration": {"root_module": {"resources": [
                configured(role, &json!({"name": references(&["var.name"])})),
                configured(only, &json!({"role_name": references(&["aws_iam_role.x.name", "aws_iam_role.x"])}))]}}});
        assert_eq!(scanned(&plan), found, "{name:?}");
    }
    // What is not at the same place in the list is another change.
    let mut twice = plan(Some("named"), &["aws_s3_bucket.named.bucket"], &[]);
    let mut other = twice["resource_changes"][6].clone();
    other["change"]["after"]["bucket"] = json!("prod");
    twice["resource_changes"].as_array_mut().unwrap().insert(0, other);
    assert_eq!(scanned(&twice), ["plan/expiry"]);
}
