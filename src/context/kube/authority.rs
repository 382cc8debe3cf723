//! The certificates that a cluster is trusted by.

use std::path::{Path, PathBuf};

use base64ct::{Base64, Encoding as _};
use serde_json::Value;

use super::config::{Raw, RawEntry, sources};
use super::options::Options;
use super::{Place, SERVICE_ACCOUNT};
use crate::command::Command;
use crate::digest::sha256;
use crate::files;
use crate::process::{Environment, absolute};

/// The largest file of certificates that is read, in bytes.
const LIMIT: u64 = 4 << 20;

/// What stands for certificates that are named, and cannot be read.
pub const UNKNOWN_AUTHORITY: &str = "not to be read";

/// Where no certificate is named: those of the system.
const SYSTEM: &str = "system";

/// The flags that name a file of certificates, and the variable of helm's.
const FLAGS: [&str; 2] = ["--certificate-authority", "--kube-ca-file"];
const VARIABLE: &str = "HELM_KUBECAFILE";

/// `sha256:` and the hash of the certificates by which `command` knows its cluster:
/// `system` where it names none, `none` where it checks none, [`UNKNOWN_AUTHORITY`] where they are not known.
pub fn authority(command: &Command, environment: &Environment, directory: &Path) -> String {
    let options = Options::of(command, environment);
    let of_flag = FLAGS.iter().find_map(|flag| command.flag(flag).flatten());
    let of_variable = environment.non_empty(VARIABLE).filter(|_| command.tool == "helm");
    let cluster = cluster(command, environment, &options, directory);
    let text = |key: &str| {
        let value = cluster.as_ref()?.value.get(key)?.as_str()?;
        Some(value.to_owned()).filter(|value| !value.is_empty())
    };
    let insecure = cluster.as_ref().and_then(|entry| entry.value.get("insecure-skip-tls-verify"));
    if options.insecure || insecure.and_then(Value::as_bool) == Some(true) {
        return "none".to_owned();
    }
    if let Some(path) = of_flag.or(of_variable).filter(|path| !path.is_empty()) {
        return of_file(&absolute(directory, Path::new(path)));
    }
    // The data wins over the file, as in client-go.
    if let Some(data) = text("certificate-authority-data") {
        let plain: String = data.split_whitespace().collect();
        let bytes = Base64::decode_vec(&plain).unwrap_or_else(|_| data.into_bytes());
        return format!("sha256:{}", sha256(&bytes));
    }
    let base = cluster.as_ref().map(|entry| entry.directory.clone()).unwrap_or_default();
    match text("certificate-authority") {
        Some(path) => of_file(&absolute(&base, Path::new(&path))),
        None => SYSTEM.to_owned(),
    }
}

fn of_file(path: &Path) -> String {
    match files::read(path, LIMIT) {
        Ok(Some(bytes)) => format!("sha256:{}", sha256(&bytes)),
        Ok(None) | Err(_) => UNKNOWN_AUTHORITY.to_owned(),
    }
}

/// The entry of the cluster in use, of the first file that has it.
fn cluster(
    command: &Command,
    environment: &Environment,
    options: &Options,
    directory: &Path,
) -> Option<RawEntry> {
    let place = Place::new(command, environment, options, Path::new(SERVICE_ACCOUNT));
    let paths = place.paths(Some(directory));
    let default: PathBuf = paths.default.unwrap_or_default();
    let old: PathBuf = paths.old.unwrap_or_default();
    let mut raw = Raw::default();
    for (path, found) in sources(&paths.read, &default, &old) {
        if let Ok(Some(bytes)) = found {
            let _ = raw.add(path, &bytes);
        }
    }
    let context = options.context.clone().unwrap_or_else(|| raw.current.clone());
    let of_context = raw.contexts.get(&context).and_then(|entries| entries.first());
    let name = options
        .cluster
        .clone()
        .or_else(|| of_context.and_then(|entry| entry.value.get("cluster")?.as_str()).map(str::to_owned))?;
    raw.clusters.get(&name).and_then(|entries| entries.first()).cloned()
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    #[test]
    fn a_cluster_is_known_by_its_certificates() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("ca.crt"), "a certificate").unwrap();
        let hash = format!("sha256:{}", sha256(b"a certificate"));
        let other = format!("sha256:{}", sha256(b"another"));
        let data = Base64::encode_string(b"another");
        let config = home.path().join("config");
        let environment: Environment =
            [("HOME", home.path().as_os_str()), ("KUBECONFIG", config.as_os_str())].into_iter().collect();
        for (cluster, line, expected) in [
            ("certificate-authority: ca.crt".to_owned(), "get pods", hash.as_str()),
            (
                format!("{{certificate-authority: gone, certificate-authority-data: {data}}}"),
                "get pods",
                &other,
            ),
            ("server: https://h".to_owned(), "get pods", "system"),
            ("server: https://h".to_owned(), "get pods --certificate-authority=ca.crt", &hash),
            ("certificate-authority: ca.crt".to_owned(), "get pods --insecure-skip-tls-verify", "none"),
            ("certificate-authority: gone".to_owned(), "get pods", "not to be read"),
        ] {
            let text = format!(
                "current-context: x\ncontexts: [{{name: x, context: {{cluster: c}}}}]\nclusters:\n- name: c\n  cluster: {}\n",
                if cluster.starts_with('{') { cluster.clone() } else { format!("{{{cluster}}}") }
            );
            std::fs::write(&config, text).unwrap();
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let command = crate::command::parse("kubectl", &words, &environment).unwrap();
            assert_eq!(authority(&command, &environment, home.path()), expected, "{cluster} {line}");
        }
    }
}
