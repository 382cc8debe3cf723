//! What was found when somebody agreed is what is there when it runs.

use super::{Room, refused, surroundings};
use crate::support::pty::PtyCommand;
use crate::support::world::{REFUSED, is_human, text, tollgate};

const LINES: [&str; 2] = ["s3 rm s3://full/logs --recursive", "s3 sync void s3://full --delete"];

const SEED: [&str; 2] = ["s3 mb s3://full", "s3 cp --quiet objects/0 s3://full/logs/0"];

/// A room with a bucket and nothing to fill it with.
fn room() -> Option<Room> {
    let room = Room::new(&SEED).filter(|_| is_human())?;
    std::fs::create_dir(room.world.path("network/void")).unwrap();
    Some(room)
}

fn add(room: &Room) {
    let added = room.agent("s3 cp --quiet objects/1 s3://full/logs/1").output().unwrap();
    assert_eq!(added.status.code(), Some(0), "{}", text(&added.stderr));
}

/// What is left in the bucket.
fn left(room: &Room) -> usize {
    let listed = room.agent("s3 ls --recursive s3://full").output().unwrap();
    text(&listed.stdout).lines().count()
}

#[test]
fn what_was_approved_is_not_run_on_more() {
    for line in LINES {
        let Some(room) = room() else { return };
        refused(&room.agent(line).output().unwrap());
        let requested = room.world.recorded("requested");
        let id = requested.last().unwrap()["req"].as_str().unwrap().to_owned();
        let approving = room.world.in_terminal(PtyCommand::new(tollgate()).args(["approve", &id]));
        let mut terminal = approving.start();
        let asked = terminal.expect("to let it run once: ");
        terminal.send_line(asked.rsplit('`').nth(1).unwrap());
        assert_eq!(terminal.wait().1, 0);
        add(&room);
        let said = refused(&room.agent(line).output().unwrap());
        assert!(said.contains("what it would act on is not what it was"), "{line}: {said}");
        assert_eq!(left(&room), 2, "{line}: {said}");
        // As it was approved.
        let removed = PtyCommand::new(room.world.path("bin/aws")).args(["s3", "rm", "s3://full/logs/1"]);
        let removed = room.world.in_terminal(removed);
        let removed =
            surroundings(room.moto.url()).iter().fold(removed, |one, (name, value)| one.env(*name, *value));
        assert_eq!(removed.start().wait().1, 0);
        let ran = room.agent(line).output().unwrap();
        assert_eq!((ran.status.code(), left(&room)), (Some(0), 0), "{line}: {}", text(&ran.stderr));
    }
}

#[test]
fn a_humans_yes_is_not_run_on_more() {
    for line in LINES {
        let Some(room) = room() else { return };
        let words: Vec<&str> = line.split(' ').collect();
        let start = room.world.in_terminal(PtyCommand::new(room.world.path("shims/aws")).args(&words));
        let start =
            surroundings(room.moto.url()).iter().fold(start, |one, (name, value)| one.env(*name, *value));
        let mut terminal = start.start();
        let asked = terminal.expect("to run it: ");
        add(&room);
        terminal.send_line(asked.rsplit('`').nth(1).unwrap());
        let (said, code) = terminal.wait();
        assert!(said.contains("what it would act on is not what it was while this waited"), "{line}: {said}");
        assert_eq!((code, left(&room)), (REFUSED, 2), "{line}: {said}");
    }
}
