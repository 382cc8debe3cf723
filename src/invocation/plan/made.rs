//! Targets that the same plan makes. What takes something away from what is there already, such as
//! the rules by which a bucket deletes its objects, takes nothing from what was never there.

use std::collections::{BTreeSet, HashMap};

use super::configured::{Configured, bare};
use super::policy::place;
use super::source::{Modules, Source};
use super::traced::Trace;
use super::{Change, SENSITIVE, UNKNOWN};

/// What acts on something beside it: its type, the attribute that names the target, the type of
/// the target, and the attributes of that which are its name.
#[derive(Debug)]
pub(super) struct Target {
    kind: &'static str,
    pub(super) attribute: &'static str,
    pub(super) of: &'static str,
    pub(super) names: &'static [&'static str],
}

const fn target(
    kind: &'static str,
    attribute: &'static str,
    of: &'static str,
    names: &'static [&'static str],
) -> Target {
    Target { kind, attribute, of, names }
}

const TARGETS: [Target; 11] = [
    target("aws_ecr_lifecycle_policy", "repository", "aws_ecr_repository", &["id", "name"]),
    target("aws_iam_group_policies_exclusive", "group_name", "aws_iam_group", &["id", "name"]),
    target("aws_iam_group_policy_attachments_exclusive", "group_name", "aws_iam_group", &["id", "name"]),
    target("aws_iam_policy_attachment", "policy_arn", "aws_iam_policy", &["arn", "id"]),
    target("aws_iam_role_policies_exclusive", "role_name", "aws_iam_role", &["id", "name"]),
    target("aws_iam_role_policy_attachments_exclusive", "role_name", "aws_iam_role", &["id", "name"]),
    target("aws_iam_user_policies_exclusive", "user_name", "aws_iam_user", &["id", "name"]),
    target("aws_iam_user_policy_attachments_exclusive", "user_name", "aws_iam_user", &["id", "name"]),
    target("aws_s3_bucket_lifecycle_configuration", "bucket", "aws_s3_bucket", &["bucket", "id"]),
    target(
        "aws_ssoadmin_managed_policy_attachments_exclusive",
        "permission_set_arn",
        "aws_ssoadmin_permission_set",
        &["arn"],
    ),
    target("azurerm_storage_management_policy", "storage_account_id", "azurerm_storage_account", &["id"]),
];

/// How the types of Google end that set all who may do something with what stands before that.
const AUTHORITATIVE: [&str; 2] = ["_iam_binding", "_iam_policy"];

/// Their targets, whose type begins like theirs.
const OF_GOOGLE: [Target; 21] = [
    target("", "repository", "google_artifact_registry_repository", &["id", "name", "repository_id"]),
    target("", "dataset_id", "google_bigquery_dataset", &["dataset_id", "id"]),
    target("", "table_id", "google_bigquery_table", &["id", "table_id"]),
    target("", "service", "google_cloud_run_service", &["id", "name"]),
    target("", "name", "google_cloud_run_v2_job", &["id", "name"]),
    target("", "name", "google_cloud_run_v2_service", &["id", "name"]),
    target("", "cloud_function", "google_cloudfunctions2_function", &["id", "name"]),
    target("", "cloud_function", "google_cloudfunctions_function", &["id", "name"]),
    target("", "instance_name", "google_compute_instance", &["id", "instance_id", "name"]),
    target("", "subnetwork", "google_compute_subnetwork", &["id", "name", "self_link"]),
    target("", "folder", "google_folder", &["folder_id", "id", "name"]),
    target("", "crypto_key_id", "google_kms_crypto_key", &["id"]),
    target("", "key_ring_id", "google_kms_key_ring", &["id"]),
    target("", "project", "google_project", &["id", "number", "project_id"]),
    target("", "subscription", "google_pubsub_subscription", &["id", "name"]),
    target("", "topic", "google_pubsub_topic", &["id", "name"]),
    target("", "secret_id", "google_secret_manager_secret", &["id", "name", "secret_id"]),
    target("", "service_account_id", "google_service_account", &["email", "id", "name"]),
    target("", "database", "google_spanner_database", &["id", "name"]),
    target("", "instance", "google_spanner_instance", &["id", "name"]),
    target("", "bucket", "google_storage_bucket", &["id", "name"]),
];

/// What is told of what acts on something that is made with it.
const MADE: &str = "target:made";

/// What else tells two things of one name apart.
const PLACES: [&str; 7] = ["account_id", "dataset_id", "instance", "location", "project", "region", "zone"];

impl Target {
    /// The target of a type.
    fn of(kind: &str) -> Option<&'static Self> {
        let begins = AUTHORITATIVE.iter().find_map(|end| kind.strip_suffix(end));
        let of_google = || OF_GOOGLE.iter().find(|one| Some(one.of) == begins);
        TARGETS.iter().find(|one| one.kind == kind).or_else(of_google)
    }

    /// That of `change`, where it is known only when the plan is applied.
    fn pending(change: &Change) -> Option<&'static Self> {
        let target = Self::of(&change.kind).filter(|_| change.action == "create")?;
        change.pending.iter().any(|one| one.name == target.attribute).then_some(target)
    }
}

/// Whether the configuration's own text is needed to tell whether the plan makes the target of `change`.
pub(super) fn is_open(change: &Change, configured: &Configured<'_>) -> bool {
    Target::pending(change).is_some_and(|target| !configured.leaves_unset(&change.address, target.attribute))
}

/// Tells of each of `changes` whose target is certainly made by them as well: [`MADE`], with its address. Where
/// there is no text of the configuration to ask, it counts what an expression refers to.
pub(super) fn tell(
    changes: &mut [Change],
    configured: &Configured<'_>,
    sources: Option<Result<&[Source], &str>>,
) {
    let new = changes.iter().filter(|change| matches!(change.action, "create" | "replace"));
    let mut by_type: HashMap<&str, Vec<&Change>> = HashMap::new();
    new.for_each(|change| by_type.entry(&change.kind).or_default().push(change));
    let made = |target: &Target| by_type.get(target.of).map(Vec::as_slice).unwrap_or_default();
    let (mut told, mut traces) = (Vec::new(), Vec::new());
    for (at, change) in changes.iter().enumerate() {
        if let Some(target) = Target::pending(change) {
            let addresses = made(target).iter().map(|one| bare(&one.address)).collect();
            let trace = Trace::of(change, target, &addresses, configured);
            traces.extend(trace.map(|trace| (at, target, trace)));
        } else if let Some(target) = Target::of(&change.kind).filter(|_| change.action == "create")
            && let Some(one) = made(target).iter().find(|one| is_named(change, target, one, configured))
        {
            told.push((at, format!("{MADE}={}", one.address)));
        }
    }
    let wanted: BTreeSet<String> = traces.iter().flat_map(|(.., trace)| trace.modules()).collect();
    // What cannot be read is not certain.
    let modules =
        sources.map(|sources| sources.map_or_else(|_| Modules::default(), |all| Modules::of(all, &wanted)));
    let certain = traces
        .into_iter()
        .filter(|(_, target, trace)| modules.as_ref().is_none_or(|modules| trace.is_plain(target, modules)));
    told.extend(certain.map(|(at, _, trace)| (at, format!("{MADE}={}", trace.made))));
    for (at, word) in told {
        changes.get_mut(at).into_iter().for_each(|change| change.fields.push(word.clone()));
    }
}

/// Whether the target of `change` is known, and `other` by its name. Without waiting for `other` it may be
/// done where that could not be made, as there is one of that name.
fn is_named(change: &Change, target: &Target, other: &Change, configured: &Configured<'_>) -> bool {
    let is_same = |attribute: &&str| {
        let (own, others) = (value(change, attribute), value(other, attribute));
        own.is_none() || others.is_none() || own == others
    };
    let name = value(change, target.attribute);
    name.is_some()
        && target.names.iter().any(|attribute| value(other, attribute) == name)
        && PLACES.iter().filter(|place| **place != target.attribute).all(is_same)
        && configured.is_of_one_provider(&change.address, &other.address)
        && waits(change, target, other, configured)
}

fn waits(change: &Change, target: &Target, other: &Change, configured: &Configured<'_>) -> bool {
    let ((module, _), (others, name)) = (place(change), place(other));
    let is_said = || module == others && configured.waits_for(&change.address, &bare(name));
    Trace::of(change, target, &BTreeSet::from([bare(&other.address)]), configured).is_some() || is_said()
}

/// The known value of an attribute of what is made.
fn value<'c>(change: &'c Change, attribute: &str) -> Option<&'c str> {
    let word = |word: &'c String| word.strip_prefix(attribute)?.strip_prefix('=');
    let found = change.fields.iter().find_map(word)?;
    (!found.is_empty() && found != SENSITIVE && found != UNKNOWN).then_some(found)
}
