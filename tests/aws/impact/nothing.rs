//! Lines that would delete nothing: they pass, and cannot delete.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use super::{Room, decision, refused, surroundings};
use crate::support::pty::PtyCommand;
use crate::support::world::{assert_code, is_human, text};

/// What is there: `same` has what the directory `objects` has, `more` one object beside.
const SEED: &[&str] = &[
    "s3 mb s3://site",
    "s3 cp --recursive --quiet objects s3://site/same",
    "s3 cp --recursive --quiet objects s3://site/more",
    "s3 cp --quiet objects/0 s3://site/more/old",
    "s3 mb s3://live",
    "s3api put-bucket-tagging --bucket live --tagging 'TagSet=[{Key=Stage,Value=live}]'",
];

/// Lines of an agent that would delete nothing, with aws's own exit code and words.
const PASSES: &[(&str, i32, &str)] = &[
    ("s3 sync objects s3://site/same --size-only --delete", 0, ""),
    ("s3 sync objects s3://site/new --quiet --del", 0, ""),
    ("s3 --delet sync objects s3://site/first --delete", 0, "upload: objects/0 to s3://site/first/0"),
    ("s3 sync --delete objects s3://none", 1, "NoSuchBucket"),
    ("s3 sync --delete dist s3://site/more", 255, "The user-provided path dist does not exist."),
    ("s3 sync --delete s3://site/same ../fresh", 0, "download: s3://site/same/0 to ../fresh/0"),
    ("s3 sync --delete s3://site/same ../fresh --size-only", 0, ""),
    ("s3 rm s3://site --recursive --exclude '*' --include 'gone/*'", 0, ""),
];

/// Lines that are stopped: something would be deleted, the place is guarded, or what they are
/// without their switch is not certain.
const STOPPED: &[(&str, &str, &str)] = &[
    ("s3 sync objects s3://site/more --del", "delete s3-object s3://site/more/old\n", "confirm"),
    ("s3 sync objects s3://live --delete", "delete nothing: there is nothing to delete", "peer"),
    ("deploy", "note:     nothing is listed now, but how to run this so that it cannot delete", "confirm"),
    ("s3 rm s3://none --recursive --exclude x", "s3-objects none is not there", "peer"),
    (
        "s3 rm s3://site --recursive --exclude '*' --include more/old",
        "delete s3-object s3://site/more/old\n",
        "peer",
    ),
];

#[test]
fn what_would_delete_nothing_passes() {
    let Some(room) = Room::new(SEED) else { return };
    room.world.write("home/.aws/cli/alias", "[toplevel]\ndeploy = s3 sync objects s3://site/same --delete\n");
    for (line, told, decided) in STOPPED {
        let said = refused(&room.agent(line).output().unwrap());
        assert!(said.contains(told), "{line}: {said}");
        assert_eq!(decision(&room.world), *decided, "{line}: {said}");
    }
    let before = room.world.recorded("decision").len();
    for (line, code, told) in PASSES {
        let output = room.agent(line).output().unwrap();
        let said = text(&output.stdout) + &text(&output.stderr);
        assert_eq!(output.status.code(), Some(*code), "{line}: {said}");
        assert!(said.contains(told) && !said.contains("tollgate"), "{line}: {said}");
        assert!(!told.is_empty() || said.is_empty(), "{line}: {said}");
    }
    assert_eq!(room.world.recorded("decision").len(), before, "what passes is not recorded");
    let listed = room.agent("s3 ls --recursive s3://site").output().unwrap();
    let listed = text(&listed.stdout);
    assert!(listed.contains(" new/0\n") && listed.contains(" more/old\n"), "{listed}");
}

#[test]
fn what_comes_after_the_look_stays() {
    let Some(room) = Room::new(SEED) else { return };
    let aws = room.world.path("bin/aws").canonicalize().unwrap();
    let log = room.world.path("ran");
    // Right before the line itself runs, something is put there.
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in\n*--dryrun*) ;;\n's3 sync'*) echo \"$*\" >> {log}\n\
         {aws} s3 cp --quiet objects/0 s3://site/same/late ;;\nesac\nexec {aws} \"$@\"\n",
        log = log.display(),
        aws = aws.display(),
    );
    std::fs::remove_file(room.world.path("bin/aws")).unwrap();
    room.world.write("bin/aws", &script);
    std::fs::set_permissions(room.world.path("bin/aws"), Permissions::from_mode(0o755)).unwrap();
    let line = "s3 sync objects s3://site/same --exclude x --delete --size-only";
    assert_code(&room.agent(line).output().unwrap(), 0);
    let ran = std::fs::read_to_string(log).unwrap();
    assert_eq!(ran, "s3 sync objects s3://site/same --exclude x --size-only\n");
    let listed = room.agent("s3 ls s3://site/same/late").output().unwrap();
    assert!(text(&listed.stdout).contains("late"), "{listed:?}");
    let said = refused(&room.agent(line).output().unwrap());
    assert!(said.contains("delete s3-object s3://site/same/late\n"), "{said}");
}

#[test]
fn a_human_is_not_asked_about_nothing() {
    let Some(room) = Room::new(&SEED[..2]).filter(|_| is_human()) else { return };
    let words = ["s3", "sync", "objects", "s3://site/same", "--delete", "--size-only"];
    let start = room.world.in_terminal(PtyCommand::new(room.world.path("shims/aws")).args(words));
    let start = surroundings(room.moto.url()).iter().fold(start, |one, (name, value)| one.env(*name, *value));
    assert_eq!(start.start().wait(), (String::new(), 0));
}
