//! A server was destroyed while its owner was typing "don't destroy it".

use super::desk::Desk;
use super::project::{Project, STATE};
use crate::support::pty::PtyCommand;
use crate::support::world::{MARKER, REFUSED, is_human, text, tollgate};

const DESTROY: &str = "terraform destroy -auto-approve";

/// What is typed in a hurry, while the question stands there, is no answer to it.
#[test]
fn words_and_a_key_pressed_in_alarm_run_nothing() {
    if !is_human() {
        return;
    }
    let typed = [
        "don't destroy it\n",
        "don't destroy it\u{3}",
        "no no no\u{3}",
        "\u{3}",
        "n\n",
        "stop\n",
        // Even what terraform itself would have taken for consent.
        "yes\n",
    ];
    let Some(desk) = Project::Platform.desk() else { return };
    let before = desk.bytes(STATE);
    for keys in typed {
        let mut terminal = at_terminal(&desk, &[]).start();
        let shown = terminal.expect("to run it: ");
        for words in ["tollgate: confirm: ", "terraform_data.database", "workspace default"] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        terminal.send(keys);
        let (rest, code) = terminal.wait();
        assert_eq!(code, REFUSED, "{keys:?}: {rest}");
        assert!(rest.contains("; nothing ran"), "{keys:?}: {rest}");
        assert_eq!(desk.bytes(STATE), before, "{keys:?}");
        desk.assert_unlocked();
    }
    assert!(desk.world().recorded("exec").is_empty());
    assert_eq!(desk.world().recorded("refused").len(), typed.len());
    desk.world().assert_intact();
}

/// What was typed before the question was put answers nothing either.
#[test]
fn what_was_typed_too_early_is_no_answer() {
    if !is_human() {
        return;
    }
    let Some(desk) = Project::Platform.desk() else { return };
    let before = desk.bytes(STATE);
    let mut terminal = at_terminal(&desk, &[]).start();
    terminal.send("network\nnetwork\nyes\n");
    terminal.expect("to run it: ");
    terminal.control('c');
    assert_eq!(terminal.wait().1, REFUSED);
    assert_eq!(desk.bytes(STATE), before);

    // The name of what goes, typed when it is asked for, is one.
    let mut terminal = at_terminal(&desk, &[]).start();
    terminal.expect("to run it: ");
    terminal.send_line("network");
    let (rest, code) = terminal.wait();
    assert_eq!(code, 0, "{rest}");
    assert!(rest.contains("2 destroyed"), "{rest}");
    assert_ne!(desk.bytes(STATE), before);
    let exec = desk.world().recorded("exec");
    assert_eq!(exec.len(), 1);
    desk.world().assert_intact();
}

/// An agent has no terminal that would count, and brings its answers along.
#[test]
fn answers_that_an_agent_brings_are_not_read() {
    let Some(desk) = Project::Platform.desk() else { return };
    let before = desk.bytes(STATE);
    for script in [
        "yes | terraform destroy",
        "yes network | terraform destroy",
        "printf 'network\\nyes\\n' | terraform destroy",
        "terraform destroy <<< network",
        "echo yes | terraform apply -destroy",
    ] {
        let mut command = desk.agent("/bin/bash -c");
        let output = command.arg(script).output().unwrap();
        assert_eq!(output.status.code(), Some(REFUSED), "{script}: {output:?}");
        let told = text(&output.stderr);
        assert!(told.contains("claude-code asks (CLAUDE_CODE_CHILD_SESSION)"), "{script}: {told}");
        assert_eq!(desk.bytes(STATE), before, "{script}");
    }
    // Nor at a terminal of its own making.
    let (shown, code) = at_terminal(&desk, &[MARKER]).start().wait();
    assert_eq!(code, REFUSED, "{shown}");
    assert!(!shown.contains("to run it: "), "{shown}");
    assert_eq!(desk.bytes(STATE), before);
    assert!(desk.world().recorded("exec").is_empty());
}

/// Second thoughts take back what is approved already.
#[test]
fn what_the_owner_cancels_runs_no_more() {
    let Some(desk) = Project::Platform.desk() else { return };
    let before = desk.bytes(STATE);
    let refusal = desk.refused(DESTROY);
    let id = refusal.request.file_stem().unwrap().to_str().unwrap().to_owned();
    let signature = desk.room.sign("bob", &refusal.request);
    // The owner takes the request back before anybody uses it.
    let mut cancel = desk.human(&format!("{} request cancel {id}", tollgate().display()));
    let cancelled = cancel.output().unwrap();
    assert!(cancelled.status.success(), "{cancelled:?}");
    let output = desk.with(DESTROY, &signature).output().unwrap();
    assert_eq!(output.status.code(), Some(REFUSED), "{output:?}");
    assert_eq!(desk.bytes(STATE), before);
    assert!(!refusal.request.with_extension("plan").exists(), "the cancelled plan is not kept");
    desk.world().assert_intact();
}

/// The shim at the owner's terminal.
fn at_terminal(desk: &Desk, variables: &[(&str, &str)]) -> PtyCommand {
    let command = desk.at_terminal(DESTROY);
    variables.iter().fold(command, |command, (name, value)| command.env(name, value))
}

/// What an agent left waiting is not what its owner is asked about, once the owner wrote
/// something else.
#[test]
fn the_owner_applies_what_stands_there_now() {
    if !is_human() {
        return;
    }
    let Some(desk) = Project::Environment.bare() else { return };
    desk.real("terraform init");
    desk.real("terraform workspace new prod");
    desk.real("terraform apply -auto-approve");
    let line = "terraform apply -auto-approve";
    desk.edit("main.tf", "\"30s\"", "\"1s\"");
    desk.refused(line);
    desk.edit("main.tf", "\"1s\"", "\"45s\"");
    let mut terminal = desk.at_terminal(line).start();
    let shown = terminal.expect("Run it? [y/N] ");
    terminal.send_line("y");
    let (rest, code) = terminal.wait();
    assert_eq!(code, 0, "{shown}{rest}");
    let state = String::from_utf8(desk.bytes("terraform.tfstate.d/prod/terraform.tfstate")).unwrap();
    assert!(state.contains("45s") && !state.contains("\"1s\""), "{shown}{rest}{state}");
}
