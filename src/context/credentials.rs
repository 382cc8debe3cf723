//! Variables that name whom a command acts as in a cloud, and where there.
//!
//! Several tools, providers and credential plugins heed each of them, and which
//! do cannot be told offline. So all are claims, whatever tool is called: they
//! can make a target guarded, and prove nothing.

use crate::verdict::Fact;

/// Each variable, with what its value tells.
pub(super) const VARIABLES: &[(&str, Fact)] = &[
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
    ("CLOUDSDK_ACTIVE_CONFIG_NAME", Fact::Profile),
    ("GOOGLE_IMPERSONATE_SERVICE_ACCOUNT", Fact::Role),
    ("ARM_SUBSCRIPTION_ID", Fact::Subscription),
    ("AZURE_SUBSCRIPTION_ID", Fact::Subscription),
];
