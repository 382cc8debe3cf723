//! What somebody has to agree to: the very plan that they saw is applied, once, and nothing of it
//! stays.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use super::{CONFIGURATION, Ground, RULES};
use crate::approval::room::Room;
use crate::support::world::{PROJECT, REFUSED, assert_code, is_human, text};

/// How tollgate's question ends.
const NAME: &str = "to run it: ";

/// Terraform's question.
const AGAIN: &str = "Enter a value";

const ONE: &str = "{default: {quorum: 1, groups: [sre]}}";

#[test]
fn a_human_is_asked_once_and_the_plan_is_applied() {
    if !is_human() {
        return;
    }
    let Some(ground) = Ground::applied() else { return };
    let mut terminal = ground.terminal(&["apply", "-no-color", "-var=v=2"]).start();
    let shown = terminal.expect(NAME);
    assert!(shown.contains("terraform_data.env must be replaced"), "{shown}");
    assert!(shown.contains("plan sha256:"), "{shown}");
    // Who edits the configuration now changes nothing.
    ground.configure("");
    terminal.send_line(PROJECT);
    let (rest, code) = terminal.wait();
    assert_eq!(code, 0, "{rest}");
    assert!(rest.contains("Resources: 1 added, 0 changed, 1 destroyed."), "{rest}");
    assert!(!shown.contains(AGAIN) && !rest.contains(AGAIN), "{shown}{rest}");
    assert!(ground.kept().is_empty());
    assert_eq!(ground.world.recorded("exec").len(), 1);
}

#[test]
fn who_declines_leaves_nothing_behind() {
    if !is_human() {
        return;
    }
    let Some(ground) = Ground::applied() else { return };
    let before = ground.state();
    for answer in ["\n", "\u{3}", "yes\n"] {
        let words = ["apply", "-no-color", "-var=v=2", "-var-file=/dev/null"];
        let mut terminal = ground.terminal(&words).env("TF_VAR_password", "hunter2hunter2").start();
        terminal.expect(NAME);
        terminal.send(answer);
        assert_eq!(terminal.wait().1, REFUSED, "{answer:?}");
        assert_eq!(ground.state(), before);
        assert_eq!(ground.files_with("hunter2hunter2"), Vec::<&Path>::new(), "{answer:?}");
    }
}

#[test]
fn what_is_denied_leaves_nothing_behind() {
    let Some(ground) = Ground::applied() else { return };
    let denied = RULES.replace("    reason:", "    require: deny\n    reason:");
    ground.world.write("home/.config/tollgate/rules/own.yaml", &denied);
    let output = ground
        .agent(["apply", "-auto-approve", "-var=v=2"])
        .env("TF_VAR_password", "hunter2hunter2")
        .output();
    assert_code(&output.unwrap(), REFUSED);
    assert_eq!(ground.files_with("hunter2hunter2"), Vec::<&Path>::new());
}

/// What is asked for is kept, for the user alone, until it is cancelled.
#[test]
fn what_waits_is_kept_where_nobody_else_reads_it() {
    let Some(ground) = Ground::applied() else { return };
    let output = ground
        .agent(["apply", "-auto-approve", "-var=v=2"])
        .env("TF_VAR_password", "hunter2hunter2")
        .output();
    assert_code(&output.unwrap(), REFUSED);
    let [plan] = ground.kept().try_into().unwrap();
    assert_eq!(fs::metadata(&plan).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(ground.files_with("hunter2hunter2"), std::slice::from_ref(&plan));
    let id = plan.file_stem().unwrap().to_str().unwrap();
    assert_code(&ground.world.tollgate(["request", "cancel", id]).output().unwrap(), 0);
    assert_eq!(ground.files_with("hunter2hunter2"), Vec::<&Path>::new());
}

#[test]
fn a_saved_plan_that_is_swapped_while_it_is_asked_about_is_not_applied() {
    if !is_human() {
        return;
    }
    let Some(ground) = Ground::applied() else { return };
    ground.real(["plan", "-var=v=2", "-out=one.tfplan"]);
    ground.real(["plan", "-destroy", "-out=other.tfplan"]);
    let mut terminal = ground.terminal(&["apply", "-no-color", "one.tfplan"]).start();
    terminal.expect(NAME);
    let project = ground.world.project();
    fs::rename(project.join("other.tfplan"), project.join("one.tfplan")).unwrap();
    terminal.send_line(PROJECT);
    let (rest, code) = terminal.wait();
    assert_eq!(code, 0, "{rest}");
    assert!(rest.contains("Resources: 1 added, 0 changed, 1 destroyed."), "{rest}");
}

/// Terraform's own words, and what to do then.
#[test]
fn a_plan_that_is_stale_says_what_comes_next() {
    if !is_human() {
        return;
    }
    let Some(ground) = Ground::applied() else { return };
    ground.real(["plan", "-var=v=2", "-out=one.tfplan"]);
    ground.real(["workspace", "new", "other"]);
    let run = |words: &[&str], name: &str| {
        let mut terminal = ground.terminal(words).start();
        terminal.expect(NAME);
        terminal.send_line(name);
        terminal.wait()
    };
    let (elsewhere, code) = run(&["apply", "-no-color", "one.tfplan"], "other");
    assert_eq!(code, 1, "{elsewhere}");
    assert!(elsewhere.contains("save a new plan, which has to be approved anew"), "{elsewhere}");
    ground.real(["workspace", "select", "default"]);
    assert_eq!(run(&["apply", "-no-color", "one.tfplan"], PROJECT).1, 0);
    let (twice, code) = run(&["apply", "-no-color", "one.tfplan"], PROJECT);
    assert_eq!(code, 1, "{twice}");
    assert!(twice.contains("Saved plan is stale"), "{twice}");
    assert!(twice.contains("save a new plan, which has to be approved anew"), "{twice}");
}

/// A room whose terraform is the real one, with the resource made in `prod`.
fn room() -> Option<(Room, Ground)> {
    let room = is_human().then(|| Room::new(ONE)).flatten()?;
    let ground = Ground::new()?;
    let list = "home/.config/tollgate/approvers.yaml";
    ground.world.write(list, &fs::read_to_string(room.world.path(list)).unwrap());
    let mut made = ground.quiet(ground.world.command(&ground.terraform));
    assert_code(&made.args(["apply", "-auto-approve"]).env("TF_WORKSPACE", "prod").output().unwrap(), 0);
    Some((room, ground))
}

fn replacing(ground: &Ground) -> Command {
    let mut command = ground.human(["apply", "-auto-approve", "-no-color", "-var=v=2"]);
    command.env("TF_WORKSPACE", "prod");
    command
}

fn state(ground: &Ground) -> String {
    fs::read_to_string(ground.world.project().join("terraform.tfstate.d/prod/terraform.tfstate")).unwrap()
}

/// Asks, and is refused; the request that waits with its plan, and what was said.
#[track_caller]
fn asked(command: &mut Command, ground: &Ground) -> (std::path::PathBuf, String) {
    let before = ground.kept();
    let output = command.output().unwrap();
    assert_code(&output, REFUSED);
    let mut kept = ground.kept();
    kept.retain(|plan| !before.contains(plan));
    let [plan] = kept.try_into().unwrap_or_else(|kept| panic!("{kept:?} {}", text(&output.stderr)));
    (plan.with_extension("request"), text(&output.stderr))
}

#[test]
fn a_second_person_approves_one_plan_for_one_run() {
    let Some((room, ground)) = room() else { return };
    let before = state(&ground);
    let (request, said) = asked(&mut replacing(&ground), &ground);
    assert!(said.contains("terraform_data.env"), "{said}");
    let signed = fs::read_to_string(&request).unwrap();
    assert!(signed.contains("plan:sha256:"), "{signed}");
    let signature = room.sign("bob", &request);
    let again = replacing(&ground).output().unwrap();
    assert_code(&again, REFUSED);
    assert_eq!(ground.kept().len(), 1, "what waits is used again");
    assert!(text(&again.stderr).contains("nothing is found out anew"), "{again:?}");
    assert_eq!(state(&ground), before);

    let ran = replacing(&ground).env("TOLLGATE_TOKEN", &signature).output().unwrap();
    assert_code(&ran, 0);
    let shown = text(&ran.stdout);
    assert!(shown.contains("Resources: 1 added, 0 changed, 1 destroyed."), "{shown}");
    assert!(ground.kept().is_empty());
    let replay = replacing(&ground).env("TOLLGATE_TOKEN", &signature).output().unwrap();
    assert_code(&replay, 0);
    assert!(text(&replay.stdout).contains("No changes."), "there is nothing left to agree to: {replay:?}");
    let mut back = ground.human(["apply", "-auto-approve", "-no-color", "-var=v=1"]);
    let back = back.env("TF_WORKSPACE", "prod").env("TOLLGATE_TOKEN", &signature).output().unwrap();
    assert_code(&back, REFUSED);
}

#[test]
fn what_changed_in_between_needs_another_approval() {
    let Some((room, ground)) = room() else { return };
    let (request, _) = asked(&mut replacing(&ground), &ground);
    let signature = room.sign("bob", &request);
    ground.configure(&format!("{CONFIGURATION}\nresource \"terraform_data\" \"more\" {{}}\n"));
    let (next, said) = asked(replacing(&ground).env("TOLLGATE_TOKEN", &signature), &ground);
    assert!(said.contains("is out of date: what it reads has changed: main.tf"), "{said}");
    assert_ne!(next, request);

    let signature = room.sign("bob", &next);
    let mut other = ground.quiet(ground.world.command(&ground.terraform));
    other.args(["apply", "-auto-approve", "-var=input=other"]).env("TF_WORKSPACE", "prod");
    assert_code(&other.output().unwrap(), 0);
    let before = state(&ground);
    let output = replacing(&ground).env("TOLLGATE_TOKEN", &signature).output().unwrap();
    assert!(!output.status.success(), "{output:?}");
    assert_eq!(state(&ground), before);
    let said = text(&output.stderr);
    assert!(said.contains("is out of date") || said.contains("Saved plan is stale"), "{said}");
    assert!(said.contains("run it again for a new plan") || said.contains("request "), "{said}");
}
