//! What operations of aws are found to do, and as whom: the built binary in front of the
//! real aws and a double of AWS, or of one that says what a test wants.

mod bound;
mod bucket;
mod identity;
mod listed;
mod looked_at;
mod nothing;

use std::net::TcpListener;
use std::os::unix::fs::symlink;
use std::process::{Command, Output};

use super::oracle::Oracle;
use crate::support::moto::Moto;
use crate::support::tools;
use crate::support::world::{MARKER, REFUSED, World, assert_code, text, tollgate};
use looked_at::{LOOKED_AT, OBJECTS, SEED};

/// Machines on which tests run are busy: what has three seconds elsewhere gets a minute.
const PATIENT: &str = "version: 1\npatience: 60\n";

/// An archive with nothing in it.
const EMPTY: &str = "PK\u{5}\u{6}\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

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
        world.write("network/code.zip", EMPTY);
        for at in 0..OBJECTS {
            world.write(&format!("network/objects/{at}"), "x");
        }
        let mut room = Self { world, moto, named: Vec::new() };
        if seed.is_empty() {
            return Some(room);
        }
        let more = surroundings(room.moto.url());
        let mut oracle = Oracle::start_in(&room.world.path("home"), &room.world.project(), &more)?;
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

#[test]
fn what_one_may_not_look_at_is_raised() {
    let Some(room) = Room::new(&[SEED[1], "iam create-user --user-name low", LOW]) else { return };
    // From now on it asks who may.
    room.moto.post("/moto-api/reset-auth", "0");
    let (_, keys) = room.named.iter().find(|(name, _)| name == "LOW").unwrap();
    let (id, secret) = keys.split_once(char::is_whitespace).unwrap();
    for (line, told) in [
        (
            "ec2 terminate-instances --instance-ids DEV",
            "what ec2-instance DEV is, is not known: aws answers AccessDenied",
        ),
        ("iam delete-user --user-name kim", "what iam-user kim is, is not known: aws answers AccessDenied"),
    ] {
        let mut command = room.agent(line);
        command.env("AWS_ACCESS_KEY_ID", id).env("AWS_SECRET_ACCESS_KEY", secret);
        let said = refused(&command.output().unwrap());
        assert!(said.contains(&room.filled(told)), "{line}: {said}");
        assert!(said.contains("rule resource/unknown-delete, critical"), "{line}: {said}");
        assert!(said.contains("user low\n"), "everybody may ask who they are: {said}");
        assert_eq!(decision(&room.world), "peer", "{line}");
    }
}

/// Keys of somebody who may do nothing.
const LOW: &str = "iam create-access-key --user-name low --query AccessKey.[AccessKeyId,SecretAccessKey] --output text > LOW";
