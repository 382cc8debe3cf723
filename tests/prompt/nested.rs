//! What an authorized run starts in turn.

use std::fs;

use crate::support::world::{PROJECT, World, is_human};

/// What the stub does at first: it calls the shim again, with `variables`.
fn calling_again(variables: &str) -> String {
    format!(
        "if [ -z \"$INNER\" ]; then INNER=1 {variables} terraform destroy; echo \"inner $?\"; exit 2; fi; exit 6"
    )
}

#[test]
fn what_an_authorized_run_starts_is_covered() {
    if !is_human() {
        return;
    }
    let world = World::new();
    world.stub(&calling_again(""));
    let mut terminal = world.at_terminal(["destroy"]).start();
    terminal.expect("to run it: ");
    terminal.send_line(PROJECT);
    let (shown, code) = terminal.wait();
    assert!(shown.contains("inner 6"), "{shown}");
    assert!(!shown.contains("to run it"), "not asked again: {shown}");
    assert_eq!(code, 2);
    assert_eq!(world.runs().len(), 2);

    world.assert_intact();
    let exec = world.recorded("exec");
    assert_eq!(exec[0]["authorization"], "confirmed");
    assert_eq!(exec[1]["authorization"], "covered");
    assert_eq!(
        exec[1]["note"],
        format!("started by the authorized run {}", exec[0]["req"].as_str().unwrap())
    );
    let exits: Vec<_> = world.recorded("exit").iter().map(|entry| entry["exit"].clone()).collect();
    assert_eq!(exits, [6, 2]);
    assert_eq!(fs::read_dir(world.state().join("running")).unwrap().count(), 0, "nothing is left behind");
}

#[test]
fn a_confirmation_does_not_cover_what_needs_a_second_person() {
    if !is_human() {
        return;
    }
    let world = World::new();
    world.stub(&calling_again("TF_WORKSPACE=prod"));
    let mut terminal = world.at_terminal(["destroy"]).start();
    terminal.expect(&format!("Type `{PROJECT}` to run it: "));
    terminal.send_line(PROJECT);
    terminal.expect("Type `prod` to run it: ");
    terminal.send_line("no");
    terminal.expect("inner 77");
    terminal.wait();
    world.ran();
}

#[test]
fn nothing_is_covered_once_the_run_is_over() {
    if !is_human() {
        return;
    }
    let world = World::new();
    let mut terminal = world.script_at_terminal("terraform destroy; terraform destroy; exit $?").start();
    terminal.expect("to run it: ");
    terminal.send_line(PROJECT);
    terminal.expect("to run it: ");
    terminal.control('c');
    assert_eq!(terminal.wait().1, 77);
    world.ran();
}

#[test]
fn an_agent_that_an_authorized_run_starts_is_not_covered_by_a_note_of_its_choice() {
    if !is_human() {
        return;
    }
    let world = World::new();
    // The state directory is chosen by HOME here, and so could be by an agent.
    world.stub(&calling_again("CLAUDE_CODE_CHILD_SESSION=1"));
    let mut terminal = world.at_terminal(["destroy"]).start();
    terminal.expect("to run it: ");
    terminal.send_line(PROJECT);
    terminal.expect("inner 77");
    terminal.wait();
    world.ran();
}

#[test]
fn a_forged_note_covers_nothing() {
    let world = World::new();
    // The shell notes itself as a run that waits, with its true start time.
    let script = "mkdir -p \"$HOME/.local/state/tollgate/running\"\n\
        start=$(/usr/bin/cut -d' ' -f22 /proc/$$/stat)\n\
        printf '{\"started\":%s,\"request\":\"forged\",\"level\":\"peer\"}' \"$start\" \
            >\"$HOME/.local/state/tollgate/running/$$\"\n\
        TOLLGATE_REQUEST=forged TOLLGATE_DEPTH=1 terraform destroy </dev/null\n\
        code=$?; exit $code";
    let output = world.shell(script).output().unwrap();
    assert_eq!(output.status.code(), Some(77), "{output:?}");
    world.assert_nothing_ran();
    let notes = fs::read_dir(world.state().join("running")).unwrap().count();
    assert_eq!(notes, 1, "the forgery was there to be read");
}

#[test]
fn a_note_of_another_process_covers_nothing() {
    if !is_human() {
        return;
    }
    let world = World::new();
    // While the first run waits, its note is put in the place of the shell that
    // started it, and a process beside it asks.
    world.stub(
        "cd \"$HOME/.local/state/tollgate/running\" && /bin/cp $PPID $LEADER; echo copied; read -r line",
    );
    let script = "export LEADER=$$; terraform destroy; terraform destroy </dev/null; exit $?";
    let mut terminal = world.script_at_terminal(script).start();
    terminal.expect("to run it: ");
    terminal.send_line(PROJECT);
    terminal.expect("copied");
    terminal.send_line("");
    terminal.expect("to run it: ");
    terminal.control('c');
    assert_eq!(terminal.wait().1, 77);
    world.ran();
}
