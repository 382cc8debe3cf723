//! What the table of operations says of a command, as a rule like any other.
//!
//! aws has too many operations to write a rule for each. Their rules are made of
//! `rules/aws-operations.tsv` when they are asked for; those in `rules/aws.yaml`
//! add what parameters change.

use super::judge::UNKNOWN_COMMAND;
use super::schema::{Effects, Match, Matches, Rule, Strings};
use crate::command::Command;
use crate::command::aws::operations::{self, Operation};
use crate::verdict::{Effect, Risk};

/// The tool that has a table.
pub const TOOL: &str = "aws";

/// What the table, or else the command's name, says of `command`. `None` for a
/// tool without a table, and where not even the name tells anything.
pub fn rule(command: &Command) -> Option<Rule> {
    if command.tool != TOOL || command.path.is_empty() {
        return None;
    }
    let path = command.name();
    if let Some(operation) = operations::find(&path) {
        return Some(of_operation(&path, operation));
    }
    // What is not aws's own may be called anything.
    let (service, name) = path.split_once(' ').filter(|_| command.doubt.is_none())?;
    let by_name = operations::by_name(service, name);
    (by_name.effect != Effect::Unknown).then(|| {
        let meaning = by_name.effect.meaning();
        Rule {
            reason: Some(format!("tollgate does not know `{path}`; by its name it {meaning}")),
            ..new(format!("{TOOL}/{UNKNOWN_COMMAND}"), &path, by_name.effect, by_name.risk)
        }
    })
}

/// The rule with the id `aws/SERVICE/OPERATION`.
pub fn by_id(id: &str) -> Option<(Rule, Operation)> {
    let path = id.strip_prefix(TOOL)?.strip_prefix('/')?.replace('/', " ");
    let operation = operations::find(&path)?;
    Some((of_operation(&path, operation), operation)).filter(|(rule, _)| rule.id == id)
}

/// The rules of every operation.
pub fn all() -> impl Iterator<Item = Rule> {
    operations::all(None).into_iter().map(|(path, operation)| of_operation(&path, operation))
}

/// The ids of the operations of the service that `id` names: one of them may be
/// meant.
pub fn near(id: &str) -> impl Iterator<Item = String> {
    let service = id.strip_prefix(TOOL).and_then(|rest| rest.strip_prefix('/')?.split('/').next());
    let below = service.map(|service| operations::all(Some(service))).unwrap_or_default();
    below.into_iter().map(|(path, _)| format!("{TOOL}/{}", path.replace(' ', "/")))
}

fn of_operation(path: &str, operation: Operation) -> Rule {
    let page = path.replace(' ', "/");
    let index = if operation.is_group() || !path.contains(' ') { "/index" } else { "" };
    Rule {
        reason: Some(operation.reason().unwrap_or_else(|| ordinary_reason(operation)).to_owned()),
        safer: safer(path, operation),
        docs: (!operation.is_gone())
            .then(|| format!("https://docs.aws.amazon.com/cli/latest/reference/{page}{index}.html")),
        ..new(format!("{TOOL}/{page}"), path, operation.effect(), operation.risk())
    }
}

fn new(id: String, path: &str, effect: Effect, risk: Risk) -> Rule {
    let matches = Match { command: Strings(vec![path.to_owned()]), ..Match::default() };
    Rule {
        id,
        summary: format!("`aws {path}` {}.", effect.meaning()),
        effect: Effects(vec![effect]),
        risk,
        matches: Matches(vec![matches]),
        unless: None,
        require: None,
        reason: None,
        safer: None,
        docs: None,
        cases: super::schema::Cases::default(),
    }
}

/// What is better done than some operations that people are sorry about.
const INSTEAD: [(&str, &str); 8] = [
    (
        "cloudformation delete-stack",
        "aws cloudformation describe-stack-resources --stack-name NAME, which shows what would go; `DeletionPolicy: \
         Retain` in the template keeps what has to stay",
    ),
    (
        "dynamodb delete-table",
        "aws dynamodb create-backup --table-name NAME --backup-name NAME, and look at it, first",
    ),
    (
        "elasticbeanstalk rebuild-environment",
        "aws elasticbeanstalk update-environment with the one setting that is to change; the instances and their \
         database stay",
    ),
    (
        "elasticbeanstalk terminate-environment",
        "aws elasticbeanstalk describe-environment-resources, which shows what would go with it",
    ),
    (
        "iam delete-access-key",
        "aws iam update-access-key --status Inactive, which is taken back by --status Active",
    ),
    ("kms schedule-key-deletion", "aws kms disable-key, which is taken back by aws kms enable-key"),
    (
        "logs delete-log-group",
        "aws logs create-export-task first, or aws logs put-retention-policy, which keeps the newest",
    ),
    (
        "sqs purge-queue",
        "aws sqs get-queue-attributes, which says how many messages wait; aws sqs receive-message shows some",
    ),
];

/// What to do first, or instead.
fn safer(path: &str, operation: Operation) -> Option<String> {
    let effect = operation.effect();
    if matches!(effect, Effect::Read | Effect::Local) {
        return None;
    }
    if operation.has_dry_run() {
        return Some(format!("aws {path} … {}, which changes nothing", rehearsal(path)));
    }
    if let Some((_, instead)) = INSTEAD.iter().find(|(known, _)| *known == path) {
        return Some((*instead).to_owned());
    }
    let shows = match effect {
        Effect::Destroy if operation.destroys_data() => {
            "which shows what would be lost, and a copy of that first"
        }
        Effect::Destroy => "which shows what would be gone",
        Effect::Disrupt | Effect::Privilege | Effect::Unprotect => "which shows how it is now",
        _ => return None,
    };
    reader(path).map(|reader| format!("aws {reader}, {shows}"))
}

/// The operation that tells of what this one changes.
fn reader(path: &str) -> Option<String> {
    let (service, name) = path.split_once(' ')?;
    let (_, noun) = name.split_once('-')?;
    let one = noun.strip_suffix('s').unwrap_or(noun);
    let many = one.strip_suffix('y').map_or_else(|| format!("{one}s"), |stem| format!("{stem}ies"));
    let names =
        ["describe-", "get-", "list-"].map(|verb| [one, &many].map(|noun| format!("{service} {verb}{noun}")));
    let reads = |path: &String| {
        operations::find(path).is_some_and(|found| found.effect() == Effect::Read && !found.is_group())
    };
    names.into_iter().flatten().find(reads)
}

/// The option by which an operation that has one only says what it would do.
pub fn rehearsal(path: &str) -> &'static str {
    if path.starts_with("s3 ") { "--dryrun" } else { "--dry-run" }
}

/// Why an operation of its effect is asked about.
fn ordinary_reason(operation: Operation) -> &'static str {
    match operation.effect() {
        Effect::Destroy if operation.destroys_data() => "what it takes away holds data that goes with it",
        Effect::Destroy => "what it takes away has to be made again",
        Effect::Disrupt => "what runs, or is connected, stops or is cut off",
        Effect::Privilege => "it changes who may do what",
        Effect::Unprotect => "a safeguard, or the record of what happens, is off afterwards",
        Effect::Disclose => "what it prints is a secret, and stays in whatever reads it",
        Effect::Execute => "what it starts runs with rights of its own and cannot be judged here",
        Effect::Spend => "it commits money, and is not taken back",
        Effect::Unknown => "what it does depends on things that the line does not tell",
        Effect::Write => "it changes something in the account",
        Effect::Read | Effect::Local => "it changes nothing in the account",
    }
}
