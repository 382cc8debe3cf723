//! A rulebook that cannot be read whole lets nothing run.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use nix::unistd::{Uid, chown};

use crate::support::world::{FAULT, World, assert_code, text, tollgate};

const USER: &str = "home/.config/tollgate/rules/own.yaml";
const PROJECT_FILE: &str = "network/.tollgate.yaml";

fn stable(world: &World, text: &str) -> String {
    text.replace(world.path("").to_str().unwrap().trim_end_matches('/'), "[WORLD]")
}

#[test]
fn a_broken_rulebook_is_shown_where_it_is_broken() {
    let world = World::new();
    world.write(USER, "version: 1\npolicy:\n  destroy:\n    humna: { ordinary: allow }\n");
    let output = world.terraform(["version"]).output().unwrap();
    assert_code(&output, FAULT);
    assert_eq!(text(&output.stdout), "");
    insta::assert_snapshot!(stable(&world, &text(&output.stderr)), @r"
    tollgate: rulebook error: unknown field `humna`, expected `human` or `agent`
     --> [WORLD]/home/.config/tollgate/rules/own.yaml:4:5
      |
    4 |     humna: { ordinary: allow }
      |     ^^^^^
    help: did you mean `human`?
    nothing ran: mend the file or move it away; `tollgate rules lint` checks it
    ");
    world.assert_nothing_ran();
}

#[test]
fn any_fault_in_any_layer_stops_everything() {
    let faults = [
        ("version: 1\npolcy: {}\n", ":2:1\n"),
        ("version: 2\n", ":1:"),
        ("version: 1\nrules: [\n", ":"),
        ("\u{0}\u{1}", ""),
        ("version: 1\ntools: [terraform]\nrules:\n  - id: x\n", ""),
    ];
    for (fault, place) in faults {
        for file in [USER, PROJECT_FILE] {
            for arguments in [["version"], ["plan"], ["destroy"]] {
                let world = World::new();
                let path = world.write(file, fault);
                for mut command in [world.terraform(arguments), world.agent(arguments)] {
                    let output = command.output().unwrap();
                    assert_code(&output, FAULT);
                    let shown = text(&output.stderr);
                    assert!(shown.starts_with("tollgate: rulebook error: "), "{shown}");
                    assert!(shown.contains(&format!("{}{place}", path.display())), "{shown}");
                }
                world.assert_nothing_ran();
            }
        }
    }
}

#[test]
fn a_rulebook_that_cannot_be_opened_stops_everything() {
    let world = World::new();
    std::fs::create_dir_all(world.path(USER)).unwrap();
    assert_code(&world.terraform(["version"]).output().unwrap(), FAULT);
    let world = World::new();
    world.write("home/.config/tollgate/rules", "not a directory");
    assert_code(&world.terraform(["version"]).output().unwrap(), FAULT);
    world.assert_nothing_ran();
}

#[test]
fn a_project_above_counts_and_one_outside_the_repository_does_not() {
    let world = World::new();
    let broken = "version: 1\npolcy: {}\n";
    world.write("network/sub/main.tf", "");
    world.write(PROJECT_FILE, broken);
    let mut below = world.terraform(["version"]);
    assert_code(&below.current_dir(world.path("network/sub")).output().unwrap(), FAULT);
    world.assert_nothing_ran();
    let changed = ["-chdir=network".into(), std::ffi::OsString::from("version")];
    assert_code(&world.terraform(changed).current_dir(world.path("")).output().unwrap(), FAULT);
    world.assert_nothing_ran();
    std::fs::create_dir(world.path("network/sub/.git")).unwrap();
    assert_code(&below.output().unwrap(), 0);
    world.ran();
}

#[test]
fn an_argument_that_no_program_can_get_never_runs() {
    let world = World::new();
    // The environment's words are split like terraform does it; what cannot
    // be split is no command.
    let output = world.terraform(["plan"]).env("TF_CLI_ARGS", "'unclosed").output().unwrap();
    assert_code(&output, FAULT);
    assert!(text(&output.stderr).starts_with("tollgate: "), "{output:?}");
    world.assert_nothing_ran();
}

/// As `su -m` and a container's `--user` leave it.
#[test]
fn a_home_of_somebody_else_holds_no_rules_of_this_user() {
    if !Uid::effective().is_root() {
        eprintln!("only root can become another user: not tried");
        return;
    }
    let room =
        tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o755)).tempdir_in("/tmp").unwrap();
    let program = room.path().join("tollgate");
    fs::copy(tollgate(), &program).unwrap();
    let nobody = Uid::from_raw(65_534);
    let checked = |home: &str, closed: &str, owner: Uid| {
        let (home, closed) = (room.path().join(home), room.path().join(closed));
        fs::create_dir_all(home.join(".config")).unwrap();
        chown(&home, Some(owner), None).unwrap();
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
        let mut command = Command::new(&program);
        command.args(["check", "--as", "agent", "--", "terraform", "version"]).current_dir(room.path());
        command.env_clear().env("HOME", &home).uid(nobody.as_raw()).gid(nobody.as_raw());
        command.output().unwrap()
    };
    let output = checked("roots", "roots", Uid::from_raw(0));
    assert_code(&output, 0);
    assert!(text(&output.stdout).starts_with("allow: terraform version"), "{output:?}");
    // What is the user's own, or stands in it, may have rules.
    for closed in ["own", "own2/.config"] {
        let output = checked(closed.split('/').next().unwrap(), closed, nobody);
        assert_code(&output, FAULT);
        assert!(text(&output.stderr).contains("cannot be read"), "{output:?}");
    }
}
