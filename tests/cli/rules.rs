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
    assert_eq!(text(&none.stderr), "tollgate: no rule speaks of frobnicate\n");
}

#[test]
fn the_operations_of_aws_are_listed_where_they_are_asked_for() {
    let world = World::new();
    let all = world.tollgate(["rules", "list"]).output().unwrap();
    assert!(!text(&all.stdout).contains("aws/ec2/"));
    assert!(text(&all.stderr).contains("operations of aws: rules list --tool aws"), "{}", text(&all.stderr));
    let listed = world.tollgate(["rules", "list", "--tool", "aws", "--effect", "destroy"]).output().unwrap();
    let shown = text(&listed.stdout);
    assert!(shown.lines().any(|line| line.starts_with("aws/ec2/terminate-instances ")), "{shown}");
    assert!(shown.lines().any(|line| line.starts_with("aws/s3-sync-delete ")), "{shown}");
    assert!(!shown.contains("aws/ec2/describe-instances ") && !shown.contains("terraform/"));
}

#[test]
fn an_operation_of_aws_is_explained() {
    let world = World::new();
    let show = |id: &str| world.tollgate(["rules", "show", id]).output().unwrap();
    let shown = text(&show("aws/s3/sync").stdout);
    for line in [
        "# aws s3 sync (rules/aws-operations.tsv, built in layer)",
        "effect:   write",
        "note:     --dryrun makes it a rehearsal",
        "docs:     https://docs.aws.amazon.com/cli/latest/reference/s3/sync.html",
        "aws/s3-sync-delete: destroy, high",
        "#   agent  allow, peer",
    ] {
        assert!(shown.lines().any(|one| one == line), "{line}:\n{shown}");
    }
    let key = text(&show("aws/kms/schedule-key-deletion").stdout);
    assert!(
        key.contains("risk:     critical") && key.contains("source:   rules/aws-overrides.yaml"),
        "{key}"
    );
    let wait = text(&show("aws/ec2/wait/instance-running").stdout);
    assert!(wait.contains("effect:   read") && wait.contains("a waiter only asks"), "{wait}");
    let wrong = show("aws/s3/sink");
    assert_code(&wrong, 2);
    assert!(text(&wrong.stderr).contains("did you mean `aws/s3/sync`?"), "{}", text(&wrong.stderr));
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
    assert_code(&missing, 2);
    let message = "error: there is no rule `terraform/destory`, did you mean `terraform/destroy`?\n";
    assert_eq!(text(&missing.stderr), message);
}

#[test]
fn lints_and_tests_what_counts_here() {
    let world = World::new();
    let checked = ["lint", "test"].map(|command| {
        let checked = world.tollgate(["rules", command]).output().unwrap();
        assert_code(&checked, 0);
        assert!(text(&checked.stdout).contains("sound: "), "{checked:?}");
        text(&checked.stdout)
    });
    let tested = &checked[1];
    assert!(tested.lines().any(|line| line.starts_with("ok    rules/terraform.yaml: ")), "{tested}");
    assert!(!tested.contains("terraform/destroy"), "{tested}");
    let tested = text(&world.tollgate(["rules", "test", "--verbose"]).output().unwrap().stdout);
    assert!(tested.lines().any(|line| line.starts_with("confirm  terraform/destroy ")));
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
    assert_eq!(
        text(&tested.stdout),
        "ok    own.yaml: 1 rule, 2 cases\nsound: 1 rule, 2 cases, 0 environments\n"
    );
    let tested = world.tollgate(["rules", "test", "-v", "own.yaml"]).output().unwrap();
    assert!(text(&tested.stdout).contains("\nallow    terraform/plan-kept "), "{tested:?}");

    world.write("network/wrong.yaml", &OWN.replace("plan -out=kept", "plan -input=false"));
    world.write("network/broken.yaml", &OWN.replace("effect: disclose", "efect: disclose"));
    for (file, command) in [("wrong.yaml", "lint"), ("broken.yaml", "lint"), ("broken.yaml", "test")] {
        let checked = world.tollgate(["rules", command, file]).output().unwrap();
        assert_code(&checked, FAULT);
        let shown = text(&checked.stdout);
        assert!(shown.starts_with("rulebook error: ") && shown.contains(&format!("--> {file}:")), "{shown}");
        assert!(shown.ends_with("found\n"), "{shown}");
    }
    let missing = world.tollgate(["rules", "lint", "missing.yaml"]).output().unwrap();
    assert_code(&missing, FAULT);
    assert!(text(&missing.stdout).contains("there is no such file"), "{missing:?}");
}

#[test]
fn a_case_that_fails_is_shown_as_a_difference() {
    let world = World::new();
    let (yes, no) = ("- terraform plan -out=kept", "- terraform plan\n");
    let unless = "    unless: { flags: { -refresh: false } }\n    reason: a saved";
    for (edits, expected) in [
        (
            &[(yes, "- terraform plan -input=false")][..],
            "own.yaml:16:11: terraform/plan-kept\n    terraform plan -input=false\n  -matches\n  \
             +does not match\n  +  flags: -out wanted given, found nothing\n    other rules: terraform/plan → allow\n",
        ),
        (
            &[(yes, "- terraform fmt && terraform apply")],
            "  +does not match\n  +  `fmt`: command: wanted `plan`, found `fmt`\n  \
             +  `apply`: command: wanted `plan`, found `apply`\n",
        ),
        (&[(yes, "- terraform plan -out=x -help")], "  +does not match\n  +  the line only prints\n"),
        (
            &[(no, "- terraform plan -out=x\n")],
            "own.yaml:18:11: terraform/plan-kept\n    terraform plan -out=x\n  -does not match\n  \
             +matches\n  +  all of this holds: command: `plan`, flags: -out given\n",
        ),
        (
            &[(no, "- terraform plan -out=x -refresh\n"), ("    reason: a saved", unless)],
            "  +  unless does not: flags: -refresh wanted false, found given\n",
        ),
        (
            &[(yes, "- terraform plan -out=x -refresh=false"), ("    reason: a saved", unless)],
            "  +  unless: flags: -refresh false holds\n",
        ),
        (&[(yes, "- eval \"$X\"")], "  -matches\n  +cannot be read: it runs text that is not known"),
    ] {
        let file = edits.iter().fold(OWN.to_owned(), |file, (old, new)| {
            assert!(file.contains(old), "{old}");
            file.replacen(old, new, 1)
        });
        world.write("network/own.yaml", &file);
        let tested = world.tollgate(["rules", "test", "own.yaml"]).output().unwrap();
        assert_code(&tested, FAULT);
        let shown = text(&tested.stdout);
        assert!(shown.starts_with("FAIL  own.yaml: 1 of 2 cases\n\n-expected +found\n"), "{shown}");
        assert!(shown.contains(expected), "{expected}\nis not in\n{shown}");
        assert!(shown.ends_with("\n1 of 2 cases fails\n"), "{shown}");
    }
    // Elsewhere than at a terminal it is coloured only where that is asked for.
    let tested = world.tollgate(["rules", "test", "own.yaml"]).env("CLICOLOR_FORCE", "1").output().unwrap();
    assert!(
        text(&tested.stdout).contains("  \u{1b}[31m-matches\u{1b}[0m\n  \u{1b}[32m+cannot"),
        "{tested:?}"
    );
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

const LOOSE: &str = "version: 1
policy:
  destroy:
    human: { ordinary: allow }
environments:
  - name: review
    match:
      - workspace: review
exempt:
  - rule: terraform/apply
    match:
      environment: { name: review }
    reason: torn down nightly
    expires: 2020-01-31
  - rule: terraform/force-unlock
    reason: nobody else works here
    expires: 2999-12-31
";

#[test]
fn what_loosens_is_listed_and_explained_with_its_file() {
    let world = World::new();
    world.write("home/.config/tollgate/rules/own.yaml", LOOSE);
    let shown = text(&world.tollgate(["rules", "list"]).output().unwrap().stdout).clone();
    for line in [
        "  destroy, human, ordinary = allow [user: ",
        "  review (ordinary) [user: ",
        "  terraform/apply: torn down nightly (EXPIRED 2020-01-31) [user: ",
        "  terraform/force-unlock: nobody else works here (until 2999-12-31) [user: ",
    ] {
        assert!(
            shown.lines().any(|one| one.starts_with(line) && one.ends_with("own.yaml]")),
            "{line}: {shown}"
        );
    }
    let listed = world.tollgate(["rules", "list", "--json"]).output().unwrap();
    let object: Value = serde_json::from_slice(&listed.stdout).unwrap();
    assert_eq!(object["policy"][0]["decision"], "allow");
    assert_eq!(object["environments"][0]["name"], "review");
    assert_eq!(object["exemptions"][0]["expired"], true);
    assert_eq!(object["exemptions"][1]["expired"], false);

    world.write("network/.terraform/environment", "review");
    let explain = |words: &[&str]| {
        let output =
            world.tollgate(["check", "--explain", "--as", "human", "--", "terraform"]).args(words).output();
        text(&output.unwrap().stdout).clone()
    };
    let destroy = explain(&["destroy"]);
    assert!(destroy.contains("\n  environment: review (ordinary)\n"), "{destroy}");
    assert!(destroy.contains("review (ordinary) [user: "), "{destroy}");
    assert!(destroy.contains("  policy: destroy, human, ordinary = allow [user: "), "{destroy}");
    assert!(destroy.contains("own.yaml] (shipped: confirm)\n"), "{destroy}");
    let raised = "  critical risk raises allow to confirm: terraform/destroy, human, ordinary\n";
    assert!(destroy.contains(raised), "{destroy}");
    let doctor = text(&world.tollgate(["doctor"]).output().unwrap().stdout).clone();
    assert!(doctor.contains("user layer: 0 rules, 1 cell, 1 environment, 2 exemptions;"), "{doctor}");
    let inert =
        text(&world.tollgate(["check", "--", "terraform", "destroy", "-help"]).output().unwrap().stdout)
            .clone();
    assert!(!inert.contains("environment:"), "{inert}");
}

#[test]
fn a_projects_environment_names_are_shown_clean() {
    let world = World::new();
    let project = "version: 1\nenvironments:\n  - name: \"x\\e[2J\"\n    guarded: true\n    match: [{ workspace: a }]\n";
    world.write("network/.tollgate.yaml", project);
    let output = world.tollgate(["check", "--env", "nope", "--", "terraform", "plan"]).output().unwrap();
    assert_code(&output, 2);
    let shown = text(&output.stderr);
    assert!(shown.contains("x\\u{1b}[2J") && !shown.contains('\u{1b}'), "{shown}");
}

#[test]
fn the_id_of_an_unknown_command_can_be_shown() {
    let world = World::new();
    for (id, effect, agent) in [
        ("kubectl/unknown-command", "effect: unknown\n", "#   agent  confirm, peer\n"),
        ("remote/unknown-command", "effect: execute\n", "#   agent  confirm, peer\n"),
    ] {
        let output = world.tollgate(["rules", "show", id]).output().unwrap();
        assert_code(&output, 0);
        let shown = text(&output.stdout);
        assert!(shown.contains(effect) && shown.contains(agent), "{shown}");
    }
}

const DECLARED: &str = "version: 1
tool: acmectl
syntax:
  values: [-c, --context]
  abbreviates: true
  paths: true
  aliases: { -c: --context }
  command_aliases: { wipe: { -f: --force } }
  target: { context: [--context, $ACME_CONTEXT] }
rules:
  - id: acmectl/wipe
    summary: Wipes a directory.
    effect: destroy
    risk: high
    match:
      command: wipe
      flags: { --force: true }
      operands: { any: { regex: '/|/etc(/.*)?|~' } }
    reason: what is in it is gone
    cases:
      match: [acmectl wipe -f ~, 'cd x && acmectl -c dev wipe --forc \"$HOME/\"']
      no_match: [acmectl wipe -f ./x]
";

#[test]
fn a_syntax_says_how_a_tool_reads_its_line() {
    let world = World::new();
    world.write("home/.config/tollgate/rules/acmectl.yaml", DECLARED);
    let check = |words: &[&str]| {
        let line = ["check", "--json", "--as", "agent", "--"].iter().chain(words).copied();
        let output = world.tollgate(line).output().unwrap();
        let verdict: Value = serde_json::from_slice(&output.stdout).unwrap();
        (
            verdict["decision"].as_str().unwrap().to_owned(),
            verdict["environment"].as_str().unwrap().to_owned(),
        )
    };
    for (line, decision, environment) in [
        ("wipe --force /", "confirm", "unclassified"),
        ("-c dev wipe -f /etc/../etc/x", "confirm", "unclassified"),
        ("-c acme-prod wipe -f /", "peer", "prod"),
        ("--odd x wipe -f /", "confirm", "unclassified"),
        ("wipe -f ./x", "allow", "unclassified"),
        ("wipe /", "allow", "unclassified"),
        ("-c wipe list -f /", "allow", "unclassified"),
        ("frobnicate", "allow", "unclassified"),
    ] {
        let words: Vec<&str> = std::iter::once("acmectl").chain(line.split(' ')).collect();
        assert_eq!(check(&words), (decision.to_owned(), environment.to_owned()), "{line}");
    }
    let explained =
        world.tollgate(["check", "--explain", "--", "acmectl", "wipe", "-f", "/"]).output().unwrap();
    assert!(text(&explained.stdout).contains("--force given"), "{}", text(&explained.stdout));
    let tested = world.tollgate(["rules", "test"]).output().unwrap();
    assert_code(&tested, 0);
}

#[test]
fn a_mistake_in_a_syntax_has_a_place() {
    let world = World::new();
    for (wrong, right, place, message) in [
        ("valeus: [-c, --context]", "values: [-c, --context]", ":4:3", "did you mean `values`?"),
        ("values: [context]", "values: [-c, --context]", ":4:12", "`context` is no flag"),
        ("flags: { -f: true }", "flags: { --force: true }", ":17:16", "use `--force`"),
    ] {
        let file = world.write("own.yaml", &DECLARED.replace(right, wrong));
        let linted = world.tollgate(["rules", "lint", file.to_str().unwrap()]).output().unwrap();
        assert_code(&linted, FAULT);
        let shown = text(&linted.stdout) + &text(&linted.stderr);
        assert!(shown.contains(&format!("own.yaml{place}")) && shown.contains(message), "{shown}");
    }
}
