//! What the shipped rules say of changes as real providers' plans have them: those that
//! take away or open, and everyday ones that must pass.

use serde_json::{Value, json};

use crate::context::target::Target;
use crate::invocation::plan::Plan;
use crate::process::Environment;
use crate::rules::book::Rulebook;
use crate::rules::builtin;
use crate::rules::environment::classify;
use crate::rules::judge::{Judgement, judge_changes};
use crate::rules::matching::Situation;
use crate::verdict::{Decision, PrincipalKind};

fn judged(book: &Rulebook, plan: &Value) -> Judgement {
    judged_by(book, &Plan::read(plan.to_string().as_bytes()).unwrap())
}

/// What an agent's apply of `plan` is answered in an ordinary place.
pub(super) fn judged_by(book: &Rulebook, plan: &Plan) -> Judgement {
    let changes = plan.commands();
    let mut apply = crate::command::parse("terraform", &["apply".into()], &Environment::default()).unwrap();
    apply.planned = true;
    let target = Target::default();
    let place = classify(book, &target, PrincipalKind::Agent);
    let situation = Situation { principal: PrincipalKind::Agent, target: &target, place: &place };
    judge_changes(book, &apply, &changes, &Environment::default(), situation, "2026-06-15")
}

/// A plan of one change: from `before` to `after`, either of which may be `null`. A value
/// `"$"` in `after` is known after the apply.
fn plan(kind: &str, before: &str, after: &str) -> Value {
    let before: Value = serde_json::from_str(before).unwrap_or_else(|error| panic!("{before}: {error}"));
    let mut after: Value = serde_json::from_str(after).unwrap_or_else(|error| panic!("{after}: {error}"));
    let actions = match (before.is_null(), after.is_null()) {
        (true, _) => "create",
        (_, true) => "delete",
        _ => "update",
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
        "change": {"actions": [actions], "before": before, "after": after, "after_unknown": marks,
            "before_sensitive": {}, "after_sensitive": {}}}],
        "prior_state": {"values": {"root_module": {"resources": [
            {"address": "a.a", "mode": "managed"}, {"address": "a.b", "mode": "managed"}]}}},
        "configuration": {"root_module": {"resources": [
            {"address": format!("{kind}.x"), "mode": "managed", "type": kind, "expressions": set}]}}})
}

/// An everyday policy.
const NARROW: &str = r#""{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\"],\"Resource\":\"arn:aws:s3:::app/*\"},{\"Effect\":\"Allow\",\"Action\":\"logs:*\",\"Resource\":\"*\"}]}""#;

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn everyday_changes_pass() {
    let book = Rulebook { layers: vec![builtin::layer(&[]).unwrap()] };
    let narrow = format!(r#"{{"role":"app","policy":{NARROW}}}"#);
    let named = format!(r#"{{"name":"app","policy":{NARROW}}}"#);
    for (kind, before, after) in [
        (
            "aws_instance",
            r#"{"instance_type":"t3.small","tags":{"a":"1"}}"#,
            r#"{"instance_type":"t3.large","tags":{"a":"1"}}"#,
        ),
        ("aws_instance", r#"{"tags":{"a":"1","b":"2"}}"#, r#"{"tags":{"a":"2"}}"#),
        ("aws_instance", r#"{"tags":{"a":"1"}}"#, r#"{"tags":null}"#),
        (
            "aws_instance",
            "null",
            r#"{"instance_type":"t3.small","ami":"ami-1","monitoring":false,"disable_api_termination":false,"root_block_device":[{"encrypted":false,"volume_size":8}]}"#,
        ),
        ("aws_instance", r#"{"disable_api_termination":false}"#, r#"{"disable_api_termination":true}"#),
        (
            "aws_instance",
            r#"{"user_data":"a","vpc_security_group_ids":["a"]}"#,
            r#"{"user_data":"b","vpc_security_group_ids":["a","b"]}"#,
        ),
        (
            "aws_security_group",
            "null",
            r#"{"name":"web","ingress":[{"from_port":443,"to_port":443,"protocol":"tcp","cidr_blocks":["0.0.0.0/0"],"ipv6_cidr_blocks":["::/0"]}],"egress":[{"from_port":0,"to_port":0,"protocol":"-1","cidr_blocks":["0.0.0.0/0"]}]}"#,
        ),
        (
            "aws_security_group",
            "null",
            r#"{"ingress":[{"from_port":443,"to_port":443,"cidr_blocks":["0.0.0.0/0"]},{"from_port":22,"to_port":22,"cidr_blocks":["10.0.0.0/8"]},{"from_port":5432,"to_port":5432,"security_groups":["sg-1"]}]}"#,
        ),
        (
            "aws_security_group",
            r#"{"ingress":[{"from_port":443,"to_port":443,"cidr_blocks":["10.0.0.0/8"]}]}"#,
            r#"{"ingress":[{"from_port":443,"to_port":443,"cidr_blocks":["10.0.0.0/8"]},{"from_port":80,"to_port":80,"cidr_blocks":["0.0.0.0/0"]}]}"#,
        ),
        (
            "aws_security_group_rule",
            "null",
            r#"{"type":"egress","from_port":0,"to_port":65535,"cidr_blocks":["0.0.0.0/0"]}"#,
        ),
        (
            "aws_security_group_rule",
            "null",
            r#"{"type":"ingress","from_port":443,"to_port":443,"cidr_blocks":["0.0.0.0/0"]}"#,
        ),
        (
            "aws_vpc_security_group_ingress_rule",
            "null",
            r#"{"cidr_ipv4":"0.0.0.0/0","from_port":80,"to_port":80,"ip_protocol":"tcp"}"#,
        ),
        ("aws_vpc_security_group_egress_rule", "null", r#"{"cidr_ipv4":"0.0.0.0/0","ip_protocol":"-1"}"#),
        (
            "aws_vpc_security_group_ingress_rule",
            "null",
            r#"{"referenced_security_group_id":"sg-1","from_port":5432,"to_port":5432}"#,
        ),
        ("aws_route", "null", r#"{"destination_cidr_block":"0.0.0.0/0","gateway_id":"igw-1"}"#),
        (
            "aws_route_table",
            r#"{"route":[{"cidr_block":"0.0.0.0/0"}]}"#,
            r#"{"route":[{"cidr_block":"0.0.0.0/0"},{"cidr_block":"10.1.0.0/16"}]}"#,
        ),
        ("aws_s3_bucket", "null", r#"{"bucket":"app","force_destroy":false}"#),
        ("aws_s3_bucket", "null", r#"{"bucket":"app-test","force_destroy":true}"#),
        ("aws_s3_bucket_versioning", "null", r#"{"versioning_configuration":[{"status":"Enabled"}]}"#),
        (
            "aws_s3_bucket_public_access_block",
            "null",
            r#"{"block_public_acls":true,"block_public_policy":true,"ignore_public_acls":true,"restrict_public_buckets":true}"#,
        ),
        (
            "aws_s3_bucket_lifecycle_configuration",
            "null",
            r#"{"rule":[{"id":"logs","status":"Enabled","expiration":[{"days":90}]}]}"#,
        ),
        (
            "aws_s3_bucket_policy",
            "null",
            r#"{"policy":"{\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"*\",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":\"false\"}}}]}"}"#,
        ),
        ("aws_s3_object", r#"{"etag":"1","source":"a"}"#, r#"{"etag":"2","source":"a"}"#),
        (
            "aws_lambda_function",
            "null",
            r#"{"function_name":"app","environment":[{"variables":{"A":"1"}}],"timeout":3}"#,
        ),
        (
            "aws_lambda_function",
            r#"{"environment":[{"variables":{"A":"1"}}]}"#,
            r#"{"environment":[{"variables":{"A":"1","B":"2"}}]}"#,
        ),
        (
            "aws_lambda_function",
            r#"{"environment":[{"variables":{"A":"1"}}]}"#,
            r#"{"environment":[{"variables":{"A":"2"}}]}"#,
        ),
        (
            "aws_lambda_function",
            r#"{"memory_size":512,"source_code_hash":"a"}"#,
            r#"{"memory_size":256,"source_code_hash":"b"}"#,
        ),
        (
            "aws_lambda_permission",
            "null",
            r#"{"principal":"s3.amazonaws.com","action":"lambda:InvokeFunction"}"#,
        ),
        ("aws_lambda_function_url", "null", r#"{"authorization_type":"AWS_IAM"}"#),
        ("aws_cloudwatch_log_group", "null", r#"{"name":"/app","retention_in_days":14}"#),
        ("aws_cloudwatch_log_group", r#"{"retention_in_days":14}"#, r#"{"retention_in_days":30}"#),
        ("aws_cloudwatch_metric_alarm", r#"{"threshold":80}"#, r#"{"threshold":90}"#),
        (
            "aws_iam_role",
            "null",
            r#"{"name":"app","assume_role_policy":"{\"Statement\":[{\"Action\":\"sts:AssumeRole\",\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"lambda.amazonaws.com\"}}]}"}"#,
        ),
        (
            "aws_iam_role",
            r#"{"description":"a","assume_role_policy":"{\"Statement\":[]}"}"#,
            r#"{"description":"b","assume_role_policy":"{\"Statement\":[]}"}"#,
        ),
        ("aws_iam_role_policy", "null", &narrow),
        ("aws_iam_policy", "null", &named),
        (
            "aws_iam_role_policy_attachment",
            "null",
            r#"{"role":"app","policy_arn":"arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}"#,
        ),
        ("aws_iam_role_policy_attachment", "null", r#"{"role":"app","policy_arn":"$"}"#),
        ("aws_iam_instance_profile", "null", r#"{"role":"app","name":"app"}"#),
        (
            "aws_db_instance",
            "null",
            r#"{"engine":"postgres","publicly_accessible":false,"deletion_protection":false,"skip_final_snapshot":true,"multi_az":false,"backup_retention_period":0,"storage_encrypted":false}"#,
        ),
        (
            "aws_db_instance",
            r#"{"instance_class":"db.t3.small","backup_retention_period":7}"#,
            r#"{"instance_class":"db.t3.large","backup_retention_period":14}"#,
        ),
        (
            "aws_db_instance",
            r#"{"deletion_protection":false,"multi_az":false}"#,
            r#"{"deletion_protection":true,"multi_az":true}"#,
        ),
        (
            "aws_dynamodb_table",
            "null",
            r#"{"name":"t","point_in_time_recovery":[{"enabled":true}],"ttl":[{"enabled":true,"attribute_name":"e"}]}"#,
        ),
        ("aws_dynamodb_table", r#"{"read_capacity":5}"#, r#"{"read_capacity":2}"#),
        (
            "aws_sqs_queue",
            "null",
            r#"{"name":"q","message_retention_seconds":345600,"sqs_managed_sse_enabled":true}"#,
        ),
        ("aws_sqs_queue", r#"{"visibility_timeout_seconds":30}"#, r#"{"visibility_timeout_seconds":10}"#),
        ("aws_sns_topic", "null", r#"{"name":"t"}"#),
        (
            "aws_ecs_service",
            r#"{"desired_count":1,"task_definition":"a:1"}"#,
            r#"{"desired_count":3,"task_definition":"a:2"}"#,
        ),
        ("aws_ecs_service", r#"{"desired_count":2}"#, r#"{"desired_count":1}"#),
        (
            "aws_ecs_task_definition",
            "null",
            r#"{"container_definitions":"[{\"name\":\"app\",\"image\":\"a:1\",\"environment\":[{\"name\":\"A\",\"value\":\"1\"}]}]"}"#,
        ),
        ("aws_autoscaling_group", r#"{"max_size":3,"min_size":1}"#, r#"{"max_size":6,"min_size":0}"#),
        (
            "aws_ecr_repository",
            "null",
            r#"{"name":"app","image_tag_mutability":"MUTABLE","force_delete":true}"#,
        ),
        (
            "aws_ecr_lifecycle_policy",
            r#"{"policy":"{\"rules\":[{\"rulePriority\":1,\"selection\":{\"countNumber\":10}}]}"}"#,
            r#"{"policy":"{\"rules\":[{\"rulePriority\":1,\"selection\":{\"countNumber\":20}}]}"}"#,
        ),
        ("aws_route53_record", "null", r#"{"name":"app","type":"A","records":["1.2.3.4"],"ttl":60}"#),
        ("aws_lb", "null", r#"{"name":"web","internal":false,"enable_deletion_protection":false}"#),
        ("aws_lb_listener", r#"{"certificate_arn":"a"}"#, r#"{"certificate_arn":"b"}"#),
        ("aws_ssm_parameter", r#"{"value":"a"}"#, r#"{"value":"b"}"#),
        ("aws_secretsmanager_secret", "null", r#"{"name":"s","recovery_window_in_days":0}"#),
        (
            "aws_kms_key",
            "null",
            r#"{"description":"k","enable_key_rotation":true,"deletion_window_in_days":7}"#,
        ),
        (
            "google_compute_firewall",
            "null",
            r#"{"name":"web","source_ranges":["0.0.0.0/0"],"allow":[{"protocol":"tcp","ports":["443"]}]}"#,
        ),
        (
            "google_compute_firewall",
            "null",
            r#"{"source_ranges":["10.0.0.0/8"],"allow":[{"protocol":"tcp","ports":["22"]}]}"#,
        ),
        (
            "google_project_iam_member",
            "null",
            r#"{"role":"roles/logging.logWriter","member":"serviceAccount:app@p.iam.gserviceaccount.com"}"#,
        ),
        (
            "google_cloud_run_v2_service",
            r#"{"template":[{"containers":[{"image":"a:1","env":[{"name":"A","value":"1"}]}]}]}"#,
            r#"{"template":[{"containers":[{"image":"a:2","env":[{"name":"A","value":"1"},{"name":"B","value":"2"}]}]}]}"#,
        ),
        (
            "google_storage_bucket",
            "null",
            r#"{"name":"b","uniform_bucket_level_access":true,"versioning":[{"enabled":true}]}"#,
        ),
        (
            "google_sql_database_instance",
            r#"{"settings":[{"tier":"db-f1-micro"}]}"#,
            r#"{"settings":[{"tier":"db-g1-small"}]}"#,
        ),
        (
            "azurerm_storage_account",
            "null",
            r#"{"name":"s","allow_nested_items_to_be_public":true,"public_network_access_enabled":true,"https_traffic_only_enabled":true}"#,
        ),
        ("azurerm_linux_web_app", r#"{"app_settings":{"A":"1"}}"#, r#"{"app_settings":{"A":"1","B":"2"}}"#),
        (
            "azurerm_network_security_rule",
            "null",
            r#"{"access":"Allow","direction":"Inbound","source_address_prefix":"*","destination_port_range":"443"}"#,
        ),
        (
            "azurerm_role_assignment",
            "null",
            r#"{"role_definition_name":"Storage Blob Data Reader","principal_id":"p"}"#,
        ),
        (
            "kubernetes_deployment_v1",
            r#"{"spec":[{"replicas":"2","template":[{"spec":[{"container":[{"name":"app","image":"a:1"}]}]}]}]}"#,
            r#"{"spec":[{"replicas":"3","template":[{"spec":[{"container":[{"name":"app","image":"a:2"}]}]}]}]}"#,
        ),
        ("kubernetes_config_map_v1", r#"{"data":{"a":"1"}}"#, r#"{"data":{"a":"2","b":"3"}}"#),
        ("kubernetes_service_v1", "null", r#"{"spec":[{"type":"ClusterIP","port":[{"port":80}]}]}"#),
        (
            "helm_release",
            r#"{"version":"1.0.0","values":["a: 1"]}"#,
            r#"{"version":"1.1.0","values":["a: 2"]}"#,
        ),
        ("github_repository", "null", r#"{"name":"r","visibility":"private"}"#),
        (
            "github_branch_protection",
            r#"{"enforce_admins":false,"required_pull_request_reviews":[{"required_approving_review_count":1}]}"#,
            r#"{"enforce_admins":true,"required_pull_request_reviews":[{"required_approving_review_count":2}]}"#,
        ),
        (
            "cloudflare_record",
            r#"{"value":"1.2.3.4","proxied":true}"#,
            r#"{"value":"1.2.3.5","proxied":true}"#,
        ),
        ("terraform_data", r#"{"input":"a"}"#, r#"{"input":"b"}"#),
        ("random_password", "null", r#"{"length":20}"#),
        ("null_resource", "null", r#"{"triggers":{"a":"1"}}"#),
        (
            "aws_s3_bucket_lifecycle_configuration",
            r#"{"rule":[{"id":"a","status":"Enabled","expiration":[{"days":30}]}]}"#,
            r#"{"rule":[{"id":"a","status":"Enabled","expiration":[{"days":60}]}]}"#,
        ),
        ("aws_instance", r#"{"monitoring":true}"#, r#"{"monitoring":false}"#),
        (
            "aws_dynamodb_table",
            r#"{"deletion_protection_enabled":false}"#,
            r#"{"deletion_protection_enabled":null}"#,
        ),
        ("kafka_topic", r#"{"config":{"retention.ms":"1000"}}"#, r#"{"config":{"retention.ms":"2000"}}"#),
        ("local_file", "null", r#"{"filename":"./inventory.ini","content":"a"}"#),
        ("azurerm_resource_group_template_deployment", "null", r#"{"deployment_mode":"Incremental"}"#),
    ] {
        let judgement = judged(&book, &plan(kind, before, after));
        assert_eq!(
            judgement.decision,
            Decision::Allow,
            "{kind} {before} -> {after}: {:?}",
            judgement.leading()
        );
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn what_takes_away_is_stopped() {
    let book = Rulebook { layers: vec![builtin::layer(&[]).unwrap()] };
    let admin = r#"{"role":"app","policy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\",\"*\"],\"Resource\":[\"*\"]}]}"}"#;
    let narrow = format!(r#"{{"policy":{NARROW}}}"#);
    for (kind, before, after, rule) in [
        ("aws_db_instance", r#"{"a":1}"#, "null", "delete-data"),
        ("aws_instance", r#"{"a":1}"#, "null", "delete"),
        ("terraform_data", r#"{"a":1}"#, "null", "delete-state-only"),
        ("aws_cloudtrail", r#"{"a":1}"#, "null", "delete-safeguard"),
        ("aws_s3_bucket_public_access_block", r#"{"a":1}"#, "null", "delete-safeguard"),
        ("azurerm_management_lock", r#"{"a":1}"#, "null", "delete-safeguard"),
        ("github_branch_protection", r#"{"a":1}"#, "null", "delete-safeguard"),
        (
            "aws_db_instance",
            r#"{"deletion_protection":true}"#,
            r#"{"deletion_protection":false}"#,
            "protection-off",
        ),
        (
            "aws_db_instance",
            r#"{"deletion_protection":true}"#,
            r#"{"deletion_protection":"$"}"#,
            "protection-off",
        ),
        (
            "aws_db_instance",
            r#"{"skip_final_snapshot":false}"#,
            r#"{"skip_final_snapshot":true}"#,
            "protection-off",
        ),
        (
            "aws_dynamodb_table",
            r#"{"deletion_protection_enabled":true}"#,
            r#"{"deletion_protection_enabled":false}"#,
            "protection-off",
        ),
        (
            "aws_lb",
            r#"{"enable_deletion_protection":true}"#,
            r#"{"enable_deletion_protection":false}"#,
            "protection-off",
        ),
        (
            "aws_instance",
            r#"{"disable_api_termination":true}"#,
            r#"{"disable_api_termination":false}"#,
            "protection-off",
        ),
        ("aws_s3_bucket", r#"{"force_destroy":false}"#, r#"{"force_destroy":true}"#, "protection-off"),
        ("aws_ecr_repository", r#"{"force_delete":false}"#, r#"{"force_delete":true}"#, "protection-off"),
        (
            "aws_secretsmanager_secret",
            r#"{"recovery_window_in_days":30}"#,
            r#"{"recovery_window_in_days":0}"#,
            "protection-off",
        ),
        (
            "google_sql_database_instance",
            r#"{"settings":[{"deletion_protection_enabled":true}]}"#,
            r#"{"settings":[{"deletion_protection_enabled":false}]}"#,
            "protection-off",
        ),
        (
            "google_container_cluster",
            r#"{"deletion_protection":true}"#,
            r#"{"deletion_protection":false}"#,
            "protection-off",
        ),
        (
            "azurerm_key_vault",
            r#"{"purge_protection_enabled":true}"#,
            r#"{"purge_protection_enabled":false}"#,
            "protection-off",
        ),
        (
            "kubernetes_persistent_volume_v1",
            r#"{"spec":[{"persistent_volume_reclaim_policy":"Retain"}]}"#,
            r#"{"spec":[{"persistent_volume_reclaim_policy":"Delete"}]}"#,
            "protection-off",
        ),
        (
            "aws_cognito_user_pool",
            r#"{"deletion_protection":"ACTIVE"}"#,
            r#"{"deletion_protection":"INACTIVE"}"#,
            "protection-off",
        ),
        (
            "aws_db_instance",
            r#"{"backup_retention_period":7}"#,
            r#"{"backup_retention_period":0}"#,
            "backup-off",
        ),
        (
            "aws_rds_cluster",
            r#"{"backup_retention_period":14}"#,
            r#"{"backup_retention_period":7}"#,
            "backup-off",
        ),
        (
            "aws_dynamodb_table",
            r#"{"point_in_time_recovery":[{"enabled":true}]}"#,
            r#"{"point_in_time_recovery":[{"enabled":false}]}"#,
            "backup-off",
        ),
        (
            "aws_dynamodb_table",
            r#"{"point_in_time_recovery":[{"enabled":true}]}"#,
            r#"{"point_in_time_recovery":[]}"#,
            "backup-off",
        ),
        (
            "aws_s3_bucket",
            r#"{"versioning":[{"enabled":true,"mfa_delete":false}]}"#,
            r#"{"versioning":[{"enabled":false,"mfa_delete":false}]}"#,
            "backup-off",
        ),
        (
            "aws_s3_bucket_versioning",
            r#"{"versioning_configuration":[{"status":"Enabled"}]}"#,
            r#"{"versioning_configuration":[{"status":"Suspended"}]}"#,
            "backup-off",
        ),
        (
            "google_sql_database_instance",
            r#"{"settings":[{"backup_configuration":[{"enabled":true}]}]}"#,
            r#"{"settings":[{"backup_configuration":[{"enabled":false}]}]}"#,
            "backup-off",
        ),
        (
            "azurerm_postgresql_flexible_server",
            r#"{"backup_retention_days":30}"#,
            r#"{"backup_retention_days":7}"#,
            "backup-off",
        ),
        (
            "aws_elasticache_replication_group",
            r#"{"snapshot_retention_limit":5}"#,
            r#"{"snapshot_retention_limit":0}"#,
            "backup-off",
        ),
        (
            "aws_cloudwatch_log_group",
            r#"{"retention_in_days":90}"#,
            r#"{"retention_in_days":7}"#,
            "retention-less",
        ),
        (
            "aws_cloudwatch_log_group",
            r#"{"retention_in_days":0}"#,
            r#"{"retention_in_days":7}"#,
            "retention-less",
        ),
        ("aws_kinesis_stream", r#"{"retention_period":168}"#, r#"{"retention_period":24}"#, "retention-less"),
        (
            "aws_sqs_queue",
            r#"{"message_retention_seconds":345600}"#,
            r#"{"message_retention_seconds":60}"#,
            "retention-less",
        ),
        (
            "azurerm_storage_account",
            r#"{"blob_properties":[{"delete_retention_policy":[{"days":7}]}]}"#,
            r#"{"blob_properties":[{"delete_retention_policy":[]}]}"#,
            "retention-less",
        ),
        (
            "aws_kms_key",
            r#"{"enable_key_rotation":true}"#,
            r#"{"enable_key_rotation":false}"#,
            "encryption-off",
        ),
        (
            "aws_s3_bucket",
            r#"{"server_side_encryption_configuration":[{"rule":[{}]}]}"#,
            r#"{"server_side_encryption_configuration":[]}"#,
            "encryption-off",
        ),
        (
            "azurerm_storage_account",
            r#"{"https_traffic_only_enabled":true}"#,
            r#"{"https_traffic_only_enabled":false}"#,
            "encryption-off",
        ),
        ("aws_cloudtrail", r#"{"enable_logging":true}"#, r#"{"enable_logging":false}"#, "audit-off"),
        ("aws_guardduty_detector", r#"{"enable":true}"#, r#"{"enable":false}"#, "audit-off"),
        (
            "aws_lb",
            r#"{"access_logs":[{"enabled":true,"bucket":"b"}]}"#,
            r#"{"access_logs":[{"enabled":false,"bucket":"b"}]}"#,
            "audit-off",
        ),
        (
            "aws_rds_cluster",
            r#"{"enabled_cloudwatch_logs_exports":["audit","error"]}"#,
            r#"{"enabled_cloudwatch_logs_exports":["error"]}"#,
            "audit-off",
        ),
        (
            "aws_cloudwatch_metric_alarm",
            r#"{"actions_enabled":true}"#,
            r#"{"actions_enabled":false}"#,
            "audit-off",
        ),
        ("aws_s3_bucket", r#"{"logging":[{"target_bucket":"b"}]}"#, r#"{"logging":[]}"#, "audit-off"),
        (
            "github_branch_protection",
            r#"{"allows_force_pushes":false}"#,
            r#"{"allows_force_pushes":true}"#,
            "guard-off",
        ),
        (
            "github_branch_protection",
            r#"{"required_pull_request_reviews":[{"required_approving_review_count":2}]}"#,
            r#"{"required_pull_request_reviews":[{"required_approving_review_count":0}]}"#,
            "guard-off",
        ),
        ("cloudflare_record", r#"{"proxied":true}"#, r#"{"proxied":false}"#, "guard-off"),
        (
            "google_storage_bucket",
            r#"{"uniform_bucket_level_access":true}"#,
            r#"{"uniform_bucket_level_access":false}"#,
            "guard-off",
        ),
        (
            "aws_wafv2_web_acl",
            r#"{"rule":[{"name":"a"},{"name":"b"}]}"#,
            r#"{"rule":[{"name":"a"}]}"#,
            "guard-off",
        ),
        (
            "aws_s3_bucket_lifecycle_configuration",
            r#"{"rule":[{"id":"a","transition":[]}]}"#,
            r#"{"rule":[{"id":"a","transition":[]},{"id":"b","expiration":[{"days":30}]}]}"#,
            "expiry",
        ),
        (
            "aws_s3_bucket_lifecycle_configuration",
            r#"{"rule":[{"id":"a","expiration":[{"days":365}]}]}"#,
            r#"{"rule":[{"id":"a","expiration":[{"days":1}]}]}"#,
            "expiry",
        ),
        (
            "google_storage_bucket",
            r#"{"lifecycle_rule":[]}"#,
            r#"{"lifecycle_rule":[{"action":[{"type":"Delete"}],"condition":[{"age":30}]}]}"#,
            "expiry",
        ),
        (
            "aws_lambda_function",
            r#"{"environment":[{"variables":{"A":"1","B":"2"}}]}"#,
            r#"{"environment":[{"variables":{"A":"1"}}]}"#,
            "settings-removed",
        ),
        (
            "aws_lambda_function",
            r#"{"environment":[{"variables":{"A":"1"}}]}"#,
            r#"{"environment":[]}"#,
            "settings-removed",
        ),
        (
            "aws_ecs_task_definition",
            r#"{"container_definitions":"[{\"name\":\"app\",\"environment\":[{\"name\":\"A\",\"value\":\"1\"},{\"name\":\"B\",\"value\":\"2\"}]}]"}"#,
            r#"{"container_definitions":"[{\"name\":\"app\",\"environment\":[{\"name\":\"A\",\"value\":\"1\"}]}]"}"#,
            "settings-removed",
        ),
        (
            "kubernetes_deployment_v1",
            r#"{"spec":[{"template":[{"spec":[{"container":[{"name":"a","env":[{"name":"A","value":"1"}]}]}]}]}]}"#,
            r#"{"spec":[{"template":[{"spec":[{"container":[{"name":"a","env":[]}]}]}]}]}"#,
            "settings-removed",
        ),
        (
            "azurerm_linux_web_app",
            r#"{"app_settings":{"A":"1"}}"#,
            r#"{"app_settings":{}}"#,
            "settings-removed",
        ),
        (
            "aws_security_group",
            r#"{"ingress":[{"from_port":443,"to_port":443,"cidr_blocks":["10.0.0.0/8"]},{"from_port":80,"to_port":80}]}"#,
            r#"{"ingress":[{"from_port":443,"to_port":443,"cidr_blocks":["10.0.0.0/8"]}]}"#,
            "reach-less",
        ),
        (
            "aws_security_group_rule",
            r#"{"type":"ingress","cidr_blocks":["10.0.0.0/8","10.1.0.0/16"]}"#,
            r#"{"type":"ingress","cidr_blocks":["10.0.0.0/8"]}"#,
            "reach-less",
        ),
        ("aws_db_instance", r#"{"multi_az":true}"#, r#"{"multi_az":false}"#, "reach-less"),
        (
            "kubernetes_deployment",
            r#"{"spec":[{"replicas":"3"}]}"#,
            r#"{"spec":[{"replicas":"0"}]}"#,
            "reach-less",
        ),
        ("aws_route_table", r#"{"route":[{"cidr_block":"0.0.0.0/0"}]}"#, r#"{"route":[]}"#, "reach-less"),
        ("github_repository", r#"{"archived":false}"#, r#"{"archived":true}"#, "reach-less"),
        (
            "aws_security_group",
            r#"{"ingress":[{"from_port":22,"to_port":22,"cidr_blocks":["10.0.0.0/8"]}]}"#,
            r#"{"ingress":[{"from_port":22,"to_port":22,"cidr_blocks":["0.0.0.0/0"]}]}"#,
            "open-to-world",
        ),
        (
            "aws_security_group",
            "null",
            r#"{"ingress":[{"from_port":0,"to_port":0,"protocol":"-1","cidr_blocks":["0.0.0.0/0"]}]}"#,
            "open-to-world",
        ),
        (
            "aws_security_group",
            "null",
            r#"{"ingress":[{"from_port":80,"to_port":8080,"cidr_blocks":["0.0.0.0/0"]}]}"#,
            "open-to-world",
        ),
        (
            "aws_security_group_rule",
            "null",
            r#"{"type":"ingress","from_port":5432,"to_port":5432,"ipv6_cidr_blocks":["::/0"]}"#,
            "open-to-world",
        ),
        (
            "aws_vpc_security_group_ingress_rule",
            "null",
            r#"{"cidr_ipv4":"0.0.0.0/0","ip_protocol":"-1"}"#,
            "open-to-world",
        ),
        (
            "google_compute_firewall",
            "null",
            r#"{"source_ranges":["0.0.0.0/0"],"allow":[{"protocol":"tcp","ports":["443","3389"]}]}"#,
            "open-to-world",
        ),
        (
            "google_compute_firewall",
            "null",
            r#"{"source_ranges":["0.0.0.0/0"],"allow":[{"protocol":"all","ports":[]}]}"#,
            "open-to-world",
        ),
        (
            "azurerm_network_security_rule",
            "null",
            r#"{"access":"Allow","direction":"Inbound","source_address_prefix":"*","destination_port_range":"3389"}"#,
            "open-to-world",
        ),
        (
            "aws_db_instance",
            r#"{"publicly_accessible":false}"#,
            r#"{"publicly_accessible":true}"#,
            "make-public",
        ),
        ("aws_db_instance", "null", r#"{"publicly_accessible":true}"#, "make-public"),
        ("aws_s3_bucket_acl", "null", r#"{"acl":"public-read"}"#, "make-public"),
        (
            "aws_s3_bucket_public_access_block",
            r#"{"block_public_policy":true}"#,
            r#"{"block_public_policy":false}"#,
            "make-public",
        ),
        ("github_repository", r#"{"visibility":"private"}"#, r#"{"visibility":"public"}"#, "make-public"),
        (
            "google_storage_bucket_iam_member",
            "null",
            r#"{"role":"roles/storage.objectViewer","member":"allUsers"}"#,
            "make-public",
        ),
        ("aws_lambda_function_url", "null", r#"{"authorization_type":"NONE"}"#, "make-public"),
        (
            "azurerm_storage_account",
            r#"{"allow_nested_items_to_be_public":false}"#,
            r#"{"allow_nested_items_to_be_public":true}"#,
            "make-public",
        ),
        ("aws_iam_role_policy", "null", admin, "grant-all"),
        (
            "aws_iam_user_policy_attachment",
            "null",
            r#"{"policy_arn":"arn:aws:iam::aws:policy/AdministratorAccess"}"#,
            "grant-all",
        ),
        (
            "aws_iam_role",
            "null",
            r#"{"managed_policy_arns":["arn:aws:iam::aws:policy/IAMFullAccess"]}"#,
            "grant-all",
        ),
        (
            "google_project_iam_member",
            "null",
            r#"{"role":"roles/owner","member":"user:a@example.com"}"#,
            "grant-all",
        ),
        ("azurerm_role_assignment", "null", r#"{"role_definition_name":"Owner"}"#, "grant-all"),
        (
            "kubernetes_cluster_role_binding_v1",
            "null",
            r#"{"role_ref":[{"name":"cluster-admin","kind":"ClusterRole"}]}"#,
            "grant-all",
        ),
        (
            "kubernetes_cluster_role",
            "null",
            r#"{"rule":[{"verbs":["*"],"resources":["*"],"api_groups":["*"]}]}"#,
            "grant-all",
        ),
        (
            "aws_iam_role",
            r#"{"assume_role_policy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::1:root\"}}]}"}"#,
            r#"{"assume_role_policy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"*\"}}]}"}"#,
            "trust-all",
        ),
        (
            "aws_sqs_queue_policy",
            "null",
            r#"{"policy":"{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"sqs:*\"}}"}"#,
            "trust-all",
        ),
        (
            "aws_iam_role_policy",
            r#"{"policy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\"}]}"}"#,
            &narrow,
            "grant-changed",
        ),
        (
            "google_project_iam_binding",
            r#"{"members":["user:a"]}"#,
            r#"{"members":["user:a","user:b"]}"#,
            "grant-changed",
        ),
        ("aws_iam_role_policy", "null", r#"{"role":"app","policy":"$"}"#, "grant-unknown"),
        (
            "aws_dynamodb_table",
            r#"{"deletion_protection_enabled":true}"#,
            r#"{"deletion_protection_enabled":null}"#,
            "protection-off",
        ),
        (
            "azurerm_key_vault",
            r#"{"purge_protection_enabled":true}"#,
            r#"{"purge_protection_enabled":null}"#,
            "protection-off",
        ),
        (
            "aws_cognito_user_pool",
            r#"{"deletion_protection":"ACTIVE"}"#,
            r#"{"deletion_protection":""}"#,
            "protection-off",
        ),
        (
            "aws_db_instance",
            r#"{"backup_retention_period":7}"#,
            r#"{"backup_retention_period":null}"#,
            "backup-off",
        ),
        (
            "aws_dynamodb_table",
            r#"{"point_in_time_recovery":[{"enabled":true}]}"#,
            r#"{"point_in_time_recovery":[{"enabled":null}]}"#,
            "backup-off",
        ),
        (
            "aws_kms_key",
            r#"{"enable_key_rotation":true}"#,
            r#"{"enable_key_rotation":null}"#,
            "encryption-off",
        ),
        ("aws_guardduty_detector", r#"{"enable":true}"#, r#"{"enable":null}"#, "audit-off"),
        (
            "aws_s3_bucket_lifecycle_configuration",
            r#"{"rule":[{"id":"a","status":"Disabled","expiration":[{"days":30}]}]}"#,
            r#"{"rule":[{"id":"a","status":"Enabled","expiration":[{"days":30}]}]}"#,
            "expiry",
        ),
        (
            "google_storage_bucket",
            r#"{"lifecycle_rule":[{"action":[{"type":"Delete"}],"condition":[{"age":90}]}]}"#,
            r#"{"lifecycle_rule":[{"action":[{"type":"Delete"}],"condition":[{"age":1}]}]}"#,
            "expiry",
        ),
        (
            "google_bigquery_table",
            r#"{"expiration_time":null}"#,
            r#"{"expiration_time":1800000000000}"#,
            "expiry",
        ),
        (
            "kafka_topic",
            r#"{"config":{"retention.ms":"604800000"}}"#,
            r#"{"config":{"retention.ms":"1000"}}"#,
            "expiry",
        ),
        (
            "aws_dynamodb_table",
            r#"{"replica":[{"region_name":"a"},{"region_name":"b"}]}"#,
            r#"{"replica":[{"region_name":"a"}]}"#,
            "copy-removed",
        ),
        (
            "aws_backup_plan",
            r#"{"rule":[{"rule_name":"a"},{"rule_name":"b"}]}"#,
            r#"{"rule":[{"rule_name":"a"}]}"#,
            "backup-off",
        ),
        (
            "aws_s3_bucket_object_lock_configuration",
            r#"{"rule":[{"default_retention":[{"mode":"COMPLIANCE","days":30}]}]}"#,
            r#"{"rule":[{"default_retention":[{"mode":"GOVERNANCE","days":30}]}]}"#,
            "protection-off",
        ),
        ("aws_ecs_service", r#"{"desired_count":2}"#, r#"{"desired_count":0}"#, "scale-to-zero"),
        (
            "google_sql_database_instance",
            r#"{"settings":[{"activation_policy":"ALWAYS"}]}"#,
            r#"{"settings":[{"activation_policy":"NEVER"}]}"#,
            "scale-to-zero",
        ),
        (
            "google_kms_crypto_key_version",
            r#"{"state":"ENABLED"}"#,
            r#"{"state":"DESTROYED"}"#,
            "destroy-by-setting",
        ),
        (
            "azurerm_resource_group_template_deployment",
            r#"{"deployment_mode":"Complete","tags":null}"#,
            r#"{"deployment_mode":"Complete","tags":{"a":"b"}}"#,
            "destroy-by-setting",
        ),
        ("local_sensitive_file", "null", r#"{"filename":"/home/a/.ssh/authorized_keys"}"#, "write-home"),
        (
            "kubernetes_manifest",
            "null",
            r#"{"manifest":{"kind":"ClusterRoleBinding","roleRef":{"name":"cluster-admin"}}}"#,
            "grant-all",
        ),
        (
            "aws_iam_role_policy",
            "null",
            r#"{"policy":"{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"**\",\"Resource\":\"arn:aws:*:*:*:*\"}]}"}"#,
            "grant-all",
        ),
        (
            "aws_s3_bucket_acl",
            "null",
            r#"{"access_control_policy":[{"grant":[{"grantee":[{"uri":"http://acs.amazonaws.com/groups/global/AllUsers"}]}]}]}"#,
            "make-public",
        ),
        (
            "aws_sqs_queue_policy",
            "null",
            r#"{"policy":"{\"Statement\":{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Condition\":{\"StringNotEquals\":{\"aws:PrincipalOrgID\":\"o-abc\"}}}}"}"#,
            "trust-all",
        ),
        ("google_project_iam_policy", "null", r#"{"policy_data":"{}"}"#, "grant-authoritative"),
    ] {
        let judgement = judged(&book, &plan(kind, before, after));
        let id = format!("plan/{rule}");
        let said: Vec<&str> = judgement.contributions.iter().map(|one| one.rule.as_str()).collect();
        assert!(said.contains(&&*id), "{kind} {before} -> {after}: {rule} is not among {said:?}");
        assert!(judgement.decision >= Decision::Confirm, "{kind} {before} -> {after}");
    }
}
