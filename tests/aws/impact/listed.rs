//! What lines list by themselves: the objects that a dry run names, or that stand in a body.

use super::{Room, decision, refused};
use crate::support::world::{REFUSED, assert_code, text};

/// What is there: one object in `p` and twelve below `many` are not in the directory `objects`.
const SEED: &[&str] = &[
    "s3 mb s3://site",
    "s3 cp --recursive --quiet objects s3://site/p",
    "s3 cp --quiet objects/0 s3://site/p/old",
    "s3 cp --recursive --quiet objects s3://site/same",
    "s3 cp --recursive --quiet objects s3://site/many/a",
    "s3 cp --recursive --quiet objects s3://site/many/b",
    "s3 cp --recursive --quiet objects s3://site/many/c",
    "s3 cp --recursive --quiet objects s3://site/many/d",
    "s3 mb s3://live",
    "s3api put-bucket-tagging --bucket live --tagging 'TagSet=[{Key=Stage,Value=live}]'",
];

/// Lines of an agent, what is told of each, and what is decided.
const LISTED: &[(&str, &[&str], &str)] = &[
    (
        "s3 sync --delete objects s3://site/p",
        &["delete objects below site/p (1 object, not versioned)", "delete s3-object s3://site/p/old\n"],
        "confirm",
    ),
    ("s3 sync --delete --quiet objects s3://site/p", &["delete s3-object s3://site/p/old\n"], "confirm"),
    (
        "s3 sync objects s3://site/p --only-s --del --exclude x",
        &["delete s3-object s3://site/p/old\n"],
        "confirm",
    ),
    (
        "s3 sync --delete objects s3://site/many",
        &["site/many (12 objects", "s3-object s3://site/many/a/0\n", "delete 2 more\n"],
        "peer",
    ),
    (
        "s3 sync --delete s3://site/p .",
        &["delete objects below . (5 objects)", "delete file objects/2\n"],
        "confirm",
    ),
    (
        "s3 rm s3://site --recursive --exclude '*' --include 'p/o*' --quiet",
        &["delete s3-objects site (1 object, not versioned)", "delete s3-object s3://site/p/old\n"],
        "peer",
    ),
    (
        "s3 mv s3://site/p s3://site/q --recursive",
        &["move objects below site/p (4 objects, ", "move s3-object s3://site/p/0 to s3://site/q/0\n"],
        "confirm",
    ),
    (
        "s3 mv s3://site/p/0 s3://live/x",
        &["tag stage=live", "(1 object, not versioned)\n", "move s3-object s3://site/p/0 to s3://live/x\n"],
        "peer",
    ),
    ("s3 mv s3://live/gone s3://site/x", &["tag stage=live"], "peer"),
    ("s3 mv s3://site/p/old old", &["move s3-object s3://site/p/old to ./old\n"], "confirm"),
    (
        "s3 mv s3://site/p ../new --recursive",
        &["is not known: its dry run would make the directory that it moves to"],
        "confirm",
    ),
    (
        "s3api delete-objects --bucket site --delete '{\"Objects\": [{\"Key\": \"p/0\"}, {\"Key\": \"p/1\"}]}'",
        &["delete objects below site (2 objects, not versioned)", "delete s3-object p/1\n"],
        "confirm",
    ),
    (
        "s3api delete-objects --bucket site --delete file://missing.json",
        &["which objects below site it is about, is not known: "],
        "peer",
    ),
    (
        "s3api put-bucket-lifecycle-configuration --bucket live --lifecycle-configuration Rules=[{Status=Enabled,Expiration={Days=1}}]",
        &["expire objects of s3-bucket live (0 objects, not versioned, stage=live)"],
        "peer",
    ),
];

/// What an agent does every day, none of which is looked at.
const EVERYDAY: &[&str] = &[
    "s3 sync objects s3://site/up",
    "s3 cp objects/0 s3://site/up/x",
    "s3 mv objects/2 s3://site/up/y",
    "s3 sync --delete --dryrun objects s3://site/p",
    "s3 sync --delete s3://site/same ./copy",
];

#[test]
fn what_a_line_lists_is_told_and_judged() {
    let Some(room) = Room::new(SEED) else { return };
    let mut wrong = Vec::new();
    for (line, told, decided) in LISTED {
        let said = refused(&room.agent(line).output().unwrap());
        let decision = decision(&room.world);
        if told.iter().any(|told| !said.contains(told)) || decision != *decided {
            wrong.push(format!("{line}: {told:?}: {decision}, not {decided}\n{said}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(!room.world.path("new").exists(), "whoever looks makes nothing");
    for line in EVERYDAY {
        let output = room.agent(line).output().unwrap();
        assert_code(&output, 0);
        assert!(!text(&output.stderr).contains("tollgate"), "{line}");
    }
    assert!(!room.world.path("network/objects/2").exists(), "it was moved");
    // A look that cannot go all the way does not count what it saw.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    room.world.write("home/.config/tollgate/rules/own.yaml", "version: 1\npatience: 1\n");
    let mut command = room.agent("s3 sync --delete objects s3://site/p");
    command.env("AWS_ENDPOINT_URL", format!("http://{}", silent.local_addr().unwrap()));
    let output = command.output().unwrap();
    assert_code(&output, REFUSED);
    assert!(
        text(&output.stderr).contains("which objects below site/p it is about, is not known: "),
        "{output:?}"
    );
    assert_eq!(decision(&room.world), "peer");
}
