//! Names, inside of arguments, of what is secret.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::regex;

static SECRET: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?x-u)
        (?i:passw(or)?d|passphrase|secret|token|credential)
        | (?i:(api|access|private|pre_?shared|auth|account|activation|customer|encryption|signing)[_-]?key)
        | (?i:(^|[^a-z0-9])(pass|pw|pwd|dbpass|dsn|conn_?str)([^a-z0-9]|$))
        | (?i:pwd$) | Pass$",
    )
});

/// Names that speak of a secret and do not hold it. `SecretId` is the name of
/// a secret of AWS, but `secret_id` is a password of Vault.
static HARMLESS: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?x-u)
        Ids?$ | (?i:(api|access|encryption|account|signing)[_-]?key[_-]?ids?$)
        | (?i:(arns?|names?|types?|length|polic(y|ies)|count|required|versions?|validity|units|algorithm|identifier
            |ur[il]|endpoint|path|file|format|modes?|enabled|status|stages?|source|provider|config|configuration
            |settings|options|manager|prefix|age|ttl|duration|limit|strategy|filter|scopes?|vault|spec|md5)$)
        | ^(?i:(next|starting|next_?page|page|pagination|continuation|client|client_?request|idempotency|change|max
            |http|creation)[_-]?tokens?$)
        | ^(?i:aws_?kms_?key|kms_?encryption_?key|encryption_?key)$",
    )
});

/// Whether a value of this name is secret.
pub(super) fn is_secret(name: &[u8]) -> bool {
    SECRET.is_match(name) && !is_harmless(name)
}

/// Whether a name is known to hold no secret, whatever it speaks of.
pub(super) fn is_harmless(name: &[u8]) -> bool {
    HARMLESS.is_match(name)
}

/// Whether a value of this name is the name of what stands beside it.
pub(super) fn is_label(name: &[u8]) -> bool {
    ends_with(name, b"name") || ends_with(name, b"key") || ends_with(name, b"variable")
}

/// Whether this is how the value beside a name is called.
pub(super) fn is_value(name: &[u8]) -> bool {
    ends_with(name, b"value")
}

/// Whether this is a type of `DynamoDB`, which stands between name and value.
pub(super) fn is_attribute_type(name: &[u8]) -> bool {
    matches!(name, b"S" | b"N" | b"B" | b"SS" | b"NS" | b"BS")
}

fn ends_with(name: &[u8], end: &[u8]) -> bool {
    name.len()
        .checked_sub(end.len())
        .and_then(|at| name.get(at..))
        .is_some_and(|last| last.eq_ignore_ascii_case(end))
}

/// Whether a value is one that nobody has to hide: nothing, a truth value, the
/// name of a resource or of a file.
pub(super) fn is_open(value: &[u8]) -> bool {
    let word = value.trim_ascii();
    [&b""[..], b"true", b"false", b"null"].iter().any(|open| word.eq_ignore_ascii_case(open))
        || is_path(word)
        || (word.starts_with(b"arn:aws") && !word.iter().any(|byte| b" ,;\n".contains(byte)))
}

/// Whether a value is read by aws from a file.
pub(super) fn is_path(value: &[u8]) -> bool {
    value.starts_with(b"file://") || value.starts_with(b"fileb://")
}
