//! What operations of aws are found to do, and as whom: the built binary in front of the
//! real aws and a double of AWS, or of one that says what a test wants.

use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output};

use super::oracle::Oracle;
use crate::support::moto::Moto;
use crate::support::tools;
use crate::support::world::{MARKER, REFUSED, World, assert_code, is_human, text, tollgate};

/// Machines on which tests run are busy: what has three seconds elsewhere gets a minute.
const PATIENT: &str = "version: 1\npatience: 60\n";

/// How many objects are in the full bucket: more than are counted, however many more.
const OBJECTS: usize = 1100;

/// What is there before anything happens. A name that a later line uses in capitals is
/// what the line before `>` prints.
const SEED: &[&str] = &[
    "ec2 run-instances --image-id ami-12345678 --tag-specifications 'ResourceType=instance,Tags=[{Key=Name,Value=web-1},{Key=Environment,Value=prod}]' --query Instances[0].InstanceId --output text > PROD",
    "ec2 run-instances --image-id ami-12345678 --tag-specifications 'ResourceType=instance,Tags=[{Key=Name,Value=web-2},{Key=Environment,Value=dev}]' --query Instances[0].InstanceId --output text > DEV",
    "ec2 run-instances --image-id ami-12345678 --query Instances[0].InstanceId --output text > KEPT",
    "ec2 modify-instance-attribute --instance-id KEPT --disable-api-termination",
    "ec2 create-volume --size 8 --availability-zone eu-central-2a --query VolumeId --output text > VOLUME",
    "ec2 create-snapshot --volume-id VOLUME --description nightly --query SnapshotId --output text > SNAPSHOT",
    "ec2 create-vpc --cidr-block 10.9.0.0/16 --query Vpc.VpcId --output text > VPC",
    "ec2 create-security-group --group-name web --description web --vpc-id VPC --query GroupId --output text > GROUP",
    "rds create-db-instance --db-instance-identifier main --db-instance-class db.t3.micro --engine postgres --master-username u --master-user-password 12345678 --allocated-storage 20 --deletion-protection --tags Key=env,Value=dev",
    "rds create-db-cluster --db-cluster-identifier all --engine aurora-postgresql --master-username u --master-user-password 12345678",
    "s3 mb s3://full",
    "s3 cp --recursive --quiet objects s3://full",
    "s3api put-bucket-tagging --bucket full --tagging 'TagSet=[{Key=Stage,Value=live}]'",
    "s3 mb s3://empty",
    "dynamodb create-table --table-name orders --attribute-definitions AttributeName=k,AttributeType=S --key-schema AttributeName=k,KeyType=HASH --billing-mode PAY_PER_REQUEST --deletion-protection-enabled",
    "iam create-user --user-name kim --tags Key=team,Value=web",
    "iam create-role --role-name job --assume-role-policy-document '{}' --tags Key=env,Value=prod --query Role.Arn --output text > ROLE",
    "kms create-key --query KeyMetadata.KeyId --output text > KEY",
    "kms create-alias --alias-name alias/main --target-key-id KEY",
    "secretsmanager create-secret --name db --secret-string sesame --tags Key=Stage,Value=live",
    "route53 create-hosted-zone --name example.com --caller-reference x --query HostedZone.Id --output text > ZONE",
    "logs create-log-group --log-group-name app",
    "logs create-log-group --log-group-name app2",
    "cloudformation create-stack --stack-name st --template-body file://template.json --enable-termination-protection",
    "eks create-cluster --name main --role-arn ROLE --resources-vpc-config subnetIds=subnet-1",
    "ecr create-repository --repository-name web",
    "elasticbeanstalk create-application --application-name shop",
    "elasticbeanstalk create-environment --application-name shop --environment-name shop-prod --solution-stack-name '64bit Amazon Linux 2 v3.5.0 running Docker'",
    "autoscaling create-launch-configuration --launch-configuration-name lc --image-id ami-12345678 --instance-type t3.micro",
    "autoscaling create-auto-scaling-group --auto-scaling-group-name web --launch-configuration-name lc --min-size 1 --max-size 3 --desired-capacity 2 --availability-zones eu-central-2a",
];

/// Lines of an agent, what is told of each, and what is decided.
const LOOKED_AT: &[(&str, &str, &str)] = &[
    (
        "ec2 terminate-instances --instance-ids PROD",
        "terminate ec2-instance PROD (web-1, m1.small, running, environment=prod, termination protection off)",
        "peer",
    ),
    (
        "ec2 terminate-instances --instance-ids DEV",
        "terminate ec2-instance DEV (web-2, m1.small, running, environment=dev, termination protection off)",
        "confirm",
    ),
    (
        "ec2 terminate-instances --instance-ids KEPT",
        "terminate ec2-instance KEPT (m1.small, running, termination protection on)",
        "peer",
    ),
    (
        "ec2 terminate-instances --cli-input-json '{\"InstanceIds\": [\"PROD\", \"DEV\"]}'",
        "terminate ec2-instance PROD (web-1",
        "peer",
    ),
    (
        "ec2 terminate-instances --instance-ids file://ids.json",
        "which ec2-instance it is, is not known: its name is in something that was not read",
        "peer",
    ),
    (
        "ec2 stop-instances --instance-ids PROD",
        "stop ec2-instance PROD (web-1, m1.small, running, environment=prod)",
        "peer",
    ),
    ("ec2 stop-instances --instance-ids DEV", "stop ec2-instance DEV (web-2", "confirm"),
    (
        "ec2 terminate-instances --instance-ids i-0123456789abcdef0",
        "ec2-instance i-0123456789abcdef0 is not there: aws itself will fail",
        "confirm",
    ),
    (
        "ec2 delete-volume --volume-id VOLUME",
        "delete ec2-volume VOLUME (8 GiB, available, not encrypted)",
        "peer",
    ),
    ("ec2 delete-snapshot --snapshot-id SNAPSHOT", "delete ec2-snapshot SNAPSHOT (8 GiB, VOLUME, ", "peer"),
    ("ec2 delete-vpc --vpc-id VPC", "delete vpc VPC (10.9.0.0/16", "confirm"),
    ("ec2 delete-security-group --group-id GROUP", "delete security-group GROUP (web, VPC", "confirm"),
    (
        "rds delete-db-instance --db-instance-identifier main",
        "delete rds-instance main (postgres, db.t3.micro, 20 GiB, available",
        "peer",
    ),
    ("rds delete-db-instance --db-inst main", "deletion protection on", "peer"),
    (
        "rds delete-db-cluster --db-cluster-identifier all",
        "delete rds-cluster all (aurora-postgresql, available",
        "peer",
    ),
    ("s3 rb s3://full --force", "delete s3-bucket full (more than 1000 objects, stage=live)", "peer"),
    ("s3 rb s3://empty --force", "delete s3-bucket empty (0 objects)", "peer"),
    ("s3 rm s3://full/1 --recursive", "delete s3-objects full/1 (", "peer"),
    (
        "s3api delete-bucket --bucket full",
        "delete s3-bucket full (more than 1000 objects, stage=live)",
        "peer",
    ),
    ("s3api delete-bucket --bucket empty", "delete s3-bucket empty (0 objects)", "confirm"),
    (
        "dynamodb delete-table --table-name orders",
        "delete dynamodb-table orders (0 items, 0 bytes, ACTIVE, deletion protection on)",
        "peer",
    ),
    ("iam delete-user --user-name kim", "delete iam-user kim (0 access keys, team=web)", "confirm"),
    ("iam delete-role --role-name job", "delete iam-role job (env=prod)", "peer"),
    (
        "kms schedule-key-deletion --key-id KEY",
        "schedule the deletion of kms-key KEY (alias/main, Enabled",
        "peer",
    ),
    ("secretsmanager delete-secret --secret-id db", "delete secret db (stage=live)", "peer"),
    ("route53 delete-hosted-zone --id ZONE", "delete hosted-zone /hostedzone/", "peer"),
    ("logs delete-log-group --log-group-name app", "delete log-group app (0 bytes", "peer"),
    ("logs delete-log-group --log-group-name ap", "log-group ap is not there: aws itself will fail", "peer"),
    (
        "cloudformation delete-stack --stack-name st",
        "delete stack st (CREATE_COMPLETE, termination protection on)",
        "peer",
    ),
    ("cloudformation delete-stack --stack-name st", "delete with it AWS::SQS::Queue ", "peer"),
    ("eks delete-cluster --name main", "delete eks-cluster main (", "peer"),
    ("ecr delete-repository --repository-name web", "delete ecr-repository web (0 images)", "confirm"),
    (
        "elasticbeanstalk terminate-environment --environment-name shop-prod",
        "terminate beanstalk-environment ",
        "peer",
    ),
    (
        "elasticbeanstalk rebuild-environment --environment-name shop-prod",
        "rebuild beanstalk-environment ",
        "peer",
    ),
    (
        "autoscaling delete-auto-scaling-group --auto-scaling-group-name web",
        "delete auto-scaling-group web (2 instances, 2 desired)",
        "confirm",
    ),
    (
        "autoscaling update-auto-scaling-group --auto-scaling-group-name web --min-size 0 --max-size 0 --desired-capacity 0",
        "change auto-scaling-group web (2 instances, 2 desired, 1 least, 3 most)",
        "confirm",
    ),
];

/// A world with a shim for aws, and a double of AWS with things in it.
struct Room {
    world: World,
    moto: Moto,
    named: Vec<(String, String)>,
}

impl Room {
    /// `None`, said aloud, where something is missing.
    fn new(seed: &[&str]) -> Option<Self> {
        let aws = tools::aws_in_python()?;
        let moto = Moto::start()?;
        let world = World::new();
        symlink(tollgate(), world.path("shims/aws")).unwrap();
        symlink(&aws.script, world.path("bin/aws")).unwrap();
        world.write("home/.config/tollgate/rules/own.yaml", PATIENT);
        world.write(
            "network/template.json",
            r#"{"Resources":{"Q":{"Type":"AWS::SQS::Queue","Properties":{"QueueName":"of-stack"}}}}"#,
        );
        for at in 0..OBJECTS {
            world.write(&format!("network/objects/{at}"), "x");
        }
        let more = surroundings(moto.url());
        let mut oracle = Oracle::start_in(&world.path("home"), &world.project(), &more)?;
        let mut room = Self { world, moto, named: Vec::new() };
        for line in seed {
            let (line, name) = line.split_once(" > ").unwrap_or((line, ""));
            let (code, said) = oracle.send(&room.filled(line));
            assert_eq!(code, 0, "{line}: {said}");
            if !name.is_empty() {
                room.named.push((name.to_owned(), said.trim().to_owned()));
            }
        }
        Some(room)
    }

    /// `text` with the ids that it stands for.
    fn filled(&self, text: &str) -> String {
        self.named.iter().fold(text.to_owned(), |text, (name, id)| text.replace(name, id))
    }

    /// The shim, called by an agent.
    fn agent(&self, line: &str) -> Command {
        let mut command = self.world.command("aws");
        command.args(shell_words::split(&self.filled(line)).unwrap());
        command.envs(surroundings(self.moto.url())).env(MARKER.0, MARKER.1);
        command
    }
}

/// The variables by which aws finds the double, and nothing else.
fn surroundings(url: &str) -> [(&'static str, &str); 6] {
    [
        ("AWS_ENDPOINT_URL", url),
        ("AWS_ACCESS_KEY_ID", "none"),
        ("AWS_SECRET_ACCESS_KEY", "none"),
        ("AWS_DEFAULT_REGION", "eu-central-2"),
        ("HTTPS_PROXY", "http://127.0.0.1:1"),
        ("NO_PROXY", "127.0.0.1"),
    ]
}

/// What was said by a refusal.
#[track_caller]
fn refused(output: &Output) -> String {
    assert_code(output, REFUSED);
    text(&output.stderr)
}

/// The last decision on record.
fn decision(world: &World) -> String {
    let decisions = world.recorded("decision");
    decisions.last().unwrap()["decision"].as_str().unwrap().to_owned()
}

#[test]
fn what_stands_behind_ids_is_told_and_judged() {
    let Some(room) = Room::new(SEED) else { return };
    let mut wrong = Vec::new();
    for (line, told, decided) in LOOKED_AT {
        let said = refused(&room.agent(line).output().unwrap());
        let decision = decision(&room.world);
        if !said.contains(&room.filled(told)) || decision != *decided {
            wrong.push(format!("{line}: {told}: {decision}, not {decided}\n{said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_request_waits_for_the_same_as_long_as_nothing_changes() {
    let Some(room) = Room::new(&SEED[..2]) else { return };
    let line = "ec2 terminate-instances --instance-ids PROD";
    let request = |said: &str| {
        let (_, rest) = said.split_once("approve:  request ").unwrap();
        rest.split_whitespace().next().unwrap().to_owned()
    };
    let first = refused(&room.agent(line).output().unwrap());
    let again = refused(&room.agent(line).output().unwrap());
    assert_eq!(request(&first), request(&again), "{first}\n{again}");
}

#[test]
fn what_nobody_could_look_at_is_critical() {
    let Some(room) = Room::new(&[]) else { return };
    // Nobody is there; somebody is there and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}", silent.local_addr().unwrap());
    room.world.write("home/.config/tollgate/rules/own.yaml", "version: 1\n");
    for (url, line, told) in [
        ("http://127.0.0.1:1", "ec2 terminate-instances --instance-ids i-0abc", "is not known: "),
        (silent.as_str(), "ec2 terminate-instances --instance-ids i-0abc", "there was no answer within 3 s"),
        (silent.as_str(), "s3api delete-bucket --bucket keep", "there was no answer within 3 s"),
    ] {
        let said = refused(&room.agent(line).env("AWS_ENDPOINT_URL", url).output().unwrap());
        assert!(
            said.contains(told) && said.contains("rule resource/unknown-delete, critical"),
            "{line}: {said}"
        );
        assert!(said.contains("note:     who it would act as is not known: "), "{line}: {said}");
        assert_eq!(decision(&room.world), "peer", "{line}");
    }
}

/// What sts says of a role.
fn role(name: &str) -> String {
    format!(r#"{{"account": "111111111111", "arn": "arn:aws:sts::111111111111:assumed-role/{name}/kim"}}"#)
}

/// A world in which aws says who it is by the file `who`, and nothing else.
fn told(who: &str) -> World {
    let world = World::new();
    symlink(tollgate(), world.path("shims/aws")).unwrap();
    world.write("who", who);
    let file = world.path("who");
    let body = format!("case \"$*\" in *get-caller-identity*) /bin/cat '{}' ;; esac", file.display());
    world.stub_at("bin/aws", &body);
    world
}

/// The rules of the documentation.
fn demanding(world: &World) {
    let page =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rulebook.md")).unwrap();
    let section = page.split("## Identity").nth(1).unwrap();
    let rules = section.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    world.write("home/.config/tollgate/rules/demands.yaml", rules);
}

const TERMINATE: [&str; 4] = ["ec2", "terminate-instances", "--instance-ids", "i-0abc"];

/// Whether the operation itself was started.
fn has_run(world: &World) -> bool {
    world.runs().iter().any(|run| run.arguments.iter().any(|word| word == "terminate-instances"))
}

#[test]
fn rules_demand_an_account_and_no_broad_role() {
    for (who, variables, rule) in [
        (role("AdminAccess"), &[][..], Some("aws/too-broad")),
        (role("Deployer"), &[], None),
        (role("Deployer").replace("111111111111", "333333333333"), &[], Some("aws/other-account")),
        (String::new(), &[], Some("aws/other-account")),
        ("no json".to_owned(), &[], Some("aws/other-account")),
        // Whoever chooses what answers proves nothing.
        (role("Deployer"), &[("AWS_ENDPOINT_URL", "http://127.0.0.1:1")], Some("aws/other-account")),
        (role("Deployer"), &[("AWS_CA_BUNDLE", "/x")], Some("aws/other-account")),
        (role("Deployer"), &[("AWS_PROFILE", "tapped")], Some("aws/other-account")),
        (role("Deployer"), &[("AWS_PROFILE", "plain")], None),
    ] {
        let world = told(&who);
        demanding(&world);
        world.write("home/.aws/config", "[profile tapped]\nca_bundle = /x\n[profile plain]\nca_bundle =\n");
        for agent in [true, false] {
            let mut command = world.command("aws");
            command.args(TERMINATE).envs(variables.iter().copied());
            if agent {
                command.env(MARKER.0, MARKER.1);
            }
            let said = refused(&command.output().unwrap());
            assert!(!has_run(&world), "{said}");
            if let Some(rule) = rule {
                assert!(said.contains(&format!("(rule {rule}, ")), "{who} {variables:?}: {said}");
                assert_eq!(decision(&world), "deny", "{who} {variables:?}: {said}");
            } else {
                assert_ne!(decision(&world), "deny", "{who}: {said}");
                assert!(said.contains("arn arn:aws:sts::111111111111:assumed-role/Deployer, "), "{said}");
            }
        }
    }
}

#[test]
fn who_is_claimed_to_be_another_is_guarded_for_an_agent() {
    let world = told(&role("Deployer"));
    let mut command = world.command("aws");
    command.args(TERMINATE).env(MARKER.0, MARKER.1);
    command.env("AWS_ACCESS_KEY_ID", "none").env("AWS_SECRET_ACCESS_KEY", "none");
    let said = refused(&command.output().unwrap());
    assert_eq!(decision(&world), "confirm", "{said}");
    command.env("AWS_ACCOUNT_ID", "222222222222");
    let said = refused(&command.output().unwrap());
    assert!(said.contains("says account 222222222222, sts says 111111111111"), "{said}");
    assert_eq!(decision(&world), "peer", "{said}");
}

#[test]
fn who_becomes_another_while_it_waits_is_refused() {
    if !is_human() {
        return;
    }
    for (then, runs) in
        [(role("Admin"), false), (String::new(), false), (role("Deployer").replace("kim", "lee"), true)]
    {
        let world = told(&role("Deployer"));
        let start = crate::support::pty::PtyCommand::new(world.path("shims/aws")).args(TERMINATE);
        let mut terminal = world.in_terminal(start).start();
        let asked = terminal.expect("to run it: ");
        assert!(asked.contains("assumed-role/Deployer"), "{asked}");
        world.write("who", &then);
        let name = asked.rsplit('`').nth(1).unwrap().to_owned();
        terminal.send_line(&name);
        let (said, code) = terminal.wait();
        assert_eq!(has_run(&world), runs, "{then}: {said}");
        assert_eq!(code == REFUSED, !runs, "{then}: {said}");
        assert_eq!(said.contains("the identity changed while this waited"), !runs, "{then}: {said}");
    }
}
