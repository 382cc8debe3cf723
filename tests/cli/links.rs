//! `tollgate shim`.

use std::fs;

use crate::support::world::{FAULT, MARKER, REFUSED, World, assert_code, assert_refused, text, tollgate};

const SHIMS: &str = "home/.local/share/tollgate/shims";

#[test]
fn installed_listed_used_and_removed() {
    let world = World::new();
    fs::remove_file(world.shim()).unwrap();
    let path = world.search(&[SHIMS, "bin"]);
    let run = |arguments: &[&str]| {
        let output = world.tollgate(arguments).env("PATH", &path).output().unwrap();
        assert_code(&output, 0);
        text(&output.stdout)
    };
    let others = ["kubectl", "helm"].map(|tool| world.path(SHIMS).join(tool));
    assert!(run(&["shim", "install", "terraform"]).starts_with("terraform: linked\n"));
    let link = world.path(SHIMS).join("terraform");
    assert_eq!(fs::canonicalize(&link).unwrap(), tollgate().canonicalize().unwrap());
    assert!(run(&["shim", "install", "terraform"]).starts_with("terraform: already linked\n"));
    assert!(others.iter().all(|link| !link.is_symlink()), "only what was asked for");
    let listed = run(&["shim", "list"]);
    assert!(listed.starts_with("terraform -> ") && listed.ends_with(": ready\n"), "{listed}");
    let listed: serde_json::Value = serde_json::from_str(&run(&["shim", "list", "--json"])).unwrap();
    assert_eq!(listed["links"][0]["state"], "ready");
    assert_eq!(listed["first_on_path"], true);

    let destroy = || {
        let mut shell = world.shell("terraform destroy; exit $?");
        shell.env("PATH", &path).env(MARKER.0, MARKER.1);
        shell
    };
    assert_refused(&world, &mut destroy());

    assert!(run(&["shim", "remove"]).starts_with("terraform: removed\n"));
    assert!(!link.is_symlink());
    assert!(run(&["shim", "list"]).starts_with("no links in "));
    world.stub("exit 4");
    assert_code(&destroy().output().unwrap(), 4);
    world.ran();
}

#[test]
fn an_open_shell_still_has_a_terraform_after_removal() {
    let world = World::new();
    fs::remove_file(world.shim()).unwrap();
    world.stub("exit 4");
    // The shell has used the link, and may remember it; `hash -r` is what the
    // command's output asks for.
    let script = "\"$TOLLGATE\" shim install terraform >/dev/null; terraform plan; echo $?\n\
        \"$TOLLGATE\" shim remove; hash -r; terraform destroy; echo $?";
    let mut bash = world.command("/bin/bash");
    let output = bash
        .args(["-c", script])
        .env("PATH", world.search(&[SHIMS, "bin"]))
        .env("TOLLGATE", tollgate())
        .output()
        .unwrap();
    let shown = text(&output.stdout);
    assert!(shown.starts_with("4\nterraform: removed\n") && shown.ends_with("4\n"), "{output:?}");
    assert!(shown.contains("run `hash -r`"), "{shown}");
    assert_eq!(world.runs().len(), 2);
}

#[test]
fn an_agent_may_not_take_the_links_away() {
    let world = World::new();
    let shims = world.path("shims");
    for words in [&["--dir", shims.to_str().unwrap()][..], &["--dir", shims.to_str().unwrap(), "terraform"]] {
        let mut remove = world.tollgate(["shim", "remove"]);
        let output = remove.args(words).env(MARKER.0, MARKER.1).output().unwrap();
        assert_eq!(output.status.code(), Some(REFUSED), "{output:?}");
        assert!(text(&output.stderr).contains("only a person can do that"), "{output:?}");
        assert!(world.shim().is_symlink());
    }
    let output = world.tollgate(["shim", "remove", "--dir", shims.to_str().unwrap()]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(!world.shim().is_symlink());
    assert_eq!(world.recorded("change")[0]["what"], "remove every shim");
}

#[test]
fn a_shim_whose_tollgate_is_gone_is_passed_over() {
    let world = World::new();
    let copy = world.program(tollgate(), "copy/tollgate");
    let path = world.search(&[SHIMS, "bin"]);
    let mut install = world.command(&copy);
    let output = install.args(["shim", "install", "terraform"]).env("PATH", &path).output().unwrap();
    assert_code(&output, 0);
    assert_eq!(fs::read_link(world.path(SHIMS).join("terraform")).unwrap(), copy);
    let mut shell = world.shell("terraform destroy; exit $?");
    shell.env("PATH", &path).env(MARKER.0, MARKER.1);
    assert_code(&shell.output().unwrap(), REFUSED);
    fs::remove_file(&copy).unwrap();
    let listed = world.tollgate(["shim", "list"]).env("PATH", &path).output().unwrap();
    assert!(text(&listed.stdout).contains("broken: that tollgate is gone"), "{listed:?}");
    world.assert_nothing_ran();
    assert_code(&shell.output().unwrap(), 0);
    world.ran();
}

#[test]
fn what_is_foreign_is_left_alone() {
    let world = World::new();
    let theirs = world.script(&format!("{SHIMS}/terraform"), "exit 0");
    let installed = world.tollgate(["shim", "install", "terraform"]).output().unwrap();
    assert_code(&installed, FAULT);
    assert!(text(&installed.stdout).starts_with("terraform: left alone: what is there is not a link\n"));
    assert_code(&world.tollgate(["shim", "remove", "terraform"]).output().unwrap(), FAULT);
    assert!(theirs.is_file());
}
