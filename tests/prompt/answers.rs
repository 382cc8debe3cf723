//! What is asked, and what each answer leads to.

use crate::support::pty::PtyCommand;
use crate::support::world::{PROJECT, REFUSED, World, is_human, tollgate};

/// How the question for a name ends.
const NAME: &str = "to run it: ";

#[test]
fn the_right_name_runs_it_as_a_child() {
    if !is_human() {
        return;
    }
    let world = World::new();
    world.stub("echo destroying; exit 3");
    let mut terminal = world.at_terminal(["destroy", "-no-color"]).start();
    let shown = terminal.expect(&format!("Type `{PROJECT}` {NAME}"));
    assert!(
        shown.contains("tollgate: confirm: terraform destroy -no-color (rule terraform/destroy, "),
        "{shown}"
    );
    assert!(shown.contains("every resource in this workspace's state is deleted"), "{shown}");
    assert!(!shown.contains("second person"), "{shown}");
    world.assert_nothing_ran();
    terminal.send_line(PROJECT);
    terminal.expect("destroying");
    assert_eq!(terminal.wait().1, 3);

    let run = world.ran();
    assert_eq!(run.arguments, ["destroy", "-no-color"]);
    world.assert_intact();
    let record = world.record();
    let kinds: Vec<_> = record.iter().map(|entry| entry["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["decision", "exec", "exit"]);
    assert_eq!(record[0]["decision"], "confirm");
    assert_eq!(record[1]["authorization"], "confirmed");
    assert_eq!(record[1]["binary"], world.path("bin/terraform").to_str().unwrap());
    assert_ne!(record[1]["pid"], run.pid, "tollgate waits for it");
    assert_eq!(record[2]["exit"], 3);
}

#[test]
fn the_question_is_put_once() {
    if !is_human() {
        return;
    }
    let world = World::new();
    let mut terminal = world.at_terminal(["destroy"]).start();
    let line = terminal.expect_regex("Type `[^\n]*it[^\n]*: ");
    assert_eq!(line, format!("Type `{PROJECT}` {NAME}"));
    terminal.send_line("");
    terminal.wait();
    let mut terminal = world.at_terminal(["state", "mv", "a", "b"]).start();
    let line = terminal.expect_regex("Run it[^\n]*\\] ");
    assert_eq!(line, "Run it? [y/N] ");
    terminal.send_line("");
    terminal.wait();
}

#[test]
fn any_other_answer_refuses() {
    if !is_human() {
        return;
    }
    let answers = [
        ("yes\n", "what was typed does not match"),
        ("y\n", "what was typed does not match"),
        ("NETWORK\n", "what was typed does not match"),
        ("network2\n", "what was typed does not match"),
        ("\n", "declined"),
        ("   \n", "declined"),
        ("\u{3}", "cancelled"),
        ("netw\u{3}", "cancelled"),
        ("network\u{3}", "cancelled"),
        ("\u{1c}", "cancelled"),
        ("network\u{1a}\n", "cancelled"),
        ("\u{1a}network\n", "cancelled"),
        ("\u{4}", "the input ended"),
        ("network\u{4}", "the input ended"),
    ];
    for (typed, why) in answers {
        let world = World::new();
        let mut terminal = world.at_terminal(["destroy"]).start();
        terminal.expect(NAME);
        terminal.send(typed);
        let (shown, code) = terminal.wait();
        assert_eq!(code, REFUSED, "{typed:?}: {shown}");
        assert!(shown.contains("tollgate: refused: terraform destroy (rule"), "{typed:?}: {shown}");
        let because = format!("  because:  at the prompt: {why}; nothing ran\r\n");
        assert!(shown.ends_with(&because), "{typed:?}: {shown}");
        assert!(!shown.contains("target:") && !shown.contains("approve:"), "{typed:?}: {shown}");
        world.assert_nothing_ran();
        assert_eq!(world.recorded("refused").len(), 1, "{typed:?}");
        world.assert_intact();
    }
}

#[test]
fn no_to_trust_is_told_in_short() {
    if !is_human() {
        return;
    }
    let world = World::new();
    world.write("network/.tollgate.yaml", "version: 1\n");
    let mut terminal = world.in_terminal(PtyCommand::new(tollgate()).args(["trust"])).start();
    terminal.expect("Trust it as it stands? [y/N] ");
    terminal.send_line("n");
    let (shown, code) = terminal.wait();
    assert_eq!(code, REFUSED);
    assert!(shown.contains("tollgate: refused: trust "), "{shown}");
    assert!(shown.ends_with("  because:  at the prompt: declined; it is not trusted\r\n"), "{shown}");
    assert!(!shown.contains("approve:"), "{shown}");
    assert!(world.recorded("change").is_empty());
}

#[test]
fn lower_risk_is_a_yes_or_no() {
    if !is_human() {
        return;
    }
    for answer in ["y", "yes", "Y"] {
        let world = World::new();
        let mut terminal = world.at_terminal(["state", "mv", "a", "b"]).start();
        terminal.expect("Run it? [y/N] ");
        terminal.send_line(answer);
        assert_eq!(terminal.wait().1, 0, "{answer}");
        assert_eq!(world.ran().arguments, ["state", "mv", "a", "b"]);
    }
    for answer in ["", "n", "no", "yess", "\u{3}", "\u{4}"] {
        let world = World::new();
        let mut terminal = world.at_terminal(["state", "mv", "a", "b"]).start();
        terminal.expect("[y/N] ");
        terminal.send_line(answer);
        assert_eq!(terminal.wait().1, REFUSED, "{answer:?}");
        world.assert_nothing_ran();
    }
}

#[test]
fn the_name_is_that_of_what_is_destroyed() {
    if !is_human() {
        return;
    }
    let world = World::new();
    world.write("other/main.tf", "");
    let cases: &[(&[&str], &str)] = &[
        (&["workspace", "delete", "old"], "old"),
        (&["state", "rm", "aws_instance.web"], "aws_instance.web"),
        (&["-chdir=../other", "destroy"], "other"),
        // The workspace's name or the directory's would be another thing's.
        (&["workspace", "delete", "öld"], "yes, run it"),
    ];
    for (arguments, name) in cases {
        let mut terminal = world.at_terminal(*arguments).start();
        terminal.expect(&format!("Type `{name}` {NAME}"));
        terminal.control('c');
        assert_eq!(terminal.wait().1, REFUSED);
    }
    world.assert_nothing_ran();
}

#[test]
fn a_human_working_alone_is_told_so() {
    if !is_human() {
        return;
    }
    let world = World::new();
    let mut terminal = world.at_terminal(["destroy"]).env("TF_WORKSPACE", "prod").start();
    let shown = terminal.expect("Type `prod` to run it: ");
    assert!(
        shown.contains("this needs a second person; none is configured, so nobody else is asked"),
        "{shown}"
    );
    terminal.send_line("prod");
    assert_eq!(terminal.wait().1, 0);
    world.ran();
    assert_eq!(world.recorded("decision")[0]["decision"], "peer");
    let exec = world.recorded("exec");
    assert_eq!(exec[0]["authorization"], "confirmed-alone");
    assert_eq!(exec[0]["note"], "nobody else was asked: no approvers are configured");
    world.assert_intact();
}

#[test]
fn with_approvers_nobody_works_alone() {
    if !is_human() {
        return;
    }
    let world = World::new();
    world.write("home/.config/tollgate/approvers.yaml", "version: 1\n");
    let terminal = world.at_terminal(["destroy"]).env("TF_WORKSPACE", "prod").start();
    let (shown, code) = terminal.wait();
    assert_eq!(code, REFUSED);
    assert!(shown.contains("it needs a second person, and "), "{shown}");
    world.assert_nothing_ran();
    assert_eq!(world.recorded("refused").len(), 1);
}

#[test]
fn what_a_rule_denies_is_not_asked() {
    let world = World::new();
    let denied =
        "version: 1\npolicy:\n  destroy:\n    human: { ordinary: deny }\n    agent: { ordinary: deny }\n";
    world.write("network/.tollgate.yaml", denied);
    let (shown, code) = world.at_terminal(["destroy"]).start().wait();
    assert_eq!(code, REFUSED);
    assert!(shown.contains("a rule denies it, and no approval changes that"), "{shown}");
    world.assert_nothing_ran();
}

#[test]
fn nobody_is_asked_about_a_tool_that_is_not_there() {
    if !is_human() {
        return;
    }
    let world = World::new();
    std::fs::remove_file(world.path("bin/terraform")).unwrap();
    let (shown, code) = world.at_terminal(["destroy"]).start().wait();
    assert_eq!(code, 127);
    assert!(!shown.contains(NAME), "{shown}");
    assert_eq!(world.recorded("refused").len(), 1);
}
