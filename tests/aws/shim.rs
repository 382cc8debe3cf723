//! The built binary in front of the real aws and a double of AWS.
//!
//! What is refused is shown to be refused before aws starts, and to have left
//! everything in place; the real aws then does the damage, so that the lines are
//! known to be real. What passes has really run.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::oracle::Oracle;
use crate::support::moto::Moto;
use crate::support::tools;
use crate::support::world::{MARKER, REFUSED, World, assert_code, is_human, text, tollgate};

/// A service's model in which a harmless name stands for another operation.
const MODEL: &str = r#"{"version":"2.0","metadata":{"apiVersion":"2016-11-15","endpointPrefix":"ec2",
"protocol":"rest-xml","serviceId":"foo","serviceFullName":"foo","signatureVersion":"v4","signingName":"ec2"},
"operations":{"DescribeThings":{"name":"DescribeThings",
"http":{"method":"GET","requestUri":"/?Action=TerminateInstances&Version=2016-11-15"},"input":{"shape":"In"}}},
"shapes":{"In":{"type":"structure","members":{"InstanceIds":{"shape":"Id","location":"querystring",
"locationName":"InstanceId.1"}}},"Id":{"type":"string"}}}"#;

/// What is there before anything happens, `INSTANCE` and `KEY` for their ids.
const SEED: &[&str] = &[
    "s3 mb s3://keep",
    "s3 cp file.txt s3://keep/one.txt",
    "s3 cp file.txt s3://keep/two.txt",
    "dynamodb create-table --table-name keep --attribute-definitions AttributeName=k,AttributeType=S --key-schema AttributeName=k,KeyType=HASH --billing-mode PAY_PER_REQUEST",
    "sqs create-queue --queue-name keep",
    "iam create-user --user-name keep",
    "rds create-db-instance --db-instance-identifier keep --db-instance-class db.t3.micro --engine postgres --master-username u --master-user-password 12345678",
    "secretsmanager create-secret --name keep --secret-string sesame",
    "cloudtrail create-trail --name keep --s3-bucket-name keep",
    "cloudtrail start-logging --name keep",
    "cloudformation create-stack --stack-name keep --template-body file://template.json",
];

/// One for which aws 1 has no older address of a service, which it would use
/// whatever `AWS_ENDPOINT_URL` says.
const REGION: &str = "eu-central-2";

/// A world with a shim for aws, and a double of AWS.
struct Desk {
    world: World,
    moto: Moto,
    instance: String,
    key: String,
    oracle: Oracle,
}

impl Desk {
    /// `None`, said aloud, where something is missing.
    fn new() -> Option<Self> {
        let aws = tools::aws_in_python()?;
        let moto = Moto::start()?;
        let world = World::new();
        symlink(tollgate(), world.path("shims/aws")).unwrap();
        symlink(&aws.script, world.path("bin/aws")).unwrap();
        world.write("network/file.txt", "kept\n");
        world.write(
            "network/template.json",
            r#"{"Resources":{"Q":{"Type":"AWS::SQS::Queue","Properties":{"QueueName":"of-stack"}}}}"#,
        );
        let more = surroundings(&moto);
        let mut oracle = Oracle::start_in(&world.path("home"), &world.project(), &more)?;
        for line in SEED {
            let (code, said) = oracle.send(line);
            assert_eq!(code, 0, "{line}: {said}");
        }
        let id = |oracle: &mut Oracle, line: &str| {
            let (code, said) = oracle.send(line);
            assert_eq!(code, 0, "{line}: {said}");
            said.trim().to_owned()
        };
        let instance = id(
            &mut oracle,
            "ec2 run-instances --image-id ami-12345678 --query Instances[0].InstanceId --output text",
        );
        let key = id(&mut oracle, "kms create-key --query KeyMetadata.KeyId --output text");
        let body = format!("{{\"InstanceIds\": [\"{instance}\"]}}");
        world.write("network/body.json", &body);
        Some(Self { world, moto, instance, key, oracle })
    }

    fn words(&self, line: &str) -> Vec<String> {
        let line = line.replace("INSTANCE", &self.instance).replace("KEY", &self.key);
        shell_words::split(&line).unwrap()
    }

    /// `program` with the words of `line`.
    fn command(&self, program: &Path, line: &str) -> Command {
        let mut command = self.world.command(program);
        command.args(self.words(line)).envs(surroundings(&self.moto));
        command
    }

    /// The shim, called by an agent.
    fn agent(&self, line: &str) -> Command {
        let mut command = self.command(Path::new("aws"), line);
        command.env(MARKER.0, MARKER.1);
        command
    }

    #[track_caller]
    fn assert_refused(&self, line: &str) {
        assert_command_refused(line, &mut self.agent(line));
    }

    /// Whatever an agent's line does when it has run: exit code and output.
    fn ran(&self, line: &str) -> Output {
        self.agent(line).output().unwrap()
    }

    /// What is there, as the real aws tells it.
    fn inventory(&mut self) -> Vec<String> {
        let questions = [
            "ec2 describe-instances --query Reservations[].Instances[].State.Name --output text",
            "s3api list-objects-v2 --bucket keep --query Contents[].Key --output text",
            "dynamodb list-tables --query TableNames --output text",
            "sqs list-queues --query QueueUrls --output text",
            "iam list-users --query Users[].UserName --output text",
            "rds describe-db-instances --query DBInstances[].DBInstanceIdentifier --output text",
            "secretsmanager list-secrets --query SecretList[].Name --output text",
            "cloudtrail get-trail-status --name keep --query IsLogging --output text",
            "cloudformation describe-stacks --query Stacks[].StackStatus --output text",
            "kms describe-key --key-id KEY --query KeyMetadata.KeyState --output text",
        ];
        questions
            .iter()
            .map(|line| {
                let line = line.replace("KEY", &self.key);
                let (code, said) = self.oracle.send(&line);
                assert_eq!(code, 0, "{line}: {said}");
                said.split_whitespace().collect::<Vec<_>>().join(" ")
            })
            .collect()
    }
}

#[track_caller]
fn assert_command_refused(line: &str, command: &mut Command) {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(REFUSED), "{line}: {output:?}");
    assert_eq!(text(&output.stdout), "", "{line}");
    assert!(text(&output.stderr).starts_with("tollgate: refused: aws"), "{line}: {output:?}");
}

/// The variables by which aws finds the double, and nothing else.
fn surroundings(moto: &Moto) -> [(&'static str, &str); 8] {
    [
        ("AWS_ENDPOINT_URL", moto.url()),
        ("AWS_ACCESS_KEY_ID", "none"),
        ("AWS_SECRET_ACCESS_KEY", "none"),
        ("AWS_DEFAULT_REGION", REGION),
        ("AWS_PAGER", ""),
        ("PAGER", "cat"),
        ("HTTPS_PROXY", "http://127.0.0.1:1"),
        ("NO_PROXY", "127.0.0.1"),
    ]
}

/// Lines that are refused to an agent.
const REFUSED_LINES: &[&str] = &[
    "ec2 terminate-instances --instance-ids INSTANCE",
    "--region eu-central-2 ec2 terminate-instances --instance-ids INSTANCE",
    "ec2 --region eu-central-2 terminate-instances --instance-ids INSTANCE",
    "--reg=eu-central-2 ec2 --out json terminate-instances --no-pag --ins INSTANCE",
    "ec2 --instance-ids=INSTANCE terminate-instances",
    "--instance-ids=INSTANCE ec2 terminate-instances",
    "ec2 terminate-instances --instance-ids INSTANCE --dry-run --no-dry-run",
    "--dry-run ec2 --no-dry terminate-instances --instance-ids INSTANCE",
    "ec2 terminate-instances --instance-ids INSTANCE help",
    "ec2 terminate-instances --instance-ids help INSTANCE",
    "-- ec2 terminate-instances --instance-ids INSTANCE",
    "ec2 -- terminate-instances --instance-ids INSTANCE",
    "ec2 terminate-instances --cli-input-json '{\"InstanceIds\": [\"INSTANCE\"]}'",
    "ec2 terminate-instances --cli-input-json file://body.json",
    "ec2 terminate-instances --cli-i=file://body.json",
    "ec2 terminate-instances --cli-input-json file:///dev/stdin",
    "ec2 terminate-instances --no-dry-run --cli-input-json '{\"InstanceIds\": [\"INSTANCE\"], \"DryRun\": true}'",
    "ec2 terminate-instances --cli-input-json '{\"InstanceIds\": [\"INSTANCE\"], \"DryRun\": false}'",
    "ec2 stop-instances --instance-ids INSTANCE",
    "s3 rm s3://keep --recursive",
    "s3 rm --rec s3://keep",
    "s3 --recursive rm s3://keep",
    "s3 rm s3://keep/one.txt",
    "s3 rb s3://keep --force",
    "s3 rb --fo s3://keep",
    "s3 sync empty s3://keep --delete",
    "s3 --del sync empty s3://keep",
    "s3 --delete sync empty s3://keep --exact-timestamps",
    "s3api delete-object --bucket keep --key one.txt",
    "s3api delete-objects --bucket keep --delete Objects=[{Key=one.txt}]",
    "s3api delete-bucket --bucket keep",
    "dynamodb delete-table --table-name keep",
    "dynamodb batch-write-item --request-items '{\"keep\": [{\"DeleteRequest\": {\"Key\": {\"k\": {\"S\": \"x\"}}}}]}'",
    "dynamodb transact-write-items --transact-items '[{\"Delete\": {\"TableName\": \"keep\", \"Key\": {\"k\": {\"S\": \"x\"}}}}]'",
    "sqs purge-queue --queue-url http://x/keep",
    "sqs delete-queue --queue-url http://x/keep",
    "iam delete-user --user-name keep",
    "iam create-access-key --user-name keep",
    "iam attach-user-policy --user-name keep --policy-arn arn:aws:iam::aws:policy/AdministratorAccess",
    "kms schedule-key-deletion --key-id KEY --pending-window-in-days 7",
    "rds delete-db-instance --db-instance-identifier keep --skip-final-snapshot",
    "rds delete-db-instance --db-instance-identifier keep --skip-final",
    "cloudformation delete-stack --stack-name keep",
    "secretsmanager get-secret-value --secret-id keep",
    "secretsmanager delete-secret --secret-id keep --force-delete",
    "cloudtrail stop-logging --name keep",
    "cloudtrail delete-trail --name keep",
    "lambda invoke --function-name f --invocation-type DryRun --invocation-t Event out",
    "lambda invoke help --function-name f",
];

#[test]
fn what_destroys_is_refused_to_an_agent_and_all_is_left_in_place() {
    let Some(mut desk) = Desk::new() else { return };
    std::fs::create_dir(desk.world.path("network/empty")).unwrap();
    let before = desk.inventory();
    assert_eq!(before.first().map(String::as_str), Some("running"));
    for line in REFUSED_LINES {
        desk.assert_refused(line);
    }
    let body = desk.world.path("network/body.json");
    let line = "ec2 terminate-instances --cli-input-json file:///dev/stdin";
    let mut piped = desk.agent(line);
    piped.stdin(Stdio::from(std::fs::File::open(body).unwrap()));
    assert_command_refused(line, &mut piped);
    assert_eq!(desk.inventory(), before);
    assert_eq!(desk.world.recorded("refused").len(), REFUSED_LINES.len() + 1);
    desk.world.assert_intact();

    // The real aws does what these lines say.
    for line in [
        "ec2 --instance-ids=INSTANCE terminate-instances",
        "s3 --del sync empty s3://keep",
        "dynamodb delete-table --table-name keep",
        "sqs delete-queue --queue-url http://x/000000000000/keep",
        "iam delete-user --user-name keep",
        "rds delete-db-instance --db-instance-identifier keep --skip-final",
        "secretsmanager delete-secret --secret-id keep --force-delete",
        "cloudtrail stop-logging --name keep",
        "cloudformation delete-stack --stack-name keep",
        "kms schedule-key-deletion --key-id KEY --pending-window-in-days 7",
    ] {
        let line = line.replace("INSTANCE", &desk.instance).replace("KEY", &desk.key);
        let line = line.replace("http://x", desk.moto.url());
        let (code, said) = desk.oracle.send(&line);
        assert_eq!(code, 0, "{line}: {said}");
    }
    let after = desk.inventory();
    for (was, is) in before.iter().zip(&after) {
        assert_ne!(was, is, "{before:?} {after:?}");
    }
}

#[test]
fn what_is_the_users_own_cannot_hide_what_runs() {
    let Some(mut desk) = Desk::new() else { return };
    let before = desk.inventory();
    let alias = "[toplevel]\n\
        sts = ec2 terminate-instances --instance-ids INSTANCE\n\
        first = second\n\
        second = --region eu-central-2 ec2 terminate-instances --instance-ids INSTANCE\n\
        list = !aws ec2 terminate-instances --instance-ids INSTANCE\n";
    let file = desk.world.write("home/.aws/cli/alias", &alias.replace("INSTANCE", &desk.instance));
    for line in ["sts get-caller-identity", "sts", "first", "list", "list help", "--region x first"] {
        desk.assert_refused(line);
    }
    std::fs::remove_file(file).unwrap();

    let model = desk.world.write("home/.aws/models/foo/2016-11-15/service-2.json", MODEL);
    desk.assert_refused("foo describe-things --instance-ids INSTANCE");
    std::fs::remove_dir_all(model.ancestors().nth(3).unwrap()).unwrap();
    desk.world.write("data/ec2/2030-01-01/service-2.json", MODEL);
    let line = "ec2 describe-things --instance-ids INSTANCE";
    assert_command_refused(line, desk.agent(line).env("AWS_DATA_PATH", desk.world.path("data")));

    let plugin =
        format!("import os\nos.mkdir({:?})\ndef awscli_initialize(cli): pass\n", desk.world.path("ran"));
    desk.world.write("python/evil.py", &plugin);
    let config = desk.world.write("home/.aws/config", "[plugins]\nevil = evil\n");
    let line = "ec2 describe-instances";
    assert_command_refused(line, desk.agent(line).env("PYTHONPATH", desk.world.path("python")));
    assert!(!desk.world.path("ran").exists());
    std::fs::remove_file(config).unwrap();

    assert_eq!(desk.inventory(), before);
    // That model really terminates.
    desk.world.write("home/.aws/models/foo/2016-11-15/service-2.json", MODEL);
    let real = desk.command(&desk.world.path("bin/aws"), "foo describe-things --instance-ids INSTANCE");
    let output = { real }.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_ne!(desk.inventory(), before);
}

/// Lines that an agent may give, their exit codes and something that they print.
const PASSED: &[(&str, i32, &str)] = &[
    ("--version", 0, "aws-cli/"),
    ("ec2 describe-instances", 0, "INSTANCE"),
    ("ec2 describe-instances --instance-ids INSTANCE --query Reservations[0].OwnerId", 0, "123456789012"),
    ("--region eu-central-2 --output text ec2 describe-regions", 0, "eu-central-2"),
    ("s3api list-buckets", 0, "keep"),
    ("iam list-users", 0, "keep"),
    ("dynamodb describe-table --table-name keep", 0, "ACTIVE"),
    ("ec2 terminate-instances help", 0, "terminate-instances"),
    ("ec2 terminate-instances --generate-cli-skeleton", 0, "\"InstanceIds\""),
    ("s3 ls", 0, "keep"),
    ("s3 ls s3://keep", 0, "one.txt"),
    ("s3 cp file.txt s3://keep/new.txt", 0, "upload: ./file.txt"),
    ("s3 cp s3://keep/new.txt down.txt", 0, "download: s3://keep/new.txt"),
    ("s3 rm s3://keep --recursive --dryrun", 0, "(dryrun) delete: s3://keep/one.txt"),
    ("s3 sync empty s3://keep --delete --dryrun", 0, "(dryrun) delete: s3://keep/one.txt"),
    ("ec2 terminate-instances --instance-ids INSTANCE --dry-run", 255, ""),
    ("ec2 wait instance-running --instance-ids INSTANCE", 0, ""),
    ("configure list", 0, "access_key"),
    ("sts get-caller-identity", 0, "123456789012"),
    (
        "sts assume-role --role-arn arn:aws:iam::123456789012:role/x --role-session-name yy",
        0,
        "AssumedRoleUser",
    ),
    ("eks get-token --cluster-name c", 0, "k8s-aws-v1."),
    ("ecr get-login-password", 0, ""),
    ("s3 mb s3://another", 0, "make_bucket: another"),
    ("ec2 run-instances --image-id ami-12345678", 0, "InstanceId"),
    ("ec2 create-tags --resources INSTANCE --tags Key=a,Value=b", 0, ""),
    ("sqs create-queue --queue-name other", 0, "QueueUrl"),
    ("ec2", 2, ""),
    ("iam list-users --no-such x", 255, ""),
];

#[test]
fn what_harms_nobody_runs_for_an_agent() {
    let Some(desk) = Desk::new() else { return };
    std::fs::create_dir(desk.world.path("network/empty")).unwrap();
    let mut wrong = Vec::new();
    for (line, code, expected) in PASSED {
        let output = desk.ran(line);
        let expected = expected.replace("INSTANCE", &desk.instance);
        if output.status.code() != Some(*code) || !text(&output.stdout).contains(&expected) {
            wrong.push(format!("{line}: {output:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(std::fs::read_to_string(desk.world.path("network/down.txt")).unwrap(), "kept\n");
    assert_eq!(desk.world.recorded("refused").len(), 0);
}

#[test]
fn a_human_who_confirms_is_obeyed_and_recorded() {
    let Some(mut desk) = Desk::new() else { return };
    if !is_human() {
        return;
    }
    let before = desk.inventory();
    let shim = desk.world.path("shims/aws");
    let line = desk.words("ec2 terminate-instances --instance-ids INSTANCE");
    let pty = desk.world.in_terminal(crate::support::pty::PtyCommand::new(&shim).args(line));
    let pty = surroundings(&desk.moto).into_iter().fold(pty, |pty, (name, value)| pty.env(name, value));
    let mut pty = pty.start();
    let asked = pty.expect("to run it: ");
    assert!(asked.contains("aws ec2 terminate-instances --instance-ids"), "{asked}");
    pty.send_line(&desk.instance);
    let (rest, code) = pty.wait();
    assert_eq!(code, 0, "{rest}");
    assert!(rest.contains("TerminatingInstances"), "{rest}");
    assert_ne!(desk.inventory(), before);
    let ran = desk.world.recorded("exec");
    assert_eq!(ran.len(), 1);
    assert_eq!(ran[0]["authorization"], "confirmed");
    desk.world.assert_intact();
    assert_code(&desk.ran("ec2 describe-regions --query Regions[0].RegionName"), 0);
}
