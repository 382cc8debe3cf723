//! Which cluster answers, and as whom it is asked: the address of its API server, the
//! certificates that it is trusted by, the context and what it stands for. A name in a
//! kubeconfig may come to mean another one, and another context may become the current.

use super::Identity;
use crate::context::entries::{self, Surroundings};
use crate::context::{kube, target_of};
use crate::digest::sha256;
use crate::impact::{Impact, Subject};
use crate::verdict::Fact;

/// The parts of the kubeconfigs that a command uses. They may hold secrets.
const PARTS: [&str; 4] = ["kubeconfig.context", "kubeconfig.cluster", "kubeconfig.user", "kubeconfig"];

/// How much of a hash tells two apart, in characters.
const SHOWN: usize = 12;

/// Adds what the kubeconfigs tell.
pub(super) fn find(subject: &Subject<'_>, impact: &mut Impact) {
    impact.target.detail("ca", authority(subject));
    impact.identity = Some(now(subject));
}

/// Which cluster it is now, and as whom.
pub(super) fn now(subject: &Subject<'_>) -> Identity {
    let target = target_of(subject.command, subject.environment(), Some(subject.directory));
    let told = |fact| target.values(fact).collect::<Vec<&str>>().join(", ");
    let here = Surroundings { environment: subject.environment(), directory: subject.directory };
    let used = entries::of(subject.command, &target, here, &|_| false);
    let hashed = |part: &str| {
        let hash: String = sha256(part.as_bytes()).chars().take(SHOWN).collect();
        format!("sha256:{hash}")
    };
    let places = [
        ("server", told(Fact::Server)),
        ("ca", authority(subject)),
        ("context", told(Fact::Context)),
        ("namespace", told(Fact::Namespace)),
    ];
    let parts = PARTS.into_iter().filter_map(|name| Some((name, hashed(used.parts.get(name)?))));
    Identity::of(places.into_iter().chain(parts))
}

fn authority(subject: &Subject<'_>) -> String {
    kube::authority(subject.command, subject.environment(), subject.directory)
}
