//! What is deleted, or will be by what is set.

use super::Stopped;

pub(super) const ROWS: &[Stopped] = &[
    ("aws_instance", r#"{"a":1}"#, "null", "delete"),
    ("aws_db_instance", r#"{"a":1}"#, "null", "delete-data"),
    ("terraform_data", r#"{"a":1}"#, "null", "delete-state-only"),
    ("aws_cloudtrail", r#"{"a":1}"#, "null", "delete-safeguard"),
    ("aws_s3_bucket_public_access_block", r#"{"a":1}"#, "null", "delete-safeguard"),
    ("azurerm_management_lock", r#"{"a":1}"#, "null", "delete-safeguard"),
    ("github_branch_protection", r#"{"a":1}"#, "null", "delete-safeguard"),
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
    (
        "aws_dynamodb_table",
        r#"{"replica":[{"region_name":"a"},{"region_name":"b"}]}"#,
        r#"{"replica":[{"region_name":"a"}]}"#,
        "copy-removed",
    ),
];
