//! Targets that the same plan makes. What takes something away from what is there already, such as
//! the rules by which a bucket deletes its objects, takes nothing from what was never there.

use std::collections::{BTreeSet, HashMap};

use super::configured::{Configured, bare};
use super::handed::{Instances, Text};
use super::policy::place;
use super::source::{Modules, Source};
use super::traced::refers_to;
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

const TARGETS: [Target; 20] = [
    target("aws_default_network_acl", "default_network_acl_id", "aws_vpc", &["default_network_acl_id"]),
    target(
        "aws_default_route_table",
        "default_route_table_id",
        "aws_vpc",
        &["default_route_table_id", "main_route_table_id"],
    ),
    target("aws_default_security_group", "vpc_id", "aws_vpc", &["id"]),
    target("aws_ecr_lifecycle_policy", "repository", "aws_ecr_repository", &["id", "name"]),
    target("aws_iam_group_policies_exclusive", "group_name", "aws_iam_group", &["id", "name"]),
    target("aws_iam_group_policy_attachment", "policy_arn", "aws_iam_policy", &["arn", "id"]),
    target("aws_iam_group_policy_attachments_exclusive", "group_name", "aws_iam_group", &["id", "name"]),
    target("aws_iam_policy_attachment", "policy_arn", "aws_iam_policy", &["arn", "id"]),
    target("aws_iam_role_policies_exclusive", "role_name", "aws_iam_role", &["id", "name"]),
    target("aws_iam_role_policy_attachment", "policy_arn", "aws_iam_policy", &["arn", "id"]),
    target("aws_iam_role_policy_attachments_exclusive", "role_name", "aws_iam_role", &["id", "name"]),
    target("aws_iam_user_policies_exclusive", "user_name", "aws_iam_user", &["id", "name"]),
    target("aws_iam_user_policy_attachment", "policy_arn", "aws_iam_policy", &["arn", "id"]),
    target("aws_iam_user_policy_attachments_exclusive", "user_name", "aws_iam_user", &["id", "name"]),
    target("aws_route53_records_exclusive", "zone_id", "aws_route53_zone", &["id", "zone_id"]),
    target("aws_s3_bucket_lifecycle_configuration", "bucket", "aws_s3_bucket", &["bucket", "id"]),
    target(
        "aws_ssoadmin_managed_policy_attachments_exclusive",
        "permission_set_arn",
        "aws_ssoadmin_permission_set",
        &["arn"],
    ),
    target("aws_vpc_security_group_rules_exclusive", "security_group_id", "aws_security_group", &["id"]),
    target("azurerm_storage_management_policy", "storage_account_id", "azurerm_storage_account", &["id"]),
    target(
        "google_project_default_service_accounts",
        "project",
        "google_project",
        &["id", "number", "project_id"],
    ),
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

/// The attributes of Google's that hold all of that as well.
const WHOLE: [&str; 2] = ["id", "self_link"];

/// What has a provider take what is there already for what it made.
const ADOPTING: &str = "create_ignore_already_exists";

/// What is told of where something is.
enum Place<'c> {
    /// It has no such attribute.
    Nowhere,
    /// As its provider says, which may be known.
    Default(Option<&'c str>),
    /// As the configuration says.
    Set(&'c str),
    /// As the configuration says, and not known.
    Open,
}

impl Target {
    /// The target of a type.
    fn of(kind: &str) -> Option<&'static Self> {
        let begins = AUTHORITATIVE.iter().find_map(|end| kind.strip_suffix(end));
        let of_google = || OF_GOOGLE.iter().find(|one| Some(one.of) == begins);
        TARGETS.iter().find(|one| one.kind == kind).or_else(of_google)
    }

    /// That of `change`, which is made.
    fn of_made(change: &Change) -> Option<&'static Self> {
        Self::of(&change.kind).filter(|_| change.action == "create")
    }

    /// Whether that of `change` is known only when the plan is applied.
    fn is_pending(&self, change: &Change) -> bool {
        is_pending(change, self.attribute)
    }
}

/// Whether the configuration's own text is needed to tell whether the plan makes the target of `change`.
pub(super) fn is_open(change: &Change, configured: &Configured<'_>) -> bool {
    Target::of_made(change).is_some_and(|target| {
        let is_open =
            |name: &str| is_pending(change, name) && !configured.leaves_unset(&change.address, name);
        configured.is_of_tofu || is_open(target.attribute) || PLACES.into_iter().any(is_open)
    })
}

/// Whether `change` acts on something beside it, that the plan may make as well.
pub(super) fn has_target(change: &Change) -> bool {
    Target::of_made(change).is_some()
}

/// Whether what is of this type may be such a target.
pub(super) fn may_be_target(kind: &str) -> bool {
    TARGETS.iter().chain(&OF_GOOGLE).any(|target| target.of == kind)
}

/// Tells of each of `changes` whose target is certainly made by them as well: [`MADE`], with its address. What stands
/// in the state is `standing`.
pub(super) fn tell(
    changes: &mut [Change],
    standing: &[String],
    configured: &Configured<'_>,
    sources: Option<Result<&[Source], &str>>,
) {
    for (at, word) in found(changes, standing, configured, sources) {
        changes.get_mut(at).into_iter().for_each(|change| change.fields.push(word.clone()));
    }
}

/// What [`tell`] tells, and of which of `changes`.
pub(super) fn found(
    changes: &[Change],
    standing: &[String],
    configured: &Configured<'_>,
    sources: Option<Result<&[Source], &str>>,
) -> Vec<(usize, String)> {
    if !changes.iter().any(has_target) {
        return Vec::new();
    }
    // What cannot be read is not certain.
    let modules = sources.and_then(Result::ok).map(Modules::all).unwrap_or_default();
    let made: BTreeSet<&str> =
        changes.iter().filter(|change| is_made(change)).map(|one| one.address.as_str()).collect();
    let gone: BTreeSet<&str> =
        changes.iter().filter(|one| one.action == "delete").map(|one| one.address.as_str()).collect();
    let others = changes.iter().filter(|one| !is_made(one) && one.action != "delete");
    let others = others
        .map(|one| one.address.as_str())
        .chain(standing.iter().map(String::as_str).filter(|one| !made.contains(one) && !gone.contains(one)));
    let instances = Instances::of(made.iter().copied(), others);
    let mut by_type: HashMap<&str, Vec<&Change>> = HashMap::new();
    for change in changes.iter().filter(|change| is_made(change)) {
        by_type.entry(&change.kind).or_default().push(change);
    }
    let asked = Asked { configured, text: Text { modules: &modules, instances: &instances } };
    let mut told = Vec::new();
    for (at, change) in changes.iter().enumerate() {
        let Some(target) = Target::of_made(change) else { continue };
        let of = by_type.get(target.of).map(Vec::as_slice).unwrap_or_default();
        let found = if target.is_pending(change) {
            asked.handed(change, target, of)
        } else {
            of.iter().copied().find(|one| asked.is_named(change, target, one))
        };
        told.extend(found.map(|one| (at, format!("{MADE}={}", one.address))));
    }
    told
}

/// What a plan's JSON tells of its configuration, and the text of that.
struct Asked<'a> {
    configured: &'a Configured<'a>,
    text: Text<'a>,
}

impl Asked<'_> {
    /// The one `of` these whose name the target of `change` certainly gets.
    fn handed<'c>(&self, change: &Change, target: &Target, of: &[&'c Change]) -> Option<&'c Change> {
        let handed = self.text.handed(&change.address, target.attribute, target, target.names)?;
        let other = of.iter().copied().find(|one| one.address == handed.address)?;
        let is_whole = is_whole(&other.kind, &handed.attribute);
        self.is_beside(change, target, other, is_whole).then_some(other)
    }

    /// Whether the target of `change` is known, and `other` by its name. Without waiting for `other` it may be
    /// done where that could not be made, as there is one of that name.
    fn is_named(&self, change: &Change, target: &Target, other: &Change) -> bool {
        let name = value(change, target.attribute);
        let same = target.names.iter().filter(|one| name.is_some() && value(other, one) == name);
        let mut same = same.map(|attribute| is_whole(&other.kind, attribute)).peekable();
        same.peek().is_some()
            && self.is_beside(change, target, other, same.any(|is_whole| is_whole))
            && self.waits(change, target, other)
    }

    fn waits(&self, change: &Change, target: &Target, other: &Change) -> bool {
        let ((module, _), (others, name)) = (place(change), place(other));
        let is_said = || module == others && self.configured.waits_for(&change.address, &bare(name));
        refers_to(change, target, &bare(&other.address), self.configured) || is_said()
    }

    /// Whether both are with one provider, and in one place; whether the name of `other` tells its place is `is_whole`.
    fn is_beside(&self, change: &Change, target: &Target, other: &Change, is_whole: bool) -> bool {
        let mut places = PLACES.iter().filter(|place| **place != target.attribute);
        // The JSON tells nothing of the several providers that one block of OpenTofu's configures.
        let is_of_many = [change, other]
            .iter()
            .any(|one| self.text.is_of_many(&one.address).unwrap_or(self.configured.is_of_tofu));
        self.configured.is_of_one_provider(&change.address, &other.address)
            && !is_of_many
            && places.all(|place| self.is_same(change, target, other, place, is_whole))
    }

    fn is_same(
        &self,
        change: &Change,
        target: &Target,
        other: &Change,
        attribute: &str,
        is_whole: bool,
    ) -> bool {
        let place = |change| Place::of(change, attribute, self.configured);
        let own = place(change);
        if matches!(own, Place::Nowhere) {
            return true;
        }
        match (own, place(other)) {
            (Place::Open, _) => {
                let handed = self.text.handed(&change.address, attribute, target, &[attribute]);
                handed.is_some_and(|one| one.address == other.address)
                    || self.text.is_alike(&change.address, &other.address, attribute)
            }
            (Place::Default(None), Place::Default(_))
            | (Place::Default(_), Place::Default(None))
            | (_, Place::Nowhere) => true,
            (Place::Default(Some(own)) | Place::Set(own), Place::Default(Some(one)) | Place::Set(one)) => {
                own == one
            }
            (Place::Default(_), _) => is_whole,
            (Place::Set(_) | Place::Nowhere, _) => false,
        }
    }
}

impl<'c> Place<'c> {
    fn of(change: &'c Change, attribute: &str, configured: &Configured<'_>) -> Self {
        let is_default = configured.leaves_unset(&change.address, attribute);
        let is_hidden = || {
            change
                .fields
                .iter()
                .any(|word| word.strip_prefix(attribute).is_some_and(|rest| rest.starts_with('=')))
        };
        match value(change, attribute) {
            Some(value) if !is_default => Self::Set(value),
            None if is_default && is_pending(change, attribute) => Self::Default(None),
            None if is_pending(change, attribute) || is_hidden() => Self::Open,
            None => Self::Nowhere,
            known => Self::Default(known),
        }
    }
}

/// Whether `change` certainly makes something that was not there.
fn is_made(change: &Change) -> bool {
    let adopts = |word: &String| {
        let value = word.strip_prefix(ADOPTING).and_then(|rest| rest.strip_prefix('='));
        value.is_some_and(|value| value != "false")
    };
    matches!(change.action, "create" | "replace")
        && !is_pending(change, ADOPTING)
        && !change.fields.iter().any(adopts)
}

fn is_pending(change: &Change, attribute: &str) -> bool {
    change.pending.iter().any(|one| one.name == attribute)
}

/// Whether an attribute of a type tells where that is, with its name.
fn is_whole(kind: &str, attribute: &str) -> bool {
    kind.starts_with("google_") && WHOLE.contains(&attribute)
}

/// The known value of an attribute of what is made.
fn value<'c>(change: &'c Change, attribute: &str) -> Option<&'c str> {
    let word = |word: &'c String| word.strip_prefix(attribute)?.strip_prefix('=');
    let found = change.fields.iter().find_map(word)?;
    (!found.is_empty() && found != SENSITIVE && found != UNKNOWN).then_some(found)
}
