//! Which cluster a command acts on, told so that the same is found again later.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::command::{self, Command, CommandError};
use crate::context::{kube, target_of};
use crate::process::{Environment, Executable, absolute};
use crate::verdict::Fact;

/// Flags that choose the cluster and the identity. Not those that hold a secret.
const FLAGS: [&str; 13] = [
    "--as",
    "--as-group",
    "--as-uid",
    "--certificate-authority",
    "--client-certificate",
    "--client-key",
    "--cluster",
    "--context",
    "--insecure-skip-tls-verify",
    "--kubeconfig",
    "--server",
    "--tls-server-name",
    "--user",
];

/// Those of them that name a file.
const FILES: [&str; 4] = ["--certificate-authority", "--client-certificate", "--client-key", "--kubeconfig"];

/// The variable that lists kubeconfigs.
const KUBECONFIG: &str = "KUBECONFIG";

/// Where a command acts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Aim {
    /// The flags that chose it, files by their whole paths.
    pub flags: Vec<String>,
    /// The kubeconfigs that were listed, by their whole paths.
    pub kubeconfig: Option<String>,
    /// The context.
    pub context: Option<String>,
    /// The server, without a login.
    pub server: Option<String>,
    /// The hash of the certificates that its own has to come from; `system` where none are
    /// named, `none` where none are checked.
    pub ca: Option<String>,
    /// The namespace.
    pub namespace: Option<String>,
}

impl Aim {
    /// That of `command`, which `program` runs in `directory`.
    pub fn of(command: &Command, program: &Executable, directory: &Path) -> Self {
        let target = target_of(command, &program.environment, Some(directory));
        let first = |fact| target.first(fact).map(str::to_owned);
        let given = command.flags.iter().filter(|flag| FLAGS.contains(&flag.name.as_str()));
        let flags = given.map(|flag| match &flag.value {
            None => flag.name.clone(),
            Some(value) if FILES.contains(&flag.name.as_str()) => {
                format!("{}={}", flag.name, absolute(directory, Path::new(value)).display())
            }
            Some(value) => format!("{}={}", flag.name, value.to_string_lossy()),
        });
        let listed = program.environment.non_empty(KUBECONFIG).map(|listed| {
            let paths = std::env::split_paths(listed).filter(|path| !path.as_os_str().is_empty());
            let paths: Vec<PathBuf> = paths.map(|path| absolute(directory, &path)).collect();
            std::env::join_paths(paths).unwrap_or_default().to_string_lossy().into_owned()
        });
        Self {
            flags: flags.collect(),
            kubeconfig: listed,
            context: first(Fact::Context),
            server: first(Fact::Server),
            ca: Some(kube::authority(command, &program.environment, directory)),
            namespace: first(Fact::Namespace),
        }
    }

    /// Where the same words lead now, from `directory`.
    ///
    /// # Errors
    /// Where they cannot be read.
    pub fn again(&self, program: &Executable, directory: &Path) -> Result<Self, CommandError> {
        let environment = self.environment(&program.environment);
        let mut words = vec![OsString::from("get")];
        words.extend(self.arguments());
        let command = command::parse("kubectl", &words, &environment)?;
        Ok(Self::of(&command, &Executable { environment, ..program.clone() }, directory))
    }

    /// What leads there again: the flags, and the context where none of them names one.
    pub fn arguments(&self) -> Vec<OsString> {
        let mut words: Vec<OsString> = self.flags.iter().map(OsString::from).collect();
        let named = self.flags.iter().any(|flag| flag.starts_with("--context="));
        if let Some(context) = self.context.as_deref().filter(|_| !named) {
            words.push(format!("--context={context}").into());
        }
        words
    }

    /// `environment` with the kubeconfigs that were listed.
    pub fn environment(&self, environment: &Environment) -> Environment {
        let mut environment = environment.clone();
        match &self.kubeconfig {
            Some(listed) => environment.set(KUBECONFIG, listed),
            None => environment.remove(KUBECONFIG),
        }
        environment
    }

    /// Whether `now` is the same cluster.
    ///
    /// # Errors
    /// What is another, in words.
    pub fn same(&self, now: &Self) -> Result<(), String> {
        for (what, then, now) in
            [("server", &self.server, &now.server), ("certificate authority", &self.ca, &now.ca)]
        {
            // Two that are not known are not the same.
            let known =
                |value: &Option<String>| value.clone().filter(|value| value != kube::UNKNOWN_AUTHORITY);
            match (known(then), known(now)) {
                (Some(then), Some(now)) if then == now => {}
                (Some(then), Some(now)) => return Err(format!("the {what} was {then}, and is {now} now")),
                (None, _) => return Err(format!("the {what} was not known when it was deleted")),
                (Some(then), None) => return Err(format!("the {what} was {then}, and is not known now")),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_server_or_authority_is_another_cluster() {
        let aim = |server: &str, ca: Option<&str>| Aim {
            server: Some(server.to_owned()),
            ca: ca.map(str::to_owned),
            context: Some("c".to_owned()),
            ..Aim::default()
        };
        let then = aim("https://a", Some("sha256:1"));
        assert_eq!(then.same(&aim("https://a", Some("sha256:1"))), Ok(()));
        assert!(then.same(&aim("https://b", Some("sha256:1"))).unwrap_err().contains("https://b now"));
        for unknown in [None, Some("not to be read")] {
            let unknown = aim("https://a", unknown);
            assert!(
                then.same(&unknown).unwrap_err().contains("certificate authority was sha256:1, and is not")
            );
            assert!(unknown.same(&unknown).unwrap_err().contains("certificate authority was not known"));
        }
        let system = aim("https://a", Some("system"));
        assert_eq!(system.same(&system), Ok(()));
        assert_eq!(then.arguments(), ["--context=c"]);
        let told = Aim { flags: vec!["--context=d".to_owned()], ..then };
        assert_eq!(told.arguments(), ["--context=d"]);
    }
}
