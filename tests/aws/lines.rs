//! Command lines as the installed aws reads them, and as the grammar does.
//!
//! Where aws would send or run something, the grammar must name the same
//! command, must not call it inert, may call it rehearsed only where nothing
//! would change, and must have every parameter. Where aws refuses a line, any
//! reading will do.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::sync::Mutex;

use serde_json::{Value, json};
use tollgate::command::{Command, Flag};

use super::oracle::{Entry, Oracle, Oracles, Outcome, Ran, commands, strings};
use crate::support::random::{Random, for_each_case};

/// Lines with parameters that are drawn up by their shapes.
const CASES: u64 = 500;
/// Services that they are about; reading a model takes longer than all else.
const SERVICES: usize = 130;
/// Lines of any words.
const ODD_CASES: u64 = 1200;

/// Global options with their values, and how short they may be.
const GLOBALS: &[(&str, Option<&str>)] = &[
    ("--debug", None),
    ("--endpoint-url", Some("http://127.0.0.1:1")),
    ("--no-verify-ssl", None),
    ("--no-paginate", None),
    ("--output", Some("json")),
    ("--query", Some("x")),
    ("--region", Some("eu-west-1")),
    ("--color", Some("off")),
    ("--no-sign-request", None),
    ("--ca-bundle", Some("x.pem")),
    ("--cli-read-timeout", Some("5")),
    ("--cli-connect-timeout", Some("5")),
];

/// Operations that every run has lines about.
const ALWAYS: &[&str] = &[
    "ec2 terminate-instances",
    "ec2 stop-instances",
    "ec2 modify-instance-attribute",
    "lambda invoke",
    "rds delete-db-instance",
    "route53 change-resource-record-sets",
    "dynamodb batch-write-item",
    "s3api delete-objects",
    "kms schedule-key-deletion",
    "iam create-policy",
];

/// `name`, or its beginning.
fn begun(random: &mut Random, name: &str) -> String {
    let shortest = 3.min(name.len());
    let end = if random.one_in(3) { shortest + random.below(name.len() + 1 - shortest) } else { name.len() };
    name.chars().take(end).collect()
}

fn global(random: &mut Random) -> Vec<OsString> {
    let (name, value) = random.pick(GLOBALS);
    let name = begun(random, name);
    match value {
        Some(value) if random.one_in(2) => vec![format!("{name}={value}").into()],
        Some(value) => vec![name.into(), value.into()],
        None => vec![name.into()],
    }
}

/// The operations that lines are drawn up for.
fn operations() -> Option<Vec<&'static Entry>> {
    let entries: Vec<&Entry> = commands()?.iter().filter(|entry| entry.kind == "operation").collect();
    let is_wait = |entry: &&Entry| entry.path.split(' ').nth(1) == Some("wait");
    let mut random = Random::new(41);
    let service = |entry: &Entry| entry.path.split(' ').next().unwrap().to_owned();
    let services: Vec<String> =
        entries.iter().map(|entry| service(entry)).collect::<BTreeSet<_>>().into_iter().collect();
    let mut chosen: BTreeSet<&str> = ALWAYS.iter().map(|path| path.split(' ').next().unwrap()).collect();
    while chosen.len() < SERVICES {
        chosen.insert(&services[random.below(services.len())]);
    }
    let of_chosen = entries.iter().filter(|entry| chosen.contains(service(entry).as_str()));
    Some(of_chosen.filter(|entry| !is_wait(entry)).copied().collect())
}

/// One line for an operation.
fn line(random: &mut Random, oracle: &mut Oracle, entry: &Entry, seed: u64) -> Vec<OsString> {
    let sample = oracle.ask(&json!({"sample": entry.path, "seed": seed}));
    let mut groups: Vec<(Vec<String>, bool)> = Vec::new();
    let whole = random.one_in(5);
    for option in sample["options"].as_array().unwrap() {
        let words = strings(&option[0]);
        let positional = option[1] == "positional";
        // With a body for all, some are given beside it.
        if positional || !whole || random.one_in(3) {
            groups.push((words, positional));
        }
    }
    let positional: Vec<Vec<String>> = groups.extract_if(.., |group| group.1).map(|group| group.0).collect();
    let mut groups: Vec<Vec<String>> = groups.into_iter().map(|group| group.0).collect();
    if whole && positional.is_empty() {
        let text = sample["input"].as_str().unwrap().to_owned();
        let value = if random.one_in(2) {
            text
        } else {
            oracle.write("body.json", &text);
            "file://body.json".to_owned()
        };
        groups.push(vec!["--cli-input-json".to_owned(), value]);
    }
    if entry.options.iter().any(|option| option.name == "--dry-run") {
        for name in ["--dry-run", "--no-dry-run", "--dry-run"] {
            if random.one_in(4) {
                groups.push(vec![name.to_owned()]);
            }
        }
    }
    if random.one_in(20) {
        groups.push(vec!["--generate-cli-skeleton".to_owned()]);
    }
    assemble(random, &entry.path, groups, positional)
}

/// Puts the words of a line together, in an odd way.
fn assemble(
    random: &mut Random,
    path: &str,
    mut groups: Vec<Vec<String>>,
    positional: Vec<Vec<String>>,
) -> Vec<OsString> {
    let (service, operation) = path.split_once(' ').unwrap();
    let mut before: Vec<OsString> = Vec::new();
    let mut between: Vec<OsString> = Vec::new();
    let mut behind: Vec<OsString> = Vec::new();
    let out_of_order = random.one_in(2);
    if out_of_order {
        for at in (1..groups.len()).rev() {
            groups.swap(at, random.below(at + 1));
        }
    }
    let standing: Vec<OsString> = positional.into_iter().flatten().map(|_| "out.txt".into()).collect();
    let in_front = random.one_in(2);
    if in_front {
        behind.extend(standing.clone());
    }
    for group in groups {
        let name = begun(random, &group[0]);
        let joined = group.len() == 2 && random.one_in(3);
        let words: Vec<OsString> = if joined {
            vec![format!("{name}={}", group[1]).into()]
        } else {
            std::iter::once(name).chain(group[1..].iter().cloned()).map(OsString::from).collect()
        };
        match random.below(12) {
            0 if words.len() == 1 => before.extend(words),
            1 if words.len() == 1 => between.extend(words),
            _ => behind.extend(words),
        }
        if random.one_in(8) {
            behind.extend(global(random));
        }
    }
    if !in_front && !standing.is_empty() {
        behind.extend(global(random));
        behind.extend(standing);
    }
    for place in [&mut before, &mut between] {
        if random.one_in(5) {
            place.extend(global(random));
        }
        if random.one_in(12) {
            place.push("--".into());
        }
    }
    if random.one_in(30) {
        behind.insert(random.below(behind.len() + 1), "--".into());
    }
    if random.one_in(30) {
        behind.insert(random.below(behind.len() + 1), "help".into());
    }
    let service = match service {
        "ec2" if random.one_in(4) => "vm",
        "iam" if random.one_in(4) => "far",
        other => other,
    };
    [before, vec![service.into()], between, vec![operation.into()], behind].concat()
}

/// Whether what the grammar says is what aws does.
fn compare(outcome: &Outcome, command: &Command) -> Result<(), String> {
    let wrong = |why: &str| Err(format!("{why}\n  {outcome:?}\n  {command:?}"));
    let Some(ran) = outcome.ran.first() else { return Ok(()) };
    if let [group] = ran.path.as_slice()
        && group != "configure"
    {
        // Without a command below it, a group prints its usage.
        return Ok(());
    }
    if command.inert.is_some() {
        return wrong("inert, but it runs");
    }
    let alias_of_model = ran.path.first().is_some_and(|service| service == "sagemaker-runtime");
    if command.name() != ran.path.join(" ") && !alias_of_model {
        return wrong("another command");
    }
    if !command.known {
        return wrong("not known");
    }
    if command.rehearsed && !ran.is_rehearsal() {
        return wrong("rehearsed, but it acts");
    }
    // Of a switch that is hardly begun nothing is believed.
    let unseen = command.flags.iter().any(|flag| flag.name == "--dry-run" || flag.name == "--dryrun");
    let is_option = ran.wire.is_none() || ran.options.get("DryRun").is_some_and(Value::is_string);
    let waits = ran.path.get(1).is_some_and(|word| word == "wait");
    if ran.is_rehearsal() && !command.rehearsed && unseen && is_option && !waits {
        return wrong("a rehearsal that is not seen");
    }
    // What nobody could read may hold any of them.
    let Some(missing) = first_missing(ran, command).filter(|_| !command.fields.flags_unread) else {
        return Ok(());
    };
    wrong(&format!("without the parameter {missing}"))
}

/// The first parameter that the grammar does not have as aws does.
fn first_missing(ran: &Ran, command: &Command) -> Option<String> {
    ran.wire.as_ref()?;
    ran.values.iter().find_map(|(member, value)| {
        // What is compared already, and not taken out of a file.
        if member == "DryRun" || member == "InvocationType" {
            return None;
        }
        let name = format!("--{}", ran.options.get(member)?.as_str()?);
        let is_it = |flag: &&Flag| flag.name == name || (flag.name.len() > 2 && name.starts_with(&flag.name));
        let given: Vec<&Flag> = command.flags.iter().filter(is_it).collect();
        let there = match value {
            Value::Bool(value) => {
                // The last one counts; what is begun may be the twin that says no.
                let no = name.replacen("--", "--no-", 1);
                let off = |flag: &Flag| no.starts_with(&flag.name) && flag.name.len() > 3;
                given.iter().any(|flag| flag.boolean() == Some(*value))
                    || (!value && command.flags.iter().any(off))
            }
            Value::Array(members) if members.iter().all(|one| !one.is_array() && !one.is_object()) => {
                members.iter().all(|one| given.iter().any(|flag| is_text(flag, one)))
            }
            Value::Array(_) | Value::Object(_) => {
                return missing_field(&name, value, command);
            }
            scalar => given.iter().any(|flag| is_text(flag, scalar)),
        };
        (!there).then(|| format!("{name} {value}"))
    })
}

fn is_text(flag: &Flag, value: &Value) -> bool {
    let Some(text) = flag.value.as_ref().map(|text| text.to_string_lossy()) else { return false };
    match value {
        Value::String(value) => text == *value,
        Value::Number(number) => text.parse::<f64>().ok() == number.as_f64(),
        // Of bytes, that there are any.
        _ => true,
    }
}

/// The first leaf of a structure that is not among the fields.
fn missing_field(name: &str, value: &Value, command: &Command) -> Option<String> {
    let mut leaves = Vec::new();
    collect("", value, &mut leaves);
    let option = name.trim_start_matches('-');
    let under = |path: &str, leaf: &str| {
        let (top, below) = path.split_once('.').map_or((path, ""), |(top, below)| (top, below));
        option.starts_with(top) && below == leaf
    };
    let not_read = command.fields.unread
        || command.fields.unread_below.iter().any(|path| option.starts_with(path.split('.').next().unwrap()));
    if not_read {
        return None;
    }
    let lacking = leaves.into_iter().find(|(leaf, value)| {
        let same = |text: &str| match value {
            Value::String(value) => text == value,
            Value::Bool(value) => text == value.to_string(),
            Value::Number(number) => text.parse::<f64>().ok() == number.as_f64(),
            _ => true,
        };
        !command.fields.set.iter().any(|field| under(&field.path, leaf) && same(&field.value))
    });
    lacking.map(|(leaf, value)| format!("{name}: {leaf} = {value}"))
}

fn collect(path: &str, value: &Value, leaves: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(bytes) if bytes.len() == 1 && bytes.contains_key("bytes") => {}
        Value::Object(entries) => {
            for (key, value) in entries {
                let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                collect(&below, value, leaves);
            }
        }
        Value::Array(members) => members.iter().for_each(|member| collect(path, member, leaves)),
        leaf => leaves.push((path.to_owned(), leaf.clone())),
    }
}

#[test]
fn lines_are_read_as_aws_reads_them() {
    let (Some(oracles), Some(operations)) = (Oracles::start(), operations()) else { return };
    let ran = Mutex::new(BTreeSet::new());
    for_each_case(CASES, |case| {
        let mut random = Random::new(4_000_000 + case);
        let always = commands().unwrap().iter().filter(|entry| ALWAYS.contains(&entry.path.as_str()));
        let always: Vec<&Entry> = always.collect();
        let entry = if random.one_in(6) { random.pick(&always) } else { random.pick(&operations) };
        oracles.with(|oracle| {
            let words = line(&mut random, oracle, entry, case);
            let outcome = oracle.run(&words);
            if !outcome.ran.is_empty() {
                ran.lock().unwrap().insert(entry.path.as_str());
            }
            let command = oracle.parsed(&words);
            compare(&outcome, &command).map_err(|why| format!("{words:?}\n  {why}"))
        })
    });
    let ran = ran.into_inner().unwrap();
    let services: BTreeSet<&str> = ran.iter().map(|path| path.split(' ').next().unwrap()).collect();
    assert!(ran.len() > 250 && services.len() > 80, "{} of {}", ran.len(), services.len());
}

/// Words of which lines are made that may be anything, between bars.
const WORDS: &str = "\
    ec2|ec2|s3|s3api|sts|iam|lambda|vm|far|kill|sdb|whoami|configure|emr|terminate-instances|\
    terminate-instances|describe-instances|rm|sync|cp|rb|invoke|get-caller-identity|delete-user|\
    list-users|delete-object|terminate-clusters|wait|instance-running|list|set|get|deploy|ecs|\
    cloudformation|push|help|help|--|--||-|i-1|s3://b/k|./x|s3://b|a b|-1|-.5|-1.|- x|--a b|-a b|é|\
    DryRun|true|false|--dry-run|--dry|--dr|--no-dry-run|--no-d|--no-|--d|--n|--dry-run=true|\
    --dry-run=|--instance-ids|--instance-ids=i-1|--ins|--instance-ids=|--i|--dryrun|--dryr|\
    --dryrun=x|--delete|--del|--recursive|--rec|--force|--fo|--include|--exclude=*|--acl|--quiet|\
    --function-name|--function-name=f|--invocation-type|--invocation-type=DryRun|--user-name|\
    --user-name=help|--bucket=b|--key=k|--cluster-ids|--cluster-ids=j-1|--generate-cli-skeleton|\
    --generate-cli-skeleton=output|--gen|--generate-cli|--g|--cli-input-json|--cli-input-json={}|\
    --cli-input-json={\"DryRun\": true}|--cli-input-json={\"InstanceIds\": [\"i-1\"]}|--cli-i|--cli|\
    input|output|--version|--vers|--ver|--v|--v2-debug|--help|-h|--hel|--debug|--deb|--region|--reg|\
    --region=x|--output|--out|json|text|--query|--q|--profile|--prof|--profile=|--endpoint-url|\
    --end|--no-paginate|--no-pag|--no-p|--no-sign-request|--no-s|--no-verify-ssl|--no-v|--color|\
    --col|on|--ca-bundle|--c|--ca|--cli-read-timeout=1|--cli-connect|--cli-r|5|--cli-auto-prompt|\
    --no-cli-pager|--|---|---x|--=x|-=|--region=--dry-run|--instance-ids=--dry-run|-d|-v|--dry_run|\
    --DRY-RUN|--max-items|1|--starting-token|--page-size=5|--page|SDB|EC2|terminate_instances|\
    --stack-name=x";

/// Words that spoil hardly a line, between bars.
const MILD: &str = "\
    --debug|--deb|--no-paginate|--no-pag|--no-sign-request|--region=x|--reg=x|--color=on|\
    --output=json|--out=text|--query=x|--q=--dry-run|--|--no-verify-ssl|--no-v|--cli-r=5|--v2-debug|\
    --v2|--endpoint-url=http://127.0.0.1:1|--end=http://help|--ca-bundle=--version|--region=help|\
    --cli-input-json={}|--dry-run|--dry|--no-dry-run|--no-d|--dryrun|help|--instance-ids=--dry-run";

/// Lines that mean something, to be spoilt.
const BASES: &[&str] = &[
    "ec2 terminate-instances --instance-ids i-1",
    "ec2 terminate-instances --instance-ids i-1 --dry-run",
    "ec2 describe-instances",
    "vm stop-instances --instance-ids i-1 i-2",
    "lambda invoke --function-name f out",
    "lambda invoke --function-name f --invocation-type DryRun out",
    "s3 rm s3://b/k --recursive",
    "s3 rm s3://b/k --dryrun",
    "s3 sync . s3://b --delete",
    "s3 cp s3://b/k .",
    "s3 rb s3://b --force",
    "s3 ls",
    "emr terminate-clusters --cluster-ids j-1",
    "iam delete-user --user-name u",
    "far list-users",
    "sts get-caller-identity",
    "kill",
    "sdb",
    "cloudformation deploy --stack-name x --template-file y",
    "configure list",
    "configure set region x",
    "ecs deploy --service s --task-definition t --codedeploy-appspec a",
    "ec2 wait instance-running --instance-ids i-1",
    "kms schedule-key-deletion --key-id k --dry-run",
];

fn odd_line(random: &mut Random) -> Vec<OsString> {
    let mut words: Vec<OsString> = if random.one_in(6) {
        Vec::new()
    } else {
        random.pick(BASES).split(' ').map(OsString::from).collect()
    };
    for _ in 0..=random.below(3) {
        let at = random.below(words.len() + 1);
        let from = if random.one_in(4) { WORDS } else { MILD };
        let from: Vec<&str> = from.split('|').collect();
        words.insert(at, random.pick(&from).into());
    }
    if words.len() > 2 && random.one_in(8) {
        words.remove(random.below(words.len()));
    }
    if words.len() > 2 && random.one_in(8) {
        let (one, other) = (random.below(words.len()), random.below(words.len()));
        words.swap(one, other);
    }
    if random.one_in(60) {
        words.insert(random.below(words.len() + 1), OsString::from_vec(vec![b'x', 0xff]));
    }
    words
}

#[test]
fn no_line_that_acts_is_taken_for_harmless() {
    let Some(oracles) = Oracles::start() else { return };
    let ran = Mutex::new(0);
    for_each_case(ODD_CASES, |case| {
        let mut random = Random::new(5_000_000 + case);
        let words = odd_line(&mut random);
        oracles.with(|oracle| {
            let outcome = oracle.run(&words);
            *ran.lock().unwrap() += u64::from(!outcome.ran.is_empty());
            compare(&outcome, &oracle.parsed(&words)).map_err(|why| format!("{words:?}\n  {why}"))
        })
    });
    let ran = ran.into_inner().unwrap();
    assert!(ran > ODD_CASES / 5, "{ran}");
}
