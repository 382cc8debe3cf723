//! Keeps secrets out of the record, and out of what is shown to people.
//!
//! A value is replaced by `«redacted:N»`, N being its length in bytes, where a
//! flag or a variable's name says that it is secret, where it has the shape of
//! a known credential, or where it is a long word that looks random. What
//! people need to read (addresses, paths, ARNs, UUIDs, hashes) is kept: a
//! record that hides what was destroyed is worth little.
//!
//! The rest of a word is kept byte for byte: a backslash becomes `\\`; a byte
//! that is not UTF-8, and each of the two bytes of a literal `«`, becomes
//! `\x..`. So an unescaped `«` is always a redaction, and `unescape` finds
//! the bytes again.
//!
//! People see [`shown`]: quoted as a shell needs it, `«redacted»` for each
//! secret, and cut where it is too long to be read.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::ops::Range;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;

use super::secrets;
use crate::ui::sanitize;

/// How many bytes of arguments, and of one free text, a record holds. More is
/// counted, not kept: nobody fills the disk through a refused command line.
const MOST_ARGUMENTS: usize = 256 * 1024;
const MOST_TEXT: usize = 8 * 1024;

/// How many characters of a command line are shown to people.
const MOST_SHOWN: usize = 2000;

/// What people see instead of a secret.
pub const REDACTED: &str = "«redacted»";

/// A command line for people: redacted, safe to print, each word quoted where
/// it needs it, and cut after about two thousand characters.
pub fn shown<S: AsRef<OsStr>>(words: &[S]) -> String {
    shown_within(b"", words)
}

/// The same of words that stand in `text`: what is assigned there to a variable
/// with a secret name is hidden where it stands again.
pub fn shown_within<S: AsRef<OsStr>>(text: &[u8], words: &[S]) -> String {
    let mut line = String::new();
    let mut secrets = secrets::Line::of(words.iter().map(|word| word.as_ref().as_bytes())).within(text);
    for (index, word) in words.iter().enumerate() {
        let word = word.as_ref();
        let rest = if index > 0 { " " } else { "" };
        // What is cut off need not be redacted, only counted.
        if line.len() > 4 * MOST_SHOWN {
            let _ = write!(line, "{rest}{}", sanitize::word(word));
            continue;
        }
        let secret = secrets.secrets(word.as_bytes());
        let _ = write!(line, "{rest}{}", shown_word(word.as_bytes(), &secret));
    }
    cut(&line)
}

/// The words of a command line for programs: redacted, and otherwise as they are.
pub fn words<S: AsRef<OsStr>>(words: &[S]) -> Vec<String> {
    let mut secrets = secrets::Line::of(words.iter().map(|word| word.as_ref().as_bytes()));
    let redacted = |word: &S| {
        let word = word.as_ref().as_bytes();
        let (mut text, mut position) = (String::new(), 0);
        for Range { start, end } in secrets.secrets(word) {
            text.push_str(&String::from_utf8_lossy(word.get(position..start).unwrap_or_default()));
            text.push_str(REDACTED);
            position = end;
        }
        text.push_str(&String::from_utf8_lossy(word.get(position..).unwrap_or_default()));
        text
    };
    words.iter().map(redacted).collect()
}

/// The first of the words of a command line, the program's among them, in which
/// [`shown`] would hide something.
pub fn secret_word<S: AsRef<OsStr>>(words: &[S]) -> Option<usize> {
    let mut secrets = secrets::Line::of(words.iter().map(|word| word.as_ref().as_bytes()));
    words.iter().position(|word| !secrets.secrets(word.as_ref().as_bytes()).is_empty())
}

/// Whether [`shown_variable`] would hide something of the value.
pub fn is_secret_variable(name: &str, value: &OsStr) -> bool {
    !secret_in_variable(name, value).is_empty()
}

/// A variable's setting for people, `NAME=value`, as [`shown`] would show it.
/// Of a URL, everything that may be a user and a password is redacted.
pub fn shown_variable(name: &str, value: &OsStr) -> String {
    format!("{name}={}", shown_word(value.as_bytes(), &secret_in_variable(name, value)))
}

/// The secret parts of a variable's value.
fn secret_in_variable(name: &str, value: &OsStr) -> Vec<Range<usize>> {
    let word = [name.as_bytes(), b"=", value.as_bytes()].concat();
    let mut secret = secrets::Line::default().secrets(&word);
    let login = word.windows(3).position(|part| part == b"://").map(|at| at + 3);
    if let (Some(start), Some(end)) = (login, word.iter().rposition(|byte| *byte == b'@'))
        && start < end
        && secret.iter().all(|range| range.start > name.len() + 1)
    {
        let end =
            secret.iter().filter(|range| range.start < end).map(|range| range.end).fold(end, usize::max);
        secret.retain(|range| range.start >= end);
        secret.insert(0, start..end);
    }
    let value_start = name.len() + 1;
    secret
        .iter()
        .map(|range| range.start.saturating_sub(value_start)..range.end.saturating_sub(value_start))
        .collect()
}

/// `line`, cut after about two thousand characters, with how many more there are.
pub fn cut(line: &str) -> String {
    match line.char_indices().nth(MOST_SHOWN) {
        Some((at, _)) => {
            let (kept, more) = line.split_at(at);
            format!("{kept}… ({} more characters)", more.chars().count())
        }
        None => line.to_owned(),
    }
}

/// A word for people, quoted where a shell needs it.
fn shown_word(word: &[u8], secret: &[Range<usize>]) -> String {
    // Nobody else may write the mark.
    if secret.is_empty() && !word.windows(2).any(|bytes| bytes == "«".as_bytes()) {
        return sanitize::word(OsStr::from_bytes(word));
    }
    let mut text = String::new();
    let mut position = 0;
    let mut plain = true;
    let mut piece = |bytes: &[u8]| {
        let piece = sanitize::os(OsStr::from_bytes(bytes)).replace('«', "\\u{ab}");
        plain &= piece.is_empty() || !sanitize::word(OsStr::new(&piece)).starts_with('\'');
        piece.replace('\'', "'\\''")
    };
    for Range { start, end } in secret.iter().cloned() {
        text.push_str(&piece(word.get(position..start).unwrap_or_default()));
        text.push_str(REDACTED);
        position = end;
    }
    text.push_str(&piece(word.get(position..).unwrap_or_default()));
    if plain && !text.is_empty() { text } else { format!("'{text}'") }
}

/// The words of a command line, redacted and escaped.
pub(super) fn argv(words: &[OsString]) -> Vec<String> {
    let mut shown = Vec::with_capacity(words.len());
    let mut size = 0;
    let mut secrets = secrets::Line::of(words.iter().map(|word| word.as_bytes()));
    for (index, word) in words.iter().enumerate() {
        if size > MOST_ARGUMENTS {
            let bytes: usize = words.iter().skip(index).map(|word| word.len()).sum();
            shown.push(format!("«omitted:{} words, {bytes} bytes»", words.len() - index));
            break;
        }
        let bytes = word.as_bytes();
        let secret = secrets.secrets(bytes);
        let word = if bytes.len() > MOST_ARGUMENTS {
            format!("«omitted:{} bytes»", bytes.len())
        } else {
            render(bytes, &secret)
        };
        size += word.len();
        shown.push(word);
    }
    shown
}

/// Free text: known shapes are redacted, and what is too long is cut.
pub(super) fn text(text: &str) -> String {
    let cut = (0..=MOST_TEXT.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let (kept, omitted) = text.split_at(cut);
    let mut shown = String::with_capacity(kept.len());
    let mut position = 0;
    for Range { start, end } in secrets::shapes(kept.as_bytes()) {
        // A shape is ASCII at both ends, but a cut in the middle of a
        // character would be a panic: rather redact the whole text.
        let (Some(before), true) = (kept.get(position..start), kept.is_char_boundary(end)) else {
            return format!("«redacted:{}»", text.len());
        };
        let _ = write!(shown, "{before}«redacted:{}»", end - start);
        position = end;
    }
    shown.push_str(kept.get(position..).unwrap_or_default());
    if !omitted.is_empty() {
        let _ = write!(shown, "«omitted:{} bytes»", omitted.len());
    }
    shown
}

/// A path, escaped as the words of a command line are.
pub(super) fn escape_path(path: &Path) -> String {
    render(path.as_os_str().as_bytes(), &[])
}

fn render(bytes: &[u8], secret: &[Range<usize>]) -> String {
    let mut shown = String::with_capacity(bytes.len());
    let mut position = 0;
    for Range { start, end } in secret.iter().cloned() {
        escape(bytes.get(position..start).unwrap_or_default(), &mut shown);
        let _ = write!(shown, "«redacted:{}»", end - start);
        position = end;
    }
    escape(bytes.get(position..).unwrap_or_default(), &mut shown);
    shown
}

fn escape(bytes: &[u8], shown: &mut String) {
    let raw = |shown: &mut String, bytes: &[u8]| {
        for byte in bytes {
            let _ = write!(shown, "\\x{byte:02x}");
        }
    };
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => shown.push_str("\\\\"),
                '«' => raw(shown, "«".as_bytes()),
                c => shown.push(c),
            }
        }
        raw(shown, chunk.invalid());
    }
}

/// The word that was escaped; where `shown` is no escaped word, as it is.
pub(super) fn unescape(shown: &str) -> Cow<'_, OsStr> {
    if !shown.contains('\\') {
        return Cow::Borrowed(OsStr::new(shown));
    }
    let mut bytes = Vec::with_capacity(shown.len());
    let mut rest = shown;
    while let Some((before, after)) = rest.split_once('\\') {
        bytes.extend_from_slice(before.as_bytes());
        if let Some(after) = after.strip_prefix('\\') {
            bytes.push(b'\\');
            rest = after;
        } else if let Some((byte, after)) = hexadecimal(after) {
            bytes.push(byte);
            rest = after;
        } else {
            return Cow::Borrowed(OsStr::new(shown));
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    Cow::Owned(OsString::from_vec(bytes))
}

fn hexadecimal(text: &str) -> Option<(u8, &str)> {
    let (digits, rest) = text.strip_prefix('x')?.split_at_checked(2)?;
    let plain = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    Some((u8::from_str_radix(digits, 16).ok().filter(|_| plain)?, rest))
}

#[cfg(test)]
#[path = "redact_aws_tests.rs"]
mod aws_tests;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn recorded(words: &[&str]) -> Vec<String> {
        argv(&words.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn values_of_secret_flags_are_redacted() {
        for (given, expected) in [
            (&["--token", "abc"][..], &["--token", "«redacted:3»"][..]),
            (&["-token=abc"], &["-token=«redacted:3»"]),
            (&["--secret-string", "-x y"], &["--secret-string", "«redacted:4»"]),
            (&["--password=hé"], &["--password=«redacted:3»"]),
            (&["-password", "p", "plan"], &["-password", "«redacted:1»", "plan"]),
            (&["--master-user-password", "p"], &["--master-user-password", "«redacted:1»"]),
            (&["--client_secret=p"], &["--client_secret=«redacted:1»"]),
            (&["--password="], &["--password="]),
            (&["-backend-config=secret_key=abc"], &["-backend-config=secret_key=«redacted:3»"]),
            (&["-backend-config=token=a=b"], &["-backend-config=token=«redacted:3»"]),
            (&["-backend-config", "access_key = abc"], &["-backend-config", "access_key =«redacted:4»"]),
            (&["--backend-config=password=abc"], &["--backend-config=password=«redacted:3»"]),
            (&["-var", "db_password=hunter2"], &["-var", "db_password=«redacted:7»"]),
            (&["-var=API_KEY=k"], &["-var=API_KEY=«redacted:1»"]),
            (&["--var", "Credentials={}"], &["--var", "Credentials=«redacted:2»"]),
            (&["-var", "auth_Token=t"], &["-var", "auth_Token=«redacted:1»"]),
            (
                &["-var", "users={a={password=\"x y\",n=1}}"],
                &["-var", "users={a={password=\"«redacted:3»\",n=1}}"],
            ),
            (&["--from-literal=user=bob"], &["--from-literal=user=«redacted:3»"]),
            (&["-use-token", "-var", "my_key=x"], &["-use-token", "«redacted:4»", "my_key=«redacted:1»"]),
            (&["--kube-token", "abc"], &["--kube-token", "«redacted:3»"]),
            (&["--docker-password=abc"], &["--docker-password=«redacted:3»"]),
            (&["--set", "db.password=abc"], &["--set", "db.password=«redacted:3»"]),
            (
                &["--set-string=tls.key=abc", "--set", "tag=1"],
                &["--set-string=tls.key=«redacted:3»", "--set", "tag=1"],
            ),
            (&["--env=DB_PASSWORD=abc"], &["--env=DB_PASSWORD=«redacted:3»"]),
            (&["--auth-provider-arg=client-secret=abc"], &["--auth-provider-arg=client-secret=«redacted:3»"]),
            (&["config", "set", "users.u.token", "abc"], &["config", "set", "users.u.token", "«redacted:3»"]),
            (&["HELM_KUBETOKEN=abc"], &["HELM_KUBETOKEN=«redacted:3»"]),
            (&["--from-literal", "bob"], &["--from-literal", "«redacted:3»"]),
            (&["TF_TOKEN_app_terraform_io=abc"], &["TF_TOKEN_app_terraform_io=«redacted:3»"]),
        ] {
            assert_eq!(recorded(given), expected, "{given:?}");
        }
    }

    #[test]
    fn names_that_stand_alone_are_secret_and_words_that_hold_them_are_not() {
        for name in [
            "pw",
            "db_pin",
            "AUTH",
            "dbpass",
            "db-pass",
            "sentry_dsn",
            "sas",
            "cookie",
            "license",
            "my_webhook",
        ] {
            let words = ["-var".to_owned(), format!("{name}=abcd")];
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            assert_eq!(recorded(&words)[1], format!("{name}=«redacted:4»"));
        }
        for name in ["pinned", "author", "authority", "spawn", "licensed", "sass", "dsns", "bypass"] {
            let word = format!("-var={name}=abcd");
            assert_eq!(recorded(&[&word]), [word.as_str()]);
        }
    }

    #[test]
    fn people_see_no_secret_and_words_quoted() {
        for (words, line) in [
            (
                &["terraform", "destroy", "-var", "db_password=hunter2"][..],
                "terraform destroy -var db_password=«redacted»",
            ),
            (&["-var=db_password=hunter2 x"], "-var=db_password=«redacted»"),
            (&["-var", "users={a={password=\"x y\"}}"], "-var 'users={a={password=\"«redacted»\"}}'"),
            (&["a b", "", "it's", "«redacted»"], "'a b' '' 'it'\\''s' '\\u{ab}redacted»'"),
            (&["-target=aws_x.y[\"a\"]", "\u{1b}[2J"], "'-target=aws_x.y[\"a\"]' $'\\x1b[2J'"),
            (&["--token", "abc", "plan"], "--token «redacted» plan"),
        ] {
            assert_eq!(shown(words), line);
        }
        for (name, value, line) in [
            ("TF_WORKSPACE", "prod eu", "TF_WORKSPACE='prod eu'"),
            ("PG_CONN_STR", "host=db password=x", "PG_CONN_STR=«redacted»"),
            ("TF_HTTP_ADDRESS", "https://u:a/b#c@d@h/x", "TF_HTTP_ADDRESS=https://«redacted»@h/x"),
            ("TF_HTTP_ADDRESS", "https://h/x", "TF_HTTP_ADDRESS=https://h/x"),
            ("KUBE_HOST", "https://user:pw@h", "KUBE_HOST=https://«redacted»@h"),
        ] {
            assert_eq!(shown_variable(name, OsStr::new(value)), line);
        }
    }

    #[test]
    fn what_would_be_hidden_is_found() {
        for (words, at) in [
            (&["helm", "upgrade", "x", "./c", "--set", "db.password=abc"][..], Some(5)),
            (&["aws", "rds", "modify-db-instance", "--master-user-password", "p"], Some(4)),
            (&["terraform", "apply", "-var-file=prod.tfvars", "plan.bin"], None),
            (&["aws", "lambda", "invoke", "--payload", "file://body.json", "out"], None),
        ] {
            assert_eq!(secret_word(words), at, "{words:?}");
            assert_eq!(shown(words).contains(REDACTED), at.is_some(), "{words:?}");
        }
        for (name, value, secret) in [
            ("AWS_SECRET_ACCESS_KEY", "abc", true),
            ("TF_VAR_db_password", "abc", true),
            ("TF_HTTP_ADDRESS", "https://u:p@h/x", true),
            ("AWS_PROFILE", "prod", false),
            ("AWS_SHARED_CREDENTIALS_FILE", "/home/a/.aws/credentials", false),
        ] {
            assert_eq!(is_secret_variable(name, OsStr::new(value)), secret, "{name}");
        }
    }

    #[test]
    fn people_see_so_much_and_how_much_more_there_is() {
        let words = vec!["é".repeat(1000); 100];
        let line = shown(&words);
        assert!(line.ends_with("é… (98099 more characters)"), "{}", line.len());
        assert_eq!(line.chars().count(), 2000 + "… (98099 more characters)".chars().count());
        assert_eq!(shown(&words[..1]), words[0]);
    }

    #[test]
    fn known_shapes_are_redacted_wherever_they_stand() {
        for (given, expected) in [
            ("id=AKIAIOSFODNN7EXAMPLE,x", "id=«redacted:20»,x"),
            ("ASIAIOSFODNN7EXAMPLE", "«redacted:20»"),
            ("x:eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "x:«redacted:41»"),
            ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "«redacted:66»"),
            ("-----BEGIN PRIVATE KEY-----\nMIIE", "«redacted:32»"),
            ("https://bob:pass@example.com/x@y", "https://«redacted:8»@example.com/x@y"),
            ("git::https://t0ken@example.com/m", "git::https://«redacted:5»@example.com/m"),
            ("postgres://u:p@w@db:5432/x", "postgres://«redacted:5»@db:5432/x"),
            ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "«redacted:40»"),
            ("github_pat_11ABCDEFG0abcdefghijkl_x", "«redacted:35»"),
            ("xoxb-123456789012-abcdef", "«redacted:24»"),
            ("xoxp-123456789012-abcdef", "«redacted:24»"),
            ("sk-abcdefghijklmnopqrstuvwx", "«redacted:27»"),
            ("sk-ant-api03-abcdefghij_klmno", "«redacted:29»"),
            ("Authorization: Bearer abcdefgh.ijkl", "Authorization: Bearer «redacted:13»"),
            ("https://h/x?sig=abc%2Bdef&sv=1", "https://h/x?sig=«redacted:9»&sv=1"),
            (
                "url=https://hooks.slack.com/services/T0/B0/abc",
                "url=https://hooks.slack.com/services/«redacted:9»",
            ),
            ("AccountKey=abc==;End=1", "AccountKey=«redacted:5»;End=1"),
        ] {
            assert_eq!(recorded(&[given]), [expected], "{given:?}");
            assert_eq!(text(given), expected, "{given:?}");
        }
    }

    #[test]
    fn long_random_words_are_redacted() {
        for secret in [
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "Zm9vYmFyMTIzNDU2Nzg5MHF3ZXJ0eXVpb3BBU0Q=",
            "q8Zk2LpV9xTn4RwYb7Md1HcJ",
            "dGhpc0lz-QVNlY3JldDEyMzQ1_Njc4OTBhYmNkZWY",
        ] {
            let expected = format!("«redacted:{}»", secret.len());
            assert_eq!(recorded(&[secret]), [expected.as_str()], "{secret}");
            assert_eq!(recorded(&[&format!("-x={secret}")]), [format!("-x={expected}")], "{secret}");
        }
    }

    #[test]
    fn what_people_need_to_read_is_kept() {
        for kept in [
            "terraform",
            "destroy",
            "-target=random_password.db",
            "-target=module.vault[\"token\"].aws_secretsmanager_secret_version.this[0]",
            "module.eks[\"prod-EU-1\"].aws_kms_key.this",
            "aws_iam_access_key.deploy",
            "arn:aws:iam::123456789012:role/AWSReservedSSO_AdministratorAccess_0123456789abcdef",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:MyApp/Prod2DbPassword-a1B2c3",
            "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/my-lb/50dc6c495c0c9188",
            "3F2504E0-4F89-41D3-9A0C-0305E82C3301",
            "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
            "-var=image_tag=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
            "Release-9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
            "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "/home/Alice/Projects/InfraRepo2/environments/Production/plan-2026-11-22T0340Z.tfplan",
            "-out=tfplan-prod-20261122-034011",
            "-var-file=secrets/Prod.tfvars",
            "-backend-config=key=prod/network/terraform.tfstate",
            "-backend-config=prod.s3.tfbackend",
            "-backend-config=bucket=MyCompany-TerraformState-EuWest1",
            "-var=region=eu-west-1",
            "-state=states/Prod/Eu1/Network2/terraform.tfstate",
            "-lock-timeout=30s",
            "MyStack-LambdaFunction-1VZ5QK8EXAMPL",
            "sk-prod-cluster-eu-west-1",
            "ws-6jrRyVDv1J8zQMB5",
            "run-CZcmD7eagjhyX0vN",
            "git::ssh://git@github.com/acme/Infra2Modules.git?ref=v1.2.3",
            "https://github.com/acme/infra/archive/v1.2.3.zip",
            "subscriptions/3f2504e0-4f89-41d3-9a0c-0305e82c3301/resourceGroups/Prod/providers/Microsoft.Network",
            "task-abcdefghijklmnopqrstuvwxyz",
        ] {
            assert_eq!(recorded(&[kept]), [kept], "{kept}");
        }
        let separate =
            ["-target", "random_password.db", "-var", "region=eu", "-backend-config", "key=a/b", "--", "x"];
        assert_eq!(recorded(&separate), separate);
    }

    #[test]
    fn bytes_that_are_not_text_and_marks_are_escaped_unambiguously() {
        let words = [OsString::from_vec(b"a\xff\\".to_vec()), "\\xff".into(), "«redacted:5»".into()];
        let all = argv(&words);
        assert_eq!(all, ["a\\xff\\\\", "\\\\xff", "\\xc2\\xabredacted:5»"]);
        for (word, shown) in words.iter().zip(&all) {
            assert_eq!(unescape(shown), word.as_os_str());
        }
        for forged in ["\\", "a\\q", "\\x", "\\xg0", "\\x+1", "\\xé"] {
            assert_eq!(unescape(forged), OsStr::new(forged));
        }
    }

    #[test]
    fn endless_arguments_and_texts_are_counted_not_kept() {
        let words = vec![OsString::from("a".repeat(1000)); 400];
        let all = argv(&words);
        assert_eq!(all.last().unwrap(), "«omitted:137 words, 137000 bytes»");
        assert_eq!(argv(&["x".repeat(MOST_ARGUMENTS + 1).into()]), ["«omitted:262145 bytes»"]);
        let long = "é".repeat(MOST_TEXT);
        assert!(text(&long).ends_with(&format!("«omitted:{MOST_TEXT} bytes»")));
    }

    proptest! {
        #[test]
        fn escaping_loses_nothing(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let shown = render(&bytes, &[]);
            let back = unescape(&shown);
            prop_assert_eq!(back.as_bytes(), bytes.as_slice());
        }

        #[test]
        fn nothing_panics_and_the_number_of_words_stays(
            words in proptest::collection::vec("(-var|--token|-backend-config|)=?[ -~é«\u{7f}]{0,40}", 0..6)
        ) {
            let given: Vec<OsString> = words.iter().map(OsString::from).collect();
            prop_assert_eq!(argv(&given).len(), given.len());
            let joined = text(&words.join(" "));
            prop_assert!(joined.len() < 4096);
        }

        #[test]
        fn a_flagged_value_never_survives(value in "[a-z]{12}[0-9]{4}") {
            for words in [
                vec!["--token".to_owned(), value.clone()],
                vec![format!("--token={value}")],
                vec![format!("-var=my_secret={value}")],
                vec!["-var".to_owned(), format!("Password={value}")],
                vec![format!("https://user:{value}@host/")],
            ] {
                let given: Vec<OsString> = words.iter().map(OsString::from).collect();
                prop_assert!(!argv(&given).concat().contains(&value), "{:?}", argv(&given));
            }
        }
    }
}
