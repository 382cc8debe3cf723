//! Which cluster answers: the address of its API server, and the certificates that it is
//! trusted by. A name in a kubeconfig may come to mean another one.

use super::Identity;
use crate::context::{kube, target_of};
use crate::impact::{Impact, Subject};
use crate::verdict::Fact;

/// Adds what the kubeconfigs tell.
pub(super) fn find(subject: &Subject<'_>, impact: &mut Impact) {
    impact.target.detail("ca", authority(subject));
    impact.identity = Some(now(subject));
}

/// Which cluster it is now.
pub(super) fn now(subject: &Subject<'_>) -> Identity {
    let target = target_of(subject.command, subject.environment(), Some(subject.directory));
    let servers: Vec<&str> = target.values(Fact::Server).collect();
    Identity::of([("server", servers.join(", ")), ("ca", authority(subject))])
}

fn authority(subject: &Subject<'_>) -> String {
    kube::authority(subject.command, subject.environment(), subject.directory)
}
