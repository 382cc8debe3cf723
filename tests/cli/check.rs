//! `tollgate check`, and usage errors.

use serde_json::Value;

use crate::support::world::{MARKER, World, assert_code, is_human, text};

fn verdict(world: &World, arguments: &[&str], code: i32) -> Value {
    let output = world.tollgate(["check", "--json"]).args(arguments).output().unwrap();
    assert_code(&output, code);
    world.assert_nothing_ran();
    serde_json::from_slice(&output.stdout).unwrap()
}

const DENIES: &str = "version: 1\npolicy:\n  destroy:\n    human: { ordinary: deny }\n";

#[test]
fn the_exit_code_is_the_decision() {
    let cases: &[(&[&str], i32)] = &[
        (&["--as", "human", "--", "terraform", "plan"], 0),
        (&["--as", "human", "--", "terraform", "destroy"], 10),
        (&["--as", "agent", "--", "terraform", "apply"], 10),
        (&["--as", "agent", "--", "terraform", "destroy"], 11),
        (&["--as", "human", "--env", "prod", "--", "terraform", "destroy"], 11),
    ];
    let world = World::new();
    for (arguments, code) in cases {
        for form in [&["check"][..], &["check", "--json"], &["check", "--explain"]] {
            let output = world.tollgate(form).args(*arguments).output().unwrap();
            assert_code(&output, *code);
            assert_eq!(text(&output.stderr), "");
            assert!(!output.stdout.is_empty());
        }
    }
    world.write("home/.config/tollgate/rules/own.yaml", DENIES);
    let output = world.tollgate(["check", "--as", "human", "--", "terraform", "destroy"]).output().unwrap();
    assert_code(&output, 12);
    assert!(text(&output.stdout).starts_with("deny: terraform destroy (rule terraform/destroy, critical)\n"));
    world.assert_nothing_ran();
    assert!(!world.state().exists(), "what is only checked is not recorded");
}

#[test]
fn the_verdict_has_every_key_of_the_contract() {
    let world = World::new();
    let verdict = verdict(
        &world,
        &["--as", "agent:robot", "--env", "prod", "--", "terraform", "destroy", "-no-color"],
        11,
    );
    assert_eq!(verdict["schema"], 1);
    assert_eq!(verdict["decision"], "peer");
    assert_eq!(verdict["risk"], "critical");
    assert_eq!(verdict["principal"]["kind"], "agent");
    assert_eq!(verdict["principal"]["name"], "robot");
    assert!(verdict["principal"]["evidence"].is_array());
    assert_eq!(verdict["environment"], "prod");
    assert!(verdict["notes"].is_array());
    let command = &verdict["commands"][0];
    assert_eq!(command["argv"], serde_json::json!(["terraform", "destroy", "-no-color"]));
    assert_eq!(command["tool"], "terraform");
    assert_eq!(command["command"], "destroy");
    assert_eq!(command["effect"], "destroy");
    assert_eq!(command["risk"], "critical");
    assert_eq!(command["decision"], "peer");
    assert_eq!(command["rules"][0], "terraform/destroy");
    assert_eq!(command["target"]["workspace"], "default");
    assert_eq!(command["target"]["directory"], world.project().to_str().unwrap());
    assert_eq!(command["reason"], "every resource in this workspace's state is deleted, with its data");
    assert_eq!(command["safer"], "terraform plan -destroy");
}

#[test]
fn without_assumptions_it_looks() {
    let world = World::new();
    let output =
        world.tollgate(["check", "--json", "--", "terraform", "apply"]).env(MARKER.0, MARKER.1).output();
    let seen: Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
    assert_eq!(seen["principal"]["name"], "claude-code");
    assert_eq!(seen["principal"]["evidence"], serde_json::json!([MARKER.0]));
    assert_eq!(seen["environment"], "unclassified");
    if is_human() {
        assert_eq!(verdict(&world, &["--", "terraform", "destroy"], 10)["principal"]["kind"], "human");
    }
}

#[test]
fn another_directory_is_another_target_and_another_project() {
    let world = World::new();
    world.write("live/.terraform/environment", "prod");
    let seen = verdict(&world, &["--as", "human", "--cwd", "../live", "--", "terraform", "destroy"], 11);
    assert_eq!(seen["environment"], "prod");
    assert_eq!(seen["commands"][0]["target"]["workspace"], "prod");
    world.write("live/.tollgate.yaml", DENIES);
    verdict(&world, &["--as", "human", "--cwd", "../live", "--", "terraform", "destroy"], 11);
    world.write(".tollgate.yaml", DENIES);
    verdict(&world, &["--as", "human", "--", "terraform", "destroy"], 12);
}

#[test]
fn wrong_usage_is_2_and_runs_nothing() {
    let world = World::new();
    let cases: &[&[&str]] = &[
        &[],
        &["no-such-command"],
        &["--no-such-flag"],
        &["check"],
        &["check", "terraform", "destroy"],
        &["check", "--"],
        &["check", "--", ""],
        &["check", "--as", "robot", "--", "terraform", "plan"],
        &["check", "--as", "agent:", "--", "terraform", "plan"],
        &["check", "--env", "no-such-environment", "--", "terraform", "plan"],
        &["check", "--cwd", "no-such-directory", "--", "terraform", "plan"],
        &["check", "--json", "--explain", "--", "terraform", "plan"],
        &["exec"],
        &["exec", "terraform", "plan"],
        &["exec", "--"],
        &["shim"],
        &["shim", "install", "no-such-tool"],
        &["init", "tcsh"],
        &["rules", "list", "--effect", "no-such-effect"],
        &["audit", "show", "--since", "whenever"],
        &["completions", "tcsh"],
    ];
    for arguments in cases {
        let output = world.tollgate(*arguments).output().unwrap();
        assert_code(&output, 2);
        assert_eq!(text(&output.stdout), "", "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
    world.assert_nothing_ran();
}

#[test]
fn help_and_version_are_no_errors() {
    let world = World::new();
    for arguments in
        [&["--help"][..], &["--version"], &["check", "--help"], &["man"], &["completions", "bash"]]
    {
        let output = world.tollgate(arguments).output().unwrap();
        assert_code(&output, 0);
        assert!(text(&output.stdout).contains("tollgate"), "{arguments:?}");
    }
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let world = World::new();
    let output = world
        .shell("{ \"$TOLLGATE\" rules list; echo code $? >&2; } | : read nothing")
        .env("TOLLGATE", crate::support::world::tollgate())
        .output()
        .unwrap();
    let shown = text(&output.stderr);
    assert!(!shown.contains("panicked") && !shown.contains("internal error"), "{shown}");
    assert!(shown.ends_with("code 0\n"), "{shown}");
}

#[test]
fn why_a_rule_does_not_match_is_explained_for_every_command_of_a_line() {
    let world = World::new();
    let explain = |arguments: &[&str]| {
        let output =
            world.tollgate(["check", "--explain", "--as", "human"]).args(arguments).output().unwrap();
        world.assert_nothing_ran();
        text(&output.stdout)
    };
    let one = explain(&["--", "kubectl", "scale", "deploy", "web", "--replicas=3"]);
    assert!(one.contains("no: flags: --replicas wanted at most 0, found `3`\n"), "{one}");
    let line =
        explain(&["-c", "X=1 terraform plan; cd x && kubectl scale deploy web --replicas=3; eval \"$Y\""]);
    // The same, below the command that it is about.
    let (_, considered) = one.split_once("\nrules considered\n").unwrap();
    let considered: Vec<String> = considered.lines().map(|line| format!("  {line}")).collect();
    let considered = format!("  rules considered\n{}\n", considered.join("\n"));
    assert!(line.contains(&considered), "{considered}\nis not in\n{line}");
    for expected in [
        "- allow: terraform plan (rule terraform/plan, low)\n",
        "    terraform/plan                       matches: read, low → allow\n",
        "- allow: kubectl scale deploy web --replicas=3 (rule kubectl/change, medium)\n",
        "    flag         --replicas 3\n",
        "    shell/unreadable                     matches: unknown, medium → allow\n",
    ] {
        assert!(line.contains(expected), "{expected}\nis not in\n{line}");
    }
    let brief = text(&world.tollgate(["check", "-c", "terraform plan"]).output().unwrap().stdout);
    assert_eq!(brief, "allow: terraform plan\n");
}
