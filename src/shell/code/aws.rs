//! The libraries of aws: their calls in the spelling of its command line.

use super::Finding;
use super::api::plain;
use super::call::Call;
use super::known::Known;
use super::reader::Reader;
use super::services::service;
use crate::shell::inner::Language;
use crate::shell::value::HOLE;

/// Methods of a client that call nothing.
const OWN: &[&str] = &[
    "get_paginator",
    "get_waiter",
    "get_waiter_names",
    "can_paginate",
    "close",
    "generate_presigned_url",
    "generate_presigned_post",
    "get_available_subresources",
    "meta",
    "config",
    "send",
    "destroy",
    "promise",
    "on",
    "exceptions",
    "new",
    "wait_until",
    "waitFor",
    "stub_responses",
    "then",
    "catch",
    "finally",
];

/// Fronts of names that change something, for clients of an unknown service.
const CHANGES: &[&str] = &[
    "delete_",
    "terminate_",
    "remove_",
    "stop_",
    "deregister_",
    "purge_",
    "release_",
    "revoke_",
    "detach_",
    "disable_",
    "cancel_",
    "reboot_",
    "schedule_key_deletion",
    "batch_delete",
    "put_",
    "update_",
    "modify_",
    "reset_",
    "restore_",
];

/// What a call does with aws.
pub(super) fn call(call: &Call<'_>, reader: &Reader<'_>) -> Option<Vec<Finding>> {
    let command = match reader.language {
        Language::Python => python(call, reader),
        Language::JavaScript => script(call),
        Language::Ruby => ruby(call),
        _ => None,
    }?;
    Some(vec![Finding::Call { name: format!("aws {command}"), arguments: arguments(call) }])
}

/// What the call is about, for people: the values that are known.
fn arguments(call: &Call<'_>) -> Vec<u8> {
    let mut texts: Vec<Vec<u8>> = Vec::new();
    let mut add = |value: &Known| match value {
        Known::Map(pairs) => texts.extend(pairs.iter().map(|(_, value)| value.as_text())),
        other => texts.push(other.as_text()),
    };
    call.arguments.each().for_each(&mut add);
    texts.truncate(8);
    let text = texts.join(&b' ');
    if text.is_empty() { vec![HOLE] } else { text }
}

/// `TerminateInstances` and `terminate_instances` as `terminate-instances`.
fn kebab(name: &str) -> String {
    let mut out = String::new();
    let signs: Vec<char> = name.chars().collect();
    for (index, sign) in signs.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| signs.get(before));
        let lower_before = before.is_some_and(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit());
        let lower_after = signs.get(index + 1).is_some_and(char::is_ascii_lowercase);
        let upper_before = before.is_some_and(char::is_ascii_uppercase);
        if *sign == '_' {
            out.push('-');
        } else if sign.is_ascii_uppercase() && (lower_before || (upper_before && lower_after)) {
            out.push('-');
            out.push(sign.to_ascii_lowercase());
        } else {
            out.push(sign.to_ascii_lowercase());
        }
    }
    out
}

/// What stands in brackets behind `front` in `path`, and what follows it.
fn within<'a>(path: &'a str, front: &str) -> Option<(&'a str, &'a str)> {
    let (_, rest) = path.rsplit_once(front)?;
    let (name, rest) = rest.split_once(')')?;
    Some((name, rest))
}

fn python(call: &Call<'_>, reader: &Reader<'_>) -> Option<String> {
    let path = call.path;
    let name = call.name();
    if OWN.contains(&name) {
        return None;
    }
    for front in [".client(", ".create_client("] {
        if let Some((service_name, rest)) = within(path, front) {
            // Of a paginator or a waiter the operation was named before.
            let direct = rest.strip_prefix('.') == Some(name);
            return direct.then(|| format!("{} {}", service(service_name), kebab(name)));
        }
    }
    if let Some((service_name, rest)) = within(path, ".resource(") {
        return resource(service_name, rest, name);
    }
    let library = reader.mentions("boto3") || reader.mentions("botocore") || reader.mentions("aioboto");
    if !library || !path.contains('.') {
        return None;
    }
    let own = ["os.", "shutil.", "subprocess.", "requests.", "s3.meta", "kubernetes."];
    let changes = CHANGES.iter().any(|front| name.starts_with(front)) || name == "terminate";
    (changes && !own.iter().any(|front| path.starts_with(front))).then(|| format!("? {}", kebab(name)))
}

/// `boto3.resource("ec2").instances.filter().terminate()`.
fn resource(service_name: &str, rest: &str, method: &str) -> Option<String> {
    let mut kinds = rest.split('.').map(plain).filter(|part| !part.is_empty() && *part != method);
    let kind = kinds.rfind(|part| !matches!(*part, "all" | "filter" | "limit" | "pages" | "page_size"))?;
    let changes =
        ["delete", "terminate", "stop", "reboot", "purge", "detach", "remove", "release", "put", "copy"];
    let changes = changes.iter().any(|front| method.starts_with(front)) || method == "clear";
    if !changes {
        return None;
    }
    let kind = kebab(kind);
    let command = match (service_name, kind.as_str(), method) {
        ("s3", "objects" | "object-versions", _) => "s3 rm".to_owned(),
        ("s3", "object" | "object-summary", "delete") => "s3api delete-object".to_owned(),
        ("ec2", "instance" | "instances", method) => format!("ec2 {}-instances", kebab(method)),
        ("dynamodb", "table", "delete_item" | "put_item") => format!("dynamodb {}", kebab(method)),
        _ if method.contains('_') => format!("{} {}", service(service_name), kebab(method)),
        (_, kind, method) => {
            let kind = kind.strip_suffix('s').filter(|_| !kind.ends_with("ss")).unwrap_or(kind);
            format!("{} {method}-{kind}", service(service_name))
        }
    };
    Some(command)
}

fn script(call: &Call<'_>) -> Option<String> {
    let path = call.path;
    let name = call.name();
    // `new TerminateInstancesCommand(…)` of version 3.
    if let Some(rest) = path.strip_prefix("@aws-sdk/") {
        let (package, _) = rest.split_once('.')?;
        let package = package.strip_prefix("client-").unwrap_or(package);
        if let Some(operation) = name.strip_suffix("Command") {
            return Some(format!("{} {}", service(package), document(package, operation)));
        }
        // The client of all operations has them as methods.
        let method = path.contains("()") || path.contains(").");
        return (method && !OWN.contains(&name)).then(|| format!("{} {}", service(package), kebab(name)));
    }
    let rest = path.strip_prefix("aws-sdk")?;
    let (constructor, _) = rest.rsplit_once('.')?;
    let service_name = plain(constructor.trim_start_matches("/clients/").trim_start_matches('.'));
    if service_name.is_empty() || !constructor.contains('(') || OWN.contains(&name) {
        return None;
    }
    let service_name = service_name.to_ascii_lowercase();
    let operation = document(&service_name, name);
    Some(format!("{} {operation}", service(&service_name)))
}

/// Operations of the document clients of `DynamoDB` have short names.
fn document(package: &str, operation: &str) -> String {
    let short = matches!(package, "documentclient" | "lib-dynamodb");
    match operation.to_ascii_lowercase().as_str() {
        "delete" if short => "delete-item".to_owned(),
        "put" if short => "put-item".to_owned(),
        "update" if short => "update-item".to_owned(),
        "get" if short => "get-item".to_owned(),
        _ => kebab(operation),
    }
}

fn ruby(call: &Call<'_>) -> Option<String> {
    let rest = call.path.strip_prefix("Aws.")?;
    let name = call.name();
    let (service_name, rest) = rest.split_once('.')?;
    if OWN.contains(&name) || !rest.contains("new(") {
        return None;
    }
    let service_name = service_name.to_ascii_lowercase();
    if rest.starts_with("Client.") {
        return Some(format!("{} {}", service(&service_name), kebab(name)));
    }
    let method = match name {
        "batch_delete" | "clear" | "delete" if service_name == "s3" && rest.contains("objects") => {
            return Some("s3 rm".to_owned());
        }
        other => other,
    };
    let (kinds, _) = rest.rsplit_once('.')?;
    let method = if method == "batch_delete" { "delete" } else { method };
    let parts = kinds.replace("Resource.", "").replace(".new()", "").replace("new()", "");
    resource(&service_name, &format!(".{parts}.{method}"), method)
}
