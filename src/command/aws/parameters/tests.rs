//! What the parameters of a line come to, however they are written.

use super::*;
use crate::command::aws::Aws;
use crate::command::{Files, Found, Grammar as _, Wanted};
use crate::process::Environment;

fn parse_with(line: &str, files: &[(&str, &str)]) -> Command {
    let words: Vec<OsString> = shell_words::split(line).unwrap().into_iter().map(OsString::from).collect();
    let mut found = Files::new(None);
    for (path, text) in files {
        found.insert(Wanted::File(path.into()), Found::Text(text.as_bytes().to_vec()));
    }
    let environment = Environment::default();
    Aws.parse("aws", &words, &Outside { environment: &environment, files: &found }).unwrap()
}

fn parse(line: &str) -> Command {
    parse_with(line, &[])
}

/// The fields that a line sets, sorted.
fn fields(command: &Command) -> Vec<String> {
    let mut all: Vec<String> =
        command.fields.set.iter().map(|field| format!("{}={}", field.path, field.value)).collect();
    all.sort();
    all
}

fn flags(command: &Command) -> Vec<String> {
    let value = |value: &Option<OsString>| {
        value.as_ref().map_or_else(String::new, |value| format!("={}", value.to_string_lossy()))
    };
    command.flags.iter().map(|flag| format!("{}{}", flag.name, value(&flag.value))).collect()
}

#[test]
fn a_body_is_the_same_wherever_it_comes_from() {
    let file = ("batch.json", r#"{"Changes":[{"Action":"DELETE"},{"Action":"CREATE"}]}"#);
    let input = r#"{"ChangeBatch":{"Changes":[{"Action":"DELETE"},{"Action":"CREATE"}]}}"#;
    let operation = "route53 change-resource-record-sets";
    for (line, files) in [
        (format!("{operation} --change-batch '{}'", file.1), &[][..]),
        (format!("{operation} --change-batch='{}'", file.1), &[][..]),
        (format!("{operation} --change-batch 'Changes=[{{Action=DELETE}},{{Action=CREATE}}]'"), &[][..]),
        (format!("{operation} --change-batch file://batch.json"), &[file][..]),
        (format!("{operation} --cli-input-json '{input}'"), &[][..]),
        (format!("{operation} --cli-input-json file://input.json"), &[("input.json", input)][..]),
    ] {
        let command = parse_with(&line, files);
        assert_eq!(
            fields(&command),
            ["change-batch.Changes.Action=CREATE", "change-batch.Changes.Action=DELETE"],
            "{line}"
        );
        assert!(!command.fields.unread && command.fields.unread_below.is_empty(), "{line}");
    }
}

#[test]
fn a_policy_in_a_string_is_laid_flat_too() {
    let command = parse(
        r#"sqs set-queue-attributes --attributes '{"Policy":"{\"Statement\":{\"Principal\":{\"AWS\":[\"*\"]}}}"}'"#,
    );
    assert!(fields(&command).contains(&"attributes.Policy.Statement.Principal.AWS=*".to_owned()));
}

#[test]
fn what_cannot_be_read_is_known_to_be_unread() {
    for line in [
        "s3api put-bucket-policy --policy file://missing",
        "s3api put-bucket-policy --policy http://example.com/policy",
        "s3api put-bucket-policy --policy '{\"Statement\":'",
    ] {
        assert_eq!(parse(line).fields.unread_below, ["policy"], "{line}");
    }
    let whole = parse("s3api put-bucket-policy --cli-input-json file://missing");
    assert!(whole.fields.unread && whole.fields.flags_unread);
}

#[test]
fn an_empty_word_behind_a_switch_is_nothing() {
    let command = parse("rds modify-db-instance --no-deletion-protection ''");
    assert_eq!(command.flag("--deletion-protection").flatten().unwrap(), "false");
    let list = parse("sqs add-permission --aws-account-ids '[\"*\",\"1\"]'");
    assert!(list.values("--aws-account-ids").flatten().any(|value| value == "*"));
}

#[test]
fn what_follows_a_value_that_looks_like_an_option_may_belong_to_the_one_before() {
    let command = parse("redshift-data batch-execute-statement --sqls '--x=a b' 'drop table users'");
    let sqls: Vec<_> = command.values("--sqls").flatten().collect();
    assert_eq!(sqls, ["--x=a b", "drop table users"]);
}

#[test]
fn a_file_that_aws_may_read_otherwise_is_not_read() {
    let words = ["ecs", "update-service", "--cli-input-json", "file:///b"].map(OsString::from);
    let unread = |text: &str, variables: &[(&str, &str)]| {
        let mut found = Files::new(None);
        found.insert(Wanted::File("/b".into()), Found::Text(text.into()));
        let environment: Environment = variables.iter().copied().collect();
        let outside = Outside { environment: &environment, files: &found };
        let command = Aws.parse("aws", &words, &outside).unwrap();
        assert_eq!(command.fields.unread, !command.notes.is_empty(), "people are told: {text}");
        command.fields.unread
    };
    let plain = r#"{"service":"s"}"#;
    let accented = "{\"service\":\"\u{e9}\"}";
    assert!(!unread(plain, &[]) && !unread(accented, &[("LANG", "en_US.UTF-8")]));
    assert!(!unread(plain, &[("AWS_CLI_FILE_ENCODING", "UTF-8")]) && !unread(plain, &[("LC_ALL", "C")]));
    assert!(unread(plain, &[("AWS_CLI_FILE_ENCODING", "utf-7")]));
    assert!(unread(accented, &[("LC_ALL", "ja_JP.SJIS"), ("LANG", "en_US.UTF-8")]));
    assert!(unread("{", &[]) && unread("\u{feff}{}", &[]) && unread(accented, &[("LC_ALL", "zh_TW")]));
}

#[test]
fn yaml_is_read_only_where_it_says_all_in_one_place() {
    let reads = |text: &str, option: &str| {
        let words = ["ecs", "update-service", option, text].map(OsString::from);
        let environment = Environment::default();
        let command = Aws.parse("aws", &words, &Outside::from(&environment)).unwrap();
        (!command.fields.unread).then(|| flags(&command).join(" "))
    };
    assert!(reads("desiredCount: 0", "--cli-input-yaml").unwrap().contains("--desired-count=0"));
    assert_eq!(reads("desiredCount: 0", "--cli-input-json"), None);
    assert_eq!(reads("<<: {desiredCount: 0}", "--cli-input-yaml"), None);
    assert_eq!(reads("a: &x [1]\nb: *x", "--cli-input-yaml"), None);
    assert_eq!(reads(&format!("a: {}", "[".repeat(40_000)), "--cli-input-yaml"), None);
}

#[test]
fn a_body_that_was_made_to_fill_memory_is_not_read() {
    let long = format!("{{\"{}\":{{\"a\":{{\"b\":1}}}}}}", "k".repeat(100_000));
    let wide = format!("{{\"x\":[{}1]}}", "1,".repeat(60_000));
    for text in [long, wide] {
        let words = ["ec2", "run-instances", "--cli-input-json", &text].map(OsString::from);
        let environment = Environment::default();
        let command = Aws.parse("aws", &words, &Outside::from(&environment)).unwrap();
        assert!(command.fields.unread && command.fields.set.len() <= 50_000);
    }
}

#[test]
fn an_option_counts_before_the_body_that_also_has_it() {
    let line = r#"ecs update-service --desired-count 2 --cli-input-json '{"desiredCount":0,"service":"s"}'"#;
    let mut found = flags(&parse(line));
    found.retain(|flag| !flag.starts_with("--cli-input-json"));
    assert_eq!(found, ["--service=s", "--desired-count=2"]);
}

#[test]
fn a_switch_that_is_turned_off_is_false() {
    let found = flags(&parse("rds modify-db-instance --no-deletion-protection"));
    assert!(found.contains(&"--deletion-protection=false".to_owned()), "{found:?}");
}

#[test]
fn the_last_switch_counts() {
    let with = |names: &[&str]| {
        let flags = names.iter().map(|name| Flag { name: (*name).to_owned(), value: None }).collect();
        Command { flags, ..Command::unread("aws", Vec::new()) }
    };
    assert!(is_on(&with(&["--dry-run"]), "--dry-run"));
    assert!(is_on(&with(&["--no-dry-run", "--dry"]), "--dry-run"));
    for off in [
        &[][..],
        &["--no-dry-run"],
        &["--dry-run", "--no-dry-run"],
        &["--dry-run", "--no-d"],
        &["--dry-run", "--no"],
    ] {
        assert!(!is_on(&with(off), "--dry-run"), "{off:?}");
    }
}

#[test]
fn what_acts_is_not_taken_for_a_skeleton() {
    for (line, inert) in [
        ("ec2 terminate-instances --generate-cli-skeleton", Some(Inert::Skeleton)),
        ("ec2 terminate-instances --generate-cli", Some(Inert::Skeleton)),
        ("neptune-graph execute-query --g id --query-string 'MATCH (n) DELETE n' out", None),
        ("ec2 terminate-instances --ge", None),
    ] {
        assert_eq!(parse(line).inert, inert, "{line}");
    }
}

#[test]
fn a_file_makes_no_line_a_rehearsal() {
    let files = [("body.json", r#"{"InstanceIds": ["i-1"], "DryRun": true}"#), ("type", "DryRun")];
    for (line, rehearsed) in [
        (r#"ec2 terminate-instances --cli-input-json '{"DryRun": true}'"#, true),
        ("ec2 terminate-instances --cli-input-json file://body.json", false),
        ("ec2 terminate-instances --cli-input-json file://body.json --dry-run", true),
        ("lambda invoke --function-name f --invocation-type DryRun out", true),
        ("lambda invoke --function-name f --invocation-type file://type out", false),
    ] {
        let command = parse_with(line, &files);
        assert_eq!(command.rehearsed, rehearsed, "{line}");
    }
    let command = parse_with("ec2 terminate-instances --cli-input-json file://body.json", &files);
    assert_eq!(command.values("--instance-ids").flatten().collect::<Vec<_>>(), ["i-1"]);
}
