//! `tollgate rules`.

use serde_json::Value;

use crate::support::world::{FAULT, World, assert_code, text};

const OWN: &str = "version: 1
tools: [terraform]

rules:
  - id: terraform/plan-kept
    summary: Writes a plan, with every value in it, to a file.
    effect: disclose
    risk: medium
    match:
      command: plan
      flags:
        -out: { present: true }
    reason: a saved plan holds secrets in clear
    cases:
      match:
        - terraform plan -out=kept
      no_match:
        - terraform plan
";

#[test]
fn lists_every_rule_for_people_and_programs() {
    let world = World::new();
    let listed = world.tollgate(["rules", "list"]).output().unwrap();
    assert_code(&listed, 0);
    let shown = text(&listed.stdout);
    assert!(
        shown.lines().any(|line| line.starts_with("terraform/destroy ") && line.contains("critical")),
        "{shown}"
    );
    let listed = world.tollgate(["rules", "list", "--json"]).output().unwrap();
    let object: Value = serde_json::from_slice(&listed.stdout).unwrap();
    let rules = object["rules"].as_array().unwrap();
    assert_eq!((object["schema"].clone(), rules.len()), (1.into(), shown.lines().count()));

    let reads = world.tollgate(["rules", "list", "--effect", "read", "--json"]).output().unwrap();
    let reads: Value = serde_json::from_slice(&reads.stdout).unwrap();
    let reads = reads["rules"].as_array().unwrap();
    assert!(!reads.is_empty() && reads.len() < rules.len());
    assert!(reads.iter().all(|rule| rule["effects"].as_array().unwrap().contains(&"read".into())));

    let none = world.tollgate(["rules", "list", "--tool", "frobnicate"]).output().unwrap();
    assert_eq!(text(&none.stdout), "");
}

#[test]
fn layers_show_in_the_list() {
    let world = World::new();
    world.write("home/.config/tollgate/rules/own.yaml", OWN);
    let listed = world.tollgate(["rules", "list"]).output().unwrap();
    assert_code(&listed, 0);
    let shown = text(&listed.stdout);
    let line = shown.lines().find(|line| line.starts_with("terraform/plan-kept ")).unwrap();
    assert!(line.ends_with(" [user]"), "{line}");
}

#[test]
fn shows_one_rule_and_what_it_asks_for() {
    let world = World::new();
    let shown = world.tollgate(["rules", "show", "terraform/destroy"]).output().unwrap();
    assert_code(&shown, 0);
    let shown = text(&shown.stdout);
    assert!(shown.contains("- id: terraform/destroy\n"), "{shown}");
    assert!(!shown.contains("- id: terraform/apply"), "{shown}");
    assert!(
        shown.contains("#   human  confirm, peer\n") && shown.contains("#   agent  peer, peer\n"),
        "{shown}"
    );

    let missing = world.tollgate(["rules", "show", "terraform/destory"]).output().unwrap();
    assert_code(&missing, FAULT);
    let message = "tollgate: there is no rule `terraform/destory`, did you mean `terraform/destroy`?\n";
    assert_eq!(text(&missing.stderr), message);
}

#[test]
fn lints_and_tests_what_counts_here() {
    let world = World::new();
    for command in ["lint", "test"] {
        let checked = world.tollgate(["rules", command]).output().unwrap();
        assert_code(&checked, 0);
        assert!(text(&checked.stdout).contains("sound: "), "{checked:?}");
    }
    let tested = world.tollgate(["rules", "test"]).output().unwrap();
    assert!(text(&tested.stdout).lines().any(|line| line.starts_with("confirm  terraform/destroy ")));
}

#[test]
fn checks_a_file_that_is_given() {
    let world = World::new();
    world.write("network/own.yaml", OWN);
    let linted = world.tollgate(["rules", "lint", "own.yaml"]).output().unwrap();
    assert_code(&linted, 0);
    assert_eq!(text(&linted.stdout), "sound: 1 rule, 2 cases, 0 environments\n");
    let tested = world.tollgate(["rules", "test", "own.yaml"]).output().unwrap();
    assert_code(&tested, 0);
    assert!(text(&tested.stdout).starts_with("allow    terraform/plan-kept "), "{tested:?}");

    world.write("network/wrong.yaml", &OWN.replace("plan -out=kept", "plan -input=false"));
    world.write("network/broken.yaml", &OWN.replace("effect: disclose", "efect: disclose"));
    for file in ["wrong.yaml", "broken.yaml"] {
        for command in ["lint", "test"] {
            let checked = world.tollgate(["rules", command, file]).output().unwrap();
            assert_code(&checked, FAULT);
            let shown = text(&checked.stdout);
            assert!(
                shown.starts_with("rulebook error: ") && shown.contains(&format!("--> {file}:")),
                "{shown}"
            );
            assert!(shown.ends_with("found\n"), "{shown}");
        }
    }
    let missing = world.tollgate(["rules", "lint", "missing.yaml"]).output().unwrap();
    assert_code(&missing, FAULT);
    assert!(text(&missing.stdout).contains("there is no such file"), "{missing:?}");
}

#[test]
fn a_broken_layer_is_a_fault_of_every_command() {
    let world = World::new();
    world.write("network/.tollgate.yaml", "version: 1\npolcy: {}\n");
    for arguments in [&["rules", "list"][..], &["rules", "lint"], &["check", "--", "terraform", "plan"]] {
        let output = world.tollgate(arguments).output().unwrap();
        assert_code(&output, FAULT);
        assert!(text(&output.stderr).contains("did you mean `policy`?"), "{output:?}");
    }
}
