//! The options of aws's own parsers: the global ones, and those of commands
//! that are no API operation and take words of their own.
//!
//! The options of API operations are not listed. None of them takes a word that
//! stands alone, so that whatever follows an option is its value.

use super::argparse::{Opt, Takes, Versions};
use Takes::{Many, Nothing, One, Optional, Two};

/// The options that stand anywhere. v1 and v2 have each some of their own.
pub(super) const GLOBALS: &[Opt] = &[
    Opt::new("--debug", Nothing),
    Opt::new("--endpoint-url", One),
    Opt::new("--no-verify-ssl", Nothing),
    Opt::new("--no-paginate", Nothing),
    Opt::new("--output", One),
    Opt::new("--query", One),
    Opt::new("--profile", One),
    Opt::new("--region", One),
    Opt::new("--version", Nothing),
    Opt::new("--color", One),
    Opt::new("--no-sign-request", Nothing),
    Opt::new("--ca-bundle", One),
    Opt::new("--cli-read-timeout", One),
    Opt::new("--cli-connect-timeout", One),
    Opt { name: "--v2-debug", takes: Nothing, versions: Versions::One },
    Opt { name: "--cli-binary-format", takes: One, versions: Versions::Two },
    Opt { name: "--cli-error-format", takes: One, versions: Versions::Two },
    Opt { name: "--no-cli-pager", takes: Nothing, versions: Versions::Two },
    Opt { name: "--cli-auto-prompt", takes: Nothing, versions: Versions::Two },
    Opt { name: "--no-cli-auto-prompt", takes: Nothing, versions: Versions::Two },
];

/// Whether only v2 has the global option `name`.
pub(super) fn is_of_v2(name: &str) -> bool {
    GLOBALS.iter().any(|option| option.name == name && option.versions == Versions::Two)
}

/// The options of a command that reads its words itself. `None` for any other
/// command.
pub(super) fn of_own_command(path: &str) -> Option<&'static [Opt]> {
    Some(match path {
        "s3 ls" => LS,
        "s3 rm" => RM,
        "s3 mb" => MB,
        "s3 rb" => RB,
        "s3 presign" => PRESIGN,
        "s3 website" => WEBSITE,
        "s3 cp" | "s3 mv" | "s3 sync" => TRANSFER,
        "cloudformation deploy" => DEPLOY,
        "ecs deploy" => ECS_DEPLOY,
        "history show" => HISTORY,
        "configure get" | "configure set" => &[],
        _ => return None,
    })
}

const LS: &[Opt] = &[
    Opt::new("--recursive", Nothing),
    Opt::new("--page-size", One),
    Opt::new("--human-readable", Nothing),
    Opt::new("--summarize", Nothing),
    Opt::new("--request-payer", Optional),
    Opt::new("--bucket-name-prefix", One),
    Opt::new("--bucket-region", One),
];

const RM: &[Opt] = &[
    Opt::new("--dryrun", Nothing),
    Opt::new("--quiet", Nothing),
    Opt::new("--recursive", Nothing),
    Opt::new("--request-payer", Optional),
    Opt::new("--include", One),
    Opt::new("--exclude", One),
    Opt::new("--only-show-errors", Nothing),
    Opt::new("--page-size", One),
];

const MB: &[Opt] = &[Opt::new("--tags", Two)];

const RB: &[Opt] = &[Opt::new("--force", Nothing)];

const PRESIGN: &[Opt] = &[Opt::new("--expires-in", One)];

const WEBSITE: &[Opt] = &[Opt::new("--index-document", One), Opt::new("--error-document", One)];

/// Of `cp`, `mv` and `sync` together.
const TRANSFER: &[Opt] = &[
    Opt::new("--dryrun", Nothing),
    Opt::new("--quiet", Nothing),
    Opt::new("--recursive", Nothing),
    Opt::new("--delete", Nothing),
    Opt::new("--include", One),
    Opt::new("--exclude", One),
    Opt::new("--acl", One),
    Opt::new("--follow-symlinks", Nothing),
    Opt::new("--no-follow-symlinks", Nothing),
    Opt::new("--no-guess-mime-type", Nothing),
    Opt::new("--sse", Optional),
    Opt::new("--sse-c", Optional),
    Opt::new("--sse-c-key", One),
    Opt::new("--sse-kms-key-id", One),
    Opt::new("--sse-c-copy-source", Optional),
    Opt::new("--sse-c-copy-source-key", One),
    Opt::new("--storage-class", One),
    Opt::new("--grants", Many),
    Opt::new("--website-redirect", One),
    Opt::new("--content-type", One),
    Opt::new("--cache-control", One),
    Opt::new("--content-disposition", One),
    Opt::new("--content-encoding", One),
    Opt::new("--content-language", One),
    Opt::new("--expires", One),
    Opt::new("--source-region", One),
    Opt::new("--only-show-errors", Nothing),
    Opt::new("--no-progress", Nothing),
    Opt::new("--page-size", One),
    Opt::new("--ignore-glacier-warnings", Nothing),
    Opt::new("--force-glacier-transfer", Nothing),
    Opt::new("--request-payer", Optional),
    Opt::new("--checksum-mode", One),
    Opt::new("--checksum-algorithm", One),
    Opt::new("--metadata", One),
    Opt::new("--metadata-directive", One),
    Opt::new("--copy-props", One),
    Opt::new("--expected-size", One),
    Opt::new("--size-only", Nothing),
    Opt::new("--exact-timestamps", Nothing),
    Opt::new("--no-overwrite", Nothing),
    Opt::new("--validate-same-s3-paths", Nothing),
    Opt::new("--case-conflict", One),
];

const DEPLOY: &[Opt] = &[
    Opt::new("--template-file", One),
    Opt::new("--stack-name", One),
    Opt::new("--s3-bucket", One),
    Opt::new("--force-upload", Nothing),
    Opt::new("--s3-prefix", One),
    Opt::new("--kms-key-id", One),
    Opt::new("--parameter-overrides", Many),
    Opt::new("--capabilities", Many),
    Opt::new("--no-execute-changeset", Nothing),
    Opt::new("--disable-rollback", Nothing),
    Opt::new("--no-disable-rollback", Nothing),
    Opt::new("--role-arn", One),
    Opt::new("--notification-arns", Many),
    Opt::new("--fail-on-empty-changeset", Nothing),
    Opt::new("--no-fail-on-empty-changeset", Nothing),
    Opt::new("--tags", Many),
];

const ECS_DEPLOY: &[Opt] = &[
    Opt::new("--service", One),
    Opt::new("--task-definition", One),
    Opt::new("--codedeploy-appspec", One),
    Opt::new("--cluster", One),
    Opt::new("--codedeploy-application", One),
    Opt::new("--codedeploy-deployment-group", One),
];

const HISTORY: &[Opt] =
    &[Opt::new("--include", Many), Opt::new("--exclude", Many), Opt::new("--format", One)];
