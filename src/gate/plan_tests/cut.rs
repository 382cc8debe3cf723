//! What is cut off, stopped or loses its settings.

use super::Stopped;

pub(super) const ROWS: &[Stopped] = &[
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
    ("azurerm_linux_web_app", r#"{"app_settings":{"A":"1"}}"#, r#"{"app_settings":{}}"#, "settings-removed"),
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
    ("aws_ecs_service", r#"{"desired_count":2}"#, r#"{"desired_count":0}"#, "scale-to-zero"),
    (
        "google_sql_database_instance",
        r#"{"settings":[{"activation_policy":"ALWAYS"}]}"#,
        r#"{"settings":[{"activation_policy":"NEVER"}]}"#,
        "scale-to-zero",
    ),
    ("aws_db_instance", r#"{"multi_az":true}"#, r#"{"multi_az":null}"#, "reach-less"),
    ("aws_db_instance", r#"{"multi_az":"True"}"#, r#"{"multi_az":"False"}"#, "reach-less"),
    ("azurerm_storage_account", r#"{"zone_redundant":true}"#, "{}", "reach-less"),
    (
        "aws_instance",
        r#"{"vpc_security_group_ids":["sg-1","sg-2"]}"#,
        r#"{"vpc_security_group_ids":["sg-1"]}"#,
        "reach-less",
    ),
    (
        "kubernetes_cron_job_v1",
        r#"{"spec":[{"suspend":false}]}"#,
        r#"{"spec":[{"suspend":true}]}"#,
        "reach-less",
    ),
    (
        "google_cloud_run_v2_service",
        r#"{"template":[{"scaling":[{"max_instance_count":10}]}]}"#,
        r#"{"template":[{"scaling":[{"max_instance_count":0}]}]}"#,
        "scale-to-zero",
    ),
    (
        "google_cloudfunctions2_function",
        r#"{"service_config":[{"max_instance_count":10}]}"#,
        r#"{"service_config":[{"max_instance_count":0}]}"#,
        "scale-to-zero",
    ),
    (
        "azurerm_container_app",
        r#"{"template":[{"max_replicas":3}]}"#,
        r#"{"template":[{"max_replicas":0}]}"#,
        "scale-to-zero",
    ),
    ("azurerm_kubernetes_cluster_node_pool", r#"{"node_count":3}"#, r#"{"node_count":0}"#, "scale-to-zero"),
];
