//! The name on the command line for a parameter's name in the API, as botocore
//! makes it: `DBInstanceIdentifier` is `db-instance-identifier`.

use regex::Regex;

/// `name` with dashes between its words, in lower case.
pub(super) fn option(name: &str) -> String {
    if name.contains('-') {
        return name.to_owned();
    }
    let apart = |name: String, words: &Regex| words.replace_all(&name, "${1}-${2}").into_owned();
    COMPILED.with(|compiled| compiled.iter().fold(plural_of_capitals(name), apart)).to_lowercase()
}

/// `ReplaceARNs` ends in a word of its own: capitals with an `s`.
fn plural_of_capitals(name: &str) -> String {
    let Some(stem) = name.strip_suffix('s') else { return name.to_owned() };
    let capitals = stem.chars().rev().take_while(char::is_ascii_uppercase).count();
    match stem.len().checked_sub(capitals).and_then(|at| name.split_at_checked(at)) {
        Some((before, word)) if capitals >= 2 => format!("{before}-{}", word.to_lowercase()),
        _ => name.to_owned(),
    }
}

/// The places where a word begins, as botocore has them.
const WORDS: [&str; 2] = ["(.)([A-Z][a-z]+)", "([a-z0-9])([A-Z])"];

thread_local! {
    static COMPILED: Vec<Regex> = WORDS.iter().filter_map(|pattern| Regex::new(pattern).ok()).collect();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_botocore() {
        for (name, expected) in [
            ("InstanceIds", "instance-ids"),
            ("DBInstanceIdentifier", "db-instance-identifier"),
            ("SkipFinalSnapshot", "skip-final-snapshot"),
            ("DryRun", "dry-run"),
            ("policyDocument", "policy-document"),
            ("ReplaceARNs", "replace-arns"),
            ("S3Bucket", "s3-bucket"),
            ("EnableIAMDatabaseAuthentication", "enable-iam-database-authentication"),
            ("desiredCount", "desired-count"),
            ("name", "name"),
            ("HSMClientCertificate", "hsm-client-certificate"),
            ("EC2SecurityGroupId", "ec2-security-group-id"),
        ] {
            assert_eq!(option(name), expected, "{name}");
        }
    }
}
