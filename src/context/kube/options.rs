//! What a command line, and helm's variables, say of the target.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use crate::command::Command;
use crate::process::Environment;

/// One option, by the names that kubectl and helm have for it. Where it has no
/// variable, none of that tool's sets it.
struct Names {
    kubectl: &'static [&'static str],
    helm: &'static [&'static str],
    variable: &'static str,
}

const KUBECONFIG: Names = Names { kubectl: &["--kubeconfig"], helm: &["--kubeconfig"], variable: "" };
const CONTEXT: Names =
    Names { kubectl: &["--context"], helm: &["--kube-context"], variable: "HELM_KUBECONTEXT" };
const SERVER: Names =
    Names { kubectl: &["--server", "-s"], helm: &["--kube-apiserver"], variable: "HELM_KUBEAPISERVER" };
const NAMESPACE: Names =
    Names { kubectl: &["--namespace", "-n"], helm: &["--namespace", "-n"], variable: "HELM_NAMESPACE" };
const CLUSTER: Names = Names { kubectl: &["--cluster"], helm: &[], variable: "" };
const USER: Names = Names { kubectl: &["--user"], helm: &[], variable: "" };
const IMPERSONATED: Names =
    Names { kubectl: &["--as"], helm: &["--kube-as-user"], variable: "HELM_KUBEASUSER" };
const TLS_NAME: Names = Names {
    kubectl: &["--tls-server-name"],
    helm: &["--kube-tls-server-name"],
    variable: "HELM_KUBETLS_SERVER_NAME",
};
const INSECURE: Names = Names {
    kubectl: &["--insecure-skip-tls-verify"],
    helm: &["--kube-insecure-skip-tls-verify"],
    variable: "HELM_KUBEINSECURE_SKIP_TLS_VERIFY",
};

/// The variables of helm that decide where it acts, or as whom.
pub(super) const HELM_VARIABLES: &[&str] = &[
    "HELM_KUBECONTEXT",
    "HELM_NAMESPACE",
    "HELM_KUBEAPISERVER",
    "HELM_KUBETOKEN",
    "HELM_KUBEASUSER",
    "HELM_KUBEASGROUPS",
    "HELM_KUBECAFILE",
    "HELM_KUBETLS_SERVER_NAME",
    "HELM_KUBEINSECURE_SKIP_TLS_VERIFY",
    "HELM_DRIVER",
];

/// What overrides a kubeconfig. An empty option is none.
#[derive(Debug, Default)]
pub(super) struct Options {
    pub(super) kubeconfig: Option<OsString>,
    pub(super) context: Option<String>,
    pub(super) cluster: Option<String>,
    pub(super) user: Option<String>,
    pub(super) server: Option<String>,
    pub(super) namespace: Option<String>,
    pub(super) every_namespace: bool,
    pub(super) impersonated: Option<String>,
    pub(super) tls_name: Option<String>,
    pub(super) insecure: bool,
    /// What stands for an option in a line that no grammar is sure of.
    pub(super) doubtful: Doubtful,
}

/// Values that a line of an unknown grammar may mean.
#[derive(Debug, Default)]
pub(super) struct Doubtful {
    pub(super) kubeconfigs: Vec<OsString>,
    pub(super) contexts: Vec<String>,
    pub(super) servers: Vec<String>,
    pub(super) namespaces: Vec<String>,
}

impl Options {
    pub(super) fn of(command: &Command, environment: &Environment) -> Self {
        let helm = command.tool == "helm";
        let raw = |names: &Names| -> Option<OsString> {
            let flags = if helm { names.helm } else { names.kubectl };
            let given = command
                .flags
                .iter()
                .rev()
                .find(|flag| flags.contains(&flag.name.as_str()) && flag.value.is_some());
            let value = given.and_then(|flag| flag.value.clone());
            let variable = || environment.get(names.variable).filter(|_| helm).map(OsStr::to_owned);
            // A flag that is empty hides its variable.
            value.or_else(variable).filter(|value| !value.is_empty())
        };
        let text = |names: &Names| raw(names).map(|value| value.to_string_lossy().into_owned());
        let given = |names: &[&str]| {
            let flag = command.flags.iter().rev().find(|flag| names.contains(&flag.name.as_str()));
            flag.is_some_and(|flag| flag.boolean() != Some(false))
        };
        let insecure_flags = if helm { INSECURE.helm } else { INSECURE.kubectl };
        Self {
            kubeconfig: raw(&KUBECONFIG),
            context: text(&CONTEXT),
            cluster: text(&CLUSTER),
            user: text(&USER),
            server: text(&SERVER),
            namespace: text(&NAMESPACE),
            every_namespace: given(&["--all-namespaces", "-A"]),
            impersonated: text(&IMPERSONATED),
            tls_name: text(&TLS_NAME),
            insecure: given(insecure_flags) || (helm && environment.non_empty(INSECURE.variable).is_some()),
            doubtful: Doubtful::of(command),
        }
    }
}

impl Doubtful {
    /// Nothing for a line that its grammar is sure of.
    fn of(command: &Command) -> Self {
        if !command.conventional && !command.uncertain {
            return Self::default();
        }
        let texts = |names: &Names| {
            let values =
                [names.kubectl, names.helm].concat().into_iter().flat_map(|name| after(command, name));
            values.map(|value| value.to_string_lossy().into_owned()).collect()
        };
        Self {
            kubeconfigs: after(command, "--kubeconfig").collect(),
            contexts: texts(&CONTEXT),
            servers: texts(&SERVER),
            namespaces: texts(&NAMESPACE),
        }
    }
}

/// What stands behind `name`, or joined to it, anywhere in the line.
fn after<'a>(command: &'a Command, name: &'a str) -> impl Iterator<Item = OsString> + 'a {
    let next = command.arguments.iter().skip(1).map(Some).chain([None]);
    command.arguments.iter().zip(next).filter_map(move |(word, next)| {
        let rest = word.as_bytes().strip_prefix(name.as_bytes())?;
        match rest {
            [] => next.cloned(),
            [b'=', value @ ..] => Some(OsStr::from_bytes(value).to_owned()),
            value if !name.starts_with("--") => Some(OsStr::from_bytes(value).to_owned()),
            _ => None,
        }
    })
}
