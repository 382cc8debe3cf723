//! Where a terraform command would act: workspace, backend, credentials' names.
//!
//! Read offline from what terraform itself reads: `TF_WORKSPACE` or the file
//! `.terraform/environment`, and the backend that `init` wrote down in
//! `.terraform/terraform.tfstate`. Terraform refuses to run while that file
//! and the configuration disagree, so it tells where the state is.

mod entries;
mod expressions;
mod state;

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

pub(super) use entries::entries;

use super::address::{self, Address};
use super::target::Target;
use super::{backend, credentials, typeable};
use crate::command::Command;
use crate::files;
use crate::process::{Environment, absolute};
use crate::verdict::Fact;

/// The largest file that is read to find a target, in bytes. With a remote
/// backend the file holds a few hundred bytes.
const FILE_LIMIT: u64 = 1 << 20;

/// Variables that name what terraform's own backends and providers reach, beside
/// those of the clouds.
const NAMES: &[(&str, Fact)] =
    &[("KUBE_CTX", Fact::Context), ("TF_CLOUD_PROJECT", Fact::Project), ("VAULT_NAMESPACE", Fact::Namespace)];

/// Variables whose value is an address and may hold a password.
const ADDRESSES: &[(&str, Fact)] = &[
    ("TF_HTTP_ADDRESS", Fact::Backend),
    ("PG_CONN_STR", Fact::Backend),
    ("CONSUL_HTTP_ADDR", Fact::Backend),
    ("TF_CLOUD_HOSTNAME", Fact::Backend),
    ("TF_CLOUD_ORGANIZATION", Fact::Backend),
    ("KUBE_HOST", Fact::Server),
];

/// Variables that change what runs and that people should see when asked.
const SHOWN: &[(&str, &str)] =
    &[("TF_CLI_CONFIG_FILE", "cli_config"), ("TF_DATA_DIR", "data_directory"), ("KUBECONFIG", "kubeconfig")];

/// The variables that decide where terraform acts, by name.
pub fn variables() -> Vec<&'static str> {
    let facts = credentials::VARIABLES.iter().chain(NAMES).chain(ADDRESSES).map(|(name, _)| *name);
    std::iter::once("TF_WORKSPACE").chain(SHOWN.iter().map(|(name, _)| *name)).chain(facts).collect()
}

/// The target of `command`, started in `directory` with `environment`.
/// `None` as directory means that the working directory is gone.
pub fn target(command: &Command, environment: &Environment, directory: Option<&Path>) -> Target {
    let mut target = Target::default();
    for (name, fact) in credentials::VARIABLES.iter().chain(NAMES) {
        if let Some(value) = environment.non_empty(name) {
            target.claim(*fact, value.to_string_lossy());
        }
    }
    for (name, fact) in ADDRESSES {
        if let Some(value) = environment.non_empty(name) {
            let value = value.to_string_lossy();
            let address = Address::of(&value);
            // Rulebooks name a server with its scheme, and a backend without.
            let scheme = address::scheme(&value).filter(|_| *fact == Fact::Server);
            let shown = scheme.map(|(scheme, _)| format!("{scheme}://{}", address.shown));
            target.claim(*fact, shown.unwrap_or(address.shown));
            if address.ambiguous {
                target.cannot_read(format!("{name}: which part of it is the address is not clear"));
            }
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
    match data.map(|data| files::read(&data.join("environment"), FILE_LIMIT)) {
        // Terraform trims what Unicode calls white space, as `trim` does.
        Some(Ok(Some(bytes))) => match String::from_utf8_lossy(&bytes).trim() {
            "" => target.add(Fact::Workspace, "default"),
            name => target.add(Fact::Workspace, name),
        },
        Some(Err(why)) => target.cannot_read(why),
        _ => target.add(Fact::Workspace, "default"),
    }
}

/// The backend that `init` wrote down; none means that the state is a local file.
fn backend(target: &mut Target, environment: &Environment, data: &Path) {
    let path = data.join("terraform.tfstate");
    let bytes = match files::read(&path, FILE_LIMIT) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return,
        Err(why) => return target.cannot_read(why),
    };
    let (kind, config) = match backend::recorded(&bytes) {
        Ok(Some(recorded)) => recorded,
        Ok(None) => return,
        Err(cause) => return target.cannot_read(format!("{}: {cause}", path.display())),
    };
    if kind == "cloud" || kind == "remote" {
        cloud_workspace(target, environment, &config);
    }
    configured(target, &kind, &config, &path.display().to_string());
}

/// What the configuration of a backend says, which stands in `source`.
fn configured(target: &mut Target, kind: &str, config: &Value, source: &str) {
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
    let identity = backend::identity(kind, config);
    target.add(Fact::Backend, identity.shown);
    if identity.ambiguous {
        target.cannot_read(format!("{source}: which part is the backend's address is not clear"));
    }
}

/// The workspace and the backend that a plan was made for, by what the plan itself says.
pub fn planned(workspace: &str, kind: &str, config: &Value) -> Target {
    let mut target = Target::default();
    target.add(Fact::Workspace, workspace);
    configured(&mut target, kind, config, "the plan");
    target
}

/// The line of a backend that nobody configured: the state is a file in the directory.
pub const NO_BACKEND: &str = "local://";

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

/// The name to type before a destructive command runs: what it acts on.
/// The operand where the command names one thing, else the workspace, else the
/// directory. `None` where none of them can be typed, and where the one thing
/// cannot: the name of anything else would not be what is lost.
pub fn challenge(command: &Command, target: &Target) -> Option<String> {
    let names_operand =
        matches!(command.path.first().map(String::as_str), Some("state" | "workspace" | "force-unlock"));
    if let ([operand], true) = (command.operands.as_slice(), names_operand) {
        return operand.to_str().and_then(typeable);
    }
    let workspace = target.first(Fact::Workspace).filter(|name| *name != "default");
    let directory = target
        .first(Fact::Directory)
        .and_then(|directory| std::str::from_utf8(Path::new(directory).file_name()?.as_bytes()).ok());
    [workspace, directory].into_iter().flatten().find_map(typeable)
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
    fn a_backend_that_stands_twice_is_guarded_for_an_agent() {
        let directory = initialised(
            r#"{"backend":{"type":"s3","config":{"bucket":"dev"}},"BACKEND":{"config":{"bucket":"prod"}}}"#,
        );
        let target = of(&["apply"], &[], directory.path()).1;
        assert_eq!((target.unreadable().len(), target.first(Fact::Backend)), (1, None));
    }

    #[test]
    fn variables_that_decide_the_backend_are_claims_without_passwords() {
        let directory = tempfile::tempdir().unwrap();
        let variables = [
            ("TF_HTTP_ADDRESS", "https://u:hunter2@state.example/prod"),
            ("PG_CONN_STR", "password=hunter2 host=db dbname=tf"),
            ("CONSUL_HTTP_ADDR", "consul:8500"),
            ("TF_CLOUD_HOSTNAME", "tfe.example"),
            ("TF_CLOUD_ORGANIZATION", "acme-prod"),
            ("KUBE_HOST", "https://u:hunter2@k8s"),
        ];
        let target = of(&["apply"], &variables, directory.path()).1;
        let backends: Vec<&str> = target.values(Fact::Backend).collect();
        assert_eq!(backends, ["state.example/prod", "db/tf", "consul:8500", "tfe.example", "acme-prod"]);
        assert_eq!(target.proven(Fact::Backend).count(), 0);
        assert_eq!(target.first(Fact::Server), Some("https://k8s"));
        assert!(!format!("{target:?}").contains("hunter2"));
        let unclear = of(&["apply"], &[("TF_HTTP_ADDRESS", "https://u:a/b@h")], directory.path()).1;
        assert_eq!(unclear.unreadable().len(), 1);
    }

    #[test]
    fn a_workspace_is_trimmed_as_terraform_trims_it() {
        let directory = initialised("{}");
        let workspace = |bytes: &[u8]| {
            std::fs::write(directory.path().join(".terraform/environment"), bytes).unwrap();
            of(&["apply"], &[], directory.path()).1.first(Fact::Workspace).unwrap().to_owned()
        };
        assert_eq!(workspace("\u{a0}\u{2003}prod\u{85}\u{b}\n".as_bytes()), "prod");
        assert_eq!(workspace("\u{3000}\n".as_bytes()), "default");
        assert_eq!(workspace(b"pr\xffod"), "pr\u{fffd}od");
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
