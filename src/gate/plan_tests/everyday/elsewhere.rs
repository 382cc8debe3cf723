//! Everyday changes of other providers.

use super::Passes;

pub(super) const ROWS: &[Passes] = &[
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
    ("helm_release", r#"{"version":"1.0.0","values":["a: 1"]}"#, r#"{"version":"1.1.0","values":["a: 2"]}"#),
    ("github_repository", "null", r#"{"name":"r","visibility":"private"}"#),
    (
        "github_branch_protection",
        r#"{"enforce_admins":false,"required_pull_request_reviews":[{"required_approving_review_count":1}]}"#,
        r#"{"enforce_admins":true,"required_pull_request_reviews":[{"required_approving_review_count":2}]}"#,
    ),
    ("cloudflare_record", r#"{"value":"1.2.3.4","proxied":true}"#, r#"{"value":"1.2.3.5","proxied":true}"#),
    ("terraform_data", r#"{"input":"a"}"#, r#"{"input":"b"}"#),
    ("random_password", "null", r#"{"length":20}"#),
    ("null_resource", "null", r#"{"triggers":{"a":"1"}}"#),
    ("kafka_topic", r#"{"config":{"retention.ms":"1000"}}"#, r#"{"config":{"retention.ms":"2000"}}"#),
    ("local_file", "null", r#"{"filename":"./inventory.ini","content":"a"}"#),
    ("azurerm_resource_group_template_deployment", "null", r#"{"deployment_mode":"Incremental"}"#),
    (
        "kubectl_manifest",
        "null",
        r#"{"yaml_body":"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 2\n"}"#,
    ),
    (
        "kubectl_manifest",
        r#"{"yaml_body":"apiVersion: apps/v1\nkind: Deployment\nspec:\n  replicas: 2\n"}"#,
        r#"{"yaml_body":"apiVersion: apps/v1\nkind: Deployment\nspec:\n  replicas: 3\n"}"#,
    ),
    (
        "kubernetes_manifest",
        r#"{"manifest":{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"}}}"#,
        r#"{"manifest":{"apiVersion":"v1","kind":"ConfigMap","data":{"a":"1"}}}"#,
    ),
    (
        "helm_release",
        r#"{"values":["replicaCount: 2\nimage:\n  tag: a\n"]}"#,
        r#"{"values":["replicaCount: 3\nimage:\n  tag: b\nresources:\n  limits:\n    cpu: 1\n"]}"#,
    ),
    (
        "helm_release",
        "null",
        r#"{"name":"web","chart":"web","values":["service:\n  type: ClusterIP\nsecurityContext:\n  privileged: false\n"],"set":[{"name":"service.port","value":"80"}]}"#,
    ),
    (
        "helm_release",
        r#"{"values":["service:\n  type: LoadBalancer\nimage: a\n"]}"#,
        r#"{"values":["service:\n  type: LoadBalancer\nimage: b\n"]}"#,
    ),
    (
        "kubernetes_service_v1",
        r#"{"spec":[{"type":"LoadBalancer","port":[{"port":80}]}]}"#,
        r#"{"spec":[{"type":"LoadBalancer","port":[{"port":443}]}]}"#,
    ),
    (
        "google_cloud_run_v2_service",
        r#"{"template":[{"scaling":[{"max_instance_count":10,"min_instance_count":1}]}]}"#,
        r#"{"template":[{"scaling":[{"max_instance_count":5,"min_instance_count":0}]}]}"#,
    ),
    (
        "azurerm_container_app",
        r#"{"template":[{"min_replicas":1,"max_replicas":3}]}"#,
        r#"{"template":[{"min_replicas":0,"max_replicas":2}]}"#,
    ),
    (
        "kubernetes_cron_job_v1",
        r#"{"spec":[{"schedule":"@daily","suspend":false}]}"#,
        r#"{"spec":[{"schedule":"@hourly","suspend":false}]}"#,
    ),
    (
        "azapi_resource_action",
        "null",
        r#"{"action":"listKeys","method":"POST","when":"apply","resource_id":"$"}"#,
    ),
    ("azapi_resource", "null", r#"{"type":"Microsoft.App/jobs@2024-03-01","name":"web","body":"$"}"#),
    ("restapi_object", "null", r#"{"path":"/api/objects","data":"{}"}"#),
    (
        "vault_generic_endpoint",
        "null",
        r#"{"path":"auth/userpass/users/u1","data_json":"{}","ignore_absent_fields":true}"#,
    ),
    ("google_storage_bucket_acl", "null", r#"{"bucket":"b","predefined_acl":"projectPrivate"}"#),
    (
        "google_project_organization_policy",
        "null",
        r#"{"constraint":"c","boolean_policy":[{"enforced":true}]}"#,
    ),
    ("aws_ebs_snapshot_block_public_access", "null", r#"{"state":"block-all-sharing"}"#),
    ("cloudinit_config", "null", r#"{"part":[{"content":"packages: [jq]\n"}]}"#),
];
