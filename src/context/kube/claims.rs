//! What names and credential plugins let on about the cloud behind a cluster.
//! Claims all: they can make a target guarded, and prove nothing.

use super::config::{Plugin, Variable};
use crate::context::credentials::VARIABLES;
use crate::context::target::Target;
use crate::process::Environment;
use crate::verdict::Fact;

/// Arguments of `aws eks get-token`, `aws-iam-authenticator`, `gcloud` and
/// `kubelogin`.
const ARGUMENTS: &[(&str, Fact)] = &[
    ("--profile", Fact::Profile),
    ("--role-arn", Fact::Role),
    ("--role", Fact::Role),
    ("-r", Fact::Role),
    ("--region", Fact::Region),
    ("--project", Fact::Project),
    ("--subscription", Fact::Subscription),
    ("--cluster-name", Fact::Context),
    ("--cluster-id", Fact::Context),
    ("-i", Fact::Context),
];

/// What the name of a context, cluster or user tells: those that `aws` and
/// `gcloud` write are the cluster's own.
pub(super) fn of_name(target: &mut Target, name: &str) {
    let arn: Vec<&str> = name.splitn(6, ':').collect();
    if let ["arn", _, "eks", region, account, cluster] = arn.as_slice()
        && cluster.starts_with("cluster/")
    {
        target.claim(Fact::Region, *region);
        target.claim(Fact::Account, *account);
    }
    let gke: Vec<&str> = name.splitn(4, '_').collect();
    if let ["gke", project, place, _] = gke.as_slice() {
        target.claim(Fact::Project, *project);
        target.claim(Fact::Region, *place);
    }
}

/// What a user's plugin is told, and what it finds in the environment.
pub(super) fn of_plugin(target: &mut Target, plugin: &Plugin, environment: &Environment) {
    let own: Vec<&Variable> = plugin.env.iter().flatten().collect();
    for (name, fact) in VARIABLES {
        match own.iter().find(|variable| variable.name.as_deref() == Some(name)) {
            Some(variable) => target.claim(*fact, variable.value.clone().unwrap_or_default()),
            None => {
                if let Some(value) = environment.non_empty(name) {
                    target.claim(*fact, value.to_string_lossy());
                }
            }
        }
    }
    let words: Vec<&str> = plugin.args.iter().flatten().map(String::as_str).collect();
    for (at, word) in words.iter().enumerate() {
        for (name, fact) in ARGUMENTS {
            let joined = word.strip_prefix(name).and_then(|rest| rest.strip_prefix('='));
            let value = if word == name { words.get(at + 1).copied() } else { joined };
            // An ARN names the cluster already.
            let told = |told: &str| told.rsplit('/').next() == value;
            if let Some(value) = value.filter(|_| !target.values(*fact).any(told)) {
                target.claim(*fact, value);
            }
        }
    }
}
