//! The rules of aws and the table, against the names that aws has, and against
//! what names promise.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use tollgate::command::aws::operations::{Operation, all, find};
use tollgate::rules::schema::RuleFile;
use tollgate::verdict::Effect;

use super::oracle::{Entry, Oracles, commands};

const RULES: &str = include_str!("../../rules/aws.yaml");
const OVERRIDES: &str = include_str!("../../rules/aws-overrides.yaml");

/// Options that stand with every command.
const GLOBALS: &[&str] = &[
    "--ca-bundle",
    "--cli-input-json",
    "--cli-input-yaml",
    "--debug",
    "--endpoint-url",
    "--no-sign-request",
    "--no-verify-ssl",
    "--profile",
    "--region",
];

fn rules() -> RuleFile {
    serde_yaml::from_str(RULES).unwrap()
}

/// The keys of the overrides.
fn overridden() -> BTreeSet<String> {
    let overrides: BTreeMap<String, serde_yaml::Value> = serde_yaml::from_str(OVERRIDES).unwrap();
    overrides.into_keys().collect()
}

/// One alternative of a rule: what it asks, of any of several commands.
#[derive(Debug)]
struct Part {
    rule: String,
    commands: Vec<String>,
    /// Flags, and the fields in bodies.
    names: Vec<String>,
}

/// Everything that the rules name.
fn parts() -> Vec<Part> {
    let mut found = Vec::new();
    for rule in rules().rules {
        let of_rule: Vec<String> = rule.matches.0.iter().flat_map(|one| one.command.0.clone()).collect();
        let unless = rule.unless.iter().flat_map(|unless| &unless.0);
        for part in rule.matches.0.iter().chain(unless) {
            let commands = if part.command.0.is_empty() { &of_rule } else { &part.command.0 };
            // What any operation has, and what tollgate itself tells of files.
            let is_any = |field: &str| field.starts_with("*.") || field.starts_with("here.");
            let fields = part.fields.keys().filter(|field| !is_any(field));
            found.push(Part {
                rule: rule.id.clone(),
                commands: commands.clone(),
                names: part.flags.keys().chain(fields).cloned().collect(),
            });
        }
    }
    found
}

#[test]
fn every_rule_is_about_commands_of_the_table() {
    let each = parts().into_iter().flat_map(|part| {
        let rule = part.rule;
        part.commands.into_iter().map(move |command| (rule.clone(), command))
    });
    let unknown: Vec<(String, String)> = each.filter(|(_, command)| find(command).is_none()).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// Whether the command has this flag, or something at this place of its input.
fn has(oracles: &Oracles, entry: &Entry, name: &str) -> bool {
    if name.starts_with('-') {
        let twin = name.strip_prefix("--no-").map(|name| format!("--{name}"));
        let is_it = |option: &str| option == name || twin.as_deref() == Some(option);
        return GLOBALS.contains(&name) || entry.options.iter().any(|option| is_it(&option.name));
    }
    let path = name.strip_suffix(".*").unwrap_or(name);
    let ask = json!({"input": entry.path, "path": path});
    entry.kind == "operation" && oracles.with(|oracle| oracle.ask(&ask))["there"] == true
}

#[test]
fn every_flag_and_field_of_a_rule_is_one_of_its_commands() {
    let (Some(entries), Some(oracles)) = (commands(), Oracles::start()) else { return };
    let entries: BTreeMap<&str, &Entry> = entries.iter().map(|entry| (entry.path.as_str(), entry)).collect();
    let mut wrong = BTreeSet::new();
    let mut asked = 0;
    for Part { rule, commands, names } in parts() {
        // Those of v2, and of releases after this one, cannot be asked about.
        let there: Vec<&Entry> =
            commands.iter().filter_map(|command| entries.get(command.as_str()).copied()).collect();
        if there.len() < commands.len() {
            continue;
        }
        for name in &names {
            asked += 1;
            if !there.iter().any(|entry| has(&oracles, entry, name)) {
                wrong.insert(format!("{rule}: none of {commands:?} has {name}"));
            }
        }
    }
    let wrong: Vec<String> = wrong.into_iter().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(asked > 100, "{asked}");
}

#[test]
fn every_command_of_a_rule_has_something_that_the_rule_asks_about() {
    let (Some(entries), Some(oracles)) = (commands(), Oracles::start()) else { return };
    let entries: BTreeMap<&str, &Entry> = entries.iter().map(|entry| (entry.path.as_str(), entry)).collect();
    let mut asked: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for Part { rule, commands, names } in parts() {
        for command in commands {
            asked.entry((rule.clone(), command)).or_default().extend(names.iter().cloned());
        }
    }
    let idle = asked.into_iter().filter(|((_, command), names)| {
        let entry = entries.get(command.as_str());
        !names.is_empty() && entry.is_some_and(|entry| !names.iter().any(|name| has(&oracles, entry, name)))
    });
    let idle: Vec<String> = idle.map(|((rule, command), _)| format!("{rule}: {command}")).collect();
    assert!(idle.is_empty(), "{}", idle.join("\n"));
}

#[test]
fn every_override_is_about_a_command_of_the_table() {
    let unknown: Vec<String> = overridden().into_iter().filter(|key| find(key).is_none()).collect();
    assert_eq!(unknown, [""; 0]);
}

/// The operations of the API whose first word, behind what only says how many,
/// is one of these, with their paths.
fn beginning_with(words: &[&str]) -> Vec<(String, Operation)> {
    let is_one = |path: &str| {
        let mut name = path.split(' ').nth(1).unwrap_or_default().split('-');
        let first = name.next().unwrap_or_default();
        let first = if first == "batch" { name.next().unwrap_or_default() } else { first };
        words.contains(&first)
    };
    all(None).into_iter().filter(|(path, found)| !found.is_custom() && is_one(path)).collect()
}

#[test]
fn what_takes_away_by_its_name_does_not_read() {
    let overridden = overridden();
    let found = beginning_with(&[
        "delete",
        "terminate",
        "purge",
        "remove",
        "revoke",
        "deregister",
        "disable",
        "stop",
        "destroy",
        "detach",
        "disassociate",
        "release",
        "reset",
    ]);
    assert!(found.len() > 2500, "{}", found.len());
    let reading = found.into_iter().filter(|(path, operation)| {
        matches!(operation.effect(), Effect::Read | Effect::Local) && !overridden.contains(path)
    });
    let reading: Vec<String> = reading.map(|(path, _)| path).collect();
    assert_eq!(reading, [""; 0]);
}

#[test]
fn what_deletes_by_its_name_is_no_mere_change() {
    let overridden = overridden();
    let found = beginning_with(&["delete", "terminate", "purge"]).into_iter();
    // Labels are given again as easily.
    let is_label = |path: &str| path.split(['-', ' ']).any(|word| word == "tags" || word == "tagging");
    let mild = found.filter(|(path, operation)| {
        operation.effect() == Effect::Write && !overridden.contains(path) && !is_label(path)
    });
    let mild: Vec<String> = mild.map(|(path, _)| path).collect();
    assert_eq!(mild, [""; 0]);
}

#[test]
fn what_only_looks_by_its_name_is_not_held_up() {
    let overridden = overridden();
    let found = beginning_with(&["describe", "list", "head"]);
    assert!(found.len() > 4500, "{}", found.len());
    let stopped = found.into_iter().filter(|(path, operation)| {
        !matches!(operation.effect(), Effect::Read | Effect::Disclose) && !overridden.contains(path)
    });
    let stopped: Vec<String> = stopped.map(|(path, _)| path).collect();
    assert_eq!(stopped, [""; 0]);
}

#[test]
fn what_waits_reads() {
    let waiting = all(None).into_iter().filter(|(path, _)| path.split(' ').nth(1) == Some("wait"));
    let (mut count, mut wrong) = (0, Vec::new());
    for (path, operation) in waiting {
        count += 1;
        if operation.effect() != Effect::Read {
            wrong.push(path);
        }
    }
    assert_eq!(wrong, [""; 0]);
    assert!(count > 300, "{count}");
}

#[test]
fn everyday_commands_are_where_people_expect_them() {
    let effect = |path: &str| find(path).unwrap_or_else(|| panic!("{path}")).effect();
    for path in [
        "ec2 describe-instances",
        "s3 ls",
        "s3api list-objects-v2",
        "s3api head-object",
        "sts get-caller-identity",
        "logs filter-log-events",
        "logs tail",
        "cloudformation describe-stack-events",
        "cloudformation validate-template",
        "ecs describe-services",
        "cloudwatch get-metric-statistics",
        "ce get-cost-and-usage",
        "route53 list-resource-record-sets",
        "dynamodb get-item",
        "dynamodb query",
        "dynamodb scan",
        "iam simulate-principal-policy",
    ] {
        assert!(matches!(effect(path), Effect::Read | Effect::Local), "{path}: {}", effect(path).name());
    }
    for (path, expected) in [
        ("ec2 terminate-instances", Effect::Destroy),
        ("rds delete-db-instance", Effect::Destroy),
        ("kms schedule-key-deletion", Effect::Destroy),
        ("s3 rb", Effect::Destroy),
        ("s3 rm", Effect::Destroy),
        ("dynamodb delete-table", Effect::Destroy),
        ("cloudtrail stop-logging", Effect::Unprotect),
        ("guardduty delete-detector", Effect::Unprotect),
        ("iam create-access-key", Effect::Privilege),
        ("secretsmanager get-secret-value", Effect::Disclose),
        ("ssm send-command", Effect::Execute),
        ("ec2 stop-instances", Effect::Disrupt),
    ] {
        assert_eq!(effect(path), expected, "{path}");
    }
}
