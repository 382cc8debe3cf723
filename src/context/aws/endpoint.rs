//! Where requests are sent that a flag, a variable or a profile sends elsewhere:
//! `LocalStack` and its like.
//!
//! Only `--endpoint-url` is heeded by every aws. Those before July 2023, which
//! distributions still ship, know neither the variables nor the profile's
//! `endpoint_url`, and aws 1 sends `sqs`, `rds`, `emr` and others to the real
//! cloud in spite of both. So those are claims.

use std::ffi::OsStr;

use super::config::{Config, Profile};
use crate::command::Command;
use crate::context::address::{Address, scheme};
use crate::context::target::Target;
use crate::process::Environment;
use crate::verdict::Fact;

/// The variable that every service heeds.
pub(super) const VARIABLE: &str = "AWS_ENDPOINT_URL";

/// The variable that switches every configured endpoint off.
pub(super) const IGNORE: &str = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";

/// Services whose settings have another name than their command. In a variable
/// it is in upper case.
const NAMES: &[(&str, &str)] = &[
    ("apigateway", "api_gateway"),
    ("application-autoscaling", "application_auto_scaling"),
    ("appmesh", "app_mesh"),
    ("autoscaling", "auto_scaling"),
    ("autoscaling-plans", "auto_scaling_plans"),
    ("ce", "cost_explorer"),
    ("cloudhsmv2", "cloudhsm_v2"),
    ("cloudsearchdomain", "cloudsearch_domain"),
    ("cognito-idp", "cognito_identity_provider"),
    ("configservice", "config_service"),
    ("cur", "cost_and_usage_report_service"),
    ("datapipeline", "data_pipeline"),
    ("ddb", "dynamodb"),
    ("deploy", "codedeploy"),
    ("devicefarm", "device_farm"),
    ("directconnect", "direct_connect"),
    ("discovery", "application_discovery_service"),
    ("dms", "database_migration_service"),
    ("ds", "directory_service"),
    ("ds-data", "directory_service_data"),
    ("dynamodbstreams", "dynamodb_streams"),
    ("elasticbeanstalk", "elastic_beanstalk"),
    ("elb", "elastic_load_balancing"),
    ("elbv2", "elastic_load_balancing_v2"),
    ("es", "elasticsearch_service"),
    ("events", "eventbridge"),
    ("globalaccelerator", "global_accelerator"),
    ("iot-data", "iot_data_plane"),
    ("iot-jobs-data", "iot_jobs_data_plane"),
    ("iotevents", "iot_events"),
    ("iotevents-data", "iot_events_data"),
    ("iotwireless", "iot_wireless"),
    ("kinesisanalytics", "kinesis_analytics"),
    ("kinesisanalyticsv2", "kinesis_analytics_v2"),
    ("kinesisvideo", "kinesis_video"),
    ("lex-models", "lex_model_building_service"),
    ("lex-runtime", "lex_runtime_service"),
    ("lexv2-models", "lex_models_v2"),
    ("lexv2-runtime", "lex_runtime_v2"),
    ("logs", "cloudwatch_logs"),
    ("machinelearning", "machine_learning"),
    ("marketplace-entitlement", "marketplace_entitlement_service"),
    ("marketplacecommerceanalytics", "marketplace_commerce_analytics"),
    ("meteringmarketplace", "marketplace_metering"),
    ("mgh", "migration_hub"),
    ("resourcegroupstaggingapi", "resource_groups_tagging_api"),
    ("route53", "route_53"),
    ("route53domains", "route_53_domains"),
    ("runtime.sagemaker", "sagemaker_runtime"),
    ("s3api", "s3"),
    ("s3control", "s3_control"),
    ("sdb", "simpledb"),
    ("secretsmanager", "secrets_manager"),
    ("serverlessrepo", "serverlessapplicationrepository"),
    ("servicecatalog", "service_catalog"),
    ("servicecatalog-appregistry", "service_catalog_appregistry"),
    ("sms-voice", "pinpoint_sms_voice"),
    ("stepfunctions", "sfn"),
    ("storagegateway", "storage_gateway"),
];

/// Commands that aws adds to a service's own, which ask several services, by
/// the words they begin with: the flag may not hold for all.
const COMPOSED: &[&[&str]] = &[
    &["cloudformation", "deploy"],
    &["cloudformation", "package"],
    &["cloudtrail", "create-subscription"],
    &["cloudtrail", "update-subscription"],
    &["cloudtrail", "validate-logs"],
    &["codeartifact", "login"],
    &["configservice", "subscribe"],
    &["configure"],
    &["datapipeline", "create-default-roles"],
    &["deploy", "deregister"],
    &["deploy", "install"],
    &["deploy", "push"],
    &["deploy", "register"],
    &["deploy", "uninstall"],
    &["dlm", "create-default-role"],
    &["ec2-instance-connect"],
    &["ecs", "deploy"],
    &["eks", "get-token"],
    &["eks", "update-kubeconfig"],
    &["emr"],
    &["emr-containers", "update-role-trust-policy"],
    &["gamelift", "upload-build"],
    &["lightsail", "push-container-image"],
    &["login"],
    &["servicecatalog", "generate"],
    &["sso"],
];

/// The name that settings have for the service of `command`: `auto_scaling`.
pub(super) fn service(command: &Command) -> String {
    let name = command.path.first().map_or("", String::as_str);
    let other = NAMES.iter().find(|(known, _)| *known == name).map(|(_, other)| (*other).to_owned());
    other.unwrap_or_else(|| name.replace('-', "_"))
}

/// The endpoint that variables and the profile configure for `service`, in
/// botocore's order; none where they are to be ignored.
pub(super) fn configured(
    service: &str,
    config: &Config,
    profile: Option<&Profile<'_>>,
    environment: &Environment,
) -> Option<String> {
    let option = |name: &str| profile.and_then(|profile| profile.get(name)).filter(|value| !value.is_empty());
    let ignored = environment.get(IGNORE).map(OsStr::to_string_lossy);
    let ignored = ignored.as_deref().or_else(|| option("ignore_configured_endpoint_urls"));
    if ignored.is_some_and(|ignored| ignored.eq_ignore_ascii_case("true")) {
        return None;
    }
    let own = format!("{VARIABLE}_{}", service.to_uppercase());
    let variable = environment.non_empty(&own).or_else(|| environment.non_empty(VARIABLE));
    if let Some(url) = variable {
        return Some(url.to_string_lossy().into_owned());
    }
    let of_service = option("services").and_then(|section| config.service(section, service, "endpoint_url"));
    of_service.filter(|url| !url.is_empty()).or_else(|| option("endpoint_url")).map(str::to_owned)
}

/// Whether every request of `command` surely goes where `--endpoint-url` says.
pub(super) fn flag_holds(command: &Command) -> bool {
    let path: Vec<&str> = command.path.iter().map(String::as_str).collect();
    let is_s3 = path.first().is_some_and(|service| service.starts_with("s3"));
    // A multi-region access point has an address of its own.
    let arn = |text: &OsStr| text.to_string_lossy().contains("arn:");
    let has_arn = command.operands.iter().any(|word| arn(word))
        || command.flags.iter().filter_map(|flag| flag.value.as_deref()).any(arn)
        || command.fields.set.iter().any(|field| arn(OsStr::new(&field.value)))
        || command.fields.unread;
    // `s3 sync` asks the region of the source itself.
    let has_source = command.flag("--source-region").is_some();
    let composed = path.get(1) == Some(&"wizard") || COMPOSED.iter().any(|known| path.starts_with(known));
    !composed && !(is_s3 && (has_arn || has_source))
}

/// Adds an endpoint, without a login: as it is written, and as others would
/// write it. One that may be read in two ways, or behind a proxy, is a claim.
pub(super) fn put(target: &mut Target, url: &str, sure: bool, environment: &Environment) {
    let address = Address::of(url);
    let Some((prefix, _)) = scheme(url) else {
        // aws stops at it.
        return target.claim(Fact::Endpoint, address.shown);
    };
    let plain = is_plain(url);
    if !plain && address.ambiguous {
        target.cannot_read("the endpoint's address: which part of it is the host is not clear");
    }
    let lower = prefix.to_ascii_lowercase();
    let (host, path) = address.shown.split_once('/').unwrap_or((&address.shown, ""));
    let host = host.to_ascii_lowercase();
    let port = if lower == "http" { ":80" } else { ":443" };
    let host = host.strip_suffix(port).unwrap_or(&host).to_owned();
    let slash = if path.is_empty() { "" } else { "/" };
    let usual = format!("{lower}://{host}{slash}{}", path.trim_end_matches('/'));
    let usual = usual.trim_end_matches('/').to_owned();
    let sure = sure && plain && !may_be_proxied(&lower, &host, environment);
    for value in [format!("{prefix}://{}", address.shown), usual] {
        if sure { target.add(Fact::Endpoint, value) } else { target.claim(Fact::Endpoint, value) }
    }
}

/// Whether an address has nothing that two readers could read in two ways:
/// scheme, host, port and path in plain signs.
fn is_plain(url: &str) -> bool {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    let Some(rest) = rest else { return false };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host_is = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
    let path_is = |byte: u8| byte.is_ascii_alphanumeric() || b"._~/-".contains(&byte);
    let dots = path.split('/').any(|part| part == "..");
    !host.is_empty() && host.bytes().all(host_is) && path.bytes().all(path_is) && !dots
}

/// Whether a proxy may stand between. Python takes the variables' names in any
/// case, and asks one for this machine too, unless `no_proxy` names it.
fn may_be_proxied(scheme: &str, host: &str, environment: &Environment) -> bool {
    let name = host.rsplit_once(':').filter(|_| !host.ends_with(']')).map_or(host, |(name, _)| name);
    let of = |wanted: &str| {
        let same = |name: &OsStr| name.eq_ignore_ascii_case(wanted);
        environment.iter().any(|(name, value)| same(name) && !value.is_empty())
    };
    let excepts = |list: &OsStr| {
        let list = list.to_string_lossy();
        list == "*" || list.split(',').any(|one| [host, name].contains(&one.trim()))
    };
    let mut exceptions =
        environment.iter().filter(|(name, _)| name.eq_ignore_ascii_case("no_proxy")).peekable();
    let excepted = exceptions.peek().is_some() && exceptions.all(|(_, list)| excepts(list));
    !excepted && (of(&format!("{scheme}_proxy")) || of("all_proxy"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str, variables: &[(&str, &str)]) -> (Vec<String>, bool) {
        let environment: Environment = variables.iter().copied().collect();
        let mut target = Target::default();
        put(&mut target, url, true, &environment);
        let values: Vec<String> = target.values(Fact::Endpoint).map(str::to_owned).collect();
        let proven = target.proven(Fact::Endpoint).count() == values.len();
        (values, proven && target.unreadable().is_empty())
    }

    #[test]
    fn an_endpoint_is_known_however_it_is_written() {
        for (url, values, sure) in [
            ("http://localhost:4566", &["http://localhost:4566"][..], true),
            ("http://localhost:4566/", &["http://localhost:4566/", "http://localhost:4566"], true),
            ("https://H:443/a/", &["https://H:443/a/", "https://h/a"], true),
            ("http://[::1]:80", &["http://[::1]:80", "http://[::1]"], true),
            ("HTTP://h", &["HTTP://h", "http://h"], false),
            ("http://u:hunter2@h", &["http://h"], false),
            ("http://localhost:4566#@prod", &["http://prod"], false),
            ("http://localhost:4566\\@prod", &["http://prod"], false),
            ("http://localhost?x", &["http://localhost"], false),
            ("localhost:4566", &["localhost:4566"], false),
            ("ftp://h", &["ftp://h"], false),
            ("http://", &["http://", "http:"], false),
        ] {
            let (all, proven) = of(url, &[]);
            let all: Vec<&str> = all.iter().map(String::as_str).collect();
            assert_eq!((all.as_slice(), proven), (values, sure), "{url}");
        }
    }

    #[test]
    fn a_proxy_may_lead_elsewhere() {
        for (variables, sure) in [
            (&[("HTTP_PROXY", "http://p")][..], false),
            (&[("https_proxy", "http://p")], true),
            (&[("ALL_PROXY", "http://p")], false),
            (&[("http_proxy", "http://p"), ("NO_PROXY", "a, h:1")], true),
            (&[("http_proxy", "http://p"), ("no_proxy", "*")], true),
            (&[("http_proxy", "http://p"), ("no_proxy", ""), ("NO_PROXY", "h:1")], false),
            (&[("Http_Proxy", "http://p"), ("NO_PROXY", "a,h")], true),
            (&[("Http_Proxy", "http://p"), ("NO_PROXY", "a,*")], false),
        ] {
            assert_eq!(of("http://h:1", variables).1, sure, "{variables:?}");
        }
    }
}
