//! `tollgate audit`, over what the shim recorded.

use std::fs;

use crate::support::world::{World, assert_code, assert_refused, text};

#[test]
fn shows_and_exports_what_was_asked() {
    let world = World::new();
    let none = world.tollgate(["audit", "show"]).output().unwrap();
    assert_code(&none, 0);
    assert_eq!(text(&none.stdout), "no records\n");
    assert_refused(&world, &mut world.agent(["destroy", "-var", "password=hunter2"]));
    let shown = world.tollgate(["audit", "show"]).output().unwrap();
    assert_code(&shown, 0);
    let shown = text(&shown.stdout);
    assert!(shown.contains("(agent claude-code)  peer: refused"), "{shown}");
    assert!(shown.contains("\n    terraform destroy -var "), "{shown}");
    assert!(shown.contains("claude-code asks (CLAUDE_CODE_CHILD_SESSION)"), "{shown}");
    let exported = world.tollgate(["audit", "export"]).output().unwrap();
    assert_code(&exported, 0);
    let exported = text(&exported.stdout);
    assert_eq!(exported.lines().count(), 2);
    for kept in [shown, exported] {
        assert!(!kept.contains("hunter2"), "a secret is not kept: {kept}");
    }
    let later = world.tollgate(["audit", "show", "--since", "2999-01-01"]).output().unwrap();
    assert_eq!(text(&later.stdout), "no records\n");
}

#[test]
fn an_edited_record_is_found() {
    let world = World::new();
    assert_refused(&world, &mut world.agent(["destroy"]));
    assert_refused(&world, &mut world.agent(["apply"]));
    world.assert_intact();
    let directory = world.state().join("audit");
    let mut edited = 0;
    for file in fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
        let before = fs::read_to_string(&file).unwrap();
        let after = before.replace("claude-code", "nobody");
        edited += usize::from(before != after);
        fs::write(&file, after).unwrap();
    }
    assert_eq!(edited, 1);
    let verified = world.tollgate(["audit", "verify"]).output().unwrap();
    assert_code(&verified, 1);
    assert!(text(&verified.stdout).contains("the hash does not match"), "{verified:?}");
}
