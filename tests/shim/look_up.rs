//! Which program is run in the end.

use std::fs;
use std::os::unix::fs::symlink;

use crate::support::world::{FAULT, World, assert_code, assert_refused, text, tollgate};

const NOT_FOUND: i32 = 127;

#[test]
fn a_wrapper_that_looks_for_the_tool_on_path_is_a_real_tool() {
    let world = World::new();
    // As pyenv's and rbenv's do: behind the wrapper's directory on PATH.
    world.script(
        "wrappers/terraform",
        &format!("PATH='{}'; exec terraform \"$@\"", world.search(&["bin"]).to_str().unwrap()),
    );
    let path = world.search(&["shims", "wrappers", "bin"]);
    let output = world.terraform(["plan"]).env("PATH", path).output().unwrap();
    assert_code(&output, 0);
    assert_eq!(world.ran().arguments, ["plan"]);
}

#[test]
fn a_wrapper_that_meets_the_shim_again_gets_through() {
    let world = World::new();
    let inner = world.search(&["shims", "bin"]);
    world.script("wrappers/terraform", &format!("PATH='{}' exec terraform \"$@\"", inner.to_str().unwrap()));
    let path = world.search(&["shims", "wrappers", "bin"]);
    let output = world.terraform(["plan"]).env("PATH", path).output().unwrap();
    assert_code(&output, 0);
    assert_eq!(world.ran().variable("TOLLGATE_DEPTH").unwrap(), "2");
}

#[test]
fn a_wrapper_that_leads_back_for_ever_ends() {
    let world = World::new();
    world.stub_at("wrappers/terraform", "exec terraform \"$@\"");
    let path = world.search(&["shims", "wrappers"]);
    let output = world.terraform(["plan"]).env("PATH", &path).output().unwrap();
    assert_code(&output, FAULT);
    assert_eq!(world.runs().len(), 8);
    assert!(text(&output.stderr).starts_with("tollgate: terraform calls itself through tollgate 8 times"));

    // A caller that counts for itself only ends sooner.
    let output = world.terraform(["plan"]).env("PATH", path).env("TOLLGATE_DEPTH", "8").output().unwrap();
    assert_code(&output, FAULT);
    assert_eq!(world.runs().len(), 8);
}

#[test]
fn no_other_tollgate_is_taken_for_the_tool() {
    let world = World::new();
    world.program(tollgate(), "copies/terraform");
    world.program(tollgate(), "builds/tollgate-2");
    fs::create_dir(world.path("links")).unwrap();
    symlink(world.path("builds/tollgate-2"), world.path("links/terraform")).unwrap();

    let path = world.search(&["shims", "shims", "copies", "links", "shims", "bin"]);
    let output = world.terraform(["plan"]).env("PATH", &path).output().unwrap();
    assert_code(&output, 0);
    assert_eq!(world.ran().variable("TOLLGATE_DEPTH").unwrap(), "1", "no other tollgate ran in between");

    let world_without = world.search(&["shims", "shims", "copies", "links"]);
    let output = world.terraform(["plan"]).env("PATH", world_without).output().unwrap();
    assert_code(&output, NOT_FOUND);
    assert_eq!(text(&output.stderr), "tollgate: the real terraform is not on PATH (skipped 4 tollgates)\n");
    assert_eq!(world.runs().len(), 1);
}

#[test]
fn the_other_build_judges_too() {
    let world = World::new();
    let mut command = world.command(world.program(tollgate(), "copies/terraform"));
    command.arg("destroy").env("CLAUDE_CODE_CHILD_SESSION", "1");
    assert!(assert_refused(&world, &mut command).starts_with("tollgate: refused: terraform destroy"));
}

#[test]
fn an_empty_entry_is_the_working_directory() {
    let world = World::new();
    world.stub_at("network/terraform", "exit 4");
    let output = world.terraform(["plan"]).env("PATH", world.search(&["shims", "", "bin"])).output().unwrap();
    assert_code(&output, 4);
    world.ran();
}

#[test]
fn without_a_real_tool_the_code_is_127() {
    let world = World::new();
    fs::remove_file(world.path("bin/terraform")).unwrap();
    fs::create_dir(world.path("bin/terraform")).unwrap();
    for arguments in [["plan"], ["version"]] {
        let output = world.terraform(arguments).output().unwrap();
        assert_code(&output, NOT_FOUND);
        assert_eq!(text(&output.stdout), "");
        assert_eq!(
            text(&output.stderr),
            "tollgate: the real terraform is not on PATH (skipped 1 tollgate)\n"
        );
    }
    let output = world.terraform(["plan"]).env_remove("PATH").output().unwrap();
    assert_code(&output, NOT_FOUND);
    assert_eq!(text(&output.stderr), "tollgate: PATH is not set, so the real terraform cannot be found\n");
}

#[test]
fn a_tool_that_no_rule_speaks_of_is_not_judged() {
    let world = World::new();
    symlink(tollgate(), world.path("shims/frobnicate")).unwrap();
    world.stub_at("bin/frobnicate", "exit 3");
    let mut command = world.command(world.path("shims/frobnicate"));
    let output = command.args(["destroy", "everything"]).output().unwrap();
    assert_code(&output, 3);
    assert_eq!(world.ran().arguments, ["destroy", "everything"]);
}
