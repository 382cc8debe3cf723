//! Options whose value is secret, by their names.

use std::sync::LazyLock;

use regex::bytes::Regex;

use super::regex;

/// Flags whose value is secret, by how their names end.
pub(super) static FLAG: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        "(?i-u)^--?([a-z0-9_.-]*[_.-])?(token|passw(or)?d|passphrase|secret|secret[_-]?(string|binary|key|access[_-]key)\
         |api[_-]?key|private[_-]?key|access[_-]?key)$",
    )
});

/// Flags that end so but take no value, or one that is no secret: places in a
/// list, and tokens that only tell one request from another.
pub(super) static HARMLESS_FLAG: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        "(?-u)^--(no-.*|(manage|rotate|hide)-.*|(generate|with)-secret|force-overwrite-replica-secret\
         |reuse-last-generated-token\
         |(next|next-page|page|pagination|starting|continuation|client|client-request|idempotency|change|creation)-token)$",
    )
});

/// Settings that come with their value as the next word: a kubeconfig's user
/// (`kubectl config set`) and a profile's keys (`aws configure set`).
pub(super) static SETTING: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i-u)^(users\..*\.(token|password|client-key-data)|(.*\.)?aws_(secret_access_key|session_token))$",
    )
});

/// Options of aws with a secret value. aws takes any beginning that no other
/// option of the operation shares; what stands after `|` may be missing here.
const ABBREVIATED: &[&str] = &[
    "activation-k|ey",
    "admin-user-|password",
    "access-t|oken",
    "add-priv|ate-key",
    "auth-c|ode",
    "auth-t|oken",
    "authentication-code|1",
    "authentication-code|2",
    "authentication-t|oken",
    "basi|c-auth-credentials",
    "certificate-p|rivate-key",
    "client-s|ecret",
    "copy-source-sse-c|ustomer-key",
    "file-pas|sword",
    "hsm-partition-p|assword",
    "identity-t|oken",
    "idp-c|lient-secret",
    "key-store-p|assword",
    "local-console-p|assword",
    "mast|er-user-password",
    "new-p|assword",
    "oauth-t|oken",
    "old-p|assword",
    "one-time-p|assword",
    "pass|phrase",
    "pass|word",
    "plaint|ext",
    "prev|ious-password",
    "priv|ate-key",
    "prop|osed-password",
    "refr|esh-token",
    "secr|et-binary",
    "secr|et-key",
    "secr|et-string",
    "secret-h|ash",
    "secret-to-authenticate-i|nitiator",
    "secret-to-authenticate-t|arget",
    "session-t|oken",
    "sse-c-copy-source-k|ey",
    "sse-c-k|ey",
    "sse-cu|stomer-key",
    "subject-t|oken",
    "svm-a|dmin-password",
    "tde-credential-p|assword",
    "tempo|rary-password",
    "toke|n",
    "token-c|ode",
    "trust-p|assword",
    "user-c|ode",
    "user-pa|ssword",
    "web-identity-t|oken",
];

/// Whether `word` is an option of aws, or its beginning, with a secret value.
pub(super) fn is_abbreviated(word: &[u8]) -> bool {
    let Some(name) = word.strip_prefix(b"--") else { return false };
    ABBREVIATED.iter().any(|option| {
        let (needed, rest) = option.split_once('|').unwrap_or((option, ""));
        name.strip_prefix(needed.as_bytes()).is_some_and(|more| rest.as_bytes().starts_with(more))
    })
}

/// Whether `word` is an option with several secret values.
pub(super) fn is_list(word: &[u8]) -> bool {
    word == b"--passwords"
}

/// Whether `word` is `--value`, or its beginning: a secret only in some lines.
pub(super) fn is_value(word: &[u8]) -> bool {
    word.strip_prefix(b"--").is_some_and(|name| name.len() > 1 && b"value".starts_with(name))
}

/// Whether a word says that the line's `--value` is secret.
pub(super) fn makes_value_secret(word: &[u8]) -> bool {
    const SECURE: &[u8] = b"SecureString";
    matches!(word, b"put-parameter" | b"create-api-key")
        || word.windows(SECURE.len()).any(|part| part.eq_ignore_ascii_case(SECURE))
}
