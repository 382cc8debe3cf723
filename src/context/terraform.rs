//! Where a terraform command would act: workspace, backend, credentials' names.
//!
//! Read offline from what terraform itself reads: `TF_WORKSPACE` or the file
//! `.terraform/environment`, and the backend that `init` wrote down in
//! `.terraform/terraform.tfstate`. Terraform refuses to run while that file
//! and the configuration disagree, so it tells where the state is.

use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::target::Target;
use crate::command::Command;
use crate::process::{Environment, absolute};
use crate::verdict::Fact;

/// The largest file that is read to find a target, in bytes. With a remote
/// backend the file holds a few hundred bytes.
const FILE_LIMIT: u64 = 1 << 20;

/// Variables whose value names the credentials that terraform's providers use.
const CREDENTIALS: &[(&str, Fact)] = &[
    ("AWS_PROFILE", Fact::Profile),
    ("AWS_DEFAULT_PROFILE", Fact::Profile),
    ("AWS_VAULT", Fact::Profile),
    ("AWS_REGION", Fact::Region),
    ("AWS_DEFAULT_REGION", Fact::Region),
    ("AWS_ROLE_ARN", Fact::Role),
    ("GOOGLE_PROJECT", Fact::Project),
    ("GOOGLE_CLOUD_PROJECT", Fact::Project),
    ("GCLOUD_PROJECT", Fact::Project),
    ("CLOUDSDK_CORE_PROJECT", Fact::Project),
    ("GOOGLE_IMPERSONATE_SERVICE_ACCOUNT", Fact::Role),
    ("ARM_SUBSCRIPTION_ID", Fact::Subscription),
    ("KUBE_CTX", Fact::Context),
    ("KUBE_HOST", Fact::Server),
    ("TF_CLOUD_PROJECT", Fact::Project),
    ("VAULT_NAMESPACE", Fact::Namespace),
];

/// Variables that change what runs and that people should see when asked.
const SHOWN: &[(&str, &str)] =
    &[("TF_CLI_CONFIG_FILE", "cli_config"), ("TF_DATA_DIR", "data_directory"), ("KUBECONFIG", "kubeconfig")];

/// The variables that decide where terraform acts, by name.
pub fn variables() -> Vec<&'static str> {
    let credentials = CREDENTIALS.iter().map(|(name, _)| *name);
    std::iter::once("TF_WORKSPACE").chain(SHOWN.iter().map(|(name, _)| *name)).chain(credentials).collect()
}

/// The target of `command`, started in `directory` with `environment`.
/// `None` as directory means that the working directory is gone.
pub fn target(command: &Command, environment: &Environment, directory: Option<&Path>) -> Target {
    let mut target = Target::default();
    for (name, fact) in CREDENTIALS {
        if let Some(value) = environment.non_empty(name) {
            target.claim(*fact, value.to_string_lossy());
        }
    }
    for (name, shown) in SHOWN {
        if let Some(value) = environment.non_empty(name) {
            target.detail(shown, value.to_string_lossy());
        }
    }
    let Some(directory) = directory else {
        workspace(&mut target, command, environment, None);
        return target;
    };
    let directory = command
        .directory
        .as_ref()
        .map_or_else(|| directory.to_path_buf(), |changed| absolute(directory, Path::new(changed)));
    target.add(Fact::Directory, directory.to_string_lossy());
    let data = environment
        .non_empty("TF_DATA_DIR")
        .map_or_else(|| directory.join(".terraform"), |data| absolute(&directory, Path::new(data)));
    workspace(&mut target, command, environment, Some(&data));
    backend(&mut target, environment, &data);
    target
}

/// The workspace that the command acts on. `select`, `new` and `delete` act on
/// the one they name.
fn workspace(target: &mut Target, command: &Command, environment: &Environment, data: Option<&PathBuf>) {
    let path: Vec<&str> = command.path.iter().map(String::as_str).collect();
    if let ["workspace", "select" | "new" | "delete"] = path.as_slice() {
        for name in &command.operands {
            target.add(Fact::Workspace, name.to_string_lossy());
        }
        return;
    }
    if let Some(name) = environment.non_empty("TF_WORKSPACE") {
        target.add(Fact::Workspace, name.to_string_lossy());
        return;
    }
    match data.map(|data| read(&data.join("environment"))) {
        Some(Ok(Some(name))) if !name.trim_ascii().is_empty() => {
            target.add(Fact::Workspace, String::from_utf8_lossy(name.trim_ascii()));
        }
        Some(Err(why)) => target.cannot_read(why),
        _ => target.add(Fact::Workspace, "default"),
    }
}

/// The backend that `init` wrote down; none means that the state is a local file.
fn backend(target: &mut Target, environment: &Environment, data: &Path) {
    let path = data.join("terraform.tfstate");
    let bytes = match read(&path) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return,
        Err(why) => return target.cannot_read(why),
    };
    let document: Value = match serde_json::from_slice(&bytes) {
        Ok(document) => document,
        Err(cause) => return target.cannot_read(format!("{}: {cause}", path.display())),
    };
    let Some(kind) = document.pointer("/backend/type").and_then(Value::as_str) else { return };
    let config = document.pointer("/backend/config").cloned().unwrap_or_default();
    let text = |key: &str| config.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    if let Some(profile) = text("profile") {
        target.add(Fact::Profile, profile);
    }
    if let Some(role) =
        text("role_arn").or_else(|| config.pointer("/assume_role/role_arn").and_then(Value::as_str))
    {
        target.add(Fact::Role, role);
    }
    if let Some(subscription) = text("subscription_id") {
        target.add(Fact::Subscription, subscription);
    }
    if kind == "cloud" || kind == "remote" {
        cloud_workspace(target, environment, &config);
    }
    target.add(Fact::Backend, identity(kind, &config));
}

/// HCP Terraform names the workspace in the backend, or composes it of a
/// prefix and the selected one.
fn cloud_workspace(target: &mut Target, environment: &Environment, config: &Value) {
    let workspaces = match config.get("workspaces") {
        Some(Value::Array(list)) => list.first(),
        other => other,
    };
    let field = |key: &str| {
        workspaces.and_then(|workspaces| workspaces.get(key)?.as_str()).filter(|name| !name.is_empty())
    };
    if let Some(name) = field("name") {
        target.add(Fact::Workspace, name);
    }
    if let Some(prefix) = field("prefix") {
        let composed = target.first(Fact::Workspace).map(|name| format!("{prefix}{name}"));
        target.add(Fact::Workspace, composed.unwrap_or_else(|| prefix.to_owned()));
    }
    if let Some(project) = field("project") {
        target.add(Fact::Project, project);
    }
    if let Some(organization) = environment.non_empty("TF_CLOUD_ORGANIZATION") {
        target.detail("organization", organization.to_string_lossy());
    }
}

/// One line that says which state this is: `s3://bucket/key`. Values that may
/// hold a password are left out.
fn identity(kind: &str, config: &Value) -> String {
    let text = |key: &str| config.get(key).and_then(Value::as_str).unwrap_or_default();
    let parts: Vec<&str> = match kind {
        "s3" => vec![text("bucket"), text("workspace_key_prefix"), text("key")],
        "gcs" => vec![text("bucket"), text("prefix")],
        "azurerm" => vec![
            text("resource_group_name"),
            text("storage_account_name"),
            text("container_name"),
            text("key"),
        ],
        "cloud" | "remote" => vec![text("hostname"), text("organization")],
        "consul" => vec![without_userinfo(text("address")), text("path")],
        "cos" | "oss" => vec![text("bucket"), text("prefix"), text("key")],
        "http" => vec![without_userinfo(text("address"))],
        "kubernetes" => vec![text("host"), text("config_context"), text("namespace"), text("secret_suffix")],
        "local" => vec![text("workspace_dir"), text("path")],
        "pg" => vec![without_userinfo(text("conn_str")), text("schema_name")],
        _ => vec![text("bucket"), text("name"), text("key"), text("path")],
    };
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    format!("{kind}://{}", parts.join("/"))
}

/// A URL without scheme, user, password and query.
fn without_userinfo(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split(['?', '#', ' ']).next().unwrap_or_default();
    let authority = rest.split('/').next().unwrap_or_default();
    authority.rfind('@').and_then(|at| rest.get(at + 1..)).unwrap_or(rest)
}

/// The content of a small regular file; `None` where there is none.
fn read(path: &Path) -> Result<Option<Vec<u8>>, String> {
    let error = |cause: &dyn std::fmt::Display| Err(format!("{}: {cause}", path.display()));
    let flags = nix::libc::O_NONBLOCK | nix::libc::O_NOCTTY;
    let file = match std::fs::OpenOptions::new().read(true).custom_flags(flags).open(path) {
        Ok(file) => file,
        Err(cause) if matches!(cause.raw_os_error(), Some(nix::libc::ENOENT | nix::libc::ENOTDIR)) => {
            return Ok(None);
        }
        Err(cause) => return error(&cause),
    };
    match file.metadata() {
        Ok(metadata) if !metadata.is_file() => return error(&"not a regular file"),
        Ok(metadata) if metadata.len() > FILE_LIMIT => return error(&"too large to be read"),
        Ok(_) => {}
        Err(cause) => return error(&cause),
    }
    let mut bytes = Vec::new();
    match file.take(FILE_LIMIT).read_to_end(&mut bytes) {
        Ok(_) => Ok(Some(bytes)),
        Err(cause) => error(&cause),
    }
}

/// The name to type before a destructive command runs: what it acts on.
/// The operand where the command names one thing, else the workspace, else the
/// directory. `None` where none of them can be typed, and where the one thing
/// cannot: the name of anything else would not be what is lost.
pub fn challenge(command: &Command, target: &Target) -> Option<String> {
    let typeable = |name: &String| {
        name.len() <= 80
            && !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
            // White space around an answer does not count.
            && name.trim() == name
    };
    let names_operand =
        matches!(command.path.first().map(String::as_str), Some("state" | "workspace" | "force-unlock"));
    if let ([operand], true) = (command.operands.as_slice(), names_operand) {
        return operand.to_str().map(str::to_owned).filter(typeable);
    }
    let workspace = target.first(Fact::Workspace).filter(|name| *name != "default").map(str::to_owned);
    let directory = target.first(Fact::Directory).and_then(|directory| {
        Path::new(directory)
            .file_name()
            .and_then(|name| std::str::from_utf8(name.as_bytes()).ok())
            .map(str::to_owned)
    });
    [workspace, directory].into_iter().flatten().find(typeable)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn of(words: &[&str], variables: &[(&str, &str)], directory: &Path) -> (Command, Target) {
        let arguments: Vec<OsString> = words.iter().map(OsString::from).collect();
        let environment: Environment = variables.iter().copied().collect();
        let command = crate::command::parse("terraform", &arguments, &environment).unwrap();
        let target = target(&command, &environment, Some(directory));
        (command, target)
    }

    fn initialised(backend: &str) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        std::fs::create_dir(directory.path().join(".terraform")).unwrap();
        std::fs::write(directory.path().join(".terraform/terraform.tfstate"), backend).unwrap();
        directory
    }

    #[test]
    fn the_workspace_is_found_as_terraform_finds_it() {
        let directory = tempfile::tempdir().unwrap();
        let plain = of(&["plan"], &[], directory.path()).1;
        assert_eq!(plain.first(Fact::Workspace), Some("default"));
        std::fs::create_dir_all(directory.path().join("infra/.terraform")).unwrap();
        std::fs::write(directory.path().join("infra/.terraform/environment"), "prod").unwrap();
        let changed = of(&["-chdir=infra", "plan"], &[], directory.path()).1;
        assert_eq!(changed.first(Fact::Workspace), Some("prod"));
        let overridden = of(&["-chdir=infra", "plan"], &[("TF_WORKSPACE", "dev")], directory.path()).1;
        assert_eq!(overridden.first(Fact::Workspace), Some("dev"));
        let elsewhere = of(&["plan"], &[("TF_DATA_DIR", "infra/.terraform")], directory.path()).1;
        assert_eq!(elsewhere.first(Fact::Workspace), Some("prod"));
        let named = of(&["workspace", "delete", "live"], &[("TF_WORKSPACE", "dev")], directory.path()).1;
        assert_eq!(named.first(Fact::Workspace), Some("live"));
    }

    #[test]
    fn the_backend_has_one_line() {
        for (backend, line) in [
            (
                r#"{"type":"s3","config":{"bucket":"acme-prod","key":"net/terraform.tfstate","profile":"ops"}}"#,
                "s3://acme-prod/net/terraform.tfstate",
            ),
            (r#"{"type":"gcs","config":{"bucket":"b","prefix":"p"}}"#, "gcs://b/p"),
            (
                r#"{"type":"pg","config":{"conn_str":"postgres://u:secret@db.prod.example/tf?sslmode=require"}}"#,
                "pg://db.prod.example/tf",
            ),
            (
                r#"{"type":"http","config":{"address":"https://u:p@state.example/prod"}}"#,
                "http://state.example/prod",
            ),
            (r#"{"type":"local","config":{"path":null,"workspace_dir":null}}"#, "local://"),
        ] {
            let directory = initialised(&format!(r#"{{"version":3,"backend":{backend}}}"#));
            let target = of(&["apply"], &[], directory.path()).1;
            assert_eq!(target.first(Fact::Backend), Some(line));
            assert!(target.unreadable().is_empty());
            assert!(!format!("{target:?}").contains("secret"));
        }
    }

    #[test]
    fn a_cloud_backend_names_the_workspace() {
        let directory = initialised(
            r#"{"backend":{"type":"cloud","config":{"hostname":null,"organization":"acme","workspaces":{"name":"net-prod","tags":null}}}}"#,
        );
        let target = of(&["apply"], &[], directory.path()).1;
        assert_eq!(target.values(Fact::Workspace).collect::<Vec<_>>(), ["default", "net-prod"]);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let directory = initialised("{ not json");
        std::fs::create_dir(directory.path().join(".terraform/environment")).unwrap();
        let target = of(&["apply"], &[], directory.path()).1;
        assert_eq!(target.unreadable().len(), 2, "{:?}", target.unreadable());
    }

    #[test]
    fn the_name_to_type_is_what_the_command_acts_on() {
        let directory = tempfile::tempdir().unwrap();
        let infra = directory.path().join("infra");
        let name = |words: &[&str], variables: &[(&str, &str)]| {
            let (command, target) = of(words, variables, &infra);
            challenge(&command, &target)
        };
        assert_eq!(name(&["destroy"], &[]).as_deref(), Some("infra"));
        assert_eq!(name(&["destroy"], &[("TF_WORKSPACE", "prod")]).as_deref(), Some("prod"));
        assert_eq!(name(&["state", "rm", "aws_instance.web"], &[]).as_deref(), Some("aws_instance.web"));
        let several = name(&["state", "rm", "a.b", "c.d"], &[]);
        assert_eq!(several.as_deref(), Some("infra"));
    }

    #[test]
    fn where_the_one_thing_cannot_be_typed_nothing_else_is() {
        let directory = tempfile::tempdir().unwrap();
        let infra = directory.path().join("infra");
        let name = |words: &[&str]| {
            let (command, target) = of(words, &[("TF_WORKSPACE", "prod")], &infra);
            challenge(&command, &target)
        };
        let long = "a".repeat(81);
        for thing in ["a\u{1b}b", "a\nb", "a\tb", "pröd", "", " ", " a", "a ", &long] {
            assert_eq!(name(&["workspace", "delete", thing]), None, "{thing:?}");
            assert_eq!(name(&["state", "rm", thing]), None, "{thing:?}");
            assert_eq!(name(&["force-unlock", thing]), None, "{thing:?}");
        }
        let keyed = r#"aws_instance.web["a b"]"#;
        assert_eq!(name(&["state", "rm", keyed]).as_deref(), Some(keyed));
    }
}
