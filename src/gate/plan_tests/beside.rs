//! What would take something away from what is there, of each type that may be made with its target, and where
//! that is.

use serde_json::{Value, json};

use super::judged_by;
use super::made::{made, references, told};
use crate::rules::book::Rulebook;
use crate::rules::builtin;
use crate::verdict::Decision;

/// A type, its target's, the attribute that names that, what that is of the target, what else it has, and the
/// rule that speaks of it.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const TARGETS: &[Row] = &[
    (
        "aws_ecr_lifecycle_policy",
        "aws_ecr_repository",
        "repository",
        "name",
        r#"{"policy": "{\"rules\":[{\"selection\":{\"tagStatus\":\"any\",\"countNumber\":30}}]}"}"#,
        "plan/expiry",
    ),
    (
        "azurerm_storage_management_policy",
        "azurerm_storage_account",
        "storage_account_id",
        "id",
        r#"{"rule": [{"enabled": true, "actions": [{"base_blob": [{"delete_after_days_since_modification_greater_than": 30}]}]}]}"#,
        "plan/expiry",
    ),
    (
        "aws_iam_policy_attachment",
        "aws_iam_policy",
        "policy_arn",
        "arn",
        r#"{"roles": ["app"]}"#,
        "plan/grant-authoritative",
    ),
    (
        "aws_iam_role_policies_exclusive",
        "aws_iam_role",
        "role_name",
        "name",
        r#"{"policy_names": ["a"]}"#,
        "plan/grant-authoritative",
    ),
    (
        "google_storage_bucket_iam_binding",
        "google_storage_bucket",
        "bucket",
        "name",
        r#"{"role": "roles/storage.objectViewer", "members": ["group:a@example.com"]}"#,
        "plan/grant-authoritative",
    ),
    (
        "google_pubsub_topic_iam_binding",
        "google_pubsub_topic",
        "topic",
        "id",
        r#"{"role": "roles/pubsub.publisher", "members": ["group:a@example.com"]}"#,
        "plan/grant-authoritative",
    ),
    (
        "google_service_account_iam_binding",
        "google_service_account",
        "service_account_id",
        "name",
        r#"{"role": "roles/iam.workloadIdentityUser", "members": ["group:a@example.com"]}"#,
        "plan/grant-authoritative",
    ),
    (
        "aws_iam_role_policy_attachment",
        "aws_iam_policy",
        "policy_arn",
        "arn",
        r#"{"role": "app"}"#,
        "plan/grant-all",
    ),
    ("aws_route53_records_exclusive", "aws_route53_zone", "zone_id", "zone_id", "{}", "plan/take-over"),
    (
        "aws_vpc_security_group_rules_exclusive",
        "aws_security_group",
        "security_group_id",
        "id",
        "{}",
        "plan/take-over",
    ),
    ("aws_default_security_group", "aws_vpc", "vpc_id", "id", "{}", "plan/adopt-default"),
    (
        "aws_default_network_acl",
        "aws_vpc",
        "default_network_acl_id",
        "default_network_acl_id",
        "{}",
        "plan/adopt-default",
    ),
    (
        "aws_default_route_table",
        "aws_vpc",
        "default_route_table_id",
        "default_route_table_id",
        "{}",
        "plan/adopt-default",
    ),
    (
        "google_project_default_service_accounts",
        "google_project",
        "project",
        "project_id",
        r#"{"action": "DISABLE"}"#,
        "plan/scale-to-zero",
    ),
];

#[test]
fn every_target_may_be_made_with_it() {
    let book = Rulebook { layers: vec![builtin::layer(&[]).unwrap()] };
    for &(kind, of, attribute, name, more, rule) in TARGETS {
        let more: Value = serde_json::from_str(more).unwrap();
        let target = format!("{of}.t");
        let own = format!("{kind}.x");
        let configured = |address: &str, of: &str| {
            json!({"address": address, "mode": "managed", "type": of, "provider_config_key": "x",
                "expressions": {attribute: references(&[&target])}})
        };
        let judged = |action: &str, expression: &str| {
            let mut target_of = made(&target, of, &json!({}), &json!({name: true}));
            target_of["change"]["actions"] = json!([action]);
            let plan = json!({"format_version": "1.2",
                "resource_changes": [target_of, made(&own, kind, &more, &json!({attribute: true}))],
                "configuration": {"root_module": {"resources": [configured(&target, of), configured(&own, kind)]}}});
            let text = format!(
                "resource \"{of}\" \"t\" {{}}\nresource \"{kind}\" \"x\" {{\n{attribute} = {expression}\n}}\n"
            );
            judged_by(&book, &told(&plan, text))
        };
        let plain = format!("{target}.{name}");
        let new = judged("create", &plain);
        assert_eq!(new.decision, Decision::Allow, "{kind}: {:?}", new.leading());
        for (action, expression) in
            [("no-op", plain.clone()), ("create", format!("{plain} == \"x\" ? {plain} : \"prod\""))]
        {
            let old = judged(action, &expression);
            let said: Vec<&str> = old.contributions.iter().map(|one| one.rule.as_str()).collect();
            assert!(old.decision > Decision::Allow && said.contains(&rule), "{kind}: {said:?}");
        }
    }
}

/// What a provider takes for where something is: of a topic, and of who may publish there, with the text of
/// their blocks.
#[test]
fn a_name_means_something_in_its_place_only() {
    let book = Rulebook { layers: vec![builtin::layer(&[]).unwrap()] };
    let (own, of) = ("google_pubsub_topic_iam_binding", "google_pubsub_topic");
    let name = "topic = google_pubsub_topic.t.name";
    let whole = "topic = google_pubsub_topic.t.id";
    let rows = [
        // Neither says, so it is the provider's, which one may know.
        ("$", "", "$", "", name, true),
        ("sandbox", "", "$", "", name, true),
        ("sandbox", "project = \"sandbox\"", "sandbox", "project = \"sandbox\"", name, true),
        (
            "sandbox",
            "project = \"sandbox\"",
            "sandbox",
            "project = google_pubsub_topic.t.project",
            name,
            true,
        ),
        (
            "$",
            "project = google_project.p.project_id",
            "$",
            "project = google_project.p.project_id",
            name,
            true,
        ),
        ("$", "", "$", "project = google_pubsub_topic.t.project", name, true),
        ("sandbox", "project = \"sandbox\"", "$", "", whole, true),
        ("sandbox", "project = \"sandbox\"", "$", "", name, false),
        ("sandbox", "project = \"sandbox\"", "prod", "project = \"prod\"", name, false),
        ("sandbox", "project = \"sandbox\"", "prod", "project = \"prod\"", whole, false),
        ("$", "", "prod", "project = \"prod\"", name, false),
        ("sandbox", "project = \"sandbox\"", "$", "project = terraform_data.p.output", name, false),
        ("$", "", "$", "project = google_pubsub_topic.t.project == \"\" ? \"\" : \"prod\"", name, false),
        ("$", "project = terraform_data.p.output", "$", "", name, false),
    ];
    for (topic, topic_text, binding, text, target, passes) in rows {
        let with = |project: &str, more: &[(&str, &str)]| {
            let (mut after, mut unknown) = (json!({"role": "roles/pubsub.publisher"}), json!({"id": true}));
            for (name, value) in [&[("project", project)], more].concat() {
                let (to, value) =
                    if value == "$" { (&mut unknown, json!(true)) } else { (&mut after, json!(value)) };
                to[name] = value;
            }
            (after, unknown)
        };
        let configured = |kind: &str, text: &str| {
            let mut set = json!({"topic": references(&["google_pubsub_topic.t"])});
            if !text.is_empty() {
                set["project"] = references(&[]);
            }
            json!({"address": format!("{kind}.t"), "mode": "managed", "type": kind, "provider_config_key": "g",
                "expressions": set})
        };
        for is_known in [false, true] {
            // The whole name is not known before the topic is made.
            let known = if is_known && target == name { "orders" } else { "$" };
            let (topic_of, binding_of) =
                (with(topic, &[("name", known)]), with(binding, &[("topic", known)]));
            let plan = json!({"format_version": "1.2",
                "resource_changes": [
                    made(&format!("{of}.t"), of, &topic_of.0, &topic_of.1),
                    made(&format!("{own}.t"), own, &binding_of.0, &binding_of.1)],
                "configuration": {"root_module": {"resources": [configured(of, topic_text), configured(own, text)]}}});
            let files = format!(
                "resource \"{of}\" \"t\" {{\n{topic_text}\n}}\nresource \"{own}\" \"t\" {{\n{text}\n{target}\n}}\n"
            );
            let judged = judged_by(&book, &told(&plan, files.clone()));
            let about = format!("{topic} {binding} {is_known}: {files}");
            assert_eq!(judged.decision == Decision::Allow, passes, "{about}: {:?}", judged.leading());
            // What may have been there is not made.
            for ignore in [json!(true), json!(false)] {
                let mut plan = plan.clone();
                plan["resource_changes"][0]["change"]["after"]["create_ignore_already_exists"] =
                    ignore.clone();
                let judged = judged_by(&book, &told(&plan, files.clone()));
                assert_eq!(judged.decision == Decision::Allow, passes && ignore == json!(false), "{about}");
            }
        }
    }
}
