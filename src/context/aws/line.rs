//! What the words of a command line tell beside the global flags: accounts that
//! they name, and the one thing that is acted on.

use std::ffi::OsStr;

use super::identity::{account_of_arn, is_account};
use crate::command::Command;
use crate::context::target::Target;
use crate::context::typeable;
use crate::verdict::Fact;

/// Flags whose value is an account's number.
const ACCOUNTS: &[&str] = &[
    "--account",
    "--account-id",
    "--account-ids",
    "--accounts",
    "--aws-account-id",
    "--aws-account-ids",
    "--bucket-owner",
    "--catalog-id",
    "--destination-account-id",
    "--expected-bucket-owner",
    "--expected-source-bucket-owner",
    "--linked-account-id",
    "--member-account-id",
    "--owner-account-id",
    "--registry-id",
    "--registry-ids",
    "--target-account-id",
];

/// The ends of flags that name what a command acts on, the most telling first.
const NAMED: &[&str] = &["-identifier", "-name", "-id", "-ids", "-names", "-identifiers", "-arn", "-url"];

/// Flags that have such an end and name something else: a place, or what is
/// left of the thing.
const BESIDE: &[&str] = &[
    "--aws-account-id",
    "--account-id",
    "--catalog-id",
    "--final-db-snapshot-identifier",
    "--final-snapshot-identifier",
    "--kms-key-id",
    "--registry-id",
    "--version-id",
];

/// Claims the role that the line asks the keys of: whoever has those acts there,
/// and no name tells it any more.
pub(super) fn claim_role(command: &Command, target: &mut Target) {
    let assumes = matches!(command.path.as_slice(), [service, operation] if service == "sts" && operation.starts_with("assume-role"));
    for value in command.values("--role-arn").flatten().filter(|_| assumes) {
        target.claim(Fact::Role, value.to_string_lossy());
    }
}

/// Claims the accounts that the line names: what is acted on is there, whosever
/// the credentials are.
pub(super) fn claim_accounts(command: &Command, target: &mut Target) {
    for flag in &command.flags {
        let value = flag.value.as_deref().map(OsStr::to_string_lossy).unwrap_or_default();
        if ACCOUNTS.contains(&flag.name.as_str()) && is_account(&value) {
            target.claim(Fact::Account, &*value);
        }
        claim(target, &value);
    }
    for operand in &command.operands {
        claim(target, &operand.to_string_lossy());
    }
    for field in &command.fields.set {
        let name = field.path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        if name.ends_with("accountid") && is_account(&field.value) {
            target.claim(Fact::Account, &field.value);
        }
        claim(target, &field.value);
    }
}

/// The account of an ARN, and of a queue's URL.
fn claim(target: &mut Target, value: &str) {
    let arn = value.strip_prefix("s3://").unwrap_or(value);
    if let Some(account) = account_of_arn(arn) {
        target.claim(Fact::Account, account);
    }
    let queue = value.strip_prefix("https://").map(|rest| rest.split('/').collect::<Vec<_>>());
    if let Some([_, account, _]) = queue.as_deref()
        && is_account(account)
    {
        target.claim(Fact::Account, *account);
    }
}

/// The name to type before a destructive command runs: the bucket, else the one
/// thing that a flag names, else the profile, the account or the region. `None`
/// where none can be typed, and where the one thing cannot: the name of
/// anything else would not be what is lost.
pub(super) fn challenge(command: &Command, target: &Target) -> Option<String> {
    let mut named = things(command).into_iter();
    match (named.next(), named.next()) {
        (Some(one), None) => typeable(&one),
        _ => [Fact::Profile, Fact::Account, Fact::Endpoint, Fact::Region]
            .into_iter()
            .filter(|fact| *fact != Fact::Profile || target.first(*fact) != Some("default"))
            .filter_map(|fact| target.first(fact))
            .chain(target.first(Fact::Profile))
            .find_map(typeable),
    }
}

/// What the line acts on, by name; nothing where no grammar is sure of it.
fn things(command: &Command) -> Vec<String> {
    if command.uncertain || command.conventional {
        return Vec::new();
    }
    let text = |value: &OsStr| value.to_string_lossy().into_owned();
    if command.path.first().is_some_and(|service| service == "s3") {
        // Of several, the last is the one that is written.
        let buckets = command.operands.iter().rev().filter_map(|operand| bucket(&text(operand)));
        return buckets.take(1).collect();
    }
    let values = |name: &str| command.values(name).flatten().map(text).collect::<Vec<_>>();
    let buckets = values("--bucket");
    if !buckets.is_empty() {
        return buckets.into_iter().rev().take(1).collect();
    }
    for end in NAMED {
        let mut names: Vec<&str> = command.flags.iter().map(|flag| flag.name.as_str()).collect();
        names.retain(|name| name.ends_with(end) && !BESIDE.contains(name));
        names.dedup();
        if let [one] = names.as_slice() {
            return values(one);
        }
        if !names.is_empty() {
            return Vec::new();
        }
    }
    Vec::new()
}

/// The bucket of `s3://bucket/key`.
fn bucket(operand: &str) -> Option<String> {
    let rest = operand.strip_prefix("s3://")?;
    rest.split('/').next().filter(|bucket| !bucket.is_empty()).map(str::to_owned)
}
