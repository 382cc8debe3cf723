//! Finds secrets in command lines: by the flag, by the shape, by randomness.
//!
//! This looks at words, not at a tool's grammar: it has to hold for arguments
//! that no grammar knows.

mod assigned;
mod names;
mod options;
mod programs;
mod value;

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

/// What the flag before a word says of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Expected {
    /// Nothing.
    #[default]
    Anything,
    /// The whole word is secret.
    Secret,
    /// So are all words up to the next flag.
    Secrets,
    /// It is `NAME=VALUE`, of which the value is always secret.
    SecretValue,
    /// It is `NAME=VALUE` of a variable.
    Variable,
    /// It is `NAME=VALUE` of a backend's configuration.
    Backend,
}

/// Parts of names that say so only where they stand alone: `db_pin`, but not
/// `pinned`.
const ALONE: &str =
    "(^|[^a-z0-9])(pass|pw|pin|auth|dbpass|dsn|sas|cookie|license|webhook|conn_str)([^a-z0-9]|$)";

/// A pattern for names: one of `parts` anywhere, or one of [`ALONE`].
fn names(parts: &str) -> Regex {
    regex(&format!("(?i-u)({parts}|{ALONE})"))
}

/// Names of variables whose values are secret.
static VARIABLE: LazyLock<Regex> =
    LazyLock::new(|| names("passw(or)?d|passphrase|pwd|secret|token|key|credential"));
/// The same for backend settings, where `key` is the path of the state.
static BACKEND: LazyLock<Regex> =
    LazyLock::new(|| names("passw(or)?d|secret|token|access_key|encryption_key|credential|conn_str"));
/// Shapes that are secret as a whole.
static WHOLE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?x-u)
        -----BEGIN\ [A-Z0-9\ ]+-----(?s:.*?)(?:-----END\ [A-Z0-9\ ]+-----|\z)
        | \b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b
        | \bgh[oprsu]_[A-Za-z0-9]{20,} | \bgithub_pat_[A-Za-z0-9_]{20,} | \bglpat-[A-Za-z0-9_-]{16,}
        | \bxox[abeoprs]-[A-Za-z0-9-]{10,} | \bxapp-[A-Za-z0-9-]{10,}
        | \bsk-[A-Za-z0-9]{20,} | \bsk-(?:proj|ant|svcacct|admin|or)-[A-Za-z0-9_-]{16,}
        | \b[rs]k_(?:live|test)_[A-Za-z0-9]{16,} | \bAIza[A-Za-z0-9_-]{35}
        | \bhv[bsr]\.[A-Za-z0-9_-]{20,} | \b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{40,}
        | \bnpm_[A-Za-z0-9]{30,} | \bdop_v1_[a-f0-9]{40,}",
    )
});
/// A signed token. Among the shapes above, one that never comes to its dot
/// would be walked through again after each of their matches.
static SIGNED: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?-u)\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*"));
/// Shapes of which the first group that took part is secret.
static PART: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"(?x-u)
        \b[A-Za-z][A-Za-z0-9+.-]*://([^/?\#\s"']+)@
        | \bhttps://hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/([^\s"'?\#]+)
        | (?i:\b(?:bearer|basic))\s+([A-Za-z0-9._~+/=-]{8,})
        | (?i:[?&](?:sig|x-amz-signature|x-amz-security-token|x-amz-credential|access_token|token|password|secret)=)
          ([^&\s"']+)
        | (?i:\bidentified\s+(?:with\s+\S+\s+)?(?:by|as)\s+(?:password\s+)?)(?:'((?:[^'\\]|\\(?s:.)|'')+)|"([^"]+)|([^\s"';]+))
        | (?i:\bcookie:\s*)([^\s=;"']+=[^"'\r\n]+)
        | (?i:\bpassword\s+(?:for\s+\S+\s*=\s*)?)'((?:[^'\\]|\\(?s:.)|'')+)"#,
    )
});
/// `NAME=`, with or without dashes before it.
static ASSIGNMENT: LazyLock<Regex> = LazyLock::new(|| regex(r"^(-{0,2})([A-Za-z0-9_.-]+)\s*="));
/// Words long enough to be a random secret.
static LONG: LazyLock<Regex> = LazyLock::new(|| regex("(?-u)[A-Za-z0-9+/_-]{20,}={0,2}"));

#[expect(clippy::expect_used, reason = "every pattern is a constant, and a test compiles each")]
fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern")
}

/// Reads the words of one line in their order.
#[derive(Default)]
pub(super) struct Line {
    expected: Expected,
    /// Whether a word of the line says that what is called `value` is secret.
    secret_value: bool,
    /// What the program makes secret of each word.
    by_program: std::vec::IntoIter<Vec<Range<usize>>>,
    /// Values of variables with a secret name, wherever they stand again.
    assigned: Vec<Vec<u8>>,
}

/// A shorter value may be any word, and is not looked for.
const LEAST_ASSIGNED: usize = 6;

impl Line {
    /// A line of these words, which are then to be given to [`Self::secrets`].
    pub(super) fn of<'a>(words: impl Iterator<Item = &'a [u8]>) -> Self {
        let words: Vec<&[u8]> = words.collect();
        Self {
            expected: Expected::Anything,
            secret_value: words.iter().copied().any(options::makes_value_secret),
            by_program: programs::secrets(&words).into_iter(),
            assigned: words.iter().filter_map(|word| assigned_secret(word)).map(<[u8]>::to_vec).collect(),
        }
    }

    /// The same, of words that stand in `text`, which may assign variables.
    #[must_use]
    pub(super) fn within(mut self, text: &[u8]) -> Self {
        let tokens = programs::tokens(text, true).into_iter().filter_map(|token| text.get(token));
        self.assigned.extend(tokens.filter_map(assigned_secret).map(<[u8]>::to_vec));
        self
    }

    /// The secret parts of the line's next word, in order.
    pub(super) fn secrets(&mut self, word: &[u8]) -> Vec<Range<usize>> {
        let value_from = match self.expected {
            Expected::Secret => Some(0),
            Expected::Secrets if !word.starts_with(b"--") => Some(0),
            Expected::SecretValue => Some(after_name(word, 0)),
            Expected::Variable => after_secret_name(word, 0, &VARIABLE),
            Expected::Backend => after_secret_name(word, 0, &BACKEND),
            Expected::Anything | Expected::Secrets => flagged(word, self.secret_value),
        };
        // A word that belongs to a flag may still be one where the flag takes no
        // value: rather one word too many is redacted.
        self.expected = match (self.expected, value_from) {
            (Expected::Secrets, Some(0)) => Expected::Secrets,
            _ => expectation(word, self.secret_value),
        };
        let by_program = self.by_program.next().unwrap_or_default();
        if let Some(start) = value_from {
            let value = word.get(start..).unwrap_or_default();
            let secret = !value.is_empty() && !names::is_path(value);
            return secret.then_some(start..word.len()).into_iter().collect();
        }
        let mut secret = shapes_in(word, self.secret_value);
        secret.extend(random(word));
        secret.extend(by_program);
        secret.extend(self.assigned.iter().flat_map(|value| occurrences(word, value)));
        merged(secret)
    }
}

/// The value of a `NAME=VALUE` of a shell whose name is secret.
fn assigned_secret(word: &[u8]) -> Option<&[u8]> {
    let start = flagged(word, false).filter(|_| !word.starts_with(b"-"))?;
    let value = word.get(start..)?;
    let value = [b'"', b'\''].iter().fold(value, |value, quote| {
        value.strip_prefix(&[*quote]).and_then(|value| value.strip_suffix(&[*quote])).unwrap_or(value)
    });
    let worth = value.len() >= LEAST_ASSIGNED && !programs::is_reference(value) && !names::is_open(value);
    worth.then_some(value)
}

/// Where `value` stands in `word`.
fn occurrences(word: &[u8], value: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) =
        word.get(from..).and_then(|rest| rest.windows(value.len()).position(|part| part == value))
    {
        found.push(from + at..from + at + value.len());
        from += at + value.len();
    }
    found
}

/// What a flag without a value of its own says of the next word.
fn expectation(word: &[u8], secret_value: bool) -> Expected {
    match word {
        b"-var"
        | b"--var"
        | b"--env"
        | b"--set"
        | b"--set-string"
        | b"--set-literal"
        | b"--exec-env"
        | b"--auth-provider-arg" => Expected::Variable,
        b"-backend-config" | b"--backend-config" => Expected::Backend,
        b"--from-literal" => Expected::SecretValue,
        _ if word.starts_with(b"--") && options::HARMLESS_FLAG.is_match(word) => Expected::Anything,
        _ if word.starts_with(b"-") && options::FLAG.is_match(word) => Expected::Secret,
        _ if word.contains(&b'_') || word.contains(&b'.') => {
            if options::SETTING.is_match(word) {
                Expected::Secret
            } else {
                of_option(word, secret_value)
            }
        }
        _ => of_option(word, secret_value),
    }
}

/// The same, of an option that is none of these.
fn of_option(word: &[u8], secret_value: bool) -> Expected {
    match word {
        _ if options::is_list(word) => Expected::Secrets,
        _ if options::is_abbreviated(word) => Expected::Secret,
        _ if secret_value && options::is_value(word) => Expected::Secret,
        _ => Expected::Anything,
    }
}

/// Where the secret value starts in a word that names it itself.
fn flagged(word: &[u8], secret_value: bool) -> Option<usize> {
    let assignment = word.contains(&b'=').then(|| ASSIGNMENT.captures(word))??;
    let (value, dashes, name) = (assignment.get(0)?.end(), assignment.get(1)?, assignment.get(2)?.as_bytes());
    if dashes.is_empty() {
        let secret = VARIABLE_ALONE.is_match(name) && !names::is_harmless(name);
        // Names inside an object say more than its own.
        let object = word.get(value..).is_some_and(|value| value.trim_ascii_start().starts_with(b"{"));
        return (secret && !object).then_some(value);
    }
    match expectation(word.get(..assignment.get(2)?.end())?, secret_value) {
        Expected::Anything => None,
        Expected::Secret | Expected::Secrets => Some(value),
        Expected::SecretValue => Some(after_name(word, value)),
        Expected::Variable => after_secret_name(word, value, &VARIABLE),
        Expected::Backend => after_secret_name(word, value, &BACKEND),
    }
}

/// Names of assignments that stand alone, where `key` may be anything.
static VARIABLE_ALONE: LazyLock<Regex> =
    LazyLock::new(|| names("passw(or)?d|passphrase|secret|token|(api|access|private)_?key|credential"));

/// Where the value starts in the `NAME=VALUE` at `start`: at `start` where
/// there is no name.
fn after_name(word: &[u8], start: usize) -> usize {
    let rest = word.get(start..).unwrap_or_default();
    rest.iter().position(|byte| *byte == b'=').map_or(start, |at| start + at + 1)
}

/// The same, where the name matches `secret`.
fn after_secret_name(word: &[u8], start: usize, secret: &Regex) -> Option<usize> {
    let value = after_name(word, start);
    let name = word.get(start..value)?;
    (value > start && secret.is_match(name)).then_some(value)
}

/// The parts of `text` that have the shape of a credential, in order.
pub(super) fn shapes(text: &[u8]) -> Vec<Range<usize>> {
    let mut secret = shapes_in(text, false);
    secret.extend(programs::in_text(text));
    merged(secret)
}

fn shapes_in(text: &[u8], secret_value: bool) -> Vec<Range<usize>> {
    // To compile these patterns takes longer than all else that a refusal takes.
    if !may_hold_a_shape(text) {
        return Vec::new();
    }
    let whole = WHOLE.find_iter(text).chain(SIGNED.find_iter(text)).map(|found| found.range());
    let part = PART.captures_iter(text).filter_map(|groups| {
        let secret = groups.iter().skip(1).flatten().next()?;
        let login = text.get(secret.end()..).is_some_and(|rest| rest.starts_with(b"@"));
        // The user of an SSH address is a name, not a secret.
        let name = login && !secret.as_bytes().contains(&b':') && {
            let scheme = text.get(..secret.start()).unwrap_or_default();
            scheme.ends_with(b"ssh://") || secret.as_bytes() == b"git"
        };
        (!name).then(|| secret.range())
    });
    merged(whole.chain(part).chain(assigned::values(text, secret_value)).collect())
}

/// Whether a pattern may match at all: none of the shapes is without a sign, a word
/// before it, or this many characters of a token in a row.
fn may_hold_a_shape(text: &[u8]) -> bool {
    const LEAST: usize = 14;
    let is_sign = |byte: &u8| b":='\"?&{[".contains(byte);
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"_.-".contains(byte);
    let before: [&[u8]; 4] = [b"bearer", b"basic", b"identified", b"-----"];
    let follows = |word: &&[u8]| text.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    text.iter().any(is_sign) || has_run(text, LEAST, is_token) || before.iter().any(follows)
}

/// Whether so many bytes in a row are of a kind.
fn has_run(text: &[u8], least: usize, is_kind: impl Fn(&u8) -> bool) -> bool {
    text.split(|byte| !is_kind(byte)).any(|run| run.len() >= least)
}

/// The long words of `word` that look random.
fn random(word: &[u8]) -> Vec<Range<usize>> {
    let is_long = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/_-".contains(byte);
    if !has_run(word, 20, is_long) || word.windows(4).any(|part| part == b"arn:") {
        return Vec::new();
    }
    LONG.find_iter(word).filter(|found| is_random(found.as_bytes())).map(|found| found.range()).collect()
}

/// Whether a word is too irregular to be a name.
///
/// The measure is how often neighbouring characters change between upper
/// case, lower case and digits: about 0.6 in random text over 62 characters,
/// about 0.3 where words are joined in camel case. Hexadecimal text has two of
/// the three kinds and is never taken for a secret: hashes and UUIDs look so.
fn is_random(word: &[u8]) -> bool {
    let changes = |part: &[u8]| {
        let changed = part.iter().zip(part.iter().skip(1)).filter(|(a, b)| kind(**a) != kind(**b)).count();
        100 * changed / part.len().saturating_sub(1).max(1)
    };
    let mixed = |part: &[u8]| [1, 2, 3].iter().all(|wanted| part.iter().any(|byte| kind(*byte) == *wanted));
    // An AWS secret access key: forty characters, slashes among them.
    if word.len() == 40 && mixed(word) && word.iter().all(|byte| kind(*byte) > 0 || b"/+".contains(byte)) {
        return changes(&word.iter().copied().filter(|byte| kind(*byte) > 0).collect::<Vec<_>>()) >= 30;
    }
    let parts = word.split(|byte| kind(*byte) == 0);
    parts.filter(|part| part.len() >= 8 && mixed(part) && changes(part) >= 40).map(<[u8]>::len).sum::<usize>()
        >= 20
}

/// 1 to 3 for upper case, lower case and digits, 0 for the rest.
fn kind(byte: u8) -> u8 {
    match byte {
        b'A'..=b'Z' => 1,
        b'a'..=b'z' => 2,
        b'0'..=b'9' => 3,
        _ => 0,
    }
}

/// `ranges` in order, with those that overlap joined.
fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match joined.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        for pattern in [&VARIABLE, &VARIABLE_ALONE, &BACKEND, &WHOLE, &SIGNED, &PART, &ASSIGNMENT, &LONG]
            .into_iter()
            .chain([&options::FLAG, &options::HARMLESS_FLAG, &options::SETTING])
        {
            assert!(!pattern.as_str().is_empty());
            assert!(!pattern.is_match(b""), "{}", pattern.as_str());
        }
    }

    #[test]
    fn overlapping_finds_are_one() {
        assert_eq!(merged(vec![5..9, 0..2, 1..3, 6..7, 9..10]), [0..3, 5..9, 9..10]);
    }
}
